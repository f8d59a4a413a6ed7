"""Starting a built application in a clean environment, and judging what it says."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT = 900
# Lines on standard error that say nothing about the application.
HARMLESS = (
    # The progress of a run.
    r".* ━+ *[\d,]+/[\d,]+ .*",
    # What a platform of Qt without a screen cannot do at all.
    r"This plugin does not support (propagateSizeHints\(\)|raise\(\)|grabbing the .*)",
)
# Of the environment only this comes along; PATH leads nowhere.
KEPT = ("SYSTEMROOT", "WINDIR", "TEMP", "TMP", "COMSPEC", "PROGRAMDATA", "NUMBER_OF_PROCESSORS")


@dataclass
class Place:
    """Where an application lies."""

    folder: Path
    inside: Path

    @staticmethod
    def found(dist: Path) -> Place:
        """The application in ``dist``, or that is ``dist``.

        Raises ``SystemExit`` when there is none or more than one.
        """
        dist = dist.resolve()
        marker = "decam.exe" if os.name == "nt" else "decam"
        candidates = [p for p in (dist, *sorted(dist.glob("*"))) if (p / marker).is_file()]
        if not candidates and sys.platform == "darwin":
            candidates = sorted(dist.glob("**/*.app"))[:1]
        if len(candidates) != 1:
            raise SystemExit(
                f"smoke_test.py: expected one application in {dist}, found {len(candidates)}; "
                "make it with build.py"
            )
        folder = candidates[0]
        if folder.suffix == ".app":
            return Place(folder, folder / "Contents" / "Resources")
        return Place(folder, folder / "_internal")

    def program(self, name: str) -> Path:
        """One of the two programs."""
        if self.folder.suffix == ".app":
            return self.folder / "Contents" / "MacOS" / name
        return self.folder / (f"{name}.exe" if os.name == "nt" else name)


@dataclass
class Start:
    """One start of a program: change what is special, then run it."""

    place: Place
    home: Path
    name: str
    arguments: Sequence[str]
    folder: Path | None = None
    prefix: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    program: Path | None = None
    began: float = 0.0

    def __post_init__(self) -> None:
        empty = self.home / "empty"
        temporary = self.home / "tmp"
        for path in (self.home, empty, temporary):
            path.mkdir(parents=True, exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if k.upper() in KEPT}
        self.environment = {
            **kept,
            "HOME": str(self.home),
            "PATH": str(empty),
            "TMPDIR": str(temporary),
            "LC_ALL": "C.UTF-8",
        }
        if os.name == "nt":
            for name in ("USERPROFILE", "APPDATA", "LOCALAPPDATA"):
                self.environment[name] = str(self.home)

    def offscreen(self) -> Start:
        """Without a screen."""
        self.environment["QT_QPA_PLATFORM"] = "offscreen"
        return self

    def on(self, display: str) -> Start:
        """On this X display; empty: on the system's own screen."""
        if display:
            self.environment["DISPLAY"] = display
            self.environment["QT_QPA_PLATFORM"] = "xcb"
        return self

    def command(self) -> list[str]:
        """What is executed."""
        program = self.program or self.place.program(self.name)
        return [*self._absolute_prefix(), str(program), *self.arguments]

    def run(self, *, code: int = 0, stderr: str = "") -> subprocess.CompletedProcess[str]:
        """Run to the end.

        Raises ``AssertionError`` for another exit code, or a line on standard error that neither
        is harmless nor matches ``stderr`` from its beginning to its end.
        """
        self.began = time.time()
        done = subprocess.run(
            self.command(),
            cwd=self.folder or self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT,
            check=False,
        )
        allowed = [*HARMLESS, *([stderr] if stderr else [])]
        unexpected = [
            line
            for line in done.stderr.splitlines()
            if line.strip() and not any(re.fullmatch(p, line) for p in allowed)
        ]
        if done.returncode != code:
            raise AssertionError(
                f"exit code {done.returncode}, expected {code}: {done.stderr.strip()[-600:]}"
            )
        if unexpected:
            raise AssertionError(f"unexpected on standard error: {unexpected[:5]}")
        return done

    def _absolute_prefix(self) -> list[str]:
        """PATH leads nowhere, so the helper's own place is looked up here."""
        if not self.prefix:
            return []
        first, *rest = self.prefix
        rest = ["/bin/sh" if part == "sh" else part for part in rest]
        rest = [part.replace("mount ", "/bin/mount ") for part in rest]
        return [shutil.which(first) or first, *rest]


@contextlib.contextmanager
def virtual_screen() -> Iterator[str | None]:
    """Number of an X display made for this; empty where the system has a screen; None: neither."""
    if sys.platform in ("win32", "darwin"):
        yield ""
        return
    program = shutil.which("Xvfb")
    if program is None:
        yield None
        return
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
