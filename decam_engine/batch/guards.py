"""What a batch may use: model calls that somebody pays for, and room on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from decam_engine.batch.task import most_calls
from decam_engine.errors import SettingsError
from decam_engine.question import Question

# What is always left free for others, in bytes.
RESERVE = 200_000_000
# Estimates are off by so much.
MARGIN = 1.15
# Of one answer besides its maps: manifest, entry and the line in the index.
RECORDS = 24_000
# Per pixel of the photograph or the input, and fixed; measured on the bundled photographs.
_PER_PHOTO_PIXEL = {"npy": 4.0, "npz": 4.5, "png": 2.6, "html": 3.0, "pdf": 3.0}
_PER_INPUT_PIXEL = {"input": 4.0, "npz": 3.5}
_FIXED = {"figure": 600_000, "html": 400_000, "pdf": 500_000, "png": 20_000}


class Budget:
    """Model calls of this run; ``most`` None = as many as it takes.

    What is under way is reserved in full, so that the budget is never exceeded.
    """

    def __init__(self, most: int | None) -> None:
        self.most = most
        self.spent = 0
        self._reserved = 0

    def allows(self, question: Question) -> bool:
        """Whether a question may be asked now."""
        wanted = self.spent + self._reserved + most_calls(question)
        return self.most is None or wanted <= self.most

    def ever_allows(self, question: Question) -> bool:
        """Whether it may be asked once what is under way has cost nothing."""
        return self.most is None or self.spent + most_calls(question) <= self.most

    def reserve(self, question: Question) -> None:
        """Count a question as under way."""
        self._reserved += most_calls(question)

    def settle(self, question: Question, calls: int) -> None:
        """Count what it cost in the end."""
        self._reserved -= most_calls(question)
        self.spent += calls


def check_max_calls(most: int | None, least: int) -> None:
    """Refuse a budget that does not even last for one photograph.

    Raises:
        SettingsError: it does not.
    """
    if most is not None and most < least:
        raise SettingsError(
            f"--max-calls {most:,} does not last for one photograph, which takes up to {least:,} "
            "calls. Allow more, or choose a smaller --preset or --calls."
        )


def bytes_per_answer(
    photos: Sequence[tuple[int, int]],
    input_size: tuple[int, int],
    formats: Sequence[str],
    classes: int,
) -> int:
    """Expected bytes of an answer.

    Args:
        photos: sizes ``(H, W)`` of some of the photographs.
        input_size: ``(h, w)`` of the model.
        formats: of the saved results.
        classes: explained of each photograph.
    """
    pixels = sum(h * w for h, w in photos) / len(photos) if photos else 1_000_000
    inputs = input_size[0] * input_size[1]
    total = float(RECORDS)
    for name in dict.fromkeys(("input", *formats)):
        total += pixels * _PER_PHOTO_PIXEL.get(name, 0.0)
        total += inputs * _PER_INPUT_PIXEL.get(name, 0.0) + _FIXED.get(name, 0)
    return round(total * classes)


@dataclass
class Space:
    """Room for what is still to be written.

    Attributes:
        folder: on the disk in question.
        per_answer: bytes expected of an answer; the mean of the written ones replaces it.
    """

    folder: Path
    per_answer: int
    _written: int = field(default=0, init=False)
    _answers: int = field(default=0, init=False)

    def wrote(self, count: int) -> None:
        """Note the bytes of an answer."""
        self._written += count
        self._answers += 1

    @property
    def expected(self) -> int:
        """Bytes of an answer, estimated or measured."""
        return round(self._written / self._answers) if self._answers else self.per_answer

    def free(self) -> int:
        """Bytes that may still be written; raises ``OSError``."""
        return max(0, shutil.disk_usage(self.folder).free - RESERVE)

    def lacks(self, answers: int) -> int:
        """How many bytes are missing for so many answers; 0 = none."""
        try:
            return max(0, round(answers * self.expected * MARGIN) - self.free())
        except OSError:
            # A file system that does not say: then writing will.
            return 0


def size_words(count: float) -> str:
    """Bytes in words."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


def duration_words(seconds: float) -> str:
    """Seconds in words."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:,.1f} days"
