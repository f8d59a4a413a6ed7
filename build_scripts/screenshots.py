"""Pictures of the window in its states, from a real run of the bundled demo.

    python build_scripts/screenshots.py out/                 1280 x 800, light and dark
    python build_scripts/screenshots.py out/ --scale 2       the same on a 2x screen
    python build_scripts/screenshots.py out/ --small DIR     and small ones for the README
    python build_scripts/screenshots.py out/ --sheet         the sheet: every state that matters at
                                                             1280 x 800, 1920 x 1080 and on a 2x
                                                             screen, light and dark, one picture
    python build_scripts/screenshots.py out/ --language de   in another language

Starts a virtual screen (Xvfb) by itself where there is none, because the offscreen platform
knows too few fonts to judge how things look.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decam_gui.main_window import MainWindow
    from decam_gui.session import Session
    from decam_gui.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
SIZE = (1280, 800)
STATES = (
    "empty", "photo-only", "ready", "running", "done", "cancelled", "trouble",
    "side", "curtain", "keep", "remove", "contours",
    "unchecked", "checking", "checked", "second-seed",
    "what-if", "compare", "loading", "failed", "200-photos", "export", "books", "settings",
    "assumed", "rereading", "refused", "doctor-plan", "doctor-running", "doctor",
    "doctor-used", "chosen",
)  # fmt: skip
# Those whose model is the bundled one without its sidecar.
STRIPPED = STATES[STATES.index("assumed") :]
# Those that show a finished run in another mode of the viewer.
MODES = STATES[STATES.index("side") : STATES.index("contours") + 1]
# Those that show what is known of a map's worth.
TRUST = STATES[STATES.index("unchecked") : STATES.index("second-seed") + 1]
# Those of the sheet, in every size.
SHEET = (
    "empty", "loading", "running", "done", "failed", "200-photos", "compare", "export", "books",
    "settings",
)  # fmt: skip
SHEET_SIZES = (((1280, 800), 1), ((1920, 1080), 1), ((1280, 800), 2))
SHEET_COLUMNS = 4
SMALL_WIDTH = 960
SMALL = ("empty", "running", "done")
# Share of the budget at which a run is pictured or stopped.
PICTURED_AT = 0.45
TIMEOUT = 600.0


def main() -> int:
    """Make the pictures; 0 when all were made."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--states", nargs="*", default=list(STATES), choices=STATES)
    parser.add_argument("--size", nargs=2, type=int, default=SIZE, metavar=("W", "H"))
    parser.add_argument("--small", type=Path, help="folder for small pictures (palette PNG)")
    parser.add_argument("--sheet", action="store_true", help="all sizes, and one picture of all")
    parser.add_argument("--language", default="en")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.sheet:
        return make_sheet(options.folder, options.language)
    if options.scale != 1:
        os.environ["QT_SCALE_FACTOR"] = f"{options.scale:g}"
    server = start_screen(options)
    try:
        with tempfile.TemporaryDirectory() as scratch:
            made = take(options, Path(scratch))
    finally:
        if server is not None:
            server.terminate()
            server.wait()
    if options.small is not None:
        make_small(made, options.small)
    return 0


def start_screen(options: argparse.Namespace) -> subprocess.Popen[bytes] | None:
    """A virtual screen large enough, if none is there."""
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if sys.platform != "linux" or os.environ.get("DISPLAY") or chosen:
        return None
    program = shutil.which("Xvfb")
    if program is None:
        raise SystemExit("No display, and Xvfb is not installed: apt install xvfb")
    width, height = (round(s * options.scale) + 64 for s in options.size)
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    os.environ["DISPLAY"] = f":{number}"
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    return server


