"""What an option of a kind is: its type, how it is named and shown, and what follows from a kind's annotated fields."""

from __future__ import annotations

import functools
import inspect
import math
import types
import typing
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from paramdesk.engine.digest import parts, shown
from paramdesk.engine.shape import Framework

LARGEST = 2**31 - 1
"""No layer has a larger size, and what stands in a file must not grow without bound."""

Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
Counted: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=LARGEST, extra={"true_is_one": False})]
"""A positive number where Keras does not take True for 1, as it does elsewhere."""
Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]
Integer: TypeAlias = Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
Flag: TypeAlias = Annotated[bool, msgspec.Meta(extra={"true_is_one": False})]
"""True or false, where PyTorch takes nothing in its place."""
Rate: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=1)]
AFew = msgspec.Meta(max_length=64)
"""No tensor has more axes."""
Axes: TypeAlias = Integer | Annotated[tuple[Integer, ...], AFew]


class Option(msgspec.Struct, frozen=True):
    """How an option is named and shown; its type and default stand in the field itself.

    Attributes:
        label: in the form ("Kernel size").
        words: its noun in formulas; `{axis}` is filled with height, width, …; empty: the field's name.
        digest: how a row sums it up, `{}` being the value ("{} filters", "no bias"); empty: not in the digest.
        preset: what a newly dropped layer starts with, where that is not the framework's default.
        section: the heading it stands under in the form; empty: the kind's own.
        advanced: shown only on request.
        leads: stands before the options that its kind inherits.
        always: in the digest even at its default.
        joint: stands between the numbers of a tuple in the digest.
        choices: values to offer, where the framework takes others too.
        only: the framework that alone has it; None: both, or the other one has a way to say the same.
        numbers_in: the framework that alone takes numbers where both take words; None: each that takes the option.
        unsaid: what becomes of it in a network of a framework that has no such option: it is refused while it says
            something; kept, for nothing that is computed depends on it there; or dropped, for there it says what is
            known anyway.
        hidden: whether no form shows it: it is what a file states, not what a person chooses.
        at_call: whether it is given when the layer is called rather than when it is made.
    """

    label: str
    words: str = ""
    digest: str = ""
    preset: Any = None
    section: str = ""
    advanced: bool = False
    leads: bool = False
    always: bool = False
    joint: str = "×"
    choices: tuple[str, ...] = ()
    only: Framework | None = None
    unsaid: Literal["refused", "kept", "dropped"] = "refused"
    numbers_in: Framework | None = None
    hidden: bool = False
    at_call: bool = False


@functools.cache
def foreign_options(kind: type[msgspec.Struct], framework: Framework) -> tuple[tuple[str, object], ...]:
    """The options of a kind that a framework does not have, with the values that say nothing."""
    return tuple(
        (name, default_of(kind, name))
        for name, option in options_of(kind).items()
        if option.only not in (None, framework)
    )


@functools.cache
def refused_options(kind: type[msgspec.Struct], framework: Framework) -> tuple[tuple[str, object], ...]:
    """Those of them that a network of that framework cannot have set."""
    options = options_of(kind)
    return tuple((name, value) for name, value in foreign_options(kind, framework) if options[name].unsaid != "kept")


@functools.cache
def options_of(kind: type[msgspec.Struct]) -> dict[str, Option]:
    """The Option of each field: its own annotation, or that of the base class whose field it narrows."""
    found: dict[str, Option] = {}
    for base in reversed(kind.__mro__):
        for name, hint in inspect.get_annotations(base).items():
            if name in kind.__struct_fields__ and "ClassVar" not in str(hint):
                for mark in getattr(_own_hints(base)[name], "__metadata__", ()):
                    if isinstance(mark, Option):
                        found[name] = mark
    fields = sorted(kind.__struct_fields__, key=lambda name: (not found[name].leads, found[name].advanced))
    return {name: found[name] for name in fields}


