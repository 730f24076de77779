"""A class graded side by side: nbgrader's marks, whatever is ended or lost meanwhile."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook
from tiny_course import STEM, nbgrader

from emkit.classroom import grade as grading
from emkit.classroom.course import CourseError
from emkit.classroom.grade import grade
from emkit.classroom.records import read_records

KINDS = {
    "right": (("return 2 * x", "return x / 2"), {"double-ordinary": 2, "half-ordinary": 3}),
    "half": (("return 2 * x", "return x"), {"double-ordinary": 2, "half-ordinary": 0}),
    "wrong": (("return x", "return -x"), {"double-ordinary": 0, "half-ordinary": 0}),
}


def hand_in(course, learner, kind, timestamp="2026-01-01 10:00:00 UTC"):
    """Put a learner's hand-in where nbgrader expects it."""
    notebook = nbformat.read(course.release(STEM), as_version=4)
    for name, answer in zip(("double", "half"), KINDS[kind][0], strict=True):
        (cell,) = (cell for cell in notebook.cells if cell.id == name)
        cell.source = f"def {name}(x):\n    {answer}"
    folder = course.root / "assignments/submitted" / learner / STEM
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{STEM}.ipynb")
    (folder / "timestamp.txt").write_text(timestamp)
    return folder


def a_class(course, size):
    """Hand-ins of all kinds; what each must get."""
    kinds = {f"learner{i:03}": list(KINDS)[i % len(KINDS)] for i in range(size)}
    for learner, kind in kinds.items():
        hand_in(course, learner, kind)
    return {learner: KINDS[kind][1] for learner, kind in kinds.items()}


def marks(course):
    """Marks in the gradebook, by learner and cell; None where a person has to mark."""
    with Gradebook(course.config().CourseDirectory.db_url) as gradebook:
        return {
            submission.student.id: {
                one.name: None if one.needs_manual_grade else one.score
                for notebook in submission.notebooks
                for one in notebook.grades
            }
            for submission in gradebook.assignment_submissions(STEM)
        }


def left_over(course):
    """Files of `emkit grade` that were never put in their place."""
    return [path for path in course.root.rglob(".*") if path.name.endswith((".new", ".old"))]


def test_marks_are_nbgraders_and_what_is_done_stays(course):
    expected = a_class(course, 6)
    seen = []
    assert grade(course, STEM, seen=lambda graded, left: seen.append(left)) == 6
    assert sorted(seen) == list(range(6))
    assert marks(course) == expected
    assert grade(course, STEM) == 0

    done = nbgrader(course.root, "autograde", STEM, "--force")
    assert done.returncode == 0, done.stdout
    assert marks(course) == expected


def test_a_newer_hand_in_is_graded_anew_and_a_persons_mark_is_kept(course):
    a_class(course, 3)
    grade(course, STEM)
    with Gradebook(course.config().CourseDirectory.db_url) as gradebook:
        one = gradebook.find_grade("half-ordinary", STEM, STEM, "learner002")
        one.manual_score = 2.5
        one.needs_manual_grade = False
        gradebook.db.commit()
    hand_in(course, "learner001", "right", "2026-01-02 10:00:00 UTC")
    hand_in(course, "learner002", "half", "2026-01-02 10:00:00 UTC")
    assert grade(course, STEM) == 2
    assert marks(course)["learner001"] == KINDS["right"][1]
    # A person has marked it before, so a person looks at it again.
    assert marks(course)["learner002"] == {"double-ordinary": 2, "half-ordinary": None}


def test_who_comes_late_loses_what_the_course_says(course):
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    hand_in(course, "ada", "half", "2026-01-01 10:00:00 UTC")
    hand_in(course, "bob", "half", "2026-01-03 10:00:00 UTC")
    due(course, "2026-01-02 12:00:00 UTC")
    grade(course, STEM)
    assert penalties(course) == {"ada": 0, "bob": 2}
    records, _ = read_records(course, STEM)
    assert {one.learner: one.score for one in records} == {"ada": 2, "bob": 0}

    nbgrader(course.root, "autograde", STEM, "--force")
    assert penalties(course) == {"ada": 0, "bob": 2}
    due(course, "2026-01-04 12:00:00 UTC")
    grade(course, STEM, force=True)
    assert penalties(course) == {"ada": 0, "bob": 0}


def due(course, when):
    """Set when an assignment is due."""
    with Gradebook(course.config().CourseDirectory.db_url) as gradebook:
        gradebook.update_or_create_assignment(STEM, duedate=when)


