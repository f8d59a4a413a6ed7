"""The one mutable object of the window: what is open, what is chosen, what was found.

It holds no widget and no thread. Views read it and are told by a signal per change; requests
for work leave as signals and answers come back as slots, so a test can drive it alone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot

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
from decam_gui.worker import Job, ModelSource, OpenedModel, OpenedPhoto, Scores, Trouble

MODEL_SUFFIX = ".onnx"
RESULT_SUFFIX = ".json"
TOP = 5
# What load_image does when it is not told anything, as a manifest records it.
DEFAULT_READING = {"page": None, "window": None, "background": [255, 255, 255]}
# What makes two readings of a model the same: then what was found of the one holds for the other.
READING = ("preprocessing", "activation", "output", "providers", "sha256")
# Decoded photographs kept in memory; the others are decoded again when they are chosen.
KEPT_DECODED = 8


@dataclass(frozen=True)
class RunSettings:
    """How to search; ``calls`` None means the preset's."""

    method: str = "de"
    preset: str = "balanced"
    calls: int | None = None
    seed: int = 0
    fill: str | None = None


@dataclass(eq=False)
class ModelState:
    """What is known of one photograph under one model."""

    scores: npt.NDArray[np.float32] | None = None
    target: int | None = None
    problem: str = ""
    # By class index: the last result for each explained class.
    results: dict[int, Explanation] = field(default_factory=dict)


