"""The one mutable object of the window: what is open, what is chosen, what was found.

It holds no widget and no thread. Views read it and are told by a signal per change; requests
for work leave as signals and answers come back as slots, so a test can drive it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot

from decam_engine import (
    FOREIGN_SUFFIXES,
    Candidate,
    DecamError,
    Explanation,
    demo_model,
    demo_photos,
)
from decam_gui.commands import ChooseTarget
from decam_gui.core.facts import PhotoFacts, PhotoState
from decam_gui.core.findings import Findings
from decam_gui.core.jobs import RunSettings
from decam_gui.core.library import Library
from decam_gui.session_lists import SessionLists
from decam_gui.session_state import READING, address_of, is_of, same_reading
from decam_gui.worker import ModelSource, OpenedModel, OpenedPhoto, Trouble

__all__ = ["PhotoFacts", "PhotoState", "RunSettings", "Session"]

# A model of another tool is answered by a sentence on the way to an ONNX file.
MODEL_SUFFIXES = (".onnx", *FOREIGN_SUFFIXES)
RESULT_SUFFIX = ".json"


class Session(SessionLists):
    """Photographs, models, the chosen ones, predictions, the run, results."""

    # --- opening -----------------------------------------------------------------------

    def open(self, paths: list[Path]) -> None:
        """Open whatever these are: models and saved results by suffix, the rest as photos."""
        unique = [p.absolute() for p in dict.fromkeys(paths)]
        models = [p for p in unique if p.suffix.lower() in MODEL_SUFFIXES and not p.is_dir()]
        results = [p for p in unique if p.suffix.lower() == RESULT_SUFFIX and not p.is_dir()]
        others = [p for p in unique if p not in models and p not in results]
        for path in results:
            self.photo_trouble.emit("")
            self.read_result.emit(path)
        for path in models:
            self._read_model(path)
        if others:
            self._show_next = True
            self.photo_trouble.emit("")
            self._read(others)
        self.loading_changed.emit()

    def open_server(self, url: str) -> None:
        """The model that a server has under this URL."""
        self._read_model(url)
        self.loading_changed.emit()

    def open_demo(self) -> None:
        """The bundled model and photographs."""
        self.open([demo_model(), *demo_photos()])

    def open_demo_model(self) -> None:
        """The bundled model alone."""
        self.open([demo_model()])

    def open_model_as(
        self, path: Path, reading: Mapping[str, Any], preprocessing: Mapping[str, Any] | None
    ) -> None:
        """A model of an earlier session, read and fed as it was then."""
        self._models_loading.append(path)
        self.model_trouble.emit("")
        self.read_model_as.emit(path, reading, preprocessing)
        self.loading_changed.emit()

    def clear(self) -> None:
        """Close everything, for another session to take its place."""
        self.queue.clear()
        self.undo.clear()
        self.current = None
        self.models, self.model = [], None
        self.library, self.findings = Library(), Findings()
        self.expected_models = {}
        self._restored, self._fetching = [], set()
        self._stale_reads = self._reads
        self._stale_models += self._models_loading
        self._models_loading = []
        self.list_changed.emit()
        self.model_changed.emit()
        self._refresh_current()

    @property
    def loading_photos(self) -> bool:
        """Whether files are being read."""
        return self._reads > 0

    @property
    def loading_model(self) -> str:
        """Name of the model that is being loaded, or nothing."""
        if not self._models_loading:
            return ""
        source = self._models_loading[0]
        return source.name if isinstance(source, Path) else source.rpartition("/v2/models/")[2]

    @property
    def empty(self) -> bool:
        """Whether nothing at all was opened yet."""
        return not (self.paths or self.models or self._reads or self._models_loading)

    @Slot(list)
    def on_photos_found(self, paths: list[Path]) -> None:
        """Files are there; all but the first few are decoded when they are looked at."""
        new = [] if self._stale_reads else self.library.add(paths)
        if new:
            self.photos_listed.emit(new)

    @Slot(object)
    def on_photo_opened(self, opened: OpenedPhoto) -> None:
        """A photograph was decoded: for the first time, or again for the viewer."""
        path, library = opened.path, self.library
        if self._stale_reads:
            return
        if path in library.readings and opened.photo.reading["options"] != library.reading(path):
            return  # another page or window was chosen meanwhile, and comes next
        before = library.hashes.get(path)
        library.keep(opened, self.current)
        library.problems.pop(path, None)
        library.missing.discard(path)
        if before is not None and before != opened.photo.sha256:
            self._forget_findings(path)
            self.photo_trouble.emit(
                self.tr("{0} was changed since it was explained; its maps are not shown.").format(
                    path.name
                )
            )
        if path in library.rereading:
            self._forget_findings(path)
        library.add([path])
        self.photo_added.emit(opened)
        show, self._show_next = self._show_next, False
        if self.current == path:
            self._refresh_current()
        elif show or self.current is None:
            self.choose_photo(path)

    @Slot(object)
    def on_photo_failed(self, trouble: Trouble) -> None:
        """A file is no usable photograph: it stays in the list, marked, with the reason."""
        path = Path(trouble.path)
        if self._stale_reads:
            return
        known = self.problems.get(path) == trouble.text
        self.problems[path] = trouble.text
        if path in self.library.rereading:
            self._forget_findings(path)
        self.library.add([path])
        self.photo_added.emit(trouble)
        if not known:
            self.photo_trouble.emit(trouble.text)
        if self.current == path:
            self._refresh_current()
        elif self.current is None:
            self.choose_photo(path)

    @Slot(object)
    def on_folder_failed(self, trouble: Trouble) -> None:
        """A folder holds nothing to open."""
        self.photo_trouble.emit(trouble.text)

    @Slot(object)
    def on_model_opened(self, opened: OpenedModel) -> None:
        """The newest model becomes the one in use; the same file again replaces its older self."""
        if self._is_stale(opened.path):
            return
        self._model_done(opened.path)
        there = next((m for m in self.models if m.path == opened.path), None)
        if there is not None and same_reading(there, opened):
            # Opened once more: what was found of it, and a run under way, go on.
            self.choose_model(there)
            self.loading_changed.emit()
            return
        self.models = [m for m in self.models if m.path != opened.path] + [opened]
        expected = self.expected_models.pop(opened.address, None)
        if expected is None or expected != opened.facts.get("sha256"):
            self.findings.forget(lambda key: key[1] == opened.address)
            if expected is not None:
                self.model_trouble.emit(
                    self.tr(
                        "{0} is not the model of this session (its SHA-256 differs); the maps of "
                        "the session are not shown for it."
                    ).format(opened.title)
                )
        for result in self._restored:
            if address_of(result) == opened.address:
                self._put_back(result)
        self.choose_model(opened)
        self.loading_changed.emit()
        self.queue.look()

    @Slot(object, object)
    def on_model_reread(self, old: OpenedModel, new: OpenedModel) -> None:
        """A model is read or fed in another way; what was found of it before goes."""
        if self._is_stale(old.path):
            return
        self._model_done(old.path)
        # Otherwise the file was opened anew meanwhile, and that is what counts.
        if old in self.models:
            self.models[self.models.index(old)] = new
            # A class without a name is never called by a wrong one.
            renamed = old.box.labels is not None and old.box.labels != new.box.labels
            if renamed or any(old.facts.get(k) != new.facts.get(k) for k in READING):
                self.findings.forget(lambda key: key[1] == new.address)
                for result in self._restored:
                    if address_of(result) == new.address and is_of(result, new):
                        self._put_back(result)
            if self.model is old:
                self.choose_model(new)
            else:
                self.model_changed.emit()
        self.loading_changed.emit()

    @Slot(object)
    def on_result_opened(self, result: Explanation) -> None:
        """A saved result: its photograph and its model are opened, and it is shown on them."""
        self._restored.append(result)
        photo = result.photo.path
        if photo is None:
            return
        options = result.photo.reading["options"]
        if options != self.library.reading(photo.absolute()):
            self._read_as(photo.absolute(), options)
        known = next((m for m in self.models if m.address == address_of(result)), None)
        if known is None and result.model.get("url"):
            # Whoever sent the file must not choose whom the photograph is shown to.
            self.open([photo.absolute()])
            self.photo_trouble.emit(
                self.tr(
                    "This result is of a model on a server, which is only asked when you say so. "
                    "To see it, open {0} (File, Open model server)."
                ).format(address_of(result))
            )
        elif known is None:
            self.open([photo.absolute(), Path(address_of(result))])
        else:
            self._put_back(result)
            self.open([photo.absolute()])
            self.choose_model(known)

    def _put_back(self, result: Explanation) -> None:
        photo = result.photo.path
        if photo is None or result.photo.reading["options"] != self.library.reading(
            photo.absolute()
        ):
            return
        key = (photo.absolute(), address_of(result))
        self.findings.keep(*key, result)
        self.findings.state(*key).target = result.target.index
        self.facts_changed.emit([photo.absolute()])

    @Slot(object)
    def on_model_failed(self, trouble: Trouble) -> None:
        """The model in use stays."""
        if self._is_stale(trouble.path):
            return
        self._model_done(trouble.path)
        self.model_trouble.emit(trouble.text)
        self.model_changed.emit()
        self.loading_changed.emit()

    @Slot(object)
    def on_thumbnail_failed(self, trouble: Trouble) -> None:
        """A file that came into sight is no usable photograph: it is marked."""
        path = Path(trouble.path)
        if path in self.library and path not in self.library.missing:
            self.problems[path] = trouble.text
            self.photo_added.emit(trouble)
            self.facts_changed.emit([path])

    @Slot()
    def on_photos_read(self) -> None:
        """One request is done."""
        self._reads -= 1
        self._stale_reads = max(0, self._stale_reads - 1)
        self.loading_changed.emit()

    def change_reading(self, reading: dict[str, Any]) -> None:
        """Read the current photograph in another way (page, window); its results go."""
        path = self.current
        if path is None or self.queue.uses_photo(path):
            return
        self._read_as(path, reading)
        self.library.put_away(path)
        self._refresh_current()
        self._read([path])
        self.loading_changed.emit()

    def _read_as(self, path: Path, reading: dict[str, Any]) -> None:
        self.library.readings[path] = reading
        self.library.rereading.add(path)

    def _forget_findings(self, path: Path) -> None:
        """The answers that were under way for its older self have come before it."""
        self.library.rereading.discard(path)
        self.findings.forget(lambda key: key[0] == path)
        for result in self._restored:
            if result.photo.path is not None and result.photo.path.absolute() == path:
                self._put_back(result)
        self.facts_changed.emit([path])

    def _read_model(self, source: ModelSource) -> None:
        self._models_loading.append(source)
        self.model_trouble.emit("")
        self.read_model.emit(source)

    def _is_stale(self, path: ModelSource) -> bool:
        """Whether this answer is for a session that was closed meanwhile."""
        if path not in self._stale_models:
            return False
        self._stale_models.remove(path)
        return True

    def _model_done(self, path: ModelSource) -> None:
        if path in self._models_loading:
            self._models_loading.remove(path)

    # --- choosing ----------------------------------------------------------------------

    def model_changeable(self) -> bool:
        """Whether the model in use may be read anew: not while it is, nor while it is explained."""
        model = self.model
        if model is None or model.path in self._models_loading:
            return False
        return not self.queue.uses_model(model.address)

    def change_model(self, reading: Mapping[str, Any]) -> None:
        """Read the model in use in another way (activation, output, provider); None: as found."""
        wanted = {key: value for key, value in reading.items() if value is not None}
        model = self.model
        if model is not None and self.model_changeable() and wanted != model.reading:
            self._rereads(model)
            self.reread_model.emit(model, wanted)

    def use_way(self, model: OpenedModel, candidate: Candidate) -> None:
        """Feed a model as a candidate of the doctor says."""
        if model is self.model and self.model_changeable():
            self._rereads(model)
            self.choose_way.emit(model, candidate)

    def forget_choice(self, model: OpenedModel) -> None:
        """Feed a model as if no candidate had been chosen."""
        if model is self.model and self.model_changeable():
            self._rereads(model)
            self.forget_way.emit(model)

    def _rereads(self, model: OpenedModel) -> None:
        self._models_loading.append(model.path)
        self.model_trouble.emit("")
        self.loading_changed.emit()

    def choose_target(self, index: int) -> None:
        """Explain this class of the current photograph."""
        state = self.state()
        if state is None or state.scores is None or not 0 <= index < len(state.scores):
            return
        self.target_trouble.emit("")
        if state.target == index or self.current is None or self.model is None:
            return
        if state.target is None:
            self.set_target(self.current, self.model.address, index)
        else:
            self.undo.push(
                ChooseTarget(self, self.current, self.model.address, state.target, index)
            )

    def set_target(self, path: Path, address: str, index: int) -> None:
        """Explain this class of that photograph, and show it."""
        self.findings.state(path, address).target = index
        if path != self.current and path in self.library:
            self.choose_photo(path)
        self.target_changed.emit()
        self._show_result()

    def choose_target_named(self, name: str) -> None:
        """Explain the class of this name; an unknown one is answered with the nearest."""
        state = self.state()
        if state is None or state.scores is None or self.model is None:
            return
        try:
            index = self.model.box.resolve_target(name.strip(), len(state.scores))
        except DecamError as error:
            self.target_trouble.emit(str(error))
            return
        self.choose_target(index)
