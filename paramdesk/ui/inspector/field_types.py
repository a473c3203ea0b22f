"""What kind of field an option needs, read from the types of a layer kind. No Qt, and no list of kinds or options.

    Whole, Real      one number                          Choice   one of a fixed set
    Grid             numbers in rows and columns         Flag     yes or no
    Sequence         any number of whole numbers         Text     words
    ChoiceOr         one of a set, or numbers instead    Inner    a layer inside the layer, or several
    Opaque           shown, not edited

Each may be `optional`: None then means that the framework chooses.
"""

from __future__ import annotations

import functools
import re
import typing
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec import inspect

from paramdesk.engine.layer_kind import LayerKind
from paramdesk.engine.option import foreign_options
from paramdesk.engine.shape import AXIS_NAMES
from paramdesk.engine.single_input import SingleInputKind

if TYPE_CHECKING:
    from paramdesk.engine.option import Option
    from paramdesk.engine.shape import Framework


class Whole(msgspec.Struct, frozen=True):
    """A whole number between bounds, None where there is none."""

    least: int | None = None
    most: int | None = None


class Real(msgspec.Struct, frozen=True):
    """A number with a fraction between bounds, None where there is none."""

    least: float | None = None
    most: float | None = None


class Flag(msgspec.Struct, frozen=True):
    """Yes or no."""


class Choice(msgspec.Struct, frozen=True):
    """One of a fixed set of values."""

    values: tuple[object, ...]


class Grid(msgspec.Struct, frozen=True):
    """A fixed number of numbers: one row for a size per axis, a row per axis for pairs.

    Attributes:
        rows: how many tuples, 0 for one that is not nested.
        columns: how many numbers in each.
        item: what each number may be.
        per_axis: whether a row is one size per axis (joined by ×), not what stands before and after one axis.
    """

    rows: int
    columns: int
    item: Whole | Real
    per_axis: bool = True


class Sequence(msgspec.Struct, frozen=True):
    """Any number of whole numbers.

    Attributes:
        item: what each may be.
        unknown: whether one may be None, a size that varies.
        single: whether a lone number stands for itself, not for a sequence of one.
    """

    item: Whole | Real
    unknown: bool = False
    single: bool = False


class Text(msgspec.Struct, frozen=True):
    """Words."""


class ChoiceOr(msgspec.Struct, frozen=True):
    """One of a fixed set, or numbers in its place."""

    choice: Choice
    numbers: Grid | Sequence | Whole | Real


class Inner(msgspec.Struct, frozen=True):
    """A layer inside the layer.

    Attributes:
        is_list: whether there may be several.
    """

    is_list: bool = False


class Opaque(msgspec.Struct, frozen=True):
    """What a form can show but has no field for."""


FieldType: TypeAlias = Whole | Real | Flag | Choice | Grid | Sequence | Text | ChoiceOr | Inner | Opaque


class FieldSpec(msgspec.Struct, frozen=True):
    """An option of a kind, as a form sees it.

    Attributes:
        kind: whose option it is.
        framework: of the networks whose forms it stands in.
        name: of the option.
        option: its label, section and the rest.
        type: what its values are.
        optional: whether None is a value.
        default: its default; NODEFAULT where it must be given.
    """

    kind: type[LayerKind]
    framework: Framework
    name: str
    option: Option
    type: FieldType
    optional: bool
    default: object

    @property
    def has_default(self) -> bool:
        """Whether the option may be left out."""
        return self.default is not msgspec.NODEFAULT


