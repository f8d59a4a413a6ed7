"""Linux: libraries that nothing in the bundle is linked to any more, once plug-ins are left out."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

# Libraries that are opened by name and not linked to.
PLUGIN_FOLDERS = ("plugins/",)
OPENED_BY_NAME = ("libpython", "libonnxruntime_providers_shared", "libpdfium")


def remove_unreachable(folder: Path) -> list[str]:
    """Remove them, and links that lead nowhere then; names of what was removed.

    Modules of Python, plug-ins of Qt and the programs are what everything starts from.
    """
    needs: dict[Path, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and _is_elf(path):
            needs[path] = _needed(path)
    by_name: dict[str, set[Path]] = {}
    for path in needs:
        by_name.setdefault(path.name, set()).add(path)
    for link in folder.rglob("*"):
        if link.is_symlink() and link.resolve() in needs:
            by_name.setdefault(link.name, set()).add(link.resolve())
    reached: set[Path] = set()
    waiting = [path for path in needs if not _is_plain_library(path, folder)]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for name in needs[path]:
            waiting += by_name.get(name, ())
    removed = sorted(needs.keys() - reached)
    for path in removed:
        path.unlink()
    for link in sorted(folder.rglob("*")):
        if link.is_symlink() and not link.exists():
            link.unlink()
    for inner in sorted(folder.rglob("*"), reverse=True):
        if inner.is_dir() and not inner.is_symlink() and next(inner.iterdir(), None) is None:
            inner.rmdir()
    return [path.relative_to(folder).as_posix() for path in removed]


def _is_plain_library(path: Path, folder: Path) -> bool:
    """Whether it is only of use to those that are linked to it."""
    inside = path.relative_to(folder).as_posix()
    return (
        path.name.startswith("lib")
        and ".so" in path.name
        and not any(part in inside for part in PLUGIN_FOLDERS)
        and not path.name.startswith(OPENED_BY_NAME)
    )


def _is_elf(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"\x7fELF"


def _needed(path: Path) -> set[str]:
    text = subprocess.run(
        ["readelf", "-d", str(path)], capture_output=True, text=True, check=False
    ).stdout
    return set(re.findall(r"\(NEEDED\).*\[([^\]]+)\]", text))
