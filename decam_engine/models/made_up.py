"""Made-up inputs, to try a model with before it is trusted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from decam_engine.models.blackbox import Assumption, BlackBox

# Rows of probabilities sum to 1, up to the rounding of half precision and of bytes.
_SUM_TOLERANCE = 0.02


def noise(box: BlackBox, count: int) -> npt.NDArray[np.float32]:
    """Random inputs ``(count, ...)`` in the range of prepared photographs."""
    h, w = box.input_size
    c = box.preprocessing.channel_count
    shape = (h, w, c) if box.preprocessing.layout == "NHWC" else (c, h, w)
    low, high = box.preprocessing.normalise(0.0).min(), box.preprocessing.normalise(255.0).max()
    return np.random.default_rng(0).uniform(low, high, (count, *shape)).astype(np.float32)


def probe_inputs(box: BlackBox) -> npt.NDArray[np.float32]:
    """Four made-up inputs: noise, noise, black, white."""
    inputs = np.concatenate([noise(box, 2), noise(box, 2)])
    # Black and white, besides noise: logits that look like probabilities for a grey input
    # seldom do for these.
    for row, grey in ((2, 0.0), (3, 255.0)):
        channels = box.preprocessing.normalise(grey)
        last = box.preprocessing.layout == "NHWC"
        inputs[row] = channels if last else channels[:, None, None]
    return inputs


def unsettled(box: BlackBox, scores: npt.NDArray[np.float32]) -> tuple[Assumption, ...]:
    """What is said of scores in 0..1 that may be probabilities, or may be small logits.

    Args:
        box: the model, whose activation is known.
        scores: of made-up inputs, ``(n, K)``.
    """
    if (box.activation, box.activation_source) != ("none", "values") or scores.shape[1] == 1:
        return ()
    sums = scores[np.all(np.isfinite(scores), axis=1)].sum(axis=1)
    if np.all(np.abs(sums - 1.0) < _SUM_TOLERANCE):
        return ()
    return (
        Assumption(
            "activation",
            "The scores lie in 0..1 and do not sum to 1: read as probabilities of independent "
            "classes. If they are logits, set the activation to softmax or sigmoid.",
        ),
    )


def one_at_a_time() -> Assumption:
    """What is said of a model that promises any batch and takes only single inputs."""
    return Assumption("batch", "This model takes one input at a time; it is run so.")
