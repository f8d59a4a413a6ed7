"""Folders of results: what ``decam batch`` writes and the window's sessions are kept in.

The window adds ``session.decam``, its own list of what is open and what waits, and nothing else.

    FOLDER/decam.json                   what kind of folder this is, and of which schema
    FOLDER/index.jsonl                  one line for each question that was answered, or failed
    FOLDER/results/3f/cat-3f0c.../      one answered question: the files of Explanation.save
    FOLDER/results/3f/cat-3f0c.../entry.json   its line of the index
    FOLDER/results/cat.tabby.de.json    a result as older sessions kept it; adopted when opened
    FOLDER/.parts/                      answers being written

An answer is written aside, synced, and given its name by one rename: it is there whole or not at
all. Then its line goes to the end of the index. So whatever dies whenever, no answer is lost: one
that has its name but no line gets it when the folder is opened next, and half a line is cut off.
Nothing in the index or in the names depends on times or machines.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from decam_engine.answers import (
    DIGITS,
    FORMATS,
    PARTS,
    RESULTS,
    amend_answer,
    read_entry,
    write_answer,
)
from decam_engine.durable import write_whole
from decam_engine.entry import (
    DONE,
    FAILED,
    SCHEMA,
    STOPPED,
    Entry,
    record_bytes,
)
from decam_engine.errors import ExportError, FolderInUseError
from decam_engine.explanation import Explanation
from decam_engine.index import Index
from decam_engine.locking import Lock
from decam_engine.question import Question
from decam_engine.reports import Template
from decam_engine.saved import load_explanation, read_manifest
from decam_engine.summary import summarise

KIND = "decam-results"
HEAD, INDEX, LOCK = "decam.json", "index.jsonl", ".lock"


class ResultFolder:
    """A folder of answered questions. Any number may read it, one at a time writes to it.

    Attributes:
        path: where it is.
        adopted: how many answers were found without a line in the index, and got it, when it
            was opened.
    """

    def __init__(self, path: str | Path, *, write: bool = True, adopt: bool = True) -> None:
        """Open a folder, or make it.

        Args:
            write: False = only to read: nothing is made, mended or locked.
            adopt: False = results that lie right in ``results``, as older sessions kept them, are
                left alone: taking them in reads every one of them, with its photograph.

        Raises:
            FolderInUseError: (``write``) another process writes to it.
            ExportError: it cannot be written to, or is not a folder of this kind.
        """
        self.path = Path(path)
        self._adopts = adopt
        self.adopted = 0
        self._lock: Lock | None = None
        self._index = Index(self.path / INDEX)
        try:
            if write:
                self._make()
            self._check_head()
            # Of results as older sessions kept them, which have a line already.
            self._index.read(RESULTS)
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
        return len(self._index)

    @property
    def end(self) -> int:
        """Where the index ends, in bytes: what :meth:`entries` takes to give only later ones."""
        return self._index.end

    def entries(self, since: int = 0) -> Iterator[Entry]:
        """The newest entry of each question, in the order of the index.

        Args:
            since: only those that were added after the index ended there.
        """
        return self._index.entries(since)

    def done(self) -> Iterator[str]:
        """Ids of the questions that were answered in full."""
        return self._index.done()

    def find(self, question: Question | str) -> Entry | None:
        """The newest entry of a question (or of its id), or None."""
        return self._index.find(question if isinstance(question, str) else question.id)

    def answered(self, question: Question) -> Entry | None:
        """The entry of a question that was answered in full and whose files are there, or None.

        An answer with faithfulness answers the question without, and one without whose maps were
        measured afterwards the question with it.
        """
        found = self._answered(question)
        if found is not None:
            return found
        twin = self._answered(dataclasses.replace(question, faithfulness=not question.faithfulness))
        if twin is None or (question.faithfulness and not _measured(twin)):
            return None
        return twin

    def _answered(self, question: Question) -> Entry | None:
        if not self._index.is_done(question.id):
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
        partial: bool = False,
    ) -> Entry:
        """Write an answer and its line in the index; what the folder held of it is replaced.

        Args:
            results: one for each class; stopped ones are kept as such.
            formats: besides ``input`` and ``json``, which are always written.
            error: why it was stopped, if it was.
            partial: classes that were asked for are still to come: the question stays open.

        Raises:
            ExportError: the folder or the disk does not take it; the results stay usable.
        """
        if not results:
            raise ExportError("An answer needs at least one result; record a failure instead.")
        entry = write_answer(
            self.path, question, results, formats, template, error, partial=partial
        )
        self.add(entry)
        return entry

    def keep(self, results: Sequence[Explanation], targets: Sequence[int] = ()) -> Entry:
        """Write results under the question that they answer by themselves; see :meth:`put`.

        So a batch finds them, if it asks the same.

        Args:
            results: of one photograph, one for each class so far.
            targets: the classes that share the run, if several do.

        Raises:
            ExportError: the folder or the disk does not take it; the results stay usable.
        """
        if not results:
            raise ExportError("An answer needs at least one result.")
        # What was measured of a map afterwards does not make it another one.
        asked = dataclasses.replace(Question.of_manifest(results[0].manifest()), faithfulness=False)
        if len(targets) > 1:
            asked = dataclasses.replace(asked, targets=tuple(targets), top=1)
        last = results[-1]
        error = last.warnings[-1] if last.stopped and last.warnings else ""
        return self.put(asked, results, error=error, partial=len(results) < len(targets))

    def amend(self, manifest: Path, result: Explanation) -> Entry:
        """Put a result that more is known of now in place of its older self.

        Args:
            manifest: of the older self, in the folder of an answer.

        Raises:
            ExportError: there is no such answer, or the folder or the disk does not take it.
        """
        entry = amend_answer(self.path, manifest, result)
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
        try:
            self._index.add(entry)
        except OSError as error:
            raise ExportError(
                f"The index of {self.path} could not be written ({error.strerror or error}). Free "
                "some space; what was found is kept."
            ) from None

    # --- opening -----------------------------------------------------------------------

    def _make(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(self.path / LOCK)
        if not self._lock.acquire():
            self._lock = None
            raise FolderInUseError(
                f"The folder {self.path} is being written to by another process: expected to be "
                "alone. Wait for it, or choose another folder."
            )
        head = self.path / HEAD
        if not head.exists():
            write_whole(head, record_bytes({"kind": KIND, "schema": SCHEMA}))
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

    def _mend(self) -> None:
        """Cut half a line off, sweep what was being written, and adopt what has no line yet."""
        self._index.cut()
        for part in self._folders(self.path / PARTS):
            # The entry is written last: what has one is whole, and only lacked its name.
            with contextlib.suppress(ExportError, OSError):
                place = self.path / read_entry(part).place
                if not place.exists():
                    place.parent.mkdir(parents=True, exist_ok=True)
                    part.rename(place)
        shutil.rmtree(self.path / PARTS, ignore_errors=True)
        known = {key[:DIGITS] for key in self._index.done()}
        for bucket in self._folders(self.path / RESULTS):
            for place in self._folders(bucket):
                with contextlib.suppress(ExportError):
                    if place.name[-DIGITS:] not in known:
                        self._adopt(place)

        loose = (self.path / RESULTS).glob("*.json") if self._adopts else ()
        for manifest in sorted(loose):
            if manifest.name not in self._index.places:
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
        self._index.places.add(manifest.name)
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


def _measured(entry: Entry) -> bool:
    return all(r.get("row", {}).get("insertion") is not None for r in entry.results)
