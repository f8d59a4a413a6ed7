"""The page of comparisons: two real models, real runs, real clicks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from decam_engine import rank_correlation
from decam_gui.main_window import MainWindow
from decam_gui.workspace import Workspace
from tests.fakes import SIZE
from tests.gui.waiting import wait
from tests.onnx_models import linear_model, rectangle_weights, write_sidecar


@pytest.fixture
def int8_onnx(tmp_path: Path) -> Path:
    """The tiny model with its weights rounded to 8 bits, as quantising does."""
    weights = rectangle_weights(SIZE)
    step = np.abs(weights).max() / 127
    path = tmp_path / "rectangle-int8.onnx"
    linear_model(path, (np.rint(weights / step) * step).astype(np.float32), batch="N", size=SIZE)
    write_sidecar(path, labels=["bright spot", "other place"], size=SIZE)
    return path


def explain(qtbot, space: Workspace, method: str = "de") -> None:
    space.session.change_settings(space.run.settings.__class__(method=method, calls=450))
    space.session.run()
    wait(qtbot, lambda: space.session.job is None)


@pytest.fixture
def compared(qtbot, window: MainWindow, ready: Workspace, int8_onnx: Path) -> Workspace:
    """One photograph explained with both models, and the page open."""
    ready.trust_card.auto.setChecked(False)
    explain(qtbot, ready)
    window.open([int8_onnx])
    wait(qtbot, lambda: len(ready.session.models) == 2 and ready.session.can_run())
    explain(qtbot, ready)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert ready.compare_page.isVisible()
    return ready


def test_without_maps_the_page_says_how_they_come(window: MainWindow, ready: Workspace) -> None:
    QTest.mouseClick(ready.compare_button, Qt.MouseButton.LeftButton)
    assert ready.compare_page.isVisible()
    assert "Maps come here" in ready.compare_page.empty.text()
    QTest.mouseClick(ready.compare_page.back, Qt.MouseButton.LeftButton)
    assert ready.viewer.isVisible() and not window.actions_.compare.isChecked()


def test_float_against_int8(qtbot, compared: Workspace) -> None:
    page = compared.compare_page
    assert sorted(page.cells) == [(0, 0), (0, 1)]
    assert "Pick two maps" in page.said.text()
    QTest.mouseClick(page.cells[0, 0], Qt.MouseButton.LeftButton)
    assert page.cells[0, 0].mark == "A"
    cell = page.cells[0, 1]
    cell.setFocus()
    QTest.keyClick(cell, Qt.Key.Key_Space)
    assert cell.mark == "B" and page.difference.isVisible()
    first, second = (m.saliency for m in compared.comparison.maps)
    # Both models see the whole photograph here, so the ranks are nearly those on the input.
    told = next(line for line in page.said.text().splitlines() if "Rank" in line)
    assert float(told.rpartition(":")[2]) == pytest.approx(rank_correlation(first, second), abs=0.1)
    QTest.mouseClick(page.cells[0, 0], Qt.MouseButton.LeftButton)
    assert page.cells[0, 0].mark == "" and cell.mark == "A" and not page.difference.isVisible()


def test_zoom_and_cursor_are_linked(compared: Workspace) -> None:
    page = compared.compare_page
    first, second = page.cells[0, 0], page.cells[0, 1]
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Plus)
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert first.view == second.view and first.view[0] > 1
    QTest.keyClick(first, Qt.Key.Key_0)
    before = [c.grab().toImage() for c in (first, second)]
    QTest.keyClick(first, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    after = [c.grab().toImage() for c in (first, second)]
    assert all(b != a for b, a in zip(before, after, strict=True))
    shown = compared.comparison.maps[0]
    value = shown.placement.sample(shown.saliency, int(0.51 * 96), int(0.5 * 72))
    assert value is not None and first.value_at(QPointF(0.51, 0.5)) == pytest.approx(value)


def test_all_maps_have_one_colour_scale(compared: Workspace) -> None:
    page = compared.compare_page
    before = page.cells[0, 1].grab().toImage()
    combo = compared.viewer.colour_map
    combo.setCurrentIndex(combo.findData("viridis"))
    assert page.cells[0, 1].grab().toImage() != before
    assert page.bar.isVisible()


def test_columns_may_be_classes_or_methods(qtbot, compared: Workspace) -> None:
    page = compared.compare_page
    explain(qtbot, compared, "occlusion")
    assert page.dimension == "model" and len(page.cells) == 2
    page.columns.setCurrentIndex(page.columns.findData("method"))
    assert compared.comparison.values("method") == ["de", "occlusion"]
    names = {"DE-CAM (evolution)", "Occlusion (sliding patch)"}
    wait(qtbot, lambda: names <= {n.text() for n in page.findChildren(QLabel) if n.isVisible()})
    assert sorted(page.cells) == [(0, 0), (0, 1)]
    model = page.filters["model"]
    model.setCurrentIndex(model.findText("rectangle.onnx"))
    assert sorted(page.cells) == [(0, 0)]


def test_maps_of_other_photos_are_not_subtracted_and_gaps_are_filled(
    qtbot, compared: Workspace
) -> None:
    page = compared.compare_page
    compared.step_photo(1)
    wait(qtbot, compared.session.can_run)
    explain(qtbot, compared)
    assert sorted(page.cells) == [(0, 0), (0, 1), (1, 1)]
    QTest.mouseClick(page.cells[0, 0], Qt.MouseButton.LeftButton)
    QTest.mouseClick(page.cells[1, 1], Qt.MouseButton.LeftButton)
    assert "different photos" in page.said.text() and not page.difference.isVisible()
    QTest.mouseClick(page.fill, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: sorted(page.cells) == [(0, 0), (0, 1), (1, 0), (1, 1)])
    wait(qtbot, lambda: compared.session.job is None)


def test_ticked_classes_share_a_run(qtbot, ready: Workspace) -> None:
    ready.trust_card.auto.setChecked(False)
    ready.session.change_settings(ready.run.settings.__class__(calls=450))
    for tick in ready.predictions.ticks:
        tick.setChecked(True)
    assert ready.predictions.several.isEnabled()
    QTest.mouseClick(ready.predictions.several, Qt.MouseButton.LeftButton)
    wait(qtbot, lambda: len(ready.comparison.maps) == 2)
    wait(qtbot, lambda: ready.session.job is None)
    state = ready.session.state()
    assert state is not None and sorted(state.results) == [0, 1]
    assert sum(r.shared_calls for r in state.results.values()) > 0
