"""Setup.exe for Windows, put together on Linux: CPython, the wheels of the lock, paramdesk, and NSIS around them."""

import fnmatch
import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

from environments import RUNTIME_LOCK
from installers import bundle, contents, facts, windows_python
from terminal import Stop

PAYLOAD = facts.BUILD / "windows"
PROGRAMS = ("makensis", "osslsigncode")

# Below site/, beside what stays out of every installer.
QT = "Core,Gui,OpenGL,OpenGLWidgets,Svg,Widgets"
KEPT_OF_QT = (
    "PySide6/*.py", "PySide6/support/*", "PySide6/pyside6.abi3.dll", "PySide6/msvcp140*.dll",
    "PySide6/vcruntime140*.dll", "PySide6/plugins/iconengines/qsvgicon.dll", "PySide6/plugins/imageformats/qjpeg.dll",
    "PySide6/plugins/imageformats/qsvg.dll", "PySide6/plugins/platforms/qminimal.dll",
    "PySide6/plugins/platforms/qoffscreen.dll", "PySide6/plugins/platforms/qwindows.dll",
    *(f"PySide6/Qt{name}.pyd" for name in QT.split(",")), *(f"PySide6/Qt6{name}.dll" for name in QT.split(",")),
)  # fmt: skip
UNNEEDED = (
    "bin/*", "*.pyi", "*.lib", "*.lock", "*/tests/*", "*/__pycache__/*", "numpy/_core/include/*", "numpy/_core/lib/*",
    "numpy/distutils/*", "numpy/f2py/*", "pyqtgraph/examples/*", "pyqtgraph/jupyter/*", "pyqtgraph/opengl/*",
    "shiboken6/*.h", "shiboken6/concrt*", "shiboken6/msvcp*", "shiboken6/vc*",
)  # fmt: skip
# What Windows itself brings; of everything else each library must be in the payload.
OUR_LIBRARIES = r"(qt6|py|shiboken|msvcp|vcruntime|concrt|lib)\w*[-.\w]*\.dll"

START = "import sys\n\nfrom paramdesk.cli import main\n\nsys.exit(main())\n"
# A console program and one without, which go by the same name: the console finds the former first.
LAUNCHERS = {"paramdesk.com": ("t64.exe", "python.exe"), "paramdesk.exe": ("w64.exe", "pythonw.exe")}


def is_possible() -> bool:
    """Return whether the programs are there that Setup.exe is made with."""
    return all(shutil.which(program) for program in PROGRAMS)


def build() -> Path:
    """Make Setup.exe and return its file."""
    python = bundle.build_environment()
    folder = PAYLOAD / "payload"
    lay_out(python, folder, RUNTIME_LOCK)
    return wrap(folder, facts.DIST / f"{facts.NAME}-{facts.version()}-Setup.exe")


def lay_out(python: Path, folder: Path, lock: Path, *, hashes: bool = True) -> None:
    """Put everything that is to be installed into a folder.

    Args:
        python: the interpreter of the build.
        folder: is made anew.
        lock: names the packages.
        hashes: whether the lock pins them by hash.
    """
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        raise Stop(f"Setup.exe needs {' and '.join(missing)}: apt install nsis osslsigncode.")
    shutil.rmtree(folder, ignore_errors=True)
    windows_python.lay_out(folder / "runtime")
    paths = "Lib\r\nDLLs\r\n..\\site\r\n..\\app\r\n"
    name = f"python{windows_python.VERSION.replace('.', '')}._pth"
    (folder / "runtime" / name).write_bytes(paths.encode())
    _install(python, folder / "site", lock, hashes=hashes)
    bundle.forget_scripts(folder / "site")
    _copy_application(python, folder)
    _write_launchers(python, folder)
    bundle.smooth(folder)
    check(folder)


def _install(python: Path, site: Path, lock: Path, *, hashes: bool) -> None:
    system = ["--python-platform", "x86_64-pc-windows-msvc", "--python-version", windows_python.VERSION]
    options = ["--no-deps", "--only-binary", ":all:", *(["--require-hashes"] if hashes else [])]
    uv = [str(python.with_name("uv")), "pip", "install", "--quiet", *system, *options]
    bundle.run([*uv, "--target", site, "-r", lock], "fetching the packages for Windows", UV_LINK_MODE="copy")
    for path in sorted(site.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not is_needed(path.relative_to(site).as_posix()):
            path.unlink()


def is_needed(name: str) -> bool:
    """Return whether a file of the packages is wanted, judged by its path below site/."""
    if name.startswith("PySide6/"):
        return any(fnmatch.fnmatch(name, pattern) for pattern in KEPT_OF_QT)
    return contents.is_needed(name) and not any(fnmatch.fnmatch(name, pattern) for pattern in UNNEEDED)


def _copy_application(python: Path, folder: Path) -> None:
    application = folder / "app" / facts.NAME
    unwanted = shutil.ignore_patterns("__pycache__", "_resources")
    shutil.copytree(facts.ROOT / facts.NAME, application, ignore=unwanted)
    shutil.copytree(facts.ROOT / "resources", application / "_resources")
    recorded = bundle.record(python, folder / "runtime")
    shutil.copytree(recorded, application / "_resources", dirs_exist_ok=True)
    shutil.copy(facts.ROOT / "LICENSE", folder / "LICENSE.txt")
    shutil.copy(bundle.draw_icons() / "paramdesk.ico", folder / "paramdesk.ico")


def _write_launchers(python: Path, folder: Path) -> None:
    [stubs] = python.parent.parent.glob("lib/python*/site-packages/distlib")
    for name, (stub, interpreter) in LAUNCHERS.items():
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as script:
            script.writestr(zipfile.ZipInfo("__main__.py", (1980, 1, 1, 0, 0, 0)), START)
        first = f"#!<launcher_dir>\\runtime\\{interpreter}\r\n".encode()
        (folder / name).write_bytes((stubs / stub).read_bytes() + first + archive.getvalue())


def check(folder: Path) -> None:
    """See that every library that something loads is there, and every module of paramdesk."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in {".dll", ".pyd", ".exe"}]
    there = {path.name.lower() for path in files}
    lost = {name for path in files for name in imported_libraries(path) if re.fullmatch(OUR_LIBRARIES, name)}
    if lost - there:
        raise Stop(f"missing in what goes to Windows: {', '.join(sorted(lost - there))}.")
    for module in contents.modules():
        place = folder / "app" / module.replace(".", "/")
        if not place.with_suffix(".py").is_file() and not (place / "__init__.py").is_file():
            raise Stop(f"the module {module} did not come along.")


def imported_libraries(file: Path) -> set[str]:
    """Return the names, in small letters, of the libraries that a file of Windows loads."""
    done = subprocess.run(["objdump", "-p", str(file)], check=False, capture_output=True, text=True)
    return {name.lower() for name in re.findall(r"DLL Name: (\S+)", done.stdout)}


def wrap(folder: Path, target: Path, **defined: str) -> Path:
    """Make the installer of a folder that is laid out."""
    target.parent.mkdir(exist_ok=True)
    values = {
        "PAYLOAD": str(folder),
        "TARGET": str(target),
        "ICON": str(folder / "paramdesk.ico"),
        "LICENCE_FILE": str(folder / "LICENSE.txt"),
        **defined,
    }
    script = PAYLOAD / "paramdesk.nsi"
    script.write_text(facts.filled(facts.PACKAGING / "windows" / "paramdesk.nsi", **values), encoding="utf-8-sig")
    bundle.run(["makensis", "-V2", script], "building Setup.exe")
    return target
