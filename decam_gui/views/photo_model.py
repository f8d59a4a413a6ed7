"""The photographs as a list model: thousands of paths, thumbnails only of what was in sight."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from decam_gui import theme
from decam_gui.core.facts import PhotoFacts, PhotoState

THUMBNAIL = QSize(56, 42)
# Thumbnails in memory, some 20 KB each; those that were scrolled away are decoded again.
KEPT_PICTURES = 512
# Sorting and filtering anew waits this long for further changes.
RESORT_AFTER_MS = 150
PathRole = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
_NOTHING = PhotoFacts("", None, PhotoState.NEW, "")
_ORDER = {state: number for number, state in enumerate(PhotoState)}


class PhotoModel(QAbstractListModel):
    """Rows are the photographs that pass the filter, in the chosen order."""

    # This one is in sight and has no picture yet.
    picture_wanted = Signal(object)
    # How many are shown, of how many.
    counted = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: dict[Path, None] = {}
        self._shown: list[Path] = []
        self._rows: dict[Path, int] = {}
        self._facts: dict[Path, PhotoFacts] = {}
        self._pictures: OrderedDict[Path, QIcon] = OrderedDict()
        self._asked: set[Path] = set()
        self._sort = "added"
        self._words = ""
        self._state: PhotoState | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(RESORT_AFTER_MS)
        self._timer.timeout.connect(self.resort)

    # --- changing ----------------------------------------------------------------------

    def add(self, paths: Iterable[Path]) -> None:
        """Append photographs."""
        new = [p for p in paths if p not in self._all]
        self._all.update(dict.fromkeys(new))
        if self._sort != "added":
            self._timer.start()
            self.counted.emit(len(self._shown), len(self._all))
            return
        passing = [p for p in new if self._passes(p)]
        if passing:
            start = len(self._shown)
            self.beginInsertRows(QModelIndex(), start, start + len(passing) - 1)
            self._shown += passing
            self._rows |= {p: start + i for i, p in enumerate(passing)}
            self.endInsertRows()
        self.counted.emit(len(self._shown), len(self._all))

    def put(self, path: Path, thumbnail: QImage | None, problem: str) -> None:
        """Add a photograph, or bring its picture and its problem up to date."""
        self._asked.discard(path)
        if thumbnail is not None:
            self._pictures[path] = _icon(_fitted(thumbnail))
            self._pictures.move_to_end(path)
            while len(self._pictures) > KEPT_PICTURES:
                self._asked.discard(self._pictures.popitem(last=False)[0])
        facts = self._facts.get(path, _NOTHING)
        if problem and facts.state not in (PhotoState.BROKEN, PhotoState.MISSING):
            self._facts[path] = facts._replace(state=PhotoState.BROKEN, problem=problem)
        elif problem:
            self._facts[path] = facts._replace(problem=problem)
        elif facts.state in (PhotoState.BROKEN, PhotoState.MISSING):
            self._facts[path] = _NOTHING
        if path in self._all:
            self._tell(path)
        else:
            self.add([path])

    def set_paths(self, paths: Iterable[Path]) -> None:
        """Show these and no others; pictures that are known stay."""
        self._all = dict.fromkeys(paths)
        self._facts = {p: f for p, f in self._facts.items() if p in self._all}
        self.resort()

    def set_facts(self, facts: Mapping[Path, PhotoFacts]) -> None:
        """Bring what is said about some photographs up to date."""
        changed = [p for p, f in facts.items() if self._facts.get(p, _NOTHING) != f]
        self._facts |= {p: facts[p] for p in changed}
        if changed and (self._sort in ("class", "confidence", "state") or self._filters()):
            self._timer.start()
        if len(changed) > len(self._shown) // 2 and self._shown:
            self.dataChanged.emit(self.index(0), self.index(len(self._shown) - 1))
            return
        for path in changed:
            self._tell(path)

    def remove(self, path: Path) -> None:
        """Take a photograph away."""
        self._all.pop(path, None)
        self._facts.pop(path, None)
        row = self._rows.get(path)
        if row is not None:
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._shown[row]
            self._rows = {p: i for i, p in enumerate(self._shown)}
            self.endRemoveRows()
        self.counted.emit(len(self._shown), len(self._all))

    def sort_by(self, key: str) -> None:
        """``added``, ``name``, ``class``, ``confidence`` (surest first) or ``state``."""
        self._sort = key
        self.resort()

    def filter_by(self, words: str, state: PhotoState | None) -> None:
        """Show those whose name or class holds the words, in that state (None: any)."""
        self._words, self._state = words.strip().casefold(), state
        self.resort()

    def resort(self) -> None:
        """Choose and order the rows anew."""
        self._timer.stop()
        shown = [p for p in self._all if self._passes(p)]
        if self._sort != "added":
            shown.sort(key=self._key)
        if shown != self._shown:
            self.beginResetModel()
            self._shown = shown
            self._rows = {p: i for i, p in enumerate(shown)}
            self.endResetModel()
        self.counted.emit(len(self._shown), len(self._all))

    # --- reading -----------------------------------------------------------------------

    def row_of(self, path: Path | None) -> int | None:
        """Where a file stands; None when it is not shown."""
        return None if path is None else self._rows.get(path)

    def is_missing(self, path: Path) -> bool:
        """Whether a file is not where it was."""
        return self._facts.get(path, _NOTHING).state is PhotoState.MISSING

    def path_at(self, index: Index) -> Path | None:
        """Which file a row shows."""
        return self._shown[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """How many files are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Name, answer and state in words, the picture, and the problem."""
        if not index.isValid():
            return None
        path = self._shown[index.row()]
        facts = self._facts.get(path, _NOTHING)
        known: dict[int, Callable[[], object]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(path, facts),
            Qt.ItemDataRole.DecorationRole: lambda: self._picture(path, facts),
            Qt.ItemDataRole.ToolTipRole: lambda: facts.problem or str(path),
            Qt.ItemDataRole.AccessibleTextRole: lambda: ": ".join(
                t for t in (path.name, facts.problem or self._line(facts)) if t
            ),
            Qt.ItemDataRole.ForegroundRole: lambda: (
                theme.colour("muted") if facts.state is PhotoState.MISSING else None
            ),
            Qt.ItemDataRole.SizeHintRole: lambda: QSize(0, THUMBNAIL.height() + 14),
            PathRole: lambda: path,
        }
        return known[role]() if role in known else None

    def state_text(self, state: PhotoState) -> str:
        """A state in words."""
        return {
            PhotoState.NEW: self.tr("not explained"),
            PhotoState.WAITING: self.tr("waiting"),
            PhotoState.RUNNING: self.tr("running"),
            PhotoState.EXPLAINED: self.tr("✓ explained"),
            PhotoState.STOPPED: self.tr("stopped"),
            PhotoState.FAILED: self.tr("failed"),
            PhotoState.BROKEN: self.tr("cannot be read"),
            PhotoState.MISSING: self.tr("missing"),
        }[state]

    # --- inside ------------------------------------------------------------------------

    def _text(self, path: Path, facts: PhotoFacts) -> str:
        return f"{path.name}\n{self._line(facts)}".rstrip()

    def _line(self, facts: PhotoFacts) -> str:
        answer = ""
        if facts.confidence is not None:
            answer = self.tr("{0} {1:.0f} %").format(facts.label, facts.confidence * 100)
        state = "" if facts.state is PhotoState.NEW else self.state_text(facts.state)
        return " · ".join(t for t in (state, answer) if t)

    def _picture(self, path: Path, facts: PhotoFacts) -> QIcon:
        picture = self._pictures.get(path)
        if picture is not None:
            self._pictures.move_to_end(path)
            return picture
        if facts.state in (PhotoState.BROKEN, PhotoState.MISSING):
            return _sign("triangle-alert", "on_error")
        if path not in self._asked:
            self._asked.add(path)
            self.picture_wanted.emit(path)
            if len(self._asked) > KEPT_PICTURES:
                # Wishes that were scrolled past are dropped by who fulfils them.
                self._asked = {path}
        return _sign("image", "muted")

    def _tell(self, path: Path) -> None:
        row = self._rows.get(path)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _filters(self) -> bool:
        return bool(self._words) or self._state is not None

    def _passes(self, path: Path) -> bool:
        if not self._filters():
            return True
        facts = self._facts.get(path, _NOTHING)
        if self._state is not None and facts.state is not self._state:
            return False
        return self._words in path.name.casefold() or self._words in facts.label.casefold()

    def _key(self, path: Path) -> tuple[object, ...]:
        facts = self._facts.get(path, _NOTHING)
        name = path.name.casefold()
        if self._sort == "name":
            return (name,)
        confidence = -1.0 if facts.confidence is None else facts.confidence
        if self._sort == "class":
            return (not facts.label, facts.label.casefold(), -confidence, name)
        if self._sort == "confidence":
            return (-confidence, name)
        return (_ORDER[facts.state], name)


_signs: dict[tuple[str, str, str], QIcon] = {}


def _sign(name: str, role: str) -> QIcon:
    """A sign in the place of a picture."""
    key = (name, role, theme.colour(role).name())
    if key not in _signs:
        ratio = 2
        picture = QPixmap(THUMBNAIL * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        side = 24
        place = QRect((THUMBNAIL.width() - side) // 2, (THUMBNAIL.height() - side) // 2, side, side)
        theme.icon(name, role).paint(painter, place)
        painter.end()
        _signs[key] = _icon(picture)
    return _signs[key]


def _icon(picture: QPixmap) -> QIcon:
    """Never tinted by the selection."""
    icon = QIcon(picture)
    icon.addPixmap(picture, QIcon.Mode.Selected)
    return icon


def _fitted(image: QImage) -> QPixmap:
    """The thumbnail in the middle of a box of one size, so that all names line up."""
    ratio = 2
    small = image.scaled(
        THUMBNAIL * ratio,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    box = THUMBNAIL * ratio
    left, top = (small.width() - box.width()) // 2, (small.height() - box.height()) // 2
    pixmap = QPixmap.fromImage(small.copy(left, top, box.width(), box.height()))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
