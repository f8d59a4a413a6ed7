"""Reports of many results: complete, valid, safe, checked; and what deserves a look."""

from __future__ import annotations

import base64
import csv
import dataclasses
import gc
import hashlib
import io
import json
import re
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from decam_engine import (
    Explanation,
    ExportError,
    Failure,
    Photo,
    SettingsError,
    Template,
    explain,
    load_image,
    load_model,
    verify,
    write_collection,
)
from decam_engine.cli import main
from decam_engine.reports.attention import disagreements, ordered, reasons
from decam_engine.reports.book_html import CLOSING, OPENING
from decam_engine.reports.book_reading import open_book
from decam_engine.reports.book_record import RECORD_HASH, book_hash, entry_hash
from decam_engine.reports.class_means import ClassMeans
from decam_engine.reports.html import SLOT, page_hash
from decam_engine.reports.table import COLUMNS, csv_head, csv_line, failure_row, measures, table_row
from decam_engine.verify import DIFFERENT, PARTLY, SAME, UNCHANGED
from tests.fakes import SIZE, Rectangles, box_model, bright_photo

HOSTILE = [
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}<!--record-->",
    "../../etc/passwd",
    "a\0b\nc\x1b[31md\u2028e\u202egnp.exe",
    "\udcff\udcfe\ud800",
    "x" * 3_000,
    "\u0642\u0637\u0629 \u05d7\u05ea\u05d5\u05dc \u864e\u6591\u732b",
    "",
]


