"""Does the map prove anything? Faithfulness against a random order and a centred blob."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator

import numpy as np
import numpy.typing as npt

from decam_engine.explanation import Baselines, Curves, Explanation
from decam_engine.metrics import STEPS, Faithfulness, insertion_deletion_steps
from decam_engine.models import BlackBox

F32 = npt.NDArray[np.float32]

# Sigma of the centred blob in input sides.
BLOB = 0.25
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
