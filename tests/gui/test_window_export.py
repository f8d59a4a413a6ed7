"""The export dialog: what, which formats, the look of each, to where."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from decam_engine import FORMATS
from decam_gui.dialogs.export import ExportDialog
from decam_gui.main_window import MainWindow
from decam_gui.session import RunSettings
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


def explained(qtbot, space: Workspace) -> None:
    """One map of the photograph on show."""
    space.session.change_settings(RunSettings(calls=100))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None and space.session.result() is not None)


def opened(qtbot, window: MainWindow, space: Workspace, folder: Path) -> ExportDialog:
    """The dialog, writing into this folder."""
    window.actions_.export.trigger()
    dialog = space.exporting.dialog
    assert dialog is not None and dialog.isVisible()
    dialog.folder.setText(str(folder))
    # What a reader must know is looked for first.
    wait(qtbot, dialog.export_button.isEnabled)
    return dialog


def choose(dialog: ExportDialog, *names: str) -> None:
    """These formats and no others."""
    for name, box in dialog.boxes.items():
        box.setChecked(name in names)


@pytest.fixture
def dialog(qtbot, window: MainWindow, ready: Workspace, tmp_path: Path) -> ExportDialog:
    """Open on one map."""
    assert not window.actions_.export.isEnabled()
    explained(qtbot, ready)
    return opened(qtbot, window, ready, tmp_path / "out")


def test_the_formats_are_those_of_the_engine(dialog: ExportDialog) -> None:
    assert list(dialog.boxes) == list(FORMATS)
    assert dialog.formats() == ["png", "npy", "json"]
    assert list(dialog.choices) == ["map"]


def test_every_format_has_a_preview(qtbot, dialog: ExportDialog) -> None:
    for name in FORMATS:
        choose(dialog, name)
        wait(qtbot, lambda: dialog.preview.words != "Making the preview...")
        page = dialog.preview
        if name in ("png", "figure", "pdf"):
            assert page.pages._pictures and page.pages._pictures[0].width() >= 400, name
        elif name == "html":
            assert page.words.endswith("without the network.") and page.open_button.isVisible()
        else:
            assert "float32" in page.text.toPlainText() or '"schema' in page.text.toPlainText()
    choose(dialog)
    assert "Choose a format" in dialog.preview.words
    assert not dialog.export_button.isEnabled()


def test_this_map_is_written_and_the_choices_are_remembered(
    qtbot, window: MainWindow, ready: Workspace, dialog: ExportDialog, tmp_path: Path
) -> None:
    choose(dialog, "json", "html", "pdf")
    logo = tmp_path / "logo.png"
    Image.new("RGB", (300, 90), (20, 90, 160)).save(logo)
    dialog.form.ask_file = lambda *_: str(logo)
    QTest.keyClicks(dialog.form.title, "A report")
    QTest.keyClicks(dialog.form.organisation, "The Institute")
    dialog.form.notes.setPlainText("File 12/2026.\n\nChecked.")
    QTest.mouseClick(dialog.form.logo_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "3 files were written" in dialog.banner.text)
    page = next((tmp_path / "out").glob("*.html")).read_text(encoding="utf-8")
    assert all(t in page for t in ("A report", "The Institute", "File 12/2026.", "Checked."))
    QTest.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: ready.exporting.dialog is None)
    again = opened(qtbot, window, ready, tmp_path / "out")
    assert again.formats() == ["json", "html", "pdf"]
    template = again.form.template()
    assert template is not None and template.title == "A report" and template.logo
    assert template.notes == ("File 12/2026.", "Checked.")


def test_a_template_file_fills_the_fields_and_a_bad_one_is_said(
    dialog: ExportDialog, tmp_path: Path
) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"title": "From a file", "paper": "Letter"}), encoding="utf-8")
    dialog.form.ask_file = lambda *_: str(file)
    dialog.form.load()
    assert dialog.form.title.text() == "From a file"
    assert dialog.form.paper.currentText() == "Letter"
    file.write_text("{", encoding="utf-8")
    dialog.form.load()
    assert "template.json could not be read" in dialog.form.banner.text


def test_everything_is_every_map_of_the_session(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    explained(qtbot, ready)
    ready.step_photo(1)
    wait(qtbot, ready.session.can_run)
    explained(qtbot, ready)
    dialog = opened(qtbot, window, ready, tmp_path / "out")
    assert list(dialog.choices) == ["map", "all"]
    dialog.choices["all"].setFocus()
    assert dialog.export_button.isEnabled()
    QTest.keyClick(dialog.choices["all"], Qt.Key.Key_Space)
    choose(dialog, "json")
    wait(qtbot, dialog.export_button.isEnabled)
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "2 files were written" in dialog.banner.text)
    names = sorted(json.loads(p.read_text())["photo"]["name"] for p in (tmp_path / "out").glob("*"))
    assert names == ["photo 0.png", "photo 1.png"]


def test_a_folder_that_cannot_be_written_is_said_beside_the_button(
    qtbot, dialog: ExportDialog, tmp_path: Path
) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    dialog.folder.setText(str(blocked / "inside"))
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "could not be written" in dialog.banner.text)
    assert dialog.export_button.isEnabled()


def test_a_map_that_proves_nothing_says_so_before_it_is_exported(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    explained(qtbot, ready)
    state = ready.session.state()
    assert state is not None and state.target is not None
    plain = state.results[state.target]
    warned = dataclasses.replace(plain, warnings=("No better than a random order.",))
    state.results[state.target] = warned
    dialog = opened(qtbot, window, ready, tmp_path / "out")
    assert dialog.warnings.isVisible()
    assert dialog.warnings.text == "No better than a random order."
    dialog.reject()
    wait(qtbot, lambda: ready.exporting.dialog is None)
    # Neither does the short way go around it.
    window.ask_folder = lambda: pytest.fail("a folder was asked for before the warning was shown")
    window.actions_.save.trigger()
    again = ready.exporting.dialog
    assert again is not None and not again.export_button.isEnabled()
    wait(qtbot, again.warnings.isVisible)


def test_closing_the_window_during_an_export_ends_it(
    qtbot, window: MainWindow, ready: Workspace, dialog: ExportDialog
) -> None:
    choose(dialog, *FORMATS)
    dialog.export()
    assert window.close()
    assert window.workspace is None


def test_reports_of_all_maps_are_previewed_and_written(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    explained(qtbot, ready)
    ready.session.change_settings(RunSettings(method="rise", calls=100))
    ready.step_photo(1)
    wait(qtbot, ready.session.can_run)
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None and ready.session.result() is not None)
    dialog = opened(qtbot, window, ready, tmp_path / "out")
    assert not dialog.books.isVisible()  # one map is no collection
    dialog.choices["all"].click()
    assert dialog.books.isVisible()
    choose(dialog)
    assert not dialog.export_button.isEnabled()
    for name, box in dialog.books.boxes.items():
        if name.startswith("comparison"):
            continue
        box.click()
        wait(qtbot, lambda: dialog.preview.words != "Making the preview...")
        page = dialog.preview
        if name.endswith("pdf"):
            assert len(page.pages._pictures) >= 2
        elif name.endswith("html"):
            assert page.open_button.isVisible()
        else:
            assert "photo 0" in page.text.toPlainText()
    # Maps of different photographs cannot be compared, which is said where they would be shown.
    dialog.books.boxes["comparison.html"].click()
    wait(qtbot, lambda: dialog.preview.words != "Making the preview...")
    assert dialog.preview.words and not dialog.preview.open_button.isVisible()
    dialog.books.boxes["comparison.html"].click()
    wait(qtbot, dialog.export_button.isEnabled)
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "3 files were written" in dialog.banner.text)
    names = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names == ["report.csv", "report.html", "report.pdf"]
    # A second time, nothing of the first is written over.
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: len(list((tmp_path / "out").iterdir())) == 6)


def test_a_grid_of_methods_is_written_as_a_comparison(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    explained(qtbot, ready)
    ready.session.run_targets([1])
    wait(qtbot, lambda: ready.session.job is None)
    window.actions_.compare.setChecked(True)
    ready.compare_page.columns.setCurrentIndex(ready.compare_page.columns.findData("label"))
    ready.comparing.refresh()
    dialog = opened(qtbot, window, ready, tmp_path / "out")
    assert next(iter(dialog.choices)) == "grid"
    choose(dialog)
    dialog.books.boxes["comparison.pdf"].click()
    wait(qtbot, lambda: bool(dialog.preview.pages._pictures))
    dialog.books.boxes["comparison.png"].click()
    dialog.books.boxes["comparison.csv"].click()
    wait(qtbot, dialog.export_button.isEnabled)
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "3 files were written" in dialog.banner.text)
    lines = (tmp_path / "out" / "comparison.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2 and "bright spot" in lines[1]


def test_maps_that_cannot_be_read_do_not_keep_the_others_from_being_written(
    qtbot, window: MainWindow, ready: Workspace, tmp_path: Path
) -> None:
    explained(qtbot, ready)
    ready.step_photo(1)
    wait(qtbot, ready.session.can_run)
    explained(qtbot, ready)
    session = ready.session
    first, second = session.paths[:2]
    states = [session.findings.states[p, session.model.address] for p in (first, second)]
    wait(qtbot, lambda: all(s.kept for s in states))
    # One was moved and found again, the other is gone.
    moved = tmp_path / "elsewhere.png"
    first.rename(moved)
    session.photo_moved(first, moved)
    second.rename(tmp_path / "unknown")
    for state in states:
        state.results.clear()
    dialog = opened(qtbot, window, ready, tmp_path / "out")
    dialog.choices["all"].click()
    choose(dialog, "json")
    wait(qtbot, dialog.export_button.isEnabled)
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: "1 maps could not be read" in dialog.banner.text)
    assert "1 files were written" in dialog.banner.text and "photo 1.png" in dialog.banner.text
