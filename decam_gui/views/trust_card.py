"""Whether the map proves anything: in a sentence, in scores, in curves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QProgressBar, QPushButton, QWidget

from decam_engine import Baselines, Evidence, Explanation, Faithfulness, Stability
from decam_gui import theme
from decam_gui.views.banner import Banner
from decam_gui.views.curve_plot import Curve, CurvePlot
from decam_gui.views.parts import Card, label
from decam_gui.views.predictions import percent
from decam_gui.views.share_slider import share_text

# Correlations from which two maps are said to agree, and to agree in part; below the second, the
# engine warns that their details are chance.
AGREES, AGREES_IN_PART = 0.7, 0.3


class TrustCard(Card):
    """A verdict, sentences, curves, and the way to get them."""

    check_requested = Signal()
    second_requested = Signal()
    stop_requested = Signal()
    auto_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.heading.setText(self.tr("TRUST"))
        self.verdict = Banner(closable=False)
        self.sentences = label("", wrap=True)
        self.insertion, self.deletion = CurvePlot(), CurvePlot()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress of the check"))
        self.progress_text = label("", "muted")
        self.check_button = QPushButton(self.tr("Check the map"))
        self.check_button.setIcon(theme.icon("shield-check"))
        self.check_button.clicked.connect(self.check_requested)
        self.second_button = QPushButton(self.tr("Try a second seed"))
        self.second_button.setToolTip(
            self.tr("Search again with another seed, and see whether the map comes out alike")
        )
        self.second_button.clicked.connect(self.second_requested)
        self.stop_button = QPushButton(self.tr("Stop"))
        self.stop_button.clicked.connect(self.stop_requested)
        self.auto = QCheckBox(self.tr("Check each new map"))
        self.auto.setToolTip(
            self.tr("By itself, once no search is under way; a third of a balanced run's calls")
        )
        self.auto.toggled.connect(self.auto_changed)
        working = QHBoxLayout()
        working.setSpacing(theme.GRID)
        working.addWidget(self.progress_text, 1)
        working.addWidget(self.stop_button)
        self.column.addWidget(self.verdict)
        self.column.addWidget(self.sentences)
        self.column.addWidget(self.insertion)
        self.column.addWidget(self.deletion)
        self.column.addWidget(self.progress)
        self.column.addLayout(working)
        self.column.addWidget(self.check_button)
        self.column.addWidget(self.second_button)
        self.column.addWidget(self.auto)
        self.show_empty()

    @property
    def text(self) -> str:
        """All sentences, for those who read rather than look."""
        return "\n".join(t for t in (self.verdict.text, self.sentences.text()) if t)

    def show_empty(self) -> None:
        """There is no map yet."""
        self._say("", "", self.tr("Shown once there is a map."))
        self._show_curves(None)
        self._show_buttons(check=False, second=False)
        self.show_running(False)

    def show_unchecked(self, *, can_check: bool) -> None:
        """Nobody knows yet."""
        self._say(
            "info",
            self.tr("Not checked: nobody knows yet whether this map beats one that knows nothing."),
            "",
        )
        self._show_curves(None)
        self._show_buttons(check=can_check, second=can_check)

    def show_failed(self, problem: str, *, can_check: bool) -> None:
        """The check gave nothing."""
        self._say("error", problem, "")
        self._show_curves(None)
        self._show_buttons(check=can_check, second=False)

    def show_checking(self) -> None:
        """The check is under way."""
        self._say("", "", self.tr("Measuring the map against a random order and a centred blob."))
        self._show_curves(None)
        self._show_buttons(check=False, second=False)

    def show_checked(self, result: Explanation, better: bool, *, can_check: bool) -> None:
        """What came of it."""
        measured, known = result.faithfulness, result.baselines
        if measured is None or known is None:
            return
        if better:
            kind = "success"
            text = self.tr("Better than chance: the map beats a random order and a centred blob.")
        elif not result.input_saliency.any():
            kind, text = "warning", self.tr("The map is empty: it proves nothing.")
        else:
            names = [
                name
                for name, value in (
                    (self.tr("a centred blob"), known.centre),
                    (self.tr("a random order"), known.random),
                )
                if measured.difference <= value
            ]
            kind = "warning"
            text = self.tr("This map proves nothing: it is no better than {0}.").format(
                self.tr(" and ").join(names)
            )
        evidence = result.evidence
        self._say(kind, text, "" if evidence is None else self._sentence(result, evidence))
        self._show_curves(measured, known)
        self._show_buttons(check=False, second=can_check)

    def add_stability(self, found: Stability) -> None:
        """How far the map of another seed agrees."""
        value = found.value_correlation
        if value is None:
            text = self.tr(
                "A second search (seed {0}) cannot be compared: one of the maps is flat."
            )
        elif value >= AGREES:
            text = self.tr("Stable: a second search (seed {0}) gives nearly the same map")
        elif value >= AGREES_IN_PART:
            text = self.tr("Stable in part: a second search (seed {0}) gives a similar map")
        else:
            text = self.tr("Not stable: a second search (seed {0}) gives another map")
        if value is not None:
            text += self.tr(" (correlation {1:.2f}; the top tenths share {2:.0f} % of their area).")
        said = text.format(found.seed, value, (found.overlap or 0.0) * 100)
        self.add_warnings((said,))
        self.second_button.hide()

    def add_warnings(self, warnings: tuple[str, ...]) -> None:
        """What the engine wants one to know, in its words."""
        if warnings:
            before = self.sentences.text()
            said = "\n".join(warnings)
            self.sentences.setText(f"{before}\n\n{said}" if before else said)
            self.sentences.show()

    def show_running(self, running: bool, calls: int = 0, of: int = 0) -> None:
        """How far the check or the second search is."""
        for widget in (self.progress, self.progress_text, self.stop_button):
            widget.setVisible(running)
        if running:
            self.progress.setRange(0, max(1, of))
            self.progress.setValue(calls)
            self.progress_text.setText(self.tr("{0:,} of {1:,} calls").format(calls, of))

    def set_auto(self, auto: bool) -> None:
        """Whether each new map is checked by itself."""
        self.auto.setChecked(auto)

    def _sentence(self, result: Explanation, e: Evidence) -> str:
        name, share = result.target.label, share_text(e.fraction)
        answer = e.kept[0]
        if answer.index == result.target.index:
            first = self.tr(
                "With only the brightest {0} of the photo the model still says {1} ({2})."
            ).format(share, name, percent(e.kept_score))
        else:
            first = self.tr(
                "With only the brightest {0} of the photo the model says {3}, and {1} gets {2}."
            ).format(share, name, percent(e.kept_score), answer.label)
        return " ".join(
            (
                first,
                self.tr("Without it: {0}.").format(percent(e.removed_score)),
                self.tr("A random {0} gives {1}.").format(share, percent(e.chance_score)),
            )
        )

    def _say(self, kind: str, verdict: str, sentences: str) -> None:
        if verdict:
            self.verdict.tell(kind, verdict)
        else:
            self.verdict.clear()
        self.sentences.setText(sentences)
        self.sentences.setVisible(bool(sentences))

    def _show_buttons(self, *, check: bool, second: bool) -> None:
        self.check_button.setVisible(check)
        self.second_button.setVisible(second)

    def _show_curves(self, measured: Faithfulness | None, known: Baselines | None = None) -> None:
        plots = (self.insertion, self.deletion)
        for plot in plots:
            plot.setVisible(measured is not None)
        if measured is None or known is None:
            return
        titles = (
            (self.tr("Insertion: higher is better"), self.tr("of the pixels put back")),
            (self.tr("Deletion: lower is better"), self.tr("of the pixels taken away")),
        )
        own = (measured.insertion_curve, measured.deletion_curve)
        for number, plot in enumerate(plots):
            values = tuple(float(v) for v in own[number])
            curves = [Curve(self.tr("This map"), values, _area(values), width=2.5, main=True)]
            for name, found, style in (
                (self.tr("Centred blob"), known.centre_curves, Qt.PenStyle.DashLine),
                (self.tr("Random order"), known.random_curves, Qt.PenStyle.DotLine),
            ):
                if found is not None:
                    curves.append(Curve(name, found[number], _area(found[number]), style))
            plot.show_curves(*titles[number], curves)


def _area(values: tuple[float, ...]) -> float:
    """By the trapezoid rule over the unit interval, as the engine's."""
    inner = sum(values) - (values[0] + values[-1]) / 2
    return inner / max(1, len(values) - 1)
