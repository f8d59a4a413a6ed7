"""Reports are checked, run again and compared; whatever was changed in them is noticed."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject

from decam_engine import (
    Explanation,
    ExportError,
    Template,
    check_faithfulness,
    explain,
    explain_steps,
    load_image,
    load_model,
    verify,
)
from decam_engine.cli import main
from decam_engine.reports.html import html_bytes
from decam_engine.reports.pdf import pdf_bytes
from decam_engine.reports.reading import open_report
from decam_engine.reports.record import parse_record
from decam_engine.reports.views import png
from decam_engine.verify import CLOSE, DIFFERENT, SAME, UNCHANGED
from tests.fakes import SIZE, Rectangles, box_model, bright_photo
from tests.onnx_models import linear_model, rectangle_weights, write_sidecar

KINDS = ("html", "pdf", "json")


@pytest.fixture(scope="module")
def photo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "bright spot.png"
    # The bright rectangle of the fakes, on a photograph that is squashed to their size.
    Image.fromarray(bright_photo((17, 64, 39, 98), size=(90, 120)).pixels).save(path)
    return path


@pytest.fixture(scope="module")
def result(rectangle_onnx: Path, photo_file: Path) -> Explanation:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    found = explain(model, load_image(photo_file), calls=420, seed=5)
    return check_faithfulness(model, found)


@pytest.fixture(scope="module")
def saved(result: Explanation, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("saved")
    template = Template(title="A title", organisation="An organisation", notes=("A note.",))
    files = result.save(folder, ["png", "npy", "json", "html", "pdf"], template)
    return {file.suffix[1:]: file for file in files}


def copied(saved: dict[str, Path], kind: str, folder: Path, data: bytes) -> Path:
    """A changed copy of a saved report, with what lies beside it."""
    for file in saved["json"].parent.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    path = folder / saved[kind].name
    path.write_bytes(data)
    return path


def record_of(path: Path) -> dict[str, Any]:
    """The record in an HTML report."""
    text = path.read_text(encoding="utf-8")
    return parse_record(text.rpartition('id="decam-record">')[2].partition("</script>")[0])


def forged(saved: dict[str, Path], kind: str, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A report written anew, hashes and all, from a changed record."""
    record = record_of(saved["html"])
    pictures = open_report(saved["html"]).pictures
    change(record)
    if kind == "pdf":
        return pdf_bytes(record, pictures)
    return html_bytes(record, {name: png(pixels) for name, pixels in pictures.items()})


# --- good reports ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_report_is_the_same_bit_for_bit(saved: dict[str, Path], kind: str) -> None:
    found = verify(saved[kind])
    assert (found.verdict, found.differences, found.deviations) == (SAME, (), ())
    assert found.notes == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_file_alone_can_be_checked(saved: dict[str, Path], kind: str) -> None:
    found = verify(saved[kind], run=False)
    assert found.verdict == UNCHANGED
    assert "not run again" in found.notes[-1]


@pytest.mark.parametrize("kind", ("html", "pdf"))
def test_a_report_set_anew_is_as_good(saved: dict[str, Path], kind: str, tmp_path: Path) -> None:
    def later(record: dict[str, Any]) -> None:
        record["created"] = "2031-01-31 09:30"

    path = copied(saved, kind, tmp_path, forged(saved, kind, later))
    assert path.read_bytes() != saved[kind].read_bytes()
    assert verify(path).verdict == SAME


def test_without_region_and_faithfulness(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path
) -> None:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    found = explain(model, load_image(photo_file), calls=30, method="rise")
    for path in found.save(tmp_path, ["html", "pdf"]):
        assert verify(path).verdict == SAME


def test_a_stopped_run_is_stopped_again(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path
) -> None:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    steps = explain_steps(model, load_image(photo_file), calls=300, seed=1)
    step = next(steps)
    with pytest.raises(StopIteration) as end:
        while True:
            step = steps.send(step.calls >= 150)
    stopped: Explanation = end.value.value
    assert stopped.stop_reason == "cancelled"
    for path in stopped.save(tmp_path, ["html", "pdf", "json", "npy"]):
        if path.suffix != ".npy":
            assert verify(path).verdict == SAME, path.suffix


