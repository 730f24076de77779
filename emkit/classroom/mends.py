"""nbgrader preprocessors that keep an accident in one hand-in from costing marks, or the batch.

`SANITIZE` and `AUTOGRADE` are nbgrader's own lists with the mends in their places; the course's
`nbgrader_config.py` hands them to `Autograde`.
"""

import math
import re

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat.v4 import new_output
from nbgrader import utils
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from emkit.classroom.execute import JudgedExecute, ShowWithEngine
from emkit.classroom.restore import RestoreCells


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
        others = [output for output in cell.outputs if output.output_type != "execute_result"]
        if any(output.output_type == "error" for output in cell.outputs):
            cell.outputs = others
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
                lines = [f"BadMark: {message}"]
                error = new_output("error", ename="BadMark", evalue=message, traceback=lines)
                cell.outputs = [*others, error]
        return cell, resources


def plain_number(text):
    """Return the float that a result's text shows, NaN if it shows none."""
    numpy_number = re.fullmatch(r"np\.\w+\((.*)\)", text)
    try:
        return float(numpy_number[1] if numpy_number else text)
    except ValueError:
        return math.nan


SANITIZE = [RestoreCells, OverwriteKernelspec, CheckCellMetadata]
AUTOGRADE = [
    JudgedExecute,
    ShowWithEngine,
    FairOutputs,
    IgnorePattern,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
