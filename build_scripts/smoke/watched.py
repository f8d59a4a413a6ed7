"""What a start reads, writes, executes and connects to, told by strace."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from smoke import connections
from smoke.starts import Start

CALLS = "open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat"
CALLS += f",execve,unlink,unlinkat,{connections.CALLS}"
WRITING = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC)")
TALKING = re.compile(rf" ({connections.CALLS.replace(',', '|')})\(")
# Devices and the kernel's own files are no files.
NO_FILES = ("/dev/null", "/dev/shm/", "/proc/", "/dev/tty", "/dev/dri", "/dev/urandom", "/memfd:")
COMPILERS = re.compile(r"llvmlite|libLLVM|libclang|/cc1|/numba/", re.IGNORECASE)


def has(program: str) -> bool:
    """Whether this machine has a program."""
    return shutil.which(program) is not None


def lines(start: Start, log: Path) -> list[str]:
    """Run under strace; the calls that succeeded.

    Raises ``AssertionError`` without strace, or for a start that is not as it should be.
    """
    if not has("strace"):
        raise AssertionError("strace is not installed")
    start.prefix = ["strace", "-f", "-qq", "-s", "500", "-e", f"trace={CALLS}", "-o", str(log)]
    start.run()
    text = log.read_text(encoding="utf-8", errors="replace")
    # A call that another thread interrupted is on two lines.
    return re.sub(r"\d+ +<\.\.\. \w+ resumed>.*\n", "", text).splitlines()


def check(start: Start, scratch: Path, foreign: Sequence[Path]) -> str:
    """Nothing written outside the user's folders, nothing read from elsewhere, no connection.

    Raises ``AssertionError`` with what was found.
    """
    log = scratch / f"{start.name}.strace"
    home = start.home.resolve()
    written, read, connected = set(), set(), []
    for line in lines(start, log):
        failed = re.search(r"= -1 E\w+", line) is not None
        if TALKING.search(line):
            connected += connections.outward([line])
            continue
        names = [os.path.normpath(n) for n in re.findall(r'"((?:[^"\\]|\\.)*)"', line)[:2]]
        if failed or not names:
            continue
        writes = WRITING.search(line) or re.search(r" (creat|mkdir|rename|link|symlink)\w*\(", line)
        for given in names if writes and " open" not in line else names[:1]:
            name = str((start.folder or home) / given)
            if writes and not name.startswith(NO_FILES):
                written.add(name)
            elif not writes:
                read.add(name)
    outside = sorted(n for n in written if not Path(_decoded(n)).is_relative_to(home))
    strange = sorted(n for n in read if any(Path(n).is_relative_to(f.resolve()) for f in foreign))
    if connected:
        raise AssertionError(f"words to a network: {connected[:3]}")
    if outside:
        raise AssertionError(f"written outside the user's folders: {outside[:5]}")
    if strange:
        raise AssertionError(f"read from the Python that built it: {strange[:5]}")
    left = sorted(p.name for p in (home / "tmp").iterdir())
    if left:
        raise AssertionError(f"left in the folder for temporary files: {left[:5]}")
    return (
        f"{len(read):,} files read, {len(written)} written, all in the user's folders; "
        "no word to a network"
    )


def compilers_loaded(start: Start) -> int:
    """How many files of compilers a start opened or executed."""
    log = start.home / "compilers.strace"
    found = [line for line in lines(start, log) if COMPILERS.search(line)]
    log.unlink()
    return len([line for line in found if "= -1 E" not in line])


def _decoded(name: str) -> str:
    """strace writes bytes that are no ASCII as octal numbers."""
    raw = re.sub(
        rb"\\([0-7]{1,3})", lambda m: bytes([int(m[1], 8) & 255]), name.encode("latin-1", "replace")
    )
    return raw.decode("utf-8", "replace")
