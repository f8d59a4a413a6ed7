"""Measures ``decam batch``: throughput against the bare model, memory, and a scheduler's load.

    python -m build_scripts.measure_batch ratio [--photos 6] [--calls 500] [--repeats 3]
    python -m build_scripts.measure_batch parts [--photos 4] [--calls 500] [--megapixels 12]
    python -m build_scripts.measure_batch memory [--photos 1000] [--calls 60]
    python -m build_scripts.measure_batch cluster [--photos 400] [--calls 60]
    python -m build_scripts.measure_batch index [--photos 20000]

``ratio``: photographs per second, times calls per photograph, over the calls per second of the bare
runtime at the best configuration found; the bare runtime is timed before and after each batch, as a
machine's speed drifts. The same of processor time says what holds where others use the machine, too
(processes are counted when they have ended). Each way to split the cores is measured, processes
among them.
Calls are all inputs that were scored: the search, the regions, and, with ``--faithfulness``, its
three times 114 for each photograph. ``parts``: processor time of one photograph at a time, by what
it is spent on; it holds on a busy machine, too.
``memory``: resident memory every 50 photographs, with a tiny model. ``cluster``: two workers on
this machine, and the processor time of the scheduler for each photograph. ``index``: opening a
folder of so many answers, and writing its table.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from decam_engine import (
    Question,
    ResultFolder,
    answers,
    demo_model,
    demo_photos,
    explain,
    load_image,
    load_model,
)
from decam_engine.batch import task
from decam_engine.batch.local import Executor, ProcessExecutor, ThreadExecutor
from decam_engine.batch.opening import ModelSpec, keep
from decam_engine.batch.overview import write_overview
from decam_engine.batch.runner import Order, Standing, absolute, batch_steps
from decam_engine.batch.split import Split, candidates
from decam_engine.batch.targets import Targets
from decam_engine.machine import machine, usable_cores
from decam_engine.models import BlackBox
from decam_engine.models.tuning import Configuration
from tests.batch_folders import command, tiny_model, write_photos
from tests.dask_cluster import Cluster

ROOT = Path(__file__).resolve().parents[1]
READING = {"page": None, "window": None, "background": [255, 255, 255]}
BARE_SECONDS = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(required=True)
    for name, run, photos, calls in (
        ("ratio", ratio, 6, 500),
        ("parts", parts, 4, 500),
        ("memory", memory, 1000, 60),
        ("cluster", cluster, 400, 60),
        ("index", index, 20000, 60),
    ):
        kind = kinds.add_parser(name)
        kind.add_argument("--photos", type=int, default=photos)
        kind.add_argument("--calls", type=int, default=calls)
        kind.add_argument("--repeats", type=int, default=3)
        kind.add_argument("--threads", type=int, help="of a run (default: as tuned)")
        kind.add_argument("--faithfulness", action="store_true", help="measured for each map")
        kind.add_argument("--megapixels", type=float, help="of each photograph (parts)")
        kind.add_argument("--only", type=int, help="so many photographs at a time")
        kind.set_defaults(run=run)
    options = parser.parse_args()
    print(json.dumps({**machine(), "load": os.getloadavg() if hasattr(os, "getloadavg") else None}))
    options.run(options)
    return 0


# --- ratio -------------------------------------------------------------------------------


def ratio(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="decam-ratio-") as name:
        root = Path(name)
        photos = crops(root / "photos", options.photos)
        box = load_model(demo_model())
        box.tune()
        tuned = box.configuration
        chosen: dict[str, object] = {}
        if options.threads is not None:
            chosen = {"threads": options.threads, "batch_size": tuned.batch_size}
            box = load_model(demo_model(), **chosen)
            tuned = box.configuration
        spec = ModelSpec.of(demo_model(), box, chosen)
        keep(spec, box)
        best = best_bare(box, tuned)
        print(f"in use: {tuned}\nbest bare: {best}")
        ways: dict[str, Split | int] = {
            f"{s.photos} photographs at a time, {s.runs} runs each": s
            for s in candidates(usable_cores(), tuned.threads, tuned.concurrency)
        }
        ways[f"{usable_cores()} processes, 1 run each"] = usable_cores()
        if options.only is not None:
            split = Split(options.only, 1)
            ways = {f"{options.only} photographs at a time, 1 run each": split}
        found: dict[str, list[float]] = {way: [] for way in ways}
        works: dict[str, list[float]] = {way: [] for way in ways}
        asked = settings(options.calls) | {"faithfulness": options.faithfulness}
        order = Order(photos, (spec,), Targets(), asked, READING)
        # Kernels are compiled, and caches warm, before anything counts.
        answer(order, root / "warm", ThreadExecutor(Split(1, 1)), limit=1)
        for repeat in range(options.repeats):
            for way, split in ways.items():
                executor: Executor
                box.backend.set_threads(tuned.threads)
                if isinstance(split, Split):
                    executor = ThreadExecutor(split)
                else:
                    executor = started(ProcessExecutor(split), order, root / f"start{repeat}")
                before, cost = bare_rate(box, best, BARE_SECONDS)
                box.backend.set_threads(tuned.threads)
                spent = processor()
                standing, seconds = answer(order, root / f"{repeat}-{split}", executor)
                spent = processor() - spent
                after, again = bare_rate(box, best, BARE_SECONDS)
                bare = (before + after) / 2
                found[way].append(standing.calls / seconds / bare)
                work = (cost + again) / 2 * standing.calls / spent
                works[way].append(work)
                print(
                    f"  {way}: {standing.answered} photographs in {seconds:.1f} s, "
                    f"{standing.calls / max(1, standing.answered):.1f} calls each, "
                    f"{standing.calls / seconds:.1f} calls/s; bare {before:.1f} and {after:.1f}; "
                    f"ratio {found[way][-1]:.3f}; of processor time {work:.3f}",
                    flush=True,
                )
    for way, values in found.items():
        listed = ", ".join(f"{v:.3f}" for v in values)
        print(
            f"{way}: ratio {statistics.median(values):.3f} (median of {listed}); bare model's "
            f"share of the processor time {statistics.median(works[way]):.3f}"
        )


def parts(options: argparse.Namespace) -> None:
    """Processor time by what it is spent on; nothing else runs in this process meanwhile."""
    with tempfile.TemporaryDirectory(prefix="decam-parts-") as name:
        root = Path(name)
        photos = crops(root / "photos", options.photos, options.megapixels)
        box = load_model(demo_model())
        box.tune()
        spec = ModelSpec.of(demo_model(), box, {})
        keep(spec, box)
        asked = settings(options.calls) | {"faithfulness": options.faithfulness}
        order = Order(photos, (spec,), Targets(), asked, READING)
        answer(order, root / "warm", ThreadExecutor(Split(1, 1)), limit=1)
        spent: dict[str, float] = {}
        for part, (owner, function) in {
            "reading": (task, "_photo"),
            "explaining": (task, "_explained"),
            "summary": (answers, "summarise"),
            "files": (task, "_written"),
        }.items():
            setattr(owner, function, counted(getattr(owner, function), spent, part))
        bare = [bare_rate(box, box.configuration, BARE_SECONDS)[1]]
        begun = time.process_time()
        standing, _ = answer(order, root / "out", ThreadExecutor(Split(1, 1)))
        whole = time.process_time() - begun
        bare.append(bare_rate(box, box.configuration, BARE_SECONDS)[1])
        model = statistics.mean(bare) * standing.calls
        spent["files"] -= spent["summary"]
        shares = {
            "model (bare runtime, as many inputs)": model,
            "search around it": spent.pop("explaining") - model,
            **spent,
        }
        shares["batch around it"] = whole - sum(shares.values())
        size = load_image(photos[0]).size
        print(
            f"{standing.answered} photographs of {size[1]} x {size[0]}, "
            f"{standing.calls / standing.answered:.1f} calls each (all inputs that were scored); "
            f"bare {', '.join(f'{b * 1e3:.2f}' for b in bare)} ms of processor an input"
        )
        for part, seconds in shares.items():
            print(
                f"  {part}: {seconds / whole:.1%}, {seconds / standing.answered * 1e3:.1f} ms a "
                f"photograph, {seconds / standing.calls * 1e3:.3f} ms a call"
            )


def counted(work: Callable[..., Any], spent: dict[str, float], part: str) -> Callable[..., Any]:
    def run(*given: object, **named: object) -> Any:
        begun = time.process_time()
        try:
            return work(*given, **named)
        finally:
            spent[part] = spent.get(part, 0.0) + time.process_time() - begun

    return run


def processor() -> float:
    """Processor seconds of this process and of those it started and waited for."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def settings(calls: int) -> dict[str, object]:
    return {
        "method": "de",
        "preset": "balanced",
        "budget": calls,
        "seed": 0,
        "fill": None,
        "faithfulness": False,
    }


