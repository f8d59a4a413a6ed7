"""Whether a PDF that was stored anew still looks as it did when it was written.

Such a file has other bytes, and a hash of its parts says no more than that. So both are drawn, page
by page, and compared as a reader would see them; and nothing may be in it that acts by itself.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2
from pypdf import PdfReader

from decam_engine.reports.pdf_reading import page_texts

U8 = npt.NDArray[np.uint8]

# Dots an inch: a changed digit of the smallest text changes dozens of them.
DOTS = 110
# Of 255: programs that set the same page anew round the edges of letters otherwise.
LEVELS = 16
# What a page or a document can hold besides what is drawn, and an untouched report never does.
_ACTING = ("/AcroForm", "/AA", "/XFA", "/Collection")


def looks_alike(expected: bytes, found: bytes) -> str:
    """Compare two documents by what is seen of them.

    Returns:
        Nothing, or where and how they part, in a sentence.
    """
    texts = [[" ".join(text.split()) for text in page_texts(data)] for data in (expected, found)]
    if len(texts[0]) != len(texts[1]):
        return f"Expected {len(texts[0])} pages, found {len(texts[1])}."
    for what, sentence in (
        (_actions, "It holds forms or actions, which the report does not have."),
        (_titles, "The document's title or its outline was changed."),
        (_annotations, "Notes, links or other marks were added or taken away."),
    ):
        if what(expected) != what(found):
            return sentence
    pages = zip(_drawn(expected), _drawn(found), *texts, strict=True)
    for number, (one, other, said, says) in enumerate(pages, 1):
        if said != says:
            return f"The words of page {number} differ."
        where = _apart(one, other)
        if where:
            return f"Page {number} {where}."
    return ""


def _apart(one: U8, other: U8) -> str:
    """How two drawings of a page part; nothing where they do not."""
    if one.shape != other.shape:
        return "is of another size"
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=2) > LEVELS
    if not apart.any():
        return ""
    y, x = (float(v.mean()) / DOTS * 25.4 for v in np.nonzero(apart))
    return f"looks otherwise around {y:.0f} mm from its top and {x:.0f} mm from its left side"


def _drawn(data: bytes) -> Iterator[U8]:
    """Each page as it prints, uint8 ``(h, w, 3)``. PDFium knows one thread at a time."""
    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            yield np.array(page.render(scale=DOTS / 72).to_numpy()[:, :, :3])
            page.close()
    finally:
        document.close()


def _actions(data: bytes) -> list[object]:
    """What acts by itself, or asks to be filled in; where a reader opens the document is none."""
    reader = PdfReader(io.BytesIO(data))
    root: Any = reader.trailer["/Root"].get_object()
    found: list[object] = [key for key in _ACTING if key in root]
    opening: Any = root.get("/OpenAction")
    if opening is not None and not isinstance(opening.get_object(), list):
        found.append("/OpenAction")
    return [*found, *(number for number, page in enumerate(reader.pages) if "/AA" in page)]


def _titles(data: bytes) -> list[str]:
    """What a reader program shows beside the pages."""
    reader = PdfReader(io.BytesIO(data))
    found = ["" if reader.metadata is None else str(reader.metadata.title)]
    open_ones: list[Any] = [reader.outline]
    while open_ones:
        item = open_ones.pop()
        if isinstance(item, list):
            open_ones += item
        else:
            found.append(str(item.title))
    return found


def _annotations(data: bytes) -> list[list[str]]:
    """Kinds of the annotations of each page."""
    found = []
    for page in PdfReader(io.BytesIO(data)).pages:
        marks: Any = page.get("/Annots", [])
        kinds = (
            [str(m.get_object().get("/Subtype", "")) for m in marks.get_object()] if marks else []
        )
        found.append(sorted(kinds))
    return found
