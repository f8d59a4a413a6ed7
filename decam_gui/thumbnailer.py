"""The worker of the library: thumbnails of what is in sight, and the model's answer for all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from decam_engine import BlackBox, DecamError, Photo, load_image
from decam_gui.qt_image import shrunk
from decam_gui.worker import THUMBNAIL_SIDE, Scores, Trouble

# What was scrolled past long ago is not decoded any more.
MOST_WANTED = 96

Reading = Mapping[str, Any] | None


class Thumbnailer(QObject):
    """One photograph at a time, the newest wish first; asking the model comes after them."""

    ready = Signal(object, QImage)
    failed = Signal(object)
    scored = Signal(object)
    scoring_failed = Signal(object)
    # How many photographs of those asked about are still to come.
    left = Signal(int)
    _more = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._wanted: OrderedDict[Path, Reading] = OrderedDict()
        self._unasked: OrderedDict[Path, Reading] = OrderedDict()
        self._box: BlackBox | None = None
        self._more.connect(self._work, Qt.ConnectionType.QueuedConnection)

    def want(self, path: Path, reading: Reading) -> None:
        """From any thread: this one is in sight."""
        with self._lock:
            self._wanted[path] = reading
            self._wanted.move_to_end(path)
            while len(self._wanted) > MOST_WANTED:
                self._wanted.popitem(last=False)
        self._more.emit()

    def classify(self, photos: list[tuple[Path, Reading]], box: BlackBox) -> None:
        """From any thread: ask the model about these, instead of those asked about before."""
        with self._lock:
            self._unasked = OrderedDict(photos)
            self._box = box
        self.left.emit(len(photos))
        self._more.emit()

    def cancel(self) -> None:
        """From any thread: ask no more."""
        with self._lock:
            self._unasked.clear()
        self.left.emit(0)

    @Slot()
    def _work(self) -> None:
        if self.stop.is_set():
            return
        with self._lock:
            box = None
            if self._wanted:
                path, reading = self._wanted.popitem()
            elif self._unasked:
                path, reading = self._unasked.popitem(last=False)
                box = self._box
            else:
                return
            more, left = bool(self._wanted or self._unasked), len(self._unasked)
        photo = self._open(path, reading)
        if box is not None:
            if photo is not None:
                self._ask(path, photo, box)
            self.left.emit(left)
        if more:
            self._more.emit()

    def _open(self, path: Path, reading: Reading) -> Photo | None:
        try:
            photo = load_image(path, **(reading or {}))
        except DecamError as error:
            self.failed.emit(Trouble(path, str(error)))
            return None
        self.ready.emit(path, shrunk(photo.pixels, THUMBNAIL_SIDE))
        return photo

    def _ask(self, path: Path, photo: Photo, box: BlackBox) -> None:
        try:
            values = box.scores(box.prepare(photo)[None])[0]
            box.rank(values, 1)
        except DecamError as error:
            self.scoring_failed.emit(Trouble(path, str(error), box))
            return
        values = values.copy()
        values.flags.writeable = False
        self.scored.emit(Scores(path, box, values))