def crops(folder: Path, count: int, megapixels: float | None = None) -> tuple[Path, ...]:
    """Different photographs of about 0.2 megapixels (or as told), cut from the bundled ones."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    paths = []
    for number in range(count):
        pixels = load_image(demo_photos()[number % len(demo_photos())]).pixels
        top, left = (int(rng.integers(0, max(1, side // 6))) for side in pixels.shape[:2])
        path = folder / f"{number:04}.jpg"
        picture = Image.fromarray(pixels[top:, left:])
        if megapixels is not None:
            factor = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
            picture = picture.resize(
                (round(picture.width * factor), round(picture.height * factor))
            )
        picture.save(path, quality=92)
        paths.append(path)
    return absolute(paths)


def answer(
    order: Order, out: Path, executor: Executor, limit: int | None = None
) -> tuple[Standing, float]:
    """Run a batch (or its first photographs), and how long that took."""
    if limit is not None:
        order = Order(order.photos[:limit], order.models, order.targets, order.settings, READING)
    begun = time.perf_counter()
    with ResultFolder(out) as folder:
        steps = batch_steps(order, folder, executor)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                seconds = time.perf_counter() - begun
                executor.close()
                return end.value, seconds


def started(executor: ProcessExecutor, order: Order, out: Path) -> ProcessExecutor:
    """With its processes and their models up, as in the middle of a long batch."""
    with ResultFolder(out) as folder:
        few = dict(order.settings) | {"budget": 60}
        short = Order(order.photos, order.models, order.targets, few, READING)
        for _ in batch_steps(short, folder, executor):
            pass
    return executor


def best_bare(box: BlackBox, tuned: Configuration) -> Configuration:
    """The fastest of the configuration in use and the usual ones, by the bare runtime."""
    cores = usable_cores()
    tried = [tuned] + [
        Configuration(batch, threads, runs)
        for threads, runs in dict.fromkeys([(cores, 1), (1, cores)])
        for batch in (1, 2, 4, 8, 16)
    ]
    rates = {c: bare_rate(box, c, 1.5)[0] for c in tried}
    for c, rate in rates.items():
        print(
            f"  bare, batch {c.batch_size}, {c.threads} threads, {c.concurrency} runs: {rate:.1f}/s"
        )
    return max(rates, key=lambda c: rates[c])


def bare_rate(box: BlackBox, setting: Configuration, seconds: float) -> tuple[float, float]:
    """Inputs per second of the runtime alone, for about so many seconds; processor seconds each."""
    box.backend.set_threads(setting.threads)  # type: ignore[attr-defined]
    photo = load_image(demo_photos()[0])
    batch = np.repeat(box.prepare(photo)[None], setting.batch_size, axis=0)
    box.backend.run(batch)
    until = time.perf_counter() + seconds

    def work(_: int) -> int:
        runs = 0
        while time.perf_counter() < until:
            box.backend.run(batch)
            runs += 1
        return runs

    begun, spent = time.perf_counter(), processor()
    with ThreadPoolExecutor(setting.concurrency) as pool:
        inputs = setting.batch_size * sum(pool.map(work, range(setting.concurrency)))
    return inputs / (time.perf_counter() - begun), (processor() - spent) / inputs


# --- memory ------------------------------------------------------------------------------


def memory(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="decam-memory-") as name:
        root = Path(name)
        model = tiny_model(root)
        write_photos(root / "photos", options.photos)
        box = load_model(model)
        spec = ModelSpec.of(model, box, {})
        keep(spec, box)
        photos = absolute(sorted((root / "photos").iterdir()))
        order = Order(photos, (spec,), Targets(), settings(options.calls), READING)
        curve: dict[int, float] = {}
        executor = ThreadExecutor()
        begun = time.perf_counter()
        with ResultFolder(root / "out") as folder:
            steps = batch_steps(order, folder, executor)
            while True:
                try:
                    standing = next(steps)
                except StopIteration as end:
                    standing = end.value
                    break
                done = standing.answered
                if done and done % 50 == 0 and done not in curve:
                    curve[done] = resident()
                    print(f"  {done:5} photographs: {curve[done]:.1f} MB", flush=True)
            executor.close()
        seconds = time.perf_counter() - begun
        written = sum(f.stat().st_size for f in (root / "out").rglob("*") if f.is_file())
    settled = [mb for done, mb in curve.items() if done >= options.photos // 10]
    print(
        f"{standing.answered} photographs, {options.calls} calls each, in {seconds:.0f} s, "
        f"{executor.split}; {written / standing.answered / 1e3:.1f} KB on disk each; memory "
        f"{settled[0]:.1f} MB after a tenth, {settled[-1]:.1f} MB at the end "
        f"({settled[-1] / settled[0] - 1:+.1%})"
    )


def resident() -> float:
    """Resident memory of this process in MB (Linux)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(n for n in lines if n.startswith("VmRSS")).split()[1]) / 1024


