"""Work off the GUI thread: the reader (files, predictions, exports), and what workers pass on.

Each worker is a QObject that lives in a thread of its own for as long as the window does, so
that photographs can be opened and browsed while a search is under way. Requests and answers are
signals; what crosses is never changed afterwards.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QThread, Signal, Slot
from PySide6.QtGui import QImage

from decam_engine import (
    BlackBox,
    Candidate,
    DecamError,
    Explanation,
    ExportError,
    Photo,
    Preprocessing,
    choose,
    find_images,
    forget_choice,
    load_explanation,
    load_image,
    load_model,
    save_sidecar,
    sidecar_of,
)
from decam_gui.qt_image import shrunk

# A model file, or the URL of a model on a server.
ModelSource = Path | str

THUMBNAIL_SIDE = 128
# Enough for a 4K screen; sharper detail is taken from the photograph itself when zoomed in.
PREVIEW_SIDE = 2560
# Photographs of a request that are decoded at once; of the others the list shows the names.
DECODED_AT_ONCE = 8
# Names of a folder that are told at a time.
TOLD_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class OpenedPhoto:
    """A decoded photograph with the pictures that the window draws."""

    path: Path
    photo: Photo
    preview: QImage
    thumbnail: QImage


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A model that is ready to run.

    Attributes:
        reading: what ``load_model`` was given besides its path.
        before: how it was fed before the user chose; None when it was not open then.
        facts: ``BlackBox.describe()``, asked once, as that may wait for the model.
    """

    path: ModelSource
    box: BlackBox
    reading: Mapping[str, Any] = field(default_factory=dict)
    before: BlackBox | None = None
    facts: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "facts", self.box.describe())

    @property
    def address(self) -> str:
        """What its results name it by: the file, or the URL without credentials."""
        return str(self.facts.get("url") or self.path)

    @property
    def host(self) -> str:
        """The server that it is on; nothing for a file."""
        return "" if isinstance(self.path, Path) else urlsplit(self.address).netloc

    @property
    def title(self) -> str:
        """What it is called in the window; of a served one, with the server."""
        if isinstance(self.path, Path):
            return self.path.name
        return f"{self.box.name} ({self.host})"


@dataclass(frozen=True, eq=False)
class Scores:
    """What a model says about a photograph: probabilities of all classes, ``(K,)``."""

    path: Path
    box: BlackBox
    values: npt.NDArray[np.float32]
    # How long the single call took.
    seconds: float = 0.0


@dataclass(frozen=True)
class Trouble:
    """A file that could not be used; ``text`` is the engine's sentence, shown as it is.

    ``box`` is the model that failed on it, if one did.
    """

    path: ModelSource
    text: str
    box: BlackBox | None = None


