"""Settings: what they show, that they hold at once, and that they are remembered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from decam_engine import DEFAULT_OPACITY
from decam_gui import language, theme
from decam_gui.dialogs.settings import SettingsDialog
from decam_gui.main_window import MainWindow
from decam_gui.pace import Pace
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


def opened(window: MainWindow) -> SettingsDialog:
    """The dialog, as its menu entry opens it."""
    window.actions_.settings.trigger()
    found = window.findChildren(SettingsDialog)
    assert found and found[-1].isVisible()
    return found[-1]


def pick(box: QComboBox, data: object) -> None:
    """Choose an entry as a user does."""
    row = box.findData(data)
    assert row >= 0
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_changes_hold_at_once_and_at_the_next_start(
    window: MainWindow, space: Workspace, tmp_path: Path
) -> None:
    dialog = opened(window)
    assert dialog.opacity.value() == round(DEFAULT_OPACITY * 100)
    pick(dialog.appearance, "dark")
    assert theme.current() is theme.DARK
    pick(dialog.colour_map, "cividis")
    dialog.opacity.setValue(35)
    assert space.viewer.look == ("cividis", 0.35)
    pick(dialog.preset, "thorough")
    pick(dialog.fill, "black")
    assert space.session.settings == RunSettings(preset="thorough", fill="black")
    assert space.run.settings == space.session.settings
    dialog.ask_folder = lambda: str(tmp_path / "exports")
    dialog._choose_folder()
    assert window.asking.last_folder("save") == str(tmp_path / "exports")
    dialog.close()
    window.close()
    again = MainWindow()
    again.open_workspace()
    assert again.workspace is not None
    assert again.workspace.session.settings == RunSettings(preset="thorough", fill="black")
    assert again.workspace.viewer.look == ("cividis", 0.35)
    assert theme.current() is theme.DARK
    again.close()
    again.deleteLater()


def test_the_systems_appearance_is_followed_while_open(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.set_appearance("system")
    changed = QGuiApplication.styleHints().colorSchemeChanged
    for scheme, name in (
        (theme.DARK, Qt.ColorScheme.Dark),
        (theme.LIGHT, Qt.ColorScheme.Light),
    ):
        monkeypatch.setattr(theme, "system_scheme", lambda s=scheme: s)
        changed.emit(name)
        assert theme.current() is scheme
        assert window.palette().window().color() == QColor(scheme.window)
    # Whoever chose one keeps it.
    window.set_appearance("light")
    monkeypatch.setattr(theme, "system_scheme", lambda: theme.DARK)
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.LIGHT


def test_a_language_holds_at_once(qtbot, window: MainWindow) -> None:
    dialog = opened(window)
    try:
        pick(dialog.language, "de")
        assert QSettings().value("window/language") == "de"
        wait(qtbot, lambda: dialog.windowTitle() == "Einstellungen")
        assert window.actions_.open.text() == "Ö&ffnen ..."
        assert dialog.language.currentText() == "Deutsch"
        pick(dialog.language, "en")
        wait(qtbot, lambda: dialog.windowTitle() == "Settings")
        assert window.actions_.open.text() == "&Open..."
    finally:
        language.apply(QApplication.instance(), "en")


def test_the_cache_is_measured_and_cleared_but_nothing_else(window: MainWindow) -> None:
    folder = Path(os.environ["DECAM_CACHE_DIR"])
    (folder / "probes").mkdir(parents=True, exist_ok=True)
    (folder / "probes" / "x.json").write_text("{}" * 600)
    foreign = folder / "holiday.jpg"
    foreign.write_bytes(b"of the user")
    dialog = opened(window)
    assert "kB" in dialog.cache.text()
    QTest.mouseClick(dialog.clear_button, Qt.MouseButton.LeftButton)
    assert dialog.cache.text() == "Empty"
    assert not dialog.clear_button.isEnabled()
    assert foreign.exists() and not (folder / "probes" / "x.json").exists()
    foreign.unlink()


def test_the_time_of_a_run_is_told_before_and_measured_by_it(
    qtbot, window: MainWindow, space: Workspace, photo_files: list[Path], rectangle_onnx: Path
) -> None:
    assert "once the model was asked" in space.run.time.text()
    window.open([photo_files[0], rectangle_onnx])
    wait(qtbot, space.session.can_run)
    assert "At most about" in space.run.time.text()
    space.session.change_settings(RunSettings(calls=200))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)
    assert "in the last run" in space.run.time.text()
    box = space.session.box()
    assert box is not None and box.identity
    rate = space.pace.rate(box.identity)
    space.pace.save()
    remembered = Pace(QSettings()).rate(box.identity)
    assert rate is not None and remembered is not None
    assert abs(rate - remembered) < 0.001


def test_expert_settings_are_folded_away_but_said(window: MainWindow, ready: Workspace) -> None:
    space = ready
    assert not space.run.method.isVisible()
    assert "DE-CAM (evolution); hidden: automatic; seed 0" in space.run.expert_summary.text()
    space.run.expert_button.setFocus()
    QTest.keyClick(space.run.expert_button, Qt.Key.Key_Space)
    assert space.run.method.isVisible() and space.run.seed.isVisible()
    space.run.seed.setValue(7)
    assert space.session.settings.seed == 7
    space.run.expert_button.click()
    assert "seed 7" in space.run.expert_summary.text()


def test_diagnostics_are_copied_from_the_menu(window: MainWindow) -> None:
    window.actions_.diagnostics.trigger()
    assert "onnxruntime" in QApplication.clipboard().text()


def test_about_names_versions_and_licences(window: MainWindow) -> None:
    from decam_gui import diagnostics
    from decam_gui.dialogs.help import AboutDialog

    rows = {name: (number, licence) for name, number, licence in diagnostics.components()}
    assert "LGPL" in rows["PySide6"][1]
    assert all(number and licence for number, licence in rows.values()), rows
    texts = dict(diagnostics.licence_texts())
    assert "Apache License" in texts["DE-CAM Studio"] and "Lucide" in texts["icons"]
    about = AboutDialog(window)
    assert about.tabs.count() == 2
    about.deleteLater()
