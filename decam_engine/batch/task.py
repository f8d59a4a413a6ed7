"""One photograph under one model, from its file to its answer in the folder: the worker's side."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from decam_engine.answers import place_of, read_entry, write_answer
from decam_engine.batch.opening import MissingModelError, ModelSpec, opened, with_runs
from decam_engine.check import CALLS as CHECK_CALLS
from decam_engine.check import check_faithfulness
from decam_engine.entry import DONE, FAILED, STOPPED, Entry
from decam_engine.errors import DecamError, ExportError, ImageError, ModelError, SettingsError
from decam_engine.explain import Steps, explain_steps, explain_targets_steps, resume_steps
from decam_engine.explanation import Explanation
from decam_engine.folder import HEAD
from decam_engine.images import Photo, decode_photo, load_image
from decam_engine.models import BlackBox
from decam_engine.question import Question
from decam_engine.saved import load_explanation
from decam_engine.search import UNTIL_STABLE

# Kinds of failures: the photograph's, the model's, the disk's, and of machines that lack something.
PHOTO, MODEL, DISK, PROCESS, NOT_BEGUN, MISSING_MODEL, MISSING_FOLDER = (
    "photo",
    "model",
    "disk",
    "process",
    "not begun",
    "missing model",
    "missing folder",
)


@dataclass(frozen=True, eq=False)
class Task:
    """A question with all that it takes to answer it.

    Attributes:
        model: how to open it.
        folder: the folder of results; None = the files are returned.
        formats: of the saved results.
        data: the photograph's file, where the worker cannot read it.
        runs: of the model at a time.
    """

    question: Question
    model: ModelSpec
    folder: str | None
    formats: tuple[str, ...]
    data: bytes | None = field(default=None, repr=False)
    runs: int | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a task.

    Attributes:
        entry: for the index.
        calls: inputs that the model scored for it.
        seconds: wall time.
        kind: of a failure, see above; empty when there is an answer.
        written: bytes of the answer's files.
        files: the answer's files by name, where they are returned.
        found: whether the answer was there already, by an earlier attempt.
    """

    entry: Entry
    calls: int = 0
    seconds: float = 0.0
    kind: str = ""
    written: int = 0
    files: dict[str, bytes] | None = field(default=None, repr=False)
    found: bool = False


Watch = Callable[[int], bool]
"""Told how many more inputs were scored; returns whether to stop."""


def most_calls(question: Question) -> int:
    """Inputs that answering a question scores at most."""
    classes = len(question.targets) or question.top
    searched = question.budget
    if classes > 1:
        # As explain_targets; the classes must be known first.
        searched = classes * question.budget + (not question.targets)
    return searched + (classes * CHECK_CALLS if question.faithfulness else 0)


def run_task(task: Task, watch: Watch | None = None) -> Outcome:
    """Answer a question; whatever is wrong with it becomes a recorded failure."""
    started = time.perf_counter()
    before = _before(task)
    if isinstance(before, Outcome):
        return before
    question, box = task.question, None
    try:
        photo = _photo(task)
        model = opened(task.model)
        model.tune()
        runs = task.runs if task.runs is not None else model.configuration.concurrency
        box = with_runs(model, runs)
        try:
            results, error = _explained(box, photo, question, before, watch)
        except SettingsError:
            if before is None:
                raise
            # What was stopped cannot be gone on with.
            results, error = _explained(box, photo, question, None, watch)
        calls, seconds = box.calls, time.perf_counter() - started
        entry, files, written = _written(task, results, error)
    except ImageError as problem:
        return _failed(task, str(problem), PHOTO, box, started)
    except MissingModelError as problem:
        return _failed(task, str(problem), MISSING_MODEL, box, started)
    except ExportError as problem:
        return _failed(task, str(problem), DISK, box, started)
    except (ModelError, SettingsError) as problem:
        return _failed(task, str(problem), MODEL, box, started)
    kind = MODEL if any(r.stop_reason == "failed" for r in results) else ""
    return Outcome(entry, calls, seconds, kind, written, files)


def _failed(task: Task, text: str, kind: str, box: BlackBox | None, started: float) -> Outcome:
    calls = 0 if box is None else box.calls
    entry = Entry(task.question, FAILED, text)
    return Outcome(entry, calls, time.perf_counter() - started, kind)


