"""Reports of many results, run again and compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from decam_engine.errors import DecamError, ExportError
from decam_engine.explain import Progress
from decam_engine.images import Photo
from decam_engine.models import BlackBox
from decam_engine.reports.agreement import agreement, on_grid
from decam_engine.reports.book_reading import OpenedBook
from decam_engine.reports.book_record import COMPARISON
from decam_engine.reports.plain import plain
from decam_engine.reports.reading import Difference, Opened
from decam_engine.verify_run import (
    CLOSE,
    DIFFERENT,
    MAP_MEAN,
    PARTLY,
    SAME,
    UNCHANGED,
    Rerun,
    Verdict,
)

# Of rank correlation and overlap, which small changes of a flat map move further than its values.
AGREEMENT_TOLERANCE = 0.05


def verify_book(
    book: OpenedBook,
    *,
    models: Sequence[str | Path | BlackBox],
    image: str | Path | Photo | None,
    run: bool,
    sample: int | None,
    on_progress: Callable[[Progress], object] | None,
) -> Verdict:
    """See :func:`decam_engine.verify.verify`."""
    if not run:
        notes = (*book.notes, "The explanations were not run again.")
        verdict = DIFFERENT if book.changes else UNCHANGED
        return Verdict(verdict, book.changes, book.resaved, notes)
    return _Check(book, models, image, on_progress).made(sample)


class _Check:
    def __init__(
        self,
        book: OpenedBook,
        models: Sequence[str | Path | BlackBox],
        image: str | Path | Photo | None,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        self.book, self.given, self.image, self.on_progress = book, models, image, on_progress
        self.differences = list(book.changes)
        self.deviations = list(book.resaved)
        self.notes = list(book.notes)
        # Opening a model takes longer than a small run.
        self.boxes: dict[str, BlackBox] = {}

    def made(self, sample: int | None) -> Verdict:
        rows = self.book.runs()
        chosen = _spread(len(rows), sample)
        done, failures = 0, []
        for k in chosen:
            try:
                self._row(k, rows[k])
                done += bool(rows[k])
            except DecamError as error:
                failures.append((rows[k][0][0], error))
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise ExportError(
                    f"{self.book.path.name} is damaged: a manifest in it is not that of an "
                    f"explanation ({error!r:.200})."
                ) from None
        if failures and not done:
            raise failures[0][1]
        self.notes += [f"{plain(name, 80)} was not run again: {e}" for name, e in failures]
        listed = self._without_runs()
        if len(chosen) < len(rows):
            self.notes.append(f"{len(chosen):,} of {len(rows):,} photographs were run again.")
        if listed:
            self.notes.append(
                f"{listed:,} results have no page, and so no record to be run again from."
            )
        if self.differences:
            verdict = DIFFERENT
        elif not done:
            verdict = UNCHANGED
        elif failures or listed or len(chosen) < len(rows):
            verdict = PARTLY
        else:
            verdict = CLOSE if self.deviations else SAME
        return Verdict(verdict, tuple(self.differences), tuple(self.deviations), tuple(self.notes))

    def _without_runs(self) -> int:
        """Results that are listed or counted, and hold no manifest."""
        if self.book.head["book"] == COMPARISON:
            return 0
        counts = self.book.head["counts"]
        held = sum("manifest" in e for e in self.book.entries)
        return int(counts["total"]) - int(counts["failed"]) - held

    def _row(self, k: int, row: list[tuple[str, Opened]]) -> None:
        """Run one photograph again, in all its columns."""
        found: dict[int, Rerun] = {}
        for column, (name, opened) in enumerate(row):
            rerun = Rerun(opened)
            rerun.make_again(self._box(rerun), self.image, self.on_progress)
            found[column] = rerun
            at = plain(name, 80)
            self.differences += [Difference(f"{at}, {d.where}", d.text) for d in rerun.differences]
            self.deviations += [Difference(f"{at}, {d.where}", d.text) for d in rerun.deviations]
            self.notes += [f"{at}: {note}" for note in rerun.notes]
        if self.book.head["book"] == COMPARISON:
            self._compare_pairs(k, found)

    def _box(self, rerun: Rerun) -> BlackBox:
        """The model of a run: of those that are given, the one with its hash; opened once."""
        facts = rerun.m["model"]
        keys = ("sha256", "name", "path", "url", "preprocessing", "configuration", "activation")
        key = json.dumps([facts.get(k) for k in keys], sort_keys=True)
        if key not in self.boxes:
            candidates = [rerun.model(given) for given in self.given] or [rerun.model(None)]
            fitting = [c for c in candidates if c.describe().get("sha256") == facts.get("sha256")]
            self.boxes[key] = (fitting or candidates)[0]
        return self.boxes[key]

    def _compare_pairs(self, k: int, found: dict[int, Rerun]) -> None:
        """The numbers that a comparison draws from two maps."""
        entry = self.book.entries[k]
        columns = [j for j, cell in enumerate(entry["cells"]) if "manifest" in cell]
        maps = {}
        for j, rerun in zip(columns, found.values(), strict=True):
            if rerun.again is None:
                return  # said before: photograph or model are others
            maps[j] = on_grid(rerun.shown(rerun.again), rerun.again.fit)
        expected: dict[tuple[int, int], dict[str, Any]] = {
            (p["first"], p["second"]): p for p in entry["pairs"]
        }
        name = plain(entry["photo"]["name"], 80)
        for i, j in combinations(columns, 2):
            now = agreement(maps[i], maps[j])
            then = expected.pop((i, j), None)
            for key, value in now.items():
                self._agree(f"{k + 1}. {name}, {chr(65 + i)} and {chr(65 + j)}", key, then, value)
        if expected:
            self.differences.append(Difference(f"{k + 1}. {name}", "Pairs of maps do not exist."))

    def _agree(self, where: str, key: str, then: dict[str, Any] | None, now: float | None) -> None:
        before = None if then is None else then.get(key)
        if before == now:
            return
        known = isinstance(before, int | float) and now is not None
        within = MAP_MEAN if key == "mean_difference" else AGREEMENT_TOLERANCE
        close = known and abs(float(before or 0.0) - float(now or 0.0)) <= within
        text = f"Expected {key.replace('_', ' ')} {before}, found {now}."
        (self.deviations if close else self.differences).append(Difference(where, text))


def _spread(count: int, sample: int | None) -> list[int]:
    """Numbers of the photographs that are run again."""
    if sample is None or sample >= count:
        return list(range(count))
    return sorted({int(k) for k in np.linspace(0, count - 1, max(1, sample)).round()})
