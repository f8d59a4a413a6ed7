"""Set DE-CAM Studio up from a bare checkout and run something in it.

    python3 build_scripts/dev.py demo      explain the bundled photograph, open the window
    python3 build_scripts/dev.py test      run the tests
    python3 build_scripts/dev.py studio    open the window
    python3 build_scripts/dev.py lint      style, types and import contracts
    python3 build_scripts/dev.py check     lint, then test
    python3 build_scripts/dev.py setup     only prepare everything

Every command is complete by itself: it makes ``.venv``, installs exactly what
``requirements.lock`` says and looks for the system libraries that Qt needs. What is already
done is not done again, without a look at the network. Further arguments are passed on.

Standard library only, because it runs before anything is installed.
"""

import hashlib
import importlib.util
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 14)


def python_problem(version: "tuple[int, ...]") -> str:
    """One sentence if the lock does not fit this Python version, else an empty string.

    Old Pythons must get as far as calling this, so the whole file is to be readable for 3.6.
    """
    if OLDEST <= version[:2] <= NEWEST:
        return ""
    wanted = "{}.{} to {}.{}".format(*(OLDEST + NEWEST))
    found = ".".join(str(part) for part in version[:3])
    names = ["python3.%d" % minor for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]  # noqa: UP031
    other = next((name for name in names if shutil.which(name)), "")
    remedy = (
        "run this with {} instead".format(other)  # noqa: UP032
        if other
        else "install one of these and run this with it"
    )
    return "expected Python {}, found {}: {}".format(wanted, found, remedy)  # noqa: UP032


if python_problem(sys.version_info[:3]):
    sys.stderr.write("dev.py: " + python_problem(sys.version_info[:3]) + "\n")
    sys.exit(2)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
PROJECT = ROOT / "pyproject.toml"
# Says that this script made .venv, and for what: see needs_work().
STAMP = VENV / "decam-dev.json"

# Exit codes of what the user can mend, and of Ctrl-C.
MENDABLE = 2
INTERRUPTED = 130

# Variables that would let another Python installation leak into ours.
FOREIGN = (
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_REQUIREMENT"),
)

# What pip writes when the network, not the request, is at fault.
NETWORK_FAILURES = (
    *("connection broken", "Connection reset", "Connection refused", "ConnectionError"),
    *("Read timed out", "ReadTimeoutError", "ConnectTimeout", "NewConnectionError"),
    *("IncompleteRead", "ProtocolError", "Max retries exceeded", "Temporary failure"),
    *("RemoteDisconnected", "HTTP error 429", "HTTP error 5"),
)
PIP_ATTEMPTS = 3

# Parts of Qt that the window and its offscreen tests load, below the PySide6 folder.
QT_PARTS = (
    *("QtCore.abi3.so", "QtGui.abi3.so", "QtWidgets.abi3.so"),
    *("Qt/plugins/platforms/libqxcb.so", "Qt/plugins/platforms/libqoffscreen.so"),
)

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
FONTS = "fonts-dejavu-core"


class MendableError(Exception):
    """Something the user can mend; its text is one sentence that says how."""


# --- What can be told without doing anything -------------------------------------------------


def clean_environment(environment: dict[str, str]) -> dict[str, str]:
    """A copy of ``environment`` in which only our ``.venv`` decides what is imported."""
    kept = {name: value for name, value in environment.items() if name not in FOREIGN}
    return kept | {"PYTHONNOUSERSITE": "1", "PIP_USER": "0"}


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


def apt_command(packages: list[str]) -> str:
    """What to type to install ``packages`` on Debian and Ubuntu."""
    return shlex.join(["sudo", "apt-get", "install", "-y", *packages])


# --- Small helpers ---------------------------------------------------------------------------


def say(text: str) -> None:
    """One line of progress: on standard error, since the output belongs to the command."""
    print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.1f} min"


