"""Grading a class: hand-ins side by side, on this machine or a cluster, saved by one writer.

Workers know nothing but the assignment and one hand-in, and send back a graded notebook with its
marks. Whatever happens to them, or to this process, the gradebook has all of a hand-in or nothing;
grading again goes on with those that aren't done.
"""

import contextlib
import functools
import os
import shutil
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from traitlets.config import Config

from emkit.classroom.course import CourseError
from emkit.classroom.mends import AUTOGRADE, SANITIZE
from emkit.classroom.reference import grade_references
from emkit.classroom.rescue import NeedsPerson, mended
from emkit.classroom.steps import Marked, execute_steps, marks_of, unanswered

TRIES = 2  # of a hand-in whose worker is lost
MEMORY = 16 * 2**30  # bytes of addresses of a grading process
LARGEST = 32 * 2**20  # bytes of a hand-in, all its files together


@dataclass(frozen=True)
class Assignment:
    """What a worker has to know of an assignment: its gradebook without learners, its data."""

    stem: str
    gradebook: bytes = field(repr=False)
    files: dict = field(repr=False)
    config: Config = field(repr=False)


@dataclass(frozen=True)
class HandIn:
    """One learner's hand-in: the notebook's bytes and its other files; or what is wrong with it."""

    learner: str
    timestamp: str
    notebook: bytes = field(default=b"", repr=False)
    files: dict = field(default_factory=dict, repr=False)
    mended: tuple[str, ...] = ()
    problem: str = ""


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


def grade(course, stem, learners=None, executor=None, force=False, seen=lambda graded, left: None):
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
    seen : callable
        `seen(graded, left)` is called for each hand-in that is saved.

    Returns
    -------
    count : int
        Hand-ins that were graded now.

    Raises
    ------
    CourseError
        If nobody has handed in, or the reference solution doesn't get full marks.
    """
    config = course.config()
    directory = CourseDirectory(config=config)
    directory.assignment_id = stem
    try:
        grade_references(Autograde(coursedir=directory, config=config))
    except SystemExit as error:
        raise CourseError(str(error)) from None
    submitted = Path(directory.root, directory.submitted_directory)
    folders = {path.parent.name: path for path in sorted(submitted.glob(f"*/{stem}"))}
    if learners:
        folders = {learner: folders[learner] for learner in learners if learner in folders}
    if not folders:
        raise CourseError(f"Nobody has handed in {stem} ({submitted}/LEARNER/{stem}).")
    with Writer(course, directory) as writer:
        waiting = [
            learner
            for learner, folder in folders.items()
            if force or not writer.has(learner, timestamp_of(folder))
        ]
        hand_ins = (read_hand_in(learner, folders[learner], stem) for learner in waiting)
        assignment = read_assignment(course, directory)
        for count, graded in enumerate(graded_by(executor, assignment, hand_ins), start=1):
            writer.save(graded)
            seen(graded, len(waiting) - count)
    return len(waiting)


def graded_by(executor, assignment, hand_ins):
    """Each hand-in graded, as they get done; a few at a time are in memory."""
    if executor is not None:
        yield from spread(executor, assignment, hand_ins, ahead=8)
        return
    lost = list(hand_ins) if not hasattr(hand_ins, "__next__") else hand_ins
    for _ in range(TRIES):
        with new_pool() as pool:
            lost = yield from spread(pool, assignment, lost, ahead=2 * (os.cpu_count() or 1))
        if not lost:
            return
    for hand_in in lost:  # one at a time: whoever ends its worker ends no other's
        with new_pool(1) as pool:
            again = yield from spread(pool, assignment, [hand_in], ahead=1)
        for hand_in in again:
            yield for_a_person(assignment, hand_in, "Its grading process ended three times.")


def new_pool(workers=None):
    """Processes that begin afresh, without this one's threads and connections."""
    return ProcessPoolExecutor(workers, get_context("spawn"), limit_memory)


