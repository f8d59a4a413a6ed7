"""The one loop: ask, render, score, tell. It is a generator; whoever drives it may stop it."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.explanation import Explanation
from decam_engine.fills import check_fill
from decam_engine.images import Photo
from decam_engine.models import BlackBox, Prediction
from decam_engine.objective import Objective
from decam_engine.regions import CALLS as REGION_CALLS
from decam_engine.regions import find_regions
from decam_engine.search import METHODS, PRESETS, UNTIL_STABLE, SearchTask, check_method
from decam_engine.stability import Settled

F32 = npt.NDArray[np.float32]

# Live maps are made at most this often, in seconds.
LIVE_INTERVAL = 0.1
# Calls that every explanation spends on the untouched photograph.
PHOTO_CALLS = 1
LOW_PROBABILITY = 0.05
TOP = 5
# Budgets from which some calls are spent on the regions that keep and flip the decision.
REGIONS_FROM = 400


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


Steps = Generator[Progress, "bool | None", Explanation]


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
        preset: ``quick`` (500 calls), ``balanced`` (1,000), ``thorough`` (2,000), or
            ``until-stable``, which stops when map and fitness have settled (at most 4,000).
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
    return _drain(steps, on_progress)


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
) -> Steps:
    """As :func:`explain`, step by step: yields a :class:`Progress` after each batch of calls.

    Send True to stop; the generator then returns the map so far (``StopIteration.value``),
    marked cancelled. Settings are checked when it is made, not at the first step.
    """
    budget = check_settings(method=method, preset=preset, calls=calls, seed=seed, fill=fill)
    _check_target(model, target)
    return _steps(_Request(model, photo, target, method, preset, budget, int(seed), fill))


def explain_targets(
    model: BlackBox,
    photo: Photo,
    targets: Sequence[int | str],
    *,
    method: str = "de",
    preset: str = "balanced",
    calls: int | None = None,
    seed: int = 0,
    fill: str | None = None,
    on_progress: Callable[[Progress], object] | None = None,
) -> list[Explanation]:
    """Explain several classes of one photograph.

    One model call answers for all classes, so whatever is scored before a search looks at
    its scores is scored once: k classes take at most (0.4 + 0.6 k) times the calls of one.
    ``Explanation.shared_calls`` says how many of its calls were scored for another target.
    Arguments and errors as :func:`explain`; cancelling leaves out the classes not begun.
    """
    budget = check_settings(method=method, preset=preset, calls=calls, seed=seed, fill=fill)
    if not targets:
        raise SettingsError("Expected at least one target to explain, found none.")
    for target in targets:
        _check_target(model, target)
    shared = _Shared(len(targets))
    results: list[Explanation] = []
    for target in targets:
        request = _Request(model, photo, target, method, preset, budget, int(seed), fill)
        results.append(_drain(_steps(request, shared), on_progress))
        if results[-1].cancelled:
            break
    return results


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


def _check_target(model: BlackBox, target: int | str | None) -> None:
    """Refuse an unknown class before anything is scored, where the classes are known."""
    if target is not None and model.labels is not None:
        model.resolve_target(target, len(model.labels))


@dataclass(frozen=True, eq=False)
class _Request:
    """One explanation to make; settings already checked."""

    model: BlackBox
    photo: Photo
    target: int | str | None
    method: str
    preset: str
    budget: int
    seed: int
    fill: str | None


class _Shared:
    """Scores of all classes that several targets of one photograph have in common."""

    def __init__(self, targets: int) -> None:
        self.targets = targets
        self.photo: F32 | None = None
        self.asks: list[F32] = []


def _drain(steps: Steps, on_progress: Callable[[Progress], object] | None) -> Explanation:
    answer: bool | None = None
    while True:
        try:
            progress = steps.send(answer)
        except StopIteration as end:
            result: Explanation = end.value
            return result
        answer = on_progress is not None and on_progress(progress) is True


def _steps(request: _Request, shared: _Shared | None = None) -> Steps:
    started = time.perf_counter()
    model, budget = request.model, request.budget
    model.tune()
    shared = shared if shared is not None else _Shared(1)
    prepared = model.prepare(request.photo)
    with Objective(model, prepared) as objective:
        if shared.photo is None:
            shared.photo, borrowed = objective.score_photo(), 0
        else:
            borrowed = PHOTO_CALLS
        predictions = tuple(model.rank(shared.photo, TOP))
        index = predictions[0].index
        if request.target is not None:
            index = model.resolve_target(request.target, len(shared.photo))
        target = model.prediction(index, float(shared.photo[index]))
        # Only the model's own answer can be kept or flipped.
        examined = budget >= REGIONS_FROM and index == predictions[0].index
        reserve = PHOTO_CALLS + (REGION_CALLS if examined else 0)
        search = METHODS[request.method](
            SearchTask(
                size=model.input_size,
                calls=budget - reserve,
                seed=request.seed,
                photo_score=target.score,
                fill=request.fill,
                image=objective.image(),
                open_ended=request.preset == UNTIL_STABLE,
                shared=shared.targets > 1,
            )
        )
        objective.use_fills(search.fills)
        spread, settled = _Spread(), Settled()
        history: list[tuple[int, float]] = []
        last_live, fresh, asked = 0.0, False, 0
        counted = borrowed + objective.calls
        reason = ""

        def progress(live: F32 | None = None) -> Progress:
            seconds = time.perf_counter() - started
            fitness = search.best_fitness
            return Progress(counted, budget, seconds, fitness, target, predictions, live)

        while not reason and (source := search.ask()) is not None:
            if search.independent and asked < len(shared.asks):
                answers = shared.asks[asked]
                counted += len(answers)
                borrowed += len(answers)
            else:
                answers = np.empty((len(source), len(shared.photo)), dtype=np.float32)
                batches = objective.score(source)
                for batch in batches:
                    answers[batch.start : batch.stop] = batch.scores
                    counted += batch.stop - batch.start
                    live, now = None, time.perf_counter()
                    if fresh and now - last_live >= LIVE_INTERVAL:
                        live, last_live, fresh = search.saliency(), now, False
                    if search.best_fitness is not None:
                        history.append((counted, search.best_fitness))
                    if (yield progress(live)):
                        reason = "cancelled"
                        break
                batches.close()
                if reason:
                    break
                if search.independent and shared.targets > 1:
                    shared.asks.append(answers)
            asked += 1
            spread.add(answers[:, index])
            search.tell(np.ascontiguousarray(answers[:, index]))
            fresh = True
            if (
                request.preset == UNTIL_STABLE
                and search.best_fitness is not None
                and settled.update(counted, search.best_fitness, search.saliency())
            ):
                reason = "stable"
        flat = asked == 0 or spread.is_flat()
        saliency = np.zeros(model.input_size, dtype=np.float32) if flat else search.saliency()
        saliency.flags.writeable = False
        keep = flip = None
        if examined and not flat and reason != "cancelled":
            regions = find_regions(objective, saliency, index, search.region_fills)
            while True:
                try:
                    counted += next(regions)
                except StopIteration as end:
                    keep, flip = end.value
                    break
                if (yield progress()):
                    regions.close()
                    reason = "cancelled"
                    break
        calls = borrowed + objective.calls
        reason = reason or ("budget" if calls == budget else "finished")
        return Explanation(
            photo=request.photo,
            target=target,
            predictions=predictions,
            input_saliency=saliency,
            fit=model.preprocessing.fit(request.photo.size),
            calls=calls,
            shared_calls=borrowed,
            budget=budget,
            seconds=time.perf_counter() - started,
            history=tuple(history),
            seed=request.seed,
            settings={
                "method": request.method,
                "preset": request.preset,
                "calls": budget,
                "fill": request.fill,
                "search": search.settings(),
            },
            stop_reason=reason,
            model=model.describe(),
            keep_region=keep,
            flip_region=flip,
            warnings=_warnings(model, target, spread, asked > 0, reason, (counted, budget)),
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
    reason: str,
    spent: tuple[int, int],
) -> tuple[str, ...]:
    found = [a.text for a in model.assumptions]
    if reason == "cancelled":
        found.append(f"Stopped at {spent[0]} of {spent[1]} calls.")
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
