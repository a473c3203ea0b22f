"""Files that Keras 2 and 3 wrote: .keras, HDF5 and weights alone are read as Keras counts them, and nothing runs."""

import io
import json
import zipfile

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.errors import UnreadableFile
from paramdesk.engine.folding import folded
from paramdesk.formats.archive import Archive
from tests.helpers.keras_files import FILES, content, opened, recorded

OURS = ("keras2_", "keras3_")
OF_KERAS = [name for name in FILES if not name.startswith(OURS)]
MODELS = [name for name in FILES if "weights" not in name and "unbuilt" not in name]
UNBUILT = "keras2_seq_unbuilt.keras"


def rows_of(architecture):
    """Every row by its path, with those of blocks."""
    summary = analyze(architecture)
    return {row.path: row for row in (*summary.layers, *folded(summary, architecture).layers)}


def refusal(data, name="model.keras"):
    file = io.BytesIO(data)
    file.name = name
    with pytest.raises(UnreadableFile) as caught:
        formats.read(file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def archive(**entries):
    """A ZIP archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, data in entries.items():
            zipped.writestr(name, data)
    return file.getvalue()


def rezipped(name, **changed):
    """A .keras file with other entries."""
    with zipfile.ZipFile(io.BytesIO(content(name))) as zipped:
        entries = {entry: zipped.read(entry) for entry in zipped.namelist()}
    return archive(**{**entries, **changed})


# Files of known layers


def test_that_all_files_of_the_reference_are_there():
    assert OF_KERAS == [
        "article_convnet.keras", "article_convnet_dense.h5", "article_convnet_dense.keras", "lenet5.h5",
        "lstm_small.h5", "shared_layers.keras", "unet.keras",
    ]  # fmt: skip


@pytest.mark.parametrize("name", OF_KERAS)
def test_that_totals_and_rows_are_those_of_keras(name):
    model = recorded(name)
    totals = analyze(opened(name)).totals
    assert totals.complete
    counts = (totals.parameters, totals.trainable, totals.non_trainable)
    assert counts == (model["total"], model["trainable"], model["non_trainable"])
    rows = rows_of(opened(name))
    for row in model["rows"]:
        report = rows[row["name"]]
        assert list(report.output_shapes[0]) == row["output_shape"]
        figures = (report.parameters, report.trainable, report.non_trainable)
        assert figures == (row["params"], row["trainable"], row["non_trainable"])


@pytest.mark.parametrize("name", [name for name in FILES if name != UNBUILT])
def test_that_the_total_is_exact_even_where_layers_are_not_known(name):
    totals = analyze(opened(name)).totals
    assert totals.lacking("parameters") == 0
    assert totals.parameters == recorded(name)["total"]


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith(OURS) and "sub." not in name])
def test_that_every_row_counts_as_keras_does(name):
    rows = rows_of(opened(name))
    for row in recorded(name)["rows"]:
        assert rows[row["name"].replace("/", "_")].parameters == row["params"], row["name"]


@pytest.mark.parametrize("name", [name for name in MODELS if name.startswith(OURS) and "sub." not in name])
def test_that_shapes_are_those_of_keras_as_far_as_they_are_known(name):
    rows = rows_of(opened(name))
    for row in recorded(name)["rows"]:
        shapes = [list(shape) for shape in rows[row["name"].replace("/", "_")].output_shapes]
        if shapes and row["output_shape"]:
            assert row["output_shape"] in (shapes, shapes[0]), row["name"]


KNOWN = [
    "seq",
    "seq_input",
    "seq_built",
    "nested",
    "rnnstate",
    "dictio",
    "norm",
    "strname",
    "rnncells",
    "frozen",
    "MobileNetV3Small",
    "mha",
]


@pytest.mark.parametrize(
    "name", [name for name in MODELS if name.split(".")[0].removeprefix("keras2_") in KNOWN and "keras2_" in name]
)
def test_that_everything_is_known_of_a_model_of_keras_2(name):
    summary = analyze(opened(name))
    assert summary.totals.complete
    assert (summary.totals.parameters, summary.totals.trainable) == (
        recorded(name)["total"],
        recorded(name)["trainable"],
    )
    assert not summary.has_errors


def test_that_functions_of_tensorflow_are_layers_where_keras_has_such():
    rows = {row.path: row for row in analyze(opened("keras2_tfops.keras")).layers}
    assert (rows["tf.math.truediv"].kind, rows["tf.math.truediv"].layer.kind.scale) == ("Rescaling", 1 / 255)
    assert rows["tf.nn.relu"].kind == "ReLU"
    assert rows["tf.concat"].output_shapes == ((None, 228),)
    assert (rows["tf.image.resize"].kind, rows["tf.image.resize"].output_shapes) == (
        "tf.image.resize", ((None, 16, 16, 3),),
    )  # fmt: skip


def test_that_the_calls_of_a_model_inside_are_told_apart_in_old_files():
    architecture = opened("keras2_nested.h5")
    assert [layer.name for layer in architecture.layers] == ["input_2", "input_3", "enc", "enc#2", "dec", "dec#2"]
    assert [source.layer for source in architecture.outputs] == [node.id for node in architecture.layers[-2:]]


# What is not known


def test_that_the_weights_of_a_class_of_ones_own_are_those_in_the_file():
    rows = {row.path: row for row in analyze(opened("keras3_res.keras")).layers}
    block = rows["res_block"]
    assert (block.kind, block.output_shapes) == ("ResBlock", ((None, 16, 16, 8),))
    assert (block.parameters, block.trainable, block.statistics) == (904, 888, 16)
    assert [weight.name for weight in block.weights][:5] == [
        "bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance", "conv1/0",
    ]  # fmt: skip
    assert not any("drop" in weight.name for weight in block.weights)  # what a Dropout remembers is no weight


def test_that_the_weights_of_a_class_of_ones_own_have_their_names_in_hdf5_files():
    rows = {row.path: row for row in analyze(opened("keras2_custom.h5")).layers}
    assert [weight.name for weight in rows["scale"].weights] == ["w", "count"]
    assert [weight.name for weight in rows["block"].weights][-1] == "batch_normalization/moving_variance"
    assert rows["block"].statistics == 8


def test_that_layers_inside_models_inside_find_their_weights():
    for name in ("keras3_nested.keras", "keras3_nested.h5"):
        rows = {row.path: row for row in analyze(opened(name)).layers}
        assert [rows[path].parameters for path in ("fun/s2", "inner/scale", "inner/plain", "plain_1")] == [9, 9, 54, 49]


def test_that_the_output_of_an_unknown_layer_is_what_its_reader_was_built_for():
    rows = {row.path: row for row in analyze(opened("keras2_custom.keras")).layers}
    assert [rows[path].output_shapes for path in ("scale", "block", "again")] == [
        ((None, 8),), ((None, 4),), ((None, 4),),
    ]  # fmt: skip


def test_that_a_layer_behind_an_unknown_one_waits_and_yet_counts():
    rows = {row.path: row for row in analyze(opened("keras2_custom.h5")).layers}
    dense = rows["dense_3"]
    assert (dense.problem.severity, dense.parameters, dense.output_shapes) == ("waiting", 10, ())


def test_that_a_wrapper_around_an_unknown_class_is_not_known_itself():
    rows = {row.path: row for row in analyze(opened("keras3_bi.keras")).layers}
    assert (rows["bidirectional"].layer.kind.is_foreign, rows["bidirectional"].parameters) == (True, 210)


def test_that_a_function_of_ones_own_hinders_nothing_and_is_kept():
    architecture = opened("keras3_act.keras")
    dense = architecture.layers[1]
    assert (dense.kind.title(), dense.extras["activation"]["config"]) == ("Dense", "mine>act")
    again = json.loads(formats.content(architecture, formats.formats()["keras-json"]))
    assert again["config"]["layers"][1]["config"]["activation"] == dense.extras["activation"]


def test_that_a_model_that_was_not_built_has_no_known_parameters():
    rows = analyze(opened(UNBUILT)).layers
    assert [row.parameters for row in rows] == [None, None]


@pytest.mark.parametrize("name", ["keras3_funcsub.keras", "keras3_seqsub.keras"])
def test_that_a_model_with_a_class_of_ones_own_is_read_where_its_layers_are_told(name):
    summary = analyze(opened(name))
    assert summary.totals.complete
    assert summary.totals.parameters == recorded(name)["total"]


@pytest.mark.parametrize("name", ["keras3_sub.keras", "keras3_sub.h5"])
def test_that_of_a_model_in_code_the_weights_are_shown(name):
    summary = analyze(opened(name))
    assert (summary.totals.parameters, summary.totals.statistics) == (8266, 16)
    assert summary.problems == ()


def test_that_a_damaged_file_of_weights_leaves_the_architecture():
    summary = analyze(formats.read(io.BytesIO(rezipped("keras3_res.keras", **{"model.weights.h5": b"\x89HDF"}))))
    assert [row.parameters for row in summary.layers if row.layer.kind.is_foreign] == [None, None, None]
    assert summary.totals.lacking("parameters") == 3


def test_that_compressed_weights_are_found():
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content("keras3_res.keras"))) as stored, zipfile.ZipFile(file, "w", 8) as packed:
        for entry in stored.namelist():
            packed.writestr(entry, stored.read(entry))
    file.seek(0)
    assert analyze(formats.read(file)).totals.parameters == 2741


# Weights alone


def test_that_weights_alone_are_rows_by_layer():
    architecture = opened("keras3_res.weights.h5")
    rows = [(row.path, row.kind, row.parameters, row.output_shapes) for row in analyze(architecture).layers]
    assert rows == [
        ("conv2d", "Conv2D", 224, ()), ("plain", "Weights", 65, ()), ("res_block", "Weights", 904, ()),
        ("named", "Weights", 1548, ()),
    ]  # fmt: skip


def test_that_weights_alone_of_a_compiled_model_are_without_those_of_the_optimizer():
    totals = analyze(opened("keras3_compiled.weights.h5")).totals
    assert (totals.parameters, totals.macs, totals.peak_activation_bytes) == (234, None, None)


def test_that_old_weights_alone_are_rows_by_layer():
    summary = analyze(opened("keras2_custom.legacy_weights.h5"))
    assert [(row.path, row.parameters) for row in summary.layers] == [
        ("scale", 9), ("block", 92), ("again", 5), ("dense_3", 10),
    ]  # fmt: skip
    assert summary.totals.statistics == 8


def test_that_statistics_of_a_normalization_are_not_trained():
    totals = analyze(opened("keras2_norm.legacy_weights.h5")).totals
    assert (totals.parameters, totals.trainable) == (33, 22)


def test_that_an_architecture_of_weights_alone_is_called_as_its_file():
    assert opened("keras3_res.weights.h5").name == "keras3_res"


# What tells the format, and what is refused


@pytest.mark.parametrize("name", ["lenet5.h5", "article_convnet.keras"])
def test_that_the_content_tells_the_format(name):
    assert formats.read(io.BytesIO(content(name))).name == name.split(".")[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (archive(**{"metadata.json": b"{}"}), "not a .keras file: there is no config.json in it"),
        (archive(**{"config.json": b"{"}), "config.json, line 1, column 2: not JSON"),
        (archive(**{"config.json": b"[]"}), "not a Keras model"),
        (archive(**{"config.json": b'{"class_name": "Net", "config": {}}'}), "its layers are in its code"),
        (b"PK\x03\x04 and no archive", "the ZIP archive is damaged: copy or download it anew"),
        (content("article_convnet.keras")[:-400], "the ZIP archive is damaged: copy or download it anew"),
    ],
)
def test_that_what_is_wrong_with_an_archive_is_said(data, said):
    assert said in refusal(data)


@pytest.mark.parametrize("length", [8, 100, 900])
def test_that_a_truncated_hdf5_file_is_said_to_be_damaged(length):
    assert "HDF5 file is damaged" in refusal(content("lenet5.h5")[:length], "lenet5.h5")


def test_that_an_entry_that_is_too_large_is_not_unpacked():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("config.json", b" " * (65 * 2**20))
    assert "config.json: larger than 64 MiB" in refusal(file.getvalue())


def test_that_an_archive_compressed_in_an_unusual_way_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("config.json", b"{}")
    assert "compressed in an unusual way" in refusal(file.getvalue())


def test_that_a_part_of_an_archive_is_read_where_it_stands():
    file = io.BytesIO(archive(first=b"abc", second=b"defgh"))
    part = Archive(file, "x").part("second")
    part.allow(9, 99)
    part.seek(1)
    assert (part.size, part.read(), part.tell(), part.read()) == (5, b"efgh", 5, b"")
