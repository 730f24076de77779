"""Grading a class: hand-ins side by side, on this machine or a cluster, saved by one writer.

Workers know nothing but the assignment and one hand-in, and send back a graded notebook with its
marks. Whatever happens to them, or to this process, the gradebook has all of a hand-in or nothing;
grading again goes on with those that aren't done. Marks come first; cells that need emkit's engine
give none, and run when all are marked.
"""

import contextlib
import functools
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbgrader.coursedir import CourseDirectory

from emkit.classroom.assignment import gradebook_at, read_assignment
from emkit.classroom.course import CourseError
from emkit.classroom.mends import AUTOGRADE, SANITIZE
from emkit.classroom.reference import RELEASE, SOLUTION, complaints, refusal
from emkit.classroom.rescue import NeedsPerson, mended
from emkit.classroom.steps import Marked, execute_steps, marks_of, show_steps, unanswered
from emkit.classroom.submissions import read_hand_in, timestamp_of
from emkit.classroom.workers import Workers
from emkit.classroom.writer import Writer


def ignore(*told):
    """Nobody waits for news."""


@dataclass(frozen=True)
class Graded:
    """What came of a hand-in. With a `problem`, a person has to look at it."""

    learner: str
    timestamp: str
    notebook: str = field(repr=False)
    marks: tuple[Marked, ...]
    unanswered: dict
    mended: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0


def grade(course, stem, learners=None, executor=None, force=False, seen=ignore, shown=ignore):
    """Grade hand-ins that aren't graded yet, or were handed in anew.

    Parameters
    ----------
    learners : sequence of str, optional
        All who have handed in, without any.
    executor : concurrent.futures.Executor, optional
        Where to grade; a pool of processes, as many as there are cores, without one. A Dask
        client's `get_executor()` is one.
    force : bool
        Grade those again that are done.
    seen, shown : callable
        `seen(graded, left)` is called for each hand-in whose marks are saved, and later
        `shown(learner, left)` for each whose last cells have run.

    Returns
    -------
    count : int
        Hand-ins that were graded now.

    Raises
    ------
    CourseError
        If nobody has handed in or one of `learners` hasn't, or the reference solution doesn't get
        full marks.
    """
    directory = CourseDirectory(config=course.config())
    directory.assignment_id = stem
    submitted = Path(directory.root, directory.submitted_directory)
    folders = {path.parent.name: path for path in sorted(submitted.glob(f"*/{stem}"))}
    if not folders:
        raise CourseError(
            f"Nobody has handed in {stem} ({submitted}/LEARNER/{stem}). Hand-ins are brought there "
            f"by `nbgrader collect {stem} --update` from the exchange, or by `emkit collect`."
        )
    unknown = [learner for learner in learners or () if learner not in folders]
    if unknown:
        raise CourseError(f"{', '.join(unknown)} handed in no {stem} ({submitted}).")
    if learners:
        folders = {learner: folders[learner] for learner in learners}
    assignment = read_assignment(course, directory)
    with Writer(course, directory) as writer, Workers(executor) as workers:
        waiting = [
            learner
            for learner, folder in folders.items()
            if force or not writer.has(learner, timestamp_of(folder))
        ]
        if waiting:
            grade_references(course, assignment, workers)
        hand_ins = (read_hand_in(learner, folders[learner], stem) for learner in waiting)
        for count, graded in enumerate(each_graded(workers, assignment, hand_ins), start=1):
            writer.save(graded)
            seen(graded, len(waiting) - count)

        unshown = [learner for learner in folders if writer.is_unshown(learner)]
        items = (
            (read_hand_in(learner, folders[learner], stem), writer.notebook(learner).read_text())
            for learner in unshown
        )
        show = functools.partial(show_one, assignment)
        results = workers.each(show, items, give_up=lambda item: (item[0].learner, item[1]))
        for count, (learner, notebook) in enumerate(results, start=1):
            writer.replace(learner, notebook)
            shown(learner, len(unshown) - count)
    return len(waiting)


