"""The main job in the window: drop, look, choose, run, save."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from decam_engine import Explanation, demo_model, demo_photos
from decam_gui.main_window import MainWindow
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


def drop(window: MainWindow, paths: list[Path]) -> bool:
    """Drag files over the window and let go, as a file manager does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(p)) for p in paths])
    entered = QDragEnterEvent(
        QPoint(200, 200),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, entered)
    dropped = QDropEvent(
        QPointF(200, 200),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(window, dropped)
    return entered.isAccepted() and dropped.isAccepted()


def run_to_end(qtbot, space: Workspace, preset: str = "quick") -> Explanation:
    """Choose a preset, press Run, wait."""
    space.run.preset.setCurrentIndex(space.run.preset.findData(preset))
    space.run.preset.activated.emit(space.run.preset.currentIndex())
    QTest.mouseClick(space.run.run_button, Qt.MouseButton.LeftButton)
    assert space.session.job is not None
    wait(qtbot, lambda: space.session.job is None)
    result = space.session.result()
    assert result is not None
    return result


def same_map(one: Explanation | None, other: Explanation) -> bool:
    """Whether one is the other, perhaps checked meanwhile."""
    return one is not None and one.input_saliency is other.input_saliency


def test_starts_empty_and_says_what_to_do(window: MainWindow) -> None:
    assert window.pages.currentWidget() is window.welcome
    assert window.welcome.open_button.isVisible()
    assert window.welcome.demo_button.isVisible()
    assert not window.actions_.run.isEnabled()
    assert not window.actions_.save.isEnabled()


def test_dropping_files_a_folder_and_a_model_opens_all(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    assert drop(window, [photo_files[0].parent, rectangle_onnx])
    wait(qtbot, lambda: len(space.session.paths) == 3 and space.session.can_run())
    assert window.pages.currentWidget() is space
    assert space.photos.rows.rowCount() == 3
    assert space.session.current == photo_files[0]
    assert [b.prediction.label for b in space.predictions.bars] == ["bright spot", "other place"]
    assert space.predictions.bars[0].isChecked()
    assert "64 × 64" in space.model.facts
    assert "2" in space.model.facts


def test_text_dragged_over_the_window_is_not_taken(window: MainWindow) -> None:
    assert not drop(window, [])


def test_only_a_photo_offers_the_bundled_model(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path]
) -> None:
    drop(window, photo_files[:1])
    wait(qtbot, lambda: space.session.photo() is not None)
    assert space.model.demo_button.isVisible()
    assert not space.run.run_button.isEnabled()
    QTest.mouseClick(space.model.demo_button, Qt.MouseButton.LeftButton)
    wait(qtbot, space.session.can_run)
    assert space.session.model is not None
    assert space.session.model.path == demo_model()
    assert not space.model.demo_button.isVisible()


def test_only_a_model_asks_for_a_photo(
    qtbot, window: MainWindow, space: Workspace, rectangle_onnx: Path
) -> None:
    drop(window, [rectangle_onnx])
    wait(qtbot, lambda: space.session.model is not None)
    assert window.pages.currentWidget() is space
    assert not space.session.can_run()


def test_run_shows_progress_live_maps_and_the_result(qtbot, ready: Workspace) -> None:
    seen: list[int] = []
    live: list[bool] = []
    ready.session.progressed.connect(lambda p: seen.append(p.calls))
    ready.session.progressed.connect(lambda p: live.append(p.saliency is not None))
    result = run_to_end(qtbot, ready, "balanced")
    assert seen and seen == sorted(seen)
    assert any(live)
    assert result.calls <= 1000
    assert ready.viewer.canvas.has_map
    assert "calls in" in ready.viewer.state.text()
    # The tiny model looks at the bright rectangle: the map must peak there.
    y, x = np.unravel_index(np.argmax(result.saliency), result.saliency.shape)
    assert 10 <= y <= 36 and 46 <= x <= 82


def test_each_photo_and_class_keeps_its_own_result(
    qtbot, ready: Workspace, photo_files: list[Path]
) -> None:
    first = run_to_end(qtbot, ready)
    ready.step_photo(1)
    wait(qtbot, ready.session.can_run)
    assert ready.session.current == photo_files[1]
    assert ready.session.result() is None
    assert not ready.viewer.canvas.has_map
    ready.step_photo(-1)
    assert same_map(ready.session.result(), first)
    assert ready.viewer.canvas.has_map
    bar = ready.predictions.bars[1]
    bar.setFocus()
    QTest.keyClick(bar, Qt.Key.Key_Return)
    assert ready.session.target().label == "other place"
    assert ready.session.result() is None
    QTest.keyClick(ready.predictions.bars[0], Qt.Key.Key_Space)
    assert same_map(ready.session.result(), first)


def test_photos_can_be_browsed_and_opened_during_a_run(
    qtbot, window: MainWindow, ready: Workspace, photo_files: list[Path], tmp_path: Path
) -> None:
    ready.session.change_settings(ready.run.settings.__class__(calls=3000))
    ready.session.run()
    wait(qtbot, lambda: ready.session.progress is not None)
    another = tmp_path / "another.png"
    another.write_bytes(photo_files[2].read_bytes())
    window.open([another])
    wait(qtbot, lambda: ready.session.current == another)
    assert not ready.session.shows_run()
    assert not ready.viewer.canvas.has_map
    ready.session.choose_photo(photo_files[0])
    ready.session.cancel()
    wait(qtbot, lambda: ready.session.job is None)
    assert ready.session.result() is not None


def test_a_class_is_chosen_by_name_and_a_wrong_name_is_answered(qtbot, ready: Workspace) -> None:
    field = ready.predictions.search
    QTest.keyClicks(field, "other plaice")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "other place" in ready.predictions.trouble
    field.clear()
    QTest.keyClicks(field, "other place")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert ready.predictions.trouble == ""
    assert ready.session.target().label == "other place"


def test_the_value_under_the_cursor_is_the_maps(qtbot, ready: Workspace) -> None:
    result = run_to_end(qtbot, ready)
    canvas = ready.viewer.canvas
    told: list[tuple[int, int, float | None]] = []
    canvas.pointed.connect(told.append)
    QTest.mouseMove(canvas, canvas.rect().center() + QPoint(7, -9))
    wait(qtbot, lambda: bool(told))
    x, y, value = told[-1]
    assert value == pytest.approx(float(result.saliency[y, x]), abs=2e-3)
    assert f"x {x}, y {y}, saliency" in ready.viewer.pointed.text()


def test_saving_writes_files_and_a_failure_keeps_the_map(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    run_to_end(qtbot, ready)
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    window.ask_folder = lambda: str(blocked / "inside")
    window.actions_.save.trigger()
    wait(qtbot, ready.viewer.saved.isVisible)
    assert "could not be written" in ready.viewer.saved.text
    assert ready.session.result() is not None
    window.ask_folder = lambda: str(tmp_path / "out")
    window.actions_.save.trigger()
    wait(qtbot, lambda: "Saved to" in ready.viewer.saved.text)
    assert list((tmp_path / "out").glob("*.overlay.png"))


def test_the_bundled_demo_from_the_button(qtbot, window: MainWindow, space: Workspace) -> None:
    QTest.mouseClick(window.welcome.demo_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: space.session.can_run() and len(space.session.paths) == 4)
    assert space.session.current == demo_photos()[0]
    assert len(space.predictions.bars) == 5
    assert "cat" in space.predictions.bars[0].prediction.label
    space.session.change_settings(space.run.settings.__class__(calls=120))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    result = space.session.result()
    assert result is not None and result.calls <= 120
    assert space.viewer.canvas.has_map


def test_remove_takes_a_photo_off_the_list(
    qtbot, window: MainWindow, ready: Workspace, photo_files: list[Path]
) -> None:
    ready.photos.list.setFocus()
    QTest.keyClick(ready.photos.list, Qt.Key.Key_Delete)
    assert ready.photos.rows.rowCount() == 2
    assert ready.session.current == photo_files[1]
