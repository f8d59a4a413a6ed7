"""Evidence for a map, and checks step by step."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decam_engine import (
    CHECK_CALLS,
    EVIDENCE_CALLS,
    BlackBox,
    Explanation,
    Photo,
    Preprocessing,
    check_faithfulness,
    check_stability,
    check_steps,
    evidence_steps,
    explain,
    find_evidence,
    load_explanation,
    load_image,
    load_model,
    run_fills,
    stability_steps,
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


def test_a_second_search_step_by_step_is_the_whole_one(model: BlackBox, found: Explanation) -> None:
    steps = stability_steps(model, found)
    while True:
        try:
            assert next(steps).saliency is None
        except StopIteration as end:
            steady = end.value
            break
    assert steady.stability.seed == found.seed + 1
    assert steady.stability.value_correlation > 0.2 and steady.stability.overlap > 0.2
    assert steady.stability == check_stability(model, found).stability
    assert steady.input_saliency is found.input_saliency


def test_a_second_search_that_is_stopped_says_nothing(model: BlackBox, found: Explanation) -> None:
    steps = stability_steps(model, found)
    next(steps)
    with pytest.raises(StopIteration) as end:
        while True:
            steps.send(True)
    assert end.value.value is None


def test_what_was_found_out_about_a_map_is_saved_with_it(model: BlackBox, tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    Image.fromarray(np.full((24, 32, 3), 200, dtype=np.uint8)).save(file)
    found = explain(model, load_image(file), target=0, calls=100)
    known = dataclasses.replace(check_stability(model, found), evidence=find_evidence(model, found))
    files = known.save(tmp_path / "out", formats=("input", "json"))
    manifest = next(f for f in files if f.suffix == ".json")
    again = load_explanation(manifest)
    assert again.evidence == known.evidence and again.stability == known.stability
    # Those of versions before have neither.
    record = json.loads(manifest.read_text())
    del record["evidence"]
    manifest.write_text(json.dumps(record))
    assert load_explanation(manifest).evidence is None
