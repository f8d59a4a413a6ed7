"""What to export, in which formats, to where; with a preview of each format."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from decam_engine import FORMATS, Template
from decam_gui import theme
from decam_gui.dialogs.book_choice import BookChoice
from decam_gui.dialogs.template_form import TemplateForm
from decam_gui.exporter import PREVIEWED, Preview, Scope
from decam_gui.views import words
from decam_gui.views.banner import Banner
from decam_gui.views.parts import label
from decam_gui.views.preview_pane import PreviewPane

WIDTH, HEIGHT = 1040, 750
LEFT_WIDTH = 400
# Formats that show the fields of a template.
REPORTS = ("html", "pdf")
# Milliseconds without an edit after which the preview is made anew.
PAUSE = 400
# Warnings that are spelt out; the rest are counted.
SPELT_OUT = 3


class ExportDialog(QDialog):
    """Writes nothing by itself: previews and files are asked for by signals."""

    preview_wanted = Signal(object, str, object)
    # Results, folder, formats of each map, reports of all, template.
    export_wanted = Signal(object, str, list, list, object)
    warnings_wanted = Signal(object)
    cancelled = Signal()
    # Name and content of a file that another program shows.
    outside_wanted = Signal(str, bytes)

    def __init__(
        self,
        scopes: Sequence[Scope],
        formats: Sequence[str],
        books: Sequence[str],
        template: Template,
        folder: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self.resize(WIDTH, HEIGHT)
        self._scopes = [s for s in scopes if s.results]
        self._busy = False
        # Whether what a reader must know before is known; nothing is written earlier.
        self._warned = False
        self._outside: tuple[str, bytes] | None = None
        # How a folder is asked for; tests answer without a dialog.
        self.ask_folder: Callable[[], str] = self._folder_dialog
        middle = QHBoxLayout()
        middle.setSpacing(2 * theme.GRID)
        middle.addWidget(self._build_left(formats, books, template))
        middle.addLayout(self._build_right(), 1)
        self.warnings = Banner(closable=False)
        self.banner = Banner()
        self.banner.acted.connect(self._open_folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(middle, 1)
        column.addWidget(self.warnings)
        column.addWidget(self.banner)
        column.addLayout(self._folder_row(folder))
        column.addLayout(self._button_row())
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.ask_preview)
        self.form.changed.connect(self._edited)
        self.tabs.currentChanged.connect(self.ask_preview)
        self._show_tabs()
        self._enable()
        self._set_tab_order()
        self.export_button.setFocus()

    # --- what it says --------------------------------------------------------------------

    def scope(self) -> Scope | None:
        """What would be exported."""
        number = self._group.checkedId()
        return self._scopes[number] if 0 <= number < len(self._scopes) else None

    def formats(self) -> list[str]:
        """The chosen formats of each map, in the engine's order."""
        return [name for name, box in self.boxes.items() if box.isChecked()]

    def chosen_books(self) -> list[str]:
        """The chosen reports of all maps, where there are several."""
        scope = self.scope()
        return self.books.chosen() if scope is not None and len(scope.results) > 1 else []

    # --- what is told to it --------------------------------------------------------------

    def begin(self) -> None:
        """Ask for what it shows; once somebody answers."""
        self._scope_chosen()

    def show_warnings(self, warned: Sequence[tuple[str, str, str]]) -> None:
        """A map that proves nothing says so before it leaves: (photograph, class, warning)."""
        scope = self.scope()
        self._warned = True
        self._enable()
        if not warned or scope is None:
            self.warnings.clear()
            return
        if len(scope.results) == 1:
            lines = [warned[0][2]]
        else:
            count = self.tr("{0} of {1} maps come with a warning:")
            lines = [count.format(len(warned), len(scope.results))]
            lines += [f"{photo}, {name}: {text}" for photo, name, text in warned[:SPELT_OUT]]
            if len(warned) > SPELT_OUT:
                lines.append(self.tr("and {0} more").format(len(warned) - SPELT_OUT))
        self.warnings.tell("warning", "\n".join(lines))

    def show_preview(self, preview: Preview) -> None:
        """What the format on show looks like."""
        self._outside = preview.file
        self.few.setText(self._of_few().strip())
        self.few.setVisible(bool(self.few.text()))
        if preview.pictures:
            self.preview.show_pictures(preview.pictures)
        elif preview.file is not None:
            size = words.file_size(len(preview.file[1]))
            self.preview.say(
                self.tr("One file of {0}, without scripts and without the network.").format(size),
                can_open=True,
            )
        else:
            self.preview.show_text(preview.text)

    def _of_few(self) -> str:
        """What a preview of a report of many says about itself."""
        scope = self.scope()
        count = 0 if scope is None else len(scope.results)
        if "." not in self._shown_format() or count <= PREVIEWED:
            return ""
        return "\n" + self.tr("The preview shows {0} of {1:,} maps.").format(PREVIEWED, count)

    def show_preview_trouble(self, text: str) -> None:
        """Why there is no preview."""
        self.preview.say(text)

    def show_progress(self, done: int, of: int) -> None:
        """How many results are written."""
        self.bar.setRange(0, of)
        self.bar.setValue(done)

    def show_written(self, paths: Sequence[Path], lost: Sequence[str] = ()) -> None:
        """The files are there; ``lost``: why some maps could not be read."""
        self._set_busy(False)
        if not paths and not lost:
            self.banner.tell("info", self.tr("Stopped. Nothing was written."))
            return
        text = self.tr("{0} files were written to {1}.").format(len(paths), self.folder.text())
        if lost:
            text += "\n" + self.tr("{0} maps could not be read:").format(len(lost))
            text += "\n" + "\n".join(lost[:SPELT_OUT])
            if len(lost) > SPELT_OUT:
                text += "\n" + self.tr("and {0} more").format(len(lost) - SPELT_OUT)
        self.banner.tell("warning" if lost else "success", text, (self.tr("Open folder"),))

    def show_trouble(self, text: str, paths: Sequence[Path]) -> None:
        """Why not all files were written."""
        self._set_busy(False)
        if paths:
            text += " " + self.tr("{0} files were written before that.").format(len(paths))
        self.banner.tell("error", text)

    def ask_preview(self) -> None:
        """Have the preview of the format on show made anew."""
        scope, name, template = self.scope(), self._shown_format(), self.form.template()
        if scope is None or not name or template is None:
            self.preview.say(self.tr("Choose a format to see its preview."))
            return
        self.preview.say(self.tr("Making the preview..."))
        self.preview_wanted.emit(scope.results, name, template)

    # --- building ------------------------------------------------------------------------

    def _build_left(
        self, formats: Sequence[str], books: Sequence[str], template: Template
    ) -> QScrollArea:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, theme.GRID, 0)
        column.setSpacing(theme.GRID)
        self._build_scopes(column)
        self._build_formats(column, formats)
        self.books = BookChoice(books)
        self.books.toggled.connect(self._format_toggled)
        column.addWidget(self.books)
        column.addWidget(label(self.tr("REPORT"), "heading"))
        self.form = TemplateForm()
        self.form.put(template)
        column.addWidget(self.form)
        column.addStretch()
        area = QScrollArea()
        area.setWidget(holder)
        area.setWidgetResizable(True)
        area.setMinimumWidth(LEFT_WIDTH)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _build_right(self) -> QVBoxLayout:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setAccessibleName(self.tr("Preview of the format"))
        self.preview = PreviewPane()
        self.preview.open_requested.connect(self._open_outside)
        frame = QFrame()
        frame.setProperty("canvas", True)
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.addWidget(self.preview)
        column = QVBoxLayout()
        column.setSpacing(theme.GRID)
        self.few: QLabel = label("", "muted", wrap=True)
        self.few.hide()
        column.addWidget(self.tabs)
        column.addWidget(frame, 1)
        column.addWidget(self.few)
        return column

    def _build_scopes(self, column: QVBoxLayout) -> None:
        column.addWidget(label(self.tr("WHAT"), "heading"))
        self._group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        for number, scope in enumerate(self._scopes):
            button = QRadioButton(scope.title)
            self._group.addButton(button, number)
            self.choices[scope.key] = button
            column.addWidget(button)
        if self._scopes:
            self._group.button(0).setChecked(True)
        self._group.idClicked.connect(self._scope_chosen)

    def _build_formats(self, column: QVBoxLayout, chosen: Sequence[str]) -> None:
        column.addWidget(label(self.tr("FORMATS"), "heading"))
        names = {
            "png": self.tr("Pictures (PNG): photo under its map, and the map"),
            "npy": self.tr("Array (NPY): the map in numbers"),
            "json": self.tr("Manifest (JSON): what it takes to get it again"),
            "input": self.tr("Array on the model's input (NPY)"),
            "npz": self.tr("All arrays (NPZ)"),
            "figure": self.tr("Figure for print (PNG, 300 dpi)"),
            "html": self.tr("Report for the browser (HTML)"),
            "pdf": self.tr("Report for paper (PDF)"),
        }
        self.boxes: dict[str, QCheckBox] = {}
        for name in FORMATS:
            box = QCheckBox(names.get(name, name))
            box.setChecked(name in chosen)
            box.toggled.connect(lambda on, n=name: self._format_toggled(n, on))
            self.boxes[name] = box
            column.addWidget(box)

    def _folder_row(self, folder: str) -> QHBoxLayout:
        self.folder = QLineEdit(folder)
        self.folder.setAccessibleName(self.tr("Folder"))
        self.folder.textChanged.connect(self._enable)
        self.folder_button = QPushButton(self.tr("Choose &folder..."))
        self.folder_button.clicked.connect(self._choose_folder)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        caption = label(self.tr("&To folder"), "muted")
        caption.setBuddy(self.folder)
        row.addWidget(caption)
        row.addWidget(self.folder, 1)
        row.addWidget(self.folder_button)
        return row

    def _button_row(self) -> QHBoxLayout:
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the export"))
        self.bar.hide()
        self.export_button = QPushButton(self.tr("Export"))
        self.export_button.setProperty("primary", True)
        self.export_button.setDefault(True)
        self.export_button.setIconSize(theme.ICON_SIZE)
        self.export_button.setIcon(theme.icon("save", "on_accent"))
        self.export_button.clicked.connect(self.export)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self.bar, 1)
        row.addStretch()
        row.addWidget(self.export_button)
        row.addWidget(self.close_button)
        return row

    def _set_tab_order(self) -> None:
        order = (
            *self.choices.values(), *self.boxes.values(), *self.books.boxes.values(),
            self.form.title, self.form.organisation,
            self.form.notes, self.form.paper, self.form.logo_button, self.form.no_logo_button,
            self.form.load_button, self.tabs, self.preview.open_button, self.folder,
            self.folder_button, self.export_button, self.close_button,
        )  # fmt: skip
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    # --- inside --------------------------------------------------------------------------

    def export(self) -> None:
        """Ask for the files."""
        scope, template = self.scope(), self.form.template()
        if scope is None or template is None or not self.export_button.isEnabled():
            return
        self.banner.clear()
        self._set_busy(True)
        self.show_progress(0, len(scope.results))
        formats, books = self.formats(), self.chosen_books()
        folder = str(Path(self.folder.text()).expanduser())
        self.export_wanted.emit(scope.results, folder, formats, books, template)

    def reject(self) -> None:
        """While files are written, stop that first; else close."""
        if self._busy:
            self.cancelled.emit()
            return
        super().reject()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.bar.setVisible(busy)
        self.close_button.setText(self.tr("Stop") if busy else self.tr("Close"))
        self._enable()

    def _enable(self) -> None:
        ready = self._warned and bool(
            (self.formats() or self.chosen_books()) and self.folder.text().strip() and self.scope()
        )
        self.export_button.setEnabled(ready and not self._busy)
        chosen = [*self.formats(), *self.chosen_books()]
        self.form.setEnabled(any(name.rpartition(".")[2] in REPORTS for name in chosen))

    def _scope_chosen(self) -> None:
        scope = self.scope()
        self.warnings.clear()
        self._warned = scope is None
        if scope is not None:
            self.warnings_wanted.emit(scope.results)
        self.books.setVisible(scope is not None and len(scope.results) > 1)
        self._show_tabs()
        self._enable()

    def _format_toggled(self, name: str, on: bool) -> None:
        self._show_tabs(name if on else "")
        self._enable()

    def _show_tabs(self, show: str = "") -> None:
        """A tab for each chosen format; the one that was on show stays, if it can."""
        show = show or self._shown_format()
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        names = [*self.formats(), *self.chosen_books()]
        for name in names:
            self.tabs.addTab(self._tab_name(name))
            self.tabs.setTabData(self.tabs.count() - 1, name)
        if show in names:
            self.tabs.setCurrentIndex(names.index(show))
        self.tabs.blockSignals(False)
        self.ask_preview()

    def _tab_name(self, name: str) -> str:
        kind, _, ending = name.partition(".")
        if ending:
            title = self.tr("All") if kind == "collection" else self.tr("Compared")
            return f"{title}: {ending.upper()}"
        return name.upper() if len(name) < 5 else self.tr("Figure")

    def _shown_format(self) -> str:
        return str(self.tabs.tabData(self.tabs.currentIndex()) or "")

    def _edited(self) -> None:
        if self._shown_format().rpartition(".")[2] in REPORTS:
            self._pause.start()

    def _choose_folder(self) -> None:
        folder = self.ask_folder()
        if folder:
            self.folder.setText(folder)

    def _folder_dialog(self) -> str:
        return QFileDialog.getExistingDirectory(self, self.tr("Export to"), self.folder.text())

    def _open_folder(self, number: int) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.folder.text()).expanduser())))

    def _open_outside(self) -> None:
        if self._outside is not None:
            self.outside_wanted.emit(*self._outside)
