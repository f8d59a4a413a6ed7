"""Dragging a file out of the window: to the file manager, a mail, a slide."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

# Marks drags of this program, which it does not take itself.
OWN_DRAG = "application/x-decam-studio"
PICTURE_SIDE = 128


class DragOut(QObject):
    """Lets a file be dragged off a widget; the file is asked for when the button goes down.

    What the widget does when it is clicked stays as it is.
    """

    # A drag may be about to begin: write the file, and give it to :meth:`set_file`.
    wanted = Signal()
    # For tests and for who wants to know: what was dragged.
    dragged = Signal(object)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._from: QPoint | None = None
        self._moved = False
        self._file: Path | None = None
        widget.installEventFilter(self)

    def set_file(self, path: Path | None) -> None:
        """The file is there; None: there will be none."""
        self._file = path
        if path is None:
            self._from = None
        elif self._moved and self._from is not None:
            self._drag()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Begin when the mouse has moved far enough with its button down."""
        if isinstance(event, QMouseEvent):
            kind = event.type()
            if kind == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._from, self._moved, self._file = event.position().toPoint(), False, None
                if self._widget.isEnabled():
                    self.wanted.emit()
            elif kind == QEvent.Type.MouseMove and self._from is not None:
                far = (event.position().toPoint() - self._from).manhattanLength()
                if not self._moved and far >= QApplication.startDragDistance():
                    self._moved = True
                    if self._file is not None:
                        self._drag()
                        return True
            elif kind == QEvent.Type.MouseButtonRelease:
                self._from = None
        return False

    def mime(self, path: Path) -> QMimeData:
        """What is dragged: the file, by its URL."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        data.setData(OWN_DRAG, b"")
        return data

    def _drag(self) -> None:
        path, self._from = self._file, None
        if path is None:
            return
        if hasattr(self._widget, "setDown"):
            self._widget.setDown(False)
        drag = QDrag(self._widget)
        drag.setMimeData(self.mime(path))
        picture = QPixmap(str(path))
        if not picture.isNull():
            drag.setPixmap(
                picture.scaled(
                    PICTURE_SIDE,
                    PICTURE_SIDE,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        self.dragged.emit(path)
        drag.exec(Qt.DropAction.CopyAction)
