"""The report of many photographs: summary, contents, average maps, one page each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from decam_engine.reports.attention import KINDS, reasons
from decam_engine.reports.book import (
    Block,
    Book,
    Bullets,
    Code,
    Facts,
    Listed,
    Listing,
    Pictures,
    Section,
    Shown,
    Words,
)
from decam_engine.reports.command import command_line
from decam_engine.reports.contents import contents
from decam_engine.reports.parts import Fact, Table
from decam_engine.reports.plain import foreign, percent, plain
from decam_engine.reports.template import Template
from decam_engine.reports.views import MAP, RAMP
from decam_engine.reports.wording import METHODS

Entry = dict[str, Any]
TITLE = "What the answers rest on"
ORDER_WORDS = {
    "look": "what deserves a look first",
    "given": "as they were given",
    "name": "by file name",
    "class": "by class, in each the least confident first",
    "confidence": "the least confident first",
}
# Lines of the contents that are made at a time.
CHUNK = 50
MOST_CLASSES_SHOWN = 12
# Of one photograph on its page; the record holds the rest.
MOST_WARNINGS, MOST_LETTERS, MOST_COMMAND = 4, 260, 900
VERIFY = (
    "This file holds a record of every run with a page of its own. \u201cdecam verify\u201d "
    "followed by this file\u2019s name checks that nothing shown was changed, runs these "
    "explanations again and compares. Hashes alone cannot reveal whoever changes content and "
    "hashes together; running them again does."
)


def photos_book(head: dict[str, Any], entry: Callable[[int], Entry]) -> Book:
    """The words and numbers of a report of many photographs, made from its record alone.

    Args:
        head: the record without its entries.
        entry: the entry of a number, in the order of the report.
    """
    template = Template.from_record(head["template"])
    counts = head["counts"]
    title = plain(template.title) if template.title else TITLE
    sections = [
        Section("What was asked", "asked", lambda: _asked(head, entry)),
        Section("At a glance", "glance", lambda: _glance(head)),
        Section("What a reader must know", "know", lambda: iter([_know()])),
    ]
    if head["classes"]:
        sections.append(Section("The average map of each class", "classes", lambda: _classes(head)))
    sections.append(Section("Contents", "contents", lambda: _contents(head, entry)))
    sections += [_page(k, entry) for k in head["paged"]]
    sections.append(Section("How it was made", "made", lambda: _made(head, entry)))
    sections.append(Section("How to get it again", "again", _again))
    return Book(
        title=title,
        organisation=plain(template.organisation),
        created=f"{head['created']} UTC",
        notes=tuple(plain(p, 5_000) for n in template.notes for p in n.splitlines() if p.strip()),
        subject=f"{_photographs(counts['total'])} explained",
        footer=f"{title} \u00b7 {_photographs(counts['total'])}",
        sections=tuple(sections),
    )


def _photographs(count: int) -> str:
    return f"{count:,} photograph" + ("" if count == 1 else "s")


def _asked(head: dict[str, Any], entry: Callable[[int], Entry]) -> Iterator[Block]:
    counts = head["counts"]
    done = counts["total"] - counts["failed"]
    text = f"{done:,} of {counts['total']:,} explained"
    if counts["failed"]:
        text += f"; {counts['failed']:,} could not be (see the contents)"
    yield Facts(
        (
            Fact("Question", "Which parts of each photograph make the model answer as it does?"),
            Fact("Explanations", text),
            Fact("Models", _some(counts["models"])),
            Fact("Methods", _some(_named(counts["methods"]))),
            Fact("Order", ORDER_WORDS[head["order"]]),
        )
    )


def _named(methods: dict[str, int]) -> dict[str, int]:
    """By the names that readers know them by."""
    return {{"de": "DE-CAM", "rise": "RISE"}.get(k, k): v for k, v in methods.items()}


def _some(names: dict[str, int], most: int = 8) -> str:
    found = [
        f"{foreign(n, 80)} ({c:,})" if len(names) > 1 else foreign(n, 80) for n, c in names.items()
    ]
    more = len(found) - most
    return ", ".join(found[:most]) + (f" and {more:,} more" if more > 0 else "") or "none"


def _glance(head: dict[str, Any]) -> Iterator[Block]:
    counts = head["counts"]
    if not counts["look"]:
        yield Words(("Nothing stands out: no explanation deserves a look before the others.",))
    else:
        share = percent(counts["look"] / max(1, counts["total"]))
        yield Words(
            (
                f"{counts['look']:,} of {counts['total']:,} ({share}) deserve a look, for the "
                "reasons below; one may have several.",
            ),
            "lead",
        )
        rows = tuple(
            (KINDS[kind][0].upper() + KINDS[kind][1:], f"{counts['kinds'][kind]:,}")
            for kind in KINDS
            if counts["kinds"].get(kind)
        )
        yield Table("How many deserve a look, and why.", ("Reason", "Explanations"), rows)
    if counts["classes"]:
        rows = tuple((foreign(n, 80), f"{c:,}") for n, c in counts["classes"].items())
        more = counts["class_count"] - len(rows)
        caption = "Explained classes" + (f"; {more:,} more are not listed." if more else ".")
        yield Table(caption, ("Class", "Explanations"), rows)


def _know() -> Bullets:
    return Bullets(
        (
            "What deserves a look is found by fixed rules (evidence at the border or spread over "
            "the background, a map that proves nothing, low confidence, models that disagree). "
            "Nothing listed is proven wrong, and nothing else is proven right.",
            "A map shows what this model\u2019s answer rests on. It does not show whether the "
            "answer is right, nor what a person would look at.",
            "Each map ranks the pixels of its own photograph, 1 for the most decisive; maps of "
            "different photographs do not share a scale.",
        )
    )


def _classes(head: dict[str, Any]) -> Iterator[Block]:
    yield Words(
        (
            "The mean of all maps of a class, each on the model\u2019s input. Evidence that sits "
            "at the same place in every photograph (a corner, a border, a caption) shows here.",
        )
    )
    items = tuple(
        Shown(f"class.{k}", foreign(c["label"], 60), _maps(c["count"]), RAMP)
        for k, c in enumerate(head["classes"])
    )
    yield Pictures(items, 4, tight=True)


def _maps(count: int) -> str:
    return f"{count:,} map" + ("" if count == 1 else "s")


def _contents(head: dict[str, Any], entry: Callable[[int], Entry]) -> Iterator[Block]:
    numbers = iter(range(head["listed"]))
    while chunk := list(islice(numbers, CHUNK)):
        yield Listing(tuple(_line(k, entry(k), head) for k in chunk))
    more = head["counts"]["total"] - head["listed"]
    if more > 0:
        yield Words(
            (f"{_photographs(more)} more are not listed here; the table has them.",), "aside"
        )
    paged, done = len(head["paged"]), head["counts"]["total"] - head["counts"]["failed"]
    if 0 < paged < done:
        yield Words(
            (f"Pages: {paged:,}, for the first in this order. The others have none.",), "aside"
        )


def _line(k: int, e: Entry, head: dict[str, Any]) -> Listed:
    row = e["row"]
    why = tuple(r.text for r in reasons(row, e["disputed"]))
    if row["error"] is not None:
        why = (plain(row["error"], 400),)
        return Listed(str(k + 1), "", foreign(row["photo"], 80), "not explained", why)
    detail = f"{foreign(row['target_label'], 60)}, {percent(row['target_score'] or 0.0)}"
    if len(head["counts"]["models"]) > 1:
        detail += f" \u00b7 {foreign(row['model'], 60)}"
    if "note" in e:
        why = (*why, plain(e["note"], 400))
    paged = "manifest" in e
    return Listed(
        str(k + 1),
        f"{e['number']}.thumb" if paged else "",
        foreign(row["photo"], 80),
        detail,
        why,
        f"p{k + 1}" if paged else "",
    )


def _page(k: int, entry: Callable[[int], Entry]) -> Section:
    e = entry(k)
    name = plain(e["row"]["photo"], 60)
    return Section(f"{k + 1}. {name}", f"p{k + 1}", lambda: _blocks(k, entry), page=True)


def _blocks(k: int, entry: Callable[[int], Entry]) -> Iterator[Block]:
    e = entry(k)
    m, number = e["manifest"], e["number"]
    c = contents(m, Template(), "")
    yield Facts(c.asked)
    if c.answer:
        yield Words((" ".join(c.answer),), "lead")
    items = tuple(
        Shown(f"{number}.{f.name}", f.title, f.caption, RAMP if f.name == MAP else "")
        for f in c.figures
    )
    yield Pictures(items, 2)
    if c.hatched:
        yield Words((c.hatched,), "aside")
    yield from c.tables
    why = [r.text for r in reasons(e["row"], e["disputed"])]
    warnings = [
        w if len(w) <= MOST_LETTERS else w[:MOST_LETTERS] + "\u2026" for w in c.warnings[:-1]
    ]
    said = [*why, *warnings]
    if len(said) > MOST_WARNINGS:
        left = len(said) - MOST_WARNINGS
        said = [*said[:MOST_WARNINGS], f"{left} more warnings are in the record of this report."]
    if said:
        yield Bullets(tuple(said))
    measured = m.get("faithfulness")
    if measured is not None:
        yield Words((c.sure[0],), "aside")
    command = command_line(m)[0]
    if len(command) <= MOST_COMMAND:
        yield Code("How to get it again", command)
    else:
        yield Words(("The command that makes it again is long; the record holds it.",), "aside")


def _made(head: dict[str, Any], entry: Callable[[int], Entry]) -> Iterator[Block]:
    for method in head["counts"]["methods"]:
        yield Words((" ".join(METHODS.get(method, (plain(method),))),))
    first = next((entry(k) for k in head["paged"]), None)
    if first is not None:
        yield Words(
            (
                "Settings, pre-processing, versions and machine of the first explanation; the "
                "record of this report holds those of each.",
            ),
            "aside",
        )
        c = contents(first["manifest"], Template(), "")
        yield Facts(c.made)
        yield Facts(tuple(f for f in c.again if f.term in ("Product", "Versions", "Machine")))


def _again() -> Iterator[Block]:
    yield Words((VERIFY,))
