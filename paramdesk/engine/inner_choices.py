"""Which kinds can stand inside a wrapper: found by trying, so that no wrapper has to list them."""

from __future__ import annotations

import functools

from paramdesk.engine.errors import InvalidOptions
from paramdesk.engine.example import example
from paramdesk.engine.layer_kind import LayerKind, kinds


@functools.cache
def choices_inside(kind: type[LayerKind], option: str) -> tuple[type[LayerKind], ...]:
    """The kinds that an option of a wrapper can be, as a usual layer of the wrapper takes them."""
    usual = kind.preset()
    is_list = isinstance(getattr(usual, option), tuple)
    return tuple(
        inner for inner in kinds().values() if inner.is_offered and _fits(usual, option, inner, is_list=is_list)
    )


def _fits(usual: LayerKind, option: str, inner: type[LayerKind], *, is_list: bool) -> bool:
    if inner.is_input or inner.is_foreign or inner is type(usual):
        return False
    try:
        preset = usual.proposed_inside(option, inner.preset())
        example(usual.changed(**{option: (preset,) if is_list else preset}).tried_as())
    except (InvalidOptions, LookupError):
        return False
    return True
