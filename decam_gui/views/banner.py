"""A message beside its cause, with what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from decam_gui import theme

ICONS = {
    "error": ("circle-alert", "on_error"),
    "warning": ("triangle-alert", "on_warning"),
    "success": ("circle-check", "on_success"),
    "info": ("info", "text"),
}


class Banner(QFrame):
    """Hidden until :meth:`tell`; its text can be selected and copied."""

    acted = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self._kind = "info"
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._close = QToolButton()
        self._close.setIcon(theme.icon("x"))
        self._close.setToolTip(self.tr("Dismiss"))
        self._close.setAccessibleName(self.tr("Dismiss message"))
        self._close.setFixedSize(20, 20)
        self._close.clicked.connect(self.clear)
        self._close.setVisible(closable)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(theme.GRID)
        self._buttons.addStretch()
        middle = QVBoxLayout()
        middle.setSpacing(theme.GRID)
        middle.addWidget(self._text)
        middle.addLayout(self._buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, theme.GRID, theme.GRID, theme.GRID)
        row.setSpacing(theme.GRID)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(middle, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, or nothing while it is hidden."""
        return self._text.text()

    def tell(self, kind: str, text: str, actions: tuple[str, ...] = ()) -> None:
        """Show a message; ``acted`` carries the number of the action that was pressed."""
        self._kind = kind
        self.setProperty("banner", kind)
        for widget in (self, self._text):
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        self._text.setText(text)
        self.setAccessibleName(text)
        self._drop_buttons()
        for number, title in enumerate(actions):
            button = QPushButton(title)
            button.clicked.connect(lambda _=False, n=number: self.acted.emit(n))
            self._buttons.insertWidget(number, button)
        self._draw_icon()
        self.setVisible(bool(text))

    def clear(self) -> None:
        """Hide it."""
        self._text.clear()
        self._drop_buttons()
        self.hide()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Redraw the icon in the colours of a new appearance."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icon()

    def _draw_icon(self) -> None:
        name, role = ICONS[self._kind]
        self._icon.setPixmap(theme.icon(name, role).pixmap(QSize(16, 16), self.devicePixelRatioF()))

    def _drop_buttons(self) -> None:
        while self._buttons.count() > 1:
            item = self._buttons.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
