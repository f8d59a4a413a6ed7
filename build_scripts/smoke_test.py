"""Try a built application out as its users will: ``python3 build_scripts/smoke_test.py DIST``.

DIST is what build.py made: the folder ``dist`` or the application's own folder in it. Every start
must end with the expected exit code and say nothing unexpected on standard error. On Linux also:
from a path with spaces and other letters, from a read-only place, without HOME, without a
network, watched by strace (nothing written outside the user's folders, nothing read from the
Python that built it, no connection), and, with ``--bare-root FOLDER``, in a bare Debian with only
the declared dependencies. ``--reference PYTHON`` (default: the Python of ``.venv``) makes the maps
that those of the application must equal bit for bit.

Standard library only. What cannot be tried here is said, and is a failure with ``--strict``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from smoke import bare_root, deb_contents, watched
from smoke.starts import Place, Start, virtual_screen
from smoke.text import check_report_files, map_of, write_samples

ROOT = Path(__file__).resolve().parent.parent
CALLS = 300
# The same threads and batches: results differ otherwise, frozen or not.
SAME = ("--no-tune", "--threads", "1", "--batch-size", "8", "--seed", "0", "--calls", str(CALLS))
FORMATS = "png,npy,npz,json,figure,html,pdf"


class LeftOutError(Exception):
    """A check that this machine cannot make; its text says what is missing."""


class Smoke:
    """The checks; each a method of its own, run in the order of the file."""

    def __init__(self, options: argparse.Namespace, scratch: Path) -> None:
        self.options = options
        self.scratch = scratch
        self.place = Place.found(options.dist)
        self.reference = options.reference

    # --- what it says and does ---------------------------------------------------------

    def version(self) -> str:
        """decam --version names the version."""
        start = self.start("decam", "--version")
        said = start.run().stdout.strip()
        if not re.fullmatch(r"decam-studio \d+\.\d+\.\d+\S*", said):
            raise AssertionError(f"expected a version, found {said!r}")
        return said

    def own_sums(self) -> str:
        """decam --check finds every file as it was built, and says when one is not."""
        if sys.platform == "darwin":
            raise LeftOutError("the signature says it there: codesign --verify")
        said = self.start("decam", "--check").run().stdout.strip()
        copy = self.copy_of_the_place("changed")
        victim = copy.inside / "resources" / "labels" / "imagenet.txt"
        data = victim.read_bytes()
        victim.unlink()
        victim.write_bytes(data.replace(b"tiger cat", b"tiger bat"))
        changed = Start(copy, self.scratch / "home", "decam", ("--check",))
        problem = changed.run(code=2, stderr=r"decam: error: .*imagenet\.txt was changed.*").stderr
        return f"{said} Changed copy: {problem.strip()[:70]}..."

    def demo(self) -> str:
        """decam demo without a display saves its files."""
        out = self.scratch / "demo"
        done = self.start("decam", "demo", "--out", str(out), "--calls", str(CALLS), "--json").run()
        files = [Path(f) for f in json.loads(done.stdout)["results"][0]["files"]]
        if not all(f.stat().st_size for f in files) or len(files) < 4:
            raise AssertionError(f"expected 4 files with content, found {files}")
        return f"{len(files)} files"

    def every_format(self) -> str:
        """decam explain writes every report format, each valid, the map equal to the unfrozen."""
        out = self.scratch / "explained"
        photo = self.place.inside / "resources" / "photos" / "cat.jpg"
        command = ("explain", str(photo), "--model", "demo", "--format", FORMATS, *SAME, "--json")
        self.start("decam", *command, "--out", str(out)).run()
        names = check_report_files(out)
        text = f"{', '.join(names)}"
        if self.reference is None:
            raise LeftOutError(f"{text}; no unfrozen application to compare with (--reference)")
        unfrozen = self.scratch / "unfrozen"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run(
            [self.reference, "-m", "decam_engine.cli", *command, "--out", str(unfrozen)],
            check=True,
            capture_output=True,
            env=environment,
        )
        frozen_map, unfrozen_map = map_of(out), map_of(unfrozen)
        if frozen_map == unfrozen_map:
            return f"{text}; map of {len(frozen_map):,} bytes equal bit for bit"
        from smoke.text import correlation

        alike = correlation(frozen_map, unfrozen_map)
        if alike < 0.98:
            raise AssertionError(f"the maps differ: correlation {alike:.4f}, expected 0.98")
        return f"{text}; maps differ by the processor's instructions, correlation {alike:.4f}"

    def verified(self) -> str:
        """decam verify reads a report of the application and finds it sound."""
        report = next((self.scratch / "explained").glob("*.html"))
        done = self.start("decam", "verify", str(report)).run()
        return done.stdout.strip().splitlines()[-1]

    def other_formats(self) -> str:
        """HEIC and compressed DICOM are decoded, the latter in a child process."""
        if self.reference is None:
            raise LeftOutError("no Python that can make samples (--reference)")
        samples = write_samples(self.reference, self.scratch / "samples")
        if not samples:
            raise LeftOutError("the reference Python lacks pillow_heif or pydicom")
        command = ("predict", *map(str, samples), "--model", "demo", "--json")
        # DICOM files do not always say how their greys are to be shown: that is a note.
        done = self.start("decam", *command).run(stderr=r"decam: note: .*")
        count = len(json.loads(done.stdout)["results"])
        if count != len(samples):
            raise AssertionError(f"expected {len(samples)} photographs, found {count}")
        return ", ".join(path.name for path in samples)

    def bad_input(self) -> str:
        """A wrong file is answered in one sentence, with exit code 2."""
        bad = self.scratch / "bad.onnx"
        bad.write_bytes(b"no model at all")
        photo = self.place.inside / "resources" / "photos" / "cat.jpg"
        start = self.start("decam", "predict", str(photo), "--model", str(bad))
        return start.run(code=2, stderr=r"decam: error: .*").stderr.strip()[:90]

    # --- the window --------------------------------------------------------------------

    def window_offscreen(self) -> str:
        """decam-studio --selftest without a screen."""
        return self.selftest(self.start("decam-studio", "--selftest").offscreen())

    def window_on_screen(self) -> str:
        """decam-studio --selftest on a screen."""
        with virtual_screen() as display:
            if display is None:
                raise LeftOutError("no display and no Xvfb")
            return self.selftest(self.start("decam-studio", "--selftest").on(display))

    def demo_opens_window(self) -> str:
        """The file that the desktop starts is there and executable."""
        program = self.place.program("decam-studio")
        if not os.access(program, os.X_OK):
            raise AssertionError(f"{program} cannot be executed")
        return program.name

    # --- where and how it is started -----------------------------------------------------

    def from_elsewhere(self) -> str:
        """From another working folder, and through a link."""
        start = self.start("decam", "--version")
        start.folder = Path(Path.home().anchor)
        start.run()
        if os.name == "nt":
            return "another folder"
        link = self.scratch / "linked decam"
        link.symlink_to(self.place.program("decam"))
        start.program = link
        start.run()
        return "another folder, a link"

    def odd_path(self) -> str:
        """From a path with spaces and letters of three scripts."""
        copy = self.copy_of_the_place("mit Leerzeichen/Ünïcödé 模型 Ωμ")
        start = Start(copy, self.scratch / "Zuhause Ä 家", "decam-studio", ("--selftest",))
        return self.selftest(start.offscreen())

    def read_only(self) -> str:
        """From a place that cannot be written to."""
        if os.name == "nt":
            raise LeftOutError("not tried on Windows")
        start = self.start("decam-studio", "--selftest").offscreen()
        if os.geteuid() == 0:
            if not watched.has("unshare"):
                raise LeftOutError("unshare is not installed")
            folder = str(self.place.folder)
            script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
            start.prefix = ["unshare", "--mount", "sh", "-c", script, folder]
            return self.selftest(start)
        copy = self.copy_of_the_place("read-only")
        for path in [copy.folder, *copy.folder.rglob("*")]:
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)
        return self.selftest(
            Start(copy, self.scratch / "home", "decam-studio", ("--selftest",)).offscreen()
        )

    def without_home(self) -> str:
        """With no HOME at all, and with one that cannot be written to."""
        start = self.start("decam-studio", "--selftest").offscreen()
        if os.name != "nt":
            start.environment.pop("HOME")
        # The home of the user database is the real user's: leave nothing there.
        start.environment["DECAM_CACHE_DIR"] = str(self.scratch / "no home" / "cache")
        start.environment["DECAM_DATA_DIR"] = str(self.scratch / "no home" / "data")
        first = self.selftest(start)
        blocked = self.scratch / "a file"
        blocked.write_text("no folder", encoding="utf-8")
        start = self.start("decam-studio", "--selftest").offscreen()
        start.environment["HOME"] = start.environment["USERPROFILE"] = str(blocked / "home")
        self.selftest(start)
        return first

    def without_network(self) -> str:
        """Where there is no network at all, not even the loopback one."""
        if not watched.has("unshare") or os.geteuid() != 0:
            raise LeftOutError("needs unshare, as root")
        start = self.start("decam-studio", "--selftest").offscreen()
        start.prefix = ["unshare", "--net"]
        return self.selftest(start)

    def watched_command(self) -> str:
        """strace: what decam explain reads, writes and connects to."""
        return self.watch("decam", self.explain_arguments("watched"), offscreen=False)

    def watched_window(self) -> str:
        """strace: what the window reads, writes and connects to while it runs and exports."""
        return self.watch("decam-studio", ("--selftest",), offscreen=True)

    def second_start_compiles_nothing(self) -> str:
        """Two starts from two folders: neither loads a compiler, so nothing can be compiled."""
        counts = []
        for folder in (self.scratch, Path(Path.home().anchor)):
            start = self.start("decam", *self.explain_arguments(f"start {folder.name}"))
            start.folder = folder
            counts.append(watched.compilers_loaded(start))
        if any(counts):
            raise AssertionError(f"compilers loaded in two starts: {counts}")
        return "0 compilations in the first start, 0 in the second"

    def package_metadata(self) -> str:
        """Desktop entry, AppStream data and MIME types of the .deb, by their own validators."""
        package = next(iter(sorted(self.place.folder.parent.glob("*.deb"))), None)
        if package is None:
            raise LeftOutError("no .deb beside the application")
        lacking = [name for name in deb_contents.VALIDATORS if not watched.has(name)]
        if lacking:
            raise LeftOutError(f"not installed: {', '.join(lacking)}")
        return deb_contents.check(package, self.scratch / "deb")

    def bare_debian(self) -> str:
        """Installed by apt in a bare Debian, started there, removed without a trace."""
        if self.options.bare_root is None:
            raise LeftOutError("asked for by --bare-root FOLDER")
        package = next(iter(sorted(self.place.folder.parent.glob("*.deb"))), None)
        if package is None:
            raise AssertionError(f"no .deb beside {self.place.folder}")
        return bare_root.check(package, self.options.bare_root)

    # --- parts of checks -------------------------------------------------------------------

    def start(self, program: str, *arguments: str) -> Start:
        return Start(self.place, self.scratch / "home", program, arguments)

    def explain_arguments(self, name: str) -> tuple[str, ...]:
        photo = self.place.inside / "resources" / "photos" / "cat.jpg"
        out = self.scratch / "home" / name
        return (
            *("explain", str(photo), "--model", "demo", "--format", FORMATS, "--calls", "60"),
            *("--no-tune", "--json", "--out", str(out)),
        )

    def selftest(self, start: Start) -> str:
        """Start and judge what it says: painted, one run, one export, clean exit."""
        done = start.run()
        told = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}
        if os.name == "nt" and not told:
            return "exit code 0"
        if told.get("selftest") is not True or told["calls"] < 100 or told["colours"] < 64:
            raise AssertionError(f"the selftest says {told}")
        painted = told["painted_at"] - start.began
        return f"{told['platform']}: painted after {painted:.2f} s, {told['calls']} calls"

    def watch(self, program: str, arguments: Sequence[str], *, offscreen: bool) -> str:
        start = self.start(program, *arguments)
        if offscreen:
            start.offscreen()
        foreign = [ROOT / ".venv"]
        if self.reference is not None:
            foreign.append(Path(os.path.realpath(self.reference)).parent.parent)
        return watched.check(start, self.scratch, foreign)

    def copy_of_the_place(self, name: str) -> Place:
        """A copy by hard links where possible: only changed files need space."""
        target = self.scratch / name / self.place.folder.name

        def link(source: str, destination: str) -> str:
            try:
                os.link(source, destination)
            except OSError:
                shutil.copy2(source, destination)
            return destination

        shutil.copytree(self.place.folder, target, symlinks=True, copy_function=link)
        return Place.found(target)


CHECKS: tuple[Callable[[Smoke], str], ...] = (
    Smoke.version,
    Smoke.own_sums,
    Smoke.demo,
    Smoke.every_format,
    Smoke.verified,
    Smoke.other_formats,
    Smoke.bad_input,
    Smoke.demo_opens_window,
    Smoke.window_offscreen,
    Smoke.window_on_screen,
    Smoke.from_elsewhere,
    Smoke.odd_path,
    Smoke.read_only,
    Smoke.without_home,
    Smoke.without_network,
    Smoke.watched_command,
    Smoke.watched_window,
    Smoke.second_start_compiles_nothing,
    Smoke.package_metadata,
    Smoke.bare_debian,
)


def main(arguments: list[str] | None = None) -> int:
    """0 when all checks passed, 1 when one failed."""
    parser = argparse.ArgumentParser(description="Try a built application out.")
    parser.add_argument("dist", type=Path, help="what build.py made")
    parser.add_argument("--reference", help="Python with the unfrozen application's packages")
    parser.add_argument("--bare-root", type=Path, metavar="FOLDER", help="where it is unpacked")
    parser.add_argument("--only", nargs="+", metavar="CHECK", help="checks to make")
    parser.add_argument("--strict", action="store_true", help="a check left out is a failure")
    options = parser.parse_args(arguments)
    if options.reference is None:
        inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        own = ROOT.joinpath(".venv", *inside)
        options.reference = str(own) if own.exists() else None
    if isinstance(sys.stdout, object) and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)
    failed = left_out = passed = 0
    with tempfile.TemporaryDirectory(prefix="decam-smoke-") as name:
        # Links in the path of temporary folders (macOS) would look like other places.
        smoke = Smoke(options, Path(name).resolve())
        print(f"smoke_test.py: {smoke.place.folder}")
        for check in CHECKS:
            if options.only and check.__name__ not in options.only:
                continue
            began = time.perf_counter()
            try:
                word, said = "ok", check(smoke)
                passed += 1
            except LeftOutError as reason:
                word, said = "left out", str(reason)
                left_out += 1
            except Exception as error:
                word, said = "FAILED", f"{type(error).__name__}: {error}"
                failed += 1
                if not isinstance(error, AssertionError):
                    traceback.print_exc()
            print(f"{word:8} {check.__name__:30} {time.perf_counter() - began:6.1f} s  {said}")
    print(f"{passed} passed, {failed} failed, {left_out} skipped")
    return 1 if failed or (left_out and options.strict) else 0


if __name__ == "__main__":
    raise SystemExit(main())
