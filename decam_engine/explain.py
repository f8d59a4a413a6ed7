"""The one loop: ask, render, score, tell. It is a generator; whoever drives it may stop it."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.explanation import Explanation
from decam_engine.fills import check_fill
from decam_engine.images import Photo
from decam_engine.models import BlackBox, Prediction
from decam_engine.objective import Objective
from decam_engine.search import METHODS, PRESETS, SearchTask, check_method

F32 = npt.NDArray[np.float32]

# Live maps are made at most this often, in seconds.
LIVE_INTERVAL = 0.1
# Calls that every explanation spends on the untouched photograph.
PHOTO_CALLS = 1
LOW_PROBABILITY = 0.05
TOP = 5


@dataclass(frozen=True, eq=False)
class Progress:
    """Where an explanation stands.

    Attributes:
        calls, budget: model calls spent and allowed.
        seconds: since the start.
        best_fitness: of the search, if it has one.
        target: the class being explained.
        predictions: the five most probable classes of the untouched photograph.
        saliency: a live map, float32 ``(h, w)`` on the model's input, a few times a second;
            None in between.
    """

    calls: int
    budget: int
    seconds: float
    best_fitness: float | None
    target: Prediction
    predictions: tuple[Prediction, ...]
    saliency: F32 | None = None

    @property
    def rate(self) -> float:
        """Model calls per second."""
        return self.calls / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Time left at the rate so far."""
        return (self.budget - self.calls) / self.rate if self.rate > 0 else float("inf")


def explain(
    model: BlackBox,
    photo: Photo,
    *,
    target: int | str | None = None,
    method: str = "de",
    preset: str = "balanced",
    calls: int | None = None,
    seed: int = 0,
    fill: str | None = None,
    on_progress: Callable[[Progress], object] | None = None,
) -> Explanation:
    """Find the pixels that drive a decision.

    Args:
        target: class index or name; None = the most probable class.
        method: ``de``, ``rise`` or ``occlusion``.
        preset: ``quick`` (500 calls), ``balanced`` (1,000) or ``thorough`` (2,000).
        calls: budget of model calls instead of the preset's; never exceeded.
        seed: 0 or more; same seed, machine and settings: same map.
        fill: what removed pixels become, everywhere; None = the method's own choice.
        on_progress: called after each batch; when it returns True, the search stops and the
            map so far is returned, marked cancelled.

    Raises:
        SettingsError: an unusable setting; nothing was scored.
        ModelError: the model failed.
    """
    steps = explain_steps(
        model,
        photo,
        target=target,
        method=method,
        preset=preset,
        calls=calls,
        seed=seed,
        fill=fill,
    )
    answer: bool | None = None
    while True:
        try:
            progress = steps.send(answer)
        except StopIteration as end:
            result: Explanation = end.value
            return result
        answer = on_progress is not None and on_progress(progress) is True


def explain_steps(
    model: BlackBox,
    photo: Photo,
    *,
    target: int | str | None = None,
    method: str = "de",
    preset: str = "balanced",
    calls: int | None = None,
    seed: int = 0,
    fill: str | None = None,
) -> Generator[Progress, bool | None, Explanation]:
    """As :func:`explain`, step by step: yields a :class:`Progress` after each batch of calls.

    Send True to stop; the generator then returns the map so far (``StopIteration.value``),
    marked cancelled. Settings are checked when it is made, not at the first step.
    """
    budget = check_settings(method=method, preset=preset, calls=calls, seed=seed, fill=fill)
    if isinstance(target, int | str) and not isinstance(target, bool) and model.labels is not None:
        model.resolve_target(target, len(model.labels))
    return _steps(model, photo, target, method, preset, budget, seed, fill)


def check_settings(
    *,
    method: str = "de",
    preset: str = "balanced",
    calls: int | None = None,
    seed: int = 0,
    fill: str | None = None,
) -> int:
    """The budget in model calls that these settings mean.

    Raises:
        SettingsError: what is wrong, with what was expected.
    """
    check_method(method)
    if fill is not None:
        check_fill(fill)
    if preset not in PRESETS:
        raise SettingsError(f"The preset must be one of {', '.join(PRESETS)}, found {preset!r}.")
    if not _is_integer(seed) or seed < 0:
        raise SettingsError(f"The seed must be an integer, 0 or more, found {seed!r}.")
    budget = PRESETS[preset] if calls is None else calls
    least = METHODS[method].least_calls + PHOTO_CALLS
    if not _is_integer(budget) or budget < least:
        raise SettingsError(
            f"The method {method!r} needs at least {least} model calls, found {budget!r}. Give "
            "more, or leave the number to the preset."
        )
    return int(budget)


