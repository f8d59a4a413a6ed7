"""The maps that can be compared: those that were found of late, as small as a grid needs them.

As the session, it holds no widget and no thread.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from decam_engine import Explanation
from decam_gui.core.jobs import JobSpec
from decam_gui.qt_image import shrunk
from decam_gui.session import Session
from decam_gui.views.placement import Placement

F32 = npt.NDArray[np.float32]

# The oldest leave; a map and its picture take about a megabyte.
MOST_MAPS = 30
PREVIEW_SIDE = 512
DIMENSIONS = ("model", "label", "method")


@dataclass(frozen=True, eq=False)
class Compared:
    """A map, and what it is of.

    Attributes:
        address, model: where the model is, and what it is called.
        target, label, score: the explained class.
        saliency, fit: as those of the explanation.
    """

    path: Path
    address: str
    model: str
    target: int
    label: str
    score: float
    method: str
    seed: int
    saliency: F32
    fit: Any
    placement: Placement
    preview: QImage

    @property
    def key(self) -> tuple[Path, str, int, str]:
        """Only the newest of this is kept."""
        return self.path, self.address, self.target, self.method


class Comparison(QObject):
    """Collects maps as they are found, and those that are looked at."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._maps: OrderedDict[tuple[Path, str, int, str], Compared] = OrderedDict()
        session.found.connect(self._found)
        session.result_changed.connect(self._look)
        session.photo_removed.connect(self._forget)
        session.list_changed.connect(self._forget_closed)

    @property
    def maps(self) -> list[Compared]:
        """Oldest first."""
        return list(self._maps.values())

    def values(self, dimension: str) -> list[str]:
        """What there is of models, labels or methods, in the order of their coming."""
        return list(dict.fromkeys(str(getattr(m, dimension)) for m in self._maps.values()))

    def grid(
        self, columns: str, chosen: dict[str, str]
    ) -> tuple[list[Path], list[str], dict[tuple[Path, str], Compared]]:
        """Rows (photographs), columns, and the newest map of each cell.

        Args:
            columns: one of ``DIMENSIONS``.
            chosen: by dimension, the one value that counts; missing = all.
        """
        cells: dict[tuple[Path, str], Compared] = {}
        for found in self._maps.values():
            if all(getattr(found, d) == value for d, value in chosen.items() if value):
                cells[found.path, str(getattr(found, columns))] = found
        rows = [p for p in self._session.paths if any(key[0] == p for key in cells)]
        heads = [v for v in self.values(columns) if any(key[1] == v for key in cells)]
        return rows, heads, cells

    def missing(self, columns: str, chosen: dict[str, str]) -> list[JobSpec]:
        """The runs that would fill the empty cells, and those of open models without a column."""
        s = self._session
        rows, heads, cells = self.grid(columns, chosen)
        specs = []
        there = {m.address for m in s.models}
        for head in heads:
            like = [m for m in reversed(self.maps) if getattr(m, columns) == head]
            like = [m for m in like if m.address in there]
            for row in rows:
                if (row, head) in cells or not like:
                    continue
                near = [m for m in like if m.path == row] or like
                specs.append(self._spec(row, near[0], columns))
        if columns == "model":
            for model in s.models:
                if model.title not in heads and not chosen.get("model"):
                    specs += [JobSpec(row, model.address, settings=s.settings) for row in rows]
        return specs

    def _spec(self, row: Path, like: Compared, columns: str) -> JobSpec:
        settings = replace(self._session.settings, method=like.method)
        # Across photographs of a model the answer is asked for, unless classes are compared.
        targets = (like.target,) if columns != "model" else ()
        labels = (like.label,) if targets else ()
        return JobSpec(row, like.address, targets, labels, settings)

    @Slot(object, str, object, int)
    def _found(self, path: Path, address: str, result: Explanation, number: int) -> None:
        self._add(path, address, result)

    @Slot()
    def _look(self) -> None:
        result, model, path = self._session.result(), self._session.model, self._session.current
        if result is not None and model is not None and path is not None:
            key = (path, model.address, result.target.index, str(result.settings["method"]))
            if key not in self._maps:
                self._add(path, model.address, result)

    @Slot(object)
    def _forget(self, path: Path) -> None:
        for key in [k for k in self._maps if k[0] == path]:
            del self._maps[key]
        self.changed.emit()

    @Slot()
    def _forget_closed(self) -> None:
        """Another session, or many photographs left."""
        gone = [k for k in self._maps if k[0] not in self._session.library]
        for key in gone:
            del self._maps[key]
        if gone:
            self.changed.emit()

    def _add(self, path: Path, address: str, result: Explanation) -> None:
        title = next((m.title for m in self._session.models if m.address == address), "")
        fit = result.fit
        made = Compared(
            path, address, title or str(result.model.get("name", "")), result.target.index,
            result.target.label, result.target.score, str(result.settings["method"]), result.seed,
            result.input_saliency, fit,
            Placement(fit.photo_size, fit.input_size, fit.scale, fit.offset, fit.seen),
            _preview(result.photo.pixels),
        )  # fmt: skip
        self._maps[made.key] = made
        self._maps.move_to_end(made.key)
        while len(self._maps) > MOST_MAPS:
            self._maps.popitem(last=False)
        self.changed.emit()


def _preview(pixels: npt.NDArray[np.uint8]) -> QImage:
    """Small, and quickly: large photographs are thinned out before they are averaged."""
    step = max(1, max(pixels.shape[:2]) // (3 * PREVIEW_SIDE))
    return shrunk(np.ascontiguousarray(pixels[::step, ::step]), PREVIEW_SIDE)