def penalties(course):
    """Points that learners lost because they came late."""
    with Gradebook(course.config().CourseDirectory.db_url) as gradebook:
        return {
            submission.student.id: submission.late_submission_penalty
            for submission in gradebook.assignment_submissions(STEM)
        }


def test_one_learner_alone(course):
    a_class(course, 3)
    assert grade(course, STEM, ["learner001"]) == 1
    assert list(marks(course)) == ["learner001"]


def test_nobody_has_handed_in(course):
    with pytest.raises(CourseError, match="Nobody has handed in 01_tiny"):
        grade(course, STEM)
    hand_in(course, "ada", "right")
    with pytest.raises(CourseError, match="bo, cy handed in no 01_tiny"):
        grade(course, STEM, ["ada", "bo", "cy"])
    assert marks(course) == {}


def test_a_link_to_anothers_notebook_is_for_a_person_and_copies_nothing(course):
    expected = a_class(course, 1)
    other = course.root / "assignments/submitted/thief" / STEM
    other.mkdir(parents=True)
    (other / f"{STEM}.ipynb").symlink_to(
        course.root / f"assignments/submitted/learner000/{STEM}/{STEM}.ipynb"
    )
    people = []
    grade(course, STEM, seen=lambda graded, left: people.append(graded.problem))
    assert marks(course) == expected | {"thief": {"double-ordinary": None, "half-ordinary": None}}
    assert any("is a link to another file" in problem for problem in people)
    page = course.root / f"assignments/autograded/thief/{STEM}/{STEM}.ipynb"
    assert "2 * x" not in page.read_text()


def test_a_run_that_is_killed_goes_on_where_it_was(course):
    expected = a_class(course, 9)
    command = [sys.executable, "-m", "emkit.classroom.cli", "grade", STEM]
    kills = 0
    for patience in (2, 4, 6, 8, 10, 12, 300):
        run = subprocess.Popen(command, cwd=course.root, start_new_session=True)
        try:
            assert run.wait(patience) == 0
            break
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            kills += 1
    assert kills
    assert marks(course) == expected
    assert not left_over(course)


def test_a_worker_that_is_lost_costs_nobody_a_mark(course):
    expected = a_class(course, 6)
    stop = threading.Event()

    def kill_one():
        before = {process.pid for process in psutil.Process().children(recursive=True)}
        while not stop.is_set():
            for process in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):  # it has just ended
                    if process.pid not in before and "spawn_main" in " ".join(process.cmdline()):
                        time.sleep(3)
                        process.kill()
                        return
            time.sleep(0.1)

    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        grade(course, STEM)
    finally:
        stop.set()
        killer.join()
    assert marks(course) == expected


def test_a_full_disk_is_told_and_nothing_is_half_done(course, monkeypatch):
    expected = a_class(course, 4)
    put, calls = grading.Writer.put, []

    def full(writer, graded):
        calls.append(graded.learner)
        if len(calls) == 3:
            folder = writer.autograded / graded.learner / f".{STEM}.new"
            folder.mkdir(parents=True)
            Path(folder, "half").write_text("...")
            raise OSError(28, "No space left on device")
        put(writer, graded)

    monkeypatch.setattr(grading.Writer, "put", full)
    with pytest.raises(OSError, match="No space left"):
        grade(course, STEM)
    monkeypatch.undo()
    assert grade(course, STEM) == 2
    assert marks(course) == expected
    assert not left_over(course)


def test_cells_that_need_the_engine_run_when_all_marks_are_saved(course, monkeypatch):
    expected = a_class(course, 2)
    path = hand_in(course, "learner000", "right") / f"{STEM}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_code_cell("import emkit\nprint(emkit.GaussianMixture(2))"))
    nbformat.write(notebook, path)
    graded = course.root / f"assignments/autograded/learner000/{STEM}/{STEM}.ipynb"
    monkeypatch.setattr(grading.Writer, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        grade(course, STEM)
    monkeypatch.undo()
    assert marks(course) == expected
    assert "GaussianMixture isn't there" in graded.read_text()

    learners = []
    assert grade(course, STEM, shown=lambda learner, left: learners.append((learner, left))) == 0
    assert learners == [("learner000", 0)]
    assert "Mixture(family=" in nbformat.read(graded, 4).cells[-1].outputs[0].text
    assert marks(course) == expected
    assert not left_over(course)
    assert grade(course, STEM, shown=lambda *told: pytest.fail("it is shown")) == 0


def full_disk(*arguments):
    raise OSError(28, "No space left on device")
