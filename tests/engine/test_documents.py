"""HTML and PDF reports, figures and archives: valid, complete, self-contained, and safe."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import re
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import numpy as np
import pytest
from PIL import Image
from pypdf import PdfReader

from decam_engine import (
    Explanation,
    Photo,
    Prediction,
    Preprocessing,
    SettingsError,
    Template,
    check_faithfulness,
    explain,
    load_image,
    load_model,
    read_template,
)
from decam_engine.cli import main
from decam_engine.reports.command import command_line
from decam_engine.reports.contents import contents
from decam_engine.reports.fonts import MISSING
from decam_engine.reports.plain import for_shell, percent, plain, steadied
from decam_engine.reports.reading import open_report
from tests.fakes import BRIGHT, SIZE, Rectangles, box_model, bright_photo

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "<!--record-->",
    "--><!--",
    "../../etc/passwd",
    "a\0b\nc\x1b[31md\u2028e",
    "safe\u202egnp.exe\u2066\u200b\ufeff",
    "\udcff\udcfe\ud800",
    "x" * 10_000,
    "\u732b" * 10_000,
    "&amp; &#60; <b>",
    "`id` $(id) 'quoted' \\",
    "%s {0} ) Tj ET (",
    "",
]


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


def named(result: Explanation, text: str) -> Explanation:
    """The same with a hostile name, label, model name, notes and warnings."""
    target = dataclasses.replace(result.target, label=text)
    return dataclasses.replace(
        result,
        photo=dataclasses.replace(
            result.photo,
            name=text,
            path=None,
            notes=(text,),
            reading={**result.photo.reading, "format": text},
        ),
        target=target,
        predictions=tuple(dataclasses.replace(p, label=text) for p in result.predictions),
        model={**result.model, "name": text, "activation": text, "preprocessing_source": text},
        warnings=(text,),
    )


def saved(result: Explanation, folder: Path, kind: str, template: Template | None = None) -> bytes:
    (path,) = result.save(folder, [kind], template)
    return path.read_bytes()


def parsed(data: bytes) -> Any:
    """The tree of a document, by the rules of browsers; an error in it is an error here."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(data.decode("utf-8"))


def texts(tree: Any) -> Iterator[str]:
    for element in tree.iter():
        if element.tag not in ("script", "style") and element.text:
            yield element.text
        if element.tail:
            yield element.tail


# --- HTML --------------------------------------------------------------------------------


def test_html_is_valid_and_complete(result: Explanation, tmp_path: Path) -> None:
    tree = parsed(saved(result, tmp_path, "html"))
    assert tree.attrib["lang"] == "en"
    assert [h.text for h in tree.iter("h2")] == [
        "What was asked",
        "The answer",
        "How sure is it?",
        "What a reader must know",
        "How it was made",
        "How to get it again",
    ]
    assert len(list(tree.iter("h1"))) == 1
    words = " ".join(" ".join(texts(tree)).split())
    m = result.manifest()
    for expected in (
        "bright spot.png",
        "rectangle.onnx",
        f"{result.target.score:.3f}",
        percent(result.keep_region.fraction).replace("\u00a0", " "),
        percent(result.flip_region.fraction).replace("\u00a0", " "),
        f"{result.faithfulness.difference:.3f}",
        f"{result.baselines.centre:.3f}".replace("-", "\u2212"),
        m["photo"]["sha256"],
        m["model"]["sha256"],
        m["map_sha256"],
        "Its source the file .decam.json beside the model",
        "decam explain",
        "--seed 5",
        m["versions"]["onnxruntime"],
    ):
        assert expected in words, expected