def test_a_map_that_rounds_otherwise_is_within_tolerance(
    saved: dict[str, Path], tmp_path: Path
) -> None:
    def rounded(record: dict[str, Any]) -> None:
        data = zlib.decompress(base64.b64decode(record["map"]["data"]))
        values = np.frombuffer(data, dtype="<f4") * np.float32(0.999)
        record["map"]["data"] = base64.b64encode(zlib.compress(values.tobytes())).decode()
        record["manifest"]["map_sha256"] = hashlib.sha256(values.data).hexdigest()
        record["manifest"]["target"]["score"] += 1e-4

    path = copied(saved, "html", tmp_path, forged(saved, "html", rounded))
    found = verify(path)
    assert found.verdict == CLOSE
    assert {d.where for d in found.deviations} == {"map", "target"}


# --- changed reports ---------------------------------------------------------------------


def test_a_changed_number_in_html(saved: dict[str, Path], tmp_path: Path) -> None:
    text = saved["html"].read_text(encoding="utf-8")
    shown = re.search(r"a probability of (0\.\d{3})", text)
    assert shown is not None
    changed = text.replace(shown[0], "a probability of 0.999", 1)
    found = verify(copied(saved, "html", tmp_path, changed.encode()), run=False)
    assert found.verdict == DIFFERENT
    assert {d.where for d in found.differences} == {"document", "text"}
    text_difference = next(d for d in found.differences if d.where == "text")
    assert shown[1] in text_difference.text
    assert "0.999" in text_difference.text


def test_a_swapped_picture_in_html(saved: dict[str, Path], tmp_path: Path) -> None:
    text = saved["html"].read_text(encoding="utf-8")
    uris = re.findall(r'data:image/png;base64,[^"]+', text)
    other = png(np.full((90, 120, 3), 200, np.uint8))
    changed = text.replace(uris[1], f"data:image/png;base64,{base64.b64encode(other).decode()}")
    found = verify(copied(saved, "html", tmp_path, changed.encode()), run=False)
    assert {"document", "picture map"} <= {d.where for d in found.differences}


@pytest.mark.parametrize(
    "addition",
    [
        "<p>Approved.</p>",
        "<!-- x -->",
        "<script>alert(1)</script>",
        "<style>p{display:none}</style>",
    ],
)
def test_anything_added_to_html(saved: dict[str, Path], addition: str, tmp_path: Path) -> None:
    text = saved["html"].read_text(encoding="utf-8").replace("</main>", f"{addition}</main>")
    found = verify(copied(saved, "html", tmp_path, text.encode()), run=False)
    assert found.verdict == DIFFERENT


@pytest.mark.parametrize("kind", ("html", "pdf"))
def test_a_changed_record_is_noticed_by_its_hash(
    saved: dict[str, Path], kind: str, tmp_path: Path
) -> None:
    data = saved[kind].read_bytes()
    assert data.count(b'"seed":5') == 1
    path = copied(saved, kind, tmp_path, data.replace(b'"seed":5', b'"seed":6'))
    found = verify(path, run=False)
    assert "record" in {d.where for d in found.differences}


def test_a_changed_manifest(saved: dict[str, Path], tmp_path: Path) -> None:
    data = saved["json"].read_bytes().replace(b'"seed": 5', b'"seed": 6')
    found = verify(copied(saved, "json", tmp_path, data), run=False)
    assert [d.where for d in found.differences] == ["manifest"]


@pytest.mark.parametrize("suffix", (".npy", ".overlay.png", ".html"))
def test_a_changed_file_beside_a_manifest(
    saved: dict[str, Path], suffix: str, tmp_path: Path
) -> None:
    path = copied(saved, "json", tmp_path, saved["json"].read_bytes())
    beside = path.with_name(path.stem + suffix)
    beside.write_bytes(beside.read_bytes()[:-1] + b"x")
    found = verify(path, run=False)
    assert f"file {beside.name}" in {d.where for d in found.differences}