def limit_memory():
    """Have this process refuse what no honest answer takes, before the machine has none left."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # where there is no such limit
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))


def spread(executor, assignment, hand_ins, ahead):
    """Each hand-in graded; those that were lost with a worker are returned."""
    hand_ins, running, lost = iter(hand_ins), {}, []
    broken = False
    while True:
        while not broken and len(running) < ahead:
            hand_in = next(hand_ins, None)
            if hand_in is None:
                break
            try:
                running[executor.submit(grade_one, assignment, hand_in)] = hand_in
            except BrokenExecutor:
                broken = True
                lost.append(hand_in)
        if not running:
            return lost + (list(hand_ins) if broken else [])
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            hand_in = running.pop(future)
            try:
                yield future.result()
            except BrokenExecutor:
                broken = True
                lost.append(hand_in)


def grade_one(assignment, hand_in):
    """Grade a hand-in, in whatever process; never an exception."""
    began = time.perf_counter()
    if hand_in.problem:
        return for_a_person(assignment, hand_in, hand_in.problem)
    try:
        with tempfile.TemporaryDirectory(prefix="emkit-") as folder:
            path = Path(folder, f"{assignment.stem}.ipynb")
            for name, content in (hand_in.files | assignment.files).items():
                Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
                Path(folder, name).write_bytes(content)
            path.write_bytes(hand_in.notebook)
            about = {
                "student": hand_in.learner,
                "assignment": assignment.stem,
                "notebook": assignment.stem,
                "db_url": gradebook_at(assignment.gradebook),
                "mended": hand_in.mended,
            }
            steps = [*SANITIZE, *AUTOGRADE]
            notebook = execute_steps(steps, path, about, assignment.config)
    except NeedsPerson as error:
        return for_a_person(assignment, hand_in, str(error))
    except Exception as error:
        return for_a_person(assignment, hand_in, f"It couldn't be graded: {error}")
    return Graded(
        hand_in.learner,
        hand_in.timestamp,
        nbformat.writes(notebook),
        tuple(marks_of(notebook)),
        unanswered(notebook),
        tuple(mended(notebook)),
        seconds=time.perf_counter() - began,
    )


def for_a_person(assignment, hand_in, problem):
    """A hand-in that nobody but a person can mark: no marks, and a page that says why."""
    notebook = nbformat.v4.new_notebook()
    said = f"# This hand-in needs a person\n\n{problem}\n\nIts marks are open: it lost none."
    notebook.cells = [nbformat.v4.new_markdown_cell(said)]
    return Graded(
        hand_in.learner, hand_in.timestamp, nbformat.writes(notebook), (), {}, problem=problem
    )


@functools.cache
def gradebook_at(content):
    """The address of a gradebook with that content, a file of this process's."""
    folder = tempfile.mkdtemp(prefix="emkit-gradebook-")  # of a name that nobody else can guess
    Finalize(None, shutil.rmtree, [folder, True], exitpriority=0)
    path = Path(folder, "gradebook.db")
    path.write_bytes(content)
    return f"sqlite:///{path}"


def read_assignment(course, directory):
    """What workers have to know of an assignment."""
    stem = directory.assignment_id
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        with (
            Gradebook(directory.db_url, directory.course_id) as all_of_it,
            Gradebook(f"sqlite:///{path}") as without_learners,
        ):
            copy_assignment(all_of_it.find_assignment(stem), without_learners)
        content = path.read_bytes()
    source = course.source(stem).parent
    files = {
        str(path.relative_to(source)): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and path.suffix != ".ipynb"
    }
    return Assignment(stem, content, files, course.config())


def copy_assignment(assignment, gradebook):
    """Put an assignment with its notebooks and cells into another gradebook."""
    gradebook.add_assignment(assignment.name)
    for notebook in assignment.notebooks:
        where = (notebook.name, assignment.name)
        gradebook.add_notebook(*where, kernelspec=notebook.kernelspec)
        for cell in notebook.source_cells:
            gradebook.add_source_cell(
                cell.name, *where, cell_type=cell.cell_type, locked=cell.locked,
                source=cell.source, checksum=cell.checksum,
            )  # fmt: skip
        for cell in notebook.grade_cells:
            gradebook.add_grade_cell(
                cell.name, *where, max_score=cell.max_score, cell_type=cell.cell_type
            )
        for cell in notebook.solution_cells:
            gradebook.add_solution_cell(cell.name, *where)
        for cell in notebook.task_cells:
            gradebook.add_task_cell(
                cell.name, *where, max_score=cell.max_score, cell_type=cell.cell_type
            )


