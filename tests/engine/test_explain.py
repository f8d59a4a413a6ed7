"""Explanations of models whose right explanation is known."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from decam_engine import (
    FILLS,
    METHODS,
    PRESETS,
    BlackBox,
    Explanation,
    Photo,
    Preprocessing,
    Progress,
    SettingsError,
    check_settings,
    demo_photos,
    explain,
    explain_steps,
    load_image,
    load_model,
)
from tests.fakes import (
    BRIGHT,
    OTHER,
    SIZE,
    Both,
    Box,
    Constant,
    Fake,
    Logits,
    Rectangles,
    Spoiling,
    Xor,
    box_model,
    bright_photo,
    inside,
)

methods = pytest.mark.parametrize("method", sorted(METHODS))


def peak_in(result: Explanation, box: Box) -> bool:
    return inside(int(np.argmax(result.input_saliency)), box)


def mean_in(result: Explanation, box: Box) -> float:
    top, left, bottom, right = box
    return float(result.input_saliency[top:bottom, left:right].mean())


def engine_threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("decam")]


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert engine_threads() == []


def finished(steps: Any, stop_after: int | None = None) -> tuple[list[Progress], Explanation]:
    """Drain a generator; with ``stop_after``, send True after that many steps."""
    seen: list[Progress] = []
    answer = None
    while True:
        try:
            seen.append(steps.send(answer))
        except StopIteration as end:
            return seen, end.value
        answer = stop_after is not None and len(seen) >= stop_after


# --- the right answer --------------------------------------------------------------------


@methods
def test_the_map_peaks_in_the_rectangle(method: str, photo: Photo) -> None:
    result = explain(box_model(Rectangles()), photo, method=method, calls=400)
    assert result.target.index == 0
    assert peak_in(result, BRIGHT)
    assert mean_in(result, BRIGHT) > 1.5 * float(result.input_saliency.mean())


@methods
def test_two_classes_have_two_maps(method: str) -> None:
    photo = bright_photo(BRIGHT, OTHER)
    model = box_model(Rectangles(BRIGHT, OTHER), labels=["first", "second"])
    first = explain(model, photo, target="first", method=method, calls=400)
    second = explain(model, photo, target=1, method=method, calls=400)
    assert peak_in(first, BRIGHT)
    assert peak_in(second, OTHER)
    assert mean_in(first, BRIGHT) > 2 * mean_in(first, OTHER)
    assert mean_in(second, OTHER) > 2 * mean_in(second, BRIGHT)
    assert first.target.label == "first"
    assert second.target.label == "second"


@methods
def test_exclusive_or(method: str, photo: Photo) -> None:
    """One region bright, one dark: what is bright decides; hiding the dark one adds nothing."""
    result = explain(box_model(Xor()), photo, target=0, method=method, calls=500)
    assert peak_in(result, BRIGHT)
    assert mean_in(result, BRIGHT) > 2 * mean_in(result, OTHER)


@methods
def test_two_regions_that_are_both_needed(method: str) -> None:
    photo = bright_photo(BRIGHT, OTHER)
    result = explain(box_model(Both()), photo, target=0, method=method, calls=600)
    assert peak_in(result, BRIGHT) or peak_in(result, OTHER)
    elsewhere = float(result.input_saliency[:10].mean())
    assert min(mean_in(result, BRIGHT), mean_in(result, OTHER)) > 2 * elsewhere


@pytest.mark.parametrize("resize", ["crop", "letterbox", "squash"])
def test_the_map_lies_on_the_photographs_own_pixels(resize: str) -> None:
    size = (120, 90)
    box = (40, 30, 70, 60)
    photo = bright_photo(box, size=size)
    preprocessing = Preprocessing(size=(48, 48), resize=resize, scale=1 / 255)
    placed = preprocessing.fit(size)
    (sy, sx), (dy, dx) = placed.scale, placed.offset
    seen_box = tuple(
        round(v * s + d) for v, s, d in zip(box, (sy, sx) * 2, (dy, dx) * 2, strict=True)
    )
    model = load_model(Rectangles(seen_box), preprocessing=preprocessing)  # type: ignore[arg-type]
    result = explain(model, photo, target=0, calls=400)
    assert result.saliency.shape == size
    assert result.saliency.dtype == np.float32
    assert result.saliency.min() >= 0.0
    assert result.saliency.max() <= 1.0
    assert inside(int(np.argmax(result.saliency)), box, size, margin=2)
    assert not result.saliency[~result.seen].any()


@pytest.mark.parametrize("fill", sorted(FILLS))
def test_every_fill_finds_the_rectangle(fill: str, photo: Photo) -> None:
    result = explain(box_model(Rectangles()), photo, fill=fill, calls=400)
    assert inside(int(np.argmax(result.input_saliency)), BRIGHT, margin=1)
    assert set(result.settings["search"]["fills"]) == {fill}
    assert result.settings["fill"] == fill


def test_logits_become_probabilities(photo: Photo) -> None:
    result = explain(box_model(Logits()), photo, calls=300)
    assert 0.9 < result.target.score < 1.0
    assert peak_in(result, BRIGHT)


# --- the budget --------------------------------------------------------------------------


@methods
@pytest.mark.parametrize("calls", [41, 64, 100, 257, 500])
@pytest.mark.parametrize("batch_size", [1, 7, 8, 64])
def test_every_scored_input_is_counted(
    method: str, calls: int, batch_size: int, photo: Photo
) -> None:
    function = Rectangles()
    model = box_model(function, batch_size=batch_size)
    steps, result = finished(explain_steps(model, photo, method=method, calls=calls))
    assert function.seen == result.calls == model.calls
    assert result.calls <= calls == result.budget
    if method != "occlusion":
        assert result.calls == calls
        assert result.stop_reason == "budget"
    counted = [s.calls for s in steps]
    assert counted == sorted(counted)
    assert counted[-1] == result.calls
    assert all(s.budget == calls for s in steps)


def test_presets(photo: Photo) -> None:
    assert (PRESETS["quick"], PRESETS["balanced"], PRESETS["thorough"]) == (500, 1000, 2000)
    for name, calls in PRESETS.items():
        assert check_settings(preset=name) == calls
    assert explain(box_model(Rectangles()), photo, preset="quick").calls == 500
    assert check_settings(calls=np.int32(77)) == 77


# --- progress and cancelling -------------------------------------------------------------


def test_progress(photo: Photo) -> None:
    model = box_model(Rectangles(), labels=["spot", "rest"])
    steps, result = finished(explain_steps(model, photo, calls=300))
    live = [s.saliency for s in steps if s.saliency is not None]
    assert live
    for values in live:
        assert values.shape == SIZE
        assert values.dtype == np.float32
        assert 0.0 <= values.min() <= values.max() <= 1.0
    assert live[0] is not live[-1] or len(live) == 1
    for s in steps:
        assert s.target == result.target
        assert s.predictions == result.predictions
        assert s.rate > 0
        assert s.seconds_left >= 0
    fitness = [s.best_fitness for s in steps if s.best_fitness is not None]
    assert fitness == sorted(fitness)
    assert result.history
    assert result.history[-1][1] >= result.history[0][1]
    assert all(c <= 300 for c, _ in result.history)


def test_on_progress_is_told_everything_and_stops_with_true(photo: Photo) -> None:
    seen: list[Progress] = []
    function = Rectangles()
    result = explain(box_model(function), photo, calls=300, on_progress=seen.append)
    assert not result.cancelled
    assert seen[-1].calls == result.calls
    stopped = explain(
        box_model(Rectangles()), photo, calls=300, on_progress=lambda p: p.calls >= 150
    )
    assert stopped.cancelled
    assert stopped.stop_reason == "cancelled"
    assert 150 <= stopped.calls < 300
    assert stopped.input_saliency.any()
    assert any("Stopped at" in w for w in stopped.warnings)


def test_only_true_itself_stops(photo: Photo) -> None:
    result = explain(box_model(Rectangles()), photo, calls=60, on_progress=lambda p: p.calls)
    assert not result.cancelled


def test_the_warning_of_a_stop_names_the_calls_of_the_result(photo: Photo) -> None:
    result = explain(
        box_model(Rectangles(), batch_size=4), photo, calls=100, on_progress=lambda p: p.calls > 20
    )
    assert f"Stopped at {result.calls} of 100 calls." in result.warnings


def test_send_true_ends_the_generator(photo: Photo) -> None:
    function = Rectangles()
    model = box_model(function, batch_size=8)
    steps, result = finished(explain_steps(model, photo, calls=200), stop_after=4)
    assert len(steps) == 4
    assert result.cancelled
    assert function.seen == result.calls <= steps[-1].calls + 3 * 8


def test_a_generator_closed_early_leaves_no_thread(photo: Photo) -> None:
    function = Rectangles()
    steps = explain_steps(box_model(function), photo, calls=500)
    next(steps)
    next(steps)
    steps.close()
    assert engine_threads() == []
    seen = function.seen
    assert seen < 100


def test_a_generator_that_was_never_started_scores_nothing(photo: Photo) -> None:
    function = Rectangles()
    explain_steps(box_model(function), photo, calls=500).close()
    assert function.seen == 0


def test_an_error_in_the_callback_stops_the_work(photo: Photo) -> None:
    def fail(progress: Progress) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine") as caught:
        explain(box_model(Rectangles()), photo, calls=500, on_progress=fail)
    # The traceback is still alive here, and with it every frame.
    assert caught.value.__traceback__ is not None
    assert engine_threads() == []


@pytest.mark.parametrize("at", [1, 2, 20, 60])
def test_a_model_that_fails_on_the_way(at: int, photo: Photo) -> None:
    class Failing(Rectangles):
        def answer(self, batch: np.ndarray) -> np.ndarray:
            if self.seen >= at:
                raise OSError("device lost")
            return super().answer(batch)

    with pytest.raises(OSError, match="device lost"):
        explain(box_model(Failing(), batch_size=4), photo, calls=100)
    assert engine_threads() == []


# --- settings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"calls": 0}, "at least 41 model calls, found 0"),
        ({"calls": 5}, "at least 41 model calls, found 5"),
        ({"calls": -1}, "found -1"),
        ({"calls": 2.5}, r"found 2\.5"),
        ({"calls": 100.0}, r"found 100\.0"),
        ({"calls": True}, "found True"),
        ({"calls": "100"}, "found '100'"),
        ({"calls": 16, "method": "rise"}, "'rise' needs at least 17"),
        ({"calls": 9, "method": "occlusion"}, "'occlusion' needs at least 10"),
        ({"seed": -1}, "seed must be an integer, 0 or more, found -1"),
        ({"seed": 1.5}, r"found 1\.5"),
        ({"seed": None}, "found None"),
        ({"seed": True}, "found True"),
        ({"preset": "slow"}, "preset must be one of quick, balanced, thorough.*found 'slow'"),
        ({"method": "magic"}, "method must be one of de, rise, occlusion.*found 'magic'"),
        ({"fill": "pink"}, "fill must be one of blur.*found 'pink'"),
        ({"target": 2}, r"must lie in 0\.\.1.*found 2"),
        ({"target": -1}, r"must lie in 0\.\.1.*found -1"),
        ({"target": "spit"}, "Did you mean 'spot'"),
        ({"target": 1.0}, "index or a class name"),
    ],
    ids=str,
)
def test_unusable_settings_are_refused_before_anything_is_scored(
    settings: dict[str, Any], text: str, photo: Photo
) -> None:
    function = Rectangles()
    model = box_model(function, labels=["spot", "rest"])
    with pytest.raises(SettingsError, match=text) as caught:
        explain_steps(model, photo, **settings)
    assert "\n" not in str(caught.value)
    assert function.seen == 0


@pytest.mark.parametrize("target", [np.int64(1), np.uint8(1), "1", "rest", "REST"])
def test_targets(target: Any, photo: Photo) -> None:
    model = box_model(Rectangles(), labels=["spot", "rest"])
    result = explain(model, photo, target=target, calls=41)
    assert result.target.index == 1
    assert type(result.target.index) is int
    json.dumps(result.manifest())


def test_numpy_settings_are_saved_as_plain_numbers(photo: Photo) -> None:
    result = explain(
        box_model(Rectangles()), photo, target=np.int32(0), calls=np.int64(50), seed=np.uint8(3)
    )
    assert json.loads(json.dumps(result.manifest()))["seed"] == 3
    same = explain(box_model(Rectangles()), photo, target=0, calls=50, seed=3)
    np.testing.assert_array_equal(result.input_saliency, same.input_saliency)


# --- warnings ----------------------------------------------------------------------------


@methods
def test_a_constant_model_gives_a_flat_map_and_says_so(method: str, photo: Photo) -> None:
    result = explain(box_model(Constant()), photo, method=method, calls=80)
    assert not result.saliency.any()
    assert any("map is empty" in w for w in result.warnings)


def test_low_probability(photo: Photo) -> None:
    class Rare(Fake):
        def answer(self, batch: np.ndarray) -> np.ndarray:
            rare = 0.03 * batch[:, :, 12:28, 34:52].mean(axis=(1, 2, 3))
            return np.stack([rare, 1 - rare], axis=1)

    model = box_model(Rare(), labels=["rare", "usual"])
    result = explain(model, photo, target="rare", calls=60)
    assert any("'rare' only 0.02" in w for w in result.warnings)
    usual = explain(model, photo, calls=60)
    assert usual.target.label == "usual"
    assert not any("only" in w for w in usual.warnings)


def test_answers_that_are_no_numbers_are_counted_in_a_warning(photo: Photo) -> None:
    result = explain(box_model(Spoiling(every=10)), photo, target=0, calls=101, method="rise")
    assert any("answered 10 masked inputs" in w for w in result.warnings)
    json.dumps(result.manifest(), allow_nan=False)


def test_assumptions_are_warnings(photo: Photo) -> None:
    model = load_model(lambda b: np.stack([b.mean(axis=(1, 2, 3)), 1 - b.mean((1, 2, 3))], 1))
    result = explain(model, photo, calls=41)
    assert any("Pre-processing assumed" in w for w in result.warnings)
    assert result.input_saliency.shape == (224, 224)


# --- repeatability -----------------------------------------------------------------------


@methods
def test_the_same_seed_gives_the_same_bits(method: str, photo: Photo) -> None:
    one, two = (
        explain(box_model(Rectangles()), photo, method=method, calls=150, seed=9) for _ in range(2)
    )
    assert one.input_saliency.tobytes() == two.input_saliency.tobytes()
    assert one.saliency.tobytes() == two.saliency.tobytes()
    assert one.manifest()["map_sha256"] == two.manifest()["map_sha256"]
    assert one.history == two.history


def test_the_bundled_model_explains_the_espresso(demo: BlackBox) -> None:
    photo = load_image(demo_photos()[1])
    one = explain(demo, photo, calls=201, seed=1)
    two = explain(demo, photo, calls=201, seed=1)
    assert one.target.label == "espresso"
    assert one.calls == 201
    assert one.input_saliency.tobytes() == two.input_saliency.tobytes()
    # The cup stands in the middle; the map is not that of the table around it.
    values = one.input_saliency
    border = np.concatenate([values[:20].ravel(), values[-20:].ravel()])
    assert values[60:160, 60:160].mean() > border.mean()


def test_other_seeds_give_similar_maps(photo: Photo) -> None:
    maps = [
        explain(box_model(Rectangles()), photo, calls=500, seed=s).input_saliency for s in (0, 1)
    ]
    assert not np.array_equal(maps[0], maps[1])
    assert np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.5


def test_nothing_given_is_changed(photo: Photo) -> None:
    before = photo.pixels.copy()
    model = box_model(Rectangles())
    result = explain(model, photo, calls=60)
    np.testing.assert_array_equal(photo.pixels, before)
    with pytest.raises(ValueError, match="read-only"):
        result.input_saliency[0, 0] = 1.0
    result.saliency[:] = 5.0
    assert result.saliency.max() <= 1.0


def test_the_engine_does_not_import_qt() -> None:
    code = (
        "import sys, decam_engine, decam_engine.cli\n"
        "found = [m for m in sys.modules if m.split('.')[0] in "
        "('PySide6', 'shiboken6', 'decam_gui')]\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
