"""The viewer's modes, on a real window with a real run of the tiny model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from decam_engine import Explanation
from decam_gui.main_window import MainWindow
from decam_gui.views.canvas import Canvas
from decam_gui.views.map_layer import Mode
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


@pytest.fixture
def done(qtbot, ready: Workspace) -> Workspace:
    """A finished run, large enough for regions."""
    ready.session.change_settings(ready.run.settings.__class__(preset="quick"))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    return ready


def result_of(space: Workspace) -> Explanation:
    result = space.session.result()
    assert result is not None
    return result


def picture(canvas: Canvas) -> npt.NDArray[np.int16]:
    """What the canvas shows, ``(H, W, 3)``."""
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), -1, 3).astype(np.int16)


def test_every_mode_has_a_button_and_a_key_and_looks_different(
    window: MainWindow, done: Workspace
) -> None:
    seen = {}
    for number, mode in enumerate(Mode):
        QTest.keyClick(window, Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
        assert done.viewer.canvas.mode is mode
        assert done.viewer.modes.buttons[mode].isChecked()
        assert done.viewer.modes.buttons[mode].accessibleDescription()
        seen[mode] = picture(done.viewer.canvas).tobytes()
    assert len(set(seen.values())) == len(Mode)


def test_side_by_side_points_at_the_same_pixel_in_both(done: Workspace) -> None:
    QTest.mouseClick(done.viewer.modes.buttons[Mode.SIDE], Qt.MouseButton.LeftButton)
    canvas = done.viewer.canvas
    told: list[tuple[int, int, float]] = []
    canvas.pointed.connect(told.append)
    left, right = (canvas.target(pane) for pane in canvas.panes())
    for target in (left, right):
        QTest.mouseMove(canvas, (target.topLeft() + QPointF(60, 40)).toPoint())
        QApplication.processEvents()
    assert told[-1] == told[0]
    assert told[-1][2] == pytest.approx(
        float(result_of(done).saliency[told[-1][1], told[-1][0]]), abs=2e-3
    )


def test_the_curtain_is_pulled_by_mouse_and_by_keys(done: Workspace) -> None:
    done.viewer.set_mode(Mode.CURTAIN)
    canvas = done.viewer.canvas
    middle = canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(canvas, middle - QPoint(100, 0))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle - QPoint(100, 0))
    pulled = canvas.curtain
    assert pulled == pytest.approx((middle.x() - 100) / canvas.width(), abs=0.01)
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Period)
    assert canvas.curtain > pulled


def test_only_what_matters_begins_with_the_keep_region_and_follows_the_slider(
    done: Workspace,
) -> None:
    result = result_of(done)
    assert result.keep_region is not None
    done.viewer.set_mode(Mode.KEEP)
    assert done.viewer.share.share == result.keep_region.fraction
    few = picture(done.viewer.canvas)
    done.viewer.share.setFocus()
    QTest.keyClick(done.viewer.share.slider, Qt.Key.Key_End)
    assert done.viewer.share.share == 1.0
    everything = picture(done.viewer.canvas)
    done.viewer.opacity.setValue(0)
    done.viewer.set_mode(Mode.OVERLAY)
    plain = picture(done.viewer.canvas)
    # All of the pixels is the photograph, but for the line around it.
    assert (np.abs(everything - plain).max(axis=2) > 8).mean() < 0.05
    assert (np.abs(few - plain).max(axis=2) > 8).mean() > 0.1


def test_keep_and_without_share_the_photograph_between_them(done: Workspace) -> None:
    canvas, share = done.viewer.canvas, done.viewer.share
    done.viewer.set_mode(Mode.KEEP)
    share.slider.setValue(100)
    kept = picture(canvas)
    done.viewer.set_mode(Mode.REMOVE)
    assert share.share == 0.25
    removed = picture(canvas)
    done.viewer.set_mode(Mode.OVERLAY)
    done.viewer.opacity.setValue(0)
    plain = picture(canvas)
    shown = [np.abs(p - plain).max(axis=2) < 4 for p in (kept, removed)]
    assert (shown[0] | shown[1]).mean() > 0.9


def test_the_engines_regions_are_outlined_and_named(done: Workspace) -> None:
    result = result_of(done)
    viewer = done.viewer
    assert viewer.keep_shown.isVisible() == (result.keep_region is not None)
    assert viewer.flip_shown.isVisible() == (result.flip_region is not None)
    assert "%" in viewer.keep_shown.text()
    before = picture(viewer.canvas)
    viewer.keep_shown.setFocus()
    QTest.keyClick(viewer.keep_shown, Qt.Key.Key_Space)
    assert (picture(viewer.canvas) != before).any()


def test_contours_are_marked_on_the_colour_bar_and_the_pointer_too(done: Workspace) -> None:
    bar = done.viewer.bar
    plain = bar.grab().toImage()
    done.viewer.set_mode(Mode.CONTOURS)
    marked = bar.grab().toImage()
    assert marked != plain
    QTest.mouseMove(done.viewer.canvas, done.viewer.canvas.rect().center())
    QApplication.processEvents()
    assert bar.grab().toImage() != marked


def test_arrows_with_shift_move_the_pointer(done: Workspace) -> None:
    canvas = done.viewer.canvas
    canvas.setFocus()
    told: list[tuple[int, int, float]] = []
    canvas.pointed.connect(told.append)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [t[:2] for t in told] == [(49, 36), (49, 37)]
    assert "saliency" in done.viewer.pointed.text()


def test_wheel_keys_and_a_pinch_zoom_and_a_double_click_fits(done: Workspace) -> None:
    canvas = done.viewer.canvas
    centre = QPointF(canvas.rect().center())
    at = canvas.mapToGlobal(centre)
    zooms = [canvas.view[0]]
    wheel = QWheelEvent(
        centre, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, wheel)
    zooms.append(canvas.view[0])
    pad = QPointingDevice.primaryPointingDevice()
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, pad, 2, centre, centre, at, 0.5, QPointF()
    )
    QApplication.sendEvent(canvas, pinch)
    zooms.append(canvas.view[0])
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    zooms.append(canvas.view[0])
    assert zooms == sorted(set(zooms))
    assert zooms[2] == pytest.approx(zooms[1] * 1.5)
    under = canvas.to_picture(centre)
    assert (under.x(), under.y()) == pytest.approx((48, 36), abs=0.5)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    assert canvas.view[0] == 1.0
