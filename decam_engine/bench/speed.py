"""What an explanation costs beside the model: overhead, kernels, growth."""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from decam_engine import kernels
from decam_engine.bench.memory import measure_memory
from decam_engine.errors import SettingsError
from decam_engine.explain import explain
from decam_engine.images import Photo, load_image
from decam_engine.machine import machine, usable_cores
from decam_engine.masks import cell_edges, cubic_weights, decode, linear_weights
from decam_engine.models import BlackBox, Preprocessing, load_model
from decam_engine.models.tuning import Configuration
from decam_engine.reports.manifest import versions
from decam_engine.resources import demo_model, demo_photos
from decam_engine.search import differential_evolution

F32 = npt.NDArray[np.float32]

BARE_BATCHES = (1, 4, 8, 16, 64)
GROWTH_CALLS = (250, 500, 1000, 2000, 4000, 8000)
GROWTH_SIDES = (28, 64, 112, 224, 448, 1024)
GROWTH_GRIDS = (7, 10, 14, 20, 28)
KERNEL_CALLS = 10
# Of an explanation by a free model.
CALLS = 2000


# --- overhead -----------------------------------------------------------------------------


def run_overhead(options: argparse.Namespace, errors: Console) -> dict[str, Any]:
    """Wall time of an explanation against the bare runtime's for as many inputs."""
    path = demo_model() if options.model == "demo" else options.model
    model = load_model(path)
    photo = load_image(demo_photos()[0])
    model.tune()
    tuned = model.configuration
    explain(model, photo, calls=100)
    tried = {}
    for threads, concurrency in dict.fromkeys([(usable_cores(), 1), (1, usable_cores())]):
        bare = load_model(path, threads=threads, batch_size=8)
        for batch in BARE_BATCHES:
            setting = Configuration(batch, threads, concurrency)
            tried[setting] = min(_bare(bare, photo, setting, max(batch, 64)) for _ in range(3))
            errors.print(f"bare {setting}: {tried[setting] * 1e3:.2f} ms per input", markup=False)
    best = min(tried, key=lambda s: tried[s])
    candidates = {best, Configuration(tuned.batch_size, tuned.threads, tuned.concurrency)}
    opened = {c: load_model(path, threads=c.threads, batch_size=c.batch_size) for c in candidates}
    ratios, walls, bares = [], [], []
    for number in range(options.repeats):
        # Before and after: the machine's speed drifts.
        before = min(_bare(opened[c], photo, c, options.calls) for c in candidates)
        result = explain(model, photo, calls=options.calls, seed=number)
        after = min(_bare(opened[c], photo, c, options.calls) for c in candidates)
        bare_seconds = (before + after) / 2 * result.calls
        ratios.append(result.seconds / bare_seconds)
        walls.append(result.seconds)
        bares.append(bare_seconds)
        errors.print(f"run {number + 1}: ratio {ratios[-1]:.3f}", markup=False)
    document = {
        **_header("overhead"),
        "calls": options.calls,
        "configuration": dataclasses.asdict(tuned),
        "bare_milliseconds": {str(k): v * 1e3 for k, v in tried.items()},
        "seconds": walls,
        "bare_seconds": bares,
        "ratios": ratios,
        "ratio": statistics.median(ratios),
    }
    if not options.json:
        _print(
            f"{options.calls} calls, {model.name}: {statistics.median(walls):.2f} s, bare runtime "
            f"{statistics.median(bares):.2f} s, ratio {document['ratio']:.3f} "
            f"(median of {options.repeats}; {min(ratios):.3f} to {max(ratios):.3f})",
            f"in use: batch {tuned.batch_size}, {tuned.threads} threads, "
            f"{tuned.concurrency} at a time ({tuned.source}); best bare: batch {best.batch_size}, "
            f"{best.threads} threads, {best.concurrency} at a time",
        )
    return document


def _bare(model: BlackBox, photo: Photo, setting: Configuration, count: int) -> float:
    """Seconds per input of the backend alone, nothing prepared or looked at."""
    batch = np.repeat(model.prepare(photo)[None], setting.batch_size, axis=0)
    runs = max(setting.concurrency, round(count / setting.batch_size))
    with ThreadPoolExecutor(setting.concurrency) as pool:
        model.backend.run(batch)
        started = time.perf_counter()
        list(pool.map(model.backend.run, [batch] * runs))
        return (time.perf_counter() - started) / (runs * setting.batch_size)


# --- a free model -------------------------------------------------------------------------


