"""How long files take: as a summary on the command line, and in a running window to the last repaint.

Run it by itself: `python -m tests.benchmarks.bench_files`. With `--keras PYTHON`, an interpreter that has Keras, the
same summary is also made by Keras, each in a process of its own, by turns. Wanted: ResNet50 at least 20 times as fast
as Keras, and open in a window in under 100 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings

from paramdesk import formats
from paramdesk.ui.app import settling
from paramdesk.ui.session import Session
from paramdesk.ui.settings import Settings
from tests.benchmarks.bench_window import best_ms
from tests.helpers.keras_reference import model

NETWORKS = ("ResNet50", "DenseNet121", "NASNetMobile")
RUNS = 5
KERAS = """
import sys, keras
keras.models.model_from_json(open(sys.argv[1]).read()).summary()
"""


def seconds(command: list[str]) -> float:
    """How long a process takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def compare_with_keras(path: Path, keras: str | None) -> None:
    """Make the same summary in processes of their own, by turns."""
    ours, theirs = [], []
    for _run in range(RUNS):
        ours.append(seconds([sys.executable, "-m", "paramdesk", "summary", str(path)]))
        if keras is not None:
            theirs.append(seconds([keras, "-c", KERAS, str(path)]))
    said = f"{path.stem}: summary in a process {min(ours):.3f} s"
    if theirs:
        said += f"; Keras {min(theirs):.2f} s, {min(theirs) / min(ours):.0f} times as long"
    sys.stdout.write(said + "\n")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keras", help="an interpreter that has Keras")
    keras = parser.parse_args().keras
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.json" for name in NETWORKS]
        for path in paths:
            path.write_text(json.dumps(model(path.stem)["config"]), encoding="utf-8")
        compare_with_keras(paths[0], keras)
        settings = Settings(QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat))
        with settling():
            session = Session(settings, recovery=Path(folder))
            window = session.start("template:article-convnet")
            session.begin()
        window.resize(1440, 900)
        window.load_all()
        for path in paths:
            best, middle = best_ms(lambda _run, path=path: window.document.open(formats.read(path)), RUNS)
            count = len(window.document.summary.layers)
            sys.stdout.write(f"{path.stem}: {count} layers read and shown in {best:.0f} ms, mostly {middle:.0f} ms\n")
        session.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
