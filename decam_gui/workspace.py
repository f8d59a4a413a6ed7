"""The working part of the window: session, workers and views, and how they are connected.

It needs the engine, whose import takes a moment, so the window loads it after it is painted.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSettings, Slot
from PySide6.QtWidgets import QScrollArea, QWidget

from decam_engine import DEFAULT_COLOUR_MAP, DEFAULT_OPACITY, FILLS, PRESETS
from decam_gui.checkup import Checkup
from decam_gui.comparing import Comparing
from decam_gui.comparison import Comparison
from decam_gui.consulting import Consultation
from decam_gui.cutting import Cutting
from decam_gui.edit import Edit
from decam_gui.editing import Editing
from decam_gui.exporter import Scope
from decam_gui.exporting import Exporting
from decam_gui.keeping import Keeping
from decam_gui.pace import Pace
from decam_gui.panels import Views
from decam_gui.queueing import Queueing
from decam_gui.session import RunSettings, Session
from decam_gui.shelving import Shelving
from decam_gui.showing import Showing
from decam_gui.trust import Trust
from decam_gui.trusting import Trusting
from decam_gui.views.map_layer import Mode
from decam_gui.workers import Workers


class Workspace(Views):
    """Connects the views with the session; what they mean is its matter."""

    def __init__(self, settings: QSettings, parent: QWidget | None = None) -> None:
        first = _default_settings(settings)
        super().__init__(first, parent)
        self._settings = self.settings = settings
        self.session = Session(self)
        self.session.set_settings(first)
        self.checkup = Checkup(self.session, self)
        self.consultation: Consultation | None = None
        self.exporting = Exporting(settings, self)
        self.trust = Trust(self.session, self)
        self.trust.auto = settings.value("trust/auto", True, bool)
        self.edit = Edit(self.session, self)
        self.editing = Editing(self.session, self.edit, self.viewer, self.predictions, self)
        self.keeping = Keeping(self.session, settings, self)
        self.pace = Pace(settings)
        self._connect_views()
        # Before all that look at what is on show.
        self.showing = Showing(self.session, self, self.keeping, self.pace, self)
        self.viewer.head.insertWidget(2, self.compare_button)
        self.comparison = Comparison(self.session, self)
        self.comparing = Comparing(
            self.session, self.comparison, self.compare_page, self.viewer, self
        )
        self.cutting = Cutting(self.session, self.viewer, self)
        askers = self.edit, self.cutting
        self.workers = Workers(self.session, self.trust, self.checkup, self.keeping, askers, self)
        self.trusting = Trusting(self.session, self.trust, self.trust_card, self)
        self.shelving = Shelving(self.session, self.photos, self.workers.thumbnailer, self)
        self.queueing = Queueing(self.session, self.queue, self)
        self.workers.reader.scored.connect(self.showing.note_first_call)
        self.set_tab_order([self.editing.button, *self.editing.bar.tab_order()])
        self._restore_look()
        self.showing.show_all()

    def start_workers(self) -> None:
        """Begin to answer requests."""
        self.workers.start()

    def shut_down(self) -> None:
        """Stop whatever runs, wait for its batch, end the threads."""
        self.workers.stop()
        self.shelving.shut_down()
        self.queueing.shut_down()
        if self.consultation is not None:
            self.consultation.dialog.close()
        self.exporting.shut_down()
        self.workers.end()
        colour_map, opacity = self.viewer.look
        self._settings.setValue("viewer/colour_map", colour_map)
        self._settings.setValue("viewer/opacity", opacity)
        self.pace.save()
        self._settings.setValue("trust/auto", self.trust.auto)

    def _connect_views(self) -> None:
        s, keeping = self.session, self.keeping
        self.model.chosen.connect(self._choose_model)
        self.models.chosen.connect(self._choose_model)
        self.models.removed.connect(self._remove_model)
        self.model.demo_requested.connect(s.open_demo_model)
        self.model.changed.connect(s.change_model)
        self.model.check_requested.connect(self.open_doctor)
        self.predictions.chosen.connect(s.choose_target)
        self.predictions.named.connect(s.choose_target_named)
        self.predictions.several_requested.connect(s.run_targets)
        self.run.changed.connect(s.change_settings)
        self.image.changed.connect(s.change_reading)
        self.run.run_requested.connect(s.run)
        self.queue.cancelled.connect(s.cancel)
        self.queue.continue_requested.connect(keeping.continue_jobs)
        self.queue.discard_requested.connect(keeping.discard_jobs)

    def _choose_model(self, row: int) -> None:
        if 0 <= row < len(self.session.models):
            self.session.choose_model(self.session.models[row])

    def _remove_model(self, row: int) -> None:
        if 0 <= row < len(self.session.models):
            self.session.remove_model(self.session.models[row])

    def _restore_look(self) -> None:
        colour_map = self._settings.value("viewer/colour_map", DEFAULT_COLOUR_MAP)
        try:
            opacity = float(str(self._settings.value("viewer/opacity", DEFAULT_OPACITY)))
        except ValueError:
            opacity = DEFAULT_OPACITY
        self.viewer.set_look(str(colour_map), opacity)

    def use_default(self, key: str) -> None:
        """A remembered value was changed in the settings: it holds at once."""
        if key.startswith("viewer/"):
            self._restore_look()
        elif key.startswith("run/"):
            kept, wanted = self.session.settings, _default_settings(self._settings)
            if key == "run/preset":
                chosen = replace(kept, preset=wanted.preset, calls=None)
            else:
                chosen = replace(kept, fill=wanted.fill)
            self.session.change_settings(chosen)
            self.run.show_settings(chosen)

    def say_again(self) -> None:
        """Another language: what depends on the state of things."""
        self.showing.show_all()
        self.run.show_settings(self.session.settings)
        for part in (self.trusting, self.shelving, self.queueing, self.editing, self.cutting):
            part.say_again()
        self.comparing.say_again()

    # --- commands of the window --------------------------------------------------------

    def step_photo(self, by: int) -> None:
        """Choose the next or the previous photograph."""
        paths, current = self.session.paths, self.session.current
        if current in paths:
            self.session.choose_photo(paths[(paths.index(current) + by) % len(paths)])

    @Slot()
    def open_doctor(self) -> None:
        """Compare the usual ways to feed the model in use on the photographs at hand."""
        if self.checkup.prepare() is not None:
            self.consultation = Consultation(self.session, self.checkup, self)
            self.consultation.dialog.finished.connect(self._end_consultation)

    @Slot()
    def _end_consultation(self) -> None:
        self.consultation = None

    @Slot()
    def open_export(self) -> None:
        """Ask what to export: the map on show, or everything that was found."""
        result, found = self.session.result(), self.session.all_results()
        scopes = []
        grid = self.comparing.results() if self.pages.currentWidget() is self.compare_page else []
        if grid:
            scopes.append(Scope("grid", self.tr("This grid: {0} maps").format(len(grid)), grid))
        if result is not None:
            title = self.tr("This map: {0}, {1}").format(result.photo.name, result.target.label)
            scopes.append(Scope("map", title, (result,)))
        if len(found) > 1 or result is None:
            scopes.append(Scope("all", self.tr("Everything: {0} maps").format(len(found)), found))
        self.exporting.open(scopes)

    def show_part(self, part: QWidget) -> None:
        """Scroll to a card at the side."""
        for area in self.findChildren(QScrollArea):
            if area.widget() is not None and area.widget().isAncestorOf(part):
                area.ensureWidgetVisible(part, 0, 0)

    def show_comparison(self, on: bool) -> None:
        """The page of comparisons, or the photograph again."""
        self.pages.setCurrentIndex(int(on))
        if on:
            self.comparing.refresh()
            self.compare_page.columns.setFocus()
        else:
            self.viewer.canvas.setFocus()

    def choose_mode(self, name: str) -> None:
        """Show the map in another way."""
        self.viewer.set_mode(Mode(name))

    def save_to(self, folder: str) -> None:
        """Write the result on show."""
        self.showing.folder = folder
        self.session.save(folder)


def _default_settings(settings: QSettings) -> RunSettings:
    """What the user settled on for new runs."""
    preset, fill = (str(settings.value(f"run/{k}", "")) for k in ("preset", "fill"))
    plain = RunSettings()
    return RunSettings(
        preset=preset if preset in PRESETS else plain.preset,
        fill=fill if fill in FILLS else plain.fill,
    )
