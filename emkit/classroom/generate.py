"""Releases and worked solutions, both made from `assignments/source` and nothing else."""

import copy
import os
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearOutput
from traitlets import Bool, Set

from emkit.classroom.course import CourseError

SECONDS_A_CELL = 300
# nbgrader's own sign that no learner sits there; `emkit.workshop.keep` then keeps nothing.
NOBODY_THERE = {"NBGRADER_EXECUTION": "validate"}


class DropAnalysis(TagRemovePreprocessor):
    """Leave cells tagged `analysis`, the worked solution's comments, out of the release."""

    enabled = Bool(True)
    remove_cell_tags = Set({"analysis"})


RELEASE = [DropAnalysis, *GenerateAssignment.preprocessors.default()]


def generate(course, stem, force=False):
    """Write release and solution of one assignment where they aren't fresh; return the paths.

    Parameters
    ----------
    force : bool
        Run the solution again even if its cells are the source's (its outputs, the figures
        included, may still be those of an older emkit).
    """
    written = []
    if not release_is_fresh(course, stem):
        with TemporaryDirectory() as folder:
            for name, content in contents(make_release(course, stem, folder)).items():
                replace(course.release(stem).parent / name, content)
        written.append(course.release(stem))
    if force or not solution_is_fresh(course, stem):
        notebook = run(solve(course, stem), course.source(stem))
        replace(course.solution(stem), (nbformat.writes(notebook) + "\n").encode())
        written.append(course.solution(stem))
    return written


def rerun(path):
    """Run a lesson again from top to bottom and write it where it was, if it runs through."""
    notebook = run(nbformat.read(path, as_version=4), path)
    replace(path, (nbformat.writes(notebook) + "\n").encode())


def release_is_fresh(course, stem):
    """Return whether the release is what the source gives now, byte by byte."""
    with TemporaryDirectory() as folder:
        made = contents(make_release(course, stem, folder))
    return made.items() <= contents(course.release(stem).parent).items()


def solution_is_fresh(course, stem):
    """Return whether the solution has the cells that the source gives now, whatever it shows."""
    if not course.solution(stem).is_file():
        return False
    solution = nbformat.read(course.solution(stem), as_version=4)
    return without_outputs(solution) == without_outputs(solve(course, stem))


def make_release(course, stem, folder):
    """Make the release with nbgrader itself below `folder`; return the release's own folder."""
    config = course.config()
    config.CourseDirectory.assignment_id = stem
    config.CourseDirectory.release_directory = str(Path(folder).resolve())
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
    return Path(folder, stem)


def solve(course, stem):
    """Return the worked solution, not yet run: the source without markers and hidden tests."""
    notebook = nbformat.read(course.source(stem), as_version=4)
    for step in (ClearHiddenTests(), ClearMarkScheme(), ClearOutput()):
        notebook, _ = step.preprocess(notebook, {})
    for cell in notebook.cells:
        cell.source = re.sub(r"^.*(BEGIN|END) SOLUTION.*\n?", "", cell.source, flags=re.M)
        cell.source = cell.source.rstrip("\n")
    return notebook


def run(notebook, path):
    """Return the notebook, run in a copy of the folder of `path`; without times and versions.

    Raises
    ------
    CourseError
        If a cell fails, with its source and its error, or the kernel dies.
    """
    before = copy.deepcopy(notebook.metadata)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    with TemporaryDirectory() as here:
        shutil.copytree(path.parent, here, dirs_exist_ok=True)
        client = NotebookClient(
            notebook,
            timeout=SECONDS_A_CELL,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": here}},
        )
        try:
            client.execute(env=os.environ | NOBODY_THERE)
        except (CellExecutionError, RuntimeError, TimeoutError) as error:  # kernels die and hang
            raise CourseError(f"{path.name} doesn't run:\n{error}") from None
    notebook.metadata = before
    return notebook


def without_outputs(notebook):
    cells = copy.deepcopy(notebook.cells)
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return cells


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def replace(path, content):
    """Write a file in one go: whoever looks sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
