"""What a search was told, kept so that a run that was stopped can be gone on with.

A search is deterministic: told the same scores for the same settings and seed, it asks for the
same masks. So the scores of one class, a few bytes for each call, are all that is kept.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.errors import SettingsError
from decam_engine.version import __version__

F32 = npt.NDArray[np.float32]

MOST_SCORES = 10_000_000


@dataclass(frozen=True, eq=False)
class Journal:
    """The scores that a search was told, in order.

    Attributes:
        scores: float32 ``(n,)``, the target's probabilities of the masks that were scored;
            NaN where the model gave no number. The untouched photograph is not among them.
        version: of the engine; another one may ask for other masks.
    """

    scores: F32
    version: str = __version__

    def record(self) -> dict[str, Any]:
        """JSON-ready: the scores as base64 of little-endian float32, so that no bit is lost."""
        data = np.ascontiguousarray(self.scores, dtype="<f4").tobytes()
        return {
            "version": self.version,
            "count": len(self.scores),
            "scores": base64.b64encode(data).decode(),
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Journal:
        """The inverse of :meth:`record`.

        Raises:
            SettingsError: damaged.
        """
        try:
            text, count = str(record["scores"]), int(record["count"])
            if not 0 < count <= MOST_SCORES:
                raise ValueError(count)
            data = base64.b64decode(text, validate=True)
            scores = np.frombuffer(data, dtype="<f4").astype(np.float32)
            if len(scores) != count:
                raise ValueError(count)
        except (LookupError, TypeError, ValueError, binascii.Error):
            raise SettingsError(
                "The scores to go on from are damaged; run the explanation anew."
            ) from None
        scores.flags.writeable = False
        return cls(scores, str(record.get("version")))