def test_html_asks_for_nothing_from_outside(result: Explanation, tmp_path: Path) -> None:
    data = saved(result, tmp_path, "html")
    assert not re.search(rb"(?i)https?:|file:|@import|url\(", data.partition(b"<script")[0])
    tree = parsed(data)
    meta = {e.attrib.get("http-equiv"): e.attrib.get("content") for e in tree.iter("meta")}
    policy = meta["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    (style,) = tree.iter("style")
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert "url(" not in style.text
    assert "@import" not in style.text
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "href", "srcset", "action"), name
            if name == "src":
                assert value.startswith("data:image/png;base64,")
    (script,) = tree.iter("script")
    assert script.attrib["type"] == "application/json"
    assert json.loads(script.text)["manifest"]["seed"] == 5


def test_html_pictures_have_words_and_are_sharp(result: Explanation, tmp_path: Path) -> None:
    tree = parsed(saved(result, tmp_path, "html"))
    figures = list(tree.iter("figure"))
    assert len(figures) == 4
    for image in tree.iter("img"):
        assert len(image.attrib["alt"]) > 10
        data = base64.b64decode(image.attrib["src"].partition(",")[2])
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            assert max(picture.size) >= 256
            assert not picture.info.get("exif")
    assert [len(list(f.iter("figcaption"))) for f in figures] == [1] * 4
    assert sum(str(e.tag).endswith("}polyline") for e in tree.iter()) == 6
    assert all(e.attrib["scope"] for e in tree.iter("th"))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:30])
def test_hostile_text_in_html(result: Explanation, tmp_path: Path, text: str) -> None:
    odd = named(result, text)
    template = Template(title=text[:5000], organisation=text[:5000], notes=(text[:5000],))
    data = saved(odd, tmp_path, "html", template)
    plain_tree = parsed(
        saved(named(result, "x"), tmp_path / "plain", "html", Template("t", "o", notes=("n",)))
    )
    tree = parsed(data)

    # Not one element more, whatever the text holds (but a paragraph for each line of a note).
    def tags(t: Any) -> list[str]:
        return [e.tag for e in t.iter() if isinstance(e.tag, str) and e.tag not in ("p", "bdi")]

    if text:
        assert tags(tree) == tags(plain_tree)
    visible = "".join(texts(tree))
    hidden = [c for c in visible if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")]
    assert set(hidden) <= {"\n"}
    assert len(visible) < 40_000
    # Stored whole in the record.
    (script,) = tree.iter("script")
    assert json.loads(script.text)["manifest"]["target"]["label"] == text
    assert open_report(next(tmp_path.glob("*.html"))).changes == ()


# --- PDF ---------------------------------------------------------------------------------


def reader(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data), strict=True)


def fonts(pdf: PdfReader) -> dict[str, bool]:
    """Names of the fonts, and whether their letters are in the file."""
    found: dict[str, bool] = {}
    for page in pdf.pages:
        for font in page["/Resources"]["/Font"].values():
            below = font.get_object().get("/DescendantFonts")
            descriptor = (below[0].get_object() if below else font.get_object())["/FontDescriptor"]
            found[font.get_object()["/BaseFont"]] = "/FontFile2" in descriptor.get_object()
    return found


def test_pdf_is_valid_and_complete(result: Explanation, tmp_path: Path) -> None:
    pdf = reader(saved(result, tmp_path, "pdf", Template(organisation="An organisation")))
    assert 2 <= len(pdf.pages) <= 4
    used = fonts(pdf)
    assert all(used.values()), used
    assert {name.partition("+")[2][:8] for name in used} <= {"NotoSans", "DejaVuSa"}
    for k, page in enumerate(pdf.pages):
        text = page.extract_text()
        assert f"{k + 1} / {len(pdf.pages)}" in text
        width, height = (float(v) for v in page.mediabox[2:])
        assert (round(width), round(height)) == (595, 842)
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for expected in (
        "An organisation",
        "bright spot.png",
        f"{result.target.score:.3f}",
        "How sure is it?",
        "Insertion",
        "How to get it again",
        result.photo.sha256[:20],
        "--seed 5",
    ):
        assert expected in words, expected
    root = pdf.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert "/StructTreeRoot" in root
    assert next(o["/Title"] for o in pdf.outline if isinstance(o, dict)) == "What was asked"
    (content,) = pdf.attachments["decam-record.json"]
    assert json.loads(content)["manifest"] == json.loads(json.dumps(result.manifest()))


