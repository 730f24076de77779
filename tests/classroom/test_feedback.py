"""Feedback pages read the same without a network."""

import re

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_markdown_cell, new_notebook

from emkit.classroom.feedback import OfflineFeedback


def page(*texts):
    return OfflineFeedback().from_notebook_node(
        new_notebook(cells=[new_markdown_cell(text) for text in texts])
    )[0]


def test_no_script_is_loaded_from_elsewhere():
    notebook = nbformat.v4.new_notebook(cells=[new_markdown_cell("$x$")])
    plain, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    offline, _ = OfflineFeedback(template_name="classic").from_notebook_node(notebook)
    assert re.search(r"<script[^>]*src=\S*mathjax", plain, flags=re.I)
    assert not re.search(r"<script[^>]*src=\S*mathjax", offline, flags=re.I)


def test_formulas_are_mathml_inline_displayed_and_in_tables():
    shown = page("so $x^2$ and\n\n$$ \\frac{a}{b} $$\n", "| a |\n|---|\n| $p(z \\mid x)$ |")
    assert shown.count("<math") == 3
    assert 'display="block"' in shown
    assert "<mfrac>" in shown
    assert re.search(r"<td[^>]*>\s*<math", shown)


@pytest.mark.parametrize("text", ["`a = $x$`", "```\n$x$ and $y$\n```", "it costs 5 $ today"])
def test_other_dollar_signs_stay(text):
    assert "<math" not in page(text)


def test_a_formula_that_cannot_be_read_stays_as_it_was_typed():
    assert "\\frac{" in page("a try: $\\frac{$ and more")


def test_the_notebook_itself_is_left_alone():
    notebook = new_notebook(cells=[new_markdown_cell("$x$")])
    OfflineFeedback().from_notebook_node(notebook)
    assert notebook.cells[0].source == "$x$"
