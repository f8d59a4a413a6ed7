"""Errors that a user can act on.

Every message is one sentence (or two) that says what was expected, what was found and
what to do. The command line and the window show it as it is. Anything else that is
raised is a bug.
"""

from __future__ import annotations


class DecamError(Exception):
    """Something the user can put right; ``str(error)`` is the sentence to show."""


class ImageError(DecamError):
    """The file is not an image that can be explained."""


class ModelError(DecamError):
    """The model cannot be opened, fed or understood."""


class ModelRunError(ModelError):
    """A model that was open failed on an input; what it answered before still holds."""


class SettingsError(DecamError):
    """A setting (budget, seed, target, method, fill, ...) has an unusable value."""


class ExportError(DecamError):
    """A result could not be written; it is still in memory and can be saved elsewhere."""


class FolderInUseError(ExportError):
    """Another process writes to the folder of results."""
