"""When a search has settled: the map's ranking and the best fitness have stopped moving."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine.agreement import value_correlation
from decam_engine.metrics import rank_correlation

F32 = npt.NDArray[np.float32]

# Never before this many calls: a search that has just begun looks still.
LEAST_CALLS = 600
# The map is compared with the one at this share of the calls so far.
LOOK_BACK = 0.7
RANK_CORRELATION = 0.97
# Where most of the photograph does not matter, its ranks are noise for ever; the values,
# which weigh pixels by their evidence, tell then.
VALUE_CORRELATION = 0.95
FITNESS_GAIN = 0.01
# Maps are compared on a grid no finer than this.
SIDE = 28


class Settled:
    """Watches a search; :meth:`update` tells when it may stop."""

    def __init__(self) -> None:
        self._past: list[tuple[int, float, F32]] = []

    def update(self, calls: int, fitness: float, saliency: F32) -> bool:
        """Note the state after ``calls`` calls; True when the search has settled.

        Args:
            fitness: best so far.
            saliency: the map so far ``(h, w)``.
        """
        side = (min(SIDE, saliency.shape[1]), min(SIDE, saliency.shape[0]))
        small = np.asarray(cv2.resize(saliency, side, interpolation=cv2.INTER_AREA))
        before = [p for p in self._past if p[0] <= LOOK_BACK * calls]
        self._past.append((calls, fitness, small))
        if calls < LEAST_CALLS or not before:
            return False
        _, old_fitness, old_map = before[-1]
        still = fitness - old_fitness < FITNESS_GAIN
        return still and (
            rank_correlation(old_map, small) >= RANK_CORRELATION
            or value_correlation(old_map, small) >= VALUE_CORRELATION
        )
