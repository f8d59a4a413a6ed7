"""Linux: libraries of the build machine's own packages that PyInstaller put into a bundle."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
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

    @property
    def licence_names(self) -> str:
        """Its licences by name, where the text is in Debian's form that machines read."""
        return stated(self.licence.read_text(encoding="utf-8", errors="replace"))


def stated(text: str) -> str:
    """Names in the fields ``License`` of a copyright file, or where to read about them."""
    if "copyright-format" not in text.partition("\n\n")[0]:
        return "see its copyright file"
    names = {n.strip() for n in re.findall(r"^License: *(\S.*)$", text, flags=re.MULTILINE)}
    return "; ".join(sorted(names, key=str.lower)) or "see its copyright file"


def found(folder: Path, sources: dict[str, str]) -> tuple[Library, ...]:
    """The packages that libraries in the bundle come from, sorted.

    ``sources``: path in the inner folder -> where the file was taken from.

    Raises ``SystemExit`` for a library whose package is not known: its licence would be missing.
    """
    if system() != "linux":
        return ()
    # A Python of the system's own shares its folder with all other libraries.
    own = [Path(p).resolve() for p in (sys.prefix, sys.base_prefix) if p != "/usr"]
    own.append(Path(sysconfig.get_path("stdlib")).resolve())
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
