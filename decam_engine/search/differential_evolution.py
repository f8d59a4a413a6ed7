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
4. Map: while the model answers the last probes the population evolves further, and a little more
   once all of them are known; the mean of its better half, averaged over the rounds, plus the
   regression's weights is the map. Its values (not its ranking) are calibrated by how the
   evidence was found to be spread over the areas.
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
    evolve,
    smooth_noise,
    standardised_rows,
)
from decam_engine.search.scouted import TOGETHER, Asked, CellMasks, ScoutedSearch, ScoutSettings
from decam_engine.search.surrogate import (
    KEPT,
    REMOVED,
    SCOUTING,
    Fitted,
    Surrogate,
    SurrogateSettings,
)

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

LEAST_ROUND = 16
FULL_BATCHES = 8
# A model of so small inputs that no surrogate is worth its time answers this many at a time.
MANY = 64
# From so many calls on, the last ask of scouting need not be known before the first probes.
MUCH_SCOUTED = 8 * TOGETHER
# Most of the calls after scouting that checks may take.
CHECK_SHARE = 0.1
# A longer run evolves no longer at its end.
MOST_EVOLVED = 2500
# The regression groups probes by so many intervals of the area.
AREA_GROUPS = 4
# So many different noises are there for trials.
NOISES = 512


@dataclass(frozen=True)
class Leg:
    """One of the evolutions of a run.

    Attributes:
        generations: how many.
        noise: deviation of what is added to each trial, in the first and in the last of them.
        survivors: members that stay when newcomers join; None = all.
        memory: how much of the mean of earlier rounds stays in the map's, 0..1.
        again: whether it goes on with the evolution before, so that the rounds before that one
            are the earlier ones.
    """

    generations: int
    noise: tuple[float, float]
    survivors: int | None
    memory: float
    again: bool = False


@dataclass(frozen=True)
class DESettings(ScoutSettings):
    """Parameters of the search; the defaults are those of the benchmark.

    Attributes:
        early_share: share spent on probes around the regression's weights, before evolution.
        rounds: of probes in a run, with evolution between them, at the least.
        longest_round: most probes in one, but for what remains at the end; then there are more.
        generations: between two rounds.
        last_generations: at the end, for each 1,000 calls.
        last_noise: of the last one's trials.
        closing_share: of these generations, those that wait until all probes are answered.
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
    closing_share: float = 0.125
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
            self._surrogate = Surrogate(self._prior, self._regression.precision, s.surrogate)
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
        # Mean of the better members, averaged over the rounds; what it was before the last one.
        self._mean: F64 | None = None
        self._mean_before: F64 | None = None
        # Whether it evolved before the last check, and whether for the last time.
        self._long_done = self._finished = False
        # The gains measured last, ``(areas,)``.
        self._gains: F64 | None = None

    # --- ask ---------------------------------------------------------------------------

    def _after_scouting(self, left: int) -> Asked:
        last = left == self._per_genome and not self._parts
        if last or self._check_is_due(left):
            self._next_check += self._between
            if last:
                # Now, so that the model has something to do meanwhile: the last probes.
                self._evolve_long()
            # The map so far.
            return Asked(self._nested(self._centre().astype(np.float32)[None]))
        if self._parts:
            return self._parts.popleft()
        # The last calls are kept for the last check, where there is room for it.
        room = left - self._per_genome if left > self._per_genome else left
        # No round of a few is left over.
        return self._probes(room if room < self._round + LEAST_ROUND else self._round)

    def _check_is_due(self, left: int) -> bool:
        """Within a round, where it has parts: the model has more to do when the round ends."""
        rest = sum(len(part.source) for part in self._parts)
        within = bool(self._parts) or self._round <= self._together
        return within and self._asked_for >= self._next_check and left - rest > 2 * self._per_genome

    def _may_go_on(self, asked: Asked) -> bool:
        """Probes lag one ask behind what was learnt; the first may wait for the scouting."""
        scouting = isinstance(asked.source, ShiftedGridMasks)
        return not scouting or self._asked_for >= MUCH_SCOUTED

    def _probes(self, count: int) -> Asked:
        """Noisy members, each at one area, kept or removed; the first of so many."""
        s, rng = self._s, self._rng
        if self._asked_for >= self._early_until:
            self._evolve(Leg(s.generations, s.evolution.noise, s.survivors, self._memory))
        genomes = self._noisy(count)
        low, high = (np.log(a) for a in s.probe_areas)
        # One in each of so many even intervals, kept and removed by turns, in random order.
        place = rng.permutation(count)
        logarithms = low + (high - low) * (place + rng.random(count)) / count
        remove = (place + rng.integers(2)) % 2 == 0
        counts = pixel_counts([float(a) for a in np.exp(logarithms)], self.task.size)
        groups = ((logarithms - low) / (high - low) * AREA_GROUPS).astype(np.int64)
        groups = 2 * np.minimum(groups, AREA_GROUPS - 1) + remove
        # A few at a time: the next round shall know the most of this one. Full ones last, so that
        # the model has more to do while the population evolves.
        ends = range(count, 0, -self._together)
        for end in reversed(ends):
            part = slice(max(0, end - self._together), end)
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

    def _evolve_long(self) -> None:
        """Most of the evolution at the end; at its end nobody comes who has no time to grow."""
        s = self._s
        noise = s.evolution.noise[0], self._closing_noise()
        generations = round(self._last_generations() * (1.0 - s.closing_share))
        self._evolve(Leg(generations, noise, None, s.last_memory))
        self._long_done = True

    def _last_generations(self) -> float:
        """So many that they take a like share of a run."""
        return self._s.last_generations * min(self._asked_for, MOST_EVOLVED) / 1000

    def _closing_noise(self) -> float:
        """What the noise of trials has come down to when the closing generations begin."""
        s = self._s
        first = s.evolution.noise[0]
        return float(first * (s.last_noise / first) ** (1.0 - s.closing_share))

    def _evolve(self, leg: Leg) -> None:
        """Let the surrogate learn and the population evolve on it."""
        s, surrogate = self._s, self._surrogate
        if surrogate is None or not surrogate.ready:
            return
        start = self._population
        if start is None or leg.survivors is not None:
            newcomers = self._around(self._start(), s.early_noise, s.newcomers)
            start = (
                newcomers if start is None else np.concatenate([start[: leg.survivors], newcomers])
            )
        self._population = self._evolved(start, surrogate.fit(), leg)
        mean = standardised(self._population[: self._better()].mean(axis=0, dtype=np.float64))
        if not leg.again:
            self._mean_before = self._mean
        if self._mean_before is not None:
            mean = leg.memory * self._mean_before + (1.0 - leg.memory) * mean
        self._mean = mean

    def _evolved(self, start: F32, fitted: Fitted, leg: Leg) -> F32:
        """Members ``(members, d)``, the best first, evolved from a start ``(n, d)``."""
        settings = dataclasses.replace(self._s.evolution, noise=leg.noise)
        if self._noise is None:
            self._noise = smooth_noise(NOISES, self._smoothing, self._rng)
        return evolve(start, fitted, leg.generations, self._noise, settings, self._rng)

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
        """Evolve for the last time, while the model answers the last check."""
        self.finish()

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        if self._finished:
            return
        self._finished = True
        if not self._long_done:
            self._evolve_long()
        s = self._s
        generations = round(self._last_generations() * s.closing_share)
        noise = self._closing_noise(), s.last_noise
        self._evolve(Leg(generations, noise, None, s.last_memory, again=True))

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
