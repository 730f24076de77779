"""A small course to be mangled: functions, a choice, a text for a person, and cells around them."""

import shutil
import subprocess
import sys

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tiny_course import KERNEL, ROOT, nbgrader_cell, put

from emkit.classroom.course import Course

STEM = "01_mangled"
# Seconds that a cell may take, so that endless loops end soon.
SETTINGS = "\nc.JudgedExecute.timeout = 8\n"
SOLUTION = "### BEGIN SOLUTION\n{}\n### END SOLUTION"


def answer(head, body, name):
    indent = "    " if head.startswith("def") else ""
    text = f"{head}\n" + SOLUTION.format(body)
    return nbgrader_cell(text.replace("\n", f"\n{indent}"), name, solution=True)


def source():
    why = nbgrader_cell("", "why", points=4, solution=True)
    text = new_markdown_cell(SOLUTION.format("Twice is more."), id="why", metadata=why.metadata)
    return new_notebook(
        metadata={"kernelspec": KERNEL},
        cells=[
            new_markdown_cell("# Small", id="title"),
            nbgrader_cell("import numpy as np", "setup"),
            answer("def double(x):", "return 2 * x", "double"),
            nbgrader_cell(
                "assert double(1) == 2, 'double(1) should be 2'\n"
                "### BEGIN HIDDEN TESTS\nassert double(3) == 6\n### END HIDDEN TESTS",
                "double-test",
                points=2,
            ),
            new_code_cell("def third(x):\n    return x / 3", id="third"),
            answer("def half(x):", "return x / 2", "half"),
            nbgrader_cell("assert half(2) == 1, 'half(2) should be 1'", "half-test", points=3),
            answer("def mean(values):", "return float(np.mean(values))", "mean"),
            nbgrader_cell("assert mean([1, 3]) == 2", "mean-test", points=1),
            answer("letter = None", "letter = 'b'", "letter"),
            nbgrader_cell("assert letter == 'b'", "letter-test", points=2),
            text,
            new_code_cell("print('Both:', double(half(third(3))))", id="both"),
        ],
    )


TESTS = {
    cell.id: cell.metadata.nbgrader.points for cell in source().cells if cell.id.endswith("-test")
}


def make(root):
    """Make the course in a folder, with its release, its solution and a gradebook."""
    config = (ROOT / "nbgrader_config.py").read_text() + SETTINGS
    (root / "nbgrader_config.py").write_text(config)
    course = Course(root)
    put(source(), course.source(STEM))
    for words in ("emkit.classroom.cli generate", f"nbgrader generate_assignment {STEM} --force"):
        command = [sys.executable, "-m", *words.split()]
        subprocess.run(command, cwd=root, check=True, capture_output=True)
    return course


def empty(course):
    """Take all hand-ins, and what came of them, out of a course."""
    for name in ("submitted", "autograded"):
        shutil.rmtree(course.root / "assignments" / name, ignore_errors=True)
