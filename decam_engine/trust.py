"""What there is to say for a map: scores with and without what it points at."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from decam_engine.explanation import Evidence, Explanation
from decam_engine.models import BlackBox
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
