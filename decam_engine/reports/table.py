"""The table of many explanations: a row of plain values for each, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import IO, Any

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
Row = dict[str, Any]
# Column and what is in it; in this order in every table.
COLUMNS: dict[str, str] = {
    "photo": "file name",
    "photo_sha256": "of the file",
    "width": "pixels",
    "height": "pixels",
    "seen_fraction": "share of the photograph that the model looks at",
    "model": "file name",
    "model_sha256": "of the file; empty for a server or a function",
    "target_index": "number of the explained class",
    "target_label": "its name",
    "target_score": "its probability",
    "top_index": "number of the most probable class",
    "top_label": "its name",
    "top_score": "its probability",
    "second_score": "probability of the class after it",
    "method": "de, rise or occlusion",
    "preset": "as it was given",
    "seed": "of the random numbers",
    "budget": "calls that were allowed",
    "calls": "calls that were spent",
    "seconds": "wall time",
    "stop_reason": "why it ended",
    "keep_fraction": "smallest share of the input found to keep the answer",
    "keep_score": "probability then",
    "flip_fraction": "smallest share whose removal was found to change the answer",
    "flip_score": "probability then",
    "insertion": "area under the curve",
    "deletion": "area under the curve",
    "centre_baseline": "insertion minus deletion of a centred blob",
    "random_baseline": "insertion minus deletion of a random order",
    "stability": "correlation of this map with that of another seed",
    "border_share": "share of the evidence in the outer tenth on each side",
    "background_share": "share of it on what is likely background, a guess; in folders of results",
    "background_area": "share of what the model saw that is likely background",
    "half_area": "smallest share of the input that holds half of the evidence",
    "centre_x": "centre of the evidence on the input, 0 left to 1 right",
    "centre_y": "centre of the evidence on the input, 0 top to 1 bottom",
    "warnings": "in plain words",
    "map_sha256": "of the map on the model's input",
    "fingerprint": "of the result",
    "error": "why there is no result",
}
# What the columns hold, those of folders of results among them; the others hold text.
INTEGERS = frozenset({"width", "height", "target_index", "top_index", "seed", "budget", "calls"})
NUMBERS = frozenset(
    {
        *("seen_fraction", "target_score", "top_score", "second_score", "seconds"),
        *("keep_fraction", "keep_score", "flip_fraction", "flip_score", "insertion", "deletion"),
        *("centre_baseline", "random_baseline", "stability", "border_share"),
        *("background_share", "background_area", "half_area", "centre_x", "centre_y"),
        *("weight", "map_correlation"),
    }
)
# The outer band on each side of the input that counts as its border.
BORDER = 0.1
# A cell that begins with one of these would be run as a formula by a spreadsheet.
_FORMULA = ("=", "+", "-", "@")


def measures(saliency: F32) -> dict[str, float]:
    """Where the evidence of a map lies.

    Args:
        saliency: float32 ``(h, w)`` on the model's input, in [0, 1].

    Returns:
        ``border_share``, ``half_area``, ``centre_x`` and ``centre_y``, see :data:`COLUMNS`, each
        in [0, 1]; empty for a map that is 0 everywhere.
    """
    values = saliency.astype(np.float64)
    total = float(values.sum())
    if not total > 0:
        return {}
    h, w = values.shape
    top, left = round(h * BORDER), round(w * BORDER)
    inner = float(values[top : h - top, left : w - left].sum())
    ordered = np.cumsum(np.sort(values, axis=None)[::-1])
    count = int(np.searchsorted(ordered, 0.5 * total)) + 1
    rows, columns = values.sum(axis=1), values.sum(axis=0)
    return {
        "border_share": round(1.0 - inner / total, 6),
        "half_area": round(count / values.size, 6),
        "centre_x": round(float(columns @ ((np.arange(w) + 0.5) / w)) / total, 6),
        "centre_y": round(float(rows @ ((np.arange(h) + 0.5) / h)) / total, 6),
    }


def table_row(manifest: dict[str, Any], measured: dict[str, float]) -> Row:
    """A row for one explanation: every column of :data:`COLUMNS`, None where nothing is known.

    Args:
        manifest: as :meth:`decam_engine.explanation.Explanation.manifest` makes it.
        measured: of its map, see :func:`measures`.
    """
    m, found = manifest, dict.fromkeys(COLUMNS)
    height, width = m["photo"]["size"]
    top = m["predictions"][0]
    keep, flip = m.get("keep_region") or {}, m.get("flip_region") or {}
    faithful = m.get("faithfulness") or {}
    baselines = faithful.get("baselines") or {}
    stability = m.get("stability") or {}
    found.update(
        {
            "photo": m["photo"]["name"],
            "photo_sha256": m["photo"]["sha256"],
            "width": width,
            "height": height,
            "seen_fraction": m["photo"]["seen_fraction"],
            "model": m["model"]["name"],
            "model_sha256": m["model"].get("sha256"),
            "target_index": m["target"]["index"],
            "target_label": m["target"]["label"],
            "target_score": m["target"]["score"],
            "top_index": top["index"],
            "top_label": top["label"],
            "top_score": top["score"],
            "second_score": m["predictions"][1]["score"] if len(m["predictions"]) > 1 else None,
            "method": m["settings"]["method"],
            "preset": m["settings"].get("preset"),
            "seed": m["seed"],
            "budget": m["budget"],
            "calls": m["calls"],
            "seconds": m["seconds"],
            "stop_reason": m["stop_reason"],
            "keep_fraction": keep.get("fraction"),
            "keep_score": keep.get("score"),
            "flip_fraction": flip.get("fraction"),
            "flip_score": flip.get("score"),
            "insertion": faithful.get("insertion"),
            "deletion": faithful.get("deletion"),
            "centre_baseline": baselines.get("centre"),
            "random_baseline": baselines.get("random"),
            "stability": stability.get("value_correlation"),
            **measured,
            "warnings": " ".join(m["warnings"]),
            "map_sha256": m["map_sha256"],
            "fingerprint": m["fingerprint"],
        }
    )
    return found


def failure_row(name: str, reason: str, model: str = "") -> Row:
    """A row for a photograph that could not be explained."""
    return {**dict.fromkeys(COLUMNS), "photo": name, "model": model or None, "error": reason}


class CsvTable:
    """A table as CSV, row by row."""

    def __init__(self, stream: IO[bytes], columns: Sequence[str]) -> None:
        """See :data:`decam_engine.reports.tables.TABLES`."""
        self._stream, self._columns = stream, tuple(columns)
        stream.write(csv_head(self._columns))

    def add(self, row: Row) -> None:
        """Write a row."""
        self._stream.write(csv_line(row, self._columns))

    def close(self) -> None:
        """Nothing is held back."""


def csv_head(columns: Iterable[str] = COLUMNS) -> bytes:
    """The first line of a table, UTF-8 with the mark that spreadsheets know it by."""
    return b"\xef\xbb\xbf" + _line(columns)


def csv_line(row: Row, columns: Iterable[str] = COLUMNS) -> bytes:
    """One line of a table; text that a spreadsheet would run is kept from it by an apostrophe."""
    return _line(csv_cell(row.get(name)) for name in columns)


def csv_cell(value: object) -> str:
    """A value as it stands in a table; text that a spreadsheet would run gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.8g}"
    text = str(value)
    if isinstance(value, str):
        # Control characters break lines of the table, or lie to whoever prints it.
        text = "".join(c if c.isprintable() else " " for c in text)
        if text.lstrip().startswith(_FORMULA):
            text = f"'{text}"
    return text


def _line(cells: Iterable[str]) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\r\n").writerow(list(cells))
    return stream.getvalue().encode("utf-8", "backslashreplace")
