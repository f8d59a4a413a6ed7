"""The views of the workspace, and where they stand."""

from __future__ import annotations

import itertools

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from decam_engine import available_providers
from decam_gui import theme
from decam_gui.core.jobs import RunSettings
from decam_gui.views.compare_page import ComparePage
from decam_gui.views.image_card import ImageCard
from decam_gui.views.model_card import ModelCard
from decam_gui.views.model_list import ModelList
from decam_gui.views.parts import tool_button
from decam_gui.views.photo_list import PhotoList
from decam_gui.views.predictions import Predictions
from decam_gui.views.queue_panel import QueuePanel
from decam_gui.views.run_panel import RunPanel
from decam_gui.views.trust_card import TrustCard
from decam_gui.views.viewer import Viewer

LEFT_WIDTH, MIDDLE_WIDTH, RIGHT_WIDTH = 248, 472, 304


class Views(QWidget):
    """Library to the left, viewer in the middle, inspector to the right, queue at the bottom."""

    def __init__(self, settings: RunSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.photos = PhotoList()
        self.models = ModelList()
        self.model = ModelCard()
        self.model.show_providers(available_providers())
        self.viewer = Viewer()
        self.predictions = Predictions()
        self.run = RunPanel(settings)
        self.trust_card = TrustCard()
        self.image = ImageCard()
        self.queue = QueuePanel()
        self.progress = self.queue.row
        self.compare_page = ComparePage()
        self.compare_button = tool_button("layout-grid", "", self.tr("Compare maps (Ctrl+K)"))
        self.pages = QStackedWidget()
        self.pages.addWidget(self._photo_page())
        self.pages.addWidget(self.compare_page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages, 1)
        column.addWidget(self.queue)

    def _photo_page(self) -> QWidget:
        left = _scrolled(_column([(self.photos, 1), (self.models, 0), (self.model, 0)]))
        right = _scrolled(
            _column(
                [
                    (self.predictions, 0),
                    (self.run, 0),
                    (self.trust_card, 0),
                    (self.image, 0),
                    (None, 1),
                ]
            )
        )
        middle = _column([(self.viewer, 1)])
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(theme.GRID)
        splitter.setChildrenCollapsible(False)
        for part, width in ((left, LEFT_WIDTH), (middle, MIDDLE_WIDTH), (right, RIGHT_WIDTH)):
            part.setMinimumWidth(width)
            splitter.addWidget(part)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([LEFT_WIDTH, 4 * RIGHT_WIDTH, RIGHT_WIDTH])
        photo_page = QWidget()
        page = QHBoxLayout(photo_page)
        page.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        page.addWidget(splitter)
        return photo_page

    def set_tab_order(self, brush: list[QWidget]) -> None:
        """From left to right, top to bottom.

        Args:
            brush: what was added to the viewer: its button, then what that unfolds.
        """
        order = (
            self.photos.list, self.models.list, self.model.choice, self.model.names_button,
            self.model.unname_button, self.model.activation, self.model.output,
            self.model.provider, self.model.check_button, brush[0],
            self.viewer.colour_map, self.viewer.save_button, *self.viewer.modes.buttons.values(),
            self.viewer.opacity, self.viewer.share.slider, *brush[1:],
            self.viewer.canvas, self.viewer.keep_shown, self.viewer.flip_shown,
            self.predictions.search, self.run.preset, self.run.calls, self.run.expert_button,
            self.run.method, self.run.fill, self.run.seed, self.run.run_button,
            self.trust_card.check_button, self.trust_card.second_button,
            self.trust_card.stop_button, self.trust_card.auto, self.image.page,
            self.image.window_rule, self.image.low, self.image.high, self.queue.toggle,
            self.queue.pause_button, self.progress.cancel_button, self.queue.table,
        )  # fmt: skip
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)


def _column(parts: list[tuple[QWidget | None, int]]) -> QFrame:
    frame = QFrame()
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.GRID)
    for widget, stretch in parts:
        if widget is None:
            column.addStretch(stretch)
        else:
            column.addWidget(widget, stretch)
    return frame


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