def _before(task: Task) -> Outcome | Explanation | None:
    """What an earlier attempt left: the answer, a stopped result to go on with, or nothing."""
    if task.folder is None:
        return None
    folder = Path(task.folder)
    if not (folder / HEAD).is_file():
        text = f"The folder {folder} is not reachable from this machine."
        return Outcome(Entry(task.question, FAILED, text), kind=MISSING_FOLDER)
    place = folder / place_of(task.question)
    with contextlib.suppress(DecamError):  # Damaged or gone: it is run from the start.
        entry = read_entry(place)
        if entry.state == DONE and entry.question.id == task.question.id:
            return Outcome(entry, found=True)
        # Of several classes, none is gone on with in its middle: the others are still to come.
        alone = len(task.question.targets) <= 1 and task.question.top == 1
        if entry.state == STOPPED and alone and len(entry.results) == 1:
            manifest = place / str(entry.results[0]["manifest"])
            stopped = load_explanation(manifest, photo=task.question.photo["path"])
            return None if stopped.journal is None else stopped
    return None


def _photo(task: Task) -> Photo:
    facts: Any = task.question.photo
    if task.data is not None:
        path = None if facts["path"] is None else Path(facts["path"])
        return decode_photo(task.data, str(facts["name"]), path, **facts["reading"])
    photo = load_image(facts["path"], **facts["reading"])
    if facts["sha256"] is not None and photo.sha256 != facts["sha256"]:
        raise ImageError(f"{facts['path']} was changed while the batch ran. Run it again.")
    return photo


def _explained(
    box: BlackBox,
    photo: Photo,
    question: Question,
    before: Explanation | None,
    watch: Watch | None,
) -> tuple[list[Explanation], str]:
    told = 0

    def stops() -> bool:
        nonlocal told
        more, told = box.calls - told, box.calls
        return watch is not None and watch(more)

    results: list[Explanation] = []
    for steps in _searches(box, photo, question, before):
        results.append(_driven(steps, stops))
        if results[-1].stopped:
            last = results[-1]
            return results, last.warnings[-1] if last.warnings else "It was stopped."
    if question.faithfulness:
        results = [_checked(box, r) for r in results]
    stops()
    return results, ""


def _searches(
    box: BlackBox, photo: Photo, question: Question, before: Explanation | None
) -> Iterator[Steps]:
    """One search for each class; nothing draws maps on the way, which nobody would see."""
    settings: dict[str, Any] = {
        "method": question.method,
        "preset": question.preset,
        "calls": question.budget,
        "seed": question.seed,
        "fill": question.fill,
        "live": False,
    }
    if before is not None:
        yield resume_steps(box, before, live=False)
        return
    classes = question.targets
    if not classes and question.top > 1:
        classes = tuple(p.index for p in box.predict(photo, question.top))
    if len(classes) <= 1:
        yield explain_steps(box, photo, target=classes[0] if classes else None, **settings)
    elif question.preset == UNTIL_STABLE:
        for target in classes:
            yield explain_steps(box, photo, target=target, **settings)
    else:
        yield from explain_targets_steps(box, photo, classes, **settings)


def _driven(steps: Steps, stops: Callable[[], bool]) -> Explanation:
    answer: bool | None = None
    with contextlib.closing(steps):
        while True:
            try:
                steps.send(answer)
            except StopIteration as end:
                result: Explanation = end.value
                return result
            answer = stops()


def _checked(box: BlackBox, result: Explanation) -> Explanation:
    try:
        return check_faithfulness(box, result)
    except ModelError as error:
        # The map is there; that its proof is not is said with it.
        return replace(result, warnings=(*result.warnings, str(error)))


def _written(
    task: Task, results: list[Explanation], error: str
) -> tuple[Entry, dict[str, bytes] | None, int]:
    if task.folder is not None:
        folder = Path(task.folder)
        entry = write_answer(folder, task.question, results, task.formats, error=error)
        sizes = (f.stat().st_size for f in (folder / entry.place).iterdir())
        return entry, None, sum(sizes)
    with tempfile.TemporaryDirectory(prefix="decam-") as name:
        folder = Path(name)
        entry = write_answer(folder, task.question, results, task.formats, error=error)
        files = {f.name: f.read_bytes() for f in (folder / entry.place).iterdir()}
        return entry, files, sum(map(len, files.values()))
