"""Settings, chosen classes and removals can be undone, by keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.batch_folders import tiny_model
from tests.gui.waiting import wait

CONTROL = Qt.KeyboardModifier.ControlModifier


def undo(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)


def redo(window: MainWindow) -> None:
    assert window.actions_.redo.isEnabled()
    window.actions_.redo.trigger()


def test_settings_go_back_in_the_panel_too(window: MainWindow, ready: Workspace) -> None:
    panel, session = ready.run, ready.session
    panel.preset.setCurrentIndex(panel.preset.findData("quick"))
    panel.preset.activated.emit(panel.preset.currentIndex())
    for seed in (1, 2, 3):
        panel.seed.setValue(seed)
    assert session.settings == RunSettings(preset="quick", seed=3)
    assert "settings" in window.actions_.undo.text()
    # The steps of one field are one change.
    undo(window)
    assert session.settings == RunSettings(preset="quick")
    assert panel.seed.value() == 0
    undo(window)
    assert session.settings == RunSettings() and panel.settings == RunSettings()
    assert not window.actions_.undo.isEnabled()
    redo(window)
    redo(window)
    assert panel.settings == RunSettings(preset="quick", seed=3)


def test_a_chosen_class_goes_back_on_its_photo(qtbot, window: MainWindow, ready: Workspace) -> None:
    session = ready.session
    first = session.current
    session.choose_target(1)
    session.choose_photo(session.paths[1])
    wait(qtbot, session.can_run)
    undo(window)
    assert session.current == first
    assert session.target().index == 0
    assert ready.predictions.bars[0].isChecked()
    redo(window)
    assert session.target().index == 1


def test_a_removed_photo_comes_back_with_its_map(
    qtbot, window: MainWindow, ready: Workspace, photo_files: list[Path]
) -> None:
    session = ready.session
    session.change_settings(RunSettings(calls=100))
    session.choose_photo(photo_files[1])
    wait(qtbot, session.can_run)
    session.run()
    wait(qtbot, lambda: session.job is None)
    result = session.result()
    window.actions_.remove.trigger()
    assert session.paths == [photo_files[0], photo_files[2]]
    assert ready.photos.rows.rowCount() == 2
    undo(window)
    assert session.paths == photo_files
    assert ready.photos.rows.rowCount() == 3
    assert session.current == photo_files[1] and session.result() is result
    wait(qtbot, lambda: session.photo() is not None)
    redo(window)
    assert session.paths == [photo_files[0], photo_files[2]]


def test_several_chosen_photos_leave_and_come_back_together(
    qtbot, window: MainWindow, ready: Workspace, photo_files: list[Path]
) -> None:
    ready.photos.list.setFocus()
    ready.photos.list.selectAll()
    QTest.keyClick(ready.photos.list, Qt.Key.Key_Delete)
    assert ready.session.paths == [] and ready.session.current is None
    assert not ready.viewer.canvas.has_map
    undo(window)
    assert ready.session.paths == photo_files
    assert ready.photos.rows.rowCount() == 3
    wait(qtbot, lambda: ready.session.photo() is not None)


def test_a_removed_model_comes_back_with_its_map_and_jobs(
    qtbot, window: MainWindow, ready: Workspace, photo_files: list[Path], tmp_path: Path
) -> None:
    session, box = ready.session, ready.models.list
    session.change_settings(RunSettings(calls=100))
    session.choose_photo(photo_files[1])
    wait(qtbot, session.can_run)
    session.run()
    wait(qtbot, lambda: session.job is None)
    first, saliency = session.model, session.result().saliency
    session.open([tiny_model(tmp_path, "other.onnx")])
    wait(qtbot, lambda: len(session.models) == 2)
    second = session.model
    assert box.isVisible() and box.count() == 2
    session.queue.pause()
    session.choose_model(first)
    wait(qtbot, session.can_run)
    session.run_photos([photo_files[0]])
    assert [e.spec.address for e in session.queue.pending()] == [first.address]
    box.setCurrentRow(0)
    QTest.keyClick(box, Qt.Key.Key_Delete)
    assert session.models == [second] and session.model is second
    assert not session.queue.pending() and not box.isVisible()
    undo(window)
    assert session.models == [first, second] and session.model is first
    assert (session.result().saliency == saliency).all()
    assert [e.spec.path for e in session.queue.pending()] == [photo_files[0]]
    redo(window)
    window.actions_.remove_model.trigger()
    assert session.models == [] and session.model is None and session.result() is None
    assert not session.can_run() and not window.actions_.remove_model.isEnabled()
    undo(window)
    undo(window)
    assert session.models == [first, second]
    session.queue.clear()


def test_the_model_that_is_explaining_stays(qtbot, window: MainWindow, ready: Workspace) -> None:
    session = ready.session
    session.run()
    assert session.job is not None
    window.actions_.remove_model.trigger()
    assert session.models and not session.undo.canUndo()
    assert "is being asked" in ready.model.banner.text
    session.cancel()
    wait(qtbot, lambda: session.job is None)
