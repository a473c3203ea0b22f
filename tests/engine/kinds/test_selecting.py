"""Parts of tensors, and tensors for every sample: shapes as PyTorch 2.14.1 gave them."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Layer, Source
from paramdesk.engine.layer_kind import kinds
from tests.helpers.networks import kind


def report_of(made, *shapes, batch=None):
    """The report of a layer of a PyTorch network on inputs of these shapes, the batch left out."""
    inputs = [
        Layer(n, f"x{n}", kinds()["Input"].from_options({"shape": shape, "batch_size": batch}))
        for n, shape in enumerate(shapes)
    ]
    count = len(inputs)
    last = Layer(count, "last", made, tuple(Source(n) for n in range(count)))
    return analyze(
        Architecture("test", (*inputs, last), (Source(count),), "pytorch", "channels_first", count + 1)
    ).layers[-1]


@pytest.mark.parametrize(
    ("size", "chunks", "parts"),
    [
        (116, 2, [58, 58]),
        (7, 4, [2, 2, 2, 1]),
        (5, 4, [2, 2, 1]),
        (3, 8, [1, 1, 1]),
        (10, 3, [4, 4, 2]),
        (0, 3, [0, 0, 0]),
        (6, 1, [6]),
    ],
)
def test_that_the_last_chunk_is_smaller_and_that_there_may_be_fewer(size, chunks, parts):
    found = report_of(kind("Chunk", chunks=chunks), (size, 4))
    assert found.output_shapes == tuple((None, part, 4) for part in parts)


def test_that_nobody_knows_how_many_chunks_there_are_of_what_is_not_known():
    problem = report_of(kind("Chunk", chunks=3), (None, 4)).problem
    assert (problem.severity, problem.field) == ("error", "axis")
    assert "depends on the size of axis 1" in problem.message
    assert report_of(kind("Chunk", chunks=2, axis=-1), (None, 4)).output_shapes == ((None, None, 2),) * 2


def test_that_chunks_of_channels_see_what_their_input_sees():
    assert report_of(kind("Chunk", chunks=2), (8, 6, 6)).receptive_field == (1, 1)
    assert report_of(kind("Chunk", chunks=2, axis=2), (8, 6, 6)).receptive_field is None


@pytest.mark.parametrize(
    ("options", "made"),
    [
        ({}, (None, 768)),
        ({"index": -197}, (None, 768)),
        ({"axis": 2, "index": 767}, (None, 197)),
        ({"axis": 0}, (197, 768)),
    ],
)
def test_that_selecting_a_place_drops_its_axis(options, made):
    assert report_of(kind("Select", **options), (197, 768)).output_shapes == (made,)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (kind("Select", index=197), "place 197 does not exist: axis 1 of the input (None, 197, 768) has 197"),
        (kind("Select", index=-198), "place -198 does not exist"),
        (kind("Select", axis=3), "axis 3 does not exist"),
        (kind("Chunk", chunks=2, axis=-4), "axis -4 does not exist"),
    ],
)
def test_that_what_is_not_there_is_refused(made, message):
    assert message in report_of(made, (197, 768)).problem.message


def test_that_a_token_comes_before_every_sample():
    token = Layer(1, "token", kind("Parameter", shape=(1, 1, 768)))
    for batch in (None, 5):
        image = Layer(0, "patches", kind("Input", shape=(196, 768), batch_size=batch))
        expand = Layer(2, "expand", kind("ExpandBatch"), (Source(1), Source(0)))
        join = Layer(3, "join", kind("Concatenate", axis=1), (Source(2), Source(0)))
        network = Architecture("test", (image, token, expand, join), (Source(3),), "pytorch", "channels_first", 4)
        assert [report.output_shapes[0] for report in analyze(network).layers[2:]] == [
            (batch, 1, 768),
            (batch, 197, 768),
        ]


def test_that_many_samples_cannot_become_others():
    assert report_of(kind("ExpandBatch"), (3,), (4,), batch=5).output_shapes == ((5, 3),)
    wide = Layer(0, "wide", kind("Input", shape=(3,), batch_size=2))
    other = Layer(1, "other", kind("Input", shape=(4,), batch_size=5))
    last = Layer(2, "last", kind("ExpandBatch"), (Source(0), Source(1)))
    network = Architecture("test", (wide, other, last), (Source(2),), "pytorch", "channels_first", 3)
    message = "the input (2, 3) has a batch of 2, which cannot become one of 5"
    assert analyze(network).layers[-1].problem.message == message
