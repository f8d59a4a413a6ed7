"""Evolution of genomes whose fitness is measured, each at all areas: a rival for the benchmark.

1. Scout, as DE-CAM does, then tilted scouting: single nested masks of the regression's weights
   with noise.
2. Population: the regression's weights, smoothed, and noisy copies of them.
3. Generations of current-to-pbest/1/bin (JADE). Each parent makes several candidate trials;
   the regression predicts their fitness and only the most promising is scored. One more
   trial a generation is the best genome moved towards the regression's weights. A trial
   replaces its parent when it is not worse.
4. Map: the population's mean weighted by fitness, plus the regression's weights.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.errors import SettingsError
from decam_engine.masks import (
    CellShares,
    MaskSource,
    NestedMasks,
    ShiftedGridMasks,
    SingleMasks,
    UniformMasks,
    decode,
    pixel_counts,
    shift_limits,
)
from decam_engine.search.base import SearchTask, TurnTaking, unit_range
from decam_engine.search.calibration import calibrated, evidence_depth, log_odds, standardised
from decam_engine.search.evolution import Predictor, smooth_noise, standardised_rows
from decam_engine.search.regression import RidgeRegression, likeness_prior

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

SCOUT_FILL, KEEP_FILL, REMOVE_FILL = 0, 1, 2
SCOUT_CHUNK = 64
TILT_CHUNK = 16
LEAST_CALLS = 40
LEAST_POPULATION = 4
# A search that is stopped when it has settled scouts as one of this budget would.
OPEN_ENDED_BASIS = 1000
# Least scouting share when several targets share it: the more, the fewer calls in all.
SHARED_SCOUTING = 0.42


_Source = UniformMasks | ShiftedGridMasks | SingleMasks | NestedMasks


@dataclass(frozen=True)
class _Asked:
    """Masks whose scores are due.

    Attributes:
        rows: of tilted masks, which area each is of, kept or removed.
        parents: which genomes the trials may replace; -1 = the worst one.
    """

    source: _Source
    rows: I64 | None = None
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class MeasuredSettings:
    """Parameters of the search; the defaults are those of the benchmark.

    Attributes:
        grid: cells along each side of a genome.
        areas: fractions of the photograph at which a genome is scored, increasing.
        scout_share, tilt_share: shares of the calls spent on scouting and tilted scouting.
        population: least and most genomes.
        generations: the population is as large as leaves room for so many generations.
        noise: standard deviation of the noise that makes the first population.
        noise_smoothing, scout_smoothing: Gaussian sigma in cells.
        candidates: trial vectors per parent, of which the regression picks one to score.
        centre_share: how often the map so far attracts instead of one of the best genomes.
        best_share: p of "pbest", the share of best genomes that attract.
        factor: range of the scale factor F.
        crossover_mean, crossover_deviation: of the crossover rate CR.
        ridge: regression strength, in units of the mean eigenvalue.
        prior_length, prior_colour, prior_share: see :func:`likeness_prior`.
        proposal_weight: of the regression in the extra trial.
        temperature: of the softmax over fitness that weights the map.
        regression_weight: of the regression in the map.
        depth: least and largest mean rank (0..1) at which the evidence may be found to lie.
        fills: for scouting, for kept parts, for removed parts.
    """

    grid: int = 14
    areas: tuple[float, ...] = (0.10, 0.25, 0.50)
    scout_share: float = 0.25
    tilt_share: float = 0.20
    population: tuple[int, int] = (8, 32)
    generations: int = 6
    noise: float = 1.0
    noise_smoothing: float = 0.8
    scout_smoothing: float = 0.6
    candidates: int = 8
    centre_share: float = 0.5
    best_share: float = 0.25
    factor: tuple[float, float] = (0.4, 0.9)
    crossover_mean: float = 0.5
    crossover_deviation: float = 0.1
    ridge: float = 0.2
    prior_length: float = 1.5
    prior_colour: float = 1.0
    prior_share: float = 0.8
    proposal_weight: float = 0.7
    temperature: float = 0.05
    regression_weight: float = 0.5
    depth: tuple[float, float] = (0.03, 1.0)
    fills: tuple[str, str, str] = ("strong-blur", "blur", "mean")


class MeasuredEvolution:
    """See the module; one instance is one run."""

    least_calls: ClassVar[int] = LEAST_CALLS

    def __init__(self, task: SearchTask, settings: MeasuredSettings | None = None) -> None:
        s = settings if settings is not None else MeasuredSettings()
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
        self.region_fills = (KEEP_FILL, REMOVE_FILL)
        self.independent = True
        self.eager = False
        self.best_fitness: float | None = None
        self._d = side * side
        self._per_genome = 2 * len(s.areas)
        # Pairs are scored together; what is left after whole generations scouts as well.
        basis = min(task.calls, OPEN_ENDED_BASIS) if task.open_ended else task.calls
        # Several targets share scouting, which is not tilted to any of them.
        if task.shared:
            shared = max(s.scout_share, SHARED_SCOUTING)
            s = dataclasses.replace(s, scout_share=shared, tilt_share=0.0)
        self._s = s
        self._scout_left = 2 * int(s.scout_share * basis / 2)
        self._tilt_left = TILT_CHUNK * int(s.tilt_share * basis / TILT_CHUNK)
        genomes = (basis - self._scout_left - self._tilt_left) // self._per_genome
        members = int(np.clip(round(genomes / s.generations), *s.population))
        self._members = max(LEAST_POPULATION, min(members, genomes // 2))
        self._rng = np.random.default_rng(task.seed)
        prior = likeness_prior(self.grid, task.image, s.prior_length, s.prior_colour, s.prior_share)
        self._regression = RidgeRegression(self._d, s.ridge, prior, values=2)
        # ``noise @ smoothing`` is smooth noise.
        rows = [self._smooth(row, s.noise_smoothing) for row in np.eye(self._d)]
        self._smoothing = np.asarray(rows, dtype=np.float32)
        self._asked_for = 0
        # Scores of the blank photograph with the fills of kept and of removed parts.
        self._blank: F32 | None = None
        self._population = np.zeros((0, self._d), dtype=np.float32)
        self._fitness = np.zeros(0)
        self._gains = np.zeros((0, len(s.areas)))
        self._turn = TurnTaking()
        self._due: deque[_Asked] = deque()
        # The parents that this generation has not come to yet, and what picks their trials.
        self._parents: list[int] = []
        self._predict: Predictor | None = None

    # --- ask ---------------------------------------------------------------------------

    def ask(self) -> MaskSource | None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_ask(self.eager)
        left = self.task.calls - self._asked_for
        if left <= 0:
            return None
        # Blank and scouting masks are drawn before anything is learnt from the scores.
        self.independent = self._asked_for == 0 or self._scout_left > 0
        asked = self._next(left)
        self._asked_for += len(asked.source)
        self._turn.asked(asked.source)
        self._due.append(asked)
        self.eager = self._may_go_on()
        return asked.source

    def _next(self, left: int) -> _Asked:
        if self._asked_for == 0:
            return _Asked(UniformMasks((0.0, 0.0), (KEEP_FILL, REMOVE_FILL)))
        genomes = left // self._per_genome
        if self._scout_left > 0:
            count = min(SCOUT_CHUNK, self._scout_left, left)
            self._scout_left -= count
            return _Asked(self._scouting(count))
        if self._tilt_left > 0:
            count = min(TILT_CHUNK, self._tilt_left, left)
            self._tilt_left -= count
            return self._tilted(count)
        if genomes == 0:
            return _Asked(self._scouting(left))
        if len(self._population) == 0:
            return _Asked(self._nested(self._first_population(min(self._members, genomes))))
        trials, parents = self._trials(genomes)
        return _Asked(self._nested(trials), parents=parents)

    def _may_go_on(self) -> bool:
        """Whether the next masks can be drawn without the scores of the last ones.

        What is drawn next lags behind by one ask, but the first population waits for all that
        was learnt before it, and the first trials for the population.
        """
        return self._scout_left > 0 or self._tilt_left > 0 or len(self._population) > 0

    def _scouting(self, count: int) -> ShiftedGridMasks:
        """Antithetic pairs: a random half of the cells, then the other half."""
        pairs = (count + 1) // 2
        grid = (self.grid[0] + 1, self.grid[1] + 1)
        grids = (self._rng.random((pairs, *grid)) < 0.5).astype(np.float32)
        limits = shift_limits(self.task.size, self.grid)
        shifts = np.stack([self._rng.integers(0, limit, pairs) for limit in limits], axis=1)
        return ShiftedGridMasks(
            grids,
            shifts,
            self.task.size,
            cells=self.grid,
            fill=SCOUT_FILL,
            antithetic=True,
            count=count,
            shares=CellShares(count, self.grid, self.task.size),
        )

    def _tilted(self, count: int) -> _Asked:
        """Noisy copies of the regression's weights, each at one area, kept or removed."""
        s, rng = self._s, self._rng
        start = standardised(self._smooth(self._weights(), s.scout_smoothing))
        areas = rng.integers(0, len(s.areas), count)
        remove = rng.random(count) < 0.5
        source = SingleMasks(
            self._noisy(start, count),
            self.grid,
            self.task.size,
            pixel_counts(s.areas, self.task.size)[areas],
            remove,
            np.where(remove, REMOVE_FILL, KEEP_FILL).astype(np.int64),
            CellShares(count, self.grid, self.task.size),
        )
        return _Asked(source, rows=2 * areas + remove)

    def _noisy(self, start: F64, count: int) -> F32:
        """``count`` standardised genomes ``(count, d)`` near a start ``(d,)``."""
        noise = smooth_noise(count, self._smoothing, self._rng)
        return standardised_rows(start.astype(np.float32) + np.float32(self._s.noise) * noise)

    def _nested(self, genomes: F32) -> NestedMasks:
        shares = CellShares(len(genomes) * self._per_genome, self.grid, self.task.size)
        return NestedMasks(
            genomes, self.grid, self._s.areas, self.task.size, KEEP_FILL, REMOVE_FILL, shares
        )

    def _first_population(self, count: int) -> F32:
        start = standardised(self._smooth(self._weights(), self._s.scout_smoothing))
        return np.concatenate([start.astype(np.float32)[None], self._noisy(start, count - 1)])

    def _trials(self, most: int) -> tuple[F32, tuple[int, ...]]:
        """At most so many trials ``(n, d)``, and which genomes they may replace (-1: the worst).

        They are half a generation, so that the other half is bred while one is scored; the
        first half comes with the regression's proposal.
        """
        weights = self._weights()
        trials: list[F32] = []
        parents: list[int] = []
        if not self._parents or self._predict is None:
            members = len(self._population)
            self._parents = [int(i) for i in self._rng.permutation(members)]
            self._predict = self._predictor(weights)
            best = self._population[int(np.argmax(self._fitness))]
            proposal = standardised(best + self._s.proposal_weight * weights)
            trials.append(proposal.astype(np.float32)[None])
            parents.append(-1)
        half = min(-(-len(self._population) // 2), most - len(parents))
        chosen, self._parents = self._parents[:half], self._parents[half:]
        if chosen:
            trials.append(self._bred(np.array(chosen), weights, self._predict))
        return np.concatenate(trials), (*parents, *chosen)

    def _bred(self, parents: I64, weights: F64, predict: Predictor) -> F32:
        """For each parent the most promising of its candidates, ``(len(parents), d)``."""
        s, rng, members = self._s, self._rng, len(self._population)
        n = len(parents) * s.candidates
        order = np.argsort(-self._fitness, kind="stable")
        elite = order[: max(1, round(s.best_share * members))]
        attractors = np.concatenate([self._population, self._centre(weights)[None]])
        attractor = rng.choice(elite, n)
        attractor[rng.random(n) < s.centre_share] = members
        # r1 and r2 are two different genomes.
        first = rng.integers(0, members, n)
        second = (first + rng.integers(1, members, n)) % members
        rates = np.clip(rng.normal(s.crossover_mean, s.crossover_deviation, n), 0.0, 1.0)
        out = np.empty((n, self._d), dtype=np.float32)
        kernels.trial_vectors(
            self._population,
            attractors.astype(np.float32),
            np.repeat(parents, s.candidates),
            attractor,
            first,
            second,
            rng.uniform(*s.factor, n).astype(np.float32),
            rates.astype(np.float32),
            rng.random((n, self._d), dtype=np.float32),
            rng.integers(0, self._d, n),
            out,
        )
        pick = np.argmax(predict(out).reshape(len(parents), s.candidates), axis=1)
        chosen = out.reshape(len(parents), s.candidates, self._d)[np.arange(len(parents)), pick]
        return standardised_rows(chosen)

    def _predictor(self, weights: F64) -> Predictor:
        """What tells promising genomes ``(n, d)`` apart without a call."""
        counts = np.clip(np.rint(np.asarray(self._s.areas) * self._d), 1, self._d)
        cells = np.unique(counts.astype(np.int64))

        def predict(genomes: F32) -> F32:
            gains = np.empty(len(genomes), dtype=np.float32)
            kernels.predicted_gains(genomes, weights.astype(np.float32), cells, gains)
            return gains

        return predict

    # --- tell --------------------------------------------------------------------------

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_tell(scores)
        asked = self._due.popleft()
        source = asked.source
        if isinstance(source, UniformMasks):
            self._blank = scores.copy()
        elif isinstance(source, ShiftedGridMasks):
            self._learn("scout", source, scores, slice(None))
        elif isinstance(source, SingleMasks) and asked.rows is not None:
            for row in np.unique(asked.rows):
                self._learn(f"nested {row}", source, scores, asked.rows == row)
        elif isinstance(source, NestedMasks):
            for row in range(self._per_genome):
                every = slice(row, None, self._per_genome)
                self._learn(f"nested {row}", source, scores, every)
            self._select(source.genomes, scores, asked.parents)
        self.eager = self._may_go_on()

    def _learn(
        self,
        kind: str,
        source: ShiftedGridMasks | SingleMasks | NestedMasks,
        scores: F32,
        rows: slice | npt.NDArray[np.bool_],
    ) -> None:
        if source.shares is None:
            return
        shares, found = source.shares.values[rows], scores[rows]
        self._regression.add(kind, shares, np.stack([found, log_odds(found)], axis=1))

    def _select(self, genomes: F32, scores: F32, parents: tuple[int, ...]) -> None:
        """A trial replaces its parent when it is not worse; NaN never wins."""
        pairs = scores.reshape(len(genomes), -1, 2).astype(np.float64)
        gains = pairs[:, :, 0] - pairs[:, :, 1]
        fitness = gains.mean(axis=1)
        fitness = np.where(np.isfinite(fitness), fitness, -np.inf)
        if len(self._population) == 0:
            self._population, self._fitness, self._gains = genomes.copy(), fitness, gains
        else:
            for trial, value, gain, parent in zip(genomes, fitness, gains, parents, strict=True):
                place = parent if parent >= 0 else int(np.argmin(self._fitness))
                if value >= self._fitness[place]:
                    self._population[place] = trial
                    self._fitness[place] = value
                    self._gains[place] = gain
        if np.isfinite(self._fitness).any():
            self.best_fitness = float(self._fitness.max())

    # --- the map -----------------------------------------------------------------------

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`: nothing is left to do."""

    def saliency(self) -> F32:
        """See :class:`decam_engine.search.base.Search`."""
        weights = self._weights()
        depth = self._s.depth[1]
        if self.best_fitness is None:
            genome = self._smooth(weights, self._s.scout_smoothing)
        else:
            genome = self._centre(weights)
            gains = self._gains[int(np.argmax(self._fitness))]
            photo, limits = self.task.photo_score, self._s.depth
            depth = evidence_depth(gains, self._s.areas, self._blank, photo, limits)
        values = decode(genome.astype(np.float32), self.grid, self.task.size)
        return calibrated(unit_range(values), depth)

    def _centre(self, weights: F64) -> F64:
        """The population's mean, weighted by fitness, plus the regression's weights."""
        best = self._fitness.max()
        if not np.isfinite(best):
            return weights
        power = np.exp((self._fitness - best) / self._s.temperature)
        mean = (power / power.sum()) @ self._population.astype(np.float64)
        return standardised(standardised(mean) + self._s.regression_weight * weights)

    def _weights(self) -> F64:
        """Influence of each cell on the probability and on its log-odds, ``(d,)``."""
        both = self._regression.weights()
        return standardised(standardised(both[:, 0]) + standardised(both[:, 1]))

    def settings(self) -> dict[str, Any]:
        """See :class:`decam_engine.search.base.Search`."""

        def listed(items: list[tuple[str, Any]]) -> dict[str, Any]:
            return {k: list(v) if isinstance(v, tuple) else v for k, v in items}

        record = dataclasses.asdict(self._s, dict_factory=listed)
        return {**record, "grid": list(self.grid), "population": self._members}

    def _smooth(self, cells: F64, sigma: float) -> F64:
        """Gaussian blur over the grid, sigma in cells."""
        size = 2 * int(np.ceil(3 * sigma)) + 1
        image = cells.reshape(self.grid)
        blurred = cv2.GaussianBlur(image, (size, size), sigma, borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred).reshape(-1)
