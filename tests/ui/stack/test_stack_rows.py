import msgspec

from paramdesk.engine import edits
from paramdesk.engine.analysis import analyze
from paramdesk.engine.architecture import Architecture, Block, Layer, Source
from paramdesk.engine.places import enclosing, topmost
from paramdesk.ui.stack.outline import caption
from paramdesk.ui.stack.stack_rows import same_row, stack_rows
from tests.helpers.networks import article_convnet, chain, kind


def rows_of(architecture, folded=frozenset(), former=()):
    return stack_rows(architecture, analyze(architecture), folded, former)


def repeated(times=3):
    """An input, a block of two convolutions with a skip, and a head."""
    convolution = kind("Conv2D", filters=8, kernel_size=3, padding="same")
    inside = (
        Layer(2, "conv_a", convolution, (Source(1),)),
        Layer(3, "conv_b", convolution, (Source(2),)),
        Layer(4, "add", kind("Add"), (Source(3), Source(1))),
    )
    block = Block(1, "stage", (Source(0),), (Source(4),), inside, times)
    return Architecture(
        "staged",
        (
            Layer(0, "input", kind("Input", shape=(16, 16, 8))),
            block,
            Layer(5, "flatten", kind("Flatten"), (Source(1),)),
        ),
        (Source(5),),
        next_id=6,
    )


def test_that_a_row_says_all_of_its_layer():
    row = rows_of(article_convnet())[3]
    assert row.sentence() == "conv2d_1, Conv2D, 64 filters, 3×3, ReLU, output 11 × 11 × 64, 18,496 parameters"
    assert (row.category, row.state, row.depth, row.is_open) == ("conv", "computed", 0, None)


def test_that_an_edit_makes_only_the_rows_anew_that_it_changes():
    before = article_convnet()
    summary = analyze(before)
    former = stack_rows(before, summary)
    after = edits.configure(before, 7, units=65).architecture
    new = stack_rows(after, analyze(after, summary), former=former)
    assert [a is b for a, b in zip(former, new, strict=True)] == [True] * 7 + [False] * 2


def test_that_the_same_shown_from_other_reports_is_the_same_row():
    first, second = rows_of(article_convnet()), rows_of(article_convnet())
    assert first[1] is not second[1]
    assert same_row(first[1], second[1])
    assert not same_row(first[1], first[2])


def test_that_a_block_counts_all_repeats_and_its_rows_one():
    block, first = rows_of(repeated(3))[1:3]
    assert (first.count, first.depth, first.parent) == ("584", 1, 1)
    assert (block.count, block.repeat) == ("3,504", 3)
    assert block.digest == "3 layers, 1,168 per repeat"
    assert block.shape == "16 × 16 × 8"


def test_that_a_closed_block_hides_its_rows():
    names = [row.name for row in rows_of(repeated(), frozenset({1}))]
    assert names == ["input", "stage", "flatten"]


def test_that_the_last_row_of_an_opened_block_ends_it():
    assert [row.ends for row in rows_of(repeated())] == [0, 0, 0, 0, 1, 0]
    assert rows_of(repeated(), frozenset({1}))[1].ends == 0


def test_that_an_empty_block_ends_itself():
    block = Block(1, "empty", (Source(0),), (Source(1),), ())
    network = Architecture("n", (Layer(0, "input", kind("Input", shape=(4,))), block), (Source(1),), next_id=2)
    assert [row.ends for row in rows_of(network)] == [0, 1]


def test_that_a_row_says_what_it_reads_if_that_is_not_the_row_above():
    rows = rows_of(repeated())
    assert rows[2].digest == "8 filters, 3×3, same"
    assert rows[4].digest == "conv_b + block input"


def test_that_an_error_says_its_reason_and_the_rows_after_wait():
    broken = chain(
        kind("Input", shape=(3, 3, 1)),
        kind("Conv2D", filters=8, kernel_size=5),
        kind("Flatten"),
    )
    rows = rows_of(broken)
    assert [row.state for row in rows] == ["computed", "error", "waiting"]
    assert rows[1].reason.startswith("kernel 5×5 is larger than the 3×3 input")
    assert rows[2].sentence() == "flatten, Flatten, waiting for conv2d"
    assert rows[1].count == "–"


def test_that_an_error_in_a_later_repeat_is_shown_by_the_block():
    # The first repeat fits, the second does not: 8 → 4 → 0.
    shrink = Layer(2, "conv", kind("Conv2D", filters=1, kernel_size=5), (Source(1),))
    block = Block(1, "stage", (Source(0),), (Source(2),), (shrink,), 2)
    network = Architecture("n", (Layer(0, "input", kind("Input", shape=(8, 8, 1))), block), (Source(1),), next_id=3)
    rows = rows_of(network)
    assert [row.state for row in rows] == ["computed", "error", "computed"]
    assert rows[1].reason.startswith("stage.2/conv: kernel 5×5")


def test_that_a_closed_block_says_what_is_wrong_inside():
    bad = edits.configure(repeated(1), 2, kernel_size=(30, 30), padding="valid").architecture
    closed = rows_of(bad, frozenset({1}))
    assert closed[1].state == "error"
    assert "conv_a: kernel 30×30" in closed[1].reason
    assert rows_of(bad)[1].reason == "conv_a cannot be computed"
    named = edits.rename(bad, next(node.id for node in bad.nodes() if node.name == "conv_a"), "0").architecture
    assert rows_of(named)[1].reason == "“0” cannot be computed"


def test_that_only_layers_with_weights_show_a_lock():
    frozen = edits.set_trainable(article_convnet(), (1, 2), trainable=False).architecture
    assert [row.is_frozen for row in rows_of(frozen)][:4] == [False, True, False, False]


def test_that_an_unread_row_warns():
    network = article_convnet()
    extra = Layer(9, "extra", kind("Dense", units=3), (Source(6),))
    network = msgspec.structs.replace(network, layers=(*network.layers, extra), next_id=10)
    row = rows_of(network)[-1]
    assert (row.state, row.reason[:16]) == ("warning", "nothing reads it")
    assert row.digest == "3 units, from flatten"


def test_that_the_caption_counts_layers_without_the_input():
    network = article_convnet()
    assert caption(network, analyze(network)) == "8 layers, 28 × 28 × 1 in, 10 out"
    assert caption(repeated(3), analyze(repeated(3))) == "10 layers when unrolled, 16 × 16 × 8 in, 2,048 out"
    assert caption(Architecture(), analyze(Architecture())) == "0 layers"


def test_that_what_stands_in_a_selected_block_is_not_meant_twice():
    assert [node.id for node in topmost(repeated(), (5, 3, 1))] == [1, 5]
    assert enclosing(repeated(), 3) == (1,)
    assert enclosing(repeated(), 5) == ()


def test_that_an_image_with_its_channels_first_has_them_told_apart_in_its_row():
    network = chain(kind("Input", shape=(3, 32, 24)))
    row = rows_of(msgspec.structs.replace(network, framework="pytorch", layout="channels_first"))[0]
    assert row.digest == "32 × 24, 3 channels"
