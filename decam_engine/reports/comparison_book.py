"""The report that compares: all maps at once, then each photograph with differences and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import mean
from typing import Any

from decam_engine.reports.agreement import MEASURES
from decam_engine.reports.book import (
    Block,
    Book,
    Bullets,
    Code,
    Facts,
    Pictures,
    Section,
    Shown,
    Words,
)
from decam_engine.reports.command import command_line
from decam_engine.reports.parts import Fact, Table
from decam_engine.reports.plain import foreign, number, percent, plain, quoted, signed
from decam_engine.reports.template import Template
from decam_engine.reports.views import RAMP
from decam_engine.reports.wording import METHODS

Entry = dict[str, Any]
TITLE = "How far do the maps agree?"
DIVERGING = "diverging"
# What tells the compared ones apart: key of a variant and its word.
TRAITS = {
    "model": "Model",
    "model_sha256": "Model file",
    "target": "Class",
    "method": "Method",
    "fill": "Fill",
    "budget": "Calls",
    "seed": "Seed",
}
MOST_VARIANTS = 8
# Photographs in the grid of all maps.
MOST_IN_GRID = 60
VERIFY = (
    "This file holds a record of every run. \u201cdecam verify\u201d followed by this file\u2019s "
    "name checks that nothing shown was changed, runs all of them again and compares. Hashes alone "
    "cannot reveal whoever changes content and hashes together; running them again does."
)


def letter(k: int) -> str:
    """A, B, ..."""
    return chr(ord("A") + k)


def comparison_book(head: dict[str, Any], entry: Callable[[int], Entry]) -> Book:
    """The words and numbers of a comparison, made from its record alone.

    Args:
        head: the record without its entries.
        entry: the entry of a photograph.
    """
    template = Template.from_record(head["template"])
    title = plain(template.title) if template.title else TITLE
    count = head["listed"]
    photographs = f"{count:,} photograph" + ("" if count == 1 else "s")
    subject = f"{photographs}, {len(head['variants'])} maps each"
    sections = [
        Section("What was asked", "asked", lambda: _asked(head)),
        Section("The answer", "answer", lambda: _answer(head, entry)),
        Section("What a reader must know", "know", lambda: iter([_know()])),
        Section("All maps", "all", lambda: _grid(head, entry)),
    ]
    sections += [_page(k, head, entry) for k in range(count)]
    sections.append(Section("How it was made", "made", lambda: _made(head, entry)))
    sections.append(Section("How to get it again", "again", lambda: iter([Words((VERIFY,))])))
    return Book(
        title=title,
        organisation=plain(template.organisation),
        created=f"{head['created']} UTC",
        notes=tuple(plain(p, 5_000) for n in template.notes for p in n.splitlines() if p.strip()),
        subject=subject,
        footer=f"{title} \u00b7 {subject}",
        sections=tuple(sections),
        home="all",
    )


def differing(variants: list[dict[str, Any]]) -> list[str]:
    """Keys of the traits in which the compared ones differ; not the file's hash if names do."""
    found = [key for key in TRAITS if len({str(v[key]) for v in variants}) > 1]
    if "model" in found and "model_sha256" in found:
        found.remove("model_sha256")
    return found


def variant_title(k: int, variants: list[dict[str, Any]]) -> str:
    """``B \u00b7 other.onnx``: a letter and what tells it apart."""
    found = [
        foreign(_trait(key, variants[k][key]), 40)
        if key in ("model", "target", "model_sha256", "method")
        else f"{TRAITS[key].lower()} {_trait(key, variants[k][key])}"
        for key in differing(variants)
    ]
    return " \u00b7 ".join([letter(k), *found])


def _trait(key: str, value: object) -> str:
    if value is None:
        return {"target": "top class", "fill": "usual"}.get(key, "none")
    if key == "method":
        return {"de": "DE-CAM", "rise": "RISE"}.get(str(value), plain(value, 40))
    return f"{value:,}" if isinstance(value, int) else plain(str(value), 40)


