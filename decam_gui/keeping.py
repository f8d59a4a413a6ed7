"""Keeps the session in a folder while it goes on, and brings an earlier one back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import (
    QLockFile,
    QMetaObject,
    QObject,
    QSettings,
    QSysInfo,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QImage

from decam_engine import Explanation, is_server_url
from decam_gui.core.files import FileEntry
from decam_gui.core.findings import STOPPED, KeptResult
from decam_gui.core.finished import Finished
from decam_gui.core.folder import SessionRecord, new_name
from decam_gui.core.jobs import UNFINISHED, Job
from decam_gui.core.names import LOCK
from decam_gui.core.snapshot import OpenModel, Snapshot
from decam_gui.keeper import FailedJob, Keeper, Keepsake
from decam_gui.places import session_places
from decam_gui.session import Session

# Changes of what is open are written together, this long after the first of them.
WRITE_AFTER_MS = 400
# A result that the disk refused is offered to it again so much later.
TRY_AGAIN_MS = 10_000
MOST_OTHERS = 20


class Keeping(QObject):
    """Owns the folder: made when there is something to keep, locked while it is in use."""

    folder_changed = Signal()
    # A session was brought back; so many of its jobs were not finished.
    restored = Signal(int)
    trouble = Signal(str)
    # Files of the session are missing, or no longer: (photographs, models).
    missing_changed = Signal(int, int)

    keep = Signal(object)
    note = Signal(object)
    sum_up = Signal()
    write = Signal(object, object)
    read = Signal(object)
    copy = Signal(object, object)
    paste = Signal(object, object, str)
    locate = Signal(list, object)

    def __init__(self, session: Session, settings: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self.folder: Path | None = None
        self.missing_models: list[FileEntry] = []
        self._lock: QLockFile | None = None
        self._run = uuid.uuid4().hex[:8]
        # What each job is called in the folder, which outlives the numbers of this start.
        self._names: dict[int, str] = {}
        self._before: dict[Path, list[str]] = {}
        self._opening = False
        # Results that are not on disk yet, and whether the disk refused them.
        self._unkept: dict[tuple[Path, str, int], Keepsake] = {}
        self._refused = False
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(TRY_AGAIN_MS)
        self._again.timeout.connect(self.keep_again)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WRITE_AFTER_MS)
        self._timer.timeout.connect(self.write_now)
        s = session
        for signal in (
            s.photos_listed, s.photo_removed, s.list_changed, s.photo_changed, s.model_changed,
            s.settings_changed, s.photo_added,
        ):  # fmt: skip
            signal.connect(self._changed)
        s.queue.changed.connect(self._jobs_changed)
        s.found.connect(self._found)
        s.failed.connect(self._failed)

    def connect_keeper(self, keeper: Keeper) -> None:
        """Requests go to the worker, and its answers come back."""
        s = self._session
        self.keep.connect(keeper.keep)
        self.note.connect(keeper.note)
        self.sum_up.connect(keeper.sum_up)
        s.queue.drained.connect(self.sum_up)
        self.write.connect(keeper.write)
        self.read.connect(keeper.open)
        self.copy.connect(keeper.copy)
        self.paste.connect(keeper.paste)
        self.locate.connect(keeper.locate)
        s.read_kept.connect(keeper.read_kept)
        keeper.kept.connect(self._kept)
        keeper.not_kept.connect(self._not_kept)
        keeper.failed.connect(self.trouble)
        keeper.opened.connect(self._opened)
        keeper.open_failed.connect(self._open_failed)
        keeper.copied.connect(self._copied)
        keeper.pasted.connect(self._pasted)
        keeper.moved.connect(self._moved)
        keeper.kept_read.connect(s.on_kept_read)
        keeper.kept_failed.connect(s.on_kept_failed)

    # --- the folder --------------------------------------------------------------------

    def root(self) -> Path:
        """Where sessions are kept."""
        return session_places(self._settings)[0]

    def ensure(self) -> Path | None:
        """The session's folder, made and locked when it is needed first; None: it cannot be."""
        if self.folder is None:
            name = base = new_name()
            number = 1
            while (self.root() / name).exists():
                number += 1
                name = f"{base} {number}"
            self._use(self.root() / name)
        return self.folder

    def save_as(self, folder: Path) -> None:
        """Go on in another folder, with all that was kept so far."""
        old = self.ensure()
        if old is None:
            # Nothing was kept yet that would have to be copied.
            if self._use(folder):
                self.keep_again()
                self.write_now()
        else:
            self.copy.emit(old, folder)

    def open(self, folder: Path) -> None:
        """Bring a session back in place of what is open, which stays kept in its own folder."""
        if self.unkept():
            self.trouble.emit(
                self.tr(
                    "{0} maps of this session could not be kept and would be lost. Save the "
                    "session elsewhere first (File, Save session as)."
                ).format(self.unkept())
            )
            return
        self._opening = True
        self.trouble.emit("")
        self.read.emit(folder)

    def close(self, keeper: Keeper) -> None:
        """Write what is to be written, wait for it, and unlock."""
        self._timer.stop()
        if self.folder is not None:
            if self._refused:
                self.keep_again()
            self.write_now()
        QMetaObject.invokeMethod(keeper, "flush", Qt.ConnectionType.BlockingQueuedConnection)
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    # --- commands ----------------------------------------------------------------------

    def paste_image(self, image: QImage) -> None:
        """Keep a picture of the clipboard as a file, and open it."""
        folder = self.ensure()
        if folder is not None:
            self.paste.emit(image, folder, self.tr("pasted"))

    def locate_photo(self, chosen: Path) -> None:
        """One of the missing photographs is this file; others may lie beside it."""
        library = self._session.library
        missing = [(p, library.hashes.get(p, "")) for p in self._session.paths]
        self.locate.emit([m for m in missing if m[0] in library.missing], chosen)

    def locate_model(self, chosen: Path) -> None:
        """One of the missing models is this file."""
        self.locate.emit([(m.path, m.sha256) for m in self.missing_models], chosen)

    def continue_jobs(self) -> None:
        """Let the jobs of the session before go on."""
        self._session.queue.release()

    def discard_jobs(self) -> None:
        """Take them out; can be undone."""
        queue = self._session.queue
        queue.take([e.number for e in queue.held()])

    @Slot()
    def write_now(self) -> None:
        """Replace the index."""
        self._timer.stop()
        if self.folder is not None:
            self.write.emit(self.folder, self._snapshot())

    # --- what is written ---------------------------------------------------------------

    def _snapshot(self) -> Snapshot:
        s = self._session
        return Snapshot(
            photos=list(s.paths),
            hashes=dict(s.library.hashes),
            readings=dict(s.library.readings),
            before={path: list(places) for path, places in self._before.items()},
            models=[
                OpenModel(
                    m.address, m.path if isinstance(m.path, Path) else None, m.facts, m.reading
                )
                for m in s.models
            ],
            missing=list(self.missing_models),
            jobs=[(self._name(e.number), e.spec) for e in s.queue.entries if e.state in UNFINISHED],
            current=s.current,
            model="" if s.model is None else s.model.address,
            settings=s.settings,
        )

    def _name(self, number: int) -> str:
        return self._names.setdefault(number, f"{self._run}-{number}")

    def _changed(self, *_: object) -> None:
        if self.folder is not None and not self._opening and not self._timer.isActive():
            self._timer.start()

    def _jobs_changed(self) -> None:
        if self._session.queue.entries and self.folder is None and not self._opening:
            self.ensure()
            self.write_now()
        self._changed()

    @Slot(object, str, object, int)
    def _found(self, path: Path, address: str, result: Explanation, number: int) -> None:
        entry = self._session.queue.entry(number)
        known = self._session.findings.known(path, address)
        kept = None if known is None else known.kept.get(result.target.index)
        keepsake = Keepsake(
            self.ensure(),
            path,
            address,
            result,
            "" if entry is None else self._name(number),
            () if entry is None else entry.spec.targets,
            None if kept is None else kept.manifest,
        )
        self._unkept[path, address, result.target.index] = keepsake
        if keepsake.folder is not None:
            self.keep.emit(keepsake)
        else:
            self._refused = True

    @Slot(object, str)
    def _failed(self, job: Job, text: str) -> None:
        folder = self.ensure()
        if folder is None:
            return
        # As it is named in the folder: the answer of the model is no class that was chosen.
        known = next(
            (
                self._session.findings.known(job.path, m.address)
                for m in self._session.models
                if m.box is job.box
            ),
            None,
        )
        top = () if known is None or known.top is None else (known.top[0],)
        targets = job.targets if job.targets != top else ()
        reading = self._session.library.reading(job.path)
        self.note.emit(FailedJob(folder, job, reading, targets, text))

    def unkept(self) -> int:
        """How many results the disk refused: they are in memory alone."""
        return len(self._unkept) if self._refused else 0

    @Slot()
    def keep_again(self) -> None:
        """Offer the disk what it refused, or what it got in another folder only."""
        self._again.stop()
        if self.folder is None:
            return
        for key, keepsake in self._unkept.items():
            self._unkept[key] = moved = replace(keepsake, folder=self.folder)
            self.keep.emit(moved)

    # --- answers -----------------------------------------------------------------------

    @Slot(object, object)
    def _kept(self, keepsake: Keepsake, kept: KeptResult) -> None:
        k, key = keepsake, (keepsake.path, keepsake.address, kept.target)
        if k.folder != self.folder:
            # Written while the session was on its way to another folder, which got it again; or
            # the session is another one.
            return
        if self._unkept.get(key) is k:
            del self._unkept[key]
        if self._refused and not self._unkept:
            self._refused = False
            self.trouble.emit("")
        self._session.on_kept(k.path, k.address, kept)

    @Slot(object, str)
    def _not_kept(self, keepsake: Keepsake, text: str) -> None:
        if keepsake in self._unkept.values():
            self._refused = True
            self.trouble.emit(text)
            self._again.start()

    @Slot(object, str)
    def _open_failed(self, folder: Path, text: str) -> None:
        self._opening = False
        self.trouble.emit(text)

    @Slot(object)
    def _opened(self, record: SessionRecord) -> None:
        try:
            if self.folder is not None:
                self.write_now()
            if not self._use(record.folder):
                return
            self._restore(record)
        finally:
            self._opening = False
        self.write_now()

    def _restore(self, record: SessionRecord) -> None:
        s = self._session
        s.clear()
        self._unkept.clear()
        self.missing_models = []
        self._before = {p.path: p.before for p in (*record.photos, *record.models) if p.before}
        s.set_settings(record.settings)
        names = self._restore_photos(record)
        addresses = self._restore_models(record)
        self._restore_results(record, names, addresses)
        count = self._restore_jobs(record, names, addresses)
        current = names.get(record.current)
        first = current or (s.paths[0] if s.paths else None)
        s.choose_photo(first)
        self._tell_missing()
        self.restored.emit(count)

    def _restore_photos(self, record: SessionRecord) -> dict[str, Path]:
        """Every place where a photograph is or was -> where it is."""
        library, names = self._session.library, {}
        for photo in record.photos:
            for name in (str(photo.path), *photo.before):
                names[name] = photo.path
            if photo.sha256:
                library.hashes[photo.path] = photo.sha256
            reading = photo.extra.get("reading")
            if isinstance(reading, Mapping) and reading:
                library.readings[photo.path] = dict(reading)
            if not photo.path.exists():
                library.missing.add(photo.path)
                library.problems[photo.path] = self.tr(
                    "{0} is not where it was; locate it to see its maps."
                ).format(photo.path)
        new = library.add(p.path for p in record.photos)
        self._session.photos_listed.emit(new)
        return names

    def _restore_models(self, record: SessionRecord) -> dict[str, str]:
        """Every address that a model has or had -> the one it has; the files are opened."""
        s, addresses = self._session, {}
        ordered = sorted(record.models, key=lambda m: m.extra.get("address") == record.model)
        for model in ordered:
            address = str(model.extra.get("address") or model.path)
            if is_server_url(address):
                # Whoever sent the session must not choose whom the photographs are shown to.
                addresses[address] = address
                s.model_trouble.emit(
                    self.tr(
                        "This session used a model on a server, which is only asked when you say "
                        "so: {0} (File, Open model server)."
                    ).format(address)
                )
                continue
            for name in (address, str(model.path), *model.before):
                addresses[name] = str(model.path)
            if model.path.exists():
                # Of a model that never answered, nothing was kept that it could be told by.
                if model.sha256:
                    s.expected_models[str(model.path)] = model.sha256
                s.open_model_as(
                    model.path, model.extra.get("reading") or {}, model.extra.get("preprocessing")
                )
            else:
                self.missing_models.append(model)
        return addresses

    def _restore_results(
        self, record: SessionRecord, names: Mapping[str, Path], addresses: Mapping[str, str]
    ) -> None:
        findings, library = self._session.findings, self._session.library
        # The same photograph under several names has one answer.
        twins: dict[str, list[Path]] = {}
        for path in library.paths:
            twins.setdefault(library.hashes.get(path, ""), []).append(path)
        for line in record.results:
            path = names.get(line.photo)
            paths = dict.fromkeys([] if path is None else [path])
            if line.photo_sha256:
                paths.update(dict.fromkeys(twins.get(line.photo_sha256, ())))
            for path in paths:
                if library.hashes.setdefault(path, line.photo_sha256) != line.photo_sha256:
                    continue
                if line.reading is not None and dict(line.reading) != library.reading(path):
                    continue
                state = findings.state(path, addresses.get(line.address, line.address))
                if line.kept.stop_reason in STOPPED and state.is_finished(line.kept.target):
                    continue
                state.kept[line.kept.target] = line.kept
                state.top = line.top or state.top
                state.target = line.kept.target
        for entry in record.entries:
            q = entry.question
            path, address = names.get(str(q.photo["path"])), str(q.model.get("address"))
            if entry.state == "failed" and path is not None:
                findings.state(path, addresses.get(address, address)).failure = entry.error
        self._session.facts_changed.emit(None)

    def _restore_jobs(
        self, record: SessionRecord, names: Mapping[str, Path], addresses: Mapping[str, str]
    ) -> int:
        done = Finished(record, names, addresses, self._session.library)
        specs = []
        for job in record.jobs:
            path, spec = names.get(job.photo), job.spec
            if path is None:
                continue
            address = addresses.get(spec.address, spec.address)
            spec = replace(spec, path=path, address=address)
            if not done.has(spec, job.name):
                specs.append(spec)
        self._session.queue.restore(specs)
        return len(self._session.queue.held())

    @Slot(object)
    def _copied(self, folder: Path) -> None:
        old = self.folder
        if old is None or not self._use(folder):
            return
        self._session.kept_moved(old, folder)
        # What came while it was copied, and what the old place refused.
        self.keep_again()
        self.write_now()

    @Slot(object)
    def _pasted(self, path: Path) -> None:
        self._session.open([path])

    @Slot(object)
    def _moved(self, found: Mapping[Path, Path]) -> None:
        s = self._session
        models = {m.path: m for m in self.missing_models}
        for old, new in found.items():
            self._before.setdefault(new, []).extend([*self._before.pop(old, []), str(old)])
            model = models.get(old)
            if model is None:
                s.photo_moved(old, new)
                continue
            self.missing_models.remove(model)
            address = str(model.extra.get("address") or old)
            s.model_moved(address, str(new))
            s.expected_models[str(new)] = model.sha256
            s.open_model_as(new, model.extra.get("reading") or {}, model.extra.get("preprocessing"))
        if found:
            s.list_changed.emit()
            self._tell_missing()
            self.write_now()

    def _tell_missing(self) -> None:
        self.missing_changed.emit(len(self._session.library.missing), len(self.missing_models))

    def _locked(self, folder: Path, lock: QLockFile) -> str:
        """Why a session cannot be opened."""
        if folder == self.folder:
            return self.tr("The session {0} is the one that is open.").format(folder.name)
        host = _host_of(lock)
        if host:
            return self.tr(
                "The session {0} was last open on {1}, and not closed there. If it is not open "
                "there any more, delete the file {2} in its folder."
            ).format(folder.name, host, LOCK)
        return self.tr("The session {0} is open in another window. Close it there first.").format(
            folder.name
        )

    def _use(self, folder: Path) -> bool:
        """Lock a folder and go on in it."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.trouble.emit(
                self.tr(
                    "The session cannot be kept in {0} ({1}). Results stay in memory; save the "
                    "session elsewhere (File, Save session as)."
                ).format(folder, error.strerror or error)
            )
            return False
        lock = QLockFile(str(folder / LOCK))
        # The lock of a process that is gone is taken over; one that lives keeps it for good.
        lock.setStaleLockTime(0)
        if not lock.tryLock(0) and lock.error() == QLockFile.LockError.LockFailedError:
            self.trouble.emit(self._locked(folder, lock))
            return False
        if self._lock is not None:
            self._lock.unlock()
        self._lock, self.folder = lock, folder
        if folder.parent != self.root():
            others = [str(folder), *session_places(self._settings)[1]]
            self._settings.setValue("sessions/others", list(dict.fromkeys(others))[:MOST_OTHERS])
        self.folder_changed.emit()
        return True


def _host_of(lock: QLockFile) -> str:
    """The machine that holds a lock; nothing where it is this one, or not known."""
    # Number of the process, machine, program.
    host = next((t for t in lock.getLockInfo() if isinstance(t, str)), "")
    return "" if host in ("", QSysInfo.machineHostName()) else host


def crashed(folder: Path) -> bool:
    """Whether a session was left without being closed, by a process that is gone."""
    if not (folder / LOCK).exists():
        return False
    lock = QLockFile(str(folder / LOCK))
    lock.setStaleLockTime(0)
    if not lock.tryLock(0):
        return False
    lock.unlock()
    return True