def test_everything_in_a_pdf_is_tagged(result: Explanation, tmp_path: Path) -> None:
    # A note that reaches over the end of a page.
    template = Template(organisation="Us", notes=tuple(["A long note. " * 380] * 2))
    pdf = reader(saved(result, tmp_path, "pdf", template))
    tree = pdf.trailer["/Root"]["/StructTreeRoot"]
    elements = [e.get_object() for e in tree["/K"][0].get_object()["/K"]]
    kinds = [e["/S"] for e in elements]
    assert (kinds.count("/H1"), kinds.count("/H2")) == (1, 6)
    assert kinds.count("/Figure") == 7
    assert all("/Alt" in e for e in elements if e["/S"] == "/Figure")
    assert kinds.count("/P") > 60
    numbers = tree["/ParentTree"].get_object()["/Nums"]
    for page in pdf.pages:
        place = list(numbers).index(page["/StructParents"])
        held = [e.get_object()["/K"][0] for e in numbers[place + 1].get_object()]
        data = page.get_contents().get_data()
        assert held == [int(n) for n in re.findall(rb"/MCID (\d+)>> BDC", data)]
        assert data.count(b"BDC") + data.count(b"BMC") == data.count(b"EMC")
        # No text outside of a tag.
        rest = re.sub(rb"(?s)(BDC|BMC).*?EMC", b"", data)
        assert b"Tj" not in rest
        assert b"TJ" not in rest


def test_pdf_charts_are_vectors_and_pictures_lossless(result: Explanation, tmp_path: Path) -> None:
    pdf = reader(saved(result, tmp_path, "pdf"))
    images = [i for p in pdf.pages for i in p["/Resources"].get("/XObject", {}).values()]
    assert all(i.get_object()["/Filter"] == "/FlateDecode" for i in images)
    # Photograph, map, kept, removed, colour bar: no chart among them.
    assert len({i.idnum for i in images if hasattr(i, "idnum")} or images) <= 5
    lines = sum(page.get_contents().get_data().count(b" l\n") for page in pdf.pages)
    assert lines > 6 * 50
    opened = open_report(next(tmp_path.glob("*.pdf")))
    assert opened.changes == ()
    assert set(opened.pictures) == {"photo", "map", "kept", "removed", "ramp"}


def test_letter_paper(result: Explanation, tmp_path: Path) -> None:
    pdf = reader(saved(result, tmp_path, "pdf", Template(paper="Letter")))
    assert [float(v) for v in pdf.pages[0].mediabox[2:]] == [612, 792]


@pytest.mark.parametrize(
    ("label", "font"),
    [
        ("\u0393\u03ac\u03c4\u03b1", "NotoSans"),
        ("\u041a\u043e\u0448\u043a\u0430", "NotoSans"),
        ("\u0642\u0637\u0629 \u0645\u062e\u0637\u0637\u0629", "DejaVuSa"),
        ("\u05d7\u05ea\u05d5\u05dc", "DejaVuSa"),
        ("\u864e\u6591\u732b", "DroidSan"),
        ("\u3068\u3089\u306d\u3053", "DroidSan"),
    ],
)
def test_scripts_in_pdf(result: Explanation, tmp_path: Path, label: str, font: str) -> None:
    odd = dataclasses.replace(result, target=Prediction(0, label, result.target.score))
    pdf = reader(saved(odd, tmp_path, "pdf"))
    used = {name.partition("+")[2][:8] for name, inside in fonts(pdf).items() if inside}
    assert font in used
    words = " ".join(page.extract_text() for page in pdf.pages)
    assert MISSING not in words
    if font != "DejaVuSa":  # letters that run from right to left come in the order drawn
        assert label in words
    assert open_report(next(tmp_path.glob("*.pdf"))).changes == ()


