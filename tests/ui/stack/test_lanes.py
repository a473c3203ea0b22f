import itertools

from hypothesis import given
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from paramdesk.ui.stack.lanes import MOST_LANES, SPINE, lay_out, wiring
from paramdesk.ui.stack.stack_rows import stack_rows
from tests.helpers.networks import residual
from tests.ui.stack.test_stack_rows import repeated, rows_of

RESIDUAL = ((), (0,), (0,), (2,), (3,), (4, 1, 0), (5,))


def test_that_a_plain_stack_has_a_spine_and_no_lanes():
    lanes = lay_out(((), (0,), (1,)))
    assert lanes.is_plain
    assert [(wire.top, wire.bottom) for wire in lanes.between(0)] == [(0, 1)]
    assert lanes.between(2) == []
    assert lay_out(()).between(0) == []


def test_that_the_longest_path_is_the_spine_and_a_branch_stands_on_a_lane():
    lanes = lay_out(RESIDUAL)
    assert [lanes.column(row) for row in range(7)] == [0, 1, 0, 0, 0, 0, 0]
    assert lanes.joins == {5}
    assert lanes.width == 2


def test_that_branch_and_skip_have_colours_of_their_own():
    wires = {(wire.top, wire.bottom): wire for wire in lay_out(RESIDUAL).between(0)}
    assert wires[0, 2].colour == SPINE
    assert (wires[0, 1].column, wires[0, 1].colour) == (1, 1)
    assert (wires[0, 5].column, wires[0, 5].colour) == (2, 0)


def test_that_four_branches_have_three_lanes_of_three_colours():
    reads = ((), (0,), (0,), (2,), (0,), (4,), (5,), (0,), (7,), (1, 3, 6, 8))
    lanes = lay_out(reads)
    assert lanes.width == 3
    assert len({wire.colour for wire in lanes.between(6)}) == 4
    assert [lanes.column(row) for row in (4, 5, 6, 9)] == [0, 0, 0, 0]


def test_that_skips_one_after_the_other_use_the_same_column():
    rows = rows_of(residual(12))
    assert lay_out(wiring(rows)).width == 1


def test_that_layers_inside_an_opened_block_read_its_row_and_are_read_by_exit():
    rows = rows_of(repeated())
    assert wiring(rows) == ((), (0,), (1,), (2,), (3, 1), (4,))


def test_that_a_closed_block_is_one_node():
    architecture = repeated()
    rows = stack_rows(architecture, analyze(architecture), frozenset({1}))
    assert wiring(rows) == ((), (0,), (1,))


@st.composite
def networks(draw):
    number = draw(st.integers(1, 40))
    reads = [()]
    for row in range(1, number):
        chosen = draw(st.lists(st.integers(0, row - 1), max_size=3, unique=True))
        reads.append(tuple(chosen))
    return tuple(reads)


@given(networks())
def test_that_every_connection_is_drawn_once_and_from_end_to_end(reads):
    lanes = lay_out(reads)
    wanted = {(producer, row) for row, read in enumerate(reads) for producer in read}
    drawn = [wire for gap in range(len(reads)) for wire in lanes.between(gap)]
    assert {(wire.top, wire.bottom) for wire in drawn} == wanted
    for top, bottom in wanted:
        parts = [wire for wire in drawn if (wire.top, wire.bottom) == (top, bottom)]
        assert len(parts) == bottom - top
        assert len({(wire.column, wire.colour) for wire in parts}) == 1


@given(networks())
def test_that_no_lane_crosses_a_node_or_another_lane(reads):
    lanes = lay_out(reads)
    if lanes.is_plain or lanes.width > MOST_LANES:
        return
    for row in range(len(reads)):
        passing = [wire for wire in lanes.between(row) if wire.top < row]
        assert all(wire.column != lanes.column(row) for wire in passing)
        shared = itertools.combinations(passing, 2)
        assert all(a.column != b.column or a.top == b.top for a, b in shared)


def test_that_the_gutter_does_not_grow_without_end():
    reads = [(), *[(0,)] * 40, tuple(range(1, 41))]
    lanes = lay_out(tuple(reads))
    assert lanes.width == MOST_LANES + 1
