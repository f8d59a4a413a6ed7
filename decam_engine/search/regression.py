"""Ridge regression of scores on the visible share of each grid cell, over all scored masks."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

# Lengths are stated in cells of a grid this fine.
REFERENCE_GRID = 14
_BLAS = ThreadpoolController()
# The limit is the process's: two threads that set and restore it at once would mix it up.
_BLAS_LOCK = threading.Lock()


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

    def __init__(self, cells: int, strength: float, prior: F64 | None = None) -> None:
        """Args:
        cells: d.
        strength: ridge weight in units of the normal matrix's mean eigenvalue.
        prior: ``(d, d)`` covariance of the weights' prior; None = the unit matrix.
        """
        self.cells = cells
        self.strength = strength
        self.rows = 0
        self._covariance = prior
        self._precision: F64 | None = None
        if prior is not None:
            with _BLAS_LOCK, _BLAS.limit(limits=1, user_api="blas"):
                self._precision = np.asarray(np.linalg.inv(prior), dtype=np.float64)
        self._kinds: dict[str, _Moments] = {}
        self._solved: tuple[int, F64] | None = None

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
        with _BLAS_LOCK, _BLAS.limit(limits=1, user_api="blas"):
            m.xx += x.T @ x
            m.xy += x.T @ y
        self.rows += len(x)

    def weights(self) -> F64:
        """Influence of each cell ``(d,)``; zeros while there is nothing to learn from."""
        if self._solved is None or self._solved[0] != self.rows:
            self._solved = (self.rows, self._solve())
        return self._solved[1]

    def _solve(self) -> F64:
        d = self.cells
        normal, moment = np.zeros((d, d)), np.zeros(d)
        for m in self._kinds.values():
            if m.count < 2:
                continue
            normal += m.xx - np.outer(m.x, m.x) / m.count
            moment += m.xy - m.x * (m.y / m.count)
        # The ridge weight is stated for the whitened problem, whose trace this is.
        whitened = (
            np.trace(normal) if self._covariance is None else (normal * self._covariance).sum()
        )
        ridge = self.strength * float(whitened) / d
        if not ridge > 0:
            return np.zeros(d)
        if self._precision is None:
            normal[np.diag_indices(d)] += ridge
        else:
            normal += ridge * self._precision
        # More threads than one cost more than such a small system takes.
        with _BLAS_LOCK, _BLAS.limit(limits=1, user_api="blas"):
            return np.asarray(np.linalg.solve(normal, moment))


def likeness_prior(
    grid: tuple[int, int], image: F32 | None, length: float, colour: float, share: float
) -> F64:
    """Covariance of a prior in which near cells of like colour have like influence.

    ``covariance = share * exp(-distance^2 / (2 length^2) - colours^2 / (2 colour^2))`` plus
    ``1 - share`` on the diagonal (Gaussian-process regression with a bilateral kernel).

    Args:
        image: float32 ``(h, w, c)``; None = distance alone counts.
        length: in cells of a 14 x 14 grid.
        colour: in standard deviations of the cells' colours.
        share: of the correlated part, below 1.

    Returns:
        float64 ``(d, d)``, positive definite.
    """
    rows, columns = grid
    y, x = np.mgrid[:rows, :columns].reshape(2, -1)
    places = np.stack([y * (REFERENCE_GRID / rows), x * (REFERENCE_GRID / columns)], axis=1)
    exponent = _squared_distances(places) / (2 * length**2)
    if image is not None:
        cells = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
        colours = np.asarray(cells, dtype=np.float64).reshape(rows * columns, -1)
        spread = float(colours.std(axis=0).mean())
        if spread > 1e-6:
            exponent = exponent + _squared_distances(colours / spread) / (2 * colour**2)
    covariance = share * np.exp(-exponent)
    covariance[np.diag_indices(len(covariance))] += 1.0 - share + 1e-6
    return np.asarray(covariance)


def _squared_distances(points: F64) -> F64:
    difference = points[:, None, :] - points[None, :, :]
    return np.asarray((difference**2).sum(axis=2))
