"""What goes into the frozen application, and which parts of what it stands on stay out."""

import fnmatch
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

Entry = tuple[str, str, str]
"""A file as PyInstaller lists it: where it goes, where it comes from, what it is."""

# Found by walking folders or imported by C code, so nobody's import statement names them.
HIDDEN_MODULES = ("google._upb._message", "PySide6.QtSvg")

# Never imported by a running paramdesk; pyqtgraph, numpy and the standard library mention them.
EXCLUDED_MODULES = (
    "IPython", "PIL", "PySide6.QtDBus", "PySide6.QtNetwork", "PySide6.QtTest", "_curses", "_hashlib", "_ssl",
    "cffi", "colorcet", "cupy", "curses", "idlelib", "jupyter_rfb", "lib2to3", "matplotlib", "numba", "numpy.distutils",
    "numpy.f2py", "pip", "pyqtgraph.examples", "pyqtgraph.jupyter", "pyqtgraph.opengl", "readline", "scipy",
    "setuptools", "sqlite3", "ssl", "tkinter", "tornado", "turtle", "turtledemo", "unittest", "xmlrpc",
)  # fmt: skip

# What PyInstaller would run at every start. Wheels of PySide6 find their Qt themselves, and its hook would load Qt even
# for a command that prints text, before it is known that Qt can be loaded; processes are never forked.
UNNEEDED_HOOKS = ("pyi_rth_multiprocessing", "pyi_rth_pyqtgraph_multiprocess", "pyi_rth_pyside6")

# The distributions whose names, versions and licences Help > About shows.
DISTRIBUTIONS = (
    "PySide6-Essentials", "colorama", "fsspec", "msgspec", "numpy", "protobuf", "pyfive", "pyqtgraph", "shiboken6",
    "typing_extensions",
)  # fmt: skip

# Parts of Qt that a window of ours never loads. Qt's own texts are in English without its translations.
UNNEEDED = (
    "*/translations/*",
    "*/plugins/egldeviceintegrations/*",
    "*/plugins/generic/*",
    "*/plugins/imageformats/*q[!sj]*",  # but for SVG and JPEG
    "*/plugins/networkinformation/*",
    "*/plugins/platforminputcontexts/*virtualkeyboard*",
    "*/plugins/platforms/*eglfs*",
    "*/plugins/platforms/*linuxfb*",
    "*/plugins/platforms/*minimalegl*",
    "*/plugins/platforms/*vkkhrdisplay*",
    "*/plugins/platforms/*vnc*",
    "*/plugins/platformthemes/*gtk3*",
    "*/plugins/tls/*",
    "*/plugins/wayland-graphics-integration-server/*",
    "*/plugins/wayland-decoration-client/*adwaita*",
    "*numpy*/tests/*",
    "pyqtgraph/icons/*.png",
    "pyqtgraph/icons/*.svg",
    "pyqtgraph/*.ui",
)

# Libraries that the system must bring, because its own parts (fonts, drivers, the session's bus) go with its own
# version of them: what they are called, and the Debian package of each.
OF_THE_SYSTEM = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libc.so.6": "libc6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libdl.so.2": "libc6",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libm.so.6": "libc6",
    "libpthread.so.0": "libc6",
    "librt.so.1": "libc6",
    "libstdc++.so.6": "libstdc++6",
    "libutil.so.1": "libc6",
    "libuuid.so.1": "libuuid1",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
    "ld-linux-x86-64.so.2": "libc6",
}

# Libraries that one plugin of several needs; where they are missing, Qt takes another plugin.
OF_SOME_SYSTEMS = {
    "libOpenGL.so.0": "libopengl0",
    "libdrm.so.2": "libdrm2",
    "libvulkan.so.1": "libvulkan1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


def modules(root: Path = ROOT) -> list[str]:
    """Return the names of all modules of paramdesk: kinds and formats are found by walking, so each must be there."""
    found = []
    for path in sorted((root / "paramdesk").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def is_needed(destination: str) -> bool:
    """Return whether a file is wanted, judged by where it would go."""
    place = destination.replace("\\", "/")
    return not any(fnmatch.fnmatch(place, pattern) for pattern in UNNEEDED)


def needed(entries: Iterable[Entry], imports: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Return the entries that are wanted, without the libraries that only unwanted ones would load.

    Args:
        entries: the binaries of the application.
        imports: the names of the libraries that a file loads.
    """
    wanted = [entry for entry in entries if is_needed(entry[0]) and Path(entry[0]).name not in OF_THE_SYSTEM]
    roots = [entry for entry in wanted if not _is_shared(entry)]
    libraries = {Path(entry[0]).name: entry for entry in wanted if _is_shared(entry)}
    reached: dict[str, Entry] = {}
    waiting = list(roots)
    while waiting:
        for name in imports(waiting.pop()[1]):
            if name in libraries and name not in reached:
                reached[name] = libraries[name]
                waiting.append(libraries[name])
    kept = {entry[0] for entry in (*roots, *reached.values())}
    return [entry for entry in wanted if entry[0] in kept]


def without_dangling(entries: Iterable[Entry], kept: Iterable[Entry]) -> list[Entry]:
    """Return the entries without the links to libraries that were left out."""
    targets = {entry[0] for entry in kept}
    return [entry for entry in entries if entry[2] != "SYMLINK" or entry[1] in targets]


def imported_libraries(file: str | Path) -> list[str]:
    """Return the names of the libraries that a file of Linux loads itself, without those that these load in turn."""
    done = subprocess.run(["objdump", "-p", str(file)], check=False, capture_output=True, text=True)
    return re.findall(r"^\s+NEEDED\s+(\S+)$", done.stdout, re.MULTILINE)


def _is_shared(entry: Entry) -> bool:
    """Whether a binary is there only for those that load it: neither a module of Python nor a plugin of Qt."""
    place, _source, kind = entry
    name = Path(place).name
    return kind == "BINARY" and "/plugins/" not in place and name.startswith("lib") and not name.startswith("libpython")
