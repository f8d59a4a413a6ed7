"""The Debian package: the bundle in /opt, and what makes a desktop know it."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from bundle import contents
from bundle.facts import (
    COPYRIGHT_YEAR,
    HERE,
    IDENTITY,
    MODEL_MIME,
    NAME,
    PUBLISHER,
    ROOT,
    SESSION_MIME,
    SESSION_SUFFIX,
    SUMMARY,
    TIME,
    TITLE,
    architecture,
    version,
)
from setting_up import system_packages

DEBIAN_ARCHITECTURE = {"x86_64": "amd64", "arm64": "arm64"}
DESCRIPTION = """\
Drop in a photograph and an ONNX image classifier and see which pixels drive
the decision. Nothing is needed from inside the model, only its answers. The
window and the command decam explain, measure and report; nothing leaves the
computer.
"""
# What Qt opens by name at run time, which no file of the bundle is linked to.
OPENED_BY_NAME = ("libegl1", "libgl1", "libfontconfig1", "libxkbcommon-x11-0", "xkb-data")
COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: {title}

Files: *
Copyright: {year} {publisher}
License: Apache-2.0

Files: opt/{name}/_internal/*
Copyright: see opt/{name}/_internal/licences/LICENCES.md
License: several
 Each part that comes with the application has a folder of its own in
 /opt/{name}/_internal/licences with the texts of its licence.

License: Apache-2.0
 On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.
"""
# Debian's own form, for those who read it by machine; what has changed is in CHANGELOG.md.
CHANGES = """\
{name} ({version}) stable; urgency=medium

  * See CHANGELOG.md.gz beside this file.

 -- {maintainer}  {date}
"""
MAINTAINER = f"{PUBLISHER} <{NAME}@localhost>"


