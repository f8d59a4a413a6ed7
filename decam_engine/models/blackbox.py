"""A classifier seen from outside: photographs in, probabilities out, nothing in between."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from decam_engine.errors import ModelError
from decam_engine.images import Photo
from decam_engine.models.activations import ACTIVATIONS, APPLY, RANGE_TOLERANCE, guess
from decam_engine.models.labels import find_class, labels_hash
from decam_engine.models.preprocessing import Preprocessing
from decam_engine.models.tuning import Configuration

# More inputs than this are scored in several runs, so that memory stays bounded.
MAX_BATCH = 128
DEFAULT_BATCH = 8

Array = npt.NDArray[np.float32]


class Backend(Protocol):
    """What runs a model. A new kind of model is one class with these members."""

    name: str

    def run(self, inputs: Array) -> npt.NDArray[Any]:
        """float32 inputs ``(N, ...)`` -> raw outputs ``(N, K)``.

        Raises ``ModelError`` when the model fails.
        """
        ...

    def describe(self) -> Mapping[str, Any]:
        """JSON-ready facts for the manifest: hash, runtime, provider, threads, ..."""
        ...


@dataclass(frozen=True)
class Prediction:
    """One class of a model's answer; ``score`` is a probability in [0, 1]."""

    index: int
    label: str
    score: float


@dataclass(frozen=True)
class Assumption:
    """Something that was not stated by anybody and had to be guessed."""

    topic: str
    text: str


