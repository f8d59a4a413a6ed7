"""Maps of the same photographs side by side: models, classes, methods or seeds, and differences."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.explanation import Explanation
from decam_engine.reports.agreement import (
    MEASURES,
    agreement,
    difference_picture,
    diverging_ramp,
    on_grid,
)
from decam_engine.reports.book_html import write_book_html
from decam_engine.reports.book_record import COMPARISON, book_head, record_pieces
from decam_engine.reports.comparison_book import (
    DIVERGING,
    MOST_VARIANTS,
    comparison_book,
    variant_title,
)
from decam_engine.reports.comparison_figure import comparison_figure
from decam_engine.reports.entries import SIDE, SMALLEST, body_of, manifest_of
from decam_engine.reports.html import now
from decam_engine.reports.plain import without_isolates
from decam_engine.reports.publish import publish
from decam_engine.reports.spool import Spool, decoded
from decam_engine.reports.table import csv_cell
from decam_engine.reports.template import Template
from decam_engine.reports.views import MAP, PHOTO, RAMP, ramp, views
from decam_engine.saved import load_explanation, read_manifest

F32 = npt.NDArray[np.float32]
# A result, the manifest of a saved one, or a result with the class as it was asked for (None: the
# model's own answer), which tells "the top class" from a class that happens to be the top one.
Compared = Explanation | str | Path | tuple[Explanation, str | None]
FORMATS = (".html", ".pdf", ".png", ".csv", ".json")


def write_comparison(
    results: Iterable[Compared],
    paths: str | Path | Sequence[str | Path],
    *,
    template: Template | None = None,
) -> list[Path]:
    """Write a report that compares maps of the same photographs.

    Results of one photograph stand in a row. Those that agree in model, class asked for, method,
    fill, budget and seed stand in a column, in the order in which the first of them came;
    the first column is what the others are compared with.

    Each result is looked at once and let go; pictures wait in a temporary file.

    Args:
        results: taken one at a time; may be a generator.
        paths: files to write, told by their endings: ``.html``, ``.pdf``, ``.png`` (the grid of
            maps), ``.csv`` (a line for each pair of maps), ``.json`` (the record). All of them
            appear, or none; existing ones are replaced.

    Returns:
        The paths that were written.

    Raises:
        SettingsError: an ending that is not known, nothing to compare, or more than 8 columns.
        ExportError: a saved result cannot be read, or a file cannot be written.
    """
    wanted = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    unknown = [p for p in wanted if p.suffix.lower() not in FORMATS]
    if unknown or not wanted:
        raise SettingsError(
            f"A comparison ends in one of {', '.join(FORMATS)}, found "
            f"{unknown[0].name if unknown else 'no file'}."
        )
    used = Template() if template is None else template
    with Spool() as spool:
        grid = Grid(spool)
        for result in results:
            grid.add(result)
        head = grid.finish(used)

        def write(stream: IO[bytes], path: Path) -> None:
            _write(stream, path.suffix.lower(), grid, head, used)

        return publish(wanted, write)


class Grid:
    """Photographs x variants; what is shown of them lies in a spool."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.variants: list[dict[str, Any]] = []
        # By the photograph's hash: its number, facts, and the columns that it has a map in.
        self.photos: dict[str, dict[str, Any]] = {}

    def add(self, result: Compared) -> None:
        """Take what the report needs of a result.

        Raises:
            SettingsError: more columns than can be compared.
            ExportError: a saved result cannot be read.
        """
        asked: str | None = None
        given = isinstance(result, tuple)
        if isinstance(result, tuple):
            result, asked = result
        if isinstance(result, Explanation):
            e, manifest = result, manifest_of(result, None)
        else:
            e = load_explanation(result)
            manifest = manifest_of(e, read_manifest(result))
        if not given and e.target.index != e.predictions[0].index:
            asked = e.target.label
        column = self._column(manifest, asked)
        photo = self.photos.setdefault(
            e.photo.sha256,
            {
                "number": len(self.photos),
                "photo": {"name": e.photo.name, "sha256": e.photo.sha256, "size": e.photo.size},
                "columns": [],
            },
        )
        if column in photo["columns"]:
            return  # the same result twice
        photo["columns"].append(column)
        self._keep(photo["number"], column, e, manifest)

    def _column(self, m: dict[str, Any], asked: str | None) -> int:
        variant = {
            "model": m["model"]["name"],
            "model_sha256": m["model"].get("sha256"),
            "target": asked,
            "method": m["settings"]["method"],
            "fill": m["settings"].get("fill"),
            "budget": m["budget"],
            "seed": m["seed"],
        }
        if variant not in self.variants:
            if len(self.variants) == MOST_VARIANTS:
                raise SettingsError(
                    f"At most {MOST_VARIANTS} maps of each photograph are compared, found more: "
                    "leave out some models, classes, methods or seeds."
                )
            self.variants.append(variant)
        return self.variants.index(variant)

    def _keep(self, number: int, column: int, e: Explanation, manifest: dict[str, Any]) -> None:
        found = views(e, SIDE, SMALLEST)
        if f"{number}.{PHOTO}" not in self.spool:
            self.spool.picture(f"{number}.{PHOTO}", found[PHOTO])
        self.spool.picture(f"{number}.map{column}", found[MAP])
        values = on_grid(e.input_saliency, e.fit)
        stream = io.BytesIO()
        np.save(stream, values, allow_pickle=False)
        self.spool.put(f"{number}.grid{column}", stream.getvalue())
        self.spool.record(f"{number}.cell{column}", body_of(e, manifest))

    def grid(self, number: int, column: int) -> F32:
        """A map on the photograph, see :func:`decam_engine.reports.agreement.on_grid`."""
        data = io.BytesIO(self.spool.get(f"{number}.grid{column}"))
        return np.asarray(np.load(data, allow_pickle=False))

    def finish(self, template: Template) -> dict[str, Any]:
        """Compare, and return the head of the record.

        Raises:
            SettingsError: nothing to compare.
        """
        if len(self.variants) < 2 or not any(len(p["columns"]) > 1 for p in self.photos.values()):
            raise SettingsError(
                "Comparing takes at least two maps of one photograph that differ in model, class, "
                f"method, fill, calls or seed; found {len(self.variants)} such map(s) of "
                f"{len(self.photos)} photograph(s)."
            )
        for photo in self.photos.values():
            photo["pairs"] = list(self._pairs(photo))
        self.spool.picture(RAMP, ramp())
        if any(0 in p["columns"] for p in self.photos.values() if len(p["columns"]) > 1):
            self.spool.picture(DIVERGING, diverging_ramp())
        return book_head(
            COMPARISON,
            now(),
            template,
            variants=self.variants,
            listed=len(self.photos),
            pictures=self.spool.hashes,
        )

    def _pairs(self, photo: dict[str, Any]) -> Iterable[dict[str, Any]]:
        number, columns = photo["number"], sorted(photo["columns"])
        maps = {j: self.grid(number, j) for j in columns}
        shown = decoded(self.spool.get(f"{number}.{PHOTO}"))
        for i, j in combinations(columns, 2):
            yield {"first": i, "second": j, **agreement(maps[i], maps[j])}
        for j in columns:
            if j > 0 and 0 in maps:
                pixels = difference_picture(shown, maps[0], maps[j])
                self.spool.picture(f"{number}.difference{j}", pixels)

    def entry(self, k: int) -> dict[str, Any]:
        """The entry of a photograph, JSON-ready."""
        photo = list(self.photos.values())[k]
        number = photo["number"]
        cells = [
            self.spool.recorded(f"{number}.cell{j}") if j in photo["columns"] else {}
            for j in range(len(self.variants))
        ]
        facts = {**photo["photo"], "size": list(photo["photo"]["size"])}
        return {"number": number, "photo": facts, "cells": cells, "pairs": photo["pairs"]}


