"""Linux: libraries of the build machine's own packages that PyInstaller put into a bundle."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
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


@lru_cache(maxsize=2)
def found(folder: Path) -> tuple[Library, ...]:
    """The packages whose libraries lie at the top of the bundle's inner folder, sorted.

    Raises ``SystemExit`` for a library whose package is not known: its licence would be missing.
    """
    if system() != "linux":
        return ()
    packages: dict[tuple[str, str], list[str]] = {}
    for path in sorted((folder / "_internal").glob("*.so*")):
        if path.is_symlink() or path.name.startswith("libpython"):
            continue
        name = _package_of(path.name)
        packages.setdefault((name, _version_of(name)), []).append(path.name)
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
