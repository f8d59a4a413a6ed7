"""The model: which, how it is fed in words, and what of that was only assumed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from decam_engine import BlackBox, Preprocessing
from decam_gui import theme
from decam_gui.views.banner import Banner
from decam_gui.views.parts import Card, label


class ModelCard(Card):
    """Shows one of the opened models and lets another be chosen."""

    chosen = Signal(int)
    open_requested = Signal()
    demo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.setText(self.tr("MODEL"))
        self.choice = QComboBox()
        self.choice.setAccessibleName(self.tr("Model in use"))
        self.choice.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.choice.activated.connect(self.chosen)
        add = QToolButton()
        add.setIcon(theme.icon("folder-open"))
        add.setToolTip(self.tr("Open a model (Ctrl+O)"))
        add.setAccessibleName(self.tr("Open a model"))
        add.clicked.connect(self.open_requested)
        head = QHBoxLayout()
        self.column.removeWidget(self.heading)
        self._badge = label(self.tr("ASSUMED"), "badge")
        head.addWidget(self.heading)
        head.addWidget(self._badge)
        head.addStretch()
        head.addWidget(add)

        self._missing = QWidget()
        column = QVBoxLayout(self._missing)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        self._missing_text = label(
            self.tr("No model yet. Drop an .onnx classifier, or use the bundled one."), wrap=True
        )
        self.demo_button = QPushButton(self.tr("Use the bundled model"))
        self.demo_button.setProperty("primary", True)
        self.demo_button.clicked.connect(self.demo_requested)
        self.open_button = QPushButton(self.tr("Open model..."))
        self.open_button.clicked.connect(self.open_requested)
        column.addWidget(self._missing_text)
        column.addWidget(self.demo_button)
        column.addWidget(self.open_button)

        self._loading = label("", "muted", wrap=True)
        self._facts = QWidget()
        grid = QGridLayout(self._facts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self._values: list[QLabel] = []
        for row, name in enumerate(
            (self.tr("Input"), self.tr("Fitting"), self.tr("Pixels"), self.tr("Classes"))
        ):
            value = label("", wrap=True)
            self._values.append(value)
            grid.addWidget(label(name, "muted"), row, 0)
            grid.addWidget(value, row, 1)
        self._assumptions = Banner(closable=False)
        self.banner = Banner()
        self.column.addLayout(head)
        for widget in (
            self.choice, self._missing, self._loading, self._facts, self._assumptions, self.banner,
        ):  # fmt: skip
            self.column.addWidget(widget)
        self.show_models([], -1)
        self.set_loading("")

    @property
    def facts(self) -> str:
        """All facts in one text."""
        return "\n".join(value.text() for value in self._values)

    @property
    def assumed(self) -> str:
        """What was assumed, or nothing."""
        return self._assumptions.text

    def set_loading(self, name: str) -> None:
        """Say that a model is being loaded."""
        self._loading.setText(self.tr("Loading {0}...").format(name) if name else "")
        self._loading.setVisible(bool(name))
        self._missing.setVisible(not name and self.choice.count() == 0)

    def show_models(self, names: Sequence[str], current: int) -> None:
        """The opened models and which is in use."""
        self.choice.clear()
        self.choice.addItems(list(names))
        self.choice.setCurrentIndex(current)
        self.choice.setVisible(bool(names))
        self._missing.setVisible(not names)
        self._facts.setVisible(bool(names))

    def show_model(self, box: BlackBox | None, classes: int) -> None:
        """The facts of the model in use; ``classes`` 0 when it was not asked yet."""
        assumed = () if box is None else tuple(a.text for a in box.assumptions)
        guessed = box is not None and box.preprocessing_source == "assumed"
        self._badge.setVisible(guessed or bool(assumed))
        if assumed:
            self._assumptions.tell("warning", "\n".join(assumed))
        else:
            self._assumptions.clear()
        if box is None:
            return
        p = box.preprocessing
        height, width = box.input_size
        count = len(box.labels) if box.labels is not None else classes
        texts = (
            self.tr("{0} × {1} px, {2}").format(width, height, self._channels(p)),
            self._fitting(p),
            self._scaling(p),
            (f"{count:,}" if count else self.tr("known after the first photo"))
            + ("" if box.labels is not None else self.tr(", without names")),
        )
        for value, text in zip(self._values, texts, strict=True):
            value.setText(text)

    def _channels(self, p: Preprocessing) -> str:
        return self.tr("grey") if p.channels == "L" else p.channels

    def _fitting(self, p: Preprocessing) -> str:
        words = {
            "squash": self.tr("whole photo, squashed"),
            "crop": self.tr("centre crop, {0:g} %").format(p.crop_fraction * 100),
            "letterbox": self.tr("whole photo, padded"),
        }
        return words.get(p.resize, p.resize)

    def _scaling(self, p: Preprocessing) -> str:
        pixel = "x" if p.scale == 1 else f"x / {1 / p.scale:g}"
        mean, std = _numbers(p.mean), _numbers(p.std)
        shifted = pixel if mean == "0" else f"{pixel} − {mean}"
        if std == "1":
            return self.tr("{0}, unchanged").format(shifted) if shifted == "x" else shifted
        return f"({shifted}) / {std}"


def _numbers(values: tuple[float, ...]) -> str:
    """One number, or all of them in brackets."""
    if len(set(values)) == 1:
        return f"{values[0]:g}"
    return "[" + ", ".join(f"{v:.3g}" for v in values) + "]"
