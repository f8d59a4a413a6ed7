"""What is in a bundle: completing it with licences, bill of materials and sums, and judging it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from bundle import licences, reach, rules, sbom, stubs, system_libraries
from bundle.facts import MOST_COMPRESSED, MOST_UNPACKED, TIME, system

INSIDE = "_internal"
SUMS = "SHA256SUMS"
# Parts of the size table: name -> what belongs to it; the first that fits.
PARTS = (
    ("Qt and PySide6", re.compile(r"PySide6|shiboken6|libQt6|libicu")),
    ("ONNX Runtime", re.compile(r"onnxruntime")),
    ("OpenCV", re.compile(r"cv2|opencv")),
    ("NumPy with its BLAS", re.compile(r"^numpy")),
    ("demo model", re.compile(r"^resources/models")),
    ("fonts", re.compile(r"^resources/fonts")),
    ("other resources", re.compile(r"^resources")),
    ("DICOM (pydicom, GDCM)", re.compile(r"gdcm|pydicom", re.IGNORECASE)),
    ("HEIC (libheif)", re.compile(r"heif")),
    ("Pillow", re.compile(r"^PIL|pillow")),
    ("text shaping (HarfBuzz, fontTools)", re.compile(r"uharfbuzz|fontTools", re.IGNORECASE)),
    ("compiled loops", re.compile(r"^decam_engine/_kernels")),
    ("licences, bill of materials", re.compile(r"^licences|sbom|SHA256")),
    ("Python and other modules", re.compile(r"")),
)


def files(folder: Path) -> dict[str, int]:
    """Path in the bundle -> bytes; symbolic links count as nothing."""
    return {
        path.relative_to(folder).as_posix(): 0 if path.is_symlink() else path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() or path.is_symlink()
    }


def inner(folder: Path) -> Path:
    """Where the files of the programs lie in a bundle."""
    app = next(iter(sorted(folder.glob("*.app"))), None)
    return folder / INSIDE if app is None else app / "Contents" / "Resources"


def complete(folder: Path, sources: dict[str, str]) -> None:
    """Add licences, bill of materials and sums; make times and permissions the same every time.

    ``sources`` says where each file of the inner folder was taken from.
    """
    inside = inner(folder)
    if system() == "linux":
        stubs.replace_unused(inside)
        reach.remove_unreachable(folder)
        for library in inside.glob("libpython*.so*"):
            # Its debugging symbols are three quarters of it.
            subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)
    packages = system_libraries.found(folder, sources)
    licences.write(inside / "licences", packages)
    sbom.write(inside / "sbom.cdx.json", packages)
    if system() != "macos":
        # There the signature says the same, and would not hold with a list of sums beside it.
        write_sums(folder)
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        if system() != "windows":
            path.chmod(0o755 if path.is_dir() or _is_program(path, folder) else 0o644)
        os.utime(path, (TIME, TIME))


def _is_program(path: Path, folder: Path) -> bool:
    """Whether a file is one to start; wheels mark libraries, and even texts, as such."""
    if system() == "linux":
        return path.parent == folder
    return os.access(path, os.X_OK)


def write_sums(folder: Path) -> None:
    """``SHA256SUMS`` as ``sha256sum --check`` and ``decam --check`` read it."""
    sums = inner(folder) / SUMS
    sums.unlink(missing_ok=True)
    lines = []
    for name in files(folder):
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        lines.append(f"{digest}  {name}\n")
    sums.write_text("".join(lines), encoding="utf-8", newline="\n")


def size_table(folder: Path) -> str:
    """What takes the space, as a table."""
    sizes = {part: [0, 0] for part, _ in PARTS}
    for name, size in files(folder).items():
        short = name.removeprefix(f"{INSIDE}/")
        part = next(part for part, pattern in PARTS if pattern.search(short))
        sizes[part][0] += size
        sizes[part][1] += 1
    rows = sorted(sizes.items(), key=lambda row: -row[1][0])
    lines = ["| part | MB | files |", "|---|---|---|"]
    lines += [f"| {part} | {size / 1e6:.1f} | {count} |" for part, (size, count) in rows if count]
    total, count = (sum(s[k] for s in sizes.values()) for k in (0, 1))
    lines.append(f"| **all** | **{total / 1e6:.1f}** | **{count}** |")
    return "\n".join(lines)


def problems(folder: Path) -> list[str]:
    """What must not be in the bundle, is missing from it, or is too much."""
    found = files(folder)
    wrong = rules.problems(found)
    size = sum(found.values())
    if size > MOST_UNPACKED:
        wrong.append(f"the bundle has {size / 1e6:.0f} MB, at most {MOST_UNPACKED / 1e6:.0f}")
    for needed in ("resources/models/efficientnet-lite0.onnx", "licences/LICENCES.md"):
        if (inner(folder) / needed).relative_to(folder).as_posix() not in found:
            wrong.append(f"{needed} is missing")
    return wrong


def too_large(packages: Iterable[Path]) -> list[str]:
    """Compressed packages above their bound."""
    return [
        f"{p.name} has {p.stat().st_size / 1e6:.0f} MB, at most {MOST_COMPRESSED / 1e6:.0f}"
        for p in packages
        if p.is_file() and p.stat().st_size > MOST_COMPRESSED
    ]


def differences(one: Path, other: Path) -> list[str]:
    """Files that only one of two builds has, or that differ in size or content."""
    a, b = files(one), files(other)
    found = [f"only in one of two builds: {name}" for name in sorted(a.keys() ^ b.keys())]
    for name in sorted(a.keys() & b.keys()):
        if a[name] != b[name]:
            found.append(f"differs in size between two builds: {name} {a[name]} {b[name]}")
    return found


def oldest_glibc(folder: Path) -> str:
    """The newest version of glibc that a file of the bundle asks for."""
    newest = (0, 0)
    if shutil.which("readelf") is None:
        return "unknown (readelf is not installed)"
    for name in files(folder):
        path = folder / name
        with path.open("rb") as stream:
            if stream.read(4) != b"\x7fELF":
                continue
        text = subprocess.run(
            ["readelf", "-V", str(path)], capture_output=True, text=True, check=False
        ).stdout
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", text):
            newest = max(newest, (int(major), int(minor)))
    return ".".join(map(str, newest))
