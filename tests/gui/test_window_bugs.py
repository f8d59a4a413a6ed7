"""An error of the program reaches the reader from wherever it happens."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from decam_gui.app import BugReporter
from decam_gui.worker import WorkThread
from tests.gui.waiting import wait

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def reporter(qapp, monkeypatch: pytest.MonkeyPatch) -> Iterator[BugReporter]:
    """Installed, and silent on the console."""
    monkeypatch.setattr(sys, "__excepthook__", lambda *_: None)
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    made = BugReporter()
    made.install()
    yield made
    sys.excepthook, threading.excepthook, sys.unraisablehook = before
    if made.dialog is not None:
        made.dialog.close()
        made.dialog.deleteLater()


def shown(qtbot, reporter: BugReporter, text: str) -> None:
    """The dialog says so."""
    wait(qtbot, lambda: reporter.dialog is not None and reporter.dialog.isVisible())
    wait(qtbot, lambda: text in reporter.dialog.text.toPlainText())


class Worker(QObject):
    """Fails in its thread."""

    asked = Signal()

    @Slot()
    def work(self) -> None:
        raise ValueError("in a worker")


def test_in_a_slot(qtbot, reporter: BugReporter) -> None:
    def fail() -> None:
        raise ValueError("in a slot")

    QTimer.singleShot(0, fail)
    shown(qtbot, reporter, "ValueError: in a slot")


def test_in_a_worker_thread_and_then_elsewhere(qtbot, reporter: BugReporter) -> None:
    worker, owner = Worker(), QObject()
    worker.asked.connect(worker.work)
    thread = WorkThread(worker, "decam-test", owner)
    worker.asked.emit()
    shown(qtbot, reporter, "ValueError: in a worker")
    thread.end()

    def fail() -> None:
        raise ValueError("in a thread of Python")

    other = threading.Thread(target=fail)
    other.start()
    other.join()
    shown(qtbot, reporter, "in a thread of Python")
    # The first one is still there.
    assert "ValueError: in a worker" in reporter.dialog.text.toPlainText()


def test_in_a_finaliser(qtbot, reporter: BugReporter) -> None:
    class Odd:
        def __del__(self) -> None:
            raise ValueError("in a finaliser")

    Odd()
    shown(qtbot, reporter, "in a finaliser")


@pytest.mark.parametrize("where", ["window", "engine"])
def test_at_start(where: str) -> None:
    """A real process: the dialog opens, and closing it ends the program with the code of a bug."""
    broken = {
        "window": "mw.MainWindow.__init__ = fail",
        "engine": "import decam_gui.startup as s; s.importlib.import_module = fail",
    }[where]
    code = f"""
import sys
from PySide6.QtCore import QSettings, QTimer
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
import decam_gui.main_window as mw
from decam_gui import __main__ as program
from decam_gui.dialogs.bug import BugDialog
def fail(*_, **__):
    raise RuntimeError("damaged")
{broken}
def look(self, event):
    print("SHOWN" if "RuntimeError: damaged" in self.text.toPlainText() else "OTHER", flush=True)
    QTimer.singleShot(0, self.close)
    if {where!r} == "engine":
        QTimer.singleShot(0, self.parent() or program.QTimer, lambda: None)
        from PySide6.QtWidgets import QApplication
        QTimer.singleShot(50, QApplication.closeAllWindows)
BugDialog.showEvent = look
sys.exit(program.main([]))
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, str(Path(sys.executable).parent / "none")],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "SHOWN" in ended.stdout, ended.stderr
    assert ended.returncode == (1 if where == "window" else 0), ended.stderr
