"""Build the standalone application for the system this runs on.

    python3 build_scripts/build.py                 everything, into dist/
    python3 build_scripts/build.py --no-packages   only the folder, without archive and installer
    python3 build_scripts/build.py --twice         build again and compare the two

Uses ``.venv``, which build_scripts/dev.py makes; it is made first when it is not there. What
comes in and what stays out: bundle/rules.py. Try the result with smoke_test.py.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def in_own_environment() -> None:
    """Go on with the project's Python when this one lacks what the build needs."""
    needed = ("PyInstaller", "cyclonedx", "jsonschema", "PySide6", "numba")
    if all(importlib.util.find_spec(name) for name in needed):
        return
    inside = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    python = ROOT.joinpath(".venv", *inside)
    if Path(sys.prefix).resolve() == (ROOT / ".venv").resolve():
        raise SystemExit(f"build.py: expected {', '.join(needed)} in .venv; run dev.py setup")
    code = subprocess.run(
        [sys.executable, str(ROOT / "build_scripts" / "dev.py"), "setup"], check=False
    ).returncode
    if code:
        raise SystemExit(code)
    raise SystemExit(subprocess.run([str(python), *sys.argv], check=False).returncode)


def step(text: str) -> None:
    """Say what is being done, and since when."""
    print(f"build.py: {text} ({time.perf_counter() - STARTED:.0f} s)", flush=True)


STARTED = time.perf_counter()


def freeze(work: Path, out: Path) -> Path:
    """Collect the application into a folder below ``out``; that folder."""
    from bundle import contents, facts, stage

    step("staging the packages and compiling their loops")
    tree = stage.make_stage(work)
    environment = stage.clean_environment(
        PYTHONPATH=str(tree),
        DECAM_STAGE=str(tree),
        DECAM_ICONS=str(work / "icons"),
        SOURCE_DATE_EPOCH=str(facts.TIME),
    )
    scripts = Path(__file__).resolve().parent
    svg = ROOT / "resources" / "app" / "decam-studio.svg"
    subprocess.run(
        [sys.executable, str(scripts / "bundle" / "icons.py"), str(svg), str(work / "icons")],
        env=environment,
        check=True,
    )
    step("collecting with PyInstaller")
    # Its leftovers would decide what comes in.
    for name in ("pyinstaller", "collected"):
        shutil.rmtree(work / name, ignore_errors=True)
    subprocess.run(
        [
            *(sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
            *("--workpath", str(work / "pyinstaller"), "--distpath", str(work / "collected")),
            str(scripts / "decam.spec"),
        ],
        env=environment,
        cwd=work,
        check=True,
    )
    collected = work / "collected" / facts.NAME
    if facts.system() == "macos":
        # The app is what counts; the folder it was made from goes.
        shutil.rmtree(collected)
        collected.mkdir()
        app = f"{facts.TITLE}.app"
        shutil.move(collected.parent / app, collected / app)
    step("licences, bill of materials, sums")
    listed = work / "pyinstaller" / "decam" / "COLLECT-00.toc"
    entries = ast.literal_eval(listed.read_text(encoding="utf-8"))[-1]
    contents.complete(collected, {entry[0]: entry[1] for entry in entries})
    target = out / facts.package_name()
    shutil.rmtree(target, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    shutil.move(collected, target)
    return target


def main(arguments: list[str] | None = None) -> int:
    """0: all is built and within its bounds; 1: a line for each problem; 2: a tool is missing."""
    parser = argparse.ArgumentParser(description="Build the standalone application.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="default: dist/")
    parser.add_argument("--work", type=Path, default=ROOT / "build", help="default: build/")
    parser.add_argument("--no-packages", dest="packages", action="store_false")
    parser.add_argument("--twice", action="store_true", help="build again and compare")
    options = parser.parse_args(arguments)
    in_own_environment()
    os.environ.pop("PYTHONPATH", None)
    from bundle import contents, facts, tools
    from setting_up.saying import MendableError

    try:
        tools.provide()
    except MendableError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 2
    work, out = options.work.resolve(), options.out.resolve()
    work.mkdir(parents=True, exist_ok=True)
    folder = freeze(work, out)
    print(contents.size_table(folder))
    problems = contents.problems(folder)
    if options.twice:
        step("building again")
        again = freeze(work, work / "again")
        differences = contents.differences(folder, again)
        problems += differences
        count = len(contents.files(folder))
        print(f"build.py: built twice: {count} files, {len(differences)} differences")
    made = [folder]
    if options.packages:
        step("packages")
        from bundle import packages

        made += packages.make(folder, out, work)
        problems += contents.too_large(made)
    for path in made:
        print(f"build.py: made {path}")
    for problem in problems:
        print(f"build.py: {problem}", file=sys.stderr)
    step("finished" if not problems else f"finished with {len(problems)} problems")
    if facts.system() == "linux":
        print(f"build.py: starts on glibc {contents.oldest_glibc(folder)} and newer")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
