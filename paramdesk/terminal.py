"""Standard output and standard error, which may be closed, full or read by somebody who has seen enough."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unprinted(Exception):
    """Standard output takes no more; carries one line for the user."""


def flush() -> None:
    """Hands on what was written so far."""
    if sys.stdout is not None:  # a window needs none
        with _printing():
            sys.stdout.flush()


@contextlib.contextmanager
def _printing() -> Iterator[None]:
    """Standard output is used, which may be closed or on a full disk."""
    try:
        if sys.stdout is None:  # what Python makes of one that was closed before the start
            raise Unprinted("the result could not be printed: standard output is closed")
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise Unprinted(f"the result could not be printed: {reason}") from None


def forget(stream: TextIO | None) -> None:
    """Lets what a stream did not take go nowhere, so that the end of Python does not try it again."""
    if stream is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(text: str) -> None:
    """One line on standard error, if there is one that takes it."""
    from paramdesk.formats.rows import printable

    try:
        if sys.stderr is not None:
            print(f"paramdesk: {printable(' '.join(text.split()))}", file=sys.stderr, flush=True)
    except OSError:
        forget(sys.stderr)


def put(text: str) -> None:
    """Text on standard output: always UTF-8, and with the line ends that it has."""
    put_bytes(text.encode("utf-8", "replace"))


def put_bytes(data: bytes) -> None:
    """Bytes on standard output."""
    with _printing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
