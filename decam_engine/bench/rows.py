"""What is measured of one method at one budget, and how it is kept in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.images import Photo
from decam_engine.models import BlackBox

PER_SEED = ("insertion", "deletion", "energy_in_box", "pointing")


@dataclass(frozen=True)
class Case:
    """One photograph with what is known about it."""

    photo: Photo
    target: int | str | None
    boxes: tuple[tuple[float, ...], ...] = ()


@dataclass
class Row:
    """One method at one budget: a list of figures over photographs, one list per seed."""

    method: str
    budget: int
    insertion: dict[int, list[float]] = field(default_factory=dict)
    deletion: dict[int, list[float]] = field(default_factory=dict)
    energy_in_box: dict[int, list[float]] = field(default_factory=dict)
    pointing: dict[int, list[bool]] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)
    stop_reasons: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    stability: float | None = None

    def differences(self) -> npt.NDArray[np.float64]:
        """Insertion minus deletion for each photograph, mean over seeds."""
        per_seed = [
            np.subtract(self.insertion[seed], self.deletion[seed]) for seed in self.insertion
        ]
        return np.asarray(np.mean(per_seed, axis=0))

    def record(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return dict(vars(self))


def names_of(cases: Sequence[Case]) -> list[str]:
    """The photographs' file names, in order."""
    return [c.photo.name for c in cases]


def read_rows(
    place: str, model: BlackBox, cases: Sequence[Case], seeds: Sequence[int]
) -> list[Row]:
    """Rows that ``decam bench --save`` wrote.

    Raises:
        SettingsError: no such file, or one of other photographs, another model or other seeds.
    """
    try:
        document = json.loads(Path(place).read_text(encoding="utf-8"))
        found = {
            "photographs": document["photos"],
            "model": document["model"]["sha256"],
            "seeds": document["seeds"],
        }
        rows = [_row(record) for record in document["rows"]]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsError(
            f"{place} holds no figures to add: expected a file that decam bench --save wrote, "
            f"found: {type(error).__name__}: {error}."
        ) from None
    expected = {
        "photographs": names_of(cases),
        "model": model.describe()["sha256"],
        "seeds": list(seeds),
    }
    for name, value in expected.items():
        if found[name] != value:
            raise SettingsError(
                f"{place} cannot be added, its {name} are not those of this run: expected "
                f"{value}, found {found[name]}. Use the same, or measure them again."
            )
    return rows


def _row(record: dict[str, Any]) -> Row:
    # JSON's keys are text.
    per_seed = {n: {int(s): list(v) for s, v in record[n].items()} for n in PER_SEED}
    return Row(**{**record, **per_seed})