def _write(
    stream: IO[bytes], suffix: str, grid: Grid, head: dict[str, Any], template: Template
) -> None:
    if suffix == ".csv":
        stream.write(_csv(grid))
    elif suffix == ".json":
        # Nothing but the record is shown, so its own hash covers what is.
        stream.writelines(piece.encode() for piece in record_pieces(head, grid.entry, ""))
    elif suffix == ".png":
        stream.write(comparison_figure(head, grid.entry, grid.spool.get))
    else:
        book = comparison_book(head, grid.entry)
        if suffix == ".html":
            write_book_html(stream, book, head, grid.entry, grid.spool.get, template.logo)
        else:
            from decam_engine.reports.pdf_book import write_book_pdf  # noqa: PLC0415 - large

            write_book_pdf(stream, book, head, grid.entry, grid.spool.get, template)


def pairs_record(
    grid_entry: dict[str, Any], variants: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A row of plain values for each pair of maps of a photograph."""
    rows = []
    for pair in grid_entry["pairs"]:
        row: dict[str, Any] = {
            "photo": grid_entry["photo"]["name"],
            "photo_sha256": grid_entry["photo"]["sha256"],
        }
        for side in ("first", "second"):
            m = grid_entry["cells"][pair[side]]["manifest"]
            row[side] = without_isolates(variant_title(pair[side], variants))
            row[f"{side}_label"] = m["target"]["label"]
            row[f"{side}_score"] = m["target"]["score"]
        for key in MEASURES:
            row[key] = pair[key]
        rows.append(row)
    return rows


def _csv(grid: Grid) -> bytes:
    rows = [
        row for k in range(len(grid.photos)) for row in pairs_record(grid.entry(k), grid.variants)
    ]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(list(rows[0]))
    writer.writerows([csv_cell(v) for v in row.values()] for row in rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", "backslashreplace")


__all__ = ["FORMATS", "Compared", "Grid", "pairs_record", "write_comparison"]
