"""Colours, icons and sizes: the only file that knows a colour.

Every pair of text and background below is at least 4.5:1 apart in both schemes, and the outlines
of fields and boxes at least 3:1.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from decam_gui.resources import resources_directory

# The grid that every margin and gap lies on, in device-independent pixels.
GRID = 8
# Lightness, 0..255, below which a background is dark.
MIDDLE = 128
# Of icons beside text: wider than high, which leaves a gap before the text.
ICON_SIZE = QSize(21, 16)


class Scheme(NamedTuple):
    """The colours of one appearance."""

    dark: bool
    window: str
    card: str
    field: str
    canvas: str
    text: str
    muted: str
    border: str
    outline: str
    track: str
    hover: str
    accent: str
    accent_hover: str
    on_accent: str
    chosen: str
    warning: str
    on_warning: str
    warning_border: str
    error: str
    on_error: str
    error_border: str
    success: str
    on_success: str
    success_border: str


LIGHT = Scheme(
    dark=False,
    window="#f3f4f7",
    card="#ffffff",
    field="#ffffff",
    canvas="#e6e8ed",
    text="#1b1f24",
    muted="#555e6b",
    border="#d3d7df",
    outline="#858d9a",
    track="#e3e6ec",
    hover="#eef1f6",
    accent="#0a63c2",
    accent_hover="#0853a3",
    on_accent="#ffffff",
    chosen="#e2eefb",
    warning="#fff5d9",
    on_warning="#664400",
    warning_border="#dfba55",
    error="#fdebeb",
    on_error="#8f1a1a",
    error_border="#e3a1a1",
    success="#e6f5ea",
    on_success="#155c2c",
    success_border="#9bcfab",
)
DARK = Scheme(
    dark=True,
    window="#1a1c20",
    card="#23262b",
    field="#1d2024",
    canvas="#131518",
    text="#e9ebee",
    muted="#a6aeb9",
    border="#3a3f48",
    outline="#737b88",
    track="#353a42",
    hover="#2c3036",
    accent="#5ba6ff",
    accent_hover="#7ab7ff",
    on_accent="#0a1522",
    chosen="#22364f",
    warning="#3a2f14",
    on_warning="#ffdc94",
    warning_border="#7a6430",
    error="#3d2022",
    on_error="#ffb9b9",
    error_border="#80484b",
    success="#1c3424",
    on_success="#a9e3bb",
    success_border="#3f6b4d",
)

# "$" and a name stand for a colour; longer names come first where one begins like another.
_SHEET = """
    QToolTip { color: $text; background: $card; border: 1px solid $border; padding: 4px; }
    QFrame[card="true"] { background: $card; border: 1px solid $border; border-radius: 8px; }
    QLabel[centred="true"] { qproperty-alignment: AlignCenter; }
    QLabel[role="heading"] { color: $muted; font-weight: 600; }
    QLabel[role="muted"] { color: $muted; }
    QLabel[role="error"] { color: $on_error; }
    QLabel[role="badge"] {
        color: $on_warning; background: $warning; border: 1px solid $warning_border;
        border-radius: 4px; padding: 1px 6px; font-weight: 600;
    }
    QLabel[role="chosen-badge"] {
        color: $text; background: $chosen; border: 1px solid $border;
        border-radius: 4px; padding: 1px 6px; font-weight: 600;
    }
    QFrame[banner="warning"] {
        background: $warning; border: 1px solid $warning_border; border-radius: 6px; }
    QFrame[banner="warning"] QLabel { color: $on_warning; }
    QFrame[banner="error"] {
        background: $error; border: 1px solid $error_border; border-radius: 6px; }
    QFrame[banner="error"] QLabel { color: $on_error; }
    QFrame[banner="success"] {
        background: $success; border: 1px solid $success_border; border-radius: 6px; }
    QFrame[banner="success"] QLabel { color: $on_success; }
    QFrame[banner="info"] {
        background: $chosen; border: 1px solid $border; border-radius: 6px; }
    QFrame[banner="info"] QLabel { color: $text; }
    QPushButton {
        color: $text; background: $card; border: 1px solid $border; border-radius: 6px;
        padding: 5px 14px; min-height: 20px;
    }
    QPushButton:hover { background: $hover; }
    QPushButton:pressed { background: $track; }
    QPushButton:focus { border: 2px solid $accent; padding: 4px 13px; }
    QPushButton:disabled { color: $muted; background: $window; }
    QPushButton[primary="true"] {
        color: $on_accent; background: $accent; border: 1px solid $accent; font-weight: 600; }
    QPushButton[primary="true"]:hover { background: $accent_hover; }
    QPushButton[primary="true"]:pressed { background: $accent_hover; }
    QPushButton[primary="true"]:focus { border: 2px solid $text; }
    QPushButton[primary="true"]:disabled {
        color: $muted; background: $track; border: 1px solid $border; }
    QToolButton {
        border: 1px solid transparent; border-radius: 4px; padding: 3px; background: transparent; }
    QToolButton:hover { background: $hover; border-color: $border; }
    QToolButton:focus { border: 2px solid $accent; padding: 2px; }
    QLineEdit, QPlainTextEdit, QAbstractSpinBox {
        border: 1px solid $outline; border-radius: 4px; background: $field; color: $text;
        selection-background-color: $accent; selection-color: $on_accent; }
    QLineEdit { padding: 2px 4px; min-height: 18px; }
    QAbstractSpinBox { padding: 2px 2px 2px 6px; min-height: 18px; }
    QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus, QComboBox QLineEdit {
        border: none; padding: 0 0 0 4px; background: transparent; min-height: 0; }
    QLineEdit:focus, QPlainTextEdit:focus, QAbstractSpinBox:focus { border: 2px solid $accent; }
    QLineEdit:focus { padding: 1px 3px; }
    QAbstractSpinBox:focus { padding: 1px 1px 1px 5px; }
    QLineEdit:disabled, QPlainTextEdit:disabled, QAbstractSpinBox:disabled {
        border: 1px solid $border; background: $window; color: $muted; }
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
        width: 18px; border: none; background: transparent; }
    QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
    QAbstractSpinBox::up-arrow { image: url("$drawn/up.svg"); width: 10px; height: 10px; }
    QAbstractSpinBox::down-arrow { image: url("$drawn/down.svg"); width: 10px; height: 10px; }
    QComboBox { border: 1px solid $outline; border-radius: 4px; background: $card; color: $text;
        padding: 2px 6px; min-height: 18px; }
    QComboBox:hover { background: $hover; }
    QComboBox:focus { border: 2px solid $accent; padding: 1px 5px; }
    QComboBox:disabled { border: 1px solid $border; background: $window; color: $muted; }
    QComboBox::drop-down { border: none; width: 22px; }
    QComboBox::down-arrow { image: url("$drawn/down.svg"); width: 12px; height: 12px; }
    QComboBox QAbstractItemView { background: $field; color: $text; border: 1px solid $outline;
        selection-background-color: $chosen; selection-color: $text; outline: none; }
    QSlider:horizontal { min-height: 22px; }
    QSlider::groove:horizontal { height: 4px; background: $track; border-radius: 2px; }
    QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
    QSlider::sub-page:horizontal:disabled { background: $border; }
    QSlider::handle:horizontal { width: 12px; height: 12px; margin: -6px 0; border-radius: 8px;
        background: $card; border: 2px solid $outline; }
    QSlider::handle:horizontal:hover { border-color: $accent; }
    QSlider::handle:horizontal:focus { background: $accent; border-color: $text; }
    QCheckBox, QRadioButton { spacing: 8px; padding: 2px; border: 2px solid transparent;
        border-radius: 4px; }
    QCheckBox:focus, QRadioButton:focus { border: 2px solid $accent; }
    QCheckBox:disabled, QRadioButton:disabled { color: $muted; }
    QCheckBox::indicator, QRadioButton::indicator {
        width: 14px; height: 14px; border: 1px solid $outline; background: $field; }
    QCheckBox::indicator { border-radius: 4px; }
    QRadioButton::indicator { border-radius: 8px; }
    QCheckBox::indicator:checked {
        background: $accent; border-color: $accent; image: url("$drawn/check.svg"); }
    QRadioButton::indicator:checked { border-color: $accent; background: qradialgradient(
        cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
        stop: 0 $accent, stop: 0.5 $accent, stop: 0.6 $field, stop: 1 $field); }
    QToolButton[mode="true"]:checked { background: $chosen; border-color: $accent; }
    QToolButton[mode="true"]:checked:focus { border: 2px solid $accent; }
    QToolButton:disabled { color: $muted; }
    QListView {
        background: $card; border: none; outline: none; }
    QListView::item { border: 2px solid transparent; border-radius: 6px; padding: 4px;
        color: $text; }
    QListView::item:hover { background: $hover; }
    QListView::item:selected { background: $chosen; color: $text; }
    QListView::item:selected:focus { border: 2px solid $accent; }
    QTableView {
        background: $card; border: 1px solid $border; border-radius: 6px; outline: none;
        gridline-color: $border; }
    QTableView:focus { border: 2px solid $accent; }
    QTableView::item { padding: 0 8px; }
    QTableView::item:selected { background: $chosen; color: $text; }
    QHeaderView { background: $card; }
    QHeaderView::section {
        background: $card; color: $muted; border: none; border-bottom: 1px solid $border;
        padding: 6px 8px; font-weight: 600; }
    QProgressBar {
        background: $track; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; }
    QProgressBar::chunk { background: $accent; border-radius: 4px; }
    QScrollArea { background: transparent; border: none; }
    QScrollArea > QWidget > QWidget { background: transparent; }
    QMenuBar { background: $window; border-bottom: 1px solid $border; }
    QFrame[canvas="true"] { background: $canvas; border: 1px solid $border; border-radius: 6px; }
    QFrame[canvas="true"] QPlainTextEdit, QFrame[canvas="true"] QPlainTextEdit:focus {
        background: $canvas; color: $text; border: none; }
    QScrollBar { background: transparent; border: none; margin: 0; }
    QScrollBar:vertical { width: 12px; }
    QScrollBar:horizontal { height: 12px; }
    QScrollBar::handle { background: $outline; border-radius: 4px; margin: 2px; }
    QScrollBar::handle:vertical { min-height: 28px; }
    QScrollBar::handle:horizontal { min-width: 28px; }
    QScrollBar::handle:hover { background: $muted; }
    QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
    QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
    QTabWidget::pane { border: none; border-top: 1px solid $border; }
    QTabBar::tab { color: $muted; background: transparent; border: none; padding: 6px 12px;
        border-bottom: 2px solid transparent; }
    QTabBar::tab:hover { background: $hover; }
    QTabBar::tab:selected { color: $text; font-weight: 600; border-bottom: 2px solid $accent; }
    QTabBar::tab:focus { background: $chosen; }
    QFrame[drop="true"] { background: $card; border: 2px dashed $border; border-radius: 12px; }
    QFrame[drop="over"] { background: $chosen; border: 2px dashed $accent; border-radius: 12px; }
    QFrame[footer="true"] { background: $window; border-top: 1px solid $border; }
    """

_current = LIGHT


def current() -> Scheme:
    """The colours in use."""
    return _current


def system_scheme() -> Scheme:
    """What the desktop asks for; light when it does not say."""
    # The style's own palette tells without the namespace ``Qt``, which PySide takes 15 ms to make:
    # nothing uses it before the first paint.
    palette = QApplication.style().standardPalette()
    return DARK if palette.color(QPalette.ColorRole.Window).lightness() < MIDDLE else LIGHT


def apply(app: QApplication, scheme: Scheme) -> None:
    """Give the whole application these colours; widgets follow through their palette."""
    global _current  # noqa: PLW0603  (one application, one appearance)
    _current = scheme
    app.setPalette(_palette(scheme))
    # A style sheet does not tint what it draws.
    drawn = icons_directory() / ("dark" if scheme.dark else "light")
    values = {k: str(v) for k, v in scheme._asdict().items()} | {"drawn": drawn.as_posix()}
    sheet = _SHEET
    for name in sorted(values, key=len, reverse=True):
        sheet = sheet.replace(f"${name}", values[name])
    app.setStyleSheet(sheet)


def colour(name: str) -> QColor:
    """A colour of the scheme in use, by its field name."""
    return QColor(getattr(_current, name))


def icon(name: str, role: str = "text") -> QIcon:
    """An icon of ``resources/icons`` in a colour of the scheme; follows a change of scheme."""
    return QIcon(_TintedIcon(name, role))


class _TintedIcon(QIconEngine):
    """Draws an SVG in the colour that its role has at that moment, at any scale."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name, self._role = name, role

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        role = "muted" if mode == QIcon.Mode.Disabled else self._role
        area = QRectF(rect)  # type: ignore[call-overload]
        # A square at the left: a wider icon size then leaves a gap before a button's text.
        side = min(area.width(), area.height())
        place = QRectF(area.left(), area.center().y() - side / 2, side, side)
        _renderer(self._name, getattr(_current, role)).render(painter, place)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(QColor(0, 0, 0, 0))
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _TintedIcon(self._name, self._role)


@lru_cache(maxsize=128)
def _renderer(name: str, tint: str) -> QSvgRenderer:
    svg = (icons_directory() / f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(svg.replace("currentColor", tint).encode()))


def icons_directory() -> Path:
    """Of the SVG files."""
    return resources_directory() / "icons"


def _palette(s: Scheme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, value in (
        (role.Window, s.window),
        (role.WindowText, s.text),
        (role.Base, s.field),
        (role.AlternateBase, s.hover),
        (role.Text, s.text),
        (role.PlaceholderText, s.muted),
        (role.Button, s.card),
        (role.ButtonText, s.text),
        (role.BrightText, s.on_error),
        (role.Highlight, s.accent),
        (role.HighlightedText, s.on_accent),
        (role.Accent, s.accent),
        (role.Link, s.accent),
        (role.LinkVisited, s.accent),
        (role.ToolTipBase, s.card),
        (role.ToolTipText, s.text),
        (role.Light, s.hover),
        (role.Midlight, s.hover),
        (role.Mid, s.border),
        (role.Dark, s.border),
        (role.Shadow, s.border),
    ):
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(s.muted))
    return palette
