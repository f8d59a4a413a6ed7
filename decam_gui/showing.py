"""Shows in the views what the session, its queue and its folder are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from decam_engine import BlackBox, Explanation, Preprocessing, Progress
from decam_gui.core.jobs import Job
from decam_gui.keeping import Keeping
from decam_gui.pace import Pace
from decam_gui.panels import Views
from decam_gui.session import Session
from decam_gui.views.banner import Banner
from decam_gui.views.model_list import ModelRow
from decam_gui.views.placement import Placement
from decam_gui.views.predictions import percent
from decam_gui.worker import OpenedPhoto, Scores

# Names shown after saving; the rest are counted.
NAMED_FILES = 4


class Showing(QObject):
    """Follows the signals of the session; tells it nothing."""

    def __init__(
        self, session: Session, views: Views, keeping: Keeping, pace: Pace, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._views = session, views
        self._keeping, self._pace = keeping, pace
        # Where the result was last saved to.
        self.folder = ""
        self._retry = False
        self._on_show: OpenedPhoto | None = None
        self._first_rates: dict[str, float] = {}
        s, v = session, views
        s.photo_changed.connect(self._show_photo)
        s.model_changed.connect(self._show_model)
        s.scores_changed.connect(self._show_predictions)
        s.target_changed.connect(self._show_predictions)
        s.result_changed.connect(self._show_result)
        s.result_changed.connect(self.show_can_run)
        s.run_changed.connect(self._show_run)
        s.queue.changed.connect(self._show_run)
        s.queue.changed.connect(self._show_held)
        s.settings_changed.connect(self._show_settings)
        s.progressed.connect(self._show_progress)
        s.progressed.connect(self._note_pace)
        s.queue.found.connect(self._note_result)
        s.loading_changed.connect(self._show_loading)
        s.photo_trouble.connect(lambda text: _tell(v.photos.banner, text))
        s.model_trouble.connect(lambda text: _tell(v.model.banner, text))
        s.run_trouble.connect(lambda text: _tell(v.run.banner, text))
        s.target_trouble.connect(v.predictions.show_trouble)
        s.saved.connect(self._show_saved)
        s.save_trouble.connect(self._show_save_trouble)
        v.run.changed.connect(self.show_can_run)
        v.viewer.saved.acted.connect(self._act_on_saved)
        keeping.restored.connect(v.queue.show_unfinished)
        keeping.missing_changed.connect(self._show_models)
        keeping.trouble.connect(self._show_keeping_trouble)

    @Slot()
    def _show_held(self) -> None:
        if not self._session.queue.held():
            self._views.queue.show_unfinished(0)

    @Slot(str)
    def _show_keeping_trouble(self, text: str) -> None:
        if text:
            self._views.queue.ended.tell("error", text)
        else:
            self._views.queue.ended.clear()

    @Slot()
    def _show_settings(self) -> None:
        if self._views.run.settings != self._session.settings:
            self._views.run.show_settings(self._session.settings)

    def show_all(self) -> None:
        """Everything, as it is now."""
        self._show_loading()
        self._show_model()
        self._show_photo()
        self._show_predictions()
        self._show_run()
        self._show_result()

    def _show_photo(self) -> None:
        s = self._session
        self._views.photos.show_current(s.current)
        opened = s.photo()
        if opened is not self._on_show or opened is None:
            self._on_show = opened
            preview, pixels = (None, None) if opened is None else (
                opened.preview, opened.photo.pixels
            )  # fmt: skip
            self._views.viewer.canvas.set_photo(preview, pixels)
        if opened is not None:
            height, width = opened.photo.size
            self._views.image.show_reading(opened.photo.notes, opened.photo.reading)
            self._views.viewer.set_title(
                self.tr("{0}   {1} × {2} px").format(opened.photo.name, width, height)
            )
        else:
            self._views.image.show_reading((), {})
            self._views.viewer.set_title(s.current.name if s.current is not None else "")
        self._show_message()

    def _show_message(self) -> None:
        s = self._session
        if s.problem():
            text = s.problem()
        elif s.loading_photos or s.current is not None:
            text = self.tr("Loading...")
        else:
            text = self.tr("Drop a photo here, or open one with Ctrl+O.")
        self._views.viewer.canvas.set_message(text)

    def _show_loading(self) -> None:
        self._views.photos.set_loading(self._session.loading_photos)
        self._views.model.set_loading(self._session.loading_model)
        self._show_message()
        self.show_can_run()

    def _show_model(self) -> None:
        s = self._session
        row = s.models.index(s.model) if s.model is not None else -1
        self._views.model.show_models([m.title for m in s.models], row)
        self._show_pace()
        self._show_models()
        self._show_model_facts()

    def _show_models(self, *_: object) -> None:
        s = self._session
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
        missing = [(m.path.name, str(m.path)) for m in self._keeping.missing_models]
        self._views.models.show_models(rows, current, missing)

    def _show_model_facts(self) -> None:
        model = self._session.model
        classes = len(self._session.class_names())
        if model is None:
            self._views.model.show_model(None, classes)
        else:
            self._views.model.show_model(model.box, classes, model.facts, model.reading)
        self.show_can_run()

    def _show_predictions(self) -> None:
        s = self._session
        target = s.target()
        state = s.state()
        if state is not None and state.problem:
            empty = state.problem
        elif s.model is None or s.photo() is None:
            empty = self.tr("Shown once a photo and a model are open.")
        else:
            empty = self.tr("Asking the model...")
        self._views.predictions.show_predictions(
            s.predictions(), None if target is None else target.index, empty
        )
        self._views.predictions.show_names(s.class_names())
        self._show_model_facts()

    def show_can_run(self) -> None:
        """Whether a run may start, and what it would do."""
        s = self._session
        target = s.target()
        if s.shows_run():
            hint = ""
        elif s.model is None:
            hint = self.tr("Needs a model.")
        elif s.photo() is None:
            hint = self.tr("Needs a photo.")
        elif target is not None and s.queue.paused:
            hint = self.tr("Waits: the queue is paused.")
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
        self._views.run.set_state(
            can_run=s.can_run(), running=s.shows_run(), hint=hint, goes_on=goes_on
        )
        self._views.image.set_changeable(s.current is None or not s.queue.uses_photo(s.current))
        self._views.predictions.set_can_run(s.can_run())
        check = ""
        if s.photo() is None:
            check = self.tr("Needs a photo to compare on.")
        elif s.model is not None and s.queue.uses_model(s.model.address):
            check = self.tr("Not while this model is being explained.")
        self._views.model.set_changeable(changeable=s.model_changeable(), check=check)

    def _show_run(self) -> None:
        s = self._session
        if s.job is None:
            waiting = len(s.queue.pending()) if s.queue.paused else 0
            self._views.progress.show_idle(
                self.tr("Paused: {0:,} jobs wait until the queue is resumed.").format(waiting)
                if waiting
                else self.tr("Ready")
            )
        elif s.stopping:
            self._views.progress.show_stopping()
        else:
            label = "" if s.job.target is None else s.job.box.label(s.job.target)
            self._views.progress.show_start(
                self.tr("{0}: {1}").format(s.job.path.name, label) if label else s.job.path.name
            )
            if s.progress is not None:
                self._views.progress.show_progress(s.progress)
            if s.queue.paused:
                self._views.progress.show_paused()
        self._show_pace()
        self.show_can_run()

    @Slot(object)
    def _note_pace(self, progress: Progress) -> None:
        job = self._session.job
        if job is not None:
            self._pace.note_run(_identity(job.box), progress.calls, progress.budget, progress.rate)

    @Slot(object, object)
    def _note_result(self, job: Job, result: Explanation) -> None:
        """A run that is over before its first progress tells its rate, too."""
        own = result.calls - result.shared_calls
        if result.seconds > 0:
            rate = own / result.seconds
            self._pace.note_run(_identity(job.box), result.calls, result.budget, rate)

    @Slot(object)
    def note_first_call(self, scores: Scores) -> None:
        """How quick a model was when it was asked once."""
        # The very first one also waits for the runtime: the quickest one counts.
        name, rate = _identity(scores.box), 1 / max(scores.seconds, 1e-6)
        self._first_rates[name] = max(rate, self._first_rates.get(name, 0.0))
        self._show_pace()

    def _show_pace(self) -> None:
        box = self._session.box()
        name = "" if box is None else _identity(box)
        measured = self._pace.rate(name)
        known = self._first_rates.get(name) if measured is None else measured
        self._views.run.set_pace(known, measured=measured is not None)

    def _show_progress(self) -> None:
        s = self._session
        if s.progress is None:
            return
        if not s.stopping and not s.queue.paused:
            self._views.progress.show_progress(s.progress)
        if s.shows_run():
            self._show_live()

    def _show_live(self) -> None:
        s = self._session
        opened, box = s.photo(), s.box()
        if opened is None or box is None:
            return
        saliency = None if s.progress is None else s.progress.saliency
        self._views.viewer.set_map(saliency, _placement(box.preprocessing, opened.photo.size))

    def _show_result(self) -> None:
        s = self._session
        opened, box, result = s.photo(), s.box(), s.result()
        self._views.viewer.set_has_result(result is not None)
        self._views.viewer.saved.clear()
        regions = (None, None) if result is None else (result.keep_region, result.flip_region)
        regions = (None, None) if s.shows_run() else regions
        self._views.viewer.set_regions(*regions)
        self._views.predictions.show_regions(*regions)
        if opened is None:
            self._views.viewer.set_state("", ())
            return
        if s.shows_run():
            self._show_live()
            self._views.viewer.set_state(self.tr("forming..."), ())
            return
        if result is not None:
            self._views.viewer.set_map(result.input_saliency, _placement_of(result))
            self._views.viewer.set_state(self._summary(result), result.warnings)
            return
        placement = None if box is None else _placement(box.preprocessing, opened.photo.size)
        self._views.viewer.set_map(None, placement)
        self._views.viewer.set_state("", ())

    def _summary(self, result: Explanation) -> str:
        what = f"{result.target.label} ({percent(result.target.score)})"
        if result.stopped:
            how = self.tr("stopped at {0:,} of {1:,} calls").format(result.calls, result.budget)
        else:
            how = self.tr("{0:,} calls in {1:.1f} s").format(result.calls, result.seconds)
        return f"{what}: {how}"

    def _show_saved(self, paths: list[Path]) -> None:
        names = ", ".join(p.name for p in paths[:NAMED_FILES])
        if len(paths) > NAMED_FILES:
            names += self.tr(" and {0} more").format(len(paths) - NAMED_FILES)
        text = self.tr("Saved to {0}:\n{1}").format(paths[0].parent, names)
        self._views.viewer.saved.tell("success", text, (self.tr("Open folder"),))
        self._retry = False

    def _show_save_trouble(self, text: str) -> None:
        self._views.viewer.saved.tell("error", text, (self.tr("Choose another folder..."),))
        self._retry = True

    def _act_on_saved(self, number: int) -> None:
        if self._retry:
            self._views.viewer.save_requested.emit()
        else:
            QDesktopServices.openUrl(QUrl.fromLocalFile(self.folder))


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
