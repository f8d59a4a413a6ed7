"""Files that other tools leave beside a model: labels, and how it is fed.

timm and Hugging Face write ``config.json`` and ``preprocessor_config.json``; lists of class
names are ``labels.txt``, ``classes.txt``, ``synset.txt`` or ``class_indices.json``. They lie in
a folder and may belong to another model, so that what does not fit is noted, never an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from decam_engine.errors import DecamError, SettingsError
from decam_engine.models.labels import names_in, read_record, timm_record
from decam_engine.models.metadata import Told
from decam_engine.models.preprocessing import Preprocessing

# Pillow's numbers of its filters, as Hugging Face stores them.
_PILLOW = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}
LABEL_FILES = ("config.json", "labels.txt", "classes.txt", "synset.txt", "class_indices.json")
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
    # Hugging Face keeps ONNX files in a folder of that name, below the rest.
    folders = (folder, folder.parent) if folder.name == "onnx" else (folder,)
    for place in folders:
        _preprocessing(place, told)
        if told.preprocessing is not None:
            break
    for path in (place / file for place in folders for file in LABEL_FILES):
        file = path.name
        if not path.is_file():
            continue
        try:
            names = names_in(path)
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
            found = read(read_record(path))
        except (SettingsError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            told.notes.append(f"{file} beside the model is not used: {error}")
            continue
        if found is not None:
            told.preprocessing = found
            told.preprocessing_source = f"file {file} ({tool})"
            return


def _timm(record: dict[str, Any]) -> Preprocessing | None:
    cfg = timm_record(record)
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
