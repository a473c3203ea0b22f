"""What a network takes, where its file does not say it: what its first layer takes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence

from paramdesk.engine.shape import PublicShape
from paramdesk.formats.torchscript.calling import Raised
from paramdesk.formats.torchscript.code import Unfollowable, plain_class
from paramdesk.formats.torchscript.following import Follower
from paramdesk.formats.torchscript.objects import Module, Objects
from paramdesk.frameworks.aten import Tensor

KEEPING = frozenset({
    "relu", "relu_", "sigmoid", "tanh", "gelu", "silu", "dropout", "contiguous", "to", "add", "sub", "mul", "div",
    "clone", "float", "clamp", "flatten",
})  # fmt: skip
"""Operators that hand the shape of their first input on, or the shape of a batch of lists."""
NOT_TOLD: PublicShape = (None, None)
"""A batch of something."""
MOST_AXES = 3
"""So many axes more are tried."""


def wider(shape: PublicShape, more: int) -> PublicShape:
    """A shape with so many axes more behind the batch."""
    return (*shape[:1], *(None,) * more, *shape[1:])


def first_shape(
    follower: Follower, root: Module, given: Sequence[object], name: str, objects: Objects
) -> tuple[str, PublicShape]:
    """The type and shape of an input, as far as the first layer that reads it tells them."""
    with contextlib.suppress(Unfollowable, Raised, RecursionError):  # what was called until then is noted
        follower.returned(root, given)
    return told_by(follower, name, objects) or ("float32", NOT_TOLD)


def told_by(follower: Follower, name: str, objects: Objects) -> tuple[str, PublicShape] | None:
    """What the calls that were noted tell of an input."""
    for module, first in follower.entered:
        if isinstance(first, Tensor) and first.name == name and (found := _of_module(module, objects)) is not None:
            return found
    same = {name}
    for node in follower.calls.nodes:
        source = node.arguments.get("indices" if node.op.startswith("embedding") else "input")
        source = source if isinstance(source, Tensor) else node.reads[0] if node.reads else None
        if source is None or source.name not in same:
            continue
        if node.op in KEEPING:
            same.update(node.outputs)
        elif (found := _of_operator(node.op, node.arguments, objects)) is not None:
            return found
    return None


def _of_module(module: Module, objects: Objects) -> tuple[str, PublicShape] | None:
    """What a module of torch.nn takes, by its class and its weights."""
    class_name = plain_class(module.class_name)
    if not class_name.startswith("torch.nn.modules."):
        return None
    word = class_name.rpartition(".")[2]
    kernel = _shape(module.attributes.get("weight"), objects)
    if word in ("LSTM", "GRU", "RNN"):
        inner = _shape(module.attributes.get("weight_ih_l0"), objects)
        return "float32", (None, None, inner[1] if len(inner) == 2 else None)
    if word == "MultiheadAttention":
        packed = _shape(module.attributes.get("in_proj_weight"), objects)
        return "float32", (None, None, packed[1] if len(packed) == 2 else None)
    if word == "Embedding":
        return "int64", (None, None)
    axes = re.search(r"([123])d$", word)
    if axes is None:
        return None
    return _windowed(word, kernel, int(axes[1]), module)


def _windowed(word: str, kernel: tuple[int, ...], axes: int, module: Module) -> tuple[str, PublicShape]:
    """What a layer takes whose name tells on how many axes it works."""
    groups = module.attributes.get("groups", 1)
    channels: int | None = None
    if word.startswith("ConvTranspose") and kernel:
        channels = kernel[0]
    elif word.startswith("Conv") and len(kernel) > 1:
        channels = kernel[1] * (groups if isinstance(groups, int) else 1)
    elif "Norm" in word and kernel:
        channels = kernel[0]
    if word == "BatchNorm1d":
        return "float32", (None, channels)
    return "float32", (None, channels, *(None,) * axes)


def _shape(value: object, objects: Objects) -> tuple[int, ...]:
    """The shape of a weight; empty if it is none."""
    held = objects.weights.get(value.name) if isinstance(value, Tensor) else None
    return held.shape if held is not None else ()


def _of_operator(op: str, arguments: Mapping[str, object], objects: Objects) -> tuple[str, PublicShape] | None:
    """What an operator takes, by its weights."""
    shape = _shape(arguments.get("weight"), objects)
    if op.startswith("embedding"):
        return "int64", (None, None)
    if op in ("conv1d", "conv2d", "conv3d", "_convolution", "convolution") and 3 <= len(shape) <= 5:
        groups = arguments.get("groups", 1)
        is_turned = arguments.get("transposed") is True
        channels = shape[0] if is_turned else shape[1] * (groups if isinstance(groups, int) else 1)
        return "float32", (None, channels, *(None,) * (len(shape) - 2))
    if op == "linear" and len(shape) == 2:
        return "float32", (None, shape[1])
    if op in ("lstm", "gru", "rnn_tanh", "rnn_relu"):
        weights = arguments.get("params")
        inner = _shape(weights[0], objects) if isinstance(weights, list) and weights else ()
        return "float32", (None, None, inner[1] if len(inner) == 2 else None)
    if op == "layer_norm" and shape:
        return "float32", (None, *(None,) * (len(shape) == 1), *shape)
    axes = re.search(r"(?:pool|pad|upsample_[a-z]+)([123])d", op)
    return None if axes is None else ("float32", (None,) * (int(axes[1]) + 2))
