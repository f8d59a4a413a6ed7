"""What a report carries to be verified by: manifest, map, and hashes of what it shows."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import json
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ExportError
from decam_engine.reports.manifest import make_manifest
from decam_engine.reports.template import Template
from decam_engine.version import __version__

if TYPE_CHECKING:
    from decam_engine.explanation import Explanation

F32 = npt.NDArray[np.float32]
SCHEMA = 1
_WRITERS = ("jinja2", "fpdf2", "fonttools", "uharfbuzz")
KIND = "decam-report"
# In place of a hash that is not yet known, and of the same length.
UNKNOWN = "0" * 64
RECORD_HASH, PAGES_HASH = "record_sha256", "pages_sha256"
MAX_MAP = 1 << 28


def make_record(
    e: Explanation, template: Template, created: str, pictures: dict[str, npt.NDArray[np.uint8]]
) -> dict[str, Any]:
    """JSON-ready, with both hashes of the whole unknown still."""
    values = np.ascontiguousarray(e.input_saliency, dtype="<f4")
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "created": created,
        "writers": writers(),
        "template": template.record(),
        "manifest": make_manifest(e),
        "map": {
            "shape": list(values.shape),
            # float32, little-endian, row by row; zlib; base64.
            "data": base64.b64encode(zlib.compress(values.tobytes(), 9)).decode(),
        },
        "pictures": {name: picture_hash(pixels) for name, pixels in pictures.items()},
        PAGES_HASH: UNKNOWN,
        RECORD_HASH: UNKNOWN,
    }


def writers() -> dict[str, str]:
    """Versions of what sets a report: the same ones set it alike to the last byte."""
    found = {"decam-studio": __version__}
    for name in _WRITERS:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def picture_hash(pixels: npt.NDArray[np.uint8]) -> str:
    """SHA-256 of the shape and the pixels, uint8 ``(H, W, 3)``, whatever the file format."""
    digest = hashlib.sha256(repr(tuple(int(n) for n in pixels.shape)).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def canonical(record: dict[str, Any]) -> bytes:
    """The same bytes for the same content, whatever the order of its keys."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def record_hash(record: dict[str, Any]) -> str:
    """SHA-256 of all of it but this hash itself."""
    return hashlib.sha256(
        canonical({k: v for k, v in record.items() if k != RECORD_HASH})
    ).hexdigest()


def sealed(record: dict[str, Any], pages: str) -> dict[str, Any]:
    """With the hash of the pages, and then its own."""
    whole = {**record, PAGES_HASH: pages}
    return {**whole, RECORD_HASH: record_hash(whole)}


def parse_record(text: str | bytes) -> dict[str, Any]:
    """A record from its JSON, checked for its kind only.

    Raises:
        ExportError: not a record of a report.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"its record is not JSON ({error})") from None
    if not isinstance(record, dict) or record.get("kind") != KIND:
        raise ExportError("it holds no record of a report of this product")
    if record.get("schema") != SCHEMA:
        raise ExportError(
            f"its record has the schema {record.get('schema')!r}, this version reads {SCHEMA}"
        )
    return record


def map_of(record: dict[str, Any]) -> F32:
    """The map in a record, float32 ``(h, w)``.

    Raises:
        ExportError: damaged.
    """
    try:
        h, w = (int(n) for n in record["map"]["shape"])
        if not 0 < 4 * h * w <= MAX_MAP:
            raise ValueError(f"{h} x {w}")
        data = base64.b64decode(record["map"]["data"], validate=True)
        unpacked = zlib.decompressobj().decompress(data, 4 * h * w + 1)
        values = np.frombuffer(unpacked, dtype="<f4").reshape(h, w).astype(np.float32)
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise ExportError(f"the map in its record is damaged ({error!r})") from None
    return values


def hash_of_map(values: F32) -> str:
    """As ``map_sha256`` of a manifest."""
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").data).hexdigest()
