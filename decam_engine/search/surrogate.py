"""A surrogate of the model: what genomes would score that the model never saw.

Every scored mask is a row: the visible share of each grid cell, how the mask was made (its
*kind*: scouting, kept or removed) and the score. Two parts explain them:

1. ``logistic(b + (x - mean) w)``, with ``b`` and ``mean`` of the row's kind: cells add evidence,
   and evidence saturates. Fitted as a penalised quasi-binomial regression (McCullagh & Nelder
   1989, section 4.5; their iteratively reweighted least squares).
2. What is left, in units of the binomial deviation, by Gaussian-process regression (Rasmussen
   & Williams 2006, equation 2.25) with a squared exponential kernel over the shares, in which
   cells count as much as they were found to matter: parts that only matter together. One for
   kept and one for removed parts: rows of another kind would not make it better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.search.regression import one_thread

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U8 = npt.NDArray[np.uint8]

SCOUTING, KEPT, REMOVED = 0, 1, 2
KINDS = 3
# Iterations of the first part, from nothing and from what was found before; Newton's, so they
# are few.
ITERATIONS, FURTHER_ITERATIONS = 8, 2
# Largest change of a weight or an offset in one iteration, in units of log-odds.
LONGEST_STEP = 4.0
# Least weight of a saturated row.
LEAST_WEIGHT = 1e-3
# How much a cell that does not matter still counts in the kernel.
LEAST_RELEVANCE = 0.2
# Largest sum of a row's units, and largest unit: what the kernel adds up in.
MOST_UNITS, LARGEST_UNIT = 65535, 255
# Residual at which the second part counts as solved, in units of what is to be explained, and
# most products with the covariance until then.
RESIDUAL, MOST_PRODUCTS = 0.01, 60


@dataclass(frozen=True)
class SurrogateSettings:
    """Parameters of the surrogate.

    Attributes:
        least_side: inputs with a shorter side go without: models so small answer faster than
            a surrogate.
        rows: how many of the latest rows are learnt from; the time of the second part grows
            with their square and cube.
        areas: fractions of the photograph at which the fitness is predicted.
        strength: ridge weight of the first part, in units of its mean eigenvalue.
        length: of the kernel, in units of the distance of two random halves of the cells.
        noise: variance of what the kernel does not explain, in units of what it does.
    """

    least_side: int = 32
    rows: int = 1200
    areas: tuple[float, ...] = (0.03, 0.07, 0.12, 0.18, 0.26, 0.36, 0.50, 0.70)
    strength: float = 1.2
    length: float = 0.5
    noise: float = 0.2


class Fitted(NamedTuple):
    """What a surrogate has learnt, as the kernels take it; it predicts the fitness of genomes.

    The fitness is the mean over the areas of kept minus removed.
    """

    counts: I64
    relevance: F32
    weighted: U8
    unit: np.float32
    norms: F32
    alphas: F32
    kept_blocks: int
    weights: F32
    kept_offset: np.float32
    removed_offset: np.float32

    def predict(self, genomes: F32) -> F32:
        """Genomes ``(n, d)`` -> predicted fitness, float32 ``(n,)``."""
        out = np.empty(len(genomes), dtype=np.float32)
        genomes = np.ascontiguousarray(genomes, dtype=np.float32)
        kernels.predicted_fitness(genomes, *self, out)
        return out


class Surrogate:
    """Learns from scored masks and predicts the fitness of genomes.

    So many rows as the settings say are kept, so memory does not grow with the calls.
    """

    def __init__(self, prior: F64, precision: F64, settings: SurrogateSettings) -> None:
        """prior: ``(d, d)`` covariance of the weights, see ``regression.likeness_prior``.

        precision: its inverse.
        """
        self.cells = len(prior)
        self.settings = settings
        self._prior, self._precision = prior, precision
        rows = settings.rows
        self._shares = np.empty((rows, self.cells), dtype=np.float32)
        self._scores = np.empty(rows, dtype=np.float32)
        self._kinds = np.empty(rows, dtype=np.int64)
        self._seen = 0
        # Weights and offsets of the first part as they were found last.
        self._found: tuple[F64, F64] | None = None

    def add(self, kinds: I64, shares: F32, scores: F32) -> None:
        """Add rows: kinds ``(n,)``, visible shares ``(n, d)`` and scores ``(n,)``.

        Rows with NaN are left out.
        """
        room = len(self._scores)
        valid = np.flatnonzero(np.isfinite(scores))[-room:]
        places = (self._seen + np.arange(len(valid))) % room
        self._shares[places] = shares[valid]
        self._scores[places] = scores[valid]
        self._kinds[places] = kinds[valid]
        self._seen += len(valid)

    @property
    def ready(self) -> bool:
        """Whether there are rows of kept and of removed parts to learn from."""
        kinds = self._kinds[: min(self._seen, len(self._kinds))]
        return bool((kinds == KEPT).any() and (kinds == REMOVED).any())

    def fit(self) -> Fitted:
        """Learn from the rows; :attr:`ready` must hold."""
        with one_thread():
            return self._fit()

    def _fit(self) -> Fitted:
        count = min(self._seen, len(self._scores))
        x, y, kinds = self._shares[:count], self._scores[:count], self._kinds[:count]
        member = (kinds[:, None] == np.arange(KINDS)).astype(np.float32)
        means = (member.T @ x) / np.maximum(member.sum(axis=0), 1.0)[:, None]
        centred = x - means[kinds]
        weights, offsets = self._additive(centred, y, member)
        linear = centred @ weights.astype(np.float32)
        chance = logistic(offsets[kinds] + linear).astype(np.float32)
        deviation = np.sqrt(chance * (1.0 - chance) + np.float32(kernels.LEAST_VARIANCE))
        # The kernel: cells count by the root of their weight, so distances by the weight.
        size = np.abs(weights)
        relevance = (size / max(float(size.mean()), 1e-12) + LEAST_RELEVANCE).astype(np.float32)
        # Two random halves of the cells differ in half of them, by 1; scaled to the length.
        relevance /= np.float32(2.0 * self.settings.length**2 * self.cells / 4.0)
        left = ((y - chance) / deviation).astype(np.float32)
        # Rounding to whole units may add half of one for each cell.
        room = MOST_UNITS - self.cells
        unit = np.float32(max(relevance.max() / LARGEST_UNIT, relevance.sum() / room))
        parts = [
            self._part(tops, left[rows], relevance, unit)
            for tops, rows in (
                # What is shown of a kept part, what is hidden of a removed one: a genome's top.
                (x[kinds == KEPT], kinds == KEPT),
                (1.0 - x[kinds == REMOVED], kinds == REMOVED),
            )
        ]
        weighted, norms, alphas = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        counts = np.clip(np.rint(np.asarray(self.settings.areas) * self.cells), 1, self.cells)
        return Fitted(
            np.unique(counts.astype(np.int64)),
            relevance,
            weighted,
            unit,
            norms,
            alphas,
            len(parts[0][0]),
            weights.astype(np.float32),
            np.float32(offsets[KEPT] - means[KEPT] @ weights),
            np.float32(offsets[REMOVED] - means[REMOVED] @ weights),
        )

    def _part(self, tops: F32, left: F32, relevance: F32, unit: np.float32) -> tuple[U8, F32, F32]:
        """Rows ``(n, d)`` of one kind in blocks, as the kernel takes them.

        That is weighted ``(b, d, ROWS)``, norms ``(b, ROWS)`` and alphas ``(b, ROWS)``.
        """
        n, size = len(tops), kernels.ROWS
        blocks = -(-n // size)
        weighted = np.zeros((blocks * size, self.cells), dtype=np.uint8)
        norms, alphas = np.zeros((2, blocks * size), dtype=np.float32)
        # Half a unit more, since the fraction is cut off.
        np.add(tops * (relevance / unit), np.float32(0.5), out=weighted[:n], casting="unsafe")
        norms[:n] = (tops * tops) @ relevance
        alphas[:n] = self._process(tops, left, relevance)
        turned = weighted.reshape(blocks, size, self.cells).transpose(0, 2, 1)
        shape = blocks, size
        return np.ascontiguousarray(turned), norms.reshape(shape), alphas.reshape(shape)

    def _process(self, tops: F32, left: F32, relevance: F32) -> F32:
        """Weights ``(n,)`` of the rows ``(n, d)`` in the second part, which explains ``left``."""
        scaled = tops * np.sqrt(relevance)
        squares = (scaled * scaled).sum(axis=1)
        # Half the work, since both factors are the same.
        covariance = scaled @ scaled.T
        covariance *= 2.0
        covariance -= squares[:, None]
        covariance -= squares
        np.exp(covariance, out=covariance)
        covariance[np.diag_indices(len(left))] += np.float32(self.settings.noise)
        return conjugate_gradient(covariance, left)

    def _additive(self, x: F32, y: F32, member: F32) -> tuple[F64, F64]:
        """Weights ``(d,)`` and offsets ``(kinds,)`` of the first part, in log-odds."""
        d = self.cells
        rows = np.maximum(member.sum(axis=0), 1.0)
        mean = np.clip((member.T @ y) / rows, 0.02, 0.98).astype(np.float64)
        offsets, weights = np.log(mean / (1.0 - mean)), np.zeros(d)
        if self._found is not None:
            weights, offsets = self._found
        system = np.zeros((d + KINDS, d + KINDS))
        for _ in range(ITERATIONS if self._found is None else FURTHER_ITERATIONS):
            linear = x @ weights.astype(np.float32) + member @ offsets.astype(np.float32)
            chance = logistic(linear).astype(np.float32)
            w = chance * (1.0 - chance) + np.float32(LEAST_WEIGHT)
            scaled = x * np.sqrt(w)[:, None]
            normal = (scaled.T @ scaled).astype(np.float64)
            ridge = self.settings.strength * float(np.vdot(normal, self._prior)) / d
            system[:d, :d] = normal + ridge * self._precision
            system[:d, d:] = x.T @ (member * w[:, None])
            system[d:, :d] = system[:d, d:].T
            # A kind without rows gets no offset.
            system[d:, d:] = np.diag(member.T @ w + np.float32(LEAST_WEIGHT))
            left = y - chance
            gradient = np.concatenate(
                [x.T @ left - ridge * (self._precision @ weights), member.T @ left]
            )
            step = np.linalg.solve(system, gradient)
            step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-12))
            weights, offsets = weights + step[:d], offsets + step[d:]
        self._found = weights, offsets
        return weights, offsets


def conjugate_gradient(matrix: F32, values: F32) -> F32:
    """Solve ``matrix @ x = values``, matrix ``(n, n)`` symmetric and positive definite.

    To a residual of 1 % of the values, far below what the surrogate errs by: some 20 products
    where factors take n / 3 (Hestenes & Stiefel 1952).
    """
    found = np.zeros_like(values)
    left = values.copy()
    direction = left.copy()
    square = float(left @ left)
    enough = (RESIDUAL**2) * square
    for _ in range(MOST_PRODUCTS):
        if square <= enough:
            break
        product = matrix @ direction
        step = np.float32(square / float(direction @ product))
        found += step * direction
        left -= step * product
        before, square = square, float(left @ left)
        direction = left + np.float32(square / before) * direction
    return found


def logistic(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """``1 / (1 + exp(-v))`` without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0))))
