"""What an organisation adds to its reports: title, name, logo, notes, paper."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from decam_engine import DecamError, Template, read_logo, read_template
from decam_gui import theme
from decam_gui.views.banner import Banner
from decam_gui.views.parts import label

PAPERS = ("A4", "Letter")
LOGO = QSize(96, 32)


class TemplateForm(QWidget):
    """Emits ``changed`` with every edit; what no report can show is said below the fields."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._logo = b""
        # How a file is asked for; tests answer without a dialog.
        self.ask_file: Callable[[str, str], str] = self._file_dialog
        self.title = QLineEdit()
        self.title.setPlaceholderText(self.tr("The product's own"))
        self.organisation = QLineEdit()
        self.notes = QPlainTextEdit()
        self.notes.setPlaceholderText(self.tr("One paragraph a line, such as a file number"))
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(3 * self.notes.fontMetrics().lineSpacing() + 14)
        self.paper = QComboBox()
        self.paper.addItems(PAPERS)
        self._picture = QLabel()
        self._picture.setAccessibleName(self.tr("Logo"))
        self.logo_button = QPushButton(self.tr("Choose..."))
        self.logo_button.setAccessibleName(self.tr("Choose a logo"))
        self.logo_button.clicked.connect(self.choose_logo)
        self.no_logo_button = QPushButton(self.tr("None"))
        self.no_logo_button.setAccessibleName(self.tr("Use no logo"))
        self.no_logo_button.clicked.connect(lambda: self._set_logo(b""))
        logo = QHBoxLayout()
        logo.setSpacing(theme.GRID)
        for widget in (self._picture, self.logo_button, self.no_logo_button):
            logo.addWidget(widget)
        logo.addStretch()
        self.load_button = QPushButton(self.tr("From a template file..."))
        self.load_button.setToolTip(self.tr("Fill these fields from a JSON or TOML file"))
        self.load_button.clicked.connect(self.load)
        self.banner = Banner()
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(theme.GRID)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for name, field in (
            (self.tr("&Title"), self.title),
            (self.tr("&Organisation"), self.organisation),
            (self.tr("&Notes"), self.notes),
            (self.tr("&Paper"), self.paper),
        ):
            caption = label(name, "muted")
            caption.setBuddy(field)
            field.setAccessibleName(name.replace("&", ""))
            form.addRow(caption, field)
        form.addRow(label(self.tr("Logo"), "muted"), logo)
        form.addRow(label(""), self.load_button)
        form.addRow(self.banner)
        self.title.textChanged.connect(self._edited)
        self.organisation.textChanged.connect(self._edited)
        self.notes.textChanged.connect(self._edited)
        self.paper.currentIndexChanged.connect(self._edited)
        self._show_logo()

    def template(self) -> Template | None:
        """What the fields say; None while they hold what no report can show."""
        notes = tuple(line for line in self.notes.toPlainText().splitlines() if line.strip())
        try:
            made = Template(
                self.title.text().strip(),
                self.organisation.text().strip(),
                self._logo,
                notes,
                self.paper.currentText(),
            )
        except DecamError as error:
            self.banner.tell("error", str(error))
            return None
        return made

    def put(self, template: Template) -> None:
        """Fill the fields."""
        self.blockSignals(True)
        self.title.setText(template.title)
        self.organisation.setText(template.organisation)
        self.notes.setPlainText("\n".join(template.notes))
        self.paper.setCurrentText(template.paper)
        self._logo = template.logo
        self._show_logo()
        self.blockSignals(False)
        self.changed.emit()

    def load(self) -> None:
        """Fill the fields from a file, or say what is wrong with it."""
        path = self.ask_file(self.tr("Report template"), self.tr("Templates (*.json *.toml)"))
        if not path:
            return
        try:
            template = read_template(path)
        except DecamError as error:
            self.banner.tell("error", str(error))
            return
        self.banner.clear()
        self.put(template)

    def choose_logo(self) -> None:
        """Take an image file as the logo."""
        images = "*.png *.jpg *.jpeg *.webp *.bmp *.tif *.tiff *.gif"
        path = self.ask_file(self.tr("Logo"), self.tr("Images ({0})").format(images))
        if not path:
            return
        try:
            logo = read_logo(path)
        except DecamError as error:
            self.banner.tell("error", str(error))
            return
        self._set_logo(logo)

    def _set_logo(self, logo: bytes) -> None:
        self._logo = logo
        self._show_logo()
        self._edited()

    def _show_logo(self) -> None:
        picture = QPixmap()
        picture.loadFromData(self._logo)
        self._picture.setVisible(not picture.isNull())
        self.no_logo_button.setEnabled(not picture.isNull())
        if not picture.isNull():
            ratio = self.devicePixelRatioF()
            shown = picture.scaled(
                LOGO * ratio,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            shown.setDevicePixelRatio(ratio)
            self._picture.setPixmap(shown)

    def _edited(self) -> None:
        self.banner.clear()
        self.changed.emit()

    def _file_dialog(self, title: str, kinds: str) -> str:
        path, _ = QFileDialog.getOpenFileName(self, title, "", kinds)
        return path
