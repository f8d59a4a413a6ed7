"""What a report says, in the order a reader needs it; made from the manifest alone.

The formats lay this out and add nothing, so that they agree, and so that a report can be made
again from the record in it and compared.
"""

from __future__ import annotations

from typing import Any

from decam_engine.reports.command import command_line
from decam_engine.reports.parts import Chart, Contents, Curve, Fact, Figure, Table
from decam_engine.reports.plain import foreign, number, percent, plain, quoted, signed
from decam_engine.reports.template import Template
from decam_engine.reports.views import KEPT, MAP, PHOTO, REMOVED, TOP_SHARE
from decam_engine.reports.wording import (
    METHODS,
    SOURCES,
    how_read,
    limits,
    parameters,
    settings_facts,
    stop_words,
)

TITLE = "Why did the model say that?"


def contents(m: dict[str, Any], template: Template, created: str) -> Contents:
    """The words and numbers of a report.

    Args:
        m: a manifest, as :func:`decam_engine.reports.manifest.make_manifest` makes it.
        created: when the report was made, UTC, as ``2026-01-31 09:30``.
    """
    height, width = m["photo"]["size"]
    command, command_notes = command_line(m)
    return Contents(
        title=plain(template.title) if template.title else TITLE,
        organisation=plain(template.organisation),
        created=f"{created} UTC",
        notes=tuple(plain(p, 5_000) for n in template.notes for p in n.splitlines() if p.strip()),
        asked=_asked(m),
        answer=_answer(m),
        figures=_figures(m),
        wide=width > 2 * height,
        hatched=_hatched(m),
        sure=_sure(m),
        tables=_tables(m),
        charts=_charts(m),
        warnings=(*(plain(w, 600) for w in m["warnings"]), *limits(m)),
        method=METHODS.get(m["settings"]["method"], ()),
        made=_made(m),
        again=_again(m),
        command=command,
        command_notes=command_notes,
        footer=f"{plain(m['photo']['name'], 48)} \u00b7 {plain(m['target']['label'], 48)}",
    )


def _asked(m: dict[str, Any]) -> tuple[Fact, ...]:
    photo, model, target = m["photo"], m["model"], m["target"]
    top = m["predictions"][0]
    label = quoted(target["label"])
    if target["index"] == top["index"]:
        question = f"Which parts of the photograph make the model answer {label}?"
    else:
        question = (
            f"Which parts of the photograph speak for {label}? (The model\u2019s own answer is "
            f"{quoted(top['label'])}.)"
        )
    height, width = photo["size"]
    return (
        Fact("Question", question),
        Fact("Photograph", f"{foreign(photo['name'])}, {width:,} \u00d7 {height:,} pixels"),
        Fact("Model", foreign(model["name"])),
        Fact("Class", f"{foreign(target['label'])} (number {target['index']})"),
    )


def _hidden(m: dict[str, Any]) -> tuple[str, str]:
    """What hidden pixels became, where parts were kept and where they were removed."""
    names = [plain(n) for n in m["settings"]["search"]["fills"]]
    return names[min(1, len(names) - 1)], names[-1]


def _answer(m: dict[str, Any]) -> tuple[str, ...]:
    target, keep, flip = m["target"], m["keep_region"], m["flip_region"]
    label = quoted(target["label"])
    fills = _hidden(m)
    found = [f"The model gives {label} a probability of {number(target['score'])}."]
    if keep is not None:
        found.append(
            f"Of what the model saw, the {percent(keep['fraction'])} that the map ranks highest "
            f"are enough: with all the rest hidden ({fills[0]}), it still answers {label} "
            f"({number(keep['score'])})."
        )
    if flip is not None:
        found.append(
            f"Hiding ({fills[1]}) the {percent(flip['fraction'])} that the map ranks highest "
            f"changes its answer to {_label(flip, m)}; {label} falls to {number(flip['score'])}."
        )
    return tuple(found)


def _label(region: dict[str, Any], m: dict[str, Any]) -> str:
    for p in (*region.get("predictions", ()), *m["predictions"]):
        if p["index"] == region["answer"]:
            return quoted(p["label"])
    return f"class number {region['answer']}"


