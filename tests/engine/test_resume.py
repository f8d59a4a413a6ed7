"""Runs that end before their time: the map so far, and going on to the map of a whole run."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from decam_engine import (
    BlackBox,
    Explanation,
    ModelError,
    Photo,
    Preprocessing,
    ServerOptions,
    SettingsError,
    explain,
    explain_targets,
    load_explanation,
    load_image,
    load_model,
    resume,
)
from decam_engine.journal import Journal
from decam_engine.models.blackbox import DEFAULT_BATCH
from decam_engine.models.tuning import WAITING
from tests.fakes import (
    BRIGHT,
    SIZE,
    Constant,
    Logits,
    Rectangles,
    Spoiling,
    box_model,
    bright_photo,
)
from tests.inference_server import serving
from tests.onnx_models import linear_model, rectangle_weights

CALLS = 420
UNIT = Preprocessing.unit(SIZE)
IMPATIENT = ServerOptions(timeout=2.0, attempts=2)


def rectangles(batch_size: int = 8) -> BlackBox:
    return box_model(Rectangles(), batch_size=batch_size)


def stopped_after(model: BlackBox, photo: Photo, after: int, **settings: object) -> Explanation:
    result = explain(model, photo, on_progress=lambda p: p.calls >= after, **settings)  # type: ignore[arg-type]
    assert result.stop_reason == "cancelled"
    return result


def same(result: Explanation, whole: Explanation) -> None:
    assert np.array_equal(result.input_saliency, whole.input_saliency)
    assert result.history == whole.history
    assert result.calls == whole.calls
    assert result.stop_reason == whole.stop_reason
    assert result.keep_region == whole.keep_region
    assert result.flip_region == whole.flip_region
    assert result.manifest()["map_sha256"] == whole.manifest()["map_sha256"]


# --- going on ------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [2, 3, 60, 70, 111, 250, 399, 415])
def test_a_resumed_run_is_that_of_a_whole_one(photo: Photo, calls: int) -> None:
    whole = explain(rectangles(), photo, calls=CALLS, seed=3)
    model = rectangles()
    stopped = stopped_after(rectangles(), photo, calls, calls=CALLS, seed=3)
    result = resume(model, stopped)
    same(result, whole)
    assert stopped.journal is not None
    known = len(stopped.journal.scores)
    # The photograph is scored again, the known masks are not.
    assert model.calls == CALLS - known
    assert any(f"Resumed with {known} scores" in w for w in result.warnings)
    assert result.journal is None


@pytest.mark.parametrize("method", ["rise", "occlusion"])
def test_other_methods_resume_as_well(photo: Photo, method: str) -> None:
    whole = explain(rectangles(), photo, calls=150, method=method)
    stopped = stopped_after(rectangles(), photo, 77, calls=150, method=method)
    same(resume(rectangles(), stopped), whole)


def test_until_stable_stops_where_it_would_have(photo: Photo) -> None:
    whole = explain(rectangles(), photo, preset="until-stable")
    assert whole.stop_reason == "stable"
    stopped = stopped_after(rectangles(), photo, 500, preset="until-stable")
    same(resume(rectangles(), stopped), whole)


def test_a_model_that_changes_its_mind_leaves_the_map_so_far(photo: Photo) -> None:
    function = Rectangles(BRIGHT)

    def drifting(batch: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return function(batch) * (3.0 if function.seen > 100 else 1.0)

    result = explain(box_model(drifting), photo, calls=200)
    assert result.stop_reason == "failed"
    # Up to the failure, and what was with the model by then.
    assert 50 < result.calls <= 100 + DEFAULT_BATCH * (1 + WAITING)
    assert any("The model failed after" in w for w in result.warnings)


def test_a_run_can_be_stopped_and_resumed_again_and_again(photo: Photo) -> None:
    whole = explain(rectangles(), photo, calls=CALLS)
    result = stopped_after(rectangles(), photo, 50, calls=CALLS)
    for calls in (120, 200, 300):
        before = result.journal
        result = resume(rectangles(), result, on_progress=lambda p, n=calls: p.calls >= n)
        assert result.stop_reason == "cancelled"
        assert before is not None and result.journal is not None
        assert np.array_equal(result.journal.scores[: len(before.scores)], before.scores)
    same(resume(rectangles(), result), whole)


def test_spoiled_scores_are_kept_as_such(photo: Photo) -> None:
    stopped = stopped_after(box_model(Spoiling(), batch_size=8), photo, 100, calls=CALLS)
    assert stopped.journal is not None
    assert np.isnan(stopped.journal.scores).any()
    again = Journal.from_record(json.loads(json.dumps(stopped.journal.record())))
    assert np.array_equal(again.scores, stopped.journal.scores, equal_nan=True)
    result = resume(rectangles(), dataclasses.replace(stopped, model=named(stopped, "rectangles")))
    assert result.stop_reason == "budget"
    assert any("values that are not numbers" in w for w in result.warnings)


def test_a_saved_result_resumes(photo: Photo, tmp_path: Path) -> None:
    from PIL import Image

    file = tmp_path / "photo.png"
    Image.fromarray(photo.pixels).save(file)
    photo = load_image(file)
    whole = explain(rectangles(), photo, calls=CALLS)
    stopped = stopped_after(rectangles(), photo, 123, calls=CALLS)
    manifest = next(p for p in stopped.save(tmp_path) if p.suffix == ".json")
    same(resume(rectangles(), load_explanation(manifest)), whole)
    # A whole result carries no journal.
    assert whole.manifest()["journal"] is None
    record = json.loads(manifest.read_text())
    assert stopped.journal is not None
    assert record["journal"]["count"] == len(stopped.journal.scores)
    assert len(record["journal"]["scores"]) < 6 * len(stopped.journal.scores) + 8


@pytest.mark.parametrize(
    "journal",
    [
        {"count": 3, "scores": "AAAA"},
        {"count": 0, "scores": ""},
        {"count": 1, "scores": "not base64"},
        {"count": 10**12, "scores": "AAAAAA=="},
        {"scores": "AAAAAA=="},
        {"count": "x", "scores": "AAAAAA=="},
        {"count": None, "scores": 7},
    ],
)
def test_a_damaged_journal_is_refused(journal: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="damaged"):
        Journal.from_record(journal)


def test_what_cannot_be_resumed(photo: Photo) -> None:
    whole = explain(rectangles(), photo, calls=100)
    with pytest.raises(SettingsError, match=r"expected one that was stopped.*'budget'"):
        resume(rectangles(), whole)
    stopped = stopped_after(rectangles(), photo, 60, calls=100)
    other = load_model(Rectangles(), preprocessing=Preprocessing.raw(SIZE))
    with pytest.raises(SettingsError, match=r"not the model .* pre-processing"):
        resume(other, stopped)
    logits = box_model(Logits(), activation="softmax")
    with pytest.raises(SettingsError, match=r"not the model .* activation"):
        resume(logits, stopped)
    with pytest.raises(SettingsError, match=r"not the model .* name"):
        resume(box_model(Constant()), stopped)
    same_name = Constant((0.3, 0.7))
    same_name.__name__ = "rectangles"
    with pytest.raises(SettingsError, match=r"not the model of the stopped run: it gave .* now"):
        resume(box_model(same_name), stopped)
    assert stopped.journal is not None
    old = dataclasses.replace(stopped, journal=dataclasses.replace(stopped.journal, version="0.0"))
    with pytest.raises(SettingsError, match=r"version 0\.0"):
        resume(rectangles(), old)
    settings = {**stopped.settings, "search": {**stopped.settings["search"], "noise": 7.0}}
    with pytest.raises(SettingsError, match="other parameters"):
        resume(rectangles(), dataclasses.replace(stopped, settings=settings))


def named(stopped: Explanation, name: str) -> dict[str, object]:
    return {**stopped.model, "name": name}


# --- models that fail ----------------------------------------------------------------------


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    return linear_model(tmp_path / "net.onnx", rectangle_weights(SIZE), batch="N", size=SIZE)


def open_server(url: str) -> BlackBox:
    return load_model(url, preprocessing=UNIT, server=IMPATIENT)


@pytest.mark.parametrize("fault", ["die", "error", "slow"])
def test_a_server_that_fails_leaves_the_map_so_far(
    model_file: Path, photo: Photo, fault: str
) -> None:
    whole = explain(
        load_model(model_file, preprocessing=UNIT, threads=1, batch_size=8), photo, calls=CALLS
    )
    # Requests: the probe, the photograph, the blanks, then 25 batches.
    arguments = ("--fault", fault, "--after", "28", "--seconds", "5")
    with serving(model_file, *arguments) as server:
        stopped = explain(open_server(server.url), photo, calls=CALLS)
    assert stopped.stop_reason == "failed"
    assert stopped.stopped and not stopped.cancelled
    assert stopped.input_saliency.any()
    assert stopped.calls <= CALLS
    assert stopped.journal is not None
    known = len(stopped.journal.scores)
    assert 0 < known < CALLS - 1
    (warning,) = (w for w in stopped.warnings if "The model failed after" in w)
    assert f"after {known + 1} of {CALLS} calls" in warning
    assert server.host in warning
    # The same model behind another server takes up where the first one failed.
    with serving(model_file) as server:
        model = open_server(server.url)
        result = resume(model, stopped)
        same(result, whole)
        opening = model.describe()["opened_with"]["inputs"]
        assert server.stats["inputs"] == CALLS - known + opening


def test_a_failure_while_the_regions_are_sought(model_file: Path, photo: Photo) -> None:
    with serving(model_file) as server:
        whole = explain(open_server(server.url), photo, calls=CALLS)
        requests = server.stats["infer"]
    with serving(model_file, "--fault", "error", "--after", str(requests - 2)) as server:
        stopped = explain(open_server(server.url), photo, calls=CALLS)
    assert stopped.stop_reason == "failed"
    assert np.array_equal(stopped.input_saliency, whole.input_saliency)
    assert whole.keep_region is not None and stopped.keep_region is None
    with serving(model_file) as server:
        same(resume(open_server(server.url), stopped), whole)


def test_a_failure_before_anything_was_scored_is_an_error(model_file: Path, photo: Photo) -> None:
    for after in (1, 2):
        with serving(model_file, "--fault", "error", "--after", str(after)) as server:
            model = open_server(server.url)
            with pytest.raises(ModelError, match="with an error"):
                explain(model, photo, calls=100)


def test_several_targets_end_with_the_one_that_failed(model_file: Path, photo: Photo) -> None:
    with serving(model_file, "--fault", "error", "--after", "20") as server:
        results = explain_targets(open_server(server.url), photo, [0, 1], calls=100)
    assert results[-1].stop_reason == "failed"
    # Their calls are shared, so that none can go on alone.
    assert results[-1].journal is None
    with pytest.raises(SettingsError, match="cannot be gone on with"):
        resume(rectangles(), results[-1])


def test_the_picture_says_that_it_was_stopped(model_file: Path) -> None:
    from decam_engine.reports.images import overlay_picture

    photo = bright_photo()
    with serving(model_file, "--fault", "error", "--after", "10") as server:
        stopped = explain(open_server(server.url), photo, calls=100)
    finished = dataclasses.replace(stopped, stop_reason="budget")
    assert overlay_picture(stopped).tobytes() != overlay_picture(finished).tobytes()
