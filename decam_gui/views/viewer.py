"""The middle of the window: the canvas with its controls, numbers and messages."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from decam_engine import COLOUR_MAPS, DEFAULT_COLOUR_MAP, DEFAULT_OPACITY
from decam_gui import theme
from decam_gui.views.banner import Banner
from decam_gui.views.canvas import F32, Canvas, Placement
from decam_gui.views.colour_bar import ColourBar
from decam_gui.views.parts import label


class Viewer(QFrame):
    """Canvas, what is shown above it, what it means below it."""

    save_requested = Signal()
    look_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._pointing = False
        self.canvas = Canvas()
        self.bar = ColourBar()
        head = self._head()
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self.bar)
        self.pointed = label("", "muted")
        # Gives way to the state of the map.
        self.pointed.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state: QLabel = label("")
        foot = QHBoxLayout()
        foot.addWidget(self.pointed, 1)
        foot.addWidget(self.state, 0, Qt.AlignmentFlag.AlignRight)
        self.saved = Banner()
        self.warnings = Banner(closable=False)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(theme.GRID)
        column.addLayout(head)
        column.addLayout(middle, 1)
        column.addLayout(foot)
        column.addWidget(self.warnings)
        column.addWidget(self.saved)
        self.canvas.pointed.connect(self._tell)
        self.opacity.valueChanged.connect(self._look)
        self.colour_map.currentIndexChanged.connect(self._look)
        self.set_look(DEFAULT_COLOUR_MAP, DEFAULT_OPACITY)

    def _head(self) -> QHBoxLayout:
        """What is shown, how, and the way to keep it."""
        self._title = _Elided("")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setFixedWidth(104)
        self.opacity.setAccessibleName(self.tr("Opacity of the heat map"))
        self.opacity.setToolTip(self.tr("Opacity of the heat map over the photo"))
        self._percent = label("", "muted")
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %"))
        self.colour_map = QComboBox()
        for name in COLOUR_MAPS:
            self.colour_map.addItem(name.capitalize(), name)
        self.colour_map.setAccessibleName(self.tr("Colour map"))
        self.colour_map.setToolTip(
            self.tr("Colours of the heat map; equal steps look equal in all of them")
        )
        fit = QToolButton()
        fit.setIcon(theme.icon("maximize"))
        fit.setToolTip(self.tr("Show the whole photo (Ctrl+0)"))
        fit.setAccessibleName(self.tr("Show the whole photo"))
        fit.clicked.connect(self.canvas.fit)
        self.save_button = QPushButton(self.tr("Export..."))
        self.save_button.setIconSize(theme.ICON_SIZE)
        self.save_button.setIcon(theme.icon("save"))
        self.save_button.setToolTip(self.tr("Save the heat map, its data or a report (Ctrl+E)"))
        self.save_button.clicked.connect(self.save_requested)
        head = QHBoxLayout()
        head.setSpacing(theme.GRID)
        head.addWidget(self._title, 1)
        head.addWidget(label(self.tr("Opacity"), "muted"))
        for widget in (self.opacity, self._percent, self.colour_map, fit, self.save_button):
            head.addWidget(widget)
        return head

    @property
    def look(self) -> tuple[str, float]:
        """Colour map and opacity."""
        return self.colour_map.currentData(), self.opacity.value() / 100

    def set_look(self, colour_map: str, opacity: float) -> None:
        """Choose colour map and opacity; unknown names are ignored."""
        self.colour_map.setCurrentIndex(max(0, self.colour_map.findData(colour_map)))
        self.opacity.setValue(round(opacity * 100))
        self._look()

    def set_title(self, text: str) -> None:
        """What is shown."""
        self._title.set_full(text)

    def set_state(self, text: str, warnings: tuple[str, ...]) -> None:
        """What the map on show is, and what to know before trusting it."""
        self.state.setText(text)
        if warnings:
            self.warnings.tell("warning", "\n".join(warnings))
        else:
            self.warnings.clear()

    def set_map(self, saliency: F32 | None, placement: Placement | None) -> None:
        """A map on the model's input, and what the model sees of the photograph."""
        self.canvas.set_map(saliency, placement)
        self.bar.setEnabled(saliency is not None)
        if not self._pointing:
            self._tell(None)

    def set_has_result(self, has_result: bool) -> None:
        """Whether there is something to save."""
        self.save_button.setEnabled(has_result)

    def _look(self) -> None:
        name, opacity = self.look
        self._percent.setText(f"{round(opacity * 100)} %")
        self.bar.set_colour_map(name)
        self.canvas.set_look(name, opacity)
        self.look_changed.emit()

    def _tell(self, under: tuple[int, int, float | None] | None) -> None:
        self._pointing = under is not None
        if under is None:
            partial = self.canvas.partly_seen
            self.pointed.setText(self.tr("Hatched: not seen by the model") if partial else "")
            return
        x, y, value = under
        if value is not None:
            self.pointed.setText(self.tr("x {0}, y {1}, saliency {2:.2f}").format(x, y, value))
        elif self.canvas.has_map:
            self.pointed.setText(self.tr("x {0}, y {1}, not seen by the model").format(x, y))
        else:
            self.pointed.setText(self.tr("x {0}, y {1}").format(x, y))


class _Elided(QLabel):
    """A title that gives way instead of pushing the controls out."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._full = text
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_full(self, text: str) -> None:
        self._full = text
        self.setToolTip(text)
        self._cut()

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        self._cut()

    def _cut(self) -> None:
        mode = Qt.TextElideMode.ElideMiddle
        self.setText(self.fontMetrics().elidedText(self._full, mode, self.width()))