def _steps(
    model: BlackBox,
    photo: Photo,
    target: int | str | None,
    method: str,
    preset: str,
    budget: int,
    seed: int,
    fill: str | None,
) -> Generator[Progress, bool | None, Explanation]:
    started = time.perf_counter()
    prepared = model.prepare(photo)
    with Objective(model, prepared) as objective:
        scores = objective.score_photo()
        predictions = tuple(model.rank(scores, TOP))
        index = (
            predictions[0].index if target is None else model.resolve_target(target, len(scores))
        )
        explained = model.prediction(index, float(scores[index]))
        search = METHODS[method](
            SearchTask(model.input_size, budget - PHOTO_CALLS, seed, explained.score, fill)
        )
        objective.use_fills(search.fills)
        spread = _Spread()
        history: list[tuple[int, float]] = []
        last_live = 0.0
        told = False
        fresh = False
        stopped = False
        counted = objective.calls
        while not stopped and (source := search.ask()) is not None:
            answers = np.empty(len(source), dtype=np.float32)
            batches = objective.score(source)
            for batch in batches:
                answers[batch.start : batch.stop] = batch.scores[:, index]
                counted += batch.stop - batch.start
                now = time.perf_counter()
                live = None
                if told and fresh and now - last_live >= LIVE_INTERVAL:
                    live, last_live, fresh = search.saliency(), now, False
                if search.best_fitness is not None:
                    history.append((counted, search.best_fitness))
                if (
                    yield Progress(
                        counted,
                        budget,
                        now - started,
                        search.best_fitness,
                        explained,
                        predictions,
                        live,
                    )
                ):
                    stopped = True
                    break
            batches.close()
            if not stopped:
                spread.add(answers)
                search.tell(answers)
                told = fresh = True
        flat = not told or spread.is_flat()
        saliency = np.zeros(model.input_size, dtype=np.float32) if flat else search.saliency()
        saliency.flags.writeable = False
        reason = "cancelled" if stopped else ("budget" if objective.calls == budget else "finished")
        settings = {
            "method": method,
            "preset": preset,
            "calls": budget,
            "fill": fill,
            "search": search.settings(),
        }
        return Explanation(
            photo=photo,
            target=explained,
            predictions=predictions,
            input_saliency=saliency,
            fit=model.preprocessing.fit(photo.size),
            calls=objective.calls,
            budget=budget,
            seconds=time.perf_counter() - started,
            history=tuple(history),
            seed=int(seed),
            settings=settings,
            stop_reason=reason,
            model=model.describe(),
            warnings=_warnings(model, explained, spread, told, stopped, counted, budget),
        )


class _Spread:
    """Range of the scores, and how many were no numbers."""

    # Differences below this are rounding, not evidence.
    FLAT = 1e-6

    def __init__(self) -> None:
        self.low, self.high, self.spoiled = np.inf, -np.inf, 0

    def add(self, scores: F32) -> None:
        valid = scores[np.isfinite(scores)]
        self.spoiled += len(scores) - len(valid)
        if len(valid):
            self.low = min(self.low, float(valid.min()))
            self.high = max(self.high, float(valid.max()))

    def is_flat(self) -> bool:
        return not self.high - self.low > self.FLAT


def _warnings(
    model: BlackBox,
    target: Prediction,
    spread: _Spread,
    told: bool,
    stopped: bool,
    calls: int,
    budget: int,
) -> tuple[str, ...]:
    found = [a.text for a in model.assumptions]
    if stopped:
        found.append(f"Stopped at {calls} of {budget} calls.")
    if told and spread.is_flat():
        found.append(
            "Whatever is hidden, the score of this class stays the same: the map is empty, because "
            "there is nothing to explain."
        )
    elif target.score < LOW_PROBABILITY:
        found.append(
            f"The model gives {target.label!r} only {target.score:.2g}: a map of so small a "
            "probability explains little."
        )
    if spread.spoiled:
        found.append(
            f"The model answered {spread.spoiled} masked inputs with values that are not numbers; "
            "they were left out."
        )
    return tuple(found)


def _is_integer(value: object) -> bool:
    if isinstance(value, bool):
        return False
    try:
        operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True
