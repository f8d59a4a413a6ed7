"""The window by keyboard and for screen readers: names, order, focus, and no colour alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait

KINDS = (
    QAbstractButton, QComboBox, QAbstractSlider, QAbstractSpinBox, QLineEdit, QPlainTextEdit,
    QAbstractItemView, QTabBar,
)  # fmt: skip
# Made by Qt inside other widgets, which have the name.
INNER = (
    "qt_spinbox_lineedit",
    "ScrollLeftButton",
    "ScrollRightButton",
    "qt_menubar_ext_button",
    "qt_tableview_cornerbutton",
)


def interactive(root: QWidget) -> list[QWidget]:
    """Everything that can be used, shown or not, without Qt's own inner parts."""
    found = []
    for kind in KINDS:
        for widget in root.findChildren(kind):
            parent = widget.parent()
            inner = (
                isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit)
                or widget.objectName() in INNER
                or (
                    widget.metaObject().className().startswith("QComboBox")
                    and not isinstance(widget, QComboBox)
                )
            )
            # Scroll bars and headers follow what they belong to.
            follows = isinstance(parent, QAbstractScrollArea) or (
                parent is not None and isinstance(parent.parent(), QAbstractScrollArea)
                and widget.inherits("QScrollBar")
            )  # fmt: skip
            if not inner and not (follows and not isinstance(widget, QAbstractButton)):
                found.append(widget)
    return found


def pixels(widget: QWidget) -> np.ndarray:
    """How it looks, uint8 ``(h, w, 4)``."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()


def nameless(root: QWidget) -> list[str]:
    """What a screen reader could not name."""
    return [
        f"{type(w).__name__} {w.objectName()} in {type(w.parent()).__name__}: {w.toolTip()}"
        for w in interactive(root)
        # What is not on show may have nothing to say yet.
        if w.isVisibleTo(root)
        and not w.accessibleName()
        and not (isinstance(w, QAbstractButton) and w.text().strip())
        and not isinstance(w, QTabBar)
    ]


def explained(qtbot, space: Workspace) -> None:
    """A map, so that everything that needs one is there."""
    space.session.change_settings(RunSettings(calls=100))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)


def test_everything_in_the_window_has_a_name(qtbot, window: MainWindow, ready: Workspace) -> None:
    explained(qtbot, ready)
    assert len(interactive(window)) > 20
    assert nameless(window) == []
    for more in (window.actions_.what_if, window.actions_.compare, window.actions_.show_queue):
        more.trigger()
        QApplication.processEvents()
        assert nameless(window) == [], more.text()


def test_everything_in_the_dialogs_has_a_name(qtbot, window: MainWindow, ready: Workspace) -> None:
    explained(qtbot, ready)
    for action in (
        window.actions_.export, window.actions_.settings, window.actions_.shortcuts,
        window.actions_.about, window.actions_.open_server,
    ):  # fmt: skip
        action.trigger()
        dialogs = [d for d in window.findChildren(QDialog) if d.isVisible()]
        assert len(dialogs) == 1, action.text()
        assert dialogs[0].windowTitle()
        assert interactive(dialogs[0]) and nameless(dialogs[0]) == [], action.text()
        dialogs[0].close()
        QApplication.processEvents()


def test_tab_reaches_everything_that_can_be_used(
    qtbot, window: MainWindow, ready: Workspace
) -> None:
    explained(qtbot, ready)
    ready.run.expert_button.setChecked(True)
    QApplication.processEvents()
    expected = {
        w
        for w in interactive(window)
        if w.isVisible() and w.isEnabled() and w.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    ready.photos.list.setFocus()
    reached = []
    for _ in range(len(expected) * 2 + 10):
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused is ready.photos.list and reached:
            break
        reached.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    missed = [f"{type(w).__name__} {w.accessibleName() or w.toolTip()}" for w in expected if
              w not in reached and not isinstance(w, QAbstractButton)]  # fmt: skip
    missed += [
        w.text() or w.accessibleName()
        for w in expected
        if w not in reached and isinstance(w, QAbstractButton)
        # Of the bars, and of radio buttons, one is reached by Tab and the others by arrow keys.
        and not w.autoExclusive() and w.group() is None
    ]  # fmt: skip
    assert not missed


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_the_focus_can_be_seen(qtbot, window: MainWindow, ready: Workspace, appearance) -> None:
    """A widget with the focus looks different from itself without it."""
    window.set_appearance(appearance)
    explained(qtbot, ready)
    ready.run.expert_button.setChecked(True)
    QApplication.processEvents()
    unseen = []
    for widget in interactive(window):
        tabs = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if not (widget.isVisible() and widget.isEnabled() and tabs):
            continue
        ready.setFocus()
        window.setFocus()
        QApplication.processEvents()
        plain = pixels(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        if not widget.hasFocus():
            QApplication.sendEvent(widget, QFocusEvent(QEvent.Type.FocusIn))
        QApplication.processEvents()
        focused = pixels(widget)
        if plain.shape == focused.shape and np.array_equal(plain, focused):
            unseen.append(f"{type(widget).__name__} {widget.accessibleName() or widget.toolTip()}")
    assert not unseen


def test_states_are_told_in_words_or_shapes(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    """Nothing is told by colour alone: a bad file, the chosen class, a guess."""
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    window.open([bad])
    wait(qtbot, lambda: bad in ready.session.problems)
    row = ready.photos.rows.row_of(bad)
    index = ready.photos.rows.index(row)
    words = index.data(Qt.ItemDataRole.DisplayRole) + index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "cannot be read" in words
    assert ready.predictions.bars[0].isCheckable()
