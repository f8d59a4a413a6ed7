"""Where pre-processing, class names and activations are taken from, in which order of trust."""

from __future__ import annotations

import codecs
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest

from decam_engine import (
    BlackBox,
    ExportError,
    ModelError,
    Photo,
    Preprocessing,
    explain,
    load_model,
)
from decam_engine.models import probing, runtime, write_sidecar
from decam_engine.models.beside import read_beside
from decam_engine.models.metadata import parse_names, read_metadata
from decam_engine.models.remembered import forget_choice, recall_choice, remember_choice
from tests.fakes import SIZE
from tests.model_zoo import network
from tests.onnx_models import rectangle_weights

CHOSEN = Preprocessing(size=SIZE, layout="NCHW", resize="letterbox", mean=(127.0,), std=(128.0,))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def opened(path: Path, **options: Any) -> BlackBox:
    return load_model(path, threads=1, **options)


def beside(folder: Path, name: str, content: Any) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


def notes(model: BlackBox) -> str:
    return "\n".join(a.text for a in model.assumptions)


# --- class names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("{0: 'a', 1: 'b'}", ("a", "b")),
        ("{1: 'b', 0: 'a'}", ("a", "b")),
        ('{"0": "a", "1": "b"}', ("a", "b")),
        ("['a', \"it's\"]", ("a", "it's")),
        ('["a", "b",]', ("a", "b")),
        (r"{0: 'a\'b', 1: '\u732b'}", ("a'b", "\u732b")),
        ("{0: 'a: 1, 2: x', 1: '}'}", ("a: 1, 2: x", "}")),
        ("{0: 'a', 2: 'b'}", None),
        ("{}", None),
        ("[", None),
        ("", None),
        ("a, b", None),
        ("{0: open('x')}", None),
        ("{0: 'a' 'b'}", None),
        ("{0: 1}", None),
        ("[" * 50_000 + "]" * 50_000, None),
        ("{0: '" + "x" * 100 + "'" + "}" * 1000, None),
    ],
)
def test_names_in_metadata(text: str, names: tuple[str, ...] | None) -> None:
    assert parse_names(text) == names


@pytest.mark.parametrize(
    ("file", "content", "names"),
    [
        ("labels.txt", "ant\nbee\n", ("ant", "bee")),
        ("labels.txt", "0 ant\n1 bee\n", ("ant", "bee")),
        ("labels.txt", "0: ant\n1: bee\n", ("ant", "bee")),
        ("labels.txt", "7 dwarfs\n101 dalmatians\n", ("7 dwarfs", "101 dalmatians")),
        ("classes.txt", "ant\nbee\n", ("ant", "bee")),
        ("synset.txt", "n01440764 tench, Tinca tinca\nn01443537 goldfish\n",
         ("tench, Tinca tinca", "goldfish")),
        ("class_indices.json", {"ant": 0, "bee": 1}, ("ant", "bee")),
        ("class_indices.json", {"1": "bee", "0": "ant"}, ("ant", "bee")),
        ("class_indices.json", {"bee": "1", "ant": "0"}, ("ant", "bee")),
        ("class_indices.json", {"1": "7", "0": "3"}, ("3", "7")),
        ("class_indices.json", {"0": ["n1", "ant"], "1": ["n2", "bee"]}, ("ant", "bee")),
        ("config.json", {"id2label": {"1": "bee", "0": "ant"}}, ("ant", "bee")),
        ("config.json", {"pretrained_cfg": {"label_names": ["ant", "bee"]}}, ("ant", "bee")),
        ("config.json", {"label_names": ["n1", "n2"], "label_descriptions": {"n1": "ant"}},
         ("ant", "n2")),
    ],
)  # fmt: skip
def test_names_beside_the_model(
    tmp_path: Path, file: str, content: Any, names: tuple[str, ...]
) -> None:
    path = network(tmp_path)
    beside(tmp_path, file, content)
    model = opened(path)
    assert model.labels == names
    assert model.labels_source == f"file {file}"
    assert model.describe()["labels_source"] == f"file {file}"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_names_in_unicode_of_any_kind(tmp_path: Path, coding: str) -> None:
    data = "Käfer\r\nBär\r\n".encode(coding)
    # "utf-16" has its mark; the other order is written with one as well.
    data = codecs.BOM_UTF16_BE + data if coding == "utf-16-be" else data
    path = network(tmp_path)
    (tmp_path / "labels.txt").write_bytes(data)
    assert opened(path).labels == ("Käfer", "Bär")


