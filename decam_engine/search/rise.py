"""RISE (Petsiuk, Das & Saenko, BMVC 2018), with the defaults of its paper, as a rival."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.masks import MaskSource, ShiftedGridMasks, shift_limits
from decam_engine.search.base import SearchTask, TurnTaking, unit_range

F32 = npt.NDArray[np.float32]

CELLS = 7
PROBABILITY = 0.5
LEAST_CALLS = 16
CHUNK = 64


class Rise:
    """Random grid masks; a pixel's saliency is the mean score of the masks that keep it.

    ``S = sum over i of score_i * mask_i / (N p)``, their equation 6.
    """

    least_calls: ClassVar[int] = LEAST_CALLS
    best_fitness: float | None = None
    region_fills = (0, 0)
    independent = True
    eager = False

    def __init__(self, task: SearchTask) -> None:
        self.task = task
        # Zero in normalised space, as in the authors' code.
        self.fills: tuple[str, ...] = (task.fill or "mean",)
        self._rng = np.random.default_rng(task.seed)
        self._cells = min(CELLS, *task.size)
        self._total = np.zeros(task.size[0] * task.size[1], dtype=np.float32)
        self._spent = 0
        self._turn = TurnTaking()
        none = np.zeros((0, self._cells, self._cells), dtype=np.float32)
        self._asked = ShiftedGridMasks(none, np.zeros((0, 2), dtype=np.int64), task.size)

    def ask(self) -> MaskSource | None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_ask()
        n = min(CHUNK, self.task.calls - self._spent)
        if n <= 0:
            return None
        g = self._cells
        grids = (self._rng.random((n, g, g)) < PROBABILITY).astype(np.float32)
        # A random shift of its own for every mask.
        limits = shift_limits(self.task.size, (g, g))
        shifts = np.stack([self._rng.integers(0, limit, n) for limit in limits], axis=1)
        self._asked = ShiftedGridMasks(grids, shifts, self.task.size)
        self._turn.asked(self._asked)
        return self._asked

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_tell(scores)
        weights = np.where(np.isfinite(scores), scores, 0.0).astype(np.float32)
        mask = np.empty((1, *self.task.size), dtype=np.float32)
        for k in range(len(scores)):
            self._asked.render(k, k + 1, mask)
            kernels.add_weighted(mask.reshape(1, -1), weights[k : k + 1], self._total)
        self._spent += len(scores)

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`: nothing is left to do."""

    def saliency(self) -> F32:
        """See :class:`decam_engine.search.base.Search`."""
        # The factor 1 / (N p) does not outlive the scaling to [0, 1].
        return unit_range(self._total.reshape(self.task.size))

    def settings(self) -> dict[str, Any]:
        """See :class:`decam_engine.search.base.Search`."""
        return {"cells": self._cells, "probability": PROBABILITY, "fills": list(self.fills)}
