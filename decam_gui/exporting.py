"""Opens the export dialog, connects it with the exporter, and remembers what was chosen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, QSettings, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from decam_engine import DEFAULT_FORMATS, FORMATS, DecamError, Template
from decam_gui.books import BOOK_FORMATS
from decam_gui.dialogs.export import ExportDialog
from decam_gui.exporter import Exporter, Preview, Result, Scope
from decam_gui.worker import WorkThread


class Exporting(QObject):
    """One exporter in its own thread, for as long as the workspace lives; a dialog at a time."""

    _preview = Signal(int, object, str, object)
    _export = Signal(object, str, list, list, object)
    _look = Signal(int, object)

    def __init__(self, settings: QSettings, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings, self._window = settings, parent
        self._exporter = Exporter()
        self._thread: WorkThread | None = None
        self._outside: TemporaryDirectory[str] | None = None
        self._folder = ""
        self.dialog: ExportDialog | None = None
        e = self._exporter
        self._preview.connect(e.preview)
        self._export.connect(e.export)
        self._look.connect(e.look)
        e.warned.connect(self._on_warned)
        e.previewed.connect(self._on_previewed)
        e.preview_failed.connect(self._on_preview_failed)
        e.progress.connect(self._on_progress)
        e.finished.connect(self._on_finished)
        e.failed.connect(self._on_failed)

    def open(self, scopes: Sequence[Scope]) -> None:
        """Ask what of these to export; scopes without results are left out."""
        if self.dialog is not None or not any(s.results for s in scopes):
            return
        if self._thread is None:
            self._thread = WorkThread(self._exporter, "decam-exporter", self)
        folder = str(self._settings.value("folders/save", str(Path.home())))
        dialog = ExportDialog(
            scopes,
            self._remembered_formats(),
            self._remembered_books(),
            self._remembered_template(),
            folder,
            self._window,
        )
        self.dialog = dialog
        dialog.preview_wanted.connect(self._ask_preview)
        dialog.export_wanted.connect(self._ask_export)
        dialog.cancelled.connect(self._exporter.cancel.set)
        dialog.outside_wanted.connect(self._show_outside)
        dialog.finished.connect(self._end)
        dialog.warnings_wanted.connect(self._ask_warnings)
        dialog.begin()
        dialog.open()

    def shut_down(self) -> None:
        """Stop after the result under way, and end the thread."""
        self._exporter.cancel.set()
        if self._thread is not None:
            self._exporter.disconnect(self)
            self._thread.end()
            self._thread = None
        if self.dialog is not None:
            self.dialog.done(0)
        self._drop_outside()

    # --- between the two -------------------------------------------------------------------

    def _ask_preview(self, results: Sequence[Result], name: str, template: Template) -> None:
        self._exporter.wanted += 1
        self._preview.emit(self._exporter.wanted, results, name, template)

    def _ask_export(
        self,
        results: Sequence[Result],
        folder: str,
        formats: list[str],
        books: list[str],
        template: Template,
    ) -> None:
        s = self._settings
        s.setValue("folders/save", folder)
        s.setValue("export/formats", ",".join(formats))
        if len(results) > 1:
            s.setValue("export/books", ",".join(books))
        s.setValue("export/template", json.dumps(template.record()))
        self._exporter.cancel.clear()
        self._export.emit(results, folder, formats, books, template)

    def _ask_warnings(self, results: Sequence[Result]) -> None:
        self._exporter.looked += 1
        self._look.emit(self._exporter.looked, results)

    @Slot(int, list)
    def _on_warned(self, number: int, warned: list[tuple[str, str, str]]) -> None:
        if self.dialog is not None and number == self._exporter.looked:
            self.dialog.show_warnings(warned)

    @Slot(int, object)
    def _on_previewed(self, number: int, preview: Preview) -> None:
        if self.dialog is not None and number == self._exporter.wanted:
            self.dialog.show_preview(preview)

    @Slot(int, str)
    def _on_preview_failed(self, number: int, text: str) -> None:
        if self.dialog is not None and number == self._exporter.wanted:
            self.dialog.show_preview_trouble(text)

    @Slot(int, int)
    def _on_progress(self, done: int, of: int) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(done, of)

    @Slot(list, list)
    def _on_finished(self, paths: list[Path], lost: list[str]) -> None:
        self._exporter.cancel.clear()
        if self.dialog is not None:
            self.dialog.show_written(paths, lost)

    @Slot(str, list)
    def _on_failed(self, text: str, paths: list[Path]) -> None:
        self._exporter.cancel.clear()
        if self.dialog is not None:
            self.dialog.show_trouble(text, paths)

    def _end(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    # --- what another program shows --------------------------------------------------------

    def _show_outside(self, suffix: str, data: bytes) -> None:
        self._drop_outside()
        self._outside = TemporaryDirectory(prefix="decam-preview-", ignore_cleanup_errors=True)
        path = Path(self._outside.name) / f"preview{suffix}"
        path.write_bytes(data)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _drop_outside(self) -> None:
        # Kept until the window closes: the other program may read it again.
        if self._outside is not None:
            self._outside.cleanup()
            self._outside = None

    # --- remembered ------------------------------------------------------------------------

    def _remembered_formats(self) -> list[str]:
        names = str(self._settings.value("export/formats", "")).split(",")
        return [n for n in names if n in FORMATS] or list(DEFAULT_FORMATS)

    def _remembered_books(self) -> list[str]:
        names = str(self._settings.value("export/books", "")).split(",")
        return [n for n in names if n in BOOK_FORMATS]

    def _remembered_template(self) -> Template:
        try:
            return Template.from_record(json.loads(str(self._settings.value("export/template"))))
        except (DecamError, ValueError, TypeError, AttributeError):
            return Template()