def read_hand_in(learner, folder, stem):
    """A hand-in from its folder; links aren't followed, wherever they lead."""
    timestamp = timestamp_of(folder)
    refuse = functools.partial(HandIn, learner, timestamp)
    if folder.is_symlink():
        return refuse(problem="The folder is a link to another one; hand in the files themselves.")
    try:
        notebook, said = notebook_in(folder, stem)
        content = notebook.read_bytes() if notebook.stat().st_size <= LARGEST else b""
    except NeedsPerson as error:
        return refuse(problem=str(error))
    except OSError as error:
        return refuse(problem=f"Its notebook can't be read: {error.strerror}.")
    if not timestamp and (folder / "timestamp.txt").exists():
        said.append("The time of handing in couldn't be read.")
    files, size = {}, notebook.stat().st_size
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix.lower() == ".ipynb":
            continue
        size += path.stat().st_size
        try:
            if size <= LARGEST:
                files[str(path.relative_to(folder))] = path.read_bytes()
        except OSError as error:
            said.append(f"The file {path.name} can't be read ({error.strerror}); it was left out.")
    if size > LARGEST:
        return refuse(
            problem=f"It has {size / 2**20:.0f} MB of files, more than {LARGEST / 2**20:.0f}."
        )
    return HandIn(learner, timestamp, content, files, tuple(said))


def notebook_in(folder, stem):
    """Return (the path of the notebook that was handed in, what was mended).

    Raises
    ------
    NeedsPerson
        If it can't be told which it is.
    """
    right = folder / f"{stem}.ipynb"
    if right.is_symlink():
        raise NeedsPerson("The notebook is a link to another file; hand in the file itself.")
    others = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() == ".ipynb" and path != right and path.is_file()
        if not path.is_symlink() and ".ipynb_checkpoints" not in path.parts
    ]
    names = ", ".join(str(path.relative_to(folder)) for path in others) or "none"
    if right.is_file():
        return right, [f"Other notebooks weren't looked at: {names}."] if others else []
    if len(others) != 1:
        raise NeedsPerson(f"There is no {stem}.ipynb in it (notebooks there: {names}).")
    return others[0], [f"The notebook's name was {names}; it was taken for {stem}.ipynb."]


def timestamp_of(folder):
    """When it was handed in, as nbgrader wrote it down, or ''."""
    path = folder / "timestamp.txt"
    if path.is_symlink():
        return ""
    try:
        text = path.read_text().strip()
        parse_utc(text)
    except (OSError, ValueError, OverflowError):
        return ""
    return text


class Writer:
    """The one who writes: graded notebooks into their folders, marks into the gradebook."""

    def __init__(self, course, directory):
        self.course, self.stem = course, directory.assignment_id
        self.autograded = Path(directory.root, directory.autograded_directory)
        self.gradebook = Gradebook(directory.db_url, directory.course_id)

    def __enter__(self):
        self.gradebook.__enter__()
        return self

    def __exit__(self, *error):
        return self.gradebook.__exit__(*error)

    def has(self, learner, timestamp):
        """Whether that very hand-in is graded and saved."""
        folder = self.autograded / learner / self.stem
        if not (folder / f"{self.stem}.ipynb").is_file() or timestamp_of(folder) != timestamp:
            return False
        try:
            self.gradebook.find_submission(self.stem, learner)
        except MissingEntry:
            return False
        return True

    def save(self, graded):
        """Save marks, in one transaction, and then the notebook, which says that it is done."""
        book, stem = self.gradebook, self.stem
        book.update_or_create_student(graded.learner)
        when = {"timestamp": graded.timestamp} if graded.timestamp else {}
        book.update_or_create_submission(stem, graded.learner, **when)
        submission = book.find_submission_notebook(stem, stem, graded.learner)
        scores = {mark.cell: mark.score for mark in graded.marks}
        for one in submission.grades:
            one.auto_score = scores.get(one.name)
            one.needs_manual_grade = one.manual_score is not None or one.auto_score is None
        for comment in submission.comments:
            empty = graded.unanswered.get(comment.name)
            comment.auto_comment = "No response." if empty else None
        book.db.commit()
        self.put(graded)

    def put(self, graded):
        """Put the graded notebook into its folder; what was there is gone only when it is."""
        folder = self.autograded / graded.learner / self.stem
        folder.parent.mkdir(parents=True, exist_ok=True)
        new, old = (folder.with_name(f".{self.stem}.{kind}") for kind in ("new", "old"))
        for rest in (new, old):
            shutil.rmtree(rest, ignore_errors=True)
        new.mkdir()
        (new / f"{self.stem}.ipynb").write_text(graded.notebook, encoding="utf-8")
        if graded.timestamp:
            (new / "timestamp.txt").write_text(graded.timestamp)
        if graded.problem or graded.mended:
            (new / "grading.txt").write_text("\n".join([graded.problem, *graded.mended]).strip())
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
