"""Progress of the queue in the task bar, where the desktop has a place for it.

On Linux by the launcher interface that Unity began and that the docks of Ubuntu and KDE Plasma
understand, over the session bus; GNOME without a dock ignores it. On macOS and Windows, whose
progress Qt 6 does not offer, and everywhere else, the percentage stands in the window's title.
"""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import QObject, Signal

APPLICATION = "application://decam-studio.desktop"
INTERFACE = "com.canonical.Unity.LauncherEntry"
PATH = "/com/canonical/unity/launcherentry/decam_studio"


class TaskBar(QObject):
    """Tells a change of at least a percent, not every step."""

    # Whole percent, or -1: nothing runs. For the window's title.
    percent_changed = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._percent = -1
        self._bus: Any = None

    def show(self, fraction: float, *, paused: bool) -> None:
        """So much is done, 0..1."""
        percent = min(100, max(0, int(fraction * 100)))
        if percent != self._percent:
            self._percent = percent
            self._tell({"progress": percent / 100, "progress-visible": True})
            self.percent_changed.emit(percent)

    def clear(self) -> None:
        """Nothing runs."""
        if self._percent >= 0:
            self._percent = -1
            self._tell({"progress": 0.0, "progress-visible": False})
            self.percent_changed.emit(-1)

    def _tell(self, properties: dict[str, Any]) -> None:
        if not sys.platform.startswith("linux"):
            return
        from PySide6.QtDBus import QDBusConnection, QDBusMessage  # noqa: PLC0415  (Linux only)

        if self._bus is None:
            self._bus = QDBusConnection.sessionBus()
        if not self._bus.isConnected():
            return
        message = QDBusMessage.createSignal(PATH, INTERFACE, "Update")
        message.setArguments([APPLICATION, properties])
        self._bus.send(message)
