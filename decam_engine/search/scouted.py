"""What searches that scout first have in common: scouting, and what is learnt from it.

Scouting shows antithetic pairs of random, shifted grid masks: a random half of the cells, then
the other half. Every scored mask becomes a row of one regression of the score on the visible
share of each cell: of the probability, and of its log-odds, which still tell where
probabilities are near 0 or 1; both count.
"""

from __future__ import annotations

import dataclasses
import functools
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
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
    shift_limits,
)
from decam_engine.search.base import SearchTask, TurnTaking
from decam_engine.search.calibration import log_odds, standardised
from decam_engine.search.evolution import smooth_noise, standardised_rows
from decam_engine.search.regression import RidgeRegression, likeness_prior

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

SCOUT_FILL, KEEP_FILL, REMOVE_FILL = 0, 1, 2
# Kinds of the regression's rows: those of scouting, and the first of nested masks.
SCOUT_ROW, FIRST_NESTED_ROW = 0, 1
# Masks are asked for a few at a time: what is learnt of them is seen at once, and the next round of
# probes knows the most of this one.
TOGETHER = 16
# A search that is stopped when it has settled scouts as one of this budget would.
OPEN_ENDED_BASIS = 1000
# Least scouting share when several targets share it: the more, the fewer calls in all.
SHARED_SCOUTING = 0.42


CellMasks = ShiftedGridMasks | SingleMasks | NestedMasks


@dataclass(frozen=True)
class Asked:
    """Masks whose scores are due.

    Attributes:
        source: the masks.
        groups: ``(n,)`` of single masks, which kind of row each becomes.
        parents: of trials, which genomes they may replace; -1 = the worst one.
    """

    source: UniformMasks | CellMasks
    groups: I64 | None = None
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class ScoutSettings:
    """Parameters of scouting and of what is learnt from it.

    Attributes:
        grid: cells along each side of a genome.
        areas: fractions of the photograph at which a fitness is measured, increasing.
        scout_share: share of the calls spent on scouting.
        noise_smoothing, scout_smoothing: Gaussian sigma in cells.
        ridge: regression strength, in units of the mean eigenvalue.
        prior_length, prior_colour, prior_share: see :func:`likeness_prior`.
        regression_weight: of the regression in the map, the population's mean being 1.
        depth: least and largest mean rank (0..1) at which the evidence may be found to lie.
        fills: for scouting, for kept parts, for removed parts.
    """

    grid: int = 14
    areas: tuple[float, ...] = (0.10, 0.25, 0.50)
    scout_share: float = 0.25
    noise_smoothing: float = 0.8
    scout_smoothing: float = 0.6
    ridge: float = 0.2
    prior_length: float = 1.5
    prior_colour: float = 1.0
    prior_share: float = 0.8
    regression_weight: float = 0.5
    depth: tuple[float, float] = (0.03, 1.0)
    fills: tuple[str, str, str] = ("strong-blur", "blur", "mean")


