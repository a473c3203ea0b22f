"""Start and memory of the frozen application beside bare windows that are frozen in the same way.

Run it by itself: `python -m tests.benchmarks.bench_frozen [runs]`. It freezes three small programs with
packaging/paramdesk.spec (about a minute each): paramdesk's window, a bare window with as many docks, a bare window with
a plot of pyqtgraph. The aims: at most one and a half times as long to the first paint as the second, at most 1.3 times
the memory of the third. Memory is also compared unfrozen. With `--source` nothing is frozen.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from installers import bundle, facts, licences
from tests.benchmarks.bench_first_paint import DOCKS, OURS

# Ends two seconds after pyqtgraph has been loaded, and prints the memory in MiB: by then the chart is drawn.
WEIGHED = """
import os, sys
def weigh(ready=False):
    from PySide6.QtCore import QTimer
    def end():
        if not ready:
            return weigh("pyqtgraph" in sys.modules)
        lines = open("/proc/self/status").read().splitlines()
        print(int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024, flush=True)
        os._exit(0)
    QTimer.singleShot(2000, end)
"""

PLOT = """
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([])
import pyqtgraph
window = QMainWindow()
plot = pyqtgraph.PlotWidget()
plot.addItem(pyqtgraph.BarGraphItem(x=range(9), height=range(9), width=0.8))
window.setCentralWidget(plot)
window.resize(1440, 900)
window.show()
"""

PROGRAMS = {
    "ours": OURS.replace("main()\n", "")
    + WEIGHED
    + """
if "WEIGH" in os.environ:
    def weighed(path):
        session = started(path)
        weigh()
        return session
    app._started = weighed
main()
""",
    "docks": DOCKS,
    "plot": WEIGHED + PLOT + "weigh()\napplication.exec()\n",
}


def frozen(name: str, folder: Path) -> list[str]:
    """Freeze one of the programs as paramdesk is frozen, and return the command that starts it."""
    script = folder / f"{name}.py"
    script.write_text(PROGRAMS[name], encoding="utf-8")
    python = bundle.build_environment()
    places = ["--distpath", str(folder / name), "--workpath", str(folder / "work")]
    spec = facts.PACKAGING / "paramdesk.spec"
    command = [python, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR", *places, spec]
    bundle.run(command, f"freezing {name}", PARAMDESK_ENTRY=script)
    return [str(folder / name / "paramdesk" / "paramdesk")]


def started(command: list[str], home: str) -> tuple[float, float]:
    """How long a start takes to the first paint, by the clock and in the processor, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = printed(command, home)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def printed(command: list[str], home: str, **variables: str) -> float:
    """The number that a program prints."""
    environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home, **variables}
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a warm start finds its byte code
    environment["STARTED"] = repr(time.time())
    done = subprocess.run(command, cwd=facts.ROOT, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


def main(arguments: list[str]) -> int:
    """Measure and print; the status is 1 if an aim is missed."""
    runs = next((int(argument) for argument in arguments if argument.isdecimal()), 7)
    commands = {name: [sys.executable, "-c", program] for name, program in PROGRAMS.items()}
    with tempfile.TemporaryDirectory() as scratch:
        if "--source" not in arguments:
            bundle.record(bundle.build_environment(), licences.folder_of_python())
            commands = {name: frozen(name, Path(scratch)) for name in PROGRAMS}
        home = str(Path(scratch) / "home")
        Path(home).mkdir()
        names = ("ours", "docks")
        rounds = [{name: started(commands[name], home) for name in names} for _run in range(runs + 1)][1:]
        memory = {name: printed(commands[name], home, WEIGH="1") for name in ("ours", "plot")}
    clock, busy = ({name: min(times[name][which] for times in rounds) for name in names} for which in (0, 1))
    slower, larger = clock["ours"] / clock["docks"], memory["ours"] / memory["plot"]
    sys.stdout.write(
        f"first paint: {clock['ours']:.3f} s, a bare window with docks {clock['docks']:.3f} s: {slower:.2f} times\n"
        f"processor:   {busy['ours']:.3f} s, {busy['docks']:.3f} s: {busy['ours'] / busy['docks']:.2f} times\n"
        f"memory: {memory['ours']:.0f} MiB, a bare window with a plot {memory['plot']:.0f} MiB: {larger:.2f} times\n"
    )
    return int(slower > 1.5 or larger > 1.3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
