"""Scores as whole numbers: of quantised models whose answer nobody turned back into fractions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError
from decam_engine.models.blackbox import Assumption, BlackBox
from decam_engine.models.reading import OnnxOutput

# Steps from the smallest to the largest of a byte.
STEPS = 255
# Scores that are rounded to a step are off by half a step each; that much more is let pass.
_SLACK = 0.02
# With many classes that bound says nothing; logits sum to far more than this.
_MOST = 1.2


def fractions(output: OnnxOutput, raw: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What whole numbers stand for, by the graph's scale and zero point, or else 0..1."""
    if output.whole is None:
        return raw
    scale, zero = output.quantum or _assumed(output.whole)
    return np.asarray((raw.astype(np.float32) - np.float32(zero)) * np.float32(scale))


def describe(output: OnnxOutput) -> dict[str, Any]:
    """For the manifest; nothing of an output of fractions."""
    if output.whole is None:
        return {}
    scale, zero = output.quantum or _assumed(output.whole)
    source = "graph" if output.quantum else "assumed"
    told = {"type": output.whole, "scale": scale, "zero_point": zero, "source": source}
    return {"output_quantisation": told}


def check(
    box: BlackBox, output: OnnxOutput, scores: npt.NDArray[np.float32]
) -> tuple[Assumption, ...]:
    """What is to be said of whole numbers.

    Args:
        box: the model, whose activation is known.
        output: that is read.
        scores: probabilities ``(N, K)`` of made-up inputs, as they were read.

    Raises:
        ModelError: the graph states no scale, and the values are no probabilities.
    """
    if output.whole is None:
        return ()
    if output.quantum is not None:
        step = f"{output.quantum[0]:.4g}"
        return (
            Assumption(
                "output",
                f"The scores are whole numbers ({output.whole}), turned back into fractions by the "
                f"scale in the file: steps of {step}, so that smaller changes are not seen.",
            ),
        )
    low, high = np.iinfo(output.whole).min, np.iinfo(output.whole).max
    remedy = (
        "Export it with its output turned back into fractions (tf2onnx: --dequantize), or, if "
        f'{low}..{high} stands for 0..1, give the activation "none".'
    )
    if box.activation != "none":
        raise ModelError(
            f"The scores of {box.name} are whole numbers ({output.whole}) and the file does not "
            "state their scale: expected one for the activation "
            f"{str(box.activation)!r}, found none. {remedy}"
        )
    if box.activation_source == "values":
        _check_sums(box, output, scores, remedy)
    return (
        Assumption(
            "output",
            f"The scores are whole numbers ({output.whole}) without a scale in the file: "
            f"{low}..{high} assumed to stand for 0..1, in steps of 1/{STEPS}, so that smaller "
            "changes are not seen.",
        ),
    )


def _check_sums(
    box: BlackBox, output: OnnxOutput, scores: npt.NDArray[np.float32], remedy: str
) -> None:
    """Refuse rows that are no probabilities of classes that exclude each other."""
    sums = scores[np.all(np.isfinite(scores), axis=1)].sum(axis=1)
    slack = 0.5 * scores.shape[1] / STEPS + _SLACK
    if np.all((sums >= 1.0 - slack) & (sums <= min(1.0 + slack, _MOST))):
        return
    worst = sums[np.argmax(np.abs(sums - 1.0))] * STEPS
    raise ModelError(
        f"The scores of {box.name} are whole numbers ({output.whole}), the file does not state "
        f"their scale, and they are no probabilities: expected rows of classes that sum to about "
        f"{STEPS} steps, found {worst:,.0f}. {remedy}"
    )


def _assumed(whole: str) -> tuple[float, float]:
    return 1.0 / STEPS, float(np.iinfo(whole).min)