@functools.cache
def _own_hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The resolved annotations that stand in a class itself: those of its bases would cost each kind anew."""
    return inspect.get_annotations(kind, eval_str=True)


def _hint(kind: type[msgspec.Struct], name: str) -> Any:  # noqa: ANN401 - what annotations are made of differs
    """The annotation of a field, its own or that of the base class that it comes from."""
    owner = next(base for base in kind.__mro__ if name in inspect.get_annotations(base))
    return _own_hints(owner)[name]


@functools.cache
def sizes_of(kind: type[msgspec.Struct]) -> dict[str, int]:
    """Fields that are one number per axis, with how many.

    From the annotations, for msgspec would look at every one of them to tell, in each kind anew; a window waits for it.
    """
    sizes = {}
    for name in kind.__struct_fields__:
        for hint in _members(_hint(kind, name)):
            items = typing.get_args(hint)
            if typing.get_origin(hint) is tuple and items and all(_without_marks(item) is int for item in items):
                sizes[name] = len(items)
    return sizes


def _without_marks(hint: Any) -> Any:  # noqa: ANN401 - what annotations are made of has no type in common
    return _without_marks(hint.__origin__) if typing.get_origin(hint) is Annotated else hint


def _members(hint: Any) -> Iterable[Any]:  # noqa: ANN401 - as above
    """What a value may be: the members of a union, or the hint itself."""
    bare = _without_marks(hint)
    if typing.get_origin(bare) in (types.UnionType, typing.Union):
        for member in typing.get_args(bare):
            yield from _members(member)
    else:
        yield bare


@functools.cache
def inner_kinds(kind: type[msgspec.Struct]) -> frozenset[str]:
    """Options whose values are kinds themselves: the layer that a wrapper wraps; from the annotations as well."""
    return frozenset(name for name in kind.__struct_fields__ if any(map(_is_kind, _members(_hint(kind, name)))))


def _is_kind(hint: Any) -> bool:  # noqa: ANN401 - as above
    items = typing.get_args(hint)
    is_many = typing.get_origin(hint) is tuple and len(items) > 0
    return getattr(_without_marks(items[0]) if is_many else hint, "stands_for_kinds", False)


@functools.cache
def _fields(kind: type[msgspec.Struct]) -> tuple[msgspec.inspect.Field, ...]:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return info.fields


def _bare(hint: msgspec.inspect.Type) -> msgspec.inspect.Type:
    return _bare(hint.type) if isinstance(hint, msgspec.inspect.Metadata) else hint


def _alternatives(hint: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    bare = _bare(hint)
    return bare.types if isinstance(bare, msgspec.inspect.UnionType) else (bare,)


@functools.cache
def default_of(kind: type[msgspec.Struct], name: str) -> object:
    """The value of an option that is not given; `msgspec.NODEFAULT` if it must be."""
    fields, defaults = kind.__struct_fields__, kind.__struct_defaults__
    place = fields.index(name) - (len(fields) - len(defaults))
    return defaults[place] if place >= 0 else msgspec.NODEFAULT


def fits(kind: type[msgspec.Struct], name: str, value: object) -> bool:
    """Whether a field can hold a value; what is not a number (NaN) is none for any."""
    try:
        msgspec.convert(value, _hint(kind, name))
    except (msgspec.ValidationError, OverflowError):  # an integer beyond every float
        return False
    return not (isinstance(value, float) and math.isnan(value))


def stand_in(kind: type[msgspec.Struct], name: str) -> object:
    """What a field holds in place of a value that does not fit it: its default or, where it has none, its preset."""
    default = default_of(kind, name)
    return options_of(kind)[name].preset if default is msgspec.NODEFAULT else default


def summed_up(value: object, option: Option) -> str:
    """An option for a digest: `32 filters`, `1 filter`, `stride 2`."""
    text = option.digest.format(shown_in_digest(value, option))
    return text.removesuffix("s") if value == 1 and option.digest.startswith("{} ") else text


def is_same_axis(value: object, default: object, rank: int | None) -> bool:
    """Tell whether two numbers mean the same axis, one of them counted from the end."""
    if not isinstance(value, int) or not isinstance(default, int) or not rank:
        return False
    return -rank <= value < rank and value % rank == default % rank


def shown_in_digest(value: object, option: Option) -> str:
    """A value for a digest: kernels along every axis (3×3, kernel 3), equal strides once (stride 2)."""
    if not isinstance(value, tuple) or not value:
        return shown(value)
    written = parts(value)
    if option.numbers_in:  # padding, which could be taken for a kernel
        return f"{option.label.lower()} {written[0] if len(set(written)) == 1 else option.joint.join(written)}"
    if option.digest == "{}":
        return f"{option.label.split()[0].lower()} {written[0]}" if len(written) == 1 else option.joint.join(written)
    return written[0] if len(set(written)) == 1 else option.joint.join(written)


def type_of(kind: type[msgspec.Struct], name: str) -> msgspec.inspect.Type:
    """The type of an option."""
    return next(field.type for field in _fields(kind) if field.name == name)


def choices(kind: type[msgspec.Struct], name: str) -> tuple[object, ...]:
    """The values of an option that has a set of them; empty for any other option."""
    if offered := options_of(kind)[name].choices:
        return offered
    for field in _fields(kind):
        if field.name == name:
            return tuple(
                value
                for option in _alternatives(field.type)
                if isinstance(option, msgspec.inspect.LiteralType)
                for value in option.values
            )
    return ()
