"""The exceptions of paramdesk.

    ParamdeskError
    ├── Refusal          a kind cannot be computed on these inputs (caught by the analysis, which makes it a Problem)
    ├── InvalidOptions   options of a kind that have a wrong type or range
    ├── EditRefused      an edit that would leave the network broken; says why
    ├── UnreadableFile   a file that cannot be read; says where and why
    └── UnwritableFile   a file that cannot be written; what was there before is untouched

Each carries a sentence that can be shown to a person as it is.
"""

from __future__ import annotations

from collections.abc import Mapping


class ParamdeskError(Exception):
    """Base of every exception that paramdesk raises on purpose."""


class Refusal(ParamdeskError):
    """A layer that its framework would refuse on these inputs.

    Args:
        message: the reason, with the numbers.
        field: the option that is at fault, if it is one.
        repairs: changes of options that may mend it, best first; the engine tries each before offering it.
    """

    def __init__(self, message: str, field: str | None = None, repairs: tuple[Mapping[str, object], ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.repairs = repairs


class InvalidOptions(ParamdeskError):
    """Options that cannot be a kind's: a wrong type, a value out of range, an unknown name."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class EditRefused(ParamdeskError):
    """An edit that would break the network.

    Args:
        message: why not, in a sentence.
        orphans: ids of layers that nothing would read any more; removing them too would be possible.
    """

    def __init__(self, message: str, orphans: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.orphans = orphans


class UnreadableFile(ParamdeskError):
    """A file that cannot be read.

    Args:
        file: its name as the user knows it.
        reason: what is wrong.
        place: where in the file, for example `layers[3].filters`; empty if the file as a whole is at fault.
    """

    def __init__(self, file: str, reason: str, place: str = "") -> None:
        super().__init__(f"{file}: {place}: {reason}" if place else f"{file}: {reason}")
        self.file = file
        self.reason = reason
        self.place = place


class UnwritableFile(ParamdeskError):
    """A file that cannot be written. What was there before is untouched.

    Args:
        file: its name as the user knows it.
        reason: why not.
    """

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason
