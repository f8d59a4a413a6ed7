"""Result files: valid, complete, never half-written, never in another result's place."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from decam_engine import (
    FORMATS,
    Explanation,
    ExportError,
    Photo,
    Prediction,
    Preprocessing,
    SettingsError,
    explain,
    insertion_deletion,
    load_explanation,
    load_image,
    load_model,
    overlay,
)
from decam_engine.reports import safe_name
from decam_engine.reports.images import overlay_picture
from tests.fakes import Rectangles, box_model, bright_photo

SUFFIXES = [".overlay.png", ".map.png", ".npy", ".json"]


@pytest.fixture(scope="module")
def photo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "bright spot.png"
    Image.fromarray(bright_photo(size=(90, 120)).pixels).save(path)
    return path


@pytest.fixture(scope="module")
def result(rectangle_onnx: Path, photo_file: Path) -> Explanation:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    found = explain(model, load_image(photo_file), target=0, calls=60, seed=5)
    measured = insertion_deletion(model, found.photo, found.input_saliency, 0)
    return dataclasses.replace(found, faithfulness=measured)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


# --- the files ---------------------------------------------------------------------------


def test_all_files_are_valid(result: Explanation, tmp_path: Path) -> None:
    files = result.save(tmp_path / "new" / "folder")
    assert [f.name for f in files] == [f"bright_spot.bright_spot.de{s}" for s in SUFFIXES]
    assert names(tmp_path / "new" / "folder") == sorted(f.name for f in files)
    overlay, grey, array, manifest = files
    with Image.open(overlay) as picture:
        assert picture.format == "PNG"
        assert picture.mode == "RGB"
        assert min(picture.size) >= 300
        assert len(picture.getcolors(1 << 24)) > 50
    with Image.open(grey) as picture:
        assert picture.size == (120, 90)
        values = np.asarray(picture)
    assert values.dtype == np.uint16
    assert np.abs(values / 65535.0 - result.saliency).max() <= 0.51 / 65535
    assert values.max() > 60_000
    np.testing.assert_array_equal(np.load(array, allow_pickle=False), result.saliency)
    record = json.loads(manifest.read_text(encoding="utf-8"))
    sealed = record.pop("saved")
    assert record == json.loads(json.dumps(result.manifest()))
    assert sealed["files"] == {
        suffix: hashlib.sha256(file.read_bytes()).hexdigest()
        for suffix, file in zip(SUFFIXES[:3], files[:3], strict=True)
    }


def test_files_are_as_readable_as_any_other(result: Explanation, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    for file in result.save(tmp_path / "out"):
        assert file.stat().st_mode == plain.stat().st_mode


def test_the_manifest_holds_everything(
    result: Explanation, rectangle_onnx: Path, photo_file: Path
) -> None:
    m = result.manifest()
    assert m["schema"] == 1
    assert m["photo"]["name"] == photo_file.name
    assert m["photo"]["path"] == str(photo_file)
    assert m["photo"]["sha256"] == hashlib.sha256(photo_file.read_bytes()).hexdigest()
    assert m["photo"]["size"] == [90, 120]
    assert m["model"]["sha256"] == hashlib.sha256(rectangle_onnx.read_bytes()).hexdigest()
    assert m["model"]["preprocessing_source"] == "sidecar"
    assert m["model"]["preprocessing"]["size"] == [64, 64]
    assert m["target"]["label"] == "bright spot"
    assert m["seed"] == 5
    assert m["calls"] <= m["budget"] == 60
    assert m["settings"]["method"] == "de"
    assert m["settings"]["search"]["fills"]
    assert m["stop_reason"] in ("budget", "finished")
    for name in ("python", "numpy", "numba", "opencv-python-headless", "onnxruntime", "pillow"):
        assert m["versions"][name][0].isdigit(), name
    assert m["machine"]["processor"]
    assert len(m["history"]) == len(result.history)
    assert m["faithfulness"]["insertion_curve"] == result.faithfulness.insertion_curve.tolist()
    little = np.ascontiguousarray(result.input_saliency, dtype="<f4").tobytes()
    assert m["map_sha256"] == hashlib.sha256(little).hexdigest()
    whole = np.ascontiguousarray(result.saliency, dtype="<f4").tobytes()
    assert m["saliency_sha256"] == hashlib.sha256(whole).hexdigest()
    json.dumps(m, allow_nan=False)


def test_the_manifest_is_enough_to_get_the_same_map(result: Explanation, tmp_path: Path) -> None:
    (file,) = result.save(tmp_path, ["json"])
    m = json.loads(file.read_text(encoding="utf-8"))
    model = load_model(
        m["model"]["path"],
        threads=m["model"]["configuration"]["threads"],
        batch_size=m["model"]["configuration"]["batch_size"],
    )
    again = explain(
        model,
        load_image(m["photo"]["path"]),
        target=m["target"]["index"],
        method=m["settings"]["method"],
        preset=m["settings"]["preset"],
        calls=m["settings"]["calls"],
        fill=m["settings"]["fill"],
        seed=m["seed"],
    )
    assert again.manifest()["map_sha256"] == m["map_sha256"]
    assert again.manifest()["fingerprint"] == m["fingerprint"]


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (37, 53), (700, 2600)])
def test_pictures_of_any_size(size: tuple[int, int], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    photo = Photo.from_array(rng.integers(0, 256, (*size, 3)).astype(np.uint8), "any.png")
    found = explain(box_model(Rectangles()), photo, calls=10, method="occlusion")
    overlay, grey = found.save(tmp_path, ["png"])
    with Image.open(overlay) as picture:
        picture.load()
        assert max(picture.size) < 3200
    with Image.open(grey) as picture:
        assert picture.size == size[::-1]


# --- names -------------------------------------------------------------------------------


def test_the_same_result_overwrites_itself(result: Explanation, tmp_path: Path) -> None:
    first = result.save(tmp_path)
    second = result.save(tmp_path)
    assert first == second
    assert len(names(tmp_path)) == 4


def test_another_result_gets_a_number(result: Explanation, tmp_path: Path) -> None:
    first = result.save(tmp_path)
    content = [f.read_bytes() for f in first]
    other = dataclasses.replace(result, seed=6)
    second = other.save(tmp_path)
    assert [f.name for f in second] == [f"bright_spot.bright_spot.de-2{s}" for s in SUFFIXES]
    third = dataclasses.replace(result, seed=7).save(tmp_path)
    assert third[0].name.startswith("bright_spot.bright_spot.de-3.")
    assert other.save(tmp_path) == second
    assert [f.read_bytes() for f in first] == content


def test_files_of_two_results_never_share_a_name(result: Explanation, tmp_path: Path) -> None:
    result.save(tmp_path, ["json"])
    other = dataclasses.replace(result, seed=6)
    (array,) = other.save(tmp_path, ["npy"])
    assert array.name == "bright_spot.bright_spot.de-2.npy"
    (grown,) = result.save(tmp_path, ["npy"])
    assert grown.name == "bright_spot.bright_spot.de.npy"


def test_a_strangers_file_is_left_alone(result: Explanation, tmp_path: Path) -> None:
    stranger = tmp_path / "bright_spot.bright_spot.de.npy"
    stranger.write_text("mine")
    files = result.save(tmp_path)
    assert stranger.read_text() == "mine"
    assert stranger not in files


HOSTILE = [
    "../../etc/passwd",
    "..\\..\\windows\\system32",
    "/absolute/path",
    "C:\\temp\\x.png",
    "a\0b\nc\x1b[31md",
    "x" * 300,
    "\u732b" * 300,
    "\U0001f408" * 100,
    "",
    ".",
    "..",
    "...hidden",
    "con",
    "NUL.png",
    "Com1",
    "lpt9.txt",
    "aux",
    "\u0642\u0637\u0629 \u202egnp.exe",
    "cafe\u0301",
    'quo"te<>:|?*',
    "trailing. . ",
    "\udcff\udcfe",
    "%s%n{0}${HOME}`id`",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_hostile_names(result: Explanation, tmp_path: Path, name: str) -> None:
    odd = dataclasses.replace(
        result,
        photo=dataclasses.replace(result.photo, name=name),
        target=Prediction(0, name, 0.5),
    )
    files = odd.save(tmp_path / "out")
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == sorted(f.name for f in files)
    for file in files:
        assert file.parent == tmp_path / "out"
        assert len(os.fsencode(file.name)) <= 255
        assert file.name[0] not in ".-"
        assert not set(file.name) & set('/\\:*?"<>|\0\n\x1b\u202e ')
    record = json.loads(files[-1].read_bytes())
    assert record["target"]["label"] == name
    assert record["photo"]["name"] == name


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_safe_names(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode()) <= 100
    assert name == safe_name(name)
    devices = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
    assert name.casefold() not in devices


def test_names_of_other_scripts_are_kept() -> None:
    assert safe_name("\u732b") == "\u732b"
    assert safe_name("\u0642\u0637\u0629") == "\u0642\u0637\u0629"
    assert safe_name("cafe\u0301") == "caf\u00e9"


# --- what cannot be written --------------------------------------------------------------


@pytest.mark.parametrize("formats", [[], ["pdfx"], ["png", "gif"], ""])
def test_unknown_formats(result: Explanation, tmp_path: Path, formats: Any) -> None:
    with pytest.raises(SettingsError, match="format must be one of png, npy, json"):
        result.save(tmp_path, formats)
    assert names(tmp_path) == []


@pytest.mark.parametrize("formats", [["npy"], ["json", "npy", "json"], "npy"])
def test_chosen_formats(result: Explanation, tmp_path: Path, formats: Any) -> None:
    files = result.save(tmp_path, formats)
    wanted = [formats] if isinstance(formats, str) else list(dict.fromkeys(formats))
    assert [f.suffix[1:] for f in files] == wanted
    assert set(wanted) <= set(FORMATS)


def test_a_folder_that_cannot_be(result: Explanation, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for folder in (file, file / "below", tmp_path / ("x" * 300)):
        with pytest.raises(ExportError, match="still in memory; choose another folder"):
            result.save(folder)
    assert file.read_text() == "mine"
    assert names(tmp_path) == ["file"]
    assert len(result.save(tmp_path / "good")) == 4


@pytest.mark.skipif(
    sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
    reason="permissions do not stop this user",
)
def test_a_folder_without_permission(result: Explanation, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(ExportError, match="Permission denied"):
        result.save(closed)
    assert names(closed) == []


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from decam_engine import ExportError, Photo, explain, load_model, Preprocessing

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
photo = Photo.from_array(
    np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8), "big.png"
)
model = load_model(
    lambda b: np.stack([b[:, 0, 5, 5], 1 - b[:, 0, 5, 5]], 1),
    preprocessing=Preprocessing.unit((32, 32)),
)
result = explain(model, photo, method="occlusion", calls=12)
out = Path(sys.argv[1])
kept = result.save(out, ["json"])
before = [f.read_bytes() for f in kept]
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
try:
    result.save(out)
except ExportError as error:
    print(error)
else:
    raise SystemExit("the disk was not full")
assert sorted(out.iterdir()) == sorted(kept), list(out.iterdir())
assert [f.read_bytes() for f in kept] == before
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert len(result.save(out.parent / "elsewhere")) == 4
assert len(result.save(out)) == 4
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are POSIX")
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A real one, as far as this process can see: files may not grow beyond 50 kB."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "File too large" in done.stdout
    assert "still in memory" in done.stdout


# --- read back ---------------------------------------------------------------------------


def test_load_explanation(result: Explanation, tmp_path: Path) -> None:
    manifest = result.save(tmp_path)[-1]
    loaded = load_explanation(manifest)
    np.testing.assert_allclose(loaded.saliency, result.saliency, atol=0.2)
    assert np.abs(loaded.saliency - result.saliency).mean() < 0.02
    assert loaded.target == result.target
    assert loaded.predictions == result.predictions
    assert loaded.calls == result.calls
    assert loaded.seed == result.seed
    assert loaded.settings == result.settings
    assert loaded.warnings == result.warnings
    assert loaded.stop_reason == result.stop_reason
    assert loaded.faithfulness is not None
    assert loaded.faithfulness.insertion == result.faithfulness.insertion
    assert not loaded.input_saliency.flags.writeable
    assert len(loaded.save(tmp_path / "again")) == 4


def test_the_photograph_may_move_with_its_result(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "photo.png"
    moved.write_bytes(photo_file.read_bytes())
    model = load_model(rectangle_onnx, threads=1)
    manifest = explain(model, load_image(moved), calls=41).save(tmp_path / "out")[-1]
    moved.rename(tmp_path / "out" / "photo.png")
    assert load_explanation(manifest).photo.path == tmp_path / "out" / "photo.png"
    (tmp_path / "out" / "photo.png").unlink()
    with pytest.raises(ExportError, match="not where it was"):
        load_explanation(manifest)
    Image.new("RGB", (120, 90)).save(moved)
    with pytest.raises(ExportError, match="was changed since"):
        load_explanation(manifest)


def set_in(record: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for key in parents:
        record = record[key]
    if value is KeyError:
        del record[last]
    else:
        record[last] = value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema", 99),
        ("map_sha256", KeyError),
        ("saliency_sha256", "0" * 64),
        ("photo", None),
        ("photo.path", 5),
        ("photo.name", KeyError),
        ("photo.sha256", "0" * 64),
        ("photo.reading", KeyError),
        ("photo.reading", [1]),
        ("photo.reading.options", {"page": 7}),
        ("photo.reading.options", {"window": "odd"}),
        ("photo.reading.options", {"tablet": 1}),
        ("model", []),
        ("model.preprocessing", {"size": [0, 0]}),
        ("model.preprocessing", "default"),
        ("model.preprocessing.size", None),
        ("model.name", KeyError),
        ("target", None),
        ("target.index", "first"),
        ("predictions", 5),
        ("settings", None),
        ("settings.method", KeyError),
        ("history", [[1]]),
        ("history", [[float("inf"), 1.0]]),
        ("calls", None),
        ("seconds", "long"),
        ("warnings", 1),
        ("faithfulness", {"insertion": 1}),
    ],
    ids=str,
)
def test_a_tampered_manifest(result: Explanation, tmp_path: Path, path: str, value: Any) -> None:
    manifest = result.save(tmp_path)[-1]
    record = json.loads(manifest.read_text(encoding="utf-8"))
    set_in(record, path, value)
    manifest.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(ExportError) as caught:
        load_explanation(manifest)
    assert "\n" not in str(caught.value)
    assert manifest.name in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"5", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_no_manifest(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(ExportError, match=r"result\.json"):
        load_explanation(path)
    with pytest.raises(ExportError, match="could not be read"):
        load_explanation(tmp_path / "gone.json")
    with pytest.raises(ExportError):
        load_explanation(tmp_path)


@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "zip", "shape", "huge", "values"])
def test_a_damaged_array(result: Explanation, tmp_path: Path, damage: str) -> None:
    manifest = result.save(tmp_path)[-1]
    array = manifest.with_suffix(".npy")
    data = array.read_bytes()
    if damage == "gone":
        array.unlink()
    elif damage == "empty":
        array.write_bytes(b"")
    elif damage == "cut":
        array.write_bytes(data[: len(data) // 2])
    elif damage == "zip":
        array.write_bytes(b"PK\x03\x04" + data)
    elif damage == "shape":
        np.save(array, np.zeros((3, 3), dtype=np.float32))
    elif damage == "huge":
        with contextlib.suppress(ValueError):
            array.write_bytes(data.replace(b"(90, 120)", b"(9**9, 1)"))
    else:
        np.save(array, result.saliency[::-1])
    with pytest.raises(ExportError):
        load_explanation(manifest)


# --- what the model never saw ------------------------------------------------------------


def cropped(rule: str, grey: int) -> Explanation:
    feed = Preprocessing(size=(64, 64), resize=rule, crop_fraction=1.0, scale=1 / 255)
    photo = Photo.from_array(np.full((200, 600, 3), grey, np.uint8), "wide.png")
    model = load_model(Rectangles(), preprocessing=feed)
    return explain(model, photo, calls=12, method="occlusion")


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_what_was_never_seen_is_hatched_in_two_tones_and_explained(grey: int) -> None:
    hatched = np.asarray(overlay_picture(cropped("crop", grey))).astype(int)
    plain = np.asarray(overlay_picture(cropped("squash", grey))).astype(int)
    # Below the picture stands what the hatching means.
    assert hatched.shape[0] > plain.shape[0]
    assert hatched.shape[1] == plain.shape[1]
    # Left and right of the middle third; the photograph begins at (44, 13).
    for left, right in ((40, 180), (460, 600)):
        part = hatched[54:234, left:right]
        assert np.all(part == part[..., :1]), "coloured"
        levels = part[..., 0]
        base = np.median(levels)
        # Both tones stand out by themselves.
        assert (levels < base - 40).mean() > 0.03
        assert (levels > base + 40).mean() > 0.03
        # Diagonal: what is on a line in one row is one pixel further left in the next.
        np.testing.assert_array_equal(levels[1:, :-1], levels[:-1, 1:])


def test_what_was_seen_is_not_hatched() -> None:
    found = cropped("crop", 90)
    assert found.seen.sum() == 200 * 200
    picture = overlay_picture(found).crop((13, 44, 613, 244))
    mixed = overlay(found.photo.pixels, found.saliency)
    np.testing.assert_array_equal(np.asarray(picture)[found.seen], mixed[found.seen])
    assert not np.array_equal(np.asarray(picture)[~found.seen], mixed[~found.seen])


def test_a_result_reads_its_photograph_as_it_was_read(tmp_path: Path) -> None:
    frames = [Image.fromarray(bright_photo(seed=s).pixels) for s in range(3)]
    path = tmp_path / "pages.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    photo = load_image(path, page=3)
    found = explain(box_model(Rectangles()), photo, calls=12, method="occlusion")
    loaded = load_explanation(found.save(tmp_path / "out")[-1])
    np.testing.assert_array_equal(loaded.photo.pixels, photo.pixels)
    assert loaded.photo.reading["page"] == 3
    other = explain(box_model(Rectangles()), load_image(path), calls=12, method="occlusion")
    assert other.manifest()["fingerprint"] != found.manifest()["fingerprint"]