# --- index -------------------------------------------------------------------------------


def index(options: argparse.Namespace) -> None:
    """One real answer, listed so many times under other hashes."""
    with tempfile.TemporaryDirectory(prefix="decam-index-") as name:
        root = Path(name)
        box = load_model(tiny_model(root))
        (file,) = write_photos(root / "photos", 1).iterdir()
        photo = load_image(file)
        question = Question.of(box, photo, calls=options.calls)
        with ResultFolder(root / "out") as folder:
            entry = folder.put(question, [explain(box, photo, calls=options.calls)])
        lines = []
        for number in range(options.photos):
            facts = {**question.photo, "sha256": f"{number:064x}", "path": f"/photos/{number}.png"}
            other = dataclasses.replace(entry, question=dataclasses.replace(question, photo=facts))
            lines.append(json.dumps(other.record(), separators=(",", ":")) + "\n")
        (root / "out" / "index.jsonl").write_text("".join(lines), encoding="utf-8")
        size = len("".join(lines).encode()) / options.photos
        del lines
        before, spent = resident(), processor()
        with ResultFolder(root / "out", write=False) as folder:
            opened = processor() - spent
            held = resident() - before
            write_overview(folder, gallery=False)
            table = processor() - spent - opened
    million = 1e6 / options.photos
    print(
        f"{options.photos:,} answers: {size:.0f} bytes each in the index; processor time: opened "
        f"in {opened:.1f} s, table and averages in {table:.1f} s; for a million "
        f"{size / 1e3:.1f} GB, {million * opened:.0f} s ({million * held / 1e3:.1f} GB of memory) "
        f"and {million * table:.0f} s"
    )


