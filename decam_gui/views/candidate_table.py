"""The doctor's candidates: how the photograph would be fed, and what the model would say then."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from decam_engine import Candidate, Diagnosis, Prediction
from decam_gui import theme
from decam_gui.views.predictions import percent

Index = QModelIndex | QPersistentModelIndex

WAY, ANSWER = 0, 1
LINES = 5
LINE_GAP = 3
MARGIN = 8
MARK = 18
BAR_HEIGHT = 6
# Names of merged candidates that are shown; the tool tip has them all.
NAMED_TWINS = 2
CANDIDATE = Qt.ItemDataRole.UserRole
IN_USE = Qt.ItemDataRole.UserRole + 1


class CandidateRows(QAbstractTableModel):
    """The candidates as rows; texts say everything that the delegate paints."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._candidates: tuple[Candidate, ...] = ()
        self._photo = ""
        self._in_use = -1

    def put(self, diagnosis: Diagnosis | None, in_use: int) -> None:
        """Show a diagnosis; its first photograph is the one on show."""
        self.beginResetModel()
        self._candidates = () if diagnosis is None else diagnosis.candidates
        self._photo = "" if diagnosis is None else diagnosis.photos[0]
        self._in_use = in_use
        self.endResetModel()

    def set_in_use(self, row: int) -> None:
        """Mark the candidate by which the model is fed now; -1 for none."""
        self._in_use = row
        if self._candidates:
            last = self.index(len(self._candidates) - 1, ANSWER)
            self.dataChanged.emit(self.index(0, WAY), last)

    def candidate(self, row: int) -> Candidate | None:
        """The candidate of a row."""
        return self._candidates[row] if 0 <= row < len(self._candidates) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """One a candidate."""
        return 0 if parent.isValid() else len(self._candidates)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """The way, the answer."""
        return 0 if parent.isValid() else 2

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The photograph that the answers are about stands above them."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DisplayRole:
            if section == WAY:
                return self.tr("Photos are fed as")
            return self.tr("What the model then says of {0}").format(self._photo)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts for the eye, the tool tip and the screen reader; the candidate for the delegate."""
        candidate = self.candidate(index.row())
        if candidate is None:
            return None
        if role == CANDIDATE:
            return candidate
        if role == IN_USE:
            return index.row() == self._in_use
        shown = (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        )
        if role not in shown:
            return None
        if index.column() == ANSWER:
            return "\n".join(self._answers(candidate))
        lines = [candidate.name, self.marks(candidate, index.row() == self._in_use)]
        lines.append(candidate.reason)
        if candidate.same_as:
            lines.append(self.tr("Same answers: {0}").format("; ".join(candidate.same_as)))
        return "\n".join(line for line in lines if line)

    def marks(self, candidate: Candidate, in_use: bool) -> str:
        """What is marked, in words."""
        found = [self.tr("in use")] if in_use else []
        found.append(self.tr("likely") if candidate.likely else self.tr("unlikely"))
        return ", ".join(found)

    def twins(self, candidate: Candidate) -> str:
        """The merged candidates in one line, or nothing."""
        names = candidate.same_as
        if not names:
            return ""
        text = "; ".join(names[:NAMED_TWINS])
        if len(names) > NAMED_TWINS:
            text += self.tr("; and {0} more").format(len(names) - NAMED_TWINS)
        return self.tr("Same answers: {0}").format(text)

    def _answers(self, candidate: Candidate) -> list[str]:
        top = candidate.predictions[0]
        if not top:
            return [self.tr("Fed so, it answers with what is no number.")]
        return [self.tr("{0}: {1}").format(p.label, percent(p.score)) for p in top]


class CandidateDelegate(QStyledItemDelegate):
    """Paints a candidate in five lines: words on the left, bars on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """The same height for all."""
        return QSize(200, row_height(option.fontMetrics))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, focus, texts or bars."""
        candidate = index.data(CANDIDATE)
        model = index.model()
        if candidate is None or not isinstance(model, CandidateRows):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if chosen or over:
            painter.fillRect(option.rect, theme.colour("chosen" if chosen else "hover"))
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if chosen and index.column() == WAY:
            # Not by its ground alone.
            edge = QRect(option.rect.left(), option.rect.top(), 4, option.rect.height())
            painter.fillRect(edge, theme.colour("accent"))
        inner = option.rect.adjusted(MARGIN + 4, MARGIN, -MARGIN, -MARGIN)
        if index.column() == WAY:
            self._paint_way(painter, inner, option.font, candidate, bool(index.data(IN_USE)), model)
        else:
            self._paint_answer(painter, inner, option.font, candidate, model)
        painter.restore()

    def _paint_way(
        self,
        painter: QPainter,
        area: QRect,
        font: QFont,
        candidate: Candidate,
        in_use: bool,
        model: CandidateRows,
    ) -> None:
        bold = QFont(font)
        bold.setBold(True)
        room = LINES
        room -= _write(painter, area, bold, "text", candidate.name, 2)
        left = area.adjusted(0, (LINES - room) * _line(painter), 0, 0)
        if in_use:
            mark = QRect(left.left(), left.top(), 14, _line(painter) - LINE_GAP)
            theme.icon("check", "accent").paint(painter, mark)
            left = left.adjusted(MARK, 0, 0, 0)
        strong = "accent" if in_use else "text" if candidate.likely else "muted"
        room -= _write(painter, left, font, strong, model.marks(candidate, in_use), 1)
        twins = model.twins(candidate)
        left = area.adjusted(0, (LINES - room) * _line(painter), 0, 0)
        room -= _write(painter, left, font, "muted", candidate.reason, room - bool(twins))
        left = area.adjusted(0, (LINES - room) * _line(painter), 0, 0)
        _write(painter, left, font, "muted", twins, room)

    def _paint_answer(
        self,
        painter: QPainter,
        area: QRect,
        font: QFont,
        candidate: Candidate,
        model: CandidateRows,
    ) -> None:
        top = candidate.predictions[0]
        if not top:
            text = model.data(model.index(candidate.number - 1, ANSWER))
            _write(painter, area, font, "muted", str(text), LINES)
            return
        painter.setFont(font)
        for row, prediction in enumerate(top):
            line = QRect(area.left(), area.top() + row * _line(painter), area.width(), 0)
            line.setHeight(_line(painter) - LINE_GAP)
            _paint_bar(painter, line, prediction, first=row == 0)


class CandidateTable(QTableView):
    """One candidate is chosen with the arrow keys or the mouse."""

    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = CandidateRows(self)
        self.setModel(self.rows)
        self.setItemDelegate(CandidateDelegate(self))
        self.setAccessibleName(self.tr("Ways to feed the model"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(row_height(self.fontMetrics()))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.selectionModel().selectionChanged.connect(self.picked)

    def put(self, diagnosis: Diagnosis | None, in_use: int) -> None:
        """Show a diagnosis, its first candidate chosen."""
        self.rows.put(diagnosis, in_use)
        if self.rows.rowCount():
            self.selectRow(0)
            self.scrollToTop()
        self.picked.emit()

    def chosen(self) -> Candidate | None:
        """The candidate that is chosen in the table."""
        rows = self.selectionModel().selectedRows()
        return self.rows.candidate(rows[0].row()) if rows else None

    def chosen_row(self) -> int:
        """Its row; -1 for none."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else -1


