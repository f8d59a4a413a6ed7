"""Files that other tools leave beside a model: labels, and how it is fed.

timm and Hugging Face write ``config.json`` and ``preprocessor_config.json``; lists of class
names are ``labels.txt``, ``classes.txt``, ``synset.txt`` or ``class_indices.json``. They lie in
a folder and may belong to another model, so that what does not fit is noted, never an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from decam_engine.errors import DecamError, SettingsError
from decam_engine.models.labels import read_labels
from decam_engine.models.metadata import MAX_CLASSES, Told, in_order
from decam_engine.models.preprocessing import Preprocessing

MAX_BYTES = 20_000_000
# Pillow's numbers of its filters, as Hugging Face stores them.
_PILLOW = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}
_WORDNET = re.compile(r"^n\d{8}\s+")
_USELESS = re.compile(r"^LABEL_\d+$")
# Below this side ConvNeXt's images are cropped, above it squashed.
_CONVNEXT_CROPS_BELOW = 384


def read_beside(model: Path, classes: int | None) -> Told:
    """What the files in the model's folder say; lists of another length are left out.

    Args:
        model: the model file.
        classes: how many the model has, or None when it is not known yet.
    """
    told = Told()
    folder = model.parent
    _preprocessing(folder, told)
    for file, read in _LABEL_FILES.items():
        path = folder / file
        if not path.is_file():
            continue
        try:
            names = read(path)
        except DecamError as error:
            told.notes.append(f"{file} beside the model is not used: {error}")
            continue
        if names is None:
            continue
        if not _fits(len(names), classes):
            told.notes.append(
                f"{file} beside the model is not used: it has {len(names)} names, the model has "
                f"{classes} classes."
            )
            continue
        told.labels, told.labels_source = names, f"file {file}"
        break
    return told


def _fits(names: int, classes: int | None) -> bool:
    # One output may be the answer to "which of two"; 1,001 are 1,000 and a background.
    return classes is None or names == classes or (names, classes) in ((2, 1), (1000, 1001))


# --- labels ------------------------------------------------------------------------------


def _lines(path: Path) -> tuple[str, ...] | None:
    names = read_labels(path)
    # "0 cat", "1: dog": numbered lines.
    numbered = [re.match(r"(\d+)\s*[:,;\t ]\s*(\S.*)$", name) for name in names]
    if names and all(m is not None and int(m[1]) == i for i, m in enumerate(numbered)):
        names = tuple(m[2] for m in numbered if m is not None)
    if names and all(_WORDNET.match(name) for name in names):
        names = tuple(_WORDNET.sub("", name) for name in names)
    return names or None


def _class_indices(path: Path) -> tuple[str, ...] | None:
    """``{"cat": 0}``, ``{"0": "cat"}`` or Keras' ``{"0": ["n02123045", "tabby"]}``."""
    record = _json(path)
    found: dict[int, str] = {}
    for key, value in record.items():
        last = value[-1] if isinstance(value, list) and value else value
        if isinstance(last, int) and not isinstance(last, bool):
            found[last] = str(key)
        elif isinstance(last, str) and key.isdecimal() and len(key) < 8:
            found[int(key)] = last
    names = in_order(found) if len(found) == len(record) <= MAX_CLASSES else None
    if names is None:
        raise SettingsError("expected names with the numbers 0, 1, 2, ... without a gap.")
    return names


def _config_labels(path: Path) -> tuple[str, ...] | None:
    record = _json(path)
    names: tuple[str, ...] | None = None
    table = record.get("id2label")
    if isinstance(table, dict) and all(k.isdecimal() and len(k) < 8 for k in table):
        names = in_order({int(k): str(v) for k, v in table.items()})
    cfg = _cfg(record)
    listed = record.get("label_names", cfg.get("label_names"))
    if names is None and isinstance(listed, list) and len(listed) <= MAX_CLASSES:
        said = record.get("label_descriptions", cfg.get("label_descriptions"))
        said = said if isinstance(said, dict) else {}
        names = tuple(str(said.get(str(n), n)) for n in listed)
    if names and all(_USELESS.match(n) for n in names):
        return None
    return names or None


_LABEL_FILES: dict[str, Callable[[Path], tuple[str, ...] | None]] = {
    "config.json": _config_labels,
    "labels.txt": _lines,
    "classes.txt": _lines,
    "synset.txt": _lines,
    "class_indices.json": _class_indices,
}


