"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from paramdesk.engine.errors import UnwritableFile


def replace_file(path: str | os.PathLike[str], data: bytes, *, is_private: bool = False) -> None:
    """Puts data in a file's place: whoever looks sees the former file or the new one, never half of either.

    A link is followed, so that what it points to is replaced; the permissions of a former file are kept.

    Args:
        path: the file.
        data: what it is to hold.
        is_private: only its owner may read and write it, whatever a former file permitted.

    Raises:
        UnwritableFile: it cannot be; a former file is untouched.
    """
    name = os.fspath(path)
    try:
        target = Path(path).resolve()
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise UnwritableFile(name, "it is a folder: give the name of a file in it")
            target.write_bytes(data)  # a device or a pipe: nothing there could be replaced
            return
        if target.exists() and not os.access(target, os.W_OK):
            raise UnwritableFile(name, "it is write-protected: choose another name")
        _replace(target, data, is_private=is_private)
    except (OSError, ValueError, RuntimeError) as error:
        raise UnwritableFile(name, _reason(error)) from None


def _replace(target: Path, data: bytes, *, is_private: bool) -> None:
    former = None if is_private else _permissions(target)
    handle, temporary = _new_file_beside(target, 0o600 if is_private or former is not None else 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if former is not None:  # until now it was nobody else's to read
            temporary.chmod(former)
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def _permissions(target: Path) -> int | None:
    """What a former file permits whom; None if there is none."""
    with contextlib.suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    return None


def _new_file_beside(target: Path, mode: int) -> tuple[int, Path]:
    """An open file of another name in the same folder, with the permissions that a new file of this mode gets."""
    import secrets

    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        path = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
        with contextlib.suppress(FileExistsError):
            return os.open(path, flags, mode), path


def _reason(error: Exception) -> str:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return "the folder that it should go into does not exist"
        case PermissionError():
            return "writing there is not permitted: choose another folder"
        case OSError(strerror=str() as words):
            return words[:1].lower() + words[1:]
        case _:
            return "not a name for a file"