def row_height(metrics: QFontMetrics) -> int:
    """Of a candidate, in pixels."""
    return LINES * (metrics.height() + LINE_GAP) + 2 * MARGIN


def _line(painter: QPainter) -> int:
    return painter.fontMetrics().height() + LINE_GAP


def _write(painter: QPainter, area: QRect, font: QFont, role: str, text: str, most: int) -> int:
    """Write a text in at most so many lines, the last one elided; how many it took."""
    painter.setFont(font)
    painter.setPen(theme.colour(role))
    metrics = painter.fontMetrics()
    # A number stays with its unit.
    words, lines = text.replace(" %", "\u00a0%").split(" "), []
    while words and len(lines) < most:
        last = len(lines) == most - 1
        taken = 1
        while taken < len(words) and (
            metrics.horizontalAdvance(" ".join(words[: taken + 1])) <= area.width()
        ):
            taken += 1
        line = " ".join(words if last else words[:taken])
        lines.append(metrics.elidedText(line, Qt.TextElideMode.ElideRight, area.width()))
        words = [] if last else words[taken:]
    for number, line in enumerate(lines):
        place = QRect(area.left(), area.top() + number * _line(painter), area.width(), 0)
        place.setHeight(metrics.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
    return len(lines)


def _paint_bar(painter: QPainter, line: QRect, prediction: Prediction, *, first: bool) -> None:
    """Name, bar, percentage, each in its own third."""
    metrics = painter.fontMetrics()
    room = metrics.horizontalAdvance("100.0 %")
    bar_width = max(40, line.width() // 3)
    name_width = line.width() - bar_width - room - 2 * MARGIN
    painter.setPen(theme.colour("text" if first else "muted"))
    middle = Qt.AlignmentFlag.AlignVCenter
    name = metrics.elidedText(prediction.label, Qt.TextElideMode.ElideRight, name_width)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft | middle, name)
    painter.drawText(line, Qt.AlignmentFlag.AlignRight | middle, percent(prediction.score))
    bar = QRectF(
        line.left() + name_width + MARGIN,
        line.center().y() - BAR_HEIGHT / 2 + 0.5,
        bar_width,
        BAR_HEIGHT,
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("track"))
    painter.drawRoundedRect(bar, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
    filled = QRectF(bar)
    filled.setWidth(max(BAR_HEIGHT, bar.width() * min(1.0, prediction.score)))
    painter.setBrush(theme.colour("accent" if first else "muted"))
    painter.drawRoundedRect(filled, BAR_HEIGHT / 2, BAR_HEIGHT / 2)