def make(folder: Path, out: Path, work: Path) -> Path | None:
    """Write the package; None where dpkg-deb is not installed."""
    if shutil.which("dpkg-deb") is None:
        print("build.py: dpkg-deb is not installed: no .deb was made")
        return None
    tree = work / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    home = tree / "opt" / NAME
    home.parent.mkdir(parents=True)
    shutil.copytree(folder, home, symlinks=True)
    programs = tree / "usr" / "bin"
    programs.mkdir(parents=True)
    for program in ("decam", "decam-studio"):
        (programs / program).symlink_to(f"/opt/{NAME}/{program}")
    _desktop(tree, work / "icons")
    _documents(tree)
    _control(tree, folder)
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            if not path.is_relative_to(home):
                path.chmod(0o755 if path.is_dir() else 0o644)
            os.utime(path, (TIME, TIME))
    target = out / f"{NAME}_{version()}_{DEBIAN_ARCHITECTURE[architecture()]}.deb"
    subprocess.run(
        [
            *("dpkg-deb", "--root-owner-group", "-Zxz", "-z2"),
            *("--build", str(tree), str(target)),
        ],
        env={**os.environ, "SOURCE_DATE_EPOCH": str(TIME)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    shutil.rmtree(tree)
    return target


def dependencies(folder: Path) -> list[str]:
    """Packages that bring what the bundle's files are linked to and do not bring themselves.

    Raises ``SystemExit`` for a library that no known package brings.
    """
    files = [folder / name for name in contents.files(folder)]
    own = {path.name for path in files}
    needed: set[str] = set()
    for path in files:
        with path.open("rb") as stream:
            if stream.read(4) != b"\x7fELF":
                continue
        text = subprocess.run(
            ["readelf", "-d", str(path)], capture_output=True, text=True, check=True
        ).stdout
        needed |= set(re.findall(r"\(NEEDED\).*\[([^\]]+)\]", text))
    glibc = r"^(ld-linux.*|lib(c|m|dl|rt|pthread|util|resolv|nsl|anl|mvec))\.so"
    missing = {n for n in needed - own if not re.match(glibc, n)}
    unknown = sorted(missing - system_packages.DEBIAN_PACKAGES.keys())
    if unknown:
        raise SystemExit(f"build.py: no Debian package is known to bring {', '.join(unknown)}")
    packages = {system_packages.DEBIAN_PACKAGES[name] for name in missing} | set(OPENED_BY_NAME)
    found = [f"libc6 (>= {contents.oldest_glibc(folder)})"]
    for package in sorted(packages):
        renamed = system_packages.RENAMED.get(package)
        found.append(f"{renamed} | {package}" if renamed else package)
    return found


def _desktop(tree: Path, icons: Path) -> None:
    """Desktop entry, icons, MIME types and AppStream data."""
    facts = {
        "NAME": NAME,
        "TITLE": TITLE,
        "SUMMARY": SUMMARY,
        "IDENTITY": IDENTITY,
        "PUBLISHER": PUBLISHER,
        "VERSION": version(),
        "MODEL_MIME": MODEL_MIME,
        "SESSION_MIME": SESSION_MIME,
        "SESSION_SUFFIX": SESSION_SUFFIX,
    }
    share = tree / "usr" / "share"
    for source, target in (
        ("decam-studio.desktop", f"applications/{NAME}.desktop"),
        ("mime.xml", f"mime/packages/{NAME}.xml"),
        ("metainfo.xml", f"metainfo/{IDENTITY}.metainfo.xml"),
    ):
        text = (HERE / "linux" / source).read_text(encoding="utf-8")
        for name, value in facts.items():
            text = text.replace(f"@{name}@", value)
        (share / target).parent.mkdir(parents=True, exist_ok=True)
        (share / target).write_text(text, encoding="utf-8", newline="\n")
    hicolor = share / "icons" / "hicolor"
    for picture in sorted(icons.glob("*.png")):
        size = f"{picture.stem}x{picture.stem}"
        for kind, name in (("apps", NAME), ("mimetypes", SESSION_MIME.replace("/", "-"))):
            target = hicolor / size / kind / f"{name}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, target)
    scalable = hicolor / "scalable" / "apps" / f"{NAME}.svg"
    scalable.parent.mkdir(parents=True)
    shutil.copyfile(ROOT / "resources" / "app" / f"{NAME}.svg", scalable)


def _documents(tree: Path) -> None:
    folder = tree / "usr" / "share" / "doc" / NAME
    folder.mkdir(parents=True)
    (folder / "copyright").write_text(
        COPYRIGHT.format(title=TITLE, publisher=PUBLISHER, name=NAME, year=COPYRIGHT_YEAR),
        encoding="utf-8",
    )
    date = format_datetime(datetime.fromtimestamp(TIME, UTC))
    changes = CHANGES.format(name=NAME, version=version(), maintainer=MAINTAINER, date=date)
    for name, content in (
        ("changelog.gz", changes.encode()),
        ("CHANGELOG.md.gz", (ROOT / "CHANGELOG.md").read_bytes()),
    ):
        # No time in it: the same content is the same file.
        (folder / name).write_bytes(gzip.compress(content, 9, mtime=0))
    # What a package checker would remark on, and why it is so.
    overrides = tree / "usr" / "share" / "lintian" / "overrides" / NAME
    overrides.parent.mkdir(parents=True)
    shutil.copyfile(HERE / "linux" / "lintian-overrides", overrides)


def _control(tree: Path, folder: Path) -> None:
    files = {p.relative_to(tree).as_posix(): p for p in sorted(tree.rglob("*")) if p.is_file()}
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {name}\n"
        for name, path in files.items()
        if not path.is_symlink()
    ]
    size = sum(p.stat().st_size for p in files.values() if not p.is_symlink()) // 1024
    description = "".join(f" {line}\n" for line in DESCRIPTION.splitlines())
    control = tree / "DEBIAN"
    control.mkdir()
    (control / "md5sums").write_text("".join(sums), encoding="utf-8")
    (control / "control").write_text(
        f"Package: {NAME}\n"
        f"Version: {version()}\n"
        "Section: science\n"
        "Priority: optional\n"
        f"Architecture: {DEBIAN_ARCHITECTURE[architecture()]}\n"
        f"Maintainer: {MAINTAINER}\n"
        f"Installed-Size: {size}\n"
        f"Depends: {', '.join(dependencies(folder))}\n"
        "Recommends: fonts-dejavu-core, libwayland-cursor0\n"
        f"Description: {SUMMARY[0].lower()}{SUMMARY[1:]}\n"
        f"{description}",
        encoding="utf-8",
    )
