"""The trust card: real checks of real maps in a real window."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from decam_engine import CHECK_CALLS, EVIDENCE_CALLS
from decam_gui.main_window import MainWindow
from decam_gui.trust import Standing
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait
from tests.onnx_models import square_root_model, write_sidecar


@pytest.fixture
def done(qtbot, ready: Workspace) -> Workspace:
    """A finished run that nobody has checked."""
    ready.trust_card.auto.setChecked(False)
    ready.session.change_settings(ready.run.settings.__class__(preset="quick"))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    return ready


def test_without_a_map_there_is_nothing_to_check(ready: Workspace) -> None:
    assert ready.trust.standing() is Standing.NONE
    assert "Shown once" in ready.trust_card.text
    assert not ready.trust_card.check_button.isVisibleTo(ready)


def test_a_check_on_request_says_what_the_map_is_worth(qtbot, done: Workspace) -> None:
    card, trust = done.trust_card, done.trust
    assert trust.standing() is Standing.UNCHECKED
    assert "Not checked" in card.text
    told: list[tuple[int, int]] = []
    trust.progressed.connect(lambda calls, of: told.append((calls, of)))
    before = done.session.box().calls
    card.check_button.setFocus()
    QTest.keyClick(card.check_button, Qt.Key.Key_Space)
    assert trust.standing() is Standing.RUNNING
    assert card.stop_button.isVisibleTo(done)
    wait(qtbot, lambda: trust.running is None)
    assert done.session.box().calls - before == CHECK_CALLS + EVIDENCE_CALLS
    assert told[-1][0] <= told[-1][1] == CHECK_CALLS + EVIDENCE_CALLS
    assert trust.standing() is Standing.BETTER
    assert "Better than chance" in card.text
    assert "the model still says bright spot" in card.text
    assert "A random" in card.text
    result = done.session.result()
    assert result is not None and result.faithfulness is not None
    curves = card.insertion.curves
    assert [c.name for c in curves] == ["This map", "Centred blob", "Random order"]
    assert len({(c.style, c.width) for c in curves}) == 3
    assert curves[0].area == pytest.approx(result.faithfulness.insertion, abs=1e-5)
    assert card.deletion.curves[0].area == pytest.approx(result.faithfulness.deletion, abs=1e-5)
    assert "0." in card.insertion.accessibleDescription()


def test_each_new_map_is_checked_by_itself(qtbot, ready: Workspace) -> None:
    assert ready.trust_card.auto.isChecked()
    ready.session.change_settings(ready.run.settings.__class__(preset="quick"))
    ready.session.run()
    wait(qtbot, lambda: ready.trust.standing() is Standing.BETTER)


def test_a_map_that_proves_nothing_says_so(qtbot, done: Workspace) -> None:
    result, state = done.session.result(), done.session.state()
    assert result is not None and state is not None
    # The worst map there is: it points at all but what the model looks at.
    worst = np.ascontiguousarray(result.input_saliency.max() - result.input_saliency)
    state.results[result.target.index] = dataclasses.replace(result, input_saliency=worst)
    done.session.result_changed.emit()
    done.trust.check()
    wait(qtbot, lambda: done.trust.standing() is Standing.NOTHING)
    assert "proves nothing" in done.trust_card.text
    assert "proves nothing" in done.viewer.warnings.text


def test_a_stopped_check_stays_stopped(qtbot, done: Workspace) -> None:
    done.trust.check()
    done.trust_card.auto.setChecked(True)
    done.trust.stop()
    wait(qtbot, lambda: done.trust.running is None)
    if done.trust.standing() is Standing.UNCHECKED:  # it may have been done before
        assert "Not checked" in done.trust_card.text
        assert done.trust.can_assess()


def test_a_second_seed_tells_how_stable_the_map_is(qtbot, done: Workspace) -> None:
    first = done.session.result()
    assert first is not None and first.stability is None
    done.trust_card.second_button.click()
    wait(qtbot, lambda: done.trust.running is None)
    known = done.session.result()
    assert known is not None and known.stability is not None and known.stability.seed == 1
    assert f"{known.stability.value_correlation:.2f}" in done.trust_card.text
    assert "table" in done.trust_card.text
    assert not done.trust_card.second_button.isVisibleTo(done)
    assert known.input_saliency is first.input_saliency


def test_what_the_card_knows_is_there_when_the_session_is_opened_again(
    qtbot, window: MainWindow, done: Workspace
) -> None:
    done.trust.check()
    wait(qtbot, lambda: done.trust.standing() is Standing.BETTER)
    done.trust.search_again()
    wait(qtbot, lambda: done.trust.running is None)
    said, folder = done.trust_card.text, done.keeping.folder
    assert "the model still says bright spot" in said and "second search" in said
    assert folder is not None
    window.close()

    again = MainWindow()
    again.open_session(folder)
    again.open_workspace()
    space = again.workspace
    assert space is not None
    # Were anything to be asked again, it would be by itself.
    space.trust_card.set_auto(True)
    wait(qtbot, lambda: space.session.result() is not None)
    assert space.trust.running is None
    assert space.trust_card.text == said
    assert len(space.trust_card.insertion.curves) == 3
    again.close()
    again.deleteLater()


def test_another_photo_is_not_told_what_was_found_of_the_first(qtbot, done: Workspace) -> None:
    done.trust.check()
    done.step_photo(1)
    wait(qtbot, lambda: done.trust.running is None)
    assert done.trust.standing() is Standing.NONE
    assert "Shown once" in done.trust_card.text


def test_closing_while_a_check_runs_waits_for_no_more_than_its_batch(
    qtbot, window: MainWindow, done: Workspace
) -> None:
    done.trust.search_again()
    window.close()


def test_the_wish_is_remembered(qtbot, window: MainWindow, done: Workspace) -> None:
    window.close()
    again = MainWindow()
    again.open_workspace()
    assert again.workspace is not None
    assert not again.workspace.trust_card.auto.isChecked()
    again.close()
    again.deleteLater()


@pytest.fixture
def fragile(qtbot, window: MainWindow, space: Workspace, tmp_path: Path) -> Workspace:
    """A model that answers bright photographs, and with NaN when too much of one is dark."""
    model = square_root_model(tmp_path / "root.onnx")
    write_sidecar(
        model, size=(8, 8), activation="none", preprocessing={"scale": 1 / 255, "resize": "squash"}
    )
    pixels = np.full((40, 40, 3), (250, 240, 230), dtype=np.uint8)
    photo = tmp_path / "bright.png"
    Image.fromarray(pixels).save(photo)
    space.trust_card.auto.setChecked(False)
    window.open([photo, model])
    wait(qtbot, space.session.can_run)
    return space


def test_a_model_that_fails_on_the_way_is_told_in_the_card(qtbot, fragile: Workspace) -> None:
    fragile.session.change_settings(fragile.run.settings.__class__(calls=60, fill="blur"))
    fragile.session.run()
    wait(qtbot, lambda: fragile.session.job is None)
    assert fragile.session.result() is not None
    fragile.trust.check()
    wait(qtbot, lambda: fragile.trust.running is None)
    assert fragile.trust.standing() is Standing.FAILED
    assert "not numbers" in fragile.trust_card.text
    assert fragile.trust_card.check_button.isVisibleTo(fragile)


def test_a_model_that_fails_on_the_brush_is_told_beside_it(qtbot, fragile: Workspace) -> None:
    fragile.editing.button.setChecked(True)
    fragile.edit.set_fill("black")
    fragile.edit.use(np.zeros((8, 8), dtype=bool))
    wait(qtbot, lambda: not fragile.edit.busy)
    assert "not numbers" in fragile.editing.bar.said.text()
    assert fragile.predictions.bars[0].after is None
    fragile.edit.undo()
    fragile.edit.set_fill("blur")
    fragile.edit.dab(4.0, 4.0, (1.5, 1.5), hide=True)
    wait(qtbot, lambda: fragile.edit.answer is not None)
    assert "hidden" in fragile.editing.bar.said.text()
