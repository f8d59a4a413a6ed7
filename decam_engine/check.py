"""Does the map prove anything? Faithfulness against maps that know nothing, and another seed."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError, SettingsError
from decam_engine.explain import Progress, explain_steps
from decam_engine.explanation import Baselines, Curves, Explanation, Stability
from decam_engine.metrics import STEPS, Faithfulness, insertion_deletion_steps
from decam_engine.models import BlackBox
from decam_engine.reports.agreement import agreement

F32 = npt.NDArray[np.float32]

# Sigma of the centred blob in input sides.
BLOB = 0.25
# Correlation of the maps of two seeds below which their details are chance.
STABLE = 0.3
# Model calls of a check: two curves for each of three maps.
CALLS = 3 * 2 * (STEPS + 1)


def check_faithfulness(model: BlackBox, explanation: Explanation) -> Explanation:
    """The same explanation with its faithfulness, two baselines, and what follows from them.

    A centred blob (photographers aim at their subject) and a random order know nothing of
    the model; a map that does not beat both proves nothing, and ``warnings`` then says so.
    Costs three times 114 model calls, which do not count to the explanation's budget.

    Raises:
        ModelError: the model failed.
    """
    steps = check_steps(model, explanation)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            checked: Explanation = end.value
            return checked


def check_steps(model: BlackBox, explanation: Explanation) -> Generator[int, None, Explanation]:
    """As :func:`check_faithfulness`, to be left at any step: yields the calls made so far.

    There are ``CHECK_CALLS`` of them.
    """
    target = explanation.target.index
    h, w = explanation.input_saliency.shape
    shuffled = np.random.default_rng(explanation.seed).permutation(h * w)
    random_order = (shuffled.reshape(h, w) / (h * w)).astype(np.float32)
    found = []
    calls = 0
    for values in (explanation.input_saliency, centred_blob((h, w)), random_order):
        measuring = insertion_deletion_steps(model, explanation.photo, values, target)
        while True:
            try:
                calls += next(measuring)
            except StopIteration as end:
                found.append(end.value)
                break
            yield calls
    measured, centre, chance = found
    warnings = list(explanation.warnings)
    flat = not explanation.input_saliency.any()
    for name, baseline in (("a centred blob", centre), ("a random order", chance)):
        if not flat and measured.difference <= baseline.difference:
            warnings.append(
                f"This map is no better than {name} (insertion minus deletion "
                f"{measured.difference:.3f} against {baseline.difference:.3f}): it proves nothing."
            )
    return dataclasses.replace(
        explanation,
        faithfulness=measured,
        baselines=Baselines(centre.difference, chance.difference, _curves(centre), _curves(chance)),
        warnings=tuple(warnings),
    )


def _curves(measured: Faithfulness) -> Curves:
    insertion, deletion = measured.insertion_curve, measured.deletion_curve
    return tuple(float(v) for v in insertion), tuple(float(v) for v in deletion)


def centred_blob(size: tuple[int, int]) -> F32:
    """A Gaussian in the middle, float32 ``(h, w)``: what a map that knows nothing looks like."""
    y, x = (np.linspace(-0.5, 0.5, side) if side > 1 else np.zeros(1) for side in size)
    squared = y[:, None] ** 2 + x[None, :] ** 2
    return np.exp(-squared / (2 * BLOB**2)).astype(np.float32)


def check_stability(
    model: BlackBox, explanation: Explanation, seed: int | None = None
) -> Explanation:
    """The same explanation with its stability: how alike the map of another seed is.

    The other run has the same settings and budget; its calls do not count to this one's. A map
    that another seed draws otherwise shows chance in its details, and ``warnings`` then says so.

    Args:
        seed: of the other run; None = the next one.

    Raises:
        SettingsError: the seed is the explanation's own, or unusable.
        ModelError: the model failed.
    """
    steps = stability_steps(model, explanation, seed)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            steady: Explanation = end.value
            return steady


def stability_steps(
    model: BlackBox, explanation: Explanation, seed: int | None = None
) -> Generator[Progress, bool | None, Explanation | None]:
    """As :func:`check_stability`, to be stopped by sending True: the return is None then."""
    other = explanation.seed + 1 if seed is None else seed
    if other == explanation.seed:
        raise SettingsError(
            f"Stability compares two seeds; expected another than {other}, the explanation's own."
        )
    settings = explanation.settings
    steps = explain_steps(
        model,
        explanation.photo,
        target=explanation.target.index,
        method=settings["method"],
        preset=settings["preset"],
        calls=explanation.budget,
        seed=other,
        fill=settings["fill"],
        live=False,
    )
    again = yield from steps
    if again.cancelled:
        return None
    if again.stop_reason == "failed":
        raise ModelError(f"Stability was not measured: {again.warnings[-1]}")
    alike = agreement(explanation.input_saliency, again.input_saliency)
    found = Stability(other, again.calls, **alike)
    warnings = explanation.warnings
    value = found.value_correlation
    if value is not None and value < STABLE:
        warnings = (
            *warnings,
            f"Another seed gives another map (correlation {value:.2f}): its details are chance. "
            "More model calls make it steadier.",
        )
    return dataclasses.replace(explanation, stability=found, warnings=warnings)
