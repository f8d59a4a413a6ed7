"""A PDF report read back: its record, its pictures, and hashes of what its pages show."""

from __future__ import annotations

import hashlib
import io
import logging
from typing import Any

import numpy as np
import numpy.typing as npt
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    StreamObject,
)

from decam_engine.errors import ExportError
from decam_engine.reports.plain import plain
from decam_engine.reports.views import png

U8 = npt.NDArray[np.uint8]
# What our own PDF files name as their maker.
MAKER = "decam-studio"
RECORD_NAME = "decam-record.json"
# Where attachments hang; what lies there shows nothing on a page.
_ATTACHMENTS = ("/Names", "/AF")
# What is wrong with a file is said by our own errors, once.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)
# What pypdf raises for damaged files besides its own errors.
_DAMAGE = (
    PyPdfError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    NotImplementedError,
)


def pages_hash(data: bytes) -> str:
    """SHA-256 of all that a reader program shows: pages, fonts, pictures, outline, title.

    Everything that hangs on the document's root is walked over, streams unpacked, whatever the
    order and numbers of its objects; attachments alone are left out.

    Raises:
        ExportError: not a PDF that can be read.
    """
    try:
        trailer = PdfReader(io.BytesIO(data)).trailer
        root = _dictionary(trailer["/Root"])
        walker = _Walker()
        walker.walk(trailer.get("/Info"))
        for key in sorted(root):
            if key not in _ATTACHMENTS:
                walker.add(key.encode())
                walker.walk(root.raw_get(key))
        return walker.digest.hexdigest()
    except _DAMAGE as error:
        raise ExportError(f"it is no PDF that can be read ({error!r:.200})") from None


def page_hashes(data: bytes) -> list[str]:
    """SHA-256 of each page's drawing, to say which one differs."""
    try:
        pages = PdfReader(io.BytesIO(data)).pages
        return [hashlib.sha256(_drawing(page)).hexdigest() for page in pages]
    except _DAMAGE as error:
        raise ExportError(f"its pages cannot be read ({error!r:.200})") from None


def page_texts(data: bytes) -> list[str]:
    """The text of each page."""
    try:
        return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    except _DAMAGE as error:
        raise ExportError(f"its text cannot be read ({error!r:.200})") from None


