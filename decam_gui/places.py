"""Where this user's sessions are; known without the engine."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths

from decam_gui.core.places import sessions_folder


def session_places(settings: QSettings) -> tuple[Path, list[str]]:
    """The folder of sessions, and the sessions that were used elsewhere."""
    default = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppDataLocation)
    root = sessions_folder(str(settings.value("sessions/folder", "") or ""), default)
    others = settings.value("sessions/others", [])
    found = [others] if isinstance(others, str) else [str(f) for f in others or []]
    return root, found