class Reader(QObject):
    """Opens files, asks models about photographs, writes results."""

    photo_opened = Signal(object)
    photo_failed = Signal(object)
    folder_failed = Signal(object)
    model_opened = Signal(object)
    model_failed = Signal(object)
    # The model as it was, and as it is now read or fed.
    model_reread = Signal(object, object)
    way_trouble = Signal(str)
    sidecar_saved = Signal(object)
    sidecar_there = Signal(object)
    sidecar_failed = Signal(str)
    result_opened = Signal(object)
    result_failed = Signal(object)
    scored = Signal(object)
    scoring_failed = Signal(object)
    saved = Signal(list)
    save_failed = Signal(str)
    # Files of a request that exist, in order, before they are decoded.
    photos_found = Signal(list)
    # Once for each request, after all its photographs.
    photos_read = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.stop = threading.Event()
        # The photograph that is looked at, set from the GUI thread.
        self.wanted: Path | None = None

    @Slot(list)
    def open_photos(self, paths: list[Path]) -> None:
        """Files and folders, in order; the first ones are decoded."""
        try:
            self._open_photos(paths)
        finally:
            self.photos_read.emit()

    def _open_photos(self, paths: list[Path]) -> None:
        files = [file for path in paths for file in self._files(path)]
        for start in range(0, len(files), TOLD_AT_ONCE):
            if self.stop.is_set():
                return
            self.photos_found.emit(files[start : start + TOLD_AT_ONCE])
        for file in files[:DECODED_AT_ONCE]:
            if self.stop.is_set():
                return
            self._open_photo(file)

    @Slot(object)
    def open_again(self, path: Path) -> None:
        """A photograph of the list that was put away; not if it was passed by meanwhile."""
        try:
            if not self.stop.is_set() and self.wanted == path:
                self._open_photo(path)
        finally:
            self.photos_read.emit()

    @Slot(object, object)
    def open_photo_as(self, path: Path, reading: dict[str, Any]) -> None:
        """One file, read in a chosen way: what ``load_image`` is given besides its path."""
        if self.stop.is_set():
            return
        self._open_photo(path, reading)
        self.photos_read.emit()

    @Slot(object)
    def open_model(self, path: ModelSource) -> None:
        """Load a model file, or ask a server for its model."""
        if self.stop.is_set():
            return
        try:
            self.model_opened.emit(OpenedModel(path, load_model(path)))
        except DecamError as error:
            self.model_failed.emit(Trouble(path, str(error)))

    @Slot(object, object, object)
    def open_model_as(
        self,
        path: ModelSource,
        reading: Mapping[str, Any],
        preprocessing: Mapping[str, Any] | None,
    ) -> None:
        """Load a model as a session describes it, fed as it was fed then."""
        if self.stop.is_set():
            return
        try:
            box = load_model(path, **reading)
            before = None
            if preprocessing is not None:
                wanted = Preprocessing.from_dict(dict(preprocessing))
                if wanted != box.preprocessing:
                    before, box = box, box.with_preprocessing(wanted, "chosen")
            self.model_opened.emit(OpenedModel(path, box, reading, before))
        except DecamError as error:
            self.model_failed.emit(Trouble(path, str(error)))

    @Slot(object, object)
    def reread_model(self, old: OpenedModel, reading: Mapping[str, Any]) -> None:
        """Load a model again as told; the pre-processing that the user chose is kept."""
        if self.stop.is_set():
            return
        try:
            box = load_model(old.path, **reading)
        except DecamError as error:
            self.model_failed.emit(Trouble(old.path, str(error)))
            return
        kept = old.box.preprocessing_source == "chosen" and box.identity == old.box.identity
        before = None
        if kept and box.preprocessing_source != "chosen":
            # A sidecar that comes first otherwise, or a server, of which nothing is remembered.
            before, box = box, box.with_preprocessing(old.box.preprocessing, "chosen")
        self.model_reread.emit(old, OpenedModel(old.path, box, reading, before))

    @Slot(object, object)
    def choose_way(self, old: OpenedModel, candidate: Candidate) -> None:
        """Feed a model as a candidate of the doctor says, from now on."""
        if self.stop.is_set():
            return
        try:
            box = choose(old.box, candidate)
        except ExportError as error:
            box = old.box.with_preprocessing(candidate.preprocessing, "chosen")
            self.way_trouble.emit(str(error))
        chosen_before = old.box.preprocessing_source == "chosen"
        before = old.before if chosen_before else old.box
        self.model_reread.emit(old, OpenedModel(old.path, box, old.reading, before))

    @Slot(object)
    def forget_way(self, old: OpenedModel) -> None:
        """Drop the user's choice, and feed the model as without it."""
        if self.stop.is_set():
            return
        if old.box.identity is not None:
            forget_choice(old.box.identity)
        try:
            box = old.before or load_model(old.path, **old.reading)
        except DecamError as error:
            self.model_failed.emit(Trouble(old.path, str(error)))
            return
        self.model_reread.emit(old, OpenedModel(old.path, box, old.reading))

    @Slot(object, bool)
    def save_way(self, model: OpenedModel, replace: bool) -> None:
        """Write how a model is fed beside it; a sidecar that is there is asked about first."""
        try:
            path = sidecar_of(model.box)
            if path is not None and path.exists() and not replace:
                self.sidecar_there.emit(path)
            else:
                self.sidecar_saved.emit(save_sidecar(model.box, replace=replace))
        except DecamError as error:
            self.sidecar_failed.emit(str(error))

    @Slot(object)
    def open_result(self, path: Path) -> None:
        """Read a saved result from its manifest."""
        if self.stop.is_set():
            return
        try:
            self.result_opened.emit(load_explanation(path))
        except DecamError as error:
            self.result_failed.emit(Trouble(path, str(error)))

    @Slot(object, object)
    def score(self, opened: OpenedPhoto, box: BlackBox) -> None:
        """Ask a model about the untouched photograph."""
        if self.stop.is_set():
            return
        try:
            inputs = box.prepare(opened.photo)[None]
            started = time.perf_counter()
            values = box.scores(inputs)[0]
            seconds = time.perf_counter() - started
            box.rank(values, 1)
        except DecamError as error:
            self.scoring_failed.emit(Trouble(opened.path, str(error), box))
            return
        values = values.copy()
        values.flags.writeable = False
        self.scored.emit(Scores(opened.path, box, values, seconds))

    @Slot(object, str)
    def save(self, explanation: Explanation, folder: str) -> None:
        """Write the result files; a failure leaves the result as it was."""
        try:
            self.saved.emit(explanation.save(folder))
        except DecamError as error:
            self.save_failed.emit(str(error))

    def _files(self, path: Path) -> list[Path]:
        try:
            return find_images(path) if path.is_dir() else [path]
        except OSError as error:
            reason = error.strerror or str(error)
            self.folder_failed.emit(Trouble(path, f"{path} cannot be looked into: {reason}."))
            return []
        except DecamError as error:
            self.folder_failed.emit(Trouble(path, str(error)))
            return []

    def _open_photo(self, path: Path, reading: dict[str, Any] | None = None) -> None:
        try:
            photo = load_image(path, **(reading or {}))
        except DecamError as error:
            self.photo_failed.emit(Trouble(path, str(error)))
            return
        preview = shrunk(photo.pixels, PREVIEW_SIDE)
        thumbnail = shrunk(photo.pixels, THUMBNAIL_SIDE)
        self.photo_opened.emit(OpenedPhoto(path, photo, preview, thumbnail))


class WorkThread(QThread):
    """A thread that runs the event loop of one worker."""

    def __init__(self, worker: QObject, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._worker = worker
        worker.moveToThread(self)
        self.start()

    def end(self) -> None:
        """Return when the thread has ended; the worker must have been told to stop."""
        self.quit()
        self.wait()
