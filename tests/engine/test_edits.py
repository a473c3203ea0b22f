"""Edits keep a network whole, whatever their order."""

import io
import json

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Source
from paramdesk.engine.edits import (
    configure,
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
from paramdesk.engine.links import connect
from paramdesk.engine.naming import default_name
from paramdesk.engine.places import Place, lists
from paramdesk.engine.wiring import fault, orphans
from paramdesk.formats import content, read, writers
from tests.engine.test_analysis import block_of_dense
from tests.helpers.blocks import nested
from tests.helpers.keras_reference import model
from tests.helpers.networks import article_convnet, kind, residual


def names(architecture: Architecture) -> list[str]:
    return [node.name for node in architecture.layers]


def inputs_of(architecture: Architecture, name: str) -> list[str]:
    by_name = {node.name: node for node in architecture.nodes()}
    return [architecture.node(source.layer).name for source in by_name[name].inputs]


def id_of(architecture: Architecture, name: str) -> int:
    return next(node.id for node in architecture.nodes() if node.name == name)


def assert_whole(architecture: Architecture) -> None:
    assert fault(architecture) == ""
    nodes = architecture.nodes()
    assert len({node.id for node in nodes}) == len(nodes)
    for whole in lists(architecture):
        names = [node.name for node in whole.nodes]
        names += [architecture.node(whole.block).name] if whole.block is not None else []
        assert len(set(names)) == len(names)
    assert architecture.next_id > max((node.id for node in nodes), default=-1)
    assert architecture.outputs or not architecture.layers
    for node in nodes:
        assert node.inputs or isinstance(node, Block) or node.kind.is_input, f"{node.name} reads nothing"


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
    with pytest.raises(EditRefused, match="drop it below"):
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


def test_that_a_row_dropped_below_a_block_reads_its_exit_and_leaves_its_inside_alone():
    net = block_of_dense(2)
    edit = insert_kind(net, kind("Dropout", rate=0.5), Place(1))
    assert inputs_of(edit.architecture, "dropout") == ["body"]
    assert inputs_of(edit.architecture, "head") == ["dropout"]
    assert edit.architecture.node(1) == net.node(1)
    assert analyze(edit.architecture).totals.parameters == 50


def test_that_a_block_takes_its_rows_with_it_once():
    net = move_by(nested(), [12, 2, 3, 5], -1).architecture
    assert_whole(net)
    assert len(net.nodes()) == len(nested().nodes())
    copied = duplicate(nested(), [2, 3, 4]).architecture
    assert_whole(copied)
    assert analyze(copied).totals.parameters > analyze(nested()).totals.parameters


def test_that_a_block_can_lose_its_last_row():
    net = remove(block_of_dense(2), [2]).architecture
    assert_whole(net)
    assert analyze(net).totals.parameters == 10


def test_that_a_block_is_not_dropped_into_a_block_in_it():
    with pytest.raises(EditRefused, match="itself"):
        move(nested(), [2], Place(5, 4))


def test_that_an_exit_of_a_block_does_not_become_its_entrance():
    with pytest.raises(EditRefused, match="another input"):
        move(nested(), [11], Place(9, 8))


def test_that_a_network_returns_something_as_long_as_it_has_a_row():
    net = insert_kind(Architecture(), kind("Input", shape=(3,)), Place()).architecture
    net = insert_kind(net, kind("Input", shape=(4,)), Place(net.layers[0].id)).architecture
    net = remove(net, [net.layers[0].id]).architecture
    net = insert_kind(net, kind("Dense", units=2), end_of(net)).architecture
    assert net.outputs == (Source(net.layers[-1].id),)
    assert analyze(net).problems == ()


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


@settings(max_examples=150)
@given(data=st.data())
def test_that_no_sequence_of_edits_breaks_a_network_of_blocks(data):
    assert_that_edits_keep_it_whole(nested(), data)


@pytest.mark.parametrize("name", ["ResNet50"])
@settings(max_examples=15, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking 177 layers takes minutes
@given(data=st.data())
def test_that_no_sequence_of_edits_breaks_a_real_network(name, data):
    net = read(io.BytesIO(json.dumps(model(name)["config"]).encode()), format="keras-json")
    assert_that_edits_keep_it_whole(net, data)


def assert_that_edits_keep_it_whole(net: Architecture, data: st.DataObject) -> None:
    """Random inserts, removals, moves and copies: nothing dangles, nothing is left unread, files hold all."""
    dropped = [kind("Dense", units=3), kind("Add"), kind("Input", shape=(3,)), kind("ReLU")]
    summary = analyze(net)
    for _step in range(data.draw(st.integers(1, 12))):
        ids = [node.id for node in net.nodes()]
        if not ids:
            break
        some = data.draw(st.lists(st.sampled_from(ids), min_size=1, max_size=4, unique=True))
        every = list(lists(net))
        found = every[data.draw(st.integers(0, len(every) - 1))]
        place = Place(data.draw(st.sampled_from([None, *[node.id for node in found.nodes]])), found.block)
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
        assert not orphans(net, edit.architecture)
        net, summary = edit.architecture, analyze(edit.architecture, summary)
    for kept, new in zip(summary.layers, analyze(net).layers, strict=True):
        assert msgspec.structs.asdict(kept) == msgspec.structs.asdict(new)
    file = io.BytesIO(content(net, writers()["paramdesk"]))
    again = read(file, format="paramdesk")
    assert [(r.path, r.kind, r.inputs, r.output_shapes) for r in analyze(again).layers] == [
        (r.path, r.kind, r.inputs, r.output_shapes) for r in summary.layers
    ]


@pytest.mark.parametrize(
    ("name", "framework", "count"),
    [
        ("MultiHeadAttention", "keras", 2),
        ("MultiHeadAttention", "pytorch", 3),
        ("GroupQueryAttention", "keras", 2),
        ("Attention", "keras", 2),
        ("AdditiveAttention", "keras", 2),
        ("DotProductAttention", "pytorch", 3),
        ("TransformerDecoderLayer", "pytorch", 2),
        ("CosineSimilarity", "pytorch", 2),
        ("Add", "keras", 1),
        ("LSTM", "keras", 1),
    ],
)
def test_that_a_kind_which_needs_several_inputs_reads_what_it_is_dropped_below_for_each(name, framework, count):
    start = insert_kind(Architecture(framework=framework), kind("Input", shape=(10, 256)), Place()).architecture
    edit = insert_kind(start, kinds()[name].preset(), Place(0))
    assert edit.architecture.layers[1].inputs == (Source(0),) * count
    assert analyze(edit.architecture).layers[1].problem is None


def test_that_it_does_so_in_a_block_below_its_entrance():
    inside = insert_kind(nested(), kinds()["MultiHeadAttention"].preset(), Place(None, 2)).architecture
    made = next(node for node in inside.nodes() if node.name == "multi_head_attention")
    assert made.inputs == (Source(2), Source(2))
