"""Rivals of the search that leave out or replace one part of it, for the benchmark alone.

Each spends the same calls as DE-CAM, so that what a part earns can be read off a table.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import Any, ClassVar

import cv2
import numpy as np
import numpy.typing as npt

from decam_engine.bench.measured import MeasuredEvolution, MeasuredSettings
from decam_engine.errors import SettingsError
from decam_engine.masks import MaskSource, upsample
from decam_engine.search.base import SearchMaker, SearchTask, TurnTaking, unit_range
from decam_engine.search.differential_evolution import DESettings, DifferentialEvolution, Leg
from decam_engine.search.scouted import KEEP_FILL, REMOVE_FILL, Asked
from decam_engine.search.surrogate import Fitted, SurrogateSettings

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]


class ScoutingAlone(DifferentialEvolution):
    """All calls on antithetic scouting; the map is the regression's weights."""

    def __init__(self, task: SearchTask) -> None:
        super().__init__(task, DESettings(scout_share=1.0))


class RegressionAlone(DifferentialEvolution):
    """Scouting and probes around the regression's weights; no surrogate, nothing evolves."""

    def __init__(self, task: SearchTask) -> None:
        super().__init__(task, DESettings(surrogate=SurrogateSettings(least_side=10**6)))


class RandomSearch(DifferentialEvolution):
    """As DE-CAM, but genomes are not recombined: the best of as many random ones are taken."""

    def _evolved(self, start: F32, fitted: Fitted, leg: Leg) -> F32:
        members = self._s.evolution.members
        count = members * leg.generations
        drawn = self._around(self._start(), self._s.early_noise, count)
        found = np.concatenate([start, drawn])
        return found[np.argsort(-fitted.predict(found), kind="stable")[:members]]


class PlainEvolution(MeasuredEvolution):
    """Measured fitness without help from the regression: no screening, no proposal."""

    def __init__(self, task: SearchTask) -> None:
        super().__init__(task, MeasuredSettings(candidates=1, centre_share=0.0))

    def _trials(self, most: int) -> tuple[F32, tuple[int, ...]]:
        parents = self._rng.permutation(len(self._population))[:most]
        trials = self._bred(parents, self._weights(), lambda genomes: np.zeros(len(genomes), "f4"))
        return trials, tuple(int(i) for i in parents)


class ScipyEvolution(MeasuredEvolution):
    """The measured evolution with SciPy's ``differential_evolution`` after the first population.

    SciPy calls a function and is not asked, so it runs in a thread that waits for scores.
    """

    # SciPy takes no population of fewer than five.
    least_calls: ClassVar[int] = 130
    # Standardised genomes hardly leave this range.
    BOUND: ClassVar[float] = 5.0

    def __init__(self, task: SearchTask) -> None:
        super().__init__(task)
        try:
            from scipy import optimize  # noqa: PLC0415 - only the benchmark needs it
        except ImportError:
            raise SettingsError(
                "The method 'scipy-de' needs SciPy, which is not installed. Install it with: "
                "pip install scipy"
            ) from None
        self._optimise = optimize.differential_evolution
        self._asked: queue.Queue[F64] = queue.Queue()
        self._told: queue.Queue[F64 | None] = queue.Queue()
        self._waiting: F64 = np.zeros((0, self._d))
        self._minima: list[float] = []
        self._scipy_seed = int(self._rng.integers(2**31))
        self._thread: threading.Thread | None = None

    def _evaluate(self, genomes: F64) -> F64:
        """Called by SciPy with ``(d, n)`` or ``(d,)``; waits for the model."""
        self._asked.put(np.atleast_2d(genomes.T))
        values = self._told.get()
        if values is None:
            raise _EndedError
        return values if genomes.ndim == 2 else values[0]

    def _run(self, start: F64) -> None:
        with contextlib.suppress(_EndedError):
            self._optimise(
                self._evaluate,
                [(-self.BOUND, self.BOUND)] * self._d,
                strategy="currenttobest1bin",
                maxiter=10**6,
                tol=0.0,
                atol=-1.0,  # goes on, however alike the genomes have become
                mutation=self._s.factor,
                recombination=self._s.crossover_mean,
                rng=self._scipy_seed,
                polish=False,
                init=np.clip(start, -self.BOUND, self.BOUND),
                updating="deferred",
                vectorized=True,
            )

    def _may_go_on(self, asked: Asked) -> bool:
        return False

    def _trials(self, most: int) -> tuple[F32, tuple[int, ...]]:
        if self._thread is None:
            start = self._population.astype(np.float64)
            self._thread = threading.Thread(target=self._run, args=(start,), daemon=True)
            self._thread.start()
            # It scores its start, which is known already.
            self._asked.get()
            self._told.put(-self._fitness)
        if len(self._waiting) == 0:
            self._waiting = self._asked.get()
        members = len(self._population)
        first = members - len(self._waiting)
        count = min(most, len(self._waiting))
        trials = np.asarray(self._waiting[:count], dtype=np.float32)
        return trials, tuple(range(first, first + count))

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        super().tell(scores)
        if self._asked_for >= self.task.calls and self._thread is not None:
            self._told.put(None)
            self._thread.join()

    def _select(self, genomes: F32, scores: F32, parents: tuple[int, ...]) -> None:
        super()._select(genomes, scores, parents)
        if self._thread is None:
            return
        fitness = np.nan_to_num(self._gains_of(scores).mean(axis=1), nan=-1.0)
        self._minima.extend(-fitness)
        self._waiting = self._waiting[len(genomes) :]
        if len(self._waiting) == 0:
            self._told.put(np.asarray(self._minima))
            self._minima = []