@functools.cache
def field_specs(kind: type[LayerKind], framework: Framework) -> tuple[FieldSpec, ...]:
    """The fields of a kind's form in a network of a framework, in the order of its options."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    fields = {field.name: field for field in info.fields}
    hints = typing.get_type_hints(kind)
    specs = []
    foreign = {name for name, _default in foreign_options(kind, framework)}
    for name, option in kind.options().items():
        if name in foreign or option.hidden:
            continue
        types = _alternatives(fields[name].type)
        optional = any(isinstance(hint, inspect.NoneType) for hint in types)
        known = tuple(hint for hint in types if not isinstance(hint, inspect.NoneType))
        found = _per_axis(_ordered(_field_type(known), hints[name]), getattr(kind, "rank", None))
        if isinstance(found, ChoiceOr) and option.numbers_in not in (None, framework):
            found = found.choice
        specs.append(FieldSpec(kind, framework, name, option, found, optional, _default(fields[name])))
    return tuple(specs)


def has_weights(kind: type[LayerKind]) -> bool:
    """Whether layers of a kind may own weights: whether it says which."""
    if issubclass(kind, SingleInputKind):
        return kind.weights is not SingleInputKind.weights or kind.weights_on is not SingleInputKind.weights_on
    return kind.weights_on is not LayerKind.weights_on


def _per_axis(found: FieldType, rank: int | None) -> FieldType:
    """Marks pairs for before and after: those that are nested, or more numbers than there are axes."""
    if isinstance(found, ChoiceOr):
        numbers = _per_axis(found.numbers, rank)
        return msgspec.structs.replace(found, numbers=numbers)
    if isinstance(found, Grid) and (found.rows or (rank is not None and found.columns != rank)):
        return msgspec.structs.replace(found, per_axis=False)
    return found


def _ordered(found: FieldType, hint: object) -> FieldType:
    """Puts choices in the order they were written in, which msgspec does not keep."""
    if isinstance(found, ChoiceOr):
        choice = _ordered(found.choice, hint)
        assert isinstance(choice, Choice)
        return msgspec.structs.replace(found, choice=choice)
    if isinstance(found, Choice):
        places = {value: place for place, value in enumerate(_literals(hint))}
        return Choice(tuple(sorted(found.values, key=lambda value: places.get(value, len(places)))))
    return found


def _literals(hint: object) -> list[object]:
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    return [value for part in typing.get_args(hint) for value in _literals(part)]


def axis_captions(rows: int) -> tuple[str, ...]:
    """What the rows of a grid are called: the spatial axes, where there are as many."""
    return AXIS_NAMES[rows] if rows < len(AXIS_NAMES) else tuple(f"axis {n + 1}" for n in range(rows))


def _default(field: inspect.Field) -> object:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _bare(hint: inspect.Type) -> inspect.Type:
    return _bare(hint.type) if isinstance(hint, inspect.Metadata) else hint


def _alternatives(hint: inspect.Type) -> tuple[inspect.Type, ...]:
    bare = _bare(hint)
    if isinstance(bare, inspect.UnionType):
        return tuple(part for inner in bare.types for part in _alternatives(inner))
    if isinstance(bare, inspect.LiteralType) and None in bare.values:
        rest = tuple(value for value in bare.values if value is not None)
        return (inspect.LiteralType(rest), inspect.NoneType())
    return (bare,)


def _field_type(types: tuple[inspect.Type, ...]) -> FieldType:
    if len(types) == 1:
        return _one_type(types[0])
    found = [_one_type(hint) for hint in types]
    choices = [kind for kind in found if isinstance(kind, Choice)]
    numbers = [kind for kind in found if isinstance(kind, Whole | Real | Grid | Sequence)]
    if choices and len(choices) + len(numbers) == len(found):
        choice = Choice(tuple(value for kind in choices for value in kind.values))
        return ChoiceOr(choice, _numbers(numbers)) if numbers else choice
    if len(numbers) == len(found):
        return _numbers(numbers)
    return Opaque()


def _numbers(found: list[Whole | Real | Grid | Sequence]) -> Grid | Sequence | Whole | Real:
    """One type for several that are all numbers: a list that may be a lone number, or numbers in a grid."""
    if len(found) == 1:
        return found[0]
    lists = [kind for kind in found if isinstance(kind, Sequence)]
    grids = [kind for kind in found if isinstance(kind, Grid)]
    lone = next((kind for kind in found if isinstance(kind, Whole | Real)), None)
    if lists or (grids and lone):
        item = (lists or grids)[0].item
        return Sequence(item, unknown=any(kind.unknown for kind in lists), single=lone is not None)
    if grids:
        return max(grids, key=_cells)
    return Real() if any(isinstance(kind, Real) for kind in found) else found[0]


def _cells(grid: Grid) -> int:
    return max(grid.rows, 1) * grid.columns


def _one_type(hint: inspect.Type) -> FieldType:
    match hint:
        case inspect.BoolType():
            return Flag()
        case inspect.IntType() | inspect.FloatType():
            return _number(hint)
        case inspect.StrType():
            return Text()
        case inspect.LiteralType():
            return Choice(tuple(hint.values))
        case inspect.TupleType():
            return _grid(hint)
        case inspect.VarTupleType():
            return _sequence(hint)
        case inspect.CustomType():
            return Inner()
        case _:
            return Opaque()


def _number(hint: inspect.IntType | inspect.FloatType) -> Whole | Real:
    least, most = hint.ge, hint.le
    if isinstance(hint, inspect.IntType):
        if least is None and hint.gt is not None:
            least = hint.gt + 1
        if most is None and hint.lt is not None:
            most = hint.lt - 1
        return Whole(_as_int(least), _as_int(most))
    return Real(hint.gt if least is None else least, hint.lt if most is None else most)


def _as_int(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _grid(hint: inspect.TupleType) -> FieldType:
    items = [_one_type(_bare(item)) for item in hint.item_types]
    first = items[0] if items else Opaque()
    if isinstance(first, Whole | Real) and all(isinstance(item, Whole | Real) for item in items):
        return Grid(0, len(items), first)
    if isinstance(first, Grid) and first.rows == 0 and all(item == first for item in items):
        return Grid(len(items), first.columns, first.item)
    return Opaque()


def _sequence(hint: inspect.VarTupleType) -> FieldType:
    types = _alternatives(hint.item_type)
    known = [_one_type(part) for part in types if not isinstance(part, inspect.NoneType)]
    if known == [Inner()]:
        return Inner(is_list=True)
    if len(known) == 1 and isinstance(known[0], Whole | Real):
        return Sequence(known[0], unknown=len(types) > 1)
    return Opaque()


# Values as text, and back ---------------------------------------------------------------------------------------------

_UNKNOWN_WORDS = {"?", "none", "-", "–", "null"}


def written(value: object) -> str:
    """A value as a field shows it: `28 × 28 × 1` for sizes, `?` for one that varies.

    >>> written((None, 28, 1)), written((2, 1)), written(1 / 255), written(None)
    ('? × 28 × 1', '2 × 1', '0.00392156862745098', '')
    """
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " × ".join("?" if item is None else written(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        short = f"{value:.12g}"
        return (short if float(short) == value else repr(value)).replace("-", "−")
    if isinstance(value, int):
        return str(value).replace("-", "−")
    return str(value)


def listed(value: object) -> str:
    """Axes and orders as a field shows them: `1, 2`.

    >>> listed((2, 1)), listed(-1)
    ('2, 1', '−1')
    """
    items = value if isinstance(value, tuple) else (value,)
    return ", ".join(written(item) for item in items)


def parsed_number(text: str, kind: Whole | Real) -> object:
    """A number from what was typed; the text itself where it is none.

    >>> parsed_number(" 1,024", Whole()), parsed_number("0.5", Whole()), parsed_number("−1", Whole())
    (1024, 0.5, -1)
    """
    plain = re.sub(r"(?<=\d)[,\u202f\u00a0 _](?=\d{3}\b)", "", text.strip()).replace("−", "-")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        number = float(plain)
    except ValueError:
        return text.strip()
    if isinstance(kind, Whole) and number.is_integer() and abs(number) < 2**53:
        return int(number)
    return number


def parsed_sequence(text: str, kind: Sequence) -> object:
    """Numbers from what was typed: `28, 28, 1`, `28×28×1`, `28 x 28 x 1`; `?` or `None` for one that varies.

    >>> parsed_sequence("(None, 28, 1)", Sequence(Whole(), unknown=True))
    (None, 28, 1)
    >>> parsed_sequence("-1", Sequence(Whole(), single=True))
    -1
    """
    bare = text.strip().strip("()[]")
    parts = [part for part in re.split(r"\s*[,;×*]\s*|(?<=[\d?e])\s*x\s*|\s+", bare) if part]
    items = tuple(
        None if kind.unknown and part.lower() in _UNKNOWN_WORDS else parsed_number(part, kind.item) for part in parts
    )
    return items[0] if kind.single and len(items) == 1 else items
