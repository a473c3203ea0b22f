"""What a row shows in a narrow stack: what it says last to be lost is whose it is."""

import pytest

from paramdesk.ui.stack.row_geometry import row_geometry


def parts(theme, width, longest_name=100.0):
    """Which parts of a row there is room for."""
    geometry = row_geometry(theme, width, 0, longest_name)
    found = {"share": geometry.share, "digest": geometry.kind, "chip": geometry.has_chips}
    return [name for name, has_room in found.items() if has_room]


def test_that_a_narrower_stack_loses_the_share_then_the_digest_then_the_chip(theme):
    seen = [parts(theme, width) for width in range(900, 200, -1)]
    assert list(dict.fromkeys(map(tuple, seen))) == [("share", "digest", "chip"), ("digest", "chip"), ("chip",), ()]


@pytest.mark.parametrize("longest_name", [20.0, 100.0, 400.0])
def test_that_a_name_has_room_however_narrow_the_stack(theme, longest_name):
    for width in range(300, 900):
        geometry = row_geometry(theme, width, 0, longest_name)
        chip = theme.px(110) if geometry.has_chips else 0
        assert (geometry.kind or geometry.chip - chip) - geometry.name >= theme.px(90)


def test_that_a_share_bar_takes_no_room_that_the_digest_needs(theme):
    for width in range(300, 900):
        geometry = row_geometry(theme, width, 0, 400.0)
        if geometry.share:
            assert geometry.chip - theme.px(110) - geometry.kind >= theme.px(180)
