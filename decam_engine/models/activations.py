"""What turns a model's output into probabilities. A new one is one function and one line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

RANGE_TOLERANCE = 1e-3
# Log-probabilities of a row sum to 1 after exp(), up to float16's rounding.
_SUM_TOLERANCE = 5e-3


def _none(raw: Array) -> Array:
    return np.clip(raw, 0.0, 1.0)


def _softmax(raw: Array) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        exponentials = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def _sigmoid(raw: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-raw)))


def _exp(raw: Array) -> Array:
    return np.asarray(np.exp(np.minimum(raw, 0.0)))


# For probabilities; logits; logits of independent classes; log-probabilities.
APPLY: dict[str, Callable[[Array], Array]] = {
    "none": _none,
    "softmax": _softmax,
    "sigmoid": _sigmoid,
    "exp": _exp,
}
ACTIVATIONS = tuple(APPLY)


def guess(raw: Array) -> str:
    """Tell the activation from finite outputs ``(N, K)``.

    Values in 0..1 are probabilities already. Rows that are nowhere above 0 and sum to 1 after
    ``exp`` are log-probabilities. Anything else is logits: of one class, or of several.
    """
    if raw.min() >= -RANGE_TOLERANCE and raw.max() <= 1.0 + RANGE_TOLERANCE:
        return "none"
    if raw.shape[1] > 1 and raw.max() <= RANGE_TOLERANCE:
        sums = np.exp(raw.astype(np.float64)).sum(axis=1)
        if np.all(np.abs(sums - 1.0) < _SUM_TOLERANCE):
            return "exp"
    return "sigmoid" if raw.shape[1] == 1 else "softmax"
