"""Whatever bytes were handed in, reading them ends soon, with a notebook or with a reason."""

import json
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from emkit.classroom.rescue import NeedsPerson, rescue, side_of


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"cell_type": ["code"], "source": 3, "id": {}, "metadata": [1]},
        {"cell_type": "code", "source": ["a\n", None, "b"], "outputs": 3, "execution_count": "x"},
        {"cell_type": "markdown", "source": "\ud800", "attachments": 7, "id": "ä"},
        {"cell_type": "heading", "level": 3, "source": "h", "metadata": {"tags": "a"}},
    ],
)
def test_cells_of_any_sort_make_a_valid_notebook(cell):
    notebook, _ = rescue(json.dumps({"cells": [cell, None, cell], "nbformat": "?"}).encode())
    nbformat.validate(notebook)
    assert len(notebook.cells) == 2
    assert nbformat.writes(notebook).encode()


def test_a_healthy_notebook_keeps_what_counts_and_nothing_is_said():
    cell = new_code_cell("x = 'ä'", id="one", metadata={"nbgrader": {"grade_id": "a"}})
    notebook = new_notebook(cells=[cell], metadata={"emkit": {"mended": ["forged"]}})
    mended, said = rescue(nbformat.writes(notebook).encode())
    assert mended.cells == [cell]
    assert said == []
    assert "emkit" not in mended.metadata


def test_each_side_of_a_conflict_is_read_with_and_without_what_was_before():
    text = "a\n<<<<<<< HEAD\nb\n||||||| base\nc\n=======\nd\n>>>>>>> main\ne\n"
    assert side_of(text, "ours") == "a\nb\ne\n"
    assert side_of(text, "theirs") == "a\nd\ne\n"


@pytest.mark.parametrize(
    "content",
    [
        b"<<<<<<<\n" * 10**6,
        b"[" * 10**6,
        b"9" * 10**6,
        b"\n" * 10**7,
        b"\xff\xfe",
        b"\0" * 10**6,
        b'{"worksheets": [3], "nbformat": 3}',
        b'{"worksheets": [], "nbformat": 1e999}',
    ],
)
def test_what_is_no_notebook_is_for_a_person_and_soon(content):
    began = time.monotonic()
    with pytest.raises(NeedsPerson):
        rescue(content)
    assert time.monotonic() - began < 20


def test_pasted_pictures_stay_and_nothing_else_that_hangs_on_a_text():
    odd = {"p.png": {"image/png": "aGk="}, "q": {"text/html": "<b>"}, "r": 3, "s": {"image/png": 1}}
    cell = {"cell_type": "markdown", "id": "p", "metadata": {}, "source": "![p](attachment:p.png)"}
    data = {"cells": [cell | {"attachments": odd}], "nbformat": 4, "nbformat_minor": 5}
    notebook, _ = rescue(json.dumps(data).encode())
    nbformat.validate(notebook)
    assert notebook.cells[0].attachments == {"p.png": {"image/png": "aGk="}, "q": {}}
