"""The folder of a session: what is written when, so that nothing finished is ever lost.

It is a folder of results as ``decam batch`` writes it, by the same code and with the same names,
so that a batch goes on with it and the window with a batch's; table and average maps are written
when the queue has ended. The window adds ``session.decam``
(JSON): what is open and what waits, replaced as a whole. Sessions of older versions kept results
right in ``results/``, with a line each in ``results.jsonl``; they are still read.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decam_engine import (
    DecamError,
    Entry,
    Explanation,
    FolderInUseError,
    Question,
    ResultFolder,
    SavedResult,
    check_settings,
    list_explanations,
)
from decam_gui.core.files import FileEntry
from decam_gui.core.findings import KeptResult
from decam_gui.core.jobs import JobSpec, RunSettings
from decam_gui.core.names import ANSWERS, HEAD, INDEX, LINES, PICTURES, RESULTS

SCHEMA = 1
KIND = "decam-session"
# Numbers beyond are no settings of ours: the fields that show them do not go further.
MOST = 2**31 - 1
# What a damaged list raises where it is read.
UNREADABLE = (
    OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip


class FolderError(Exception):
    """A folder is no session, or cannot be written; the sentence is for the user."""


@dataclass(frozen=True)
class KeptLine:
    """A result of the folder, and what it is of.

    Attributes:
        reading: how its photograph was read; None where that is not known.
        job: what a job was called, in sessions of older versions.
    """

    photo: str
    photo_sha256: str
    address: str
    kept: KeptResult
    top: tuple[int, str, float] | None
    job: str = ""
    reading: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class KeptJob:
    """A job that was not finished: what it is called in the folder, and what was asked for."""

    name: str
    photo: str
    spec: JobSpec


@dataclass
class SessionRecord:
    """What was read of a folder.

    Attributes:
        entries: questions of the folder, whatever became of them.
    """

    folder: Path
    photos: list[FileEntry] = field(default_factory=list)
    models: list[FileEntry] = field(default_factory=list)
    results: list[KeptLine] = field(default_factory=list)
    jobs: list[KeptJob] = field(default_factory=list)
    settings: RunSettings = field(default_factory=RunSettings)
    current: str = ""
    model: str = ""
    entries: list[Entry] = field(default_factory=list)


def open_results(folder: Path) -> ResultFolder:
    """The folder's results, to be read and written; made where there are none yet.

    Raises:
        FolderError: it is in use, or does not take it.
    """
    try:
        return ResultFolder(folder, adopt=False)
    except FolderInUseError:
        raise FolderError(
            f"The session {folder.name} is in use: it is open in another window, or decam batch "
            "goes on with it. Close it there, or wait."
        ) from None
    except DecamError as error:
        raise FolderError(str(error)) from None


def holds_session(folder: Path) -> bool:
    """Whether a folder is a session, or a folder of results that the window can go on in."""
    return (folder / INDEX).is_file() or (folder / HEAD).is_file()


def write_index(folder: Path, record: Mapping[str, Any]) -> None:
    """Replace ``session.decam`` (JSON): whole, or not at all.

    Raises:
        FolderError: the disk does not take it.
    """
    whole = {"schema": SCHEMA, "kind": KIND, **record}
    data = json.dumps(whole, ensure_ascii=False).encode("utf-8", "backslashreplace")
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{INDEX}.part"
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, folder / INDEX)
        _sync_folder(folder)


def keep_results(
    results: ResultFolder, found: Sequence[Explanation], targets: Sequence[int]
) -> KeptResult:
    """Save what a job found so far; the newest is returned as it is kept.

    Args:
        found: one for each class so far, of those that share the job's run.
        targets: all of them; none or one = the job is about one class.

    Raises:
        ExportError: the disk does not take it.
    """
    entry = results.keep(found, targets)
    return kept_of(results.path, entry, len(found) - 1)


def amend_result(results: ResultFolder, before: Path, result: Explanation) -> KeptResult:
    """Save a result of which more is known now in place of its older self.

    Raises:
        ExportError: the disk does not take it.
    """
    if before.parent.parent.parent != results.path / RESULTS:
        # As older sessions kept it, or decam explain: the new one lies where a batch looks.
        return keep_results(results, [result], ())
    entry = results.amend(before, result)
    places = [r["manifest"] for r in entry.results]
    return kept_of(results.path, entry, places.index(before.name))


def note_failure(results: ResultFolder, question: Question, error: str) -> None:
    """Record why a job gave nothing, as a batch does; what was found before is worth more.

    Raises:
        ExportError: the disk does not take it.
    """
    known = results.find(question)
    if known is None or not known.results:
        results.fail(question, error)


def kept_of(folder: Path, entry: Entry, number: int) -> KeptResult:
    """One of the results of an entry.

    Raises:
        LookupError, TypeError, ValueError: the entry is damaged.
    """
    record = entry.results[number]
    row = record["row"]
    return KeptResult(
        folder / entry.place / str(record["manifest"]),
        int(row["target_index"]),
        str(row["target_label"]),
        float(row["target_score"]),
        str(row["stop_reason"]),
    )


def read_session(folder: Path, results: ResultFolder | None = None) -> SessionRecord:
    """What a session's folder, or any folder of saved results, holds.

    Args:
        results: the folder, if it is open already.

    Raises:
        FolderError: it holds neither.
    """
    index = folder / INDEX
    if results is None and (folder / HEAD).is_file():
        try:
            with ResultFolder(folder, write=False) as opened:
                return read_session(folder, opened)
        except DecamError as error:
            raise FolderError(str(error)) from None
    record = _read_index(folder) if index.is_file() else {}
    try:
        found = SessionRecord(
            folder,
            [FileEntry.from_record(r, folder) for r in record.get("photos", ())],
            [FileEntry.from_record(r, folder) for r in record.get("models", ())],
            [],
            [job for job in map(_job, record.get("jobs", ())) if job is not None],
            _settings(record.get("settings", {})) or RunSettings(),
            str(record.get("current") or ""),
            str(record.get("model") or ""),
        )
        seen = int(record.get("seen", 0))
    except UNREADABLE as error:
        raise _damaged(index, error) from None
    if record:
        found.results += _lines(folder)
    else:
        # In a batch's folder all but what an older session left right in it.
        loose = folder if results is None else folder / RESULTS
        _add_loose(found, [r for r in list_explanations(loose) if r.photo is not None])
    if results is not None:
        _add_entries(found, results, seen)
    elif not record and not found.results:
        raise FolderError(
            f"{folder} is not a session: expected {INDEX}, or saved results (.json). Choose the "
            "folder that holds them."
        )
    return found


def _read_index(folder: Path) -> dict[str, Any]:
    index = folder / INDEX
    try:
        record: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
        if record.get("kind") != KIND or record.get("schema") != SCHEMA:
            raise FolderError(
                f'{index} is not a session of this version: expected "kind": "{KIND}" and '
                f'"schema": {SCHEMA}. Open it with the version that wrote it.'
            )
        for name in ("photos", "models"):
            iter(record[name])
        return record
    except UNREADABLE as error:
        raise _damaged(index, error) from None


def _damaged(index: Path, error: Exception) -> FolderError:
    return FolderError(f"The session {index} is damaged or incomplete ({error!r}).")


def copy_session(old: Path, new: Path) -> None:
    """Copy what a session keeps into an empty or new folder.

    Raises:
        FolderError: the folder is in use, or does not take it.
    """
    with _told(new):
        if new.exists() and any(new.iterdir()):
            raise FolderError(
                f"The folder {new} is not empty. Choose an empty one, or a new name, for a session."
            )
        new.mkdir(parents=True, exist_ok=True)
        for name in (RESULTS, PICTURES):
            if (old / name).is_dir():
                shutil.copytree(old / name, new / name)
        for name in (HEAD, ANSWERS, LINES):
            if (old / name).is_file():
                shutil.copy2(old / name, new / name)


def _lines(folder: Path) -> Iterator[KeptLine]:
    """Of a session of an older version."""
    with contextlib.suppress(OSError):
        for text in (folder / LINES).read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
                line = json.loads(text)
                top = line.get("top")
                yield KeptLine(
                    str(line["photo"]),
                    str(line["sha256"]),
                    str(line["model"]),
                    KeptResult(
                        folder / str(line["manifest"]),
                        int(line["target"]),
                        str(line["label"]),
                        float(line["score"]),
                        str(line["stop_reason"]),
                    ),
                    None if top is None else (int(top[0]), str(top[1]), float(top[2])),
                    str(line.get("job", "")),
                )


def _add_entries(found: SessionRecord, results: ResultFolder, seen: int) -> None:
    """Answers of the folder; what came after the session was written brings its files along."""
    new = {e.question.id for e in results.entries(seen)}
    photos = {name for p in found.photos for name in (str(p.path), *p.before)}
    models = {}
    for file in found.models:
        for name in (str(file.extra.get("address") or file.path), str(file.path), *file.before):
            models[name] = file
    known = len(found.photos)
    for entry in results.entries():
        found.entries.append(entry)
        photo, model = entry.question.photo, entry.question.model
        address = model.get("address")
        if photo["path"] is None or address is None:
            continue
        if entry.question.id in new:
            path = Path(str(photo["path"]))
            if str(path) not in photos:
                photos.add(str(path))
                file = FileEntry(
                    path,
                    sha256=str(photo["sha256"] or ""),
                    extra={"reading": dict(photo["reading"])},
                )
                found.photos.append(file)
            if address not in models:
                extra = {"address": address, "preprocessing": model.get("preprocessing")}
                models[address] = FileEntry(Path(address), extra=extra)
                found.models.append(models[address])
        for number in range(len(entry.results)):
            with contextlib.suppress(LookupError, TypeError, ValueError):
                row = entry.results[number]["row"]
                if address in models and not models[address].sha256:
                    models[address].sha256 = str(row["model_sha256"] or "")
                top = None
                if row["top_index"] is not None:
                    top = (int(row["top_index"]), str(row["top_label"]), float(row["top_score"]))
                found.results.append(
                    KeptLine(
                        str(photo["path"]),
                        str(photo["sha256"]),
                        str(address),
                        kept_of(found.folder, entry, number),
                        top,
                        reading=dict(photo["reading"]),
                    )
                )
    # They were answered some at a time, in whatever order.
    found.photos[known:] = sorted(found.photos[known:], key=lambda p: p.path)


def _settings(record: Any) -> RunSettings | None:
    """None where they are none that a run can have."""
    try:
        settings = RunSettings.from_record(record)
        check_settings(**settings.record())
    except (DecamError, ValueError, TypeError, AttributeError, OverflowError):
        return None
    return settings if settings.seed <= MOST and (settings.calls or 0) <= MOST else None


def _job(record: Any) -> KeptJob | None:
    """None where it is none that can be run."""
    try:
        settings = _settings(record.get("settings", {}))
        spec = JobSpec(
            Path(str(record["photo"])),
            str(record["model"]),
            tuple(int(t) for t in record.get("targets", ())),
            tuple(str(t) for t in record.get("labels", ())),
            settings or RunSettings(),
        )
        return KeptJob(str(record.get("id", "")), str(record["photo"]), spec) if settings else None
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return None


def _add_loose(found: SessionRecord, results: Sequence[SavedResult]) -> None:
    """Results that lie about as they were saved."""
    photos: dict[Path, FileEntry] = {}
    models: dict[str, FileEntry] = {}
    for result in results:
        photo = _photo_of(result)
        photos.setdefault(photo.path, photo)
        if result.model and result.model not in models:
            models[result.model] = FileEntry(
                Path(result.model),
                sha256=result.model_sha256 or "",
                extra={
                    "address": result.model,
                    "preprocessing": result.model_facts.get("preprocessing"),
                },
            )
        first = result.predictions[0] if result.predictions else None
        found.results.append(
            KeptLine(
                str(photo.path),
                result.photo_sha256,
                result.model,
                KeptResult(
                    result.manifest,
                    result.target.index,
                    result.target.label,
                    result.target.score,
                    result.stop_reason,
                ),
                None if first is None else (first.index, first.label, first.score),
            )
        )
    found.photos, found.models = list(photos.values()), list(models.values())


def _photo_of(result: SavedResult) -> FileEntry:
    path = Path(str(result.photo))
    near = result.manifest.parent / result.photo_name
    return FileEntry(
        near if not path.exists() and near.exists() else path,
        sha256=result.photo_sha256,
        extra={"reading": result.reading},
    )


def _sync_folder(folder: Path) -> None:
    """Let the names of new files survive a loss of power, where the system can."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise FolderError(
            f"The session cannot be kept in {folder}: expected a folder with room that may be "
            f"written to, found: {reason}. Results stay in memory; choose another folder."
        ) from None


def new_name() -> str:
    """Of a session that begins now, by local time."""
    return time.strftime("%Y-%m-%d %H-%M-%S")