def edited(pdf: Path, change: Callable[[PdfWriter], None]) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf.read_bytes())))
    change(writer)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_a_pdf_that_was_only_stored_anew_is_unchanged(
    saved: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = edited(saved["pdf"], lambda writer: None)
    assert data != saved["pdf"].read_bytes()
    path = copied(saved, "pdf", tmp_path, data)
    found = verify(path, run=False)
    # Its parts hash to something else, so what is seen decides.
    assert (found.verdict, found.differences) == ("not run again", ())
    (said,) = found.deviations
    assert "was stored anew by some program" in said.text
    assert "every page looks as it did" in said.text
    assert main(["verify", str(path), "--no-run"]) == 0
    assert "unchanged in what is seen of it" in capsys.readouterr().out
    found = verify(path)
    assert found.verdict == "same up to tolerance" and found.ok


def covered(writer: PdfWriter) -> None:
    """A white sheet over the left half of the first page."""
    contents = writer.pages[0]["/Contents"].get_object()
    contents.set_data(contents.get_data() + b"\n1 1 1 rg 0 0 300 842 re f\n")


def acting(writer: PdfWriter) -> None:
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Named"), NameObject("/N"): NameObject("/Print")}
    )


def retitled(writer: PdfWriter) -> None:
    writer.add_metadata({"/Title": "Another report"})


def page_lost(writer: PdfWriter) -> None:
    writer.remove_page(1)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (covered, "Page 1 looks otherwise around"),
        (acting, "forms or actions"),
        (retitled, "title or its outline"),
        (page_lost, "pages, found"),
    ],
    ids=["covered", "acting", "retitled", "page_lost"],
)
def test_what_was_changed_while_it_was_stored_anew(
    saved: dict[str, Path], tmp_path: Path, change: Callable[[PdfWriter], None], where: str
) -> None:
    path = copied(saved, "pdf", tmp_path, edited(saved["pdf"], change))
    found = verify(path, run=False)
    assert found.verdict == "different" and not found.deviations
    assert any(where in d.text for d in found.differences)


def test_a_changed_page_of_a_pdf(saved: dict[str, Path], tmp_path: Path) -> None:
    def change(writer: PdfWriter) -> None:
        contents = writer.pages[0]["/Contents"].get_object()
        data = contents.get_data()
        assert b"BT" in data
        contents.set_data(data.replace(b"BT", b"BT 2 Tc", 3))

    found = verify(copied(saved, "pdf", tmp_path, edited(saved["pdf"], change)), run=False)
    assert {"document", "page 1"} <= {d.where for d in found.differences}


def test_a_swapped_picture_in_a_pdf(saved: dict[str, Path], tmp_path: Path) -> None:
    def change(writer: PdfWriter) -> None:
        image = writer.pages[0]["/Resources"]["/XObject"]["/I1"].get_object()
        pixels = image.get_data()
        del image["/DecodeParms"]
        image.set_data(bytes(255 - b for b in pixels))

    found = verify(copied(saved, "pdf", tmp_path, edited(saved["pdf"], change)), run=False)
    assert "document" in {d.where for d in found.differences}
    assert any(d.where.startswith("picture") for d in found.differences)


def test_a_note_laid_over_a_pdf_page(saved: dict[str, Path], tmp_path: Path) -> None:
    from pypdf.annotations import FreeText

    def change(writer: PdfWriter) -> None:
        writer.add_annotation(0, FreeText(text="0.999", rect=(100, 600, 200, 620)))

    found = verify(copied(saved, "pdf", tmp_path, edited(saved["pdf"], change)), run=False)
    assert "document" in {d.where for d in found.differences}


# --- forged reports: hashes changed as well ----------------------------------------------