def _figures(m: dict[str, Any]) -> tuple[Figure, ...]:
    keep, flip, label = m["keep_region"], m["flip_region"], quoted(m["target"]["label"])
    share = f"the {percent(TOP_SHARE)} ranked highest"
    unmeasured = "whether this changes the answer was not measured."
    kept = f"Only {share} by the map; {unmeasured}"
    removed = f"All but {share} by the map; {unmeasured}"
    if keep is not None:
        kept = (
            f"The smallest part that was found to keep the answer ({percent(keep['fraction'])} of "
            f"what the model saw). Probability of {label} then: {number(keep['score'])}."
        )
    if flip is not None:
        removed = (
            f"All but the smallest part whose removal was found to change the answer "
            f"({percent(flip['fraction'])}). Probability of {label} then: {number(flip['score'])}."
        )
    return (
        Figure(PHOTO, "The photograph", "As it was read, upright and in colours as on a screen."),
        Figure(
            MAP,
            "What the answer rests on",
            f"Coloured where hiding pixels changed the probability of {label} most. The scale "
            "ranks pixels within this photograph, 1 for the most decisive; it is no probability.",
        ),
        Figure(KEPT, "Only what matters", f"{kept} Outlined in blue."),
        Figure(REMOVED, "Without it", f"{removed} Outlined in blue."),
    )


def _hatched(m: dict[str, Any]) -> str:
    seen = m["photo"]["seen_fraction"]
    if seen >= 1:
        return ""
    return (
        f"Hatched: not seen by the model. Its pre-processing shows it {percent(seen)} of the "
        "photograph\u2019s area; nothing can be said about the rest."
    )


