"""The commands of dev.py; each prepares what it needs and passes further arguments on."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from setting_up.environment import setup
from setting_up.programs import INTERRUPTED, ROOT, run, venv_program
from setting_up.qt_libraries import provide_qt_libraries, require_qt_libraries
from setting_up.saying import MendableError, say

# Exit codes of what the user can mend, and of Ctrl-C.
MENDABLE = 2


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


def main(arguments: list[str], usage: str) -> int:
    """Run one command; what the user can mend is one line and exit code 2."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage)
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
