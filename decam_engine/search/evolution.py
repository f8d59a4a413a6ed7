"""Evolution that costs no model call: genomes compete for the surrogate's prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine import kernels
from decam_engine.search.regression import one_thread
from decam_engine.search.surrogate import Fitted

F32 = npt.NDArray[np.float32]

# Generations whose random numbers are drawn at a time: few calls, and bounded memory.
DRAWN_AHEAD = 40
SIGNS = np.array([-1.0, 1.0], dtype=np.float32)


@dataclass(frozen=True)
class EvolutionSettings:
    """Parameters of the evolution on the surrogate.

    Attributes:
        members: genomes in the population; few, since many generations of few come farther
            than few of many.
        noise: deviation of what is added to each trial, in the first and in the last
            generation: what evolves afterwards gets finer.
        first_noise: deviation of what is added to copies of the first members.
        factor, crossover: range of the scale factor F; crossover rate CR.
        best_share: p of "pbest", the share of best genomes that attract.
    """

    members: int = 24
    noise: tuple[float, float] = (0.15, 0.08)
    first_noise: float = 0.5
    factor: tuple[float, float] = (0.2, 0.6)
    crossover: float = 0.5
    best_share: float = 0.2


def evolve(
    population: F32,
    fitted: Fitted,
    generations: int,
    noise: F32,
    settings: EvolutionSettings,
    rng: np.random.Generator,
) -> F32:
    """So many generations of current-to-pbest/1/bin (JADE) on predicted fitness.

    Args:
        population: standardised genomes ``(m, d)``, where it starts.
        fitted: predicts the fitness.
        noise: ``(k, d)``, see :func:`smooth_noise`: what is added to trials, picked at random and
            with either sign. Drawn once: new ones for each trial cost a third of an evolution.

    Returns:
        float32 ``(members, d)``, standardised, the best first.
    """
    s = settings
    d = population.shape[1]
    extra = max(0, s.members - len(population))
    copies = population[rng.integers(0, len(population), extra)]
    near = copies + np.float32(s.first_noise) * noise[rng.integers(0, len(noise), extra)]
    members = standardised_rows(np.concatenate([population, near])[: s.members])
    n = len(members)
    rates = np.full(n, s.crossover, dtype=np.float32)
    best = max(2, round(s.best_share * n))
    amplitudes = np.geomspace(*s.noise, generations, dtype=np.float32)
    for start in range(0, max(1, generations), DRAWN_AHEAD):
        block = amplitudes[start : start + DRAWN_AHEAD]
        shape = len(block), n
        picks = rng.integers(0, best, shape)
        first = rng.integers(0, n, shape)
        second = (first + rng.integers(1, n, shape)) % n
        factors = rng.uniform(*s.factor, shape).astype(np.float32)
        uniform = rng.random((*shape, d), dtype=np.float32)
        forced = rng.integers(0, d, shape)
        added = rng.integers(0, len(noise), shape)
        amounts = block[:, None] * rng.choice(SIGNS, shape)
        drawn = picks, first, second, factors, rates, uniform, forced, noise, added, amounts
        out = np.empty_like(members)
        kernels.evolve_generations(members, *drawn, *fitted, out)
        members = out
    return members


def smooth_noise(count: int, smoothing: F32, rng: np.random.Generator) -> F32:
    """``count`` standardised rows ``(count, d)`` of smooth Gaussian noise."""
    white = rng.standard_normal((count, len(smoothing)), dtype=np.float32)
    with one_thread():
        return standardised_rows(white @ smoothing)


def standardised_rows(values: F32) -> F32:
    """Each row ``(n, d)`` with zero mean and unit deviation; a constant one becomes zeros."""
    out = np.empty_like(values, dtype=np.float32)
    kernels.standardise(np.ascontiguousarray(values, dtype=np.float32), out)
    return out
