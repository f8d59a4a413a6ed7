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

import numpy as np
import numpy.typing as npt

from decam_engine.masks import NestedMasks, ShiftedGridMasks, decode, pixel_counts
from decam_engine.search.base import SearchTask, unit_range
from decam_engine.search.calibration import calibrated, evidence_depth, standardised
from decam_engine.search.evolution import (
    EvolutionSettings,
    Predictor,
    evolve,
    smooth_noise,
    standardised_rows,
)
from decam_engine.search.scouted import Asked, CellMasks, ScoutedSearch, ScoutSettings
from decam_engine.search.surrogate import KEPT, REMOVED, SCOUTING, Surrogate, SurrogateSettings

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

LEAST_ROUND = 16
FULL_BATCHES = 8
# A model of so small inputs that no surrogate is worth its time answers this many at a time.
MANY = 64
# Most of the calls after scouting that checks may take.
CHECK_SHARE = 0.1
# A longer run evolves no longer at its end.
MOST_EVOLVED = 2500
# The regression groups probes by so many intervals of the area.
AREA_GROUPS = 4
# So many different noises are there for trials.
NOISES = 1024


@dataclass(frozen=True)
class DESettings(ScoutSettings):
    """Parameters of the search; the defaults are those of the benchmark.

    Attributes:
        early_share: share spent on probes around the regression's weights, before evolution.
        rounds: of probes in a run, with evolution between them, at the least.
        longest_round: most probes in one; then there are more rounds.
        generations: between two rounds.
        last_generations: when the calls are spent, for each 1,000 of them.
        last_noise: of the last one's trials.
        checks: how many times the fitness is measured at the most, the last time at the end.
        probe_areas: least and largest area of a probe, drawn evenly in its logarithm.
        probe_noise: deviation of what is added to a member that is probed.
        early_noise: the same around the regression's weights.
        newcomers: genomes around the regression's weights that join before each evolution.
        survivors: members that stay then.
        mean_share: of the members, the best, whose mean makes the map.
        memory: how much of that mean's past stays after a share of ``1 / rounds`` of the
            probes, 0..1; averages over rounds vary less from seed to seed.
        last_memory: how much of it stays when the calls are spent, 0..1.
        surrogate, evolution: see there.
    """

    early_share: float = 0.12
    rounds: int = 16
    longest_round: int = 48
    generations: int = 12
    last_generations: int = 160
    last_noise: float = 0.03
    checks: int = 4
    probe_areas: tuple[float, float] = (0.03, 0.70)
    probe_noise: float = 0.5
    early_noise: float = 1.0
    newcomers: int = 4
    survivors: int = 18
    mean_share: float = 0.5
    memory: float = 0.7
    last_memory: float = 0.2
    surrogate: SurrogateSettings = field(default_factory=SurrogateSettings)
    evolution: EvolutionSettings = field(default_factory=EvolutionSettings)


