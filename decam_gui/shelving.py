"""Connects the session's photographs with their list and the worker that makes thumbnails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QImage

from decam_engine import BlackBox
from decam_gui.session import Session
from decam_gui.thumbnailer import Thumbnailer
from decam_gui.views.photo_list import PhotoList
from decam_gui.worker import OpenedPhoto, Trouble

# Facts of many photographs that change one after the other are shown together.
SHOW_AFTER_MS = 60


class Shelving(QObject):
    """The list follows the session; wishes of the list go to the worker."""

    def __init__(
        self, session: Session, photos: PhotoList, thumbnailer: Thumbnailer, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._photos, self._thumbnailer = session, photos, thumbnailer
        self._changed: dict[Path, None] | None = {}
        self._left = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOW_AFTER_MS)
        self._timer.timeout.connect(self._show_facts)
        s = session
        s.photos_listed.connect(self._list)
        s.photo_added.connect(self._add)
        s.photo_removed.connect(self._remove)
        s.list_changed.connect(self._show_all)
        s.facts_changed.connect(self._note)
        s.model_changed.connect(lambda: self._note(None))
        s.classify.connect(self._classify)
        photos.chosen.connect(s.choose_photo)
        photos.removed.connect(s.remove_photo)
        photos.several_removed.connect(s.remove_photos)
        photos.run_requested.connect(s.run_photos)
        photos.classify_requested.connect(self._classify_or_stop)
        photos.rows.picture_wanted.connect(self._want)
        thumbnailer.ready.connect(self._put)
        thumbnailer.failed.connect(s.on_thumbnail_failed)
        thumbnailer.scored.connect(s.on_scored)
        thumbnailer.scoring_failed.connect(s.on_scoring_failed)
        thumbnailer.left.connect(self._show_left)

    def shut_down(self) -> None:
        """Hear nothing more of the worker."""
        self._thumbnailer.stop.set()
        self._thumbnailer.disconnect(self)
        self._thumbnailer.disconnect(self._session)

    @Slot(list)
    def _list(self, paths: Sequence[Path]) -> None:
        self._photos.rows.add(paths)
        self._photos.show_current(self._session.current)
        self._note(paths)

    @Slot(object)
    def _add(self, added: OpenedPhoto | Trouble) -> None:
        if isinstance(added, OpenedPhoto):
            self._photos.rows.put(added.path, added.thumbnail, "")
        else:
            self._photos.rows.put(Path(added.path), None, added.text)
        self._photos.show_current(self._session.current)
        self._note([Path(added.path)])

    @Slot(object)
    def _remove(self, path: Path) -> None:
        self._photos.rows.remove(path)
        self._note([])

    @Slot()
    def _show_all(self) -> None:
        if not self._session.paths:
            # Another session: nobody asks about the photographs of this one any more.
            self._thumbnailer.cancel()
        self._photos.rows.set_paths(self._session.paths)
        self._photos.show_current(self._session.current)
        self._photos.show_missing(len(self._session.library.missing))
        self._note(None)

    @Slot(object)
    def _note(self, paths: Sequence[Path] | None) -> None:
        if paths is None:
            self._changed = None
        elif self._changed is not None:
            self._changed.update(dict.fromkeys(paths))
        if not self._timer.isActive():
            self._timer.start()

    def say_again(self) -> None:
        """In another language."""
        self._photos.show_counts()
        self._note(None)

    @Slot()
    def _show_facts(self) -> None:
        s = self._session
        paths = s.paths if self._changed is None else [p for p in self._changed if p in s.library]
        self._changed = {}
        self._photos.rows.set_facts({p: s.facts(p) for p in paths})
        self._photos.show_missing(len(s.library.missing))
        self._show_unclassified()

    def _show_unclassified(self) -> None:
        if self._left:
            self._photos.show_unclassified(self._left, asking=True)
            return
        model = self._session.model
        # A server is asked about photographs only one by one, when somebody looks at them.
        count = 0 if model is None or model.host else len(self._session.unclassified())
        self._photos.show_unclassified(count, asking=False)

    @Slot(object)
    def _want(self, path: Path) -> None:
        self._thumbnailer.want(path, self._session.library.readings.get(path))

    @Slot(object, QImage)
    def _put(self, path: Path, image: QImage) -> None:
        if path in self._session.library:
            self._photos.rows.put(path, image, "")

    @Slot(list, object)
    def _classify(self, photos: list[tuple[Path, dict[str, object] | None]], box: BlackBox) -> None:
        self._thumbnailer.classify(photos, box)

    @Slot()
    def _classify_or_stop(self) -> None:
        if self._left:
            self._thumbnailer.cancel()
        else:
            self._session.classify_all()

    @Slot(int)
    def _show_left(self, left: int) -> None:
        self._left = left
        self._show_unclassified()
