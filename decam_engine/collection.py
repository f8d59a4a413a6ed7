"""One report of many results: a page each, what deserves a look first, in memory one at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import DecamError, SettingsError
from decam_engine.explanation import Explanation
from decam_engine.reports.attention import ORDERS, disagreements, ordered, reasons
from decam_engine.reports.book_html import write_book_html
from decam_engine.reports.book_record import PHOTOS, book_head
from decam_engine.reports.class_means import ClassMeans
from decam_engine.reports.entries import (
    PICTURES,
    Failure,
    body_of,
    manifest_of,
    map_alone,
    spool_pictures,
)
from decam_engine.reports.html import now
from decam_engine.reports.photos_book import MOST_CLASSES_SHOWN, photos_book
from decam_engine.reports.publish import publish
from decam_engine.reports.spool import Spool
from decam_engine.reports.table import COLUMNS, Row, failure_row, measures, table_row
from decam_engine.reports.tables import TABLES, check_tables
from decam_engine.reports.template import Template
from decam_engine.reports.views import RAMP, ramp
from decam_engine.saved import load_explanation, load_map, read_manifest

F32 = npt.NDArray[np.float32]
# A result, a recorded failure, or the manifest (``.json``) of a saved result, which may come with
# more measures of its map than can be told from the map alone.
Result = Explanation | Failure | str | Path | tuple[Path, dict[str, float]]
FORMATS = (".html", ".pdf", *(f".{name}" for name in TABLES))
# Explanations with a page of their own, and lines of the contents, when nothing else is said.
PAGES, LINES = 100, 2_000
# Side in pixels of the average map of a class.
MEAN_SIDE = 224


def write_collection(
    results: Iterable[Result],
    paths: str | Path | Sequence[str | Path],
    *,
    template: Template | None = None,
    order: str = "look",
    pages: int = PAGES,
) -> list[Path]:
    """Write one report of many results: summary, contents with thumbnails, average maps, pages.

    Each result is looked at once and let go. Saved ones (paths of their manifests) are read again
    for their page, so that memory and disk stay flat however many there are: about 2 KB a result
    remain. Results that are given as :class:`Explanation` leave their pictures in a temporary
    file, about 0.3 MB each. One that cannot be read becomes a recorded failure.

    Args:
        results: taken one at a time; may be a generator.
        paths: files to write, told by their endings: ``.html``, ``.pdf``, ``.csv``,
            ``.parquet``. All of them appear, or none; existing ones are replaced.
        order: ``look`` (what deserves a look first), ``given``, ``name``, ``class`` or
            ``confidence``.
        pages: results with a page of their own, the first in that order; the others are listed.

    Returns:
        The paths that were written.

    Raises:
        SettingsError: an order or an ending that is not known.
        ExportError: a file cannot be written.
    """
    wanted = [Path(p) for p in ([paths] if isinstance(paths, str | Path) else paths)]
    check_collection(wanted, order)
    used = Template() if template is None else template
    with Spool() as spool:
        collected = _Collected(spool)
        for number, result in enumerate(results):
            collected.add(number, result)
        head = collected.arrange(order, max(0, pages), used)

        def write(stream: IO[bytes], path: Path) -> None:
            _write(stream, path.suffix.lower(), collected, head, used)

        return publish(wanted, write)


def check_collection(wanted: Sequence[Path], order: str = "look") -> None:
    """Whether such a report can be written here, before anything is made for it.

    Raises:
        SettingsError: an order or an ending that is not known, or that needs what is not installed.
    """
    unknown = [p for p in wanted if p.suffix.lower() not in FORMATS]
    if unknown or not wanted:
        raise SettingsError(
            f"A report of many results ends in one of {', '.join(FORMATS)}, found "
            f"{unknown[0].name if unknown else 'no file'}."
        )
    tables = [p.suffix.lower()[1:] for p in wanted if p.suffix.lower()[1:] in TABLES]
    if tables:
        check_tables(tables)
    if order not in ORDERS:
        raise SettingsError(f"The order must be one of {', '.join(ORDERS)}, found {order!r}.")


class _Collected:
    """What is kept of the results: a row each; the rest lies in the spool or where it was."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.rows: list[Row] = []
        self.files: dict[int, Path] = {}
        self.means = ClassMeans()
        self.order: list[int] = []
        self.disputed: set[str] = set()
        # Why a saved result has no page, by its number.
        self.notes: dict[int, str] = {}

    def add(self, number: int, result: Result) -> None:
        """Take what the report needs of a result."""
        if isinstance(result, Failure):
            self.rows.append(failure_row(result.name, result.reason, result.model))
        elif isinstance(result, Explanation):
            manifest = manifest_of(result, None)
            self._note(manifest, result.input_saliency)
            self._keep(number, result, manifest)
        else:
            path, more = (Path(result), {}) if isinstance(result, str | Path) else result
            try:
                record, values = load_map(path)
                self._note(record, values, more)
                self.files[number] = path
            except DecamError as error:
                self.rows.append(failure_row(path.name, str(error)))

    def _note(
        self, manifest: dict[str, Any], values: F32, more: dict[str, float] | None = None
    ) -> None:
        row = table_row(manifest, {**measures(values), **(more or {})})
        self.means.add(str(manifest["target"]["label"]), values)
        self.rows.append(row)

    def _keep(self, number: int, e: Explanation, manifest: dict[str, Any]) -> None:
        self.spool.record(f"{number}.body", body_of(e, manifest))
        spool_pictures(self.spool, str(number), e, PICTURES)

    def arrange(self, order: str, pages: int, template: Template) -> dict[str, Any]:
        """Sort, fetch what the pages show, and return the head of the record."""
        self.order = ordered(self.rows, order)
        self.disputed = disagreements(self.rows)
        paged: list[int] = []
        for k, number in enumerate(self.order):
            if len(paged) < pages and self._has_page(number):
                paged.append(k)
            else:
                self.spool.forget(str(number))
        classes = []
        for k, (label, count, mean) in enumerate(self.means.means()):
            if k == MOST_CLASSES_SHOWN:
                break
            self.spool.picture(f"class.{k}", map_alone(mean / max(mean.max(), 1e-6), MEAN_SIDE))
            classes.append({"label": label, "count": count})
        if classes or paged:
            self.spool.picture(RAMP, ramp())
        return book_head(
            PHOTOS,
            now(),
            template,
            order=order,
            counts=self._counts(),
            classes=classes,
            listed=min(len(self.rows), max(LINES, paged[-1] + 1 if paged else 0)),
            paged=paged,
            pictures=self.spool.hashes,
        )

    def _has_page(self, number: int) -> bool:
        """Whether a result can have a page; what the page shows is in the spool then."""
        if f"{number}.body" in self.spool:
            return True
        if number not in self.files:
            return False
        try:
            path = self.files[number]
            e = load_explanation(path)
            self._keep(number, e, manifest_of(e, read_manifest(path)))
        except DecamError as error:
            self.notes[number] = str(error)
            return False
        return True

    def _counts(self) -> dict[str, Any]:
        kinds: Counter[str] = Counter()
        look = 0
        for row in self.rows:
            found = {r.kind for r in reasons(row, row["photo_sha256"] in self.disputed)}
            kinds.update(found)
            look += bool(found)
        done = [row for row in self.rows if row["error"] is None]
        classes = Counter(str(row["target_label"]) for row in done)
        return {
            "total": len(self.rows),
            "failed": len(self.rows) - len(done),
            "look": look,
            "kinds": dict(sorted(kinds.items())),
            "models": dict(Counter(str(row["model"]) for row in done).most_common()),
            "methods": dict(Counter(str(row["method"]) for row in done).most_common()),
            "classes": dict(classes.most_common(MOST_CLASSES_SHOWN)),
            "class_count": len(classes),
        }

    def entry(self, k: int) -> dict[str, Any]:
        """The entry at a place of the report's order, JSON-ready."""
        number = self.order[k]
        row = self.rows[number]
        found = {"number": number, "row": row, "disputed": row["photo_sha256"] in self.disputed}
        if number in self.notes:
            found["note"] = self.notes[number]
        if f"{number}.body" in self.spool:
            found.update(self.spool.recorded(f"{number}.body"))
        return found

    def sorted_rows(self) -> list[Row]:
        """All rows in the report's order."""
        return [self.rows[number] for number in self.order]


def _write(
    stream: IO[bytes],
    suffix: str,
    collected: _Collected,
    head: dict[str, Any],
    template: Template,
) -> None:
    if suffix[1:] in TABLES:
        table = TABLES[suffix[1:]][0](stream, tuple(COLUMNS))
        for row in collected.sorted_rows():
            table.add(row)
        table.close()
        return
    book = photos_book(head, collected.entry)
    if suffix == ".html":
        write_book_html(stream, book, head, collected.entry, collected.spool.get, template.logo)
    else:
        from decam_engine.reports.pdf_book import write_book_pdf  # noqa: PLC0415 - large

        picture = collected.spool.get
        write_book_pdf(stream, book, head, collected.entry, picture, template)
