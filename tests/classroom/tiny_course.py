"""A tiny course: one assignment with two pieces, graded by plain asserts."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]
STEM = "01_tiny"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def nbgrader_cell(source, grade_id, *, points=None, solution=False):
    metadata = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        metadata["points"] = points
    return new_code_cell(source, id=grade_id, metadata={"nbgrader": metadata})


def tiny_source():
    return new_notebook(
        metadata={"kernelspec": KERNEL},
        cells=[
            new_markdown_cell("# Tiny", id="title"),
            nbgrader_cell(
                "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
                "double",
                solution=True,
            ),
            nbgrader_cell(
                "assert double(1) == 2, 'double(1) should be 2'\n"
                "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS",
                "double-ordinary",
                points=2,
            ),
            nbgrader_cell(
                "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
                "half",
                solution=True,
            ),
            nbgrader_cell("assert half(2) == 1, 'half(2) should be 1'", "half-ordinary", points=3),
            new_code_cell("print('Both:', double(half(1)))", id="both"),
            new_markdown_cell("Why it works.", id="why", metadata={"tags": ["analysis"]}),
        ],
    )


def put(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def nbgrader(folder, *words, **environment):
    """Run the real command; return the finished process with everything it said in stdout."""
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
