"""A report's numbers, taught: for each what it is, the formula in words, in numbers, and the result.

Nothing here knows a kind. The kind's own arithmetic is run once more, on quantities in place of ints (see
`paramdesk.engine.formula`), and what it leaves behind is written out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from paramdesk.engine.factoring import factors_of, part_by_part, product_of
from paramdesk.engine.formula import Expression, Quantity, called, expression_of, number
from paramdesk.engine.layer_kind import BATCH, LayerKind, Tensors
from paramdesk.engine.memory import BYTES, bytes_per_value, tensor_bytes
from paramdesk.engine.receptive_field import ReceptiveField
from paramdesk.engine.shape import AXIS_NAMES, Dim, Shape, TensorSpec, is_known, public, sizes_text
from paramdesk.engine.summary import LayerReport
from paramdesk.engine.weight import Weight


class Line(NamedTuple):
    """One number and how it comes about.

    Attributes:
        what: is counted ("Kernel").
        words: the formula in words.
        numbers: the formula in numbers.
        result: the number.
    """

    what: str
    words: str
    numbers: str
    result: str


class Section(msgspec.Struct, frozen=True):
    """What is said of one of a layer's numbers.

    Attributes:
        title: which number.
        words: its formula in words; empty if each line has its own.
        lines: how it comes about, the sum last.
        remarks: what one should know besides.
        aside: the assumption it rests on.
    """

    title: str
    words: str = ""
    lines: tuple[Line, ...] = ()
    remarks: tuple[str, ...] = ()
    aside: str = ""


def explain(report: LayerReport) -> tuple[Section, ...]:
    """Parameters, output size, MACs, memory and receptive field of a layer.

    A layer that cannot be computed has one section, which says why, and another on its parameters if they are known.
    """
    if not report.is_computed:
        reason = report.problem.message if report.problem else "nothing says what it makes"
        known = (_parameters(report, report.weights),) if report.weights or report.buffers else ()
        return (*known, Section("Not computed", remarks=(reason,)))
    kind = report.layer.kind.counted_like(report.convention).quantified()
    inputs = _named_inputs(kind, report.input_specs)
    outputs = () if kind.is_input else kind.outputs(inputs)
    weights = () if kind.is_input else _counted_weights(kind, inputs, report)
    sections = [
        _parameters(report, weights),
        _output_size(report, kind, inputs, outputs),
        _macs(report, kind, inputs),
        _memory(report),
        _receptive_field(report, kind, inputs),
    ]
    about = 0 if weights else 1  # what is remarkable of a layer without weights is its output
    remarks = tuple(report.layer.kind.counted_like(report.convention).remarks_on(report.input_specs))
    sections[about] = msgspec.structs.replace(sections[about], remarks=remarks)
    return tuple(sections)


def _named_inputs(kind: LayerKind, specs: Tensors) -> Tensors:
    """The inputs with a name for every size, as the formulas should call it."""
    return tuple(
        _named_tensor(kind, spec, kind.input_name(place, len(specs), spec.framework))
        for place, spec in enumerate(specs)
    )


def _named_tensor(kind: LayerKind, spec: TensorSpec, prefix: str) -> TensorSpec:
    names = kind.axis_names(spec)
    dims: tuple[Dim, ...] = tuple(
        dim if name == BATCH else called(f"{prefix} {name}", dim) for name, dim in zip(names, spec.shape, strict=True)
    )
    return msgspec.structs.replace(spec, shape=dims)


def _named_field(field: ReceptiveField | None) -> ReceptiveField | None:
    """A receptive field with a name for every number of it, as far as they are whole."""
    if field is None or not all(isinstance(n, int) for n in field.jump):
        return field
    return ReceptiveField(
        tuple(_int("field before", n) for n in field.size),
        tuple(_int("distance between places", n) for n in field.jump),
        field.start,
    )


def _int(name: str, value: float) -> int:
    quantity = called(name, int(value))
    assert isinstance(quantity, int)
    return quantity


# Parameters -----------------------------------------------------------------------------------------------------------


def _parameters(report: LayerReport, weights: tuple[Weight, ...]) -> Section:
    if report.weights_of is not None:
        shared = f"the weights of {report.weights_of}, counted there"
        return Section("Parameters", lines=(Line("Total", "", shared, number(report.parameters)),))
    if not weights:
        return Section("Parameters", lines=(Line("Total", "", "no weights", "0"),))
    total = part_by_part(weights).made
    lines = [*_lines_of_parts(total)] or _lines_of_weights(weights)
    lines.append(Line("Total", total.words, total.numbers, number(report.parameters)))
    if report.buffers:
        buffers = Line("Buffers", "", "gathered from data, no parameters", number(report.statistics))
        lines.append(buffers)
    if report.non_trainable:
        lines.append(Line("Trainable", "", "", number(report.trainable)))
        lines.append(Line("Non-trainable", "", _why_untrained(report), number(report.non_trainable)))
    return Section("Parameters", total.words, tuple(lines))


def _lines_of_weights(weights: Sequence[Weight]) -> list[Line]:
    """A line for each weight."""
    outside = _common_path([weight.name for weight in weights])
    return [
        Line(
            _title(weight.name[outside:]),
            " × ".join(factor.words for factor in dims) or "one value",
            _with_nouns(dims, is_alone=len(weights) == 1),
            number(product_of(dims)),
        )
        for weight in weights
        for dims in (factors_of(weight),)
    ]


def _lines_of_parts(whole: Expression, path: tuple[str, ...] = ()) -> Iterator[Line]:
    """A line for each part of a sum that is made of others, what it is made of before it."""
    for operand in whole.operands:
        if operand.name and operand.operator:
            inside, made = (*path, operand.name), operand.made
            yield from _lines_of_parts(made, inside)
            is_plain = made.operator == "×" and not any(factor.operator for factor in made.operands)
            numbers = _with_nouns(made.operands, is_alone=True) if is_plain else made.numbers
            yield Line(_title("/".join(inside)), made.words, numbers, number(made.value))


def _counted_weights(kind: LayerKind, inputs: Tensors, report: LayerReport) -> tuple[Weight, ...]:
    """The weights that count as parameters, under the convention's names; where it packs several into one, that one."""
    weights = kind.weights_on(inputs)
    if report.convention == "keras":
        return weights
    packed = tuple(weight for weight in kind.torch_weights(weights) if not weight.statistic)
    weights = tuple(weight for weight in weights if not weight.statistic)
    if len(weights) != len(packed):
        return packed
    return tuple(
        msgspec.structs.replace(weight, name=named.name) for weight, named in zip(weights, packed, strict=True)
    )


