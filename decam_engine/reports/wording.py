"""Fixed sentences of reports: methods, sources, limits."""

from __future__ import annotations

from typing import Any

from decam_engine.reports.parts import Fact
from decam_engine.reports.plain import plain

# Three sentences each: what is asked of the model, how it is searched, what a colour means.
METHODS = {
    "de": (
        "DE-CAM hides parts of the photograph, asks the model again, and learns from the change "
        "of its answer which pixels the answer rests on; nothing inside the model is looked at.",
        "A first guess from randomly hidden parts is improved by Differential Evolution, which "
        "prefers rankings of pixels whose highest few suffice for the answer and whose loss "
        "destroys it.",
        "The map shows the ranking found: colour falls from 1 as fast as the measured evidence "
        "does.",
    ),
    "rise": (
        "RISE hides random halves of the photograph and asks the model again; nothing inside the "
        "model is looked at.",
        "Each pixel gets the mean probability of the answers for which it was visible.",
        "The map shows these means, stretched to 0..1.",
    ),
    "occlusion": (
        "Occlusion hides one patch of the photograph after the other and asks the model again; "
        "nothing inside the model is looked at.",
        "Each patch gets the loss of probability that hiding it caused.",
        "The map shows these losses, stretched to 0..1.",
    ),
}
SOURCES = {
    "given": "given by whoever ran it",
    "sidecar": "the file .decam.json beside the model",
    "chosen": "chosen by the user before, remembered for this model",
    "remembered": "chosen by the user before, remembered for this model",
    "metadata": "the model file\u2019s own metadata",
    "assumed": "assumed: nobody stated it (see the warnings)",
    "none": "none: classes are named by their numbers",
}
_REASONS = {
    "budget": "The agreed number of model calls was spent.",
    "stable": "The map and its fitness no longer changed.",
    "finished": "There was nothing left to try.",
    "cancelled": "It was stopped by the user before its time.",
    "failed": "The model failed on the way.",
}


def limits(m: dict[str, Any]) -> tuple[str, ...]:
    """What no warning of the run says, and a reader must know."""
    found = []
    if m["photo"]["seen_fraction"] < 1:
        found.append("Parts of the photograph were cut off before the model saw it; see above.")
    found.append(
        "The map shows what this model\u2019s answer rests on. It does not show whether the answer "
        "is right, nor what a person would look at."
    )
    return tuple(found)


def how_read(photo: dict[str, Any]) -> str:
    """What was done to get from the file to pixels."""
    kind = plain(photo["reading"].get("format", "pixels in memory"))
    notes = " ".join(plain(n, 400) for n in photo["notes"])
    return f"{kind}. {notes or 'Nothing had to be converted.'}"


def settings_facts(m: dict[str, Any]) -> tuple[Fact, ...]:
    """Method, preset and cost."""
    s = m["settings"]
    calls = f"{m['calls']:,} of {m['budget']:,} model calls"
    if m["shared_calls"]:
        calls += f", {m['shared_calls']:,} of them shared with other classes of this photograph"
    return (
        Fact("Method", plain({"de": "DE-CAM", "rise": "RISE"}.get(s["method"], s["method"]))),
        Fact("Preset", f"{plain(s['preset'])}, {calls}, {m['seconds']:,.1f} s"),
    )


def parameters(search: dict[str, Any]) -> str:
    """All parameters of a search in one line."""
    found = []
    for name, value in search.items():
        term = plain(name).replace("_", " ")
        if isinstance(value, dict):
            found.append(f"{term} ({parameters(value)})")
            continue
        shown = value if isinstance(value, list) else [value]
        found.append(f"{term} " + " / ".join(plain(v) for v in shown))
    return "; ".join(found)


def stop_words(m: dict[str, Any]) -> str:
    """Why it ended."""
    return _REASONS.get(m["stop_reason"], plain(m["stop_reason"]))
