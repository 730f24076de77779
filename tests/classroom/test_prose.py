"""Numbers in the prose of lessons and solutions are numbers that the notebook computes or is given.

A result in the text, such as −1130.26 or 6,115, must be found, rounded as the text rounds it, in
what a cell prints or in the source of a cell; a percentage may stand for a share. A solution's text
may also look back at its lesson.
"""

import re

import nbformat
import pytest
from tiny_course import ROOT

NOTEBOOKS = sorted([*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "solutions").glob("*.ipynb")])
NUMBER = re.compile(r"(?<![\w.])[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")
NO_RESULTS = [
    r"```.*?```",  # code
    r"`[^`]*`",
    r"\$\$.*?\$\$",  # formulas, which have constants
    r"\$[^$]*\$",
    r"<summary>.*?</summary>",
    r"\]\([^)]*\)",  # addresses
    r"(?m)^#.*$",  # headings
    r"(?s)## (Further reading|To read on|Reading).*",
]


def results(text):
    """Numbers of a text that look like results: with decimals, or from 1,000 with its comma."""
    for pattern in NO_RESULTS:
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    return [n for n in NUMBER.findall(text) if "." in n or "," in n.strip(",")]


def value(number):
    return float(number.replace(",", "").replace("−", "-"))


def numbers(text):
    """All numbers of a text, whatever their sign."""
    return [abs(value(n)) for n in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?", text)]


def given(notebook):
    """All numbers that a notebook's cells print or hold."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        found += numbers(cell.source.replace("_", ""))
        for output in cell.outputs:
            found += numbers(output.get("text", ""))
            found += numbers(output.get("data", {}).get("text/plain", ""))
    return found


def is_given(number, found):
    """Whether a number of the text is one of `found`, rounded as in the text."""
    decimals = len(number.partition(".")[2])
    half = 0.5001 * 10**-decimals
    wanted = abs(value(number))
    return any(abs(wanted - scale * x) <= half for x in found for scale in (1, 100))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_results_in_the_prose_are_computed(path):
    notebook = nbformat.read(path, as_version=4)
    lesson = nbformat.read(ROOT / "notebooks" / path.name, as_version=4)
    found = given(notebook) + given(lesson)
    lost = [
        (cell.id, number)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for number in results(cell.source)
        if not is_given(number, found)
    ]
    assert not lost, f"no cell computes or holds these: {lost}"


def test_a_number_that_nothing_computes_is_found():
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("The best is −12.35, 41.0% or 1,234; $0.7$ is given."),
            nbformat.v4.new_code_cell(
                "x = 0.4101", outputs=[nbformat.v4.new_output("stream", text="-12.3456\n")]
            ),
        ]
    )
    found = given(notebook)
    wanted = results(notebook.cells[0].source)
    assert wanted == ["−12.35", "41.0", "1,234"]
    assert [is_given(number, found) for number in wanted] == [True, True, False]
