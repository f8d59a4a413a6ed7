"""Class names, and finding the class that a user means."""

from __future__ import annotations

import codecs
import difflib
import hashlib
import json
import operator
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from decam_engine.errors import ModelError, SettingsError
from decam_engine.models.metadata import MAX_CLASSES, in_order

MAX_LABEL_BYTES = 20_000_000
_WORDNET = re.compile(r"^n\d{8}\s+")
_USELESS = re.compile(r"^LABEL_\d+$")
# What a model's configuration holds, and a list of classes does not.
_CONFIG = {
    "id2label",
    "label_names",
    "pretrained_cfg",
    "architectures",
    "model_type",
    "num_classes",
}


def labels_hash(labels: Sequence[str] | None) -> str | None:
    """SHA-256 of the names in their order, one a line in UTF-8; None without names."""
    if labels is None:
        return None
    text = "\n".join(labels).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()


def read_labels(path: str | Path) -> tuple[str, ...]:
    """Class names from a file, in the order of the model's output.

    Text in UTF-8 with one name a line, which may be numbered (``0 cat``, ``1: dog``) or begin
    with WordNet's codes (``n02123045 tabby``); or JSON: a list of names, ``class_indices.json``
    in both directions (``{"cat": 0}``, ``{"0": "cat"}``, ``{"0": ["n02123045", "tabby"]}``), or
    the ``config.json`` of Hugging Face and timm.

    Raises:
        ModelError: missing, unreadable, or no names in it.
    """
    file = Path(path)
    try:
        names = names_in(file)
    except SettingsError as error:
        raise ModelError(f"The label file {file} could not be used: {error}") from None
    if names is None:
        raise ModelError(
            f"The label file {file} holds no class names. Expected UTF-8 text, one class name a "
            "line, or JSON."
        )
    return names


def names_in(path: Path) -> tuple[str, ...] | None:
    """As :func:`read_labels`; None for a file that has its form, but states no names.

    Raises:
        ModelError: no text.
        SettingsError: no JSON, or numbers with a gap.
    """
    if path.suffix.casefold() != ".json":
        return _stripped(_lines(path))
    record = _json(path)
    if isinstance(record, list):
        if not all(isinstance(n, str) for n in record) or len(record) > MAX_CLASSES:
            raise SettingsError("it is no JSON object and no list of names.")
        return tuple(record) or None
    if not isinstance(record, dict):
        raise SettingsError("it is no JSON object and no list of names.")
    # A configuration lies beside many models and need not name any class.
    if path.name == "config.json" or _CONFIG & set(record):
        return _config_labels(record)
    return _class_indices(record)


def read_record(path: Path) -> dict[str, Any]:
    """A JSON object in a file.

    Raises:
        SettingsError: it is none, too large, or unreadable.
    """
    record = _json(path)
    if not isinstance(record, dict):
        raise SettingsError("it is no JSON object.")
    return record


