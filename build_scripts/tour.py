"""The whole job in the window, by a real mouse and a real keyboard, under a real window manager.

    python build_scripts/tour.py                 on a virtual screen of its own
    python build_scripts/tour.py --pictures DIR  and a picture after each step

Drops a photograph and a model from another program's window, chooses a class, runs, does the same
for another class, compares the two maps, exports, quits. Needs Linux with Xvfb, openbox and xdotool
(``--install`` gets them by apt, as root). Every event goes through the X server; the window is only
asked where things are and how far it is. strace watches the window and its children all the
while, where it may: one call that leads to a network, be it to this machine's own, is a failure.
Exit code 1 with the step, what was expected, and a picture of the screen at that time.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from setting_up import system_packages
from smoke import connections

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool"}
# What the tour can do without, though not show without.
WATCHER = {"strace": "strace"}
SCREEN = (1600, 900)
# Where the window stands: beside the one that files are dragged from.
PLACE, SIZE = (240, 20), (1280, 800)
TIMEOUT = 180.0
# Model calls of the run: enough for a map that moves, on slow machines too.
CALLS = 200
PHOTO, MODEL = "resources/photos/cat.jpg", "resources/models/efficientnet-lite0.onnx"


class TourError(Exception):
    """What was expected, and what was there instead."""


class Screen:
    """A virtual screen with a window manager; everything on it is ended with it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment
        self._processes: list[subprocess.Popen[str]] = []
        reading, writing = os.pipe()
        command = ["Xvfb", "-displayfd", str(writing), "-screen", "0"]
        command.append(f"{SCREEN[0]}x{SCREEN[1]}x24")
        self._start(command, pass_fds=[writing])
        os.close(writing)
        with os.fdopen(reading) as pipe:
            self.environment["DISPLAY"] = f":{pipe.readline().strip()}"
        self._start(["openbox"], stdout=subprocess.DEVNULL)

    def _start(self, command: list[str], **options: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, text=True,
            **{"stderr": subprocess.DEVNULL, **options},
        )  # fmt: skip
        self._processes.append(process)
        return process

    def start(
        self, *arguments: str, before: Sequence[str] = (), **options: Any
    ) -> subprocess.Popen[str]:
        """A program of ours; ``before`` it in the command, who watches it."""
        return self._start([*before, sys.executable, "-m", *arguments], **options)

    def end(self) -> None:
        """In reverse order: the screen goes last."""
        for process in reversed(self._processes):
            process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def act(self, *arguments: object) -> str:
        """One command of xdotool."""
        done = subprocess.run(
            ["xdotool", *map(str, arguments)],
            env=self.environment, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        if done.returncode:
            raise TourError(f"xdotool {' '.join(map(str, arguments))}: {done.stderr.strip()}")
        return done.stdout.strip()

    def picture(self, name: str) -> Path:
        """What is on the screen, taken by a process of its own."""
        path = self.folder / f"{name}.png"
        code = (
            "import sys; from PySide6.QtGui import QGuiApplication as G; app = G([]); "
            "app.primaryScreen().grabWindow(0).save(sys.argv[1])"
        )
        subprocess.run(
            [sys.executable, "-c", code, str(path)], env=self.environment, timeout=60, check=False
        )
        return path


class Tour:
    """The steps; each says what it does before, and checks what came of it."""

    def __init__(self, screen: Screen, scratch: Path, *, pictures: bool) -> None:
        self.screen, self.scratch, self._pictures = screen, scratch, pictures
        self.step = "start"
        self._number = 0
        self.errors = (scratch / "stderr.txt").open("w+", encoding="utf-8")
        self._log = scratch / "connections.strace"
        self._unwatched = connections.why_not()
        self.app = screen.start(
            "tests.tour.watched",
            before=() if self._unwatched else connections.watching(self._log),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )

    @contextlib.contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Name a step."""
        self.step = what
        self._number += 1
        started = time.monotonic()
        yield
        if self._pictures:
            self.screen.picture(f"{self._number}-{what.replace(' ', '-')}")
        print(f"  {what}: done in {time.monotonic() - started:.1f} s", flush=True)

    # --- asking ----------------------------------------------------------------------------

    def ask(self, **question: str) -> Any:
        """What the window says."""
        if self.app.stdin is None or self.app.stdout is None:
            raise TourError("the window cannot be asked")
        try:
            self.app.stdin.write(json.dumps(question) + "\n")
            self.app.stdin.flush()
            line = self.app.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise TourError(f"expected the window to live, it ended with {self.app.wait()}")
        return json.loads(line)

    def state(self) -> dict[str, Any]:
        """How far the window is."""
        found: dict[str, Any] = self.ask(ask="state")
        return found

    def wait(self, what: str, ready: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Until something is so."""
        end = time.monotonic() + TIMEOUT
        while True:
            found = self.state()
            if ready(found):
                return found
            if time.monotonic() > end:
                raise TourError(f"expected {what} within {TIMEOUT:.0f} s, found {found}")
            time.sleep(0.1)

    # --- acting ----------------------------------------------------------------------------

    def point(self, name: str) -> tuple[int, int]:
        """Where something is, once it is on show and stays where it is."""
        end, last = time.monotonic() + 20, None
        while time.monotonic() < end:
            found = self.ask(ask="place", name=name)
            if found is not None and found == last:
                return found[0], found[1]
            last = found
            time.sleep(0.15)
        raise TourError(f"expected {name!r} on the screen, found none that can be used")

    def click(self, name: str) -> None:
        """With the left button."""
        x, y = self.point(name)
        self.screen.act("mousemove", x, y)
        time.sleep(0.1)
        self.screen.act("click", 1)

    def press(self, *keys: str) -> None:
        """Keys, one after another."""
        for key in keys:
            self.screen.act("key", "--clearmodifiers", key)
            time.sleep(0.1)

    def type(self, text: str) -> None:
        """Letters."""
        self.screen.act("type", "--delay", 20, text)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """As a hand does: press, many small moves, release."""
        self.screen.act("mousemove", *start)
        self.screen.act("mousedown", 1)
        steps = 25
        for step in range(1, steps + 1):
            x, y = (round(a + (b - a) * step / steps) for a, b in zip(start, end, strict=True))
            self.screen.act("mousemove", x, y)
            time.sleep(0.03)
        time.sleep(0.5)
        self.screen.act("mouseup", 1)

    # --- the job ---------------------------------------------------------------------------

    def run(self) -> None:
        """From the first paint to the end of the process."""
        with self.doing("start"):
            self.wait("the welcome page", lambda s: s.get("page") == "Welcome")
            window = self._window("DE-CAM Studio")
            self.screen.act("windowmove", window, *PLACE)
            self.screen.act("windowsize", window, *SIZE)
        with self.doing("drop a photo and a model"):
            self._drop()
        with self.doing("choose a class"):
            before = self.state()
            self.click(before["classes"][1])
            self.wait("the second class", lambda s: s["target"] != before["target"])
        with self.doing("run"):
            self.click("Budget")
            self.press("End", "Return")
            self.click("Model calls")
            self.press("ctrl+a")
            self.type(str(CALLS))
            self.press("Tab")
            self.click("Run")
            self.wait("a live map during the run", lambda s: s["running"] and s["map"])
            done = self.wait("a result", lambda s: not s["running"] and s["result"])
            if not 0 < done["result"]["calls"] <= CALLS:
                raise TourError(f"expected at most {CALLS} calls, found {done['result']}")
        with self.doing("explain another class"):
            before = self.state()
            self.click(before["classes"][0])
            self.wait("the first class", lambda s: s["target"] != before["target"])
            self.click("Run")
            self.wait("a second map", lambda s: not s["running"] and s["result"])
        with self.doing("compare"):
            self._compare()
        with self.doing("export"):
            self._export()
        with self.doing("quit"):
            self.press("ctrl+q")
            code = self.app.wait(timeout=60)
            self.errors.seek(0)
            said = self.errors.read().strip()
            if code or said:
                raise TourError(f"expected a quiet end, found exit code {code} and {said!r}")
        self._say_whom_it_talked_to()

    def _say_whom_it_talked_to(self) -> None:
        """Nobody but the screen, the desktop and its own children."""
        if self._unwatched:
            print(f"  connections: not watched, {self._unwatched}", flush=True)
            return
        outward, seen = connections.found(self._log)
        if outward:
            raise TourError(f"expected no word to a network, found {outward[:3]}")
        # At least the screen was talked to: a log without it would say nothing.
        if not seen:
            raise TourError("expected a connection to the screen in the log of strace, found none")
        print(f"  connections: {seen} calls to local sockets, none to a network", flush=True)

    def _window(self, title: str) -> str:
        return self.screen.act("search", "--sync", "--onlyvisible", "--name", title).split()[0]

    def _drop(self) -> None:
        self.screen.start("tests.tour.source", str(ROOT / PHOTO), str(ROOT / MODEL))
        source = self._window("tour files")
        self.screen.act("windowmove", source, 20, 300)
        time.sleep(1)
        frame = self.state()["frame"]
        middle = (frame[0] + frame[2] // 2, frame[1] + frame[3] // 2)
        self.drag((110, 390), middle)
        self.wait("a photo and a model, ready to run", lambda s: s.get("can_run"))

    def _compare(self) -> None:
        self.press("ctrl+k")
        self.wait("the page of comparisons", lambda s: s["comparing"])
        # One row, a column for each class: both are picked, and subtracted.
        self.click("Columns")
        self.press("Home", "Down", "Return")
        cells = self.wait("two maps side by side", lambda s: len(s["cells"]) == 2)["cells"]
        for cell in cells:
            self.click(cell)
        self.wait("the difference of the two", lambda s: "Rank correlation" in s["difference"])
        self.press("ctrl+k")
        self.wait("the photograph again", lambda s: not s["comparing"])

    def _export(self) -> None:
        folder = self.scratch / "exported"
        self.press("ctrl+e")
        self.wait("the export dialog", lambda s: "Export" in s["titles"])
        self.click("Report for paper (PDF)")
        self.click("Folder")
        self.press("ctrl+a")
        self.type(str(folder))
        self.click("Export")
        self.wait("the files", lambda s: any("files were written" in text for text in s["banners"]))
        kinds = {p.suffix for p in folder.iterdir()}
        if not {".png", ".npy", ".json", ".pdf"} <= kinds:
            raise TourError(f"expected pictures, array, manifest and report, found {kinds}")
        self.press("Escape")
        self.wait("the dialog closed", lambda s: "Export" not in s["titles"])


def main() -> int:
    """Take the tour; 0 when every step came true."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, help="folder for a picture after each step")
    parser.add_argument("--install", action="store_true", help="get missing programs by apt")
    options = parser.parse_args()
    if sys.platform != "linux":
        print("tour.py: needs Linux and an X server", file=sys.stderr)
        return 2
    if options.install and system_packages.may_use_apt():
        wanted = [p for n, p in (PROGRAMS | WATCHER).items() if shutil.which(n) is None]
        if wanted:
            system_packages.apt_install(wanted)
    missing = [package for name, package in PROGRAMS.items() if shutil.which(name) is None]
    if missing:
        print(f"tour.py: needs {', '.join(missing)}: apt-get install them", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="decam-tour-") as scratch:
        return take(options, Path(scratch))


def take(options: argparse.Namespace, scratch: Path) -> int:
    """On a screen of its own, with no settings and no caches of the user."""
    folder = options.pictures or Path(tempfile.gettempdir())
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "xcb",
        "LANGUAGE": "en",
        "PYTHONPATH": str(ROOT),
        "HOME": str(scratch),
        "XDG_CONFIG_HOME": str(scratch / "config"),
        "DECAM_CACHE_DIR": str(scratch / "cache"),
        "DECAM_DATA_DIR": str(scratch / "data"),
    }
    environment.pop("WAYLAND_DISPLAY", None)
    screen = Screen(folder, environment)
    try:
        tour = Tour(screen, scratch, pictures=options.pictures is not None)
        try:
            tour.run()
        except (TourError, subprocess.TimeoutExpired) as error:
            picture = screen.picture("tour-failed")
            tour.errors.seek(0)
            print(
                f"tour.py: failed at '{tour.step}': {error}\nThe screen then: {picture}\n"
                f"The window wrote: {tour.errors.read() or 'nothing'}",
                file=sys.stderr,
            )
            return 1
    finally:
        screen.end()
    print("The tour came true.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
