"""Help > About names every part, and shows the licence of each."""

import re
from pathlib import Path

from paramdesk.parts import PARTS, licence_text, system_parts
from paramdesk.ui.dialogs.about import AboutDialog
from paramdesk.ui.dialogs.licences import LicencesDialog

LOCK = Path(__file__).resolve().parents[3] / "requirements.lock"


def test_that_every_locked_package_is_named():
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK.read_text(), re.MULTILINE))
    assert locked == {part.distribution.lower().replace("_", "-") for part in PARTS if part.distribution}


def test_that_every_part_has_the_text_of_its_licence():
    assert [part.title for part in PARTS if len(licence_text(part)) < 500] == []
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in licence_text(PARTS[0])
    assert {"paramdesk", "Python"} <= set(system_parts())


def test_that_a_part_that_is_not_installed_still_says_its_licence(monkeypatch):
    monkeypatch.setattr("importlib.metadata.files", lambda _name: None)
    part = next(part for part in PARTS if not part.texts)
    assert licence_text(part) == f"{part.title} is under the licence {part.licence}."


def test_that_licences_are_shown_part_by_part(qtbot, applied_theme):
    about = AboutDialog(applied_theme)
    qtbot.addWidget(about)
    about.show_licences()
    dialog = about.findChild(LicencesDialog)
    names = [dialog.names.item(row).text() for row in range(dialog.names.count())]
    assert names[:3] == ["paramdesk", "Python", "Qt"]
    assert "MIT License" in dialog.text.toPlainText()
    dialog.names.setCurrentRow(names.index("NumPy"))
    assert "NumPy Developers" in dialog.text.toPlainText()
