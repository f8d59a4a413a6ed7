"""The manifest: everything that is needed to get the same map again."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import platform
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from decam_engine.machine import machine
from decam_engine.reports.template import Template
from decam_engine.version import __version__

if TYPE_CHECKING:
    from decam_engine.explanation import Evidence, Explanation
    from decam_engine.models import Prediction
    from decam_engine.regions import Region

SCHEMA = 1
_LIBRARIES = ("numpy", "numba", "opencv-python-headless", "onnxruntime", "pillow")
# Those that only some photographs are decoded by.
_DECODERS = {"DICOM": ("pydicom", "python-gdcm"), "HEIC": ("pillow-heif",)}


def json_file(explanation: Explanation, template: Template) -> list[tuple[str, bytes]]:
    """``.json``: the manifest, UTF-8, not yet :func:`sealed`."""
    return [(".json", manifest_bytes(make_manifest(explanation)))]


def sealed(manifest: bytes, files: dict[str, bytes]) -> bytes:
    """A manifest with hashes of the files of the same save, by their suffix, and of itself."""
    record = json.loads(manifest)
    hashes = {suffix: hashlib.sha256(data).hexdigest() for suffix, data in files.items()}
    record["saved"] = {"files": hashes, "sha256": ""}
    record["saved"]["sha256"] = own_hash(record)
    return manifest_bytes(record)


def own_hash(record: dict[str, Any]) -> str:
    """SHA-256 of a sealed manifest's content, without this hash."""
    rest = {**record, "saved": {"files": record["saved"]["files"]}}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def manifest_bytes(record: dict[str, Any]) -> bytes:
    """As it lies in its file."""
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    # File names that are no text (surrogates) become escapes, which JSON reads back.
    return (text + "\n").encode("utf-8", "backslashreplace")


def result_facts(e: Explanation) -> dict[str, Any]:
    """A manifest without what takes a map as large as the photograph, and without the machine."""
    return {
        "schema": SCHEMA,
        "product": f"decam-studio {__version__}",
        "fingerprint": fingerprint(e),
        "photo": {
            "name": e.photo.name,
            "path": None if e.photo.path is None else str(e.photo.path.absolute()),
            "sha256": e.photo.sha256,
            "size": list(e.photo.size),
            "notes": list(e.photo.notes),
            "reading": e.photo.reading,
            # top, left, bottom, right in pixels: what the model looked at; the rest was cut off.
            "seen": list(e.fit.seen),
            "seen_fraction": e.fit.seen_fraction,
        },
        "model": e.model,
        "target": _prediction(e.target),
        "predictions": [_prediction(p) for p in e.predictions],
        "settings": e.settings,
        "seed": e.seed,
        "budget": e.budget,
        "calls": e.calls,
        "shared_calls": e.shared_calls,
        "seconds": round(e.seconds, 3),
        "stop_reason": e.stop_reason,
        "warnings": list(e.warnings),
        "keep_region": _region(e.keep_region),
        "flip_region": _region(e.flip_region),
        "faithfulness": _faithfulness(e),
        "stability": None if e.stability is None else dataclasses.asdict(e.stability),
        "evidence": _evidence(e.evidence),
        "journal": None if e.journal is None else e.journal.record(),
        "history": [[calls, _finite(fitness)] for calls, fitness in e.history],
        "map_sha256": map_hash(e),
    }


def make_manifest(e: Explanation) -> dict[str, Any]:
    """See :meth:`decam_engine.explanation.Explanation.manifest`."""
    return {
        **result_facts(e),
        "saliency_sha256": saliency_hash(e.saliency),
        "versions": versions(_DECODERS.get(e.photo.reading.get("format", ""), ())),
        "machine": machine(),
    }


def fingerprint(e: Explanation) -> str:
    """Hex digest of the map and of what determines it: photo, model, target, settings, seed."""
    record = [
        e.photo.sha256,
        e.photo.name,
        e.photo.reading.get("options"),
        e.model.get("sha256"),
        e.model.get("name"),
        e.model.get("preprocessing"),
        e.target.index,
        e.settings,
        e.seed,
        e.budget,
        e.calls,
        e.stop_reason,
        e.model.get("activation"),
        map_hash(e),
        __version__,
    ]
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def map_hash(e: Explanation) -> str:
    """SHA-256 of the map on the model's input, little-endian float32, row by row."""
    return hashlib.sha256(_bytes(e.input_saliency)).hexdigest()


def saliency_hash(saliency: npt.NDArray[np.float32]) -> str:
    """SHA-256 of the map on the photograph's pixels, as :func:`map_hash`."""
    return hashlib.sha256(_bytes(saliency)).hexdigest()


def _bytes(saliency: npt.NDArray[np.float32]) -> memoryview:
    """Without a copy: a photograph's map is large."""
    return np.ascontiguousarray(saliency, dtype="<f4").data


def versions(more: tuple[str, ...] = ()) -> dict[str, str]:
    """Versions of Python and of the libraries that the map depends on, and of ``more``."""
    found = {"python": platform.python_version()}
    for name in (*_LIBRARIES, *more):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def _prediction(p: Prediction) -> dict[str, Any]:
    return {"index": p.index, "label": p.label, "score": _finite(p.score)}


def _region(region: Region | None) -> dict[str, Any] | None:
    return None if region is None else dataclasses.asdict(region)


def _evidence(found: Evidence | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "fraction": found.fraction,
        "kept": [_prediction(p) for p in found.kept],
        "kept_score": _finite(found.kept_score),
        "removed": [_prediction(p) for p in found.removed],
        "removed_score": _finite(found.removed_score),
        "chance_score": _finite(found.chance_score),
        "fills": list(found.fills),
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _faithfulness(e: Explanation) -> dict[str, Any] | None:
    if e.faithfulness is None:
        return None
    return {
        "insertion": e.faithfulness.insertion,
        "deletion": e.faithfulness.deletion,
        "insertion_curve": [float(v) for v in e.faithfulness.insertion_curve],
        "deletion_curve": [float(v) for v in e.faithfulness.deletion_curve],
        "baselines": None if e.baselines is None else dataclasses.asdict(e.baselines),
    }