def test_a_folder_as_hugging_face_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    path = network(tmp_path / "onnx")
    beside(tmp_path, "config.json", {"id2label": {"0": "ant", "1": "bee"}})
    beside(tmp_path, "preprocessor_config.json", {**hugging_face(), "size": 64})
    model = opened(path)
    assert model.labels == ("ant", "bee")
    assert model.labels_source == "file config.json"
    assert model.preprocessing_source == "file preprocessor_config.json (Hugging Face)"
    # What lies with the model itself comes first, and other folders are none of its business.
    beside(tmp_path / "onnx", "labels.txt", "cow\ndog\n")
    assert opened(path).labels == ("cow", "dog")
    (tmp_path / "other").mkdir()
    assert opened(network(tmp_path / "other")).labels is None


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("names.txt", "ant\nbee\n"),
        ("names.txt", "0: ant\n1: bee\n"),
        ("n02.txt", "n01440764 ant\nn01443537 bee\n"),
        ("classes.json", ["ant", "bee"]),
        ("my_class_indices.json", {"ant": 0, "bee": 1}),
        ("my_class_indices.JSON", {"1": "bee", "0": "ant"}),
        ("imagenet_class_index.json", {"0": ["n1", "ant"], "1": ["n2", "bee"]}),
        ("config.json", {"id2label": {"1": "bee", "0": "ant"}}),
        ("other.json", {"id2label": {"1": "bee", "0": "ant"}, "model_type": "vit"}),
    ],
)
def test_names_that_the_user_gives_may_be_of_any_form(
    tmp_path: Path, file: str, content: Any
) -> None:
    (tmp_path / "elsewhere").mkdir()
    beside(tmp_path / "elsewhere", file, content)
    model = opened(network(tmp_path), labels=tmp_path / "elsewhere" / file)
    assert model.labels == ("ant", "bee")
    assert model.labels_source == "given"