def each_graded(workers, assignment, hand_ins):
    """Each hand-in graded, as they get done."""
    lost = "Its grading process ended three times."
    return workers.each(
        functools.partial(grade_one, assignment),
        hand_ins,
        give_up=lambda hand_in: for_a_person(hand_in, lost),
    )


def grade_references(course, assignment, workers):
    """Grade the reference solution and the untouched release where hand-ins will be graded.

    Raises
    ------
    CourseError
        If the solution doesn't get full marks or the release doesn't get 0, cell by cell.
    """
    stem = assignment.stem
    paths = {SOLUTION: course.source(stem), RELEASE: course.release(stem)}
    for path in paths.values():
        if not path.is_file():
            raise CourseError(f"Nobody was graded: {path} is missing.")
    hand_ins = [read_hand_in(name, path.parent, stem) for name, path in paths.items()]
    notebooks = {}
    for graded in each_graded(workers, assignment, hand_ins):
        if graded.problem:
            path = paths[graded.learner]
            problem = f"{path} can't be graded itself: {graded.problem}"
            raise CourseError(f"Nobody was graded: {problem}")
        notebooks[graded.learner] = nbformat.reads(graded.notebook, as_version=4)
    wrong = complaints(notebooks[SOLUTION], notebooks[RELEASE])
    if wrong:
        raise CourseError(refusal(stem, wrong))


def grade_one(assignment, hand_in):
    """Grade a hand-in, in whatever process; never an exception."""
    began = time.perf_counter()
    if hand_in.problem:
        return for_a_person(hand_in, hand_in.problem)
    try:
        with unpacked(assignment, hand_in) as folder:
            path = Path(folder, f"{assignment.stem}.ipynb")
            path.write_bytes(hand_in.notebook)
            about = about_it(assignment, hand_in)
            notebook = execute_steps([*SANITIZE, *AUTOGRADE], path, about, assignment.config)
    except NeedsPerson as error:
        return for_a_person(hand_in, str(error))
    except Exception as error:
        return for_a_person(hand_in, f"It couldn't be graded: {error}")
    return Graded(
        hand_in.learner,
        hand_in.timestamp,
        nbformat.writes(notebook),
        tuple(marks_of(notebook)),
        unanswered(notebook),
        tuple(mended(notebook)),
        seconds=time.perf_counter() - began,
    )


def show_one(assignment, item):
    """Run the cells of a graded hand-in that need emkit's engine; never an exception.

    Parameters
    ----------
    item : (HandIn, str)
        The hand-in, and the notebook that grading made of it.

    Returns
    -------
    learner, notebook : str
        The notebook shows what these cells show.
    """
    hand_in, notebook = item
    with contextlib.suppress(Exception), unpacked(assignment, hand_in) as folder:
        notebook = show_steps(notebook, folder, about_it(assignment, hand_in), assignment.config)
    return hand_in.learner, notebook


@contextlib.contextmanager
def unpacked(assignment, hand_in):
    """A folder with a hand-in's files and the assignment's, which nobody can have replaced."""
    with tempfile.TemporaryDirectory(prefix="emkit-") as folder:
        for name, content in (hand_in.files | assignment.files).items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_bytes(content)
        yield folder


def about_it(assignment, hand_in):
    """What nbgrader's steps have to know."""
    return {
        "student": hand_in.learner,
        "assignment": assignment.stem,
        "notebook": assignment.stem,
        "db_url": gradebook_at(assignment.gradebook),
        "mended": hand_in.mended,
    }


def for_a_person(hand_in, problem):
    """A hand-in that nobody but a person can mark: no marks, and a page that says why."""
    notebook = nbformat.v4.new_notebook()
    said = f"# This hand-in needs a person\n\n{problem}\n\nIts marks are open: it lost none."
    notebook.cells = [nbformat.v4.new_markdown_cell(said)]
    return Graded(
        hand_in.learner, hand_in.timestamp, nbformat.writes(notebook), (), {}, problem=problem
    )
