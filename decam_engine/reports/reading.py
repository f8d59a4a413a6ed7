"""Reports read back, and checked for changes without running anything.

Three things are compared: the hashes in a report with what it shows; what it shows with the same
report written anew from its record (by the same versions of the writers); and the record with
its own hash. Whoever changes record, pictures and hashes together is noticed only by running the
explanation again, see :mod:`decam_engine.verify`.
"""

from __future__ import annotations

import hashlib
import html.parser
import io
import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from decam_engine.errors import ExportError, SettingsError
from decam_engine.reports import manifest as manifests
from decam_engine.reports.html import SLOT, html_page, page_hash
from decam_engine.reports.plain import plain
from decam_engine.reports.record import (
    PAGES_HASH,
    RECORD_HASH,
    hash_of_map,
    map_of,
    parse_record,
    picture_hash,
    record_hash,
    writers,
)
from decam_engine.reports.template import Template

U8 = npt.NDArray[np.uint8]
F32 = npt.NDArray[np.float32]
MAX_FILE = 1 << 29
MAX_PICTURE = 40_000_000
_OPENING = '<script type="application/json" id="decam-record">'
_CLOSING = "</script>"
# What a record that somebody else wrote may raise where its content is used.
_DAMAGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    Attributes:
        where: ``text``, ``picture map``, ``page 2``, ``record``, ``map``, ...
        text: one sentence: what was expected and what was found.
    """

    where: str
    text: str


@dataclass(frozen=True, eq=False)
class Opened:
    """A report as it was read.

    Attributes:
        path, kind: of the file; ``json``, ``html`` or ``pdf``.
        manifest: of the explanation.
        input_saliency: float32 ``(h, w)``, where the file holds it.
        saliency: float32 ``(H, W)``, where a saved map lies beside a manifest.
        pictures: uint8 RGB pictures by name, those that are as the record says.
        hashes: of the pictures that belong in it, by name.
        changes: what was changed since it was written.
        resaved: what another program did to the file without changing what is seen of it.
        notes: what could not be checked, and why.
        coarse: whether map and pictures are those of a report of many results: the map in 256
            steps, the pictures small and as JPEG.
        resampled: whether that map was a saved one, which lies on the photograph's pixels and was
            brought back to the model's input.
    """

    path: Path
    kind: str
    manifest: dict[str, Any]
    input_saliency: F32 | None = None
    saliency: F32 | None = None
    pictures: dict[str, U8] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    changes: tuple[Difference, ...] = ()
    resaved: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()
    coarse: bool = False
    resampled: bool = False


def open_report(path: str | Path) -> Opened:
    """Read a report and find what was changed in it.

    Raises:
        ExportError: not a report of this product, or damaged beyond reading.
    """
    file = Path(path)
    try:
        if file.stat().st_size > MAX_FILE:
            raise ExportError(f"it has more than {MAX_FILE:,} bytes")
        data = file.read_bytes()
        if data.startswith(b"%PDF"):
            return _open_pdf(file, data)
        if data.lstrip()[:1] == b"{":
            return _open_json(file, data)
        return _open_html(file, data)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(f"The report {file} could not be read ({reason}).") from None
    except (ExportError, SettingsError) as error:
        raise ExportError(
            f"{file.name} could not be read as a report: expected a .json, .html or .pdf that was "
            f"saved with an explanation, found: {error}."
        ) from None
    except _DAMAGE as error:
        raise ExportError(
            f"{file.name} is damaged: its record is not what a report holds ({error!r:.200})."
        ) from None


# --- manifests ---------------------------------------------------------------------------


def _open_json(file: Path, data: bytes) -> Opened:
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"it is not JSON ({error})") from None
    if record.get("schema") != manifests.SCHEMA or "map_sha256" not in record:
        raise ExportError("it is no manifest of a saved result")
    changes: list[Difference] = []
    notes: list[str] = []
    saved = record.get("saved")
    if saved is None:
        notes.append("The manifest holds no hash of itself; changes in it cannot be noticed.")
    elif manifests.own_hash(record) != saved["sha256"]:
        changes.append(
            Difference("manifest", "The manifest was changed: its hash is not that of its content.")
        )
    saliency = None
    files = {".npy": None} if saved is None else saved["files"]
    for suffix, expected in files.items():
        beside = file.with_name(file.stem + Path(f"x{suffix}").name[1:])
        if not beside.is_file():
            notes.append(f"{beside.name} is not beside the manifest; it was not checked.")
            continue
        content = beside.read_bytes()
        if expected is not None and hashlib.sha256(content).hexdigest() != expected:
            changes.append(
                Difference(f"file {beside.name}", f"{beside.name} was changed since it was saved.")
            )
        if suffix == ".npy":
            saliency = _saved_map(content, record, beside.name, changes)
    return Opened(
        file, "json", record, saliency=saliency, changes=tuple(changes), notes=tuple(notes)
    )


def _saved_map(
    content: bytes, record: dict[str, Any], name: str, changes: list[Difference]
) -> F32 | None:
    try:
        values = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    except (EOFError, MemoryError, *_DAMAGE):
        changes.append(Difference("map", f"{name} holds no map that can be read."))
        return None
    if (
        values.dtype != np.float32
        or list(values.shape) != record["photo"]["size"]
        or manifests.saliency_hash(values) != record["saliency_sha256"]
    ):
        changes.append(Difference("map", f"{name} is not the map that the manifest describes."))
        return None
    return np.asarray(values)


# --- documents ---------------------------------------------------------------------------


def _open_html(file: Path, data: bytes) -> Opened:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExportError(f"it is not UTF-8 ({error})") from None
    before, opening, rest = text.partition(_OPENING)
    inside, closing, after = rest.partition(_CLOSING)
    if not opening or not closing:
        raise ExportError("it holds no record of a report of this product")
    record = parse_record(inside)
    page = before + opening + SLOT + closing + after
    changes = _record_changes(record)
    if page_hash(page) != record[PAGES_HASH]:
        changes.append(Difference("document", "What is shown was changed: its hash differs."))
    parser = _Images()
    parser.feed(page)
    encoded = {picture_hash(_decoded(png)): png for png in parser.images}
    hashes = {str(k): str(v) for k, v in record["pictures"].items()}
    logo = Template.from_record(record["template"]).logo
    known = {*hashes.values(), *((picture_hash(_decoded(logo)),) if logo else ())}
    changes += picture_changes(hashes, set(encoded), known)
    found = {name: encoded[h] for name, h in hashes.items() if h in encoded}
    notes = writer_notes(record)
    if not notes and len(found) == len(hashes):
        again = html_page(record, found)
        if again != page:
            changes.append(Difference("text", first_difference(words_of(again), words_of(page))))
    pictures = {name: _decoded(png) for name, png in found.items()}
    return _opened(file, "html", record, pictures, hashes, changes, notes)


def _open_pdf(file: Path, data: bytes) -> Opened:
    from decam_engine.reports import pdf_reading  # noqa: PLC0415 - large
    from decam_engine.reports.pdf import pdf_bytes  # noqa: PLC0415 - large

    record = parse_record(pdf_reading.pdf_record(data))
    recorded = _record_changes(record)
    changes = []
    if pdf_reading.pages_hash(data) != record[PAGES_HASH]:
        changes.append(Difference("document", "What is shown was changed: its hash differs."))
    shown = {picture_hash(pixels): pixels for pixels in pdf_reading.pdf_pictures(data)}
    hashes = {str(k): str(v) for k, v in record["pictures"].items()}
    logo = Template.from_record(record["template"]).logo
    known = {*hashes.values(), *((picture_hash(_decoded(logo)),) if logo else ())}
    changes += picture_changes(hashes, set(shown), known)
    pictures = {name: shown[h] for name, h in hashes.items() if h in shown}
    notes = writer_notes(record)
    resaved: list[Difference] = []
    if not notes and len(pictures) == len(hashes):
        again = pdf_bytes(record, pictures)
        changes += page_changes(again, data)
        changes, resaved = seen_changes(changes, again, data)
    return _opened(
        file,
        "pdf",
        record,
        pictures,
        hashes,
        recorded + changes,
        notes + maker_notes(data),
        resaved,
    )


def seen_changes(
    changes: list[Difference], again: bytes, data: bytes
) -> tuple[list[Difference], list[Difference]]:
    """Of a PDF that was stored anew, judge by what is seen.

    Args:
        changes: what is stored otherwise.
        again: the document as it was first written.

    Returns:
        What was changed, and, if only the way it is stored was, a sentence that says so.
    """
    if not changes:
        return [], []
    from decam_engine.reports.pdf_looks import DOTS, looks_alike  # noqa: PLC0415 - large

    apart = looks_alike(again, data)
    if apart:
        return [*changes, Difference("document", apart)], []
    text = (
        f"The file was stored anew by some program. Drawn at {DOTS} dots an inch, every page looks "
        "as it did when the report was made, and its words are the same."
    )
    return [], [Difference("document", text)]


def page_changes(again: bytes, data: bytes) -> list[Difference]:
    """Which pages of two documents differ, and in which words."""
    from decam_engine.reports.pdf_reading import page_hashes, page_texts  # noqa: PLC0415 - large

    expected, found = page_hashes(again), page_hashes(data)
    if len(expected) != len(found):
        return [Difference("pages", f"Expected {len(expected)} pages, found {len(found)} of them.")]
    changes = []
    for k, (a, b) in enumerate(zip(expected, found, strict=True)):
        if a != b:
            words = first_difference(
                page_texts(again)[k].splitlines(), page_texts(data)[k].splitlines()
            )
            changes.append(Difference(f"page {k + 1}", words))
    return changes


def _opened(
    file: Path,
    kind: str,
    record: dict[str, Any],
    pictures: dict[str, U8],
    hashes: dict[str, str],
    changes: list[Difference],
    notes: list[str],
    resaved: Sequence[Difference] = (),
) -> Opened:
    manifest = record["manifest"]
    if not isinstance(manifest, dict):
        raise ExportError("its record holds no manifest")
    values = map_of(record)
    if hash_of_map(values) != manifest["map_sha256"]:
        changes.append(
            Difference("map", "The map in the record is not the one that its manifest describes.")
        )
    return Opened(
        file,
        kind,
        manifest,
        input_saliency=values,
        pictures=pictures,
        hashes=hashes,
        changes=tuple(changes),
        resaved=tuple(resaved),
        notes=tuple(notes),
    )


def _record_changes(record: dict[str, Any]) -> list[Difference]:
    if record_hash(record) == record[RECORD_HASH]:
        return []
    return [Difference("record", "The record was changed: its hash is not that of its content.")]


def picture_changes(hashes: dict[str, str], shown: set[str], known: set[str]) -> list[Difference]:
    """Pictures that are not shown as their hashes say, and such as do not belong."""
    changes = [
        Difference(f"picture {plain(name, 40)}", f"The picture {plain(name, 40)!r} was changed.")
        for name, expected in hashes.items()
        if expected not in shown
    ]
    foreign = len(shown - known)
    if foreign > len(changes):
        changes.append(Difference("pictures", f"{foreign} pictures are shown that do not belong."))
    return changes


def maker_notes(data: bytes) -> list[str]:
    """Whether another program wrote a PDF anew."""
    from decam_engine.reports.pdf_reading import MAKER, maker  # noqa: PLC0415 - large

    name = maker(data)
    if name in ("", MAKER):
        return []
    return [f"The file was written anew by another program ({plain(name, 60)})."]


def writer_notes(record: dict[str, Any]) -> list[str]:
    """Whether the report can be written again: only the same versions set it alike."""
    now, then = writers(), record.get("writers")
    if then == now:
        return []
    return [
        "The report was set by other versions of the product or its libraries, so it was not "
        "written again to compare its words; its hashes were checked."
    ]


def _decoded(data: bytes) -> U8:
    with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
        if picture.width * picture.height > MAX_PICTURE:
            raise ExportError(f"a picture of {picture.width} x {picture.height} pixels")
        return np.array(picture.convert("RGB"))


def first_difference(expected: list[str], found: list[str]) -> str:
    """Where two lists of words part, in a sentence."""
    for a, b in zip(expected, found, strict=False):
        if a != b:
            return f"Expected \u201c{plain(a, 100)}\u201d, found \u201c{plain(b, 100)}\u201d."
    if len(expected) != len(found):
        more = (found if len(found) > len(expected) else expected)[min(len(expected), len(found))]
        what = "Unexpected" if len(found) > len(expected) else "Missing"
        return f"{what}: \u201c{plain(more, 100)}\u201d."
    return (
        "The words are the same; their setting or order was changed, as it is when another "
        "program saves the file again."
    )


def words_of(page: str) -> list[str]:
    """The runs of text in a document."""
    parser = _Images()
    parser.feed(page)
    return parser.words


class _Images(html.parser.HTMLParser):
    """Collects inline pictures and text."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[bytes] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each opening tag."""
        source = dict(attrs).get("src") or ""
        if tag == "img":
            head, _, data = source.partition(",")
            if head not in ("data:image/png;base64", "data:image/jpeg;base64"):
                raise ExportError("a picture in it is not inline")
            self.images.append(b64decode(data, validate=True))

    def handle_data(self, data: str) -> None:
        """Called for each run of text."""
        if data.strip():
            self.words.append(" ".join(data.split()))