def take(options: argparse.Namespace, scratch: Path) -> list[Path]:
    """One window per appearance, led through its states."""
    sys.path.insert(0, str(ROOT))
    from PySide6.QtCore import QSettings

    from decam_gui import language
    from decam_gui.app import make_application

    # What is chosen here is not remembered for the user.
    os.environ["DECAM_DATA_DIR"] = str(scratch / "data")
    app = make_application(["screenshots"])
    language.apply(app, options.language)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(scratch))
    # No picture shows whose machine made it.
    QSettings().setValue("folders/save", "/home/reader/heat maps")
    made = []
    for appearance in ("light", "dark"):
        for state in options.states:
            shutil.rmtree(scratch / "data", ignore_errors=True)
            window = lead_to(state, appearance, options.size, scratch)
            settle(0.03 if state == "rereading" else 0.2)
            name = f"{state}-{appearance}" + (f"@{options.scale:g}x" if options.scale != 1 else "")
            path = options.folder / f"{name}.png"
            save_picture(window, path)
            made.append(path)
            print(path, flush=True)
            window.close()
            window.deleteLater()
            settle()
    app.processEvents()
    return made


def save_picture(window: MainWindow, path: Path) -> None:
    """The window with the dialog over it, or the doctor's dialog alone."""
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QDialog

    consultation = window.workspace and window.workspace.consultation
    if consultation:
        consultation.dialog.grab().save(str(path))
        return
    picture = window.grab()
    dialog = next((d for d in window.findChildren(QDialog) if d.isVisible()), None)
    if dialog is not None:
        # In the middle, as a window manager puts it.
        over = dialog.grab()
        painter = QPainter(picture)
        left, top = (window.width() - dialog.width()) // 2, (window.height() - dialog.height()) // 2
        painter.drawPixmap(left, top, over)
        painter.drawRect(left, top, dialog.width() - 1, dialog.height() - 1)
        painter.end()
    picture.save(str(path))


