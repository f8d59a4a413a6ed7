"""Debian packages: which one brings a library, and getting them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

from setting_up.programs import quietly
from setting_up.saying import last_lines, say

# System library -> Debian package, as Debian 12 and Ubuntu 22.04 name it.
DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libGLdispatch.so.0": "libglvnd0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXau.so.6": "libxau6",
    "libXext.so.6": "libxext6",
    "libXi.so.6": "libxi6",
    "libXrender.so.1": "libxrender1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libpng16.so.16": "libpng16-16",
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xinerama.so.0": "libxcb-xinerama0",
    "libxcb-xinput.so.0": "libxcb-xinput0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
# Renamed for 64-bit time in Debian 13 and Ubuntu 24.04.
RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}
RENAMED_SINCE = {"debian": 13, "ubuntu": 24}


def missing_libraries(report: str) -> set[str]:
    """Libraries that a report of ``ldd``, or a failed import, says are not there."""
    found = re.findall(r"^\s*(\S+) => not found", report, flags=re.MULTILINE)
    found += re.findall(r"(\S+\.so[.\d]*): cannot open shared object file", report)
    return {Path(name).name for name in found}


def debian_packages(libraries: set[str], os_release: dict[str, str]) -> tuple[list[str], list[str]]:
    """Packages that bring ``libraries``, and the libraries nobody is known to bring."""
    identity = os_release.get("ID", "")
    release = os_release.get("VERSION_ID", "").split(".")[0]
    since = RENAMED_SINCE.get(identity)
    renamed = since is not None and release.isdigit() and int(release) >= since
    packages = {DEBIAN_PACKAGES[name] for name in libraries if name in DEBIAN_PACKAGES}
    if renamed:
        packages = {RENAMED.get(package, package) for package in packages}
    return sorted(packages), sorted(libraries - DEBIAN_PACKAGES.keys())


def parse_os_release(text: str) -> dict[str, str]:
    """The ``KEY=value`` lines of ``/etc/os-release``."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, value in pairs}


def os_release() -> dict[str, str]:
    path = Path("/etc/os-release")
    return parse_os_release(path.read_text(encoding="utf-8")) if path.is_file() else {}


def apt_command(packages: list[str]) -> str:
    """What to type to install ``packages`` on Debian and Ubuntu."""
    return shlex.join(["sudo", "apt-get", "install", "-y", *packages])


def may_use_apt() -> bool:
    """Whether system packages can be installed from here without asking anybody."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return root and shutil.which("apt-get") is not None


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; the lists are fetched only if the first try fails."""
    say(f"Installing system packages: {' '.join(packages)} ...")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    code, output = quietly(install, **quiet)
    if code:
        update_code, update_output = quietly(["apt-get", "update"], **quiet)
        code, output = quietly(install, **quiet)
        if update_code:
            output = update_output + output
    if code:
        say(last_lines(output))
    return code == 0
