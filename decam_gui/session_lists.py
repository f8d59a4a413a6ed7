"""What leaves the lists of a session, comes back, or is somewhere else now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from decam_gui.commands import RemoveModel, RemovePhotos
from decam_gui.core.jobs import Entry
from decam_gui.core.library import Removed
from decam_gui.session_runs import SessionRuns
from decam_gui.worker import OpenedModel

# Up to so many removals are told one by one.
FEW = 16


class SessionLists(SessionRuns):
    """Removing, with a way back, and files that moved."""

    def remove_photo(self, path: Path) -> None:
        """Take it off the list, with its results; can be undone."""
        self.remove_photos([path])

    def remove_photos(self, paths: Sequence[Path]) -> None:
        """Take them off the list; the one that is being explained stays."""
        running = None if self.job is None else self.job.path
        chosen = [p for p in paths if p in self.library and p != running]
        if running in paths:
            self.photo_trouble.emit(
                self.tr(
                    "{0} is being explained. Cancel the run, or wait for it, to remove it."
                ).format(Path(str(running)).name)
            )
        if chosen:
            self.undo.push(RemovePhotos(self, chosen))

    def take_photos(self, paths: Sequence[Path]) -> list[Removed]:
        """Take photographs off the list; what is returned puts them back."""
        gone = set(paths)
        entries = self.queue.take_out(
            [e.number for e in self.queue.pending() if e.spec.path in gone]
        )
        library, removed = self.library, []
        for place, path in library.take(paths):
            removed.append(
                Removed(
                    path, place, library.problems.pop(path, ""), library.readings.pop(path, None),
                    library.hashes.get(path, ""), path in library.missing,
                    self.findings.forget_photo(path),
                    [pair for pair in entries if pair[1].spec.path == path],
                )
            )  # fmt: skip
            library.missing.discard(path)
        if len(removed) > FEW:
            self.list_changed.emit()
        else:
            for one in removed:
                self.photo_removed.emit(one.path)
        first = removed[0].place if removed else 0
        if self.current in gone:
            rest = self.paths[min(first, len(self.paths) - 1)] if self.paths else None
            self.current = None
            self.choose_photo(rest)
        return removed

    def put_photos_back(self, removed: Sequence[Removed]) -> None:
        """The inverse of :meth:`take_photos`."""
        library = self.library
        for one in removed:
            library.insert(one.place, one.path)
            if one.problem:
                library.problems[one.path] = one.problem
            if one.reading is not None:
                library.readings[one.path] = one.reading
            if one.missing:
                library.missing.add(one.path)
            self.findings.states.update(one.findings)
        self.list_changed.emit()
        if removed:
            self.choose_photo(removed[0].path)
        self.queue.put_back([pair for one in removed for pair in one.entries])

    def remove_model(self, model: OpenedModel) -> None:
        """Take it off the list; can be undone. The one that is explaining stays."""
        if self.job is not None and self.job.box is model.box:
            self.model_trouble.emit(
                self.tr("{0} is being asked. Cancel the run, or wait for it, to remove it.").format(
                    model.title
                )
            )
        elif model in self.models and model.path not in self._models_loading:
            self.model_trouble.emit("")
            self.undo.push(RemoveModel(self, model))

    def take_model(self, model: OpenedModel) -> tuple[OpenedModel, int, list[tuple[int, Entry]]]:
        """Take a model off the list; what is returned puts it back. Its maps stay known."""
        # It may have been read or fed in another way meanwhile.
        model = next((m for m in self.models if m.path == model.path), model)
        waiting = [e.number for e in self.queue.pending() if e.spec.address == model.address]
        entries = self.queue.take_out(waiting)
        if model not in self.models:
            return model, len(self.models), entries
        place = self.models.index(model)
        self.models = [m for m in self.models if m is not model]
        if self.model is model:
            rest = self.models[min(place, len(self.models) - 1)] if self.models else None
            self.choose_model(rest)
        else:
            self.model_changed.emit()
        return model, place, entries

    def put_model_back(
        self, model: OpenedModel, place: int, entries: Sequence[tuple[int, Entry]]
    ) -> None:
        """The inverse of :meth:`take_model`."""
        there = next((m for m in self.models if m.path == model.path), None)
        if there is None:
            self.models = [*self.models[:place], model, *self.models[place:]]
        self.choose_model(there or model)
        self.queue.put_back(entries)

    def choose_model(self, model: OpenedModel | None) -> None:
        """Use this model from now on, or none."""
        self.model = model
        self.model_changed.emit()
        self._refresh_current()

    def photo_moved(self, old: Path, new: Path) -> None:
        """A missing photograph was found elsewhere."""
        if old not in self.library:
            return
        if new in self.library:
            self.library.remove(old)
        else:
            self.library.replace(old, new)
        self.findings.move(old, new)
        self.queue.photo_moved(old, new)
        if self.current == old:
            self.current = None
            self.choose_photo(new)
        self.facts_changed.emit(None)

    def model_moved(self, old: str, new: str) -> None:
        """A missing model was found elsewhere."""
        self.findings.readdress(old, new)
        self.queue.model_moved(old, new)

    def kept_moved(self, old: Path, new: Path) -> None:
        """The results on disk were copied to another folder."""
        self.findings.kept_moved(old, new)