def quietly(command: list[str], **variables: str) -> tuple[int, str]:
    """Run ``command`` in silence; its exit code and what it wrote. Shows the time on a terminal."""
    environment = clean_environment(dict(os.environ)) | variables
    terminal = sys.stderr.isatty()
    start = time.monotonic()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            while True:
                try:
                    process.wait(timeout=1)
                    break
                except subprocess.TimeoutExpired:
                    if terminal:
                        sys.stderr.write(f"\r  {duration(time.monotonic() - start)} ")
                        sys.stderr.flush()
        except KeyboardInterrupt:
            stop(process)
            raise
        finally:
            if terminal:
                sys.stderr.write("\r" + " " * 20 + "\r")
        log.seek(0)
        return process.returncode, log.read().decode("utf-8", "replace")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Let a child that got the same Ctrl-C end by itself; insist if it does not."""
    try:
        process.wait(timeout=10)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.terminate()
        process.wait()


def last_lines(text: str, count: int = 15) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join("    " + line for line in lines[-count:])


def os_release() -> dict[str, str]:
    path = Path("/etc/os-release")
    return parse_os_release(path.read_text(encoding="utf-8")) if path.is_file() else {}


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


# --- .venv -----------------------------------------------------------------------------------


def venv_program(name: str) -> str:
    """Path of a program in ``.venv``."""
    if os.name == "nt":
        return str(VENV / "Scripts" / f"{name}.exe")
    return str(VENV / "bin" / name)


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


# --- Qt's system libraries -------------------------------------------------------------------


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


# --- Commands --------------------------------------------------------------------------------


def run(command: list[str], *, cwd: Path | None = None, **variables: str) -> int:
    """Run ``command`` in the foreground; its exit code as a shell would give it."""
    environment = clean_environment(dict(os.environ)) | variables
    process = subprocess.Popen(command, cwd=cwd, env=environment)
    try:
        code = process.wait()
    except KeyboardInterrupt:
        stop(process)
        return INTERRUPTED
    return code if code >= 0 else 128 - code


def has_display() -> bool:
    """Whether a window could be seen."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def command_setup(arguments: list[str]) -> int:
    if arguments:
        raise MendableError(f"setup takes no arguments, found {shlex.join(arguments)}")
    setup()
    problem = provide_qt_libraries()
    if problem:
        say(f"Note: {problem}")
    return 0


def command_demo(arguments: list[str]) -> int:
    """The engine's own demo; without a window where Qt cannot open one."""
    setup()
    problem = provide_qt_libraries()
    if problem:
        say(f"Note: no window will open: {problem}")
        if "--no-window" not in arguments:
            arguments = [*arguments, "--no-window"]
    return run([venv_program("python"), "-m", "decam_engine.cli", "demo", *arguments])


def command_studio(arguments: list[str]) -> int:
    if not has_display() and "QT_QPA_PLATFORM" not in os.environ:
        raise MendableError(
            "expected a display, found neither DISPLAY nor WAYLAND_DISPLAY: "
            "run this in a desktop session, or use 'demo' here"
        )
    setup()
    require_qt_libraries()
    return run([venv_program("python"), "-m", "decam_gui", *arguments])


def run_tests(arguments: list[str]) -> int:
    platform_name = os.environ.get("QT_QPA_PLATFORM", "offscreen")
    command = [venv_program("python"), "-m", "pytest", *arguments]
    return run(command, cwd=ROOT, QT_QPA_PLATFORM=platform_name)


def command_test(arguments: list[str]) -> int:
    setup()
    require_qt_libraries()
    return run_tests(arguments)


def run_linters() -> int:
    """Every linter, even after one has failed: one round shows all there is to mend."""
    python = venv_program("python")
    steps = [
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "mypy"],
        [venv_program("lint-imports")],
    ]
    failed = []
    for step in steps:
        shown = shlex.join([Path(part).stem if part == step[0] else part for part in step])
        say(f"{shown} ...")
        code = run(step, cwd=ROOT)
        if code == INTERRUPTED:
            return code
        if code:
            failed.append(shown)
    if failed:
        say(f"dev.py: failed: {'; '.join(failed)}")
    return 1 if failed else 0


def command_lint(arguments: list[str]) -> int:
    if arguments:
        raise MendableError(f"lint takes no arguments, found {shlex.join(arguments)}")
    setup()
    return run_linters()


def command_check(arguments: list[str]) -> int:
    setup()
    require_qt_libraries()
    return run_linters() or run_tests(arguments)


COMMANDS = {
    "demo": command_demo,
    "test": command_test,
    "studio": command_studio,
    "lint": command_lint,
    "check": command_check,
    "setup": command_setup,
}


def main(arguments: list[str]) -> int:
    """Run one command; what the user can mend is one line and exit code 2."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0 if arguments else MENDABLE
    name, *rest = arguments
    try:
        if name not in COMMANDS:
            known = ", ".join(COMMANDS)
            raise MendableError(f"expected one of the commands {known}, found {name!r}")
        return COMMANDS[name](rest)
    except MendableError as error:
        say(f"dev.py: {error}")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        say(f"dev.py: {error.strerror or error}{where}; mend that and try again")
    except KeyboardInterrupt:
        say("dev.py: interrupted")
        return INTERRUPTED
    return MENDABLE


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
