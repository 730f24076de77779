"""No accident in a hand-in costs marks that the answers earned, or anybody else's."""

import math
import time

import nbformat
import pytest
from nbformat.v4 import new_notebook, new_output
from nbgrader.utils import determine_grade
from tiny_course import nbgrader_cell

from emkit.classroom.mends import FairOutputs, plain_number


def result(text):
    return new_output("execute_result", data={"text/plain": text})


def stream(name):
    return new_output("stream", name=name, text="RuntimeWarning: divide by zero")


ERROR = new_output("error", ename="AssertionError", evalue="no", traceback=["no"])


def graded(*outputs):
    """Return the cell, worth 2 points, after the mend."""
    cell = nbgrader_cell("check()", "test", points=2)
    cell.outputs = list(outputs)
    notebook, _ = FairOutputs().preprocess(new_notebook(cells=[cell]), {})
    nbformat.validate(notebook)
    return notebook.cells[0]


@pytest.mark.parametrize(
    ("outputs", "mark"),
    [
        ([], 2),
        ([stream("stdout")], 2),
        ([stream("stderr")], 2),
        ([stream("stderr"), result("0.5")], 0.5),
        ([stream("stderr"), ERROR], 0),
        ([result("0.5")], 0.5),
        ([result("2")], 2),
        ([result("0")], 0),
        ([result("np.float64(0.5)")], 0.5),
        ([result("np.int64(1)")], 1),
        ([result("np.True_")], 0),
        ([result("True")], 0),
        ([result("False")], 0),
        ([result("None")], 0),
        ([result("nan")], 0),
        ([result("np.float64(nan)")], 0),
        ([result("-1")], 0),
        ([result("2.5")], 0),
        ([result("'well done'")], 0),
        ([result("array([2.])")], 0),
        ([result("2"), result("2")], 0),
        ([result("2"), ERROR], 0),
    ],
)
def test_the_mark_of_a_test_cell(outputs, mark):
    assert determine_grade(graded(*outputs)) == (mark, 2)


def test_many_results_are_left_out_in_a_moment():
    began = time.monotonic()
    cell = graded(*(result(str(number)) for number in range(20_000)), ERROR)
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert time.monotonic() - began < 5


def test_a_bad_result_says_what_came_and_what_was_expected():
    (output,) = graded(result("'well done'")).outputs
    assert output.evalue.startswith(
        "A test cell's result must be one number from 0 to 2, but it was 'well done'."
    )


def test_answer_cells_are_left_alone():
    cell = nbgrader_cell("1", "answer", points=2, solution=True)
    cell.outputs = [stream("stderr"), result("'text'")]
    before = nbformat.from_dict(cell)
    FairOutputs().preprocess(new_notebook(cells=[cell]), {})
    assert cell == before


def test_numpy_numbers_are_unwrapped_and_nothing_else():
    assert plain_number("np.float32(0.25)") == 0.25
    assert math.isnan(plain_number("array(0.25)"))
