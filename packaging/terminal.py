"""What the commands of the checkout say to the user, and how they end."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn


class Stop(Exception):
    """Ends the command with one sentence for the user."""


def say(text: str) -> None:
    """Tell the user something without mixing it into the output of the program."""
    print(text, file=sys.stderr, flush=True)


def become(command: Sequence[str], variables: Mapping[str, str]) -> NoReturn:
    """Hand over to another program, whose exit status becomes ours."""
    if os.name == "nt":  # where a replaced process would seem to end at once
        sys.exit(subprocess.run(command, check=False, env=variables).returncode)
    os.execvpe(command[0], list(command), dict(variables))  # noqa: S606 - no shell is wanted