@pytest.fixture(scope="module")
def manifests(rectangle_onnx: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Saved results of three photographs."""
    folder = tmp_path_factory.mktemp("results")
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    found = []
    for k, size in enumerate([(90, 120), (64, 64), (60, 180)]):
        path = folder / f"photo {k}.png"
        h, w = size
        box = (h // 5, w // 2, h // 2, 4 * w // 5)
        Image.fromarray(bright_photo(box, size=size).pixels).save(path)
        result = explain(model, load_image(path), calls=60, method="occlusion")
        found.append(next(f for f in result.save(folder) if f.suffix == ".json"))
    return found


@pytest.fixture(scope="module")
def written(manifests: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    results = [*manifests, Failure("broken <b>.png", "It is no image.", "rectangle.onnx")]
    template = Template(title="A title", organisation="An organisation", notes=("A note.",))
    files = write_collection(
        results, [folder / f"r.{k}" for k in ("html", "pdf", "csv")], template=template
    )
    return {f.suffix[1:]: f for f in files}


def parsed(data: bytes) -> Any:
    """The tree of a document, by the rules of browsers; an error in it is an error here."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(data.decode("utf-8"))


def words_in(tree: Any) -> str:
    return " ".join(
        " ".join(
            t for e in tree.iter() if e.tag not in ("script", "style") for t in shown(e)
        ).split()
    )


def shown(element: Any) -> Iterator[str]:
    yield element.text or ""
    yield element.tail or ""


# --- the documents -----------------------------------------------------------------------


def test_html_is_valid_complete_and_alone(written: dict[str, Path]) -> None:
    data = written["html"].read_bytes()
    assert not re.search(rb"(?i)https?:|file:|@import|url\(", data.partition(b"<script")[0])
    tree = parsed(data)
    headings = [re.sub(r"\s+", " ", "".join(h.itertext())) for h in tree.iter("h2")]
    assert headings[:5] == [
        "What was asked",
        "At a glance",
        "What a reader must know",
        "The average map of each class",
        "Contents",
    ]
    assert [h.partition(". ")[0] for h in headings[5:8]] == ["2", "3", "4"]
    anchors = {e.attrib["id"] for e in tree.iter() if "id" in e.attrib}
    links = [e.attrib["href"] for e in tree.iter("a")]
    assert len(links) >= 9
    assert all(link.startswith("#") and link[1:] in anchors for link in links)
    images = [e.attrib["src"] for e in tree.iter("img")]
    assert all(re.match(r"data:image/(png|jpeg);base64,", source) for source in images)
    meta = {e.attrib.get("http-equiv"): e.attrib.get("content") for e in tree.iter("meta")}
    (style,) = tree.iter("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in meta["Content-Security-Policy"]
    words = words_in(tree)
    for expected in (
        "A title",
        "An organisation",
        "A note.",
        "3 of 4 explained; 1 could not be",
        "broken <b>.png",
        "It is no image.",
        "photo 2.png",
        "bright spot",
        "decam explain",
    ):
        assert expected in words, expected
    (script,) = tree.iter("script")
    assert len(json.loads(script.text)["entries"]) == 4


def test_pdf_has_a_page_each_and_numbers_in_the_contents(written: dict[str, Path]) -> None:
    pdf = PdfReader(written["pdf"], strict=True)
    texts = [page.extract_text() for page in pdf.pages]
    for k, text in enumerate(texts):
        assert f"{k + 1} / {len(texts)}" in text
    starts = {}
    for number in (2, 3, 4):
        (page,) = [k for k, t in enumerate(texts) if re.search(rf"(?m)^{number}\. photo", t)]
        starts[number] = page
        assert "How to get it again" in texts[page]
    assert sorted(starts.values()) == list(range(min(starts.values()), max(starts.values()) + 1))
    links = [a.get_object() for page in pdf.pages[: starts[2]] for a in page.get("/Annots", [])]
    assert len(links) == 3
    targets = [pdf.get_page_number(link["/Dest"][0].get_object()) for link in links]
    assert targets == sorted(starts.values())
    assert all("/A" not in link for link in links)
    embedded = [
        "/FontFile2" in f.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for page in pdf.pages
        for f in page["/Resources"]["/Font"].values()
    ]
    assert all(embedded)
    assert "/StructTreeRoot" in pdf.trailer["/Root"]
    figures = [e.get_object() for e in pdf.trailer["/Root"]["/StructTreeRoot"]["/K"]]
    assert figures


def test_letter_paper(manifests: list[Path], tmp_path: Path) -> None:
    (path,) = write_collection(manifests[:1], tmp_path / "r.pdf", template=Template(paper="Letter"))
    assert [float(v) for v in PdfReader(path).pages[0].mediabox[2:]] == [612, 792]


def test_the_table_has_a_row_each(written: dict[str, Path], manifests: list[Path]) -> None:
    data = written["csv"].read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert list(rows[0]) == list(COLUMNS)
    assert next(r["photo"] for r in rows) == "broken <b>.png"
    by_name = {r["photo"]: r for r in rows}
    record = json.loads(manifests[0].read_text(encoding="utf-8"))
    row = by_name[record["photo"]["name"]]
    assert row["map_sha256"] == record["map_sha256"]
    assert float(row["target_score"]) == pytest.approx(record["target"]["score"], rel=1e-6)
    assert float(row["border_share"]) < 0.9


def test_results_are_let_go_one_by_one(rectangle_onnx: Path, tmp_path: Path) -> None:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    living: list[weakref.ref[Explanation]] = []

    def results() -> Iterator[Explanation]:
        for k in range(4):
            gc.collect()
            assert sum(r() is not None for r in living) <= 1
            photo = bright_photo(size=(40 + k, 64))
            found = explain(model, photo, calls=10, method="occlusion")
            living.append(weakref.ref(found))
            yield found
            del found

    (path,) = write_collection(results(), tmp_path / "r.html")
    book = open_book(path)
    assert book is not None
    assert len(book.entries) == 4


def test_pages_are_bounded_and_the_rest_is_listed(manifests: list[Path], tmp_path: Path) -> None:
    (path,) = write_collection(manifests, tmp_path / "r.html", order="name", pages=1)
    tree = parsed(path.read_bytes())
    assert len([s for s in tree.iter("section") if s.attrib.get("class") == "page"]) == 1
    assert "Pages: 1, for the first in this order." in words_in(tree)
    assert verify(path).verdict == PARTLY


def test_what_cannot_be_read_is_a_recorded_failure(manifests: list[Path], tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.json"
    damaged.write_text("{")
    moved = tmp_path / "moved.json"
    record = json.loads(manifests[0].read_text(encoding="utf-8"))
    record["photo"]["path"] = None
    record["photo"]["name"] = "gone.png"
    moved.write_text(json.dumps(record))
    moved.with_suffix(".npy").write_bytes(manifests[0].with_suffix(".npy").read_bytes())
    (path,) = write_collection([damaged, moved, manifests[1]], tmp_path / "r.html")
    words = words_in(parsed(path.read_bytes()))
    assert "damaged.json not explained" in words
    assert "is not where it was" in words
    assert open_book(path).changes == ()


def test_only_failures(tmp_path: Path) -> None:
    files = write_collection(
        [Failure("a.png", "No."), Failure("b.png", "No, too.")],
        [tmp_path / "r.html", tmp_path / "r.pdf"],
    )
    for path in files:
        assert open_book(path).changes == ()
        assert verify(path).verdict == UNCHANGED


def test_unusable_arguments(manifests: list[Path], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.html"):
        write_collection(manifests, tmp_path / "r.docx")
    with pytest.raises(SettingsError, match="look"):
        write_collection(manifests, tmp_path / "r.html", order="best")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="could not be written"):
        write_collection(manifests, tmp_path / "file" / "r.html")
    assert {p.name for p in tmp_path.iterdir()} == {"file"}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:30])
def test_hostile_names(manifests: list[Path], tmp_path: Path, text: str) -> None:
    from decam_engine import load_explanation

    e = load_explanation(manifests[0])
    target = dataclasses.replace(e.target, label=text)
    odd = dataclasses.replace(
        e,
        photo=dataclasses.replace(e.photo, name=text, path=None, notes=(text,)),
        target=target,
        predictions=tuple(dataclasses.replace(p, label=text) for p in e.predictions),
        model={**e.model, "name": text},
        warnings=(text,),
    )
    template = Template(title=text, organisation=text, notes=(text,))
    files = write_collection(
        [odd, Failure(text, text, text)],
        [tmp_path / "r.html", tmp_path / "r.pdf", tmp_path / "r.csv"],
        template=template,
    )
    data = files[0].read_bytes()
    tree = parsed(data)
    assert len(list(tree.iter("script"))) == 1
    assert not [a for e in tree.iter() for a in e.attrib if a.startswith("on")]
    pdf = files[1].read_bytes()
    assert not any(name in pdf for name in (b"/JavaScript", b"/Launch", b"/URI", b"/SubmitForm"))
    for path in files[:2]:
        book = open_book(path)
        assert book.changes == ()
        assert {e["row"]["photo"] for e in book.entries} == {text}
    lines = files[2].read_bytes().decode("utf-8-sig", "replace").split("\r\n")
    assert len(lines) == 4


def test_no_cell_is_a_formula() -> None:
    rows = [failure_row(t, t) for t in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1")]
    data = (csv_head() + b"".join(map(csv_line, rows))).decode("utf-8-sig")
    for row in csv.DictReader(io.StringIO(data)):
        assert not row["photo"].strip().startswith(("=", "+", "-", "@"))


# --- what deserves a look ----------------------------------------------------------------


def test_where_the_evidence_lies() -> None:
    spot = np.zeros((50, 50), dtype=np.float32)
    spot[20:30, 20:30] = 1.0
    found = measures(spot)
    assert found["border_share"] == 0
    assert found["half_area"] == pytest.approx(0.02, abs=0.001)
    assert found["centre_x"] == pytest.approx(0.5)
    even = measures(np.ones((50, 50), dtype=np.float32))
    assert even["border_share"] == pytest.approx(0.36)
    assert even["half_area"] == pytest.approx(0.5, abs=0.001)
    assert measures(np.zeros((5, 5), dtype=np.float32)) == {}


def test_reasons_and_orders(manifests: list[Path]) -> None:
    record = json.loads(manifests[0].read_text(encoding="utf-8"))
    base = table_row(record, {"border_share": 0.1, "half_area": 0.05})
    base.update(top_score=0.9, second_score=0.05, target_label="a")
    rows = [
        base,
        {**base, "photo": "z", "border_share": 0.8},
        {**base, "photo": "y", "top_score": 0.2},
        {**base, "photo": "x", "half_area": 0.4},
        {
            **base,
            "photo": "w",
            "insertion": 0.4,
            "deletion": 0.3,
            "centre_baseline": 0.5,
            "random_baseline": 0.0,
        },
        {**base, "photo": "v", "stop_reason": "failed"},
        failure_row("u", "No."),
        {**base, "photo": "t", "stability": 0.1},
    ]
    kinds = [[r.kind for r in reasons(row)] for row in rows]
    assert kinds == [
        [],
        ["border"],
        ["confidence"],
        ["background"],
        ["faithfulness"],
        ["stopped"],
        ["failed"],
        ["stability"],
    ]
    assert [rows[k]["photo"] for k in ordered(rows, "look")][:2] == ["u", "v"]
    assert ordered(rows, "look")[-1] == 0
    assert ordered(rows, "given") == list(range(8))
    assert rows[ordered(rows, "confidence")[1]]["photo"] == "y"
    other = {**base, "model_sha256": "f" * 64, "top_label": "something else"}
    assert disagreements([base, other]) == {base["photo_sha256"]}
    assert disagreements([base, {**other, "top_label": base["top_label"]}]) == set()


def test_the_average_map_of_a_class() -> None:
    means = ClassMeans()
    left, right = (np.zeros((112, 112), dtype=np.float32) for _ in range(2))
    left[:, :56], right[:, 56:] = 1.0, 1.0
    means.add("a", left)
    means.add("a", right)
    means.add("b", left)
    found = list(means.means())
    assert [(label, count) for label, count, _ in found] == [("a", 2), ("b", 1)]
    np.testing.assert_allclose(found[0][2], 0.5)
    np.testing.assert_allclose(found[1][2][:, :28], 1.0)


# --- verification ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_a_good_report_is_the_same(written: dict[str, Path], kind: str) -> None:
    found = verify(written[kind])
    assert (found.verdict, found.differences, found.deviations) == (SAME, (), ())
    assert found.notes == ()
    assert verify(written[kind], run=False).verdict == UNCHANGED
    assert verify(written[kind], sample=1).verdict == PARTLY


def test_a_changed_number(written: dict[str, Path], tmp_path: Path) -> None:
    text = written["html"].read_text(encoding="utf-8")
    page, opening, rest = text.partition(OPENING)
    changed = page.replace("3 of 4 explained", "4 of 4 explained", 1)
    assert changed != page
    path = tmp_path / "r.html"
    path.write_text(changed + opening + rest, encoding="utf-8")
    found = verify(path, run=False)
    assert found.verdict == DIFFERENT
    assert {"document", "text"} <= {d.where for d in found.differences}
    assert any("3 of 4 explained" in d.text for d in found.differences)


def test_swapped_pictures(written: dict[str, Path], tmp_path: Path) -> None:
    text = written["html"].read_text(encoding="utf-8")
    sources = list(dict.fromkeys(re.findall(r"data:image/[a-z]+;base64,[\w+/=]+", text)))
    stream = io.BytesIO()
    Image.new("RGB", (10, 10)).save(stream, format="JPEG")
    other = f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
    path = tmp_path / "r.html"
    path.write_text(text.replace(sources[-2], other), encoding="utf-8")
    found = verify(path, run=False)
    assert any(d.where.startswith("picture ") for d in found.differences)


def test_a_forged_entry_passes_the_hashes_and_not_the_run(
    written: dict[str, Path], tmp_path: Path
) -> None:
    from decam_engine.reports.book_html import write_book_html
    from decam_engine.reports.photos_book import photos_book

    book = open_book(written["html"])
    entries = json.loads(json.dumps(book.entries))
    entries[1]["manifest"]["target"]["score"] = 0.987
    entries[1]["row"]["target_score"] = 0.987
    path = tmp_path / "forged.html"
    with path.open("wb") as stream:
        write_book_html(
            stream,
            photos_book(book.head, entries.__getitem__),
            book.head,
            entries.__getitem__,
            book.pictures.__getitem__,
            b"",
        )
    assert verify(path, run=False).verdict == UNCHANGED
    found = verify(path)
    assert found.verdict == DIFFERENT
    assert any("target" in d.where and "0.987" in d.text for d in found.differences)


def test_a_changed_record_is_noticed(written: dict[str, Path], tmp_path: Path) -> None:
    text = written["html"].read_text(encoding="utf-8")
    path = tmp_path / "r.html"
    path.write_text(text.replace('"calls":60', '"calls":61', 1), encoding="utf-8")
    assert "record" in {d.where for d in verify(path, run=False).differences}


def test_a_report_that_another_program_wrote_anew(written: dict[str, Path], tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(written["pdf"].read_bytes())))
    writer.add_metadata({"/Producer": "Another Writer"})
    kept = tmp_path / "kept.pdf"
    writer.write(kept)
    found = verify(kept, run=False)
    assert any("another program (Another Writer)" in note for note in found.notes)
    assert (found.verdict, found.differences) == ("not run again", ())
    assert "every page looks as it did" in found.deviations[0].text
    contents = writer.pages[0]["/Contents"].get_object()
    contents.set_data(contents.get_data() + b"\n1 1 1 rg 0 0 300 842 re f\n")
    covered = tmp_path / "covered.pdf"
    writer.write(covered)
    found = verify(covered, run=False)
    assert found.verdict == "different"
    assert any("Page 1 looks otherwise" in d.text for d in found.differences)
    printed = PdfWriter()
    for page in PdfReader(written["pdf"]).pages:
        printed.add_page(page)
    lost = tmp_path / "lost.pdf"
    printed.write(lost)
    with pytest.raises(ExportError, match=r"printed or saved again by another program \(pypdf"):
        verify(lost)


def test_photographs_and_model_elsewhere(
    written: dict[str, Path], manifests: list[Path], rectangle_onnx: Path, tmp_path: Path
) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in manifests[0].parent.glob("*.png"):
        if not path.name.endswith((".overlay.png", ".map.png")):
            (photos / path.name).write_bytes(path.read_bytes())
    model = tmp_path / "moved.onnx"
    for suffix in (".onnx", ".decam.json"):
        model.with_suffix(suffix).write_bytes(rectangle_onnx.with_suffix(suffix).read_bytes())
    assert verify(written["html"], model=model, image=photos).ok


def test_the_hash_of_a_record_covers_everything(written: dict[str, Path]) -> None:
    book = open_book(written["html"])
    hashes = [entry_hash(e) for e in book.entries]
    assert book_hash(book.head, hashes) == book.head[RECORD_HASH]
    assert book_hash({**book.head, "order": "name"}, hashes) != book.head[RECORD_HASH]
    assert book_hash(book.head, hashes[::-1]) != book.head[RECORD_HASH]
    page = written["html"].read_text(encoding="utf-8").partition(OPENING)[0]
    assert page_hash(page + OPENING + SLOT + CLOSING) == book.head["pages_sha256"]


def test_small_and_wide_photographs(tmp_path: Path) -> None:
    model = box_model(Rectangles())
    rng = np.random.default_rng(0)
    results = [
        explain(
            model,
            Photo.from_array(rng.integers(0, 256, (*size, 3)).astype(np.uint8), f"{size}.png"),
            calls=10,
            method="occlusion",
        )
        for size in ((1, 1), (28, 28), (40, 120), (900, 30), SIZE)
    ]
    files = write_collection(results, [tmp_path / "r.html", tmp_path / "r.pdf"])
    for path in files:
        assert open_book(path).changes == ()
    assert (
        len([t for t in PdfReader(files[1]).pages if "Only what matters" in t.extract_text()]) == 5
    )


def test_the_command_writes_one_report(
    manifests: list[Path],
    rectangle_onnx: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    photos = [str(manifests[k].parent / f"photo {k}.png") for k in (0, 1)]
    together = [tmp_path / "all.html", tmp_path / "all.csv"]
    words = ["explain", *photos, str(tmp_path / "missing.png"), "--model", str(rectangle_onnx)]
    words += ["--method", "occlusion", "--calls", "40", "--no-tune", "--out", str(tmp_path / "o")]
    words += ["--together", str(together[0]), "--together", str(together[1]), "--json"]
    assert main(words) == 2
    record = json.loads(capsys.readouterr().out)
    assert record["together"] == [str(p) for p in together]
    assert [e["row"]["error"] is None for e in open_book(together[0]).entries] == [
        False,
        True,
        True,
    ]
    assert verify(together[0]).verdict == SAME
    assert main([*words, "--format", "html"]) == 2
    assert "json,npy" in capsys.readouterr().err


def test_what_cannot_be_written_is_said_before_anything_is_explained(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["explain", str(tmp_path / "none.png"), "--model", "demo", "--together"]
    assert main([*asked, str(tmp_path / "all.xlsx")]) == 2
    assert "ends in one of .html, .pdf, .csv, .parquet" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main([*asked, str(tmp_path / "all.parquet")]) == 2
    assert "decam-studio[parquet]" in capsys.readouterr().err
