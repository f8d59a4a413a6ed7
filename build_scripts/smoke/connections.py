"""Whom a program talks to, told by strace: local sockets, as those of X, are no network."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

# Calls that name whom something is sent to; a name is looked up by them, too.
CALLS = "connect,sendto,sendmsg,sendmmsg"
# IPv4, IPv6, Bluetooth, virtual machines' hosts: whatever leads out of this system.
FAMILIES = re.compile(r"sa_family=AF_(?!UNIX\b|UNSPEC\b|NETLINK\b)\w+")


def why_not() -> str:
    """Why programs cannot be watched here; empty where they can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    done = subprocess.run(
        [strace, "-f", "-qq", "-e", f"trace={CALLS}", "-o", "/dev/null", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    return f"strace may not watch here: {done.stderr.strip()[-200:]}" if done.returncode else ""


def watching(log: Path) -> list[str]:
    """What to put before a command, so that its calls and those of its children are in ``log``."""
    strace = shutil.which("strace") or "strace"
    # Only the calls that are asked for stop the program: it is as fast as without.
    quiet = ("-f", "--seccomp-bpf", "-qq", "-s", "80", "-e", "signal=none")
    return [strace, *quiet, "-e", f"trace={CALLS}", "-o", str(log)]


def outward(lines: list[str]) -> list[str]:
    """Those lines of a log that lead out of this system, whether they came through or not."""
    return [line for line in lines if FAMILIES.search(line)]


def found(log: Path) -> tuple[list[str], int]:
    """``(calls that lead out, all calls seen)`` of a log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return outward(lines), len(lines)
