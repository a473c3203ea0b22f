"""From an architecture to its summary."""

import msgspec
import pytest

from paramdesk.engine.analysis import MOST_ROWS, analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.edits import configure, insert_kind, rename, set_trainable
from paramdesk.engine.kinds.convolution import Conv2D
from paramdesk.engine.places import Place
from tests.helpers.networks import article_convnet, chain, kind, residual


def block_of_dense(repeat: int) -> Architecture:
    """Dense(4) in a block, repeated, behind an input of 4 values."""
    inner = Layer(2, "dense", kind("Dense", units=4), (Source(1),))
    block = Block(1, "body", (Source(0),), (Source(2),), (inner,), repeat)
    head = Layer(3, "head", kind("Dense", units=2), (Source(1),))
    return Architecture("repeated", (Layer(0, "in", kind("Input", shape=(4,))), block, head), (Source(3),), next_id=4)


def test_that_a_layer_that_cannot_be_computed_says_why_and_later_ones_wait():
    net = chain(
        kind("Input", shape=(3, 3, 8)),
        kind("Conv2D", filters=4, kernel_size=5),
        kind("Dense", units=2),
        kind("Dense", units=1),
    )
    first, failing, waiting, last = analyze(net).layers
    assert first.problem is None
    assert failing.problem.severity == "error"
    assert "kernel 5×5 is larger than the 3×3 input" in failing.problem.message
    assert failing.problem.field == "kernel_size"
    assert (failing.parameters, failing.macs, failing.output_shapes) == (None, None, ())
    for report in (waiting, last):
        assert (report.problem.severity, report.problem.message) == ("waiting", "waiting for conv2d")


def test_that_totals_are_lower_bounds_while_a_layer_is_not_computed():
    net = chain(
        kind("Input", shape=(3, 3, 8)),
        kind("Dense", units=4),
        kind("Conv2D", filters=4, kernel_size=5),
        kind("Flatten"),
    )
    summary = analyze(net)
    assert summary.totals.parameters == 8 * 4 + 4
    assert not summary.totals.complete
    assert summary.totals.layers_not_counted == 2
    assert summary.has_errors
    assert [problem.path for problem in summary.problems] == ["conv2d"]


def test_that_unknown_sizes_leave_parameters_known_and_macs_unknown():
    net = chain(kind("Input", shape=(None, None, 3)), kind("Conv2D", filters=8, kernel_size=3))
    report = analyze(net).layers[1]
    assert report.output_shapes == ((None, None, None, 8),)
    assert report.parameters == 224
    assert report.macs is None
    assert report.activation_bytes is None
    assert analyze(net).totals.macs is None


def test_that_a_weight_of_unknown_size_is_a_problem():
    net = chain(kind("Input", shape=(None,)), kind("Dense", units=3))
    assert "kernel" in analyze(net).layers[1].problem.message


def test_that_a_known_batch_counts_whatever_the_batch_box_says():
    net = chain(kind("Input", shape=(4,), batch_size=5), kind("Dense", units=3))
    assert analyze(net, batch=2).layers[1].macs == 5 * 12


def test_that_a_frozen_layer_moves_parameters_and_changes_no_total():
    net = article_convnet()
    frozen = analyze(set_trainable(net, [1], trainable=False).architecture).totals
    assert (frozen.parameters, frozen.trainable, frozen.non_trainable) == (93_322, 93_002, 320)
    assert frozen.statistics == 0


@pytest.mark.parametrize("repeat", [1, 2, 7])
def test_that_a_block_repeated_n_times_counts_n_times(repeat):
    summary = analyze(block_of_dense(repeat))
    assert summary.totals.parameters == repeat * 20 + 10
    paths = [report.path for report in summary.layers]
    assert paths[1] == ("body/dense" if repeat == 1 else "body.1/dense")
    assert len({report.key for report in summary.layers}) == repeat + 2


def test_that_repetitions_read_each_other():
    summary = analyze(block_of_dense(3))
    assert [report.inputs for report in summary.layers[1:]] == [
        ("in",), ("body.1/dense",), ("body.2/dense",), ("body.3/dense",),
    ]  # fmt: skip


@pytest.mark.parametrize("is_empty", [False, True])
def test_that_a_small_file_cannot_ask_for_billions_of_rows(is_empty):
    inner = block_of_dense(10**9).layers[1]
    if is_empty:
        inner = msgspec.structs.replace(inner, layers=(), outputs=(Source(1),))
    outer = Block(9, "outer", (Source(0),), (Source(1),), (msgspec.structs.replace(inner, inputs=(Source(9),)),), 10**9)
    net = Architecture("bomb", (Layer(0, "in", kind("Input", shape=(4,))), outer), (Source(9),), next_id=10)
    summary = analyze(net)
    assert len(summary.layers) <= MOST_ROWS
    assert not summary.totals.complete
    assert "200,000" in summary.notes[0]


