"""Results read back from disk, to be looked at again."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import DecamError, ExportError
from decam_engine.explanation import Baselines, Curves, Evidence, Explanation, Stability
from decam_engine.geometry import Fit, to_input
from decam_engine.images import Photo, load_image
from decam_engine.journal import Journal
from decam_engine.metrics import Faithfulness
from decam_engine.models import Prediction, Preprocessing
from decam_engine.regions import Region
from decam_engine.reports.manifest import SCHEMA, saliency_hash

F32 = npt.NDArray[np.float32]


def load_explanation(manifest: str | Path, *, photo: str | Path | None = None) -> Explanation:
    """Read a saved result from its manifest, with the map beside it and its photograph.

    Without an ``.input.npy``, ``input_saliency`` is resampled from the saved map, so it may
    differ from the original's by interpolation where the photograph was scaled.

    Args:
        photo: where the photograph is now; None = where it was, or beside the manifest.

    Raises:
        ExportError: not a manifest of this product, or its map or photograph is missing,
            changed or unusable.
    """
    path = Path(manifest)
    record = read_manifest(path)
    with _told(path):
        return _rebuild(path, record, None if photo is None else Path(photo))


def read_manifest(manifest: str | Path) -> dict[str, Any]:
    """The manifest of a saved result, checked for its kind only.

    Raises:
        ExportError: not a manifest of this product.
    """
    path = Path(manifest)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ExportError(f"{path} could not be read as a saved result ({error}).") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA or "map_sha256" not in record:
        raise ExportError(
            f"{path.name} is not the manifest of a saved result: expected JSON with "
            f'"schema": {SCHEMA} and a "map_sha256". Choose the .json that was saved with the map.'
        )
    return record


def load_map(manifest: str | Path) -> tuple[dict[str, Any], F32]:
    """A saved result's manifest and its map on the model's input, without its photograph.

    The map is float32 ``(h, w)`` in [0, 1], read-only, resampled as in :func:`load_explanation`.

    Raises:
        ExportError: as :func:`load_explanation`.
    """
    path = Path(manifest)
    record = read_manifest(path)
    with _told(path):
        height, width = (int(n) for n in record["photo"]["size"])
        return record, _on_input(path, record, (height, width))[0]


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """What is wrong with a saved result, in a sentence."""
    try:
        yield
    except DecamError as error:
        raise ExportError(f"The saved result {path.name} cannot be shown: {error}") from None
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        MemoryError,
        OSError,
        TypeError,
        ValueError,
    ) as error:
        raise ExportError(
            f"The saved result {path.name} is damaged or incomplete ({error!r}). Run it again."
        ) from None


def _rebuild(path: Path, record: dict[str, Any], place: Path | None) -> Explanation:
    photo = _find_photo(path, record["photo"], place)
    on_input, placed = _on_input(path, record, photo.size)
    return Explanation(
        photo=photo,
        target=_prediction(record["target"]),
        predictions=tuple(_prediction(p) for p in record["predictions"]),
        input_saliency=on_input,
        fit=placed,
        calls=int(record["calls"]),
        budget=int(record["budget"]),
        seconds=float(record["seconds"]),
        history=tuple((int(c), float(f)) for c, f in record["history"] if f is not None),
        seed=int(record["seed"]),
        settings=_settings(record["settings"]),
        stop_reason=str(record["stop_reason"]),
        model=_named(record["model"]),
        shared_calls=int(record["shared_calls"]),
        keep_region=_region(record.get("keep_region")),
        flip_region=_region(record.get("flip_region")),
        warnings=tuple(str(w) for w in record["warnings"]),
        faithfulness=_faithfulness(record.get("faithfulness")),
        baselines=_baselines(record.get("faithfulness")),
        journal=_journal(record.get("journal")),
        stability=_stability(record.get("stability")),
        evidence=_evidence(record.get("evidence")),
    )


def _on_input(path: Path, record: dict[str, Any], size: tuple[int, int]) -> tuple[F32, Fit]:
    """The map on the model's input, and where the photograph of ``size`` lies on it."""
    placed = Preprocessing.from_dict(record["model"]["preprocessing"]).fit(size)
    on_input = _input_map(path, record, placed)
    if on_input is None:
        on_input = _map(path, record, placed)
    on_input.flags.writeable = False
    return on_input, placed


