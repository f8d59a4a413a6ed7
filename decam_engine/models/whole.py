"""Scores as whole numbers: of quantised models whose answer nobody turned back into fractions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError
from decam_engine.models.blackbox import Assumption, BlackBox

# Steps from the smallest to the largest of a byte.
STEPS = 255
# Scores that are rounded to a step are off by half a step each; that much more is let pass.
_SLACK = 0.02
# With many classes that bound says nothing; logits sum to far more than this.
_MOST = 1.2


@dataclass(frozen=True)
class Wholes:
    """An output of whole numbers.

    Attributes:
        type: ``uint8`` or ``int8``.
        quantum: scale and zero point as the model's file states them, or None.
    """

    type: str
    quantum: tuple[float, float] | None = None

    @property
    def read_as(self) -> tuple[float, float]:
        """Scale and zero point; what is not stated is taken to stand for 0..1."""
        return self.quantum or (1.0 / STEPS, float(np.iinfo(self.type).min))


def fractions(wholes: Wholes | None, raw: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What whole numbers stand for, float32; fractions are left as they are."""
    if wholes is None:
        return raw
    scale, zero = wholes.read_as
    return np.asarray((raw.astype(np.float32) - np.float32(zero)) * np.float32(scale))


def describe(wholes: Wholes | None) -> dict[str, Any]:
    """For the manifest; nothing of an output of fractions."""
    if wholes is None:
        return {}
    scale, zero = wholes.read_as
    source = "graph" if wholes.quantum else "assumed"
    told = {"type": wholes.type, "scale": scale, "zero_point": zero, "source": source}
    return {"output_quantisation": told}


def check(
    box: BlackBox, wholes: Wholes | None, scores: npt.NDArray[np.float32]
) -> tuple[Assumption, ...]:
    """What is to be said of whole numbers.

    Args:
        box: the model, whose activation is known.
        wholes: of the output that is read.
        scores: probabilities ``(N, K)`` of made-up inputs, as they were read.

    Raises:
        ModelError: no scale is stated, and the values are no probabilities.
    """
    if wholes is None:
        return ()
    if wholes.quantum is not None:
        return (
            Assumption(
                "output",
                f"The scores are whole numbers ({wholes.type}), turned back into fractions by the "
                f"scale in the file: steps of {wholes.quantum[0]:.4g}, so that smaller changes are "
                "not seen.",
            ),
        )
    low, high = np.iinfo(wholes.type).min, np.iinfo(wholes.type).max
    remedy = (
        "Export it with its output turned back into fractions (tf2onnx: --dequantize), or, if "
        f'{low}..{high} stands for 0..1, give the activation "none".'
    )
    if box.activation != "none":
        raise ModelError(
            f"The scores of {box.name} are whole numbers ({wholes.type}) without a scale: expected "
            f"one for the activation {box.activation!r}, found none. {remedy}"
        )
    if box.activation_source == "values":
        _check_sums(box, wholes, scores, remedy)
    return (
        Assumption(
            "output",
            f"The scores are whole numbers ({wholes.type}) without a scale: {low}..{high} assumed "
            f"to stand for 0..1, in steps of 1/{STEPS}, so that smaller changes are not seen.",
        ),
    )


def _check_sums(
    box: BlackBox, wholes: Wholes, scores: npt.NDArray[np.float32], remedy: str
) -> None:
    """Refuse rows that are no probabilities of classes that exclude each other."""
    sums = scores[np.all(np.isfinite(scores), axis=1)].sum(axis=1)
    slack = 0.5 * scores.shape[1] / STEPS + _SLACK
    if np.all((sums >= 1.0 - slack) & (sums <= min(1.0 + slack, _MOST))):
        return
    worst = sums[np.argmax(np.abs(sums - 1.0))] * STEPS
    raise ModelError(
        f"The scores of {box.name} are whole numbers ({wholes.type}) without a scale, and no "
        f"probabilities: expected rows of classes that sum to about {STEPS} steps, found "
        f"{worst:,.0f}. {remedy}"
    )
