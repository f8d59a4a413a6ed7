"""Comparisons of maps: right numbers, differences, documents, checks, and the command."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from pathlib import Path

import html5lib
import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from decam_engine import (
    Explanation,
    SettingsError,
    check_stability,
    explain,
    load_explanation,
    load_image,
    load_model,
    rank_correlation,
    verify,
    write_comparison,
)
from decam_engine.cli import main
from decam_engine.reports.agreement import agreement, difference_picture, on_grid
from decam_engine.reports.book_reading import open_book
from decam_engine.reports.command import command_line
from decam_engine.reports.contents import contents
from decam_engine.reports.template import Template
from decam_engine.verify import DIFFERENT, SAME, UNCHANGED
from tests.fakes import bright_photo
from tests.onnx_models import linear_model, rectangle_weights, write_sidecar

KINDS = ("html", "pdf", "png", "csv", "json")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("photos")
    found = []
    for k, size in enumerate([(90, 120), (64, 64)]):
        h, w = size
        path = folder / f"photo {k}.png"
        Image.fromarray(bright_photo((h // 5, w // 2, h // 2, 4 * w // 5), size=size).pixels).save(
            path
        )
        found.append(path)
    return found


@pytest.fixture(scope="module")
def other_onnx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Looks at other places, on an input of another size."""
    path = tmp_path_factory.mktemp("other") / "other.onnx"
    linear_model(path, -rectangle_weights((48, 48)), batch="N", size=(48, 48))
    write_sidecar(path, labels=["bright spot", "other place"], size=(48, 48), activation="softmax")
    return path


@pytest.fixture(scope="module")
def results(rectangle_onnx: Path, other_onnx: Path, photos: list[Path]) -> list[Explanation]:
    models = [load_model(m, threads=1, batch_size=4) for m in (rectangle_onnx, other_onnx)]
    return [
        explain(model, load_image(path), calls=60, method=method)
        for path in photos
        for model in models
        for method in ("occlusion", "rise")
    ]


@pytest.fixture(scope="module")
def written(
    results: list[Explanation], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("comparison")
    files = write_comparison(iter(results), [folder / f"c.{kind}" for kind in KINDS])
    return {f.suffix[1:]: f for f in files}


def test_numbers_of_agreement() -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.random((40, 50), dtype=np.float32) for _ in range(2))
    found = agreement(a, b)
    assert found["rank_correlation"] == pytest.approx(rank_correlation(a, b), abs=1e-6)
    assert found["mean_difference"] == pytest.approx(float(np.abs(a - b).mean()), abs=1e-6)
    assert found["value_correlation"] == pytest.approx(
        float(np.corrcoef(a.ravel(), b.ravel())[0, 1]), abs=1e-6
    )
    same = agreement(a, a)
    assert (same["rank_correlation"], same["mean_difference"], same["overlap"]) == (1, 0, 1)
    part = a.copy()
    part[:, 25:] = np.nan
    assert agreement(part, b) == agreement(a[:, :25], b[:, :25])
    assert set(agreement(np.full_like(a, np.nan), b).values()) == {None}
    flat = agreement(np.zeros_like(a), b)
    assert (flat["rank_correlation"], flat["value_correlation"]) == (None, None)


def test_colours_of_differences() -> None:
    photo = np.full((30, 40, 3), 128, dtype=np.uint8)
    low, high = np.zeros((15, 20), dtype=np.float32), np.ones((15, 20), dtype=np.float32)
    plus, minus, none = (
        difference_picture(photo, a, b).astype(int).mean(axis=(0, 1))
        for a, b in ((low, high), (high, low), (low, low))
    )
    assert plus[0] > plus[2]
    assert minus[2] > minus[0]
    assert np.ptp(none) < 1
    unknown = difference_picture(photo, np.full_like(low, np.nan), high)
    assert (unknown == 160).all()


def test_the_grid_of_a_comparison(written: dict[str, Path], results: list[Explanation]) -> None:
    book = open_book(written["json"])
    assert book is not None
    assert [v["method"] for v in book.head["variants"]] == ["occlusion", "rise"] * 2
    assert [len(e["cells"]) for e in book.entries] == [4, 4]
    assert len(book.entries[0]["pairs"]) == 6
    first, second = (on_grid(e.input_saliency, e.fit) for e in results[:2])
    pair = book.entries[0]["pairs"][0]
    assert pair["rank_correlation"] == agreement(first, second)["rank_correlation"]


