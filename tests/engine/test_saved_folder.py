"""A folder of results is listed from its manifests, and a map on the input comes back exactly."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from decam_engine import (
    Explanation,
    ExportError,
    Progress,
    SettingsError,
    explain,
    explain_targets,
    explain_targets_steps,
    list_explanations,
    load_explanation,
    load_image,
    load_model,
)


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    path = tmp_path / "a photo.png"
    pixels = np.random.default_rng(3).integers(0, 256, (120, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def result(photo_file: Path, rectangle_onnx: Path) -> Explanation:
    return explain(load_model(rectangle_onnx), load_image(photo_file), calls=100)


def test_the_map_on_the_input_comes_back_bit_for_bit(result: Explanation, tmp_path: Path) -> None:
    files = result.save(tmp_path / "out", formats=("input", "json"))
    assert [f.name.partition(".de")[2] for f in files] == [".input.npy", ".json"]
    again = load_explanation(files[1])
    assert np.array_equal(again.input_saliency, result.input_saliency)
    assert np.array_equal(again.saliency, result.saliency)
    values = np.load(files[0])
    np.save(files[0], np.flip(values).copy())
    with pytest.raises(ExportError, match="not the one that the manifest describes"):
        load_explanation(files[1])


def test_a_photograph_that_was_moved_can_be_named(
    result: Explanation, photo_file: Path, tmp_path: Path
) -> None:
    manifest = result.save(tmp_path / "out", formats=("input", "json"))[1]
    moved = tmp_path / "elsewhere" / "other name.png"
    moved.parent.mkdir()
    photo_file.rename(moved)
    with pytest.raises(ExportError, match="not where it was"):
        load_explanation(manifest)
    assert load_explanation(manifest, photo=moved).photo.path == moved
    Image.new("RGB", (90, 120)).save(moved)
    with pytest.raises(ExportError, match="was changed since"):
        load_explanation(manifest, photo=moved)


def test_a_folder_is_listed_without_reading_maps(
    result: Explanation, photo_file: Path, rectangle_onnx: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result.save(out, formats=("npy", "json"))
    result.save(out / "results" / "3f", formats=("input", "json"))
    (out / "results" / "torn.json").write_text('{"schema": 1, "map_sha256"', encoding="utf-8")
    (out / "index.json").write_text('{"schema": 1}', encoding="utf-8")
    photo_file.unlink()
    found = list_explanations(out)
    assert [f.manifest.parent.name for f in found] == ["out", "3f"]
    first = found[0]
    assert first.photo == photo_file and first.photo_sha256 == result.photo.sha256
    assert first.model == str(rectangle_onnx) and first.model_sha256 == result.model["sha256"]
    assert first.target == result.target and first.predictions == result.predictions
    assert first.reading == result.photo.reading["options"]
    shutil.rmtree(out)
    assert list_explanations(out) == []


def test_several_targets_step_by_step_are_those_at_once(
    photo_file: Path, rectangle_onnx: Path
) -> None:
    photo = load_image(photo_file)
    at_once = explain_targets(load_model(rectangle_onnx), photo, [0, 1], calls=100, seed=4)
    stepped, seen = [], []
    for steps in explain_targets_steps(
        load_model(rectangle_onnx), photo, [0, 1], calls=100, seed=4
    ):
        progress: Progress
        while True:
            try:
                progress = next(steps)
            except StopIteration as end:
                stepped.append(end.value)
                break
            seen.append(progress.target.index)
    assert [r.target.index for r in stepped] == [0, 1]
    assert seen == sorted(seen) and set(seen) == {0, 1}
    for one, other in zip(at_once, stepped, strict=True):
        assert np.array_equal(one.input_saliency, other.input_saliency)
        assert one.shared_calls == other.shared_calls
    with pytest.raises(SettingsError):
        explain_targets_steps(load_model(rectangle_onnx), photo, [0, 9])
