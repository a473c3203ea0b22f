"""Operators that multiply with weights: dense layers, recurrent layers, look-ups; and products of two tensors."""

from __future__ import annotations

from collections.abc import Mapping

from paramdesk.engine.kinds.functional import Einsum, MatMul
from paramdesk.engine.kinds.merging import Add
from paramdesk.engine.kinds.reshaping import Reshape
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import public
from paramdesk.formats.onnx.known import Known
from paramdesk.formats.onnx.site import Site, Weight


def gemm(site: Site) -> bool:
    """Gemm: a dense layer where the second matrix is a constant."""
    kernel = site.weight(1)
    if kernel is None or len(kernel.shape) != 2:
        return _product_of_two(site)
    units, inputs = kernel.shape if site.integer("transB") else kernel.shape[::-1]
    bias = site.weight(2)
    if site.has(2) and (bias is None or bias.size != units or not bias.roots):
        return False
    kind = _dense(site, inputs, units, has_bias=bias is not None)
    source = _turned(site, 0) if site.integer("transA") else 0
    site.row(kind, (source,), weights=(1, 2))
    return True


def _turned(site: Site, place: int) -> str:
    """A matrix with its axes the other way round."""
    return site.step(site.module("Permute", {"dims": (1, 0)}), place, "transpose")


def _dense(site: Site, inputs: object, units: object, *, has_bias: bool) -> LayerKind:
    return site.module("Linear", {"in_features": inputs, "out_features": units, "bias": has_bias})


def _product_of_two(site: Site) -> bool:
    """Gemm of two tensors, and perhaps a third that is added."""
    factors = [
        _turned(site, place) if site.integer(name) else site.reader.readable(site.node, site.value(place))
        for place, name in enumerate(("transA", "transB"))
    ]
    if not site.has(2):
        site.row(MatMul(), factors)
        return True
    product = f"{site.node.outputs[0]}@product"
    site.row(MatMul(), factors, makes=(product,))
    site.row(Add(), (product, 2), name="add")
    return True


def matmul(site: Site, kernel_at: int = 1) -> bool:
    """MatMul: a dense layer without a bias where the second matrix is a constant; with the one that an Add adds."""
    kernel = site.weight(kernel_at)
    if kernel is None or len(kernel.shape) != 2 or not kernel.roots:
        site.row(MatMul(), (0, kernel_at))
        return True
    inputs, units = kernel.shape
    following = site.reader.only_reader(site.node.outputs[0], "Add")
    bias = _bias(following, units) if following is not None else None
    if following is None or bias is None:
        site.row(_dense(site, inputs, units, has_bias=False), weights=(kernel_at,))
        return True
    site.reader.absorb(following)
    kind = _dense(site, inputs, units, has_bias=True)
    site.row(kind, weights=(kernel, bias), makes=following.node.outputs)
    return True


def _bias(following: Site, units: int | None) -> Known | None:
    """A value for each unit, among what an Add reads."""
    for place in (0, 1):
        bias = following.weight(place)
        if (
            bias is not None
            and bias.size == units
            and bias.shape[-1:] == (units,)
            and following.reader.weights.learnt(bias)
        ):
            return bias
    return None


def einsum(site: Site) -> bool:
    """Einsum."""
    site.row(Einsum(equation=site.text("equation")), range(len(site.node.inputs)))
    return True


def embedding(site: Site) -> bool:
    """Gather: a look-up where the table is learnt and the places are not known."""
    table = site.weight(0)
    if table is None or len(table.shape) != 2 or site.integer("axis") or site.known(1) is not None:
        return False
    if not site.reader.weights.learnt(table):
        return False
    rows, columns = table.shape
    site.row(site.module("Embedding", {"num_embeddings": rows, "embedding_dim": columns}), (1,), (0,))
    return True


# Recurrent layers -----------------------------------------------------------------------------------------------------

GATES: Mapping[str, int] = {"LSTM": 4, "GRU": 3, "RNN": 1}


