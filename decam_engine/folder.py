"""Folders of results: what ``decam batch`` writes and the window's sessions are kept in.

    FOLDER/decam.json                   what kind of folder this is, and of which schema
    FOLDER/index.jsonl                  one line for each question that was answered, or failed
    FOLDER/results/3f/cat-3f0c.../      one answered question: the files of Explanation.save
    FOLDER/results/3f/cat-3f0c.../entry.json   its line of the index
    FOLDER/results/cat.tabby.de.json    a result that the window saved; adopted when opened
    FOLDER/.parts/                      answers being written

An answer is written aside, synced, and given its name by one rename: it is there whole or not at
all. Then its line goes to the end of the index. So whatever dies whenever, no answer is lost: one
that has its name but no line gets it when the folder is opened next, and half a line is cut off.
Nothing in the index or in the names depends on times or machines.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from decam_engine.errors import ExportError
from decam_engine.explanation import Explanation
from decam_engine.locking import Lock
from decam_engine.question import Question
from decam_engine.reports import Template, safe_name
from decam_engine.saved import load_explanation, read_manifest
from decam_engine.summary import summarise

KIND, SCHEMA = "decam-results", 1
HEAD, INDEX, RESULTS, PARTS, ENTRY, LOCK = (
    "decam.json",
    "index.jsonl",
    "results",
    ".parts",
    "entry.json",
    ".lock",
)
# Always written: small, and all that it takes to have the result back bit for bit.
FORMATS = ("input", "json")
DONE, STOPPED, FAILED = "done", "stopped", "failed"
# Of the fingerprint in the name of an answer's folder.
DIGITS = 16
MAX_STEM = 40
# What is being replaced, until its successor has its name.
OLD = "-old"


@dataclass(frozen=True)
class Entry:
    """What became of one question.

    Attributes:
        question: what was asked.
        state: ``done``; ``stopped``, when it was cancelled or the model failed on the way (what
            was found is there, and can be gone on with); ``failed``, with nothing found.
        error: why it failed or stopped, one sentence; else empty.
        place: its folder, relative to the folder of results, with ``/``; empty if it failed.
        results: one for each explained class: ``manifest`` (file name in ``place``) and the
            facts of :func:`decam_engine.summary.summarise`.
    """

    question: Question
    state: str
    error: str = ""
    place: str = ""
    results: tuple[Mapping[str, Any], ...] = ()

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "schema": SCHEMA,
            "id": self.question.id,
            "state": self.state,
            "error": self.error,
            "place": self.place,
            "question": self.question.record(),
            "results": [dict(r) for r in self.results],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Entry:
        """The inverse of :meth:`record`.

        Raises:
            ExportError: damaged, or of another schema.
        """
        try:
            if record["schema"] != SCHEMA or record["state"] not in (DONE, STOPPED, FAILED):
                raise ValueError(record["schema"], record["state"])
            place = str(record["place"])
            if place.startswith("/") or ".." in place.split("/") or "\\" in place or ":" in place:
                raise ValueError(place)
            results = tuple(dict(r) for r in record["results"])
            for result in results:
                name = str(result["manifest"])
                if not name or Path(name).name != name or "\\" in name:
                    raise ValueError(name)
            return cls(
                Question.from_record(record["question"]),
                str(record["state"]),
                str(record["error"]),
                place,
                results,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ExportError(f"An entry of this folder is damaged ({error!r}).") from None


class ResultFolder:
    """A folder of answered questions. Any number may read it, one at a time writes to it.

    Attributes:
        path: where it is.
        adopted: how many answers were found without a line in the index, and got it, when it
            was opened.
    """

    def __init__(self, path: str | Path, *, write: bool = True) -> None:
        """Open a folder, or make it.

        Args:
            write: False = only to read: nothing is made, mended or locked.

        Raises:
            ExportError: it cannot be written to, is not a folder of this kind, or (``write``) is
                in use by another process.
        """
        self.path = Path(path)
        self.adopted = 0
        self._lock: Lock | None = None
        # Where the newest line of each question begins.
        self._lines: dict[bytes, int] = {}
        # Those of them whose newest line says that they were not answered in full.
        self._open: set[bytes] = set()
        # Manifests right in the folder of results, as the window saves them, that have a line.
        self._loose: set[str] = set()
        self._end = 0
        try:
            if write:
                self._make()
            self._check_head()
            self._read()
            if write:
                self._mend()
        except OSError as error:
            self.close()
            raise ExportError(
                f"The folder {self.path} cannot be {'written to' if write else 'read'}: expected a "
                f"folder with permission and room, found: {error.strerror or error}. Choose "
                "another."
            ) from None
        except ExportError:
            self.close()
            raise

    def __enter__(self) -> ResultFolder:
        return self

    def __exit__(self, *reason: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write to it."""
        if self._lock is not None:
            # Left by workers that died while they wrote.
            shutil.rmtree(self.path / PARTS, ignore_errors=True)
            self._lock.release()
            self._lock = None

    # --- reading -----------------------------------------------------------------------

    def __len__(self) -> int:
        """Questions with an entry, whatever became of them."""
        return len(self._lines)

    def entries(self) -> Iterator[Entry]:
        """The newest entry of each question, in the order of the index."""
        newest = set(self._lines.values())
        with contextlib.suppress(FileNotFoundError), self._index.open("rb") as stream:
            while stream.tell() < self._end:
                at = stream.tell()
                line = stream.readline()
                if at in newest:
                    yield _parsed(line)

    def done(self) -> Iterator[str]:
        """Ids of the questions that were answered in full."""
        return (key.hex() for key in self._lines.keys() - self._open)

    def find(self, question: Question | str) -> Entry | None:
        """The newest entry of a question (or of its id), or None."""
        at = self._lines.get(_key(question))
        if at is None:
            return None
        with self._index.open("rb") as stream:
            stream.seek(at)
            return _parsed(stream.readline())

    def answered(self, question: Question) -> Entry | None:
        """The entry of a question that was answered in full and whose files are there, or None."""
        key = _key(question)
        if key not in self._lines or key in self._open:
            return None
        entry = self.find(question)
        if entry is None or not all(m.is_file() for m in self.manifests(entry)):
            return None
        return entry

    def load(self, entry: Entry) -> list[Explanation]:
        """The saved results of an entry, in the order of its classes.

        Raises:
            ExportError: a file or the photograph is missing, changed or damaged.
        """
        return [load_explanation(path) for path in self.manifests(entry)]

    def manifests(self, entry: Entry) -> list[Path]:
        """Where the manifests of an entry lie."""
        return [self.path / entry.place / str(r["manifest"]) for r in entry.results]

    # --- writing -----------------------------------------------------------------------

    def put(
        self,
        question: Question,
        results: Sequence[Explanation],
        *,
        formats: Sequence[str] = FORMATS,
        template: Template | None = None,
        error: str = "",
    ) -> Entry:
        """Write an answer and its line in the index; what the folder held of it is replaced.

        Args:
            results: one for each class; stopped ones are kept as such.
            formats: besides ``input`` and ``json``, which are always written.
            error: why it was stopped, if it was.

        Raises:
            ExportError: the folder or the disk does not take it; the results stay usable.
        """
        if not results:
            raise ExportError("An answer needs at least one result; record a failure instead.")
        entry = write_answer(self.path, question, results, formats, template, error)
        self.add(entry)
        return entry

    def fail(self, question: Question, error: str) -> Entry:
        """Record that a question has no answer, and why.

        Raises:
            ExportError: the index cannot be written.
        """
        entry = Entry(question, FAILED, error)
        self.add(entry)
        return entry

    def add(self, entry: Entry) -> None:
        """Append an entry whose files are in place already to the index.

        Raises:
            ExportError: the index cannot be written.
        """
        if self._lock is None:
            raise ExportError(f"The folder {self.path} is not open for writing.")
        line = _line(entry)
        try:
            with self._index.open("ab") as stream:
                # Half a line of an append that failed (a full disk) is written over.
                if stream.seek(0, os.SEEK_END) != self._end:
                    stream.truncate(self._end)
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise ExportError(
                f"The index of {self.path} could not be written ({error.strerror or error}). Free "
                "some space; what was found is kept."
            ) from None
        self._note(_key(entry.question), entry.state, self._end)
        self._end += len(line)

    # --- opening -----------------------------------------------------------------------

    @property
    def _index(self) -> Path:
        return self.path / INDEX

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(self.path / LOCK)
        if not self._lock.acquire():
            self._lock = None
            raise ExportError(
                f"The folder {self.path} is being written to by another process: expected to be "
                "alone. Wait for it, or choose another folder."
            )
        head = self.path / HEAD
        if not head.exists():
            write_whole(head, _bytes({"kind": KIND, "schema": SCHEMA}))
        (self.path / RESULTS).mkdir(exist_ok=True)

    def _check_head(self) -> None:
        head = self.path / HEAD
        try:
            record = json.loads(head.read_text(encoding="utf-8"))
        except FileNotFoundError:
            record = None
        except (UnicodeDecodeError, ValueError, RecursionError):
            record = {}
        if not isinstance(record, dict) or record.get("kind") != KIND:
            raise ExportError(
                f"{self.path} is no folder of results: expected a {HEAD} that says so, found "
                f"{'none' if record is None else 'another'}. Choose a folder that decam batch or "
                "the window wrote."
            )
        if record.get("schema") != SCHEMA:
            raise ExportError(
                f"{self.path} was written in the schema {record.get('schema')!r}, this version "
                f"reads {SCHEMA}. Use the version that wrote it."
            )

    def _read(self) -> None:
        """Find where the lines of the index begin; half a line at the end does not count."""
        with contextlib.suppress(FileNotFoundError), self._index.open("rb") as stream:
            at = 0
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
                    record = json.loads(line)
                    self._note(_key(record["id"]), record["state"], at)
                    if record["place"] == RESULTS:
                        self._loose.update(str(r["manifest"]) for r in record["results"])
                at += len(line)
            self._end = at

    def _note(self, key: bytes, state: str, at: int) -> None:
        self._lines[key] = at
        if state == DONE:
            self._open.discard(key)
        else:
            self._open.add(key)

    def _mend(self) -> None:
        """Cut half a line off, sweep what was being written, and adopt what has no line yet."""
        if self._index.exists() and self._index.stat().st_size != self._end:
            with self._index.open("r+b") as stream:
                stream.truncate(self._end)
        for part in self._folders(self.path / PARTS):
            # The entry is written last: what has one is whole, and only lacked its name.
            with contextlib.suppress(ExportError, OSError):
                place = self.path / read_entry(part).place
                if not place.exists():
                    place.parent.mkdir(parents=True, exist_ok=True)
                    part.rename(place)
        shutil.rmtree(self.path / PARTS, ignore_errors=True)
        known = {key[: DIGITS // 2] for key in self._lines.keys() - self._open}
        for bucket in self._folders(self.path / RESULTS):
            for place in self._folders(bucket):
                with contextlib.suppress(ExportError, ValueError):
                    if bytes.fromhex(place.name[-DIGITS:]) not in known:
                        self._adopt(place)

        for manifest in sorted((self.path / RESULTS).glob("*.json")):
            if manifest.name not in self._loose:
                with contextlib.suppress(ExportError):
                    self._adopt_loose(manifest)

    def _adopt_loose(self, manifest: Path) -> None:
        """A result that the window saved: its question is told from its manifest."""
        question = Question.of_manifest(read_manifest(manifest))
        if self.answered(question) is not None:
            return
        result = load_explanation(manifest)
        facts = {"manifest": manifest.name, **summarise(result)}
        state = STOPPED if result.stopped else DONE
        self.add(Entry(question, state, "", RESULTS, (facts,)))
        self._loose.add(manifest.name)
        self.adopted += 1

    def _adopt(self, place: Path) -> None:
        entry = read_entry(place)
        if entry != self.find(entry.question):
            self.add(entry)
            self.adopted += 1

    @staticmethod
    def _folders(path: Path) -> list[Path]:
        with contextlib.suppress(FileNotFoundError), os.scandir(path) as found:
            return sorted(Path(f.path) for f in found if f.is_dir(follow_symlinks=False))
        return []


def write_answer(
    folder: Path,
    question: Question,
    results: Sequence[Explanation],
    formats: Sequence[str] = FORMATS,
    template: Template | None = None,
    error: str = "",
) -> Entry:
    """Write the files of an answer into a folder of results, whole or not at all.

    The index is left to the process that has the folder open. Of two that write the same answer
    at once, one wins, and both are right.

    Raises:
        ExportError: the folder or the disk does not take it.
    """
    place = place_of(question)
    final = folder / place
    chosen = tuple(dict.fromkeys((*FORMATS, *formats)))
    part: Path | None = None
    try:
        (folder / PARTS).mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=folder / PARTS))
        found = []
        for result in results:
            files = result.save(part, chosen, template)
            manifest = next(f.name for f in files if f.suffix == ".json")
            found.append({"manifest": manifest, **summarise(result)})
        stopped = any(r.stopped for r in results)
        entry = Entry(question, STOPPED if stopped else DONE, error, place, tuple(found))
        write_whole(part / ENTRY, _bytes(entry.record()))
        sync_folder(part)
        final.parent.mkdir(parents=True, exist_ok=True)
        return _name(part, final, entry)
    except OSError as problem:
        raise _unwritten(folder, problem) from None
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)


