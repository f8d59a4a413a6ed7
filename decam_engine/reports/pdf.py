"""The report as a PDF: fonts embedded, charts as vectors, the record attached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from decam_engine.reports.contents import contents
from decam_engine.reports.html import now
from decam_engine.reports.pdf_pages import Pages
from decam_engine.reports.pdf_seal import sealed_pdf
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
    """The document for a record and its pictures, sealed with its hashes."""
    unsealed = {**record, PAGES_HASH: UNKNOWN, RECORD_HASH: UNKNOWN}
    template = Template.from_record(record["template"])
    pages = Pages(contents(record["manifest"], template, record["created"]), template, pictures)
    pages.lay_out()
    return sealed_pdf(
        pages,
        record["created"],
        _text(unsealed),
        "Manifest, map and hashes, to verify this report",
        lambda digest: _text(sealed(unsealed, digest)),
    )


def _text(record: dict[str, Any]) -> bytes:
    return json.dumps(record, separators=(",", ":"), allow_nan=False).encode()
