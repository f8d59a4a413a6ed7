"""``.venv``: made for the lock, the project, this Python and this folder; kept while they stay."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import platform
import re
import shutil
import sys
import time
from pathlib import Path

from setting_up.programs import ROOT, VENV, quietly, venv_program
from setting_up.saying import MendableError, duration, last_lines, say
from setting_up.system_packages import apt_command, apt_install, may_use_apt

LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
# Says that this script made .venv, and for what: see needs_work().
STAMP = VENV / "decam-dev.json"

# What pip writes when the network, not the request, is at fault.
NETWORK_FAILURES = (
    *("connection broken", "Connection reset", "Connection refused", "ConnectionError"),
    *("Read timed out", "ReadTimeoutError", "ConnectTimeout", "NewConnectionError"),
    *("IncompleteRead", "ProtocolError", "Max retries exceeded", "Temporary failure"),
    *("RemoteDisconnected", "HTTP error 429", "HTTP error 5"),
)
PIP_ATTEMPTS = 3


def stamp_for(lock: bytes, project: bytes, python: str, checkout: str) -> dict[str, str]:
    """What ``.venv`` was made for. A part that differs says what has to be done again."""
    return {
        "lock": hashlib.sha256(lock).hexdigest(),
        "project": hashlib.sha256(project).hexdigest(),
        "python": python,
        "checkout": checkout,
    }


def needs_work(wanted: dict[str, str], found: dict[str, str] | None) -> str:
    """``"nothing"``, ``"project"`` (install only it again) or ``"everything"``."""
    if found == wanted:
        return "nothing"
    parts = ("lock", "python", "checkout")
    if found is not None and all(found.get(part) == wanted[part] for part in parts):
        return "project"
    return "everything"


def locked_names(lock: str) -> set[str]:
    """Names of the packages in the text of a lock."""
    return set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock, flags=re.MULTILINE))


def base_python() -> str:
    """The Python outside any virtual environment, so that ``.venv`` never rests on another."""
    return getattr(sys, "_base_executable", "") or sys.executable


def this_python() -> str:
    """What must stay the same for ``.venv`` to stay valid."""
    parts = [sys.implementation.name, *map(str, sys.version_info[:2]), platform.machine()]
    return "-".join([*parts, sys.base_prefix])


def read_stamp() -> dict[str, str] | None:
    """What ``.venv`` was finished for; None if it was not finished."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def write_stamp(stamp: dict[str, str]) -> None:
    fresh = STAMP.with_suffix(".new")
    fresh.write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")
    fresh.replace(STAMP)


def provide_venv_module() -> None:
    """Debian ships ``venv`` without the part that brings pip; get it, or say how."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    exact, general = f"python{version}-venv", "python3-venv"
    if sys.base_prefix == "/usr" and may_use_apt():
        if apt_install([exact]) or apt_install([general]):
            importlib.invalidate_caches()
            return
        raise MendableError(
            f"Python's ensurepip is missing and {exact} could not be installed (see above); "
            f"mend the package sources, run '{apt_command([exact])}' and try again"
        )
    if sys.base_prefix == "/usr" and shutil.which("apt-get"):
        raise MendableError(
            f"expected Python's ensurepip, found none: it is in the package {exact}; run "
            f"'{apt_command([exact])}' and try again"
        )
    raise MendableError(
        f"expected Python's modules venv and ensurepip, {base_python()} has none; install them "
        "(often a package named python3-venv or python3-pip) or use another Python"
    )


def create_venv() -> None:
    """A fresh ``.venv``, marked as unfinished until the stamp is complete."""
    if VENV.exists() or VENV.is_symlink():
        if not STAMP.is_file() and any(VENV.iterdir()):
            raise MendableError(
                f"{VENV} exists but was not made by this script, so it was left alone; "
                "move it away or delete it, and try again"
            )
        shutil.rmtree(VENV)
    if not (importlib.util.find_spec("ensurepip") and importlib.util.find_spec("venv")):
        provide_venv_module()
    say(f"Creating .venv with Python {platform.python_version()} ...")
    VENV.mkdir()
    write_stamp({})
    command = [base_python(), "-m", "venv", str(VENV)]
    code, output = quietly(command)
    if code and "ensurepip" in output:
        provide_venv_module()
        code, output = quietly(command)
    if code:
        say(last_lines(output))
        raise MendableError(f"{base_python()} could not create {VENV}; see the lines above")


def pip_install(arguments: list[str]) -> None:
    """Install into ``.venv``; a network that fails is given another chance."""
    command = [venv_program("python"), "-m", "pip", "install", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check", *arguments]
    for attempt in range(1, PIP_ATTEMPTS + 1):
        code, output = quietly(command)
        if code == 0:
            return
        network = any(sign in output for sign in NETWORK_FAILURES)
        if not network or attempt == PIP_ATTEMPTS:
            break
        say(f"The network failed; trying again ({attempt + 1} of {PIP_ATTEMPTS}) ...")
        time.sleep(3 * attempt)
    say(last_lines(output))
    if network:
        raise MendableError(
            "the packages could not be downloaded (see above): check the network connection "
            "or the package index that pip is set to, and try again"
        )
    raise MendableError("pip could not install the packages; its last lines are above")


def install_project() -> None:
    """The checkout itself, editable. Its build tools are locked packages: no network."""
    say("Installing DE-CAM Studio itself ...")
    arguments = ["--no-deps", "--no-index", "--no-build-isolation", "--editable", str(ROOT)]
    pip_install(arguments)


def setup() -> None:
    """Make ``.venv`` fit the lock, the project, this Python and this folder."""
    try:
        lock, project = LOCK.read_bytes(), PROJECT.read_bytes()
    except FileNotFoundError as error:
        raise MendableError(
            f"expected the file {error.filename}, found none: the checkout is incomplete; "
            "restore it with 'git checkout .'"
        ) from None
    wanted = stamp_for(lock, project, this_python(), str(ROOT))
    found = read_stamp() if Path(venv_program("python")).exists() else None
    work = needs_work(wanted, found)
    if work == "nothing":
        return
    start = time.monotonic()
    if work == "everything":
        create_venv()
        count = len(locked_names(lock.decode("utf-8")))
        say(f"Installing {count} locked packages (a download of about 300 MB) ...")
        pip_install(["--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK)])
        # The long part is done: should the next step fail, only that is tried again.
        write_stamp(wanted | {"project": ""})
    install_project()
    write_stamp(wanted)
    say(f"Ready in {duration(time.monotonic() - start)}.")
