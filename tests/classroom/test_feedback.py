"""Feedback pages read the same without a network."""

import re
import time

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from emkit.classroom.feedback import HIDDEN, OfflineFeedback


def page(*texts):
    return OfflineFeedback().from_notebook_node(
        new_notebook(cells=[new_markdown_cell(text) for text in texts])
    )[0]


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs():
    notebook = nbformat.v4.new_notebook(cells=[new_markdown_cell("$x$")])
    plain, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    offline, _ = OfflineFeedback(template_name="classic").from_notebook_node(notebook)
    assert re.search(r"<script[^>]*src=\S*mathjax", plain, flags=re.I)
    assert "<script" not in offline
    assert "default-src 'none'" in offline


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<iframe src='https://example.org'></iframe>",
        "[click](javascript:alert(1))",
        "<svg><script>alert(1)</script></svg>",
        "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
        "<form action='https://example.org'><button>x</button></form>",
        "<style>@import 'https://example.org/x.css'</style>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "![](https://example.org/seen.png)",
        "</body><script>alert(1)</script>",
    ],
)
def test_markup_of_a_learners_is_harmless(markup):
    shown = [new_markdown_cell(markup), new_code_cell("1", outputs=[
        new_output("display_data", data={"text/html": markup}),
        new_output("display_data", data={"image/png": f'x"/>{markup}<img src="'}),
        new_output("stream", text=markup),
        new_output("display_data", data={"application/javascript": "alert(1)"}),
        new_output("display_data", data={"image/svg+xml": f"<svg>{markup}</svg>"}),
    ])]  # fmt: skip
    page = OfflineFeedback().from_notebook_node(new_notebook(cells=shown))[0]
    tags = re.findall(r"<[^>]*>", page.partition("<body>")[2])
    for tag in tags:
        assert not re.match(r"</?(script|iframe|form|svg|style|object|button)", tag), tag
        assert not re.search(r"\son\w+=|javascript:|data:text|src=.(?!data:image)", tag), tag


def test_hidden_tests_stay_hidden():
    source = "check(1)\n### BEGIN HIDDEN TESTS\ncheck(2, seed=73450771)\n### END HIDDEN TESTS"
    shown = OfflineFeedback().from_notebook_node(new_notebook(cells=[new_code_cell(source)]))[0]
    assert "check" in shown
    assert "73450771" not in shown
    assert "on inputs that stay hidden" in shown


def test_many_blanks_are_no_hidden_tests_and_take_no_time():
    began = time.monotonic()
    assert HIDDEN.sub("", " " * 200_000 + "x").endswith(" x")
    assert HIDDEN.sub("", "a\n   ### BEGIN HIDDEN TESTS\nb\n   ### END HIDDEN TESTS") == "a\n"
    assert time.monotonic() - began < 5


def test_what_was_mended_is_told_first():
    about = {"emkit": {"mended": ["A check was put back."], "sandbox": False}}
    notebook = new_notebook(cells=[new_markdown_cell("mine")], metadata=about)
    shown = OfflineFeedback().from_notebook_node(notebook)[0]
    assert shown.index("A check was put back.") < shown.index("without a sandbox")
    assert shown.index("without a sandbox") < shown.index("mine")


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


def test_a_text_that_cannot_be_shown_is_there_as_it_was_typed():
    assert "attachment:lost.png" in page("see <b>this</b>: ![x](attachment:lost.png)")


def test_the_notebook_itself_is_left_alone():
    notebook = new_notebook(cells=[new_markdown_cell("$x$")])
    OfflineFeedback().from_notebook_node(notebook)
    assert notebook.cells[0].source == "$x$"
