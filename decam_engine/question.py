"""What one job of a folder asks: which photograph, which model, which classes, how."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from decam_engine.errors import ExportError, ImageError
from decam_engine.explain import check_settings
from decam_engine.images import Photo, read_bytes
from decam_engine.models import BlackBox
from decam_engine.models.external import identity_of
from decam_engine.version import __version__

# Of what a model says about itself, that which a map depends on. Not its path, nor threads and
# batch size: they move a folder's last bits, not its meaning, and differ between machines.
_IDENTITY = ("kind", "identity", "sha256", "url", "version", "preprocessing", "activation")


@dataclass(frozen=True)
class Question:
    """One photograph under one model, and what is to be known of it.

    Attributes:
        photo: ``name``, ``path`` (absolute, or None), ``sha256`` (None where the file could not
            be read), and ``reading``, the options it is read with.
        model: ``name``, ``address`` (path or URL, or None), and what identifies it:
            ``kind``, ``identity``, ``preprocessing``, ``activation``, ``output``, ``labels``
            (SHA-256 of the class names).
        targets: classes by index or name; none = the ``top`` most probable ones.
        top: how many of the most probable classes, where no target is named.
        method, preset, budget, seed, fill: as :func:`explain` takes them; ``budget`` in model
            calls for one class.
        faithfulness: whether insertion and deletion are measured.
        version: of the engine.
    """

    photo: Mapping[str, Any]
    model: Mapping[str, Any]
    targets: tuple[int | str, ...] = ()
    top: int = 1
    method: str = "de"
    preset: str = "balanced"
    budget: int = 1000
    seed: int = 0
    fill: str | None = None
    faithfulness: bool = False
    version: str = field(default=__version__)

    @classmethod
    def of(
        cls,
        model: BlackBox,
        photo: Photo,
        *,
        targets: tuple[int | str, ...] = (),
        top: int = 1,
        method: str = "de",
        preset: str = "balanced",
        calls: int | None = None,
        seed: int = 0,
        fill: str | None = None,
        faithfulness: bool = False,
    ) -> Question:
        """What is asked of an opened photograph.

        Raises:
            SettingsError: an unusable setting.
        """
        return cls(
            photo_facts(photo.path, photo.name, photo.sha256, photo.reading.get("options", {})),
            model_facts(model),
            targets,
            top,
            method,
            preset,
            check_settings(method=method, preset=preset, calls=calls, seed=seed, fill=fill),
            seed,
            fill,
            faithfulness,
        )

    @classmethod
    def of_file(
        cls,
        model: BlackBox | Mapping[str, Any],
        path: Path,
        reading: Mapping[str, Any],
        **asked: Any,
    ) -> Question:
        """What is asked of a photograph that was not opened, and maybe cannot be.

        Its file is read, to know it by its content; one that cannot be read is known by its place.

        Args:
            model: opened, or its part of a question, see :func:`model_facts`.
            reading: options of ``load_image``.
            asked: ``targets`` and all that follow, as the attributes.
        """
        try:
            digest: str | None = hashlib.sha256(read_bytes(path)).hexdigest()
        except ImageError:
            digest = None
        facts = model_facts(model) if isinstance(model, BlackBox) else model
        return cls(photo_facts(path, path.name, digest, reading), facts, **asked)

    @classmethod
    def of_manifest(cls, manifest: Mapping[str, Any]) -> Question:
        """What a saved result answers: its class, or, if that is the answer, the most probable one.

        Raises:
            ExportError: not a manifest of this product, or damaged.
        """
        try:
            photo, model, settings = (manifest[k] for k in ("photo", "model", "settings"))
            target = int(manifest["target"]["index"])
            answer = int(manifest["predictions"][0]["index"])
            path = photo["path"]
            return cls(
                photo_facts(
                    None if path is None else Path(path),
                    str(photo["name"]),
                    str(photo["sha256"]),
                    photo["reading"].get("options", {}),
                ),
                _facts(model, _identity(model)),
                () if target == answer else (target,),
                1,
                str(settings["method"]),
                str(settings["preset"]),
                int(manifest["budget"]),
                int(manifest["seed"]),
                None if settings["fill"] is None else str(settings["fill"]),
                manifest.get("faithfulness") is not None,
                str(manifest["product"]).rpartition(" ")[2],
            )
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise ExportError(f"A manifest is damaged ({error!r}).") from None

    @property
    def id(self) -> str:
        """Fingerprint, 64 hex digits: the same for the same photograph (by its content), model,
        settings and engine version, wherever the files lie and whatever they are called."""
        photo = self.photo
        # A file that could not be read is known by its place alone.
        content = photo["sha256"] or ["unread", photo["path"] or photo["name"]]
        left_out = {"name", "address"}
        if not any(isinstance(t, str) for t in self.targets):
            # Names of classes change no map, unless a class was asked for by its name.
            left_out.add("labels")
        record = [
            content,
            photo["reading"],
            {k: v for k, v in self.model.items() if k not in left_out},
            self._asked(),
            self.version,
        ]
        text = json.dumps(record, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def record(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "photo": dict(self.photo),
            "model": dict(self.model),
            **self._asked(),
            "version": self.version,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Question:
        """The inverse of :meth:`record`.

        Raises:
            ExportError: damaged.
        """
        try:
            photo, model = dict(record["photo"]), dict(record["model"])
            for facts, names in (
                (photo, ("name", "path", "sha256", "reading")),
                (model, ("name",)),
            ):
                missing = [n for n in names if n not in facts]
                if missing:
                    raise KeyError(missing[0])
            return cls(
                photo,
                model,
                tuple(t if isinstance(t, int) else str(t) for t in record["targets"]),
                int(record["top"]),
                str(record["method"]),
                str(record["preset"]),
                int(record["budget"]),
                int(record["seed"]),
                None if record["fill"] is None else str(record["fill"]),
                bool(record["faithfulness"]),
                str(record["version"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ExportError(f"A question of this folder is damaged ({error!r}).") from None

    def _asked(self) -> dict[str, Any]:
        return {
            "targets": list(self.targets),
            "top": self.top,
            "method": self.method,
            "preset": self.preset,
            "budget": self.budget,
            "seed": self.seed,
            "fill": self.fill,
            "faithfulness": self.faithfulness,
        }


def photo_facts(
    path: Path | None, name: str, sha256: str | None, reading: Mapping[str, Any]
) -> dict[str, Any]:
    """The photograph's part of a question; ``reading`` are the options of ``load_image``."""
    # As JSON gives them back, so that a fingerprint survives being written.
    options = json.loads(json.dumps(dict(reading)))
    place = None if path is None else str(path.absolute())
    return {"name": name, "path": place, "sha256": sha256, "reading": options}


def model_facts(model: BlackBox) -> dict[str, Any]:
    """The model's part of a question."""
    return _facts(model.describe(), model.identity)


def _facts(described: Mapping[str, Any], identity: str | None) -> dict[str, Any]:
    found = {k: described[k] for k in _IDENTITY if described.get(k) is not None}
    if identity is not None:
        found["identity"] = identity
        found.pop("sha256", None)
    return {
        "name": str(described["name"]),
        "address": described.get("url") or described.get("path"),
        **json.loads(json.dumps(found)),
        "output": described.get("output"),
        "labels": described.get("labels_sha256"),
    }


def _identity(described: Mapping[str, Any]) -> str | None:
    sha256 = described.get("sha256")
    if sha256 is None:
        return described.get("identity")
    return identity_of(str(sha256), described.get("external_data") or {})
