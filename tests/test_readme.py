"""The README's table of lessons says what the notebooks say: titles, times and points."""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MADE = tuple(f"assignments/{name}" for name in ("submitted", "collected", "autograded", "reports"))
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def head(path):
    """The first cell's title and its line in italics."""
    text = nbformat.read(path, as_version=4).cells[0].source
    title = text.splitlines()[0].removeprefix("# ")
    (line,) = (line for line in text.splitlines() if line.startswith("*") and "·" in line)
    return title, line.strip("*")


def row(stem):
    (found,) = (line for line in README.splitlines() if f"(notebooks/{stem}.ipynb)" in line)
    return [cell.strip() for cell in found.strip("|").split("|")]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_row_has_the_titles_times_and_points_of_its_notebooks(path):
    title, line = head(path)
    _, sheet = head(ROOT / "assignments/source" / path.stem / path.name)
    lesson, minutes, _, assignment = row(path.stem)
    assert lesson == f"[{path.stem[:2]} {title}](notebooks/{path.name})"
    assert minutes == f"{re.match('[0-9]+', line)[0]} min"
    points, time = re.search("([0-9]+) points", sheet)[1], re.match("[0-9]+", sheet)[0]
    assert assignment == f"{points} points, {time} min"


def test_the_rows_are_the_lessons_in_order():
    linked = re.findall(r"\(notebooks/(\w+)\.ipynb\)", README)
    assert linked == [path.stem for path in LESSONS]


def test_every_path_that_the_readme_names_is_there():
    for name in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"`((?:emkit|tests|notebooks|assignments|benchmarks)/[\w/.]*)`", README):
        made = name.startswith(MADE)
        assert made or (ROOT / name).exists(), name
