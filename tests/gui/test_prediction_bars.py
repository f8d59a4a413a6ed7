"""The bars of the inspector: scores kept and removed, and several classes in one run."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from decam_engine import Prediction, Region
from decam_gui.views.predictions import Predictions
from decam_gui.workspace import Workspace
from tests.gui.waiting import wait


def test_the_scores_kept_and_removed_are_shown_after_a_run(qtbot, ready: Workspace) -> None:
    assert ready.predictions.regions_text == ""
    ready.session.change_settings(ready.run.settings.__class__(preset="quick"))
    ready.session.run()
    wait(qtbot, lambda: ready.session.job is None)
    result = ready.session.result()
    assert result is not None and result.keep_region is not None
    assert "Only the keep region" in ready.predictions.regions_text
    assert f"{result.keep_region.score * 100:.1f} %" in ready.predictions.regions_text


def test_without_the_flip_region_the_new_answer_is_named(qtbot) -> None:
    card = Predictions()
    qtbot.addWidget(card)
    flip = Region(0.08, 0.1, 3, (Prediction(3, "lynx", 0.6),))
    card.show_regions(None, flip)
    assert card.regions_text == "Without the flip region (8.0 %): 10.0 %, the answer is lynx"


def test_ticked_classes_are_asked_for_together(qtbot) -> None:
    card = Predictions()
    qtbot.addWidget(card)
    card.show()
    found = [Prediction(i, f"class {i}", 0.5 - i / 10) for i in (4, 2, 3)]
    card.show_predictions(found, 4)
    card.set_can_run(True)
    assert not card.several.isVisible()
    asked: list[list[int]] = []
    card.several_requested.connect(asked.append)
    for tick in card.ticks[:2]:
        tick.setFocus()
        QTest.keyClick(tick, Qt.Key.Key_Space)
    assert card.several.isVisible() and "2 classes" in card.several.text()
    QTest.mouseClick(card.several, Qt.MouseButton.LeftButton)
    assert asked == [[4, 2]]
    # The ticks stay when the bars are made anew for other scores.
    card.show_predictions([Prediction(4, "class 4", 0.9), *found[1:]], 4)
    assert card.ticked == [4, 2]


def test_the_hollow_bar_shows_and_goes(qtbot) -> None:
    card = Predictions()
    qtbot.addWidget(card)
    card.show_predictions([Prediction(0, "cat", 0.7), Prediction(1, "dog", 0.2)], 0)
    low = card.bars[0].sizeHint().height()
    card.show_edit([0.1, 0.8], Prediction(1, "dog", 0.8))
    assert card.bars[0].after == 0.1
    assert "after your edit 10.0 %" in card.bars[0].accessibleName()
    assert "The answer is now dog (80.0 %)" in card.edited_text
    assert card.bars[0].sizeHint().height() > low
    card.show_edit(None)
    assert card.bars[0].after is None and card.edited_text == ""