@pytest.mark.parametrize(
    ("file", "content", "text"),
    [
        ("names.txt", "", "holds no class names"),
        ("names.json", "{", "no valid JSON"),
        ("names.json", [1, 2], "no list of names"),
        ("names.json", "7", "no JSON object"),
        ("names.json", {"ant": 0, "bee": 2}, "without a gap"),
        ("config.json", {"hidden_size": 768}, "holds no class names"),
        ("names.json", ["ant", "bee", "cow"], "2 classes, the label list has 3"),
    ],
)
def test_names_that_the_user_gives_and_that_are_none(
    tmp_path: Path, file: str, content: Any, text: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    beside(tmp_path / "elsewhere", file, content)
    with pytest.raises(ModelError, match=text):
        opened(network(tmp_path), labels=tmp_path / "elsewhere" / file)


@pytest.mark.parametrize(
    ("file", "content", "text"),
    [
        ("labels.txt", "a\nb\nc\n", "3 names, the model has 2 classes"),
        ("class_indices.json", {"a": 0, "b": 2}, "without a gap"),
        ("class_indices.json", "{", "no valid JSON"),
        ("class_indices.json", [1], "no JSON object"),
        ("class_indices.json", "[" * 100_000, "no valid JSON"),
        ("config.json", "\x00", "config.json beside the model is not used"),
    ],
)
def test_files_of_another_model_are_left_out(
    tmp_path: Path, file: str, content: Any, text: str
) -> None:
    path = network(tmp_path)
    beside(tmp_path, file, content)
    model = opened(path)
    assert model.labels is None
    assert model.labels_source == "none"
    assert text in notes(model)


def test_nameless_names_are_no_names(tmp_path: Path) -> None:
    path = network(tmp_path)
    beside(tmp_path, "config.json", {"id2label": {"0": "LABEL_0", "1": "LABEL_1"}})
    assert opened(path).labels is None


def test_wrong_names_that_somebody_stated_are_refused(tmp_path: Path) -> None:
    path = network(tmp_path)
    with pytest.raises(ModelError, match="2 classes, the label list has 3"):
        opened(path, labels=["a", "b", "c"])
    write_sidecar(path, "", CHOSEN, labels=("a",))
    record = json.loads(path.with_suffix(".decam.json").read_text(encoding="utf-8"))
    del record["sha256"]
    beside(tmp_path, "net.decam.json", record)
    with pytest.raises(ModelError, match="2 classes, the label list has 1"):
        opened(path)


def test_wrong_names_in_metadata_are_left_out(tmp_path: Path) -> None:
    path = network(tmp_path, metadata={"names": "['a', 'b', 'c']"})
    model = opened(path)
    assert model.labels is None
    assert "3 names, 2 classes" in notes(model)


def test_order_of_trust_of_names(tmp_path: Path) -> None:
    path = network(tmp_path, metadata={"names": "['m0', 'm1']"})
    beside(tmp_path, "labels.txt", "f0\nf1\n")
    assert (opened(path).labels_source, opened(path).label(0)) == ("metadata (names)", "m0")
    beside(tmp_path, "net.decam.json", {"schema": 1, "labels": ["s0", "s1"]})
    assert (opened(path).labels_source, opened(path).label(0)) == ("sidecar", "s0")
    given = opened(path, labels=["g0", "g1"])
    assert (given.labels_source, given.label(0)) == ("given", "g0")


# --- pre-processing ----------------------------------------------------------------------


def hugging_face(**fields: Any) -> dict[str, Any]:
    record = {"do_resize": True, "do_rescale": True, "do_normalize": True, "size": 64}
    record |= {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3}
    return record | fields


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (hugging_face(), {"resize": "squash", "mean": (0.5,) * 3, "interpolation": "bicubic"}),
        (
            hugging_face(
                size={"shortest_edge": 80},
                do_center_crop=True,
                crop_size={"height": 64, "width": 64},
            ),
            {"resize": "crop", "crop_fraction": 0.8},
        ),
        (hugging_face(size={"shortest_edge": 64}, crop_pct=0.875),
         {"resize": "crop", "crop_fraction": 0.875}),
        (hugging_face(size={"height": 64, "width": 64}, do_flip_channel_order=True, resample=2),
         {"resize": "squash", "channels": "BGR", "interpolation": "bilinear"}),
        (hugging_face(do_normalize=False), {"mean": (0.0,), "std": (1.0,), "scale": 1 / 255}),
        (hugging_face(do_rescale=False), {"scale": 1.0}),
        (hugging_face(rescale_factor=1 / 127.5, rescale_offset=True, do_normalize=False),
         {"mean": (1.0,), "scale": 1 / 127.5}),
    ],
)  # fmt: skip
def test_hugging_face(tmp_path: Path, record: dict[str, Any], expected: dict[str, Any]) -> None:
    path = network(tmp_path)
    beside(tmp_path, "preprocessor_config.json", record)
    model = opened(path)
    assert model.preprocessing_source == "file preprocessor_config.json (Hugging Face)"
    assert model.preprocessing.size == SIZE
    found = dataclasses.asdict(model.preprocessing)
    for key, value in expected.items():
        assert found[key] == (value if isinstance(value, str) else pytest.approx(value))


def test_timm(tmp_path: Path) -> None:
    path = network(tmp_path)
    cfg = {"input_size": [3, 64, 64], "mean": IMAGENET[0], "std": IMAGENET[1], "crop_pct": 0.95,
           "interpolation": "bicubic", "crop_mode": "center"}  # fmt: skip
    beside(tmp_path, "config.json", {"architecture": "net", "pretrained_cfg": cfg})
    p = opened(path).preprocessing
    assert opened(path).preprocessing_source == "file config.json (timm)"
    assert (p.resize, p.crop_fraction, p.interpolation) == ("crop", 0.95, "bicubic")
    assert (p.mean, p.std, p.scale) == (*IMAGENET, 1 / 255)


def test_a_size_beside_the_model_gives_way_to_the_models_own(tmp_path: Path) -> None:
    path = network(tmp_path)
    beside(tmp_path, "preprocessor_config.json", hugging_face(size=224))
    assert opened(path).input_size == SIZE
    with pytest.raises(ModelError, match="64 x 64 pixels"):
        opened(path, preprocessing=Preprocessing.unit((224, 224)))


@pytest.mark.parametrize(
    "record",
    [
        hugging_face(image_std=[0, 0, 0]),
        hugging_face(image_mean="dark"),
        hugging_face(size={"shortest_edge": "x"}, crop_pct=0.9),
        hugging_face(size=-5),
        hugging_face(image_mean=[0.5, 0.5]),
        hugging_face(rescale_factor="much"),
        "not json",
    ],
    ids=str,
)
def test_unusable_files_beside_are_noted(tmp_path: Path, record: Any) -> None:
    path = network(tmp_path)
    beside(tmp_path, "preprocessor_config.json", record)
    model = opened(path)
    assert model.input_size == SIZE
    if model.preprocessing_source == "assumed":
        assert "preprocessor_config.json" in notes(model)
    else:
        assert record["size"] != 64, "only a size may be left out"


