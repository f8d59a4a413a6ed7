"""The command line that makes an explanation again, from its manifest."""

from __future__ import annotations

from typing import Any

from decam_engine.reports.plain import for_shell

_WHITE = [255, 255, 255]


def command_line(m: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The command, quoted for a POSIX shell, and what must be known to run it."""
    photo, model, settings = m["photo"], m["model"], m["settings"]
    notes: list[str] = []
    source = model.get("url") or model.get("path")
    if source is None:
        notes.append("The model was a function in a program, which no command line can name.")
    if photo.get("path") is None:
        notes.append("The photograph was given as pixels in memory, not as a file.")
    words = ["decam", "explain", photo.get("path") or photo["name"]]
    words += ["--model", source or model["name"], "--target", m["target"]["index"]]
    words += ["--method", settings["method"], "--preset", settings["preset"]]
    words += ["--calls", m["budget"], "--seed", m["seed"]]
    if settings.get("fill") is not None:
        words += ["--fill", settings["fill"]]
    words += _reading(photo["reading"].get("options", {}))
    configuration = model.get("configuration") or {}
    for option, key in (("--threads", "threads"), ("--batch-size", "batch_size")):
        if isinstance(configuration.get(key), int):
            words += [option, configuration[key]]
    if model.get("activation") is not None:
        words += ["--activation", model["activation"]]
    if m.get("faithfulness") is not None:
        words += ["--faithfulness"]
    if m.get("stability") is not None:
        words += ["--stability"]
    if model.get("preprocessing_source") == "given":
        notes.append("Add --preprocessing FILE with the pre-processing that is listed above.")
    if model.get("labels_source") == "given":
        notes.append("Add --labels FILE with the class names that were given.")
    return " ".join(for_shell(word) for word in words), tuple(notes)


def _reading(options: dict[str, Any]) -> list[Any]:
    words: list[Any] = []
    if options.get("page") is not None:
        words += ["--page", options["page"]]
    window = options.get("window")
    if window is not None:
        text = window if isinstance(window, str) else ":".join(f"{v:g}" for v in window)
        words += [f"--window={text}"]
    background = options.get("background", _WHITE)
    if background != _WHITE:
        words += ["--background", "#" + "".join(f"{v:02x}" for v in background)]
    return words