def recurrent(site: Site) -> bool:
    """LSTM, GRU and RNN: one layer, in one direction or both."""
    op = site.node.op
    weight, state = site.weight(1), site.weight(2)
    if weight is None or state is None or len(weight.shape) != 3 or len(state.shape) != 3:
        return False
    directions, units, inputs = weight.shape[0], state.shape[2], weight.shape[2]
    if directions not in (1, 2) or units is None:
        return False
    arguments: dict[str, object] = {
        "input_size": inputs, "hidden_size": units, "bias": site.has(3), "batch_first": site.integer("layout") == 1,
        "bidirectional": directions == 2,
    }  # fmt: skip
    names = site.node.attributes.get("activations")
    if op == "RNN" and isinstance(names, tuple) and names[:1] == ("Relu",):
        arguments["nonlinearity"] = "relu"
    kind = site.module(op, arguments)
    if op == "GRU" and not site.integer("linear_before_reset"):
        kind = _resetting_before(site, kind)
    biases = _learnt_biases(site)
    weights: tuple[Weight, ...] = (1, 2, biases, 7) if site.has(7) else (1, 2, biases)
    initial = [place for place in (5, 6)[: 2 if op == "LSTM" else 1] if _is_state(site, place)]
    if initial and op == "LSTM":
        initial = [place for place in (5, 6) if site.has(place)]  # both or none
    outputs = [name or f"@unused {place}" for place, name in enumerate((*site.node.outputs, "", "", "")[:3])]
    made = [f"{outputs[0]}@steps", *outputs[1 : 3 if op == "LSTM" else 2]]
    end = _joined_directions(site)
    if end:
        made[0] = end
    site.row(kind, (0, *initial), weights, made)
    if not end and site.reader.is_read(site.node.outputs[0]):
        _apart(site, made[0], directions, units)
    return True


def _resetting_before(site: Site, kind: LayerKind) -> LayerKind:
    """A GRU that resets before the product, which PyTorch has none of: what it makes is known, and no more."""
    spec = site.reader.recorder.specs.get(site.value(0))
    shapes = tuple([public(made.shape) for made in kind.outputs((spec,))]) if spec is not None else ()
    return Unknown(class_name="GRU", output_shapes=shapes)


def _learnt_biases(site: Site) -> Weight:
    """The biases; of those that stand beside zeros, as frameworks with one bias at each gate have them, the one."""
    known = site.known(3)
    learnt = site.reader.weights.learnt(known) if known is not None else []
    if known is not None and len(learnt) == 1:
        one = Known(learnt[0].dims, roots=(learnt[0].name,))
        if one.size is not None and 2 * one.size == known.size:
            return one
    return 3


def _is_state(site: Site, place: int) -> bool:
    """Whether an initial state comes in: numbers of a formula are none, nor are zeros."""
    known = site.known(place)
    if known is None:
        return site.has(place)
    tensors = site.reader.weights.roots(known)
    if all(tensor.values is not None and not any(tensor.values) for tensor in tensors):
        site.reader.weights.used.update(known.roots)
        return False
    return bool(site.reader.weights.learnt(known))


def _joined_directions(site: Site) -> str:
    """The value in which the directions stand side by side, as the exporter makes it behind the node; empty if none."""
    output, reader = site.node.outputs[0], site.reader
    squeeze = reader.only_reader(output, "Squeeze")
    if squeeze is not None and squeeze.numbers(1, "axes") == ((2,) if site.integer("layout") else (1,)):
        reader.absorb(squeeze)
        return squeeze.node.outputs[0]
    transpose = reader.only_reader(output, "Transpose")
    if site.integer("layout"):
        source = output
    elif transpose is not None and transpose.integers("perm") == (0, 2, 1, 3):
        source = transpose.node.outputs[0]
    else:
        return ""
    reshape = reader.only_reader(source, "Reshape")
    target = reshape.items(1, "shape") if reshape is not None else None
    if reshape is None or target is None or len(target) != 3 or target[0] == -1 or target[1] == -1:
        return ""
    if transpose is not None and source != output:
        reader.absorb(transpose)
    reader.absorb(reshape)
    return reshape.node.outputs[0]


def _apart(site: Site, value: str, directions: int, units: int) -> None:
    """Rows that bring the output of a recurrent layer to the shape that ONNX has for it: an axis for the directions."""
    shape = site.reader.recorder.shape(value)
    if shape is None:
        return
    if directions == 1:
        place = 2 if site.integer("layout") else 1
        sizes = tuple([int(n) if isinstance(n, int) else None for n in shape])
        target = (*sizes[:place], 1, *sizes[place:])
        site.row(
            Reshape(target_shape=target, with_batch=True), (value,), makes=site.node.outputs[:1], name="directions"
        )
        return
    split = site.module("Unflatten", {"dim": 2, "unflattened_size": (directions, units)})
    if site.integer("layout"):
        site.row(split, (value,), makes=site.node.outputs[:1], name="directions")
        return
    apart = site.step(split, value, "directions")
    site.row(site.module("Permute", {"dims": (0, 2, 1, 3)}), (apart,), makes=site.node.outputs[:1], name="order")
