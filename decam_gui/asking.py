"""Asks for files and folders, with the system's own dialogs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal, Slot
from PySide6.QtWidgets import QWidget

# Dialogs are imported when they are asked for: the window is to be painted first.
_IMAGES = (
    "*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp *.gif *.ppm *.pgm *.heic *.heif *.dcm *.dicom"
)


class Asking(QObject):
    """Remembers the folders from one time to the next."""

    # Photographs, models, or a folder of photographs.
    chosen = Signal(list)

    def __init__(self, settings: QSettings, window: QWidget) -> None:
        super().__init__(window)
        self._settings, self._window = settings, window

    @Slot()
    def choose_files(self) -> None:
        """Ask for photographs and models."""
        self._choose(
            self.tr("Open photos and models"),
            [
                self.tr("Photos and models ({0} *.onnx)").format(_IMAGES),
                self.tr("Photos ({0})").format(_IMAGES),
                self.tr("Models (*.onnx)"),
                self.tr("All files (*)"),
            ],
        )

    @Slot()
    def choose_photos(self) -> None:
        """Ask for photographs."""
        self._choose(
            self.tr("Open photos"),
            [self.tr("Photos ({0})").format(_IMAGES), self.tr("All files (*)")],
        )

    @Slot()
    def choose_model(self) -> None:
        """Ask for a model."""
        self._choose(
            self.tr("Open a model"), [self.tr("Models (*.onnx)"), self.tr("All files (*)")]
        )

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder of photographs."""
        from PySide6.QtWidgets import QFileDialog  # noqa: PLC0415

        folder = QFileDialog.getExistingDirectory(
            self._window, self.tr("Open a folder of photos"), self.last_folder()
        )
        if folder:
            self._remember_folder(folder)
            self.chosen.emit([Path(folder)])

    def _choose(self, title: str, filters: list[str]) -> None:
        from PySide6.QtWidgets import QFileDialog  # noqa: PLC0415

        files, _ = QFileDialog.getOpenFileNames(
            self._window, title, self.last_folder(), ";;".join(filters)
        )
        if files:
            self._remember_folder(str(Path(files[0]).parent))
            self.chosen.emit([Path(f) for f in files])

    def folder_dialog(self) -> str:
        """Where to write a heat map; nothing when it was not said."""
        from PySide6.QtWidgets import QFileDialog  # noqa: PLC0415

        folder = QFileDialog.getExistingDirectory(
            self._window, self.tr("Save the heat map into a folder"), self.last_folder("save")
        )
        if folder:
            self._settings.setValue("folders/save", folder)
        return folder

    def session_dialog(self, saving: bool) -> str:
        """The folder of a session, to be opened or to be made."""
        from PySide6.QtWidgets import QFileDialog  # noqa: PLC0415

        from decam_gui.places import session_places  # noqa: PLC0415

        root = str(session_places(self._settings)[0])
        if saving:
            name, _ = QFileDialog.getSaveFileName(
                self._window,
                self.tr("Save the session as a folder"),
                root,
                "",
                "",
                QFileDialog.Option.DontConfirmOverwrite,
            )
            return name
        return QFileDialog.getExistingDirectory(
            self._window, self.tr("Open a session, or a folder of saved results"), root
        )

    def moved_dialog(self, name: str) -> str:
        """Where a file is now that is not where it was."""
        from PySide6.QtWidgets import QFileDialog  # noqa: PLC0415

        file, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Where is {0} now?").format(name), self.last_folder()
        )
        return file

    def loss_dialog(self, count: int) -> bool:
        """Whether the window may close with maps that no disk took."""
        from PySide6.QtWidgets import QMessageBox  # noqa: PLC0415

        text = self.tr(
            "{0} maps could not be written to the session's folder. They are lost when the window "
            "closes; File, Save session as keeps them elsewhere."
        ).format(count)
        asked = QMessageBox(QMessageBox.Icon.Warning, "DE-CAM Studio", text, parent=self._window)
        lose = asked.addButton(self.tr("Close anyway"), QMessageBox.ButtonRole.DestructiveRole)
        asked.addButton(QMessageBox.StandardButton.Cancel)
        asked.exec()
        return asked.clickedButton() is lose

    def last_folder(self, kind: str = "open") -> str:
        """Where files were opened last, or saved (``save``)."""
        return str(self._settings.value(f"folders/{kind}", str(Path.home())))

    def _remember_folder(self, folder: str) -> None:
        self._settings.setValue("folders/open", folder)
