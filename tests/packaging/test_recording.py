"""What a build notes of its source, so that the self-test of a copy can miss what was lost."""

import ast
import json
import os

import msgspec
import pytest

from installers import recording
from paramdesk import self_test
from paramdesk.self_test import Recorded


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """Records the source, changed as a test asks, for the self-test of this process."""

    def make(**changes):
        noted = {**recording.recorded(), **changes}
        (tmp_path / "recorded.json").write_text(json.dumps(noted))
        kept = self_test.resource_path

        def place(*parts):
            return tmp_path / "recorded.json" if parts == ("recorded.json",) else kept(*parts)

        monkeypatch.setattr(self_test, "resource_path", place)
        return {line.partition(": ")[0]: (is_good, line) for is_good, line in self_test.checked()}

    return make


def test_that_what_is_recorded_is_what_the_self_test_reads():
    assert set(recording.recorded()) == set(Recorded.__struct_fields__)
    msgspec.convert(recording.recorded(), Recorded)


def test_that_a_whole_copy_passes(copy, qapp):
    assert [line for is_good, line in copy().values() if not is_good] == []


def test_that_a_copy_that_lost_something_says_what(copy, qapp):
    noted = recording.recorded()
    found = copy(
        kinds=[*noted["kinds"], "LostKind"],
        formats=[*noted["formats"], "lost_format"],
        icons=noted["icons"][1:],
        modules=["paramdesk.engine.lost_module"],
        templates={**noted["templates"], "vgg16": 1},
        table=noted["table"] + "one line more",
    )
    failed = {name: line for name, (is_good, line) in found.items() if not is_good}
    assert set(failed) == {"kinds", "formats", "icons", "modules", "templates", "CSV"}
    assert "lost: LostKind" in failed["kinds"]
    assert "lost_module" in failed["modules"]
    assert "not to 1" in failed["templates"]


def test_that_words_on_standard_error_are_noticed(copy, qapp, monkeypatch):
    monkeypatch.setattr(self_test, "_icons", lambda: str(os.write(2, b"Qt: something is amiss\n")))
    is_good, line = copy()["standard error"]
    assert (is_good, line) == (False, "standard error: Qt: something is amiss")


def test_that_imports_in_functions_count_and_those_for_annotations_do_not():
    source = "import a.b\nif TYPE_CHECKING:\n    import c\ndef f():\n    from json import decoder, loads\n"
    assert list(recording.imported(ast.parse(source))) == ["a.b", "json", "json.decoder"]
