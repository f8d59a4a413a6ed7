"""The pre-processing doctor: in which of the usual ways does this model want its photographs?

A model that is fed wrongly still answers, and a beautiful map then explains nonsense. The
doctor feeds the user's own photographs in every usual way and compares the answers: fed as in
training, a classifier is sure of what it sees, says the same of a photograph however it is
cropped, and something else of another photograph. The rank counts all three: the probability
that two framings of one photograph get the same class, less that of two photographs, less a
little of the answers' entropy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError, ModelRunError, SettingsError
from decam_engine.images import Photo
from decam_engine.models.blackbox import BlackBox, Prediction
from decam_engine.models.candidates import Convention, conventions, same_values
from decam_engine.models.completing import spell_out
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.remembered import remember_choice

Array = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

TOP = 5
# Answers that differ by less than this in every probability of the top five are the same.
SAME = 0.03
# What a nat of entropy costs against agreement.
PER_NAT = 0.05
# A value range is unlikely when it agrees less by this much, all photos together.
LIKELY = 0.5
# Framings are told apart only by a difference of so many standard errors ...
ERRORS = 2.0
# ... and by at least so many photographs.
FEWEST_PHOTOS = 3
# Inputs scored at a time: stopping costs at most so many calls.
CHUNK = 16
RULE = (
    "Ranked by: what the caller, the sidecar, the metadata or a file beside the model states; then "
    "the range that the model's first operators scale, where they tell; then how surely the "
    "answers agree (the probability that two framings of a photo get the same "
    f"class, less that of two photos, less {PER_NAT:g} for each nat of entropy; a rarer convention "
    "has a handicap that fades as photos are added); framings by convention, unless at least "
    f"{FEWEST_PHOTOS} photos tell them apart by {ERRORS:g} standard errors of their entropy."
)


@dataclass(frozen=True)
class Candidate:
    """One way to feed the model, and what comes of it.

    Attributes:
        number: its rank, from 1.
        preprocessing: complete, ready for ``BlackBox.with_preprocessing``.
        name: as people call it.
        source: ``convention``, or where it was stated (``sidecar``, ``chosen``, ...).
        reason: why it stands where it stands.
        likely: whether the photographs leave it possible.
        in_use: whether the model is fed so now.
        confidence: mean probability of the most probable class, 0..1.
        entropy: mean over the photographs, in nats; less is more certain.
        predictions: for each photograph the five most probable classes; empty where the
            answer was not a number.
        same_as: names of candidates with the same outcome, which are not listed on their own.
    """

    number: int
    preprocessing: Preprocessing
    name: str
    source: str
    reason: str
    likely: bool
    in_use: bool
    confidence: float
    entropy: float
    predictions: tuple[tuple[Prediction, ...], ...]
    same_as: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; the answers with a photograph each."""
        record = dataclasses.asdict(self)
        finite = np.isfinite(self.entropy)
        return {
            **record,
            "preprocessing": self.preprocessing.to_dict(),
            "entropy": self.entropy if finite else None,
        }


@dataclass(frozen=True)
class Diagnosis:
    """All candidates, best first.

    Attributes:
        photos: names of the photographs, in the order of each candidate's predictions.
        candidates: see :class:`Candidate`.
        calls: how many inputs the model scored for it.
        rule: how they are ranked, one paragraph for the user.
    """

    photos: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    calls: int
    rule: str = RULE

    def candidate(self, number: int) -> Candidate:
        """The candidate of a rank, from 1.

        Raises:
            SettingsError: no such rank.
        """
        if not 1 <= number <= len(self.candidates):
            raise SettingsError(
                f"The candidate's number must lie in 1..{len(self.candidates)}, found {number}. "
                "See the list first."
            )
        return self.candidates[number - 1]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "photos": list(self.photos),
            "calls": self.calls,
            "rule": self.rule,
            "candidates": [c.to_dict() for c in self.candidates],
        }


