"""What there is to say for a map: scores with and without what it points at, a second search."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from decam_engine.explain import Steps, explain_steps
from decam_engine.explanation import Explanation
from decam_engine.models import BlackBox, Prediction
from decam_engine.regions import Region
from decam_engine.what_if import WhatIf

# Where no region keeps the decision.
USUAL_FRACTION = 0.12
# A smaller part says more about what is put in place of the rest.
LEAST_FRACTION = 0.05
# Random parts of the same size: one alone may be lucky.
CHANCES = 4
EVIDENCE_CALLS = 2 + CHANCES
TOP = 5


@dataclass(frozen=True)
class Evidence:
    """The explained class's scores with parts of the photograph alone.

    Attributes:
        fraction: how much of the model's input each part is, 0..1.
        kept: the most probable classes with only the most salient part.
        kept_score: of the explained class then.
        removed, removed_score: without that part.
        chance_score: with only a random part of that size, the mean over several.
        fills: what hidden pixels became, when the part was kept and when it was removed.
    """

    fraction: float
    kept: tuple[Prediction, ...]
    kept_score: float
    removed: tuple[Prediction, ...]
    removed_score: float
    chance_score: float
    fills: tuple[str, str]


def evidence_steps(model: BlackBox, explanation: Explanation) -> Generator[int, None, Evidence]:
    """As :func:`find_evidence`; yields how many calls were made so far, after each."""
    keep = explanation.keep_region
    fraction = USUAL_FRACTION if keep is None else max(keep.fraction, LEAST_FRACTION)
    inside = Region(fraction, 0.0, 0).mask(explanation.input_saliency)
    fills = run_fills(explanation)
    target = explanation.target.index
    view = WhatIf(model, explanation.photo)
    kept = view.scores(inside, fills[0])
    yield 1
    removed = view.scores(~inside, fills[1])
    yield 2
    rng = np.random.default_rng(explanation.seed)
    chances = []
    for number in range(CHANCES):
        some = rng.permutation(inside.reshape(-1)).reshape(inside.shape)
        chances.append(float(view.scores(some, fills[0])[target]))
        yield 3 + number
    return Evidence(
        fraction,
        tuple(model.rank(kept, TOP)),
        float(kept[target]),
        tuple(model.rank(removed, TOP)),
        float(removed[target]),
        float(np.mean(chances)),
        fills,
    )


def find_evidence(model: BlackBox, explanation: Explanation) -> Evidence:
    """Score the most salient part alone, all but that, and random parts of the same size.

    The part is the one that keeps the decision (but 5 % at least), where one was found, and 12 %
    otherwise. Costs six model calls, which do not count to the explanation's budget.

    Raises:
        ModelError: the model failed.
    """
    steps = evidence_steps(model, explanation)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Evidence = end.value
            return found


def run_fills(explanation: Explanation) -> tuple[str, str]:
    """What a search put in place of hidden pixels: around kept parts, and for removed ones."""
    names = explanation.settings.get("search", {}).get("fills") or ["blur"]
    return (names[1], names[2]) if len(names) == 3 else (names[0], names[0])


def second_search_steps(
    model: BlackBox, explanation: Explanation, seed: int | None = None, *, live: bool = False
) -> Steps:
    """Explain the same again with another seed (the next one by default), step by step.

    See :func:`decam_engine.explain_steps`; :func:`decam_engine.compare_maps` says how alike the
    maps are.

    Raises:
        SettingsError: an unusable seed.
    """
    s = explanation.settings
    return explain_steps(
        model,
        explanation.photo,
        target=explanation.target.index,
        method=s["method"],
        preset=s["preset"],
        calls=explanation.budget if s["preset"] != "until-stable" else None,
        seed=explanation.seed + 1 if seed is None else seed,
        fill=s.get("fill"),
        live=live,
    )
