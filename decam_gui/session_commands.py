"""What the menus do with the session: undo, paste, queue, sessions, missing files, dragging out."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QImage

from decam_gui import language
from decam_gui.core.places import recent_sessions
from decam_gui.keeping import crashed
from decam_gui.places import session_places
from decam_gui.views.drag_out import DragOut

if TYPE_CHECKING:
    from decam_gui.main_window import MainWindow
    from decam_gui.workspace import Workspace

LIKELIEST = 3


class SessionCommands(QObject):
    """Made once the workspace is there; the window asks it what can be done."""

    # Something that decides what can be done has changed.
    changed = Signal()
    # The heat map on show is to be written as a picture: (result, folder).
    write_picture = Signal(object, object)

    def __init__(self, window: MainWindow, space: Workspace) -> None:
        super().__init__(space)
        self._window, self._space = window, space
        self._session = space.session
        self._folder: Path | None = None
        a, undo, queue = window.actions_, self._session.undo, self._session.queue
        self.drag = DragOut(space.viewer.save_button)
        self.drag.wanted.connect(self._picture_wanted)
        self.write_picture.connect(space.workers.keeper.draw)
        space.workers.keeper.drawn.connect(self._picture_drawn)
        space.viewer.save_button.setToolTip(
            self.tr("Save the heat map and its data (Ctrl+S), or drag it from here to a folder")
        )
        self._percent = -1
        self._made: list[tuple[QAction, Callable[..., object]]] = [
            (a.undo, undo.undo),
            (a.redo, undo.redo),
            (a.paste, self.paste),
            (a.save_session, self.save_session),
            (a.run_all, self.run_all),
            (a.run_chosen, lambda: self._session.run_photos(space.photos.chosen_paths())),
            (a.run_top, self.run_likeliest),
            (a.pause, self.pause_or_resume),
            (a.cancel_all, queue.cancel_all),
        ]
        for action, slot in self._made:
            action.triggered.connect(slot)
        a.show_queue.toggled.connect(space.queue.open_table)
        space.queue.toggle.toggled.connect(a.show_queue.setChecked)
        space.photos.locate_requested.connect(self.locate_photo)
        space.models.locate_requested.connect(self.locate_model)
        space.queueing.task_bar.percent_changed.connect(self._show_percent)
        for signal in (undo.indexChanged, queue.changed, self._session.list_changed):
            signal.connect(self._changed)
        space.keeping.folder_changed.connect(self._show_title)
        self._show_title()

    def shut_down(self) -> None:
        """The window closes, or closes its workspace: the actions no longer do anything."""
        for action, slot in self._made:
            action.triggered.disconnect(slot)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def enable(self) -> None:
        """Show what can be done now."""
        a, s = self._window.actions_, self._session
        model = s.model is not None
        for action, can in (
            (a.save_session, bool(s.paths)),
            (a.undo, s.undo.canUndo()),
            (a.redo, s.undo.canRedo()),
            (a.paste, True),
            (a.run_all, model and bool(s.paths)),
            (a.run_chosen, model and bool(s.paths)),
            (a.run_top, model and s.photo() is not None and len(s.predictions()) > 1),
            (a.pause, s.queue.paused or s.job is not None),
            (a.cancel_all, bool(s.queue.pending()) or s.job is not None),
            (a.show_queue, True),
        ):
            action.setEnabled(can)
        _say(a.undo, self.tr("&Undo"), s.undo.undoText())
        _say(a.redo, self.tr("&Redo"), s.undo.redoText())
        a.pause.setText(
            self.tr("&Resume the queue") if s.queue.paused else self.tr("&Pause the queue")
        )

    def left_open(self) -> Path | None:
        """The newest session, if it was left without being closed: a crash, a loss of power."""
        root, others = session_places(self._space.settings)
        newest = next(iter(recent_sessions(root, others)), None)
        return newest.folder if newest is not None and crashed(newest.folder) else None

    @Slot()
    def paste(self) -> None:
        """A picture, or files, of the clipboard."""
        data = QGuiApplication.clipboard().mimeData()
        files = [Path(u.toLocalFile()) for u in data.urls() if u.isLocalFile()]
        if files:
            self._window.open(files)
        elif data.hasImage():
            image = QImage(QGuiApplication.clipboard().image())
            if not image.isNull():
                self._space.keeping.paste_image(image)
        else:
            self._session.photo_trouble.emit(
                self.tr("The clipboard holds no picture: copy one first, then paste it here.")
            )

    @Slot()
    def save_session(self) -> None:
        """Go on in a folder of the user's choice."""
        folder = self._window.ask_session(True)
        if folder:
            self._space.keeping.save_as(Path(folder))

    @Slot()
    def run_all(self) -> None:
        """All photographs of the list."""
        self._session.run_photos()

    @Slot()
    def run_likeliest(self) -> None:
        """The likeliest classes of the photograph on show, in one run."""
        likeliest = [p.index for p in self._session.predictions()[:LIKELIEST]]
        self._session.run_targets(likeliest)

    @Slot()
    def pause_or_resume(self) -> None:
        """Hold the queue, or let it go on."""
        queue = self._session.queue
        if queue.paused:
            queue.resume()
        else:
            queue.pause()

    @Slot()
    def locate_photo(self) -> None:
        """Ask where a missing photograph is; the one that is chosen, or the first."""
        missing = self._session.library.missing
        chosen = [p for p in self._space.photos.chosen_paths() if p in missing]
        first = next((p for p in (*chosen, *self._session.paths) if p in missing), None)
        if first is not None:
            file = self._window.ask_moved(first.name)
            if file:
                self._space.keeping.locate_photo(Path(file))

    @Slot()
    def locate_model(self) -> None:
        """Ask where a missing model is."""
        missing = self._space.keeping.missing_models
        if missing:
            file = self._window.ask_moved(missing[0].path.name)
            if file:
                self._space.keeping.locate_model(Path(file))

    @Slot()
    def _picture_wanted(self) -> None:
        result = self._session.result()
        if result is None:
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="decam-studio-"))
        self.write_picture.emit(result, self._folder)

    @Slot(object)
    def _picture_drawn(self, path: Path | None) -> None:
        self.drag.set_file(path)

    @Slot()
    def _changed(self) -> None:
        self.changed.emit()

    @Slot(int)
    def _show_percent(self, percent: int) -> None:
        self._percent = percent
        self._show_title()

    @Slot()
    def _show_title(self) -> None:
        percent, folder = self._percent, self._space.keeping.folder
        name = "DE-CAM Studio" if folder is None else f"{folder.name} - DE-CAM Studio"
        self._window.setWindowTitle(f"{percent} % - {name}" if percent >= 0 else name)


def _say(action: QAction, plain: str, what: str) -> None:
    # A step was named in the language of its time.
    said = language.again(what, ("commands",))
    action.setText(f"{plain}: {said}" if said else plain)
