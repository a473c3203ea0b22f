"""Layers of several outputs in a Keras model: each has the shape that its readers state."""

import pytest

from paramdesk.engine.analysis import analyze
from tests.formats.test_keras_json import INPUT, called, functional, layer, operation, read, tensor, written


def stated(name, shape, output=0):
    config = {"shape": shape, "dtype": "float32", "keras_history": [name, 0, output]}
    return {"class_name": "__keras_tensor__", "config": config}


@pytest.mark.parametrize(
    "entry",
    [
        operation("Split", "s", [tensor("in")], indices_or_sections=[1], axis=-1),
        layer("Mine", "s", called("in")) | {"registered_name": "mine>Mine", "module": "mine"},
    ],
)
def test_that_every_output_has_the_shape_that_its_readers_state(entry):
    one = layer("Dense", "one", [{"args": [stated("s", [None, 1])], "kwargs": {}}], units=2)
    other = layer("Dense", "other", [{"args": [stated("s", [None, 3], 1)], "kwargs": {}}], units=2)
    net = read(functional(INPUT, entry, one, other, outputs=[["one", 0, 0], ["other", 0, 0]]))
    rows = {report.name: report for report in analyze(net).layers}
    assert rows["s"].output_shapes == ((None, 1), (None, 3))
    assert (rows["one"].parameters, rows["other"].parameters) == (4, 8)
    assert read(written(net)) == net


def test_that_an_output_that_nobody_reads_hinders_none_that_is_read():
    own = layer("Mine", "s", called("in")) | {"registered_name": "mine>Mine", "module": "mine"}
    other = layer("Dense", "other", [{"args": [stated("s", [None, 3], 1)], "kwargs": {}}], units=2)
    net = read(functional(INPUT, own, other, outputs=["other", 0, 0]))
    assert {report.name: report.parameters for report in analyze(net).layers}["other"] == 8
