"""Edits keep a network whole, whatever their order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Source
from paramdesk.engine.edits import (
    configure,
    connect,
    default_name,
    duplicate,
    end_of,
    insert,
    insert_kind,
    move,
    move_by,
    readable_above,
    remove,
    rename,
)
from paramdesk.engine.errors import EditRefused, InvalidOptions
from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.wiring import Place
from tests.engine.test_analysis import block_of_dense
from tests.helpers.networks import article_convnet, kind, residual


def names(architecture: Architecture) -> list[str]:
    return [node.name for node in architecture.layers]


def inputs_of(architecture: Architecture, name: str) -> list[str]:
    by_name = {node.name: node for node in architecture.nodes()}
    return [architecture.node(source.layer).name for source in by_name[name].inputs]


def id_of(architecture: Architecture, name: str) -> int:
    return next(node.id for node in architecture.nodes() if node.name == name)


def read_ids(architecture: Architecture) -> set[int]:
    return {s.layer for node in architecture.nodes() for s in node.inputs} | {s.layer for s in architecture.outputs}


def assert_whole(architecture: Architecture) -> None:
    above: set[int] = set()
    for node in architecture.layers:
        assert {source.layer for source in node.inputs} <= above, f"{node.name} reads what is not above it"
        assert node.inputs or node.kind.is_input, f"{node.name} reads nothing"
        above.add(node.id)
    assert {source.layer for source in architecture.outputs} <= above
    assert len(architecture.names()) == len(architecture.layers)
    assert architecture.next_id > max(above, default=-1)


def test_that_a_row_dropped_below_another_reads_it_and_takes_over_its_readers():
    edit = insert_kind(article_convnet(), kind("BatchNormalization"), Place(1))
    assert names(edit.architecture)[2] == "batch_normalization"
    assert inputs_of(edit.architecture, "batch_normalization") == ["conv2d"]
    assert inputs_of(edit.architecture, "max_pooling2d") == ["batch_normalization"]
    assert edit.text == "Insert BatchNormalization"


def test_that_a_row_dropped_at_the_end_becomes_the_output():
    net = insert_kind(article_convnet(), kind("Softmax"), end_of(article_convnet())).architecture
    assert net.outputs == (Source(net.layers[-1].id),)


def test_that_every_reader_of_a_branching_row_reads_the_new_one():
    net = residual(1)
    grown = insert_kind(net, kind("ReLU"), Place(id_of(net, "input"))).architecture
    assert inputs_of(grown, "block0_conv1") == ["re_lu"]
    assert inputs_of(grown, "block0_add") == ["re_lu", "block0_conv2"]


def test_that_a_removed_row_gives_its_readers_its_first_input():
    net = remove(article_convnet(), [3]).architecture
    assert inputs_of(net, "max_pooling2d_1") == ["max_pooling2d"]


def test_that_a_merge_whose_branch_would_be_unread_goes_only_with_it():
    net = residual(2)
    with pytest.raises(EditRefused, match="nothing would read") as refused:
        remove(net, [id_of(net, "block1_add")])
    orphans = {net.node(orphan).name for orphan in refused.value.orphans}
    assert orphans == {"block1_conv1", "block1_conv2"}
    edit = remove(net, [id_of(net, "block1_add")], with_orphans=True)
    assert not orphans & set(names(edit.architecture))
    assert_whole(edit.architecture)


def test_that_an_input_that_is_read_is_not_removed_unless_all_goes():
    net = article_convnet()
    with pytest.raises(EditRefused, match="input"):
        remove(net, [0])
    assert remove(net, [node.id for node in net.layers]).architecture.layers == ()


def test_that_moving_is_removing_and_inserting():
    net = move(article_convnet(), [2], Place(3)).architecture
    assert names(net)[:5] == ["input_layer", "conv2d", "conv2d_1", "max_pooling2d", "max_pooling2d_1"]
    assert inputs_of(net, "conv2d_1") == ["conv2d"]
    assert inputs_of(net, "max_pooling2d") == ["conv2d_1"]
    assert inputs_of(net, "max_pooling2d_1") == ["max_pooling2d"]


def test_that_a_moved_branch_keeps_its_shape():
    net = residual(2)
    ids = [id_of(net, name) for name in ("block0_conv1", "block0_conv2", "block0_add")]
    moved = move(net, ids, end_of(net)).architecture
    assert inputs_of(moved, "block0_conv1") == ["block1_add"]
    assert inputs_of(moved, "block0_add") == ["block1_add", "block0_conv2"]
    assert inputs_of(moved, "block1_conv1") == ["input"]


def test_that_rows_from_different_places_become_a_chain():
    net = article_convnet()
    moved = move(net, [2, 4], Place(5)).architecture
    assert names(moved)[3:6] == ["conv2d_2", "max_pooling2d", "max_pooling2d_1"]
    assert inputs_of(moved, "max_pooling2d_1") == ["max_pooling2d"]


def test_that_a_move_onto_itself_changes_nothing():
    net = article_convnet()
    for place in (Place(2), Place(3)):
        assert move(net, [3], place).architecture == net


def test_that_a_merge_cannot_be_moved_above_what_it_reads():
    net = residual(2)
    with pytest.raises(EditRefused, match="another input"):
        move(net, [id_of(net, "block1_add")], Place(id_of(net, "input")))


def test_that_nothing_but_an_input_goes_above_the_input():
    with pytest.raises(EditRefused, match="above the input"):
        insert_kind(article_convnet(), kind("ReLU"), Place())
    net = insert_kind(article_convnet(), kind("Input", shape=(3,)), Place()).architecture
    assert names(net)[0] == "input_layer_1"


def test_that_alt_arrows_move_past_the_neighbour_and_stop_at_the_ends():
    net = article_convnet()
    assert names(move_by(net, [2], 1).architecture)[2:4] == ["conv2d_1", "max_pooling2d"]
    assert names(move_by(net, [3], -1).architecture)[2:4] == ["conv2d_1", "max_pooling2d"]
    with pytest.raises(EditRefused, match="bottom"):
        move_by(net, [8], 1)


def test_that_a_duplicate_stands_below_with_a_free_name():
    net = duplicate(article_convnet(), [3]).architecture
    assert names(net)[4] == "conv2d_3"
    assert inputs_of(net, "conv2d_3") == ["conv2d_1"]
    assert inputs_of(net, "max_pooling2d_1") == ["conv2d_3"]


def test_that_a_whole_network_can_be_pasted_into_an_empty_one():
    net = insert(Architecture(), article_convnet().layers, Place(), "Paste").architecture
    assert analyze(net).totals.parameters == 93_322
    assert_whole(net)


def test_that_a_layer_is_renamed_to_a_free_name_only():
    net = article_convnet()
    assert rename(net, 1, " stem ").architecture.node(1).name == "stem"
    for wrong, reason in (("", "needs a name"), ("dense", "already"), ("a/b", "slash")):
        with pytest.raises(EditRefused, match=reason):
            rename(net, 1, wrong)


def test_that_a_wrong_option_never_reaches_the_architecture():
    with pytest.raises(InvalidOptions, match="filters") as wrong:
        configure(article_convnet(), 1, filters=0)
    assert wrong.value.field == "filters"


def test_that_a_layer_is_connected_to_what_stands_above_it():
    net = residual(2)
    merge = id_of(net, "block1_add")
    assert id_of(net, "block0_conv1") in readable_above(net, merge)
    edited = connect(net, merge, [Source(id_of(net, "block1_proj")), Source(id_of(net, "input"))])
    assert inputs_of(edited.architecture, "block1_add") == ["block1_proj", "input"]
    with pytest.raises(EditRefused, match="does not stand above"):
        connect(net, id_of(net, "block0_conv1"), [Source(merge)])


def test_that_rows_can_be_dropped_into_a_block_and_out_of_it():
    net = block_of_dense(2)
    inside = insert_kind(net, kind("ReLU"), Place(2, 1)).architecture
    assert analyze(inside).totals.parameters == 50
    assert [report.kind for report in analyze(inside).layers].count("ReLU") == 2
    top = insert_kind(net, kind("ReLU"), Place(None, 1)).architecture
    assert [report.path for report in analyze(top).layers][1] == "body.1/re_lu"
    out = move(inside, [4], Place(3)).architecture
    assert [report.path for report in analyze(out).layers][-1] == "re_lu"
    with pytest.raises(EditRefused, match="itself"):
        move(net, [1], Place(2, 1))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Conv2DTranspose", "conv2d_transpose"), ("MaxPooling2D", "max_pooling2d"), ("PReLU", "p_re_lu"),
        ("LeakyReLU", "leaky_re_lu"), ("ELU", "elu"), ("Input", "input_layer"), ("SeparableConv1D", "separable_conv1d"),
    ],
)  # fmt: skip
def test_that_new_layers_are_named_as_keras_does(name, expected):
    assert default_name(kinds()[name].preset()) == expected


@settings(max_examples=60)
@given(data=st.data(), blocks=st.integers(1, 4))
def test_that_no_sequence_of_edits_breaks_a_residual_network(data, blocks):
    assert_that_edits_keep_it_whole(residual(blocks), data)


def assert_that_edits_keep_it_whole(net: Architecture, data: st.DataObject) -> None:
    """Random inserts, removals, moves and copies: nothing dangles, and what was read stays read."""
    dropped = [kind("Dense", units=3), kind("Add"), kind("Input", shape=(3,)), kind("ReLU")]
    for _step in range(data.draw(st.integers(1, 25))):
        ids = [node.id for node in net.layers]
        if not ids:
            break
        some = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
        place = Place(data.draw(st.sampled_from([None, *ids])))
        try:
            match data.draw(st.sampled_from(["insert", "remove", "purge", "move", "nudge", "copy"])):
                case "insert":
                    edit = insert_kind(net, data.draw(st.sampled_from(dropped)), place)
                case "remove":
                    edit = remove(net, some)
                case "purge":
                    edit = remove(net, some, with_orphans=True)
                case "move":
                    edit = move(net, some, place)
                case "nudge":
                    edit = move_by(net, some, data.draw(st.sampled_from([-1, 1])))
                case _:
                    edit = duplicate(net, some)
        except EditRefused:
            continue
        assert_whole(edit.architecture)
        still_there = {node.id for node in edit.architecture.layers}
        assert read_ids(net) & still_there <= read_ids(edit.architecture)
        analyze(edit.architecture)
        net = edit.architecture
