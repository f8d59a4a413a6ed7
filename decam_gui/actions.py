"""The menus: every action with its shortcut, in one place."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow

from decam_gui import theme


class Actions:
    """Made once per window; enabled and connected by it."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        key = QKeySequence.StandardKey
        self.open = self._make(_tr("&Open..."), key.Open, "folder-open")
        self.open_folder = self._make(_tr("Open &folder..."), "Ctrl+Shift+O")
        self.open_server = self._make(_tr("Open model ser&ver..."), "Ctrl+Shift+M")
        self.open_session = self._make(_tr("Open sess&ion..."), "Ctrl+Alt+O")
        self.save_session = self._make(_tr("Save session &as..."), "Ctrl+Shift+S")
        self.demo = self._make(_tr("Try the &demo"), "Ctrl+D", "sparkles")
        self.save = self._make(_tr("&Save heat map..."), key.Save, "save")
        self.export = self._make(_tr("&Export..."), "Ctrl+E", "external-link")
        self.quit = self._make(_tr("&Quit"), "Ctrl+Q")
        undo, redo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
        self.undo = self._make(_tr("&Undo"), undo)
        self.redo = self._make(_tr("&Redo"), redo)
        self.paste = self._make(_tr("&Paste image"), key.Paste)
        self.remove = self._make(_tr("&Remove photo"), "Ctrl+Backspace")
        self.remove_model = self._make(_tr("Remove &model"), "Ctrl+Shift+Backspace")
        self.find_class = self._make(_tr("Choose a &class..."), "Ctrl+L", "search")
        self.zoom_in = self._make(_tr("Zoom &in"), key.ZoomIn)
        self.zoom_out = self._make(_tr("Zoom &out"), key.ZoomOut)
        self.fit = self._make(_tr("&Fit photo"), "Ctrl+0", "maximize")
        self.next_photo = self._make(_tr("&Next photo"), "Ctrl+Down")
        self.previous_photo = self._make(_tr("&Previous photo"), "Ctrl+Up")
        self.appearance = QActionGroup(window)
        for name, text in (
            ("system", _tr("Like the &system")),
            ("light", _tr("&Light")),
            ("dark", _tr("&Dark")),
        ):
            action = QAction(text, window, checkable=True)
            action.setData(name)
            self.appearance.addAction(action)
        self.modes = QActionGroup(window)
        for number, (name, text) in enumerate(
            (
                ("overlay", _tr("&Overlay")),
                ("side", _tr("&Side by side")),
                ("curtain", _tr("&Curtain")),
                ("keep", _tr("Only what &matters")),
                ("remove", _tr("&Without what matters")),
                ("contours", _tr("Co&ntour lines")),
            )
        ):
            action = QAction(text, window)
            action.setData(name)
            _set_shortcut(action, QKeySequence(f"Ctrl+{number + 1}"))
            self.modes.addAction(action)
        self.compare = self._make(_tr("Com&pare maps"), "Ctrl+K", "layout-grid")
        self.compare.setCheckable(True)
        self.what_if = self._make(_tr("What-if &brush"), "Ctrl+B", "brush")
        self.what_if.setCheckable(True)
        self.run = self._make(_tr("&Run"), "F5", "play")
        self.run_all = self._make(_tr("Explain &all photos"), "Shift+F5")
        self.run_chosen = self._make(_tr("Explain c&hosen photos"), "Ctrl+F5")
        self.run_top = self._make(_tr("Explain the &likeliest classes together"), "Alt+F5")
        self.cancel = self._make(_tr("&Cancel"), "Esc", "x")
        self.pause = self._make(_tr("&Pause the queue"), "F6", "pause")
        self.cancel_all = self._make(_tr("Cancel all &jobs"), "Shift+Esc")
        self.show_queue = self._make(_tr("Show the &queue"), "Ctrl+J")
        self.show_queue.setCheckable(True)
        self._make_help()
        self._fill_menus()

    def _make_help(self) -> None:
        self.settings = self._make(_tr("Se&ttings..."), "Ctrl+,", "settings")
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.shortcuts = self._make(_tr("&Keyboard shortcuts"), "F1")
        self.about = self._make(_tr("&About DE-CAM Studio"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.diagnostics = self._make(_tr("&Copy diagnostics"))

    @property
    def of_session(self) -> tuple[QAction, ...]:
        """Those that :class:`~decam_gui.session_commands.SessionCommands` enables and does."""
        return (
            self.save_session, self.undo, self.redo, self.paste, self.run_all, self.run_chosen,
            self.run_top, self.pause, self.cancel_all, self.show_queue,
        )  # fmt: skip

    def all(self) -> list[QAction]:
        """Those with a shortcut, in the order of the menus."""
        return [
            a
            for menu in self._menus
            for a in menu.actions()
            if not a.isSeparator() and not a.shortcut().isEmpty()
        ]

    def _make(
        self, text: str, shortcut: QKeySequence.StandardKey | str = "", icon: str = ""
    ) -> QAction:
        action = QAction(text, self._window)
        if shortcut:
            _set_shortcut(action, QKeySequence(shortcut))
        if icon:
            action.setIcon(theme.icon(icon))
        return action

    def _fill_menus(self) -> None:
        bar = self._window.menuBar()
        groups = (
            (
                _tr("&File"),
                (
                    self.open,
                    self.open_folder,
                    self.open_server,
                    self.demo,
                    None,
                    self.open_session,
                    self.save_session,
                    None,
                    self.save,
                    self.export,
                    None,
                    self.quit,
                ),
            ),
            (
                _tr("&Edit"),
                (
                    self.undo,
                    self.redo,
                    None,
                    self.paste,
                    None,
                    self.previous_photo,
                    self.next_photo,
                    self.remove,
                    self.remove_model,
                    None,
                    self.find_class,
                    None,
                    self.settings,
                ),
            ),
            (_tr("&View"), (self.zoom_in, self.zoom_out, self.fit, None)),
            (
                _tr("&Run"),
                (
                    self.run,
                    self.run_all,
                    self.run_chosen,
                    self.run_top,
                    None,
                    self.pause,
                    self.cancel,
                    self.cancel_all,
                    None,
                    self.show_queue,
                ),
            ),
            (_tr("&Help"), (self.shortcuts, None, self.diagnostics, self.about)),
        )
        self._menus = []
        for title, actions in groups:
            menu = bar.addMenu(title)
            self._menus.append(menu)
            for action in actions:
                if action is None:
                    menu.addSeparator()
                else:
                    menu.addAction(action)
        self._menus[2].addActions(self.modes.actions())
        self._menus[2].addSeparator()
        self._menus[2].addAction(self.what_if)
        self._menus[2].addAction(self.compare)
        self._menus[2].addSeparator()
        appearance = self._menus[2].addMenu(_tr("&Appearance"))
        appearance.addActions(self.appearance.actions())


def _tr(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


def _set_shortcut(action: QAction, keys: QKeySequence) -> None:
    # Given one alone, PySide makes the namespace ``Qt``: 15 ms before the first paint.
    action.setShortcuts([keys])
