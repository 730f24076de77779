"""The gate: nobody is graded before the reference solution got full marks and the release none.

A broken test, sandbox or environment otherwise gives everybody 0, or full marks, without an error.
"""

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from nbconvert.exporters import NotebookExporter
from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from traitlets.log import get_logger

from emkit.classroom.assignment import unknown
from emkit.classroom.links import take_links_away
from emkit.classroom.rescue import RescuingExporter
from emkit.classroom.steps import execute_steps

SOLUTION, RELEASE = "the reference solution", "the untouched release"
REMEMBERED_FOR = 600  # seconds
_passed = {}


class ReferenceFirst(RescuingExporter):
    """nbgrader's exporter of graded notebooks; making one for a run grades the references first.

    nbgrader makes it once a run, after it has found the hand-ins and before it touches one or the
    gradebook, so that ending the run here leaves nothing behind. (Its pre-convert hook isn't told
    which course it runs in.)
    """

    def __init__(self, parent=None, **kwargs):
        super().__init__(parent=parent, **kwargs)
        if isinstance(parent, Autograde):
            grade_references(parent)
            take_links_away(parent.coursedir, parent.log)

    def from_file(self, file_stream, resources=None, **kwargs):
        """Read a notebook: the hand-in with care, and then what became of it, as it is."""
        if getattr(self.parent, "_sanitizing", True):
            return super().from_file(file_stream, resources, **kwargs)
        return NotebookExporter.from_file(self, file_stream, resources, **kwargs)


def grade_references(autograde):
    """Grade reference solution and untouched release of an autograde run; save nothing.

    Formgrader starts a run for each learner, so a pass is remembered for ten minutes in one
    process, as long as source, release and gradebook stay as they are.

    Raises
    ------
    SystemExit
        If the solution doesn't get full marks or the release doesn't get 0, cell by cell. It ends
        nbgrader's command with its message, and Formgrader shows it.
    """
    directory, assignment = autograde.coursedir, autograde.coursedir.assignment_id
    with Gradebook(directory.db_url, directory.course_id) as gradebook:
        try:
            notebooks = gradebook.find_assignment(assignment).notebooks
        except MissingEntry:
            raise SystemExit(unknown(assignment)) from None
        tests = {n.name: tuple(cell.source for cell in n.source_cells) for n in notebooks}

    wrong = []
    for name, sources in tests.items():
        solution, release = (
            Path(directory.format_path(step, ".", assignment), f"{name}.ipynb")
            for step in (directory.source_directory, directory.release_directory)
        )
        for path in (solution, release):
            if not path.is_file():
                raise SystemExit(f"Nobody was graded: {path} is missing.")
        key = (directory.db_url, assignment, sources, solution.read_bytes(), release.read_bytes())
        if time.monotonic() - _passed.get(key, -REMEMBERED_FOR) < REMEMBERED_FOR:
            continue
        autograde.log.info("Grading the reference solution and the release of %s first", name)
        found = complaints(graded(autograde, solution), graded(autograde, release))
        if not found:
            _passed[key] = time.monotonic()
        wrong += found
    if wrong:
        raise SystemExit(refusal(assignment, wrong))


def graded(autograde, path):
    """A reference as a notebook with its marks, by the run's own steps."""
    directory = autograde.coursedir
    about = {
        "student": "the reference",
        "assignment": directory.assignment_id,
        "notebook": path.stem,
        "db_url": directory.db_url,
    }
    steps = [*autograde.sanitize_preprocessors, *autograde.autograde_preprocessors]
    with TemporaryDirectory() as folder:
        shutil.copytree(path.parent, folder, dirs_exist_ok=True)
        try:
            return execute_steps(steps, Path(folder, path.name), about, autograde.config, autograde)
        except Exception as error:
            raise SystemExit(
                f"Nobody was graded: {path} can't be graded itself: {error}"
            ) from error


def complaints(solution, release):
    """Lines that say what is wrong with the marks of the graded references; none if all is well."""
    return [
        f"  {SOLUTION} got {line}" for mark, points, line in marks(solution) if mark != points
    ] + [f"  {RELEASE} got {line}" for mark, _, line in marks(release) if mark != 0]


def refusal(assignment, wrong):
    """What is said when nobody is graded, with lines on what is wrong."""
    return (
        f"Nobody was graded: the tests of {assignment} can't be trusted.\n"
        "The reference solution must get full marks and the untouched release 0, but\n"
        + "\n".join(wrong)
        + "\nMend the assignment (or this installation), run "
        f"`nbgrader generate_assignment {assignment} --force`, and autograde again."
    )


def marks(notebook):
    """Return (mark, points, line to show) of each autograded cell."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
            mark, points = utils.determine_grade(cell, get_logger())
            line = f"{mark:g} of {points:g} points in {cell.metadata.nbgrader.grade_id}"
            found.append((mark, points, line + said(cell)))
    return found


def said(cell):
    """Return the first line of what a cell's error, or else its output, says."""
    for output in sorted(cell.outputs, key=lambda output: output.output_type != "error"):
        if output.output_type == "error":
            text = f"{output.ename}: {output.evalue}"
        else:
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
        if text.strip():
            return ": " + text.strip().splitlines()[0]
    return ""
