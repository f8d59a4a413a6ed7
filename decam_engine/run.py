"""One explanation under way: the search, then the regions, then the result."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError, SettingsError
from decam_engine.explanation import Explanation
from decam_engine.images import Photo
from decam_engine.journal import Journal
from decam_engine.masks import MaskSource
from decam_engine.models import BlackBox, Prediction
from decam_engine.objective import Objective
from decam_engine.regions import CALLS as REGION_CALLS
from decam_engine.regions import Region, find_regions
from decam_engine.search import METHODS, UNTIL_STABLE, SearchTask
from decam_engine.stability import Settled

F32 = npt.NDArray[np.float32]

# Live maps are made at most this often, in seconds.
LIVE_INTERVAL = 0.07
# Calls that every explanation spends on the untouched photograph.
PHOTO_CALLS = 1
LOW_PROBABILITY = 0.05
TOP = 5
# A photograph scored again by the model of a stopped run may differ by this much.
SAME_SCORE = 1e-3
# Budgets from which some calls are spent on the regions that keep and flip the decision.
REGIONS_FROM = 400


@dataclass(frozen=True, eq=False)
class Progress:
    """Where an explanation stands.

    Attributes:
        calls, budget: model calls answered and allowed; the result's ``calls`` also counts
            those under way when it was cancelled.
        seconds: since the start.
        best_fitness: of the search, if it has one.
        target: the class being explained.
        predictions: the five most probable classes of the untouched photograph.
        saliency: a live map, float32 ``(h, w)`` on the model's input, a few times a second;
            None in between.
    """

    calls: int
    budget: int
    seconds: float
    best_fitness: float | None
    target: Prediction
    predictions: tuple[Prediction, ...]
    saliency: F32 | None = None

    @property
    def rate(self) -> float:
        """Model calls per second."""
        return self.calls / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Time left at the rate so far."""
        return (self.budget - self.calls) / self.rate if self.rate > 0 else float("inf")


Steps = Generator[Progress, "bool | None", Explanation]


@dataclass(frozen=True, eq=False)
class Request:
    """One explanation to make; settings already checked.

    ``resumed`` is the stopped one that this goes on with, of the same settings.
    """

    model: BlackBox
    photo: Photo
    target: int | str | None
    method: str
    preset: str
    budget: int
    seed: int
    fill: str | None
    live: bool = True
    resumed: Explanation | None = None


class Shared:
    """Scores of all classes that several targets of one photograph have in common."""

    def __init__(self, targets: tuple[int | str, ...] = ()) -> None:
        self.targets = targets
        self.photo: F32 | None = None
        self.columns: list[int] = []
        # One array ``(n, targets)`` for each ask that all searches have in common.
        self.asks: list[F32] = []

    @property
    def several(self) -> bool:
        """Whether there is anything to share."""
        return len(self.targets) > 1

    def resolve(self, model: BlackBox) -> None:
        """Find the classes, once their number is known and before anything more is scored."""
        if self.photo is not None:
            self.columns = [model.resolve_target(t, len(self.photo)) for t in self.targets]


def run_steps(request: Request, shared: Shared | None = None) -> Steps:
    started = time.perf_counter()
    request.model.tune()
    prepared = request.model.prepare(request.photo)
    with Objective(request.model, prepared) as objective:
        run = _Run(request, objective, shared if shared is not None else Shared(), started)
        yield from run.search_steps()
        yield from run.region_steps()
        return run.result()


@dataclass
class _Ask:
    """Masks under way: answers ``(n, columns)``, of which so many are missing.

    The first ``known`` were not scored now and are not yet counted.
    """

    source: MaskSource
    answers: F32
    missing: int
    known: int = 0


