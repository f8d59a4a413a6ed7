"""Does a map prove anything, has a search settled, and how does a model run fastest?"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from decam_engine import (
    check_faithfulness,
    explain,
    load_explanation,
    load_image,
    load_model,
)
from decam_engine.check import centred_blob
from decam_engine.machine import usable_cores
from decam_engine.models import runtime, store
from decam_engine.models.onnx import OnnxBackend
from decam_engine.models.tuning import Configuration, measure, recall, remember
from decam_engine.stability import LEAST_CALLS, Settled
from tests.fakes import BRIGHT, Rectangles, box_model, bright_photo

F32 = npt.NDArray[np.float32]


def test_a_good_map_beats_both_baselines_without_a_warning() -> None:
    model, photo = box_model(Rectangles(BRIGHT)), bright_photo()
    checked = check_faithfulness(model, explain(model, photo, calls=300))
    assert checked.faithfulness is not None and checked.baselines is not None
    assert checked.faithfulness.difference > checked.baselines.centre
    assert checked.faithfulness.difference > checked.baselines.random
    assert checked.warnings == ()


def test_a_map_that_proves_nothing_says_so() -> None:
    model, photo = box_model(Rectangles(BRIGHT)), bright_photo()
    result = explain(model, photo, calls=300)
    inverted = (1.0 - result.input_saliency).astype(np.float32)
    checked = check_faithfulness(model, replace(result, input_saliency=inverted))
    assert len(checked.warnings) == 2
    assert all("proves nothing" in w for w in checked.warnings)


def test_the_check_is_saved_and_read_again(tmp_path: Path) -> None:
    model = box_model(Rectangles(BRIGHT))
    from PIL import Image

    Image.fromarray(bright_photo().pixels).save(tmp_path / "p.png")
    photo = load_image(tmp_path / "p.png")
    checked = check_faithfulness(model, explain(model, photo, calls=500))
    manifest = next(f for f in checked.save(tmp_path) if f.suffix == ".json")
    again = load_explanation(manifest)
    assert again.baselines == checked.baselines
    assert again.keep_region == checked.keep_region
    assert again.flip_region == checked.flip_region


def test_the_blob_is_highest_in_the_middle() -> None:
    blob = centred_blob((31, 51))
    assert blob.shape == (31, 51) and blob.dtype == np.float32
    assert np.unravel_index(int(blob.argmax()), blob.shape) == (15, 25)
    assert centred_blob((1, 1)).shape == (1, 1)


# --- settling ------------------------------------------------------------------------------


def test_a_still_search_settles_and_a_moving_one_does_not() -> None:
    still, moving = Settled(), Settled()
    rng = np.random.default_rng(0)
    fixed = rng.random((56, 56)).astype(np.float32)
    settled_at = None
    for calls in range(100, 1500, 100):
        if still.update(calls, 0.5, fixed) and settled_at is None:
            settled_at = calls
        other = rng.random((56, 56)).astype(np.float32)
        assert not moving.update(calls, 0.5, other)
    assert settled_at is not None and settled_at >= LEAST_CALLS


def test_rising_fitness_keeps_the_search_going() -> None:
    watch, fixed = Settled(), np.eye(40, dtype=np.float32)
    assert not any(watch.update(c, c / 1000, fixed) for c in range(100, 2000, 100))


def test_until_stable_stops_before_its_cap() -> None:
    function = Rectangles(BRIGHT)
    result = explain(box_model(function), bright_photo(), preset="until-stable")
    assert result.stop_reason == "stable"
    assert LEAST_CALLS <= result.calls < 4000
    assert function.seen == result.calls


def test_calls_of_a_settled_run_do_not_depend_on_time() -> None:
    def run() -> int:
        return explain(box_model(Rectangles(BRIGHT)), bright_photo(), preset="until-stable").calls

    assert len({run() for _ in range(3)}) == 1


# --- tuning --------------------------------------------------------------------------------


def batch_of(count: int) -> F32:
    return np.zeros((count, 4), dtype=np.float32)


def test_measuring_prefers_the_way_that_is_faster() -> None:
    """A run whose work is known: large batches waste time, and one thread wastes more."""
    used: list[tuple[int, int]] = []

    def open_run(threads: int) -> object:
        def run(batch: F32) -> None:
            used.append((threads, len(batch)))
            work = len(batch) ** 2 * (1 if threads == 2 else 40)
            np.zeros(2000 * work).sum()

        return run

    found = measure(open_run, batch_of, cores=2)  # type: ignore[arg-type]
    assert found.source == "measured"
    assert found.threads == 2 and found.concurrency == 1
    assert found.batch_size < 64
    assert {threads for threads, _ in used} == {1, 2}


def test_a_fixed_batch_is_the_only_one_tried() -> None:
    sizes: set[int] = set()
    found = measure(lambda _: lambda b: sizes.add(len(b)), batch_of, 2, (3,))
    assert sizes == {3} and found.batch_size == 3


def test_configurations_are_remembered_and_damage_is_forgotten() -> None:
    kept = Configuration(16, 1, 2, "measured")
    remember("a model", kept)
    assert recall("a model") == replace(kept, source="remembered")
    assert recall("another model") is None
    path = Path(os.environ["DECAM_CACHE_DIR"]) / "configurations.json"
    for damage in ("", "[]", "{", json.dumps({"a model": {"batch_size": -1}}), '{"a model": 3}'):
        path.write_text(damage, encoding="utf-8")
        assert recall("a model") is None
    path.unlink()


def test_an_unwritable_cache_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv(store.CACHE_VARIABLE, str(blocked))
    remember("a model", Configuration(8, 1))
    assert recall("a model") is None


def test_a_model_is_tuned_once_and_its_manifest_says_how(rectangle_onnx: Path) -> None:
    photo = bright_photo()
    first = load_model(rectangle_onnx)
    before = explain(first, photo, calls=100)
    assert first.configuration.source in ("measured", "remembered")
    second = load_model(rectangle_onnx)
    after = explain(second, photo, calls=100)
    assert second.configuration.source == "remembered"
    assert np.array_equal(before.input_saliency, after.input_saliency)
    told = after.manifest()["model"]["configuration"]
    assert told["batch_size"] == second.batch_size
    plain = load_model(rectangle_onnx, tune=False)
    explain(plain, photo, calls=100)
    assert plain.configuration.source == "default"
    given = load_model(rectangle_onnx, batch_size=3)
    explain(given, photo, calls=100)
    assert given.batch_size == 3 and given.configuration.source == "given"


def test_a_model_is_opened_once_and_as_it_was_remembered(
    rectangle_onnx: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    threads = usable_cores() + 1
    really = runtime.open_session

    def open_session(path: Path, providers: Sequence[str], threads: int) -> Any:
        opened.append(threads)
        return really(path, providers, threads)

    model = load_model(rectangle_onnx)
    assert isinstance(model.backend, OnnxBackend)
    remember(model.backend.key(model.input_size), Configuration(2, threads, 1, "measured"))
    monkeypatch.setattr(runtime, "open_session", open_session)
    explain(load_model(rectangle_onnx), bright_photo(), calls=100)
    assert opened == [threads]
    load_model(rectangle_onnx, tune=False)
    assert opened == [threads, usable_cores()]
