"""What a session is: what is open and chosen, what is known of it, and whom it tells."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from decam_engine import BlackBox, Explanation, Prediction, Progress
from decam_gui.core.facts import PhotoFacts, PhotoState
from decam_gui.core.findings import Findings, ModelState, SavedMap
from decam_gui.core.jobs import ACTIVE, UNFINISHED, Job, JobState, RunSettings
from decam_gui.core.library import Library
from decam_gui.job_queue import JobQueue
from decam_gui.worker import ModelSource, OpenedModel, OpenedPhoto

TOP = 5
UNDO_STEPS = 200
# What makes two readings of a model the same: then what was found of the one holds for the other.
READING = ("preprocessing", "activation", "output", "providers", "sha256")


class SessionState(QObject):
    """Photographs, models, the chosen ones, predictions, the run, results: signals and answers."""

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
    # A job gave nothing: (the job, why).
    failed = Signal(object, str)
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
    # One of the list, as long as it is the one that is looked at.
    read_again = Signal(object)
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
        # What was removed is kept for so long, with what was found of it.
        self.undo.setUndoLimit(UNDO_STEPS)
        self.current: Path | None = None
        self.models: list[OpenedModel] = []
        self.model: OpenedModel | None = None
        self.settings = RunSettings()
        self.saving = False
        # Models of an opened session: the hash of what its results were found with.
        self.expected_models: dict[str, str] = {}
        self._reads = 0
        # Answers that are still to come for a session that was closed meanwhile.
        self._stale_reads = 0
        self._stale_models: list[ModelSource] = []
        # Results read from disk, kept for when their model is opened.
        self._restored: list[Explanation] = []
        self._fetching: set[tuple[Path, str, int]] = set()
        # The first photograph of the newest request is shown when it arrives.
        self._show_next = False
        self._models_loading: list[ModelSource] = []
        self._jobs_of: dict[Path, JobState] = {}
        self.queue = JobQueue(self)
        self.queue.trouble.connect(self.run_trouble)

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
        failure = "" if known is None else known.problem or known.failure
        if state is PhotoState.NEW and (job is JobState.FAILED or failure):
            state = PhotoState.FAILED
        return PhotoFacts(label, confidence, state, failure)

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

    def all_results(self) -> list[Explanation | SavedMap]:
        """Every result that was found, photograph by photograph in the order of the list."""
        place = {path: number for number, path in enumerate(self.paths)}
        known = [(k[0], s) for k, s in self.findings.states.items() if k[0] in place]
        found: list[Explanation | SavedMap] = []
        for path, state in sorted(known, key=lambda pair: place[pair[0]]):
            for target in dict.fromkeys((*state.results, *state.kept)):
                here = state.results.get(target)
                found.append(here or SavedMap(state.kept[target].manifest, path))
        return found

    def has_results(self) -> bool:
        """Whether anything was found at all."""
        return any(s.has_result() for s in self.findings.states.values())

    def result_of(self, path: Path, address: str, target: int) -> Explanation | SavedMap | None:
        """One result, wherever it is."""
        state = self.findings.known(path, address)
        if state is None:
            return None
        kept = state.kept.get(target)
        return state.results.get(target) or (kept and SavedMap(kept.manifest, path))

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

    # --- choosing --------------------------------------------------------------------

    def choose_photo(self, path: Path | None) -> None:
        """Show this photograph; it is decoded again if it was put away."""
        if path == self.current and path is not None:
            return
        self.current = path
        self._refresh_current()
        known = path is not None and self.library.decoded(path) is not None
        if path is None or known or path in self.problems:
            return
        if path in self.library.readings:
            self._read([path])
        else:
            self._reads += 1
            self.read_again.emit(path)

    # --- inside ------------------------------------------------------------------------

    def _read(self, paths: list[Path]) -> None:
        for path in paths:
            if path in self.library.readings:
                self._reads += 1
                self.read_photo_as.emit(path, self.library.readings[path])
        others = [p for p in paths if p not in self.library.readings]
        if others:
            self._reads += 1
            self.read_photos.emit(others)

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

    def _state_of(self, path: Path, box: BlackBox) -> ModelState | None:
        owner = next((m for m in self.models if m.box is box), None)
        if owner is None or path not in self.library:
            return None
        return self.findings.state(path, owner.address)

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


def is_of(result: Explanation, model: OpenedModel) -> bool:
    """Whether a result was found with the model read in just this way."""
    return all(result.model.get(k) == model.facts.get(k) for k in READING)


def same_reading(old: OpenedModel, new: OpenedModel) -> bool:
    """Whether what was found of the one holds for the other, names of classes included."""
    same_facts = all(old.facts.get(k) == new.facts.get(k) for k in READING)
    return same_facts and old.box.labels == new.box.labels


def address_of(result: Explanation) -> str:
    """Where the model of a result is: its file, or its URL."""
    return str(result.model.get("url") or result.model.get("path"))
