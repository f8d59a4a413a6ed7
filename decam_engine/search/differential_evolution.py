"""DE-CAM: Differential Evolution over saliency genomes, with the model's output alone.

After Karatsiolis & Kamilaris, "A model-agnostic approach for generating Saliency Maps to
explain inferred decisions of Deep Learning Models" (VISAPP 2023, pages 39-46); what the
paper's abstract leaves open is fixed here by measurement (see the README).

A *genome* is a vector of d = g * g cell saliencies. Decoded (bicubic) it ranks the pixels;
its *fitness* is the mean over area fractions a of ``s(kept top a) - s(top a removed)``: a
good map's top pixels suffice, and without them the decision falls.

Measuring a fitness takes a model call for each area, kept and removed. Far more is learnt from
as many different genomes, each shown at one area: so the population evolves on a *surrogate*
of the model (surrogate-assisted evolution; Jin 2011), and the model answers single questions
about its members, from which the surrogate learns.

1. Scout: antithetic pairs of random, shifted grid masks. Every scored mask, here and later,
   becomes a row of one regression of the score on the visible share of each cell: of the
   probability, and of its log-odds, which still tell where probabilities are near 0 or 1;
   both count. It is also a row of the surrogate.
2. Probe: noisy members of the population, each shown at one random area, kept or removed.
   At first they lie around the regression's weights; then, after each round of probes, the
   surrogate learns and the population evolves on it (current-to-pbest/1/bin, JADE).
3. Check: now and then the map so far is measured at all areas. That is the fitness reported.
4. Map: when the calls are spent, the population evolves further; the mean of its better half,
   averaged over the rounds, plus the regression's weights is the map. Its values (not its
   ranking) are calibrated by how the evidence was found to be spread over the areas.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass, field
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

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
from decam_engine.search.evolution import (
    EvolutionSettings,
    evolve,
    smooth_noise,
    standardised_rows,
)
from decam_engine.search.regression import RidgeRegression, likeness_prior
from decam_engine.search.surrogate import KEPT, REMOVED, SCOUTING, Surrogate, SurrogateSettings

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

SCOUT_FILL, KEEP_FILL, REMOVE_FILL = 0, 1, 2
# Kinds of the surrogate's rows, in the order in which nested masks are made.
SIDES = (KEPT, REMOVED)
SCOUT_CHUNK = 64
LEAST_ROUND = 16
LEAST_CALLS = 40
# Most of the calls after scouting that checks may take.
CHECK_SHARE = 0.1
# A search that is stopped when it has settled scouts as one of this budget would.
OPEN_ENDED_BASIS = 1000
# Least scouting share when several targets share it: the more, the fewer calls in all.
SHARED_SCOUTING = 0.42
# The regression groups probes by so many intervals of the area.
AREA_GROUPS = 4


_Source = UniformMasks | ShiftedGridMasks | SingleMasks | NestedMasks


@dataclass(frozen=True)
class _Asked:
    """Masks whose scores are due; ``groups`` ``(n,)`` are those of probes, see AREA_GROUPS."""

    source: _Source
    groups: I64 | None = None


@dataclass(frozen=True)
class DESettings:
    """Parameters of the search; the defaults are those of the benchmark.

    Attributes:
        grid: cells along each side of a genome.
        areas: fractions of the photograph at which a fitness is measured, increasing.
        scout_share: share of the calls spent on scouting.
        early_share: share spent on probes around the regression's weights, before evolution.
        rounds: of probes in a run, with evolution between them.
        generations: between two rounds.
        last_generations: when the calls are spent.
        checks: how many times the fitness is measured at the most, the last time at the end.
        probe_areas: least and largest area of a probe, drawn evenly in its logarithm.
        probe_noise: deviation of what is added to a member that is probed.
        early_noise: the same around the regression's weights.
        noise_smoothing, scout_smoothing: Gaussian sigma in cells.
        newcomers: genomes around the regression's weights that join before each evolution.
        survivors: members that stay then.
        mean_share: of the members, the best, whose mean makes the map.
        memory: how much of that mean's past stays after each evolution, 0..1; averages over
            rounds vary less from seed to seed.
        ridge: regression strength, in units of the mean eigenvalue.
        prior_length, prior_colour, prior_share: see :func:`likeness_prior`.
        regression_weight: of the regression in the map, the population's mean being 1.
        depth: least and largest mean rank (0..1) at which the evidence may be found to lie.
        fills: for scouting, for kept parts, for removed parts.
        surrogate, evolution: see there.
    """

    grid: int = 14
    areas: tuple[float, ...] = (0.10, 0.25, 0.50)
    scout_share: float = 0.25
    early_share: float = 0.12
    rounds: int = 16
    generations: int = 6
    last_generations: int = 40
    checks: int = 4
    probe_areas: tuple[float, float] = (0.03, 0.70)
    probe_noise: float = 0.5
    early_noise: float = 1.0
    noise_smoothing: float = 0.8
    scout_smoothing: float = 0.6
    newcomers: int = 8
    survivors: int = 36
    mean_share: float = 0.5
    memory: float = 0.7
    ridge: float = 0.2
    prior_length: float = 1.5
    prior_colour: float = 1.0
    prior_share: float = 0.8
    regression_weight: float = 0.5
    depth: tuple[float, float] = (0.03, 1.0)
    fills: tuple[str, str, str] = ("strong-blur", "blur", "mean")
    surrogate: SurrogateSettings = field(default_factory=SurrogateSettings)
    evolution: EvolutionSettings = field(default_factory=EvolutionSettings)


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
        basis = min(task.calls, OPEN_ENDED_BASIS) if task.open_ended else task.calls
        # Several targets share scouting, which is not tilted to any of them.
        if task.shared:
            shared = max(s.scout_share, SHARED_SCOUTING)
            s = dataclasses.replace(s, scout_share=shared)
        self.task = task
        self.fills: tuple[str, ...] = s.fills
        self.grid = (side, side)
        self.region_fills = (KEEP_FILL, REMOVE_FILL)
        self.independent = True
        self.eager = False
        self.best_fitness: float | None = None
        self._s = s
        self._d = side * side
        self._per_genome = 2 * len(s.areas)
        # Pairs are scored together.
        self._scout_left = 2 * int(s.scout_share * basis / 2)
        self._early_until = int((s.scout_share + s.early_share) * basis)
        probes = basis - self._scout_left
        self._round = max(LEAST_ROUND, round(probes / max(1, s.rounds)))
        # So many calls apart is the fitness measured.
        checks = int(np.clip(CHECK_SHARE * probes / self._per_genome, 1, max(1, s.checks)))
        self._between = max(self._per_genome + 1, probes // checks)
        self._next_check = self._scout_left + self._between
        self._rng = np.random.default_rng(task.seed)
        prior = likeness_prior(self.grid, task.image, s.prior_length, s.prior_colour, s.prior_share)
        self._regression = RidgeRegression(self._d, s.ridge, prior, values=2)
        self._surrogate: Surrogate | None = None
        if min(h, w) >= s.surrogate.least_side:
            self._surrogate = Surrogate(prior, s.surrogate)
        # ``noise @ smoothing`` is smooth noise.
        rows = [self._smooth(row, s.noise_smoothing) for row in np.eye(self._d)]
        self._smoothing = np.asarray(rows, dtype=np.float32)
        # The best first; None while there is no surrogate to evolve on.
        self._population: F32 | None = None
        # Mean of the better members, averaged over the rounds.
        self._mean: F64 | None = None
        self._asked_for = 0
        # Scores of the blank photograph with the fills of kept and of removed parts.
        self._blank: F32 | None = None
        # The gains measured last, ``(areas,)``.
        self._gains: F64 | None = None
        self._turn = TurnTaking()
        self._due: deque[_Asked] = deque()

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
        # Probes lag one round behind what was learnt; the first ones wait for the scouting.
        self.eager = self._scout_left > 0 or not isinstance(asked.source, ShiftedGridMasks)
        return asked.source

    def _next(self, left: int) -> _Asked:
        if self._asked_for == 0:
            return _Asked(UniformMasks((0.0, 0.0), (KEEP_FILL, REMOVE_FILL)))
        if self._scout_left > 0:
            count = min(SCOUT_CHUNK, self._scout_left, left)
            self._scout_left -= count
            return _Asked(self._scouting(count))
        last = left == self._per_genome
        if last or (self._asked_for >= self._next_check and left > 2 * self._per_genome):
            self._next_check += self._between
            return _Asked(self._check())
        # The last calls are kept for the last check, where there is room for it.
        room = left - self._per_genome if left > self._per_genome else left
        return self._probes(min(self._round, room))

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

    def _probes(self, count: int) -> _Asked:
        """Noisy members, each at one area, kept or removed."""
        s, rng = self._s, self._rng
        if self._asked_for >= self._early_until:
            self._evolve(s.generations)
        genomes = self._noisy(count)
        low, high = (np.log(a) for a in s.probe_areas)
        logarithms = rng.uniform(low, high, count)
        remove = rng.random(count) < 0.5
        source = SingleMasks(
            genomes,
            self.grid,
            self.task.size,
            pixel_counts([float(a) for a in np.exp(logarithms)], self.task.size),
            remove,
            np.where(remove, REMOVE_FILL, KEEP_FILL).astype(np.int64),
            CellShares(count, self.grid, self.task.size),
        )
        groups = ((logarithms - low) / (high - low) * AREA_GROUPS).astype(np.int64)
        return _Asked(source, 2 * np.minimum(groups, AREA_GROUPS - 1) + remove)

    def _noisy(self, count: int) -> F32:
        """Genomes to probe ``(count, d)``: around the better members, or the regression."""
        s = self._s
        if self._population is None:
            return self._around_weights(count)
        members = self._population[: self._better()]
        picked = members[self._rng.integers(0, len(members), count)]
        noise = smooth_noise(count, self._smoothing, self._rng)
        return standardised_rows(picked + np.float32(s.probe_noise) * noise)

    def _around_weights(self, count: int) -> F32:
        start = standardised(self._smooth(self._weights(), self._s.scout_smoothing))
        noise = smooth_noise(count, self._smoothing, self._rng)
        return standardised_rows(start.astype(np.float32) + np.float32(self._s.early_noise) * noise)

    def _evolve(self, generations: int) -> None:
        """Let the surrogate learn and the population evolve on it."""
        surrogate = self._surrogate
        if surrogate is None or not surrogate.ready:
            return
        start = self._around_weights(self._s.newcomers)
        if self._population is not None:
            start = np.concatenate([self._population[: self._s.survivors], start])
        self._population = evolve(
            start,
            surrogate.fit(),
            generations,
            self._smoothing,
            self._s.evolution,
            self._rng,
        )
        mean = standardised(self._population[: self._better()].mean(axis=0, dtype=np.float64))
        if self._mean is not None:
            mean = self._s.memory * self._mean + (1.0 - self._s.memory) * mean
        self._mean = mean

    def _better(self) -> int:
        """How many members are the better ones."""
        return max(1, round(self._s.mean_share * self._s.evolution.members))

    def _check(self) -> NestedMasks:
        """The map so far at all areas, kept and removed."""
        shares = CellShares(self._per_genome, self.grid, self.task.size)
        genomes = self._centre().astype(np.float32)[None]
        return NestedMasks(
            genomes, self.grid, self._s.areas, self.task.size, KEEP_FILL, REMOVE_FILL, shares
        )

    # --- tell --------------------------------------------------------------------------

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_tell(scores)
        asked = self._due.popleft()
        source = asked.source
        if isinstance(source, UniformMasks):
            self._blank = scores.copy()
        elif isinstance(source, ShiftedGridMasks):
            self._learn("scout", source, scores, slice(None), SCOUTING)
        elif isinstance(source, SingleMasks) and asked.groups is not None:
            for group in np.unique(asked.groups):
                rows = asked.groups == group
                self._learn(f"probe {group}", source, scores, rows, SIDES[group % 2])
        elif isinstance(source, NestedMasks):
            for row in range(self._per_genome):
                each = slice(row, None, self._per_genome)
                self._learn(f"check {row}", source, scores, each, SIDES[row % 2])
            self._measure(scores)

    def _learn(
        self,
        kind: str,
        source: ShiftedGridMasks | SingleMasks | NestedMasks,
        scores: F32,
        rows: slice | npt.NDArray[np.bool_],
        which: int,
    ) -> None:
        if source.shares is None:
            return
        shares, found = source.shares.values[rows], scores[rows]
        self._regression.add(kind, shares, np.stack([found, log_odds(found)], axis=1))
        if self._surrogate is not None:
            self._surrogate.add(which, shares, found)

    def _measure(self, scores: F32) -> None:
        """The fitness of the map that was checked; NaN never wins."""
        pairs = scores.reshape(-1, 2).astype(np.float64)
        gains = pairs[:, 0] - pairs[:, 1]
        if not np.isfinite(gains).all():
            return
        self._gains = gains
        fitness = float(gains.mean())
        if self.best_fitness is None or fitness > self.best_fitness:
            self.best_fitness = fitness

    # --- the map -----------------------------------------------------------------------

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._evolve(self._s.last_generations)

    def saliency(self) -> F32:
        """See :class:`decam_engine.search.base.Search`."""
        s = self._s
        depth = s.depth[1]
        if self._gains is not None:
            depth = evidence_depth(
                self._gains, s.areas, self._blank, self.task.photo_score, s.depth
            )
        values = decode(self._centre().astype(np.float32), self.grid, self.task.size)
        return calibrated(unit_range(values), depth)

    def _centre(self) -> F64:
        """The mean of the better members plus the regression's weights, ``(d,)``."""
        weights = self._weights()
        if self._mean is None:
            return self._smooth(weights, self._s.scout_smoothing)
        return standardised(standardised(self._mean) + self._s.regression_weight * weights)

    def _weights(self) -> F64:
        """Influence of each cell on the probability and on its log-odds, ``(d,)``."""
        both = self._regression.weights()
        return standardised(standardised(both[:, 0]) + standardised(both[:, 1]))

    def settings(self) -> dict[str, Any]:
        """See :class:`decam_engine.search.base.Search`."""

        def listed(items: list[tuple[str, Any]]) -> dict[str, Any]:
            return {k: list(v) if isinstance(v, tuple) else v for k, v in items}

        record = dataclasses.asdict(self._s, dict_factory=listed)
        return {**record, "grid": list(self.grid)}

    def _smooth(self, cells: F64, sigma: float) -> F64:
        """Gaussian blur over the grid, sigma in cells."""
        size = 2 * int(np.ceil(3 * sigma)) + 1
        image = cells.reshape(self.grid)
        blurred = cv2.GaussianBlur(image, (size, size), sigma, borderType=cv2.BORDER_REFLECT)
        return np.asarray(blurred).reshape(-1)
