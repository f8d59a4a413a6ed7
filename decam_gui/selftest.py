"""``decam-studio --selftest``: the window does its main job once and ends.

Shows that an installation works, without anybody looking: the window is owned and painted, the
bundled photographs and model are opened, one real run is made and exported, everything ends
cleanly. Nothing is left behind: settings and files go to a temporary folder.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSettings, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from decam_gui.main_window import MainWindow

PARTS = ("all", "paint")
# Milliseconds between two looks, and seconds that one step may take.
INTERVAL = 50
PATIENCE = 600.0
CALLS = 300
# A window with text, icons and a photograph has more colours than this.
LEAST_COLOURS = 64

Step = tuple[str, Callable[[], bool]]


class Selftest(QObject):
    """Leads a window through its job; ``code`` is 0 when all of it was done."""

    def __init__(self, window: MainWindow, part: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.code = 1
        self._window = window
        self._part = part
        self._painted = 0.0
        self._folder = Path(tempfile.mkdtemp(prefix="decam-selftest-"))
        self._facts: dict[str, Any] = {}
        self._steps: Iterator[Step] = self._lead()
        self._step: Step = ("the window is painted", lambda: self._painted > 0)
        self._since = time.monotonic()
        window.installEventFilter(self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(INTERVAL)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Notices the first paint of a window that is on the screen."""
        handle = self._window.windowHandle()
        if event.type() == QEvent.Type.Paint and handle is not None and handle.isExposed():
            self._window.removeEventFilter(self)
            # Behind what is being painted now.
            QTimer.singleShot(0, self._note_paint)
        return False

    @Slot()
    def _note_paint(self) -> None:
        self._painted = time.time()

    @Slot(str)
    def fail(self, problem: str) -> None:
        """End with exit code 1; also what an unexpected error calls."""
        self._timer.stop()
        _write(sys.stderr, f"decam-studio: selftest failed: {problem}")
        self._end()

    @Slot()
    def _look(self) -> None:
        name, done = self._step
        if not done():
            if time.monotonic() - self._since > PATIENCE:
                self.fail(f"waited {PATIENCE:.0f} s in vain until {name}")
            return
        self._facts[name] = round(time.monotonic() - self._since, 2)
        self._since = time.monotonic()
        try:
            self._step = next(self._steps)
        except StopIteration:
            self._timer.stop()
            self.code = 0
            self._end()
        except (OSError, ValueError) as error:
            self.fail(str(error))

    def _lead(self) -> Iterator[Step]:
        """What to wait for; what is done in between stands between the lines."""
        window = self._window
        self._facts["platform"] = QGuiApplication.platformName()
        self._facts["painted_at"] = self._painted
        self._require(int(window.winId()) != 0, "the window is owned by no system window")
        if self._part == "paint":
            return
        actions = window.actions_
        window.open_demo()
        yield "photographs and model are open", actions.run.isEnabled
        self._shorten_run()
        actions.run.trigger()
        yield "the run has ended", lambda: actions.run.isEnabled() and actions.save.isEnabled()
        self._look_at_result()
        yield "the result is painted", lambda: True
        self._look_at_window()
        out = self._folder / "export"
        window.ask_folder = lambda: str(out)
        actions.save.trigger()
        yield "the export is written", lambda: len(list(out.glob("*.json"))) == 1
        kinds = {path.suffix for path in out.iterdir()}
        self._require({".png", ".npy", ".json"} <= kinds, f"the export has only {sorted(kinds)}")
        manifest = json.loads(next(out.glob("*.json")).read_text(encoding="utf-8"))
        self._facts["map_sha256"] = manifest.get("map_sha256", "")

    def _shorten_run(self) -> None:
        workspace = self._window.workspace
        if workspace is not None:
            session = workspace.session
            session.change_settings(dataclasses.replace(session.settings, calls=CALLS))

    def _look_at_result(self) -> None:
        workspace = self._window.workspace
        result = None if workspace is None else workspace.session.result()
        if result is None:
            raise ValueError("the run left no result")
        low, high = float(result.saliency.min()), float(result.saliency.max())
        self._require(high - low > 0.5, f"the map goes from {low:.3f} to {high:.3f} only")
        self._facts["calls"] = result.calls
        self._facts["target"] = result.target.label

    def _look_at_window(self) -> None:
        image = self._window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        size = image.size()
        self._require(size.width() > 600 and size.height() > 400, f"the window has {size}")
        colours = {
            image.pixel(x, y) for x in range(0, size.width(), 7) for y in range(0, size.height(), 7)
        }
        self._require(len(colours) > LEAST_COLOURS, f"the window shows {len(colours)} colours only")
        self._facts["colours"] = len(colours)

    def _require(self, holds: bool, problem: str) -> None:
        if not holds:
            raise ValueError(problem)

    def _end(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._window.close()
        _write(sys.stdout, json.dumps({"selftest": self.code == 0, **self._facts}))
        QApplication.exit(self.code)


def private_settings(folder: Path) -> None:
    """Settings of this start go into a folder of its own."""
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))


def _write(stream: Any, text: str) -> None:
    if stream is not None:
        stream.write(text + "\n")
        stream.flush()
