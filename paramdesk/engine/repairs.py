"""What would mend a layer that cannot be computed: changes of options, each tried before it is offered."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from paramdesk.engine.digest import shown
from paramdesk.engine.errors import InvalidOptions, Refusal
from paramdesk.engine.formula import number, product
from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.shape import TensorSpec, public, sizes_text
from paramdesk.engine.summary import LayerReport


class Repair(msgspec.Struct, frozen=True):
    """A change of options after which a layer can be computed.

    Attributes:
        text: the change, for people: "padding='same'".
        result: what it gives: "gives 3 × 3 × 64, 76,864 parameters".
        changes: the options and their new values.
    """

    text: str
    result: str
    changes: Mapping[str, object]


def repairs(report: LayerReport) -> tuple[Repair, ...]:
    """The changes that its problem suggests and that do mend it, best first.

    Where another problem stands behind the first one, what that suggests is tried along with it.
    """
    if report.problem is None or report.problem.severity != "error":
        return ()
    found: list[Repair] = []
    for changes in report.problem.repairs:
        made = _tried(report, changes)
        if isinstance(made, Refusal) and made.message != report.problem.message:
            further = [_tried(report, {**changes, **more}) for more in made.repairs if changes.keys().isdisjoint(more)]
            found += [repair for repair in further if isinstance(repair, Repair)]
        elif isinstance(made, Repair):
            found.append(made)
    return tuple(found)


def _tried(report: LayerReport, changes: Mapping[str, object]) -> Repair | Refusal | None:
    """The repair, if the layer can be computed after it; else why it cannot, if that is known."""
    # An input layer reads nothing; it is given an empty tensor, as in the analysis.
    read = report.input_specs if not report.layer.kind.is_input else (TensorSpec(()),)
    try:
        kind = report.layer.kind.changed(**changes)
        if read:
            kind.refuse_foreign(read[0].framework)
        output = kind.outputs(read)[0]
        weights = kind.weights_on(read)
    except Refusal as refusal:
        return refusal
    except InvalidOptions:
        return None
    shape = sizes_text(public(output.shape)[1:])
    values = [product(weight.shape) for weight in weights]
    if not all(isinstance(value, int) for value in values):
        return None
    parameters = sum(value for value in values if isinstance(value, int))
    text = ", ".join(_written(kind, name) for name in changes)
    return Repair(text, f"gives {shape}, {number(parameters)} parameters", changes)


def _written(kind: LayerKind, name: str) -> str:
    value, label = getattr(kind, name), kind.options()[name].label.lower()
    if value is None and kind.options()[name].unsaid == "dropped":
        return f"leave out {label}"
    if isinstance(value, str):
        return f"{name}={value!r}"
    return f"{label} {shown(value, ' × ') if isinstance(value, tuple) else value}"
