"""The sidecar file ``MODEL.decam.json`` beside a model: how it is fed, what its classes are."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decam_engine.errors import ExportError, ModelError, SettingsError
from decam_engine.models.activations import ACTIVATIONS
from decam_engine.models.labels import read_labels
from decam_engine.models.preprocessing import Preprocessing

SCHEMA = 1
MAX_BYTES = 20_000_000


@dataclass(frozen=True)
class Sidecar:
    """What the sidecar says; None where it says nothing."""

    preprocessing: Preprocessing | None
    labels: tuple[str, ...] | None
    activation: str | None = None
    output: str | None = None


def sidecar_path(model: Path) -> Path:
    """``net.onnx`` -> ``net.decam.json`` in the same folder."""
    return model.with_suffix(".decam.json")


def read_sidecar(model: Path, sha256: str) -> Sidecar | None:
    """The sidecar of a model whose file has the given hash, or None when there is none.

    Raises:
        ModelError: not valid, or written for another file than this model.
    """
    path = sidecar_path(model)
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(f"The sidecar {path.name} is too large; expected a short JSON file.")
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ModelError(
            f"The sidecar {path.name} is not valid JSON ({error}). Mend or remove it."
        ) from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise ModelError(
            f'The sidecar {path.name} must be a JSON object with "schema": {SCHEMA}. '
            "Mend or remove it."
        )
    expected = record.get("sha256")
    if expected is not None and expected != sha256:
        raise ModelError(
            f"{model.name} is not the file that its sidecar describes: expected SHA-256 "
            f"{str(expected)[:16]}..., found {sha256[:16]}... The model was changed or damaged; "
            "restore it, or correct the sidecar."
        )
    preprocessing = record.get("preprocessing")
    try:
        read = None if preprocessing is None else Preprocessing.from_dict(preprocessing)
    except SettingsError as error:
        raise ModelError(f"The sidecar {path.name} cannot be used: {error}") from None
    activation, output = record.get("activation"), record.get("output")
    if activation is not None and activation not in ACTIVATIONS:
        raise ModelError(
            f'The sidecar {path.name} has an unusable "activation": expected one of '
            f"{', '.join(ACTIVATIONS)}, found {str(activation)[:40]!r}."
        )
    if output is not None and not isinstance(output, str):
        raise ModelError(
            f'The sidecar {path.name} has an unusable "output": expected an output\'s name.'
        )
    return Sidecar(read, _labels(record.get("labels"), path), activation, output)


def write_sidecar(
    model: Path,
    sha256: str,
    preprocessing: Preprocessing,
    *,
    labels: tuple[str, ...] | None = None,
    activation: str | None = None,
    output: str | None = None,
    replace: bool = False,
) -> Path:
    """Write ``MODEL.decam.json`` beside a model; what is None is left out.

    Raises:
        ExportError: there is one already and it is not to be replaced, or the folder refuses.
    """
    path = sidecar_path(model)
    if path.exists() and not replace:
        raise ExportError(
            f"{path.name} is there already: expected no such file beside {model.name}. Nothing was "
            "written; move it away, or say --force to replace it."
        )
    record: dict[str, Any] = {"schema": SCHEMA, "sha256": sha256}
    record |= {"preprocessing": preprocessing.to_dict()}
    for key, value in (("labels", labels), ("activation", activation), ("output", output)):
        if value is not None:
            record[key] = list(value) if isinstance(value, tuple) else value
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise ExportError(
            f"The sidecar {path.name} could not be written beside {model.name}: expected a folder "
            f"with write permission, found: {error.strerror or error}. The choice itself can be "
            "remembered without it."
        ) from None
    return path


def _labels(value: object, path: Path) -> tuple[str, ...] | None:
    """A list of names, or the name of a text file relative to the sidecar."""
    if value is None:
        return None
    if isinstance(value, str):
        return read_labels(path.parent / value)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    raise ModelError(
        f'The sidecar {path.name} has unusable "labels": expected a list of names or a file name.'
    )
