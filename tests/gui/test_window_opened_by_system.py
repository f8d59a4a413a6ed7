"""Files that the desktop asks the running application for, as macOS does after a double click."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFileOpenEvent

from decam_gui.app import Application
from decam_gui.main_window import MainWindow
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


def test_a_double_clicked_photograph_is_opened(
    qtbot, qapp: Application, window: MainWindow, space: Workspace, photo_files: list[Path]
) -> None:
    qapp.file_asked_for.connect(window.open_file)
    try:
        assert QCoreApplication.sendEvent(qapp, QFileOpenEvent(str(photo_files[0])))
        wait(qtbot, lambda: photo_files[0].absolute() in space.session.paths)
    finally:
        qapp.file_asked_for.disconnect(window.open_file)