def test_that_an_edit_keeps_the_reports_of_what_it_does_not_touch():
    net = article_convnet()
    before = analyze(net)
    after = analyze(configure(net, 5, filters=32).architecture, before)
    kept = [old is new for old, new in zip(before.layers, after.layers, strict=True)]
    assert kept == [True] * 5 + [False] * 3 + [True]


def test_that_renaming_a_layer_renews_what_reads_it_and_nothing_below():
    net = article_convnet()
    before = analyze(net)
    after = analyze(rename(net, 1, "first").architecture, before)
    assert after.layers[2].inputs == ("first",)
    assert [old is new for old, new in zip(before.layers, after.layers, strict=True)][3:] == [True] * 6


def test_that_a_kept_analysis_equals_a_fresh_one():
    net = residual(3)
    summary = analyze(net)
    for layer_id, filters in ((2, 4), (2, 8), (1, 3), (1, 8)):
        net = configure(net, layer_id, filters=filters).architecture
        summary = analyze(net, summary)
        fresh = analyze(net)
        for kept, new in zip(summary.layers, fresh.layers, strict=True):
            assert msgspec.structs.asdict(kept) == msgspec.structs.asdict(new)
        assert summary.totals == fresh.totals


@pytest.fixture
def computed(monkeypatch):
    """Return the convolutions whose output was worked out, one for each time."""
    made, output = [], Conv2D.output

    def watched(self, x):
        made.append(self)
        return output(self, x)

    monkeypatch.setattr(Conv2D, "output", watched)
    return made


def stack_of(count: int, **options: object) -> Architecture:
    """Convolutions that are all alike, behind an input of as many channels as they have filters."""
    made = kind("Conv2D", filters=4, kernel_size=3, padding="same", **options)
    return chain(kind("Input", shape=(32, 32, 4)), *[made] * count)


def test_that_of_layers_that_are_alike_one_is_computed_and_each_reports_its_own(computed):
    net = stack_of(20)
    summary = analyze(net)
    assert len(computed) == 1
    assert [report.path for report in summary.layers] == [layer.name for layer in net.layers]
    assert [report.inputs for report in summary.layers[1:]] == [(layer.name,) for layer in net.layers[:-1]]
    assert [report.receptive_field for report in summary.layers[1:]] == [(n, n) for n in range(3, 42, 2)]
    assert summary.totals.parameters == 20 * (3 * 3 * 4 + 1) * 4


def test_that_layers_that_are_alike_and_refused_say_so_each_for_itself():
    wide = kind("Conv2D", filters=4, kernel_size=5)
    net = chain(kind("Input", shape=(3, 3, 4)), wide)
    twice = msgspec.structs.replace(net, layers=(*net.layers, Layer(2, "other", wide, (Source(0),))))
    refused = [problem for problem in analyze(twice).problems if problem.severity == "error"]
    assert [(problem.path, problem.key) for problem in refused] == [("conv2d", (1,)), ("other", (2,))]


def test_that_a_convolution_inserted_above_others_only_enlarges_what_they_see(computed):
    net = stack_of(20)
    before = analyze(net)
    computed.clear()
    edited = insert_kind(net, kind("Conv2D", filters=4, kernel_size=5, padding="same"), Place(10)).architecture
    after = analyze(edited, before)
    assert len(computed) == 2  # the new one, and the one that reads it now
    assert after.layers[-1].receptive_field == (45, 45)
    for kept, new in zip(after.layers, analyze(edited).layers, strict=True):
        assert msgspec.structs.asdict(kept) == msgspec.structs.asdict(new)


def test_that_an_edit_without_effect_below_keeps_the_reports_below():
    net = stack_of(20)
    before = analyze(net)
    after = analyze(insert_kind(net, kind("ReLU"), Place(10)).architecture, before)
    assert [old is new for old, new in zip(before.layers[12:], after.layers[13:], strict=True)] == [True] * 9


def test_that_a_layer_that_nothing_reads_is_counted_and_named():
    net = article_convnet()
    stray = Layer(99, "stray", kind("Dense", units=1), (Source(7),))
    net = msgspec.structs.replace(net, layers=(*net.layers, stray))
    summary = analyze(net)
    assert [(problem.path, problem.severity) for problem in summary.problems] == [("stray", "warning")]
    assert not summary.has_errors
    assert summary.totals.parameters == 93_322 + 65


def test_that_a_layer_that_cannot_be_computed_and_is_not_read_is_listed_once():
    net = article_convnet()
    extra = Layer(9, "extra", kind("Conv2D", filters=3, kernel_size=99), (Source(0),))
    net = msgspec.structs.replace(net, layers=(*net.layers, extra), next_id=10)
    assert [(problem.path, problem.severity) for problem in analyze(net).problems] == [("extra", "error")]


def test_that_a_layer_without_input_says_what_to_do():
    net = Architecture("lonely", (Layer(0, "dense", kind("Dense", units=3)),), (Source(0),), next_id=1)
    assert "Input" in analyze(net).layers[0].problem.message


