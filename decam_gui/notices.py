"""Tells who works elsewhere that the queue has ended, where the desktop has a place for it."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

SHOWN_FOR_MS = 10_000


class Notices(QObject):
    """A tray icon that is there only while a notification is on show."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tray: QSystemTrayIcon | None = None
        self._window: QWidget | None = None

    def tell(self, text: str, window: QWidget) -> bool:
        """Show a notification; False where the desktop has none. A click brings the window."""
        self._window = window
        QApplication.alert(window)
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return False
        if self._tray is None:
            self._tray = QSystemTrayIcon(window.windowIcon(), self)
            self._tray.messageClicked.connect(self._raise)
            self._tray.activated.connect(self._raise)
        self._tray.setToolTip(text)
        self._tray.show()
        self._tray.showMessage("DE-CAM Studio", text, window.windowIcon(), SHOWN_FOR_MS)
        return True

    def shut_down(self) -> None:
        """Leave no icon behind."""
        if self._tray is not None:
            self._tray.hide()
            self._tray = None

    def _raise(self) -> None:
        if self._window is not None:
            self._window.showNormal() if self._window.isMinimized() else self._window.show()
            self._window.raise_()
            self._window.activateWindow()
        if self._tray is not None:
            self._tray.hide()
