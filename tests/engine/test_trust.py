"""Evidence for a map, and how alike two are."""

from __future__ import annotations

import numpy as np
import pytest

from decam_engine import (
    CHECK_CALLS,
    EVIDENCE_CALLS,
    BlackBox,
    Explanation,
    Photo,
    Preprocessing,
    SettingsError,
    check_faithfulness,
    check_steps,
    compare_maps,
    evidence_steps,
    explain,
    find_evidence,
    load_model,
    run_fills,
    second_search_steps,
)
from tests.fakes import BRIGHT, SIZE, Rectangles


@pytest.fixture
def fake() -> Rectangles:
    return Rectangles(BRIGHT)


@pytest.fixture
def model(fake: Rectangles) -> BlackBox:
    return load_model(fake, preprocessing=Preprocessing.unit(SIZE))


@pytest.fixture
def found(model: BlackBox, photo: Photo) -> Explanation:
    return explain(model, photo, target=0, calls=400)


def test_the_part_that_matters_beats_a_random_one(
    fake: Rectangles, model: BlackBox, found: Explanation
) -> None:
    before = fake.seen
    evidence = find_evidence(model, found)
    assert fake.seen - before == EVIDENCE_CALLS
    assert found.keep_region is not None
    assert evidence.fraction == max(found.keep_region.fraction, 0.05)
    assert evidence.kept_score > evidence.chance_score
    assert evidence.kept_score > evidence.removed_score
    assert evidence.kept[0].score == max(p.score for p in evidence.kept)
    assert list(evidence_steps(model, found)) == list(range(1, EVIDENCE_CALLS + 1))


def test_the_fills_are_those_of_the_run(model: BlackBox, photo: Photo, found: Explanation) -> None:
    assert run_fills(found) == ("blur", "mean")
    assert run_fills(explain(model, photo, calls=60, fill="black")) == ("black", "black")
    assert run_fills(explain(model, photo, calls=60, method="rise")) == ("mean", "mean")


def test_checking_step_by_step_is_checking(
    fake: Rectangles, model: BlackBox, found: Explanation
) -> None:
    before = fake.seen
    steps = check_steps(model, found)
    calls = []
    while True:
        try:
            calls.append(next(steps))
        except StopIteration as end:
            checked = end.value
            break
    assert calls == sorted(calls) and calls[-1] == CHECK_CALLS == fake.seen - before
    whole = check_faithfulness(model, found)
    assert checked.baselines == whole.baselines
    assert checked.faithfulness.difference == whole.faithfulness.difference
    assert checked.warnings == whole.warnings


def test_a_second_search_differs_by_its_seed_alone(model: BlackBox, found: Explanation) -> None:
    steps = second_search_steps(model, found)
    while True:
        try:
            assert next(steps).saliency is None
        except StopIteration as end:
            second = end.value
            break
    assert second.seed == found.seed + 1
    assert second.settings == found.settings
    assert second.budget == found.budget and second.target == found.target
    agreement = compare_maps(found.input_saliency, second.input_saliency)
    assert agreement.rank_correlation > 0.2 and agreement.overlap > 0.3


def test_maps_are_compared_by_ranks_and_by_their_tops() -> None:
    values = np.random.default_rng(0).random((20, 30)).astype(np.float32)
    same = compare_maps(values, values**3)
    assert (same.rank_correlation, same.overlap) == (pytest.approx(1.0), 1.0)
    other = compare_maps(values, -values, 0.25)
    assert (other.rank_correlation, other.overlap) == (pytest.approx(-1.0), 0.0)
    assert other.fraction == 0.25
    with pytest.raises(SettingsError, match="one shape"):
        compare_maps(values, values[:-1])
