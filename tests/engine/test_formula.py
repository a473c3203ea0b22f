"""Numbers that remember how they were made."""

from hypothesis import given
from hypothesis import strategies as st

from paramdesk.engine.formula import called, divides, expression_of, named, part, product, share
from paramdesk.engine.shape import UNKNOWN, is_known


def test_that_a_formula_reads_in_words_and_in_numbers():
    height, width = called("kernel height", 3), called("kernel width", 3)
    channels, filters = called("input channels", 32), called("filters", 64)
    total = (height * width * channels + 1) * filters
    assert total == 18_496
    written = expression_of(total)
    assert written.words == "(kernel height × kernel width × input channels + 1) × filters"
    assert written.numbers == "(3 × 3 × 32 + 1) × 64"


def test_that_a_division_shows_whether_it_was_rounded_down():
    stride = called("stride", 2)
    assert expression_of((called("input", 27) - 3) // stride + 1).numbers == "(27 − 3) / 2 + 1"
    assert expression_of((called("input", 28) - 3) // stride + 1).numbers == "⌊(28 − 3) / 2⌋ + 1"


def test_that_a_formula_survives_an_unknown_number():
    width = called("input width", UNKNOWN)
    written = expression_of((width - called("kernel", 3)) // called("stride", 1) + 1)
    assert written.value is None
    assert written.words == "⌊(input width − kernel) / stride⌋ + 1"
    assert written.numbers == "⌊(? − 3) / 1⌋ + 1"


@given(a=st.integers(-50, 50), b=st.integers(-50, 50), c=st.integers(1, 50))
def test_that_a_quantity_counts_as_the_plain_number_does(a, b, c):
    x, y, z = called("x", a), called("y", b), called("z", c)
    assert (x + y) * z - y // z + a == (a + b) * c - b // c + a
    assert expression_of(x * y - z).value == a * b - c
    assert (a - x, a * y, a + z, b // z) == (0, a * b, a + c, b // c)


@given(a=st.integers(0, 9), b=st.integers(0, 9), c=st.integers(1, 9), d=st.integers(1, 9))
def test_that_the_numbers_of_a_formula_work_out_to_its_value(a, b, c, d):
    x, y, z, w = called("x", a), called("y", b), called("z", c), called("w", d)
    for made in (x - (y - z), x - y - z, x // (z // w + 1), x // z * w, w * (x // z), (x + y) * (z - w), z - (x + y)):
        written = expression_of(made).numbers.replace("×", "*").replace("−", "-").replace("/", "//")
        plain = written.replace("⌊", "(").replace("⌋", ")")
        assert eval(plain, {"__builtins__": {}}) == made, written  # noqa: S307  # a formula of this test's own making


def test_that_naming_leaves_plain_numbers_alone():
    assert type(named("channels", 3)) is int
    assert named("channels", UNKNOWN) is UNKNOWN
    assert expression_of(named("input channels", called("channels", 3) * 2)).words == "input channels"


def test_that_helpers_know_unknown_numbers():
    assert not is_known(product((3, UNKNOWN, 2)))
    assert product(()) == 1
    assert divides(4, UNKNOWN)
    assert not divides(4, 6)
    assert expression_of(share(called("channels", 8), 1)).words == "channels"
    assert expression_of(share(called("channels", 8), called("groups", 2))).numbers == "8 / 2"


def test_that_a_part_stands_under_its_name_and_still_knows_how_it_is_made():
    length, channels = called("length", 7), called("channels", 16)
    whole = part("queries", length * channels) + part("keys", length * 2)
    assert whole == 126
    written = expression_of(whole)
    assert (written.words, written.numbers) == ("queries + keys", "112 + 14")
    assert [operand.made.numbers for operand in written.operands] == ["7 × 16", "7 × 2"]
    assert part("queries", 5) == 5


def test_that_an_unknown_number_is_named_on_either_side_of_a_plain_one():
    unknown = called("size", UNKNOWN)
    made = [unknown + 3, 3 + unknown, unknown - 3, 3 - unknown, unknown * 3, 3 * unknown, unknown // 3, 3 // unknown]
    assert not any(map(is_known, made))
    assert [expression_of(one).words for one in made] == [
        "size + 3", "3 + size", "size − 3", "3 − size", "size × 3", "3 × size", "⌊size / 3⌋", "⌊3 / size⌋",
    ]  # fmt: skip


def test_that_what_is_added_and_taken_away_again_is_not_told():
    a, b, c = called("a", 5), called("b", 6), called("c", 7)
    assert expression_of(a + b + c - c).words == "a + b"
    assert expression_of(a + c - c).words == "a"
    assert int(a + b + c - c) == 11
