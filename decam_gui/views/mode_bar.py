"""Which of the viewer's modes is on: a row of buttons, with their names where there is room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from decam_gui import theme
from decam_gui.views.map_layer import Mode

ICONS = {
    Mode.OVERLAY: "layers",
    Mode.SIDE: "columns-2",
    Mode.CURTAIN: "flip-vertical-2",
    Mode.KEEP: "focus",
    Mode.REMOVE: "circle-dashed",
    Mode.CONTOURS: "mountain",
}


class ModeBar(QWidget):
    """One button is checked; arrow keys go from one to the next."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("How the map is shown"))
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(lambda number: self.chosen.emit(list(Mode)[number]))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._names = self._texts()
        for number, mode in enumerate(Mode):
            button = QToolButton()
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setIcon(theme.icon(ICONS[mode]))
            button.setIconSize(QSize(16, 16))
            button.setProperty("mode", True)
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch()
        self._name_buttons()
        self.set_mode(Mode.OVERLAY)

    @property
    def buttons(self) -> dict[Mode, QToolButton]:
        """By mode."""
        return {
            mode: button
            for mode in Mode
            if isinstance(button := self._group.button(list(Mode).index(mode)), QToolButton)
        }

    def name(self, mode: Mode) -> str:
        """What a mode is called."""
        return self._names[mode][0]

    def set_mode(self, mode: Mode) -> None:
        """Check this one."""
        self.buttons[mode].setChecked(True)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Icons alone, and the name of one."""
        name = max(self.fontMetrics().horizontalAdvance(n) for n, _ in self._names.values())
        return QSize(len(Mode) * 31 + name, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """All names."""
        metrics = self.fontMetrics()
        width = sum(metrics.horizontalAdvance(n) + 36 for n, _ in self._names.values())
        return QSize(width, max(b.sizeHint().height() for b in self.buttons.values()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Names where there is room for them."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another font, or another language, needs other room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._names = self._texts()
            self._name_buttons()
            self.updateGeometry()
            self._fit()
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """Icons alone, but for the one that is on, where not all names have room."""
        roomy = self.width() >= self.sizeHint().width()
        for button in self.buttons.values():
            named = roomy or button.isChecked()
            style = (
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon
                if named
                else Qt.ToolButtonStyle.ToolButtonIconOnly
            )
            if button.toolButtonStyle() != style:
                button.setToolButtonStyle(style)

    def _name_buttons(self) -> None:
        for number, (mode, button) in enumerate(self.buttons.items()):
            name, explained = self._names[mode]
            button.setText(name)
            button.setAccessibleName(name)
            button.setAccessibleDescription(explained)
            button.setToolTip(f"{name} (Ctrl+{number + 1})\n{explained}")

    def _texts(self) -> dict[Mode, tuple[str, str]]:
        return {
            Mode.OVERLAY: (self.tr("Overlay"), self.tr("The map's colours over the photo")),
            Mode.SIDE: (self.tr("Side by side"), self.tr("The photo, and the map beside it")),
            Mode.CURTAIN: (
                self.tr("Curtain"),
                self.tr("The photo left of a divider that you pull, the map right of it"),
            ),
            Mode.KEEP: (self.tr("Only"), self.tr("Only what matters: the most salient pixels")),
            Mode.REMOVE: (
                self.tr("Without"),
                self.tr("Without what matters: all but the most salient pixels"),
            ),
            Mode.CONTOURS: (self.tr("Contours"), self.tr("Lines at equal saliency")),
        }
