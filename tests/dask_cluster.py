"""A real Dask scheduler and real workers, as processes of their own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path


class Cluster:
    """A scheduler and its workers, one thread each, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port))

    def add_worker(self, cache: Path | None = None) -> subprocess.Popen[bytes]:
        """Start a worker, with a cache of its own if it is to be another machine's."""
        environment = dict(os.environ)
        if cache is not None:
            environment["DECAM_CACHE_DIR"] = str(cache)
        more = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self.folder))
        return self._start("dask_worker", self.address, *more, environment=environment)

    def _start(
        self, name: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        started = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *arguments, "--no-dashboard"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
        )
        self.processes.append(started)
        return started

    def close(self) -> None:
        for process in reversed(self.processes):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