def _asked(head: dict[str, Any]) -> Iterator[Block]:
    variants = head["variants"]
    different = differing(variants)
    words = ", ".join(TRAITS[key].lower() for key in different) or "nothing but the run"
    yield Facts(
        (
            Fact("Question", "How far do these maps of the same photographs agree?"),
            Fact("They differ in", words),
            Fact("Compared with", f"{letter(0)}, in the pictures of differences"),
        )
    )
    keys = [k for k in TRAITS if k != "model_sha256" or k in different]
    rows = tuple(
        (letter(k), *(foreign(_trait(key, v[key]), 40) for key in keys))
        for k, v in enumerate(variants)
    )
    yield Table("What is compared.", ("", *(TRAITS[k] for k in keys)), rows)


def _answer(head: dict[str, Any], entry: Callable[[int], Entry]) -> Iterator[Block]:
    variants, count = head["variants"], head["listed"]
    found: dict[tuple[int, int], list[float]] = {}
    for k in range(count):
        for pair in entry(k)["pairs"]:
            if pair["rank_correlation"] is not None:
                key = (pair["first"], pair["second"])
                found.setdefault(key, []).append(pair["rank_correlation"])
    if not found:
        yield Words(("No two maps of one photograph could be compared.",), "lead")
        return
    everything = [v for values in found.values() for v in values]
    yield Words(
        (
            f"The rank correlation of two maps is {signed(mean(everything))} on average, from "
            f"{signed(min(everything))} to {signed(max(everything))}. 1 means that both rank all "
            "pixels alike, 0 that the one says nothing about the other.",
            *_answers(head, entry),
        ),
        "lead",
    )
    heads = ("", *(letter(k) for k in range(len(variants))))
    rows = []
    for i in range(len(variants)):
        cells = []
        for j in range(len(variants)):
            values = found.get((min(i, j), max(i, j)))
            cells.append("1" if i == j else signed(mean(values)) if values else "\u2013")
        rows.append((variant_title(i, variants), *cells))
    yield Table("Mean rank correlations over all photographs.", heads, tuple(rows))


def _answers(head: dict[str, Any], entry: Callable[[int], Entry]) -> tuple[str, ...]:
    """On how many photographs the models say the same."""
    if len({str(v["model_sha256"] or v["model"]) for v in head["variants"]}) < 2:
        return ()
    alike = total = 0
    for k in range(head["listed"]):
        labels = {
            str(c["manifest"]["predictions"][0]["label"])
            for c in entry(k)["cells"]
            if "manifest" in c
        }
        total += bool(labels)
        alike += len(labels) == 1
    return (f"All models give the same answer to {alike:,} of {total:,} photographs.",)


def _know() -> Bullets:
    return Bullets(
        (
            "Where maps differ, this report does not say which one is right. Whether a map proves "
            "anything is measured by insertion and deletion.",
            "Each map ranks the pixels of its photograph, 1 for the most decisive. A difference "
            "of maps is a difference of such ranks, not of probabilities.",
            "Two runs of one method with other seeds agree up to chance; differences between "
            "models or methods that are no larger say nothing.",
        )
    )


def _grid(head: dict[str, Any], entry: Callable[[int], Entry]) -> Iterator[Block]:
    variants = head["variants"]
    yield Words(
        (
            "A row for each photograph: the photograph, then the maps "
            + ", ".join(letter(k) for k in range(len(variants)))
            + ". All have one scale, from 0 (dark) to 1 (bright).",
        )
    )
    shown = min(head["listed"], MOST_IN_GRID)
    for k in range(shown):
        e = entry(k)
        items = [Shown(f"{e['number']}.photo", foreign(e["photo"]["name"], 60), "")]
        for j, cell in enumerate(e["cells"]):
            if "manifest" in cell:
                text = _said(cell["manifest"])
                items.append(Shown(f"{e['number']}.map{j}", letter(j), text))
        yield Pictures(tuple(items), len(variants) + 1, tight=True)
    if shown < head["listed"]:
        yield Words((f"The other {head['listed'] - shown:,} are on their pages only.",), "aside")


