"""What holds for every format, those of tomorrow included."""

import io
import subprocess
import sys

import pytest

from paramdesk import formats
from paramdesk.engine.analysis import analyze
from tests.helpers.networks import article_convnet

EVERY = pytest.mark.parametrize("entry", formats.formats().values(), ids=lambda entry: entry.name)
BOTH_WAYS = sorted(set(formats.readers()) & set(formats.writers()))


@EVERY
def test_that_a_format_says_what_it_is_and_does_something(entry):
    assert entry.name == entry.name.lower()
    assert entry.title
    assert entry.read or entry.write or entry.table


@EVERY
def test_that_endings_begin_with_a_dot_and_are_in_small_letters(entry):
    assert all(ending.startswith(".") and ending == ending.lower() for ending in entry.endings)


@pytest.mark.parametrize("choice", [formats.readers, formats.writers, formats.tables])
def test_that_an_ending_tells_one_format(choice):
    endings = [ending for entry in choice().values() for ending in entry.endings]
    assert len(endings) == len(set(endings))


@pytest.mark.parametrize("name", BOTH_WAYS)
def test_that_a_format_recognizes_what_it_writes(name, tmp_path):
    path = tmp_path / "net.unknown"
    formats.write(article_convnet(), path, name)
    head = path.read_bytes()[:4096]
    found = [entry.name for entry in formats.readers().values() if entry.recognizes and entry.recognizes(head)]
    assert found == [name]
    assert analyze(formats.read(path)).totals.parameters == 93_322


@pytest.mark.parametrize("name", [name for name in BOTH_WAYS if not formats.formats()[name].is_copy])
def test_that_what_a_format_writes_it_reads_as_the_same_layers(name):
    content = formats.content(article_convnet(), formats.formats()[name])
    again = formats.read(io.BytesIO(content), name)
    assert again.layers == article_convnet().layers
    assert again.outputs == article_convnet().outputs


@pytest.mark.parametrize("name", sorted(formats.writers()))
def test_that_the_same_architecture_is_written_as_the_same_bytes(name):
    first, second = (formats.content(article_convnet(), formats.formats()[name]) for _ in range(2))
    assert first == second


def test_that_a_table_can_be_written_to_a_file(tmp_path):
    summary = analyze(article_convnet())
    formats.write_table(summary, tmp_path / "table.csv")
    formats.write_table(summary, tmp_path / "table.dat", "csv")
    assert (tmp_path / "table.csv").read_bytes() == (tmp_path / "table.dat").read_bytes()


def test_that_a_table_format_that_there_is_not_is_said():
    with pytest.raises(KeyError, match="there is no table format 'xlsx': there are csv, "):
        formats.table(analyze(article_convnet()), "xlsx")


def test_that_looking_for_the_formats_loads_nothing_that_only_one_of_them_needs():
    report = "import sys; from paramdesk import formats; formats.formats(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", report], capture_output=True, text=True, check=True)
    unneeded = {f"paramdesk.formats.{name}" for name in ("keras.reading", "native.writing", "templates", "unrolling")}
    assert not unneeded & set(done.stdout.split())
