import re

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QAction, QIcon, QImage, QPainter
from PySide6.QtWidgets import QToolButton

from paramdesk.resources import resource_path

FILES = sorted(resource_path("icons").glob("*.svg"))


def solid_colours(pixmap):
    """Return the colours of the pixels that are drawn in full."""
    image = pixmap.toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {pixel.name() for pixel in pixels if pixel.alpha() > 250}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_that_an_icon_is_of_one_colour_on_the_common_grid(path):
    text = path.read_text(encoding="utf-8")
    assert 'viewBox="0 0 20 20"' in text
    assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', text)) <= {"none", "currentColor"}
    assert "style=" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_that_every_icon_can_be_drawn(icons, path):
    pixmap = icons.pixmap(path.stem, "text2", 20)
    assert not pixmap.toImage().allGray() or solid_colours(pixmap) or path.stem


def test_that_an_icon_is_sharp_on_a_fine_screen(icons):
    pixmap = icons.pixmap("undo", "text", 16, 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.devicePixelRatio() == 2


def test_that_an_icon_has_the_colour_it_is_asked_for(icons, theme):
    assert solid_colours(icons.pixmap("plus", "accent", 20, 2.0)) == {theme.tokens.accent.name()}
    red = theme.tokens.error
    assert solid_colours(icons.pixmap("plus", red, 20, 2.0)) == {red.name()}


def test_that_a_category_colours_its_icon(icons, theme):
    assert theme.category_color("pool").name() in solid_colours(icons.pixmap("plus", "pool", 20, 2.0))


@pytest.mark.parametrize(
    ("mode", "state", "token"),
    [
        (QIcon.Mode.Normal, QIcon.State.Off, "text2"),
        (QIcon.Mode.Disabled, QIcon.State.Off, "disabled"),
        (QIcon.Mode.Normal, QIcon.State.On, "accent"),
        (QIcon.Mode.Disabled, QIcon.State.On, "disabled"),
    ],
)
def test_that_every_state_has_its_tint(icons, theme, mode, state, token):
    pixmap = icons.icon("plus").pixmap(QSize(20, 20), 1.0, mode, state)
    assert solid_colours(pixmap) <= {getattr(theme.tokens, token).name()}
    middle = pixmap.toImage().pixelColor(10, 10)
    assert middle.name() == getattr(theme.tokens, token).name()


def test_that_the_side_of_a_dock_icon_is_filled_while_it_is_on(icons):
    def inked(filled):
        image = icons.pixmap("dleft", "text", 20, filled=filled).toImage()
        return image.pixelColor(5, 10).alpha()

    assert inked(filled=True) > inked(filled=False) + 100


def test_that_a_pixmap_is_rendered_once(icons):
    first = icons.pixmap("undo", "text", 20)
    assert icons.pixmap("undo", "text", 20).cacheKey() == first.cacheKey()


def test_that_a_change_of_theme_renews_what_follows(icons, theme, scheme, qtbot):
    button, action = QToolButton(), QAction()
    qtbot.addWidget(button)
    icons.follow(button, "plus")
    icons.follow(action, "plus")
    with qtbot.waitSignal(icons.changed):
        scheme.push(dark=True)
    for target in (button, action):
        pixmap = target.icon().pixmap(QSize(20, 20), 1.0)
        assert pixmap.toImage().pixelColor(10, 10).name() == theme.tokens.text2.name()


def test_that_a_target_follows_the_last_name_it_was_given(icons, scheme):
    action = QAction()
    icons.follow(action, "sun")
    icons.follow(action, "moon")
    scheme.push(dark=True)
    shown = action.icon().pixmap(QSize(20, 20), 1.0).toImage()
    assert shown == icons.icon("moon").pixmap(QSize(20, 20), 1.0).toImage()


def test_that_a_target_may_be_gone_when_the_theme_changes(icons, scheme):
    icons.follow(QAction(), "sun")
    scheme.push(dark=True)


def test_that_painting_centres_an_icon_in_its_room(icons, theme):
    image = QImage(40, 30, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.tokens.surface)
    painter = QPainter(image)
    icons.paint(painter, "plus", "text", QRectF(0, 5, 40, 20))
    painter.end()
    assert image.pixelColor(20, 15) == theme.tokens.text
    assert image.pixelColor(5, 15) == theme.tokens.surface
