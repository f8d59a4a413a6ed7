"""The working part of the window: session, workers and views, and how they are connected.

It needs the engine, whose import takes a moment, so the window loads it after it is painted.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from decam_engine import (
    DEFAULT_COLOUR_MAP,
    DEFAULT_OPACITY,
    FILLS,
    PRESETS,
    BlackBox,
    Explanation,
    Preprocessing,
    Progress,
    available_providers,
    close_servers,
)
from decam_gui import theme
from decam_gui.assessor import Assessor
from decam_gui.checkup import Checkup
from decam_gui.comparing import Comparing
from decam_gui.comparison import Comparison
from decam_gui.consulting import Consultation
from decam_gui.cutting import Cutting
from decam_gui.edit import Edit
from decam_gui.editing import Editing
from decam_gui.examiner import Examiner
from decam_gui.exporter import Scope
from decam_gui.exporting import Exporting
from decam_gui.keeper import Keeper
from decam_gui.keeping import Keeping
from decam_gui.pace import Pace
from decam_gui.prober import Prober
from decam_gui.queueing import Queueing
from decam_gui.runner import Runner
from decam_gui.session import RunSettings, Session
from decam_gui.shelving import Shelving
from decam_gui.thumbnailer import Thumbnailer
from decam_gui.trust import Trust
from decam_gui.trusting import Trusting
from decam_gui.views.banner import Banner
from decam_gui.views.compare_page import ComparePage
from decam_gui.views.image_card import ImageCard
from decam_gui.views.map_layer import Mode
from decam_gui.views.model_card import ModelCard
from decam_gui.views.model_list import ModelList, ModelRow
from decam_gui.views.parts import tool_button
from decam_gui.views.photo_list import PhotoList
from decam_gui.views.placement import Placement
from decam_gui.views.predictions import Predictions, percent
from decam_gui.views.queue_panel import QueuePanel
from decam_gui.views.run_panel import RunPanel
from decam_gui.views.trust_card import TrustCard
from decam_gui.views.viewer import Viewer
from decam_gui.worker import OpenedPhoto, Reader, Scores, WorkThread

LEFT_WIDTH, MIDDLE_WIDTH, RIGHT_WIDTH = 248, 472, 304
# Names shown after saving; the rest are counted.
NAMED_FILES = 4


class Workspace(QWidget):
    """Builds the views and connects them; what they mean is the session's matter."""

    def __init__(self, settings: QSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = self.settings = settings
        self.session = Session(self)
        self.checkup = Checkup(self.session, self)
        self.consultation: Consultation | None = None
        self.reader, self.runner, self.examiner = Reader(), Runner(), Examiner()
        self.exporting = Exporting(settings, self)
        self.trust, self.assessor = Trust(self.session, self), Assessor()
        self.edit, self.prober = Edit(self.session, self), Prober()
        self.keeper, self.thumbnailer = Keeper(), Thumbnailer()
        self.keeping = Keeping(self.session, settings, self)
        self._folder = ""
        self._retry = False
        self._threads: list[WorkThread] = []
        self._on_show: OpenedPhoto | None = None
        self.pace = Pace(settings)
        self._first_rates: dict[str, float] = {}
        self.session.set_settings(self._default_settings())
        self._build()
        self._connect_views()
        self._connect_workers()
        self.trust.auto = self._settings.value("trust/auto", True, bool)
        self.compare_button = tool_button("layout-grid", "", self.tr("Compare maps (Ctrl+K)"))
        self.viewer.head.insertWidget(2, self.compare_button)
        self.comparison = Comparison(self.session, self)
        self.comparing = Comparing(
            self.session, self.comparison, self.compare_page, self.viewer, self
        )
        self.cutting = Cutting(self.session, self.viewer, self)
        for asker in (self.edit, self.cutting):
            asker.ask.connect(self.prober.probe)
            self.prober.probed.connect(asker.on_probed)
            self.prober.failed.connect(asker.on_failed)
        self.trusting = Trusting(self.session, self.trust, self.trust_card, self)
        self.shelving = Shelving(self.session, self.photos, self.thumbnailer, self)
        self.queueing = Queueing(self.session, self.queue, self)
        self._connect_keeping()
        self._restore_look()
        self._show_all()

    def start_workers(self) -> None:
        """Begin to answer requests."""
        self._threads = [
            WorkThread(self.reader, "decam-reader", self),
            WorkThread(self.runner, "decam-runner", self),
            WorkThread(self.examiner, "decam-examiner", self),
            WorkThread(self.assessor, "decam-assessor", self),
            WorkThread(self.prober, "decam-prober", self),
            WorkThread(self.thumbnailer, "decam-thumbnailer", self),
            WorkThread(self.keeper, "decam-keeper", self),
        ]

    def shut_down(self) -> None:
        """Stop whatever runs, wait for its batch, end the threads."""
        self.reader.stop.set()
        self.runner.cancel.set()
        self.examiner.stop.set()
        self.assessor.stop.set()
        self.prober.stop.set()
        self.assessor.disconnect(self.trust)
        for receiver in (self.edit, self.cutting):
            self.prober.disconnect(receiver)
        self.keeper.stop.set()
        self.shelving.shut_down()
        self.queueing.shut_down()
        if self.consultation is not None:
            self.consultation.dialog.close()
        self.exporting.shut_down()
        # A server may take its time to answer, or never do so.
        close_servers()
        for worker in (self.reader, self.runner, self.keeper):
            worker.disconnect(self.session)
        self.keeper.disconnect(self.keeping)
        if self._threads:
            self.keeping.close(self.keeper)
        for worker in (self.reader, self.examiner):
            worker.disconnect(self.checkup)
        for thread in self._threads:
            thread.end()
        colour_map, opacity = self.viewer.look
        self._settings.setValue("viewer/colour_map", colour_map)
        self._settings.setValue("viewer/opacity", opacity)
        self.pace.save()
        self._settings.setValue("trust/auto", self.trust.auto)

    # --- building ----------------------------------------------------------------------

    def _build(self) -> None:
        self.photos = PhotoList()
        self.models = ModelList()
        self.model = ModelCard()
        self.model.show_providers(available_providers())
        self.viewer = Viewer()
        self.predictions = Predictions()
        self.editing = Editing(self.session, self.edit, self.viewer, self.predictions, self)
        self.run = RunPanel(self.session.settings)
        self.trust_card = TrustCard()
        self.image = ImageCard()
        self.queue = QueuePanel()
        self.progress = self.queue.row
        left = _scrolled(_column([(self.photos, 1), (self.models, 0), (self.model, 0)]))
        right = _scrolled(
            _column(
                [
                    (self.predictions, 0),
                    (self.run, 0),
                    (self.trust_card, 0),
                    (self.image, 0),
                    (None, 1),
                ]
            )
        )
        middle = _column([(self.viewer, 1)])
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(theme.GRID)
        splitter.setChildrenCollapsible(False)
        for part, width in ((left, LEFT_WIDTH), (middle, MIDDLE_WIDTH), (right, RIGHT_WIDTH)):
            part.setMinimumWidth(width)
            splitter.addWidget(part)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([LEFT_WIDTH, 4 * RIGHT_WIDTH, RIGHT_WIDTH])
        self.compare_page = ComparePage()
        photo_page = QWidget()
        page = QHBoxLayout(photo_page)
        page.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        page.addWidget(splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.pages = QStackedWidget()
        self.pages.addWidget(photo_page)
        self.pages.addWidget(self.compare_page)
        column.addWidget(self.pages, 1)
        column.addWidget(self.queue)
        order = (
            self.photos.list, self.models.list, self.model.choice, self.model.names_button,
            self.model.unname_button, self.model.activation, self.model.output,
            self.model.provider, self.model.check_button, self.editing.button,
            self.viewer.colour_map, self.viewer.save_button, *self.viewer.modes.buttons.values(),
            self.viewer.opacity, self.viewer.share.slider, *self.editing.bar.tab_order(),
            self.viewer.canvas, self.viewer.keep_shown, self.viewer.flip_shown,
            self.predictions.search, self.run.preset, self.run.calls, self.run.expert_button,
            self.run.method, self.run.fill, self.run.seed, self.run.run_button,
            self.trust_card.check_button, self.trust_card.second_button,
            self.trust_card.stop_button, self.trust_card.auto, self.image.page,
            self.image.window_rule, self.image.low, self.image.high, self.queue.toggle,
            self.queue.pause_button, self.progress.cancel_button, self.queue.table,
        )  # fmt: skip
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    def _connect_views(self) -> None:
        s = self.session
        self.model.chosen.connect(self._choose_model)
        self.models.chosen.connect(self._choose_model)
        self.model.demo_requested.connect(s.open_demo_model)
        self.model.changed.connect(s.change_model)
        self.model.check_requested.connect(self.open_doctor)
        self.predictions.chosen.connect(s.choose_target)
        self.predictions.named.connect(s.choose_target_named)
        self.predictions.several_requested.connect(s.run_targets)
        self.run.changed.connect(s.change_settings)
        self.run.changed.connect(self._show_can_run)
        self.image.changed.connect(s.change_reading)
        self.run.run_requested.connect(s.run)
        self.queue.cancelled.connect(s.cancel)
        self.viewer.saved.acted.connect(self._act_on_saved)

        # A direct call: the reader's event loop is blocked while it decodes.
        s.photo_changed.connect(lambda: setattr(self.reader, "wanted", s.current))
        s.photo_changed.connect(self._show_photo)
        s.model_changed.connect(self._show_model)
        s.scores_changed.connect(self._show_predictions)
        s.target_changed.connect(self._show_predictions)
        s.result_changed.connect(self._show_result)
        s.result_changed.connect(self._show_can_run)
        s.run_changed.connect(self._show_run)
        s.queue.changed.connect(self._show_run)
        s.settings_changed.connect(self._show_settings)
        s.progressed.connect(self._show_progress)
        s.progressed.connect(self._note_pace)
        s.loading_changed.connect(self._show_loading)
        s.photo_trouble.connect(lambda text: _tell(self.photos.banner, text))
        s.model_trouble.connect(lambda text: _tell(self.model.banner, text))
        s.run_trouble.connect(lambda text: _tell(self.run.banner, text))
        s.target_trouble.connect(self.predictions.show_trouble)
        s.saved.connect(self._show_saved)
        s.save_trouble.connect(self._show_save_trouble)

    def _connect_workers(self) -> None:
        s, reader, runner = self.session, self.reader, self.runner
        s.read_photos.connect(reader.open_photos)
        s.read_photo_as.connect(reader.open_photo_as)
        s.read_again.connect(reader.open_again)
        s.read_model.connect(reader.open_model)
        s.read_result.connect(reader.open_result)
        s.ask_model.connect(reader.score)
        s.write_result.connect(reader.save)
        s.read_model_as.connect(reader.open_model_as)
        reader.photos_found.connect(s.on_photos_found)
        reader.photo_opened.connect(s.on_photo_opened)
        reader.photo_failed.connect(s.on_photo_failed)
        reader.folder_failed.connect(s.on_folder_failed)
        reader.photos_read.connect(s.on_photos_read)
        reader.model_opened.connect(s.on_model_opened)
        reader.model_failed.connect(s.on_model_failed)
        reader.result_opened.connect(s.on_result_opened)
        reader.result_failed.connect(s.on_folder_failed)
        reader.scored.connect(s.on_scored)
        reader.scored.connect(self._note_first_call)
        reader.scoring_failed.connect(s.on_scoring_failed)
        reader.saved.connect(s.on_saved)
        reader.save_failed.connect(s.on_save_failed)
        s.reread_model.connect(reader.reread_model)
        s.choose_way.connect(reader.choose_way)
        s.forget_way.connect(reader.forget_way)
        reader.model_reread.connect(s.on_model_reread)
        s.start_run.connect(runner.run)
        s.hold_run.connect(self._hold)
        runner.found.connect(s.on_found)
        runner.progress.connect(s.on_progress)
        runner.finished.connect(s.on_finished)
        runner.failed.connect(s.on_failed)
        t, assessor = self.trust, self.assessor
        t.start_assessment.connect(assessor.assess)
        assessor.progress.connect(t.on_progress)
        assessor.found.connect(t.on_found)
        assessor.stopped.connect(t.on_stopped)
        assessor.failed.connect(t.on_failed)
        c, examiner = self.checkup, self.examiner
        c.start_check.connect(examiner.examine)
        c.save_way.connect(reader.save_way)
        examiner.progress.connect(c.on_progress)
        examiner.found.connect(c.on_found)
        examiner.stopped.connect(c.on_stopped)
        examiner.failed.connect(c.on_failed)
        reader.sidecar_saved.connect(c.on_sidecar_saved)
        reader.sidecar_there.connect(c.on_sidecar_there)
        reader.sidecar_failed.connect(c.on_trouble)
        reader.way_trouble.connect(c.on_trouble)

    def _connect_keeping(self) -> None:
        keeping, queue = self.keeping, self.queue
        keeping.connect_keeper(self.keeper)
        keeping.restored.connect(queue.show_unfinished)
        keeping.missing_changed.connect(self._show_models)
        keeping.trouble.connect(self._show_keeping_trouble)
        queue.continue_requested.connect(keeping.continue_jobs)
        queue.discard_requested.connect(keeping.discard_jobs)
        self.session.queue.changed.connect(self._show_held)

    @Slot()
    def _show_held(self) -> None:
        if not self.session.queue.held():
            self.queue.show_unfinished(0)

    @Slot(str)
    def _show_keeping_trouble(self, text: str) -> None:
        if text:
            self.queue.ended.tell("error", text)
        else:
            self.queue.ended.clear()

    @Slot(bool)
    def _hold(self, held: bool) -> None:
        # A direct call: the runner's event loop is blocked while it runs.
        if held:
            self.runner.going.clear()
        else:
            self.runner.going.set()

    @Slot()
    def _show_settings(self) -> None:
        if self.run.settings != self.session.settings:
            self.run.show_settings(self.session.settings)

    def _restore_look(self) -> None:
        colour_map = self._settings.value("viewer/colour_map", DEFAULT_COLOUR_MAP)
        try:
            opacity = float(str(self._settings.value("viewer/opacity", DEFAULT_OPACITY)))
        except ValueError:
            opacity = DEFAULT_OPACITY
        self.viewer.set_look(str(colour_map), opacity)

    def _default_settings(self) -> RunSettings:
        """What the user settled on for new runs."""
        preset, fill = (str(self._settings.value(f"run/{k}", "")) for k in ("preset", "fill"))
        plain = RunSettings()
        return RunSettings(
            preset=preset if preset in PRESETS else plain.preset,
            fill=fill if fill in FILLS else plain.fill,
        )

    def use_default(self, key: str) -> None:
        """A remembered value was changed in the settings: it holds at once."""
        if key.startswith("viewer/"):
            self._restore_look()
        elif key.startswith("run/"):
            kept, wanted = self.session.settings, self._default_settings()
            if key == "run/preset":
                chosen = replace(kept, preset=wanted.preset, calls=None)
            else:
                chosen = replace(kept, fill=wanted.fill)
            self.session.change_settings(chosen)
            self.run.show_settings(chosen)

    def say_again(self) -> None:
        """Another language: what depends on the state of things."""
        self._show_all()
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
        self._folder = folder
        self.session.save(folder)

    # --- showing -----------------------------------------------------------------------

    def _show_all(self) -> None:
        self._show_loading()
        self._show_model()
        self._show_photo()
        self._show_predictions()
        self._show_run()
        self._show_result()

    def _choose_model(self, row: int) -> None:
        if 0 <= row < len(self.session.models):
            self.session.choose_model(self.session.models[row])

    def _show_photo(self) -> None:
        s = self.session
        self.photos.show_current(s.current)
        opened = s.photo()
        if opened is not self._on_show or opened is None:
            self._on_show = opened
            preview, pixels = (None, None) if opened is None else (
                opened.preview, opened.photo.pixels
            )  # fmt: skip
            self.viewer.canvas.set_photo(preview, pixels)
        if opened is not None:
            height, width = opened.photo.size
            self.image.show_reading(opened.photo.notes, opened.photo.reading)
            self.viewer.set_title(
                self.tr("{0}   {1} × {2} px").format(opened.photo.name, width, height)
            )
        else:
            self.image.show_reading((), {})
            self.viewer.set_title(s.current.name if s.current is not None else "")
        self._show_message()

    def _show_message(self) -> None:
        s = self.session
        if s.problem():
            text = s.problem()
        elif s.loading_photos or s.current is not None:
            text = self.tr("Loading...")
        else:
            text = self.tr("Drop a photo here, or open one with Ctrl+O.")
        self.viewer.canvas.set_message(text)

    def _show_loading(self) -> None:
        self.photos.set_loading(self.session.loading_photos)
        self.model.set_loading(self.session.loading_model)
        self._show_message()
        self._show_can_run()

    def _show_model(self) -> None:
        s = self.session
        row = s.models.index(s.model) if s.model is not None else -1
        self.model.show_models([m.title for m in s.models], row)
        self._show_pace()
        self._show_models()
        self._show_model_facts()

    def _show_models(self, *_: object) -> None:
        s = self.session
        rows = [
            ModelRow(
                m.title,
                m.box.input_size,
                m.box.preprocessing.channels,
                None if m.box.labels is None else len(m.box.labels),
                m.box.preprocessing_source,
                m.box.preprocessing_source == "assumed",
            )
            for m in s.models
        ]
        current = s.models.index(s.model) if s.model is not None else -1
        missing = [(m.path.name, str(m.path)) for m in self.keeping.missing_models]
        self.models.show_models(rows, current, missing)

    def _show_model_facts(self) -> None:
        model = self.session.model
        classes = len(self.session.class_names())
        if model is None:
            self.model.show_model(None, classes)
        else:
            self.model.show_model(model.box, classes, model.facts, model.reading)
        self._show_can_run()

    def _show_predictions(self) -> None:
        s = self.session
        target = s.target()
        state = s.state()
        if state is not None and state.problem:
            empty = state.problem
        elif s.model is None or s.photo() is None:
            empty = self.tr("Shown once a photo and a model are open.")
        else:
            empty = self.tr("Asking the model...")
        self.predictions.show_predictions(
            s.predictions(), None if target is None else target.index, empty
        )
        self.predictions.show_names(s.class_names())
        self._show_model_facts()

    def _show_can_run(self) -> None:
        s = self.session
        target = s.target()
        if s.shows_run():
            hint = ""
        elif s.model is None:
            hint = self.tr("Needs a model.")
        elif s.photo() is None:
            hint = self.tr("Needs a photo.")
        elif target is not None and s.job is not None:
            hint = self.tr("Runs “{0}” after what is under way.").format(target.label)
        elif target is not None:
            hint = self.tr("Explains why the model says “{0}”.").format(target.label)
        else:
            hint = ""
        result, goes_on = s.result(), not s.shows_run() and s.goes_on()
        if goes_on and result is not None:
            hint = self.tr("Goes on after {0:,} of {1:,} calls.").format(
                result.calls, result.budget
            )
        if hint and s.can_run() and s.model is not None and s.model.host:
            hint += "\n" + self.tr("Up to {0:,} inputs will be sent to {1}.").format(
                s.calls_left(), s.model.host
            )
        self.run.set_state(can_run=s.can_run(), running=s.shows_run(), hint=hint, goes_on=goes_on)
        self.image.set_changeable(s.current is None or not s.queue.uses_photo(s.current))
        self.predictions.set_can_run(s.can_run())
        check = ""
        if s.photo() is None:
            check = self.tr("Needs a photo to compare on.")
        elif s.model is not None and s.queue.uses_model(s.model.address):
            check = self.tr("Not while this model is being explained.")
        self.model.set_changeable(changeable=s.model_changeable(), check=check)

    def _show_run(self) -> None:
        s = self.session
        if s.job is None:
            self.progress.show_idle(self.tr("Ready"))
        elif s.stopping:
            self.progress.show_stopping()
        else:
            label = "" if s.job.target is None else s.job.box.label(s.job.target)
            self.progress.show_start(
                self.tr("{0}: {1}").format(s.job.path.name, label) if label else s.job.path.name
            )
            if s.progress is not None:
                self.progress.show_progress(s.progress)
            if s.queue.paused:
                self.progress.show_paused()
        self._show_pace()
        self._show_can_run()

    @Slot(object)
    def _note_pace(self, progress: Progress) -> None:
        job = self.session.job
        if job is not None:
            self.pace.note_run(_identity(job.box), progress.calls, progress.budget, progress.rate)

    @Slot(object)
    def _note_first_call(self, scores: Scores) -> None:
        # The very first one also waits for the runtime: the quickest one counts.
        name, rate = _identity(scores.box), 1 / max(scores.seconds, 1e-6)
        self._first_rates[name] = max(rate, self._first_rates.get(name, 0.0))
        self._show_pace()

    def _show_pace(self) -> None:
        box = self.session.box()
        name = "" if box is None else _identity(box)
        measured = self.pace.rate(name)
        known = self._first_rates.get(name) if measured is None else measured
        self.run.set_pace(known, measured=measured is not None)

    def _show_progress(self) -> None:
        s = self.session
        if s.progress is None:
            return
        if not s.stopping and not s.queue.paused:
            self.progress.show_progress(s.progress)
        if s.shows_run():
            self._show_live()

    def _show_live(self) -> None:
        s = self.session
        opened, box = s.photo(), s.box()
        if opened is None or box is None:
            return
        saliency = None if s.progress is None else s.progress.saliency
        self.viewer.set_map(saliency, _placement(box.preprocessing, opened.photo.size))

    def _show_result(self) -> None:
        s = self.session
        opened, box, result = s.photo(), s.box(), s.result()
        self.viewer.set_has_result(result is not None)
        self.viewer.saved.clear()
        regions = (None, None) if result is None else (result.keep_region, result.flip_region)
        regions = (None, None) if s.shows_run() else regions
        self.viewer.set_regions(*regions)
        self.predictions.show_regions(*regions)
        if opened is None:
            self.viewer.set_state("", ())
            return
        if s.shows_run():
            self._show_live()
            self.viewer.set_state(self.tr("forming..."), ())
            return
        if result is not None:
            self.viewer.set_map(result.input_saliency, _placement_of(result))
            self.viewer.set_state(self._summary(result), result.warnings)
            return
        placement = None if box is None else _placement(box.preprocessing, opened.photo.size)
        self.viewer.set_map(None, placement)
        self.viewer.set_state("", ())

    def _summary(self, result: Explanation) -> str:
        what = f"{result.target.label} ({percent(result.target.score)})"
        if result.stopped:
            how = self.tr("stopped at {0:,} of {1:,} calls").format(result.calls, result.budget)
        else:
            how = self.tr("{0:,} calls in {1:.1f} s").format(result.calls, result.seconds)
        return f"{what}: {how}"

    # --- saving ------------------------------------------------------------------------

    def _show_saved(self, paths: list[Path]) -> None:
        names = ", ".join(p.name for p in paths[:NAMED_FILES])
        if len(paths) > NAMED_FILES:
            names += self.tr(" and {0} more").format(len(paths) - NAMED_FILES)
        text = self.tr("Saved to {0}:\n{1}").format(paths[0].parent, names)
        self.viewer.saved.tell("success", text, (self.tr("Open folder"),))
        self._retry = False

    def _show_save_trouble(self, text: str) -> None:
        self.viewer.saved.tell("error", text, (self.tr("Choose another folder..."),))
        self._retry = True

    def _act_on_saved(self, number: int) -> None:
        if self._retry:
            self.viewer.save_requested.emit()
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self._folder))


def _identity(box: BlackBox) -> str:
    """What its pace is remembered by; nothing for what is no file."""
    return box.identity or ""


def _placement(p: Preprocessing, photo_size: tuple[int, int]) -> Placement:
    fit = p.fit(photo_size)
    return Placement(fit.photo_size, fit.input_size, fit.scale, fit.offset, fit.seen)


def _placement_of(result: Explanation) -> Placement:
    fit = result.fit
    return Placement(fit.photo_size, fit.input_size, fit.scale, fit.offset, fit.seen)


def _tell(banner: Banner, text: str) -> None:
    if text:
        banner.tell("error", text)
    else:
        banner.clear()


def _column(parts: list[tuple[QWidget | None, int]]) -> QFrame:
    frame = QFrame()
    column = QVBoxLayout(frame)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.GRID)
    for widget, stretch in parts:
        if widget is None:
            column.addStretch(stretch)
        else:
            column.addWidget(widget, stretch)
    return frame


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
