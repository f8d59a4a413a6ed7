"""Says everything that is on show again in the language of now, after it was changed.

Texts with a life of their own (a run's progress, what a map proves) are said again by whoever says
them; this is for all others: captions, tooltips, names for screen readers, entries of lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QSpinBox,
    QTabBar,
    QWidget,
)

from decam_gui import language

Text = tuple[Callable[[], str], Callable[[str], object]]
# Words for who listens, and for who points; beside the text itself.
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
)


def retranslate() -> None:
    """All windows of the application, and what is in them."""
    for top in QApplication.topLevelWidgets():
        for thing in (top, *top.findChildren(QObject)):
            contexts = _contexts(thing)
            for read, write in _texts(thing):
                old = read()
                new = language.again(old, contexts)
                if new != old:
                    write(new)


def _contexts(thing: QObject) -> tuple[str, ...]:
    """Classes that may have said its texts: its own, and of those that it is in."""
    names: dict[str, None] = {}
    place: QObject | None = thing
    while place is not None:
        for kind in type(place).__mro__:
            if kind.__module__.startswith("decam_gui"):
                names[kind.__name__] = None
        place = place.parent()
    return (*names, *language.COMMON)


def _texts(thing: QObject) -> Iterator[Text]:
    """How each of its texts is read and written."""
    if isinstance(thing, QAction):
        yield thing.text, thing.setText
        # Otherwise it follows the text by itself.
        if thing.toolTip() != thing.text().replace("&", "").removesuffix("..."):
            yield thing.toolTip, thing.setToolTip
        return
    if not isinstance(thing, QWidget):
        return
    yield thing.toolTip, thing.setToolTip
    yield thing.accessibleName, thing.setAccessibleName
    yield thing.accessibleDescription, thing.setAccessibleDescription
    if thing.isWindow():
        yield thing.windowTitle, thing.setWindowTitle
    if isinstance(thing, QAbstractButton | QLabel):
        yield thing.text, thing.setText
    elif isinstance(thing, QMenu | QGroupBox):
        yield thing.title, thing.setTitle
    elif isinstance(thing, QLineEdit):
        # Of a spin box, it is what was typed.
        if not isinstance(thing.parent(), QAbstractSpinBox):
            yield thing.placeholderText, thing.setPlaceholderText
    elif isinstance(thing, QSpinBox):
        yield thing.suffix, thing.setSuffix
        yield thing.specialValueText, thing.setSpecialValueText
    elif isinstance(thing, QComboBox):
        yield from _items(thing)
    elif isinstance(thing, QTabBar):
        for number in range(thing.count()):
            yield _tab(thing, number)


def _items(box: QComboBox) -> Iterator[Text]:
    for row in range(box.count()):
        for role in _ROLES:
            yield (
                lambda r=row, o=role: str(box.itemData(r, o) or ""),
                lambda text, r=row, o=role: box.setItemData(r, text, o),
            )


def _tab(bar: QTabBar, number: int) -> Text:
    return lambda: bar.tabText(number), lambda text: bar.setTabText(number, text)
