"""Blocks as one row each."""

import msgspec
import pytest

from paramdesk.cli import main
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Source
from paramdesk.engine.block_edits import set_repeat
from paramdesk.engine.edits import configure, rename
from paramdesk.engine.folding import folded, folded_rows, same_row
from paramdesk.engine.places import with_nodes
from paramdesk.formats import write
from tests.engine.test_analysis import block_of_dense
from tests.helpers.blocks import nested


@pytest.mark.parametrize("repeat", [1, 3])
def test_that_a_folded_block_sums_its_repetitions(repeat):
    net = block_of_dense(repeat)
    whole, short = analyze(net), folded(analyze(net), net)
    assert [row.path for row in short.layers] == ["in", "body", "head"]
    block = short.layers[1]
    assert (block.parameters, block.macs) == (repeat * 20, repeat * 16)
    assert block.output_shapes == ((None, 4),)
    assert short.totals == whole.totals
    assert short.problems == whole.problems == ()


def test_that_folded_rows_name_each_other_and_show_the_shape_that_leaves_a_block():
    net = nested()
    short = folded(analyze(net), net)
    assert [row.path for row in short.layers] == ["input", "stem", "outer", "fork", "join", "head"]
    assert [row.inputs for row in short.layers[2:5]] == [("stem",), ("outer", "stem"), ("fork",)]
    assert short.layers[2].output_shapes == ((None, 8, 8, 4),)


def test_that_a_folded_block_tells_the_worst_of_its_problems():
    net = configure(nested(), 10, kernel_size=9, padding="valid").architecture
    fork = next(row for row in folded(analyze(net), net).layers if row.path == "fork")
    assert fork.problem.severity == "error"


def test_that_the_command_line_folds_blocks_on_request(tmp_path, capsys):
    write(block_of_dense(3), tmp_path / "net.paramdesk")
    assert main(["summary", str(tmp_path / "net.paramdesk"), "--fold", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("body,body,Block × 3,in,")


def test_that_a_folded_block_is_the_same_row_until_something_in_it_changes():
    net = nested()
    before = analyze(net)
    rows = folded_rows(before, net)
    again = folded_rows(analyze(net, former=before), net, rows)
    assert all(same_row(old, new) and old is new for old, new in zip(rows, again, strict=True))
    for edit in (configure(net, 3, filters=4, kernel_size=5), rename(net, 2, "trunk"), set_repeat(net, 2, 2)):
        changed = folded_rows(analyze(edit.architecture, former=before), edit.architecture, rows)
        pairs = zip(rows, changed, strict=True)
        assert next(new.ids for old, new in pairs if not same_row(old, new)) == rows[2].ids
    assert not same_row(rows[0], rows[2])


def test_that_what_leaves_a_block_through_a_block_in_it_is_shown():
    inside = msgspec.structs.replace(nested().node(2), outputs=(Source(4),))
    net = with_nodes(nested(), {2: inside})
    rows = {row.path: row for row in folded(analyze(net), net).layers}
    assert rows["outer"].output_shapes == ((None, 8, 8, 4),)