class FreeBackend:
    """A model that costs next to nothing: the mean of a few pixels, squashed to 0..1."""

    name = "free"

    def run(self, inputs: F32) -> npt.NDArray[Any]:
        """float32 ``(N, ...)`` -> ``(N, 2)``."""
        few = inputs.reshape(len(inputs), -1)[:, ::61].mean(axis=1)
        score = 1.0 / (1.0 + np.exp(-few))
        return np.stack([score, 1.0 - score], axis=1)

    def describe(self) -> Mapping[str, Any]:
        """Nothing to tell."""
        return {"kind": "free"}


def free_model(side: int, channels: int, batch: int) -> BlackBox:
    """A free model of ``side x side`` inputs."""
    preprocessing = Preprocessing(
        size=(side, side),
        resize="squash",
        channels="L" if channels == 1 else "RGB",
        scale=1 / 255,
        mean=(0.5,),
        std=(0.25,),
    )
    return BlackBox(
        FreeBackend(),
        preprocessing,
        activation="none",
        configuration=Configuration(batch, 1),
    )


def run_tiny(options: argparse.Namespace, errors: Console) -> dict[str, Any]:
    """The engine's own processor time per call, compiled and with the numpy twins."""
    photo = load_image(demo_photos()[0])
    rows = []
    for side, channels in ((28, 1), (224, 3)):
        model = free_model(side, channels, 64 if side < 64 else 8)
        row: dict[str, Any] = {"side": side, "channels": channels, "batch": model.batch_size}
        row["microseconds"] = _own_time(model, photo, CALLS, options.repeats)
        if options.twins:
            with _twins_in_use(options.twins):
                row["twin_microseconds"] = _own_time(model, photo, 200, 1)
        rows.append(row)
    if not options.json:
        table = Table(title="The engine's own processor time per call, free model")
        for name in ("input", "compiled", "numpy twins"):
            table.add_column(name, justify="right")
        for r in rows:
            twin = r.get("twin_microseconds")
            table.add_row(
                f"{r['side']} x {r['side']} x {r['channels']}",
                f"{r['microseconds']:.0f} us",
                "" if twin is None else f"{twin:.0f} us",
            )
        settings = ", ".join(f"batches of {r['batch']} at {r['side']}" for r in rows)
        _print(table, f"{CALLS} calls, median of {options.repeats} runs; {settings}; de, seed 0")
    return {**_header("tiny"), "calls": CALLS, "repeats": options.repeats, "rows": rows}


def _own_time(model: BlackBox, photo: Photo, calls: int, repeats: int) -> float:
    explain(model, photo, calls=100)
    found = []
    for _ in range(repeats):
        started = time.process_time()
        explain(model, photo, calls=calls)
        found.append((time.process_time() - started) / calls * 1e6)
    return statistics.median(found)


# --- kernels ------------------------------------------------------------------------------


def run_kernels(options: argparse.Namespace, errors: Console) -> dict[str, Any]:
    """Each kernel against its numpy twin at 224 x 224, batches of 8."""
    if not options.twins:
        raise SettingsError("--kernels needs --twins FILE, the file with the kernels' numpy twins.")
    twins = _load_twins(options.twins)
    rows = []
    for name, arguments in kernel_arguments().items():
        function = name.split(",")[0]
        compiled = _seconds(partial(getattr(kernels, function), *arguments), options.repeats)
        plain = _seconds(partial(getattr(twins, function), *arguments), options.repeats)
        rows.append((name, compiled, plain))
    if not options.json:
        table = Table(title="Kernels, 224 x 224, 8 masks")
        for column in ("kernel", "compiled", "numpy", "times faster"):
            table.add_column(column, justify="left" if column == "kernel" else "right")
        for name, compiled, plain in rows:
            table.add_row(
                name,
                f"{compiled * 1e6:.0f} us",
                f"{plain * 1e6:.0f} us",
                f"{plain / compiled:.1f}",
            )
        _print(
            table,
            f"processor time of a call: median of {max(3, options.repeats)} means "
            f"of {KERNEL_CALLS} calls",
        )
    names = ("kernel", "compiled", "numpy")
    return {**_header("kernels"), "rows": [dict(zip(names, row, strict=True)) for row in rows]}


