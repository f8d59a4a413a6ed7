"""The application as it is, with somebody beside it who says where things are.

``python -m tests.tour.watched`` starts ``decam-studio``; a line of JSON on standard input asks,
and a line of JSON on standard output answers. Nothing is done this way: the tour acts by mouse
and keyboard alone.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLabel, QRadioButton, QWidget

from decam_gui import __main__ as program
from decam_gui.main_window import MainWindow
from decam_gui.views.banner import Banner


class Watcher(QObject):
    """Reads questions in a thread of its own, answers in the window's."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self.answer, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.asked.emit(line)

    @Slot(str)
    def answer(self, line: str) -> None:
        question = json.loads(line)
        found = state() if question["ask"] == "state" else place(question["name"])
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


def windows() -> list[QWidget]:
    """Those on show, dialogs first: they are on top."""
    shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    return sorted(shown, key=lambda w: not isinstance(w, QDialog))


def state() -> dict[str, Any]:
    """What the tour waits for."""
    main = next((w for w in windows() if isinstance(w, MainWindow)), None)
    found: dict[str, Any] = {"titles": [w.windowTitle() for w in windows() if w.windowTitle()]}
    if main is None:
        return found
    frame = main.frameGeometry()
    found["frame"] = [frame.x(), frame.y(), frame.width(), frame.height()]
    found["banners"] = [
        b.text for w in windows() for b in w.findChildren(Banner) if b.isVisible() and b.text
    ]
    focused = QApplication.focusWidget()
    found["focus"] = "" if focused is None else focused.accessibleName() or words_of(focused)
    space = main.workspace
    if space is None:
        return found
    session, target = space.session, space.session.target()
    result = session.result()
    found |= {
        "photos": len(session.paths),
        "models": len(session.models),
        "can_run": session.can_run(),
        "running": session.job is not None,
        "target": None if target is None else target.label,
        "classes": [bar.accessibleName() for bar in space.predictions.bars],
        "result": None if result is None else {"calls": result.calls, "why": result.stop_reason},
        "map": space.viewer.canvas.has_map,
        "comparing": space.pages.currentWidget() is space.compare_page,
        "cells": [cell.accessibleName() for _, cell in sorted(space.compare_page.cells.items())],
        "difference": space.compare_page.said.text(),
        "page": type(main.pages.currentWidget()).__name__,
    }
    return found


def place(name: str) -> list[int] | None:
    """The middle of the part of a widget that can be clicked, on the screen; None: not on show.

    Args:
        name: its accessible name, or the text on it without ``&``; of several, the first.
    """
    for window in windows():
        for widget in window.findChildren(QWidget):
            named = name in (widget.accessibleName(), words_of(widget))
            if isinstance(widget, QLabel) or not named:
                continue
            if not widget.isVisible() or not widget.isEnabled():
                continue
            # Boxes with a text beside them are only hit on either of the two.
            boxed = isinstance(widget, QCheckBox | QRadioButton)
            width = min(widget.width(), widget.sizeHint().width()) if boxed else widget.width()
            middle = QPoint(width // 2, widget.height() // 2)
            if widget.visibleRegion().contains(middle):
                spot = widget.mapToGlobal(middle)
                return [spot.x(), spot.y()]
    return None


def words_of(widget: QWidget) -> str:
    """The text on it."""
    text = getattr(widget, "text", None)
    return str(text()).replace("&", "") if callable(text) else ""


def main() -> int:
    """Start the application with the watcher beside it."""
    original = MainWindow.__init__

    def watched(self: MainWindow) -> None:
        original(self)
        self._watcher = Watcher()

    MainWindow.__init__ = watched  # type: ignore[method-assign]
    return program.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
