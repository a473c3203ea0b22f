"""What Keras' attention does when run, where that is not what its layers foretell of shapes.

A layer works out the shape of its output from the query alone. Whether the tensors fit together shows only when it is
run: in one fused operation, or in two products (einsum) of named axes.
"""

from __future__ import annotations

from collections.abc import Sequence

from paramdesk.engine.shape import Dim, Shape, TensorSpec, is_known, text

FAILS = "it fails when run"
MOST_AXES_OF_SCORES = 5


def run_fault(
    axes: tuple[int, ...],
    inputs: tuple[TensorSpec, TensorSpec, TensorSpec],
    *,
    is_fused: bool,
    has_window: bool,
    is_causal: bool,
) -> str:
    """Why attention with projections fails when run, or gives another shape; empty if it does neither.

    Args:
        axes: along which it looks, counted from the first.
        inputs: query, value and key; the key has the value's shape but for batch and channels.
        is_fused: whether three axes are computed in one operation, always along the middle one.
        has_window: whether a window masks scores.
        is_causal: whether the order does.
    """
    query, value, key = inputs
    rank = len(query.shape)
    if rank != len(value.shape):
        return f"query {text(query.shape)} and value {text(value.shape)} have different numbers of axes: {FAILS}"
    batches = [spec.shape[0] for spec in (query, value, key)]
    if is_fused and rank == 3:
        if has_window and len(axes) != 1:
            return f"a sliding window needs one attention axis, and there are {len(axes)}: {FAILS}"
        return f"query, value and key have different batches: {FAILS}" if _differ(batches) else ""
    fault = _axes_fault(axes, inputs)
    return fault or (_mask_fault(axes, query, value) if has_window or is_causal else "")


def _axes_fault(axes: tuple[int, ...], inputs: tuple[TensorSpec, TensorSpec, TensorSpec]) -> str:
    """Why tensors of equally many axes cannot be attended along some of them."""
    shape = inputs[0].shape
    rank = len(shape)
    if not axes:
        return f"there is no axis to attend along: {FAILS}"
    if len(set(axes)) < len(axes) or rank in axes:
        return f"it cannot attend along the axes {', '.join(map(str, axes))}: {FAILS}"
    if len(axes) == 1 and rank >= MOST_AXES_OF_SCORES:
        return f"its scores have {rank + 1} axes, and TensorFlow's softmax takes {MOST_AXES_OF_SCORES}: {FAILS}"
    for axis in range(rank - 1):
        sizes = [spec.shape[axis] for spec in inputs]
        if axis in axes or not _differ(sizes):
            continue
        if axis or rank != 3 or _differ([size for size in sizes if size != 1]):
            return f"axis {axis} is not attended along, and must be the same in query, value and key: {FAILS}"
        if sizes[0] == 1:
            return f"the query {text(shape)} is repeated for every sample when run: the output is larger then"
    return ""


def _mask_fault(axes: tuple[int, ...], query: TensorSpec, value: TensorSpec) -> str:
    """Why a mask for axis 1 does not fit the scores."""
    axis = axes[0]
    if len(axes) > 1:
        return f"a mask fits one attention axis, and there are {len(axes)}: {FAILS}"
    if axis != 1 and axis < len(query.shape) - 1:
        for spec in (query, value):
            if _differ([spec.shape[1], spec.shape[axis]]):
                return f"a mask is made for axis 1, not for axis {axis} of {text(spec.shape)}: {FAILS}"
    return ""


def score_shape(heads: int, axes: tuple[int, ...], query: TensorSpec, key: TensorSpec) -> Shape:
    """What shape the scores have when run: the axes that are not attended along, then the query's, then the key's."""
    asking, asked = (*query.shape[:-1], heads), (*key.shape[:-1], heads)
    kept = [size for axis, size in enumerate(asking) if axis not in axes]
    return (*kept, *(asking[axis] for axis in axes), *(asked[axis] for axis in axes))


def _differ(sizes: Sequence[Dim]) -> bool:
    """Whether there are two known sizes among them."""
    return len({int(size) for size in sizes if isinstance(size, int)}) > 1


def broadcast(one: Shape, other: Shape) -> Shape | None:
    """The shape of a sum or product, place by place; None if there is none.

    >>> broadcast((7, 1, 16), (9, 16))
    (7, 9, 16)
    """
    longest = max(len(one), len(other))
    pairs = zip((1,) * (longest - len(one)) + one, (1,) * (longest - len(other)) + other, strict=True)
    found: list[Dim] = []
    for a, b in pairs:
        if a == 1 or b == 1:
            found.append(b if a == 1 else a)
        elif a != b:
            return None
        else:
            found.append(a if is_known(a) else b)
    return tuple(found)


def matrix_product(one: Shape, other: Shape) -> Shape | None:
    """The shape of a product of matrices, or of as many as the axes before the last two hold; None if there is none.

    >>> matrix_product((8, 7, 16), (8, 16, 9)), matrix_product((16,), (16, 9))
    ((8, 7, 9), (9,))
    """
    if len(one) == 1:
        row = matrix_product((1, *one), other)
        return row and (*row[:-2], row[-1])
    if len(one) < 2 or len(other) < 2 or one[-1] != other[-2]:
        return None
    stack = broadcast(one[:-2], other[:-2])
    return None if stack is None else (*stack, one[-2], other[-1])
