"""Peak memory of processes of their own: the model alone, and explaining with it."""

from __future__ import annotations

import inspect
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.console import Console

from decam_engine.models import load_model
from decam_engine.models.tuning import Configuration
from decam_engine.resources import demo_model, demo_photos

CALLS = (500, 4000)
# A camera's photograph, (H, W).
LARGE_PHOTO = (4000, 6000)

# On Linux, getrusage would also count what the starting process needed at its peak.
_PEAK = """
import pathlib, resource, sys
status = pathlib.Path("/proc/self/status")
if status.exists():
    line = next(n for n in status.read_text().splitlines() if n.startswith("VmHWM"))
    print(int(line.split()[1]) / 2**10)
else:
    unit = 2**20 if sys.platform == "darwin" else 2**10
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
"""
_ALONE = """
import sys
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import onnxruntime
path, batch, threads, concurrency, calls = sys.argv[1], *map(int, sys.argv[2:])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
node = session.get_inputs()[0]
inputs = np.zeros((batch, *node.shape[1:]), dtype=np.float32)
with ThreadPoolExecutor(concurrency) as pool:
    list(pool.map(lambda _: session.run(None, {node.name: inputs}), range(calls // batch)))
"""
# SciPy is no part of the product; where the benchmark's rivals have it installed, numba loads it.
_EXPLAIN = """
import sys
sys.modules["scipy"] = None
import decam_engine as d
model = d.load_model(sys.argv[1])
d.explain(model, d.load_image(sys.argv[2]), calls=int(sys.argv[3]))
"""


def measure_memory(errors: Console) -> list[dict[str, Any]]:
    """Peak MB of the bundled model alone and of explanations with it, each in a new process.

    The model alone is ONNX Runtime without this package, in the same configuration on as many
    inputs; what an explanation needs beyond it is in ``beyond_model``.
    """
    path = str(demo_model())
    alone, configuration = runtime_alone(CALLS[0])
    rows: list[dict[str, Any]] = [
        {"over": "peak memory, ONNX Runtime alone", "value": CALLS[0], "megabytes": alone}
    ]

    def add(over: str, photo: Path, calls: int) -> None:
        peak = _peak(_EXPLAIN, path, str(photo), str(calls))
        row = {"over": over, "value": calls, "megabytes": peak, "beyond_model": peak - alone}
        rows.append({**row, "configuration": str(configuration)})
        errors.print(f"{over}, {calls} calls: {peak:.0f} MB", markup=False)

    for calls in CALLS:
        add("peak memory, calls", demo_photos()[0], calls)
    with tempfile.TemporaryDirectory() as folder:
        photo = Path(folder) / "large.jpg"
        Image.fromarray(_large_photo()).save(photo, quality=90)
        add("peak memory, calls on 24 megapixels", photo, CALLS[0])
    return rows


def runtime_alone(calls: int, repeats: int = 1) -> tuple[float, Configuration]:
    """Peak MB of ONNX Runtime with the bundled model, the median of so many processes.

    Also returns the configuration they ran it in, the fastest; it is remembered from here on, so
    that processes started later run the model alike.
    """
    path = str(demo_model())
    model = load_model(path)
    model.tune()
    used = model.configuration
    numbers = (used.batch_size, used.threads, used.concurrency, calls)
    peaks = [_peak(_ALONE, path, *map(str, numbers)) for _ in range(repeats)]
    return statistics.median(peaks), used


def _large_photo() -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Smooth colours with a pattern, uint8 ``(H, W, 3)``."""
    height, width = LARGE_PHOTO
    y, x = np.ogrid[:height, :width]
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[:, :, 0] = x * 255 // width
    pixels[:, :, 1] = y * 255 // height
    pixels[:, :, 2] = (x // 97 + y // 89) % 2 * 200
    return pixels


def _peak(code: str, *arguments: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", inspect.cleandoc(code) + _PEAK, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
