"""The loop of a batch: ask what was not answered yet, record what comes back, stop when told to."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decam_engine.answers import place_answer
from decam_engine.batch.guards import Budget, Space, size_words
from decam_engine.batch.local import Executor
from decam_engine.batch.opening import ModelSpec
from decam_engine.batch.targets import Targets
from decam_engine.batch.task import DISK, MODEL, NOT_BEGUN, Outcome, Task
from decam_engine.entry import DONE, Entry
from decam_engine.errors import ExportError, ImageError
from decam_engine.folder import ResultFolder
from decam_engine.images import read_bytes
from decam_engine.question import Question

# Seconds between two looks at how things stand.
TICK = 0.25
# So many failures of the model in a row, and nothing but failures: the model is what is wrong.
HOPELESS = 5
# Entries that are looked at to tell how much is left.
MOST_COUNTED = 50_000
# Seconds between two looks at the disk.
DISK_INTERVAL = 5.0

FINISHED, CANCELLED, BUDGET, DISK_FULL, MODEL_GONE = (
    "finished",
    "cancelled",
    "max-calls",
    "disk full",
    "model failed",
)


@dataclass(frozen=True, eq=False)
class Order:
    """What a batch is to do.

    Attributes:
        photos: files, each once.
        models: one after the other, all photographs each.
        settings: ``method``, ``preset``, ``budget``, ``seed``, ``fill``, ``faithfulness``, as
            those of a question.
        reading: options of :func:`decam_engine.load_image`.
        formats: of the saved results, besides those of every folder.
    """

    photos: tuple[Path, ...]
    models: tuple[ModelSpec, ...]
    targets: Targets
    settings: dict[str, Any]
    reading: dict[str, Any]
    formats: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many questions there are."""
        return len(self.photos) * len(self.models)

    def question(self, path: Path, model: ModelSpec) -> Question:
        """What is asked of a photograph; why one cannot be read is found out in its turn."""
        named = self.targets.of(path)
        top = 1 if named else self.targets.top
        return Question.of_file(
            model.facts, path, self.reading, targets=named, top=top, **self.settings
        )

    def pairs(self) -> Iterator[tuple[Path, ModelSpec]]:
        """Every photograph under every model, in order."""
        for model in self.models:
            for path in self.photos:
                yield path, model


@dataclass(eq=False)
class Standing:
    """Where a batch stands.

    Attributes:
        total: questions.
        there: answered before this run, or of a photograph that came twice.
        answered, failed: in this run.
        calls: inputs scored in this run, those under way among them where that is known.
        seconds: since it began.
        left: questions that are probably still to be answered.
        latest: the entry that came last.
        stop_reason: ``finished``, ``cancelled``, ``max-calls``, ``disk full`` or ``model failed``;
            empty while it runs.
        message: what to do about it, if it was stopped.
        repeated: photographs of the same content as an earlier one, with that one's question.
    """

    total: int
    there: int = 0
    answered: int = 0
    failed: int = 0
    calls: int = 0
    seconds: float = 0.0
    left: int = 0
    latest: Entry | None = None
    stop_reason: str = ""
    message: str = ""
    written: int = 0
    repeated: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers and failures per second, in this run."""
        return (self.answered + self.failed) / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Time left at the rate so far."""
        return self.left / self.rate if self.rate > 0 else float("inf")


BatchSteps = Generator[Standing, "bool | None", Standing]


def batch_steps(
    order: Order,
    folder: ResultFolder,
    executor: Executor,
    *,
    max_calls: int | None = None,
    per_answer: int = 0,
    shared: bool = True,
) -> BatchSteps:
    """Answer what was not answered yet; yields how things stand after each answer, or a moment.

    Send True to stop: what is under way is stopped and kept, to be gone on with next time. The
    generator returns how things stood at the end. What it yields changes while it goes on.

    Args:
        executor: answers the questions; not closed here.
        max_calls: model calls that this run may take; None = as many as it takes.
        per_answer: bytes expected of an answer, see :func:`bytes_per_answer`.
        shared: whether the executor writes into the folder itself; else answers are returned.

    Raises:
        ExportError: the index cannot be written.
    """
    run = _Run(order, folder, executor, Budget(max_calls), Space(folder.path, per_answer), shared)
    return run.steps()