# --- pre-processing ----------------------------------------------------------------------


def _preprocessing(folder: Path, told: Told) -> None:
    readers: tuple[tuple[str, Callable[[dict[str, Any]], Preprocessing | None], str], ...] = (
        ("preprocessor_config.json", _hugging_face, "Hugging Face"),
        ("config.json", _timm, "timm"),
    )
    for file, read, tool in readers:
        path = folder / file
        if not path.is_file():
            continue
        try:
            found = read(_json(path))
        except (SettingsError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            told.notes.append(f"{file} beside the model is not used: {error}")
            continue
        if found is not None:
            told.preprocessing = found
            told.preprocessing_source = f"file {file} ({tool})"
            return


def _timm(record: dict[str, Any]) -> Preprocessing | None:
    cfg = _cfg(record)
    if "mean" not in cfg or "std" not in cfg:
        return None
    shape = cfg.get("input_size", (3, None, None))
    mode = cfg.get("crop_mode") or "center"
    return Preprocessing(
        size=None if shape[1] is None else (shape[1], shape[2]),
        resize={"squash": "squash", "border": "letterbox"}.get(mode, "crop"),
        crop_fraction=float(cfg.get("crop_pct", 0.875)),
        interpolation=_filter(cfg.get("interpolation", "bilinear")),
        channels="L" if shape[0] == 1 else "RGB",
        scale=1 / 255,
        mean=cfg["mean"],
        std=cfg["std"],
    )


def _cfg(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """timm's record, wherever its version put it."""
    for key in ("pretrained_cfg", "default_cfg"):
        if isinstance(record.get(key), dict):
            found: dict[str, Any] = record[key]
            return found
    return record


def _hugging_face(record: dict[str, Any]) -> Preprocessing | None:
    if not {"image_mean", "do_normalize", "do_rescale", "do_resize"} & set(record):
        return None
    size, resize, fraction = _hugging_face_size(record)
    scale = float(record.get("rescale_factor", 1 / 255)) if record.get("do_rescale", True) else 1.0
    normalised = record.get("do_normalize", True) and "image_mean" in record
    mean = record["image_mean"] if normalised else [0.0]
    std = record.get("image_std", [1.0]) if normalised else [1.0]
    mean = list(mean) if isinstance(mean, list | tuple) else [mean]
    std = list(std) if isinstance(std, list | tuple) else [std]
    if record.get("rescale_offset") is True:
        mean = [m + 1.0 for m in mean]
    return Preprocessing(
        size=size,
        resize=resize,
        crop_fraction=fraction,
        interpolation=_filter(record.get("resample", 2)),
        channels="BGR" if record.get("do_flip_channel_order") is True else "RGB",
        scale=scale,
        mean=mean,  # type: ignore[arg-type]
        std=std,  # type: ignore[arg-type]
    )


def _hugging_face_size(record: Mapping[str, Any]) -> tuple[tuple[int, int] | None, str, float]:
    """Input size, resize rule and crop fraction of a Hugging Face image processor."""
    stated = record.get("size")
    edge = stated.get("shortest_edge") if isinstance(stated, dict) else stated
    whole = _pair(stated)
    crop = _pair(record.get("crop_size"))
    if record.get("crop_pct") is not None and isinstance(edge, int):
        # ConvNeXt: enlarged by 1 / crop_pct and cut, but squashed from 384 pixels on.
        rule = "crop" if edge < _CONVNEXT_CROPS_BELOW else "squash"
        return (edge, edge), rule, float(record["crop_pct"])
    if record.get("do_center_crop") is True and crop is not None:
        longest = edge if isinstance(edge, int) else min(whole) if whole else min(crop)
        return crop, "crop", min(1.0, min(crop) / longest)
    if whole is not None:
        return whole, "squash", 1.0
    return (edge, edge) if isinstance(edge, int) else None, "crop", 1.0


def _pair(value: Any) -> tuple[int, int] | None:
    if isinstance(value, int):
        return value, value
    if isinstance(value, dict) and "height" in value and "width" in value:
        return int(value["height"]), int(value["width"])
    return None


def _filter(value: Any) -> str:
    if isinstance(value, int):
        return _PILLOW.get(value, "bilinear")
    return value if value in _PILLOW.values() else "bilinear"


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SettingsError("it is too large.")
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"it is no valid JSON ({str(error)[:100]}).") from None
    if not isinstance(record, dict):
        raise SettingsError("it is no JSON object.")
    return record
