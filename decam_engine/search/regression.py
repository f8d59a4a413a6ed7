"""Ridge regression of scores on the visible share of each grid cell, over all scored masks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


@dataclass
class _Moments:
    """Sums over the rows of one kind; enough to centre and solve without keeping the rows."""

    count: int
    x: F64
    y: float
    xx: F64
    xy: F64


class RidgeRegression:
    """Rows are grouped in *kinds* (how the mask was made) and centred within each.

    Memory does not grow with the number of rows. Rows with a NaN score are left out.
    """

    def __init__(self, cells: int, strength: float) -> None:
        """``strength`` times the mean eigenvalue of the normal matrix is the ridge weight."""
        self.cells = cells
        self.strength = strength
        self.rows = 0
        self._kinds: dict[str, _Moments] = {}

    def add(self, kind: str, shares: F32, scores: F32) -> None:
        """Add rows: visible shares ``(n, d)`` and scores ``(n,)``."""
        valid = np.isfinite(scores)
        x = shares[valid].astype(np.float64)
        y = scores[valid].astype(np.float64)
        if len(x) == 0:
            return
        d = self.cells
        zero = _Moments(0, np.zeros(d), 0.0, np.zeros((d, d)), np.zeros(d))
        m = self._kinds.setdefault(kind, zero)
        m.count += len(x)
        m.x += x.sum(axis=0)
        m.y += float(y.sum())
        m.xx += x.T @ x
        m.xy += x.T @ y
        self.rows += len(x)

    def weights(self) -> F64:
        """Influence of each cell ``(d,)``; zeros while there is nothing to learn from."""
        d = self.cells
        normal, moment = np.zeros((d, d)), np.zeros(d)
        for m in self._kinds.values():
            if m.count < 3:
                continue
            normal += m.xx - np.outer(m.x, m.x) / m.count
            moment += m.xy - m.x * (m.y / m.count)
        ridge = self.strength * float(np.trace(normal)) / d
        if not ridge > 0:
            return np.zeros(d)
        normal[np.diag_indices(d)] += ridge
        return np.asarray(np.linalg.solve(normal, moment))
