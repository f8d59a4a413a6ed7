"""The engine's import, off the GUI thread: the window is painted first."""

from __future__ import annotations

import importlib
import threading

from PySide6.QtCore import QObject, QThread, Signal


class EngineLoader(QThread):
    """Imports everything that needs the engine, says so, then warms it up."""

    ready = Signal()
    # The installation is damaged, or there is a bug; the exception goes to the reporter.
    failed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decam-loader")
        self._stop = threading.Event()

    def run(self) -> None:
        """In the thread; the modules are found by name, so that naming them imports nothing."""
        try:
            importlib.import_module("decam_gui.workspace")
        except Exception:
            self.failed.emit()
            raise
        self.ready.emit()
        if not self._stop.is_set():
            importlib.import_module("decam_gui.warm_up").warm_up(self._stop.is_set)

    def end(self) -> None:
        """Stop between two steps and wait."""
        self._stop.set()
        self.wait()
