"""DE-CAM: Differential Evolution over saliency genomes, with the model's output alone.

After Karatsiolis & Kamilaris, "A model-agnostic approach for generating Saliency Maps to
explain inferred decisions of Deep Learning Models" (VISAPP 2023, pages 39-46); what the
paper's abstract leaves open is fixed here by measurement (see the README).

A *genome* is a vector of d = g * g cell saliencies. Decoded (bicubic) it ranks the pixels;
its *fitness* is the mean over area fractions a of ``s(kept top a) - s(top a removed)``: a
good map's top pixels suffice, and without them the decision falls.

1. Scout: antithetic pairs of random grid masks; every scored mask becomes a row of one
   ridge regression of the score on the visible share of each cell.
2. Population: the regression's weights, smoothed, and noisy copies of them.
3. Generations of current-to-pbest/1/bin (JADE), each with an extra trial that the
   regression proposes; a trial replaces its parent when it is not worse.
4. Map: the population's mean weighted by fitness, plus the regression's weights.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.errors import SettingsError
from decam_engine.masks import CellShares, GridMasks, MaskSource, NestedMasks, decode
from decam_engine.search.base import SearchTask, TurnTaking, unit_range
from decam_engine.search.regression import RidgeRegression

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]

SCOUT_FILL, KEEP_FILL, REMOVE_FILL = 0, 1, 2
SCOUT_CHUNK = 32
LEAST_CALLS = 40
LEAST_POPULATION = 4


@dataclass(frozen=True)
class DESettings:
    """Parameters of the search; the defaults are those of the benchmark.

    Attributes:
        grid: cells along each side of a genome.
        areas: fractions of the photograph at which a genome is scored.
        scout_share: share of the calls spent on scouting.
        population: genomes; fewer when the budget is small.
        noise: standard deviation of the noise that makes the first population.
        noise_smoothing, scout_smoothing: Gaussian sigma in cells.
        best_share: p of "pbest", the share of best genomes that attract.
        factor: range of the scale factor F.
        crossover_mean, crossover_deviation: of the crossover rate CR.
        ridge: regression strength, in units of the mean eigenvalue.
        proposal_weight: of the regression in the extra trial.
        temperature: of the softmax over fitness that weights the map.
        regression_weight: of the regression in the map.
        fills: for scouting, for kept parts, for removed parts.
    """

    grid: int = 14
    areas: tuple[float, ...] = (0.10, 0.25, 0.50)
    scout_share: float = 0.40
    population: int = 16
    noise: float = 1.0
    noise_smoothing: float = 0.8
    scout_smoothing: float = 0.6
    best_share: float = 0.25
    factor: tuple[float, float] = (0.4, 0.9)
    crossover_mean: float = 0.5
    crossover_deviation: float = 0.1
    ridge: float = 0.2
    proposal_weight: float = 0.7
    temperature: float = 0.05
    regression_weight: float = 0.5
    fills: tuple[str, str, str] = ("strong-blur", "blur", "mean")


class DifferentialEvolution:
    """See the module; one instance is one run."""

    least_calls: ClassVar[int] = LEAST_CALLS

    def __init__(self, task: SearchTask, settings: DESettings | None = None) -> None:
        s = settings if settings is not None else DESettings()
        if task.fill is not None:
            s = dataclasses.replace(s, fills=(task.fill,) * 3)
        h, w = task.size
        side = min(s.grid, h, w)
        if side < 2:
            raise SettingsError(
                f"The method 'de' needs an input of at least 2 x 2 pixels, found {h} x {w}."
            )
        self.task = task
        self.fills: tuple[str, ...] = s.fills
        self.grid = (side, side)
        self.best_fitness: float | None = None
        self._s = s
        self._d = side * side
        self._per_genome = 2 * len(s.areas)
        # Pairs are scored together; what is left after whole generations scouts as well.
        self._scout_left = 2 * int(s.scout_share * task.calls / 2)
        affordable = (task.calls - self._scout_left) // (2 * self._per_genome)
        self._members = max(LEAST_POPULATION, min(s.population, affordable))
        self._rng = np.random.default_rng(task.seed)
        self._regression = RidgeRegression(self._d, s.ridge)
        self._spent = 0
        self._population = np.zeros((0, self._d), dtype=np.float32)
        self._fitness = np.zeros(0)
        self._turn = TurnTaking()
        self._source: GridMasks | NestedMasks | None = None
        # Which genomes the trials of the last ask may replace; -1 = the worst one.
        self._parents: list[int] = []

    # --- ask ---------------------------------------------------------------------------

    def ask(self) -> MaskSource | None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_ask()
        left = self.task.calls - self._spent
        if left <= 0:
            return None
        genomes_left = left // self._per_genome
        source: GridMasks | NestedMasks
        if self._scout_left > 0:
            source = self._scouting(min(SCOUT_CHUNK, self._scout_left))
        elif genomes_left == 0:
            source = self._scouting(left)
        elif len(self._population) == 0:
            source = self._nested(self._first_population(min(self._members, genomes_left)))
        else:
            source = self._nested(self._trials(genomes_left))
        self._source = source
        self._turn.asked(source)
        return source

    def _scouting(self, count: int) -> GridMasks:
        """Antithetic pairs: a random half of the cells, then the other half."""
        grids = np.empty((count, *self.grid), dtype=np.float32)
        half = (count + 1) // 2
        kept = (self._rng.random((half, *self.grid)) < 0.5).astype(np.float32)
        grids[0::2] = kept
        grids[1::2] = 1.0 - kept[: count // 2]
        shares = CellShares(count, self.grid, self.task.size)
        return GridMasks(grids, self.task.size, SCOUT_FILL, shares)

    def _nested(self, genomes: F32) -> NestedMasks:
        count = len(genomes) * self._per_genome
        shares = CellShares(count, self.grid, self.task.size)
        return NestedMasks(
            genomes, self.grid, self._s.areas, self.task.size, KEEP_FILL, REMOVE_FILL, shares
        )

    def _first_population(self, count: int) -> F32:
        start = self._smooth(self._regression.weights(), self._s.scout_smoothing)
        start = standardised(start)
        genomes = [start]
        for _ in range(count - 1):
            noise = self._smooth(self._rng.standard_normal(self._d), self._s.noise_smoothing)
            genomes.append(standardised(start + self._s.noise * standardised(noise)))
        self._parents = []
        return np.asarray(genomes, dtype=np.float32)

    def _trials(self, most: int) -> F32:
        """One generation: the regression's proposal, then a trial for each genome."""
        s, rng, members = self._s, self._rng, len(self._population)
        weights = standardised(self._regression.weights())
        best = self._population[int(np.argmax(self._fitness))]
        proposal = standardised(best + s.proposal_weight * weights)
        elite = np.argsort(-self._fitness, kind="stable")[: max(1, round(s.best_share * members))]
        # r1, r2 and i are three different genomes.
        others = np.argsort(rng.random((members, members)) + 2.0 * np.eye(members), axis=1)
        out = np.empty_like(self._population)
        kernels.trial_vectors(
            self._population,
            rng.choice(elite, members).astype(np.int64),
            others[:, 0].astype(np.int64),
            others[:, 1].astype(np.int64),
            rng.uniform(*s.factor, members).astype(np.float32),
            np.clip(rng.normal(s.crossover_mean, s.crossover_deviation, members), 0, 1).astype(
                np.float32
            ),
            rng.random((members, self._d), dtype=np.float32),
            rng.integers(0, self._d, members),
            out,
        )
        chosen = rng.permutation(members)[: most - 1]
        self._parents = [-1, *(int(i) for i in chosen)]
        trials = [proposal, *(standardised(out[i]) for i in chosen)]
        return np.asarray(trials, dtype=np.float32)

    # --- tell --------------------------------------------------------------------------

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_tell(scores)
        self._spent += len(scores)
        source = self._source
        if isinstance(source, GridMasks):
            self._scout_left = max(0, self._scout_left - len(scores))
            self._learn("scout", source, scores, slice(None))
        elif isinstance(source, NestedMasks):
            for row in range(self._per_genome):
                self._learn(f"nested {row}", source, scores, slice(row, None, self._per_genome))
            self._select(source.genomes, scores)

    def _learn(self, kind: str, source: GridMasks | NestedMasks, scores: F32, rows: slice) -> None:
        if source.shares is not None:
            self._regression.add(kind, source.shares.values[rows], scores[rows])

    def _select(self, genomes: F32, scores: F32) -> None:
        """A trial replaces its parent when it is not worse; NaN never wins."""
        pairs = scores.reshape(len(genomes), -1, 2).astype(np.float64)
        fitness = (pairs[:, :, 0] - pairs[:, :, 1]).mean(axis=1)
        fitness = np.where(np.isfinite(fitness), fitness, -np.inf)
        if len(self._population) == 0:
            self._population, self._fitness = genomes.copy(), fitness
        else:
            for trial, value, parent in zip(genomes, fitness, self._parents, strict=True):
                place = parent if parent >= 0 else int(np.argmin(self._fitness))
                if value >= self._fitness[place]:
                    self._population[place] = trial
                    self._fitness[place] = value
        if np.isfinite(self._fitness).any():
            self.best_fitness = float(self._fitness.max())

    # --- the map -----------------------------------------------------------------------

    def saliency(self) -> F32:
        """See :class:`decam_engine.search.base.Search`. At or below the median: 0."""
        weights = standardised(self._regression.weights())
        if len(self._population) == 0 or not np.isfinite(self._fitness).any():
            genome = self._smooth(weights, self._s.scout_smoothing)
        else:
            power = np.exp((self._fitness - self._fitness.max()) / self._s.temperature)
            mean = standardised((power / power.sum()) @ self._population.astype(np.float64))
            genome = mean + self._s.regression_weight * weights
        values = decode(genome.astype(np.float32), self.grid, self.task.size)
        return unit_range(values, floor=float(np.median(values)))

    def settings(self) -> dict[str, Any]:
        """See :class:`decam_engine.search.base.Search`."""
        record = dataclasses.asdict(self._s)
        record["grid"] = list(self.grid)
        record["population"] = self._members
        return {k: list(v) if isinstance(v, tuple) else v for k, v in record.items()}

    def _smooth(self, cells: F64, sigma: float) -> F64:
        """Gaussian blur over the grid, sigma in cells."""
        size = 2 * int(np.ceil(3 * sigma)) + 1
        image = cells.reshape(self.grid)
        blurred = cv2.GaussianBlur(image, (size, size), sigma, borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred).reshape(-1)


def standardised(values: npt.NDArray[Any]) -> F64:
    """Zero mean and unit deviation; a constant vector becomes zeros."""
    centred = values - values.mean(dtype=np.float64)
    deviation = float(np.sqrt((centred * centred).mean()))
    return np.asarray(centred / deviation if deviation > 1e-12 else np.zeros_like(centred))