@pytest.mark.parametrize(
    "label", ["\u05d7\u05ea\u05d5\u05dc", "\u864e\u6591\u732b", "\u0e41\u0e21\u0e27"]
)
def test_what_follows_another_script_can_be_read(
    result: Explanation, tmp_path: Path, label: str
) -> None:
    odd = dataclasses.replace(
        result, predictions=tuple(dataclasses.replace(p, label=label) for p in result.predictions)
    )
    # Alone on its line, alone in its cell, and where a page ends within a paragraph.
    notes = (label, "File number 12/2026.", *[" ".join([label] * 900)] * 3, "Read on.")
    pdf = reader(saved(odd, tmp_path, "pdf", Template(notes=notes)))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for expected in ("File number 12/2026.", "Read on.", "insertion minus deletion is"):
        assert expected in words
    for prediction in result.predictions:
        assert f"{prediction.score:.3f}" in words


def test_letters_that_no_font_has_are_shown_and_said(result: Explanation, tmp_path: Path) -> None:
    odd = dataclasses.replace(result, target=Prediction(0, "\u0e41\u0e21\u0e27", 0.5))
    pdf = reader(saved(odd, tmp_path, "pdf"))
    words = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert MISSING * 3 in words
    assert "Letters that the fonts of this document lack" in words
    (content,) = pdf.attachments["decam-record.json"]
    assert json.loads(content)["manifest"]["target"]["label"] == "\u0e41\u0e21\u0e27"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:30])
def test_hostile_text_in_pdf(result: Explanation, tmp_path: Path, text: str) -> None:
    template = Template(title=text[:5000], organisation=text[:5000], notes=(text[:5000],))
    data = saved(named(result, text), tmp_path, "pdf", template)
    pdf = reader(data)
    assert len(pdf.pages) < 16
    assert not any(name in data for name in (b"/JavaScript", b"/Launch", b"/URI", b"/SubmitForm"))
    # How wide the first page is shown, and no action.
    assert pdf.trailer["/Root"]["/OpenAction"][1] == "/FitH"
    assert not any("/Annots" in page for page in pdf.pages)
    (content,) = pdf.attachments["decam-record.json"]
    assert json.loads(content)["manifest"]["target"]["label"] == text
    assert open_report(next(tmp_path.glob("*.pdf"))).changes == ()


# --- both --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1, 1), (28, 28), (100, 300), (300, 40), (1500, 1200)])
@pytest.mark.parametrize("rule", ["squash", "crop", "letterbox"])
def test_photographs_of_any_shape(size: tuple[int, int], rule: str, tmp_path: Path) -> None:
    photo = Photo.from_array(
        np.random.default_rng(0).integers(0, 256, (*size, 3)).astype(np.uint8), "any.png"
    )
    fed = dataclasses.replace(Preprocessing.unit(SIZE), resize=rule)
    model = load_model(Rectangles(BRIGHT), preprocessing=fed)
    found = explain(model, photo, calls=10, method="occlusion")
    for path in found.save(tmp_path, ["html", "pdf", "figure"]):
        if path.suffix != ".png":
            opened = open_report(path)
            assert opened.changes == ()
            shape = opened.pictures["map"].shape
            assert 400 <= max(shape) <= 1100
            assert abs(shape[0] / shape[1] - size[0] / size[1]) < 0.02 * size[0] / size[1]
    tree = parsed(next(tmp_path.glob("*.html")).read_bytes())
    words = " ".join(texts(tree))
    assert ("Hatched: not seen" in words) == (found.fit.seen_fraction < 1)


