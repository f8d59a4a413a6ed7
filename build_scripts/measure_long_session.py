"""Memory, threads and lag of a long session: many photographs through the queue of the window.

    python build_scripts/measure_long_session.py                      300 photographs, tiny model
    python build_scripts/measure_long_session.py --photos 60 --model demo

The photographs are the bundled ones, again and again, each as a file of its own; all are explained
at one preset in one real window whose results are saved as they finish. Prints the memory of the
process after the first 30 and at the end, how late a 60 Hz timer of the GUI thread was, and the
threads that are left when the window is closed. Exit code 1 when the memory grew by more than 10 %,
a thread is left, or the 99th percentile of the lateness is above 50 ms.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FIRST = 30
INTERVAL_MS = 1000 / 60
MOST_GROWTH = 0.10
MOST_LATE_MS = 50.0


def main() -> int:
    """Measure and print; 1 when a figure is worse than asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--model", default="tiny", help="tiny, demo, or a file")
    options = parser.parse_args()
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("SESSIONS", "DATA"):
            os.environ[f"DECAM_{name}_DIR"] = str(Path(scratch) / name.lower())
        return measure(options, Path(scratch))


def measure(options: argparse.Namespace, scratch: Path) -> int:
    """One window from its opening to its end."""
    from PySide6.QtCore import QSettings, qVersion
    from PySide6.QtGui import QGuiApplication

    from decam_gui.app import make_application
    from decam_gui.main_window import MainWindow

    photos, model = files(options, scratch)
    before = threads()
    app = make_application(["long-session"])
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(scratch))
    print(
        f"Qt {qVersion()} on {QGuiApplication.platformName()}, Python "
        f"{platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"{len(photos)} photographs, model {model.name}, preset {options.preset}",
        flush=True,
    )
    window = MainWindow()
    window.show()
    window.open_workspace()
    window.open([model, *photos])
    watch = Watch(window, len(photos), options.preset)
    seconds = watch.run()
    # What is being written still is part of the session.
    space = window.workspace
    space.keeping.write_now()
    app.processEvents()
    done = sum(e.state.value == "done" for e in space.session.queue.entries)
    end = resident()
    folder = space.keeping.folder
    window.close()
    kept = len(list((folder / "results").rglob("entry.json")))
    window.deleteLater()
    app.processEvents()
    gc.collect()
    left = threads() - before
    print(f"{done} of {len(photos)} done, {kept} results on disk, {seconds:.0f} s")
    good = watch.report(end)
    print(f"threads left of the window: {sorted(left) or 'none'}")
    return 0 if good and done == kept == len(photos) and not left else 1


class Watch:
    """Fills the queue of a window once all is open, and looks on until it is empty."""

    def __init__(self, window: Any, count: int, preset: str) -> None:
        self.window, self.count, self.preset = window, count, preset
        self.session = window.workspace.session
        # (jobs that had ended, milliseconds too late), and the memory when so many had.
        self.late: list[tuple[int, float]] = []
        self.marks: dict[int, int] = {}
        self.last = 0.0

    def run(self) -> float:
        """Until all has ended; how long it took, in seconds."""
        from PySide6.QtCore import QEventLoop, Qt, QTimer

        self.loop, timer, poll = QEventLoop(), QTimer(), QTimer()
        started = self.last = time.perf_counter()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self.tick)
        poll.timeout.connect(self.look)
        timer.start(round(INTERVAL_MS))
        poll.start(50)
        self.loop.exec()
        timer.stop()
        poll.stop()
        return time.perf_counter() - started

    def tick(self) -> None:
        """How late the GUI thread is."""
        now = time.perf_counter()
        if self.session.queue.entries:
            ended = self.session.queue.totals()[0]
            self.late.append((ended, max(0.0, (now - self.last) * 1000 - INTERVAL_MS)))
            if ended not in self.marks:
                self.marks[ended] = resident()
        self.last = now

    def look(self) -> None:
        """Begin, or end."""
        from decam_gui.session import RunSettings

        session, queue = self.session, self.session.queue
        if queue.entries:
            if queue.totals()[0] == len(queue.entries) and queue.job is None:
                self.loop.quit()
        elif session.can_run() and len(session.paths) == self.count:
            session.change_settings(RunSettings(preset=self.preset))
            self.window.actions_.show_queue.trigger()
            session.run_photos()

    def report(self, end: int) -> bool:
        """Print memory and lateness; whether they are as asked for."""
        import numpy as np

        early = [ms for n, ms in self.late if n < FIRST]
        final = [ms for n, ms in self.late if n >= self.count - FIRST]
        every = [ms for _, ms in self.late]
        worst = float(np.percentile(every, 99))
        first = next(m for n, m in sorted(self.marks.items()) if n >= min(FIRST, self.count - 1))
        growth, after = end / first - 1, min(FIRST, self.count - 1)
        print(f"memory after {after}: {first / 2**20:.1f} MB, at the end: {end / 2**20:.1f} MB")
        print(f"growth: {growth * 100:+.1f} % (at most {MOST_GROWTH * 100:.0f} %)")
        print(
            f"lateness of the GUI thread: 99th percentile {worst:.1f} ms, max {max(every):.1f} ms "
            f"(first {FIRST}: {np.percentile(early, 99):.1f} ms, last {FIRST}: "
            f"{np.percentile(final, 99):.1f} ms)"
        )
        return growth <= MOST_GROWTH and worst <= MOST_LATE_MS


def files(options: argparse.Namespace, scratch: Path) -> tuple[list[Path], Path]:
    """The photographs, each a file of its own, and the model."""
    from decam_engine import demo_model, demo_photos

    folder = scratch / "photos"
    folder.mkdir()
    originals = demo_photos()
    photos = []
    for number in range(options.photos):
        original = originals[number % len(originals)]
        photos.append(folder / f"{number:04d} {original.name}")
        shutil.copyfile(original, photos[-1])
    if options.model == "demo":
        return photos, demo_model()
    if options.model != "tiny":
        return photos, Path(options.model)
    from tests.onnx_models import linear_model, rectangle_weights, write_sidecar

    model = scratch / "tiny.onnx"
    linear_model(model, rectangle_weights((64, 64)), batch="N", size=(64, 64))
    write_sidecar(model, labels=["bright spot", "other place"], size=(64, 64))
    return photos, model


def resident() -> int:
    """Bytes of memory that the process holds now."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(s for s in status.read_text().splitlines() if s.startswith("VmRSS"))
        return int(line.split()[1]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def threads() -> set[str]:
    """Python's threads and those of Qt that still run, by name."""
    from PySide6.QtCore import QThread

    # Python keeps a record ("Dummy") of each thread of Qt that it ran in, even after its end.
    names = {f"python {t.name}" for t in threading.enumerate() if not t.name.startswith("Dummy")}
    for found in gc.get_objects():
        if isinstance(found, QThread):
            try:
                if found.isRunning() and found.objectName().startswith("decam-"):
                    names.add(found.objectName())
            except RuntimeError:
                continue
    return names


if __name__ == "__main__":
    sys.exit(main())
