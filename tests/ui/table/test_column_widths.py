"""How wide columns are."""

import pytest

from paramdesk.ui.table.column_widths import Need, fitted, usual_width

NEEDS = {
    "name": Need(60, 120),
    "kind": Need(50, 100),
    "output_shapes": Need(80, 90),
    "parameters": Need(70, 60),
    "macs": Need(60, 70),
}


def pixels(length):
    return round(length)


def test_that_what_is_left_over_goes_to_the_name():
    widths = fitted(NEEDS, 900, pixels)
    assert sum(widths.values()) == 900
    assert {name: widths[name] for name in NEEDS if name != "name"} == {
        name: max(usual_width(name), need.content) for name, need in NEEDS.items() if name != "name"
    }


@pytest.mark.parametrize("room", [455, 470, 490])
def test_that_room_is_taken_first_where_nothing_is_cut(room):
    widths = fitted(NEEDS, room, pixels)
    assert sum(widths.values()) == room
    assert all(widths[name] >= max(need.title, need.content) - 1 for name, need in NEEDS.items())


@pytest.mark.parametrize("room", [424, 430, 440])
def test_that_a_name_is_cut_only_when_no_other_text_can_be(room):
    widths = fitted(NEEDS, room, pixels)
    assert widths["name"] == 120
    assert widths["kind"] < 100


def test_that_names_are_cut_before_numbers():
    widths = fitted(NEEDS, 410, pixels)
    assert sum(widths.values()) <= 410
    assert widths["name"] < 120
    assert all(
        widths[name] >= max(NEEDS[name].title, NEEDS[name].content) for name in ("output_shapes", "parameters", "macs")
    )


def test_that_a_title_and_a_total_are_always_whole():
    widths = fitted(NEEDS, 100, pixels)
    assert all(widths[name] >= need.title for name, need in NEEDS.items())


def test_that_the_blocks_before_a_name_are_cut_before_kinds_are():
    needs = NEEDS | {"name": Need(60, 200, 120)}
    assert fitted(needs, 520, pixels)["name"] > 180
    narrow = fitted(needs, 470, pixels)
    assert narrow["kind"] >= 99
    assert 119 <= narrow["name"] < 200