def set_score(record: dict[str, Any]) -> None:
    record["manifest"]["target"]["score"] = 0.99


def set_seed(record: dict[str, Any]) -> None:
    record["manifest"]["seed"] = 6


def drop_warning(record: dict[str, Any]) -> None:
    record["manifest"]["warnings"] = ["All is well."]


def set_region(record: dict[str, Any]) -> None:
    record["manifest"]["keep_region"]["fraction"] += 0.2


def set_curve(record: dict[str, Any]) -> None:
    record["manifest"]["faithfulness"]["baselines"]["centre_curves"][0][20] += 0.3


def set_target(record: dict[str, Any]) -> None:
    record["manifest"]["target"]["label"] = "third place"


def set_reading(record: dict[str, Any]) -> None:
    record["manifest"]["photo"]["notes"] = ["Checked by an expert."]


def set_name(record: dict[str, Any]) -> None:
    record["manifest"]["photo"]["name"] = "evidence-17.png"


def set_model_name(record: dict[str, Any]) -> None:
    record["manifest"]["model"]["name"] = "certified.onnx"


def set_source(record: dict[str, Any]) -> None:
    record["manifest"]["model"]["preprocessing_source"] = "file certified.json (notary)"


@pytest.mark.parametrize("kind", ("html", "pdf"))
@pytest.mark.parametrize(
    ("change", "where"),
    [
        (set_reading, "how the file was read"),
        (set_score, "target"),
        (set_seed, "map"),
        (drop_warning, "warnings"),
        (set_region, "keep region"),
        (set_curve, "centre baseline, insertion curve"),
        (set_target, "class"),
    ],
)
def test_a_forgery_passes_the_hashes_and_not_the_run(
    saved: dict[str, Path],
    kind: str,
    change: Callable[[dict[str, Any]], None],
    where: str,
    tmp_path: Path,
) -> None:
    path = copied(saved, kind, tmp_path, forged(saved, kind, change))
    assert verify(path, run=False).verdict == UNCHANGED
    found = verify(path)
    assert found.verdict == DIFFERENT
    assert where in {d.where for d in found.differences}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (set_name, "photograph evidence-17.png"),
        (set_model_name, "model certified.onnx"),
        (set_source, "pre-processing (file certified.json (notary))"),
    ],
)
def test_words_that_no_run_can_prove_are_noted(
    saved: dict[str, Path], change: Callable[[dict[str, Any]], None], said: str, tmp_path: Path
) -> None:
    found = verify(copied(saved, "html", tmp_path, forged(saved, "html", change)))
    assert found.verdict != DIFFERENT
    assert any(said in note for note in found.notes)


def test_a_forged_picture_is_drawn_again(saved: dict[str, Path], tmp_path: Path) -> None:
    from decam_engine.reports.record import picture_hash

    record = record_of(saved["html"])
    pictures = dict(open_report(saved["html"]).pictures)
    spot = pictures["map"].copy()
    spot[100:140, 100:140] = (255, 255, 0)
    pictures["map"] = spot
    record["pictures"]["map"] = picture_hash(spot)
    data = html_bytes(record, {name: png(pixels) for name, pixels in pictures.items()})
    path = copied(saved, "html", tmp_path, data)
    assert verify(path, run=False).verdict == UNCHANGED
    assert [d.where for d in verify(path).differences] == ["picture map"]


# --- what is needed to run again ---------------------------------------------------------


def test_another_photograph_or_model_is_said(saved: dict[str, Path], tmp_path: Path) -> None:
    photo = tmp_path / "other.png"
    Image.fromarray(bright_photo(size=(90, 120), seed=9).pixels).save(photo)
    found = verify(saved["html"], image=photo)
    assert [d.where for d in found.differences] == ["photograph"]
    model = tmp_path / "other.onnx"
    linear_model(model, 2 * rectangle_weights(SIZE), batch="N", size=SIZE)
    write_sidecar(model, labels=["bright spot", "other place"], size=SIZE, activation="softmax")
    found = verify(saved["html"], model=model)
    assert [d.where for d in found.differences] == ["model"]


