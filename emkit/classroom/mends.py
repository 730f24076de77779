"""nbgrader preprocessors that keep an accident in one hand-in from costing marks, or the batch.

`SANITIZE` and `AUTOGRADE` are nbgrader's own lists with the mends in their places; the course's
`nbgrader_config.py` hands them to `Autograde`.
"""

import math
import re

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from emkit.classroom.execute import JudgedExecute


class RestoreFlags(NbGraderPreprocessor):
    """Let the gradebook, not the hand-in, say which cells are tests, answers and locked.

    Tests run with the instructor's rights.
    """

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            source = gradebook.find_notebook(about["notebook"], about["assignment"])
            points = {cell.name: cell.max_score for cell in source.grade_cells}
            answers = {cell.name for cell in source.solution_cells}
            tasks = {cell.name: cell.max_score for cell in source.task_cells}
            locked = {cell.name: cell.locked for cell in source.source_cells}
        for cell in nb.cells:
            metadata = cell.metadata.get("nbgrader")
            name = metadata.get("grade_id") if isinstance(metadata, dict) else None
            if isinstance(name, str) and name in locked:
                metadata |= {
                    "grade": name in points,
                    "solution": name in answers,
                    "locked": locked[name],
                    "task": name in tasks,
                }
                worth = points | tasks
                metadata |= {"points": worth[name]} if name in worth else {}
        return nb, resources


class ForgetStrangers(NbGraderPreprocessor):
    """Make plain cells of copies, and of cells pasted in from another assignment.

    `DeduplicateIds` leaves empty metadata in all copies but the last, which nbgrader then takes
    for an old format and ends the whole run.
    """

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            source = gradebook.find_notebook(about["notebook"], about["assignment"])
            known = {cell.name for cell in source.source_cells}
        for cell in nb.cells:
            metadata = cell.metadata.get("nbgrader")
            if metadata == {} or (metadata and metadata.get("grade_id", "") not in known | {""}):
                self.log.warning("Took a cell for a plain one; nbgrader metadata: %s", metadata)
                del cell.metadata["nbgrader"]
        return nb, resources


class RestoreCells(OverwriteCells):
    """Overwrite the test cells with the gradebook's, and bring missing ones back.

    nbgrader's own search for the place fails where the cell before was deleted too, or is a
    read-only one. Here the place is after the nearest earlier cell that is still there.
    """

    def add_missing_grade_cells(self, nb, resources):
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        points = {cell.name: cell.max_score for cell in source.grade_cells}
        answers = {cell.name for cell in source.solution_cells}
        place = 0
        for cell in source.source_cells:
            ids = [c.metadata.get("nbgrader", {}).get("grade_id") for c in nb.cells]
            if cell.name in ids:
                place = ids.index(cell.name) + 1
            elif cell.name in points:
                self.log.warning("Brought the missing cell '%s' back", cell.name)
                missing = self.missing_cell_transform(
                    cell, points[cell.name], is_solution=cell.name in answers
                )
                nb.cells.insert(place, missing)
                place += 1
        return nb, resources


class CheckMetadata(CheckCellMetadata):
    """Let mangled metadata fail the one hand-in that has it, where nbgrader ends the run."""

    def preprocess(self, nb, resources):
        try:
            return super().preprocess(nb, resources)
        except (SchemaTooOldError, SchemaTooNewError) as error:
            about = resources["nbgrader"]
            message = (
                f"The hand-in of {about['student']} for {about['notebook']} is not graded: its "
                f"nbgrader metadata are mangled ({error}). Paste the answers into a fresh copy "
                "of the release. The other hand-ins are graded."
            )
            self.log.error(message)
            raise ValueError(message) from error


class FairOutputs(NbGraderPreprocessor):
    """Make of a test cell's outputs what nbgrader's marking means by them.

    A warning is no failure: stderr becomes stdout. An error decides, whatever was shown before
    it. A result must be one plain number from 0 to the cell's points; NumPy's numbers are
    unwrapped, and anything else is an error instead of nbgrader's silent full marks.
    """

    def preprocess_cell(self, cell, resources, cell_index):
        if cell.cell_type != "code" or not utils.is_grade(cell) or utils.is_solution(cell):
            return cell, resources
        for output in cell.outputs:
            if output.output_type == "stream":
                output.name = "stdout"
        results = [output for output in cell.outputs if output.output_type == "execute_result"]
        if any(output.output_type == "error" for output in cell.outputs):
            cell.outputs = [output for output in cell.outputs if output not in results]
        elif results:
            points = float(cell.metadata.nbgrader["points"])
            texts = [result["data"].get("text/plain", "") for result in results]
            mark = plain_number(texts[0]) if len(texts) == 1 else math.nan
            if 0 <= mark <= points:
                results[0]["data"]["text/plain"] = repr(mark)
            else:
                message = (
                    f"A test cell's result must be one number from 0 to {points:g}, "
                    f"but it was {' and '.join(texts)}. This is the test's fault, not yours: "
                    "please tell your instructor."
                )
                cell.outputs = [output for output in cell.outputs if output not in results]
                cell.outputs.append(
                    new_output(
                        "error", ename="BadMark", evalue=message, traceback=[f"BadMark: {message}"]
                    )
                )
        return cell, resources


def plain_number(text):
    """Return the float that a result's text shows, NaN if it shows none."""
    numpy_number = re.fullmatch(r"np\.\w+\((.*)\)", text)
    try:
        return float(numpy_number[1] if numpy_number else text)
    except ValueError:
        return math.nan


SANITIZE = [
    ClearOutput,
    RestoreFlags,
    DeduplicateIds,
    ForgetStrangers,
    OverwriteKernelspec,
    RestoreCells,
    CheckMetadata,
]
AUTOGRADE = [
    JudgedExecute,
    FairOutputs,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckMetadata,
]
