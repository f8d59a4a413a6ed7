"""How far two maps of one photograph agree: in numbers, and as a picture of their difference."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine.agreement import compare_maps, on_photo
from decam_engine.colours import diverging_table
from decam_engine.geometry import Fit

F32 = npt.NDArray[np.float32]
U8 = npt.NDArray[np.uint8]
# Maps of different models meet on the photograph, at this many pixels of its longer side.
SIDE = 160
TOP_SHARE = 0.1
# Difference from which its colour is full; below, the photograph shows through.
FULL_FROM = 0.5
PALE = 235.0
MEASURES = ("rank_correlation", "value_correlation", "mean_difference", "overlap")


def on_grid(saliency: F32, fit: Fit) -> F32:
    """A map on the photograph's own shape, float32 ``(h, w)`` in [0, 1]; NaN where never seen."""
    return on_photo(saliency, fit, SIDE, enlarge=True)


def agreement(first: F32, second: F32) -> dict[str, float | None]:
    """How alike two maps are where both models looked.

    Args:
        first, second: float32 ``(h, w)``, see :func:`on_grid`.

    Returns:
        ``rank_correlation`` (Spearman's, -1..1; None when a map is constant),
        ``value_correlation`` (Pearson's, which weighs pixels by their evidence),
        ``mean_difference`` (of absolute values, 0..1) and ``overlap`` (share of the tenth ranked
        highest that the maps have in common, 0..1); all None when nothing was seen by both.
    """
    both = np.isfinite(first) & np.isfinite(second)
    if not both.any():
        return dict.fromkeys(MEASURES)
    found = compare_maps(first[both], second[both], TOP_SHARE)
    constant = not np.isfinite(found.rank_correlation)
    return {
        "rank_correlation": None if constant else round(found.rank_correlation, 6),
        "value_correlation": None if constant else round(found.value_correlation, 6),
        "mean_difference": round(found.mean_difference, 6),
        "overlap": round(found.overlap, 6),
    }


def difference_picture(photo: U8, first: F32, second: F32) -> U8:
    """``second - first`` over a pale photograph, uint8 of its shape; plain grey where unknown."""
    height, width = photo.shape[:2]
    known = np.isfinite(first) & np.isfinite(second)
    apart = np.where(known, second - first, 0.0).astype(np.float32)
    large = np.clip(cv2.resize(apart, (width, height), interpolation=cv2.INTER_LINEAR), -1.0, 1.0)
    colours = diverging_table()[np.rint((large + 1.0) * 127.5).astype(np.uint8)]
    grey = photo.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    pale = (PALE + 0.3 * (grey - PALE))[:, :, None]
    alpha = np.minimum(np.abs(large) / FULL_FROM, 1.0)[:, :, None]
    mixed = pale + alpha * (colours.astype(np.float32) - pale)
    seen = cv2.resize(known.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.where(seen[:, :, None] > 0, np.rint(mixed), 160.0).astype(np.uint8)


def diverging_ramp() -> U8:
    """The colour bar, uint8 ``(1, 256, 3)`` from -1 to 1."""
    return np.array(diverging_table()[None])
