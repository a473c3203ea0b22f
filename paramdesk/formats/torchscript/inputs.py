"""What a network takes, where its file does not say it: what its first layer takes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from paramdesk.engine.shape import PublicShape
from paramdesk.formats.torchscript.code import Unfollowable
from paramdesk.formats.torchscript.following import Follower, Raised
from paramdesk.formats.torchscript.objects import Module, Objects
from paramdesk.frameworks.aten import Tensor

KEEPING = frozenset({
    "relu", "relu_", "sigmoid", "tanh", "gelu", "silu", "dropout", "contiguous", "to", "add", "sub", "mul", "div",
    "clone", "float", "clamp",
})  # fmt: skip
"""Operators that hand the shape of their first input on."""
RANKS = {"BatchNorm1d": 2, "BatchNorm2d": 4, "BatchNorm3d": 5, "InstanceNorm1d": 3, "InstanceNorm2d": 4}
POOLS = ("max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool", "upsample_", "pixel_", "reflection_pad")
"""How operators begin whose name tells on how many axes they work."""


def first_shape(
    follower: Follower, root: Module, given: Sequence[object], name: str, objects: Objects
) -> tuple[str, PublicShape]:
    """The type and shape of an input, as far as the first layer that reads it tells them."""
    with contextlib.suppress(Unfollowable, Raised, RecursionError):  # the calls until then are noted
        follower.returned(root, given)
    same = {name}
    for node in follower.nodes:
        first = node.arguments.get("indices" if node.op.startswith("embedding") else "input", None)
        first = first if isinstance(first, Tensor) else node.reads[0] if node.reads else None
        if first is None or first.name not in same:
            continue
        if node.op in KEEPING:
            same.update(node.outputs)
            continue
        found = _taken(node.op, node.arguments, objects, node.stack[-1].class_name if node.stack else "")
        if found is not None:
            return found
    return "float32", (None,)


def _taken(
    op: str, arguments: object, objects: Objects, class_name: str
) -> tuple[str, PublicShape] | None:  # fmt: skip
    assert isinstance(arguments, dict)
    table = arguments.get("weight")
    held = objects.weights.get(table.name) if isinstance(table, Tensor) else None
    shape = held.shape if held is not None else ()
    if op.startswith("embedding"):
        return "int64", (None, None)
    if op in ("conv1d", "conv2d", "conv3d", "_convolution", "convolution") and 3 <= len(shape) <= 5:
        groups = arguments.get("groups", 1)
        is_turned = arguments.get("transposed") is True
        channels = shape[0] if is_turned else shape[1] * (groups if isinstance(groups, int) else 1)
        return "float32", (None, channels, *(None,) * (len(shape) - 2))
    if op.startswith("conv_transpose") and 3 <= len(shape) <= 5:
        return "float32", (None, shape[0], *(None,) * (len(shape) - 2))
    if op == "linear" and len(shape) == 2:
        return "float32", (None, shape[1])
    if op in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        weights = arguments.get("params")
        first = weights[0] if isinstance(weights, list) and weights else None
        kernel = objects.weights.get(first.name) if isinstance(first, Tensor) else None
        return "float32", (None, None, kernel.shape[1] if kernel is not None and len(kernel.shape) == 2 else None)
    rank = RANKS.get(class_name.rpartition(".")[2])
    if op in ("batch_norm", "instance_norm") and rank is not None:
        return "float32", (None, shape[0] if shape else None, *(None,) * (rank - 2))
    if op == "layer_norm" and shape:
        return "float32", (None, *(None,) * (len(shape) == 1), *shape)
    if op.startswith(POOLS) and (axes := next((n for n in (1, 2, 3) if f"{n}d" in op), None)) is not None:
        return "float32", (None,) * (axes + 2)
    return None