def _input_map(path: Path, record: dict[str, Any], placed: Fit) -> F32 | None:
    """The map on the model's input as it was, where it was saved."""
    file = path.with_suffix(".input.npy")
    if not file.exists():
        return None
    with file.open("rb") as stream:
        found = np.lib.format.read_array(stream, allow_pickle=False)
    if found.shape != placed.input_size or found.dtype != np.float32:
        raise ExportError(
            f"expected a float32 map of {placed.input_size}, found {found.dtype} {found.shape}."
        )
    if saliency_hash(found) != record["map_sha256"]:
        raise ExportError("its map is not the one that the manifest describes; run it again.")
    return np.ascontiguousarray(found)


def _map(path: Path, record: dict[str, Any], placed: Fit) -> F32:
    """The map on the photograph, brought back to the model's input."""
    with path.with_suffix(".npy").open("rb") as stream:
        saliency = np.lib.format.read_array(stream, allow_pickle=False)
    if saliency.shape != placed.photo_size or saliency.dtype != np.float32:
        raise ExportError(
            f"expected a float32 map of {placed.photo_size}, found {saliency.dtype} "
            f"{saliency.shape}."
        )
    if saliency_hash(saliency) != record["saliency_sha256"]:
        raise ExportError("its map is not the one that the manifest describes; run it again.")
    return np.clip(to_input(saliency, placed), 0.0, 1.0)


def _journal(record: dict[str, Any] | None) -> Journal | None:
    return None if record is None else Journal.from_record(record)


def _stability(record: dict[str, Any] | None) -> Stability | None:
    if record is None:
        return None
    numbers = {
        name: None if record[name] is None else float(record[name])
        for name in ("value_correlation", "rank_correlation", "mean_difference", "overlap")
    }
    return Stability(int(record["seed"]), int(record["calls"]), **numbers)


def _evidence(record: dict[str, Any] | None) -> Evidence | None:
    if record is None:
        return None
    around, instead = record["fills"]
    return Evidence(
        float(record["fraction"]),
        tuple(_prediction(p) for p in record["kept"]),
        float(record["kept_score"]),
        tuple(_prediction(p) for p in record["removed"]),
        float(record["removed_score"]),
        float(record["chance_score"]),
        (str(around), str(instead)),
    )


def _baselines(record: dict[str, Any] | None) -> Baselines | None:
    if record is None or record.get("baselines") is None:
        return None
    found = record["baselines"]
    return Baselines(
        float(found["centre"]),
        float(found["random"]),
        _curves(found.get("centre_curves")),
        _curves(found.get("random_curves")),
    )


def _curves(record: list[Any] | None) -> Curves | None:
    if record is None:
        return None
    insertion, deletion = record
    return tuple(float(v) for v in insertion), tuple(float(v) for v in deletion)


def _find_photo(manifest: Path, facts: dict[str, Any], place: Path | None) -> Photo:
    """The photograph in the place named, else where it was, or beside the manifest."""
    places = [Path(p) for p in (place, facts["path"]) if p] + [manifest.parent / str(facts["name"])]
    found = next((p for p in places if p.is_file()), None)
    if found is None:
        raise ExportError(f"its photograph {facts['name']} is not where it was; put it back.")
    photo = load_image(found, **_reading_options(facts))
    if photo.sha256 != facts["sha256"]:
        raise ExportError(f"its photograph {found} was changed since; restore the original.")
    return photo


def _reading_options(facts: dict[str, Any]) -> dict[str, Any]:
    """How the photograph was read: its page, window and background."""
    return {str(k): v for k, v in facts["reading"].get("options", {}).items()}


def _prediction(record: dict[str, Any]) -> Prediction:
    return Prediction(int(record["index"]), str(record["label"]), float(record["score"]))


def _region(record: dict[str, Any] | None) -> Region | None:
    if record is None:
        return None
    return Region(
        float(record["fraction"]),
        float(record["score"]),
        int(record["answer"]),
        tuple(_prediction(p) for p in record.get("predictions", ())),
    )


def _faithfulness(record: dict[str, Any] | None) -> Faithfulness | None:
    if record is None:
        return None
    return Faithfulness(
        float(record["insertion"]),
        float(record["deletion"]),
        np.asarray(record["insertion_curve"], dtype=np.float32),
        np.asarray(record["deletion_curve"], dtype=np.float32),
    )


def _settings(record: dict[str, Any]) -> dict[str, Any]:
    """Checked for what file names and pictures are made from."""
    return {**record, "method": str(record["method"])}


def _named(record: dict[str, Any]) -> dict[str, Any]:
    return {**record, "name": str(record["name"])}