def doctor(model: BlackBox, photos: Sequence[Photo]) -> Diagnosis:
    """Feed photographs in every usual way and rank the ways.

    Costs one call for each photograph and candidate (about 70 for a colour model); the
    model's own count of calls is not changed.

    Args:
        model: open, however it is fed now.
        photos: at least one; four or more of what the model was trained for tell much more.

    Raises:
        SettingsError: no photograph.
        ModelError: the model fails however it is fed.
    """
    steps = doctor_steps(model, photos)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Diagnosis = end.value
            return found


def doctor_calls(model: BlackBox, photos: int) -> int:
    """How many model calls :func:`doctor` takes for so many photographs; asks nothing."""
    listed = conventions(model.preprocessing)
    return photos * (len(listed) + _stated(model, listed))


def doctor_steps(model: BlackBox, photos: Sequence[Photo]) -> Generator[int, None, Diagnosis]:
    """As :func:`doctor`, step by step: yields the calls so far, returns the diagnosis.

    Whoever drives it stops it by asking for no further step.

    Raises:
        SettingsError, ModelError: as :func:`doctor`, from the first step on.
    """
    if not photos:
        raise SettingsError("The doctor needs at least one photograph, found none.")
    listed = conventions(model.preprocessing)
    stated = _stated(model, listed)
    records = [c.preprocessing for c in listed] + ([model.preprocessing] if stated else [])
    probe = model.with_preprocessing(model.preprocessing, model.preprocessing_source)
    answers = []
    for photo in photos:
        answers.append((yield from _answers(probe, photo, records)))
    scores = np.stack(answers)
    if not np.any(np.isfinite(scores)):
        raise ModelError(
            f"{model.name} answers with values that are not numbers however it is fed; expected "
            "finite scores. Check the model file."
        )
    order, reasons, likely = _rank(listed, scores[:, : len(listed)], _told(model))
    if stated:
        order = [len(listed), *order]
        reasons[len(listed)] = f"stated: {model.preprocessing_source}"
        likely.add(len(listed))
    found = [_candidate(model, listed, records, scores, i, reasons[i], i in likely) for i in order]
    merged = _merge(found, scores[:, order])
    numbered = tuple(dataclasses.replace(c, number=n) for n, c in enumerate(merged, 1))
    return Diagnosis(tuple(p.name for p in photos), numbered, probe.calls)


def choose(model: BlackBox, candidate: Candidate) -> BlackBox:
    """Feed the model as a candidate says, and remember it by the model's hash.

    Returns:
        the same model with its open session; ``preprocessing_source`` is ``chosen``.

    Raises:
        ExportError: it could not be remembered.
    """
    if model.identity is not None:
        remember_choice(model.identity, candidate.preprocessing)
    return model.with_preprocessing(candidate.preprocessing, "chosen")


def _stated(model: BlackBox, listed: Sequence[Convention]) -> bool:
    """Whether the model is fed in a way that no convention covers, or that somebody stated."""
    covered = any(same_values(c.preprocessing, model.preprocessing) for c in listed)
    return model.preprocessing_source != "assumed" or not covered


def _told(model: BlackBox) -> str | None:
    """Name of the value range that the model's first operators tell, of a model in floats."""
    found = getattr(getattr(model.backend, "input", None), "beginning", None)
    floats = model.preprocessing.dtype.startswith("float")
    return f"0..{found.white}" if found is not None and floats else None


def _answers(
    probe: BlackBox, photo: Photo, records: Sequence[Preprocessing]
) -> Generator[int, None, Array]:
    """Scores ``(candidates, K)`` of one photograph; a row that failed is NaN.

    Yields the calls so far.
    """
    placed: dict[tuple[Any, ...], npt.NDArray[np.uint8]] = {}
    rows: list[Array] = []
    for start in range(0, len(records), CHUNK):
        inputs = []
        for p in records[start : start + CHUNK]:
            key = (p.resize, p.crop_fraction, p.interpolation, p.pad)
            if key not in placed:
                placed[key] = p.place(photo.pixels)
            inputs.append(p.encode(placed[key]))
        rows += _scores(probe, inputs)
        yield probe.calls
    width = max(len(row) for row in rows)
    return np.stack([row if len(row) else np.full(width, np.nan, np.float32) for row in rows])


