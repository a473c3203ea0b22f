"""Small files that would keep a reader busy for minutes: each ends soon, in a network or in one line."""

import io
import itertools
import time

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from paramdesk.engine.errors import UnreadableFile
from paramdesk.formats.onnx.messages import message
from paramdesk.formats.onnx.slimming import MOST_FIELDS
from tests.helpers.onnx_files import node, numbers, onnx_file, read_onnx

SECONDS = 8
"""A busy machine takes so much longer than the second or two that these files may take."""


@pytest.fixture(autouse=True)
def soon():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SECONDS


def in_a_row(op, count, start="x", **attributes):
    """Nodes one behind the other, and what the last one makes."""
    values = [start, *(f"{op}{place}" for place in range(count))]
    return [node(op, [a], [b], **attributes) for a, b in itertools.pairwise(values)], values[-1]


def refusal(data, format_name="onnx"):
    with pytest.raises(UnreadableFile) as caught:
        formats.read(io.BytesIO(data), format_name)
    assert "\n" not in str(caught.value)
    return caught.value.reason


# ONNX -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "circle",
    [
        [node("Identity", "b", "a"), node("Identity", "a", "b"), node("Mul", "a b", "y")],
        [node("Cast", "a", "a", to=1), node("Sigmoid", "a", "s"), node("Mul", "a s", "y")],
        [node("Cast", "b", "a", to=1), node("Cast", "a", "b", to=1), node("Div", "b a", "y")],
    ],
)
def test_that_nodes_in_a_circle_come_to_an_end(circle):
    assert read_onnx(circle, inputs={"x": (1, 3)}).layers


def test_that_many_casts_before_many_products_are_followed_once():
    casts, end = in_a_row("Cast", 2000, to=1)
    products = [node("Mul", [end, end], [f"m{place}"]) for place in range(2000)]
    assert read_onnx([*casts, *products, node("Relu", "m0", "y")], inputs={"x": (1, 3)}).layers


@pytest.mark.parametrize("innermost", [[], [node("Relu", "a", "b")]])
def test_that_functions_that_call_one_another_without_end_are_refused(innermost):
    def function(place):
        calls = [node(f"f{place + 1}", "a", "t"), node(f"f{place + 1}", "t", "b")] if place < 19 else innermost
        for call in calls if place < 19 else ():
            call.domain = b"local"
        return message("Function")(name=b"f%d" % place, domain=b"local", input=[b"a"], output=[b"b"], node=calls)

    call = node("f0", "x", "y")
    call.domain = b"local"
    said = refusal(onnx_file([call], inputs={"x": (1, 3)}, functions=map(function, range(20))))
    assert "functions call one another more than" in said


def test_that_blocks_around_blocks_take_no_longer_than_their_rows():
    nodes, end = in_a_row("Relu", 1500)
    for place, each in enumerate(nodes):
        each.name = f"/{'/'.join(f's{depth}' for depth in range(30))}/relu_{place}".encode()
    nodes.append(node("Relu", [end], ["y"]))
    assert len(analyze(read_onnx(nodes, inputs={"x": (1, 3)})).layers) == 1502


def test_that_axes_without_end_become_unknown():
    axes = [numbers("axes", [0]), numbers("k", [1.0, 2.0], dtype="float32")]
    values = ["x", *(f"v{place}" for place in range(1000))]
    nodes = [node("Unsqueeze", [a, "axes"], [b]) for a, b in itertools.pairwise(values)]
    summary = analyze(read_onnx([*nodes, node("Relu", [values[-1]], "y")], axes, {"x": (1, 3)}))
    assert max(len(shape) for report in summary.layers for shape in report.output_shapes) <= 64


def test_that_a_list_of_millions_of_numbers_is_refused():
    junk = node("Relu", "x", "y", junk=[1] * (MOST_FIELDS + 1))
    assert "more than 2,000,000 entries" in refusal(onnx_file([junk], inputs={"x": (1, 3)}))


# Pickles --------------------------------------------------------------------------------------------------------------


def saved(program):
    """A file as PyTorch's older versions wrote it, of which the last pickle is this one."""
    import pickle

    about = (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True})
    return b"".join(pickle.dumps(each, protocol=2) for each in about) + b"\x80\x02" + program


def doubled(begin, one, other):
    """A value of two times a value of two times a value, and so on."""
    return begin + b"".join(one(bytes([place]), bytes([place + 1])) for place in range(40)) + other


def test_that_a_name_that_is_a_tuple_of_tuples_is_refused():
    twice = doubled(b")q\x00", lambda one, two: b"h" + one + b"h" + one + b"\x86q" + two + b"0", b"h\x28h\x00\x93.")
    assert "damaged" in refusal(saved(twice), "pytorch-weights")


def test_that_dictionaries_of_dictionaries_come_to_an_end():
    def twice(one, two):
        return b"}q" + two + b"X\x01\x00\x00\x00ah" + one + b"sX\x01\x00\x00\x00bh" + one + b"s"

    assert "more than 1,000,000 values" in refusal(saved(doubled(b"}q\x00", twice, b".")), "pytorch-weights")


def test_that_millions_of_objects_are_refused_before_they_take_the_memory():
    assert "steps in a pickle" in refusal(saved(b"](" + b"}" * 3_900_000 + b"e."), "pytorch-weights")
