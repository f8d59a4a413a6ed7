"""What lies in a folder of results, told from their manifests alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decam_engine.models import Prediction
from decam_engine.reports.manifest import SCHEMA

RESULTS_FOLDER = "results"


@dataclass(frozen=True)
class SavedResult:
    """A saved result, before its map and photograph are read.

    Attributes:
        manifest: what :func:`decam_engine.load_explanation` is given.
        photo: where the photograph was; None for pixels that never were a file.
        photo_name, photo_sha256: of its file.
        reading: how it was read, what :func:`decam_engine.load_image` is given.
        model: the model's file or URL; empty for a function.
        model_sha256: of its file; None where it has none.
        target: the explained class, with its probability on the untouched photograph.
        predictions: the most probable classes.
        stop_reason: as that of an explanation.
    """

    manifest: Path
    photo: Path | None
    photo_name: str
    photo_sha256: str
    reading: dict[str, Any]
    model: str
    model_sha256: str | None
    target: Prediction
    predictions: tuple[Prediction, ...] = ()
    stop_reason: str = ""
    model_facts: dict[str, Any] = field(default_factory=dict)


def list_explanations(folder: str | Path) -> list[SavedResult]:
    """The results that were saved into a folder, or anywhere below its sub-folder ``results``.

    Files that are no manifests, and damaged ones, are left out: nothing is read but JSON.
    """
    root = Path(folder)
    found = []
    for path in (*sorted(root.glob("*.json")), *sorted((root / RESULTS_FOLDER).rglob("*.json"))):
        summary = read_summary(path)
        if summary is not None:
            found.append(summary)
    return found


def read_summary(manifest: Path) -> SavedResult | None:
    """What one manifest says; None where it is none."""
    try:
        record = json.loads(manifest.read_text(encoding="utf-8"))
        if record["schema"] != SCHEMA or "map_sha256" not in record:
            return None
        photo, model = record["photo"], record["model"]
        return SavedResult(
            manifest=manifest,
            photo=None if photo["path"] is None else Path(photo["path"]),
            photo_name=str(photo["name"]),
            photo_sha256=str(photo["sha256"]),
            reading=dict(photo["reading"].get("options", {})),
            model=str(model.get("url") or model.get("path") or ""),
            model_sha256=model.get("sha256"),
            target=_prediction(record["target"]),
            predictions=tuple(_prediction(p) for p in record["predictions"]),
            stop_reason=str(record["stop_reason"]),
            model_facts=dict(model),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _prediction(record: dict[str, Any]) -> Prediction:
    return Prediction(int(record["index"]), str(record["label"]), float(record["score"]))
