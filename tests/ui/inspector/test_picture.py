"""The picture of a layer, as data."""

import pytest

from paramdesk.engine.analysis import analyze
from paramdesk.engine.example import example
from paramdesk.engine.layer_kind import kinds
from paramdesk.ui.inspector.picture import picture
from paramdesk.ui.inspector.scene import WIDTH, Dot, Label, Lines, Polygon
from paramdesk.ui.inspector.slab import BASE, CELL, Extent, depth_of, extent_of, placed_pair
from tests.helpers.networks import article_convnet, chain, kind


def scene_of(architecture, name):
    return picture(next(report for report in analyze(architecture).layers if report.name == name))


def texts(scene):
    return [item.text for item in scene.items if isinstance(item, Label)]


def reach(scene):
    """Return the left, top, right and bottom edge of what is drawn, but for labels."""
    points = []
    for item in scene.items:
        if isinstance(item, Polygon):
            points += item.points
        elif isinstance(item, Lines):
            points += [point for segment in item.segments for point in segment]
        elif isinstance(item, Dot):
            points.append(item.centre)
    across, down = [x for x, _y in points], [y for _x, y in points]
    return min(across), min(down), max(across), max(down)


def test_that_depth_grows_with_the_channels_to_a_bound():
    assert depth_of(32) == (28, 20)
    assert depth_of(64) == depth_of(512) == (56, 40)
    assert depth_of(1) == (3.5, 2.5)


def test_that_the_articles_second_convolution_looks_as_designed():
    left, right = placed_pair(Extent(13, 13, 32), Extent(11, 11, 64), WIDTH)
    assert (left.width, left.height, left.back) == (91, 91, (28, 20))
    assert (right.width, right.height, right.back) == (77, 77, (56, 40))
    assert left.y + left.height == right.y + right.height == BASE
    assert left.x == pytest.approx(19.3, abs=1)
    assert right.right == pytest.approx(305, abs=2)


def test_that_sizes_stand_along_the_edges():
    scene = scene_of(article_convnet(), "conv2d_1")
    assert texts(scene) == ["13", "13", "32", "input", "11", "11", "64", "output"]


def test_that_the_filter_is_told_below():
    scene = scene_of(article_convnet(), "conv2d_1")
    assert scene.caption == (
        "One filter: 3 × 3 × 32 weights +\u00a01\u00a0bias",
        "64 filters give the 64 output channels",
    )
    assert scene.figure


def test_that_pooling_has_no_filter():
    scene = scene_of(article_convnet(), "max_pooling2d")
    assert scene.caption == ("The largest of 2 × 2 values", "Channel by channel: there is nothing to learn")
    assert not scene.figure


def test_that_a_dense_layer_joins_all_dots():
    scene = scene_of(chain(kind("Input", shape=(3,)), kind("Dense", units=2)), "dense")
    joins = next(item for item in scene.items if isinstance(item, Lines))
    assert len(joins.segments) == 6
    assert scene.caption == ("One unit: 3 weights +\u00a01\u00a0bias", "2 units: 6 weights and 2 biases")


@pytest.mark.parametrize("stride", [2, 3])
def test_that_the_stride_shows_where_the_window_goes_next(stride):
    outlines = _outlines(stride)
    window = next(item for item in outlines if not item.dashed)
    following = next(item for item in outlines if item.dashed)
    assert following.points[0][0] - window.points[0][0] == pytest.approx(stride * CELL)


def test_that_a_window_that_moves_by_one_needs_no_second_outline():
    assert [item for item in _outlines(1) if item.dashed] == []


def _outlines(stride):
    net = chain(kind("Input", shape=(28, 28, 1)), kind("Conv2D", filters=1, kernel_size=3, strides=stride))
    items = scene_of(net, "conv2d").items
    return [item for item in items if isinstance(item, Polygon) and (item.dashed or item.width == 1.5)]


def test_that_another_kernel_is_another_picture():
    def window(size):
        net = chain(kind("Input", shape=(28, 28, 1)), kind("Conv2D", filters=1, kernel_size=size))
        return scene_of(net, "conv2d").items

    assert window(3) != window(5)


def test_that_same_padding_lets_the_window_begin_outside():
    net = chain(kind("Input", shape=(12, 12, 1)), kind("Conv2D", filters=1, kernel_size=3, padding="same"))
    scene = scene_of(net, "conv2d")
    front = next(item for item in scene.items if isinstance(item, Polygon) and item.fill == "surface")
    window = [item for item in scene.items if isinstance(item, Polygon) and item.width == 1.5]
    assert window[0].points[0] == (front.points[0][0] - CELL, front.points[0][1] - CELL)


def test_that_an_unknown_size_is_a_question_mark():
    scene = scene_of(chain(kind("Input", shape=(None, None, 3)), kind("Conv2D", filters=8, kernel_size=3)), "conv2d")
    assert texts(scene) == ["?", "?", "3", "input", "?", "?", "8", "output"]


def test_that_a_layout_with_channels_first_is_read_as_such():
    assert extent_of((None, 3, 20, 10), channels_first=True) == Extent(20, 10, 3)
    assert extent_of((None, 20, 10, 3), channels_first=False) == Extent(20, 10, 3)


def test_that_a_window_that_does_not_fit_is_drawn_as_an_error():
    scene = scene_of(chain(kind("Input", shape=(3, 3, 4)), kind("Conv2D", filters=8, kernel_size=5)), "conv2d")
    assert any(isinstance(item, Polygon) and item.line == "error" for item in scene.items)
    assert scene.description.startswith("Input 3 × 3 × 4, window 5 × 5, no output")


@pytest.mark.parametrize("name", kinds())
def test_that_every_kind_has_a_picture_within_its_frame_and_in_words(name):
    report = analyze(example(kinds()[name].preset())).layers[-1]
    scene = picture(report)
    left, top, right, bottom = reach(scene)
    assert left >= -8
    assert top >= 0
    assert right <= WIDTH + 4
    assert bottom <= scene.height
    assert scene.caption[0]
    assert "output" in scene.description.lower()


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 1, 4096), (1024, 2, 3), (2, 1024, 512), (224, 224, 3), (5, 300, 64), (None, 7, 1)]
)
def test_that_any_size_stays_within_the_frame(shape):
    report = analyze(chain(kind("Input", shape=shape), kind("Conv2D", filters=512, kernel_size=1))).layers[-1]
    left, top, right, bottom = reach(picture(report))
    assert left >= 0
    assert top >= 0
    assert right <= WIDTH + 2
    assert bottom <= BASE + 0.1
