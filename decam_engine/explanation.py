"""The result: a saliency map with everything that is needed to get it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.geometry import Fit, seen_mask, to_photo
from decam_engine.images import Photo
from decam_engine.journal import Journal
from decam_engine.metrics import Faithfulness
from decam_engine.models import Prediction
from decam_engine.regions import Region
from decam_engine.reports import DEFAULT_FORMATS, Template, save
from decam_engine.reports.manifest import make_manifest

F32 = npt.NDArray[np.float32]
# Insertion and deletion: the target's probabilities from no pixel to all of them.
Curves = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class Baselines:
    """Insertion minus deletion of maps that know nothing of the model.

    Attributes:
        centre: of a centred blob.
        random: of a random order.
        centre_curves, random_curves: the insertion and the deletion curve behind each figure, as
            those of :class:`Faithfulness`; None in results of older versions.
    """

    centre: float
    random: float
    centre_curves: Curves | None = None
    random_curves: Curves | None = None


@dataclass(frozen=True)
class Stability:
    """How far another seed gives the same map.

    Attributes:
        seed: the other one.
        calls: that its map cost; they do not count to the budget.
        value_correlation: Pearson's of the two maps, -1..1; None when one is constant.
        rank_correlation: Spearman's; ranks of pixels that do not matter are chance.
        mean_difference: of absolute values, 0..1.
        overlap: share of the tenth ranked highest that both maps have in common, 0..1.
    """

    seed: int
    calls: int
    value_correlation: float | None
    rank_correlation: float | None
    mean_difference: float | None
    overlap: float | None


@dataclass(frozen=True)
class Evidence:
    """The explained class's scores with parts of the photograph alone.

    Attributes:
        fraction: how much of the model's input each part is, 0..1.
        kept: the most probable classes with only the most salient part.
        kept_score: of the explained class then.
        removed, removed_score: without that part.
        chance_score: with only a random part of that size, the mean over several.
        fills: what hidden pixels became, when the part was kept and when it was removed.
    """

    fraction: float
    kept: tuple[Prediction, ...]
    kept_score: float
    removed: tuple[Prediction, ...]
    removed_score: float
    chance_score: float
    fills: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a model said what it said about one photograph.

    Attributes:
        photo: what was explained.
        target: the explained class, with its probability on the untouched photograph.
        predictions: the five most probable classes.
        input_saliency: float32 ``(h, w)`` on the model's input, in [0, 1], higher = more
            decisive, read-only.
        fit: where the photograph lies on the model's input.
        calls: how many scored inputs it rests on, at most ``budget``.
        shared_calls: how many of them were scored for another target of the same photograph.
        budget: how many it was allowed.
        seconds: wall time.
        history: (calls, best fitness) whenever scores were learnt from, for searches that have
            a fitness.
        seed: of the random numbers.
        settings: method and all its parameters, JSON-ready.
        stop_reason: ``budget``, ``stable``, ``finished`` (nothing left to try),
            ``cancelled``, or ``failed`` (the model did, on the way).
        model: facts about the model, JSON-ready.
        keep_region, flip_region: the smallest part that keeps the decision when all else is
            hidden, and the smallest whose removal changes it; None where none was found or
            sought (small budgets, or a target that is not the model's answer).
        warnings: what a reader must know before trusting the map, in plain words.
        faithfulness: insertion and deletion, when they were measured.
        baselines: what maps that know nothing reach, when it was measured.
        journal: of a run that was stopped: what it takes to go on with it.
        stability: how far another seed gives the same map, when it was measured.
        evidence: scores with and without what the map points at, when they were asked for.
    """

    photo: Photo
    target: Prediction
    predictions: tuple[Prediction, ...]
    input_saliency: F32
    fit: Fit
    calls: int
    budget: int
    seconds: float
    history: tuple[tuple[int, float], ...]
    seed: int
    settings: dict[str, Any]
    stop_reason: str
    model: dict[str, Any]
    shared_calls: int = 0
    keep_region: Region | None = None
    flip_region: Region | None = None
    warnings: tuple[str, ...] = ()
    faithfulness: Faithfulness | None = None
    baselines: Baselines | None = None
    journal: Journal | None = None
    stability: Stability | None = None
    evidence: Evidence | None = None

    @property
    def saliency(self) -> F32:
        """float32 ``(H, W)`` on the photograph's own pixels, in [0, 1]; 0 where never seen.

        Made anew at each access: a large photograph's map is large.
        """
        values = to_photo(self.input_saliency, self.fit)
        return np.clip(values, 0.0, 1.0, out=values)

    @property
    def seen(self) -> npt.NDArray[np.bool_]:
        """bool ``(H, W)``: the photograph's pixels that the model looked at."""
        return seen_mask(self.fit)

    @property
    def cancelled(self) -> bool:
        """Whether somebody stopped it before its budget was spent."""
        return self.stop_reason == "cancelled"

    @property
    def stopped(self) -> bool:
        """Whether it ended before its budget was spent: cancelled, or the model failed."""
        return self.stop_reason in ("cancelled", "failed")

    def manifest(self) -> dict[str, Any]:
        """Everything that is needed to get the same map again, JSON-ready."""
        return make_manifest(self)

    def save(
        self,
        directory: str | Path,
        formats: Sequence[str] = DEFAULT_FORMATS,
        template: Template | None = None,
    ) -> list[Path]:
        """Write result files into a folder (made if missing) and return their paths.

        All files appear, or none. Files of another result are never overwritten: the new
        ones get a number.

        Args:
            template: title, organisation, logo and notes of the reports (``html``, ``pdf``).

        Raises:
            ExportError: the folder or the disk does not take them; the result stays usable.
            SettingsError: unknown format.
        """
        return save(self, Path(directory), formats, template)
