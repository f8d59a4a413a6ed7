"""Small pieces that several views share."""

from __future__ import annotations

from PySide6 import QtCore
from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QToolButton, QVBoxLayout, QWidget

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


class Choice(QComboBox):
    """A list whose change costs something: scrolling past it with the wheel changes nothing."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    def showPopup(self) -> None:  # noqa: N802
        """As wide as its longest text, however narrow the field is."""
        view = self.view()
        view.setMinimumWidth(view.sizeHintForColumn(0) + 2 * theme.GRID)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Left to what scrolls, unless it was clicked before."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class _Unscrolled(QObject):
    """Lets the wheel pass over a field that does not have the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Ignored, so that what scrolls gets it."""
        over = event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget)
        if over and not watched.hasFocus():
            event.ignore()
            return True
        return False


def steady(*fields: QWidget) -> None:
    """Scrolling past these with the wheel changes nothing, as with a :class:`Choice`."""
    for field in fields:
        field.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        field.installEventFilter(_Unscrolled(field))


def removes(event: QKeyEvent) -> bool:
    """Whether a key takes what is chosen off a list: Delete, or Backspace where there is none."""
    return event.key() in (QtCore.Qt.Key.Key_Delete, QtCore.Qt.Key.Key_Backspace)


def tool_button(icon: str, text: str, explained: str) -> QToolButton:
    """A flat button; without a text it is named by what it does."""
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setIconSize(QSize(16, 16))
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
    button.setToolTip(explained)
    button.setAccessibleName(text or explained)
    button.setAccessibleDescription(explained)
    if text:
        button.setText(text)
        button.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def set_role(widget: QLabel, role: str) -> None:
    """Give a label another role; the colours follow, also to another appearance."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the theme's roles."""
    made = own_label(text, role, wrap=wrap)
    # Names of files and classes come from anywhere: nothing in them is markup.
    made.setTextFormat(QtCore.Qt.TextFormat.PlainText)
    return made


def own_label(text: str, role: str = "", *, wrap: bool = False) -> QLabel:
    """The same for what this program itself says, on the first page: ready 15 ms earlier.

    That long PySide takes to make the namespace ``Qt`` when it is first used.
    """
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made
