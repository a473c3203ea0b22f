"""Numbers for each axis, as modules of torch.nn take them: one for all, or a list of so many."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.invalid import shortened
from paramdesk.engine.spelling import Module


def per_axis(
    module: Module, options: Mapping[str, object], lengths: Mapping[str, Collection[int]]
) -> dict[str, object]:
    """The options with a number in place of a list of one, and none in place of an empty list.

    Args:
        module: which of the classes it is.
        options: what its arguments say, by the names of the options that they set.
        lengths: by the names of the options, how many numbers a list may have.

    Raises:
        InvalidOptions: a list of another length, or of something else than whole numbers.
    """
    taken = dict(options)
    for name, allowed in lengths.items():
        value = options.get(name)
        numbers = value if isinstance(value, list | tuple) else () if value is None else (value,)
        is_list = isinstance(value, list | tuple)
        if (is_list and len(numbers) not in allowed) or not all(map(_is_whole, numbers)):
            raise InvalidOptions(
                f"{_argument(module, name)} = {shortened(value)}: {module.name} takes {_words(allowed)}", name
            )
        if is_list and len(numbers) < 2 and numbers != [None]:
            taken[name] = numbers[0] if numbers else None
    return taken


def true_or_false(module: Module, options: Mapping[str, object], *names: str) -> None:
    """Refuses numbers for what PyTorch takes only as true or false.

    Raises:
        InvalidOptions: one of the options is neither.
    """
    for name in names:
        if not isinstance(options.get(name, False), bool):
            written = shortened(options[name])
            raise InvalidOptions(f"{_argument(module, name)} = {written}: expected true or false", name)


def _is_whole(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _argument(module: Module, option: str) -> str:
    """What the module calls an option."""
    return next((name for name, argument in module.arguments.items() if argument.option == option), option)


def _words(lengths: Collection[int]) -> str:
    most = max(lengths, default=0)
    return f"one whole number or a list of {most}" if most else "one whole number"
