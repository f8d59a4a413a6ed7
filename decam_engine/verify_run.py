"""An explanation of a report, run again and compared with what the report says of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from decam_engine.check import check_faithfulness, check_stability
from decam_engine.errors import ExportError
from decam_engine.explain import Progress, explain_steps
from decam_engine.explanation import Explanation
from decam_engine.geometry import to_input
from decam_engine.images import Photo, load_image
from decam_engine.metrics import rank_correlation
from decam_engine.models import BlackBox, Preprocessing, is_server_url, load_model
from decam_engine.reports.entries import SIDE as COARSE_SIDE
from decam_engine.reports.entries import SMALLEST as COARSE_SMALLEST
from decam_engine.reports.entries import coarse_map, map_from
from decam_engine.reports.manifest import make_manifest, map_hash, saliency_hash
from decam_engine.reports.plain import plain
from decam_engine.reports.reading import Difference, Opened
from decam_engine.reports.views import views
from decam_engine.resources import demo_model
from decam_engine.run import PHOTO_CALLS

F32 = npt.NDArray[np.float32]

SAME, CLOSE, DIFFERENT, UNCHANGED = "same", "same up to tolerance", "different", "not run again"
# Of a report of many results.
PARTLY = "partly run again"
# Another processor rounds otherwise; within these, a reader draws the same conclusions.
SCORE_TOLERANCE = 0.005
AREA_TOLERANCE = 0.02
MAP_MEAN, MAP_RANKS = 0.02, 0.98
STABILITY_TOLERANCE = 0.05
# Of pictures: mean of each block of 8 x 8 pixels, in grey levels of 255.
BLOCK, BLOCK_LEVELS = 8, 12.0
TOLERANCE = (
    f"probabilities and areas under curves within {SCORE_TOLERANCE:g}, region sizes within "
    f"{AREA_TOLERANCE:.0%} of the photograph, maps within {MAP_MEAN:g} on average and with a rank "
    f"correlation of at least {MAP_RANKS:g}"
)


@dataclass(frozen=True)
class Verdict:
    """What verifying a report came to.

    Attributes:
        verdict: ``same`` (bit for bit), ``same up to tolerance``, ``different`` or, when only
            the file itself was checked and found unchanged, ``not run again``; ``partly run
            again`` when nothing differs, but not all of a report of many results was run.
        differences: where and what, for ``different``.
        deviations: what is not bit for bit the same, but within :data:`TOLERANCE`.
        notes: what could not be checked, and why.
    """

    verdict: str
    differences: tuple[Difference, ...]
    deviations: tuple[Difference, ...]
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the report."""
        return self.verdict != DIFFERENT


