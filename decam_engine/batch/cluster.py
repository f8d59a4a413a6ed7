"""Many machines: shards of photographs on Dask workers (``decam-studio[cluster]``).

A shard is a handful of tasks, and only a few shards for each worker are under way, so that the
scheduler holds hundreds of small things, however many photographs there are. A worker opens a model
once; a file that it does not have is sent to it once, and known by its hash. Where workers see the
folder of results, they write into it; else answers come back and are written here. A worker that
dies takes nothing with it but the photographs that it was at: they go to another one, and what it
had written already is found there.
"""

from __future__ import annotations

import dataclasses
import queue
import secrets
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from decam_engine.batch.opening import ModelSpec, find_file, opened, sent_folder
from decam_engine.batch.task import (
    MISSING_FOLDER,
    MISSING_MODEL,
    NOT_BEGUN,
    PROCESS,
    Outcome,
    Task,
    run_task,
)
from decam_engine.durable import write_whole
from decam_engine.entry import FAILED, Entry
from decam_engine.errors import ImageError, ModelError, SettingsError
from decam_engine.images import read_bytes
from decam_engine.models.external import digest
from decam_engine.version import __version__

# Photographs in a shard, and shards under way for each thread of the workers.
SHARD = 8
AHEAD = 2
# Seconds to wait for the scheduler, and for the first worker.
CONNECT_SECONDS = 15
WORKER_SECONDS = 60
# Seconds after which a shard that is not full is sent all the same.
FLUSH_SECONDS = 1.0
TRANSFERS = ("auto", "shared", "returned")


