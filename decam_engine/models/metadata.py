"""What a model's own metadata says of its classes and its pictures.

Read are the pairs that Ultralytics and OpenVINO write, and lists of class names under the
usual keys. Values are text from a stranger: they are parsed by plain patterns, within bounds,
and what does not fit is left out with a note.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from decam_engine.errors import SettingsError
from decam_engine.models.preprocessing import Preprocessing

MAX_CLASSES = 100_000
_STRING = r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\""
_ENTRY = re.compile(rf"\s*(?:(\d{{1,6}})\s*:\s*)?({_STRING})\s*(?:,|$)")
_LABEL_KEYS = ("names", "labels", "classes", "class_names", "id2label")
_RESIZE = {
    "standard": "squash",
    "crop": "crop",
    "fit_to_window": "letterbox",
    "fit_to_window_letterbox": "letterbox",
}


@dataclass
class Told:
    """What a source says; None where it says nothing.

    Attributes:
        preprocessing, labels, activation: as everywhere.
        preprocessing_source, labels_source: where they come from, for the manifest.
        notes: sentences on what was found and not used, or had to be interpreted.
    """

    preprocessing: Preprocessing | None = None
    labels: tuple[str, ...] | None = None
    activation: str | None = None
    preprocessing_source: str = ""
    labels_source: str = ""
    notes: list[str] = field(default_factory=list)


def read_metadata(pairs: Mapping[str, str]) -> Told:
    """What the key-value pairs in the model file say."""
    told = Told()
    for key in _LABEL_KEYS:
        if key in pairs:
            told.labels = parse_names(pairs[key])
            if told.labels is not None:
                told.labels_source = f"metadata ({key})"
                break
            told.notes.append(f"The model's metadata {key!r} is no list of names; it is not used.")
    if "imgsz" in pairs and ("names" in pairs or "task" in pairs):
        _ultralytics(pairs, told)
    openvino = {
        re.split(r"[ /.]", key, maxsplit=1)[1]: value
        for key, value in pairs.items()
        if re.match(r"model_info[ /.]", key)
    }
    if openvino:
        _openvino(openvino, told)
    return told


def parse_names(text: str) -> tuple[str, ...] | None:
    """Class names from a list or a mapping of numbers to names, as JSON or Python writes it.

    Python's own reader is only given single string constants: a hostile text cannot nest.
    """
    body = text.strip()
    if len(body) < 2 or body[0] + body[-1] not in ("{}", "[]", "()"):
        return None
    found: dict[int, str] = {}
    # JSON writes numbers as keys in quotes.
    body = re.sub(r"([{,]\s*)[\"'](\d{1,6})[\"']\s*:", r"\1\2:", body)[1:-1].strip()
    at = 0
    while at < len(body):
        match = _ENTRY.match(body, at)
        if match is None or len(found) >= MAX_CLASSES:
            return None
        key = int(match[1]) if match[1] is not None else len(found)
        try:
            found[key] = str(ast.literal_eval(match[2]))
        except (SyntaxError, ValueError):
            return None
        at = match.end()
    return in_order(found)


def in_order(found: Mapping[int, str]) -> tuple[str, ...] | None:
    """Names by their numbers, which must be 0, 1, 2, ... without a gap."""
    if not found or sorted(found) != list(range(len(found))):
        return None
    return tuple(found[i] for i in range(len(found)))


def _ultralytics(pairs: Mapping[str, str], told: Told) -> None:
    task = pairs.get("task", "classify")
    if task != "classify":
        told.notes.append(f"The model's metadata calls it a model for the task {task[:40]!r}.")
        return
    try:
        numbers = json.loads(pairs["imgsz"])
        sides = (numbers, numbers) if isinstance(numbers, int) else tuple(numbers)
        told.preprocessing = Preprocessing(
            size=(int(sides[0]), int(sides[-1])), resize="crop", crop_fraction=1.0, scale=1 / 255
        )
    except (ValueError, TypeError, IndexError, RecursionError, SettingsError):
        told.notes.append("The model's metadata 'imgsz' is no size; it is not used.")
        return
    told.preprocessing_source = "metadata (Ultralytics)"


def _openvino(info: Mapping[str, str], told: Told) -> None:
    names = info.get("labels", "")
    if names and told.labels is None:
        # Spaces within a name are written as underscores.
        split = names.split("," if "," in names and " " not in names.strip() else None)
        told.labels = parse_names(names) or tuple(n.replace("_", " ") for n in split)
        told.labels_source = "metadata (OpenVINO)"
    if info.get("output_raw_scores", "").casefold() == "true":
        multi = info.get("multilabel", "").casefold() == "true"
        told.activation = "sigmoid" if multi else "softmax"
    if not {"mean_values", "scale_values", "reverse_input_channels", "resize_type"} & set(info):
        return
    try:
        std = _numbers(info.get("scale_values", "")) or (1.0,)
        swapped = info.get("reverse_input_channels", "").casefold() in ("true", "yes", "1")
        told.preprocessing = Preprocessing(
            resize=_RESIZE.get(info.get("resize_type", "standard"), "squash"),
            crop_fraction=1.0,
            channels="RGB" if swapped else "BGR",
            mean=_numbers(info.get("mean_values", "")) or (0.0,),
            std=std,
            pad=int(float(info.get("pad_value", "0"))),
        )
    except (ValueError, SettingsError) as error:
        told.notes.append(f"The model's OpenVINO metadata cannot be used: {error}")
        return
    told.preprocessing_source = "metadata (OpenVINO)"
    if not swapped:
        told.notes.append(
            "Colour order assumed: BGR, because the model's OpenVINO metadata does not ask for "
            "reversed channels."
        )


def _numbers(text: str) -> tuple[float, ...]:
    values = tuple(float(v) for v in re.split(r"[\s,\[\]()]+", text[:1000]) if v)
    if not all(math.isfinite(v) for v in values):
        raise ValueError("numbers that are not finite")
    return values