class Rerun:
    """One explanation of a report: made again, and compared with what the report says."""

    def __init__(self, opened: Opened) -> None:
        self.opened, self.m = opened, opened.manifest
        self.differences = list(opened.changes)
        self.deviations = list(opened.resaved)
        self.notes = list(opened.notes)
        self.again: Explanation | None = None

    def verdict(self) -> Verdict:
        verdict = DIFFERENT if self.differences else CLOSE if self.deviations else SAME
        return Verdict(verdict, tuple(self.differences), tuple(self.deviations), tuple(self.notes))

    def make_again(
        self,
        model: str | Path | BlackBox | None,
        image: str | Path | Photo | None,
        on_progress: Callable[[Progress], object] | None,
    ) -> None:
        """Open model and photograph, run, and compare, as far as they are the same."""
        m = self.m
        if m["shared_calls"]:
            raise ExportError(
                f"{self.opened.path.name} was explained together with other classes of its "
                "photograph, with which it shared calls; it cannot be run again alone. "
                "Check the file itself with --no-run."
            )
        photo = self.photo(image)
        if photo.sha256 != m["photo"]["sha256"]:
            self._differ("photograph", m["photo"]["sha256"], photo.sha256, "SHA-256 ")
        box = self.model(model)
        if box.describe().get("sha256") != m["model"].get("sha256"):
            self._differ(
                "model", m["model"].get("sha256"), box.describe().get("sha256"), "SHA-256 "
            )
        if self.differences and self.differences[-1].where in ("photograph", "model"):
            return
        box = self._fed_alike(box)
        self.again = self._run(box, photo, on_progress)
        self._compare(self.again)

    # --- what is run -----------------------------------------------------------------------

    def photo(self, given: str | Path | Photo | None) -> Photo:
        """The photograph, or the one that is given for it, or of its name in a given folder."""
        if isinstance(given, Photo):
            return given
        facts = self.m["photo"]
        path = self._find(given, facts.get("path"), facts["name"], "photograph", "--image")
        options = {str(k): v for k, v in facts["reading"].get("options", {}).items()}
        return load_image(path, **options)

    def model(self, given: str | Path | BlackBox | None) -> BlackBox:
        """The model, or the one that is given for it."""
        if isinstance(given, BlackBox):
            return given
        facts = self.m["model"]
        source: str | Path
        if is_server_url(given):
            source = str(given)
        elif given is None and facts.get("url"):
            raise ExportError(
                f"{self.opened.path.name} names a model on a server, which is not called because "
                "a file says so. Give its address with --model."
            )
        else:
            source = self._find(given, facts.get("path"), facts["name"], "model", "--model")
        return self._loaded(source, None)

    def _loaded(self, source: str | Path, preprocessing: Preprocessing | None) -> BlackBox:
        facts = self.m["model"]
        configuration = facts.get("configuration") or {}
        if facts.get("preprocessing_source") == "given":
            preprocessing = Preprocessing.from_dict(facts["preprocessing"])
        served = is_server_url(source)
        return load_model(
            source,
            preprocessing=preprocessing,
            activation=facts["activation"] if facts.get("activation_source") == "given" else None,
            output=facts.get("output"),
            threads=None if served else _whole(configuration.get("threads")),
            batch_size=_whole(configuration.get("batch_size")),
            tune=False,
        )

    def _fed_alike(self, box: BlackBox) -> BlackBox:
        """The model, fed as the report says, whatever lies beside it now."""
        facts = self.m["model"]
        if box.describe()["preprocessing"] == facts["preprocessing"]:
            return box
        self.notes.append(
            "What lies beside the model now feeds it otherwise; it was fed as the report says."
        )
        return box.with_preprocessing(Preprocessing.from_dict(facts["preprocessing"]), "given")

    def _find(
        self, given: str | Path | None, path: object, name: object, what: str, option: str
    ) -> Path:
        if given == "demo":
            return demo_model()
        if given is not None and not Path(given).is_dir():
            return Path(given)
        if given is not None and isinstance(name, str) and Path(name).name == name:
            return Path(given) / name
        places = [Path(path)] if isinstance(path, str) and _is_local(path) else []
        if isinstance(name, str) and Path(name).name == name:
            places.append(self.opened.path.parent / name)
            if what == "model" and name == demo_model().name:
                places.append(demo_model())
        for place in places:
            if place.is_file():
                return place
        raise ExportError(
            f"The {what} of {self.opened.path.name} is neither where it was nor beside the report. "
            f"Give it with {option} (or check the file alone with --no-run)."
        )

    def _run(
        self, box: BlackBox, photo: Photo, on_progress: Callable[[Progress], object] | None
    ) -> Explanation:
        m, s = self.m, self.m["settings"]
        steps = explain_steps(
            box,
            photo,
            target=int(m["target"]["index"]),
            method=s["method"],
            preset=s["preset"],
            calls=m["budget"],
            seed=m["seed"],
            fill=s["fill"],
            live=False,
        )
        # A run that was stopped is stopped where it was.
        journal = m.get("journal") if m["stop_reason"] in ("cancelled", "failed") else None
        until = None if journal is None else PHOTO_CALLS + int(journal["count"])
        stop: bool | None = None
        while True:
            try:
                progress = steps.send(stop)
            except StopIteration as end:
                found: Explanation = end.value
                break
            if on_progress is not None:
                on_progress(progress)
            stop = True if until is not None and progress.calls >= until else None
        if found.stop_reason != "failed" and m["faithfulness"] is not None:
            found = check_faithfulness(box, found)
        if found.stop_reason != "failed" and m.get("stability") is not None:
            found = check_stability(box, found, int(m["stability"]["seed"]))
        return found

    # --- what is compared ------------------------------------------------------------------

    def _compare(self, again: Explanation) -> None:
        m, now = self.m, make_manifest(again)
        for key, what in (("settings", "settings"), ("seed", "seed")):
            if m[key] != now[key]:
                self._differ(what, m[key], now[key])
        if m["stop_reason"] not in ("cancelled", "failed"):
            for key in ("calls", "stop_reason"):
                if m[key] != now[key]:
                    self._differ(key.replace("_", " "), m[key], now[key])
            self._compare_warnings(m["warnings"], now["warnings"])
        self._compare_maps(again)
        self._number("target", m["target"]["score"], now["target"]["score"])
        self._compare_classes("answer", m["predictions"], now["predictions"])
        names_given = m["model"].get("labels_source") == "given"
        if not names_given and m["target"]["label"] != now["target"]["label"]:
            self._differ("class", m["target"]["label"], now["target"]["label"])
        for key in ("keep_region", "flip_region"):
            self._compare_region(key.replace("_", " "), m[key], now[key])
        self._compare_faithfulness(m["faithfulness"], now["faithfulness"])
        for key, value in (m.get("stability") or {}).items():
            fresh = (now["stability"] or {}).get(key)
            self._number(f"stability, {plain(key)}", value, fresh, STABILITY_TOLERANCE)
        if m["photo"]["seen"] != now["photo"]["seen"]:
            self._differ("part seen", m["photo"]["seen"], now["photo"]["seen"])
        self._compare_descriptions(now)
        self._compare_pictures(again)

    def _compare_warnings(self, then: list[str], now: list[str]) -> None:
        # Which assumptions are made depends on how the model is given this time.
        known = {a["text"] for a in self.m["model"].get("assumptions", []) if isinstance(a, dict)}
        for text in now:
            if text not in then and not self._fed_by_report():
                self._differ("warnings", "nothing", text)
        for text in then:
            resumed = text.startswith("Resumed with")
            if text not in now and text not in known and not resumed:
                self._differ("warnings", text, "nothing")

    def _compare_descriptions(self, now: dict[str, Any]) -> None:
        """What the report says of photograph and model in words, which no hash of them covers."""
        m = self.m
        for key, what in (("photo", "photograph"), ("model", "model")):
            if m[key]["name"] != now[key]["name"]:
                # Files may be renamed; that they are the same ones is known by their content.
                self.notes.append(
                    f"The report calls its {what} {plain(m[key]['name'])}; the one that it was run "
                    f"again on, of the same content, is called {plain(now[key]['name'])}."
                )
        if m["photo"]["size"] != now["photo"]["size"]:
            self._differ("photograph, size", m["photo"]["size"], now["photo"]["size"])
        # Other versions may say it in other words.
        if m["product"] == now["product"] and m["photo"]["notes"] != now["photo"]["notes"]:
            shown = [
                "; ".join(map(str, notes)) or "nothing"
                for notes in (m["photo"]["notes"], now["photo"]["notes"])
            ]
            self._differ("how the file was read", *shown)
        for key, what in (("preprocessing_source", "pre-processing"), ("labels_source", "names")):
            then, found = m["model"].get(key), now["model"].get(key)
            # What was given or chosen then is given again from the report.
            if then != found and {then, found}.isdisjoint(("given", "chosen")):
                self.notes.append(
                    f"The report names another source of the model's {what} ({plain(then)}) than "
                    f"there is now ({plain(found)})."
                )

    def _fed_by_report(self) -> bool:
        return any("fed as the report says" in note for note in self.notes)

    def shown(self, again: Explanation) -> F32:
        """The map that the report was made from: a saved one came back from its photograph."""
        if not self.opened.resampled:
            return again.input_saliency
        return np.clip(to_input(again.saliency, again.fit), 0.0, 1.0)

    def _compare_maps(self, again: Explanation) -> None:
        m, old = self.m, self.opened
        if map_hash(again) == m["map_sha256"] and (
            old.input_saliency is None
            or np.array_equal(old.input_saliency, again.input_saliency)
            or (old.coarse and np.array_equal(old.input_saliency, _stepped(self.shown(again))))
        ):
            return
        if old.input_saliency is not None:
            pair = (old.input_saliency, again.input_saliency)
            if old.coarse:
                pair = (pair[0], _stepped(self.shown(again)))
        elif old.saliency is not None:
            pair = (old.saliency, again.saliency)
            if saliency_hash(pair[1]) == m["saliency_sha256"]:
                return
        else:
            self._differ("map", m["map_sha256"], map_hash(again), "SHA-256 ")
            self.notes.append("Without the saved map it is unknown how far the maps differ.")
            return
        if pair[0].shape != pair[1].shape:
            self._differ("map", pair[0].shape, pair[1].shape)
            return
        apart = np.abs(pair[0] - pair[1])
        ranks = rank_correlation(*pair)
        mean, most = float(apart.mean()), float(apart.max())
        text = (
            f"The maps differ by {mean:.4f} on average and {most:.3f} at most; their rank "
            f"correlation is {ranks:.3f}{_place(apart)}."
        )
        close = _close(*pair)
        (self.deviations if close else self.differences).append(Difference("map", text))

    def _compare_classes(self, where: str, then: list[Any], now: list[Any]) -> None:
        scores = {p["index"]: p["score"] for p in now}
        for p in then:
            if p["index"] not in scores:
                self._differ(where, p["label"], "not among the five most probable")
                return
            self._number(f"{where}, {p['label']}", p["score"], scores[p["index"]])
            other = next(q["label"] for q in now if q["index"] == p["index"])
            if self.m["model"].get("labels_source") != "given" and other != p["label"]:
                self._differ(where, p["label"], other)

    def _compare_region(self, where: str, then: dict[str, Any] | None, now: Any) -> None:
        if (then is None) != (now is None):
            self._differ(where, then and then["fraction"], now and now["fraction"])
        elif then is not None:
            self._number(where, then["fraction"], now["fraction"], AREA_TOLERANCE)
            self._number(f"{where}, probability", then["score"], now["score"])
            if then["answer"] != now["answer"]:
                self._differ(f"{where}, answer", then["answer"], now["answer"])
            if then.get("predictions"):
                self._compare_classes(where, then["predictions"], now["predictions"])

    def _compare_faithfulness(self, then: dict[str, Any] | None, now: Any) -> None:
        if then is None or now is None:
            return
        for key in ("insertion", "deletion"):
            self._number(key, then[key], now[key])
            self._curve(f"{key} curve", then[f"{key}_curve"], now[f"{key}_curve"])
        old, new = then.get("baselines"), now["baselines"]
        for name in ("centre", "random"):
            if old is not None:
                self._number(f"{name} baseline", old[name], new[name])
                for k, kind in enumerate(("insertion", "deletion")):
                    if old.get(f"{name}_curves") is not None:
                        curves = (old[f"{name}_curves"][k], new[f"{name}_curves"][k])
                        self._curve(f"{name} baseline, {kind} curve", *curves)

    def _curve(self, where: str, then: list[float], now: list[float]) -> None:
        if len(then) != len(now):
            self._differ(where, f"{len(then)} points", f"{len(now)} points")
            return
        worst = max(range(len(now)), key=lambda k: abs(then[k] - now[k]))
        self._number(where, then[worst], now[worst])

    def _compare_pictures(self, again: Explanation) -> None:
        if not self.opened.pictures:
            return
        coarse = self.opened.coarse
        drawn = views(again)
        if coarse:
            seen = dataclasses.replace(again, input_saliency=self.shown(again))
            drawn = views(seen, COARSE_SIDE, COARSE_SMALLEST)
        for name, fresh in drawn.items():
            shown = self.opened.pictures.get(name)
            if shown is None:
                continue  # said before: it is not the one of the record
            if shown.shape != fresh.shape:
                self._differ(f"picture {name}", shown.shape, fresh.shape)
            elif not np.array_equal(shown, fresh):
                apart = _blocks(shown, fresh)
                where = f"picture {name}"
                text = f"Drawn again, the picture differs by {apart:.1f} of 255 grey levels."
                if coarse and apart <= BLOCK_LEVELS:
                    continue  # that is what JPEG loses
                if apart <= BLOCK_LEVELS or self._has_map_deviation(name):
                    self.deviations.append(Difference(where, text))
                else:
                    self.differences.append(Difference(where, text))

    def _has_map_deviation(self, name: str) -> bool:
        """A map within tolerance is drawn otherwise in places; its photograph is not."""
        return name != "photo" and any(d.where == "map" for d in self.deviations)

    def _number(
        self, where: str, then: float | None, now: float | None, within: float = SCORE_TOLERANCE
    ) -> None:
        if then == now:
            return
        text = f"Expected {_shown(then)}, found {_shown(now)}."
        close = then is not None and now is not None and abs(then - now) <= within
        (self.deviations if close else self.differences).append(Difference(where, text))

    def _differ(self, where: str, then: object, now: object, what: str = "") -> None:
        self.differences.append(
            Difference(where, f"Expected {what}{then!s:.300}, found {what}{now!s:.300}.")
        )