def test_that_an_empty_architecture_has_an_empty_summary():
    summary = analyze(Architecture())
    assert summary.layers == ()
    assert summary.totals.parameters == 0
    assert summary.totals.complete


def test_that_with_input_changes_the_shape_of_the_one_input():
    net = article_convnet().with_input((56, 56, 3))
    assert analyze(net).layers[1].parameters == 896
    with pytest.raises(KeyError, match="no input named"):
        article_convnet().with_input({"other": (1,)})


@pytest.mark.parametrize("source", [Source(7), Source(0, 3), Source(0, -1), Source(2), Source(1)])
def test_that_a_source_that_leads_nowhere_is_a_problem_of_its_reader(source):
    net = block_of_dense(2)
    head = msgspec.structs.replace(net.layers[2], inputs=(source,))
    reports = analyze(msgspec.structs.replace(net, layers=(*net.layers[:2], head))).layers
    assert (reports[-1].problem is None) == (source == Source(1))
    block = msgspec.structs.replace(net.layers[1], outputs=(source,))
    analyze(msgspec.structs.replace(net, layers=(net.layers[0], block, net.layers[2]), outputs=(source,)))


@pytest.mark.parametrize("size", [7, None])
def test_that_a_number_without_end_is_refused(size):
    enlarged = [kind("UpSampling1D", size=2**31 - 1)] * 500
    summary = analyze(chain(kind("Input", shape=(size, 3) if size else (3, None)), *enlarged))
    assert "2²⁰⁰" in summary.problems[0].message
    widened = [kind("Conv1D", filters=2**31 - 1, kernel_size=2**31 - 1, padding="same")] * 3 + enlarged
    assert "2²⁰⁰" in analyze(chain(kind("Input", shape=(5, 3)), *widened)).problems[0].message
    strided = [kind("MaxPooling1D", pool_size=2, strides=2**31 - 1, padding="same")] * 500
    assert analyze(chain(kind("Input", shape=(5, 3)), *strided)).layers[-1].receptive_field is None


def test_that_a_warning_about_misaligned_inputs_comes_and_goes_with_its_cause():
    net = residual(1)
    summary = analyze(net)
    for strides, dilation, is_warned in ((1, 1, False), (2, 1, True), (1, 1, False)):
        net = configure(net, 1, strides=strides, padding="same").architecture
        net = configure(net, 2, dilation_rate=dilation).architecture
        net = configure(net, 0, shape=(1, 1, 8)).architecture
        summary = analyze(net, summary)
        assert (summary.layers[-1].problem is not None) is is_warned
        assert [p.message for p in summary.problems] == [p.message for p in analyze(net).problems]


def test_that_an_output_that_is_not_there_is_said():
    net = msgspec.structs.replace(article_convnet(), outputs=(Source(8, 1),))
    assert "output of the network" in analyze(net).notes[0]


def test_that_layers_in_a_block_which_reads_nothing_say_what_to_do():
    inner = Block(1, "inner", (Source(0),), (Source(2),), (Layer(2, "dense", kind("Dense", units=4), (Source(1),)),))
    outer = Block(0, "outer", (), (Source(3),), (inner, Layer(3, "dense", kind("Dense", units=4), (Source(1),))))
    summary = analyze(Architecture("pasted", (outer,), (Source(0),), next_id=4))
    assert [(report.path, report.problem.message) for report in summary.layers] == [
        ("outer/inner/dense", "nothing comes in: put an Input above it, or choose what it reads"),
        ("outer/dense", "waiting for outer/inner/dense"),
    ]


def test_that_a_normalization_that_owns_nothing_is_reported_on_whatever_it_is_told():
    bare = {"renorm": True, "track_running_stats": False, "scale": False, "center": False, "declared": 4}
    net = chain(kind("Input", shape=(4,)), kind("BatchNormalization", **bare))
    for framework in ("keras", "pytorch"):
        report = analyze(msgspec.structs.replace(net, framework=framework)).layers[-1]
        assert (report.problem.severity, report.parameters or 0) == ("error", 0)


def test_that_an_exit_of_a_block_can_be_read_where_another_one_is_not_there():
    wrong = Layer(1, "wrong", kind("Conv2D", filters=4, kernel_size=99), (Source(9, 0),))
    right = Layer(2, "right", kind("Conv2D", filters=4, kernel_size=3), (Source(9, 0),))
    block = Block(9, "block", (Source(0),), (Source(1), Source(2)), (wrong, right))
    of_wrong = Layer(3, "of_wrong", kind("Flatten"), (Source(9, 0),))
    of_right = Layer(4, "of_right", kind("Flatten"), (Source(9, 1),))
    start = Layer(0, "start", kind("Input", shape=(8, 8, 3)))
    net = Architecture("exits", (start, block, of_wrong, of_right), (Source(4),), next_id=10)
    rows = {report.name: report for report in analyze(net).layers}
    assert rows["of_right"].output_shapes == ((None, 144),)
    assert rows["of_right"].inputs == ("block/right",)
    assert rows["of_wrong"].problem.message == "waiting for block/wrong"
