"""How alike two maps of one photograph are: the one place where that is measured."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.geometry import Fit, seen_mask, to_photo
from decam_engine.metrics import rank_correlation

F32 = npt.NDArray[np.float32]

# How much of a map counts as its most salient part.
TOP = 0.12


@dataclass(frozen=True)
class Agreement:
    """How alike two maps of one photograph are.

    Attributes:
        rank_correlation: Spearman's, -1..1; NaN when one map is constant.
        overlap: share of the most salient part of one that is also that of the other, 0..1.
        fraction: how large these parts are, 0..1 of the map.
        value_correlation: Pearson's, which weighs pixels by their evidence; 0 when one map is
            constant.
        mean_difference: of absolute values.
    """

    rank_correlation: float
    overlap: float
    fraction: float
    value_correlation: float
    mean_difference: float


def compare_maps(first: npt.ArrayLike, second: npt.ArrayLike, fraction: float = TOP) -> Agreement:
    """How alike two maps of one shape are.

    Args:
        first, second: of any shape, ``(h, w)`` or what of it is to be compared; finite.
        fraction: how much counts as the most salient part, ties to the lower index.

    Raises:
        SettingsError: the maps are not of one shape, or empty.
    """
    a, b = (np.asarray(m, dtype=np.float32).reshape(-1) for m in (first, second))
    if np.shape(first) != np.shape(second) or not a.size:
        raise SettingsError(
            f"Maps can be compared when they are of one shape, found {np.shape(first)} and "
            f"{np.shape(second)}."
        )
    count = max(1, round(fraction * a.size))
    tops = [np.argsort(-m, kind="stable")[:count] for m in (a, b)]
    shared = np.intersect1d(tops[0], tops[1])
    return Agreement(
        rank_correlation(a, b),
        len(shared) / count,
        fraction,
        value_correlation(a, b),
        float(np.abs(a - b).mean()),
    )


def value_correlation(first: F32, second: F32) -> float:
    """Pearson's correlation; 0 when one map is constant."""
    a, b = (m.reshape(-1).astype(np.float64) - m.mean() for m in (first, second))
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else 0.0


def on_photo(saliency: F32, fit: Fit, side: int, *, enlarge: bool = False) -> F32:
    """A map on the photograph's own shape, where maps of different models meet.

    Args:
        side: of its longer side, in pixels; smaller photographs are not enlarged unless
            ``enlarge``.

    Returns:
        float32 ``(h, w)`` in [0, 1]; NaN where the model does not look.
    """
    height, width = fit.photo_size
    factor = side / max(height, width)
    if not enlarge:
        factor = min(1.0, factor)
    size = (max(1, round(height * factor)), max(1, round(width * factor)))
    placed = dataclasses.replace(fit, photo_size=size)
    values = np.clip(to_photo(saliency, placed), 0.0, 1.0)
    values[~seen_mask(placed)] = np.nan
    return values
