"""Make ``requirements.lock`` anew from ``pyproject.toml``.

The lock holds names, versions and hashes for every supported Python and system, and nothing
about where the files lie, so that it works with whichever package index a machine uses.
Versions that still fit are kept; ``--upgrade`` takes the newest of everything. Needs ``uv``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = """\
# Every dependency of pyproject.toml, of its group "dev" and its extra "build": names, versions,
# SHA-256 hashes.
# Valid for Python 3.11 to 3.14 on Linux, Windows and macOS. Made by build_scripts/lock.py;
# change pyproject.toml and run that again rather than editing this file.
"""
COMMAND = [
    *("uv", "pip", "compile", "pyproject.toml", "--group", "dev", "--extra", "build"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
]


def problem_in(text: str) -> str:
    """What makes ``text`` unfit as a lock, or an empty string."""
    for line in text.splitlines():
        if "://" in line or " @ " in line or line.startswith(("-", "/", ".")):
            return f"it says where files lie: {line.strip()!r}"
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if "==" in block and "--hash=sha256:" not in block:
            return f"no hash for {block.splitlines()[0]!r}"
    return ""


def main(arguments: list[str] | None = None) -> int:
    """Write the lock; 2 when it could not be made."""
    parser = argparse.ArgumentParser(description="Make requirements.lock from pyproject.toml.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    options = parser.parse_args(arguments)
    if shutil.which("uv") is None:
        print(
            "lock.py: expected the program uv on PATH, found none; install it "
            "(for example: pipx install uv) and run this again",
            file=sys.stderr,
        )
        return 2
    with tempfile.TemporaryDirectory() as folder:
        # uv prefers the versions it finds in the output file; the real one stays until all is well.
        draft = Path(folder) / LOCK.name
        if LOCK.exists():
            shutil.copyfile(LOCK, draft)
        upgrade = ["--upgrade"] if options.upgrade else []
        command = [*COMMAND, *upgrade, "--output-file", str(draft)]
        code = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode
        if code:
            print(f"lock.py: uv failed with exit code {code}; see above", file=sys.stderr)
            return 2
        text = HEADER + draft.read_text(encoding="utf-8")
    problem = problem_in(text)
    if problem:
        print(f"lock.py: the new lock is unfit, nothing written: {problem}", file=sys.stderr)
        return 2
    fresh = LOCK.with_name(LOCK.name + ".new")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(LOCK)
    count = len(re.findall(r"^[a-z0-9][^ ]*==", text, flags=re.MULTILINE))
    print(f"{LOCK.name}: {count} pinned versions")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