def test_documents(written: dict[str, Path]) -> None:
    data = written["html"].read_bytes().decode("utf-8")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(data)
    words = " ".join(" ".join(tree.itertext()).split())
    for expected in (
        "They differ in model, method",
        "A \u00b7 rectangle.onnx \u00b7 occlusion",
        "Mean rank correlations over all photographs.",
        "All models give the same answer to 0 of 2 photographs.",
        "B minus A",
        "photo 1.png",
        "decam explain",
    ):
        assert expected in words, expected
    pdf = PdfReader(written["pdf"], strict=True)
    texts = [page.extract_text() for page in pdf.pages]
    pages = [k for k, t in enumerate(texts) if "D minus A" in t]
    assert len(pages) == 2
    with Image.open(written["png"]) as picture:
        assert picture.width == 2008
        assert [round(d) for d in picture.info["dpi"]] == [300, 300]
    rows = list(csv.DictReader(io.StringIO(written["csv"].read_text(encoding="utf-8-sig"))))
    assert len(rows) == 12
    assert rows[0]["first"].startswith("A \u00b7 rectangle.onnx")


@pytest.mark.parametrize("kind", ["html", "pdf", "json"])
def test_a_comparison_is_verified(written: dict[str, Path], kind: str) -> None:
    found = verify(written[kind])
    assert (found.verdict, found.differences, found.deviations) == (SAME, (), ())


def test_models_that_moved(
    written: dict[str, Path], rectangle_onnx: Path, other_onnx: Path, tmp_path: Path
) -> None:
    moved = []
    for k, path in enumerate((rectangle_onnx, other_onnx)):
        place = tmp_path / f"{k}.onnx"
        for suffix in (".onnx", ".decam.json"):
            place.with_suffix(suffix).write_bytes(path.with_suffix(suffix).read_bytes())
        moved.append(place)
    # Each is found by its hash, in whatever order they are given.
    assert verify(written["json"], model=moved[::-1], sample=1).ok
    found = verify(written["json"], model=moved[0], sample=1)
    assert found.verdict == DIFFERENT
    assert all("SHA-256" in d.text for d in found.differences)


def test_changed_numbers_of_a_comparison(written: dict[str, Path], tmp_path: Path) -> None:
    record = json.loads(written["json"].read_text(encoding="utf-8"))
    record["entries"][0]["pairs"][0]["rank_correlation"] = 0.99
    path = tmp_path / "c.json"
    path.write_text(json.dumps(record))
    assert {d.where for d in verify(path, run=False).differences} == {"record"}
    text = written["html"].read_text(encoding="utf-8")
    page = tmp_path / "c.html"
    page.write_text(text.replace("to 0 of 2 photographs", "to 2 of 2 photographs", 1))
    assert {"document", "text"} <= {d.where for d in verify(page, run=False).differences}


def test_a_forged_number_is_drawn_again(written: dict[str, Path], tmp_path: Path) -> None:
    from decam_engine.reports.book_record import record_pieces

    book = open_book(written["json"])
    entries = json.loads(json.dumps(book.entries))
    entries[0]["pairs"][0]["rank_correlation"] = 0.99
    path = tmp_path / "c.json"
    path.write_text("".join(record_pieces(book.head, entries.__getitem__, "")))
    assert verify(path, run=False).verdict == UNCHANGED
    found = verify(path, sample=1)
    assert any("Expected rank correlation 0.99" in d.text for d in found.differences)


def test_nothing_to_compare(results: list[Explanation], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="at least two maps"):
        write_comparison(results[:1], tmp_path / "c.html")
    with pytest.raises(SettingsError, match="at least two maps"):
        write_comparison([results[0], results[5]], tmp_path / "c.html")
    with pytest.raises(SettingsError, match=r"\.png"):
        write_comparison(results, tmp_path / "c.docx")
    many = (dataclasses.replace(results[0], seed=k) for k in range(9))
    with pytest.raises(SettingsError, match="At most 8"):
        write_comparison(many, tmp_path / "c.html")
    assert list(tmp_path.iterdir()) == []


