"""The files that people download: archives and installers, each with its SHA-256."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

from bundle import deb
from bundle.facts import HERE, TIME, TITLE, package_name, system, version

SUMS = "SHA256SUMS"


def make(folder: Path, out: Path, work: Path) -> list[Path]:
    """Pack the bundle for this system; the files made, the last of them the list of sums."""
    match system():
        case "linux":
            made = [tar(folder, out), deb.make(folder, out, work)]
        case "windows":
            made = [zipped(folder, out), *windows_installer(folder, out, work / "icons")]
        case _:
            made = macos_image(folder, out)
    made = [path for path in made if path is not None]
    lines = [f"{_sha256(path)}  {path.name}\n" for path in made]
    (out / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
    return [*made, out / SUMS]


def tar(folder: Path, out: Path) -> Path:
    """A ``.tar.gz`` that is the same for the same bundle."""
    target = out / f"{package_name()}.tar.gz"

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = TIME
        return member

    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=TIME) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in sorted([folder, *folder.rglob("*")]):
            inside = path.relative_to(folder.parent).as_posix()
            archive.add(path, inside, recursive=False, filter=plain)
    return target


def zipped(folder: Path, out: Path) -> Path:
    """A ``.zip`` that is the same for the same bundle."""
    target = out / f"{package_name()}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                inside = zipfile.ZipInfo(
                    path.relative_to(folder.parent).as_posix(), (2024, 1, 1, 0, 0, 0)
                )
                inside.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(inside, path.read_bytes())
    return target


def windows_installer(folder: Path, out: Path, icons: Path) -> list[Path]:
    """By Inno Setup, when it is installed."""
    compiler = shutil.which("iscc") or shutil.which("ISCC")
    if compiler is None:
        print("build.py: Inno Setup (iscc) is not installed: the .zip alone was made")
        return []
    subprocess.run(
        [
            compiler,
            *(f"/DBundle={folder}", f"/DVersion={version()}", f"/O{out}"),
            *(f"/DIcon={icons / 'decam-studio.ico'}", f"/F{package_name()}-setup"),
            str(HERE / "windows" / "installer.iss"),
        ],
        check=True,
    )
    return [out / f"{package_name()}-setup.exe"]


def macos_image(folder: Path, out: Path) -> list[Path]:
    """A disk image with the app and a link to Applications."""
    target = out / f"{package_name()}.dmg"
    subprocess.run(
        [
            *("hdiutil", "create", "-ov", "-format", "UDZO", "-volname", TITLE),
            *("-srcfolder", str(folder), str(target)),
        ],
        check=True,
    )
    return [target]


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
