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

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.masks import NestedMasks, decode, pixel_counts
from decam_engine.search.base import SearchTask, unit_range
from decam_engine.search.calibration import calibrated, evidence_depth, standardised
from decam_engine.search.evolution import standardised_rows
from decam_engine.search.scouted import Asked, CellMasks, ScoutedSearch, ScoutSettings

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

Predictor = Callable[[F32], F32]

TILT_CHUNK = 16
LEAST_POPULATION = 4


@dataclass(frozen=True)
class MeasuredSettings(ScoutSettings):
    """Parameters of the search; the defaults are those of the benchmark.

    Attributes:
        tilt_share: share of the calls spent on tilted scouting.
        population: least and most genomes.
        generations: the population is as large as leaves room for so many generations.
        noise: standard deviation of the noise that makes the first population.
        candidates: trial vectors per parent, of which the regression picks one to score.
        centre_share: how often the map so far attracts instead of one of the best genomes.
        best_share: p of "pbest", the share of best genomes that attract.
        factor: range of the scale factor F.
        crossover_mean, crossover_deviation: of the crossover rate CR.
        proposal_weight: of the regression in the extra trial.
        temperature: of the softmax over fitness that weights the map.
    """

    tilt_share: float = 0.20
    population: tuple[int, int] = (8, 32)
    generations: int = 6
    noise: float = 1.0
    candidates: int = 8
    centre_share: float = 0.5
    best_share: float = 0.25
    factor: tuple[float, float] = (0.4, 0.9)
    crossover_mean: float = 0.5
    crossover_deviation: float = 0.1
    proposal_weight: float = 0.7
    temperature: float = 0.05


class MeasuredEvolution(ScoutedSearch):
    """See the module; one instance is one run."""

    # Tilted masks are of the same areas as a genome's.
    _single_as_nested: ClassVar[bool] = True

    def __init__(self, task: SearchTask, settings: MeasuredSettings | None = None) -> None:
        self._s = s = settings if settings is not None else MeasuredSettings()
        super().__init__(task, s)
        tilt_share = 0.0 if task.shared else s.tilt_share
        self._tilt_left = TILT_CHUNK * int(tilt_share * self._basis / TILT_CHUNK)
        genomes = (self._basis - self._scout_left - self._tilt_left) // self._per_genome
        members = int(np.clip(round(genomes / s.generations), *s.population))
        self._members = max(LEAST_POPULATION, min(members, genomes // 2))
        self._population = np.zeros((0, self._d), dtype=np.float32)
        self._fitness = np.zeros(0)
        self._gains = np.zeros((0, len(s.areas)))
        # The parents that this generation has not come to yet, and what picks their trials.
        self._parents: list[int] = []
        self._predict: Predictor | None = None

    # --- ask ---------------------------------------------------------------------------

    def _after_scouting(self, left: int) -> Asked:
        genomes = left // self._per_genome
        if self._tilt_left > 0:
            count = min(TILT_CHUNK, self._tilt_left, left)
            self._tilt_left -= count
            return self._tilted(count)
        if genomes == 0:
            # What is left after whole generations scouts as well.
            return Asked(self._scouting(left))
        if len(self._population) == 0:
            return Asked(self._nested(self._first_population(min(self._members, genomes))))
        trials, parents = self._trials(genomes)
        return Asked(self._nested(trials), parents=parents)

    def _may_go_on(self, asked: Asked) -> bool:
        """What is drawn next lags behind by one ask.

        But the first population waits for all that was learnt before it, and the first trials
        for the population.
        """
        return self._tilt_left > 0 or len(self._population) > 0

    def _tilted(self, count: int) -> Asked:
        """Noisy copies of the regression's weights, each at one area, kept or removed."""
        s, rng = self._s, self._rng
        areas = rng.integers(0, len(s.areas), count)
        remove = rng.random(count) < 0.5
        counts = pixel_counts(s.areas, self.task.size)[areas]
        genomes = self._around(self._start(), s.noise, count)
        return Asked(self._single(genomes, counts, remove), 2 * areas + remove)

    def _first_population(self, count: int) -> F32:
        start = self._start()
        noisy = self._around(start, self._s.noise, count - 1)
        return np.concatenate([start.astype(np.float32)[None], noisy])

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
        super().tell(scores)
        self.eager = self._scout_left > 0 or self._tilt_left > 0 or len(self._population) > 0

    def _learn_from(self, asked: Asked, source: CellMasks, scores: F32) -> None:
        super()._learn_from(asked, source, scores)
        if isinstance(source, NestedMasks):
            self._select(source.genomes, scores, asked.parents)

    def _select(self, genomes: F32, scores: F32, parents: tuple[int, ...]) -> None:
        """A trial replaces its parent when it is not worse; NaN never wins."""
        gains = self._gains_of(scores)
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