def test_a_gap_in_the_grid(results: list[Explanation], tmp_path: Path) -> None:
    files = write_comparison(
        [results[1], results[0], results[4]], [tmp_path / "c.html", tmp_path / "c.pdf"]
    )
    assert "There is no map of this photograph for A." in files[0].read_text(encoding="utf-8")
    for path in files:
        assert open_book(path).changes == ()


# --- the command -------------------------------------------------------------------------


def test_the_command_compares(
    rectangle_onnx: Path,
    photos: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    code = main(
        [
            *("compare", str(photos[0]), str(tmp_path / "missing.png"), str(photos[1])),
            *("--model", str(rectangle_onnx), "--method", "occlusion", "--calls", "40"),
            *("--target", "bright spot", "--target", "1", "--format", "html,json,csv"),
            *("--out", str(out), "--json"),
        ]
    )
    said = capsys.readouterr()
    assert code == 2
    assert "missing.png" in said.err
    record = json.loads(said.out)
    assert [Path(f).suffix for f in record["files"]] == [".html", ".json", ".csv"]
    assert [Path(f["photo"]).name for f in record["failures"]] == ["missing.png"]
    book = open_book(record["files"][1])
    assert [v["target"] for v in book.head["variants"]] == ["bright spot", "1"]
    assert len(book.entries) == 2
    assert main(["verify", record["files"][0]]) == 0


def test_the_command_compares_saved_results(
    results: list[Explanation], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = [
        str(next(f for f in e.save(tmp_path / "saved") if f.suffix == ".json")) for e in results[:2]
    ]
    assert main(["compare", *saved, "--out", str(tmp_path / "out"), "--format", "html"]) == 0
    path = tmp_path / "out" / "comparison.html"
    assert str(path) in capsys.readouterr().out
    assert verify(path).verdict == SAME


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a.png"], "--model"),
        (["a.png", "--model", "demo"], "two or more"),
        (["a.json", "b.png"], "Saved results"),
        (["a.json", "b.json", "--seed", "1"], "leave out --seed"),
        (["a.png", "--model", "demo", "--seed", "x", "--seed", "1"], "whole number"),
        (["a.png", "--model", "demo", "--seed", "0", "--seed", "1", "--format", "x"], "format"),
        (["a.png", "--model", "demo", "--method", "de", "--method", "x"], "method"),
        (["a.json", "b.json", "--name", "../x"], "--name"),
    ],
)
def test_bad_usage_is_one_sentence(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *words]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


# --- stability ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def steady(rectangle_onnx: Path, photos: list[Path]) -> Explanation:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    found = explain(model, load_image(photos[0]), calls=200, method="rise")
    return check_stability(model, found)


def test_stability_is_that_of_two_runs(
    steady: Explanation, rectangle_onnx: Path, photos: list[Path]
) -> None:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    other = explain(model, load_image(photos[0]), calls=200, method="rise", seed=1)
    expected = agreement(steady.input_saliency, other.input_saliency)
    found = dataclasses.asdict(steady.stability)
    assert found == {"seed": 1, "calls": other.calls, **expected}
    with pytest.raises(SettingsError, match="two seeds"):
        check_stability(model, steady, 0)


def test_stability_is_saved_shown_and_verified(steady: Explanation, tmp_path: Path) -> None:
    files = {f.suffix: f for f in steady.save(tmp_path, ["npy", "json", "html", "pdf"])}
    assert load_explanation(files[".json"]).stability == steady.stability
    c = contents(steady.manifest(), Template(), "")
    assert any("made again with the seed 1" in s for s in c.sure)
    assert "--stability" in command_line(json.loads(json.dumps(steady.manifest())))[0]
    for suffix in (".json", ".html", ".pdf"):
        assert verify(files[suffix]).verdict == SAME


def test_another_stability_is_noticed(steady: Explanation, tmp_path: Path) -> None:
    false = dataclasses.replace(steady.stability, value_correlation=0.999)
    forged = dataclasses.replace(steady, stability=false)
    path = forged.save(tmp_path, ["html"])[0]
    found = verify(path)
    assert any("stability" in d.where for d in (*found.differences, *found.deviations))
