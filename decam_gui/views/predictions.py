"""What the model says: the most probable classes as bars; one of them is explained."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, QStringListModel, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QCheckBox,
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from decam_engine import Prediction, Region
from decam_gui import theme
from decam_gui.views.parts import Card, label
from decam_gui.views.share_slider import share_text

MARK = 18
# Height that the hollow bar takes.
AFTER = 9


class PredictionBar(QAbstractButton):
    """One class with its probability; checked means it is the one explained."""

    def __init__(self, prediction: Prediction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.prediction = prediction
        # The class's probability after the user's edit of the photograph.
        self.after: float | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setText(prediction.label)
        self.setAccessibleDescription(self.tr("Choose this class to be explained"))
        self.show_after(None)

    def show_after(self, after: float | None) -> None:
        """A second, hollow bar: the probability after the user's edit (None: there is none)."""
        self.after = after
        p = self.prediction
        share = percent(p.score)
        if after is None:
            self.setAccessibleName(self.tr("{0}, {1}").format(p.label, share))
            text = self.tr("{0}: {1} (class {2})").format(p.label, share, p.index)
        else:
            edited = percent(after)
            self.setAccessibleName(
                self.tr("{0}, {1}, after your edit {2}").format(p.label, share, edited)
            )
            text = self.tr("{0}: {1}, after your edit {2} (class {3})").format(
                p.label, share, edited, p.index
            )
        self.setToolTip(text + "\n" + self.tr("Click to explain this class"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line of text, the bar below, the hollow one below that."""
        edited = 0 if self.after is None else AFTER
        return QSize(150, self.fontMetrics().height() + 20 + edited)

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
        if self.after is not None:
            share = f"{share} → {percent(self.after)}"
        room = painter.fontMetrics().horizontalAdvance(share) + 8
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
        if self.after is not None:
            self._paint_after(painter, bar, self.after)
            bar.translate(0, -AFTER)
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

    def _paint_after(self, painter: QPainter, bar: QRectF, after: float) -> None:
        """Hollow, so that it is told from the full one without colours."""
        hollow = bar.adjusted(0.5, -0.5, -0.5, -0.5)
        hollow.setWidth(hollow.width() * min(1.0, after))
        painter.setPen(QPen(theme.colour("accent" if self.isChecked() else "muted"), 1.5))
        if hollow.width() < hollow.height():
            # Too short to be hollow.
            painter.drawLine(hollow.topLeft(), hollow.bottomLeft())
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(hollow, 2.5, 2.5)


class Predictions(Card):
    """The bars, and a field for every other class."""

    chosen = Signal(int)
    named = Signal(str)
    # Several classes were ticked: numbers of those to be explained in one run.
    several_requested = Signal(list)

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
        self.ticks: list[QCheckBox] = []
        self._can_run = False
        self.several = QPushButton()
        self.several.setToolTip(
            self.tr("One run explains all ticked classes for fewer model calls than one by one")
        )
        self.several.clicked.connect(lambda: self.several_requested.emit(self.ticked))
        self.several.hide()
        self._edited = label("", wrap=True)
        self._edited.hide()
        self._regions = label("", "muted", wrap=True)
        self._regions.hide()
        self.column.addWidget(self._empty)
        self.column.addLayout(self._rows)
        self.column.addWidget(self._edited)
        self.column.addWidget(self._regions)
        self.column.addWidget(self.several)
        self.column.addWidget(self.search)
        self.column.addWidget(self._trouble)
        self._shown: list[Prediction] = []
        self.show_predictions([], None, self.tr("Open a photo and a model."))

    @property
    def bars(self) -> list[PredictionBar]:
        """From the most probable class on."""
        return [b for b in self._group.buttons() if isinstance(b, PredictionBar)]

    @property
    def ticked(self) -> list[int]:
        """Numbers of the ticked classes, in the order of the bars."""
        pairs = zip(self.bars, self.ticks, strict=True)
        return [bar.prediction.index for bar, tick in pairs if tick.isChecked()]

    @property
    def regions_text(self) -> str:
        """What is said of the score kept and removed, or nothing."""
        return self._regions.text()

    @property
    def edited_text(self) -> str:
        """What is said of the answer after the user's edit, or nothing."""
        return self._edited.text()

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

    def set_can_run(self, can_run: bool) -> None:
        """Whether the ticked classes can be explained now."""
        self._can_run = can_run
        self._show_several()

    def show_regions(self, keep: Region | None, flip: Region | None) -> None:
        """The explained class's score with the keep region alone and without the flip region."""
        lines = []
        if keep is not None:
            lines.append(
                self.tr("Only the keep region ({0}): {1}").format(
                    share_text(keep.fraction), percent(keep.score)
                )
            )
        if flip is not None:
            text = self.tr("Without the flip region ({0}): {1}").format(
                share_text(flip.fraction), percent(flip.score)
            )
            if flip.predictions:
                text += self.tr(", the answer is {0}").format(flip.predictions[0].label)
            lines.append(text)
        self._regions.setText("\n".join(lines))
        self._regions.setVisible(bool(lines))

    def show_edit(self, after: Sequence[float] | None, answer: Prediction | None = None) -> None:
        """What the model says after the user's edit; None takes it away.

        Args:
            after: the probabilities of all classes.
            answer: the most probable class.
        """
        for bar in self.bars:
            bar.show_after(None if after is None else float(after[bar.prediction.index]))
        if after is None or answer is None:
            self._edited.clear()
        else:
            self._edited.setText(
                self.tr("Hollow: after your edit. The answer is now {0} ({1}).").format(
                    answer.label, percent(answer.score)
                )
            )
        self._edited.setVisible(bool(self._edited.text()))

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
        ticked = set(self.ticked)
        for bar in self.bars:
            self._group.removeButton(bar)
        while self._rows.count():
            row = self._rows.takeAt(0).widget()
            if row is not None:
                row.hide()
                row.deleteLater()
        self.ticks = []
        before: QWidget | None = None
        for prediction in predictions:
            tick = QCheckBox()
            tick.setAccessibleName(
                self.tr("Explain {0} together with others").format(prediction.label)
            )
            tick.setToolTip(self.tr("Tick several classes to explain them in one run"))
            tick.setChecked(prediction.index in ticked)
            tick.toggled.connect(self._show_several)
            bar = PredictionBar(prediction)
            self._group.addButton(bar, prediction.index)
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(2)
            line.addWidget(tick)
            line.addWidget(bar, 1)
            self._rows.addWidget(row)
            self.ticks.append(tick)
            for widget in (tick, bar):
                if before is not None:
                    QWidget.setTabOrder(before, widget)
                before = widget
            if prediction.index == focused:
                bar.setFocus()
        if before is not None:
            QWidget.setTabOrder(before, self.several)
            QWidget.setTabOrder(self.several, self.search)
        self._edited.hide()
        self._show_several()

    def _show_several(self) -> None:
        count = len(self.ticked)
        self.several.setText(self.tr("Explain {0} classes in one run").format(count))
        self.several.setVisible(count > 1)
        self.several.setEnabled(self._can_run)

    def _typed(self) -> None:
        if self.search.text().strip():
            self.named.emit(self.search.text())

    @Slot(str)
    def _picked(self, name: str) -> None:
        self.named.emit(name)


def percent(score: float) -> str:
    """A probability as people read it."""
    return f"{score * 100:.1f} %"
