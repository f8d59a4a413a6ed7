"""The window: menus, drops, the welcome page, and the workspace once the engine is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QSettings, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QDialog,
    QLineEdit,
    QMainWindow,
    QStackedWidget,
    QToolTip,
)

from decam_gui import language, theme
from decam_gui.actions import Actions
from decam_gui.asking import Asking
from decam_gui.core.names import INDEX
from decam_gui.startup import EngineLoader
from decam_gui.views.welcome import Welcome

if TYPE_CHECKING:
    from decam_gui.session_commands import SessionCommands
    from decam_gui.workspace import Workspace

SIZE = (1280, 800)
LEAST_SIZE = (1064, 640)
APPEARANCES = {"light": theme.LIGHT, "dark": theme.DARK}


class MainWindow(QMainWindow):
    """Paints at once; files opened before the engine is there wait for it."""

    # The first time.
    painted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("DE-CAM Studio")
        self.setAcceptDrops(True)
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(*SIZE)
        self._settings = QSettings()
        self._loader: EngineLoader | None = None
        self._painted = self._closed = False
        self._waiting: list[Callable[[], None]] = []
        self.workspace: Workspace | None = None
        self.commands: SessionCommands
        self.asking = Asking(self._settings, self)
        self.asking.chosen.connect(self.open)
        # How a folder is asked for; tests answer without a dialog.
        self.ask_folder: Callable[[], str] = self.asking.folder_dialog
        self.ask_session: Callable[[bool], str] = self.asking.session_dialog
        self.ask_loss: Callable[[int], bool] = self.asking.loss_dialog
        self.ask_moved: Callable[[str], str] = self.asking.moved_dialog
        # Whether files, a model or a session were opened: else a session that was not closed is.
        self._asked_for = False
        self.actions_ = Actions(self)
        self.welcome = Welcome()
        self.pages = QStackedWidget()
        self.pages.addWidget(self.welcome)
        self.setCentralWidget(self.pages)
        self._connect()
        self._restore()
        self.painted.connect(lambda: QTimer.singleShot(0, self._finish_start))
        self._enable()

    # --- start and end -----------------------------------------------------------------

    @Slot()
    def _finish_start(self) -> None:
        """What the first paint need not wait for: an icon in many sizes, a look into folders."""
        self.setWindowIcon(theme.icon("image", "accent"))
        self.show_recent()

    def load_engine(self) -> None:
        """Import the engine in the background, then open the workspace; once."""
        if self._loader is not None or self.workspace is not None or self._closed:
            return
        self._loader = EngineLoader(self)
        self._loader.ready.connect(self.open_workspace)
        self._loader.failed.connect(self._engine_failed)
        self._loader.start()

    @Slot()
    def _engine_failed(self) -> None:
        self.welcome.set_state(
            self.tr("The engine could not be loaded, so nothing can be opened. See the report.")
        )

    @Slot()
    def open_workspace(self) -> None:
        """Build everything that needs the engine, and do what waited for it."""
        if self.workspace is not None:
            return
        from decam_gui.session_commands import SessionCommands  # noqa: PLC0415
        from decam_gui.workspace import Workspace  # noqa: PLC0415  (imports the engine)

        self.workspace = Workspace(self._settings)
        self.pages.addWidget(self.workspace)
        session = self.workspace.session
        self.workspace.viewer.save_requested.connect(self.open_export)
        self.workspace.editing.toggled.connect(self.actions_.what_if.setChecked)
        self.workspace.compare_button.clicked.connect(
            lambda: self.actions_.compare.setChecked(True)
        )
        self.workspace.compare_page.closed.connect(lambda: self.actions_.compare.setChecked(False))
        self.workspace.photos.open_requested.connect(self.asking.choose_photos)
        self.workspace.model.open_requested.connect(self.asking.choose_model)
        for signal in (
            session.run_changed,
            session.result_changed,
            session.photo_changed,
            session.scores_changed,
            session.loading_changed,
        ):
            signal.connect(self._enable)
        self.commands = SessionCommands(self, self.workspace)
        self.commands.changed.connect(self._enable)
        self.workspace.start_workers()
        self.welcome.set_state("")
        waiting, self._waiting = self._waiting, []
        for action in waiting:
            action()
        left = None if self._asked_for else self.commands.left_open()
        if left is not None:
            self.workspace.keeping.open(left)
        self._enable()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Say when it is there."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.painted.emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another language: say everything again."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange and self._painted:
            from decam_gui.retranslation import retranslate  # noqa: PLC0415  (seldom needed)

            retranslate()
            if self.workspace is not None:
                self.workspace.say_again()
                self._enable()
            self.show_recent()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Cancel, wait for the batch under way, end the threads."""
        if self.workspace is not None and not self._may_be_lost(self.workspace.keeping.unkept()):
            event.ignore()
            return
        self._closed = True
        self._settings.setValue("window/geometry", self.saveGeometry())
        if self._loader is not None:
            self._loader.ready.disconnect(self.open_workspace)
            self._loader.failed.disconnect(self._engine_failed)
            self._loader.end()
            self._loader = None
        if self.workspace is not None:
            self.workspace.shut_down()
            self.commands.shut_down()
            self.workspace.deleteLater()
            self.workspace = None
        super().closeEvent(event)

    def _may_be_lost(self, count: int) -> bool:
        """Whether the window may close with maps that the disk refused."""
        return count == 0 or self.ask_loss(count)

    # --- commands ----------------------------------------------------------------------

    def open(self, paths: list[Path]) -> None:
        """Open photographs, folders, models, or a session: its folder, or its list."""
        sessions = [p.parent if p.name == INDEX else p for p in paths]
        sessions = [p for p in sessions if _is_session(p)]
        if sessions:
            self.open_session(sessions[0].absolute())
        elif paths:
            self._asked_for = True
            self._when_ready(lambda: self._session_open(paths))

    @Slot(str)
    def open_file(self, name: str) -> None:
        """Open what was double-clicked elsewhere."""
        self.open([Path(name)])

    def open_session(self, folder: Path) -> None:
        """Open a session, or a folder of saved results."""
        self._asked_for = True
        self._when_ready(lambda: self.workspace and self.workspace.keeping.open(folder))

    def open_server(self, url: str) -> None:
        """Open the model that a server has under this URL."""
        self._asked_for = True
        self._when_ready(lambda: self._session_open_server(url))

    def open_demo(self) -> None:
        """The bundled model and photographs."""
        self._asked_for = True
        self._when_ready(self._session_open_demo)

    @Slot()
    def choose_server(self) -> None:
        """Ask for the URL of a model."""
        self._when_ready(self._ask_server)

    @Slot()
    def choose_session(self) -> None:
        """Ask for the folder of a session."""
        folder = self.ask_session(False)
        if folder:
            self.open_session(Path(folder))

    @Slot()
    def save(self) -> None:
        """Ask for a folder and write the result on show into it."""
        result = None if self.workspace is None else self.workspace.session.result()
        if self.workspace is None or result is None:
            return
        if result.warnings:
            # What a reader must know before it leaves is said there.
            self.workspace.open_export()
            return
        folder = self.ask_folder()
        if folder:
            self.workspace.save_to(folder)

    @Slot()
    def open_export(self) -> None:
        """Ask what to export, in which formats, to where."""
        if self.workspace is not None:
            self.workspace.open_export()

    @Slot()
    def show_recent(self) -> None:
        """Offer the sessions of before on the first page."""
        from decam_gui.core.places import recent_sessions  # noqa: PLC0415
        from decam_gui.places import session_places  # noqa: PLC0415

        root, others = session_places(self._settings)
        self.welcome.show_recent(recent_sessions(root, others))

    def set_appearance(self, name: str) -> None:
        """``light``, ``dark`` or ``system``."""
        self._settings.setValue("window/appearance", name)
        for action in self.actions_.appearance.actions():
            action.setChecked(action.data() == name)
        self._apply_appearance()

    # --- drag and drop -----------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files; anything else is refused before it is dropped."""
        if _dropped(event.mimeData()):
            event.acceptProposedAction()
            self.welcome.set_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Gone again."""
        self.welcome.set_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open what was dropped."""
        self.welcome.set_drop(False)
        paths = _dropped(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.open(paths)

    # --- inside ------------------------------------------------------------------------

    def _connect(self) -> None:
        a = self.actions_
        self.welcome.open_requested.connect(self.asking.choose_files)
        self.welcome.demo_requested.connect(self.open_demo)
        a.open.triggered.connect(self.asking.choose_files)
        a.open_folder.triggered.connect(self.asking.choose_folder)
        a.open_server.triggered.connect(self.choose_server)
        a.demo.triggered.connect(self.open_demo)
        a.save.triggered.connect(self.save)
        a.export.triggered.connect(self.open_export)
        a.open_session.triggered.connect(self.choose_session)
        self.welcome.session_requested.connect(self.open_session)
        a.quit.triggered.connect(self.close)
        a.about.triggered.connect(self._show_about)
        a.shortcuts.triggered.connect(self._show_shortcuts)
        a.settings.triggered.connect(lambda: self._when_ready(self._show_settings))
        a.diagnostics.triggered.connect(self._copy_diagnostics)
        a.appearance.triggered.connect(self._appearance_chosen)
        a.run.triggered.connect(self._run)
        a.cancel.triggered.connect(self._cancel)
        a.remove.triggered.connect(self._remove_photo)
        a.remove_model.triggered.connect(self._remove_model)
        a.find_class.triggered.connect(
            lambda: self.workspace and self.workspace.predictions.search.setFocus()
        )
        a.next_photo.triggered.connect(lambda: self._step(1))
        a.previous_photo.triggered.connect(lambda: self._step(-1))
        a.zoom_in.triggered.connect(lambda: self._zoom(1.25))
        a.zoom_out.triggered.connect(lambda: self._zoom(0.8))
        a.fit.triggered.connect(lambda: self._zoom(0))
        a.modes.triggered.connect(self._mode_chosen)
        a.what_if.triggered.connect(self._what_if)
        a.compare.toggled.connect(self._compare)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._apply_appearance)

    def _restore(self) -> None:
        geometry = self._settings.value("window/geometry")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self.set_appearance(str(self._settings.value("window/appearance", "system")))

    @Slot()
    def _enable(self) -> None:
        a, workspace = self.actions_, self.workspace
        session = None if workspace is None else workspace.session
        a.run.setEnabled(session is not None and session.can_run())
        a.cancel.setEnabled(session is not None and session.job is not None)
        for action in a.of_session:
            action.setEnabled(False)
        if workspace is not None:
            self.commands.enable()
        a.save.setEnabled(session is not None and session.result() is not None)
        a.export.setEnabled(session is not None and session.has_results())
        several = session is not None and len(session.paths) > 1
        for action in (a.next_photo, a.previous_photo):
            action.setEnabled(several)
        a.remove.setEnabled(session is not None and session.current is not None)
        a.remove_model.setEnabled(session is not None and session.model is not None)
        a.find_class.setEnabled(session is not None and bool(session.predictions()))
        for action in (a.zoom_in, a.zoom_out, a.fit, a.what_if, *a.modes.actions()):
            action.setEnabled(session is not None and session.photo() is not None)
        a.compare.setEnabled(session is not None and not session.empty)
        if workspace is not None and session is not None and not session.empty:
            self.pages.setCurrentWidget(workspace)

    def _when_ready(self, action: Callable[[], None]) -> None:
        if self.workspace is not None:
            action()
        else:
            self._waiting.append(action)
            self.welcome.set_state(self.tr("Starting..."))

    def _session_open(self, paths: list[Path]) -> None:
        if self.workspace is not None:
            self.workspace.session.open(paths)

    def _session_open_server(self, url: str) -> None:
        if self.workspace is not None:
            self.workspace.session.open_server(url)

    def _ask_server(self) -> None:
        from decam_gui.dialogs.server import ServerDialog  # noqa: PLC0415  (imports the engine)

        dialog = ServerDialog(self)
        dialog.chosen.connect(self.open_server)
        _open(dialog)

    # Dialogs are imported when they are asked for: the window is to be painted first.

    def _show_settings(self) -> None:
        from decam_gui.dialogs.settings import SettingsDialog  # noqa: PLC0415  (imports the engine)

        if self.workspace is None:
            return
        colour_map, opacity = self.workspace.viewer.look
        run, remembered = self.workspace.session.settings, self._settings.value
        dialog = SettingsDialog(
            {
                "window/appearance": str(remembered("window/appearance", "system")),
                "window/language": str(remembered("window/language", "system")),
                "viewer/colour_map": colour_map,
                "viewer/opacity": opacity,
                "run/preset": str(remembered("run/preset", run.preset)),
                "run/fill": str(remembered("run/fill", "")),
                "folders/save": self.asking.last_folder("save"),
            },
            self,
        )
        dialog.changed.connect(self._setting_changed)
        _open(dialog)

    def _setting_changed(self, key: str, value: object) -> None:
        if key == "window/appearance":
            self.set_appearance(str(value))
            return
        self._settings.setValue(key, value)
        app = QApplication.instance()
        if key == "window/language" and app is not None:
            # Told to every widget as an event, see changeEvent.
            language.apply(app, str(value))
        if self.workspace is not None:
            self.workspace.use_default(key)

    @Slot()
    def _show_about(self) -> None:
        from decam_gui.dialogs.help import AboutDialog  # noqa: PLC0415

        dialog = AboutDialog(self)
        _open(dialog)

    @Slot()
    def _show_shortcuts(self) -> None:
        from decam_gui.dialogs.help import ShortcutsDialog  # noqa: PLC0415

        dialog = ShortcutsDialog(self.actions_.all(), self)
        _open(dialog)

    @Slot()
    def _copy_diagnostics(self) -> None:
        from decam_gui import diagnostics  # noqa: PLC0415

        QGuiApplication.clipboard().setText(diagnostics.report(""))
        QToolTip.showText(self.mapToGlobal(self.rect().center()), self.tr("Diagnostics copied"))

    def _session_open_demo(self) -> None:
        if self.workspace is not None:
            self.workspace.session.open_demo()

    @Slot()
    def _run(self) -> None:
        if self.workspace is not None:
            self.workspace.session.run()

    @Slot()
    def _cancel(self) -> None:
        if self.workspace is None:
            return
        if isinstance(QApplication.focusWidget(), QLineEdit | QAbstractSpinBox):
            # There, the key means "leave this".
            self.workspace.viewer.canvas.setFocus()
        else:
            self.workspace.session.cancel()

    def _step(self, by: int) -> None:
        if self.workspace is not None:
            self.workspace.step_photo(by)

    def _remove_photo(self) -> None:
        session = None if self.workspace is None else self.workspace.session
        if session is not None and session.current is not None:
            session.remove_photo(session.current)

    def _remove_model(self) -> None:
        session = None if self.workspace is None else self.workspace.session
        if session is not None and session.model is not None:
            session.remove_model(session.model)

    def _zoom(self, factor: float) -> None:
        if self.workspace is None:
            return
        canvas = self.workspace.viewer.canvas
        if factor:
            canvas.zoom_by(factor)
        else:
            canvas.fit()

    def _compare(self, on: bool) -> None:
        if self.workspace is not None:
            self.workspace.show_comparison(on)

    def _what_if(self, on: bool) -> None:
        if self.workspace is not None:
            self.workspace.editing.button.setChecked(on)

    def _mode_chosen(self, action: QAction) -> None:
        if self.workspace is not None:
            self.workspace.choose_mode(str(action.data()))

    def _appearance_chosen(self, action: QAction) -> None:
        self.set_appearance(str(action.data()))

    @Slot()
    def _apply_appearance(self) -> None:
        chosen = str(self._settings.value("window/appearance", "system"))
        scheme = APPEARANCES.get(chosen) or theme.system_scheme()
        app = QApplication.instance()
        if isinstance(app, QApplication) and scheme is not theme.current():
            theme.apply(app, scheme)
            self.update()


def _is_session(folder: Path) -> bool:
    """Also of a path that the system refuses: then whoever opens it says why."""
    try:
        return (folder / INDEX).is_file()
    except OSError:
        return False


def _dropped(data: QMimeData) -> list[Path]:
    """The local files of a drop; those that this program drags out itself are none."""
    from decam_gui.views.drag_out import OWN_DRAG  # noqa: PLC0415

    if data.hasFormat(OWN_DRAG):
        return []
    return [Path(u.toLocalFile()) for u in data.urls() if u.isLocalFile() and u.toLocalFile()]


def _open(dialog: QDialog) -> None:
    """Show it; it is gone when it is closed."""
    # Making this namespace takes PySide 15 ms, which the first paint need not wait for.
    from PySide6.QtCore import Qt  # noqa: PLC0415

    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