def pdf_record(data: bytes) -> bytes:
    """The attached record.

    Raises:
        ExportError: none, several, or something else beside it.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        names = _dictionary(reader.trailer["/Root"]).get("/Names")
        keys = set() if names is None else set(_dictionary(names))
        attached = reader.attachments
        found = [content for name in attached for content in attached[name]]
        if not found:
            raise ExportError(
                "no record. A report that was printed or saved again by another program "
                f"({plain(maker(data) or 'its name is not known', 60)}) has lost it; verify the "
                "file as it was first written"
            )
        if list(attached) != [RECORD_NAME] or len(found) != 1 or keys != {"/EmbeddedFiles"}:
            raise ExportError(
                f"expected one attachment, {RECORD_NAME}, found {len(found)} of other names"
            )
        return bytes(found[0])
    except _DAMAGE as error:
        raise ExportError(f"its attachment cannot be read ({error!r:.200})") from None


def maker(data: bytes) -> str:
    """Name of the program that wrote the file last; may be empty.

    Raises:
        ExportError: not a PDF that can be read.
    """
    try:
        facts = PdfReader(io.BytesIO(data)).metadata
        return "" if facts is None else str(facts.get("/Producer", ""))
    except _DAMAGE as error:
        raise ExportError(f"it is no PDF that can be read ({error!r:.200})") from None


def pdf_pictures(data: bytes) -> list[U8]:
    """The pictures of all pages as uint8 RGB, each once, in the order in which they are drawn."""
    try:
        found: dict[str, U8] = {}
        for page in PdfReader(io.BytesIO(data)).pages:
            resources = _dictionary(page["/Resources"])
            xobjects = _dictionary(resources.get("/XObject", DictionaryObject()))
            for name, entry in xobjects.items():
                image = entry.get_object()
                if isinstance(image, StreamObject) and name not in found:
                    found[name] = _pixels(image)
        return [found[name] for name in sorted(found, key=_number)]
    except _DAMAGE as error:
        raise ExportError(f"its pictures cannot be read ({error!r:.200})") from None


def pdf_images(data: bytes) -> list[bytes]:
    """The pictures of all pages, each once: JPEG as it lies in the file, all others as PNG."""
    try:
        found: dict[str, bytes] = {}
        for page in PdfReader(io.BytesIO(data)).pages:
            resources = _dictionary(page["/Resources"])
            xobjects = _dictionary(resources.get("/XObject", DictionaryObject()))
            for name, entry in xobjects.items():
                image = entry.get_object()
                if isinstance(image, StreamObject) and name not in found:
                    jpeg = image.get("/Filter") == "/DCTDecode"
                    raw = bytes(image._data) if jpeg else b""
                    found[name] = raw if raw.startswith(b"\xff\xd8") else png(_pixels(image))
        return list(found.values())
    except _DAMAGE as error:
        raise ExportError(f"its pictures cannot be read ({error!r:.200})") from None


def _dictionary(value: Any) -> DictionaryObject:
    found = value.get_object()
    if not isinstance(found, DictionaryObject):
        raise TypeError(f"expected a dictionary, found {type(found).__name__}")
    return found


def _number(name: str) -> tuple[int, str]:
    digits = "".join(c for c in name if c.isdigit())
    return (int(digits) if digits else 0, name)


def _pixels(image: StreamObject) -> U8:
    if image.get("/Subtype") != "/Image":
        raise ValueError("something is drawn that is no picture")
    width, height = (int(str(image[key])) for key in ("/Width", "/Height"))
    values = np.frombuffer(image.get_data(), dtype=np.uint8)
    channels = values.size // max(1, width * height)
    pixels = values.reshape(height, width, channels)
    return np.repeat(pixels, 3, axis=2) if channels == 1 else pixels


def _drawing(page: DictionaryObject) -> bytes:
    content = page.get("/Contents")
    some = content.get_object() if content is not None else None
    parts = some if isinstance(some, ArrayObject) else [some]
    return b"\n".join(part.get_object().get_data() for part in parts if part is not None)


class _Walker:
    """Feeds a digest with objects in the order in which they are reached."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.seen: dict[tuple[int, int], int] = {}

    def add(self, data: bytes) -> None:
        """With its length, so that no two sequences look alike."""
        self.digest.update(b"%d:" % len(data))
        self.digest.update(data)

    def walk(self, start: Any) -> None:
        """Depth first, without recursion: lists of pages and outlines are long chains."""
        stack = [start]
        while stack:
            value = stack.pop()
            if isinstance(value, bytes) and not hasattr(value, "get_object"):
                self.add(value)
                continue
            if isinstance(value, IndirectObject):
                key = (value.idnum, value.generation)
                if key in self.seen:
                    self.add(b"again %d" % self.seen[key])
                    continue
                self.seen[key] = len(self.seen)
                value = value.get_object()
            if isinstance(value, StreamObject):
                self.add(b"stream")
                self.add(value.get_data())
            if isinstance(value, DictionaryObject):
                stored = isinstance(value, StreamObject)
                keys = [k for k in sorted(value) if not (stored and k in ("/Length", "/Filter"))]
                self.add(b"dictionary %d" % len(keys))
                for key_name in reversed(keys):
                    stack += [value.raw_get(key_name), key_name.encode()]
            elif isinstance(value, ArrayObject):
                self.add(b"array %d" % len(value))
                stack += reversed([list.__getitem__(value, k) for k in range(len(value))])
            elif not isinstance(value, StreamObject):
                self.add(repr(value).encode())