class _EndedError(Exception):
    """The budget is spent: what SciPy waits for will not come."""


class _PlainGrids:
    """Each grid ``(n, g, g)`` enlarged bilinearly, then its complement."""

    def __init__(self, grids: F32, size: tuple[int, int]) -> None:
        self.grids, self.size = grids, size
        self.fills = np.tile(np.array([KEEP_FILL, REMOVE_FILL], dtype=np.int64), len(grids))

    def __len__(self) -> int:
        return len(self.fills)

    def render(self, start: int, stop: int, out: F32) -> None:
        """See :class:`decam_engine.masks.MaskSource`."""
        for row in range(start, stop):
            mask = upsample(self.grids[row // 2], self.size, cv2.INTER_LINEAR)
            out[row - start] = 1.0 - mask if row % 2 else mask


class MaskEvolution:
    """Classic DE/rand/1/bin over keep masks: fitness = kept - removed - half the area."""

    least_calls: ClassVar[int] = 40
    GRID: ClassVar[int] = 8
    MEMBERS: ClassVar[int] = 20
    FACTOR, RATE, AREA_PRICE = 0.5, 0.9, 0.5

    def __init__(self, task: SearchTask) -> None:
        fills = DESettings().fills
        self.fills: tuple[str, ...] = (task.fill,) * 3 if task.fill is not None else fills
        self.region_fills = (KEEP_FILL, REMOVE_FILL)
        self.independent = False
        self.eager = False
        self.best_fitness: float | None = None
        self.task = task
        self._rng = np.random.default_rng(task.seed)
        self._population = np.zeros((0, self.GRID**2), dtype=np.float32)
        self._fitness = np.zeros(0)
        self._trials = self._population
        self._spent = 0
        self._turn = TurnTaking()

    def ask(self) -> MaskSource | None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_ask()
        most = min(self.MEMBERS, (self.task.calls - self._spent) // 2)
        if most <= 0:
            return None
        rng, d = self._rng, self.GRID**2
        if len(self._population) == 0:
            self._trials = rng.random((most, d), dtype=np.float32)
        else:
            picks = np.array([rng.permutation(len(self._population))[:3] for _ in range(most)])
            a, b, c = (self._population[picks[:, k]] for k in range(3))
            mutants = np.clip(a + np.float32(self.FACTOR) * (b - c), 0.0, 1.0)
            crossed = rng.random((most, d)) < self.RATE
            crossed[np.arange(most), rng.integers(0, d, most)] = True
            self._trials = np.where(crossed, mutants, self._population[:most])
        grids = np.ascontiguousarray(self._trials.reshape(-1, self.GRID, self.GRID))
        source = _PlainGrids(grids, self.task.size)
        self._turn.asked(source)
        return source

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_tell(scores)
        self._spent += len(scores)
        pairs = scores.reshape(-1, 2).astype(np.float64)
        fitness = pairs[:, 0] - pairs[:, 1] - self.AREA_PRICE * self._trials.mean(axis=1)
        fitness = np.where(np.isfinite(fitness), fitness, -np.inf)
        if len(self._population) == 0:
            self._population, self._fitness = self._trials.copy(), fitness
        else:
            better = np.flatnonzero(fitness >= self._fitness[: len(fitness)])
            self._population[better] = self._trials[better]
            self._fitness[better] = fitness[better]
        if np.isfinite(self._fitness).any():
            self.best_fitness = float(self._fitness.max())

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`: nothing is left to do."""

    def saliency(self) -> F32:
        """Mean of the population's masks."""
        if len(self._population) == 0:
            return np.zeros(self.task.size, dtype=np.float32)
        mean = self._population.mean(axis=0).reshape(self.GRID, self.GRID)
        return unit_range(upsample(mean, self.task.size, cv2.INTER_CUBIC))

    def settings(self) -> dict[str, Any]:
        """See :class:`decam_engine.search.base.Search`."""
        return {
            "grid": [self.GRID, self.GRID],
            "population": self.MEMBERS,
            "factor": self.FACTOR,
            "crossover_rate": self.RATE,
            "area_price": self.AREA_PRICE,
            "fills": list(self.fills),
        }


ABLATIONS: dict[str, SearchMaker] = {
    "scouting": ScoutingAlone,
    "regression": RegressionAlone,
    "random": RandomSearch,
    "measured-de": MeasuredEvolution,
    "plain-de": PlainEvolution,
    "mask-de": MaskEvolution,
    "scipy-de": ScipyEvolution,
}
