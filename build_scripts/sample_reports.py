"""Sample reports, to be looked at: one photograph, a panorama, a digit, a stopped run, odd names,
thirty photographs with a failed job, and a comparison of methods and seeds.

sample_reports.py [FOLDER] [--calls N]    default: results/samples, 500 calls

Made with the bundled model (the digit: with a small linear one that is made here). With --look,
each PDF page and each HTML file at the width of a desk and of a telephone become pictures, by
``pdftoppm`` and ``chromium``, where they are installed.
"""

from __future__ import annotations

import argparse
import dataclasses
import html
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from decam_engine import (
    BlackBox,
    Explanation,
    Failure,
    Photo,
    Prediction,
    Preprocessing,
    Progress,
    Template,
    check_faithfulness,
    check_stability,
    demo_model,
    demo_photos,
    explain,
    load_image,
    load_model,
    write_collection,
    write_comparison,
)

FORMATS = ("figure", "html", "pdf")
NAMES = {
    "greek": "Γάτα τιγρέ",
    "cyrillic": "Полосатая кошка",
    "arabic": "قطة مخططة",
    "hebrew": "חתול מנומר",
    "chinese": "虎斑猫",
    "thai": "แมวลาย",
    "hostile": "<script>alert(1)</script>\u202egnp.exe\x07 & \u201cquotes\u201d",
}
DESK, TELEPHONE = (1100, 3600), (390, 5200)
# The browser's window is no narrower; a telephone's page stands in a frame in it.
NARROWEST = 500
BROWSER = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--hide-scrollbars"),
)


def one_photo(model: BlackBox, calls: int) -> Explanation:
    """A photograph with everything measured."""
    found = explain(model, load_image(demo_photos()[0]), calls=calls)
    return check_stability(model, check_faithfulness(model, found))


