"""The steps from rows to other rows, carried out on a list as an item model does."""

from hypothesis import given
from hypothesis import strategies as st

from paramdesk.ui.document.row_changes import MOST_MOVES, Change, Insertion, Move, Removal, row_changes


class Row:
    """A row with a key and what it shows."""

    def __init__(self, key, text=""):
        self.key, self.text = key, text

    def __repr__(self):
        return f"{self.key}{self.text}"


def key(row):
    return row.key


def same(former, new):
    return former.text == new.text


def changes(former, new):
    return row_changes(former, new, key, same)


def carried_out(former, new, steps):
    """Return the keys after all steps, each taken in terms of the rows as they are when its turn comes."""
    rows = [row.key for row in former]
    for step in steps:
        match step:
            case Removal(first, last):
                del rows[first : last + 1]
            case Insertion(first, last):
                rows[first:first] = [row.key for row in new[first : last + 1]]
            case Move(first, to):
                rows.insert(to, rows.pop(first))
    return rows


def rows(count):
    return [Row(number) for number in range(count)]


def test_that_an_inserted_row_is_the_only_step_and_rows_below_that_show_the_same_are_none():
    former = rows(100)
    new = [*former[:50], Row("new"), *(Row(row.key) for row in former[50:])]
    assert changes(former, new) == [Insertion(50, 50)]


def test_that_rows_that_show_something_else_are_told_as_few_spans():
    former = rows(10)
    new = [Row(row.key, "!" if row.key in {2, 3, 7} else "") for row in former]
    assert changes(former, new) == [Change(2, 3), Change(7, 7)]


def test_that_a_changed_row_beside_an_insertion_is_told_after_it():
    former = rows(6)
    new = [*former[:2], Row("new"), Row(2, "!"), *former[3:]]
    assert changes(former, new) == [Insertion(2, 2), Change(3, 3)]


def test_that_a_row_moved_past_others_is_one_move():
    former = rows(6)
    assert changes(former, [*former[1:5], former[0], former[5]]) == [Move(0, 4)]
    assert changes(former, [former[4], *former[:4], former[5]]) == [Move(4, 0)]


def test_that_many_moved_rows_are_taken_out_and_put_in_again():
    former = rows(2 * MOST_MOVES + 10)
    steps = changes(former, former[::-1])
    assert not any(isinstance(step, Move) for step in steps)
    assert carried_out(former, former[::-1], steps) == [row.key for row in former[::-1]]


@given(st.data())
def test_that_the_steps_lead_from_any_rows_to_any_others(data):
    numbers = st.lists(st.integers(0, 12), unique=True, max_size=9)
    former = [Row(number) for number in data.draw(numbers)]
    known = {row.key: row for row in former}
    new = []
    for number in data.draw(numbers):
        row = known.get(number)
        is_kept = row is not None and data.draw(st.booleans())
        new.append(row if is_kept else Row(number, data.draw(st.sampled_from(("", "!")))))
    steps = changes(former, new)
    assert carried_out(former, new, steps) == [row.key for row in new]
    told = {place for step in steps if isinstance(step, Change) for place in range(step.first, step.last + 1)}
    assert told == {place for place, row in enumerate(new) if row.key in known and not same(known[row.key], row)}