def test_files_that_moved(
    saved: dict[str, Path], photo_file: Path, rectangle_onnx: Path, tmp_path: Path
) -> None:
    def moved(record: dict[str, Any]) -> None:
        record["manifest"]["photo"]["path"] = "/nowhere/bright spot.png"
        record["manifest"]["model"]["path"] = "//server/share/rectangle.onnx"

    path = tmp_path / "report.html"
    path.write_bytes(forged(saved, "html", moved))
    with pytest.raises(ExportError, match=r"photograph.*--image"):
        verify(path)
    (tmp_path / photo_file.name).write_bytes(photo_file.read_bytes())
    with pytest.raises(ExportError, match=r"model.*--model"):
        verify(path)
    assert verify(path, model=rectangle_onnx).verdict == SAME


def test_a_server_is_not_called_because_a_file_says_so(
    saved: dict[str, Path], tmp_path: Path
) -> None:
    def served(record: dict[str, Any]) -> None:
        record["manifest"]["model"]["url"] = "http://127.0.0.1:9/v2/models/net"

    path = copied(saved, "html", tmp_path, forged(saved, "html", served))
    with pytest.raises(ExportError, match=r"server.*--model"):
        verify(path)


def test_a_function_can_be_given(tmp_path: Path) -> None:
    model, photo = box_model(Rectangles()), bright_photo()
    (path,) = explain(model, photo, calls=60).save(tmp_path, ["html"])
    with pytest.raises(ExportError, match="--image"):
        verify(path)
    assert verify(path, model=box_model(Rectangles()), image=photo).verdict == SAME


def test_targets_explained_together_cannot_run_alone(result: Explanation, tmp_path: Path) -> None:
    (path,) = dataclasses.replace(result, shared_calls=40).save(tmp_path, ["pdf"])
    with pytest.raises(ExportError, match="--no-run"):
        verify(path)


# --- what is no report -------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"{}",
        b'{"schema": 1}',
        b"\xff\xfe",
        b"<html></html>",
        b"%PDF-1.7\n",
        b"%PDF-1.7\n%%EOF",
        b'<script type="application/json" id="decam-record">{"kind": "decam-report"}</script>',
        b'<script type="application/json" id="decam-record">'
        b'{"kind": "decam-report", "schema": 1}</script>',
    ],
)
def test_what_is_no_report_is_one_sentence(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(data)
    with pytest.raises(ExportError) as error:
        verify(path)
    assert "report.html" in str(error.value)
    assert "\n" not in str(error.value)


def test_damage_anywhere_is_a_sentence_or_a_difference(
    saved: dict[str, Path], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    for kind in KINDS:
        data = saved[kind].read_bytes()
        noticed = 0
        for _ in range(12):
            changed = bytearray(data)
            place = int(rng.integers(len(data)))
            changed[place] ^= 1 << int(rng.integers(7))
            path = copied(saved, kind, tmp_path, bytes(changed))
            try:
                noticed += verify(path, run=False).verdict == DIFFERENT
            except ExportError:
                noticed += 1
        # Bits that a reader does not look at (of a PDF's own tables) may go unnoticed.
        assert noticed >= (8 if kind == "pdf" else 12), kind


def test_the_command(
    saved: dict[str, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["verify", str(saved["html"])]) == 0
    assert ": same:" in capsys.readouterr().out
    assert main(["verify", str(saved["pdf"]), "--no-run", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["verdict"], record["ok"]) == (UNCHANGED, True)
    path = copied(saved, "html", tmp_path, forged(saved, "html", set_score))
    assert main(["verify", str(path)]) == 2
    out = capsys.readouterr().out
    assert "different" in out
    assert "target: Expected 0.99" in out
    assert main(["verify", str(tmp_path / "missing.pdf")]) == 2
    assert "missing.pdf" in capsys.readouterr().err