def place_answer(folder: Path, entry: Entry, files: Mapping[str, bytes]) -> Entry:
    """Write the files of an answer that another machine made; see :func:`write_answer`.

    Raises:
        ExportError: the folder or the disk does not take it, or a name is none.
    """
    part: Path | None = None
    try:
        (folder / PARTS).mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=folder / PARTS))
        for name, content in files.items():
            if Path(name).name != name:
                raise ExportError(f"An answer came with a file of the name {name!r}.")
            if name != ENTRY:
                write_whole(part / name, content)
        write_whole(part / ENTRY, _bytes(entry.record()))
        final = folder / entry.place
        final.parent.mkdir(parents=True, exist_ok=True)
        return _name(part, final, entry)
    except OSError as problem:
        raise _unwritten(folder, problem) from None
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)


def _unwritten(folder: Path, problem: OSError) -> ExportError:
    return ExportError(
        f"The result could not be written to {folder}: expected a folder with room that may be "
        f"written to, found: {problem.strerror or problem}. Free some space."
    )


def _name(part: Path, final: Path, entry: Entry) -> Entry:
    """Give a written answer its name; an older one of the same question makes room."""
    # mkdtemp makes private folders; results are as readable as the user's other files.
    mask = os.umask(0)
    os.umask(mask)
    part.chmod(0o777 & ~mask)
    for _ in range(3):
        try:
            part.rename(final)
            sync_folder(final.parent)
            return entry
        except OSError:
            if not final.is_dir():
                raise
            with contextlib.suppress(OSError):
                final.rename(part.with_name(part.name + OLD))
            shutil.rmtree(part.with_name(part.name + OLD), ignore_errors=True)
    return read_entry(final)


