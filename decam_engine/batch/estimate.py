"""What a batch will take, before it begins: questions, calls, time and room."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from decam_engine.batch.guards import bytes_per_answer
from decam_engine.batch.opening import opened, with_runs
from decam_engine.batch.runner import Order
from decam_engine.batch.task import most_calls
from decam_engine.errors import ImageError
from decam_engine.explain import explain_steps
from decam_engine.folder import ResultFolder
from decam_engine.images import Photo, load_image

# Photographs that are opened to know how large they are.
SAMPLE = 12
# Calls of the explanation that is timed, and seconds after which it is stopped.
TIMED_CALLS = 200
TIMED_SECONDS = 4.0


@dataclass(frozen=True)
class Estimate:
    """What is expected.

    Attributes:
        questions: photographs times models; ``there``: of those, answered already.
        calls: model calls at most.
        seconds: with this machine alone; None where nothing was measured (a model server is not
            called for an estimate).
        rate: calls per second that were measured.
        written: bytes.
        per_answer: bytes of an answer.
        unreadable: photographs of the sample that could not be read, of ``sample``.
    """

    questions: int
    there: int
    calls: int
    seconds: float | None
    rate: float | None
    written: int
    per_answer: int
    sample: int
    unreadable: int


def sample(order: Order) -> tuple[list[Photo], int]:
    """Some of the photographs, evenly spread, and how many of them cannot be read."""
    count = len(order.photos)
    step = max(1, count // SAMPLE)
    found, bad = [], 0
    for path in order.photos[::step][:SAMPLE]:
        try:
            found.append(load_image(path, **order.reading))
        except ImageError:
            bad += 1
    return found, bad


def room(order: Order, photos: list[Photo]) -> int:
    """Expected bytes of an answer."""
    classes = 1 if order.targets.table is not None else order.targets.top
    sizes = [p.size for p in photos]
    each = [
        bytes_per_answer(sizes, opened(m).input_size, order.formats, classes) for m in order.models
    ]
    return round(sum(each) / len(each))


def estimate(
    order: Order, folder: ResultFolder | None, tick: Callable[[int], object] = lambda done: None
) -> Estimate:
    """Look at every photograph's file, and time the first model on one of them.

    Args:
        folder: what was answered so far; None = nothing.
        tick: told how many questions were looked at.
    """
    photos, bad = sample(order)
    there = calls = 0
    by_model: dict[str, int] = {}
    for number, (path, model) in enumerate(order.pairs()):
        question = order.question(path, model)
        if folder is not None and folder.answered(question) is not None:
            there += 1
        else:
            by_model[model.key] = by_model.get(model.key, 0) + most_calls(question)
        tick(number + 1)
    calls = sum(by_model.values())
    seconds, rate = 0.0, None
    known = True
    for model in order.models:
        wanted = by_model.get(model.key, 0)
        measured = None if model.served or not photos else timed(order, photos[0], model.key)
        if wanted and measured is None:
            known = False
        elif wanted and measured is not None:
            seconds += wanted / measured
            rate = measured
    per_answer = room(order, photos)
    return Estimate(
        len(order),
        there,
        calls,
        seconds if known else None,
        rate,
        (len(order) - there) * per_answer,
        per_answer,
        len(photos) + bad,
        bad,
    )


def timed(order: Order, photo: Photo, key: str) -> float | None:
    """Calls per second of a short explanation here, by a local model."""
    spec = next(m for m in order.models if m.key == key)
    model = opened(spec)
    model.tune()
    # The kernels are compiled, and pages read, before anything is timed.
    for calls, limit in ((60, TIMED_SECONDS), (TIMED_CALLS, TIMED_SECONDS)):
        box = with_runs(model, model.configuration.concurrency)
        method = str(order.settings["method"])
        started = time.perf_counter()
        steps = explain_steps(box, photo, method=method, calls=calls, live=False)
        answer: bool | None = None
        while True:
            try:
                steps.send(answer)
            except StopIteration:
                break
            answer = time.perf_counter() - started > limit
        seconds = time.perf_counter() - started
    return box.calls / seconds if seconds > 0 else None


def free_below(path: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(p for p in (path.absolute(), *path.absolute().parents) if p.is_dir())
