"""The window's texts in other languages, with Qt's own tools.

    python build_scripts/translate.py update            bring the .ts files up to date, and print
                                                        what lacks a translation, as JSON
    python build_scripts/translate.py fill FILE.json    put translations in: that JSON, filled
    python build_scripts/translate.py release           make the .qm files that the window reads
    python build_scripts/translate.py check             is all this done? Exit code 1 if not

After texts were added or changed: ``update > new.json``, fill in the empty strings, ``fill
new.json``, ``release``. Both kinds of file are committed, so that nobody needs these tools to run
the window. Needs the Python of ``.venv``, whose PySide6 brings lupdate and lrelease.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
import string
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "decam_gui"
FOLDER = ROOT / "resources" / "translations"
LANGUAGES = ("de",)
# Modules without a class name their context in a function of their own, which lupdate does not
# follow: its calls are written out for it.
OWN_FUNCTION = re.compile(
    r'^def _tr\(text: str\) -> str:\n    return QCoreApplication\.translate\("(\w+)", text\)',
    re.MULTILINE,
)
# Between the texts for one and for several, where a text counts ("%n").
PLURAL = "||"
Texts = dict[str, dict[str, str]]


def main() -> int:
    """Do what was asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("update", "fill", "release", "check"))
    parser.add_argument("file", nargs="?", type=Path)
    options = parser.parse_args()
    if options.command == "fill":
        if options.file is None:
            parser.error("fill needs the JSON file")
        texts = json.loads(options.file.read_text(encoding="utf-8"))
        for language in LANGUAGES:
            fill(ts_file(language), texts)
    if options.command in ("update", "fill"):
        FOLDER.mkdir(exist_ok=True)
        for language in LANGUAGES:
            update(ts_file(language), language)
            missing = untranslated(ts_file(language))
            print(json.dumps(missing, indent=1, ensure_ascii=False))
            tell(f"{language}: {sum(map(len, missing.values()))} texts lack a translation")
    elif options.command == "release":
        for language in LANGUAGES:
            release(ts_file(language), FOLDER / f"decam_{language}.qm")
    else:
        problems = overlooked() + [p for language in LANGUAGES for p in check(language)]
        tell("\n".join(problems) or "everything is translated")
        return 1 if problems else 0
    return 0


def ts_file(language: str) -> Path:
    """The texts of a language, for translators."""
    return FOLDER / f"decam_{language}.ts"


def update(ts: Path, language: str) -> None:
    """Add new texts, drop those that are gone, keep what is translated."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / SOURCES.name
        shutil.copytree(SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for file in copy.rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            own = OWN_FUNCTION.search(text)
            if own:
                call = f'QCoreApplication.translate("{own[1]}", '
                file.write_text(
                    re.sub(r"(?<!def )\b_tr\(", call, text), encoding="utf-8", newline="\n"
                )
        files = sorted(str(f) for f in copy.rglob("*.py"))
        options = ["-no-obsolete", "-locations", "none", "-source-language", "en"]
        tool("lupdate", *options, "-target-language", language, *files, "-ts", str(ts))


def untranslated(ts: Path) -> Texts:
    """Source texts that lack a translation, by context."""
    found: Texts = {}
    for context, message in messages(ET.parse(ts)):
        translation = message.find("translation")
        forms = [] if translation is None else [translation, *translation.iter("numerusform")][-2:]
        if translation is None or translation.get("type") or not all(f.text for f in forms):
            found.setdefault(context, {})[message.findtext("source", "")] = ""
    return found


def fill(ts: Path, texts: Texts) -> None:
    """Put translations in; refused where a place for a number or a name went missing."""
    tree = ET.parse(ts)
    for context, message in messages(tree):
        source = message.findtext("source", "")
        text = texts.get(context, {}).get(source, "")
        if not text:
            continue
        if fields(text.partition(PLURAL)[0]) != fields(source):
            raise SystemExit(f"expected the fields {fields(source)} of {source!r} in {text!r}")
        put(message, text)
    tree.write(ts, encoding="utf-8", xml_declaration=True)


def put(message: ET.Element, text: str) -> None:
    """This is the translation; of a text that counts, one for each form."""
    translation = message.find("translation")
    if translation is None:
        translation = ET.SubElement(message, "translation")
    translation.attrib.pop("type", None)
    for form in list(translation):
        translation.remove(form)
    one, _, several = text.partition(PLURAL)
    if message.get("numerus") == "yes":
        translation.text = None
        for form in (one, several or one):
            ET.SubElement(translation, "numerusform").text = form
    else:
        translation.text = text


def fields(text: str) -> list[str]:
    """Names of the places that are filled in later."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def release(ts: Path, qm: Path) -> None:
    """What the window reads."""
    tool("lrelease", str(ts), "-qm", str(qm))


def overlooked() -> list[str]:
    """Texts that lupdate does not see: in f-strings, or not written out where they are asked for.

    Functions of our own that hand a text on are left out.
    """
    found = []
    for file in sorted(SOURCES.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        inside = {
            id(call) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
            for call in ast.walk(node) if isinstance(call, ast.Call)
        }  # fmt: skip
        handing_on = {
            id(call) for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef) and node.name == "_tr"
            for call in ast.walk(node)
        }  # fmt: skip
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or id(node) in handing_on or not node.args:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in ("tr", "_tr", "translate"):
                continue
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if name == "translate" and not owner.endswith("Application"):
                continue
            text = node.args[1] if name == "translate" and len(node.args) > 1 else node.args[0]
            where = f"{file.relative_to(ROOT)}:{node.lineno}"
            if id(node) in inside:
                found.append(f"{where}: lupdate does not look into f-strings")
            elif not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
                found.append(f"{where}: lupdate needs the text itself here")
    return found


def check(language: str) -> list[str]:
    """What is not done, in sentences."""
    problems = [
        f"{language}: no translation of {source!r} ({context})"
        for context, sources in untranslated(ts_file(language)).items()
        for source in sources
    ]
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "fresh.ts"
        shutil.copyfile(ts_file(language), fresh)
        update(fresh, language)
        known = {(c, m.findtext("source")) for c, m in messages(ET.parse(ts_file(language)))}
        now = {(c, m.findtext("source")) for c, m in messages(ET.parse(fresh))}
        problems += [f"{language}: new text {s!r} ({c}): run update" for c, s in now - known]
        problems += [f"{language}: {s!r} ({c}) is gone: run update" for c, s in known - now]
        made = Path(scratch) / "fresh.qm"
        release(ts_file(language), made)
        there = FOLDER / f"decam_{language}.qm"
        if not there.is_file() or there.read_bytes() != made.read_bytes():
            problems.append(f"{language}: {there.name} is older than its .ts: run release")
    return problems


def messages(tree: ET.ElementTree) -> list[tuple[str, ET.Element]]:
    """(Context, message) of a .ts file."""
    return [
        (context.findtext("name", ""), message)
        for context in tree.getroot().iter("context")
        for message in context.iter("message")
    ]


def tool(name: str, *arguments: str) -> None:
    """One of PySide6's programs, from beside this Python."""
    folder = Path(sys.executable).parent
    program = shutil.which(f"pyside6-{name}", path=str(folder))
    if program is None:
        raise SystemExit(f"expected pyside6-{name} in {folder}: use the Python of .venv")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stdout}{done.stderr}")


def tell(text: str) -> None:
    """On standard error: the output is JSON."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
