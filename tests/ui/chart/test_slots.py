"""Which bars are in sight."""

from hypothesis import given
from hypothesis import strategies as some

from paramdesk.ui.chart.slots import FEWEST, Slots


def test_that_all_are_in_sight_at_first():
    assert Slots(300).shown == (0, 300)
    assert list(Slots(0).places()) == []


def test_that_zooming_keeps_what_is_under_the_pointer():
    slots = Slots(100)
    slots.zoom(2, 0.5)
    assert slots.shown == (25, 75)
    slots.zoom(2, 0)
    assert slots.shown == (25, 50)


def test_that_zooming_far_out_shows_all_again():
    slots = Slots(100)
    slots.zoom(4, 0.3)
    slots.zoom(0.01, 0.3)
    assert not slots.is_zoomed


def test_that_few_slots_cannot_be_zoomed():
    slots = Slots(4)
    slots.zoom(10, 0.5)
    assert slots.shown == (0, 4)


def test_that_fewer_slots_than_were_in_sight_are_all_shown():
    slots = Slots(100)
    slots.zoom(2, 1)
    slots.recount(60)
    assert slots.shown == (0, 60)


@given(
    some.integers(1, 500),
    some.lists(some.tuples(some.sampled_from(["zoom", "pan", "reveal"]), some.floats(0.05, 20), some.floats(0, 1))),
)
def test_that_whatever_is_done_the_sight_stays_among_the_slots(count, steps):
    slots = Slots(count)
    for what, number, part in steps:
        if what == "zoom":
            slots.zoom(number, part)
        elif what == "pan":
            slots.pan_to(number * 40 - 100)
        else:
            place = int(part * (count - 1))
            slots.reveal(place)
            assert place in slots.places()
        first, last = slots.shown
        assert 0 <= first < last <= count + 1e-6
        assert last - first >= min(count, FEWEST) - 1e-6