class Session(QObject):
    """Photographs, models, the chosen ones, predictions, the run, results."""

    # Something entered or left the list of photographs.
    photo_added = Signal(object)
    photo_removed = Signal(object)
    # A photograph was chosen (None: none), or what is known of it arrived.
    photo_changed = Signal()
    model_changed = Signal()
    scores_changed = Signal()
    target_changed = Signal()
    result_changed = Signal()
    # The run: it began or ended, moved on, has a new live map.
    run_changed = Signal()
    progressed = Signal(object)
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
    write_result = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.paths: list[Path] = []
        self.problems: dict[Path, str] = {}
        self.current: Path | None = None
        self.models: list[OpenedModel] = []
        self.model: OpenedModel | None = None
        self.settings = RunSettings()
        self.job: Job | None = None
        self.stopping = False
        self.progress: Progress | None = None
        self.saving = False
        self._decoded: OrderedDict[Path, OpenedPhoto] = OrderedDict()
        self._states: dict[tuple[Path, str], ModelState] = {}
        self._reads = 0
        # Photographs that are read in a chosen way, and those of them whose last way is still
        # being carried out: what was learnt of them before is of another picture.
        self._readings: dict[Path, dict[str, Any]] = {}
        self._rereading: set[Path] = set()
        # Results read from disk, kept for when their model is opened.
        self._restored: list[Explanation] = []
        # The first photograph of the newest request is shown when it arrives.
        self._show_next = False
        self._models_loading: list[ModelSource] = []
        self._jobs = 0

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

    @Slot(object)
    def on_photo_opened(self, opened: OpenedPhoto) -> None:
        """A photograph was decoded: for the first time, or again for the viewer."""
        path = opened.path
        if path in self._readings and opened.photo.reading["options"] != self._reading(path):
            return  # another page or window was chosen meanwhile, and comes next
        self._decoded[path] = opened
        self._decoded.move_to_end(path)
        while len(self._decoded) > KEPT_DECODED:
            oldest = next(p for p in self._decoded if p != self.current)
            del self._decoded[oldest]
        known = path in self.paths
        self.problems.pop(path, None)
        if path in self._rereading:
            self._forget_findings(path)
        if not known:
            self.paths.append(path)
        self.photo_added.emit(opened)
        show, self._show_next = self._show_next, False
        if self.current == path:
            self._refresh_current()
        elif show or self.current is None:
            self.choose_photo(path)

    @Slot(object)
    def on_photo_failed(self, trouble: Trouble) -> None:
        """A file is no usable photograph: it stays in the list, marked, with the reason."""
        self.problems[trouble.path] = trouble.text
        if trouble.path in self._rereading:
            self._forget_findings(trouble.path)
        if trouble.path not in self.paths:
            self.paths.append(trouble.path)
        self.photo_added.emit(trouble)
        self.photo_trouble.emit(trouble.text)
        if self.current == trouble.path:
            self._refresh_current()
        elif self.current is None:
            self.choose_photo(trouble.path)

    @Slot(object)
    def on_folder_failed(self, trouble: Trouble) -> None:
        """A folder holds nothing to open."""
        self.photo_trouble.emit(trouble.text)

    @Slot(object)
    def on_model_opened(self, opened: OpenedModel) -> None:
        """The newest model becomes the one in use; the same file again replaces its older self."""
        self._model_done(opened.path)
        self.models = [m for m in self.models if m.path != opened.path] + [opened]
        for key in [k for k in self._states if k[1] == opened.address]:
            del self._states[key]
        for result in self._restored:
            if _address(result) == opened.address:
                self._put_back(result)
        self.choose_model(opened)
        self.loading_changed.emit()

    @Slot(object, object)
    def on_model_reread(self, old: OpenedModel, new: OpenedModel) -> None:
        """A model is read or fed in another way; what was found of it before goes."""
        self._model_done(old.path)
        # Otherwise the file was opened anew meanwhile, and that is what counts.
        if old in self.models:
            self.models[self.models.index(old)] = new
            if any(old.facts.get(k) != new.facts.get(k) for k in READING):
                for key in [k for k in self._states if k[1] == new.address]:
                    del self._states[key]
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
        if options != self._reading(photo.absolute()):
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
        if photo is None or result.photo.reading["options"] != self._reading(photo.absolute()):
            return
        key = (photo.absolute(), _address(result))
        state = self._states.setdefault(key, ModelState())
        state.target = result.target.index
        state.results[result.target.index] = result

    @Slot(object)
    def on_model_failed(self, trouble: Trouble) -> None:
        """The model in use stays."""
        self._model_done(trouble.path)
        self.model_trouble.emit(trouble.text)
        self.model_changed.emit()
        self.loading_changed.emit()

    @Slot()
    def on_photos_read(self) -> None:
        """One request is done."""
        self._reads -= 1
        self.loading_changed.emit()

    def _read(self, paths: list[Path]) -> None:
        for path in paths:
            if path in self._readings:
                self._reads += 1
                self.read_photo_as.emit(path, self._readings[path])
        others = [p for p in paths if p not in self._readings]
        if others:
            self._reads += 1
            self.read_photos.emit(others)

    def change_reading(self, reading: dict[str, Any]) -> None:
        """Read the current photograph in another way (page, window); its results go."""
        path = self.current
        if path is None or (self.job is not None and self.job.path == path):
            return
        self._read_as(path, reading)
        self._decoded.pop(path, None)
        self._refresh_current()
        self._read([path])
        self.loading_changed.emit()

    def _read_as(self, path: Path, reading: dict[str, Any]) -> None:
        self._readings[path] = reading
        self._rereading.add(path)

    def _reading(self, path: Path) -> dict[str, Any]:
        """How a photograph is read, as its result records it."""
        chosen = self._readings.get(path, {})
        return {**DEFAULT_READING, **chosen}

    def _forget_findings(self, path: Path) -> None:
        """The answers that were under way for its older self have come before it."""
        self._rereading.discard(path)
        for key in [k for k in self._states if k[0] == path]:
            del self._states[key]
        for result in self._restored:
            if result.photo.path is not None and result.photo.path.absolute() == path:
                self._put_back(result)

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
        if path is not None and path not in self._decoded and path not in self.problems:
            self._read([path])

    def remove_photo(self, path: Path) -> None:
        """Take it off the list, with its results."""
        if path not in self.paths or (self.job is not None and self.job.path == path):
            return
        place = self.paths.index(path)
        self.paths.remove(path)
        self._decoded.pop(path, None)
        self.problems.pop(path, None)
        self._readings.pop(path, None)
        self._rereading.discard(path)
        for key in [k for k in self._states if k[0] == path]:
            del self._states[key]
        self.photo_removed.emit(path)
        if self.current == path:
            rest = self.paths[min(place, len(self.paths) - 1)] if self.paths else None
            self.current = None
            self.choose_photo(rest)

    def choose_model(self, model: OpenedModel) -> None:
        """Use this model from now on."""
        self.model = model
        self.model_changed.emit()
        self._refresh_current()

    def model_changeable(self) -> bool:
        """Whether the model in use may be read anew: not while it is, nor while it is explained."""
        model, job = self.model, self.job
        if model is None or model.path in self._models_loading:
            return False
        return job is None or job.box is not model.box

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
        if state.target != index:
            state.target = index
            self.target_changed.emit()
            self.result_changed.emit()

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
        self.result_changed.emit()
        opened, state = self.photo(), self.state()
        if self.model is not None and opened is not None and state is not None:
            missing = state.scores is None and not state.problem
            if missing:
                self.ask_model.emit(opened, self.model.box)

    # --- reading -----------------------------------------------------------------------

    def photo(self) -> OpenedPhoto | None:
        """The current photograph, once it is decoded."""
        return None if self.current is None else self._decoded.get(self.current)

    def photos_at_hand(self, most: int) -> list[OpenedPhoto]:
        """Decoded photographs, the current one first, then in the order of the list."""
        found = [self._decoded[p] for p in self.paths if p in self._decoded]
        return sorted(found, key=lambda o: o.path != self.current)[:most]

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
        return self._states.setdefault((self.current, self.model.address), ModelState())

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

    def all_results(self) -> list[Explanation]:
        """Every result that was found, photograph by photograph in the order of the list."""
        place = {path: number for number, path in enumerate(self.paths)}
        known = [(place[path], s) for (path, _), s in self._states.items() if path in place]
        return [r for _, s in sorted(known, key=lambda k: k[0]) for r in s.results.values()]

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
        if state.target is None:
            state.target = int(np.argmax(scores.values))
        if scores.path == self.current:
            self.scores_changed.emit()
            self.target_changed.emit()
            self.result_changed.emit()

    @Slot(object)
    def on_scoring_failed(self, trouble: Trouble) -> None:
        """The model cannot be run on this photograph; of a replaced model it does not matter."""
        state = None if trouble.box is None else self._state_of(Path(trouble.path), trouble.box)
        if state is None:
            return
        state.problem = trouble.text
        self.model_trouble.emit(trouble.text)
        self.scores_changed.emit()

    def _state_of(self, path: Path, box: BlackBox) -> ModelState | None:
        owner = next((m for m in self.models if m.box is box), None)
        if owner is None or path not in self.paths:
            return None
        return self._states.setdefault((path, owner.address), ModelState())

    # --- running -----------------------------------------------------------------------

    def change_settings(self, settings: RunSettings) -> None:
        """Use these for the next run."""
        self.settings = settings
        self.run_trouble.emit("")

    def can_run(self) -> bool:
        """Whether everything a run needs is there."""
        ready = self.target() is not None and self.photo() is not None
        return ready and self.job is None and self.model_changeable()

    def run(self) -> None:
        """Explain the current photograph."""
        opened, box, target = self.photo(), self.box(), self.target()
        if not self.can_run() or opened is None or box is None or target is None:
            return
        s = self.settings
        try:
            check_settings(
                method=s.method, preset=s.preset, calls=s.calls, seed=s.seed, fill=s.fill
            )
        except DecamError as error:
            self.run_trouble.emit(str(error))
            return
        self.run_trouble.emit("")
        self._jobs += 1
        self.job = Job(
            self._jobs, opened.path, opened.photo, box, target.index, s.method, s.preset,
            s.calls, s.seed, s.fill,
        )  # fmt: skip
        self.stopping = False
        self.progress = None
        self.run_changed.emit()
        self.result_changed.emit()
        self.start_run.emit(self.job)

    def cancel(self) -> None:
        """Stop after the batch under way; the map so far stays."""
        if self.job is not None and not self.stopping:
            self.stopping = True
            self.stop_run.emit()
            self.run_changed.emit()

    @Slot(int, object)
    def on_progress(self, number: int, progress: Progress) -> None:
        """The run moved on; a live map stays on show until the next one comes."""
        if self.job is None or number != self.job.number:
            return
        live = progress.saliency
        if live is None and self.progress is not None:
            live = self.progress.saliency
        self.progress = replace(progress, saliency=live)
        self.progressed.emit(progress)

    @Slot(int, object)
    def on_finished(self, number: int, result: Explanation) -> None:
        """Keep the result with its photograph, model and class."""
        if self.job is None or number != self.job.number:
            return
        job = self.job
        state = self._state_of(job.path, job.box)
        # A saved result may have brought another page of the file meanwhile.
        if state is not None and result.photo.reading["options"] == self._reading(job.path):
            state.results[job.target] = result
        self._end_run()

    @Slot(int, str)
    def on_failed(self, number: int, text: str) -> None:
        """The run gave nothing."""
        if self.job is None or number != self.job.number:
            return
        self._end_run()
        self.run_trouble.emit(text)

    def _end_run(self) -> None:
        self.job = None
        self.stopping = False
        self.progress = None
        self.run_changed.emit()
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


def _is_of(result: Explanation, model: OpenedModel) -> bool:
    """Whether a result was found with the model read in just this way."""
    return all(result.model.get(k) == model.facts.get(k) for k in READING)


def _address(result: Explanation) -> str:
    """Where the model of a result is: its file, or its URL."""
    return str(result.model.get("url") or result.model.get("path"))