def _scores(probe: BlackBox, inputs: Sequence[Array]) -> list[Array]:
    try:
        return list(probe.scores(np.stack(inputs)))
    except ModelRunError:
        # Its server is gone, or it fails on inputs of this shape: on every other one as well.
        raise
    except ModelError:
        # Logits where probabilities are expected, for one value range: the others still count.
        found = []
        for one in inputs:
            try:
                found.append(probe.scores(one[None])[0])
            except ModelError:
                found.append(np.empty(0, dtype=np.float32))
        return found


def _entropy(scores: Array) -> Numbers:
    """In nats, over the last axis; infinite where the scores are not numbers."""
    p = _shares(scores)
    with np.errstate(invalid="ignore", divide="ignore"):
        terms = np.where(p > 0, p * np.log(p), 0.0)
    bad = ~np.all(np.isfinite(p), axis=-1)
    return np.asarray(np.where(bad, np.inf, -terms.sum(axis=-1)))


def _agreement(scores: Array) -> float:
    """How surely framings agree, and photographs do not: ``(photos, framings, K)`` -> a number.

    Of the measures tried (largest probability, entropy, mutual information, the difference to
    shuffled photographs) this one found the true range most often, for three networks and
    every range in turn.
    """
    p = _shares(scores)
    if not np.all(np.isfinite(p)):
        return -np.inf
    mean = p.mean(axis=1)
    agree = _same_class(p.swapaxes(0, 1)) - _same_class(mean[:, None])
    return agree - PER_NAT * float(_entropy(mean.astype(np.float32)).mean())


def _same_class(p: Numbers) -> float:
    """Probability that two different rows of the first axis name the same class.

    ``(rows, n, K)``; the mean over n; 0 for a single row.
    """
    rows = len(p)
    if rows == 1:
        return 0.0
    pairs = (p.sum(axis=0) ** 2).sum(axis=-1) - (p**2).sum(axis=(0, -1))
    return float(pairs.mean() / (rows * (rows - 1)))


def _shares(scores: Array) -> Numbers:
    """Scores that sum to 1 over the last axis: independent classes do not, their shares do."""
    p = np.asarray(scores, dtype=np.float64)
    p = np.concatenate([p, 1.0 - p], axis=-1) if p.shape[-1] == 1 else p
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(p / p.sum(axis=-1, keepdims=True))


def _rank(
    listed: Sequence[Convention], scores: Array, told: str | None = None
) -> tuple[list[int], dict[int, str], set[int]]:
    """Order, reasons and likeliness of the conventions; ``scores`` is ``(photos, C, K)``.

    The range named ``told`` comes first.
    """
    photos = len(scores)
    groups: dict[tuple[str, str], list[int]] = {}
    for i, c in enumerate(listed):
        groups.setdefault((c.range.name, c.order), []).append(i)
    members = list(groups.values())
    handicaps = [listed[m[0]].handicap for m in members]
    # Hardly any classifier was shown padding: it would blur the comparison.
    whole = [[i for i in m if listed[i].framing.resize != "letterbox"] for m in members]
    agreements = [_agreement(scores[:, m]) for m in whole]
    totals = [a - h / photos for a, h in zip(agreements, handicaps, strict=True)]
    for i, m in enumerate(members):
        # Twins, such as (p - 127) / 128 and (p - 127.5) / 127.5, are told apart by noise alone.
        for j in range(i):
            if np.abs(scores[:, m] - scores[:, members[j]]).max() < SAME:
                totals[i] = totals[j]
                break
    first_told = [listed[m[0]].range.name == told for m in members]
    ranking = sorted(range(len(members)), key=lambda g: (not first_told[g], -totals[g], g))
    best = ranking[0]
    framed = {g: _frame(members[g], scores) for g in ranking}
    reasons, likely = {}, set()
    for place, g in enumerate(ranking):
        behind = photos * (totals[best] - totals[g])
        # The told range may agree less than others and stands before them nevertheless.
        behind = max(0.0, behind) if np.isfinite(behind) else np.inf
        for k, (i, why) in enumerate(framed[g]):
            said = f"agreement {agreements[g]:.2f}"
            if not np.isfinite(agreements[g]):
                said = "answers that are not numbers"
            elif first_told[g]:
                said += ", told by the model's first operators"
            elif place:
                said += f", {behind:.2f} behind the first over all photos, handicap included"
            reasons[i] = f"{said}; framing {why}"
            if behind < LIKELY and (g == best or k == 0):
                likely.add(i)
    # All framings of the best range, then the best of each other one, then the rest.
    first = [i for i, _ in framed[best]]
    heads = [framed[g][0][0] for g in ranking[1:]]
    rest = [i for g in ranking[1:] for i, _ in framed[g][1:]]
    return [*first, *heads, *rest], reasons, likely


