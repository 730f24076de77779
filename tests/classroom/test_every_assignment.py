"""Every assignment through the real nbgrader: its solution gets full marks, its release none."""

import shutil

import nbformat
import pytest
from nbgrader.api import Gradebook
from tiny_course import ROOT, nbgrader, put

from emkit.classroom.course import Course

STEMS = Course(ROOT).stems


@pytest.fixture(params=STEMS)
def graded(request, tmp_path):
    """Marks by learner and cell, and points by cell; None where a person has to mark."""
    stem, ours = request.param, Course(ROOT)
    course = Course(tmp_path)
    shutil.copytree(ours.source(stem).parent, course.source(stem).parent)
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path)
    run(course, "generate_assignment", stem)
    hand_ins = {"solution": ours.solution(stem), "release": ours.release(stem)}
    for name, path in hand_ins.items():
        notebook = nbformat.read(path, as_version=4)
        put(notebook, tmp_path / "assignments/submitted" / name / stem / f"{stem}.ipynb")
    run(course, "autograde", stem)
    with Gradebook(f"sqlite:///{tmp_path / 'assignments/gradebook.db'}") as gradebook:
        marks = {
            name: {
                grade.name: None if grade.needs_manual_grade else grade.score
                for grade in gradebook.find_submission_notebook(stem, stem, name).grades
            }
            for name in hand_ins
        }
        cells = gradebook.find_notebook(stem, stem).grade_cells
        points = {cell.name: cell.max_score for cell in cells}
    return marks, points


def run(course, command, stem):
    done = nbgrader(course.root, command, stem)
    assert done.returncode == 0, done.stdout


def test_the_solution_gets_full_marks_and_the_release_none(graded):
    marks, points = graded
    by_machine = [name for name, mark in marks["solution"].items() if mark is not None]
    assert by_machine
    assert {name: marks["solution"][name] for name in by_machine} == {
        name: points[name] for name in by_machine
    }
    assert {name: marks["release"][name] for name in by_machine} == dict.fromkeys(by_machine, 0)
