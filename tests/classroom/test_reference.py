"""Grading begins with the reference solution and the release, and ends there if they fail."""

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from tiny_course import STEM, nbgrader, put

from emkit.classroom import reference


@pytest.fixture
def handed_in(course):
    """The course with one untouched hand-in."""
    hand_in(course, "ada")
    return course


def hand_in(course, student):
    notebook = nbformat.read(course.release(STEM), as_version=4)
    put(notebook, course.root / "assignments/submitted" / student / STEM / f"{STEM}.ipynb")


def autograde(course, student="*"):
    """Autograde in this process, as Formgrader does."""
    config = course.config()
    config.CourseDirectory.assignment_id = STEM
    config.CourseDirectory.student_id = student
    Autograde(coursedir=CourseDirectory(config=config), config=config).start()


def students(course):
    with Gradebook(course.config().CourseDirectory.db_url) as gradebook:
        return [student.id for student in gradebook.students]


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_sound_course_is_graded(handed_in):
    autograde(handed_in)
    assert students(handed_in) == ["ada"]


def test_a_broken_reference_ends_the_run_before_anybody_is_graded(handed_in):
    edit(handed_in.source(STEM), "2 * x", "3 * x")
    done = nbgrader(handed_in.root, "autograde", STEM)
    assert done.returncode == 1
    assert "Nobody was graded" in done.stdout
    assert (
        "the reference solution got 0 of 2 points in double-ordinary: "
        "AssertionError: double(1) should be 2" in done.stdout
    )
    assert "half-ordinary" not in done.stdout.split("Nobody was graded")[1]
    assert students(handed_in) == []
    # nbgrader would skip a hand-in that has a folder here already.
    assert not (handed_in.root / "assignments/autograded").exists()

    edit(handed_in.source(STEM), "3 * x", "2 * x")
    autograde(handed_in)
    assert students(handed_in) == ["ada"]


def test_a_release_that_earns_marks_ends_the_run(handed_in):
    edit(handed_in.release(STEM), "raise NotImplementedError", "return 2 * x")
    with pytest.raises(SystemExit, match="the untouched release got 2 of 2 points in double-ord"):
        autograde(handed_in)
    assert students(handed_in) == []


def test_a_broken_kernel_ends_the_run(handed_in):
    path = handed_in.source(STEM)
    edit(path, "return 2 * x", "import os; os._exit(1)")
    with pytest.raises(SystemExit, match="The kernel ended in this cell"):
        autograde(handed_in)
    assert students(handed_in) == []


def test_formgrader_shows_the_gates_message(handed_in):
    edit(handed_in.source(STEM), "x / 2", "x / 3")
    config = handed_in.config()
    api = NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
    shown = api.autograde(STEM, "ada")
    assert not shown["success"]
    assert "the reference solution got 0 of 3 points in half-ordinary" in shown["error"]
    assert students(handed_in) == []


def test_an_assignment_that_the_gradebook_lacks_is_named(course):
    (course.root / "assignments/gradebook.db").unlink()
    hand_in(course, "ada")
    with pytest.raises(SystemExit, match=f"First run: nbgrader generate_assignment {STEM}"):
        autograde(course)


def test_a_pass_is_remembered_until_something_changes(handed_in, monkeypatch):
    looked = []
    empty = nbformat.v4.new_notebook()
    monkeypatch.setattr(reference, "graded", lambda run, path: looked.append(path) or empty)
    autograde(handed_in, "ada")
    hand_in(handed_in, "bo")
    autograde(handed_in, "bo")
    assert looked == [handed_in.source(STEM), handed_in.release(STEM)]

    edit(handed_in.source(STEM), "2 * x", "x + x")
    hand_in(handed_in, "cy")
    autograde(handed_in, "cy")
    assert len(looked) == 4
