"""Linux: what the build needs of the system, found, installed or named before anything is built."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setting_up.saying import MendableError
from setting_up.system_packages import apt_command, apt_install, may_use_apt

COMPILERS = ("cc", "gcc", "clang")
BINUTILS = ("readelf", "objdump", "nm", "strip")


def missing() -> dict[str, list[str]]:
    """What is not there -> the Debian packages with it. Empty off Linux."""
    if not sys.platform.startswith("linux"):
        return {}
    found: dict[str, list[str]] = {}
    # Another Python than the system's brings both by itself, or was not built with them.
    own = sys.base_prefix != "/usr"
    development = [] if own else [f"python{sys.version_info[0]}.{sys.version_info[1]}-dev"]
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    # numba asks for both, though it uses C alone.
    if compiler is None or not all(_compiles(compiler, language) for language in ("c", "c++")):
        found["a compiler of C and C++ with its headers"] = ["g++"]
    if not Path(sysconfig.get_paths()["include"], "Python.h").is_file():
        found["the headers of Python"] = development
    absent = [name for name in BINUTILS if shutil.which(name) is None]
    if absent:
        found[", ".join(absent)] = ["binutils"]
    if not _has_python_library():
        found["Python as a shared library"] = development
    return found


def provide() -> None:
    """Get what is missing by apt where that may be done without asking.

    Raises:
        MendableError: something is still missing; names it and the packages that bring it.
    """
    lacking = missing()
    packages = sorted({p for names in lacking.values() for p in names})
    if packages and may_use_apt() and apt_install(packages):
        lacking = missing()
    if lacking:
        hint = f"; on Debian and Ubuntu: '{apt_command(packages)}'" if packages else ""
        raise MendableError(f"the build needs {'; '.join(lacking)}, found none{hint}")


def _compiles(compiler: str, language: str) -> bool:
    """Whether a program can be made that uses the C library."""
    done = subprocess.run(
        [compiler, "-fsyntax-only", "-x", language, "-"],
        input="#include <stdio.h>\nint main(void) { return 0; }\n",
        text=True,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def _has_python_library() -> bool:
    """Whether PyInstaller finds the library that the frozen programs start."""
    from PyInstaller.depend import bindepend
    from PyInstaller.exceptions import PythonLibraryNotFoundError

    try:
        return bindepend.get_python_library_path() is not None
    except PythonLibraryNotFoundError:
        return False
