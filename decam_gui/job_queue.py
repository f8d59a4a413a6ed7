"""The queue of the session: what runs next, and everything that can be done with a job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import DecamError, Explanation, Progress, check_settings
from decam_gui.commands import TakeJobs
from decam_gui.core.jobs import (
    ENDED,
    Entry,
    Job,
    JobSpec,
    JobState,
    Queue,
    RunSettings,
    Unfinished,
)

if TYPE_CHECKING:
    from decam_gui.session import Session

UNTIL_STABLE = "until-stable"


class JobQueue(QObject):
    """Hands one job at a time to the worker; what it finds goes to the session."""

    # Jobs came, went, moved or entered another state.
    changed = Signal()
    # How far a job is.
    moved_on = Signal(int)
    # Everything that could run has ended: (how many are done, how many not).
    drained = Signal(int, int)
    # A class of a job has its result.
    found = Signal(object, object)
    # A job gave nothing, and why.
    failed = Signal(object, str)
    trouble = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._queue = Queue()
        self.job: Job | None = None
        self.progress: Progress | None = None
        self.stopping = False
        self._known: Unfinished | None = None
        self._known_at = -1
        # Ended since the queue last was idle.
        self._done = self._not_done = 0

    # --- reading -----------------------------------------------------------------------

    @property
    def entries(self) -> list[Entry]:
        """All jobs, in order."""
        return self._queue.entries

    @property
    def paused(self) -> bool:
        """Whether the run under way is held and nothing new begins."""
        return self._queue.paused

    def entry(self, number: int) -> Entry | None:
        """The job of this number."""
        return self._queue.entry(number)

    def running(self) -> Entry | None:
        """The job under way."""
        return self._queue.running()

    def pending(self) -> list[Entry]:
        """Jobs that have not begun."""
        return self._queue.pending()

    def held(self) -> list[Entry]:
        """Jobs that wait to be let go on."""
        return [e for e in self.entries if e.state is JobState.HELD]

    def totals(self) -> tuple[int, int]:
        """(jobs that ended, all jobs)."""
        return self._queue.totals()

    def fraction(self) -> float:
        """How much of all that is listed is done, 0..1."""
        entries = [e for e in self.entries if e.state is not JobState.HELD]
        if not entries:
            return 0.0
        return sum(1.0 if e.state in ENDED else e.fraction for e in entries) / len(entries)

    def uses_photo(self, path: Path) -> bool:
        """Whether a job that has not ended is about this photograph."""
        return path in self._unfinished().photos

    def uses_model(self, address: str) -> bool:
        """Whether a job that has not ended asks this model."""
        return address in self._unfinished().addresses

    def asked(self, spec: JobSpec) -> bool:
        """Whether just this is waiting or running already."""
        return spec in self._unfinished().specs

    # --- commands ----------------------------------------------------------------------

    def add(self, specs: Iterable[JobSpec]) -> int:
        """Append jobs, and begin if nothing runs; how many were new. Trouble is told."""
        wanted = [part for spec in specs for part in _parts(spec)]
        for settings in {spec.settings for spec in wanted}:
            s = settings
            try:
                check_settings(
                    method=s.method, preset=s.preset, calls=s.calls, seed=s.seed, fill=s.fill
                )
            except DecamError as error:
                self.trouble.emit(str(error))
                return 0
        self.trouble.emit("")
        made = self._queue.add(wanted)
        if made:
            self._go_on()
            self.changed.emit()
        return len(made)

    def restore(self, specs: Sequence[JobSpec]) -> None:
        """Jobs of an earlier session: held until somebody says go on."""
        for entry in self._queue.add(specs):
            self._queue.set_state(entry, JobState.HELD)
        self.changed.emit()

    def pause(self) -> None:
        """Hold the run under way between two batches, and begin nothing new."""
        if not self._queue.paused:
            self._queue.paused = True
            self._session.hold_run.emit(True)
            self.changed.emit()

    def resume(self) -> None:
        """Go on."""
        if self._queue.paused:
            self._queue.paused = False
            self._session.hold_run.emit(False)
            self._go_on()
            self.changed.emit()

    def hold(self, numbers: Iterable[int]) -> None:
        """Leave waiting jobs out until they are released."""
        self._set_states(numbers, JobState.WAITING, JobState.HELD)

    def release(self, numbers: Iterable[int] | None = None) -> None:
        """Let held jobs wait for their turn again; None: all of them."""
        chosen = [e.number for e in self.held()] if numbers is None else numbers
        self._set_states(chosen, JobState.HELD, JobState.WAITING)

    def cancel(self, number: int) -> None:
        """Stop a job that runs, keeping its map so far; take out one that has not begun."""
        entry = self.entry(number)
        if entry is None or entry.state in ENDED:
            return
        if self.job is not None and self.job.number == number:
            self._stop()
        else:
            self.take([number])

    def cancel_current(self) -> None:
        """Stop the job under way."""
        if self.job is not None:
            self._stop()

    def cancel_all(self) -> None:
        """Stop the job under way and take out all that have not begun."""
        self.take([e.number for e in self.pending()])
        self.cancel_current()

    def retry(self, numbers: Iterable[int]) -> None:
        """Run jobs that were stopped or failed again; a stopped one goes on where it was.

        Those whose photograph was taken off the list stay as they are.
        """
        for entry in map(self.entry, numbers):
            if entry is None or entry.state not in (JobState.STOPPED, JobState.FAILED):
                continue
            if entry.spec.path not in self._session.library:
                continue
            self._queue.set_state(entry, JobState.WAITING)
            entry.text = ""
            entry.calls, entry.rate, entry.seconds_left = 0, 0.0, None
            entry.found.clear()
        self._go_on()
        self.changed.emit()

    def move(self, number: int, by: int) -> None:
        """Let a job that has not begun run earlier (-1) or later (1)."""
        if self._queue.move(number, by):
            self.changed.emit()

    def take(self, numbers: Sequence[int]) -> None:
        """Take out jobs that have not begun; can be undone."""
        pending = {e.number for e in self.pending()}
        chosen = [n for n in numbers if n in pending]
        if chosen:
            self._session.undo.push(TakeJobs(self, chosen))

    def clear_ended(self) -> None:
        """Take those that ended off the list; their results stay."""
        self._queue.take([e.number for e in self.entries if e.state in ENDED])
        self.changed.emit()

    def take_out(self, numbers: Iterable[int]) -> list[tuple[int, Entry]]:
        """As :meth:`take`, for good; returns what :meth:`put_back` is given."""
        taken = self._queue.take(numbers)
        self.changed.emit()
        return taken

    def put_back(self, entries: Iterable[tuple[int, Entry]]) -> None:
        """Put jobs back in their places."""
        self._queue.put(entries)
        self._go_on()
        self.changed.emit()

    def clear(self) -> None:
        """Another session comes: stop what runs without waiting for it, and forget all."""
        if self.job is not None:
            self.job.cancel.set()
            self._session.stop_run.emit()
        self.job, self.progress, self.stopping = None, None, False
        self._done = self._not_done = 0
        self._queue.take([e.number for e in self.entries])
        self.resume()
        self.changed.emit()
        self._session.run_changed.emit()

    def look(self) -> None:
        """A model or a photograph came: perhaps a job can begin."""
        if self._go_on():
            self.changed.emit()

    def photo_moved(self, old: Path, new: Path) -> None:
        """A photograph is somewhere else now."""
        for entry in self.entries:
            if entry.spec.path == old:
                self._queue.set_spec(entry, replace(entry.spec, path=new))

    def model_moved(self, old: str, new: str) -> None:
        """A model is somewhere else now."""
        for entry in self.entries:
            if entry.spec.address == old:
                self._queue.set_spec(entry, replace(entry.spec, address=new))

    # --- answers of the worker ---------------------------------------------------------

    @Slot(int, object)
    def on_progress(self, number: int, progress: Progress) -> None:
        """The run moved on; a live map stays on show until the next one comes."""
        if self.job is None or number != self.job.number:
            return
        entry = self.entry(number)
        if entry is not None:
            entry.move_on(progress)
        if self.job.target != progress.target.index:
            self.job = replace(self.job, target=progress.target.index)
            self.progress = None
            self._session.run_changed.emit()
        live = progress.saliency
        if live is None and self.progress is not None:
            live = self.progress.saliency
        self.progress = replace(progress, saliency=live)
        self.moved_on.emit(number)
        self._session.progressed.emit(progress)

    @Slot(int, object)
    def on_found(self, number: int, result: Explanation) -> None:
        """A class has its result."""
        if self.job is None or number != self.job.number:
            return
        entry = self.entry(number)
        if entry is not None:
            entry.found.append(result.target.index)
            entry.labels = entry.spec.labels or (result.target.label,)
        self.found.emit(self.job, result)

    @Slot(int, object)
    def on_finished(self, number: int, result: Explanation) -> None:
        """All classes are done, or the last one was stopped."""
        if self.job is None or number != self.job.number:
            return
        states = {"cancelled": JobState.STOPPED, "failed": JobState.FAILED}
        state = states.get(result.stop_reason, JobState.DONE)
        text = result.warnings[-1] if state is JobState.FAILED and result.warnings else ""
        entry = self.entry(number)
        if entry is not None and state is not JobState.DONE:
            entry.calls, entry.budget = (
                result.calls,
                result.budget * max(1, len(entry.spec.targets)),
            )
        self._end(number, state, text)

    @Slot(int, str)
    def on_failed(self, number: int, text: str) -> None:
        """The run gave nothing."""
        if self.job is None or number != self.job.number:
            return
        shown = self._session.shows_run()
        self.failed.emit(self.job, text)
        self._end(number, JobState.FAILED, text)
        if shown:
            self.trouble.emit(text)

    def _unfinished(self) -> Unfinished:
        """Looked up many times between two changes, and thousands of jobs may wait."""
        if self._known is None or self._known_at != self._queue.changes:
            self._known, self._known_at = self._queue.lookup(), self._queue.changes
        return self._known

    # --- inside ------------------------------------------------------------------------

    def _stop(self) -> None:
        if self.job is None or self.stopping:
            return
        self.stopping = True
        entry = self.entry(self.job.number)
        if entry is not None:
            self._queue.set_state(entry, JobState.STOPPING)
        self.job.cancel.set()
        self._session.stop_run.emit()
        self._session.run_changed.emit()
        self.changed.emit()

    def _set_states(self, numbers: Iterable[int], before: JobState, after: JobState) -> None:
        """One change, however many jobs."""
        for entry in map(self.entry, numbers):
            if entry is not None and entry.state is before:
                self._queue.set_state(entry, after)
        self._go_on()
        self.changed.emit()

    def _end(self, number: int, state: JobState, text: str) -> None:
        entry = self.entry(number)
        if entry is not None:
            self._queue.set_state(entry, state)
            entry.text, entry.seconds_left = text, None
            if state is JobState.DONE:
                entry.calls = entry.budget
        self._done += state is JobState.DONE
        self._not_done += state is not JobState.DONE
        self.job, self.progress, self.stopping = None, None, False
        if not self._go_on():
            self._session.run_changed.emit()
            self._session.result_changed.emit()
        if self.job is None and not self._queue.waiting():
            done, not_done, self._done, self._not_done = self._done, self._not_done, 0, 0
            self.drained.emit(done, not_done)
        self.changed.emit()

    def _go_on(self) -> bool:
        """Begin the next job whose model is open; whether one was begun."""
        if self.job is not None or self._queue.paused:
            return False
        for entry in self._queue.waiting():
            job = self._session.job_for(entry)
            if job is not None:
                self._queue.set_state(entry, JobState.RUNNING)
                entry.text = ""
                self.job, self.progress, self.stopping = job, None, False
                self._session.run_changed.emit()
                self._session.result_changed.emit()
                self._session.start_run.emit(job)
                return True
        return False


def _parts(spec: JobSpec) -> list[JobSpec]:
    """Classes that cannot share a run become jobs of their own."""
    if len(spec.targets) > 1 and spec.settings.preset == UNTIL_STABLE and not spec.settings.calls:
        return [
            replace(spec, targets=(target,), labels=spec.labels[i : i + 1])
            for i, target in enumerate(spec.targets)
        ]
    return [spec]


__all__ = ["Entry", "Job", "JobQueue", "JobSpec", "JobState", "RunSettings"]
