"""A Debian or Ubuntu with nothing in it but what the package declares: made by debootstrap."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from smoke.starts import HARMLESS, virtual_screen

# Every running system has /proc; here in a namespace of mounts that ends with the command.
WITH_PROC = ["unshare", "--mount", "sh", "-c"]
WITH_PROC += ['mount -t proc proc "$0/proc" && exec chroot "$0" "$@"']


def check(package: Path, folder: Path) -> str:
    """Install, start the command and the window twice, remove.

    Raises ``AssertionError`` for what does not work, and where the root cannot be made.
    """
    make(folder)
    before = _tree(folder)
    shutil.copyfile(package, folder / "tmp" / package.name)
    _inside(
        folder,
        *("apt-get", "install", "--yes", "--no-install-recommends", f"/tmp/{package.name}"),
    )
    (folder / "tmp" / package.name).unlink()
    added = _inside(folder, "dpkg-query", "--show", "--showformat", "${Package}\n").split()
    python = [p for p in added if p.startswith("python3")]
    assert not python, f"the package brought Python in: {python}"
    said = [_inside(folder, "decam", "--version").strip()]
    _inside(folder, "decam", "--check")
    _inside(
        folder,
        *("decam", "demo", "--no-window", "--calls", "100", "--out", "/root/results", "--json"),
    )
    said.append(_selftest(folder, {"QT_QPA_PLATFORM": "offscreen"}))
    with virtual_screen() as display:
        if display is not None:
            said.append(_selftest(folder, {"DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}))
    _inside(folder, "apt-get", "remove", "--purge", "--yes", "decam-studio")
    left = [n for n in _tree(folder) - before if "decam" in n and not n.startswith("root/")]
    assert not left, f"left after removal: {sorted(left)[:5]}"
    return f"{'; '.join(said)}; {len(added)} packages in the root; removed without a trace"


def make(folder: Path) -> None:
    """The root, unless it is there: this system's own release, from the mirror of its apt."""
    if (folder / "etc" / "debian_version").is_file():
        return
    assert os.geteuid() == 0, "debootstrap needs root"
    assert shutil.which("debootstrap"), "debootstrap is not installed"
    system = platform.freedesktop_os_release()
    release = system["VERSION_CODENAME"]
    # Some of what Qt needs is not in Ubuntu's first part.
    parts = "main,universe" if system["ID"] == "ubuntu" else "main"
    mirror = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    sites = [line.split()[0] for line in mirror.splitlines() if line.split()[1:] == [release]]
    assert sites, f"apt is not set up for {release}"
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [
            "debootstrap",
            "--variant=minbase",
            f"--components={parts}",
            release,
            str(folder),
            sites[0],
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"debootstrap failed: {(done.stdout + done.stderr)[-600:]}"
    # How this machine's apt reaches its mirror holds in the root too.
    for name in ("apt.conf", "apt.conf.d"):
        source = Path("/etc/apt") / name
        if source.is_dir():
            shutil.copytree(source, folder / "etc/apt" / name, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copyfile(source, folder / "etc/apt" / name)
    shutil.copyfile("/etc/resolv.conf", folder / "etc/resolv.conf")
    _inside(folder, "apt-get", "update")


def _selftest(folder: Path, environment: dict[str, str]) -> str:
    told = json.loads(_inside(folder, "decam-studio", "--selftest", **environment).splitlines()[-1])
    assert told["selftest"] is True, told
    return f"selftest {told['platform']}: {told['calls']} calls"


def _inside(folder: Path, *command: str, **environment: str) -> str:
    """Standard output of a command in the root.

    Raises ``AssertionError`` when it fails, or one of ours says something unexpected.
    """
    proxies = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
    done = subprocess.run(
        [*WITH_PROC, str(folder), *command],
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **(proxies if command[0] == "apt-get" else {}),
            **environment,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{' '.join(command[:2])}: {(done.stdout + done.stderr)[-800:]}"
    assert done.returncode == 0, f"exit code {done.returncode} of {said}"
    if command[0].startswith("decam"):
        lines = [
            x
            for x in done.stderr.splitlines()
            if x.strip() and not any(re.fullmatch(p, x) for p in HARMLESS)
        ]
        assert not lines, f"unexpected on standard error of {command[0]}: {lines[:5]}"
    return done.stdout


def _tree(folder: Path) -> set[str]:
    """Files outside of what apt and dpkg keep about themselves."""
    left = ("var/lib/", "var/cache/", "var/log/", "proc/", "sys/", "dev/", "run/")
    found = set()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(left):
            found.add(name)
    return found
