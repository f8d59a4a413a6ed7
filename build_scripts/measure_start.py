"""How soon the window is painted, beside an empty window of PySide6.

    python build_scripts/measure_start.py              20 starts of each, in turn
    python build_scripts/measure_start.py --starts 50
    python build_scripts/measure_start.py --python dist/bin/python

From before the process is started to the first paint's end, with the same Python, the two in turn,
on a virtual screen (Xvfb) where there is no other. Prints the medians and their ratio; exit code 1
when it is above 1.5.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 1.5
STARTS = 20
TIMEOUT = 120.0
# What both write when their window has been painted: the time, by the machine's own clock.
REPORT = """
def painted():
    import time
    print(time.monotonic(), flush=True)
    QApplication.quit()

def watch(kind, paint):
    seen = []
    def first(self, event):
        paint(self, event)
        if not seen:
            seen.append(1)
            QTimer.singleShot(0, painted)
    kind.paintEvent = first
"""
EMPTY = f"""
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
{REPORT}
class Empty(QMainWindow):
    pass
watch(Empty, QMainWindow.paintEvent)
app = QApplication(["empty"])
window = Empty()
window.resize(1280, 800)
window.show()
app.exec()
"""
OURS = f"""
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
{REPORT}
from decam_gui import __main__ as program
from decam_gui.main_window import MainWindow
watch(MainWindow, MainWindow.paintEvent)
program.main([])
"""


def main() -> int:
    """Measure and print; 1 when the ratio is above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    server = start_screen()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            return measure(options, Path(scratch))
    finally:
        if server is not None:
            server.terminate()
            server.wait()


def measure(options: argparse.Namespace, scratch: Path) -> int:
    """The two in turn; a first start of each, which fills the file caches, does not count."""
    environment = os.environ | {"XDG_CONFIG_HOME": str(scratch), "PYTHONPATH": str(ROOT)}
    # An installed program is compiled once; here, at the start that does not count.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times: dict[str, list[float]] = {"empty": [], "ours": []}
    for number in range(options.starts + 1):
        for name, code in (("empty", EMPTY), ("ours", OURS)):
            seconds = start(options.python, code, environment)
            if number:
                times[name].append(seconds)
    medians = {name: statistics.median(found) for name, found in times.items()}
    ratio = medians["ours"] / medians["empty"]
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.1f}, {options.starts} starts each, in turn, "
        f"platform {environment.get('QT_QPA_PLATFORM') or 'of the system'}"
    )
    for name, title in (("empty", "empty PySide6 window"), ("ours", "DE-CAM Studio")):
        found = times[name]
        print(
            f"{title:<22} median {medians[name] * 1000:6.0f} ms   "
            f"from {min(found) * 1000:.0f} to {max(found) * 1000:.0f} ms"
        )
    print(f"ratio {ratio:.2f} (limit {LIMIT})")
    return 1 if ratio > LIMIT else 0


def start(python: str, code: str, environment: dict[str, str]) -> float:
    """Seconds from before the process is started to the end of its first paint."""
    begun = time.monotonic()
    done = subprocess.run(
        [python, "-c", code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        raise SystemExit(f"a start failed with {done.returncode}:\n{done.stderr}")
    return float(done.stdout.split()[0]) - begun


def start_screen() -> subprocess.Popen[bytes] | None:
    """A virtual screen, if there is none."""
    there = os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    if sys.platform != "linux" or there:
        return None
    program = shutil.which("Xvfb")
    if program is None:
        raise SystemExit("No display, and Xvfb is not installed: apt install xvfb")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", "1440x900x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        os.environ["DISPLAY"] = f":{pipe.readline().strip()}"
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    return server


if __name__ == "__main__":
    sys.exit(main())
