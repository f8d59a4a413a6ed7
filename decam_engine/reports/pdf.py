"""The report as a PDF: fonts embedded, charts as vectors, the record attached."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from decam_engine.reports.contents import contents
from decam_engine.reports.html import now
from decam_engine.reports.pdf_pages import Pages
from decam_engine.reports.pdf_reading import RECORD_NAME, pages_hash
from decam_engine.reports.record import (
    PAGES_HASH,
    RECORD_HASH,
    UNKNOWN,
    make_record,
    sealed,
)
from decam_engine.reports.template import Template
from decam_engine.reports.views import RAMP, ramp, views

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

U8 = npt.NDArray[np.uint8]


def pdf_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.pdf``: the report on A4 or Letter pages."""
    pictures = {**views(explanation), RAMP: ramp()}
    record = make_record(explanation, template, now(), pictures)
    return [(".pdf", pdf_bytes(record, pictures))]


def pdf_bytes(record: dict[str, Any], pictures: dict[str, U8]) -> bytes:
    """The document for a record and its pictures, sealed with its hashes.

    The attached record lies in the file as it is, so that the hash of the pages can take the
    place that was kept for it once they are known.
    """
    unsealed = {**record, PAGES_HASH: UNKNOWN, RECORD_HASH: UNKNOWN}
    text = _text(unsealed)
    template = Template.from_record(record["template"])
    pages = Pages(contents(record["manifest"], template, record["created"]), template, pictures)
    pages.lay_out()
    pages.set_creation_date(
        datetime.strptime(record["created"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    )
    pages.embed_file(
        bytes=text,
        basename=RECORD_NAME,
        desc="Manifest, map and hashes, to verify this report",
        mime_type="application/json",
        compress=False,
    )
    data = bytes(pages.output())
    if data.count(text) != 1:
        raise RuntimeError("the record does not lie in the PDF as it was attached")
    return data.replace(text, _text(sealed(unsealed, pages_hash(data))))


def _text(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode()
