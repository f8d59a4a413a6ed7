"""The worker that keeps sessions: writes results and the index, reads them back, finds files."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from decam_engine import (
    DecamError,
    Explanation,
    Question,
    ResultFolder,
    check_settings,
    load_explanation,
    write_overview,
)
from decam_gui.core.files import find_moved
from decam_gui.core.findings import KeptResult
from decam_gui.core.folder import (
    PICTURES,
    FolderError,
    amend_result,
    copy_session,
    holds_session,
    keep_results,
    note_failure,
    open_results,
    read_session,
    write_index,
)
from decam_gui.core.jobs import Job
from decam_gui.core.snapshot import Snapshot

# A table of more answers would keep results waiting; a batch writes it.
MOST_SUMMED_UP = 5000


@dataclass(frozen=True, eq=False)
class Keepsake:
    """A result on its way to the disk; without a folder while there is none.

    Attributes:
        job: what found it; results of one job are one answer. Empty for a result that was found
            before, of which more is known now.
        targets: all classes of the job, where several share its run.
        before: where it lies, if it was found before.
    """

    folder: Path | None
    path: Path
    address: str
    result: Explanation
    job: str
    targets: tuple[int, ...] = ()
    before: Path | None = None


@dataclass(frozen=True, eq=False)
class FailedJob:
    """A job that gave nothing, on its way to the disk.

    Attributes:
        reading: how its photograph is read, as a result records it.
        targets: the classes that it was about; none = the most probable one.
    """

    folder: Path
    job: Job
    reading: Mapping[str, Any]
    targets: tuple[int, ...]
    text: str


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
        # The folder in use, open for writing; and one that was read and may come into use.
        self._results: ResultFolder | None = None
        self._next: ResultFolder | None = None
        # What the job under way has found so far, by class.
        self._job = ""
        self._found: dict[int, Explanation] = {}
        # Where each result of this start lies.
        self._places: dict[tuple[Path, Path, str, int], Path] = {}
        # Where the index of the folder in use ended when its table was written last.
        self._summed_up = 0
        # A folder that cannot be written is complained of once.
        self._refused: Path | None = None

    @Slot(object)
    def keep(self, keepsake: Keepsake) -> None:
        """Save a result."""
        k = keepsake
        if k.folder is None:
            return
        key = (k.folder, k.path, k.address, k.result.target.index)
        try:
            results = self._open(k.folder)
            before = self._places.get(key, k.before)
            if not k.job and before is not None:
                kept = amend_result(results, before, k.result)
            else:
                if k.job != self._job or not k.job:
                    self._job, self._found = k.job, {}
                # The newest last, also where a class was stopped before and is run again.
                self._found.pop(k.result.target.index, None)
                self._found[k.result.target.index] = k.result
                several = len(k.targets) > 1
                found = list(self._found.values()) if several else [k.result]
                kept = keep_results(results, found, k.targets)
        except (DecamError, FolderError) as error:
            self.not_kept.emit(k, str(error))
        else:
            self._places[key] = kept.manifest
            self.kept.emit(k, kept)

    @Slot(object)
    def note(self, failed: FailedJob) -> None:
        """Record why a job gave nothing."""
        j = failed.job
        search = {"method": j.method, "preset": j.preset, "seed": j.seed, "fill": j.fill}
        try:
            question = Question.of_file(
                j.box,
                j.path,
                failed.reading,
                targets=failed.targets,
                budget=check_settings(calls=j.calls, **search),
                **search,
            )
            note_failure(self._open(failed.folder), question, failed.text)
        except (DecamError, FolderError) as error:
            self.failed.emit(str(error))

    @Slot(object, object)
    def write(self, folder: Path, snapshot: Snapshot) -> None:
        """Replace the list of what is open."""
        try:
            seen = self._open(folder).end
        except FolderError as error:
            seen = 0
            if folder != self._refused:
                self._refused = folder
                self.failed.emit(str(error))
        try:
            write_index(folder, {**snapshot.record(folder), "seen": seen})
        except FolderError as error:
            self.failed.emit(str(error))

    @Slot(object)
    def open(self, folder: Path) -> None:
        """Read a session; from now on no batch writes to its folder."""
        try:
            mine = self._results if _is_at(self._results, folder) else None
            # From a disk that may not be written to it is only read.
            if mine is None and holds_session(folder) and os.access(folder, os.W_OK):
                # What a batch or a window that was killed left unfinished is put in order, too.
                self._drop_next()
                mine = self._next = open_results(folder)
            self.opened.emit(read_session(folder, mine))
        except FolderError as error:
            self._drop_next()
            self.open_failed.emit(folder, str(error))

    @Slot()
    def sum_up(self) -> None:
        """Write the table and the average maps of the folder in use, as a batch does at its end."""
        results = self._results
        if results is None or results.end == self._summed_up or len(results) > MOST_SUMMED_UP:
            return
        self._summed_up = results.end
        try:
            write_overview(results, gallery=False)
        except DecamError as error:
            self.failed.emit(str(error))

    def _open(self, folder: Path) -> ResultFolder:
        """The folder's results, opened for writing when they are needed first.

        Raises:
            FolderError: it is in use, or does not take it.
        """
        if self._results is not None and _is_at(self._results, folder):
            return self._results
        if self._next is not None and _is_at(self._next, folder):
            opened, self._next = self._next, None
        else:
            opened = open_results(folder)
        if self._results is not None:
            self.sum_up()
            self._results.close()
        self._results = opened
        self._summed_up = opened.end
        self._job, self._found = "", {}
        self._refused = None
        return opened

    def _drop_next(self) -> None:
        if self._next is not None:
            self._next.close()
            self._next = None

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
        self._drop_next()
        self.sum_up()
        if self._results is not None:
            self._results.close()
            self._results = None


def _is_at(results: ResultFolder | None, folder: Path) -> bool:
    return results is not None and results.path == folder
