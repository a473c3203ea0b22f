"""Options that cannot be a kind's: the type checker's words made readable."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from paramdesk.engine.errors import InvalidOptions

MOST_LISTED = 8
"""Of more values than these, a message gives their number and the nearest one."""
LONGEST_SHOWN = 80
"""A file may hold a value of any length: no more characters of it than these are repeated."""

_IN_WORDS = {
    r"\bint\b": "a whole number", r"\bfloat\b": "a number", r"\bstr\b": "a text", r"\barray\b": "a list",
    r"\bbool\b": "true or false", r"\bobject\b": "a table", r" \| null\b": " or none", r" \| ": " or ",
    ">=": "≥", "<=": "≤", r"(\d)\.0\b": r"\1", "-(?=\\d)": "−", "`": "",
}  # fmt: skip
_PLACE = re.compile(r" - at `\$\.?(?P<place>[^`]*)`$")


def readable(
    title: str, options: Mapping[str, object], error: str, choices: Callable[[str], tuple[object, ...]]
) -> InvalidOptions:
    """What the check of types found, said to a person.

    Args:
        title: of the kind.
        options: as they were given.
        error: the checker's own words.
        choices: gives the values that an option may have, if they are a fixed set.
    """
    if match := re.search(r"missing required field `(\w+)`", error):
        return InvalidOptions(f"{title} needs {match[1]}", match[1])
    if match := re.search(r"contains unknown field `(\w+)`", error):
        return InvalidOptions(f"{title} has no option {match[1]}", match[1])
    place = _PLACE.search(error)
    field = re.split(r"[.\[]", place["place"])[0] if place else None
    expected = _in_words(re.sub(r", got .*", "", _PLACE.sub("", error)))
    if "enum value" in expected and field:
        expected = f"Expected {_one_of(choices(field), options.get(field))}"
    given = f"{field} = {shortened(options.get(field))}" if field else title
    return InvalidOptions(f"{given}: {expected[:1].lower()}{expected[1:]}", field)


def shortened(value: object) -> str:
    """A value of unknown origin as Python writes it, but not at any length."""
    try:
        written = repr(value)
    except ValueError:  # Python writes no integer of more than some thousand digits
        return "a number without end"
    return written if len(written) <= LONGEST_SHOWN else f"{written[: LONGEST_SHOWN - 1]}…"


def _in_words(expected: str) -> str:
    for sign, words in _IN_WORDS.items():
        expected = re.sub(sign, words, expected)
    return expected


def _one_of(values: tuple[object, ...], given: object) -> str:
    if len(values) <= MOST_LISTED:
        return f"one of {', '.join(map(repr, values))}"
    import difflib

    close = difflib.get_close_matches(str(given).lower(), map(str, values), n=1)
    return f"one of {len(values)} names" + (f", perhaps {close[0]!r}" if close else "")