def make_sheet(folder: Path, language: str) -> int:
    """Every state of the sheet in every size, and all of them in one picture."""
    for size, scale in SHEET_SIZES:
        command = [sys.executable, __file__, str(folder / f"{size[0]}x{size[1]}@{scale}x")]
        command += ["--scale", str(scale), "--size", *map(str, size), "--language", language]
        code = subprocess.run([*command, "--states", *SHEET], check=False).returncode
        if code:
            return code
    from PIL import Image, ImageDraw

    width, gap = 640, 12
    names = [f"{state}-{look}" for state in SHEET for look in ("light", "dark")]
    rows = -(-len(names) // SHEET_COLUMNS)
    for size, scale in SHEET_SIZES:
        part = folder / f"{size[0]}x{size[1]}@{scale}x"
        height = round(width * size[1] / size[0]) + 24
        page = Image.new(
            "RGB", (SHEET_COLUMNS * (width + gap) + gap, rows * (height + gap) + gap), "#808080"
        )
        draw = ImageDraw.Draw(page)
        for number, name in enumerate(names):
            row, column = divmod(number, SHEET_COLUMNS)
            left, top = gap + column * (width + gap), gap + row * (height + gap)
            suffix = "" if scale == 1 else f"@{scale:g}x"
            with Image.open(part / f"{name}{suffix}.png") as image:
                small = image.convert("RGB").resize((width, height - 24), Image.Resampling.LANCZOS)
            draw.text((left, top + 4), f"{name}, {size[0]} x {size[1]}, {scale}x", fill="white")
            page.paste(small, (left, top + 24))
        path = folder / f"sheet-{size[0]}x{size[1]}@{scale}x.png"
        page.save(path)
        print(path)
    return 0


def lead_to(state: str, appearance: str, size: tuple[int, int], scratch: Path) -> MainWindow:
    """A window in that state, reached as a user reaches it."""
    from decam_gui.main_window import MainWindow

    window = MainWindow()
    window.set_appearance(appearance)
    window.resize(*size)
    window.show()
    if state == "empty":
        return window
    window.open_workspace()
    space = window.workspace
    if space is None:
        raise RuntimeError("the workspace did not open")
    session = space.session
    if lead_off(state, window, session, scratch):
        return window
    window.open_demo()
    wait(lambda: session.can_run() and len(session.paths) == 4 and not session.loading_photos)
    if state == "ready":
        return window
    if state in ("export", "books", "settings"):
        # The map is in the background.
        session.change_settings(replace(session.settings, preset="quick"))
    space.trust_card.auto.setChecked(state in ("done", "checked", "second-seed"))
    session.run()
    if state in ("running", "cancelled"):
        wait(lambda: _share(session) >= PICTURED_AT)
        if state == "running":
            return window
        session.cancel()
    wait(lambda: session.job is None)
    lead_on(state, space)
    if state == "done":
        window.ask_folder = lambda: str(scratch / "heat maps")
    if state == "export":
        space.open_export()
        dialog = space.exporting.dialog
        wait(lambda: dialog is not None and not dialog.preview.words)
    if state == "books":
        lead_to_books(space)
    if state == "settings":
        window.actions_.settings.trigger()
    return window


def lead_to_books(space: Workspace) -> None:
    """The export of several maps, with the pages of the report of all."""
    space.session.run_targets([p.index for p in space.session.predictions()[1:3]])
    wait(lambda: space.session.job is None)
    space.open_export()
    dialog = space.exporting.dialog
    if dialog is None:
        raise RuntimeError("the dialog did not open")
    dialog.choices["all"].click()
    for name in ("collection.html", "comparison.pdf", "collection.pdf"):
        dialog.books.boxes[name].setChecked(True)
    wait(lambda: bool(dialog.preview.pages.isVisible() and not dialog.preview.words))


def lead_off(state: str, window: MainWindow, session: Session, scratch: Path) -> bool:
    """To the states that do not begin with the bundled demo; whether this is one of them."""
    from decam_engine import demo_model, demo_photos

    if state == "photo-only":
        window.open([demo_photos()[0]])
        wait(lambda: session.photo() is not None)
    elif state in STRIPPED:
        lead_to_stripped(state, window, session, scratch)
    elif state == "trouble":
        lead_to_trouble(window, session, scratch)
    elif state == "loading":
        window.open_demo()
        wait(lambda: session.photo() is not None)
    elif state == "200-photos":
        window.open([copies(scratch / "200 photos", 200), demo_model()])
        wait(lambda: session.can_run() and len(session.paths) == 200)
        settle(1.0)
    elif state == "failed":
        lead_to_failure(window, session)
    else:
        return False
    return True


def lead_to_trouble(window: MainWindow, session: Session, scratch: Path) -> None:
    """Files that are none, and a class that there is not."""
    from PIL import Image

    from decam_engine import demo_photos

    broken, image, portrait = scratch / "net.onnx", scratch / "scan.jpg", scratch / "tall.png"
    broken.write_bytes(b"no model at all")
    image.write_bytes(demo_photos()[0].read_bytes()[:9000])
    Image.new("RGB", (300, 700), (90, 120, 140)).save(portrait)
    window.open([demo_photos()[1], image, portrait, broken])
    wait(lambda: len(session.paths) == 3 and not session.loading_photos)
    wait(lambda: not session.loading_model)
    if window.workspace is not None:
        window.workspace.predictions.search.setText("tabbi")


def lead_on(state: str, space: Workspace) -> None:
    """From a finished run to what can be done with its map."""
    from PySide6.QtCore import QPointF

    if state == "what-if":
        space.editing.button.setChecked(True)
        space.editing.bar.size.setValue(140)
        height, width = space.session.photo().photo.size
        canvas = space.viewer.canvas
        canvas.stroke_began.emit(QPointF(0.36 * width, 0.26 * height))
        canvas.stroke_moved.emit(QPointF(0.62 * width, 0.58 * height))
        wait(lambda: not space.edit.busy)
    if state == "compare":
        lead_to_comparison(space)
    if state in TRUST:
        lead_to_trust(state, space)
    if state in MODES:
        space.choose_mode(state)
        space.viewer.keep_shown.setChecked(state in ("side", "curtain"))
        space.viewer.flip_shown.setChecked(state == "curtain")
        wait(lambda: bool(space.viewer.cut.text()) or state not in ("keep", "remove"))


def copies(folder: Path, count: int) -> Path:
    """A folder of so many photographs: the bundled ones, again and again."""
    from decam_engine import demo_photos

    folder.mkdir(exist_ok=True)
    photos = demo_photos()
    for number in range(count):
        source = photos[number % len(photos)]
        target = folder / f"{number + 1:03d} {source.name}"
        if not target.exists():
            shutil.copyfile(source, target)
    return folder


def lead_to_failure(window: MainWindow, session: Session) -> None:
    """A run whose model fails on the way: a server that is switched off."""
    from decam_engine import demo_model, demo_photos
    from tests.inference_server import serving

    with serving(demo_model(), "--fault", "die", "--after", "25") as server:
        window.open(demo_photos()[:1])
        window.open_server(server.url)
        wait(session.can_run)
        session.run()
        wait(lambda: session.job is None)


def lead_to_comparison(space: Workspace) -> None:
    """Two photographs by all methods, two of the maps subtracted."""
    session = space.session
    wait(lambda: session.job is None)
    for path in session.paths[:2]:
        session.choose_photo(path)
        wait(session.can_run)
        for method in ("de", "rise", "occlusion"):
            session.change_settings(replace(session.settings, method=method, preset="quick"))
            session.run()
            wait(lambda: session.job is None)
    space.show_comparison(True)
    page = space.compare_page
    page.columns.setCurrentIndex(page.columns.findData("method"))
    page.picked.emit(0, 0)
    page.picked.emit(0, 1)


def lead_to_trust(state: str, space: Workspace) -> None:
    """What the trust card says; scrolled to it."""
    from decam_gui.trust import Standing

    trust, card = space.trust, space.trust_card
    if state in ("checked", "second-seed"):
        wait(lambda: trust.standing() in (Standing.BETTER, Standing.NOTHING))
        if state == "second-seed":
            trust.search_again()
            wait(lambda: trust.running is None)
    elif state == "checking":
        trust.check()
        calls: list[int] = []
        trust.progressed.connect(lambda done, _: calls.append(done))
        wait(lambda: bool(calls) and calls[-1] > 120)
    settle(0.1)
    space.show_part(card)


def lead_to_stripped(state: str, window: MainWindow, session: Session, scratch: Path) -> None:
    """The bundled model as if nobody had said how it is fed, and the way to know it."""
    from decam_engine import demo_model, demo_photos
    from decam_gui.checkup import Stage

    space = window.workspace
    net = scratch / "classifier.onnx"
    shutil.copyfile(demo_model(), net)
    window.open([*demo_photos(), net])
    wait(lambda: session.can_run() and len(session.paths) == 4 and not session.loading_photos)
    if state == "assumed" or space is None:
        return
    if state in ("rereading", "refused"):
        # Its answers are probabilities already, which exp() does not take.
        session.change_model({"activation": "sigmoid" if state == "rereading" else "exp"})
        if state == "refused":
            wait(lambda: not session.loading_model)
        return
    space.open_doctor()
    if state == "doctor-plan":
        return
    checkup = space.checkup
    checkup.start()
    if state == "doctor-running":
        calls: list[int] = []
        checkup.progressed.connect(lambda done, _: calls.append(done))
        wait(lambda: bool(calls) and calls[-1] > 60)
        return
    wait(lambda: checkup.stage is Stage.DONE)
    if state == "doctor" or checkup.diagnosis is None or space.consultation is None:
        return
    dialog = space.consultation.dialog
    checkup.use(checkup.diagnosis.candidates[0])
    wait(session.can_run)
    if state == "chosen":
        dialog.close()
    else:
        dialog.rule_button.setChecked(True)


def _share(session: Session) -> float:
    progress = session.progress
    return 0.0 if progress is None else progress.calls / progress.budget


def wait(ready: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + TIMEOUT
    while not ready():
        QApplication.processEvents()
        time.sleep(0.005)
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there")


def settle(seconds: float = 0.2) -> None:
    """Let everything be laid out and painted."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.005)


def make_small(pictures: list[Path], folder: Path) -> None:
    """As wide as a README shows them, in 256 colours."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for path in pictures:
        if path.stem.rsplit("-", 1)[0] not in SMALL:
            continue
        with Image.open(path) as image:
            small = image.convert("RGB")
            small.thumbnail((SMALL_WIDTH, SMALL_WIDTH), Image.Resampling.LANCZOS)
            target = folder / path.name
            # Dithered, or the colour bar would look as if it had steps.
            few = small.quantize(256)
            dither = Image.Dither.FLOYDSTEINBERG
            small.quantize(256, palette=few, dither=dither).save(target, optimize=True)
            print(f"{target} {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    sys.exit(main())
