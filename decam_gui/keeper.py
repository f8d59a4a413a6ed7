"""The worker that keeps sessions: writes results and the index, reads them back, finds files."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from decam_engine import DecamError, Explanation, load_explanation
from decam_gui.core.findings import KeptResult
from decam_gui.core.folder import (
    PICTURES,
    FolderError,
    copy_session,
    find_moved,
    keep_result,
    read_session,
    write_index,
)
from decam_gui.core.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Keepsake:
    """A result on its way to the disk; without a folder while there is none."""

    folder: Path | None
    path: Path
    address: str
    result: Explanation
    job: str


class Keeper(QObject):
    """Does nothing but read and write files, in the order in which it is asked."""

    # The keepsake, and what became of it on disk; or why nothing did.
    kept = Signal(object, object)
    not_kept = Signal(object, str)
    failed = Signal(str)
    opened = Signal(object)
    open_failed = Signal(object, str)
    copied = Signal(object)
    pasted = Signal(object)
    kept_read = Signal(object, str, object)
    kept_failed = Signal(object, str, int, str)
    # The picture, or None.
    drawn = Signal(object)
    # {where it was: where it is}.
    moved = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.stop = threading.Event()

    @Slot(object)
    def keep(self, keepsake: Keepsake) -> None:
        """Save a result."""
        k = keepsake
        if k.folder is None:
            return
        try:
            kept = keep_result(k.folder, k.path, k.address, k.result, k.job)
        except (DecamError, FolderError) as error:
            self.not_kept.emit(k, str(error))
        else:
            self.kept.emit(k, kept)

    @Slot(object, object)
    def write(self, folder: Path, snapshot: Snapshot) -> None:
        """Replace the index."""
        try:
            write_index(folder, snapshot.record(folder))
        except FolderError as error:
            self.failed.emit(str(error))

    @Slot(object)
    def open(self, folder: Path) -> None:
        """Read a session."""
        try:
            self.opened.emit(read_session(folder))
        except FolderError as error:
            self.open_failed.emit(folder, str(error))

    @Slot(object, object)
    def copy(self, old: Path, new: Path) -> None:
        """Copy what is kept to another folder."""
        try:
            copy_session(old, new)
        except FolderError as error:
            self.failed.emit(str(error))
        else:
            self.copied.emit(new)

    @Slot(object, str, object)
    def read_kept(self, path: Path, address: str, kept: KeptResult) -> None:
        """Read a result back."""
        if self.stop.is_set():
            return
        try:
            self.kept_read.emit(path, address, load_explanation(kept.manifest, photo=path))
        except DecamError as error:
            self.kept_failed.emit(path, address, kept.target, str(error))

    @Slot(object, object, str)
    def paste(self, image: QImage, folder: Path, name: str) -> None:
        """Write a picture of the clipboard into the session's folder."""
        place = folder / PICTURES
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.failed.emit(f"The picture could not be written to {place} ({error}).")
            return
        file = place / f"{name}.png"
        number = 1
        while file.exists():
            number += 1
            file = place / f"{name} {number}.png"
        if image.save(str(file), "PNG"):
            self.pasted.emit(file)
        else:
            self.failed.emit(f"The picture could not be written to {file}. Check the disk.")

    @Slot(list, object)
    def locate(self, missing: list[tuple[Path, str]], chosen: Path) -> None:
        """Look for missing files where one of them was found."""
        try:
            found = find_moved(missing, chosen)
        except OSError as error:
            self.failed.emit(f"{chosen} could not be looked at ({error}).")
            return
        if not found and not self.stop.is_set():
            self.failed.emit(
                f"{chosen.name} is none of the missing files: expected one with the same content "
                "(SHA-256), found none there. Choose the original."
            )
        else:
            self.moved.emit(found)

    @Slot(object, object)
    def draw(self, result: Explanation, folder: Path) -> None:
        """Write a result's picture, to be dragged out of the window."""
        try:
            files = result.save(folder, formats=("png",))
        except DecamError as error:
            self.failed.emit(str(error))
            self.drawn.emit(None)
        else:
            self.drawn.emit(next(f for f in files if f.name.endswith(".overlay.png")))

    @Slot()
    def flush(self) -> None:
        """Asked for last, and waited for: all that was asked before is written then."""
