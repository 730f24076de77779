"""What a worker has to know of an assignment, so that it can be sent to another machine."""

import functools
import shutil
import tempfile
from dataclasses import dataclass, field
from multiprocessing.util import Finalize
from pathlib import Path

from nbgrader.api import Base, Gradebook, MissingEntry
from sqlalchemy import create_engine
from traitlets.config import Config

from emkit.classroom.course import CourseError


@dataclass(frozen=True)
class Assignment:
    """What a worker has to know of an assignment: its gradebook without learners, its data."""

    stem: str
    gradebook: bytes = field(repr=False)
    files: dict = field(repr=False)
    config: Config = field(repr=False)


def read_assignment(course, directory):
    """What workers have to know of an assignment.

    Raises
    ------
    CourseError
        If the gradebook doesn't know it.
    """
    stem = directory.assignment_id
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "gradebook.db")
        address = f"sqlite:///{path}"
        # In an empty file, Gradebook would ask the program alembic for a version, for seconds.
        Base.metadata.create_all(create_engine(address))
        with (
            Gradebook(directory.db_url, directory.course_id) as all_of_it,
            Gradebook(address) as without_learners,
        ):
            try:
                copy_assignment(all_of_it.find_assignment(stem), without_learners)
            except MissingEntry:
                raise CourseError(unknown(stem)) from None
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


@functools.cache
def gradebook_at(content):
    """The address of a gradebook with that content, a file of this process's."""
    folder = tempfile.mkdtemp(prefix="emkit-gradebook-")  # of a name that nobody else can guess
    Finalize(None, shutil.rmtree, [folder, True], exitpriority=0)
    path = Path(folder, "gradebook.db")
    path.write_bytes(content)
    return f"sqlite:///{path}"


def unknown(stem):
    """The message on an assignment that the gradebook doesn't know."""
    return (
        f"Nobody was graded: the gradebook has no assignment {stem}. "
        f"First run: nbgrader generate_assignment {stem} --force"
    )
