"""The one mutable object of the window: what is open, what is chosen, what was found.

It holds no widget and no thread. Views read it and are told by a signal per change; requests
for work leave as signals and answers come back as slots, so a test can drive it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from decam_engine import (
    BlackBox,
    Candidate,
    DecamError,
    Explanation,
    Prediction,
    Progress,
    check_settings,
    demo_model,
    demo_photos,
)
from decam_gui.commands import ChangeSettings, ChooseTarget, RemovePhotos
from decam_gui.core.facts import PhotoFacts, PhotoState
from decam_gui.core.findings import Findings, KeptResult, ModelState
from decam_gui.core.jobs import ACTIVE, UNFINISHED, Entry, Job, JobSpec, JobState, RunSettings
from decam_gui.core.library import Library, Removed
from decam_gui.job_queue import JobQueue
from decam_gui.worker import ModelSource, OpenedModel, OpenedPhoto, Scores, Trouble

__all__ = ["ModelState", "PhotoFacts", "PhotoState", "RunSettings", "Session"]

MODEL_SUFFIX = ".onnx"
RESULT_SUFFIX = ".json"
TOP = 5
# Up to so many removals are told one by one.
FEW = 16
# What makes two readings of a model the same: then what was found of the one holds for the other.
READING = ("preprocessing", "activation", "output", "providers", "sha256")


class Session(QObject):
    """Photographs, models, the chosen ones, predictions, the run, results."""

    # Something entered or left the list of photographs.
    photo_added = Signal(object)
    photo_removed = Signal(object)
    # Files were found (not yet decoded), or photographs came back or moved: the whole list counts.
    photos_listed = Signal(list)
    list_changed = Signal()
    # What the list says about these has changed; None: about all.
    facts_changed = Signal(object)
    # A photograph was chosen (None: none), or what is known of it arrived.
    photo_changed = Signal()
    model_changed = Signal()
    scores_changed = Signal()
    target_changed = Signal()
    result_changed = Signal()
    # The run: it began or ended, moved on, has a new live map.
    run_changed = Signal()
    progressed = Signal(object)
    settings_changed = Signal()
    # A result came: (photograph, address of the model, result, number of its job).
    found = Signal(object, str, object, int)
    loading_changed = Signal()
    # Sentences for the places that show them; an empty one clears.
    photo_trouble = Signal(str)
    model_trouble = Signal(str)
    run_trouble = Signal(str)
    target_trouble = Signal(str)
    saved = Signal(list)
    save_trouble = Signal(str)

    # Requests for the workers.
    read_photos = Signal(list)
    read_photo_as = Signal(object, object)
    read_model = Signal(object)
    reread_model = Signal(object, object)
    choose_way = Signal(object, object)
    forget_way = Signal(object)
    read_result = Signal(object)
    ask_model = Signal(object, object)
    start_run = Signal(object)
    stop_run = Signal()
    hold_run = Signal(bool)
    read_model_as = Signal(object, object, object)
    read_kept = Signal(object, str, object)
    classify = Signal(list, object)
    write_result = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = Library()
        self.findings = Findings()
        self.undo = QUndoStack(self)
        self.current: Path | None = None
        self.models: list[OpenedModel] = []
        self.model: OpenedModel | None = None
        self.settings = RunSettings()
        self.saving = False
        # Models of an opened session: the hash of what its results were found with.
        self.expected_models: dict[str, str] = {}
        self._reads = 0
        # Results read from disk, kept for when their model is opened.
        self._restored: list[Explanation] = []
        self._fetching: set[tuple[Path, str, int]] = set()
        # The first photograph of the newest request is shown when it arrives.
        self._show_next = False
        self._models_loading: list[ModelSource] = []
        self._jobs_of: dict[Path, JobState] = {}
        self.queue = JobQueue(self)
        self.queue.trouble.connect(self.run_trouble)
        self.queue.found.connect(self._take_result)
        self.queue.changed.connect(self._note_jobs)

    @property
    def paths(self) -> list[Path]:
        """The photographs, in order."""
        return self.library.paths

    @property
    def problems(self) -> dict[Path, str]:
        """Why a file cannot be used."""
        return self.library.problems

    @property
    def job(self) -> Job | None:
        """The job under way."""
        return self.queue.job

    @property
    def progress(self) -> Progress | None:
        """How far it is."""
        return self.queue.progress

    @property
    def stopping(self) -> bool:
        """Whether it ends after the batch under way."""
        return self.queue.stopping

    # --- opening -----------------------------------------------------------------------

    def open(self, paths: list[Path]) -> None:
        """Open whatever these are: models and saved results by suffix, the rest as photos."""
        unique = [p.absolute() for p in dict.fromkeys(paths)]
        models = [p for p in unique if p.suffix.lower() == MODEL_SUFFIX and not p.is_dir()]
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
        self.list_changed.emit()
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
        new = self.library.add(paths)
        if new:
            self.photos_listed.emit(new)

    @Slot(object)
    def on_photo_opened(self, opened: OpenedPhoto) -> None:
        """A photograph was decoded: for the first time, or again for the viewer."""
        path, library = opened.path, self.library
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
        self._model_done(opened.path)
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
            if _address(result) == opened.address:
                self._put_back(result)
        self.choose_model(opened)
        self.loading_changed.emit()
        self.queue.look()

    @Slot(object, object)
    def on_model_reread(self, old: OpenedModel, new: OpenedModel) -> None:
        """A model is read or fed in another way; what was found of it before goes."""
        self._model_done(old.path)
        # Otherwise the file was opened anew meanwhile, and that is what counts.
        if old in self.models:
            self.models[self.models.index(old)] = new
            if any(old.facts.get(k) != new.facts.get(k) for k in READING):
                self.findings.forget(lambda key: key[1] == new.address)
                for result in self._restored:
                    if _address(result) == new.address and _is_of(result, new):
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
        known = next((m for m in self.models if m.address == _address(result)), None)
        if known is None and result.model.get("url"):
            # Whoever sent the file must not choose whom the photograph is shown to.
            self.open([photo.absolute()])
            self.photo_trouble.emit(
                self.tr(
                    "This result is of a model on a server, which is only asked when you say so. "
                    "To see it, open {0} (File, Open model server)."
                ).format(_address(result))
            )
        elif known is None:
            self.open([photo.absolute(), Path(_address(result))])
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
        key = (photo.absolute(), _address(result))
        self.findings.keep(*key, result)
        self.findings.state(*key).target = result.target.index
        self.facts_changed.emit([photo.absolute()])

    @Slot(object)
    def on_model_failed(self, trouble: Trouble) -> None:
        """The model in use stays."""
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
        self.loading_changed.emit()

    def _read(self, paths: list[Path]) -> None:
        for path in paths:
            if path in self.library.readings:
                self._reads += 1
                self.read_photo_as.emit(path, self.library.readings[path])
        others = [p for p in paths if p not in self.library.readings]
        if others:
            self._reads += 1
            self.read_photos.emit(others)

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

    def _model_done(self, path: ModelSource) -> None:
        if path in self._models_loading:
            self._models_loading.remove(path)

    # --- choosing ----------------------------------------------------------------------

    def choose_photo(self, path: Path | None) -> None:
        """Show this photograph; it is decoded again if it was put away."""
        if path == self.current and path is not None:
            return
        self.current = path
        self._refresh_current()
        known = path is not None and self.library.decoded(path) is not None
        if path is not None and not known and path not in self.problems:
            self._read([path])

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

    def choose_model(self, model: OpenedModel) -> None:
        """Use this model from now on."""
        self.model = model
        self.model_changed.emit()
        self._refresh_current()

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

    def _refresh_current(self) -> None:
        self.photo_changed.emit()
        self.target_trouble.emit("")
        self.scores_changed.emit()
        self.target_changed.emit()
        self._show_result()
        opened, state = self.photo(), self.state()
        if self.model is not None and opened is not None and state is not None:
            missing = state.scores is None and not state.problem
            if missing:
                self.ask_model.emit(opened, self.model.box)

    # --- reading -----------------------------------------------------------------------

    def photo(self) -> OpenedPhoto | None:
        """The current photograph, once it is decoded."""
        return self.library.decoded(self.current)

    def photos_at_hand(self, most: int) -> list[OpenedPhoto]:
        """Decoded photographs, the current one first, then in the order of the list."""
        return self.library.at_hand(self.current, most)

    def problem(self) -> str:
        """Why the current file cannot be shown, or nothing."""
        return "" if self.current is None else self.problems.get(self.current, "")

    def box(self) -> BlackBox | None:
        """The model in use."""
        return None if self.model is None else self.model.box

    def state(self) -> ModelState | None:
        """What is known of the current photograph under the current model."""
        if self.current is None or self.model is None or self.current in self.problems:
            return None
        return self.findings.state(self.current, self.model.address)

    def facts(self, path: Path) -> PhotoFacts:
        """What the list says about a photograph, under the model in use."""
        problem = self.problems.get(path, "")
        if path in self.library.missing:
            return PhotoFacts("", None, PhotoState.MISSING, problem)
        if problem:
            return PhotoFacts("", None, PhotoState.BROKEN, problem)
        known = None if self.model is None else self.findings.known(path, self.model.address)
        top = None if known is None else known.top
        label, confidence = ("", None) if top is None else (top[1], top[2])
        state = PhotoState.NEW
        job = self._jobs_of.get(path)
        if job is not None and job in UNFINISHED:
            state = PhotoState.RUNNING if job in ACTIVE else PhotoState.WAITING
        elif known is not None and known.has_result():
            state = PhotoState.EXPLAINED
            if known.stopped():
                state = PhotoState.STOPPED
        elif job is JobState.FAILED or (known is not None and known.problem):
            state = PhotoState.FAILED
        return PhotoFacts(label, confidence, state, "" if known is None else known.problem)

    def predictions(self) -> list[Prediction]:
        """The five most probable classes, and the target if it is not among them."""
        state, box = self.state(), self.box()
        if state is None or state.scores is None or box is None:
            return []
        found = box.rank(state.scores, TOP)
        if state.target is not None and state.target not in [p.index for p in found]:
            found.append(box.prediction(state.target, float(state.scores[state.target])))
        return found

    def class_names(self) -> list[str]:
        """All classes of the current model, once one photograph was scored."""
        state, box = self.state(), self.box()
        if state is None or state.scores is None or box is None:
            return []
        return [box.label(i) for i in range(len(state.scores))]

    def target(self) -> Prediction | None:
        """The class that would be, or is, explained."""
        state, box = self.state(), self.box()
        if state is None or state.scores is None or state.target is None or box is None:
            return None
        return box.prediction(state.target, float(state.scores[state.target]))

    def result(self) -> Explanation | None:
        """The last result for the current photograph, model and class."""
        state = self.state()
        if state is None or state.target is None:
            return None
        return state.results.get(state.target)

    def shows_run(self) -> bool:
        """Whether the run under way is about what is on show."""
        job, target = self.job, self.target()
        return (
            job is not None
            and job.path == self.current
            and job.box is self.box()
            and target is not None
            and job.target == target.index
        )

    # --- predictions -------------------------------------------------------------------

    @Slot(object)
    def on_scored(self, scores: Scores) -> None:
        """A model's answer; of a model that was replaced meanwhile, it is dropped."""
        state = self._state_of(scores.path, scores.box)
        if state is None:
            return
        state.scores = scores.values
        first = scores.box.rank(scores.values, 1)[0]
        state.top = (first.index, first.label, first.score)
        if state.target is None:
            state.target = int(np.argmax(scores.values))
        if scores.path == self.current:
            self.scores_changed.emit()
            self.target_changed.emit()
            self._show_result()
        self.facts_changed.emit([scores.path])

    @Slot(object)
    def on_scoring_failed(self, trouble: Trouble) -> None:
        """The model cannot be run on this photograph; of a replaced model it does not matter."""
        state = None if trouble.box is None else self._state_of(Path(trouble.path), trouble.box)
        if state is None:
            return
        state.problem = trouble.text
        if trouble.path == self.current:
            self.model_trouble.emit(trouble.text)
            self.scores_changed.emit()
        self.facts_changed.emit([trouble.path])

    def _state_of(self, path: Path, box: BlackBox) -> ModelState | None:
        owner = next((m for m in self.models if m.box is box), None)
        if owner is None or path not in self.library:
            return None
        return self.findings.state(path, owner.address)

    def unclassified(self) -> list[Path]:
        """Photographs of which the model in use has not said anything yet."""
        if self.model is None:
            return []
        address = self.model.address
        states = ((p, self.findings.known(p, address)) for p in self.paths)
        return [
            p
            for p, state in states
            if p not in self.problems and (state is None or (not state.top and not state.problem))
        ]

    def classify_all(self) -> None:
        """Ask the model in use about every photograph that it was not asked about, once each."""
        missing = self.unclassified()
        if missing and self.model is not None:
            readings = [(p, self.library.readings.get(p)) for p in missing]
            self.classify.emit(readings, self.model.box)

    # --- running -----------------------------------------------------------------------

    def change_settings(self, settings: RunSettings) -> None:
        """Use these for the next run; can be undone."""
        self.run_trouble.emit("")
        if settings != self.settings:
            self.undo.push(ChangeSettings(self, settings))

    def set_settings(self, settings: RunSettings) -> None:
        """Use these, without a step to undo."""
        self.settings = settings
        self.settings_changed.emit()

    def can_run(self) -> bool:
        """Whether everything a run needs is there, and just this is not asked for already."""
        spec = self._spec()
        if spec is None or self.photo() is None or self.model is None:
            return False
        return self.model.path not in self._models_loading and not self.queue.asked(spec)

    def run(self) -> None:
        """Explain the current photograph: now, or after what is under way."""
        spec = self._spec()
        if spec is not None and self.can_run():
            self.queue.add([spec])

    def run_targets(self, targets: Sequence[int]) -> int:
        """Explain several classes of the current photograph in one run; how many jobs are new."""
        names = self.class_names()
        if self.current is None or self.model is None or not names:
            return 0
        chosen = tuple(dict.fromkeys(t for t in targets if 0 <= t < len(names)))
        if not chosen:
            return 0
        spec = JobSpec(
            self.current, self.model.address, chosen, tuple(names[t] for t in chosen), self.settings
        )
        return self.queue.add([spec])

    def run_photos(self, paths: Iterable[Path] | None = None) -> int:
        """Explain what the model says about each of these; None: of all. How many are new."""
        if self.model is None:
            return 0
        address = self.model.address
        chosen = self.paths if paths is None else paths
        usable = [p for p in chosen if p in self.library and p not in self.problems]
        return self.queue.add(JobSpec(p, address, settings=self.settings) for p in usable)

    def job_for(self, entry: Entry) -> Job | None:
        """What the worker is handed; None while the model is not open, or the file missing."""
        spec = entry.spec
        model = next((m for m in self.models if m.address == spec.address), None)
        if model is None or model.path in self._models_loading or spec.path in self.library.missing:
            return None
        opened, s = self.library.decoded(spec.path), spec.settings
        target = spec.targets[0] if spec.targets else None
        return Job(
            entry.number, spec.path, None if opened is None else opened.photo, model.box, target,
            s.method, s.preset, s.calls, s.seed, s.fill, spec.targets,
            self.library.readings.get(spec.path, {}), self._stopped(spec),
        )  # fmt: skip

    def _stopped(self, spec: JobSpec) -> Explanation | Path | None:
        """The stopped explanation of just this, to be gone on with."""
        known = self.findings.known(spec.path, spec.address)
        if known is None or len(spec.targets) != 1:
            return None
        result, s = known.results.get(spec.targets[0]), spec.settings
        if result is None or not result.stopped or result.journal is None:
            return None
        same = (
            result.settings.get("method") == s.method
            and result.settings.get("preset") == s.preset
            and result.settings.get("fill") == s.fill
            and result.seed == s.seed
            and result.budget == budget_of(s)
        )
        return result if same else None

    def cancel(self) -> None:
        """Stop after the batch under way; the map so far stays."""
        self.queue.cancel_current()

    @Slot(int, object)
    def on_progress(self, number: int, progress: Progress) -> None:
        """The run moved on."""
        self.queue.on_progress(number, progress)

    @Slot(int, object)
    def on_found(self, number: int, result: Explanation) -> None:
        """A class has its result."""
        self.queue.on_found(number, result)

    @Slot(int, object)
    def on_finished(self, number: int, result: Explanation) -> None:
        """The run has ended."""
        self.queue.on_finished(number, result)

    @Slot(int, str)
    def on_failed(self, number: int, text: str) -> None:
        """The run gave nothing."""
        self.queue.on_failed(number, text)

    def _spec(self) -> JobSpec | None:
        target = self.target()
        if self.current is None or self.model is None or target is None:
            return None
        return JobSpec(
            self.current, self.model.address, (target.index,), (target.label,), self.settings
        )

    @Slot(object, object)
    def _take_result(self, job: Job, result: Explanation) -> None:
        """Keep the result with its photograph, model and class."""
        owner = next((m for m in self.models if m.box is job.box), None)
        if owner is None or job.path not in self.library:
            return
        # A saved result may have brought another page of the file meanwhile.
        if result.photo.reading["options"] != self.library.reading(job.path):
            return
        state = self.findings.state(job.path, owner.address)
        state.kept.pop(result.target.index, None)
        self.findings.keep(job.path, owner.address, result)
        self.library.hashes[job.path] = result.photo.sha256
        if state.target is None:
            state.target = result.target.index
        self.found.emit(job.path, owner.address, result, job.number)
        self.facts_changed.emit([job.path])
        if job.path == self.current:
            self.result_changed.emit()

    def _note_jobs(self) -> None:
        """Bring the states in the list of photographs up to date."""
        before = self._jobs_of
        order = {JobState.RUNNING: 0, JobState.STOPPING: 0, JobState.WAITING: 1, JobState.HELD: 1}
        now: dict[Path, JobState] = {}
        for entry in self.queue.entries:
            known = now.get(entry.spec.path)
            if known is None or order.get(entry.state, 2) <= order.get(known, 2):
                now[entry.spec.path] = entry.state
        self._jobs_of = now
        changed = [p for p in before.keys() | now.keys() if before.get(p) != now.get(p)]
        if changed:
            self.facts_changed.emit(changed)

    # --- results on disk ---------------------------------------------------------------

    def on_kept(self, path: Path, address: str, kept: KeptResult) -> None:
        """A result lies on disk, so that it may leave the memory."""
        state = self.findings.known(path, address)
        if state is not None and kept.target in state.results:
            state.kept[kept.target] = kept
            self.findings.tidy(keep=self._on_show())

    @Slot(object, str, object)
    def on_kept_read(self, path: Path, address: str, result: Explanation) -> None:
        """A result was read back from disk."""
        self._fetching.discard((path, address, result.target.index))
        state = self.findings.known(path, address)
        if state is None or result.photo.reading["options"] != self.library.reading(path):
            return
        model = next((m for m in self.models if m.address == address), None)
        if model is not None and not _is_of(result, model):
            state.kept.pop(result.target.index, None)
            self.model_trouble.emit(
                self.tr(
                    "A map of this session is not shown: {0} is read or fed otherwise now than "
                    "when it was found."
                ).format(model.title)
            )
            return
        self.findings.keep(path, address, result)
        if path == self.current:
            self.result_changed.emit()

    @Slot(object, str, int, str)
    def on_kept_failed(self, path: Path, address: str, target: int, text: str) -> None:
        """It could not be read back: it is no longer promised."""
        self._fetching.discard((path, address, target))
        state = self.findings.known(path, address)
        if state is not None:
            state.kept.pop(target, None)
        self.photo_trouble.emit(text)
        self.facts_changed.emit([path])

    def _on_show(self) -> tuple[Path, str, int] | None:
        state = self.state()
        if self.current is None or self.model is None or state is None or state.target is None:
            return None
        return self.current, self.model.address, state.target

    def _show_result(self) -> None:
        """Tell which result is on show; one that lies on disk only is read."""
        key, state = self._on_show(), self.state()
        if key is not None and state is not None:
            kept = state.kept.get(key[2])
            if key[2] in state.results:
                self.findings.touch(*key)
            elif kept is not None and key not in self._fetching and self.photo() is not None:
                self._fetching.add(key)
                self.read_kept.emit(key[0], key[1], kept)
        self.result_changed.emit()

    # --- saving ------------------------------------------------------------------------

    def save(self, folder: str) -> None:
        """Write the result on show into a folder."""
        result = self.result()
        if result is not None and not self.saving:
            self.saving = True
            self.write_result.emit(result, folder)

    @Slot(list)
    def on_saved(self, paths: list[Path]) -> None:
        """Files were written."""
        self.saving = False
        self.saved.emit(paths)

    @Slot(str)
    def on_save_failed(self, text: str) -> None:
        """Nothing was written; the result stays in memory."""
        self.saving = False
        self.save_trouble.emit(text)


def budget_of(settings: RunSettings) -> int:
    """In model calls."""
    return check_settings(**settings.record())


def _is_of(result: Explanation, model: OpenedModel) -> bool:
    """Whether a result was found with the model read in just this way."""
    return all(result.model.get(k) == model.facts.get(k) for k in READING)


def _address(result: Explanation) -> str:
    """Where the model of a result is: its file, or its URL."""
    return str(result.model.get("url") or result.model.get("path"))
