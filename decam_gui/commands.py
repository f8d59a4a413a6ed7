"""What can be undone: settings, chosen classes, photographs and jobs taken off their lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from decam_gui.core.jobs import Entry, RunSettings

if TYPE_CHECKING:
    from decam_gui.core.library import Removed
    from decam_gui.job_queue import JobQueue
    from decam_gui.session import Session
    from decam_gui.worker import OpenedModel

SETTINGS_ID = 1


class ChangeSettings(QUndoCommand):
    """Other settings; the steps of one field, one after the other, are one change."""

    def __init__(self, session: Session, new: RunSettings) -> None:
        super().__init__(_tr("Change settings"))
        self._session, self._old, self._new = session, session.settings, new
        self._fields = _differing(self._old, new)

    def id(self) -> int:
        """Those of one kind may be merged."""
        return SETTINGS_ID

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        """Take in a further change of the same field."""
        if not isinstance(other, ChangeSettings) or other._fields != self._fields:
            return False
        self._new = other._new
        self.setObsolete(self._new == self._old)
        return True

    def redo(self) -> None:
        """Use the new ones."""
        self._session.set_settings(self._new)

    def undo(self) -> None:
        """Use the old ones again."""
        self._session.set_settings(self._old)


class ChooseTarget(QUndoCommand):
    """Another class of a photograph is to be explained."""

    def __init__(self, session: Session, path: Path, address: str, old: int, new: int) -> None:
        super().__init__(_tr("Choose class"))
        self._session, self._path, self._address = session, path, address
        self._old, self._new = old, new

    def redo(self) -> None:
        """The new one."""
        self._session.set_target(self._path, self._address, self._new)

    def undo(self) -> None:
        """The old one, on its photograph."""
        self._session.set_target(self._path, self._address, self._old)


class RemovePhotos(QUndoCommand):
    """Photographs leave the list with what was found of them, and come back with it."""

    def __init__(self, session: Session, paths: Sequence[Path]) -> None:
        text = _tr("Remove photo") if len(paths) == 1 else _tr("Remove photos")
        super().__init__(text)
        self._session, self._paths = session, list(paths)
        self._removed: list[Removed] = []

    def redo(self) -> None:
        """Take them off."""
        self._removed = self._session.take_photos(self._paths)

    def undo(self) -> None:
        """Put them back where they were."""
        self._session.put_photos_back(self._removed)


class RemoveModel(QUndoCommand):
    """A model leaves the list with its waiting jobs, and comes back with what it found."""

    def __init__(self, session: Session, model: OpenedModel) -> None:
        super().__init__(_tr("Remove model"))
        self._session, self._model = session, model
        self._place = 0
        self._entries: list[tuple[int, Entry]] = []

    def redo(self) -> None:
        """Take it off."""
        self._model, self._place, self._entries = self._session.take_model(self._model)

    def undo(self) -> None:
        """Put it back where it was, and use it."""
        self._session.put_model_back(self._model, self._place, self._entries)


class TakeJobs(QUndoCommand):
    """Jobs that have not begun leave the queue."""

    def __init__(self, queue: JobQueue, numbers: Sequence[int]) -> None:
        super().__init__(_tr("Remove from queue"))
        self._queue, self._numbers = queue, list(numbers)
        self._taken: list[tuple[int, Entry]] = []

    def redo(self) -> None:
        """Take them out."""
        self._taken = self._queue.take_out(self._numbers)

    def undo(self) -> None:
        """Put them back in their places."""
        self._queue.put_back(self._taken)


def _differing(one: RunSettings, other: RunSettings) -> frozenset[str]:
    return frozenset(k for k, v in vars(one).items() if v != getattr(other, k))


def _tr(text: str) -> str:
    return QCoreApplication.translate("commands", text)
