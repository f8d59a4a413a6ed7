"""Evolution that costs no model call: genomes compete for the surrogate's prediction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine import kernels

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PolishSettings:
    """Parameters of the evolution on the surrogate.

    Attributes:
        weight: of its outcome in the map, the population's being 1; 0 = no such evolution.
        members, generations: of the evolution.
        first_noise, noise: deviation of what is added to the first members and to each trial.
        best_share: of the members that attract.
        mean_share: of the members, the best, whose mean is the outcome.
        factor, crossover: range of the scale factor F; crossover rate CR.
    """

    weight: float = 1.0
    members: int = 48
    generations: int = 40
    first_noise: float = 0.5
    noise: float = 0.15
    factor: tuple[float, float] = (0.4, 0.9)
    crossover: float = 0.5
    best_share: float = 0.2
    mean_share: float = 0.5


def polish(
    population: F32,
    predict: Callable[[F32], F32],
    smooth: F32,
    settings: PolishSettings,
    rng: np.random.Generator,
) -> F64:
    """Go on with a population on the surrogate and return the mean of its best genomes.

    Args:
        population: standardised genomes ``(m, d)``, where it starts.
        predict: genomes ``(n, d)`` -> predicted fitness ``(n,)``.
        smooth: ``(d, d)``; ``noise @ smooth`` is noise without single cells that stand out.

    Returns:
        float64 ``(d,)``.
    """
    s = settings
    d = population.shape[1]
    extra = max(0, s.members - len(population))
    copies = population[rng.integers(0, len(population), extra)]
    near = copies + np.float32(s.first_noise) * _noise(extra, smooth, rng)
    members = standardised_rows(np.concatenate([population, near]))
    n = len(members)
    fitness = predict(members)
    trials = np.empty_like(members)
    everybody = np.arange(n)
    best = max(2, round(s.best_share * n))
    for _ in range(s.generations):
        elite = np.argsort(-fitness, kind="stable")[:best]
        first = rng.integers(0, n, n)
        second = (first + rng.integers(1, n, n)) % n
        kernels.trial_vectors(
            members,
            members,
            everybody,
            rng.choice(elite, n),
            first,
            second,
            rng.uniform(*s.factor, n).astype(np.float32),
            np.full(n, s.crossover, dtype=np.float32),
            rng.random((n, d), dtype=np.float32),
            rng.integers(0, d, n),
            trials,
        )
        moved = standardised_rows(trials + np.float32(s.noise) * _noise(n, smooth, rng))
        predicted = predict(moved)
        better = predicted >= fitness
        members[better] = moved[better]
        fitness[better] = predicted[better]
    kept = np.argsort(-fitness, kind="stable")[: max(1, round(s.mean_share * n))]
    return np.asarray(members[kept].mean(axis=0, dtype=np.float64))


def _noise(count: int, smooth: F32, rng: np.random.Generator) -> F32:
    white = rng.standard_normal((count, len(smooth)), dtype=np.float32)
    return standardised_rows(white @ smooth)


def standardised_rows(values: F32) -> F32:
    """Each row ``(n, d)`` with zero mean and unit deviation; a constant one becomes zeros."""
    centred = values - values.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True))
    return np.asarray(centred / np.maximum(deviation, np.float32(1e-12)), dtype=np.float32)