def kernel_arguments() -> dict[str, tuple[Any, ...]]:
    """Arguments of a realistic size for every kernel; what follows a comma tells two apart."""
    rng = np.random.default_rng(0)

    def numbers(*shape: int) -> F32:
        return rng.random(shape, dtype=np.float32)

    side, n, d, members, learnt = 224, 8, 196, 128, 1024
    pixels = side * side
    edges = cell_edges(side, 14)
    index = rng.integers(0, 16, members)
    saliency = decode(rng.normal(size=d).astype(np.float32), (14, 14), (side, side)).reshape(-1)
    level, bins = (saliency * 0).astype(np.uint8), np.empty(pixels, dtype=np.uint16)
    counts = np.array([5018, 12544, 25088], dtype=np.int64)
    kernels.nested_levels(saliency, counts, bins, level)
    least, remove = rng.integers(1, 4, n), np.arange(n) % 2 == 1
    levels = level[None], np.zeros(n, dtype=np.int64)
    cubic = cubic_weights(side, 14)
    grids, shifts = rng.integers(0, 2, (4, 15, 15)).astype(np.float32), rng.integers(0, 16, (4, 2))
    arguments: dict[str, tuple[Any, ...]] = {}
    for layout, planes, repeats in (("channels first", 3, 1), ("channels last", 1, 3)):
        wide = pixels * repeats
        images = numbers(planes, wide), numbers(3, planes, wide), rng.integers(0, 3, n)
        out = numbers(n, planes, wide)
        rows, columns = linear_weights(240, 15, 1), linear_weights(240, 15, repeats)
        grid = (grids, shifts, 0, 2, side, repeats, *rows, *columns)
        arguments[f"blend, {layout}"] = (*images, numbers(n, pixels), out)
        arguments[f"blend_grids, {layout}"] = (*images, *grid, out)
        arguments[f"blend_levels, {layout}"] = (*images, *levels, least, remove, out)
    blocks = learnt // kernels.ROWS
    fitted = (
        np.array([6, 14, 24, 35, 51, 71, 98, 137], dtype=np.int64),
        numbers(d) / 40,
        (255 * numbers(blocks, d, kernels.ROWS)).astype(np.uint8),
        np.float32(1 / 40 / 255),
        numbers(blocks, kernels.ROWS),
        numbers(blocks, kernels.ROWS),
        blocks // 2,
        numbers(d),
        np.float32(0.1),
        np.float32(0.1),
    )
    shape, few = (12, 24), rng.integers(0, 24, (12, 24))
    generations = (
        numbers(24, d),
        few // 5,
        few,
        few,
        numbers(*shape),
        numbers(24),
        numbers(*shape, d),
        few,
        numbers(512, d),
        few,
        numbers(*shape),
    )
    return arguments | {
        "repeat_pixels": (numbers(pixels), 3, numbers(3 * pixels)),
        "enlarge": (
            numbers(14, 14),
            *cubic,
            *cubic,
            numbers(side, side),
        ),
        "drawn_levels": (
            numbers(n, 14, 14),
            *cubic,
            *cubic,
            counts[np.arange(n) % 3],
            numbers(side, side),
            bins,
            np.empty((n, pixels), dtype=np.uint8),
        ),
        "sort_into_bins": (saliency, 4096, bins),
        "mark_largest": (saliency[:1000], 100, np.empty(1000, dtype=np.uint8)),
        "nested_levels": (saliency, counts, bins, level),
        "mark_most_salient": (saliency, 12544, bins, level.copy()),
        "level_shares": (
            level.reshape(1, side, side),
            levels[1][:3],
            least[:3],
            edges,
            edges,
            numbers(3, d),
        ),
        "add_weighted": (numbers(n, pixels), numbers(n), numbers(pixels)),
        "trial_vectors": (
            numbers(16, d),
            numbers(17, d),
            index,
            index,
            index,
            index,
            numbers(members),
            numbers(members),
            numbers(members, d),
            index,
            numbers(members, d),
        ),
        "standardise": (numbers(24, d), numbers(24, d)),
        "predicted_gains": (
            numbers(members, d),
            numbers(d),
            np.array([20, 49, 98], dtype=np.int64),
            numbers(members),
        ),
        "exponentials": (-20 * numbers(learnt), np.zeros(learnt, dtype=np.int32), numbers(learnt)),
        "rank_descending": (numbers(n, d), np.empty((n, d), dtype=np.int32)),
        "predicted_fitness": (numbers(n, d), *fitted, numbers(n)),
        "evolve_generations": (*generations, *fitted, numbers(24, d)),
    }


def _kernel_names() -> list[str]:
    return list(dict.fromkeys(name.split(",")[0] for name in kernel_arguments()))