def _frame(members: Sequence[int], scores: Array) -> list[tuple[int, str]]:
    """The framings of one value range: by convention, unless the photographs tell otherwise."""
    entropies = _entropy(scores[:, members])
    photos = len(entropies)
    left, found = list(range(len(members))), []
    while left:
        usual = left[0]
        pick, why = usual, "by convention"
        if photos >= FEWEST_PHOTOS and np.all(np.isfinite(entropies)):
            gains = entropies[:, [usual]] - entropies[:, left]
            means = gains.mean(axis=0)
            limits = ERRORS * gains.std(axis=0, ddof=1) / np.sqrt(photos)
            clear = [k for k in range(len(left)) if means[k] > limits[k]]
            if clear:
                pick = left[max(clear, key=lambda k: means[k])]
                why = "clearly more certain"
        found.append((members[pick], why))
        left.remove(pick)
    return found


def _candidate(
    model: BlackBox,
    listed: Sequence[Convention],
    records: Sequence[Preprocessing],
    scores: Array,
    index: int,
    reason: str,
    likely: bool,
) -> Candidate:
    record = records[index]
    convention = index < len(listed)
    entropies = _entropy(scores[:, index])
    tops = [
        tuple(model.rank(row, TOP)) if np.all(np.isfinite(row)) else () for row in scores[:, index]
    ]
    confidences = [top[0].score if top else 0.0 for top in tops]
    return Candidate(
        number=0,
        preprocessing=record,
        name=listed[index].name if convention else spell_out(record),
        source="convention" if convention else model.preprocessing_source,
        reason=reason,
        likely=likely,
        in_use=not convention or same_values(record, model.preprocessing),
        confidence=float(np.mean(confidences)),
        entropy=float(entropies.mean()),
        predictions=tuple(tops),
    )


def _merge(found: Sequence[Candidate], scores: Array) -> list[Candidate]:
    """Candidates with the same outcome become one: the first of them, which names the others."""
    kept: list[tuple[Candidate, int]] = []
    for k, candidate in enumerate(found):
        for n, (other, index) in enumerate(kept):
            if _same(candidate, other, scores[:, k], scores[:, index]):
                kept[n] = (
                    dataclasses.replace(
                        other,
                        same_as=(*other.same_as, candidate.name),
                        likely=other.likely or candidate.likely,
                        in_use=other.in_use or candidate.in_use,
                    ),
                    index,
                )
                break
        else:
            kept.append((candidate, k))
    return [candidate for candidate, _ in kept]


def _same(one: Candidate, other: Candidate, a: Array, b: Array) -> bool:
    """Same five classes in the same order for every photograph, nearly the same scores."""
    for top, rival in zip(one.predictions, other.predictions, strict=True):
        if [p.index for p in top] != [p.index for p in rival]:
            return False
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
        return bool(not np.any(np.isfinite(a)) and not np.any(np.isfinite(b)))
    return float(np.abs(a - b).max()) < SAME
