"""Explaining: the settings checked, then the one loop, which whoever drives it may stop."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from decam_engine.errors import SettingsError
from decam_engine.explanation import Explanation
from decam_engine.fills import check_fill
from decam_engine.images import Photo
from decam_engine.models import BlackBox
from decam_engine.run import PHOTO_CALLS, Progress, Request, Shared, Steps, run_steps
from decam_engine.search import METHODS, PRESETS, UNTIL_STABLE, check_method
from decam_engine.version import __version__

__all__ = [
    "Progress",
    "Steps",
    "check_settings",
    "explain",
    "explain_steps",
    "explain_targets",
    "explain_targets_steps",
    "resume",
    "resume_steps",
]


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
        SettingsError: an unusable setting; nothing was scored (but the photograph once, where
            the number of classes was not known before).
        ModelError: the model failed before anything was scored; later, the map so far is
            returned, marked failed.
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
        live=on_progress is not None,
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
    live: bool = True,
) -> Steps:
    """As :func:`explain`, step by step: yields a :class:`Progress` after each batch of calls.

    Send True to stop; the generator then returns the map so far (``StopIteration.value``),
    marked cancelled. Settings are checked when it is made, not at the first step. Without
    ``live`` no maps are made on the way.
    """
    budget = check_settings(method=method, preset=preset, calls=calls, seed=seed, fill=fill)
    _check_target(model, target)
    return run_steps(Request(model, photo, target, method, preset, budget, int(seed), fill, live))


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
    its scores is scored once: k classes take at most (0.4 + 0.6 k) times the budget of one.
    ``Explanation.shared_calls`` says how many of its calls were scored for another target.
    Arguments and errors as :func:`explain`; cancelling leaves out the classes not begun.
    """
    searches = explain_targets_steps(
        model, photo, targets, method=method, preset=preset, calls=calls, seed=seed, fill=fill
    )
    results: list[Explanation] = []
    for steps in searches:
        results.append(_drain(steps, on_progress))
        if results[-1].stopped:
            break
    return results


def explain_targets_steps(
    model: BlackBox,
    photo: Photo,
    targets: Sequence[int | str],
    *,
    method: str = "de",
    preset: str = "balanced",
    calls: int | None = None,
    seed: int = 0,
    fill: str | None = None,
    live: bool = True,
) -> Iterator[Steps]:
    """As :func:`explain_targets`, step by step: one generator for each class, in order.

    Each is driven to its end, as that of :func:`explain_steps`, before the next is taken.
    Without ``live`` no maps are made on the way.
    Settings are checked when it is called, not at the first step.
    """
    budget = check_settings(method=method, preset=preset, calls=calls, seed=seed, fill=fill)
    if isinstance(targets, str) or not targets:
        raise SettingsError(
            f"Expected a list of at least one target to explain, found {targets!r}."
        )
    if preset == UNTIL_STABLE:
        raise SettingsError(
            f"Several targets cannot share the preset {UNTIL_STABLE!r}: each would stop at another "
            "time. Choose another preset or give a number of calls."
        )
    for target in targets:
        _check_target(model, target)
    shared = Shared(tuple(targets))
    return (
        run_steps(
            Request(model, photo, target, method, preset, budget, int(seed), fill, live), shared
        )
        for target in targets
    )


def resume(
    model: BlackBox,
    stopped: Explanation,
    *,
    on_progress: Callable[[Progress], object] | None = None,
) -> Explanation:
    """Go on with an explanation that was cancelled or whose model failed, to its full budget.

    The search is told again what it was told before, which costs no model calls, and goes on
    from there: with the same model in the same batches, the map is bit for bit that of a run
    that was never stopped. The photograph and what was under way are scored again.

    Args:
        model: the same as before; a server's is compared by its answer to the photograph.
        stopped: as :func:`explain` or :func:`load_explanation` gave it.
        on_progress: as in :func:`explain`.

    Raises:
        SettingsError: it was not stopped, or model or version are others.
        ModelError: the model failed before anything was scored.
    """
    steps = resume_steps(model, stopped, live=on_progress is not None)
    return _drain(steps, on_progress)


def resume_steps(model: BlackBox, stopped: Explanation, *, live: bool = True) -> Steps:
    """As :func:`resume`, step by step; see :func:`explain_steps`."""
    journal = stopped.journal
    if journal is None:
        raise SettingsError(
            "This explanation cannot be gone on with: expected one that was stopped on its way, "
            f"found stop_reason {stopped.stop_reason!r} (targets explained together are not kept)."
        )
    if journal.version != __version__:
        raise SettingsError(
            f"The run was stopped by version {journal.version}, this is {__version__}, which may "
            "search otherwise. Run the explanation anew."
        )
    _check_same_model(model, stopped.model)
    s = stopped.settings
    budget = check_settings(
        method=s["method"],
        preset=s.get("preset", ""),
        calls=stopped.budget,
        seed=stopped.seed,
        fill=s.get("fill"),
    )
    return run_steps(
        Request(
            model,
            stopped.photo,
            stopped.target.index,
            s["method"],
            s["preset"],
            budget,
            stopped.seed,
            s.get("fill"),
            live,
            stopped,
        )
    )


def _check_same_model(model: BlackBox, before: dict[str, Any]) -> None:
    now = model.describe()
    if now.get("activation") is None:
        # A function's is told from its first answer, and that is compared.
        now["activation"] = before.get("activation")
    for key, what in (
        ("kind", "kind"),
        ("sha256", "SHA-256"),
        ("name", "name"),
        ("preprocessing", "pre-processing"),
        ("activation", "activation"),
    ):
        if before.get(key) != now.get(key):
            raise SettingsError(
                f"This is not the model of the stopped run: expected the {what} "
                f"{before.get(key)}, found {now.get(key)}. Open it as it was then."
            )


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
    if preset == UNTIL_STABLE and method != "de":
        raise SettingsError(
            f"The preset {UNTIL_STABLE!r} watches the evolution, so it works with the method 'de' "
            f"only, found {method!r}. Choose another preset or give a number of calls."
        )
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


def _drain(steps: Steps, on_progress: Callable[[Progress], object] | None) -> Explanation:
    answer: bool | None = None
    # Closed whatever happens: an error in the callback must not leave the model at work.
    with contextlib.closing(steps):
        while True:
            try:
                progress = steps.send(answer)
            except StopIteration as end:
                result: Explanation = end.value
                return result
            answer = on_progress is not None and _stops(on_progress(progress))


def _stops(answer: object) -> bool:
    """Only a truth value stops: a consumer may return anything else by accident."""
    return isinstance(answer, bool | np.bool_) and bool(answer)


def _is_integer(value: object) -> bool:
    if isinstance(value, bool):
        return False
    try:
        operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return False
    return True