class _Run:
    """One explanation under way: the search, then the regions, then the result."""

    def __init__(
        self, request: Request, objective: Objective, shared: Shared, started: float
    ) -> None:
        self.request, self.objective, self.shared = request, objective, shared
        self.started = started
        model = request.model
        self.borrowed = 0
        if shared.photo is None:
            shared.photo = objective.score_photo()
            shared.resolve(model)
        else:
            self.borrowed = PHOTO_CALLS
        scores = shared.photo
        self.classes = len(scores)
        self.predictions = tuple(model.rank(scores, TOP))
        index = self.predictions[0].index
        if request.target is not None:
            index = model.resolve_target(request.target, self.classes)
        self.target = model.prediction(index, float(scores[index]))
        # Only the model's own answer can be kept or flipped.
        # The columns of the scores that are kept, this target's among them.
        self.columns = shared.columns or [index]
        answer = index == self.predictions[0].index and self.classes > 1
        self.examined = request.budget >= REGIONS_FROM and answer
        # Targets that share their calls must ask for the same masks, hence the same budget.
        reserved = request.budget >= REGIONS_FROM and (answer or shared.several)
        self.search = METHODS[request.method](
            SearchTask(
                size=model.input_size,
                calls=request.budget - PHOTO_CALLS - (REGION_CALLS if reserved else 0),
                seed=request.seed,
                photo_score=self.target.score,
                fill=request.fill,
                image=objective.image(),
                open_ended=request.preset == UNTIL_STABLE,
                shared=shared.several,
            )
        )
        objective.use_fills(self.search.fills)
        # What a stopped run was told, and how much of it this search was told again.
        self.known = self._known_scores()
        self.replayed = 0
        # What this search was told; the journal of this run.
        self.told: list[F32] = []
        self.failure = ""
        self.counted = self.borrowed + objective.calls
        self.reason = ""
        self.spread, self.settled = _Spread(), Settled()
        self.spread.add(np.array([self.target.score], dtype=np.float32))
        self.history: list[tuple[int, float]] = []
        # Asks that the search was not yet told the scores of; whether there will be more.
        self._asks: deque[_Ask] = deque()
        self._ended = False
        # Asks of which the scores are shared with other targets, so far.
        self._borrowing = 0
        self.asked = 0
        self._live_at, self._fresh = 0.0, False
        self._regions: tuple[Region | None, Region | None] = (None, None)
        self._saliency: F32 | None = None

    def _known_scores(self) -> F32:
        """The scores of the stopped run, once its model and search are found to be the same."""
        before = self.request.resumed
        if before is None or before.journal is None:
            return np.zeros(0, dtype=np.float32)
        if abs(before.target.score - self.target.score) > SAME_SCORE:
            raise SettingsError(
                f"This is not the model of the stopped run: it gave {before.target.label!r} "
                f"{before.target.score:.3f} then and gives {self.target.score:.3f} now. Run the "
                "explanation anew."
            )
        if self.search.settings() != before.settings.get("search"):
            raise SettingsError(
                "The stopped run searched with other parameters than this version does. Run the "
                "explanation anew."
            )
        return before.journal.scores

    def search_steps(self) -> Generator[Progress, bool | None, None]:
        """Ask, score and tell until the budget is spent, the map settles or somebody stops."""
        batches = self.objective.stream(self._more)
        try:
            for batch in batches:
                asked = next(a for a in self._asks if a.missing)
                answers = batch.scores[:, self.columns]
                asked.answers[batch.start : batch.stop] = answers
                asked.missing -= batch.stop - batch.start
                self._note_known(asked)
                self._note(answers)
                self._tell()
                # Masks that were asked for before the map settled are scored to the last, so that
                # the number of calls does not depend on how fast the model was.
                if (yield self._progress(self._live_map())) and not self.reason:
                    self.reason = "cancelled"
                    break
        except ModelError as error:
            self._fail(error)
        finally:
            batches.close()
        if self._asks and self.reason in ("cancelled", "failed"):
            # What was answered of the masks under way counts; NaN where nothing was.
            asked = self._asks.popleft()
            if asked.missing < len(asked.source):
                self.asked += 1
                self.search.tell(self._of_target(asked))
        while self._asks and self.reason == "stable":
            self.search.tell(self._of_target(self._asks.popleft()))

    def _more(self) -> tuple[MaskSource, int] | None:
        """The next masks to score, and how many of them are known already; None = not now.

        An eager search is always asked once more before it is told the scores of the last ask,
        however batches fall, so that a run depends on nothing but its settings.
        """
        while not (self.reason or self._ended):
            self._tell()
            if self.reason or len(self._asks) > int(self.search.eager):
                return None
            source = self.search.ask()
            if source is None:
                self._ended = True
                self._tell()
                return None
            # NaN where a cancelled batch was never scored.
            answers = np.full((len(source), len(self.columns)), np.nan, dtype=np.float32)
            asked = self._recalled(source, answers)
            self._asks.append(asked)
            self._tell()
            if asked.missing:
                return source, len(source) - asked.missing
        return None

    def _tell(self) -> None:
        """Tell the search the scores of its asks as far as they are complete and due."""
        while self._asks and not self._asks[0].missing and not self.reason:
            waiting = self.search.eager and not self._ended
            if len(self._asks) == 1 and waiting:
                return
            asked = self._asks.popleft()
            self._note_known(asked)
            told = self._of_target(asked)
            self.asked += 1
            self.spread.add(told)
            self.search.tell(told)
            self._fresh = True
            self._note_fitness()
            if self._has_settled():
                self.reason = "stable"

    def _of_target(self, asked: _Ask) -> F32:
        return np.ascontiguousarray(asked.answers[:, self.columns.index(self.target.index)])

    def _recalled(self, source: MaskSource, answers: F32) -> _Ask:
        """Fill in the scores that are known of these masks.

        They are those of a run that was stopped, or of another target of the photograph.
        """
        shared = self.shared
        if not (shared.several and self.search.independent):
            known = self._replay(source, answers)
            return _Ask(source, answers, len(source) - known, known)
        if self._borrowing < len(shared.asks):
            answers[:] = shared.asks[self._borrowing]
            self._borrowing += 1
            self.objective.render_only(source)
            self.counted += len(answers)
            self.borrowed += len(answers)
            return _Ask(source, answers, 0)
        # The same array, which the answers to come are written into.
        shared.asks.append(answers)
        self._borrowing += 1
        return _Ask(source, answers, len(source))

    def _note(self, answers: F32) -> None:
        """Count a batch of answers ``(n, columns)`` and keep the target's for the journal."""
        self.counted += len(answers)
        self.told.append(answers[:, self.columns.index(self.target.index)].copy())

    def _note_fitness(self) -> None:
        """Keep the best fitness, once for each number of calls."""
        fitness = self.search.best_fitness
        if fitness is None:
            return
        if self.history and self.history[-1][0] == self.counted:
            self.history.pop()
        self.history.append((self.counted, fitness))

    def _replay(self, source: MaskSource, answers: F32) -> int:
        """Fill in what the stopped run knows of these masks; how many they are."""
        known = self.known[self.replayed : self.replayed + len(source)]
        if len(known):
            self.objective.render_only(source, len(known))
        answers[: len(known), 0] = known
        self.replayed += len(known)
        return len(known)

    def _note_known(self, asked: _Ask) -> None:
        """Note the answers that were known as if they came now, batch by batch."""
        if not asked.known:
            return
        for start, stop in self.objective.spans(len(asked.source)):
            if start < asked.known:
                self._note(asked.answers[start : min(stop, asked.known)])
        asked.known = 0

    def _fail(self, error: ModelError) -> None:
        """Keep what was found before the model failed; if that is nothing, raise."""
        # Scores that other targets share count as well.
        if not self.told and not self.asked:
            raise error
        self.reason, self.failure = "failed", str(error)

    def _live_map(self) -> F32 | None:
        """A map a few times a second, when there is news."""
        now = time.perf_counter()
        wanted = self.request.live and self._fresh
        if not wanted or now - self._live_at < LIVE_INTERVAL:
            return None
        self._live_at, self._fresh = now, False
        return self.search.saliency()

    def _has_settled(self) -> bool:
        fitness = self.search.best_fitness
        if self.request.preset != UNTIL_STABLE or fitness is None:
            return False
        return self.settled.update(self.counted, fitness, self.search.saliency())

    def region_steps(self) -> Generator[Progress, bool | None, None]:
        """Spend what was reserved on the regions that keep and flip the decision."""
        if not self.examined or self.reason in ("cancelled", "failed") or self.is_flat():
            return
        fills = self.search.region_fills
        regions = find_regions(
            self.objective,
            self.saliency(),
            self.target.index,
            fills,
            lambda scores: tuple(self.request.model.rank(scores, TOP)),
        )
        while True:
            try:
                self.counted += next(regions)
            except StopIteration as end:
                self._regions = end.value
                return
            except ModelError as error:
                self._fail(error)
                return
            if (yield self._progress()):
                self.reason = "cancelled"
                regions.close()
                return

    def is_flat(self) -> bool:
        """Whether there is nothing to draw."""
        return self.asked == 0 or self.spread.is_flat()

    def saliency(self) -> F32:
        """The final map ``(h, w)``, read-only; all zeros when there is nothing to draw."""
        if self._saliency is None:
            if self.is_flat():
                self._saliency = np.zeros(self.request.model.input_size, dtype=np.float32)
            else:
                self.search.finish()
                self._saliency = self.search.saliency()
            self._saliency.flags.writeable = False
        return self._saliency

    def _progress(self, live: F32 | None = None) -> Progress:
        return Progress(
            calls=self.counted,
            budget=self.request.budget,
            seconds=time.perf_counter() - self.started,
            best_fitness=self.search.best_fitness,
            target=self.target,
            predictions=self.predictions,
            saliency=live,
        )

    def result(self) -> Explanation:
        """What was found."""
        request, model = self.request, self.request.model
        calls = self._calls()
        keep, flip = self._regions
        return Explanation(
            photo=request.photo,
            target=self.target,
            predictions=self.predictions,
            input_saliency=self.saliency(),
            fit=model.preprocessing.fit(request.photo.size),
            calls=calls,
            shared_calls=self.borrowed,
            budget=request.budget,
            seconds=time.perf_counter() - self.started,
            history=tuple(self.history),
            seed=request.seed,
            settings={
                "method": request.method,
                "preset": request.preset,
                "calls": request.budget,
                "fill": request.fill,
                "search": self.search.settings(),
            },
            stop_reason=self.reason or ("budget" if calls == request.budget else "finished"),
            model=model.describe(),
            keep_region=keep,
            flip_region=flip,
            warnings=self._warnings(),
            journal=self._journal(),
        )

    def _calls(self) -> int:
        """Scored inputs that the map rests on, those of another target or run among them."""
        return self.borrowed + self.replayed + self.objective.calls

    def _journal(self) -> Journal | None:
        """What it takes to go on; nothing where targets share their calls."""
        if self.reason not in ("cancelled", "failed") or not self.told or self.shared.several:
            return None
        scores = np.concatenate(self.told)
        scores.flags.writeable = False
        return Journal(scores)

    def _warnings(self) -> tuple[str, ...]:
        found = [a.text for a in self.request.model.assumptions]
        if self.replayed:
            found.append(
                f"Resumed with {self.replayed} scores of a run that was stopped; what it had under "
                "way then was scored again."
            )
        if self.reason == "cancelled":
            found.append(f"Stopped at {self._calls()} of {self.request.budget} calls.")
        if self.asked and self.spread.scored and self.spread.is_flat():
            found.append(
                "Whatever is hidden, the score of this class stays the same: the map is empty, "
                "because there is nothing to explain."
            )
        elif self.target.score < LOW_PROBABILITY:
            found.append(
                f"The model gives {self.target.label!r} only {self.target.score:.2g}: a map of so "
                "small a probability explains little."
            )
        if self.spread.spoiled:
            found.append(
                f"The model answered {self.spread.spoiled} masked inputs with values that are not "
                "numbers; they were left out."
            )
        if self.reason == "failed":
            found.append(
                f"The model failed after {self.counted} of {self.request.budget} calls; this is "
                f"the map so far. {self.failure}"
            )
        return tuple(found)


class _Spread:
    """Range of the scores, and how many were no numbers."""

    # Differences below this are rounding, not evidence.
    FLAT = 1e-6

    def __init__(self) -> None:
        self.low, self.high, self.spoiled, self.scored = np.inf, -np.inf, 0, 0

    def add(self, scores: F32) -> None:
        valid = scores[np.isfinite(scores)]
        self.spoiled += len(scores) - len(valid)
        self.scored += len(valid)
        if len(valid):
            self.low = min(self.low, float(valid.min()))
            self.high = max(self.high, float(valid.max()))

    def is_flat(self) -> bool:
        return not self.high - self.low > self.FLAT
