"""Writing down beside a model what is known of it, for everybody who opens it after."""

from __future__ import annotations

from pathlib import Path

from decam_engine.errors import SettingsError
from decam_engine.models.blackbox import BlackBox
from decam_engine.models.sidecar import sidecar_path, write_sidecar

# Of the sources of a fact: those that a sidecar repeats. The others are found again by themselves.
STATED = ("given", "sidecar")


def sidecar_of(model: BlackBox) -> Path | None:
    """Where the sidecar of a model is or would be; None for a model that is no file."""
    path = getattr(model.backend, "path", None)
    return sidecar_path(path) if isinstance(path, Path) else None


def save_sidecar(model: BlackBox, *, replace: bool = False) -> Path:
    """Write how a model is fed into ``MODEL.decam.json`` beside it.

    Class names, activation and output are written where somebody stated them.

    Args:
        model: a file, whose pre-processing is no guess.
        replace: whether a sidecar that is there may be replaced.

    Raises:
        SettingsError: not a file, or the pre-processing is a guess.
        ExportError: there is one already and it is not to be replaced, or the folder refuses.
    """
    path = getattr(model.backend, "path", None)
    if not isinstance(path, Path):
        raise SettingsError("Only a model that is a file can have a sidecar beside it.")
    if model.preprocessing_source == "assumed":
        raise SettingsError(
            f"The pre-processing of {model.name} is a guess, and a guess is not saved: choose one "
            "with the doctor first."
        )
    facts = model.describe()
    guessed = any(a.topic == "output" for a in model.assumptions)
    return write_sidecar(
        path,
        str(facts["sha256"]),
        model.preprocessing,
        labels=model.labels if model.labels_source in STATED else None,
        activation=model.activation if model.activation_source in STATED else None,
        output=None if guessed or len(facts["outputs"]) < 2 else str(facts["output"]),
        replace=replace,
    )
