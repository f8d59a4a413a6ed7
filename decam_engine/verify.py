"""Does a report still say what its model says? It is checked, run again and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from decam_engine.errors import DecamError, ExportError
from decam_engine.explain import Progress
from decam_engine.images import Photo
from decam_engine.models import BlackBox
from decam_engine.reports.book_reading import open_book
from decam_engine.reports.reading import open_report
from decam_engine.verify_book import verify_book
from decam_engine.verify_run import (
    CLOSE,
    DIFFERENT,
    PARTLY,
    SAME,
    TOLERANCE,
    UNCHANGED,
    Rerun,
    Verdict,
    verdict_record,
)

__all__ = [
    "CLOSE",
    "DIFFERENT",
    "PARTLY",
    "SAME",
    "TOLERANCE",
    "UNCHANGED",
    "Verdict",
    "verdict_record",
    "verify",
]
Model = str | Path | BlackBox


def verify(
    report: str | Path,
    *,
    model: Model | Sequence[Model] | None = None,
    image: str | Path | Photo | None = None,
    run: bool = True,
    sample: int | None = None,
    on_progress: Callable[[Progress], object] | None = None,
) -> Verdict:
    """Check a report for changes, make its explanation again, and compare.

    Args:
        report: a ``.json``, ``.html`` or ``.pdf`` that was saved with an explanation, or a report
            of many results or a comparison, of which each result is run again.
        model: in place of the file that the report names; must be given for a server, because
            a file from somebody else must not make this machine call a host. Of several, each
            result is run on the one with the hash that the report names.
        image: in place of the file that the report names, or a folder with the photographs.
        run: False checks the file alone, which takes no model.
        sample: of a report of many results, how many photographs are run again, evenly spread.

    Raises:
        ExportError: not a report, or its model or photograph is not to be found.
        DecamError: the model or the photograph cannot be read, or the model failed.
    """
    models = _several(model)
    book = open_book(report)
    if book is not None:
        return verify_book(
            book, models=models, image=image, run=run, sample=sample, on_progress=on_progress
        )
    opened = open_report(report)
    if not run:
        notes = (*opened.notes, "The explanation was not run again.")
        verdict = DIFFERENT if opened.changes else UNCHANGED
        return Verdict(verdict, opened.changes, opened.resaved, notes)
    try:
        rerun = Rerun(opened)
        rerun.make_again(models[-1] if models else None, image, on_progress)
    except DecamError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ExportError(
            f"{opened.path.name} is damaged: its manifest is not that of an explanation "
            f"({error!r:.200})."
        ) from None
    return rerun.verdict()


def _several(model: Model | Sequence[Model] | None) -> list[Model]:
    if model is None:
        return []
    if isinstance(model, str | Path | BlackBox):
        return [model]
    return list(model)
