import pytest

from paramdesk.engine.layer_kind import kinds
from paramdesk.engine.shape import FRAMEWORKS
from paramdesk.formats.templates import blocks
from paramdesk.ui.categories import SECTIONS
from paramdesk.ui.palette.kind_search import search
from paramdesk.ui.palette.palette_rows import BlockRow, KindRow, SectionRow, about, offered, palette_rows


def found(query):
    return [match.name for match in search(query, kinds())]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("dense", "Dense"),
        ("conv2d", "Conv2D"),
        ("conv 2d", "Conv2D"),
        ("CONV2D", "Conv2D"),
        ("transpose 2d", "Conv2DTranspose"),
        ("fully connected", "Dense"),
        ("linear", "Dense"),
        ("batchnorm2d", "BatchNormalization"),
        ("max_pool", "MaxPooling1D"),
        ("relu", "ReLU"),
        ("skip", "Add"),
    ],
)
def test_that_a_kind_is_found_by_what_people_call_it(query, best):
    assert found(query)[0] == best


def test_that_every_kind_is_found_first_by_its_own_name():
    assert [name for name in kinds() if found(name)[0] != name] == []


def test_that_every_kind_is_found_by_each_of_its_other_names():
    lost = [
        (name, spelling)
        for name, kind in kinds().items()
        for framework in kind.spellings
        for spelling in kind.names_in(framework)
        if name not in found(spelling)
    ]
    assert lost == []


def test_that_a_match_shows_where_and_why_it_was_found():
    match = search("linear", kinds())[0]
    assert (match.name, match.marked, match.why, match.why_marked) == ("Dense", (), "Linear", ((0, 6),))
    match = search("pool 2d", kinds())[0]
    assert (match.name, match.why) == ("MaxPooling2D", "")
    assert [match.name[begin:end] for begin, end in match.marked] == ["Pool", "2D"]


def test_that_nothing_is_found_for_nonsense_and_for_nothing():
    assert search("xyzzy", kinds()) == ()
    assert search("  ", kinds()) == ()
    assert search("+-*", kinds()) == ()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_that_every_kind_of_a_framework_stands_in_its_palette_once_in_its_section(framework):
    rows = palette_rows(offered(kinds().values(), framework))
    of_it = {name for name, kind in kinds().items() if kind.names_in(framework) or kind.is_input}
    unoffered = {name for name, kind in kinds().items() if not kind.is_offered}
    assert sorted(row.kind for row in rows if isinstance(row, KindRow)) == sorted(of_it - unoffered)
    titles = [row.title for row in rows if isinstance(row, SectionRow)]
    assert titles == [title for title in SECTIONS.values() if title in titles]
    assert titles[:3] == ["Input and output", "Convolution", "Pooling"]


def test_that_a_palette_speaks_the_words_of_the_networks_framework():
    torch = offered(kinds().values(), "pytorch")
    rows = {(row.name, row.kind) for row in palette_rows(torch) if isinstance(row, KindRow)}
    assert {("Linear", "Dense"), ("Conv2d", "Conv2D"), ("cat", "Concatenate")} <= rows
    assert [(row.name, row.kind) for row in palette_rows(torch, "Dense")][:1] == [("Linear", "Dense")]
    assert "PixelShuffle" in torch
    assert "PixelShuffle" not in offered(kinds().values(), "keras")


def test_that_what_prepares_data_does_not_stand_before_what_networks_are_made_of():
    names = [row.name if isinstance(row, KindRow) else row.title for row in palette_rows(kinds())]
    assert names.index("Input") < names.index("Conv2D") < names.index("Preprocessing") < names.index("RandomFlip")
    assert [match.name for match in search("preprocessing", kinds())][:1] == ["Rescaling"]


def test_that_every_kind_says_what_it_is_in_one_sentence():
    assert [name for name, kind in kinds().items() if not about(kind).endswith((".", "!", "?"))] == []
    assert about(kinds()["Dense"]) == "Connects every input value with every unit."


def test_that_a_folded_section_keeps_its_row():
    rows = palette_rows(kinds(), folded={"conv"})
    place = [isinstance(row, SectionRow) and row.section for row in rows].index("conv")
    assert not rows[place].is_open
    assert isinstance(rows[place + 1], SectionRow)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_that_blocks_have_a_section_of_their_own(framework):
    rows = palette_rows(offered(kinds().values(), framework, blocks()))
    place = next(i for i, row in enumerate(rows) if isinstance(row, SectionRow) and row.title == "Blocks")
    shown = rows[place + 1 : place + 1 + rows[place].kinds]
    assert [row.kind for row in shown if isinstance(row, BlockRow)] == [block.name for block in blocks()]
    assert {row.category for row in shown} == {"block"}


@pytest.mark.parametrize(
    ("query", "best"),
    [("bottleneck", "residual-bottleneck"), ("unet", "unet-level"), ("transformer enc", "transformer-encoder")],
)
def test_that_a_block_is_found_by_its_words(query, best):
    rows = palette_rows(offered(kinds().values(), "keras", blocks()), query)
    assert best in [row.kind for row in rows if isinstance(row, BlockRow)]


def test_that_a_block_says_what_it_is():
    for block in blocks():
        assert about(block) == block.description