def place_of(question: Question) -> str:
    """Where the answer lies, relative to the folder, with ``/``."""
    digits = question.id[:DIGITS]
    stem = safe_name(Path(str(question.photo["name"])).stem)[:MAX_STEM]
    return f"{RESULTS}/{digits[:2]}/{stem}-{digits}"


def read_entry(place: Path) -> Entry:
    """The entry that lies with an answer.

    Raises:
        ExportError: there is none, or it is damaged.
    """
    try:
        return _parsed((place / ENTRY).read_bytes())
    except OSError as error:
        raise ExportError(f"{place} holds no answer ({error.strerror or error}).") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whenever the process is killed.

    Raises:
        OSError: the disk does not take it; what was there before stays.
    """
    handle, name = tempfile.mkstemp(prefix=".decam-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make renames in a folder survive a power cut, where the system can."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _key(question: Question | str) -> bytes:
    return bytes.fromhex(question if isinstance(question, str) else question.id)


def _bytes(record: Mapping[str, Any]) -> bytes:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode("utf-8", "backslashreplace")


def _line(entry: Entry) -> bytes:
    return _bytes(entry.record())


def _parsed(line: bytes) -> Entry:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"An entry of this folder is damaged ({error}).") from None
    if not isinstance(record, dict):
        raise ExportError("An entry of this folder is damaged (not an object).")
    return Entry.from_record(record)