def _sure(m: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    measured = m["faithfulness"]
    if measured is not None:
        difference = measured["insertion"] - measured["deletion"]
        text = (
            "Pixels were put back into a blurred photograph in the map\u2019s order (insertion) "
            "and taken away in the same order (deletion). A good map brings the probability up "
            f"early and down early: insertion minus deletion is {signed(difference)}"
        )
        baselines = measured["baselines"]
        if baselines is not None:
            text += (
                f", against {signed(baselines['centre'])} for a blob in the centre and "
                f"{signed(baselines['random'])} for a random order, which know nothing of the model"
            )
        found.append(text + ".")
    else:
        found.append(
            "How faithful the map is (insertion and deletion against maps that know nothing) was "
            "not measured; the option --faithfulness does."
        )
    if m["keep_region"] is None and m["flip_region"] is None:
        found.append(
            "Which part alone keeps the answer, and which changes it when hidden, is not known: "
            "it is sought for the model\u2019s own answer, from 400 calls on, when the run is "
            "not stopped."
        )
    found.append(_stability(m))
    return tuple(found)


def _stability(m: dict[str, Any]) -> str:
    measured = m.get("stability")
    if measured is None:
        if m["stop_reason"] == "stable":
            return "Stability: the search ended because map and fitness no longer changed."
        return (
            "Stability: whether another seed gives the same map was not measured; the option "
            "--stability does."
        )
    values = [measured[k] for k in ("value_correlation", "rank_correlation", "overlap")]
    correlation, ranks, overlap = ("not a number" if v is None else signed(v) for v in values)
    return (
        f"Stability: made again with the seed {measured['seed']} ({measured['calls']:,} more "
        f"calls), the two maps have a correlation of {correlation} (1: the same, 0: nothing in "
        f"common). Of the pixels, whether they matter or not, the ranks correlate by {ranks}; of "
        f"the tenth ranked highest in one map, a share of {overlap} is so in the other, too."
    )


def _tables(m: dict[str, Any]) -> tuple[Table, ...]:
    heads = ["Class", "Whole photograph"]
    columns = [{p["index"]: p["score"] for p in m["predictions"]}]
    labels = {p["index"]: p["label"] for p in m["predictions"]}
    for key, head in (("keep_region", "Only what matters"), ("flip_region", "Without it")):
        region = m[key]
        if region is None:
            continue
        scores = {p["index"]: p["score"] for p in region.get("predictions", ())}
        scores.setdefault(m["target"]["index"], region["score"])
        for p in region.get("predictions", ()):
            labels.setdefault(p["index"], p["label"])
        labels.setdefault(region["answer"], f"class number {region['answer']}")
        heads.append(head)
        columns.append(scores)
    labels.setdefault(m["target"]["index"], m["target"]["label"])
    columns[0].setdefault(m["target"]["index"], m["target"]["score"])
    rows = tuple(
        (foreign(label), *(number(c[k]) if k in c else "\u2013" for c in columns))
        for k, label in labels.items()
    )
    caption = "Probabilities of the most probable classes"
    caption += ", before and with parts hidden." if len(columns) > 1 else "."
    if len(columns) > 1:
        caption += " A dash: not among the five most probable."
    return (Table(caption, tuple(heads), rows),)


def _charts(m: dict[str, Any]) -> tuple[Chart, ...]:
    measured = m["faithfulness"]
    if measured is None:
        return ()
    baselines = measured["baselines"] or {}
    found = []
    for k, (key, title, across, better) in enumerate(
        (
            ("insertion", "Insertion", "share of pixels put back", "Higher is better"),
            ("deletion", "Deletion", "share of pixels taken away", "Lower is better"),
        )
    ):
        curves = [_curve("This map", measured[f"{key}_curve"])]
        for name, other in (("Centred blob", "centre"), ("Random order", "random")):
            values = baselines.get(f"{other}_curves")
            if values is not None:
                curves.append(_curve(name, values[k]))
        caption = f"{better}. Area below each curve in brackets."
        found.append(Chart(title, across, caption, tuple(curves)))
    return tuple(found)


def _curve(name: str, values: list[float]) -> Curve:
    area = (sum(values) - (values[0] + values[-1]) / 2.0) / max(1, len(values) - 1)
    return Curve(name, tuple(min(1.0, max(0.0, v)) for v in values), f"{area:.3f}")


def _made(m: dict[str, Any]) -> tuple[Fact, ...]:
    model = m["model"]
    p = model["preprocessing"]
    feeding = (
        f"{p['size'][1]} \u00d7 {p['size'][0]} pixels, {plain(p['resize'])}"
        + (f" (centre, {percent(p['crop_fraction'])})" if p["resize"] == "crop" else "")
        + f", {plain(p['channels'])}, {plain(p['dtype'])}; (pixel \u00d7 {p['scale']:g} \u2212 "
        + f"{_numbers(p['mean'])}) / {_numbers(p['std'])}"
    )
    source = str(model.get("preprocessing_source"))
    return (
        *settings_facts(m),
        Fact("Pre-processing", feeding),
        Fact("Its source", SOURCES.get(source, plain(source))),
        Fact(
            "Class names",
            SOURCES.get(str(model.get("labels_source")), plain(model.get("labels_source"))),
        ),
        Fact(
            "Scores",
            f"{plain(model.get('activation'))} (source: {plain(model.get('activation_source'))})",
        ),
        Fact("How the file was read", how_read(m["photo"])),
        Fact("Ended", stop_words(m)),
        Fact("Parameters", parameters(m["settings"]["search"])),
    )


def _numbers(values: list[float]) -> str:
    return (
        ", ".join(f"{v:g}" for v in values)
        if len(values) == 1
        else ("(" + ", ".join(f"{v:g}" for v in values) + ")")
    )


def _names_hash(model: dict[str, Any]) -> tuple[Fact, ...]:
    found = model.get("labels_sha256")
    return (Fact("Class names, SHA-256", plain(found), True),) if found else ()


def _again(m: dict[str, Any]) -> tuple[Fact, ...]:
    model, machine = m["model"], m["machine"]
    versions = ", ".join(f"{plain(k)} {plain(v)}" for k, v in m["versions"].items())
    model_hash = model.get("sha256")
    configuration = model.get("configuration") or {}
    return (
        Fact("Photograph, SHA-256", plain(m["photo"]["sha256"]), True),
        Fact(
            "Model, SHA-256",
            plain(model_hash) if model_hash else "none: what answers cannot be hashed",
            bool(model_hash),
        ),
        *_names_hash(model),
        Fact("Map, SHA-256", plain(m["map_sha256"]), True),
        Fact("Result", plain(m["fingerprint"]), True),
        Fact("Seed", str(m["seed"])),
        Fact("Product", plain(m["product"])),
        Fact("Versions", versions),
        Fact(
            "Machine",
            f"{plain(machine.get('processor'))}, {machine.get('cores')} cores, "
            f"{plain(machine.get('system'))} {plain(machine.get('release'))}",
        ),
        Fact(
            "Configuration",
            ", ".join(f"{plain(k).replace('_', ' ')} {plain(v)}" for k, v in configuration.items())
            or "none",
        ),
    )