def test_metadata_of_ultralytics_and_openvino() -> None:
    told = read_metadata({"names": "{0: 'a'}", "imgsz": "[224, 320]", "task": "classify"})
    assert told.preprocessing is not None
    assert told.preprocessing.size == (224, 320)
    assert (told.preprocessing.resize, told.preprocessing.crop_fraction) == ("crop", 1.0)
    assert told.preprocessing.scale == 1 / 255
    told = read_metadata({"names": "{0: 'a'}", "imgsz": "[640, 640]", "task": "detect"})
    assert told.preprocessing is None
    assert "'detect'" in told.notes[0]
    told = read_metadata({
        "model_info labels": "cat hot_dog", "model_info mean_values": "1 2 3",
        "model_info scale_values": "4", "model_info resize_type": "fit_to_window_letterbox",
        "model_info output_raw_scores": "True", "model_info multilabel": "True",
    })  # fmt: skip
    assert told.labels == ("cat", "hot dog")
    assert told.activation == "sigmoid"
    p = told.preprocessing
    assert p is not None
    assert (p.mean, p.std, p.resize, p.channels) == ((1, 2, 3), (4,), "letterbox", "BGR")
    assert "BGR" in told.notes[0]
    for broken in ({"imgsz": "[", "task": "classify"}, {"model_info mean_values": "nan"}):
        told = read_metadata(broken)
        assert told.preprocessing is None
        assert told.notes


def test_order_of_trust_of_preprocessing(tmp_path: Path) -> None:
    path = network(tmp_path, metadata={"names": "['a', 'b']", "imgsz": "[64, 64]"})
    beside(tmp_path, "preprocessor_config.json", hugging_face())
    model = opened(path)
    assert model.preprocessing_source == "metadata (Ultralytics)"
    assert model.identity is not None
    remember_choice(model.identity, CHOSEN)
    assert (opened(path).preprocessing_source, opened(path).preprocessing) == ("chosen", CHOSEN)
    write_sidecar(path, model.describe()["sha256"], Preprocessing.raw(SIZE))
    assert opened(path).preprocessing_source == "sidecar"
    assert opened(path, preprocessing=CHOSEN).preprocessing_source == "given"
    path.with_suffix(".decam.json").unlink()
    assert forget_choice(model.identity)
    assert not forget_choice(model.identity)
    assert opened(path).preprocessing_source == "metadata (Ultralytics)"


def test_a_damaged_choice_is_no_choice(tmp_path: Path) -> None:
    path = remember_choice("abc", CHOSEN)
    assert recall_choice("abc") == CHOSEN
    assert list(path.parent.glob("*.part")) == []
    for text in ("{", "[]", '{"schema": 1}', '{"schema": 1, "preprocessing": {"std": 0}}'):
        path.write_text(text, encoding="utf-8")
        assert recall_choice("abc") is None


def test_a_choice_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DECAM_DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(ExportError, match="could not be remembered"):
        remember_choice("abc", CHOSEN)


def test_a_sidecar_is_never_replaced_unasked(tmp_path: Path) -> None:
    path = network(tmp_path)
    sha = opened(path).describe()["sha256"]
    written = write_sidecar(path, sha, CHOSEN, labels=("a", "b"), activation="sigmoid")
    model = opened(path)
    assert (model.preprocessing, model.labels, model.activation) == (CHOSEN, ("a", "b"), "sigmoid")
    assert model.activation_source == "sidecar"
    with pytest.raises(ExportError, match="is there already"):
        write_sidecar(path, sha, Preprocessing.raw())
    assert opened(path).preprocessing == CHOSEN
    write_sidecar(path, sha, Preprocessing.raw(), replace=True)
    assert opened(path).preprocessing.resize == "squash"
    assert sorted(p.name for p in tmp_path.iterdir()) == [written.name, "net.onnx"]


def test_a_sidecar_in_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"could not be written beside net\.onnx"):
        write_sidecar(tmp_path / "gone" / "net.onnx", "", CHOSEN)


