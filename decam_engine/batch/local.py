"""This machine: several photographs at a time in threads, or in processes of their own."""

from __future__ import annotations

import dataclasses
import multiprocessing
import queue
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from decam_engine.batch.split import Split, Trial, started_trial
from decam_engine.batch.task import PROCESS, Outcome, Task, run_task
from decam_engine.entry import FAILED, Entry


class Executor(Protocol):
    """What answers questions, some at a time. Outcomes come in any order, one for each task."""

    @property
    def width(self) -> int:
        """How many tasks it takes before it has given an outcome."""
        ...

    def submit(self, task: Task) -> None:
        """Take a task."""
        ...

    def next(self, timeout: float) -> Outcome | None:
        """The next outcome, or None when none came in so many seconds."""
        ...

    def calls_now(self) -> int:
        """Inputs scored so far, those of tasks under way among them where that is known."""
        ...

    def stop(self) -> None:
        """Stop what is under way, between two batches of calls where that is possible."""
        ...

    def close(self) -> None:
        """Let go of threads and processes."""
        ...


class ThreadExecutor:
    """Tasks in threads of this process, which share the open model.

    While one photograph's search thinks, reads or writes, another one's calls keep the model busy.
    """

    def __init__(self, split: Split | None = None) -> None:
        """``split`` None = measured while the work goes on, and remembered."""
        self._fixed = split
        self._trials: dict[str, Trial] = {}
        self._trial: Trial | None = None
        self._served = False
        self._under_way = 0
        self._pool = ThreadPoolExecutor(64, thread_name_prefix="decam-batch")
        self._outcomes: queue.SimpleQueue[Future[Outcome]] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._counting = threading.Lock()
        self._calls = 0

    @property
    def width(self) -> int:
        """See :class:`Executor`."""
        # One more is not asked for until it is known how its model runs best.
        return 1 if self.split is None else self.split.photos

    @property
    def split(self) -> Split | None:
        """How the work is split now; None before the first task."""
        if self._trial is None:
            return None
        measured = self._trial.way
        if self._fixed is None or (self._served and self._fixed.photos > measured.photos):
            return measured
        return self._fixed

    def submit(self, task: Task) -> None:
        """See :class:`Executor`."""
        self._served = task.model.served
        self._trial = self._trials.get(task.model.key)
        if self._trial is None:
            self._trial = self._trials[task.model.key] = started_trial(task.model)
        self._under_way += 1
        split = self.split
        mine = dataclasses.replace(task, runs=None if split is None else split.runs)
        self._pool.submit(run_task, mine, self._watch).add_done_callback(self._outcomes.put)

    def next(self, timeout: float) -> Outcome | None:
        """See :class:`Executor`."""
        try:
            outcome = self._outcomes.get(timeout=timeout).result()
        except queue.Empty:
            return None
        self._under_way -= 1
        if self._trial is not None and self._fixed is None and not outcome.found:
            self._trial.answered(self._calls, self._under_way)
        return outcome

    def calls_now(self) -> int:
        """See :class:`Executor`."""
        return self._calls

    def stop(self) -> None:
        """See :class:`Executor`."""
        self._stop.set()

    def close(self) -> None:
        """See :class:`Executor`."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _watch(self, more: int) -> bool:
        with self._counting:
            self._calls += more
        return self._stop.is_set()


class ProcessExecutor:
    """Tasks in processes of their own, each with its own copy of the model.

    A process that dies takes its tasks with it: they are tried once more, one at a time, and what
    dies again is recorded as the failure of its photograph.
    """

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._pool = self._made(processes)
        self._alone: ProcessPoolExecutor | None = None
        self._outcomes: queue.SimpleQueue[tuple[Task, Future[Outcome], bool]] = queue.SimpleQueue()
        self._calls = 0
        self._stopping = False

    @staticmethod
    def _made(processes: int) -> ProcessPoolExecutor:
        # Never forked: a fork of a process with threads may hang.
        return ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"))

    @property
    def width(self) -> int:
        """See :class:`Executor`."""
        return self.processes + 1

    def submit(self, task: Task) -> None:
        """See :class:`Executor`."""
        mine = dataclasses.replace(task, runs=1)
        try:
            future = self._pool.submit(run_task, mine)
        except BrokenProcessPool:
            self._pool.shutdown(wait=False)
            self._pool = self._made(self.processes)
            future = self._pool.submit(run_task, mine)
        self._listen(mine, future, alone=False)

    def _listen(self, task: Task, future: Future[Outcome], *, alone: bool) -> None:
        future.add_done_callback(lambda done: self._outcomes.put((task, done, alone)))

    def next(self, timeout: float) -> Outcome | None:
        """See :class:`Executor`."""
        try:
            task, future, alone = self._outcomes.get(timeout=timeout)
        except queue.Empty:
            return None
        try:
            outcome = future.result()
        except BrokenProcessPool:
            return self._again(task, alone)
        self._calls += outcome.calls
        return outcome

    def _again(self, task: Task, alone: bool) -> Outcome | None:
        if alone or self._stopping:
            text = "The process that explained it ended at once, twice: see what is odd about it."
            return Outcome(Entry(task.question, FAILED, text), kind=PROCESS)
        if self._alone is not None:
            self._alone.shutdown(wait=False)
        self._alone = self._made(1)
        self._listen(task, self._alone.submit(run_task, task), alone=True)
        return None

    def calls_now(self) -> int:
        """See :class:`Executor`."""
        return self._calls

    def stop(self) -> None:
        """See :class:`Executor`: tasks under way are finished."""
        self._stopping = True

    def close(self) -> None:
        """See :class:`Executor`."""
        for pool in (self._pool, self._alone):
            if pool is not None:
                pool.shutdown(wait=True, cancel_futures=True)
