"""The instructor's table: green for a sound course, and the reason for everything that isn't."""

import subprocess

import nbformat
import pytest
from tiny_course import STEM, put

from emkit.classroom.validate import NO_KERNEL, compare, validate


@pytest.fixture
def said(course):
    """Return a function that validates and returns (all is well, what was said)."""
    lesson = nbformat.read(course.solution(STEM), as_version=4)
    put(lesson, course.root / "notebooks" / f"{STEM}.ipynb")

    def run():
        lines = []
        return validate(course, lines.append), "\n".join(lines)

    return run


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_sound_course_is_all_right(said):
    well, text = said()
    assert well, text
    assert text.split().count("ok") == 2 + 4 + 2  # compares, hygiene, fresh
    assert text.endswith("OK")


def test_everything_wrong_is_named(course, said):
    edit(course.root / "notebooks" / f"{STEM}.ipynb", "Both: 1.0", "Both: 2.0")
    edit(course.source(STEM), "# Tiny", "## Tiny")
    course.solution(STEM).unlink()
    well, text = said()
    assert not well
    table, *details = text.split("\n\n")
    assert table.count("WRONG") == 3
    assert "Both: 1.0" in details[0]  # nbval shows both
    assert "the heading 'Tiny' comes first" in details[1]
    assert "is not what its source gives; run: emkit generate" in details[2]
    assert "is missing; run: emkit generate" in details[3]
    assert details[-1] == "4 of 4 notebooks have something wrong."


def test_chosen_numbers_alone_are_checked(course):
    put(
        nbformat.read(course.solution(STEM), as_version=4), course.root / "notebooks/07_other.ipynb"
    )
    lines = []
    assert validate(course, lines.append, [STEM])
    assert "07_other" not in "\n".join(lines)


def test_a_kernel_that_never_answers_is_tried_once_more(monkeypatch, tmp_path):
    said = [f"{NO_KERNEL} in 60 seconds", f"{NO_KERNEL} in 60 seconds", "another error", "lost"]

    def run(words, **options):
        return subprocess.CompletedProcess(words, 1, said.pop(0))

    monkeypatch.setattr(subprocess, "run", run)
    assert compare(tmp_path / "a.ipynb")[0] == f"{NO_KERNEL} in 60 seconds"
    assert compare(tmp_path / "a.ipynb")[0] == "another error"
    assert said == ["lost"]