def panorama(model: BlackBox, calls: int) -> Explanation:
    """Three times as wide as high, of which the model sees the middle."""
    cup = Image.fromarray(load_image(demo_photos()[1]).pixels)
    width, height = cup.size
    band = cup.resize((width, width * height // width)).crop((0, 40, width, 40 + width // 3))
    return explain(model, Photo.from_array(np.asarray(band), "panorama.jpg"), calls=calls)


def digit() -> Explanation:
    """28 x 28 pixels, and a model that looks at the upper bar of a seven."""
    drawing = Image.new("L", (28, 28), 0)
    pen = ImageDraw.Draw(drawing)
    pen.line([(7, 7), (20, 7), (12, 22)], fill=255, width=3)

    def seven(batch: np.ndarray) -> np.ndarray:
        bar = batch[:, 0, 5:9, 6:21].mean(axis=(1, 2))
        return np.stack([12.0 * bar - 5.0, np.zeros_like(bar), 4.0 * (0.4 - bar)], axis=1)

    model = load_model(
        seven,
        preprocessing=dataclasses.replace(Preprocessing.unit(), size=(28, 28), channels="L"),
        labels=["seven", "one", "four"],
    )
    return explain(model, Photo.from_array(np.asarray(drawing), "digit.png"), calls=500)


def stopped(model: BlackBox, calls: int) -> Explanation:
    """Cancelled on its way."""

    def stop(progress: Progress) -> bool:
        return progress.calls >= calls // 2

    return explain(model, load_image(demo_photos()[2]), calls=calls, on_progress=stop)


def named(found: Explanation, label: str) -> Explanation:
    """The same with another class name, and a photograph of that name."""
    target = Prediction(found.target.index, label, found.target.score)
    others = tuple(target if p.index == target.index else p for p in found.predictions)
    photo = dataclasses.replace(found.photo, name=f"{label}.jpg")
    return dataclasses.replace(found, photo=photo, target=target, predictions=others)


def thirty(
    model: BlackBox, digit_found: Explanation, wide: Explanation, calls: int
) -> Iterator[Any]:
    """Cut-outs of the bundled photographs, a digit, a panorama, two failed jobs."""
    for path in demo_photos():
        pixels = load_image(path).pixels
        h, w = pixels.shape[:2]
        for k in range(7):
            y, x = k * h // 28, (6 - k) * w // 28
            cut = np.ascontiguousarray(pixels[y : y + 3 * h // 4, x : x + 3 * w // 4])
            yield explain(model, Photo.from_array(cut, f"{path.stem}-{k}.jpg"), calls=calls)
    yield digit_found
    yield wide
    yield Failure("empty.jpg", "The file is empty; expected an image.", model.describe()["name"])
    yield Failure("notes <b>.txt", "It is no image: expected JPEG, PNG, TIFF, ... .")


def compared(model: BlackBox, calls: int) -> Iterator[Explanation]:
    """Four photographs by two seeds and another method."""
    for path in demo_photos():
        photo = load_image(path)
        for method, seed in (("de", 0), ("de", 1), ("rise", 0)):
            found = explain(model, photo, calls=calls, method=method, seed=seed)
            yield check_faithfulness(model, found) if path == demo_photos()[0] else found


def look(folder: Path) -> None:
    """Pictures of all pages."""
    for pdf in sorted(folder.rglob("*.pdf")):
        subprocess.run(["pdftoppm", "-r", "70", "-png", pdf, pdf.with_suffix("")], check=True)
    for page in sorted(folder.rglob("*.html")):
        for name, (width, height) in (("desk", DESK), ("telephone", TELEPHONE)):
            with tempfile.TemporaryDirectory() as profile:
                picture = page.with_suffix(f".{name}.png")
                command = [*BROWSER, f"--user-data-dir={profile}", f"--screenshot={picture}"]
                size = f"--window-size={max(NARROWEST, width)},{height}"
                address = page.resolve().as_uri()
                if width < NARROWEST:
                    frame = Path(profile) / "frame.html"
                    style = f"width:{width}px;height:{height}px;border:0"
                    source = html.escape(address)
                    frame.write_text(
                        f'<body style="margin:0"><iframe src="{source}" style="{style}"></iframe>'
                    )
                    address = frame.as_uri()
                subprocess.run(
                    [*command, "--allow-file-access-from-files", size, address],
                    check=True,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )


def main(arguments: list[str] | None = None) -> int:
    """Write the samples and say where they are."""
    parser = argparse.ArgumentParser(description="Make sample reports.")
    parser.add_argument("folder", nargs="?", default="results/samples")
    parser.add_argument("--calls", type=int, default=500, help="of each explanation")
    parser.add_argument("--look", action="store_true", help="make pictures of all pages")
    options = parser.parse_args(arguments)
    folder = Path(options.folder)
    if options.look and not (shutil.which("pdftoppm") and shutil.which("chromium")):
        print("sample_reports.py: --look needs pdftoppm and chromium on PATH", file=sys.stderr)
        return 2
    model = load_model(demo_model(), tune=False)
    template = Template(
        title="Report on a decision",
        organisation="The Example Institute",
        notes=("File number 12/2026. Made for the hearing of the objection.",),
    )
    makers: dict[str, tuple[Callable[[], Explanation], Template]] = {
        "one": (lambda: one_photo(model, options.calls), template),
        "panorama": (lambda: panorama(model, options.calls), Template(paper="Letter")),
        "digit": (digit, Template()),
        "stopped": (lambda: stopped(model, options.calls), Template()),
    }
    found: dict[str, Explanation] = {}
    for name, (make, used) in makers.items():
        found[name] = make()
        for file in found[name].save(folder / name, FORMATS, used):
            print(file)
    for name, label in NAMES.items():
        for file in named(found["one"], label).save(folder / "names" / name, FORMATS):
            print(file)
    made = thirty(model, found["digit"], found["panorama"], max(60, options.calls // 5))
    for file in write_collection(
        made,
        [folder / "thirty" / f"report.{kind}" for kind in ("html", "pdf", "csv")],
        template=template,
    ):
        print(file)
    for file in write_comparison(
        compared(model, max(60, options.calls // 2)),
        [
            folder / "comparison" / f"report.{kind}"
            for kind in ("html", "pdf", "png", "csv", "json")
        ],
    ):
        print(file)
    if options.look:
        look(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
