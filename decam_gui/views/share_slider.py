"""A slider with its value in per cent beside it; small values get more of its length."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from decam_gui import theme
from decam_gui.views.parts import label

STEPS = 200


class ShareSlider(QWidget):
    """A share of the pixels, 1 / 40,000 to all, by the square of the slider's place."""

    changed = Signal(float)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, STEPS)
        self.slider.setPageStep(10)
        self.slider.setMinimumWidth(80)
        self.slider.setMaximumWidth(140)
        self.slider.setAccessibleName(name)
        self.slider.setToolTip(name)
        self._text = label("", "muted")
        self._text.setMinimumWidth(self._text.fontMetrics().horizontalAdvance("00.0 %"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self.slider, 1)
        row.addWidget(self._text)
        self.setFocusProxy(self.slider)
        self._share = 0.0
        self.slider.valueChanged.connect(self._slid)

    @property
    def share(self) -> float:
        """What it is set to, 0..1."""
        return self._share

    def set_share(self, share: float) -> None:
        """Set it exactly, between two steps if need be; nobody is told."""
        self._share = share
        self.slider.blockSignals(True)
        self.slider.setValue(round(share**0.5 * STEPS))
        self.slider.blockSignals(False)
        self._tell()

    def _slid(self, value: int) -> None:
        self._share = (value / STEPS) ** 2
        self._tell()
        self.changed.emit(self._share)

    def _tell(self) -> None:
        text = share_text(self._share)
        self._text.setText(text)
        self.slider.setAccessibleDescription(text)


def share_text(share: float) -> str:
    """A share of the pixels as people read it: whole per cents, tenths where it is small."""
    percent = share * 100
    return f"{percent:.0f} %" if percent >= 9.95 else f"{percent:.1f} %"
