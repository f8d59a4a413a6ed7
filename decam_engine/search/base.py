"""What a search for a saliency map is: ask for masks, tell their scores, look at the map."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from decam_engine.masks import MaskSource

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SearchTask:
    """What every search is given.

    Attributes:
        size: model input ``(h, w)``.
        calls: how many masks it may have scored, exactly its budget.
        seed: of its random numbers.
        photo_score: the target's probability on the untouched photograph.
        open_ended: the search will be stopped when it has settled; ``calls`` is only a cap.
        shared: other targets of the same photograph follow.
        image: the prepared photograph, float32 ``(h, w, c)``; None = not to be looked at.
        fill: name of the fill to use everywhere, or None for the method's own choice.
    """

    size: tuple[int, int]
    calls: int
    seed: int
    photo_score: float = 1.0
    fill: str | None = None
    image: F32 | None = None
    open_ended: bool = False
    shared: bool = False


class Search(Protocol):
    """Ask/tell. ``ask`` and ``tell`` alternate; ``saliency`` may be read at any time.

    Where ``eager`` is true, one more ``ask`` may come before the ``tell`` that is due, so that
    the model never waits for the search.
    """

    least_calls: ClassVar[int]
    """The smallest budget the method can work with."""

    fills: tuple[str, ...]
    """Names of the fills that mask sources refer to by number."""

    region_fills: tuple[int, int]
    """Which of them hides the rest when a part is kept, and a part when it is removed."""

    independent: bool
    """Whether the masks of the last ``ask`` are the same whatever was told before."""

    eager: bool
    """Whether it can be asked once more before it is told the scores of the last ``ask``."""

    best_fitness: float | None
    """The best fitness so far, or None for a search that has none."""

    def ask(self) -> MaskSource | None:
        """The next masks to score, or None when the budget is spent."""
        ...

    def tell(self, scores: F32) -> None:
        """Target probabilities ``(n,)`` of the masks asked for first; NaN = no answer."""
        ...

    def finish(self) -> None:
        """Called once, when nothing more will be scored: last work on the map, without calls."""
        ...

    def saliency(self) -> F32:
        """The map so far, float32 ``(h, w)`` in [0, 1]."""
        ...

    def settings(self) -> dict[str, Any]:
        """Every parameter in use, JSON-ready."""
        ...


class SearchMaker(Protocol):
    """A class of searches, as the table of methods holds it."""

    @property
    def least_calls(self) -> int:
        """The smallest budget the method can work with."""
        ...

    def __call__(self, task: SearchTask) -> Search:
        """A search of its own for this task."""
        ...


class TurnTaking:
    """Keeps ``ask`` and ``tell`` in turn; wrong order is an error that says what was due."""

    def __init__(self) -> None:
        self._due: deque[int] = deque()

    def asked(self, source: MaskSource) -> None:
        """Note that ``source`` was handed out."""
        self._due.append(len(source))

    def before_ask(self, eager: bool = False) -> None:
        """Raise ``RuntimeError`` if more scores are due than may be."""
        if len(self._due) > int(eager):
            raise RuntimeError(f"expected tell() with {self._due[0]} scores, got ask()")

    def before_tell(self, scores: F32) -> None:
        """Raise ``RuntimeError`` if these scores were not due."""
        if not self._due:
            raise RuntimeError("expected ask(), got tell()")
        if scores.shape != (self._due[0],):
            raise RuntimeError(f"expected scores of shape ({self._due[0]},), got {scores.shape}")
        self._due.popleft()


def unit_range(values: F32, floor: float | None = None) -> F32:
    """Scale to [0, 1]; values at or below ``floor`` (default: the least) become 0.

    A constant map becomes all zeros: it singles nothing out.
    """
    low = float(values.min()) if floor is None else floor
    high = float(values.max())
    if not high > low:
        return np.zeros_like(values, dtype=np.float32)
    scaled = np.clip((values - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    return np.asarray(scaled, dtype=np.float32)
