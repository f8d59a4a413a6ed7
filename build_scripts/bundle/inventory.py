"""The distributions that are frozen: those the project asks for, and those they ask for."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bundle.facts import EXTRAS, ROOT

# Asked for by numba, which compiles the loops when the bundle is built and stays behind. Its name
# and version are recorded with every map all the same.
BUILD_TIME_ONLY = {"llvmlite"}
NOT_BUNDLED = {"llvmlite", "numba"}


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Names of the distributions whose facts the application looks up, sorted."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [Requirement(text) for text in project["dependencies"]]
    for extra in EXTRAS:
        wanted += [Requirement(t) for t in project["optional-dependencies"].get(extra, [])]
    found: dict[str, str] = {}
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        if name in found or name in BUILD_TIME_ONLY or not _applies(requirement):
            continue
        try:
            distribution = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            raise SystemExit(
                f"build.py: expected {requirement} to be installed, found none; run "
                "python3 build_scripts/dev.py setup and build with its Python"
            ) from None
        found[name] = str(distribution.metadata["Name"])
        wanted += [Requirement(text) for text in distribution.requires or []]
    return tuple(sorted(found.values(), key=str.lower))


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def bundled() -> list[metadata.Distribution]:
    """The distributions whose files are in the bundle."""
    return [
        metadata.distribution(name)
        for name in names()
        if canonicalize_name(name) not in NOT_BUNDLED
    ]


def licence_of(distribution: metadata.Distribution) -> str:
    """Its licence as it states it: an SPDX expression, a field, or its classifiers."""
    facts = distribution.metadata
    expression = facts.get("License-Expression")
    if expression:
        return str(expression)
    classifiers = [
        c.rsplit(" :: ", 1)[-1]
        for c in facts.get_all("Classifier") or []
        if c.startswith("License :: ") and not c.endswith("OSI Approved")
    ]
    text = str(facts.get("License") or "").strip()
    if text and "\n" not in text and len(text) < 80:
        return text
    return " AND ".join(classifiers) or "see its licence files"


def licence_files(distribution: metadata.Distribution) -> dict[str, str]:
    """Name -> text of every licence, notice and author file that it installs."""
    found = {}
    for file in distribution.files or []:
        # Some name their texts by the licence alone, in a folder that says what they are.
        name = "/".join(part.lower() for part in file.parts[1:])
        if re.search(r"licen[cs]e|copying|notice|third.?party|(^|/)authors|copyright", name) and (
            not name.endswith((".py", ".pyc", ".pyi", ".so", ".js", ".h", ".html"))
        ):
            path = distribution.locate_file(file)
            try:
                found[file.as_posix()] = path.read_text(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
            except OSError:
                continue
    return found
