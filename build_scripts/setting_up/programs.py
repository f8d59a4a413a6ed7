"""Running programs in an environment in which only ours decides what is imported."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from setting_up.saying import duration

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
INTERRUPTED = 130

# Variables that would let another Python installation leak into ours.
FOREIGN = (
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_REQUIREMENT"),
)


def clean_environment(environment: dict[str, str]) -> dict[str, str]:
    """A copy of ``environment`` in which only our ``.venv`` decides what is imported."""
    kept = {name: value for name, value in environment.items() if name not in FOREIGN}
    return kept | {"PYTHONNOUSERSITE": "1", "PIP_USER": "0"}


def venv_program(name: str) -> str:
    """Path of a program in ``.venv``."""
    if os.name == "nt":
        return str(VENV / "Scripts" / f"{name}.exe")
    return str(VENV / "bin" / name)


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


def stop(process: subprocess.Popen[bytes]) -> None:
    """Let a child that got the same Ctrl-C end by itself; insist if it does not."""
    try:
        process.wait(timeout=10)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.terminate()
        process.wait()
