"""Ridge regression of scores on the visible share of each grid cell, over all scored masks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

# Lengths are stated in cells of a grid this fine.
REFERENCE_GRID = 14
# So many rows wait at most until they are added up.
MOST_WAITING = 512
_BLAS = ThreadpoolController()
# The limit is the process's: two threads that set and restore it at once would mix it up.
_BLAS_LOCK = threading.Lock()


class RidgeRegression:
    """Rows are of *kinds* (how the mask was made), small numbers, and centred within each.

    Several values of each row are regressed at once, since most of the work is the same.
    Memory does not grow with the number of rows once the weights were asked for. Rows with a
    NaN value are left out.
    """

    def __init__(
        self, cells: int, strength: float, prior: F64 | None = None, *, values: int = 1
    ) -> None:
        """Args:
        cells: d.
        strength: ridge weight in units of the normal matrix's mean eigenvalue.
        prior: ``(d, d)`` covariance of the weights' prior; None = the unit matrix.
        values: t, how many values a row has.
        """
        self.cells = cells
        self.values = values
        self.strength = strength
        self.rows = 0
        self._covariance = self.precision = np.eye(cells)
        if prior is not None:
            self._covariance = prior
            with one_thread():
                self.precision = np.asarray(np.linalg.inv(prior), dtype=np.float64)
        # Of each kind so far, all that is needed to centre rows to come: rows, mean x, mean y.
        self._counts = np.zeros(0)
        self._mean_x, self._mean_y = np.zeros((0, cells)), np.zeros((0, values))
        # Sums over all rows, each centred within its kind, of x x' and x y.
        self._normal = np.zeros((cells, cells))
        self._moment = np.zeros((cells, values))
        # Reused: so large an array made anew costs as much as what is done with it.
        self._room = np.empty((cells, cells))
        # Rows that are not yet in the sums: kinds, shares, values; and how many.
        self._waiting: list[tuple[I64, F32, F32]] = []
        self._waits = 0
        self._solved: tuple[int, F64] | None = None

    def add(self, kinds: I64, shares: F32, values: F32) -> None:
        """Add rows: kinds ``(n,)``, visible shares ``(n, d)`` and values ``(n, t)``.

        They are looked at later: the arrays must not change.
        """
        valid = np.isfinite(values).all(axis=1)
        if not valid.all():
            kinds, shares, values = kinds[valid], shares[valid], values[valid]
        if len(values) == 0:
            return
        self._waiting.append((kinds, shares, values))
        self._waits += len(values)
        self.rows += len(values)
        if self._waits > MOST_WAITING:
            with one_thread():
                self._settle()

    def weights(self) -> F64:
        """Influence of each cell ``(d, t)``; zeros while there is nothing to learn from."""
        if self._solved is None or self._solved[0] != self.rows:
            with one_thread():
                self._settle()
                self._solved = (self.rows, self._solve())
        return self._solved[1]

    def _settle(self) -> None:
        """Put the waiting rows into the sums: one product for all is faster than many."""
        if not self._waiting:
            return
        kinds = np.concatenate([kinds for kinds, _, _ in self._waiting])
        x = np.concatenate([shares for _, shares, _ in self._waiting], dtype=np.float64)
        y = np.concatenate([values for _, _, values in self._waiting], dtype=np.float64)
        self._waiting.clear()
        self._waits = 0
        more = max(0, int(kinds.max()) + 1 - len(self._counts))
        self._counts = np.pad(self._counts, (0, more))
        self._mean_x = np.pad(self._mean_x, ((0, more), (0, 0)))
        self._mean_y = np.pad(self._mean_y, ((0, more), (0, 0)))
        member = (kinds[:, None] == np.arange(len(self._counts))).astype(np.float64)
        found = member.sum(axis=0)
        new = np.flatnonzero(found)
        n, old = found[new][:, None], self._counts[new][:, None]
        # What the kinds' means move by, which makes a row more of each.
        by_x = (member[:, new].T @ x) / n - self._mean_x[new]
        by_y = (member[:, new].T @ y) / n - self._mean_y[new]
        place = np.searchsorted(new, kinds)
        x -= (self._mean_x[new] + by_x)[place]
        y -= (self._mean_y[new] + by_y)[place]
        # Sums of two groups about their common mean (Chan, Golub & LeVeque 1983).
        weight = np.sqrt(old * n / (old + n))
        x, y = np.concatenate([x, weight * by_x]), np.concatenate([y, weight * by_y])
        self._normal += np.matmul(x.T, x, out=self._room)
        self._moment += x.T @ y
        self._mean_x[new] += by_x * (n / (old + n))
        self._mean_y[new] += by_y * (n / (old + n))
        self._counts += found

    def _solve(self) -> F64:
        d = self.cells
        # The ridge weight is stated for the whitened problem, whose trace this is.
        ridge = self.strength * float(np.vdot(self._normal, self._covariance)) / d
        if not ridge > 0:
            return np.zeros((d, self.values))
        system = np.multiply(self.precision, ridge, out=self._room)
        system += self._normal
        return np.asarray(np.linalg.solve(system, self._moment))


@contextmanager
def one_thread() -> Iterator[None]:
    """All of BLAS on one thread: more cost more than such small systems take, and then spin."""
    with _BLAS_LOCK, _BLAS.limit(limits=1, user_api="blas"):
        yield


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
    # Column by column: nothing of three dimensions is made.
    total = np.zeros((len(points), len(points)))
    for column in points.T:
        total += np.subtract.outer(column, column) ** 2
    return total
