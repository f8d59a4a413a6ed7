"""The licences of everything in a bundle, as one list and the texts beside it."""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from bundle import inventory
from bundle.facts import LICENCE, ROOT, TITLE, version
from bundle.system_libraries import Library

HEAD = f"""# Licences

{TITLE} {version()} is under {LICENCE} (see `LICENSE`). It comes with the following parts, each
under its own licence; the texts are in the folders beside this file.

Qt and PySide6 are used under the LGPL version 3: they are separate files in this folder, which may
be replaced by other builds of the same version.

| part | version | licence | texts |
|---|---|---|---|
"""
LOADER_LICENCE = "GPL-2.0-or-later WITH Bootloader-exception"
TEXTS = Path(__file__).with_name("licence_texts")
# Distributions that install no text; fpdf2's refers to one that it does not bring.
KNOWN = {
    "PySide6_Essentials": (TEXTS / "LGPL-3.0.txt", TEXTS / "GPL-3.0.txt"),
    "shiboken6": (TEXTS / "LGPL-3.0.txt", TEXTS / "GPL-3.0.txt"),
    "fpdf2": (TEXTS / "GPL-3.0.txt",),
    "flatbuffers": (ROOT / "LICENSE",),
}


def write(folder: Path, packages: Sequence[Library]) -> None:
    """Write ``LICENCES.md`` and a folder of texts for each part, and for packages of the system.

    Raises ``SystemExit`` when a part has no text at all: nothing goes out without.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")
    rows = []
    missing = []
    for distribution in inventory.bundled():
        name = str(distribution.metadata["Name"])
        texts = inventory.licence_files(distribution)
        texts |= {p.name: p.read_text(encoding="utf-8") for p in KNOWN.get(name, ())}
        if not texts:
            missing.append(name)
        for place, text in texts.items():
            flat = re.sub(r"[^A-Za-z0-9._-]+", "_", place)
            target = folder / name / flat
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        rows.append((name, distribution.version, inventory.licence_of(distribution), name))
    # PyInstaller's start-up program is in both programs; its exception lets them have any licence.
    loader = metadata.distribution("pyinstaller")
    (folder / "PyInstaller").mkdir()
    for place, text in inventory.licence_files(loader).items():
        (folder / "PyInstaller" / Path(place).name).write_text(text, encoding="utf-8")
    rows.append(("PyInstaller (loader)", loader.version, LOADER_LICENCE, "PyInstaller"))
    rows.append(("Python", sys.version.split()[0], "PSF-2.0", "Python"))
    (folder / "Python").mkdir()
    shutil.copyfile(_python_licence(), folder / "Python" / "LICENSE.txt")
    for part in sorted((ROOT / "resources").iterdir()):
        text = next((p for p in part.glob("LICENSE*")), None) if part.is_dir() else None
        if text is not None:
            target = folder / f"resources-{part.name}"
            target.mkdir()
            shutil.copyfile(text, target / text.name)
            rows.append((f"resources: {part.name}", version(), "see the text", target.name))
    for library in packages:
        target = folder / f"system-{library.package}"
        target.mkdir()
        if library.licence.is_file():
            shutil.copyfile(library.licence, target / "copyright")
        else:
            missing.append(library.package)
        rows.append((library.package, library.version, "see the text", target.name))
    if missing:
        raise SystemExit(f"build.py: no licence text found for {', '.join(missing)}")
    lines = [f"| {a} | {b} | {c} | [{d}]({d}) |\n" for a, b, c, d in rows]
    (folder / "LICENCES.md").write_text(HEAD + "".join(lines), encoding="utf-8", newline="\n")


def _python_licence() -> Path:
    """The text that Python is installed with."""
    library = Path(sysconfig.get_path("stdlib"))
    for place in (library, library.parent, Path(sys.base_prefix)):
        for name in ("LICENSE.txt", "LICENSE"):
            if (place / name).is_file():
                return place / name
    raise SystemExit(f"build.py: expected Python's LICENSE.txt in {library}, found none")
