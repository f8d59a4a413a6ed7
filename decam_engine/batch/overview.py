"""What is said of a whole folder of results: a table, average maps, and what deserves a look.

All of it comes from the index, read twice; no map and no photograph is opened but for the gallery.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
from PIL import Image

from decam_engine.batch.picture import map_picture
from decam_engine.collection import Result, write_collection
from decam_engine.entry import FAILED, Entry
from decam_engine.errors import ExportError
from decam_engine.folder import ResultFolder
from decam_engine.metrics import rank_correlation
from decam_engine.reports import Template, safe_name
from decam_engine.reports.attention import Reason, reasons
from decam_engine.reports.entries import Failure
from decam_engine.reports.table import COLUMNS, Row, csv_head, csv_line, failure_row
from decam_engine.reports.tables import TABLES
from decam_engine.summary import CELLS, small_map

F64 = npt.NDArray[np.float64]

TABLE, GALLERY, AVERAGES = "table", "gallery.html", "averages"
# Before the columns of every table.
OWN_COLUMNS: dict[str, str] = {
    "path": "of the photograph",
    "look": "why it deserves a look, the weightiest first; empty when nothing stands out",
    "weight": "the higher, the more it deserves one",
    "map_correlation": "rank correlation of the map with another model's, the lowest",
    "manifest": "of the result, relative to the folder",
    "state": "done, stopped or failed",
    "model_address": "file or URL",
    "question": "fingerprint of photograph, model, settings and engine version",
}
# Models agree on a class for different reasons below this.
AGREEMENT = 0.3
# Results that a gallery lists at most, and those of them with a page of their own.
GALLERY_LINES, GALLERY_PAGES = 2000, 50
# Failures in it: they must not crowd everything else out.
GALLERY_FAILURES = 200
# Classes of a model with a picture of their average map, the most frequent ones.
PICTURES = 200
PICTURE_SIDE = 280


@dataclass
class Overview:
    """What was written, and how much there was.

    Attributes:
        rows: lines of the table.
        look: results that deserve a look.
        files: what was written.
        error: why it was not, one sentence; else empty.
    """

    rows: int = 0
    look: int = 0
    files: list[Path] = field(default_factory=list)
    error: str = ""


def write_overview(
    folder: ResultFolder,
    repeated: Sequence[tuple[str, str]] = (),
    *,
    gallery: bool = True,
    pages: int = GALLERY_PAGES,
    template: Template | None = None,
    tables: Sequence[str] = ("csv",),
) -> Overview:
    """Write ``table.csv``, ``averages/`` and ``gallery.html`` into a folder of results.

    Args:
        tables: formats of the table, see :func:`decam_engine.reports.tables.check_tables`.
        repeated: photographs (paths) that share the content, and so the question (its id), of
            another one: they get lines of their own.
        pages: of the gallery, one for each of the results that deserve a look most.

    Raises:
        ExportError: the disk does not take them.
    """
    overview = Overview()
    means = _Means()
    # The weightiest, smallest first, with a number that keeps equal ones apart.
    most: list[tuple[float, int, Result]] = []
    failures = 0
    try:
        places = [folder.path / f"{TABLE}.{name}" for name in tables]
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(_whole(place)) for place in places]
            columns = [*OWN_COLUMNS, *COLUMNS]
            written = [
                TABLES[name][0](stream, columns)
                for name, stream in zip(tables, streams, strict=True)
            ]
            for line in _lines(folder, repeated):
                overview.rows += 1
                overview.look += bool(line.row["look"])
                for table in written:
                    table.add(line.row)
                if line.cells is not None and not line.repeats:
                    means.add(line.row["model"], line.row["target_label"], line.cells)
                failures += not line.manifest
                if line.repeats or (not line.manifest and failures > GALLERY_FAILURES):
                    continue
                item = (float(line.row["weight"]), -overview.rows, line.result(folder))
                if len(most) < GALLERY_LINES:
                    heapq.heappush(most, item)
                else:
                    heapq.heappushpop(most, item)
            for table in written:
                table.close()
        overview.files += places
        overview.files += means.write(folder.path / AVERAGES)
    except OSError as error:
        raise ExportError(
            f"The table of {folder.path} could not be written ({error.strerror or error}). Free "
            "some space; the results are kept."
        ) from None
    if gallery and most:
        chosen = [result for _, _, result in sorted(most, key=lambda m: (-m[0], -m[1]))]
        place = folder.path / GALLERY
        overview.files += write_collection(
            chosen, place, template=template, order="look", pages=pages
        )
    return overview


@dataclass
class _Line:
    """A line of the table with what else is made from it."""

    entry: Entry
    row: Row
    manifest: str = ""
    cells: npt.NDArray[np.float32] | None = None
    repeats: bool = False

    def result(self, folder: ResultFolder) -> Result:
        """As the gallery takes it."""
        if not self.manifest:
            question = self.entry.question
            return Failure(
                str(question.photo["name"]), self.entry.error, str(question.model["name"])
            )
        names = ("background_share", "background_area")
        more = {k: float(self.row[k]) for k in names if self.row.get(k) is not None}
        return folder.path / self.entry.place / self.manifest, more


def _lines(folder: ResultFolder, repeated: Sequence[tuple[str, str]]) -> Iterator[_Line]:
    """All lines, by photograph, model and class as asked."""
    twins: dict[str, list[str]] = defaultdict(list)
    for path, question in repeated:
        twins[question].append(path)
    order: list[tuple[str, str, str]] = []
    for entry in folder.entries():
        q = entry.question
        place = str(q.photo["path"] or q.photo["name"])
        order.append((place, str(q.model["address"]), q.id))
    order.sort()
    for _, group in itertools.groupby(order, key=lambda key: key[0]):
        entries = [e for _, _, key in group if (e := folder.find(key)) is not None]
        lines = [line for entry in entries for line in _of_entry(entry)]
        _compare(lines)
        for line in lines:
            _look(line)
            yield line
            for path in twins.get(line.row["question"], ()):
                row = {**line.row, "path": path, "photo": Path(path).name}
                yield _Line(line.entry, row, line.manifest, line.cells, repeats=True)


def _of_entry(entry: Entry) -> Iterator[_Line]:
    q = entry.question
    own = {
        "path": q.photo["path"],
        "state": entry.state,
        "model_address": q.model["address"],
        "question": q.id,
    }
    if entry.state == FAILED:
        row = failure_row(str(q.photo["name"]), entry.error, str(q.model["name"]))
        yield _Line(entry, {**row, **own})
    for result in entry.results:
        manifest = str(result["manifest"])
        row = {**result["row"], **own, "manifest": f"{entry.place}/{manifest}"}
        yield _Line(entry, row, manifest, small_map(result))


def _compare(lines: Sequence[_Line]) -> None:
    """Note of the lines of one photograph where models disagree, in their answer or their maps."""
    done = [line for line in lines if line.cells is not None]
    for line in done:
        others = [o for o in done if o.row["model_address"] != line.row["model_address"]]
        same = [o for o in others if o.row["target_label"] == line.row["target_label"]]
        line.row["disputed"] = any(o.row["top_label"] != line.row["top_label"] for o in others)
        found = [
            rank_correlation(line.cells, o.cells)
            for o in same
            if line.cells is not None and o.cells is not None
        ]
        finite = [value for value in found if np.isfinite(value)]
        line.row["map_correlation"] = round(min(finite), 6) if finite else None


def _look(line: _Line) -> None:
    """Say why a result deserves a look."""
    row = line.row
    why = list(reasons(row, bool(row.get("disputed"))))
    correlation = row.get("map_correlation")
    if correlation is not None and correlation < AGREEMENT:
        text = (
            "Another model gives the same class for other reasons (rank correlation of the maps "
            f"{correlation:.2f})."
        )
        why.append(Reason("disagreement", text, 2.0 - correlation))
    why.sort(key=lambda reason: -reason.weight)
    row["look"] = " ".join(reason.text for reason in why)
    row["weight"] = round(sum(reason.weight for reason in why), 4)


class _Means:
    """Average maps of the classes of each model, on the photograph."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], F64] = {}
        self._counts: dict[tuple[str, str], int] = defaultdict(int)

    def add(self, model: str, label: str, cells: npt.NDArray[np.float32]) -> None:
        key = (str(model), str(label))
        if key not in self._sums:
            self._sums[key] = np.zeros((CELLS, CELLS))
        self._sums[key] += cells
        self._counts[key] += 1

    def write(self, place: Path) -> list[Path]:
        """``averages.npz`` (all), ``averages.csv`` (how many maps each), and pictures."""
        if not self._sums:
            return []
        place.mkdir(exist_ok=True)
        keys = sorted(self._sums, key=lambda k: (k[0], -self._counts[k], k[1]))
        means = np.stack([self._sums[k] / self._counts[k] for k in keys]).astype(np.float32)
        columns = ("model", "class", "maps", "picture")
        pictures: dict[str, int] = defaultdict(int)
        with _whole(place / "averages.csv") as stream:
            stream.write(csv_head(columns))
            for number, key in enumerate(keys):
                name = ""
                if pictures[key[0]] < PICTURES:
                    pictures[key[0]] += 1
                    name = f"{number:05}.{safe_name(key[0])}.{safe_name(key[1])[:60]}.png"
                    picture = map_picture(means[number], PICTURE_SIDE)
                    with _whole(place / name) as out:
                        Image.fromarray(picture).save(out, "PNG")
                row = dict(zip(columns, (*key, self._counts[key], name), strict=True))
                stream.write(csv_line(row, columns))
        with _whole(place / "averages.npz") as stream:
            names = np.array(["\t".join(key) for key in keys])
            counts = np.array([self._counts[key] for key in keys])
            np.savez_compressed(stream, names=names, maps=means, counts=counts)
        return [place / "averages.csv", place / "averages.npz"]


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears whole, when all of it is written."""
    handle, name = tempfile.mkstemp(prefix=".decam-", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(0o666 & ~mask)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
