"""How quickly the window answers: the what-if brush, and the GUI thread while a search runs.

    python build_scripts/measure_viewer.py               the bundled model and its first photo
    python build_scripts/measure_viewer.py --calls 400   a shorter run in each mode

Prints the machine's load beside the figures: they mean little on a busy machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decam_gui.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
# A timer of the GUI thread is due every so many milliseconds; how late it comes is measured.
TICK_MS = 10
DABS = 60
# Seconds between two dabs, as of a hand that paints.
DAB_INTERVAL = 0.02


def main() -> int:
    """Measure and print; 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=600, help="model calls of each run")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["DECAM_DATA_DIR"] = str(Path(scratch) / "data")
        measure(options.calls, Path(scratch))
    return 0


def measure(calls: int, scratch: Path) -> None:
    """One window, led through everything that is timed."""
    from PySide6.QtCore import QSettings

    from build_scripts.screenshots import settle, wait
    from decam_gui.app import make_application
    from decam_gui.main_window import MainWindow

    app = make_application(["measure"])
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(scratch))
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    window.open_workspace()
    space = window.workspace
    if space is None:
        raise RuntimeError("the workspace did not open")
    space.trust_card.auto.setChecked(False)
    window.open_demo()
    wait(lambda: space.session.can_run() and not space.session.loading_photos)
    settle(1.0)
    print(f"platform {app.platformName()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    run_in_modes(space, calls)
    paint(space)
    window.close()
    app.processEvents()


def run_in_modes(space: Workspace, calls: int) -> None:
    """Lateness of the GUI thread during a run, in each mode of the viewer."""
    from dataclasses import replace

    from PySide6.QtCore import Qt, QTimer

    from build_scripts.screenshots import settle, wait
    from decam_gui.views.map_layer import Mode

    late: list[float] = []
    last = [0.0]

    def tick() -> None:
        now = time.perf_counter()
        late.append((now - last[0]) * 1000 - TICK_MS)
        last[0] = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    session = space.session
    session.change_settings(replace(session.settings, calls=calls))
    print(
        f"{'mode':10} {'lateness: median':>18} {'99th':>8} {'worst, ms':>10} {'maps a second':>14}"
    )
    for mode in Mode:
        space.viewer.set_mode(mode)
        maps = [0]
        link = session.progressed.connect(
            lambda p, m=maps: m.__setitem__(0, m[0] + (p.saliency is not None))
        )
        settle(0.3)
        session.run()
        late.clear()
        last[0] = start = time.perf_counter()
        timer.start(TICK_MS)
        wait(lambda: session.job is None)
        timer.stop()
        seconds = time.perf_counter() - start
        session.progressed.disconnect(link)
        ordered = sorted(late)
        print(
            f"{mode.value:10} {median(ordered):18.1f} {ordered[int(0.99 * len(ordered))]:8.1f} "
            f"{ordered[-1]:10.1f} {maps[0] / seconds:14.1f}"
        )


def paint(space: Workspace) -> None:
    """From a dab of the brush to the bars that show its answer, in model calls' times."""
    from PySide6.QtCore import QPointF

    from build_scripts.screenshots import settle, wait

    session, box = space.session, space.session.box()
    opened = session.photo()
    if box is None or opened is None:
        raise RuntimeError("nothing is open")
    one = box.prepare(opened.photo)[None]
    calls = []
    for _ in range(30):
        start = time.perf_counter()
        box.scores(one)
        calls.append(time.perf_counter() - start)
    space.editing.button.setChecked(True)
    canvas = space.viewer.canvas
    height, width = opened.photo.size
    canvas.stroke_began.emit(QPointF(width / 2, height / 2))
    wait(lambda: not space.edit.busy)
    waits = []
    for number in range(DABS):
        at = QPointF(width * (0.35 + 0.3 * number / DABS), height * (0.4 + 0.2 * (number % 5) / 5))
        start = time.perf_counter()
        canvas.stroke_moved.emit(at)
        newest = space.edit.keep.copy()
        wait(
            lambda newest=newest: (
                space.edit.answer is not None
                and bool((space.edit.answer.probe.keep == newest).all())
            )
        )
        waits.append(time.perf_counter() - start)
        settle(DAB_INTERVAL)
    call, answer = median(calls), median(waits)
    worst = sorted(waits)[int(0.95 * len(waits))]
    print(
        f"what-if: a model call takes {call * 1000:.1f} ms, an answer {answer * 1000:.1f} ms "
        f"(95th percentile {worst * 1000:.1f} ms): {answer / call:.2f} and {worst / call:.2f} calls"
    )


if __name__ == "__main__":
    sys.exit(main())
