"""Two maps of one photograph, perhaps of models with other inputs: where they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine.agreement import compare_maps, on_photo
from decam_engine.errors import SettingsError
from decam_engine.geometry import Fit

F32 = npt.NDArray[np.float32]

# Longer side of the grid on which maps are compared: as fine as a usual input.
SIDE = 256


@dataclass(frozen=True, eq=False)
class Difference:
    """The first map minus the second, on a grid over the photograph.

    Attributes:
        values: float32 ``(h, w)`` in [-1, 1]; 0 where either model does not look. Read-only.
        seen: bool ``(h, w)``: where both models look.
        rank_correlation: Spearman's over what both see, -1..1; NaN when one map is constant.
        overlap: share of the most salient 12 % of what both see that the maps have in common.
    """

    values: F32
    seen: npt.NDArray[np.bool_]
    rank_correlation: float
    overlap: float


def difference(first: F32, first_fit: Fit, second: F32, second_fit: Fit) -> Difference:
    """Compare two maps of one photograph.

    Args:
        first, second: ``Explanation.input_saliency``, of any input sizes.
        first_fit, second_fit: ``Explanation.fit`` of the same explanations.

    Raises:
        SettingsError: they are of photographs of different sizes, or no pixel is seen by both.
    """
    size = first_fit.photo_size
    if size != second_fit.photo_size:
        raise SettingsError(
            "Two maps can be subtracted when they are of one photograph, found photographs of "
            f"{size} and {second_fit.photo_size} pixels."
        )
    a, b = on_photo(first, first_fit, SIDE), on_photo(second, second_fit, SIDE)
    seen = np.isfinite(a) & np.isfinite(b)
    if not seen.any():
        raise SettingsError("The models look at different parts of the photograph.")
    alike = compare_maps(a[seen], b[seen])
    values = np.where(seen, a - b, np.float32(0)).astype(np.float32)
    values.flags.writeable = False
    return Difference(values, seen, alike.rank_correlation, alike.overlap)
