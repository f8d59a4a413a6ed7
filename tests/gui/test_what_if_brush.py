"""The what-if brush: painted with a real mouse on a real model's photograph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from decam_engine import WhatIf
from decam_gui.main_window import MainWindow
from decam_gui.views.map_layer import Mode
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


@pytest.fixture
def done(qtbot, ready: Workspace) -> Workspace:
    """A finished run."""
    ready.trust_card.auto.setChecked(False)
    ready.session.change_settings(ready.run.settings.__class__(preset="quick"))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    return ready


def at(space: Workspace, x: float, y: float) -> QPoint:
    """Where a photo pixel lies on the canvas."""
    target = space.viewer.canvas.target()
    return QPointF(
        target.left() + x / 96 * target.width(), target.top() + y / 72 * target.height()
    ).toPoint()


def paint(space: Workspace, *points: tuple[float, float]) -> None:
    """One stroke."""
    canvas = space.viewer.canvas
    places = [at(space, *p) for p in points]
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=places[-1])


def settle(qtbot, space: Workspace) -> None:
    wait(qtbot, lambda: not space.edit.busy)


def test_painting_updates_the_bars_with_what_the_model_says(
    qtbot, window: MainWindow, done: Workspace
) -> None:
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert done.edit.active and done.editing.bar.isVisible()
    assert window.actions_.what_if.isChecked()
    # Over the bright spot that the model looks at.
    paint(done, (52, 20), (76, 20), (76, 28), (52, 28))
    settle(qtbot, done)
    answer = done.edit.answer
    assert answer is not None and done.edit.edited
    opened, box = done.session.photo(), done.session.box()
    assert opened is not None and box is not None
    right = WhatIf(box, opened.photo).scores(done.edit.keep, done.edit.fill_used())
    assert answer.scores == pytest.approx(right, abs=1e-6)
    bar = done.predictions.bars[0]
    assert bar.after == pytest.approx(float(right[bar.prediction.index]), abs=1e-6)
    assert bar.after is not None and bar.after < bar.prediction.score
    assert "The answer is now" in done.predictions.edited_text
    said = done.editing.bar.said.text()
    assert "expected" in said and "actual" in said


def test_a_quick_stroke_has_no_gaps(qtbot, ready: Workspace) -> None:
    ready.editing.button.setChecked(True)
    ready.editing.bar.size.setValue(20)
    paint(ready, (20, 36), (76, 36))
    row = ready.edit.keep[32]
    hidden = np.flatnonzero(row < 1)
    assert len(hidden) == hidden[-1] - hidden[0] + 1 > 20


def test_undo_reset_and_showing_again(qtbot, ready: Workspace) -> None:
    ready.editing.button.setChecked(True)
    edit, bar = ready.edit, ready.editing.bar
    paint(ready, (30, 30))
    first = edit.keep.copy()
    paint(ready, (60, 40))
    ready.viewer.canvas.setFocus()
    QTest.keyClick(ready.viewer.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(edit.keep, first)
    QTest.mouseClick(bar.show_button, Qt.MouseButton.LeftButton)
    paint(ready, (30, 30))
    assert not edit.edited
    QTest.mouseClick(bar.undo, Qt.MouseButton.LeftButton)
    assert np.array_equal(edit.keep, first)
    QTest.mouseClick(bar.reset, Qt.MouseButton.LeftButton)
    assert not edit.edited
    settle(qtbot, ready)
    assert ready.predictions.bars[0].after is None
    QTest.mouseClick(bar.undo, Qt.MouseButton.LeftButton)
    assert np.array_equal(edit.keep, first)


def test_the_fill_can_be_chosen(qtbot, ready: Workspace) -> None:
    ready.editing.button.setChecked(True)
    paint(ready, (52, 20), (76, 28))
    settle(qtbot, ready)
    before = ready.edit.answer
    fill = ready.editing.bar.fill
    fill.setCurrentIndex(fill.findData("black"))
    settle(qtbot, ready)
    assert ready.edit.answer is not None and ready.edit.answer is not before
    assert ready.edit.answer.probe.fill == "black"
    hidden = ready.edit.keep < 1
    assert ready.edit.picture is not None and ready.edit.picture[hidden].max() == 0


def test_fast_painting_asks_no_more_than_the_model_can_answer(qtbot, ready: Workspace) -> None:
    ready.editing.button.setChecked(True)
    asked: list[int] = []
    answered: list[int] = []
    ready.edit.ask.connect(lambda probe: asked.append(probe.number))
    ready.workers.prober.probed.connect(lambda probed: answered.append(probed.probe.number))
    paint(ready, *[(x, 30 + x % 7) for x in range(10, 90)])
    assert len(asked) - len(answered) <= 1
    settle(qtbot, ready)
    wait(qtbot, lambda: len(asked) == len(answered))
    assert ready.edit.answer is not None
    # The last answer is about what is painted, however few of the states between were asked.
    assert np.array_equal(ready.edit.answer.probe.keep, ready.edit.keep)


def test_a_quick_stroke_is_one_question(qtbot, ready: Workspace) -> None:
    ready.editing.button.setChecked(True)
    paint(ready, (10, 30))
    settle(qtbot, ready)
    asked: list[int] = []
    ready.edit.ask.connect(lambda probe: asked.append(probe.number))
    # One movement of the hand, many dabs.
    ready.viewer.canvas.stroke_moved.emit(QPointF(86, 40))
    assert len(asked) == 1
    settle(qtbot, ready)
    assert len(asked) == 1
    assert np.array_equal(ready.edit.answer.probe.keep, ready.edit.keep)


def test_painting_by_keys(qtbot, ready: Workspace) -> None:
    ready.editing.button.setChecked(True)
    canvas = ready.viewer.canvas
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert ready.edit.edited


def test_another_photo_is_whole_and_the_brush_can_be_put_away(
    qtbot, ready: Workspace, photo_files: list[Path]
) -> None:
    ready.editing.button.setChecked(True)
    paint(ready, (60, 25))
    settle(qtbot, ready)
    ready.step_photo(1)
    wait(qtbot, ready.session.can_run)
    assert not ready.edit.edited and ready.predictions.bars[0].after is None
    paint(ready, (60, 25))
    ready.editing.button.setChecked(False)
    assert not ready.edit.edited and not ready.editing.bar.isVisible()
    zoom = ready.viewer.canvas.view[0]
    paint(ready, (60, 25))
    assert not ready.edit.edited and ready.viewer.canvas.view[0] == zoom


def test_the_maps_own_part_can_be_hidden_or_kept(qtbot, done: Workspace) -> None:
    done.editing.button.setChecked(True)
    QTest.mouseClick(done.editing.bar.hide_region, Qt.MouseButton.LeftButton)
    share = done.viewer.share.share
    assert float((done.edit.keep < 1).mean()) == pytest.approx(share, abs=1e-3)
    QTest.mouseClick(done.editing.bar.keep_region, Qt.MouseButton.LeftButton)
    assert float((done.edit.keep > 0).mean()) == pytest.approx(share, abs=1e-3)


def test_only_and_without_say_what_the_model_says(qtbot, done: Workspace) -> None:
    done.viewer.set_mode(Mode.KEEP)
    wait(qtbot, lambda: "With only the top" in done.viewer.cut.text())
    kept = done.viewer.cut.text()
    assert "bright spot" in kept
    done.viewer.share.slider.setValue(190)
    wait(qtbot, lambda: done.viewer.cut.text() != kept)
    assert "90 %" in done.viewer.cut.text()
    done.viewer.set_mode(Mode.REMOVE)
    wait(qtbot, lambda: "Without the top" in done.viewer.cut.text())
    done.viewer.set_mode(Mode.OVERLAY)
    assert not done.viewer.cut.isVisible()
