"""Shows what a file will look like: pages below one another, or text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFontDatabase, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from decam_gui import theme
from decam_gui.views.parts import label

GAP = 12


class _Pages(QWidget):
    """Pictures below one another, as wide as there is room, never enlarged."""

    def __init__(self) -> None:
        super().__init__()
        self._pictures: tuple[QImage, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def put(self, pictures: Sequence[QImage]) -> None:
        self._pictures = tuple(pictures)
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._fit()

    def _sizes(self) -> list[QSizeF]:
        room = max(1.0, self.width() - 2.0 * GAP)
        sizes = []
        for picture in self._pictures:
            width = min(room, float(picture.width()))
            sizes.append(QSizeF(width, picture.height() * width / max(1, picture.width())))
        return sizes

    def _fit(self) -> None:
        height = round(sum(s.height() + GAP for s in self._sizes()) + GAP)
        if self.minimumHeight() != height:
            self.setFixedHeight(height)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ratio, top = self.devicePixelRatioF(), float(GAP)
        for picture, size in zip(self._pictures, self._sizes(), strict=True):
            place = QRectF((self.width() - size.width()) / 2, top, size.width(), size.height())
            if place.intersects(QRectF(event.rect())):
                # Reduced properly: the painter's own filter leaves out pixels of fine print.
                exact = QSize(round(size.width() * ratio), round(size.height() * ratio))
                shown = picture.scaled(
                    exact,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
                painter.drawImage(place, shown)
                painter.setPen(QPen(theme.colour("border"), 1))
                painter.drawRect(place)
            top += size.height() + GAP
        painter.end()


class PreviewPane(QStackedWidget):
    """One of: a sentence, pictures, text, or a button for what another program shows."""

    open_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = _Pages()
        self._area = QScrollArea()
        self._area.setWidget(self.pages)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName(self.tr("Preview"))
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(self.tr("Preview"))
        self._word = label("", "muted", wrap=True)
        self._word.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open_button = QPushButton(self.tr("Open in the browser"))
        self.open_button.setIconSize(theme.ICON_SIZE)
        self.open_button.setIcon(theme.icon("external-link"))
        self.open_button.clicked.connect(self.open_requested)
        self._plain = QWidget()
        column = QVBoxLayout(self._plain)
        column.addStretch()
        column.addWidget(self._word)
        column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch()
        for page in (self._plain, self._area, self.text):
            self.addWidget(page)
        self.say("")

    def say(self, text: str, *, can_open: bool = False) -> None:
        """One sentence, and the button where another program can show it."""
        self._word.setText(text)
        self.open_button.setVisible(can_open)
        self.setCurrentWidget(self._plain)

    def show_pictures(self, pictures: Sequence[QImage]) -> None:
        """Pages or pictures."""
        self.pages.put(pictures)
        self._area.verticalScrollBar().setValue(0)
        self.setCurrentWidget(self._area)

    def show_text(self, text: str) -> None:
        """A text as it is."""
        self.text.setPlainText(text)
        self.setCurrentWidget(self.text)

    @property
    def words(self) -> str:
        """The sentence on show, or nothing."""
        return self._word.text() if self.currentWidget() is self._plain else ""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Redraw the frames in the colours of a new appearance."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.pages.update()
