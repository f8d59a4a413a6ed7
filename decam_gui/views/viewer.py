"""The middle of the window: the canvas with its controls, numbers and messages."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from decam_engine import COLOUR_MAPS, DEFAULT_COLOUR_MAP, DEFAULT_OPACITY, Region
from decam_gui import theme
from decam_gui.views.banner import Banner
from decam_gui.views.canvas import F32, Canvas, Placement
from decam_gui.views.colour_bar import ColourBar
from decam_gui.views.map_layer import HALO, LEVELS, LIGHT, Mode
from decam_gui.views.mode_bar import ModeBar
from decam_gui.views.parts import label
from decam_gui.views.share_slider import ShareSlider, share_text

# Where the engine found no region.
USUAL_SHARE = 0.12
KEEP_LINE, FLIP_LINE = Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine


class Viewer(QFrame):
    """Canvas, what is shown above it, what it means below it."""

    save_requested = Signal()
    look_changed = Signal()
    # The mode or the share of the pixels that it cuts at.
    cut_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self._pointing = False
        # Whether the share was set by hand since the map on show came.
        self._shared = False
        self._regions: tuple[Region | None, Region | None] = (None, None)
        self.canvas = Canvas()
        self.bar = ColourBar()
        head = self._head()
        ways = self._ways()
        legend = self._legend()
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
        # Further rows of controls, of those who add them.
        self.tools = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(theme.GRID)
        column.addLayout(head)
        column.addLayout(ways)
        column.addLayout(self.tools)
        column.addLayout(middle, 1)
        column.addWidget(legend)
        column.addLayout(foot)
        column.addWidget(self.warnings)
        column.addWidget(self.saved)
        self.canvas.pointed.connect(self._tell)
        self.opacity.valueChanged.connect(self._look)
        self.colour_map.currentIndexChanged.connect(self._look)
        self.modes.chosen.connect(self.set_mode)
        self.share.changed.connect(self._share_changed)
        self.keep_shown.toggled.connect(self._outline)
        self.flip_shown.toggled.connect(self._outline)
        self.set_look(DEFAULT_COLOUR_MAP, DEFAULT_OPACITY)
        self.set_mode(Mode.OVERLAY)
        self.set_regions(None, None)

    def _head(self) -> QHBoxLayout:
        """What is shown, in which colours, and the way to keep it."""
        self._title = _Elided("")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
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
        self.head = QHBoxLayout()
        self.head.setSpacing(theme.GRID)
        self.head.addWidget(self._title, 1)
        for widget in (self.colour_map, fit, self.save_button):
            self.head.addWidget(widget)
        return self.head

    def _ways(self) -> QHBoxLayout:
        """How the map is shown: the mode, and its strength or its share of the pixels."""
        self.modes = ModeBar()
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setMinimumWidth(80)
        self.opacity.setMaximumWidth(140)
        self.opacity.setAccessibleName(self.tr("Opacity of the heat map"))
        self.opacity.setToolTip(self.tr("Opacity of the heat map over the photo"))
        self._percent = label("", "muted")
        self._percent.setMinimumWidth(self._percent.fontMetrics().horizontalAdvance("100 %"))
        strength = QWidget()
        row = QHBoxLayout(strength)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(label(self.tr("Opacity"), "muted"))
        row.addWidget(self.opacity, 1)
        row.addWidget(self._percent)
        self.share = ShareSlider(self.tr("Share of the pixels that matters most"))
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(label(self.tr("Top"), "muted"))
        row.addWidget(self.share, 1)
        self._sliders = QStackedWidget()
        self._sliders.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for widget in (strength, part, QWidget()):
            self._sliders.addWidget(widget)
        ways = QHBoxLayout()
        ways.setSpacing(theme.GRID)
        ways.addWidget(self.modes, 1)
        ways.addWidget(self._sliders)
        return ways

    def _legend(self) -> QWidget:
        """The lines around the regions, and what the model says to what is left."""
        self.keep_shown, self.flip_shown = QCheckBox(), QCheckBox()
        for box, style in ((self.keep_shown, KEEP_LINE), (self.flip_shown, FLIP_LINE)):
            box.setIcon(_LineIcon.icon(style))
            box.setIconSize(QSize(24, 12))
        self.cut = label("", wrap=True)
        self.legend = QWidget()
        column = QVBoxLayout(self.legend)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(2 * theme.GRID)
        row.addWidget(self.keep_shown)
        row.addWidget(self.flip_shown)
        row.addStretch()
        column.addWidget(self.cut)
        column.addLayout(row)
        return self.legend

    @property
    def look(self) -> tuple[str, float]:
        """Colour map and opacity."""
        return self.colour_map.currentData(), self.opacity.value() / 100

    def set_look(self, colour_map: str, opacity: float) -> None:
        """Choose colour map and opacity; unknown names are ignored."""
        self.colour_map.setCurrentIndex(max(0, self.colour_map.findData(colour_map)))
        self.opacity.setValue(round(opacity * 100))
        self._look()

    def set_mode(self, mode: Mode) -> None:
        """How the map is shown."""
        self.modes.set_mode(mode)
        self.canvas.set_mode(mode)
        self.bar.set_marks(LEVELS if mode is Mode.CONTOURS else ())
        # Where there is nothing to set, its place is kept.
        self._sliders.setCurrentIndex(1 if mode.cuts else 2 if mode is Mode.CONTOURS else 0)
        self._take_share()
        self._show_cut()
        self.cut_changed.emit()

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
        self._show_cut()

    def set_regions(self, keep: Region | None, flip: Region | None) -> None:
        """The engine's regions of the map on show; None where there is none."""
        self._shared = self._shared and self._regions == (keep, flip)
        self._regions = (keep, flip)
        texts = (
            (
                self.keep_shown,
                keep,
                self.tr("Keep region: {0}"),
                self.tr(
                    "The smallest part that keeps the answer when all else is hidden: {0}. "
                    "The explained class then has {1:.0f} %."
                ),
            ),
            (
                self.flip_shown,
                flip,
                self.tr("Flip region: {0}"),
                self.tr(
                    "The smallest part whose removal changes the answer: to {0}. "
                    "The explained class then has {1:.0f} %."
                ),
            ),
        )
        for box, region, text, explained in texts:
            box.setVisible(region is not None)
            if region is not None:
                box.setText(text.format(share_text(region.fraction)))
                name = region.predictions[0].label if region.predictions else self.tr("answer")
                box.setToolTip(explained.format(name, region.score * 100))
        self._take_share()
        self._outline()

    def top_share(self) -> npt.NDArray[np.bool_] | None:
        """bool ``(h, w)`` on the model's input: the share that the slider says; None: no map."""
        return self.canvas.top(self.share.share)

    def set_cut_score(self, text: str) -> None:
        """What the model says to what the mode leaves of the photograph."""
        self.cut.setText(text)
        self._show_cut()

    def set_has_result(self, has_result: bool) -> None:
        """Whether there is something to save."""
        self.save_button.setEnabled(has_result)

    def _look(self) -> None:
        name, opacity = self.look
        self._percent.setText(f"{round(opacity * 100)} %")
        self.bar.set_colour_map(name)
        self.canvas.set_look(name, opacity)
        self.look_changed.emit()

    def _share_changed(self, share: float) -> None:
        self._shared = True
        self.canvas.set_share(share)
        self.cut_changed.emit()

    def _take_share(self) -> None:
        """Begin with the engine's own region, until the slider is moved."""
        keep, flip = self._regions
        region = flip if self.canvas.mode is Mode.REMOVE else keep
        if not self._shared:
            self.share.set_share(region.fraction if region is not None else USUAL_SHARE)
        self.canvas.set_share(self.share.share)

    def _outline(self) -> None:
        pairs = zip(
            (self.keep_shown, self.flip_shown), self._regions, (KEEP_LINE, FLIP_LINE), strict=True
        )
        self.canvas.set_outlines(
            [(r.fraction, style) for box, r, style in pairs if r is not None and box.isChecked()]
        )
        self._show_cut()

    def _show_cut(self) -> None:
        cut = self.canvas.mode.cuts and self.canvas.has_map
        self.cut.setVisible(cut and bool(self.cut.text()))
        some = any(r is not None for r in self._regions)
        self.legend.setVisible(self.canvas.has_map and (some or cut))

    def _tell(self, under: tuple[int, int, float | None] | None) -> None:
        self._pointing = under is not None
        self.bar.set_pointed(None if under is None else under[2])
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


class _LineIcon(QIconEngine):
    """A sample of a line, as it is drawn over the photograph."""

    def __init__(self, style: Qt.PenStyle) -> None:
        super().__init__()
        self._style = style

    @classmethod
    def icon(cls, style: Qt.PenStyle) -> QIcon:
        return QIcon(cls(style))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        y = rect.center().y() + 0.5
        line = QLineF(rect.left() + 1, y, rect.right(), y)
        for colour, width, style in (
            (HALO, 5.0, Qt.PenStyle.SolidLine), (LIGHT, 2.0, self._style)
        ):  # fmt: skip
            painter.setPen(QPen(colour, width, style, Qt.PenCapStyle.FlatCap))
            painter.drawLine(line)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _LineIcon(self._style)


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