def _stepped(values: F32) -> F32:
    """As a report of many results keeps a map."""
    return map_from(coarse_map(values))


def _close(first: F32, second: F32) -> bool:
    """Whether two maps are within the tolerance."""
    return (
        first.shape == second.shape
        and float(np.abs(first - second).mean()) <= MAP_MEAN
        and (rank_correlation(first, second) >= MAP_RANKS or np.array_equal(first, second))
    )


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.6g}"


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_local(path: str) -> bool:
    """A file from somebody else must not make Windows log in at a share."""
    return not path.startswith(("\\\\", "//"))


def _place(apart: F32) -> str:
    """Where two maps differ most: in which ninth."""
    y, x = np.unravel_index(int(np.argmax(apart)), apart.shape)
    rows, columns = ("top", "middle", "bottom"), ("left", "centre", "right")
    row = rows[min(2, 3 * int(y) // apart.shape[0])]
    return f", most at the {row} {columns[min(2, 3 * int(x) // apart.shape[1])]}"


def _blocks(first: npt.NDArray[np.uint8], second: npt.NDArray[np.uint8]) -> float:
    """The largest difference of block means, in grey levels."""
    apart = np.abs(first.astype(np.float32) - second.astype(np.float32)).mean(axis=2)
    rows, columns = (-(-n // BLOCK) for n in apart.shape)
    padded = np.zeros((rows * BLOCK, columns * BLOCK), dtype=np.float32)
    padded[: apart.shape[0], : apart.shape[1]] = apart
    return float(padded.reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3)).max())


def verdict_record(found: Verdict) -> dict[str, Any]:
    """JSON-ready."""
    return {**dataclasses.asdict(found), "ok": found.ok, "tolerance": TOLERANCE}
