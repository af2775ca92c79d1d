"""A page that lies fails.

Every fenced `python` block of the README and of docs/ is run, page by page, in one namespace per page; a block that starts with
`>>>` is checked as a doctest. A failure names the page and the line. `console`, `toml`, `json` and other blocks are not run here.
The programs in docs/examples/ are run as a reader would.
"""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from sybil import Sybil
from sybil.example import SybilFailure
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.places import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))
READER = Sybil(parsers=[PythonCodeBlockParser(doctest_optionflags=doctest.DONT_ACCEPT_TRUE_FOR_1)])

_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?P<marks>`{3,}|~{3,})(?P<info>[^`\n]*)$", re.MULTILINE)
_PYTHON = re.compile(r"(py|pycon|python|ipython|doctest)\d*\b", re.IGNORECASE)
_PROMPT = re.compile(r"^[ \t>]*>>> ", re.MULTILINE)


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def run(page: Path) -> int:
    """Runs the blocks of a page in order and gives their number; the first that fails raises, at its file and line."""
    document = READER.parse(page)
    document.namespace["__name__"] = "__main__"  # classes ask where they were made
    count = 0
    for example in document.examples():
        example.evaluate()
        count += 1
    return count


def overlooked(text: str) -> list[str]:
    """The Python of a page that would not be run: spelt otherwise, with words after the language, not closed, prompts elsewhere."""
    found = []
    opening: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        if opening is None:
            opening = fence
        elif fence["marks"].startswith(opening["marks"]) and not fence["info"].strip():
            inside = text[opening.end() : fence.start()]
            if opening["info"] != "python" and (_PYTHON.match(opening["info"].strip()) or _PROMPT.search(inside)):
                found.append(_place(text, opening))
            opening = None
    return found if opening is None else [*found, _place(text, opening)]


def places(raised: pytest.ExceptionInfo[BaseException], page: Path) -> list[int]:
    """The lines of a page that a failure names: in its traceback, or in what it says."""
    match raised.value:
        case SybilFailure() as failure:
            return [failure.example.line]
        case SyntaxError(filename=filename, lineno=int(line)) if filename == str(page):
            return [line]
        case _:
            return [entry.lineno + 1 for entry in raised.traceback if str(entry.path) == str(page)]


def _place(text: str, fence: re.Match[str]) -> str:
    return f"line {text.count(chr(10), 0, fence.start('marks')) + 1}: {fence.group().strip()}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_does_what_it_says(page: Path) -> None:
    run(page)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_hides_no_python(page: Path) -> None:
    assert overlooked(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=name)
def test_an_example_runs(example: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=ROOT,
        env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONIOENCODING="utf-8"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "an example shows something"


class TestTheReader:
    """The reader itself, on pages of its own."""

    def test_it_runs_blocks_and_prompts_in_one_namespace(self, tmp_path: Path) -> None:
        page = tmp_path / "page.md"
        page.write_text("```python\nx = 2\n```\n\nthen\n\n```python\n>>> x + 1\n3\n>>> x\n2\n```\n", encoding="utf-8")
        assert run(page) == 3

    @pytest.mark.parametrize(
        ("block", "error", "line"),
        [
            pytest.param("assert 1 == 2", AssertionError, 5, id="an assertion that does not hold"),
            pytest.param("x = 1\nundefined", NameError, 6, id="a name that is not there"),
            pytest.param(">>> 1 + 1\n3", AssertionError, 5, id="a doctest that shows another answer"),
            pytest.param(">>> 1 == 1\n1", AssertionError, 5, id="a doctest that shows 1 for True"),
            pytest.param("x = 1\n>>> x\n1", SyntaxError, 6, id="prompts in the middle of code"),
        ],
    )
    def test_it_refuses(self, tmp_path: Path, block: str, error: type[Exception], line: int) -> None:
        page = tmp_path / "page.md"
        page.write_text(f"# A page\n\nwith one block:\n```python\n{block}\n```\n", encoding="utf-8")
        with pytest.raises(error) as raised:
            run(page)
        assert places(raised, page) == [line]

    @pytest.mark.parametrize(
        ("page", "lines"),
        [
            ("```python\n1\n```\n", []),
            ("```console\n$ ls\n```\n\n```json\n{}\n```\n", []),
            ("````md\n```py\n1\n```\n````\n", []),
            ("```py\n1\n```\n", ["line 1: ```py"]),
            ("- ```Python\n  1\n  ```\n", ["line 1: - ```Python"]),
            ("```python title=x\n1\n```\n", ["line 1: ```python title=x"]),
            ("text\n```text\n>>> 1\n1\n```\n", ["line 2: ```text"]),
            ("```python\n1\n", ["line 1: ```python"]),
        ],
    )
    def test_it_finds_python_that_would_not_run(self, page: str, lines: list[str]) -> None:
        assert overlooked(dedent(page)) == lines
