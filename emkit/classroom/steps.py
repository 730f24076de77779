"""The steps that grade one notebook, nbgrader's own and the mends: up to the marks, and after."""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbgrader import utils
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    SaveAutoGrades,
)
from traitlets.log import get_logger

from emkit.classroom.execute import ShowWithEngine
from emkit.classroom.rescue import RescuingExporter

# Those that save marks; what makes none; and a look at metadata that `RestoreCells` has just made.
NOT_FOR_MARKS = (SaveAutoGrades, AssignLatePenalties, ShowWithEngine, CheckCellMetadata)


@dataclass(frozen=True)
class Marked:
    """What the gradebook has to know of a cell that gives points; `score` is None for a person."""

    cell: str
    score: float | None
    points: float


def execute_steps(steps, path, about, config, parent=None):
    """Take a notebook through sanitizing and grading, and save nothing.

    Parameters
    ----------
    steps : sequence of preprocessor classes
        `NOT_FOR_MARKS` are left out.
    path : path
        The hand-in; its folder has its other files.
    about : dict
        nbgrader's: `student`, `assignment`, `notebook` and the gradebook's `db_url`; and what was
        `mended` already.

    Returns
    -------
    notebook : NotebookNode
        As graded; its metadata tell what was mended.
    """
    exporter = RescuingExporter(parent=parent, config=config)
    exporter.optimistic_validation = True  # once, and not after each step
    for step in steps:
        if not issubclass(step, NOT_FOR_MARKS):
            exporter.register_preprocessor(step)
    with nobody_there("autograde"):
        text, _ = exporter.from_filename(str(Path(path)), resources={"nbgrader": about})
    return nbformat.reads(text, as_version=4)


def show_steps(text, folder, about, config):
    """Run the cells of a graded notebook that were left for later; text in, text out.

    Parameters
    ----------
    folder : path
        Has the hand-in's other files.
    """
    notebook = nbformat.reads(text, as_version=4)
    resources = {"metadata": {"path": str(folder)}, "nbgrader": about}
    with nobody_there("autograde"):
        for step in (ShowWithEngine, IgnorePattern, LimitOutput):
            notebook, resources = step(config=config)(notebook, resources)
    return nbformat.writes(notebook)


@contextmanager
def nobody_there(what):
    """Say in the environment what a notebook runs for, as nbgrader does, and take it back.

    nbgrader's own `setenv` leaves it there when something is raised.
    """
    before = os.environ.get("NBGRADER_EXECUTION")
    os.environ["NBGRADER_EXECUTION"] = what
    try:
        yield
    finally:
        del os.environ["NBGRADER_EXECUTION"]
        if before is not None:
            os.environ["NBGRADER_EXECUTION"] = before


def marks_of(notebook):
    """The marks of a graded notebook, as nbgrader determines them."""
    return [
        Marked(cell.metadata.nbgrader.grade_id, *utils.determine_grade(cell, get_logger()))
        for cell in notebook.cells
        if utils.is_grade(cell)
    ]


def unanswered(notebook):
    """For each cell of a learner's: whether it is as it was released."""
    return {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.get("checksum")
        == utils.compute_checksum(cell)
        for cell in notebook.cells
        if utils.is_solution(cell) or utils.is_task(cell)
    }
