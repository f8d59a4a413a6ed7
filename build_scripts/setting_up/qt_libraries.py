"""System libraries and fonts that Qt needs on Linux and its wheels do not bring."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from setting_up.programs import VENV, quietly, venv_program
from setting_up.saying import MendableError, last_lines, say
from setting_up.system_packages import (
    apt_command,
    apt_install,
    debian_packages,
    may_use_apt,
    missing_libraries,
    os_release,
)

# Parts of Qt that the window and its offscreen tests load, below the PySide6 folder.
QT_PARTS = (
    *("QtCore.abi3.so", "QtGui.abi3.so", "QtWidgets.abi3.so"),
    *("Qt/plugins/platforms/libqxcb.so", "Qt/plugins/platforms/libqoffscreen.so"),
)
FONTS = "fonts-dejavu-core"


def qt_libraries_missing() -> set[str]:
    """Names of the system libraries that Qt needs and this machine has not; empty off Linux."""
    if not sys.platform.startswith("linux"):
        return set()
    pyside = next(VENV.glob("lib/python*/site-packages/PySide6"), None)
    if pyside is None:
        raise MendableError("PySide6 is not in .venv; delete .venv and try again")
    if shutil.which("ldd"):
        parts = [str(pyside / part) for part in QT_PARTS if (pyside / part).exists()]
        # Its exit code says nothing here: the report does.
        missing = missing_libraries(quietly(["ldd", *parts], LC_ALL="C")[1])
        if missing:
            return missing
    # What really counts, and the only way where there is no ldd: one library at a time.
    load = "import sys, ctypes, PySide6.QtWidgets; [ctypes.CDLL(p) for p in sys.argv[1:]]"
    plugins = [str(pyside / part) for part in QT_PARTS if "plugins" in part]
    code, output = quietly([venv_program("python"), "-c", load, *plugins], LC_ALL="C")
    missing = missing_libraries(output)
    if code and not missing:
        say(last_lines(output, 3))
        raise MendableError("PySide6 does not load on this machine; see the line above")
    return missing


def fonts_missing() -> bool:
    """Whether this Linux machine has no font at all: Qt would draw empty boxes."""
    if not sys.platform.startswith("linux"):
        return False
    home = Path.home()
    folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts")]
    folders += [home / ".fonts", home / ".local/share/fonts"]
    endings = {".ttf", ".otf", ".ttc", ".pfb", ".pcf", ".gz"}
    return not any(path.suffix in endings for folder in folders for path in folder.rglob("*"))


def provide_qt_libraries() -> str:
    """Get what Qt needs from the system. Returns one sentence on what is still missing."""
    tried: set[str] = set()
    # More than one round only where libraries are found missing one at a time.
    while True:
        missing = qt_libraries_missing()
        if not missing:
            break
        packages, unknown = debian_packages(missing, os_release())
        new = [package for package in packages if package not in tried]
        if new and may_use_apt():
            tried.update(new)
            if apt_install([*new, FONTS] if fonts_missing() else new):
                continue
        names = ", ".join(sorted(missing))
        if unknown or not shutil.which("apt-get"):
            hint = f" (on Debian and Ubuntu: {' '.join(packages)})" if packages else ""
            return f"Qt needs the system libraries {names}; install the packages with them{hint}"
        return f"Qt needs the system libraries {names}; run '{apt_command(packages)}'"
    if fonts_missing() and not (may_use_apt() and FONTS not in tried and apt_install([FONTS])):
        say(f"Note: no font was found; texts will be empty boxes until '{apt_command([FONTS])}'")
    return ""


def require_qt_libraries() -> None:
    problem = provide_qt_libraries()
    if problem:
        raise MendableError(problem)
