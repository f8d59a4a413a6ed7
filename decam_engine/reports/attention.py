"""What deserves a look among many explanations, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from decam_engine.errors import SettingsError
from decam_engine.reports.plain import percent, quoted, signed
from decam_engine.reports.table import Row

ORDERS = ("look", "given", "name", "class", "confidence")
# Shares and probabilities from which something is said.
BORDER_SHARE = 0.5  # of a map that is the same everywhere: 0.36
# Of the evidence, and so much above the background's share of the picture; where the guess of the
# background takes nearly all of the picture, it found no subject, and says nothing.
BACKGROUND_SHARE, BACKGROUND_EXCESS, BACKGROUND_MOST = 0.6, 0.1, 0.8
HALF_AREA = 0.25  # of a map that is the same everywhere: 0.5
CONFIDENCE = 0.5
MARGIN = 0.1
STABILITY = 0.3


@dataclass(frozen=True)
class Reason:
    """Why an explanation deserves a look.

    Attributes:
        kind: the same word for the same kind of reason.
        text: in plain words, with the figure it rests on.
        weight: higher deserves it more.
    """

    kind: str
    text: str
    weight: float


# What stands for a kind in the summary of a report.
KINDS = {
    "failed": "could not be explained",
    "stopped": "stopped before their budget was spent",
    "disagreement": "answered otherwise by another model",
    "faithfulness": "map no better than one that knows nothing of the model",
    "border": "evidence mostly at the border",
    "background": "evidence spread over the background",
    "confidence": "low confidence of the model",
    "stability": "another seed gives another map",
}


def disagreements(rows: Iterable[Row]) -> set[str]:
    """SHA-256 of the photographs that two models answer differently."""
    answers: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        if row["error"] is None:
            answers[row["photo_sha256"]][str(row["model_sha256"] or row["model"])] = (
                row["top_label"] or row["top_index"]
            )
    return {photo for photo, found in answers.items() if len(set(found.values())) > 1}


def reasons(row: Row, disputed: bool = False) -> tuple[Reason, ...]:
    """Why one explanation deserves a look, the weightiest first; empty when nothing stands out.

    Args:
        row: see :func:`decam_engine.reports.table.table_row`.
        disputed: whether another model answers otherwise, see :func:`disagreements`.
    """
    if row["error"] is not None:
        return (Reason("failed", str(row["error"]), 100.0),)
    found = [reason for check in _CHECKS if (reason := check(row)) is not None]
    if disputed:
        text = f"Another model does not answer {quoted(row['top_label'], 60)}."
        found.append(Reason("disagreement", text, 3.0))
    return tuple(sorted(found, key=lambda r: -r.weight))


def _stopped(row: Row) -> Reason | None:
    if row["stop_reason"] not in ("cancelled", "failed"):
        return None
    how = "The model failed" if row["stop_reason"] == "failed" else "It was stopped"
    return Reason("stopped", f"{how} after {row['calls']:,} of {row['budget']:,} calls.", 3.5)


def _faithfulness(row: Row) -> Reason | None:
    if row["insertion"] is None or row["deletion"] is None:
        return None
    difference = row["insertion"] - row["deletion"]
    others = [v for v in (row["centre_baseline"], row["random_baseline"]) if v is not None]
    if not others or difference > max(others):
        return None
    text = (
        f"The map does not beat one that knows nothing of the model (insertion minus deletion "
        f"{signed(difference)} against {signed(max(others))})."
    )
    return Reason("faithfulness", text, 2.5 + min(1.0, max(others) - difference))


def _border(row: Row) -> Reason | None:
    share = row["border_share"]
    if share is None or share < BORDER_SHARE:
        return None
    return Reason(
        "border", f"{percent(share)} of the evidence lies in the border of the picture.", 1 + share
    )


def _background(row: Row) -> Reason | None:
    share, chance = row.get("background_share"), row.get("background_area")
    if (
        share is not None
        and chance is not None
        and chance <= BACKGROUND_MOST
        and share >= max(BACKGROUND_SHARE, chance + BACKGROUND_EXCESS)
    ):
        text = (
            f"{percent(share)} of the evidence lies on what is likely background, which is "
            f"{percent(chance)} of the picture (a guess)."
        )
        return Reason("background", text, 1 + share)
    area = row["half_area"]
    if area is None or area < HALF_AREA:
        return None
    text = f"The evidence is spread: half of it covers {percent(area)} of the picture."
    return Reason("background", text, 1 + area)


def _confidence(row: Row) -> Reason | None:
    top, second = row["top_score"], row["second_score"]
    if top is None:
        return None
    if top < CONFIDENCE:
        return Reason(
            "confidence", f"The model gives its answer only {percent(top)}.", 1.5 + CONFIDENCE - top
        )
    if second is not None and top - second < MARGIN:
        text = f"The second answer is close ({percent(top)} against {percent(second)})."
        return Reason("confidence", text, 1.2)
    return None


def _stability(row: Row) -> Reason | None:
    value = row["stability"]
    if value is None or value >= STABILITY:
        return None
    text = f"Another seed gives another map (correlation {signed(value)})."
    return Reason("stability", text, 2.5 - value)


_CHECKS: tuple[Callable[[Row], Reason | None], ...] = (
    _stopped,
    _faithfulness,
    _border,
    _background,
    _confidence,
    _stability,
)


def ordered(rows: Sequence[Row], order: str) -> list[int]:
    """Numbers of the rows in an order of :data:`ORDERS`.

    ``look``: what deserves a look first; ``given``: as they came; ``name``: by file name;
    ``class``: by class, the least confident first in each; ``confidence``: the least confident
    first. What could not be explained comes first in all but ``given`` and ``name``.

    Raises:
        SettingsError: unknown order.
    """
    if order not in ORDERS:
        raise SettingsError(f"The order must be one of {', '.join(ORDERS)}, found {order!r}.")
    numbers = list(range(len(rows)))
    if order == "given":
        return numbers
    disputed = disagreements(rows) if order == "look" else set()

    def key(k: int) -> tuple[Any, ...]:
        row = rows[k]
        name = (str(row["photo"]).casefold(), k)
        if order == "name":
            return name
        failed = row["error"] is None
        if order == "look":
            why = reasons(row, row["photo_sha256"] in disputed)
            return (-sum(r.weight for r in why), *name)
        score = row["top_score"] if row["top_score"] is not None else -1.0
        if order == "class":
            return (failed, str(row["target_label"]).casefold(), score, *name)
        return (failed, score, *name)

    return sorted(numbers, key=key)