class DifferentialEvolution(ScoutedSearch):
    """See the module; one instance is one run."""

    def __init__(self, task: SearchTask, settings: DESettings | None = None) -> None:
        self._s = s = settings if settings is not None else DESettings()
        super().__init__(task, s)
        self._early_until = int((self._scout_share + s.early_share) * self._basis)
        probes = self._basis - self._scout_left
        share = probes / max(1, s.rounds)
        # Whole ones of the batches that are usual, which half-full ones would waste.
        wanted = FULL_BATCHES * round(share / FULL_BATCHES)
        self._surrogate: Surrogate | None = None
        if min(task.size) >= s.surrogate.least_side:
            self._surrogate = Surrogate(self._prior, s.surrogate)
        else:
            self._together = MANY
        longest = max(s.longest_round, self._together)
        self._round = max(LEAST_ROUND, min(longest, wanted))
        self._memory = s.memory ** min(1.0, self._round / max(1.0, share))
        # So many calls apart is the fitness measured.
        checks = int(np.clip(CHECK_SHARE * probes / self._per_genome, 1, max(1, s.checks)))
        self._between = max(self._per_genome + 1, probes // checks)
        self._next_check = self._scout_left + self._between
        # What is left of the round under way.
        self._parts: deque[Asked] = deque()
        # The best first; None while there is no surrogate to evolve on.
        self._population: F32 | None = None
        # What is added to the trials of all evolutions; None before the first one.
        self._noise: F32 | None = None
        # Mean of the better members, averaged over the rounds.
        self._mean: F64 | None = None
        # Whether it evolved for the last time.
        self._finished = False
        # The gains measured last, ``(areas,)``.
        self._gains: F64 | None = None

    # --- ask ---------------------------------------------------------------------------

    def _after_scouting(self, left: int) -> Asked:
        if self._parts:
            return self._parts.popleft()
        last = left == self._per_genome
        if last or (self._asked_for >= self._next_check and left > 2 * self._per_genome):
            self._next_check += self._between
            # The map so far.
            return Asked(self._nested(self._centre().astype(np.float32)[None]))
        # The last calls are kept for the last check, where there is room for it.
        room = left - self._per_genome if left > self._per_genome else left
        return self._probes(min(self._round, room))

    def _may_go_on(self, asked: Asked) -> bool:
        """Probes lag one ask behind what was learnt; the first ones wait for the scouting."""
        return not isinstance(asked.source, ShiftedGridMasks)

    def _probes(self, count: int) -> Asked:
        """Noisy members, each at one area, kept or removed; the first of so many."""
        s, rng = self._s, self._rng
        if self._asked_for >= self._early_until:
            self._evolve()
        genomes = self._noisy(count)
        low, high = (np.log(a) for a in s.probe_areas)
        # One in each of so many even intervals, kept and removed by turns, in random order.
        place = rng.permutation(count)
        logarithms = low + (high - low) * (place + rng.random(count)) / count
        remove = (place + rng.integers(2)) % 2 == 0
        counts = pixel_counts([float(a) for a in np.exp(logarithms)], self.task.size)
        groups = ((logarithms - low) / (high - low) * AREA_GROUPS).astype(np.int64)
        groups = 2 * np.minimum(groups, AREA_GROUPS - 1) + remove
        # A few at a time: the next round shall know the most of this one.
        for start in range(0, count, self._together):
            part = slice(start, start + self._together)
            source = self._single(genomes[part], counts[part], remove[part])
            self._parts.append(Asked(source, groups[part]))
        return self._parts.popleft()

    def _noisy(self, count: int) -> F32:
        """Genomes to probe ``(count, d)``: around the better members, or the regression."""
        s = self._s
        if self._population is None:
            return self._around(self._start(), s.early_noise, count)
        members = self._population[: self._better()]
        picked = members[self._rng.integers(0, len(members), count)]
        noise = smooth_noise(count, self._smoothing, self._rng)
        return standardised_rows(picked + np.float32(s.probe_noise) * noise)

    def _evolve(self, last: bool = False) -> None:
        """Let the surrogate learn and the population evolve on it."""
        s, surrogate = self._s, self._surrogate
        if surrogate is None or not surrogate.ready:
            return
        start = self._around(self._start(), s.early_noise, s.newcomers)
        if self._population is not None:
            # At the end nobody comes who has no time to grow.
            stay = None if last else s.survivors
            start = np.concatenate([self._population[:stay], start])
        self._population = self._evolved(start, surrogate.fit(), last)
        mean = standardised(self._population[: self._better()].mean(axis=0, dtype=np.float64))
        if self._mean is not None:
            memory = s.last_memory if last else self._memory
            mean = memory * self._mean + (1.0 - memory) * mean
        self._mean = mean

    def _evolved(self, start: F32, predict: Predictor, last: bool) -> F32:
        """Members ``(members, d)``, the best first, evolved from a start ``(n, d)``."""
        s, settings = self._s, self._s.evolution
        if last:
            settings = dataclasses.replace(settings, noise=(settings.noise[0], s.last_noise))
        generations = self._generations(last)
        if self._noise is None:
            self._noise = smooth_noise(NOISES, self._smoothing, self._rng)
        return evolve(start, predict, generations, self._noise, settings, self._rng)

    def _generations(self, last: bool) -> int:
        """Generations of one evolution; at the end so many that they take a like share of a run."""
        if not last:
            return self._s.generations
        return round(self._s.last_generations * min(self._asked_for, MOST_EVOLVED) / 1000)

    def _better(self) -> int:
        """How many members are the better ones."""
        return max(1, round(self._s.mean_share * self._s.evolution.members))

    # --- tell --------------------------------------------------------------------------

    def _learn_from(self, asked: Asked, source: CellMasks, scores: F32) -> None:
        super()._learn_from(asked, source, scores)
        if self._surrogate is not None and source.shares is not None:
            kinds = np.full(len(scores), SCOUTING, dtype=np.int64)
            if not isinstance(source, ShiftedGridMasks):
                removed = np.arange(len(scores)) if asked.groups is None else asked.groups
                # Nested masks take turns; the groups of single ones are odd for removed parts.
                kinds = np.where(removed % 2 == 1, REMOVED, KEPT)
            self._surrogate.add(kinds, source.shares.values, scores)
        if isinstance(source, NestedMasks):
            self._measure(scores)

    def _measure(self, scores: F32) -> None:
        """The fitness of the map that was checked; NaN never wins."""
        gains = self._gains_of(scores)[0]
        if not np.isfinite(gains).all():
            return
        self._gains = gains
        fitness = float(gains.mean())
        if self.best_fitness is None or fitness > self.best_fitness:
            self.best_fitness = fitness

    # --- the map -----------------------------------------------------------------------

    def _spent(self) -> None:
        """Evolve for the last time while the model answers the last check."""
        self.finish()

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        if not self._finished:
            self._finished = True
            self._evolve(last=True)

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
        if self._mean is None:
            return self._smooth(self._weights(), self._s.scout_smoothing)
        weights = self._s.regression_weight * self._weights()
        return standardised(standardised(self._mean) + weights)
