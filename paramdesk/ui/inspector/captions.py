"""What is said below a layer's picture: two short lines, from its weights and options. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paramdesk.engine.formula import number, product

if TYPE_CHECKING:
    from paramdesk.engine.layer_kind import LayerKind
    from paramdesk.engine.shape import Dim
    from paramdesk.engine.summary import LayerReport
    from paramdesk.engine.weight import Weight


# A line may end before it, not within.
ONE_BIAS = " +\u00a01\u00a0bias"


def caption_of(report: LayerReport) -> tuple[str, str]:
    """A sentence and a quieter one; empty where there is nothing to say."""
    kind, weights = report.layer.kind, report.weights
    if not report.is_computed:
        is_waiting = report.problem is not None and report.problem.severity == "waiting"
        return "" if is_waiting else "No output", ""
    window = getattr(kind, "kernel_size", None)
    if window is not None and weights:
        return _of_filters(kind, weights, report)
    if getattr(kind, "pool_size", None) is not None:
        return _of_pooling(kind)
    if kind.category == "dense" and weights:
        return _of_units(weights)
    if kind.category == "emb" and weights:
        rows, columns = weights[0].shape[:2]
        return f"{_n(rows)} rows of {_n(columns)} weights", "Each index picks its row: nothing is multiplied"
    if kind.is_input or kind.category == "reshape":
        values = product(report.output_specs[0].shape[1:])
        return f"{_n(values)} value{'' if _n(values) == '1' else 's'} per sample", first_sentence(kind)
    return first_sentence(kind), "" if weights else "No weights"


def first_sentence(kind: LayerKind) -> str:
    """What a kind does, as its own documentation says it."""
    text = " ".join((type(kind).__doc__ or "").split("\n\n")[0].split()).replace("`", "")
    return text.split(". ")[0].rstrip(".")


def _n(value: Dim) -> str:
    return number(int(value)) if isinstance(value, int) else "?"


def _sizes(dims: tuple[Dim, ...]) -> str:
    return " × ".join(_n(dim) for dim in dims)


def _of_filters(kind: LayerKind, weights: tuple[Weight, ...], report: LayerReport) -> tuple[str, str]:
    first = weights[0]
    has_bias = bool(getattr(kind, "use_bias", False))
    bias = ONE_BIAS if has_bias else ""
    filters = getattr(kind, "filters", None)
    channels = _channels(report)
    rank = len(getattr(kind, "kernel_size", ()))
    window = first.shape[:rank]
    if hasattr(kind, "depth_multiplier"):
        each = f"One window per channel: {_sizes(window)} weights"
        if filters is None:
            return each + bias, f"{_n(first.shape[rank])} channels × {_n(first.shape[-1])} give the {channels} outputs"
        mixed = next((_sizes(weight.shape[-2:]) for weight in weights[1:] if len(weight.shape) > 1), "")
        return each, f"then {mixed} weights mix the channels" + (f", + {number(filters)} biases" if has_bias else "")
    if hasattr(kind, "output_padding"):
        inputs = first.shape[-1]
        return (
            f"One filter: {_sizes((*window, inputs))} weights{bias}",
            f"Each input place spreads over {_sizes(window)} output places",
        )
    one = f"One filter: {_sizes(first.shape[:-1])} weights{bias}"
    if filters == 1:
        return one, "It gives the one output channel"
    return one, f"{number(filters)} filters give the {channels} output channels"


def _channels(report: LayerReport) -> str:
    split = getattr(report.layer.kind, "split", None)
    spec = report.output_specs[0]
    return _n(split(spec)[2] if split is not None else spec.shape[-1])


def _of_pooling(kind: LayerKind) -> tuple[str, str]:
    said = first_sentence(kind)
    size = _sizes(getattr(kind, "pool_size", ()))
    for word, lead in (("largest", "The largest of"), ("mean", "The mean of")):
        if word in said:
            return f"{lead} {size} values", "Channel by channel: there is nothing to learn"
    return f"{size} values make one", said


def _of_units(weights: tuple[Weight, ...]) -> tuple[str, str]:
    kernel = weights[0]
    has_bias = len(weights) > 1
    inputs, units = kernel.shape[0], kernel.shape[-1]
    one = f"One unit: {_n(inputs)} weight{'' if _n(inputs) == '1' else 's'}" + (ONE_BIAS if has_bias else "")
    biases = f" and {_n(units)} bias{'' if _n(units) == '1' else 'es'}" if has_bias else ""
    return one, f"{_n(units)} unit{'' if _n(units) == '1' else 's'}: {_n(product(kernel.shape))} weights{biases}"
