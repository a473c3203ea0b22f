"""How a framework spells a kind: the names of its classes and, for modules of torch.nn, what their arguments mean.

A Keras class is spelled by its name alone: a kind's options have Keras' names. A module's arguments have names, an
order and defaults of their own, which stand here as data:

    Module("Conv2d", {"out_channels": Argument("filters"), "stride": Argument("strides", 1)})
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeAlias

import msgspec

from paramdesk.engine.shape import Framework


class Required:
    """Stands where an argument has no default."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Final = Required()


class Argument(NamedTuple):
    """One argument of a constructor or a call.

    Attributes:
        option: the kind's option that it sets; empty: none, since it changes no count (it is kept with the layer).
        default: what it is unless given.
    """

    option: str = ""
    default: object = REQUIRED


Arguments: TypeAlias = Mapping[str, Argument]

UNCOUNTED: Arguments = {"device": Argument("", None), "dtype": Argument("", None)}
"""What every module with weights takes besides."""


class Module(msgspec.Struct, frozen=True):
    """A class of torch.nn.

    Attributes:
        name: of the class.
        arguments: of its constructor, in their order.
        options: what the class itself says (ReLU6: a largest value of 6).
        call: arguments of its call besides the tensors.
        keywords: arguments that are given by their names only.
        takes_anything: whether it takes any other argument too, and heeds none.
    """

    name: str
    arguments: Arguments = {}
    options: Mapping[str, object] = {}
    call: Arguments = {}
    keywords: frozenset[str] = frozenset()
    takes_anything: bool = False


Spelling: TypeAlias = str | Module
Spellings: TypeAlias = Mapping[Framework, tuple[Spelling, ...]]


def name_of(spelling: Spelling) -> str:
    """The name of the class.

    >>> name_of("Conv2D"), name_of(Module("Conv2d"))
    ('Conv2D', 'Conv2d')
    """
    return spelling if isinstance(spelling, str) else spelling.name
