"""Opens the doctor's dialog and connects it with what it is about."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from decam_engine import sidecar_of
from decam_gui.checkup import Checkup, Stage
from decam_gui.dialogs.doctor import DoctorDialog
from decam_gui.session import Session
from decam_gui.views import words


class Consultation:
    """One dialog, from its opening to its end; the checkup and the session outlive it."""

    def __init__(self, session: Session, checkup: Checkup, parent: QWidget) -> None:
        self._session, self._checkup = session, checkup
        self.dialog = DoctorDialog(parent)
        self._connect()
        plan = checkup.plan
        if plan is not None:
            self.dialog.show_plan(
                plan.model.box.name, [p.name for p in plan.photos], plan.calls, plan.model.host
            )
        self._show_stage()
        self._show_model()
        self.dialog.open()

    def _connect(self) -> None:
        s, c, d = self._session, self._checkup, self.dialog
        d.started.connect(c.start)
        d.cancelled.connect(c.stop)
        d.chosen.connect(c.use)
        d.save_requested.connect(c.save)
        d.forget_requested.connect(c.forget)
        self._links = [
            c.changed.connect(self._show_stage),
            c.progressed.connect(d.show_progress),
            c.used.connect(self._show_used),
            c.forgotten.connect(d.show_forgotten),
            c.saved.connect(d.show_saved),
            c.replace_asked.connect(d.ask_replace),
            c.trouble.connect(d.show_trouble),
            s.model_trouble.connect(d.show_trouble),
            s.model_changed.connect(self._show_model),
            s.loading_changed.connect(self._show_model),
        ]
        d.finished.connect(self._end)

    def _end(self) -> None:
        for link in self._links:
            Checkup.disconnect(link)
        self._links = []
        self.dialog.deleteLater()

    def _show_stage(self) -> None:
        c = self._checkup
        self.dialog.show_stage(c.stage, c.problem)
        if c.stage is Stage.DONE:
            self.dialog.show_found(c.diagnosis, c.in_use())

    def _show_model(self) -> None:
        model = self._session.model
        if model is None:
            return
        p, source = model.box.preprocessing, model.box.preprocessing_source
        text = ", ".join((words.channels(p), words.scaling(p), words.fitting(p)))
        self.dialog.show_model(
            f"{text}; {words.source(source)}",
            source,
            is_file=not model.host,
            busy=not self._session.model_changeable(),
        )
        self.dialog.show_in_use(self._checkup.in_use())

    def _show_used(self) -> None:
        model = self._session.model
        sidecar = None if model is None else sidecar_of(model.box)
        there = sidecar is not None and sidecar.exists()
        self.dialog.show_used(sidecar.name if sidecar is not None and there else "")