# --- cluster -----------------------------------------------------------------------------


def cluster(options: argparse.Namespace) -> None:
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory(prefix="decam-cluster-") as name, served(Path(name)) as found:
        root = Path(name)
        model = tiny_model(root)
        write_photos(root / "photos", options.photos)
        asked = command(root / "photos", model, root / "out", "--dask", found.address)
        asked[asked.index("--calls") + 1] = str(options.calls)
        scheduler = found.processes[0].pid
        # Scheduler, workers, models and kernels are up, as in the middle of a long batch.
        few = command(write_photos(root / "few", 4), model, root / "warm", "--dask", found.address)
        subprocess.run(few, stdout=subprocess.DEVNULL, check=True)
        started_at = os.times().children_user + os.times().children_system
        before = processor_seconds(scheduler)
        with subprocess.Popen(asked, stdout=subprocess.PIPE) as child:
            output, _ = child.communicate()
        own = os.times().children_user + os.times().children_system - started_at
        spent = processor_seconds(scheduler) - before
        document = json.loads(output)
        index = (root / "out" / "index.jsonl").stat().st_size
    print(
        f"{document['answered']} photographs of {options.calls} calls on 2 workers in "
        f"{document['seconds']:.1f} s ({document['answered'] / document['seconds']:.1f}/s); "
        f"scheduler {spent / document['answered'] * 1e3:.2f} ms of processor each, the command "
        f"itself {own / document['answered'] * 1e3:.2f} ms (its start included); index "
        f"{index / document['answered']:.0f} bytes each"
    )


@contextmanager
def served(folder: Path) -> Iterator[Cluster]:
    (folder / "cluster").mkdir()
    found = Cluster(folder / "cluster")
    try:
        for _ in range(2):
            found.add_worker()
        yield found
    finally:
        found.close()


def processor_seconds(pid: int) -> float:
    """User and system time of a process (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    raise SystemExit(main())