def timm_record(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """timm's part of a ``config.json``, wherever its version put it."""
    for key in ("pretrained_cfg", "default_cfg"):
        if isinstance(record.get(key), dict):
            found: dict[str, Any] = record[key]
            return found
    return record


def _lines(file: Path) -> tuple[str, ...]:
    try:
        if file.stat().st_size > MAX_LABEL_BYTES:
            raise ModelError(f"The label file {file} is too large to be a list of names.")
        data = file.read_bytes()
        # Windows' editor calls this "Unicode".
        wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        lines = data.decode("utf-16" if wide else "utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The label file {file} could not be read ({error}). Expected UTF-8 text, one class "
            "name a line."
        ) from None
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(line.strip() for line in lines)


def _stripped(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """Without the numbers or codes that every line begins with."""
    numbered = [re.match(r"(\d+)\s*[:,;\t ]\s*(\S.*)$", name) for name in names]
    if names and all(m is not None and int(m[1]) == i for i, m in enumerate(numbered)):
        names = tuple(m[2] for m in numbered if m is not None)
    if names and all(_WORDNET.match(name) for name in names):
        names = tuple(_WORDNET.sub("", name) for name in names)
    return names or None


def _class_indices(record: Mapping[str, Any]) -> tuple[str, ...] | None:
    found: dict[int, str] = {}
    for key, value in record.items():
        last = value[-1] if isinstance(value, list) and value else value
        if isinstance(last, str) and last.isdecimal() and not key.isdecimal() and len(last) < 8:
            last = int(last)
        if isinstance(last, int) and not isinstance(last, bool):
            found[last] = str(key)
        elif isinstance(last, str) and key.isdecimal() and len(key) < 8:
            found[int(key)] = last
    names = in_order(found) if len(found) == len(record) <= MAX_CLASSES else None
    if names is None:
        raise SettingsError("expected names with the numbers 0, 1, 2, ... without a gap.")
    return names


def _config_labels(record: Mapping[str, Any]) -> tuple[str, ...] | None:
    names: tuple[str, ...] | None = None
    table = record.get("id2label")
    if isinstance(table, dict) and all(k.isdecimal() and len(k) < 8 for k in table):
        names = in_order({int(k): str(v) for k, v in table.items()})
    cfg = timm_record(record)
    listed = record.get("label_names", cfg.get("label_names"))
    if names is None and isinstance(listed, list) and len(listed) <= MAX_CLASSES:
        said = record.get("label_descriptions", cfg.get("label_descriptions"))
        said = said if isinstance(said, dict) else {}
        names = tuple(str(said.get(str(n), n)) for n in listed)
    if names and all(_USELESS.match(n) for n in names):
        return None
    return names or None


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > MAX_LABEL_BYTES:
            raise SettingsError("it is too large.")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"it is no valid JSON ({str(error)[:100]}).") from None


def find_class(target: int | str, labels: Sequence[str] | None, count: int) -> int:
    """The class index that ``target`` (an index, or a label's name) means.

    A name is compared exactly first, then without regard to case; a number in quotes is
    an index.

    Raises:
        SettingsError: out of range, unknown (the nearest names are suggested) or ambiguous.
    """
    if isinstance(target, str):
        return _by_name(target, labels, count)
    try:
        index = operator.index(target)
    except TypeError:
        raise SettingsError(
            f"The target must be a class index or a class name, found {target!r}."
        ) from None
    if isinstance(target, bool):
        raise SettingsError(
            "The target must be a class index or a class name, found a truth value."
        )
    if not 0 <= index < count:
        raise SettingsError(
            f"The target index must lie in 0..{count - 1} for this model of {count} classes, "
            f"found {index}."
        )
    return index


def _by_name(name: str, labels: Sequence[str] | None, count: int) -> int:
    wanted = name.strip()
    names = list(labels or ())
    for matches in (
        [i for i, label in enumerate(names) if label == wanted],
        [i for i, label in enumerate(names) if label.casefold() == wanted.casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            indices = ", ".join(str(i) for i in matches)
            raise SettingsError(
                f"The model has {len(matches)} classes named {wanted!r} (indices {indices}). "
                "Give the index instead."
            )
    if re.fullmatch(r"-?[0-9]{1,9}", wanted):
        return find_class(int(wanted), labels, count)
    if not names:
        raise SettingsError(
            f"The class names of this model are not known, so {wanted!r} cannot be found: expected "
            f"an index in 0..{count - 1}, or labels given with the model."
        )
    folded = {label.casefold(): label for label in names}
    near = difflib.get_close_matches(wanted.casefold(), folded, n=3, cutoff=0.5)
    near += [key for key in folded if wanted.casefold() in key and key not in near][:3]
    hint = (
        "Did you mean " + " or ".join(repr(folded[key]) for key in near[:3]) + "?"
        if near
        else "List the model's answer with: decam predict IMAGE --model MODEL"
    )
    raise SettingsError(f"The model has no class named {wanted!r} among its {count}. {hint}")
