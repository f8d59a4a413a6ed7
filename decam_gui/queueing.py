"""Connects the session's queue with its panel, notifications and the task bar."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from decam_gui.core.jobs import JobState
from decam_gui.notices import Notices
from decam_gui.session import Session
from decam_gui.taskbar import TaskBar
from decam_gui.views.queue_panel import QueuePanel


class Queueing(QObject):
    """Shows what the queue does, and does what the panel asks for."""

    def __init__(self, session: Session, panel: QueuePanel, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._panel = session, panel
        self.notices = Notices(self)
        self.task_bar = TaskBar(self)
        queue = session.queue
        queue.changed.connect(self.show)
        queue.moved_on.connect(self._show_progress)
        queue.drained.connect(self._tell_end)
        session.model_changed.connect(self.show)
        panel.pause_requested.connect(queue.pause)
        panel.resume_requested.connect(queue.resume)
        panel.cancel_requested.connect(self._cancel)
        panel.hold_requested.connect(queue.hold)
        panel.release_requested.connect(queue.release)
        panel.retry_requested.connect(queue.retry)
        panel.move_requested.connect(queue.move)
        panel.clear_requested.connect(queue.clear_ended)
        panel.show_requested.connect(self._show_job)
        self.show()

    def shut_down(self) -> None:
        """Leave nothing in the task bar."""
        self.task_bar.clear()
        self.notices.shut_down()

    def say_again(self) -> None:
        """In another language."""
        self.show()

    @Slot()
    def show(self) -> None:
        """All jobs."""
        queue = self._session.queue
        titles = {m.address: m.title for m in self._session.models}
        self._panel.show_entries(queue.entries, titles, paused=queue.paused, totals=queue.totals())
        self._show_whole()

    @Slot(int)
    def _show_progress(self, number: int) -> None:
        self._panel.rows.update_entry(number)
        self._show_whole()

    def _show_whole(self) -> None:
        queue = self._session.queue
        if queue.job is None:
            self.task_bar.clear()
        else:
            self.task_bar.show(queue.fraction(), paused=queue.paused)

    @Slot(int, int)
    def _tell_end(self, done: int, not_done: int) -> None:
        count = done + not_done
        if count == 0:
            return
        failed = sum(e.state is JobState.FAILED for e in self._session.queue.entries)
        if count == 1:
            text = self.tr("The run is done.") if done else self.tr("The run ended early.")
        elif not_done:
            text = self.tr("{0} of {1} jobs are done; {2} failed or were stopped.").format(
                done, count, not_done
            )
        else:
            text = self.tr("All {0} jobs are done.").format(count)
        window = self._panel.window()
        looking = QApplication.activeWindow() is window
        # Who looks at the window sees a single run end.
        if looking and count == 1:
            return
        if looking or not self.notices.tell(text, window):
            self._panel.tell("warning" if failed else "success", text)

    def _cancel(self, numbers: list[int]) -> None:
        queue = self._session.queue
        running = queue.running()
        # Those that have not begun leave in one step, which one undo brings back.
        queue.take([n for n in numbers if running is None or n != running.number])
        if running is not None and running.number in numbers:
            queue.cancel(running.number)

    @Slot(int)
    def _show_job(self, number: int) -> None:
        """Show the photograph of a job, with its model and class."""
        session = self._session
        entry = session.queue.entry(number)
        if entry is None or entry.spec.path not in session.library:
            return
        model = next((m for m in session.models if m.address == entry.spec.address), None)
        if model is not None and model is not session.model:
            session.choose_model(model)
        session.choose_photo(entry.spec.path)
        found = entry.found or list(entry.spec.targets)
        if found and model is not None:
            session.choose_target(found[0])
