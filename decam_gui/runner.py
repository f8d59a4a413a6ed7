"""The worker that searches: one job at a time, off the GUI thread."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from decam_engine import (
    DecamError,
    Explanation,
    Photo,
    Progress,
    explain_steps,
    explain_targets_steps,
    load_explanation,
    load_image,
    resume_steps,
)
from decam_gui.core.jobs import Job

# Seconds between two progress signals: more often than the eye needs would only cost.
PROGRESS_INTERVAL = 1 / 15
# Seconds until a held run looks again whether it was stopped.
HELD_FOR = 0.1


class Runner(QObject):
    """Runs one search at a time; further ones wait in its event queue."""

    started = Signal(int)
    progress = Signal(int, object)
    # A class of the job has its result; the last one is followed by ``finished``.
    found = Signal(int, object)
    finished = Signal(int, object)
    failed = Signal(int, str)

    def __init__(self) -> None:
        super().__init__()
        # Set when the window closes: whatever runs or waits here ends.
        self.cancel = threading.Event()
        # Cleared to hold the run between two batches.
        self.going = threading.Event()
        self.going.set()

    @Slot(object)
    def run(self, job: Job) -> None:
        """Drive the engine's generators until they end or are stopped between two batches."""
        if self.cancel.is_set():
            return
        self.started.emit(job.number)
        try:
            photo = job.photo or load_image(job.path, **job.reading)
            result: Explanation | None = None
            for steps in _searches(job, photo):
                result = self._drive(job, steps)
                self.found.emit(job.number, result)
                if result.stopped:
                    break
        except DecamError as error:
            self.failed.emit(job.number, str(error))
        except Exception:
            self.failed.emit(
                job.number, self.tr("The run stopped because of an error in the program.")
            )
            raise
        else:
            self.finished.emit(job.number, result)

    def _drive(self, job: Job, steps: Iterator[Progress]) -> Explanation:
        answer: bool | None = None
        last = 0.0
        with contextlib.closing(steps):  # type: ignore[type-var]
            while True:
                try:
                    progress = steps.send(answer)  # type: ignore[attr-defined]
                except StopIteration as end:
                    result: Explanation = end.value
                    return result
                now = time.perf_counter()
                if progress.saliency is not None or now - last >= PROGRESS_INTERVAL:
                    last = now
                    self.progress.emit(job.number, _owned(progress))
                while not self._stops(job) and not self.going.wait(HELD_FOR):
                    pass
                answer = self._stops(job)

    def _stops(self, job: Job) -> bool:
        return self.cancel.is_set() or job.cancel.is_set()


def _searches(job: Job, photo: Photo) -> Iterator[Iterator[Progress]]:
    """The engine's generators, one for each class."""
    if job.resumed is not None:
        stopped = job.resumed
        if isinstance(stopped, Path):
            stopped = load_explanation(stopped, photo=job.path)
        yield resume_steps(job.box, stopped)
        return
    settings = {
        "method": job.method,
        "preset": job.preset,
        "calls": job.calls,
        "seed": job.seed,
        "fill": job.fill,
    }
    if len(job.targets) > 1:
        yield from explain_targets_steps(job.box, photo, job.targets, **settings)
    else:
        yield explain_steps(job.box, photo, target=job.target, **settings)


def _owned(progress: Progress) -> Progress:
    """The live map as a copy that nobody writes to."""
    if progress.saliency is None:
        return progress
    saliency = progress.saliency.copy()
    saliency.flags.writeable = False
    return replace(progress, saliency=saliency)
