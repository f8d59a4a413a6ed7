"""Models opened once in a process, from what can be sent to another one."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decam_engine.errors import ModelError
from decam_engine.models import Assumption, BlackBox, Preprocessing, is_server_url, load_model
from decam_engine.models.store import cache_folder
from decam_engine.question import model_facts


@dataclass(frozen=True, eq=False)
class ModelSpec:
    """A model as it was opened, without its session.

    Attributes:
        source: absolute path of the file, or URL.
        options: what else :func:`decam_engine.load_model` was given.
        facts: the model's part of a question.
        sha256: of the file; None on a server.
    """

    source: str
    options: Mapping[str, Any]
    facts: Mapping[str, Any]
    preprocessing: Preprocessing
    preprocessing_source: str
    labels: tuple[str, ...] | None
    labels_source: str
    activation: str | None
    activation_source: str
    assumptions: tuple[Assumption, ...] = field(default=())
    sha256: str | None = None

    @classmethod
    def of(cls, source: str | Path, box: BlackBox, options: Mapping[str, Any]) -> ModelSpec:
        """What it takes to open a model again as it is open now."""
        served = is_server_url(source)
        return cls(
            str(source) if served else str(Path(source).absolute()),
            dict(options),
            model_facts(box),
            box.preprocessing,
            box.preprocessing_source,
            box.labels,
            box.labels_source,
            box.activation,
            box.activation_source,
            box.assumptions,
            None if served else box.describe().get("sha256"),
        )

    @property
    def served(self) -> bool:
        """Whether it is on a server, where somebody may pay for calls."""
        return is_server_url(self.source)

    @property
    def key(self) -> str:
        """The same for models that are opened alike."""
        return repr((self.source, sorted(self.options.items()), sorted(self.facts.items())))


# What of a model is taken as it was settled when it was first opened.
_SETTLED = (
    "preprocessing",
    "preprocessing_source",
    "labels",
    "labels_source",
    "activation",
    "activation_source",
    "assumptions",
)
_opened: dict[str, BlackBox] = {}
_opening = threading.Lock()


def opened(spec: ModelSpec) -> BlackBox:
    """The model, opened once in this process and kept; the last one only.

    Raises:
        MissingModelError: the file is neither where it was nor in this machine's cache.
        ModelError: it cannot be opened, or is another one now.
    """
    with _opening:
        box = _opened.get(spec.key)
        if box is None:
            # Of two models the one before is done with; both would need the memory of both.
            _opened.clear()
            box = _opened[spec.key] = _open(spec)
        return box


def keep(spec: ModelSpec, box: BlackBox) -> None:
    """Use a model that is open already."""
    with _opening:
        _opened.clear()
        _opened[spec.key] = box


class MissingModelError(ModelError):
    """The model's file is not on this machine."""


def _open(spec: ModelSpec) -> BlackBox:
    box = load_model(find_file(spec), **dict(spec.options))
    if not spec.served:
        # What lies beside the file, and what the user chose, is known where the batch was started.
        box = copy.copy(box)
        for name in _SETTLED:
            setattr(box, name, getattr(spec, name))
        box.preprocessing.fixed_size()
    found = {**model_facts(box), "address": None}
    if found != {**spec.facts, "address": None}:
        raise ModelError(
            f"The model {spec.source} is not the one that the batch was started with. Start it "
            "anew."
        )
    return box


def find_file(spec: ModelSpec) -> str:
    """The file, where it was or in the cache by its hash; a URL as it is.

    Raises:
        MissingModelError: in neither place.
    """
    if spec.served or Path(spec.source).is_file():
        return spec.source
    sent = sent_folder(spec) / Path(spec.source).name
    if sent.is_file():
        return str(sent)
    raise MissingModelError(
        f"The model {spec.source} is not on this machine; it is sent to it by its hash."
    )


def sent_folder(spec: ModelSpec) -> Path:
    """Where a model that was sent lies in this machine's cache."""
    return cache_folder() / "models" / str(spec.facts.get("identity"))


def with_runs(box: BlackBox, runs: int) -> BlackBox:
    """The same open model for one explanation, with so many runs at a time, counting from 0."""
    mine = copy.copy(box)
    mine.configuration = dataclasses.replace(box.configuration, concurrency=runs)
    mine.calls = 0
    mine._counting = threading.Lock()
    return mine
