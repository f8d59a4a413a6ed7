"""Trying a model file out in a process of its own before it is opened here.

A file can crash the runtime that reads it, keep it busy for ever or fill the memory. The
child process (:mod:`decam_engine.models.probe_child`) takes that risk, under limits; what it
found is remembered by the file's hash, so that a known model opens at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from decam_engine.errors import ModelError
from decam_engine.frozen import is_frozen, own_program
from decam_engine.models import runtime
from decam_engine.models.external import check_external, digest
from decam_engine.models.probe_child import ARGUMENT
from decam_engine.models.store import cache_folder, read_json, write_json

# Raised whenever the child's answer changes in meaning.
VERSION = 3
SECONDS = 30.0
# Further seconds for each gigabyte of weights.
SECONDS_PER_GIGABYTE = 100.0
MOST_WEIGHTS = 4 << 30
# Memory beyond what a session needs for its weights, and how many times those are held while
# a session is built (the file, its weights, the same in the precision that is run).
SPARE_MEMORY = 3 << 30
COPIES = 6
SECONDS_VARIABLE = "DECAM_PROBE_SECONDS"
MAX_ANSWER = 64_000_000
# Runs the child without the rest of the engine, which it does not need: three packages are
# registered by their folders instead of being imported.
_START = """
import sys, types
root = sys.argv[1]
for name, folder in (("decam_engine", ""), ("decam_engine.models", "/models")):
    package = types.ModuleType(name)
    package.__path__ = [root + folder]
    sys.modules[name] = package
from decam_engine.models.probe_child import main
main()
"""


def probe(
    path: Path, sha256: str, providers: Sequence[str], size: tuple[int, int] | None = None
) -> dict[str, Any]:
    """Facts about a model file that was opened and run once without harm.

    Args:
        path: the ``.onnx`` file.
        sha256: of that file.
        providers: execution providers to try.
        size: ``(h, w)`` to run it at if it leaves its size open; None = the usual ones.

    Returns:
        ``inputs``, ``outputs`` (name, type, shape, activation, ...), ``ran``, ``metadata``,
        ``opsets``, ``external`` (location -> SHA-256) and more, as the child found them.

    Raises:
        ModelError: refused, crashed, hung or out of memory; one sentence.
    """
    key = "-".join([sha256, *providers, *(str(s) for s in size or ())])
    file = cache_folder() / "probes" / f"{_short(key)}.json"
    known = read_json(file)
    if known and known.get("version") == VERSION and known.get("runtime") == runtime.VERSION:
        facts = known["facts"]
        # Links may have changed since; the files themselves too.
        if _hashes(path, sorted(facts["external"])) == facts["external"]:
            return dict(facts)
    facts = _ask(path, providers, size)
    facts["external"] = _hashes(path, facts["external"])
    write_json(file, {"version": VERSION, "runtime": runtime.VERSION, "facts": facts})
    return facts


def _short(text: str) -> str:
    """A file name for a long key."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _hashes(path: Path, locations: Sequence[str]) -> dict[str, str]:
    files = check_external(path, locations)
    return {name: digest(file) for name, file in zip(locations, files, strict=True)}


def command() -> list[str]:
    """How the child is started; a frozen application is its own interpreter."""
    if is_frozen():
        return [*own_program(), ARGUMENT]
    root = Path(__file__).resolve().parent.parent
    # -P: a file called numpy.py in the working folder is not what is meant.
    return [sys.executable, "-P", "-c", _START, root.as_posix()]


def _ask(path: Path, providers: Sequence[str], size: tuple[int, int] | None) -> dict[str, Any]:
    seconds = _seconds() + SECONDS_PER_GIGABYTE * _bytes_beside(path) / (1 << 30)
    request = {
        "path": str(path.absolute()),
        "providers": list(providers),
        "size": size,
        "spare_memory": SPARE_MEMORY,
        "copies": COPIES,
        "cpu_seconds": int(seconds) * 2 + 10,
    }
    code, out, err = _start(path, json.dumps(request).encode(), seconds)
    try:
        answer = json.loads(out) if len(out) <= MAX_ANSWER else None
    except ValueError:
        answer = None
    if isinstance(answer, dict) and "error" in answer:
        raise ModelError(str(answer["error"]))
    if isinstance(answer, dict) and "inputs" in answer:
        return answer
    out_of_memory = b"bad_alloc" in err or b"MemoryError" in err or answer == {"memory": True}
    if out_of_memory:
        raise ModelError(
            f"{path.name} needs more memory than a model of its size should: expected at most "
            f"{SPARE_MEMORY >> 30} GB beside its weights, found more while it was tried out. It "
            "was not opened; export it again, or for a smaller input."
        )
    raise ModelError(
        f"{path.name} makes ONNX Runtime {runtime.VERSION} fail without a word "
        f"({_reason(code)}): expected a sound .onnx file. It was tried out in a process of its "
        "own and not opened; export or copy it again."
    )


def _start(path: Path, request: bytes, seconds: float) -> tuple[int, bytes, bytes]:
    try:
        child = subprocess.Popen(
            command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise ModelError(
            f"{path.name} could not be tried out: the process for it did not start ({error}). "
            "Close other programs and open the model again."
        ) from None
    try:
        out, err = child.communicate(request, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"{path.name} did not answer in time: expected one run within {seconds:.0f} s, found "
            "none. It was stopped and not opened; if the machine is busy, try again."
        ) from None
    finally:
        if child.poll() is None:
            child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(10)
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
    return child.returncode, out, err


def _seconds() -> float:
    try:
        return max(1.0, float(os.environ.get(SECONDS_VARIABLE, SECONDS)))
    except ValueError:
        return SECONDS


def _bytes_beside(path: Path) -> int:
    """Size of the model and of what may be its external weights, which only it names."""
    try:
        beside = [p for p in path.parent.iterdir() if p.name.startswith(path.stem) and p.is_file()]
        return min(MOST_WEIGHTS, sum(p.stat().st_size for p in {path, *beside}))
    except OSError:
        return 0


def _reason(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"