def _with_nouns(factors: Sequence[Expression], *, is_alone: bool) -> str:
    """The sizes of a weight, those that are not sides each with its noun: `3 × 3 × 32 input channels`."""
    sides = tuple(name for names in AXIS_NAMES for name in names)
    parts = [
        _counted(factor) if factor.name and not factor.name.endswith(sides) else factor.inside("×", in_words=False)
        for factor in factors
    ]
    return " × ".join(parts if len(parts) > 1 or is_alone else ["1", *parts])


def _counted(factor: Expression) -> str:
    """A number with its noun: `32 filters`, `1 input channel`."""
    noun = factor.name.removesuffix("s") if factor.value == 1 else factor.name
    return f"{factor.numbers} {noun}"


def _why_untrained(report: LayerReport) -> str:
    if not report.layer.trainable:
        return "the layer is frozen"
    return "gathered from data, not trained" if report.statistics else "frozen"


def _title(name: str) -> str:
    words = re.sub("[./]", ", ", name.replace("_", " "))
    return words[:1].upper() + words[1:]


def _common_path(names: Sequence[str]) -> int:
    """How many letters the names of weights begin with that say in which layer they all are.

    >>> _common_path(["lstm_cell/kernel", "lstm_cell/bias"]), _common_path(["query/kernel", "key/kernel"])
    (10, 0)
    """
    layers = zip(*(name.split("/")[:-1] for name in names), strict=False)
    return sum(len(same[0]) + 1 for same in itertools.takewhile(lambda layer: len(set(layer)) == 1, layers))


# The other numbers ----------------------------------------------------------------------------------------------------


def _output_size(report: LayerReport, kind: LayerKind, inputs: Tensors, outputs: Tensors) -> Section:
    shape = sizes_text(public(_without_batch(kind, report.output_specs[0])))
    if not outputs or not outputs[0].shape:
        return Section("Output size", lines=(Line("", "", "as given", shape),))
    made = [expression_of(dim) for dim in _without_batch(kind, outputs[0])]
    computed = [expression for expression in made if expression.operator]
    if not computed:
        words = " × ".join(expression.words for expression in made) or "one value for each sample"
        first = _without_batch(kind, inputs[0]) if inputs else ()
        is_kept = bool(inputs) and words == " × ".join(expression_of(dim).words for dim in first)
        return Section("Output size", lines=(Line("", words, "the same as the input" if is_kept else words, shape),))
    return _along_axes("Output size", computed, "Shape", shape)


def _without_batch(kind: LayerKind, spec: TensorSpec) -> Shape:
    """The sizes of a tensor but for the batch, wherever that stands, if it is there."""
    names = kind.axis_names(spec)
    return tuple(dim for name, dim in zip(names, spec.shape, strict=True) if name != BATCH)


