"""Cancel, close, appearance, start-up, and errors of the program itself."""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from decam_engine import overlay
from decam_gui import theme
from decam_gui.app import BugReporter
from decam_gui.main_window import MainWindow
from decam_gui.qt_image import map_image, to_qimage
from decam_gui.session import RunSettings
from decam_gui.views.progress_row import duration
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait

MANY = RunSettings(calls=200_000)


def test_escape_stops_soon_and_keeps_the_map(qtbot, window: MainWindow, ready: Workspace) -> None:
    ready.session.change_settings(MANY)
    QTest.keyClick(window, Qt.Key.Key_F5)
    assert ready.session.job is not None
    wait(qtbot, lambda: ready.session.progress is not None)
    wait(qtbot, lambda: ready.session.progress.saliency is not None)
    asked = time.perf_counter()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert ready.session.stopping
    wait(qtbot, lambda: ready.session.job is None)
    assert time.perf_counter() - asked < 3.0
    result = ready.session.result()
    assert result is not None and result.cancelled and result.calls < 200_000
    text = ready.viewer.state.text()
    assert f"stopped at {result.calls:,} of 200,000 calls" in text
    assert ready.viewer.canvas.has_map
    # And the next run is not stopped by the old wish.
    ready.session.change_settings(RunSettings(calls=100))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    assert not ready.session.result().cancelled


def test_closing_during_a_run_ends_it(qtbot, window: MainWindow, ready: Workspace) -> None:
    ready.session.change_settings(MANY)
    ready.session.run()
    wait(qtbot, lambda: ready.session.progress is not None)
    assert window.close()
    assert window.workspace is None


def test_running_twice_starts_one_run(qtbot, ready: Workspace) -> None:
    started: list[int] = []
    ready.workers.runner.started.connect(started.append)
    ready.session.change_settings(RunSettings(calls=200))
    ready.session.run()
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    assert started == [1]


def test_answers_of_an_older_run_are_ignored(qtbot, ready: Workspace) -> None:
    ready.session.change_settings(RunSettings(calls=100))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    result = ready.session.result()
    ready.session.on_failed(1, "late")
    ready.session.on_finished(0, result)
    assert ready.run.banner.text == ""
    assert ready.session.result() is result


def test_the_engine_is_imported_behind_the_painted_window(qtbot) -> None:
    made = MainWindow()
    made.show()
    made.open_demo()
    assert made.workspace is None
    made.load_engine()
    wait(qtbot, lambda: made.workspace is not None)
    wait(qtbot, made.workspace.session.can_run)
    made.close()
    made.deleteLater()


def test_dark_and_light_while_open(window: MainWindow, ready: Workspace) -> None:
    def corner() -> QColor:
        return ready.viewer.canvas.grab().toImage().pixelColor(3, 3)

    assert corner() == QColor(theme.LIGHT.canvas)
    window.set_appearance("dark")
    QApplication.processEvents()
    assert theme.current() is theme.DARK
    assert corner() == QColor(theme.DARK.canvas)
    assert window.palette().window().color() == QColor(theme.DARK.window)
    window.set_appearance("light")
    assert corner() == QColor(theme.LIGHT.canvas)


@pytest.mark.parametrize("scheme", [theme.LIGHT, theme.DARK])
def test_texts_stand_out(scheme: theme.Scheme) -> None:
    pairs = [
        *((text, ground) for text in ("text", "muted") for ground in ("window", "card", "field")),
        *((text, ground) for text in ("text", "muted") for ground in ("hover", "chosen")),
        *(("accent", ground) for ground in ("card", "hover", "chosen")),
        ("muted", "canvas"),
        ("on_error", "card"),
        ("on_accent", "accent"),
        ("on_accent", "accent_hover"),
        ("on_warning", "warning"),
        ("on_error", "error"),
        ("on_success", "success"),
        ("text", "canvas"),
        ("text", "track"),
        ("muted", "track"),
    ]
    for text, ground in pairs:
        assert contrast(getattr(scheme, text), getattr(scheme, ground)) >= 4.5, (text, ground)
    # What shows where a field or a box is, and where the focus is.
    for line, ground in itertools.product(("outline", "accent"), ("window", "card", "field")):
        assert contrast(getattr(scheme, line), getattr(scheme, ground)) >= 3, (line, ground)


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio."""

    def luminance(name: str) -> float:
        parts = np.array(QColor(name).getRgbF()[:3])
        linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_control_has_a_name(ready: Workspace) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider, QSpinBox

    kinds = (QAbstractButton, QComboBox, QSlider, QSpinBox, QLineEdit)
    for kind in kinds:
        for widget in ready.findChildren(kind):
            inner = isinstance(widget.parent(), QLineEdit | QSpinBox)
            if inner or not widget.isVisible():
                continue
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget


def test_the_window_mixes_colours_as_the_engine_does() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (33, 47, 3), dtype=np.uint8)
    saliency = rng.random((33, 47), dtype=np.float32)
    from PySide6.QtGui import QPainter

    mixed = to_qimage(pixels)
    painter = QPainter(mixed)
    painter.drawImage(0, 0, map_image(saliency, "viridis", 0.6))
    painter.end()
    expected = overlay(pixels, saliency, "viridis", 0.6).astype(int)
    for y, x in rng.integers(0, (33, 47), (60, 2)):
        found = mixed.pixelColor(int(x), int(y)).getRgb()[:3]
        assert np.abs(np.array(found) - expected[y, x]).max() <= 3


def test_an_error_of_the_program_can_be_copied(qtbot) -> None:
    reporter = BugReporter()
    try:
        raise ValueError("a bug")
    except ValueError as error:
        hook, sys.__excepthook__ = sys.__excepthook__, lambda *_: None
        try:
            reporter.report(ValueError, error, error.__traceback__)
        finally:
            sys.__excepthook__ = hook
    assert reporter.dialog is not None
    qtbot.addWidget(reporter.dialog)
    reporter.dialog.copy()
    copied = QApplication.clipboard().text()
    assert "ValueError: a bug" in copied and "PySide6" in copied and "onnxruntime" in copied


def test_help_lists_every_shortcut(qtbot, window: MainWindow) -> None:
    from PySide6.QtWidgets import QLabel

    from decam_gui.dialogs.help import AboutDialog, ShortcutsDialog

    sheet = ShortcutsDialog(window.actions_.all(), window)
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"F5", "Esc", "F1", "Ctrl+O", "Ctrl+S", "Ctrl+Q"} <= texts
    about = AboutDialog(window)
    assert any("DE-CAM Studio" in label.text() for label in about.findChildren(QLabel))
    sheet.deleteLater()
    about.deleteLater()


def test_durations_are_readable() -> None:
    assert duration(2.1) == "3 s"
    assert duration(125) == "2 min 5 s"
    assert duration(float("inf")) == "?"
