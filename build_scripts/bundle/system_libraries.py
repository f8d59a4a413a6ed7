"""Linux: libraries of the build machine's own packages that PyInstaller put into a bundle."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bundle.facts import system


@dataclass(frozen=True)
class Library:
    """A package of the system, and the files of it that are in the bundle."""

    package: str
    version: str
    files: tuple[str, ...]

    @property
    def licence(self) -> Path:
        """The text that the system keeps of its licences."""
        return Path("/usr/share/doc") / self.package.partition(":")[0] / "copyright"


def found(folder: Path, sources: dict[str, str]) -> tuple[Library, ...]:
    """The packages that libraries in the bundle come from, sorted.

    ``sources``: path in the inner folder -> where the file was taken from.

    Raises ``SystemExit`` for a library whose package is not known: its licence would be missing.
    """
    if system() != "linux":
        return ()
    own = [Path(p).resolve() for p in (sys.prefix, sys.base_prefix)]
    packages: dict[tuple[str, str], list[str]] = {}
    for name, source in sorted(sources.items()):
        path = folder / "_internal" / name
        if ".so" not in path.name or path.is_symlink() or not path.is_file():
            continue
        if any(Path(source).resolve().is_relative_to(p) for p in own) or "decam_" in name:
            continue
        package = _package_of(path.name)
        packages.setdefault((package, _version_of(package)), []).append(path.name)
    return tuple(Library(p, v, tuple(files)) for (p, v), files in sorted(packages.items()))


def _package_of(name: str) -> str:
    if shutil.which("dpkg-query") is None:
        raise SystemExit(f"build.py: {name} comes from this system, whose packages are not known")
    text = subprocess.run(
        ["dpkg-query", "--search", f"*/{name}"], capture_output=True, text=True, check=False
    ).stdout
    match = re.search(r"^([^:\s]+)(:\w+)?: \S+$", text, flags=re.MULTILINE)
    if match is None:
        raise SystemExit(f"build.py: expected a package of this system to have {name}, found none")
    return match[1]


def _version_of(package: str) -> str:
    text = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}\n", package],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return text.split("\n")[0]
