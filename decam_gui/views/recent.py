"""Sessions of before, on the first page."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from decam_gui import theme
from decam_gui.core.places import Recent
from decam_gui.views.parts import label

MOST_SHOWN = 4


class RecentSessions(QFrame):
    """A row for each: its name, what is in it, when it was used last."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.GRID // 2)
        self._rows: list[QWidget] = []
        self.hide()

    def show_sessions(self, sessions: Sequence[Recent]) -> None:
        """Show the newest ones."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows, self.buttons = [], []
        if sessions:
            heading = label(self.tr("RECENT SESSIONS"), "muted")
            self._rows.append(heading)
            self._column.addWidget(heading)
        for session in sessions[:MOST_SHOWN]:
            self._add(session)
        self.setVisible(bool(sessions))

    def _add(self, session: Recent) -> None:
        button = QPushButton(session.name)
        button.setIcon(theme.icon("rotate-ccw"))
        button.setToolTip(str(session.folder))
        button.clicked.connect(lambda _=False, folder=session.folder: self.chosen.emit(folder))
        facts = label(self.describe(session), "muted")
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * theme.GRID)
        line.addWidget(button)
        line.addWidget(facts, 1)
        button.setAccessibleDescription(self.describe(session))
        self.buttons.append(button)
        self._rows.append(row)
        self._column.addWidget(row)

    def describe(self, session: Recent) -> str:
        """What is in it, in words."""
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.changed))
        parts = [self.tr("{0:,} photos").format(session.photos)]
        if session.photos == 1:
            parts = [self.tr("1 photo")]
        if session.unfinished:
            parts.append(self.tr("{0:,} jobs not finished").format(session.unfinished))
        if session.locked:
            parts.append(self.tr("was not closed"))
        parts.append(when)
        return " · ".join(parts)
