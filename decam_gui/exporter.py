"""Export off the GUI thread: previews of every format, and the files themselves."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pypdfium2
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from decam_engine import FORMATS, DecamError, Explanation, Template
from decam_gui.books import BOOK_FORMATS, write_books
from decam_gui.core.findings import SavedMap
from decam_gui.qt_image import to_qimage

# A result in memory, or one that is read when its turn comes.
Result = Explanation | SavedMap
# Maps of which the preview of a report of many is made.
PREVIEWED = 4

# Sides of preview pictures, in pixels: sharp in the dialog on a 2x screen.
PREVIEW_SIDE = 1400
PAGE_WIDTH = 1000
# Letters of a text that the preview shows.
MOST_TEXT = 20_000


@dataclass(frozen=True)
class Scope:
    """Something that can be exported.

    Attributes:
        key: ``map``, ``grid`` or ``all``.
        title: in the user's language.
        results: what belongs to it; the first ones are previewed.
    """

    key: str
    title: str
    results: Sequence[Result]


@dataclass(frozen=True)
class Preview:
    """What a format makes of a result: pictures and text, and the file where a browser shows it.

    Attributes:
        pictures: images that nobody writes to, in order.
        text: of formats that are not pictures.
        file: to be opened by another program, or None.
    """

    pictures: tuple[QImage, ...] = ()
    text: str = ""
    file: tuple[str, bytes] | None = None


class StoppedError(Exception):
    """Somebody pressed Stop while a report was written."""


class Exporter(QObject):
    """Makes previews and writes files; ``wanted`` and ``cancel`` are set from the GUI thread."""

    previewed = Signal(int, object)
    preview_failed = Signal(int, str)
    # Number of the request; (photograph, class, warning) of each map that has any.
    warned = Signal(int, list)
    progress = Signal(int, int)
    # The files, and a sentence for each map that could not be read.
    finished = Signal(list, list)
    # What went wrong, and the files that were written before.
    failed = Signal(str, list)

    def __init__(self) -> None:
        super().__init__()
        self.cancel = threading.Event()
        # The newest request: older ones that still wait are skipped.
        self.wanted = 0
        self.looked = 0

    @Slot(int, object, str, object)
    def preview(
        self, number: int, results: Sequence[Result], name: str, template: Template
    ) -> None:
        """Make one format of the first result in memory, or a report of the first few."""
        if number != self.wanted or self.cancel.is_set():
            return
        try:
            if name in BOOK_FORMATS:
                files = self._book(number, results[:PREVIEWED], name, template)
            else:
                files = FORMATS[name](_loaded(results[0]), template)
            made = _preview(files)
        except StoppedError:
            return
        except DecamError as error:
            self.preview_failed.emit(number, str(error))
            return
        except Exception:
            self.preview_failed.emit(number, self._bug())
            raise
        if number == self.wanted:
            self.previewed.emit(number, made)

    @Slot(int, object)
    def look(self, number: int, results: Sequence[Result]) -> None:
        """What readers of these must know; of those on disk, from their manifests."""
        found = []
        for result in results:
            if number != self.looked or self.cancel.is_set():
                return
            told = _told(result)
            if told is not None:
                found.append(told)
        self.warned.emit(number, found)

    @Slot(object, str, list, list, object)
    def export(
        self,
        results: Sequence[Result],
        folder: str,
        formats: list[str],
        books: list[str],
        template: Template,
    ) -> None:
        """Write the files of all results, one after another, and the reports of all."""
        written: list[Path] = []
        # A map that cannot be read is told at the end; the others are written.
        lost: dict[str, None] = {}
        kinds = {name.partition(".")[0] for name in books}
        rounds = len(kinds) + bool(formats)
        done = 0

        def readable() -> Iterator[Explanation]:
            nonlocal done
            for result in results:
                if self.cancel.is_set():
                    raise StoppedError
                self.progress.emit(done, rounds * len(results))
                done += 1
                try:
                    found = _loaded(result)
                except DecamError as error:
                    lost[str(error)] = None
                    continue
                yield found

        try:
            if formats:
                for result in readable():
                    written += result.save(folder, formats, template)
            written += write_books(books, readable, Path(folder), template)
        except StoppedError:
            pass
        except DecamError as error:
            self.failed.emit(str(error), written)
            return
        except Exception:
            self.failed.emit(self._bug(), written)
            raise
        self.finished.emit(written, list(lost))

    def _book(
        self, number: int, results: Sequence[Result], name: str, template: Template
    ) -> list[tuple[str, bytes]]:
        def newest() -> Iterator[Explanation]:
            for result in results:
                if number != self.wanted or self.cancel.is_set():
                    raise StoppedError
                yield _loaded(result)

        with TemporaryDirectory(prefix="decam-preview-", ignore_cleanup_errors=True) as folder:
            files = write_books([name], newest, Path(folder), template)
            return [(f.suffix, f.read_bytes()) for f in files]

    def _bug(self) -> str:
        return self.tr("The export stopped because of an error in the program.")


def _loaded(result: Result) -> Explanation:
    return result.read() if isinstance(result, SavedMap) else result


def _told(result: Result) -> tuple[str, str, str] | None:
    if isinstance(result, Explanation):
        warnings = list(result.warnings)
        photo, label = result.photo.name, result.target.label
    else:
        try:
            record = json.loads(result.manifest.read_text(encoding="utf-8"))
            warnings = [str(w) for w in record["warnings"]]
            photo, label = str(record["photo"]["name"]), str(record["target"]["label"])
        except (OSError, ValueError, KeyError, TypeError):
            return None  # said when it is to be written
    return (photo, label, " ".join(warnings)) if warnings else None


def _preview(files: list[tuple[str, bytes]]) -> Preview:
    pictures: list[QImage] = []
    texts: list[str] = []
    outside = None
    for suffix, data in files:
        kind = suffix.rpartition(".")[2]
        if kind == "png":
            pictures.append(_picture(data))
        elif kind == "pdf":
            pictures += _pages(data)
        elif kind == "html":
            outside = (suffix, data)
        elif kind in ("npy", "npz"):
            texts.append(_arrays(suffix, data))
        else:
            text = data.decode("utf-8", "replace")
            texts.append(text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "\n...")
    return Preview(tuple(pictures), "\n\n".join(texts), outside)


def _picture(data: bytes) -> QImage:
    image = QImage.fromData(data)
    if max(image.width(), image.height()) <= PREVIEW_SIDE:
        return image
    return image.scaled(
        PREVIEW_SIDE,
        PREVIEW_SIDE,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def _pages(data: bytes) -> list[QImage]:
    """Every page as it prints. PDFium is used in this thread alone: it is not thread-safe."""
    document = pypdfium2.PdfDocument(data)
    try:
        pages = []
        for page in document:
            drawn = page.render(scale=PAGE_WIDTH / page.get_width(), rev_byteorder=True)
            pages.append(to_qimage(np.array(drawn.to_numpy()[:, :, :3])))
            page.close()
        return pages
    finally:
        document.close()


def _arrays(suffix: str, data: bytes) -> str:
    """Names, types and shapes."""
    loaded = np.load(io.BytesIO(data), allow_pickle=False)
    arrays = {"": loaded} if isinstance(loaded, np.ndarray) else dict(loaded)
    lines = [f"{name or suffix}  {a.dtype}  {_shape(a.shape)}" for name, a in arrays.items()]
    return "\n".join(lines)


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{n:,}" for n in shape) or "1"
