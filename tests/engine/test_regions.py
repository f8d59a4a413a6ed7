"""The parts that keep and flip a decision, and several targets sharing their calls."""

from __future__ import annotations

import numpy as np
import pytest

from decam_engine import (
    METHODS,
    BlackBox,
    Region,
    SettingsError,
    demo_photos,
    explain,
    explain_targets,
    load_image,
    rank_correlation,
)
from tests.fakes import BRIGHT, OTHER, SIZE, Constant, Rectangles, Xor, box_model, bright_photo


def area(*boxes: tuple[int, int, int, int]) -> float:
    total = sum((bottom - top) * (right - left) for top, left, bottom, right in boxes)
    return total / (SIZE[0] * SIZE[1])


def test_the_regions_are_about_as_large_as_the_bright_rectangle() -> None:
    function = Rectangles(BRIGHT)
    result = explain(box_model(function), bright_photo(), calls=600)
    keep, flip = result.keep_region, result.flip_region
    assert keep is not None and flip is not None
    assert keep.answer == result.target.index
    assert flip.answer != result.target.index
    # Half of the rectangle decides; the map's cells are coarser than the rectangle.
    assert 0.3 * area(BRIGHT) < flip.fraction < 4 * area(BRIGHT)
    assert keep.fraction < 6 * area(BRIGHT)
    assert function.seen == result.calls == 600


def test_a_regions_mask_has_its_area_and_nests() -> None:
    saliency = np.random.default_rng(0).random((20, 30)).astype(np.float32)
    small, large = (Region(f, 0.5, 0).mask(saliency) for f in (0.1, 0.4))
    assert small.sum() == 60 and large.sum() == 240
    assert not np.any(small & ~large)
    assert saliency[small].min() >= saliency[~small].max()


def test_a_target_that_is_not_the_answer_has_no_regions() -> None:
    result = explain(box_model(Rectangles(BRIGHT)), bright_photo(), target=1, calls=600)
    assert result.keep_region is None and result.flip_region is None


def test_small_budgets_go_to_the_map_alone() -> None:
    result = explain(box_model(Rectangles(BRIGHT)), bright_photo(), calls=200)
    assert result.keep_region is None and result.calls == 200


def test_a_decision_that_nothing_flips_has_no_flip_region() -> None:
    # Both classes need exactly one bright region; with none the second class wins at once.
    result = explain(box_model(Constant((0.7, 0.3))), bright_photo(), calls=500)
    assert result.keep_region is None and result.flip_region is None
    assert result.calls <= 500


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("count", [1, 2, 3])
def test_targets_share_what_was_scored_before_anything_was_learnt(method: str, count: int) -> None:
    function = Xor()
    model = box_model(function)
    budget = 500
    targets = [0, 1, 0][:count]
    results = explain_targets(model, bright_photo(BRIGHT), targets, method=method, calls=budget)
    assert [r.target.index for r in results] == targets
    assert function.seen == sum(r.calls - r.shared_calls for r in results)
    assert function.seen <= (0.4 + 0.6 * count) * budget
    assert all(r.calls <= budget for r in results)
    assert results[0].shared_calls == 0


@pytest.mark.parametrize("budget", [500, 1000, 2000])
def test_two_targets_of_the_real_presets_cost_at_most_1_6_times_one(budget: int) -> None:
    function = Rectangles(BRIGHT, OTHER)
    explain_targets(box_model(function), bright_photo(BRIGHT, OTHER), [0, 1], calls=budget)
    assert function.seen <= 1.6 * budget


def test_two_classes_have_two_maps() -> None:
    model = box_model(Rectangles(BRIGHT, OTHER))
    first, second = explain_targets(model, bright_photo(BRIGHT, OTHER), [0, 1], calls=500)
    assert rank_correlation(first.input_saliency, second.input_saliency) < 0.3
    top, left, bottom, right = BRIGHT
    assert first.input_saliency[top:bottom, left:right].mean() > 3 * (
        second.input_saliency[top:bottom, left:right].mean()
    )


def test_cancelling_leaves_out_the_targets_not_begun() -> None:
    model = box_model(Rectangles(BRIGHT, OTHER))
    results = explain_targets(
        model, bright_photo(), [0, 1], calls=500, on_progress=lambda p: p.calls > 100
    )
    assert len(results) == 1 and results[0].cancelled


def test_no_target_is_an_error() -> None:
    with pytest.raises(SettingsError, match="at least one target"):
        explain_targets(box_model(Rectangles(BRIGHT)), bright_photo(), [])


def test_the_demo_says_how_little_flips_the_cat(demo: BlackBox) -> None:
    result = explain(demo, load_image(demo_photos()[0]), calls=400)
    assert result.flip_region is not None
    assert 0.0 < result.flip_region.fraction < 0.5
    manifest = result.manifest()
    assert manifest["flip_region"]["fraction"] == result.flip_region.fraction