def test_small_pictures_keep_their_pixels(tmp_path: Path) -> None:
    photo = bright_photo(size=(28, 28))
    found = explain(box_model(Rectangles()), photo, calls=10, method="occlusion")
    found.save(tmp_path, ["html"])
    shown = open_report(next(tmp_path.glob("*.html"))).pictures["photo"]
    times = shown.shape[0] // 28
    np.testing.assert_array_equal(shown[::times, ::times], photo.pixels)
    np.testing.assert_array_equal(shown[times - 1 :: times, times - 1 :: times], photo.pixels)


def test_the_command_line_is_exact(result: Explanation, tmp_path: Path) -> None:
    command, notes = command_line(json.loads(json.dumps(result.manifest())))
    assert notes == ()
    code = f"""
import shlex, sys
from decam_engine.cli import main
words = shlex.split({command!r})
assert words[0] == "decam"
raise SystemExit(main([*words[1:], "--out", {str(tmp_path)!r}, "--json"]))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    manifest = next(
        Path(f) for f in json.loads(done.stdout)["results"][0]["files"] if f.endswith(".json")
    )
    again = json.loads(manifest.read_text(encoding="utf-8"))
    assert again["map_sha256"] == result.manifest()["map_sha256"]
    assert again["faithfulness"]["insertion"] == result.faithfulness.insertion


@pytest.mark.skipif(sys.platform == "win32", reason="no POSIX shell")
@pytest.mark.parametrize(
    "text", ["a b", "it's", "$(id) `id`", "a\nb\x1bc", "\u202ex", "\udcff", "\\"]
)
def test_words_for_a_shell(text: str) -> None:
    word = for_shell(text)
    assert word.isprintable()
    done = subprocess.run(["bash", "-c", f"printf %s {word}"], check=True, capture_output=True)
    assert done.stdout == text.encode("utf-8", "surrogateescape")


def test_nothing_hidden_is_left() -> None:
    assert plain("a\u202eb\0") == "a<U+202E>b<U+0000>"
    assert plain("x" * 500).endswith("\u2026 (500 characters)")
    assert plain("\u0646\u200c\u0627") == "\u0646\u200c\u0627"
    assert percent(0.9999) == "99.9\u00a0%"
    assert percent(0.0004) == "0.04\u00a0%"


def test_names_from_the_right_keep_what_follows_them() -> None:
    name = "\u05d7\u05ea\u05d5\u05dc \u05de\u05e0\u05d5\u05de\u05e8"
    assert steadied(f"A \u2068{name}\u2069 (2).jpg") == f"A {name}\u200e (2).jpg"
    assert steadied(f"{name}, {name}.") == f"{name}, {name}."
    assert steadied(f"{name} (number 2)") == f"\u200e{name}\u200e (number 2)"
    assert steadied("A \u2068cat\u2069.") == "A cat."


def test_words_for_another_class_and_a_stopped_run(rectangle_onnx: Path, photo_file: Path) -> None:
    model = load_model(rectangle_onnx, threads=1, batch_size=4)
    photo = load_image(photo_file)
    top = model.predict(photo)[0].index
    found = explain(model, photo, target=1 - top, calls=60)
    c = contents(found.manifest(), Template(), "2026-01-31 09:30")
    assert "own answer is" in c.asked[0].text
    assert any("not measured" in f.caption for f in c.figures)
    assert any("--faithfulness" in s for s in c.sure)
    stopped = explain(model, photo, calls=300, on_progress=lambda p: p.calls >= 100)
    c = contents(stopped.manifest(), Template(), "2026-01-31 09:30")
    assert any("Stopped at" in w for w in c.warnings)
    assert any("stopped by the user" in f.text for f in c.made)


# --- figure and archive ------------------------------------------------------------------


def test_the_figure_is_ready_to_print(result: Explanation, tmp_path: Path) -> None:
    (path,) = result.save(tmp_path, ["figure"])
    assert path.name.endswith(".figure.png")
    with Image.open(path) as picture:
        picture.load()
        assert picture.width == 2008
        assert [round(d) for d in picture.info["dpi"]] == [300, 300]
        assert picture.mode == "RGB"


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: ascii(t)[:30])
def test_hostile_text_in_a_figure(result: Explanation, tmp_path: Path, text: str) -> None:
    data = saved(named(result, text), tmp_path, "figure")
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.width == 2008


def test_the_archive_holds_all_arrays(result: Explanation, tmp_path: Path) -> None:
    (path,) = result.save(tmp_path, ["npz"])
    with np.load(path, allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["saliency"], result.saliency)
        np.testing.assert_array_equal(arrays["input_saliency"], result.input_saliency)
        np.testing.assert_array_equal(arrays["seen"], result.seen)
        np.testing.assert_array_equal(
            arrays["insertion_curve"], result.faithfulness.insertion_curve
        )
        assert arrays["history"].shape == (len(result.history), 2)


# --- templates ---------------------------------------------------------------------------


def test_a_template_from_a_file(result: Explanation, tmp_path: Path) -> None:
    Image.new("RGB", (900, 300), (0, 90, 160)).save(tmp_path / "logo.png")
    toml = tmp_path / "template.toml"
    toml.write_text(
        'title = "A report"\norganisation = "Us"\nlogo = "logo.png"\nnotes = "One.\\nTwo."\n'
        'paper = "Letter"\n'
    )
    found = read_template(toml)
    assert (found.title, found.organisation, found.paper) == ("A report", "Us", "Letter")
    with Image.open(io.BytesIO(found.logo)) as logo:
        assert logo.size == (480, 160)
    as_json = tmp_path / "template.json"
    as_json.write_text(json.dumps(tomllib.loads(toml.read_text())))
    assert read_template(as_json) == found
    assert Template.from_record(json.loads(json.dumps(found.record()))) == found
    tree = parsed(saved(result, tmp_path / "out", "html", found))
    assert next(tree.iter("img")).attrib["alt"] == "Logo of Us"
    assert "A report" in "".join(texts(tree))
    words = reader(saved(result, tmp_path / "out", "pdf", found)).pages[0].extract_text()
    assert "A report" in words
    assert "Two." in words
    for path in (tmp_path / "out").iterdir():
        assert open_report(path).changes == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "could not be read"),
        ("[]", "must hold some of"),
        ('{"titel": "x"}', "titel"),
        ('{"title": 3}', "must be text"),
        ('{"notes": [1]}', "must be text"),
        ('{"paper": "A3"}', "A4, Letter"),
        ('{"logo": "missing.png"}', "logo"),
        ('{"logo": "a\\u0000b"}', "logo"),
        ('{"logo": 3}', "logo"),
        ('{"title": "' + "x" * 6000 + '"}', "5,000"),
    ],
)
def test_unusable_templates(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        read_template(path)


def test_the_command_writes_reports(
    rectangle_onnx: Path, photo_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = tmp_path / "t.json"
    template.write_text('{"title": "Of the command"}')
    code = main(
        [
            *("explain", str(photo_file), "--model", str(rectangle_onnx), "--calls", "60"),
            *("--no-tune", "--format", "png,npy,json,html,pdf", "--faithfulness"),
            *("--report-template", str(template), "--out", str(tmp_path / "out"), "--json"),
        ]
    )
    assert code == 0
    files = json.loads(capsys.readouterr().out)["results"][0]["files"]
    assert [Path(f).suffix for f in files] == [".png", ".png", ".npy", ".json", ".html", ".pdf"]
    words = " ".join(texts(parsed(Path(files[4]).read_bytes())))
    assert "Of the command" in words
    assert "Centred blob" in words
    assert main(["explain", "x", "--model", "y", "--report-template", str(tmp_path)]) == 2


# --- packaging ---------------------------------------------------------------------------


def test_a_wheel_holds_templates_and_fonts(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("reports", "fonts"):
        for path in (ROOT / "resources" / folder).iterdir():
            assert f"decam_engine/resources/{folder}/{path.name}" in held
