"""What a session does with models: predictions, runs, results in memory and on disk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Slot

from decam_engine import DecamError, Explanation, Progress, check_settings
from decam_gui.commands import ChangeSettings
from decam_gui.core.findings import KeptResult
from decam_gui.core.jobs import Entry, Job, JobSpec, JobState, RunSettings
from decam_gui.session_state import SessionState, is_of
from decam_gui.worker import Scores, Trouble


class SessionRuns(SessionState):
    """Asks, queues, and keeps what comes back."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.queue.found.connect(self._take_result)
        self.queue.failed.connect(self._take_failure)
        self.queue.changed.connect(self._note_jobs)

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

    def goes_on(self) -> bool:
        """Whether a run of what is on show would go on with one that was stopped."""
        spec = self._spec()
        return spec is not None and isinstance(self._stopped(spec), Explanation)

    def calls_left(self) -> int:
        """How often a run of what is on show would ask the model, at most; 0: it cannot be run."""
        result = self.result()
        known = 0
        if result is not None and result.journal is not None and self.goes_on():
            known = len(result.journal.scores)
        try:
            return _budget_of(self.settings) - known
        except DecamError:
            return 0

    def _stopped(self, spec: JobSpec) -> Explanation | Path | None:
        """The stopped explanation of just this, to be gone on with."""
        known = self.findings.known(spec.path, spec.address)
        if known is None or len(spec.targets) != 1:
            return None
        result, kept = known.results.get(spec.targets[0]), known.kept.get(spec.targets[0])
        if result is not None:
            return result if _goes_on(result, spec.settings) else None
        stopped = kept is not None and kept.stop_reason in ("cancelled", "failed")
        return kept.manifest if kept is not None and stopped else None

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
        if result.stopped and state.is_finished(result.target.index):
            # What was finished is worth more than a run that was left on its way.
            self.run_trouble.emit(
                self.tr("Stopped after {0:,} of {1:,} calls: the finished map stays.").format(
                    result.calls, result.budget
                )
            )
            return
        state.kept.pop(result.target.index, None)
        self.findings.keep(job.path, owner.address, result)
        self.library.hashes[job.path] = result.photo.sha256
        if state.target is None:
            state.target = result.target.index
        self.found.emit(job.path, owner.address, result, job.number)
        self.facts_changed.emit([job.path])
        if job.path == self.current:
            self.result_changed.emit()

    @Slot(object, str)
    def _take_failure(self, job: Job, text: str) -> None:
        """Remember why a photograph has no map."""
        owner = next((m for m in self.models if m.box is job.box), None)
        if owner is None or job.path not in self.library:
            return
        self.findings.state(job.path, owner.address).failure = text
        self.failed.emit(job, text)
        self.facts_changed.emit([job.path])

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
        if model is not None and not is_of(result, model):
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
        kept = None if state is None else state.kept.get(target)
        if state is not None and kept is not None and kept.manifest.exists() and path.exists():
            # Damaged. Otherwise the disk may be there again when it is looked at the next time.
            del state.kept[target]
        self.photo_trouble.emit(text)
        self.facts_changed.emit([path])

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


def _goes_on(stopped: Explanation, settings: RunSettings) -> bool:
    """Whether these settings ask for just what was stopped."""
    s, found = settings, stopped.settings
    asked = (s.method, s.preset, s.fill, s.seed)
    return (
        stopped.stopped
        and stopped.journal is not None
        and asked == (found.get("method"), found.get("preset"), found.get("fill"), stopped.seed)
        and stopped.budget == _budget_of(s)
    )


def _budget_of(settings: RunSettings) -> int:
    """In model calls."""
    return check_settings(**settings.record())