class ClusterExecutor:
    """Tasks on the workers of a Dask scheduler; see :class:`decam_engine.batch.local.Executor`."""

    def __init__(
        self,
        address: str,
        folder: Path,
        models: Sequence[ModelSpec],
        photo: Path,
        *,
        shard: int = SHARD,
        transfer: str = "auto",
    ) -> None:
        """Connect, compare versions, and find out what the workers see.

        Args:
            address: of the scheduler, ``tcp://HOST:8786``.
            folder: of the results, open for writing.
            models: of the batch.
            photo: one of the photographs.
            transfer: ``shared`` (workers read photographs and write answers themselves),
                ``returned`` (both travel), or ``auto``, which tries.

        Raises:
            SettingsError: Dask is not installed, nobody answers, or workers are of another version.
        """
        self._distributed = _distributed()
        self._shard, self._address = shard, address
        self._outcomes: queue.SimpleQueue[tuple[tuple[Task, ...], Any]] = queue.SimpleQueue()
        self._ready: list[Outcome] = []
        self._collected: list[Task] = []
        self._since = time.monotonic()
        self._under_way: dict[str, Any] = {}
        self._sent: set[str] = set()
        self._calls = 0
        self._stopping = False
        self.lost = 0
        self._client = self._connected(address)
        try:
            self._check_versions()
            self.shared = self._sees(folder, photo) if transfer == "auto" else transfer == "shared"
            for model in models:
                if not model.served and not self._has(model):
                    self._send(model)
        except BaseException:
            self._client.close()
            raise

    # --- the executor ------------------------------------------------------------------

    @property
    def width(self) -> int:
        """Enough for every thread of the workers that are there now."""
        threads = sum(int(w["nthreads"]) for w in self._workers().values())
        return self._shard * max(1, AHEAD * threads)

    def submit(self, task: Task) -> None:
        """Collect a shard, and send it when it is full."""
        if not self._collected:
            self._since = time.monotonic()
        self._collected.append(task)
        if len(self._collected) >= self._shard:
            self._flush()

    def next(self, timeout: float) -> Outcome | None:
        """The next outcome, or None when none came in so many seconds."""
        if self._ready:
            return self._ready.pop()
        if self._collected and time.monotonic() - self._since > FLUSH_SECONDS:
            self._flush()
        try:
            tasks, future = self._outcomes.get(timeout=timeout)
        except queue.Empty:
            return None
        self._under_way.pop(future.key, None)
        self._take(tasks, future)
        return self._ready.pop() if self._ready else None

    def calls_now(self) -> int:
        """Inputs scored for the outcomes so far."""
        return self._calls

    def stop(self) -> None:
        """Give up what no worker has begun; the rest is finished."""
        self._stopping = True
        self._ready += [_not_begun(t) for t in self._collected]
        self._collected = []
        for future in list(self._under_way.values()):
            if future.status == "pending":
                future.cancel(force=True)

    def close(self) -> None:
        """Leave the cluster as it was."""
        for future in list(self._under_way.values()):
            future.cancel(force=True)
        self._client.close()

    # --- shards ------------------------------------------------------------------------

    def _flush(self) -> None:
        tasks, self._collected = tuple(self._collected), []
        if tasks:
            self._give(tasks)

    def _give(self, tasks: tuple[Task, ...]) -> None:
        # A name of its own: the same photograph may have to be asked about again.
        key = f"decam-{secrets.token_hex(8)}"
        with warnings.catch_warnings():
            # Photographs that travel are large; that is meant.
            warnings.filterwarnings("ignore", "Sending large graph")
            future = self._client.submit(run_shard, tasks, key=key, pure=False, retries=2)
        self._under_way[key] = future
        future.add_done_callback(lambda done: self._outcomes.put((tasks, done)))

    def _take(self, tasks: tuple[Task, ...], future: Any) -> None:
        if future.status == "finished":
            for task, outcome in zip(tasks, future.result(), strict=True):
                self._sort(task, outcome)
            return
        if self._stopping:
            self._ready += [_not_begun(t) for t in tasks]
            return
        if future.cancelled():
            raise SettingsError(
                f"The scheduler at {self._address} is gone, or gave up the batch. What was "
                "answered is kept: start it again, and run the same command."
            )
        # Workers died of it, again and again: which of the photographs is it?
        self.lost += 1
        if len(tasks) > 1:
            for task in tasks:
                self._give((task,))
            return
        text = (
            f"The workers that explained it ended, or failed ({_first_line(future.exception())})."
        )
        self._ready.append(Outcome(Entry(tasks[0].question, FAILED, text), kind=PROCESS))

    def _sort(self, task: Task, outcome: Outcome) -> None:
        """Keep an outcome, or help the worker that lacked something."""
        if outcome.kind == MISSING_MODEL and task.model.key not in self._sent:
            self._send(task.model)
            self._give((task,))
        elif outcome.kind == MISSING_FOLDER and task.folder is not None:
            self._give((self.travelling(task),))
        else:
            self._calls += outcome.calls
            self._ready.append(outcome)

    @staticmethod
    def travelling(task: Task) -> Task:
        """The task with the photograph's bytes, whose answer comes back."""
        path = task.question.photo["path"]
        try:
            data = None if path is None else read_bytes(Path(path))
        except ImageError:
            data = None
        return dataclasses.replace(task, folder=None, data=data)

    # --- the cluster -------------------------------------------------------------------

    def _connected(self, address: str) -> Any:
        try:
            client = self._distributed.Client(
                address, timeout=CONNECT_SECONDS, set_as_default=False, name="decam"
            )
        except (OSError, ValueError, TypeError) as error:
            raise SettingsError(
                f"No Dask scheduler answers at {address}: expected one such as tcp://HOST:8786, "
                f"found: {_first_line(error)} Start it with: dask scheduler"
            ) from None
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except (OSError, self._distributed.TimeoutError):
            client.close()
            raise SettingsError(
                f"The scheduler at {address} has no worker: expected one or more. Start them with: "
                "dask worker " + address + " --nthreads 1 --no-nanny"
            ) from None
        return client

    def _workers(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def _check_versions(self) -> None:
        try:
            found = self._client.run(engine_version)
        except ModuleNotFoundError:
            raise SettingsError(
                "The workers lack this package: expected decam-studio to be installed where they "
                "run, found none."
            ) from None
        others = {w: v for w, v in found.items() if v != __version__}
        if others:
            worker, version = next(iter(others.items()))
            raise SettingsError(
                f"The worker {worker} runs version {version}, this is {__version__}. Install the "
                "same version everywhere."
            )

    def _sees(self, folder: Path, photo: Path) -> bool:
        """Whether all workers see this very folder and the photographs."""
        token = folder.absolute() / f".token-{secrets.token_hex(8)}"
        write_whole(token, b"")
        try:
            found = self._client.run(both_there, str(token), str(photo.absolute()))
            return all(found.values())
        finally:
            token.unlink(missing_ok=True)

    def _has(self, model: ModelSpec) -> bool:
        return all(self._client.run(has_model, model).values())

    def _send(self, model: ModelSpec) -> None:
        """Send a model's files to the workers that are there and to those that will come."""
        self._sent.add(model.key)
        files = model_files(model)
        self._client.register_plugin(model_plugin(model, files), name=f"decam-{model.sha256}")


# --- on the workers ----------------------------------------------------------------------


def run_shard(tasks: Sequence[Task]) -> list[Outcome]:
    """Answer the questions of a shard, one after the other."""
    return [run_task(_for_one_thread(task)) for task in tasks]


def _for_one_thread(task: Task) -> Task:
    """One run of the model at a time: there is a worker for each core."""
    return dataclasses.replace(task, runs=1)


def engine_version() -> str:
    """Of the engine that a worker has."""
    return __version__


def both_there(token: str, photo: str) -> bool:
    """Whether a worker sees the folder of results and the photographs."""
    return Path(token).is_file() and Path(photo).is_file()


def has_model(model: ModelSpec) -> bool:
    """Whether a worker has a model's file, by its hash."""
    try:
        return digest(Path(find_file(model))) == model.sha256
    except (ModelError, OSError):
        return False


def model_files(model: ModelSpec) -> dict[str, bytes]:
    """A model's file with the weights beside it, by their paths relative to it."""
    path = Path(model.source)
    names = [path.name, *opened(model).describe().get("external_data", {})]
    return {name: (path.parent / name).read_bytes() for name in names}


def store_model(model: ModelSpec, files: Mapping[str, bytes]) -> None:
    """Keep a model's files in this machine's cache, by its hash; once a machine."""
    if has_model(model):
        return
    place = sent_folder(model)
    for name, content in files.items():
        target = place / name
        if place.resolve() not in target.resolve().parents:
            raise ModelError(f"A file of the model has the name {name!r}.")
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, content)


def model_plugin(model: ModelSpec, files: Mapping[str, bytes]) -> Any:
    """What a worker does when it joins: it stores the model."""
    distributed = _distributed()

    def setup(self: object, worker: Any) -> None:
        store_model(model, files)

    return type("StoreModel", (distributed.WorkerPlugin,), {"setup": setup})()


def _distributed() -> Any:
    try:
        import distributed  # noqa: PLC0415
    except ModuleNotFoundError:
        raise SettingsError(
            "--dask needs Dask.distributed, which is not installed. Install decam-studio[cluster]."
        ) from None
    return distributed


def _not_begun(task: Task) -> Outcome:
    entry = Entry(task.question, FAILED, "It was not begun when the batch was stopped.")
    return Outcome(entry, kind=NOT_BEGUN)


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    line = lines[0][:300] if lines else type(error).__name__
    return line if line.endswith(".") else line + "."