class _Run:
    """One batch under way."""

    def __init__(
        self,
        order: Order,
        folder: ResultFolder,
        executor: Executor,
        budget: Budget,
        space: Space,
        shared: bool,
    ) -> None:
        self.order, self.folder, self.executor = order, folder, executor
        self.budget, self.space, self.shared = budget, space, shared
        self.standing = Standing(len(order), left=len(order))
        self._known = _answered_before(order, folder)
        self._seen = 0
        # Ids of questions under way.
        self._under_way: set[str] = set()
        self._hopeless = 0
        self._disk_at = -DISK_INTERVAL
        self._started = time.perf_counter()
        # The next question, which budget or disk may not allow yet.
        self._waiting: Task | None = None
        self._ended = False

    def steps(self) -> BatchSteps:
        """See :func:`batch_steps`."""
        pairs = self.order.pairs()
        while self._under_way or not (self._ended or self.standing.stop_reason):
            if not (self._ended or self.standing.stop_reason):
                self._fill(pairs)
            outcome = self.executor.next(TICK) if self._under_way else None
            if outcome is not None:
                self._settle(outcome)
            if (yield self._now()) and not self.standing.stop_reason:
                self._stop(CANCELLED, "Run the same command again to go on.")
        self.standing.stop_reason = self.standing.stop_reason or FINISHED
        return self._now()

    # --- asking ------------------------------------------------------------------------

    def _fill(self, pairs: Iterator[tuple[Path, ModelSpec]]) -> None:
        """Ask until the executor has enough, the questions end, or a moment has passed."""
        until = time.perf_counter() + TICK
        while len(self._under_way) < self.executor.width and time.perf_counter() < until:
            if self._waiting is None:
                pair = next(pairs, None)
                if pair is None:
                    self._ended = True
                    return
                self._look(*pair)
                continue
            if not self._may(self._waiting):
                return
            task, self._waiting = self._waiting, None
            self.budget.reserve(task.question)
            self._under_way.add(task.question.id)
            self.executor.submit(task)

    def _look(self, path: Path, model: ModelSpec) -> None:
        """Make a task of a question, unless it is answered or under way."""
        self._seen += 1
        question = self.order.question(path, model)
        twin = question.id in self._under_way
        entry = None if twin else self.folder.answered(question)
        if entry is not None or twin:
            self.standing.there += 1
            if twin or (entry is not None and entry.question.photo["path"] != str(path)):
                known = question if entry is None else entry.question
                self.standing.repeated.append((str(path), known.id))
            return
        place = str(self.folder.path.absolute()) if self.shared else None
        data = None
        if not self.shared:
            with contextlib.suppress(ImageError):
                data = read_bytes(path)
        self._waiting = Task(question, model, place, self.order.formats, data)

    def _may(self, task: Task) -> bool:
        """Whether budget and disk allow a task now; says so when they never will."""
        if not self.budget.allows(task.question):
            if not self.budget.ever_allows(task.question):
                self._stop(
                    BUDGET,
                    f"The {self.budget.most:,} calls of --max-calls do not last for another "
                    "photograph. Run the same command again to go on.",
                )
            return False
        now = time.perf_counter()
        if now - self._disk_at >= DISK_INTERVAL:
            missing = self.space.lacks(len(self._under_way) + 2)
            if missing:
                self._stop(
                    DISK_FULL,
                    f"The disk of {self.folder.path} has no room for the next answers, of about "
                    f"{size_words(self.space.expected)} each ({size_words(missing)} are missing). "
                    "Free some space and run the same command again to go on.",
                )
                return False
            self._disk_at = now
        return True

    # --- answers -----------------------------------------------------------------------

    def _settle(self, outcome: Outcome) -> None:
        question = outcome.entry.question
        self._under_way.discard(question.id)
        self.budget.settle(question, outcome.calls)
        if outcome.kind == NOT_BEGUN:
            return
        if outcome.kind == DISK:
            self._stop(DISK_FULL, f"{outcome.entry.error} Run the same command again to go on.")
            return
        entry = outcome.entry
        try:
            if outcome.files is not None:
                entry = place_answer(self.folder.path, entry, outcome.files)
            if entry != self.folder.find(question):
                self.folder.add(entry)
        except ExportError as error:
            self._stop(DISK_FULL, f"{error} Run the same command again to go on.")
            return
        self.standing.latest = entry
        if entry.state == DONE:
            self.standing.answered += 1
            self._hopeless = 0
            if not outcome.found:
                self.space.wrote(outcome.written)
                self.standing.written += outcome.written
        elif not self.standing.stop_reason or outcome.kind:
            self.standing.failed += 1
            self._hopeless = self._hopeless + 1 if outcome.kind == MODEL else 0
        if self._hopeless >= HOPELESS and not self.standing.stop_reason:
            self._stop(
                MODEL_GONE,
                f"The model failed {HOPELESS} times in a row, last with: {entry.error} Run the "
                "same command again to go on when it works.",
            )

    def _stop(self, reason: str, message: str) -> None:
        self.standing.stop_reason, self.standing.message = reason, message
        self._waiting = None
        if reason in (CANCELLED, MODEL_GONE):
            self.executor.stop()

    def _now(self) -> Standing:
        s = self.standing
        s.seconds = time.perf_counter() - self._started
        s.calls = max(self.budget.spent, self.executor.calls_now())
        # Of those not looked at yet, so many are probably among the answered ones.
        unseen = s.total - self._seen
        s.left = max(0, unseen - max(0, self._known - s.there)) + len(self._under_way)
        s.left += self._waiting is not None
        return s


def _answered_before(order: Order, folder: ResultFolder) -> int:
    """About how many of the questions are answered, told without reading a photograph."""
    if len(folder) > MOST_COUNTED:
        return sum(1 for _ in folder.done())
    models = [dict(m.facts) | {"address": None} for m in order.models]
    count = 0
    for entry in folder.entries():
        q = entry.question
        same = all(getattr(q, name) == value for name, value in order.settings.items())
        count += same and entry.state == DONE and dict(q.model) | {"address": None} in models
    return count


def absolute(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Files, each once, by their absolute paths, in order."""
    return tuple(dict.fromkeys(p.absolute() for p in paths))