def _seconds(call: Callable[[], object], repeats: int) -> float:
    """Processor seconds of a call, the median."""
    call()
    found = []
    for _ in range(max(3, repeats)):
        started = time.process_time()
        for _ in range(KERNEL_CALLS):
            call()
        found.append((time.process_time() - started) / KERNEL_CALLS)
    return statistics.median(found)


@contextmanager
def _twins_in_use(path: str) -> Iterator[None]:
    """Run the engine on the plain-numpy twins of its kernels."""
    twins = _load_twins(path)
    names = _kernel_names()
    before = {name: getattr(kernels, name) for name in names}
    try:
        for name in names:
            setattr(kernels, name, _writing(getattr(twins, name)))
        yield
    finally:
        for name, function in before.items():
            setattr(kernels, name, function)


def _writing(twin: Callable[..., npt.NDArray[Any]]) -> Callable[..., None]:
    """A twin returns what its kernel writes into its last argument."""

    def call(*arguments: Any) -> None:
        arguments[-1][...] = twin(*arguments)

    return call


def _load_twins(path: str) -> Any:
    spec = importlib.util.spec_from_file_location("decam_kernel_twins", path)
    try:
        if spec is None or spec.loader is None:
            raise ImportError("no Python file")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except (OSError, ImportError, SyntaxError) as error:
        raise SettingsError(f"The twins {path} could not be loaded: {error}.") from None
    missing = [name for name in _kernel_names() if not hasattr(module, name)]
    if missing:
        raise SettingsError(f"The twins {path} lack {', '.join(missing)}.")
    return module


# --- growth -------------------------------------------------------------------------------


def run_growth(options: argparse.Namespace, errors: Console) -> dict[str, Any]:
    """Seconds over calls, input size and grid size (free model); peak memory (real model)."""
    photo = load_image(demo_photos()[0])
    rows: list[dict[str, Any]] = []

    def add(what: str, value: int, seconds: float, unit: float) -> None:
        rows.append({"over": what, "value": value, "seconds": seconds, "per_unit": seconds / unit})
        errors.print(f"{what} {value}: {seconds:.3f} s", markup=False)

    explain(free_model(224, 3, 8), photo, calls=100)
    for calls in GROWTH_CALLS:
        seconds = explain(free_model(224, 3, 8), photo, calls=calls).seconds
        add("calls at 224 x 224", calls, seconds, calls)
    for side in GROWTH_SIDES:
        seconds = explain(free_model(side, 3, 8), photo, calls=500).seconds
        add("input side, 500 calls", side, seconds, side * side)
    for grid in GROWTH_GRIDS:
        settings = differential_evolution.DESettings(grid=grid)
        with _default_settings(settings):
            seconds = explain(free_model(224, 3, 8), photo, calls=500).seconds
        add("grid side, 500 calls at 224 x 224", grid, seconds, grid * grid)
    rows.extend(measure_memory(errors))
    if not options.json:
        table = Table(title="Growth (free model: the engine's own time)")
        columns = ("over", "value", "seconds", "per call / pixel / cell", "peak", "beyond model")
        for column in columns:
            table.add_column(column, justify="left" if column == "over" else "right")
        for r in rows:
            table.add_row(
                str(r["over"]),
                f"{r['value']:,}",
                f"{r['seconds']:.3f}" if "seconds" in r else "",
                f"{r['per_unit'] * 1e6:.2f} us" if "per_unit" in r else "",
                f"{r['megabytes']:.0f} MB" if "megabytes" in r else "",
                f"{r['beyond_model']:+.0f} MB" if "beyond_model" in r else "",
            )
        peaks = {r["configuration"] for r in rows if "configuration" in r}
        _print(
            table,
            "free model: batches of 8; peak memory: the bundled model, run as "
            + "".join(peaks)
            + "; beyond model: what ONNX Runtime alone does not need for as many inputs",
        )
    return {**_header("growth"), "rows": rows}


@contextmanager
def _default_settings(settings: Any) -> Iterator[None]:
    before = differential_evolution.DESettings
    differential_evolution.DESettings = lambda: settings  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        differential_evolution.DESettings = before  # type: ignore[misc]


def _header(kind: str) -> dict[str, Any]:
    return {
        "bench": kind,
        "machine": machine(),
        "versions": versions(),
    }


def _print(*things: Any) -> None:
    console = Console(highlight=False)
    for thing in things:
        console.print(thing)
    facts = machine()
    console.print(
        f"{facts['processor']}, {facts['cores']} cores, {facts['system']}; "
        + ", ".join(f"{k} {v}" for k, v in versions().items()),
        markup=False,
    )
