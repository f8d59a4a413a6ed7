"""Batches for tests: small photographs, a command line to run, and what must hold of a folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

from tests.fakes import SIZE, bright_photo
from tests.onnx_models import linear_model, rectangle_weights, write_sidecar

# What depends on the moment and the machine, and so may differ between two runs.
_OF_THE_MOMENT = ("seconds", "machine", "versions")


def tiny_model(folder: Path, name: str = "tiny.onnx") -> Path:
    """Classes "bright spot" and "other place" of 64 x 64 pixels."""
    path = folder / name
    linear_model(path, rectangle_weights(SIZE), batch="N", size=SIZE)
    write_sidecar(path, labels=["bright spot", "other place"], size=SIZE)
    return path


def write_photos(folder: Path, count: int, *, bad: int = 0) -> Path:
    """So many photographs, no two alike, and files that are none."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Image.fromarray(bright_photo(seed=number).pixels).save(folder / f"{number:04}.png")
    for number in range(bad):
        (folder / f"bad{number}.png").write_bytes(f"no picture {number}".encode())
    return folder


def command(photos: Path, model: Path, out: Path, *more: str) -> list[str]:
    """``decam batch`` in a process of its own, with a fixed configuration."""
    fixed = ["--threads", "1", "--batch-size", "8", "--calls", "60", "--no-gallery", "--json"]
    start = [sys.executable, "-m", "decam_engine.cli", "batch", str(photos)]
    return [*start, "--model", str(model), "--out", str(out), *fixed, *more]


def run(arguments: list[str], expected: int = 0) -> dict[str, Any]:
    """Run to the end and return the JSON document."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == expected, done.stderr[-3000:]
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def run_killed(arguments: list[str], out: Path, seconds: float) -> bool:
    """Kill -9 a run so many seconds after it opened its folder; False if it had ended by then."""
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        before = opened_at(out)
        while child.poll() is None and opened_at(out) == before:
            time.sleep(0.01)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=seconds)
        ended = child.poll() is not None
        if not ended:
            os.kill(child.pid, signal.SIGKILL)
        child.wait()
    return not ended


def opened_at(out: Path) -> int:
    """When the folder was last swept and opened for a run, roughly; 0 = never."""
    with contextlib.suppress(FileNotFoundError):
        return max((out / n).stat().st_mtime_ns for n in ("decam.json", ".parts", "index.jsonl"))
    with contextlib.suppress(FileNotFoundError):
        return (out / "decam.json").stat().st_mtime_ns
    return 0


def check_whole(out: Path) -> dict[str, tuple[int, int]]:
    """No half file in any answer; inode and time of each, to see whether it is made again."""
    found = {}
    for place in sorted((out / "results").glob("??/*")):
        record = json.loads((place / "entry.json").read_bytes())
        names = {"entry.json"}
        for result in record["results"]:
            manifest = json.loads((place / result["manifest"]).read_bytes())
            names.add(result["manifest"])
            base = result["manifest"].removesuffix(".json")
            for suffix, digest in manifest["saved"]["files"].items():
                content = (place / (base + suffix)).read_bytes()
                assert hashlib.sha256(content).hexdigest() == digest, place
                names.add(base + suffix)
        assert names == {p.name for p in place.iterdir()}, place
        stat = (place / "entry.json").stat()
        found[place.name] = (stat.st_ino, stat.st_mtime_ns)
    return found


def check_index(out: Path) -> dict[str, str]:
    """State of each question; no half line, no question with two lines that say the same."""
    lines = (out / "index.jsonl").read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"\n") for line in lines)
    assert len(set(lines)) == len(lines), "something was recorded twice"
    states: dict[str, str] = {}
    for line in lines:
        record = json.loads(line)
        assert states.get(record["id"]) != "done", "an answered question was answered again"
        states[record["id"]] = record["state"]
    return states


def contents(out: Path) -> dict[str, object]:
    """Every file of a folder of results, without what depends on the moment and the machine."""
    found: dict[str, object] = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        name = path.relative_to(out).as_posix()
        if name == ".lock" or name.startswith(".parts/"):
            continue
        if name == "index.jsonl":
            found[name] = sorted(path.read_bytes().splitlines())
        elif path.suffix == ".json" and path.name not in ("entry.json", "decam.json"):
            record = json.loads(path.read_bytes())
            del record["saved"]["sha256"]
            for field in _OF_THE_MOMENT:
                record.pop(field)
            # Runs at a time are chosen for speed and change nothing.
            for field in ("concurrency", "source"):
                del record["model"]["configuration"][field]
            found[name] = record
        elif path.suffix == ".npz":
            found[name] = path.stat().st_size
        else:
            found[name] = path.read_bytes()
    return found
