"""Whether an installed copy is whole: its own self-test, and the same tables as the source makes of the same files."""

import gzip
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from installers import bundle, facts
from terminal import Stop, say

REFERENCE = facts.ROOT / "tests" / "reference"
TEMPLATES = ("template:article-convnet-dense", "template:vgg16")
SECONDS = 300

# What a copy is started with: no Python, no display, no locale, nothing of the builder's own.
BARE: Mapping[str, str] = {"PATH": "/usr/bin:/bin"}


def samples(folder: Path) -> list[str]:
    """Return one file for each ending that the tests have recorded, unpacked into a folder: the smallest."""
    smallest: dict[str, Path] = {}
    for path in sorted(REFERENCE.glob("*/*.gz"), key=lambda path: path.stat().st_size):
        name = path.name.removesuffix(".gz")
        if path.parent.name != "keras_models":
            smallest.setdefault(name.partition(".")[2], path)
    found = []
    for path in smallest.values():
        unpacked = folder / path.name.removesuffix(".gz")
        unpacked.write_bytes(gzip.decompress(path.read_bytes()))
        found.append(str(unpacked))
    return found


def check(program: Sequence[str | Path], variables: Mapping[str, str] = BARE) -> None:
    """Run the checks of a copy that `program` starts, or stop with what is wrong.

    Args:
        program: the command.
        variables: its whole environment.
    """
    with tempfile.TemporaryDirectory(prefix="paramdesk-") as home:
        surroundings = {**variables, "HOME": home}
        _self_test(program, surroundings)
        folder = Path(home) / "ščž ćžđ 模型"
        folder.mkdir()
        files = [*TEMPLATES, *samples(folder)]
        python = bundle.build_environment()
        for file in files:
            arguments = ["summary", file, "--format", "csv"]
            ours = _printed([python, "-m", facts.NAME, *arguments], {**os.environ, "HOME": home})
            theirs = _printed([*program, *arguments], surroundings)
            if ours != theirs:
                raise Stop(f"{Path(file).name} is not summed up as by the source:\n{theirs[1] or theirs[0]}")
    say(f"Checked: the self-test passes, and {len(files)} files are summed up as by the source.")


def _self_test(program: Sequence[str | Path], variables: Mapping[str, str]) -> None:
    status, out, err = _run([*program, "--self-test"], variables)
    lines = out.splitlines()
    if status or err.strip() or not lines or any(not line.startswith("ok: ") for line in lines):
        raise Stop(f"the self-test of the copy failed:\n{out}{err}")
    _status, out, _err = _run([*program, "--version"], variables)
    if out.split() != [facts.NAME, facts.version()]:
        raise Stop(f"the copy says that it is {out.strip()}, not {facts.NAME} {facts.version()}.")


def _printed(command: Sequence[str | Path], variables: Mapping[str, str]) -> tuple[str, str]:
    """What a command prints, and what it says on standard error; of each other line its end is of no account."""
    _status, out, err = _run(command, variables)
    return out.replace("\r\n", "\n"), err


def _run(command: Sequence[str | Path], variables: Mapping[str, str]) -> tuple[int, str, str]:
    words = [str(word) for word in command]
    # Through pipes: some ways to start a program of Windows elsewhere know no other output.
    done = subprocess.run(words, check=False, cwd=facts.ROOT, env=variables, capture_output=True, timeout=SECONDS)
    return done.returncode, done.stdout.decode(), done.stderr.decode()
