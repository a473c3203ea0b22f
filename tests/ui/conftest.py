"""A theme of its own for every test of the window."""

import pytest


@pytest.fixture
def scheme(qapp):
    """Return the system's colour scheme, to be pushed."""
    from paramdesk.ui.style.theme import FixedScheme

    return FixedScheme()


@pytest.fixture
def theme(scheme):
    """Return a light theme that follows `scheme` and is not applied to the application."""
    from paramdesk.ui.style.theme import Theme

    return Theme(scheme)


@pytest.fixture
def applied_theme(qapp, theme):
    """Return the theme, applied to the application for as long as the test takes."""
    font, palette = qapp.font(), qapp.palette()
    theme.apply(qapp)
    yield theme
    qapp.setStyle("Fusion")
    qapp.setPalette(palette)
    qapp.setFont(font)


@pytest.fixture
def icons(theme):
    """Return the icons of the theme."""
    from paramdesk.ui.style.icons import Icons

    return Icons(theme)