class BlackBox:
    """A model with its pre-processing and class names.

    Attributes:
        preprocessing: complete (size and layout known).
        preprocessing_source: where it came from: ``given``, ``sidecar``, ``chosen``,
            ``metadata (TOOL)``, ``file NAME (TOOL)`` or ``assumed``.
        labels: class names in output order, or None.
        labels_source: where those came from, in the same words; ``none`` without names.
        activation: what turns the model's output into probabilities (see ``ACTIVATIONS``),
            None until it is known.
        activation_source: ``given``, ``sidecar``, ``metadata``, ``graph`` or ``values``.
        assumptions: what was guessed, to be shown to the user.
        configuration: inputs per run, threads, runs at a time.
        calls: how many inputs this object has scored.
    """

    def __init__(
        self,
        backend: Backend,
        preprocessing: Preprocessing,
        *,
        preprocessing_source: str = "given",
        labels: Sequence[str] | None = None,
        labels_source: str = "given",
        activation: str | None = None,
        activation_source: str = "given",
        assumptions: Sequence[Assumption] = (),
        configuration: Configuration | None = None,
        tuner: Callable[[BlackBox], Configuration] | None = None,
    ) -> None:
        if activation is not None and activation not in ACTIVATIONS:
            raise ModelError(
                f"The activation must be one of {', '.join(ACTIVATIONS)} or left open, "
                f"found {activation!r}."
            )
        if preprocessing.layout is None:
            preprocessing = dataclasses.replace(preprocessing, layout="NCHW")
        preprocessing.fixed_size()
        self.backend = backend
        self.preprocessing = preprocessing
        self.preprocessing_source = preprocessing_source
        self.labels = None if labels is None else tuple(str(label) for label in labels)
        self.labels_source = "none" if labels is None else labels_source
        self.assumptions = tuple(assumptions)
        self.configuration = configuration or Configuration(DEFAULT_BATCH, 1)
        self._tuner = tuner
        self.calls = 0
        self._counting = threading.Lock()
        self._tuning = threading.Lock()
        self.activation = activation
        self.activation_source = "values" if activation is None else activation_source

    @property
    def name(self) -> str:
        """The model's file name, or the function's name."""
        return self.backend.name

    def with_preprocessing(self, preprocessing: Preprocessing, source: str = "given") -> BlackBox:
        """The same model, with the same open session, fed in another way.

        What was assumed of the pre-processing is no longer; calls are counted from 0.

        Args:
            preprocessing: complete, for inputs of the shape that the model takes.
            source: where it comes from, see ``preprocessing_source``.
        """
        box = copy.copy(self)
        box.preprocessing = dataclasses.replace(
            preprocessing, layout=preprocessing.layout or self.preprocessing.layout
        )
        box.preprocessing.fixed_size()
        box.preprocessing_source = source
        box.assumptions = tuple(a for a in self.assumptions if a.topic != "pre-processing")
        box.calls = 0
        box._counting, box._tuning = threading.Lock(), threading.Lock()
        return box

    @property
    def identity(self) -> str | None:
        """Hash of the model's file with its external weights; None for a function."""
        found = getattr(self.backend, "identity", None)
        return None if found is None else str(found)

    @property
    def batch_size(self) -> int:
        """How many inputs the engine hands over at a time."""
        return self.configuration.batch_size

    def tune(self) -> None:
        """Find (or remember) the fastest configuration, once; no calls are counted."""
        with self._tuning:
            if self._tuner is not None:
                self.configuration = self._tuner(self)
                self._tuner = None

    @property
    def input_size(self) -> tuple[int, int]:
        """``(h, w)`` in pixels."""
        return self.preprocessing.fixed_size()

    def prepare(self, photo: Photo) -> Array:
        """The photograph exactly as the model is fed: float32 ``(c, h, w)`` or ``(h, w, c)``."""
        return self.preprocessing.apply(photo.pixels)

    def scores(self, inputs: npt.ArrayLike) -> Array:
        """Probabilities of all classes.

        Args:
            inputs: float32 ``(N, c, h, w)`` or ``(N, h, w, c)``, prepared; each of the N
                counts as one call.

        Returns:
            float32 ``(N, K)`` in [0, 1]; a row that the model spoiled is all NaN.

        Raises:
            ModelError: wrong shape, or the model failed.
        """
        batch = np.ascontiguousarray(inputs, dtype=np.float32)
        h, w = self.input_size
        c = self.preprocessing.channel_count
        expected = (h, w, c) if self.preprocessing.layout == "NHWC" else (c, h, w)
        if batch.ndim != 4 or batch.shape[1:] != expected:
            raise ModelError(
                f"{self.name} takes inputs of shape (N, {', '.join(map(str, expected))}), found "
                f"{batch.shape}. Use BlackBox.prepare(photo) to make them."
            )
        step = max(MAX_BATCH, self.batch_size)
        parts = [self._run(batch[i : i + step]) for i in range(0, len(batch), step)]
        if not parts:
            raise ModelError(f"{self.name} was given no input: expected at least one.")
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def predict(self, photo: Photo, top: int = 5) -> list[Prediction]:
        """The ``top`` most probable classes, most probable first; one call."""
        return self.rank(self.scores(self.prepare(photo)[None])[0], top)

    def rank(self, scores: Array, top: int = 5) -> list[Prediction]:
        """The ``top`` largest of one row of scores ``(K,)``, largest first, ties by index.

        Raises:
            ModelError: the row is not finite.
        """
        if not np.all(np.isfinite(scores)):
            raise ModelError(
                f"{self.name} answered with values that are not numbers (NaN or infinite); "
                "expected finite scores. Check the pre-processing and the model file."
            )
        order = np.argsort(-scores, kind="stable")[: max(0, top)]
        return [self.prediction(int(i), float(scores[i])) for i in order]

    def prediction(self, index: int, score: float) -> Prediction:
        """A class with its name."""
        return Prediction(index, self.label(index), score)

    def label(self, index: int) -> str:
        """The class's name, or ``class 12`` when names are not known."""
        if self.labels is not None and index < len(self.labels):
            return self.labels[index]
        return f"class {index}"

    def resolve_target(self, target: int | str, count: int) -> int:
        """The index of a class given by index or name, for a model of ``count`` classes.

        Raises:
            SettingsError: see :func:`decam_engine.models.labels.find_class`.
        """
        return find_class(target, self.labels, count)

    def describe(self) -> dict[str, Any]:
        """JSON-ready facts for the manifest."""
        return {
            "name": self.name,
            **self.backend.describe(),
            "input_size": list(self.input_size),
            "preprocessing": self.preprocessing.to_dict(),
            "preprocessing_source": self.preprocessing_source,
            "labels_source": self.labels_source,
            "labels_sha256": labels_hash(self.labels),
            "activation": self.activation,
            "activation_source": self.activation_source,
            "configuration": dataclasses.asdict(self.configuration),
            "assumptions": [a.text for a in self.assumptions],
        }

    def _run(self, batch: Array) -> Array:
        raw = np.asarray(self.backend.run(batch))
        with self._counting:
            self.calls += len(batch)
        if raw.ndim != 2 or raw.shape[0] != len(batch) or raw.shape[1] < 1:
            raise ModelError(
                f"{self.name} is no image classifier that can be explained: expected an output of "
                f"shape ({len(batch)}, classes), found {raw.shape}."
            )
        scores = self._to_probabilities(raw.astype(np.float32, copy=False))
        self._check_labels(scores.shape[1])
        return scores

    def _check_labels(self, count: int) -> None:
        if self.labels is not None and len(self.labels) != count:
            raise ModelError(
                f"The labels do not fit {self.name}: the model has {count} classes, the label list "
                f"has {len(self.labels)}. Give the list that belongs to this model."
            )

    def _to_probabilities(self, raw: Array) -> Array:
        finite = np.all(np.isfinite(raw), axis=1)
        if self.activation is None and np.any(finite):
            self.activation = guess(raw[finite])
        activation = self.activation or "none"
        if activation in ("none", "exp") and np.any(finite):
            self._check_range(raw[finite], activation)
        scores = APPLY[activation](raw).astype(np.float32, copy=False)
        scores = self._two_columns(scores)
        if not np.all(finite):
            scores = scores.copy()
            scores[~finite] = np.nan
        return np.asarray(scores, dtype=np.float32)

    def _check_range(self, raw: Array, activation: str) -> None:
        low, high = raw.min(), raw.max()
        words, limits, least = "probabilities", "0..1", -RANGE_TOLERANCE
        most = 1.0 + RANGE_TOLERANCE
        if activation == "exp":
            words, limits, least, most = "log-probabilities", "at most 0", -np.inf, RANGE_TOLERANCE
        if low < least or high > most:
            given = self.activation_source in ("given", "sidecar", "metadata")
            source = "was given as" if given else "first looked like"
            raise ModelError(
                f"The output of {self.name} {source} {words} ({limits}), but holds values "
                f"from {low:.4g} to {high:.4g}. For logits say activation='softmax'."
            )

    def _two_columns(self, scores: Array) -> Array:
        """One output with two names is the probability of the second."""
        if scores.shape[1] == 1 and self.labels is not None and len(self.labels) == 2:
            return np.concatenate([1.0 - scores, scores], axis=1)
        return scores