@pytest.mark.parametrize(
    "fields", [{"activation": "relu"}, {"output": 5}, {"output": "nowhere"}], ids=str
)
def test_unusable_fields_of_a_sidecar(tmp_path: Path, fields: dict[str, Any]) -> None:
    path = network(tmp_path)
    beside(tmp_path, "net.decam.json", {"schema": 1, **fields})
    with pytest.raises(ModelError, match=next(iter(fields))):
        opened(path)


# --- another pre-processing for an open model --------------------------------------------


def test_with_preprocessing_keeps_the_session(tmp_path: Path, photo: Photo) -> None:
    model = opened(network(tmp_path))
    model.predict(photo)
    other = model.with_preprocessing(CHOSEN, "chosen")
    assert other.backend is model.backend
    assert (model.calls, other.calls) == (1, 0)
    assert model.preprocessing_source == "assumed"
    assert other.preprocessing_source == "chosen"
    assert "Pre-processing assumed" in notes(model)
    assert "Pre-processing assumed" not in notes(other)
    np.testing.assert_array_equal(other.prepare(photo), CHOSEN.apply(photo.pixels))
    other.predict(photo)
    assert (model.calls, other.calls) == (1, 1)


# --- providers ---------------------------------------------------------------------------


def test_providers_by_short_name(tmp_path: Path) -> None:
    model = opened(network(tmp_path), providers=["cpu"])
    assert model.describe()["providers"] == ["CPUExecutionProvider"]
    assert "CPUExecutionProvider" in runtime.available_providers()


def test_a_provider_that_falls_back_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime opens a session on the processor when a provider's library is missing."""
    wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(runtime, "available_providers", lambda: wanted)
    with pytest.warns(UserWarning, match="CUDAExecutionProvider"):
        model = opened(network(tmp_path), providers=["cuda"])
    assert model.describe()["providers"] == ["CPUExecutionProvider"]
    assert "CUDAExecutionProvider was asked for" in notes(model)


# --- the verdict is remembered -----------------------------------------------------------


def test_a_known_model_is_not_tried_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = network(tmp_path)
    first = opened(path)

    def never() -> list[str]:
        raise AssertionError("started a child")

    monkeypatch.setattr(probing, "command", never)
    assert opened(path).describe() == first.describe()
    path.write_bytes(path.read_bytes() + b"\x12\x01x")  # another producer: another file
    with pytest.raises(AssertionError, match="started a child"):
        opened(path)


def test_external_weights_are_part_of_the_identity(tmp_path: Path) -> None:
    from tests.model_zoo import weights_in_another_file

    path = weights_in_another_file(tmp_path)
    data = tmp_path / "net.onnx.data"
    model = opened(path)
    assert list(model.describe()["external_data"]) == ["net.onnx.data"]
    data.write_bytes(np.ascontiguousarray(rectangle_weights(SIZE, gain=3.0)).tobytes())
    changed = opened(path)
    assert changed.describe()["sha256"] == model.describe()["sha256"]
    assert changed.identity != model.identity
    data.unlink()
    with pytest.raises(ModelError, match="no such file"):
        opened(path)


def test_read_beside_without_a_count(tmp_path: Path) -> None:
    beside(tmp_path, "labels.txt", "a\nb\nc\n")
    assert read_beside(tmp_path / "net.onnx", None).labels == ("a", "b", "c")


def test_a_guess_stays_marked_in_manifest_and_report(tmp_path: Path, photo: Photo) -> None:
    """And a choice takes the mark away."""
    model = opened(network(tmp_path))
    files = explain(model, photo, calls=20, method="occlusion").save(
        tmp_path / "guessed", ["json", "html", "pdf"]
    )
    report = {file.suffix: file for file in files}
    record = json.loads(report[".json"].read_text(encoding="utf-8"))
    assert record["model"]["preprocessing_source"] == "assumed"
    assert any("Pre-processing assumed" in text for text in record["model"]["assumptions"])
    assert any("Pre-processing assumed" in text for text in record["warnings"])
    assert "Pre-processing assumed" in report[".html"].read_text(encoding="utf-8")
    pages = pypdf.PdfReader(report[".pdf"]).pages
    assert "Pre-processing assumed" in " ".join(page.extract_text() for page in pages)
    chosen = model.with_preprocessing(model.preprocessing, "chosen")
    files = explain(chosen, photo, calls=20, method="occlusion").save(tmp_path / "chosen", ["html"])
    assert "Pre-processing assumed" not in files[0].read_text(encoding="utf-8")
