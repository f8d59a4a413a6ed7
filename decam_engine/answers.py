"""Answers on the disk: the files of one question, written whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from decam_engine.durable import sync_folder, write_whole
from decam_engine.entry import DONE, STOPPED, Entry, entry_bytes, parse_entry
from decam_engine.errors import ExportError
from decam_engine.explanation import Explanation
from decam_engine.question import Question
from decam_engine.reports import Template, is_result, safe_name
from decam_engine.summary import summarise

RESULTS, PARTS, ENTRY = "results", ".parts", "entry.json"
# Always written: small, and all that it takes to have the result back bit for bit.
FORMATS = ("input", "json")
# Of the fingerprint in the name of an answer's folder.
DIGITS = 16
MAX_STEM = 40
# What is being replaced, until its successor has its name.
OLD = "-old"


def write_answer(
    folder: Path,
    question: Question,
    results: Sequence[Explanation],
    formats: Sequence[str] = FORMATS,
    template: Template | None = None,
    error: str = "",
    *,
    partial: bool = False,
) -> Entry:
    """Write the files of an answer into a folder of results, whole or not at all.

    The index is left to the process that has the folder open. Of two that write the same answer
    at once, one wins, and both are right.

    Args:
        partial: classes that were asked for are still to come, so the question stays open.

    Raises:
        ExportError: the folder or the disk does not take it.
    """
    chosen = tuple(dict.fromkeys((*FORMATS, *formats)))

    def fill(part: Path) -> Entry:
        found = tuple(_saved(part, result, chosen, template) for result in results)
        stopped = partial or any(r.stopped for r in results)
        return Entry(question, STOPPED if stopped else DONE, error, place_of(question), found)

    return _written(folder, fill)


def amend_answer(folder: Path, manifest: Path, result: Explanation) -> Entry:
    """Put a result that more is known of now (its faithfulness, say) in place of its older self.

    Another map of the same question (one that was saved with less precision and read back, say)
    is no better: the answer stays as it is.

    Args:
        manifest: of the older self, in the folder of an answer.

    Raises:
        ExportError: there is no such answer, or the folder or the disk does not take it.
    """
    before = read_entry(manifest.parent)
    if manifest.name not in [r["manifest"] for r in before.results]:
        raise ExportError(f"{manifest} is not of the answer that lies there.")
    if not is_result(manifest, result):
        return before

    def fill(part: Path) -> Entry:
        for file in manifest.parent.iterdir():
            if file.name != ENTRY:
                shutil.copy2(file, part / file.name)
        # Known by its fingerprint, it is written over its older self.
        now = _saved(part, result, FORMATS, None)
        results = (now if r["manifest"] == manifest.name else r for r in before.results)
        return dataclasses.replace(before, results=tuple(results))

    return _written(folder, fill)


def _saved(
    part: Path, result: Explanation, formats: Sequence[str], template: Template | None
) -> dict[str, Any]:
    files = result.save(part, formats, template)
    manifest = next(f.name for f in files if f.suffix == ".json")
    return {"manifest": manifest, **summarise(result)}


def place_answer(folder: Path, entry: Entry, files: Mapping[str, bytes]) -> Entry:
    """Write the files of an answer that another machine made; see :func:`write_answer`.

    Raises:
        ExportError: the folder or the disk does not take it, or a name is none.
    """

    def fill(part: Path) -> Entry:
        for name, content in files.items():
            if Path(name).name != name:
                raise ExportError(f"An answer came with a file of the name {name!r}.")
            if name != ENTRY:
                write_whole(part / name, content)
        return entry

    return _written(folder, fill)


def _written(folder: Path, fill: Callable[[Path], Entry]) -> Entry:
    """Let an answer's files be written aside, and then give them their place by one rename."""
    part: Path | None = None
    try:
        (folder / PARTS).mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=folder / PARTS))
        entry = fill(part)
        write_whole(part / ENTRY, entry_bytes(entry))
        sync_folder(part)
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
    aside = part.with_name(part.name + OLD)
    for _ in range(3):
        try:
            part.rename(final)
        except OSError:
            if not final.is_dir():
                raise
            with contextlib.suppress(OSError):
                final.rename(aside)
                # At once, since whoever reads the answer now finds nothing in its place.
                part.rename(final)
        placed = not part.exists()
        shutil.rmtree(aside, ignore_errors=True)
        if placed:
            sync_folder(final.parent)
            return entry
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
        return parse_entry((place / ENTRY).read_bytes())
    except OSError as error:
        raise ExportError(f"{place} holds no answer ({error.strerror or error}).") from None
