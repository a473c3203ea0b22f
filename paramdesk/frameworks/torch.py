"""PyTorch's vocabulary: from a class of torch.nn and its arguments to a kind.

No module is listed here. A kind carries the classes that are it, with their arguments (`spellings`), and where torch.nn
says things another way, a small translation (`torch_options`).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.invalid import shortened
from paramdesk.engine.layer_kind import LayerKind, kinds
from paramdesk.engine.option import inner_kinds
from paramdesk.engine.spelling import REQUIRED, Arguments, Module
from paramdesk.frameworks.reading import MOST_NAMED, as_torch_takes_it, suggested


class TorchModule(msgspec.Struct, frozen=True):
    """A module as PyTorch describes it, understood.

    Attributes:
        kind: what it is, with its options.
        extras: arguments that change no count, as they were.
    """

    kind: LayerKind
    extras: Mapping[str, object] = {}


def module_named(class_name: object) -> tuple[type[LayerKind], Module]:
    """The kind behind the name of a class of torch.nn, and how it is spelled there.

    Raises:
        InvalidOptions: no kind has that name.
    """
    found = _by_class_name().get(class_name) if isinstance(class_name, str) else None
    if found is None:
        name = class_name[:MOST_NAMED] if isinstance(class_name, str) else shortened(class_name)
        raise InvalidOptions(f"torch.nn's {name} is not known here{suggested(name, list(_by_class_name()))}")
    return found


def read_module(
    class_name: object,
    arguments: object,
    *,
    positional: Sequence[object] = (),
    call: object = None,
) -> TorchModule:
    """Understands a module, from values of unknown origin.

    Args:
        class_name: of the class of torch.nn, a text.
        arguments: of its constructor, by name.
        positional: the first of them, where they are given without their names.
        call: arguments of the call besides the tensors; what is not given is as PyTorch has it.

    Raises:
        InvalidOptions: an unknown class or argument, or a value that PyTorch refuses; the message says which.
    """
    kind, module = module_named(class_name)
    given = _bound(module, positional, _table(module, arguments))
    options, extras = _sorted_out(module, module.arguments, given)
    asked, _uncounted = _sorted_out(module, module.call, {} if call is None else _table(module, call))
    options |= asked
    options = kind.torch_options(module, {**options, **module.options})
    for name, (option, default) in module.arguments.items():
        if default is REQUIRED and options.get(option, default) is None:
            raise InvalidOptions(f"{module.name} needs {name}", option)
    made = {option: _read_within(kind, option, value) for option, value in options.items()}
    taken = {option: as_torch_takes_it(kind, option, value) for option, value in made.items()}
    return TorchModule(kind.from_options(taken), extras)


def _table(module: Module, arguments: object) -> dict[str, object]:
    if not isinstance(arguments, Mapping) or not all(isinstance(name, str) for name in arguments):
        raise InvalidOptions(f"{module.name} needs a table of arguments, got {shortened(arguments)}")
    return dict(arguments)


def _bound(module: Module, positional: Sequence[object], given: dict[str, object]) -> dict[str, object]:
    """All arguments by their names."""
    names = [name for name in module.arguments if name not in module.keywords]
    if len(positional) > len(names) and not module.takes_anything:
        raise InvalidOptions(f"{module.name} takes {len(names)} arguments, got {len(positional)}")
    for name, value in zip(names, positional, strict=False):
        if name in given:
            raise InvalidOptions(f"{module.name} got {name} twice", name)
        given[name] = value
    return given


def _sorted_out(
    module: Module, arguments: Arguments, given: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """Values by the options that they set, and those that set none and say something."""
    for name in given:
        if name not in arguments and not module.takes_anything:
            close = suggested(name, list(arguments))
            raise InvalidOptions(f"{module.name} has no argument {name[:MOST_NAMED]}{close}", name)
    options, extras = {}, {name: value for name, value in given.items() if name not in arguments}
    for name, (option, default) in arguments.items():
        value = given.get(name, default)
        if value is REQUIRED:
            raise InvalidOptions(f"{module.name} needs {name}", option or name)
        if option:
            options[option] = value
        elif value != default:
            extras[name] = value
    return options, extras


def _read_within(kind: type[LayerKind], option: str, value: object) -> object:
    """A value with the modules in it understood, where the option is a kind."""
    if option not in inner_kinds(kind) or not isinstance(value, Mapping):
        return value
    return read_module(value.get("class_name"), value.get("args", value.get("arguments", {}))).kind


@functools.cache
def _by_class_name() -> dict[str, tuple[type[LayerKind], Module]]:
    return {module.name: (kind, module) for kind in kinds().values() for module in _modules(kind)}


def _modules(kind: type[LayerKind]) -> Iterator[Module]:
    for spelling in kind.spellings.get("pytorch", ()):
        if isinstance(spelling, Module):
            yield spelling
