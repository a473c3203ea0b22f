import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from paramdesk.ui.style import tokens
from paramdesk.ui.style.theme import FixedScheme, SystemScheme, Theme
from paramdesk.ui.style.tokens import contrast

VARIANTS = {
    "light": (tokens.LIGHT, tokens.LIGHT_CATEGORIES),
    "dark": (tokens.DARK, tokens.DARK_CATEGORIES),
}
GROUNDS = ("window", "panel", "surface", "field", "band")
TEXTS = ("text", "text2", "muted", "accent", "error", "warning", "success")


@pytest.fixture(params=list(VARIANTS))
def variant(request):
    return VARIANTS[request.param]


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_that_text_can_be_read_on_every_ground(variant, text, ground):
    colours, _ = variant
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("text", "select"),
        ("accent", "select"),
        ("text2", "chip"),
        ("muted", "chip"),
        ("accent_text", "accent"),
        ("error", "error_ground"),
        ("warning", "warning_ground"),
        ("success", "success_ground"),
        ("added", "added_ground"),
        ("removed", "removed_ground"),
        ("changed", "changed_ground"),
        ("text", "changed_mark"),
    ],
)
def test_that_text_can_be_read_on_its_own_ground(variant, text, ground):
    colours, _ = variant
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("ground", ["surface", "select"])
@pytest.mark.parametrize("category", sorted(tokens.LIGHT_CATEGORIES))
def test_that_a_category_stands_out_from_its_ground(variant, category, ground):
    colours, categories = variant
    assert contrast(categories[category], getattr(colours, ground)) >= 3


@pytest.mark.parametrize(
    ("line", "grounds"),
    [
        ("field_border", ("window", "panel", "surface", "field")),
        ("spine", ("surface", "band", "select")),
    ],
)
def test_that_what_one_must_find_has_a_contrast_of_three(variant, line, grounds):
    colours, _ = variant
    for ground in grounds:
        assert contrast(getattr(colours, line), getattr(colours, ground)) >= 3, ground


def test_that_both_variants_name_the_same_categories():
    assert tokens.LIGHT_CATEGORIES.keys() == tokens.DARK_CATEGORIES.keys()


def test_that_black_on_white_has_the_greatest_contrast():
    white, black = QPalette().color(QPalette.ColorRole.Base), tokens.LIGHT.text
    assert contrast(white, white) == pytest.approx(1)
    assert contrast(black, white) == contrast(white, black)


def test_that_the_theme_follows_the_system(theme, scheme, qtbot):
    assert not theme.is_dark
    with qtbot.waitSignal(theme.theme_changed):
        scheme.push(dark=True)
    assert theme.is_dark
    assert theme.tokens is tokens.DARK


def test_that_a_pinned_theme_ignores_the_system(theme, scheme, qtbot):
    theme.scheme = "light"
    with qtbot.assertNotEmitted(theme.theme_changed):
        scheme.push(dark=True)
    assert not theme.is_dark


def test_that_the_system_holds_again_once_nothing_is_pinned(theme, scheme):
    theme.scheme = "light"
    scheme.push(dark=True)
    theme.scheme = "system"
    assert theme.is_dark


def test_that_pinning_what_is_pinned_says_nothing(theme, qtbot):
    theme.scheme = "dark"
    with qtbot.assertNotEmitted(theme.theme_changed):
        theme.scheme = "dark"


def test_that_the_system_is_heard_after_it_has_changed_its_palette(qtbot):
    source = SystemScheme()
    theme = Theme(source)
    hints = QGuiApplication.styleHints()
    with qtbot.waitSignal(theme.theme_changed):
        hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
        # Queued: nothing has come yet.
    assert not theme.is_dark  # an offscreen system stays unknown, which counts as light
    source.request("dark")
    source.request("system")


def test_that_sizes_grow_with_the_system_font(qapp):
    font = QFont()
    font.setPixelSize(26)
    theme = Theme(FixedScheme(), font=font)
    assert theme.scale == 2
    assert theme.px(36) == 72
    assert theme.pxf(1.5) == 3
    assert theme.metrics.stack_row == 72
    assert theme.font("caption").pixelSize() == 22


def test_that_a_small_system_font_makes_nothing_smaller_than_drawn(qapp):
    font = QFont()
    font.setPixelSize(9)
    assert Theme(FixedScheme(), font=font).metrics == tokens.Metrics()


def test_that_larger_text_makes_everything_larger(theme, qtbot):
    small = theme.metrics.stack_row
    with qtbot.waitSignal(theme.theme_changed):
        theme.text_scale = 1.5
    assert theme.metrics.stack_row == round(small * 1.5)


def test_that_an_absurd_text_scale_is_held_within_reason(theme):
    theme.text_scale = 100
    assert theme.text_scale == 3


def test_that_figures_are_tabular_in_every_role(theme):
    for role in ("base", "small", "caption", "figure"):
        metrics = QFontMetricsF(theme.font(role))
        assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1
        assert theme.font(role).featureTags()


def test_that_colours_are_found_by_token_and_by_category(theme):
    assert theme.color("accent") == theme.tokens.accent
    assert theme.color("conv") == theme.category_color("conv")


def test_that_an_applied_theme_changes_the_palette_of_the_application(applied_theme, scheme, qapp):
    assert qapp.palette().color(QPalette.ColorRole.Base) == tokens.LIGHT.surface
    scheme.push(dark=True)
    assert qapp.palette().color(QPalette.ColorRole.Base) == tokens.DARK.surface


def test_that_fields_are_smaller_than_running_text(applied_theme, qtbot):
    field, label = QLineEdit(), QLabel()
    for widget in (field, label):
        qtbot.addWidget(widget)
        widget.ensurePolished()
    assert field.font().pixelSize() == applied_theme.px(12)
    assert label.font().pixelSize() == applied_theme.px(13)


def test_that_a_dressed_widget_follows_the_theme(applied_theme, scheme, qtbot):
    label = QLabel("text")
    qtbot.addWidget(label)
    applied_theme.dress(label, font="caption", text="muted", ground="panel")
    label.show()
    scheme.push(dark=True)
    applied_theme.text_scale = 2

    def colours():  # Qt tells its widgets with the next events
        roles = (label.foregroundRole(), label.backgroundRole())
        return [label.palette().color(role) for role in roles]

    qtbot.waitUntil(lambda: colours() == [tokens.DARK.muted, tokens.DARK.panel])
    assert label.font() == applied_theme.font("caption")


def test_that_a_widget_dressed_twice_has_the_later_font(theme, qtbot):
    label = QLabel("text")
    qtbot.addWidget(label)
    theme.dress(label, font="caption")
    theme.dress(label, font="heading")
    theme.text_scale = 2
    assert label.font().pixelSize() == theme.font("heading").pixelSize()


def test_that_a_dressed_widget_may_be_gone_when_the_theme_changes(theme):
    theme.dress(QWidget(), font="caption")
    theme.text_scale = 2