def _macs(report: LayerReport, kind: LayerKind, inputs: Tensors) -> Section:
    title = "Multiply-accumulates (MACs)"
    outputs = tuple(_named_tensor(kind, spec, "output") for spec in report.output_specs)
    macs = kind.macs_on(inputs, outputs) if not kind.is_input else 0
    counted = expression_of(macs).made
    if counted.value == 0 and not counted.operator:
        return Section(title, lines=(Line("", "", "no products of weights and values", "0"),))
    parts = tuple(_lines_of_parts(counted))
    if report.macs is not None and counted.value and report.macs != counted.value:
        batch = Expression(report.macs // counted.value, name="batch")
        counted = Expression(report.macs, operator="×", operands=(*counted.factors, batch))
    is_sized = all(is_known(dim) for spec in report.input_specs for dim in spec.shape[1:])
    reason = "it depends on more than the sizes of the input" if is_sized else "a size of the input is not"
    remarks = () if report.macs is not None else (f"Not known: {reason}.",)
    whole = Line("Total" if parts else "", counted.words, counted.numbers, number(report.macs))
    return Section(title, counted.words, (*parts, whole), remarks)


def _memory(report: LayerReport) -> Section:
    lines = []
    each = BYTES[report.precision]
    if report.parameters:
        numbers = f"{number(report.parameters)} × {each}"
        lines.append(Line("Weights", "parameters × bytes", numbers, _bytes(report.weight_bytes)))
    aside = f"{report.precision}, {each} byte{'s' * (each > 1)} each"
    if report.works_in_place:
        lines.append(Line("Output", "", "in the place of its input", _bytes(report.activation_bytes)))
        return Section("Memory", lines=tuple(lines), aside=aside)
    outputs = [_tensor_memory(spec, report) for spec in report.output_specs]
    if len(outputs) == 1:
        lines.append(Line("Output", "values × bytes", *outputs[0]))
    else:
        lines += [Line(f"Output {place}", "values × bytes", *output) for place, output in enumerate(outputs, 1)]
        sizes = [tensor_bytes(spec, report.batch, report.precision) for spec in report.output_specs]
        lines.append(Line("Outputs", "sum", " + ".join(map(number, sizes)), _bytes(report.activation_bytes)))
    return Section("Memory", lines=tuple(lines), aside=aside)


def _tensor_memory(spec: TensorSpec, report: LayerReport) -> tuple[str, str]:
    """The numbers behind the memory of a tensor, and what they come to; a batch of one is left out."""
    first = report.batch if spec.shape and not is_known(spec.shape[0]) else None
    sizes = [first or dim for dim in public(spec.shape)[:1]] + [*public(spec.shape)[1:]]
    if len(sizes) > 1 and sizes[0] == 1:
        del sizes[0]
    each = bytes_per_value(spec.dtype, report.precision)
    numbers = " × ".join(map(number, [*(sizes or [1]), each]))
    return numbers, _bytes(tensor_bytes(spec, report.batch, report.precision))


def _receptive_field(report: LayerReport, kind: LayerKind, inputs: Tensors) -> Section:
    title, field = "Receptive field", report.field
    if field is None:
        return Section(title, lines=(Line("", "", _why_not_followed(report, kind), "–"),))
    result = " × ".join(str(size) for size in field.size)
    if kind.is_input:
        return Section(title, lines=(Line("", "", "each value sees itself", result),))
    taught = kind.field_on(inputs, tuple(_named_field(before) for before in report.input_fields))
    sizes = [size.expression for size in taught.size if isinstance(size, Quantity)] if taught else []
    grown = [size for size in sizes if size.operator]
    section = _along_axes(title, grown, "Field", result) if grown else None
    section = section or Section(title, lines=(Line("", "", "as before", result),))
    return msgspec.structs.replace(section, remarks=(_moves(field),))


def _why_not_followed(report: LayerReport, kind: LayerKind) -> str:
    """Why a layer has no receptive field."""
    if kind.is_input:
        return "none: its values stand side by side, not at positions"
    if report.input_fields and all(field is None for field in report.input_fields):
        return "none: what it reads has none"
    return "not defined here: the positions are mixed"


def _moves(field: ReceptiveField) -> str:
    """How the field moves from one place to the next, and where the first one begins."""
    step = " × ".join(f"{jump:g}" for jump in field.jump)
    moves = f"From one place to the next it moves by {step} (the effective stride)"
    if None in field.start:
        return f"{moves}; where the first one begins is not known."
    before = [0 if padding is None else padding for padding in field.padding]
    if not any(before):
        return f"{moves}; the first one begins with the input."
    where = " × ".join(f"{abs(padding):g}" for padding in before)
    side = "before" if max(before) > 0 else "behind"
    return f"{moves}; the first one begins {where} {side} the input's first position."


def _along_axes(title: str, sizes: Sequence[Expression], what: str, result: str) -> Section:
    """A size for each axis: in one line where all come about alike, else one by one and the result below."""
    lines = list(dict.fromkeys(Line("", _without_axis(e.words), e.numbers, number(e.value)) for e in sizes))
    if len(lines) > 1:
        return Section(title, max((line.words for line in lines), key=len), (*lines, Line(what, "", "", result)))
    words = f"{lines[0].words}, along each side" if len(sizes) > 1 else sizes[0].words
    numbers = f"{lines[0].numbers} = {lines[0].result}"
    return Section(title, words, (Line("", words, numbers, result),))


def _without_axis(words: str) -> str:
    """The words of a formula for any axis: `(input − kernel) / stride + 1`."""
    axes = "|".join(dict.fromkeys(name for names in AXIS_NAMES for name in names))
    return re.sub(rf" (?:{axes})\b", "", words)


def _bytes(value: int | None) -> str:
    return "?" if value is None else f"{number(value)} B"
