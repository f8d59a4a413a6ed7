"""What a desktop learns from the .deb, looked at by the validators of its standards."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

VALIDATORS = ("dpkg-deb", "desktop-file-validate", "appstreamcli", "xmllint")


def check(package: Path, folder: Path) -> str:
    """Unpack all but the application itself into ``folder`` and judge it.

    Raises ``AssertionError`` with what a validator says, for a file that another one names and that
    is not there, and for a library or a text that is marked as a program.
    """
    folder.mkdir(parents=True)
    archive = folder / "all.tar"
    with archive.open("wb") as stream:
        subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=stream, check=True)
    subprocess.run(["tar", "-x", "-f", str(archive), "-C", str(folder), "./usr"], check=True)
    listed = _run("tar", "-t", "-v", "-f", str(archive))
    archive.unlink()
    share = folder / "usr" / "share"
    (entry,) = (share / "applications").glob("*.desktop")
    (metainfo,) = (share / "metainfo").glob("*.xml")
    (mime,) = (share / "mime" / "packages").glob("*.xml")
    said = _run("desktop-file-validate", str(entry))
    assert not said.strip(), said
    _run("appstreamcli", "validate", "--no-net", str(metainfo))
    _run("xmllint", "--noout", "--nonet", str(mime))
    facts = dict(re.findall(r"^(\w+)=(.*)$", entry.read_text(encoding="utf-8"), re.MULTILINE))
    types = set(re.findall(r'<mime-type type="([^"]+)"', mime.read_text(encoding="utf-8")))
    assert types == set(filter(None, facts["MimeType"].split(";"))), (types, facts["MimeType"])
    icons = sorted(share.glob(f"icons/hicolor/*/apps/{facts['Icon']}.*"))
    assert len(icons) >= 8, f"too few sizes of the icon {facts['Icon']}: {icons}"
    programs = re.findall(r"^-rwx\S+ .* \./(\S+)$", listed, flags=re.MULTILINE)
    started = facts["Exec"].split()[0].removeprefix("/")
    expected = sorted([started, str(Path(started).with_name("decam"))])
    assert sorted(programs) == expected, f"marked as programs: {programs[:6]}"
    return f"{len(types)} MIME types, {len(icons)} icons, valid; programs: the two alone"


def _run(*command: str) -> str:
    done = subprocess.run(list(command), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {(done.stdout + done.stderr)[-600:]}"
    return done.stdout
