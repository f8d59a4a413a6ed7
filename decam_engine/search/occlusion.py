"""Occlusion (Zeiler & Fergus, ECCV 2014): slide a grey square, watch the score fall."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from decam_engine.masks import BoxMasks, MaskSource
from decam_engine.search.base import SearchTask, TurnTaking, unit_range

F32 = npt.NDArray[np.float32]

# The side of the square as a share of the input's: the paper shows about a fifth.
SQUARE = 0.2
LEAST_CALLS = 9
CHUNK = 64


class Occlusion:
    """A pixel's saliency is the mean fall of the score over the squares that cover it.

    The squares stand on a k x k lattice, k as large as the budget allows (at most one
    position a pixel), from edge to edge.
    """

    least_calls: ClassVar[int] = LEAST_CALLS
    best_fitness: float | None = None
    region_fills = (0, 0)
    independent = True
    eager = False

    def __init__(self, task: SearchTask) -> None:
        self.task = task
        self.fills: tuple[str, ...] = (task.fill or "mean",)
        h, w = task.size
        sides = [max(1, round(SQUARE * side)) for side in (h, w)]
        k = math.isqrt(task.calls)
        axes = [
            np.unique(np.rint(np.linspace(0, side - square, k)).astype(np.int64))
            for side, square in zip((h, w), sides, strict=True)
        ]
        self._boxes = np.array(
            [(y, x, y + sides[0], x + sides[1]) for y in axes[0] for x in axes[1]], dtype=np.int64
        )
        # In random order, so that a cancelled run has seen something of everything.
        order = np.random.default_rng(task.seed).permutation(len(self._boxes))
        self._boxes = self._boxes[order]
        self._squares = sides
        self._fall = np.zeros((h, w), dtype=np.float64)
        self._covered = np.zeros((h, w), dtype=np.float64)
        self._told = 0
        self._turn = TurnTaking()

    def ask(self) -> MaskSource | None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_ask()
        boxes = self._boxes[self._told : self._told + CHUNK]
        if len(boxes) == 0:
            return None
        source = BoxMasks(boxes, self.task.size)
        self._turn.asked(source)
        return source

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_tell(scores)
        for (top, left, bottom, right), score in zip(
            self._boxes[self._told : self._told + len(scores)], scores, strict=True
        ):
            if np.isfinite(score):
                self._fall[top:bottom, left:right] += self.task.photo_score - float(score)
                self._covered[top:bottom, left:right] += 1.0
        self._told += len(scores)

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`: nothing is left to do."""

    def saliency(self) -> F32:
        """See :class:`decam_engine.search.base.Search`."""
        mean = self._fall / np.maximum(self._covered, 1.0)
        return unit_range(mean.astype(np.float32), floor=0.0)

    def settings(self) -> dict[str, Any]:
        """See :class:`decam_engine.search.base.Search`."""
        return {
            "square": list(self._squares),
            "positions": len(self._boxes),
            "fills": list(self.fills),
        }
