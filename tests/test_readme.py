"""What the README says it reads is tested: every row names a test, and every such test exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.model_zoo import ZOO

ROOT = Path(__file__).resolve().parents[1]
SECTIONS = ("## What it reads: models", "## What it reads: images")
FILES = {path.name: path for path in sorted((ROOT / "tests").rglob("test_*.py"))}


def section(heading: str) -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    start = text.index(heading)
    return text[start : text.index("\n## ", start + 1)]


def rows(heading: str) -> list[str]:
    """The rows of a section's table, without its head."""
    table = [line for line in section(heading).splitlines() if line.startswith("|")]
    return table[2:]


def functions(file: str) -> set[str]:
    tree = ast.parse(FILES[file].read_text(encoding="utf-8"))
    return {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}


def named(text: str) -> list[tuple[str, str, str]]:
    """``(file, function, parameter)`` of each test named in backticks, in order.

    What is left out is as in the name before: ``test_a.py::test_x[one]``, then ``[two]``.
    """
    found = []
    file = function = ""
    for token in re.findall(r"`([^`]+)`", text):
        match = re.fullmatch(
            r"(?:(test_\w+\.py)(?:::)?)?(test_\w+)?(?:\[(\w+)\])?", token.removesuffix(":")
        )
        if match is None or not any(match.groups()):
            continue
        if match[1]:
            file, function = match[1], ""
        function = match[2] or function
        found.append((file, function, match[3] or ""))
    return found


def is_there(file: str, function: str, parameter: str) -> str:
    """What is wrong with a test's name, or nothing."""
    if file not in FILES:
        return f"no file {file}"
    if function and function not in functions(file):
        return f"no {function} in {file}"
    if parameter and (function != "test_sound" or parameter not in ZOO):
        return f"no {parameter} in the zoo"
    return ""


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_row_of_what_is_read_names_a_test(heading: str) -> None:
    table = rows(heading)
    assert len(table) >= 15
    for row in table:
        # The first row may say where the tests of the following ones are.
        last = row.rstrip("|").rsplit("|", 1)[1]
        assert named(last) or re.search(r"`\[\w+\]`", last), row


def test_every_test_that_the_readme_names_exists() -> None:
    text = "\n".join(section(heading) for heading in SECTIONS)
    names = named(text)
    assert len(names) >= 60
    missing = [wrong for name in names if (wrong := is_there(*name))]
    assert not missing


def test_sections_that_name_no_tests_name_none_that_is_gone() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [wrong for name in named(text) if name[0] and (wrong := is_there(*name))]
    assert not missing


def test_a_wrong_name_is_found() -> None:
    assert is_there("test_none.py", "", "")
    assert is_there("test_images.py", "test_nothing_of_the_kind", "")
    assert is_there("test_model_zoo.py", "test_sound", "unicorn")
    assert not is_there("test_model_zoo.py", "test_sound", "not_square")
    assert named("`test_a.py::test_x[one]`, `[two]`; `test_b.py`: `test_y`") == [
        ("test_a.py", "test_x", "one"),
        ("test_a.py", "test_x", "two"),
        ("test_b.py", "", ""),
        ("test_b.py", "test_y", ""),
    ]


def test_the_zoo_has_as_many_models_as_the_readme_says() -> None:
    told = re.search(r"(\d+) and more of them", section(SECTIONS[0]))
    assert told is not None
    assert 0 <= len(ZOO) - int(told[1]) < 20
