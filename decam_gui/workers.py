"""The workers of the window: which requests they get, who hears their answers, how they end."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from decam_engine import close_servers
from decam_gui.assessor import Assessor
from decam_gui.checkup import Checkup
from decam_gui.cutting import Cutting
from decam_gui.edit import Edit
from decam_gui.examiner import Examiner
from decam_gui.keeper import Keeper
from decam_gui.keeping import Keeping
from decam_gui.prober import Prober
from decam_gui.runner import Runner
from decam_gui.session import Session
from decam_gui.thumbnailer import Thumbnailer
from decam_gui.trust import Trust
from decam_gui.worker import Reader, WorkThread


class Workers(QObject):
    """One worker for each kind of work, each in a thread of its own once it is started."""

    def __init__(
        self,
        session: Session,
        trust: Trust,
        checkup: Checkup,
        keeping: Keeping,
        askers: Sequence[Edit | Cutting],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._trust, self._checkup = session, trust, checkup
        self._keeping, self._askers = keeping, askers
        self.reader, self.runner, self.keeper = Reader(), Runner(), Keeper()
        self.examiner, self.assessor = Examiner(), Assessor()
        self.prober, self.thumbnailer = Prober(), Thumbnailer()
        self.threads: list[WorkThread] = []
        self._connect_session()
        self._connect_trust()
        self._connect_checkup()
        keeping.connect_keeper(self.keeper)
        for asker in askers:
            asker.ask.connect(self.prober.probe)
            self.prober.probed.connect(asker.on_probed)
            self.prober.failed.connect(asker.on_failed)

    def start(self) -> None:
        """Begin to answer requests."""
        self.threads = [
            WorkThread(worker, f"decam-{name}", self)
            for name, worker in (
                ("reader", self.reader),
                ("runner", self.runner),
                ("examiner", self.examiner),
                ("assessor", self.assessor),
                ("prober", self.prober),
                ("thumbnailer", self.thumbnailer),
                ("keeper", self.keeper),
            )
        ]

    def stop(self) -> None:
        """Tell them to end after the step under way; nobody hears of it who is told apart."""
        self.runner.cancel.set()
        for worker in (self.reader, self.examiner, self.assessor, self.prober, self.keeper):
            worker.stop.set()
        self.assessor.disconnect(self._trust)
        for asker in self._askers:
            self.prober.disconnect(asker)

    def end(self) -> None:
        """Let everything be written, and wait for the threads."""
        # A server may take its time to answer, or never do so.
        close_servers()
        for worker in (self.reader, self.runner, self.keeper):
            worker.disconnect(self._session)
        self.keeper.disconnect(self._keeping)
        if self.threads:
            self._keeping.close(self.keeper)
        for examining in (self.reader, self.examiner):
            examining.disconnect(self._checkup)
        for thread in self.threads:
            thread.end()

    # --- who hears whom ------------------------------------------------------------------

    def _connect_session(self) -> None:
        s, reader, runner = self._session, self.reader, self.runner
        s.photo_changed.connect(self._note_wanted)
        s.read_photos.connect(reader.open_photos)
        s.read_photo_as.connect(reader.open_photo_as)
        s.read_again.connect(reader.open_again)
        s.read_model.connect(reader.open_model)
        s.read_result.connect(reader.open_result)
        s.ask_model.connect(reader.score)
        s.write_result.connect(reader.save)
        s.read_model_as.connect(reader.open_model_as)
        reader.photos_found.connect(s.on_photos_found)
        reader.photo_opened.connect(s.on_photo_opened)
        reader.photo_failed.connect(s.on_photo_failed)
        reader.folder_failed.connect(s.on_folder_failed)
        reader.photos_read.connect(s.on_photos_read)
        reader.model_opened.connect(s.on_model_opened)
        reader.model_failed.connect(s.on_model_failed)
        reader.result_opened.connect(s.on_result_opened)
        reader.result_failed.connect(s.on_folder_failed)
        reader.scored.connect(s.on_scored)
        reader.scoring_failed.connect(s.on_scoring_failed)
        reader.saved.connect(s.on_saved)
        reader.save_failed.connect(s.on_save_failed)
        s.reread_model.connect(reader.reread_model)
        s.choose_way.connect(reader.choose_way)
        s.forget_way.connect(reader.forget_way)
        reader.model_reread.connect(s.on_model_reread)
        s.start_run.connect(runner.run)
        s.hold_run.connect(self._hold)
        runner.found.connect(s.on_found)
        runner.progress.connect(s.on_progress)
        runner.finished.connect(s.on_finished)
        runner.failed.connect(s.on_failed)

    def _connect_trust(self) -> None:
        t, assessor = self._trust, self.assessor
        t.start_assessment.connect(assessor.assess)
        assessor.progress.connect(t.on_progress)
        assessor.found.connect(t.on_found)
        assessor.stopped.connect(t.on_stopped)
        assessor.failed.connect(t.on_failed)

    def _connect_checkup(self) -> None:
        c, examiner, reader = self._checkup, self.examiner, self.reader
        c.start_check.connect(examiner.examine)
        c.save_way.connect(reader.save_way)
        examiner.progress.connect(c.on_progress)
        examiner.found.connect(c.on_found)
        examiner.stopped.connect(c.on_stopped)
        examiner.failed.connect(c.on_failed)
        reader.sidecar_saved.connect(c.on_sidecar_saved)
        reader.sidecar_there.connect(c.on_sidecar_there)
        reader.sidecar_failed.connect(c.on_trouble)
        reader.way_trouble.connect(c.on_trouble)

    # Direct calls: the event loop of a worker is blocked while it works.

    @Slot()
    def _note_wanted(self) -> None:
        self.reader.wanted = self._session.current

    @Slot(bool)
    def _hold(self, held: bool) -> None:
        if held:
            self.runner.going.clear()
        else:
            self.runner.going.set()
