"""What the model says: the most probable classes as bars; one of them is explained."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCompleter,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from decam_engine import Prediction
from decam_gui import theme
from decam_gui.views.parts import Card, label

MARK = 18


class PredictionBar(QAbstractButton):
    """One class with its probability; checked means it is the one explained."""

    def __init__(self, prediction: Prediction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.prediction = prediction
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(prediction.label)
        share = percent(prediction.score)
        self.setAccessibleName(self.tr("{0}, {1}").format(prediction.label, share))
        self.setAccessibleDescription(self.tr("Choose this class to be explained"))
        self.setToolTip(
            self.tr("{0}: {1} (class {2})\nClick to explain this class").format(
                prediction.label, share, prediction.index
            )
        )

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line of text, the bar below."""
        return QSize(160, self.fontMetrics().height() + 20)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter chooses as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Mark, name, percentage, bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("chosen" if self.isChecked() else "hover"))
            painter.drawRoundedRect(frame, 6, 6)
        inner = frame.adjusted(7, 5, -7, -6)
        line = self.fontMetrics().height()
        text = QRectF(inner.left(), inner.top(), inner.width(), line)
        font = self.font()
        font.setBold(self.isChecked())
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        share = percent(self.prediction.score)
        room = painter.fontMetrics().horizontalAdvance("100.0 %") + 8
        left = text.left()
        if self.isChecked():
            mark = QRectF(left, text.center().y() - 7, 14, 14).toRect()
            theme.icon("check", "accent").paint(painter, mark)
            left += MARK
        name = painter.fontMetrics().elidedText(
            self.prediction.label,
            Qt.TextElideMode.ElideRight,
            int(text.right() - room - left),
        )
        painter.drawText(
            QRectF(left, text.top(), text.right() - left, line),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            name,
        )
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, share)
        bar = QRectF(inner.left(), inner.bottom() - 5, inner.width(), 5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("track"))
        painter.drawRoundedRect(bar, 2.5, 2.5)
        filled = QRectF(bar)
        filled.setWidth(max(3.0, bar.width() * min(1.0, self.prediction.score)))
        painter.setBrush(theme.colour("accent" if self.isChecked() else "muted"))
        painter.drawRoundedRect(filled, 2.5, 2.5)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, 6, 6)
        painter.end()


class Predictions(Card):
    """The bars, and a field for every other class."""

    chosen = Signal(int)
    named = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.setText(self.tr("PREDICTION"))
        self._empty = label("", "muted", wrap=True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self.chosen)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Explain another class..."))
        self.search.setAccessibleName(self.tr("Another class to explain"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(
            theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.returnPressed.connect(self._typed)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(8)
        completer.activated.connect(self._picked)
        self.search.setCompleter(completer)
        self._trouble = label("", "error", wrap=True)
        self._trouble.hide()
        self.column.addWidget(self._empty)
        self.column.addLayout(self._rows)
        self.column.addWidget(self.search)
        self.column.addWidget(self._trouble)
        self._shown: list[Prediction] = []
        self.show_predictions([], None, self.tr("Open a photo and a model."))

    @property
    def bars(self) -> list[PredictionBar]:
        """From the most probable class on."""
        return [b for b in self._group.buttons() if isinstance(b, PredictionBar)]

    @property
    def trouble(self) -> str:
        """The message below the field, if there is one."""
        return self._trouble.text()

    def show_predictions(
        self, predictions: Sequence[Prediction], target: int | None, empty: str = ""
    ) -> None:
        """Bars for these classes, the target checked; ``empty`` says why there are none."""
        self._empty.setText(empty)
        self._empty.setVisible(not predictions)
        self.search.setVisible(bool(predictions))
        if list(predictions) != self._shown:
            self._rebuild(predictions)
        for bar in self.bars:
            if bar.prediction.index == target:
                bar.setChecked(True)
            bar.update()

    def show_names(self, names: list[str]) -> None:
        """Offer these classes in the field."""
        if self._names.stringList() != names:
            self._names.setStringList(names)

    def show_trouble(self, text: str) -> None:
        """What is wrong with the typed name."""
        self._trouble.setText(text)
        self._trouble.setVisible(bool(text))

    def _rebuild(self, predictions: Sequence[Prediction]) -> None:
        self._shown = list(predictions)
        focused = next((b.prediction.index for b in self.bars if b.hasFocus()), None)
        for bar in self.bars:
            self._group.removeButton(bar)
            self._rows.removeWidget(bar)
            bar.hide()
            bar.deleteLater()
        before: QWidget | None = None
        for prediction in predictions:
            bar = PredictionBar(prediction)
            self._group.addButton(bar, prediction.index)
            self._rows.addWidget(bar)
            if before is not None:
                QWidget.setTabOrder(before, bar)
            before = bar
            if prediction.index == focused:
                bar.setFocus()
        if before is not None:
            QWidget.setTabOrder(before, self.search)

    def _typed(self) -> None:
        if self.search.text().strip():
            self.named.emit(self.search.text())

    @Slot(str)
    def _picked(self, name: str) -> None:
        self.named.emit(name)


def percent(score: float) -> str:
    """A probability as people read it."""
    return f"{score * 100:.1f} %"
