"""What a map's values mean: ranking genomes, and weighing ranks by the evidence found there."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.search.base import unit_range

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

# Bins of the cumulative histogram that stands in for exact pixel ranks.
RANK_BINS = 4096
# Weight at which the less salient half of a map keeps its order.
REMAINDER = 1e-3
# Probabilities nearer to 0 or 1 than this are no clearer evidence.
CLOSEST = 1e-3


def log_odds(probabilities: F32) -> F32:
    """``log(p / (1 - p))`` with p no nearer to 0 and 1 than evidence counts; NaN stays."""
    p = np.clip(probabilities, CLOSEST, 1.0 - CLOSEST)
    return np.asarray(np.log(p / (1.0 - p)), dtype=np.float32)


def standardised(values: npt.NDArray[Any]) -> F64:
    """Zero mean and unit deviation; a constant vector becomes zeros."""
    centred = values - values.mean(dtype=np.float64)
    deviation = float(np.sqrt((centred * centred).mean()))
    return np.asarray(centred / deviation if deviation > 1e-12 else np.zeros_like(centred))


def calibrated(values: F32, depth: float) -> F32:
    """Weigh a map by the density of evidence at each rank; the ranking stays.

    ``(max(values - median, 0) + 0.001 values) * exp(-rank / depth)``, scaled to [0, 1]; rank =
    share of pixels that are more salient. The less salient half is told apart by the small
    second term only. Ranks come from a cumulative histogram, in time linear in the pixels.

    Args:
        values: float32 ``(h, w)`` in [0, 1].
        depth: mean rank at which the evidence lies, 0..1.
    """
    bins = np.minimum((values * RANK_BINS).astype(np.int64), RANK_BINS - 1)
    counts = np.bincount(bins.reshape(-1), minlength=RANK_BINS)
    above = (counts[::-1].cumsum()[::-1] - counts) / values.size
    density = np.exp(-above / depth).astype(np.float32)
    median = np.float32(np.median(values))
    heights = np.maximum(values - median, 0.0) + np.float32(REMAINDER) * values
    return unit_range(heights * density[bins], floor=0.0)


def evidence_depth(
    gains: F64,
    areas: tuple[float, ...],
    blank: F32 | None,
    photo_score: float,
    limits: tuple[float, float],
) -> float:
    """Mean rank (0 = most salient, 1 = least) at which the evidence lies.

    The gain ``g(a) = s(kept top a) - s(top a removed)`` of a genome grows from the blank
    photograph's to the whole one's; the depth is the area above the curve.

    Args:
        gains: ``(a,)`` measured at the areas.
        blank: scores ``(2,)`` of nothing kept and of everything removed; None = unknown.
        limits: the least and the largest depth; the largest also where nothing is known.
    """
    low, high = limits
    if blank is None or not np.isfinite(blank).all() or not np.isfinite(gains).all():
        return high
    ranks = np.array([0.0, *areas, 1.0])
    curve = np.array([float(blank[0]) - photo_score, *gains, photo_score - float(blank[1])])
    rise = curve[-1] - curve[0]
    if not rise > 1e-6:
        return high
    missing = np.clip((curve[-1] - curve) / rise, 0.0, 1.0)
    return float(np.clip(np.trapezoid(missing, ranks), low, high))
