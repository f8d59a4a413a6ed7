"""The folder of a session: what is written when, so that nothing finished is ever lost.

``session.decam`` (JSON) says what is open and what waits; it is replaced as a whole. Each result
lies in ``results/`` as the engine saves it, map before manifest, and only then gets its line in
``results.jsonl``, to which is only ever appended: a line that was torn by a crash is left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decam_engine import (
    DecamError,
    Explanation,
    SavedResult,
    check_settings,
    list_explanations,
)
from decam_gui.core.findings import KeptResult
from decam_gui.core.jobs import JobSpec, RunSettings
from decam_gui.core.names import INDEX, LINES, PICTURES, RESULTS

SCHEMA = 1
KIND = "decam-session"
# Numbers beyond are no settings of ours: the fields that show them do not go further.
MOST = 2**31 - 1
# Small, exact, and what is needed to show a result again.
FORMATS = ("input", "json")


class FolderError(Exception):
    """A folder is no session, or cannot be written; the sentence is for the user."""


@dataclass
class FileEntry:
    """A file of a session, by all that helps to find it again.

    Attributes:
        path: where it was, absolute.
        relative: the same from the session's folder, for folders that move together.
        sha256: of its content; empty where it was never read.
        before: other places where it was earlier.
        extra: what belongs to it (how a photograph is read, how a model is fed).
    """

    path: Path
    relative: str = ""
    sha256: str = ""
    before: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def record(self, folder: Path) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "path": str(self.path),
            "relative": _relative(self.path, folder),
            "sha256": self.sha256,
            **({"before": self.before} if self.before else {}),
            **self.extra,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any], folder: Path) -> FileEntry:
        """The inverse, with the place where the file is now, or was last."""
        rest = {
            k: v for k, v in record.items() if k not in ("path", "relative", "sha256", "before")
        }
        entry = cls(
            Path(str(record["path"])),
            str(record.get("relative") or ""),
            str(record.get("sha256") or ""),
            [str(b) for b in record.get("before", ())],
            rest,
        )
        near = Path(os.path.normpath(folder / entry.relative)) if entry.relative else None
        if not entry.path.exists() and near is not None and near.exists():
            entry.before.append(str(entry.path))
            entry.path = near
        return entry


@dataclass(frozen=True)
class KeptLine:
    """A line of ``results.jsonl``: a result, and what it is of."""

    photo: str
    photo_sha256: str
    address: str
    kept: KeptResult
    top: tuple[int, str, float] | None
    job: str = ""


@dataclass(frozen=True)
class KeptJob:
    """A job that was not finished: what it is called in the folder, and what was asked for."""

    name: str
    photo: str
    spec: JobSpec


@dataclass
class SessionRecord:
    """What was read of a folder."""

    folder: Path
    photos: list[FileEntry] = field(default_factory=list)
    models: list[FileEntry] = field(default_factory=list)
    results: list[KeptLine] = field(default_factory=list)
    jobs: list[KeptJob] = field(default_factory=list)
    settings: RunSettings = field(default_factory=RunSettings)
    current: str = ""
    model: str = ""


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


def keep_result(
    folder: Path, path: Path, address: str, result: Explanation, job: str
) -> KeptResult:
    """Save a result and then its line.

    Raises:
        FolderError: the line cannot be written.
        ExportError: the files cannot.
    """
    files = result.save(folder / RESULTS, formats=FORMATS)
    manifest = next(f for f in files if f.suffix == ".json")
    _sync_folder(folder / RESULTS)
    first = result.predictions[0] if result.predictions else None
    line = {
        "manifest": f"{RESULTS}/{manifest.name}",
        "photo": str(path),
        "sha256": result.photo.sha256,
        "model": address,
        "target": result.target.index,
        "label": result.target.label,
        "score": result.target.score,
        "stop_reason": result.stop_reason,
        "top": None if first is None else [first.index, first.label, first.score],
        "job": job,
    }
    with _told(folder), (folder / LINES).open("ab") as stream:
        data = json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace")
        # A line that a crash tore must not swallow this one.
        stream.write(b"\n" * _torn(folder / LINES) + data + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    return _kept(line, folder)


def read_session(folder: Path) -> SessionRecord:
    """What a session's folder, or any folder of saved results, holds.

    Raises:
        FolderError: it holds neither.
    """
    index = folder / INDEX
    if not index.is_file():
        return _from_manifests(folder)
    try:
        record = json.loads(index.read_text(encoding="utf-8"))
        if record.get("kind") != KIND or record.get("schema") != SCHEMA:
            raise FolderError(
                f'{index} is not a session of this version: expected "kind": "{KIND}" and '
                f'"schema": {SCHEMA}. Open it with the version that wrote it.'
            )
        return SessionRecord(
            folder,
            [FileEntry.from_record(r, folder) for r in record["photos"]],
            [FileEntry.from_record(r, folder) for r in record["models"]],
            list(_lines(folder)),
            [job for job in map(_job, record.get("jobs", ())) if job is not None],
            _settings(record.get("settings", {})) or RunSettings(),
            str(record.get("current") or ""),
            str(record.get("model") or ""),
        )
    except (
        OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError,
    ) as error:  # fmt: skip
        raise FolderError(f"The session {index} is damaged or incomplete ({error!r}).") from None


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
        if (old / LINES).is_file():
            shutil.copy2(old / LINES, new / LINES)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes; empty where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def find_moved(missing: Iterable[tuple[Path, str]], chosen: Path) -> dict[Path, Path]:
    """Where missing files are now, given the place of one: it, and its siblings by their content.

    Args:
        missing: (where it was, its SHA-256 or nothing).
        chosen: the file that one of them has become, or a folder that holds them.
    """
    wanted = list(missing)
    folder = chosen if chosen.is_dir() else chosen.parent
    by_hash = {sha: path for path, sha in wanted if sha}
    by_name = {path.name: path for path, sha in wanted if not sha}
    found: dict[Path, Path] = {}
    first = [chosen] if chosen.is_file() else []
    siblings = sorted(p for p in folder.iterdir() if p.is_file() and p not in first)
    names = {path.name for path, _ in wanted}
    # Those of the same name first: then the others need not be read when all are found.
    siblings.sort(key=lambda p: p.name not in names)
    suffixes = {path.suffix.lower() for path, _ in wanted}
    for place in (*first, *siblings):
        if not by_hash and not by_name:
            break
        if place not in first and place.suffix.lower() not in suffixes:
            continue
        old = by_hash.pop(file_hash(place), None) if by_hash else None
        if old is None:
            old = by_name.pop(place.name, None)
        if old is not None:
            found[old] = place
    return found


def _lines(folder: Path) -> Iterator[KeptLine]:
    with contextlib.suppress(OSError):
        for text in (folder / LINES).read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
                line = json.loads(text)
                top = line.get("top")
                yield KeptLine(
                    str(line["photo"]),
                    str(line["sha256"]),
                    str(line["model"]),
                    _kept(line, folder),
                    None if top is None else (int(top[0]), str(top[1]), float(top[2])),
                    str(line.get("job", "")),
                )


def _kept(line: Mapping[str, Any], folder: Path) -> KeptResult:
    return KeptResult(
        folder / str(line["manifest"]),
        int(line["target"]),
        str(line["label"]),
        float(line["score"]),
        str(line["stop_reason"]),
    )


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


def _from_manifests(folder: Path) -> SessionRecord:
    """A folder of results of another origin, as those of ``decam batch``."""
    found = [r for r in list_explanations(folder) if r.photo is not None]
    if not found:
        raise FolderError(
            f"{folder} is not a session: expected {INDEX}, or saved results (.json). Choose the "
            "folder that holds them."
        )
    record = SessionRecord(folder)
    photos: dict[Path, FileEntry] = {}
    models: dict[str, FileEntry] = {}
    for result in found:
        photo = _photo_of(result, folder)
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
        record.results.append(
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
    record.photos, record.models = list(photos.values()), list(models.values())
    return record


def _photo_of(result: SavedResult, folder: Path) -> FileEntry:
    path = Path(str(result.photo))
    near = result.manifest.parent / result.photo_name
    return FileEntry(
        near if not path.exists() and near.exists() else path,
        sha256=result.photo_sha256,
        extra={"reading": result.reading},
    )


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return ""


def _torn(path: Path) -> bool:
    """Whether the file's last line has no end."""
    try:
        with path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) != b"\n"
    except OSError:
        return False


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
