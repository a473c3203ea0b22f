"""Operators of PyTorch that were called by an author's own code, each as a row: layers, sums, products, reshapings.

What has no kind is a row with the name of the operator and the shapes that the file states or that follow here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from paramdesk.engine.kinds.functional import DotProductAttention, Einsum, MatMul, Operation
from paramdesk.engine.kinds.merging import Add, Concatenate, Maximum, Minimum, Multiply, Subtract
from paramdesk.engine.kinds.preprocessing import Rescaling
from paramdesk.engine.kinds.selecting import MOST_CHUNKS, Chunk, Select
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.shape import public
from paramdesk.formats.aten import AtenReader, Node, arguments_of
from paramdesk.formats.aten_modules import said_of, weights_of
from paramdesk.formats.aten_shapes import shapes_of
from paramdesk.formats.rearranged import BATCH, reshaping
from paramdesk.frameworks.aten import Tensor
from paramdesk.frameworks.torch import read_module

Handler: TypeAlias = Callable[[AtenReader, Node], bool]
"""Makes a row of a call, or tells that it is not as that is known here."""


def function(reader: AtenReader, node: Node) -> bool:
    """Makes a row of a call of an operator, if it is known."""
    said = said_of(reader, node)
    if said is not None:
        module = said.class_name
        arguments: dict[str, object] = dict(said.arguments)
        kind = read_module(module, arguments).kind
        inputs = [tensor for name in said.inputs for tensor in arguments_of(node).tensors(name)]
        first, *rest = inputs
        data = [first, *(tensor for tensor in rest if reader.constant(tensor) is None)]
        reader.row(node, kind, data, weights_of(reader, node, said))
        return True
    op = node.op.removesuffix("_") if node.op not in HANDLERS else node.op
    handler = HANDLERS.get(op)
    if handler is not None and node.reads and handler(reader, node):
        return True
    return _operation(reader, node, op)


def _operation(reader: AtenReader, node: Node, op: str) -> bool:
    """An operator without a kind that multiplies nothing that counts."""
    data = [tensor for tensor in node.reads if reader.constant(tensor) is None or _is_learnt(reader, tensor)]
    if op in ELEMENTWISE:
        stated = reader.stated(node)
        shapes = [reader.shape(tensor) for tensor in data]
        keeps = all(shape is not None for shape in shapes) and len(data) == len(node.reads)
        reader.row(node, Operation(operation=op, output_shapes=() if keeps else stated), data)
        return True
    if op not in FREE:
        return False
    stated = reader.stated(node)
    found = stated or _computed(reader, node, op)
    if not found:
        return False
    reader.row(node, Operation(operation=op, output_shapes=found), data)
    return True


def _is_learnt(reader: AtenReader, tensor: Tensor) -> bool:
    known = reader.constant(tensor)
    return known is not None and any(not reader.weights[root].statistic for root in known.roots)


def _computed(reader: AtenReader, node: Node, op: str) -> tuple[tuple[int | None, ...], ...]:
    shapes = shapes_of(op, arguments_of(node), reader.shape)
    return tuple([public(shape) for shape in shapes]) if shapes is not None and len(shapes) == len(node.outputs) else ()


# Sums and products ----------------------------------------------------------------------------------------------------

MERGING: Mapping[str, LayerKind] = {
    "add": Add(), "sub": Subtract(), "mul": Multiply(), "maximum": Maximum(), "minimum": Minimum(), "max": Maximum(),
    "min": Minimum(),
}  # fmt: skip
SCALED: Mapping[str, Callable[[float], tuple[float, float]]] = {
    "add": lambda number: (1.0, number),
    "sub": lambda number: (1.0, -number),
    "rsub": lambda number: (-1.0, number),
    "mul": lambda number: (number, 0.0),
    "div": lambda number: (1 / number, 0.0),
}
"""What a number does to a tensor: scale and offset."""


def _merged(reader: AtenReader, node: Node) -> bool:
    a, op = arguments_of(node), node.op.removesuffix("_")
    one, other = a.tensor("self"), a.tensor("other")
    number = a.get("other")
    if one is None:
        return False
    if other is None:
        scaled = SCALED.get(op)
        if (
            scaled is None
            or not isinstance(number, int | float)
            or (op == "div" and (not number or a.get("rounding_mode")))
        ):
            return False
        scale, offset = scaled(float(number))
        reader.row(node, Rescaling(scale=scale, offset=offset), [one])
        return True
    kind = MERGING.get(op)
    constants = [tensor for tensor in (one, other) if reader.constant(tensor) is not None]
    if kind is None or any(not _is_learnt(reader, tensor) for tensor in constants):
        return False
    reader.row(node, kind, [one, other])
    return True


def _product(reader: AtenReader, node: Node) -> bool:
    """matmul, mm and bmm: a dense layer where the second is learnt and a matrix."""
    a = arguments_of(node)
    one, other = a.tensor("self"), a.tensor("other") or a.tensor("mat2")
    if one is None or other is None:
        return False
    shape = reader.shape(other)
    weights = reader.held(other)
    if reader.constant(one) is None and weights and shape is not None and len(shape) == 2:
        arguments = {"in_features": shape[0], "out_features": shape[1], "bias": False}
        reader.row(node, read_module("Linear", arguments).kind, [one], weights)
        return True
    reader.row(node, MatMul(), [one, other])
    return True


def _product_and_bias(reader: AtenReader, node: Node) -> bool:
    """addmm: a dense layer."""
    a = arguments_of(node)
    bias, one, other = a.tensor("self"), a.tensor("mat1"), a.tensor("mat2")
    if bias is None or one is None or other is None or reader.constant(one) is not None:
        return False
    shape, weights = reader.shape(other), [*reader.held(other), *reader.held(bias)]
    if shape is None or len(weights) != 2 or len(shape) != 2:
        return False
    arguments = {"in_features": shape[0], "out_features": shape[1], "bias": True}
    reader.row(node, read_module("Linear", arguments).kind, [one], weights)
    return True


def _einsum(reader: AtenReader, node: Node) -> bool:
    a = arguments_of(node)
    equation = a.get("equation")
    if not isinstance(equation, str):
        return False
    reader.row(node, Einsum(equation=equation), a.tensors("tensors"))
    return True


def _attention(reader: AtenReader, node: Node) -> bool:
    a = arguments_of(node)
    inputs = [tensor for name in ("query", "key", "value") if (tensor := a.tensor(name)) is not None]
    reader.row(node, DotProductAttention(), inputs, makes=node.outputs[:1])
    return len(inputs) == 3


# Reshapings -----------------------------------------------------------------------------------------------------------


def _reshaped(reader: AtenReader, node: Node) -> bool:
    """Whatever brings a tensor to another shape: by the shape that is stated, or by what is asked for."""
    source = node.reads[0]
    shape, sizes = reader.shape(source), reader.sizes(source)
    target = reader.targets.get(node.outputs[0]) or _target(reader, node)
    if shape is None or sizes is None or target is None:
        return False
    wanted = list(target)
    if wanted[:1] and sizes[:1] and not isinstance(sizes[0], int) and wanted[0] == sizes[0] is not None:
        wanted[0] = BATCH
    reader.row(node, reshaping(shape, wanted), [source])
    return True


def _target(reader: AtenReader, node: Node) -> Sequence[object] | None:
    """The sizes that a call asks for."""
    a, op = arguments_of(node), node.op
    given = a.get("size", a.get("shape"))
    if op in ("view", "reshape", "_unsafe_view") and isinstance(given, list | tuple):
        return list(given)
    shape = reader.shape(a.tensor("self"))
    if op in ("view_as", "reshape_as"):
        other = reader.shape(a.tensor("other"))
        return None if other is None else public(other)
    found = shapes_of(op, a, reader.shape)
    if not found or shape is None:
        return None
    made: list[object] = list(public(found[0]))
    keeps = op == "squeeze" or a.get("dim") != 0
    if made and made[0] is None and keeps:
        made[0] = BATCH
    return made


def _flattened(reader: AtenReader, node: Node) -> bool:
    a = arguments_of(node)
    arguments = {"start_dim": a.get("start_dim", 0), "end_dim": a.get("end_dim", -1)}
    reader.row(node, read_module("Flatten", arguments).kind, node.reads[:1])
    return True


def _permuted(reader: AtenReader, node: Node) -> bool:
    a = arguments_of(node)
    shape = reader.shape(a.tensor("self"))
    if shape is None:
        return False
    rank = len(shape)
    order = list(range(rank))
    if node.op == "permute":
        order = list(a.ints("dims") or ())
    elif node.op in ("t", "numpy_T", "T"):
        order.reverse()
    else:
        pair = (a.get("dim0", a.get("axis0", -2)), a.get("dim1", a.get("axis1", -1)))
        axes = [axis % rank for axis in pair if isinstance(axis, int) and -rank <= axis < rank]
        if len(axes) < 2:
            return False
        one, other = axes
        order[one], order[other] = order[other], order[one]
    reader.row(node, read_module("Permute", {"dims": tuple(order)}).kind, node.reads[:1])
    return True


def _concatenated(reader: AtenReader, node: Node) -> bool:
    a = arguments_of(node)
    axis = a.get("dim", 0)
    if not isinstance(axis, int):
        return False
    reader.row(node, Concatenate(axis=axis), a.tensors("tensors"))
    return True


def _mean(reader: AtenReader, node: Node) -> bool:
    """A mean or largest value over all spatial axes is pooling over everything."""
    a = arguments_of(node)
    shape, axes = reader.shape(a.tensor("self")), a.ints("dim")
    if shape is None or axes is None or not 3 <= len(shape) <= 5:
        return False
    rank = len(shape) - 2
    if {axis % len(shape) for axis in axes} != set(range(2, len(shape))):
        return False
    word = "Average" if node.op == "mean" else "Max"
    if a.get("keepdim"):
        kind: LayerKind = read_module(f"Adaptive{word[:3].replace('Ave', 'Avg')}Pool{rank}d", {"output_size": 1}).kind
    else:
        kind = kinds()[f"Global{word}Pooling{rank}D"].from_options({})
    reader.row(node, kind, node.reads[:1])
    return True


def _selected(reader: AtenReader, node: Node) -> bool:
    a = arguments_of(node)
    axis, index = a.get("dim", 0), a.get("index")
    if not isinstance(axis, int) or not isinstance(index, int):
        return False
    reader.row(node, Select(axis=axis, index=index), node.reads[:1])
    return True


def _chunked(reader: AtenReader, node: Node) -> bool:
    """Parts of one size: asked for by their number, or by their size."""
    a = arguments_of(node)
    axis, shape = a.get("dim", 0), reader.shape(a.tensor("self"))
    if not isinstance(axis, int) or shape is None or not -len(shape) <= axis < len(shape):
        return False
    size, each, count = shape[axis], a.get("split_sizes", a.get("split_size")), a.get("chunks")
    if isinstance(each, int) and isinstance(size, int) and each > 0 and size % each == 0:
        count = size // each
    if not isinstance(count, int) or not isinstance(size, int) or not 1 <= count <= MOST_CHUNKS:
        return False
    kind = Chunk(chunks=count, axis=axis)
    if len(kind.sizes(size)) != len(node.outputs):
        return False
    reader.row(node, kind, node.reads[:1])
    return True


def _negated(reader: AtenReader, node: Node) -> bool:
    reader.row(node, Rescaling(scale=-1.0, offset=0.0), node.reads[:1])
    return True


def _clamped(reader: AtenReader, node: Node) -> bool:
    a = arguments_of(node)
    least, most = a.get("min"), a.get("max")
    if least == 0 and most is None:
        kind = read_module("ReLU", {}).kind
    elif isinstance(least, int | float) and isinstance(most, int | float) and least < most:
        kind = read_module("Hardtanh", {"min_val": float(least), "max_val": float(most)}).kind
    else:
        return False
    reader.row(node, kind, node.reads[:1])
    return True


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys((*MERGING, "div", "rsub"), _merged),
    **dict.fromkeys(("matmul", "mm", "bmm"), _product),
    **dict.fromkeys(
        ("view", "reshape", "_unsafe_view", "view_as", "reshape_as", "squeeze", "unsqueeze"), _reshaped
    ),
    **dict.fromkeys(("permute", "transpose", "t", "numpy_T", "T", "mT", "swapaxes", "swapdims"), _permuted),
    **dict.fromkeys(("cat", "concat", "concatenate"), _concatenated),
    **dict.fromkeys(("mean", "amax"), _mean),
    **dict.fromkeys(("clamp", "clip"), _clamped),
    "addmm": _product_and_bias,
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
    "_scaled_dot_product_flash_attention_for_cpu": _attention,
    "_scaled_dot_product_flash_attention": _attention,
    "_scaled_dot_product_efficient_attention": _attention,
    **dict.fromkeys(("chunk", "unsafe_chunk", "split", "unsafe_split"), _chunked),
    "select": _selected,
    "flatten": _flattened,
    "neg": _negated,
}  # fmt: skip

_ELEMENTWISE = """
abs acos add asin atan atan2 bitwise_and bitwise_not bitwise_or ceil clamp clamp_max clamp_min clip cos cosh
cumsum cumprod div eq erf erfc exp expm1 floor floor_divide fmod ge gt isfinite isinf isnan le lerp log log10
log1p log2 logical_and logical_not logical_or logical_xor logit lt masked_fill max maximum min minimum mul ne
nan_to_num pow reciprocal remainder round rsqrt rsub sign sin sinh sqrt square sub tan tril triu trunc where
xlogy bernoulli dropout softmax addcmul addcdiv bitwise_xor index_put masked_scatter scatter scatter_add normal
uniform rand_like randn_like exponential copy _fft_c2c flip roll fill fill_ zero special_expit
"""
ELEMENTWISE = frozenset(_ELEMENTWISE.split())
"""Operators that work place by place, or keep the shape of their first input."""
_FREE = """
select slice narrow split split_with_sizes chunk unbind stack expand expand_as repeat tile index index_select
gather mean sum amax amin max min prod var std var_mean norm linalg_vector_norm argmax argmin topk sort argsort
any all squeeze unsqueeze view reshape _unsafe_view permute transpose movedim unfold diagonal one_hot
grid_sampler grid_sampler_2d affine_grid_generator repeat_interleave flatten view_as_real view_as_complex polar
outer cumsum upsample_nearest2d log_softmax logsumexp count_nonzero nonzero unique take_along_dim
embedding_renorm rand randn randint as_strided select_scatter slice_scatter unflatten pixel_shuffle roll flip
pad constant_pad_nd addmm baddbmm cdist meshgrid rot90 hstack vstack dstack tensor_split hsplit vsplit dsplit
unsafe_split unsafe_chunk atleast_1d atleast_2d broadcast_to broadcast_tensors _weight_norm mv vdot dot
upsample_nearest1d upsample_nearest3d upsample_linear1d upsample_bilinear2d upsample_trilinear3d
upsample_bicubic2d _upsample_bilinear2d_aa _upsample_bicubic2d_aa
"""
FREE = frozenset(_FREE.split())
"""Operators that select, rearrange or reduce; what they make is stated, or follows from their arguments."""
