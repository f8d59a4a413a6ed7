"""A PDF with its record in it, sealed: what every kind of document does at its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from decam_engine.reports.pdf_reading import RECORD_NAME, pages_hash
from decam_engine.reports.pdf_sheet import Sheet


def sealed_pdf(
    sheet: Sheet, created: str, record: bytes, described: str, seal: Callable[[str], bytes]
) -> bytes:
    """The document of a sheet that is laid out; the same for the same arguments.

    The record lies in the file as it is, so that the hash of the pages can take the place that was
    kept for it once they are known.

    Args:
        created: ``YYYY-MM-DD HH:MM``, UTC.
        record: with a place for the hash of the pages.
        described: what the attachment is, for a reader.
        seal: gives the record with the hash in its place, of the same length.
    """
    moment = datetime.strptime(created, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    sheet.set_creation_date(moment)
    sheet.embed_file(
        bytes=record,
        basename=RECORD_NAME,
        desc=described,
        mime_type="application/json",
        compress=False,
    )
    data = bytes(sheet.output())
    if data.count(record) != 1:
        raise RuntimeError("the record does not lie in the PDF as it was attached")
    return data.replace(record, seal(pages_hash(data)))
