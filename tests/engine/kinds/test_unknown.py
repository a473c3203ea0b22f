"""Rows of what is not known here: what a file states of them counts, and nothing else."""

import io

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.edits import configure
from paramdesk.engine.kinds.unknown import Unknown
from paramdesk.engine.weight import StatedWeight
from tests.helpers.networks import kind

KERNEL = StatedWeight("kernel", (8, 4))
MEAN = StatedWeight("running_mean", (4,), trainable=False, statistic=True)


def rows_of_weights(framework="keras"):
    """Two rows that read nothing: of nothing else than weights."""
    first = Layer(0, "a", Unknown(class_name="Weights", stated_weights=(KERNEL, MEAN)))
    second = Layer(1, "b", Unknown(class_name="Weights", stated_weights=(KERNEL,)))
    return Architecture("weights", (first, second), (), framework, next_id=2)


def behind_unknown(unknown, *weights):
    """A Dense layer behind a layer of an unknown class."""
    layers = (
        Layer(0, "in", kind("Input", shape=(8,))),
        Layer(1, "own", unknown, (Source(0),)),
        Layer(2, "dense", kind("Dense", units=4), (Source(1),), weights=weights or None),
    )
    return Architecture("net", layers, (Source(2),), next_id=3)


def test_that_rows_of_weights_alone_are_no_problem_and_their_total_is_exact():
    summary = analyze(rows_of_weights())
    totals = summary.totals
    assert (totals.parameters, totals.trainable, totals.statistics) == (68, 64, 4)
    assert totals.lacking("parameters") == 0
    assert not summary.has_errors
    assert summary.problems == ()
    assert [report.kind for report in summary.layers] == ["Weights", "Weights"]


def test_that_macs_and_activations_of_rows_of_weights_are_not_known():
    totals = analyze(rows_of_weights()).totals
    assert (totals.macs, totals.activation_bytes, totals.peak_activation_bytes) == (None, None, None)
    assert (totals.complete, totals.layers_not_counted) == (False, 2)


def test_that_statistics_are_buffers_as_pytorch_counts():
    totals = analyze(rows_of_weights("pytorch")).totals
    assert (totals.parameters, totals.statistics) == (64, 4)


def test_that_a_row_of_weights_explains_them():
    sections = {section.title: section for section in analyze(rows_of_weights()).layers[0].explanation()}
    assert [(line.what, line.result) for line in sections["Parameters"].lines] == [
        ("Kernel", "32"), ("Running mean", "4"), ("Total", "36"), ("Trainable", "32"), ("Non-trainable", "4"),
    ]  # fmt: skip
    assert "Not computed" in sections


def test_that_parameters_are_not_known_where_nothing_states_them():
    summary = analyze(behind_unknown(Unknown(class_name="Own", output_shape=(6,))))
    assert summary.layers[1].parameters is None
    assert summary.totals.parameters == 28
    assert summary.totals.lacking("parameters") == 1


def test_that_only_sums_of_work_are_lower_bounds_where_weights_are_stated():
    summary = analyze(behind_unknown(Unknown(class_name="Own", output_shape=(6,), stated_weights=(KERNEL,))))
    assert summary.totals.parameters == 60
    assert (summary.totals.lacking("parameters"), summary.totals.lacking("macs")) == (0, 1)
    text = formats.table(summary, "text")
    assert [line.split()[1:3] for line in text.splitlines() if line.startswith("Parameters ")] == [["60", "(240"]]
    assert [line.split()[1:3] for line in text.splitlines() if line.startswith("MACs ")] == [["≥", "24"]]
    assert "At least: 1 layer is not counted in MACs and activations." in text


def test_that_a_layer_that_waits_counts_the_weights_that_its_file_states():
    summary = analyze(behind_unknown(Unknown(class_name="Own", stated_weights=()), KERNEL))
    waiting = summary.layers[2]
    assert (waiting.parameters, waiting.output_shapes, waiting.problem.severity) == (32, (), "waiting")
    assert summary.totals.lacking("parameters") == 0


def test_that_a_layer_with_other_options_has_other_weights_than_its_file_stated():
    net = behind_unknown(Unknown(class_name="Own", stated_weights=()), KERNEL)
    changed = configure(net, 2, units=5).architecture
    assert analyze(changed).layers[2].parameters is None


@pytest.mark.parametrize("net", [rows_of_weights(), behind_unknown(Unknown(class_name="Own"), KERNEL, MEAN)])
def test_that_our_own_file_keeps_stated_weights(net):
    ours = formats.content(net, formats.formats()["paramdesk"])
    assert formats.read(io.BytesIO(ours)) == net
