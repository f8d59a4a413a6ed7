"""The first sight: a drop zone, two buttons. It needs nothing of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from decam_gui import theme
from decam_gui.views.parts import own_label
from decam_gui.views.recent import RecentSessions

if TYPE_CHECKING:
    from decam_gui.core.places import Recent


class Welcome(QWidget):
    """Says what to bring, and offers the demo to who has nothing at hand."""

    open_requested = Signal()
    demo_requested = Signal()
    session_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = QLabel()
        self._picture.setProperty("centred", "true")
        title = own_label(self.tr("Drop photos and an ONNX model here"))
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        title.setFont(font)
        title.setProperty("centred", "true")
        hint = own_label(
            self.tr(
                "See which pixels an image classifier decides by.\n"
                "Drop single files, several at once, or whole folders."
            ),
            "muted",
            wrap=True,
        )
        hint.setProperty("centred", "true")
        self.open_button = QPushButton(self.tr("&Open..."))
        self.open_button.setIcon(theme.icon("folder-open"))
        self.open_button.setToolTip(self.tr("Choose photos and a model (Ctrl+O)"))
        self.open_button.clicked.connect(self.open_requested)
        self.demo_button = QPushButton(self.tr("Try the &demo"))
        self.demo_button.setProperty("primary", True)
        self.demo_button.setIcon(theme.icon("sparkles", "on_accent"))
        self.demo_button.setToolTip(self.tr("Opens the bundled photographs and model"))
        self.demo_button.clicked.connect(self.demo_requested)
        self._state = own_label("", "muted")
        self._state.setProperty("centred", "true")
        self._state.setMinimumHeight(20)
        foot = own_label(
            self.tr("Photos: PNG, JPEG, TIFF, WebP, BMP, GIF    Models: ONNX classifiers"), "muted"
        )
        foot.setProperty("centred", "true")

        self._lay_out((self._picture, title, hint), foot)
        self._draw_picture()

    def _lay_out(self, texts: Sequence[QLabel], foot: QLabel) -> None:
        """The zone in the middle, the sessions of before below it."""
        self._zone = QFrame()
        self._zone.setProperty("drop", "true")
        self._zone.setFixedSize(QSize(640, 376))
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * theme.GRID)
        buttons.addStretch()
        for button in (self.open_button, self.demo_button):
            button.setIconSize(theme.ICON_SIZE)
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self._zone)
        column.setContentsMargins(40, 40, 40, 24)
        column.setSpacing(2 * theme.GRID)
        column.addStretch()
        for text in texts:
            column.addWidget(text)
        column.addSpacing(theme.GRID)
        column.addLayout(buttons)
        column.addWidget(self._state)
        column.addStretch()
        column.addWidget(foot)
        self.recent = RecentSessions()
        self.recent.setFixedWidth(640)
        self.recent.chosen.connect(self.session_requested)
        page = QVBoxLayout(self)
        page.addStretch()
        for k, widget in enumerate((self._zone, self.recent)):
            line = QHBoxLayout()
            line.addStretch()
            line.addWidget(widget)
            line.addStretch()
            page.addLayout(line)
            page.addSpacing(0 if k else theme.GRID)
        page.addStretch()

    def show_recent(self, sessions: Sequence[Recent]) -> None:
        """Offer sessions of before; none: no heading either."""
        self.recent.show_sessions(sessions)

    def set_state(self, text: str) -> None:
        """One quiet line below the buttons."""
        self._state.setText(text)

    def set_drop(self, over: bool) -> None:
        """Mark the zone while files hover over the window."""
        self._zone.setProperty("drop", "over" if over else "true")
        self._zone.style().unpolish(self._zone)
        self._zone.style().polish(self._zone)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Redraw the picture in the colours of a new appearance."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_picture()

    def _draw_picture(self) -> None:
        icon = theme.icon("image-plus", "accent")
        self._picture.setPixmap(icon.pixmap(QSize(56, 56), self.devicePixelRatioF()))