def _said(m: dict[str, Any]) -> str:
    return f"{foreign(m['target']['label'], 40)}, {percent(m['target']['score'] or 0.0)}"


def _page(k: int, head: dict[str, Any], entry: Callable[[int], Entry]) -> Section:
    name = plain(entry(k)["photo"]["name"], 60)
    return Section(f"{k + 1}. {name}", f"p{k + 1}", lambda: _blocks(k, head, entry), page=True)


def _blocks(k: int, head: dict[str, Any], entry: Callable[[int], Entry]) -> Iterator[Block]:
    e, variants = entry(k), head["variants"]
    here = e["number"]
    height, width = e["photo"]["size"]
    items = [
        Shown(f"{here}.photo", "The photograph", f"{width:,} \u00d7 {height:,} pixels, as read.")
    ]
    there = [j for j, cell in enumerate(e["cells"]) if "manifest" in cell]
    for j in there:
        title = variant_title(j, variants)
        items.append(Shown(f"{here}.map{j}", title, _said(e["cells"][j]["manifest"]), RAMP))
    for j in there:
        if f"{here}.difference{j}" in head["pictures"]:
            words = f"Red: {letter(j)} ranks it higher; blue: {letter(0)} does."
            title = f"{letter(j)} minus {letter(0)}"
            items.append(Shown(f"{here}.difference{j}", title, words, DIVERGING))
    yield Pictures(tuple(items), 2 if len(items) <= 4 else 3)
    rows = tuple((letter(j), *_numbers(e["cells"][j]["manifest"])) for j in there)
    heads = (
        "",
        "Explained class",
        "Probability",
        "Model\u2019s answer",
        "Ins. \u2212 del.",
        "Keeps",
    )
    yield Table("Keeps: smallest share that keeps the answer. A dash: not measured.", heads, rows)
    if e["pairs"]:
        yield Table(
            "Agreement, where both models looked: correlation of ranks and of values, mean "
            "absolute difference, share of the tenth ranked highest that both maps have in common.",
            ("Pair", "Ranks", "Values", "Mean difference", "Overlap"),
            tuple(
                (
                    f"{letter(p['first'])} and {letter(p['second'])}",
                    *("\u2013" if p[key] is None else signed(p[key]) for key in MEASURES),
                )
                for p in e["pairs"][:MOST_VARIANTS]
            ),
        )
    missing = [letter(j) for j in range(len(variants)) if j not in there]
    if missing:
        yield Bullets((f"There is no map of this photograph for {', '.join(missing)}.",))


def _numbers(m: dict[str, Any]) -> tuple[str, ...]:
    keep, measured = m.get("keep_region"), m.get("faithfulness")
    return (
        foreign(m["target"]["label"], 24),
        number(m["target"]["score"]),
        foreign(m["predictions"][0]["label"], 24),
        "\u2013" if measured is None else signed(measured["insertion"] - measured["deletion"]),
        "\u2013" if keep is None else percent(keep["fraction"]),
    )


def _made(head: dict[str, Any], entry: Callable[[int], Entry]) -> Iterator[Block]:
    for method in dict.fromkeys(v["method"] for v in head["variants"]):
        yield Words((" ".join(METHODS.get(method, (plain(method),))),))
    yield Words(("How the first photograph\u2019s maps are made again:",), "aside")
    first = entry(0)
    for k, cell in enumerate(first["cells"]):
        if "manifest" in cell:
            yield Code(f"{letter(k)}, {quoted(first['photo']['name'], 60)}", _command(cell))
    made = next((c["manifest"] for c in first["cells"] if "manifest" in c), None)
    if made is not None:
        versions = ", ".join(f"{plain(k)} {plain(v)}" for k, v in made["versions"].items())
        machine = made["machine"]
        yield Facts(
            (
                Fact("Product", plain(made["product"])),
                Fact("Versions", versions),
                Fact("Machine", f"{plain(machine.get('processor'))}, {machine.get('cores')} cores"),
            )
        )


def _command(cell: dict[str, Any]) -> str:
    return command_line(cell["manifest"])[0]