class ScoutedSearch(ABC):
    """A blank photograph, scouting, and then what :meth:`_after_scouting` makes of it."""

    least_calls: ClassVar[int] = 40
    # Whether a single mask of a group is a row of the same kind as the nested one of that number.
    _single_as_nested: ClassVar[bool] = False

    def __init__(self, task: SearchTask, settings: ScoutSettings) -> None:
        h, w = task.size
        side = min(settings.grid, h, w)
        if side < 2:
            raise SettingsError(
                f"The method 'de' needs an input of at least 2 x 2 pixels, found {h} x {w}."
            )
        self.task = task
        self.fills: tuple[str, ...] = settings.fills if task.fill is None else (task.fill,) * 3
        self.grid = (side, side)
        self.region_fills = (KEEP_FILL, REMOVE_FILL)
        self.independent = True
        self.eager = False
        self.best_fitness: float | None = None
        self._scouting_settings = dataclasses.replace(settings, fills=self.fills)
        self._d = side * side
        self._per_genome = 2 * len(settings.areas)
        # The budget that the shares are of.
        self._basis = min(task.calls, OPEN_ENDED_BASIS) if task.open_ended else task.calls
        # Several targets share scouting, which is not tilted to any of them.
        self._scout_share = settings.scout_share
        if task.shared:
            self._scout_share = max(settings.scout_share, SHARED_SCOUTING)
        # Pairs are scored together.
        self._scout_left = 2 * int(self._scout_share * self._basis / 2)
        self._rng = np.random.default_rng(task.seed)
        self._prior = likeness_prior(
            self.grid,
            task.image,
            settings.prior_length,
            settings.prior_colour,
            settings.prior_share,
        )
        self._regression = RidgeRegression(self._d, settings.ridge, self._prior, values=2)
        # ``noise @ smoothing`` is smooth noise.
        self._smoothing = _smoothing(self.grid, settings.noise_smoothing)
        # How many masks are asked for at a time.
        self._together = TOGETHER
        self._asked_for = 0
        # Scores of the blank photograph with the fills of kept and of removed parts.
        self._blank: F32 | None = None
        self._turn = TurnTaking()
        self._due: deque[Asked] = deque()

    # --- ask and tell ------------------------------------------------------------------

    def ask(self) -> MaskSource | None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_ask(self.eager)
        left = self.task.calls - self._asked_for
        if left <= 0:
            self._spent()
            return None
        # Blank and scouting masks are drawn before anything is learnt from the scores.
        self.independent = self._asked_for == 0 or self._scout_left > 0
        asked = self._next(left)
        self._asked_for += len(asked.source)
        self._turn.asked(asked.source)
        self._due.append(asked)
        self.eager = self._scout_left > 0 or self._may_go_on(asked)
        return asked.source

    def _next(self, left: int) -> Asked:
        if self._asked_for == 0:
            return Asked(UniformMasks((0.0, 0.0), (KEEP_FILL, REMOVE_FILL)))
        if self._scout_left > 0:
            count = min(self._together, self._scout_left, left)
            self._scout_left -= count
            return Asked(self._scouting(count))
        return self._after_scouting(left)

    @abstractmethod
    def _after_scouting(self, left: int) -> Asked:
        """The next masks, of which there may be ``left`` at most."""

    @abstractmethod
    def _may_go_on(self, asked: Asked) -> bool:
        """Whether more can be drawn after scouting, before the scores of these masks are there."""

    @abstractmethod
    def saliency(self) -> F32:
        """See :class:`decam_engine.search.base.Search`."""

    def tell(self, scores: F32) -> None:
        """See :class:`decam_engine.search.base.Search`."""
        self._turn.before_tell(scores)
        asked = self._due.popleft()
        if isinstance(asked.source, UniformMasks):
            self._blank = scores.copy()
        else:
            self._learn_from(asked, asked.source, scores)

    def _learn_from(self, asked: Asked, source: CellMasks, scores: F32) -> None:
        if source.shares is None:
            return
        n = len(scores)
        if isinstance(source, ShiftedGridMasks):
            kinds = np.full(n, SCOUT_ROW, dtype=np.int64)
        elif isinstance(source, NestedMasks):
            kinds = FIRST_NESTED_ROW + np.arange(n) % self._per_genome
        else:
            apart = 0 if self._single_as_nested else self._per_genome
            groups = np.zeros(n, dtype=np.int64) if asked.groups is None else asked.groups
            kinds = FIRST_NESTED_ROW + apart + groups
        both = np.stack([scores, log_odds(scores)], axis=1)
        self._regression.add(kinds, source.shares.values, both)

    # --- parts -------------------------------------------------------------------------

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

    def _single(self, genomes: F32, counts: I64, remove: npt.NDArray[np.bool_]) -> SingleMasks:
        """Genomes ``(n, d)``, each at one area ``(n,)`` in pixels, kept or removed."""
        return SingleMasks(
            genomes,
            self.grid,
            self.task.size,
            counts,
            remove,
            np.where(remove, REMOVE_FILL, KEEP_FILL).astype(np.int64),
            CellShares(len(genomes), self.grid, self.task.size),
        )

    def _nested(self, genomes: F32) -> NestedMasks:
        """Genomes ``(n, d)`` at all areas, kept and removed."""
        shares = CellShares(len(genomes) * self._per_genome, self.grid, self.task.size)
        areas = self._scouting_settings.areas
        return NestedMasks(
            genomes, self.grid, areas, self.task.size, KEEP_FILL, REMOVE_FILL, shares
        )

    def _around(self, start: F64, noise: float, count: int) -> F32:
        """``count`` standardised genomes ``(count, d)`` near a start ``(d,)``."""
        smooth = smooth_noise(count, self._smoothing, self._rng)
        return standardised_rows(start.astype(np.float32) + np.float32(noise) * smooth)

    def _gains_of(self, scores: F32) -> F64:
        """Kept minus removed at each area ``(genomes, areas)``, of nested masks."""
        pairs = scores.reshape(-1, self._per_genome // 2, 2).astype(np.float64)
        return np.asarray(pairs[:, :, 0] - pairs[:, :, 1])

    def _start(self) -> F64:
        """The regression's weights, smoothed and standardised ``(d,)``."""
        return standardised(self._smooth(self._weights(), self._scouting_settings.scout_smoothing))

    def _weights(self) -> F64:
        """Influence of each cell on the probability and on its log-odds, ``(d,)``."""
        both = self._regression.weights()
        return standardised(standardised(both[:, 0]) + standardised(both[:, 1]))

    def _spent(self) -> None:
        """All masks were asked for; the scores of the last ones may be missing."""
        return

    def finish(self) -> None:
        """See :class:`decam_engine.search.base.Search`: nothing is left to do."""
        return

    def settings(self) -> dict[str, Any]:
        """See :class:`decam_engine.search.base.Search`."""

        def listed(items: list[tuple[str, Any]]) -> dict[str, Any]:
            return {k: list(v) if isinstance(v, tuple) else v for k, v in items}

        record = dataclasses.asdict(self._scouting_settings, dict_factory=listed)
        return {**record, "scout_share": self._scout_share, "grid": list(self.grid)}

    def _smooth(self, cells: F64, sigma: float) -> F64:
        """Gaussian blur over the grid, sigma in cells."""
        return _blurred(cells, self.grid, sigma)


def _blurred(cells: F64, grid: tuple[int, int], sigma: float) -> F64:
    size = 2 * int(np.ceil(3 * sigma)) + 1
    image = cells.reshape(grid)
    blurred = cv2.GaussianBlur(image, (size, size), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred).reshape(-1)


@functools.lru_cache(maxsize=4)
def _smoothing(grid: tuple[int, int], sigma: float) -> F32:
    """float32 ``(d, d)``: rows of white noise times this are smooth; the same in every run."""
    rows = [_blurred(row, grid, sigma) for row in np.eye(grid[0] * grid[1])]
    smoothing = np.asarray(rows, dtype=np.float32)
    # Runs share it.
    smoothing.flags.writeable = False
    return smoothing
