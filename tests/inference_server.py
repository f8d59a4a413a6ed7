"""A small model server over loopback, on the published schema of the Open Inference Protocol (v2).

It is a program of its own, with the standard library's web server and ONNX Runtime, and shares
no code with the product's client::

    python -m tests.inference_server MODEL.onnx --name NAME [--fault slow --after 3 ...]

The first line of its output is its port. It ends when its standard input is closed, and after
two minutes at the latest. ``GET /stats`` tells what was asked of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import ProxyHandler, build_opener

import numpy as np
import onnxruntime

LIFE = 120.0
TYPES = {
    "tensor(float)": ("FP32", "<f4"),
    "tensor(float16)": ("FP16", "<f2"),
    "tensor(double)": ("FP64", "<f8"),
    "tensor(uint8)": ("UINT8", "u1"),
    "tensor(int8)": ("INT8", "i1"),
}
NUMPY = dict(TYPES.values())
FAULTS = (
    "none", "slow", "die", "hang-up", "busy", "error", "garbage", "huge", "drip", "redirect",
    "wrong-shape", "wrong-rows", "wrong-type", "wrong-output", "wrong-length", "nan", "version",
    "zipped", "cut", "bad-chunk", "no-http",
)  # fmt: skip


class Served:
    """One model, its counters, and what shall go wrong."""

    def __init__(self, options: argparse.Namespace) -> None:
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = options.threads
        settings.log_severity_level = 4
        self.session = onnxruntime.InferenceSession(
            options.model, settings, providers=["CPUExecutionProvider"]
        )
        self.options = options
        self.lock = threading.Lock()
        self.now = 0
        self.stats = {
            "requests": 0, "infer": 0, "inputs": 0, "most_at_once": 0, "largest": 0,
            "binary": 0, "json": 0, "authorization": "",
        }  # fmt: skip
        # Two requests at a time must be able to meet.
        self.meeting = threading.Barrier(2)

    def fault(self) -> str:
        """What goes wrong with the inference that begins now."""
        with self.lock:
            self.stats["infer"] += 1
            number = self.stats["infer"] - self.options.after
        return self.options.fault if 0 < number <= self.options.times else "none"

    def metadata(self) -> dict[str, Any]:
        """``$metadata_model_response``."""
        if self.options.metadata:
            return dict(json.loads(self.options.metadata))
        return {
            "name": self.options.name,
            "versions": ["1"],
            "platform": "onnxruntime_onnx",
            "inputs": [_tensor(i) for i in self.session.get_inputs()],
            "outputs": [_tensor(o) for o in self.session.get_outputs()],
        }

    def infer(self, request: dict[str, Any], rest: bytes) -> tuple[dict[str, Any], bytes]:
        """``$inference_request`` -> ``$inference_response`` and the bytes behind it."""
        feeds = {}
        for tensor in request["inputs"]:
            dtype = np.dtype(NUMPY[tensor["datatype"]])
            size = tensor.get("parameters", {}).get("binary_data_size")
            if size is None:
                values = np.asarray(tensor["data"], dtype=dtype)
            else:
                values, rest = np.frombuffer(rest[:size], dtype), rest[size:]
            feeds[tensor["name"]] = values.reshape(tensor["shape"])
        if rest:
            raise ValueError(f"{len(rest)} bytes too many")
        (count,) = {len(v) for v in feeds.values()}
        if count > self.options.max_batch:
            raise ValueError(f"batch of {count} is larger than {self.options.max_batch}")
        with self.lock:
            self.stats["inputs"] += count
        outputs, tail = [], b""
        for wanted in request["outputs"]:
            (scores,) = self.session.run([wanted["name"]], feeds)
            record = {
                "name": wanted["name"],
                "datatype": next(n for n, t in TYPES.values() if np.dtype(t) == scores.dtype),
                "shape": list(scores.shape),
            }
            if wanted.get("parameters", {}).get("binary_data"):
                data = scores.astype(scores.dtype.newbyteorder("<")).tobytes()
                record["parameters"] = {"binary_data_size": len(data)}
                tail += data
            else:
                record["data"] = scores.reshape(-1).astype(float).tolist()
            outputs.append(record)
        answer = {"model_name": self.options.name, "model_version": "1", "outputs": outputs}
        return answer, tail


def _tensor(node: Any) -> dict[str, Any]:
    shape = [d if isinstance(d, int) else -1 for d in node.shape]
    return {"name": node.name, "datatype": TYPES[node.type][0], "shape": shape}


class Handler(BaseHTTPRequestHandler):
    """Routes of the protocol; ``served`` is the model."""

    protocol_version = "HTTP/1.1"
    served: Served

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the tests read the output."""

    def do_GET(self) -> None:
        served = self.served
        # A proxy is asked for the whole address.
        path = unquote(urlsplit(self.path).path)
        base = f"/v2/models/{served.options.name}"
        if path == "/stats":
            return self._send(200, served.stats)
        with served.lock:
            served.stats["requests"] += 1
            served.stats["authorization"] = self.headers.get("Authorization", "")
        if path == "/v2":
            extensions = [] if served.options.json_only else ["binary_tensor_data"]
            return self._send(
                200, {"name": "test server", "version": "9.8", "extensions": extensions}
            )
        if path in (base, f"{base}/versions/1"):
            return self._send(200, served.metadata())
        if path in (f"{base}/ready", f"{base}/versions/1/ready"):
            return self._send(400 if served.options.not_ready else 200, {})
        return self._send(404, {"error": f"Model '{path}' not found"})

    def do_POST(self) -> None:
        served = self.served
        body = self.rfile.read(int(self.headers["Content-Length"]))
        base = f"/v2/models/{served.options.name}"
        path = unquote(urlsplit(self.path).path)
        if path not in (f"{base}/infer", f"{base}/versions/1/infer"):
            return self._send(404, {"error": "no such model"})
        with served.lock:
            served.now += 1
            served.stats["requests"] += 1
            served.stats["most_at_once"] = max(served.stats["most_at_once"], served.now)
            served.stats["largest"] = max(served.stats["largest"], len(body))
        try:
            return self._infer(body)
        finally:
            with served.lock:
                served.now -= 1

    def _infer(self, body: bytes) -> None:
        served = self.served
        length = self.headers.get("Inference-Header-Content-Length")
        try:
            if served.options.json_only or length is None:
                request, rest = json.loads(body), b""
            else:
                request, rest = json.loads(body[: int(length)]), body[int(length) :]
            with served.lock:
                served.stats["json" if length is None else "binary"] += 1
            fault = served.fault()
            if served.options.meet:
                try:
                    served.meeting.wait(timeout=served.options.meet)
                except threading.BrokenBarrierError:
                    served.meeting.reset()
            if fault != "none":
                return self._fail(fault, request, rest)
            return self._answer(*served.infer(request, rest))
        except Exception as error:  # whatever the runtime and the request are up to
            return self._send(400, {"error": f"cannot infer: {error}"})

    def _fail(  # noqa: PLR0911
        self, fault: str, request: dict[str, Any], rest: bytes
    ) -> None:
        served = self.served
        if fault == "die":
            os._exit(3)
        if fault == "hang-up":
            self.close_connection = True
            return None
        if fault == "busy":
            return self._send(503, {"error": "try again"}, {"Retry-After": "0"})
        if fault == "error":
            text = "out of memory \x1b[31m\n" + "very " * 400 + "sorry"
            return self._send(500, {"error": text})
        if fault == "redirect":
            return self._send(307, {}, {"Location": "http://elsewhere.invalid/v2"})
        if fault == "garbage":
            return self._raw(b"\x00\xff<html>not a model</html>")
        if fault in ("huge", "drip"):
            return self._endless(b"0" * 1_000_000 if fault == "huge" else b"0")
        if fault in ("cut", "bad-chunk", "no-http"):
            return self._broken(fault)
        if fault == "slow":
            time.sleep(served.options.seconds)
        answer, tail = served.infer(request, rest)
        output = answer["outputs"][0]
        if fault == "zipped":
            return self._raw(b"\x1f\x8b\x08\x00", {"Content-Encoding": "gzip"})
        if fault == "wrong-shape":
            output["shape"] = [output["shape"][1], output["shape"][0], 7]
        elif fault == "wrong-rows":
            output["shape"][0] -= 1
        elif fault == "wrong-type":
            output["datatype"] = "INT64"
        elif fault == "wrong-output":
            output["name"] = "features"
        elif fault == "wrong-length":
            tail += b"more"
        elif fault == "version":
            answer["model_version"] = "2"
        elif fault == "nan":
            count = int(np.prod(output["shape"]))
            output.pop("parameters", None)
            output["data"], tail = [None] * count, b""
        return self._answer(answer, tail)

    def _answer(self, answer: dict[str, Any], tail: bytes) -> None:
        text = json.dumps(answer).encode()
        headers = {"Inference-Header-Content-Length": str(len(text))} if tail else {}
        self._raw(text + tail, headers)

    def _send(
        self, status: int, record: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        self._raw(json.dumps(record).encode(), headers, status)

    def _raw(self, body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        if self.served.options.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for start in range(0, len(body), 100):
                piece = body[start : start + 100]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _broken(self, fault: str) -> None:
        self.close_connection = True
        if fault == "no-http":
            self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
            return
        self.send_response(200)
        if fault == "cut":
            self.send_header("Content-Length", "1000")
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"zz\r\nhello")

    def _endless(self, piece: bytes) -> None:
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for _ in range(1000):
                self.wfile.write(piece)
                if len(piece) == 1:
                    time.sleep(0.1)
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    """Quiet when a client goes away."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def main() -> None:
    """Serve until standard input is closed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--name", default="net")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--fault", choices=FAULTS, default="none")
    parser.add_argument("--after", type=int, default=0, help="inferences that go well before")
    parser.add_argument("--times", type=int, default=10**9, help="inferences that go wrong")
    parser.add_argument("--seconds", type=float, default=1.0, help="how slow")
    parser.add_argument("--meet", type=float, default=0.0, help="seconds to wait for a second one")
    parser.add_argument("--max-batch", type=int, default=10**9)
    parser.add_argument("--json-only", action="store_true")
    parser.add_argument("--chunked", action="store_true")
    parser.add_argument("--not-ready", action="store_true")
    parser.add_argument("--metadata", help="JSON that is told instead of the model's own")
    options = parser.parse_args()
    Handler.served = Served(options)
    server = Server(("127.0.0.1", options.port), Handler)
    print(server.server_address[1], flush=True)  # noqa: T201
    threading.Thread(target=server.serve_forever, daemon=True).start()
    timer = threading.Timer(LIFE, os._exit, (4,))
    timer.daemon = True
    timer.start()
    sys.stdin.read()


class Running:
    """A server process, seen from a test."""

    def __init__(self, port: int, name: str) -> None:
        self.host = f"127.0.0.1:{port}"
        self.url = f"http://{self.host}/v2/models/{name}"

    @property
    def stats(self) -> dict[str, Any]:
        """What it was asked so far."""
        with build_opener(ProxyHandler({})).open(f"http://{self.host}/stats", timeout=10) as answer:
            return dict(json.load(answer))


@contextmanager
def serving(model: Path, *arguments: str, name: str = "net") -> Iterator[Running]:
    """A server of this model in a process of its own, for as long as the block lasts."""
    command = [sys.executable, "-m", "tests.inference_server", str(model), "--name", name]
    root = Path(__file__).resolve().parent.parent
    process = subprocess.Popen(
        [*command, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Running(int(process.stdout.readline()), name)
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=10)
        finally:
            process.kill()
            process.stdout.close()


if __name__ == "__main__":
    main()
