"""Small pieces that several views share."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from decam_gui import theme


class Card(QFrame):
    """A rounded surface with a heading."""

    def __init__(self, heading: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.heading = label(heading, "heading")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(12, 12, 12, 12)
        self.column.setSpacing(theme.GRID)
        self.column.addWidget(self.heading)


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the theme's roles."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made
