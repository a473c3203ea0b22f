"""A file is replaced as a whole or not at all."""

import os
import stat
import sys

import pytest

from paramdesk import formats
from paramdesk.engine.architecture import Architecture
from paramdesk.engine.errors import UnwritableFile
from paramdesk.formats.replacing import replace_file

POSIX = pytest.mark.skipif(os.name == "nt", reason="permissions are of another kind there")


def test_that_a_former_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "net.paramdesk"
    path.write_bytes(b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_write_that_fails_leaves_the_former_file(tmp_path, monkeypatch):
    path = tmp_path / "net.paramdesk"
    path.write_bytes(b"old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnwritableFile, match="no space left on device"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@POSIX
def test_that_permissions_are_kept(tmp_path):
    path = tmp_path / "net.paramdesk"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@POSIX
def test_that_a_private_file_is_its_owners_whatever_was_there(tmp_path):
    path = tmp_path / "net.paramdesk"
    path.write_bytes(b"old")
    path.chmod(0o644)
    replace_file(path, b"new", is_private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@POSIX
def test_that_nobody_else_can_read_the_new_content_of_a_private_file_while_it_is_written(tmp_path, monkeypatch):
    path = tmp_path / "net.paramdesk"
    path.write_bytes(b"old")
    path.chmod(0o600)
    seen = []
    monkeypatch.setattr(os, "fsync", lambda handle: seen.append(stat.S_IMODE(os.fstat(handle).st_mode)))
    replace_file(path, b"new")
    assert (seen, stat.S_IMODE(path.stat().st_mode)) == ([0o600], 0o600)


@POSIX
def test_that_a_new_file_gets_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    replace_file(tmp_path / "net.paramdesk", b"new")
    assert (tmp_path / "net.paramdesk").stat().st_mode == (tmp_path / "usual").stat().st_mode


@POSIX
def test_that_a_link_stays_and_what_it_points_to_is_replaced(tmp_path):
    path, link = tmp_path / "net.paramdesk", tmp_path / "link.paramdesk"
    path.write_bytes(b"old")
    link.symlink_to(path)
    replace_file(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


def test_that_what_cannot_be_written_is_said(tmp_path):
    def said(path):
        with pytest.raises(UnwritableFile) as caught:
            replace_file(path, b"new")
        assert caught.value.file == str(path)
        return caught.value.reason

    assert said(tmp_path) == "it is a folder: give the name of a file in it"
    assert said(tmp_path / "none" / "net.csv") == "the folder that it should go into does not exist"
    assert said(str(tmp_path / "a\0b")) == "not a name for a file"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no such device")
def test_that_a_device_is_written_to_and_not_replaced():
    replace_file("/dev/null", b"new")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116 - as short as it gets


def test_that_the_ending_tells_the_format(tmp_path):
    for name, begins in (("net.paramdesk", "{"), ("net.csv", "path,name"), ("net.MD", "### untitled")):
        formats.write(Architecture(), tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_that_a_named_format_counts_more_than_the_ending(tmp_path):
    formats.write(Architecture(), tmp_path / "net.csv", "paramdesk")
    assert formats.read(tmp_path / "net.csv") == Architecture()


@pytest.mark.parametrize(
    ("name", "format_name", "said"),
    [
        ("net.xyz", None, "no format ends in .xyz: name one of "),
        ("net", None, "its name has no ending that tells the format: name one of "),
        ("net.csv", "xyz", "there is no format 'xyz' to write: there are "),
    ],
)
def test_that_an_unknown_format_is_said_with_those_there_are(tmp_path, name, format_name, said):
    with pytest.raises(UnwritableFile) as caught:
        formats.write(Architecture(), tmp_path / name, format_name)
    assert caught.value.reason.startswith(said)
    assert "paramdesk" in caught.value.reason
