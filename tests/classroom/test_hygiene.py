"""Each rule of hygiene finds its one bad notebook, and a clean one has no complaints."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from tiny_course import KERNEL, ROOT

from emkit.classroom.hygiene import complaints


def lesson():
    """A clean, run notebook; the tests spoil it."""
    return new_notebook(
        metadata={"kernelspec": KERNEL},
        cells=[
            new_markdown_cell("# Title\n\n## Part\n\n```python\n# no heading\n```", id="title"),
            new_code_cell(
                "1 / 2",
                id="half",
                execution_count=1,
                outputs=[new_output("execute_result", {"text/plain": "0.5"}, execution_count=1)],
            ),
            new_markdown_cell("![A curve that rises](curve.png)", id="picture"),
            new_code_cell("print('a')", id="print", execution_count=2),
        ],
    )


def found(notebook, tmp_path, kind="lesson"):
    path = tmp_path / "it.ipynb"
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")  # nbformat.write mends ids
    return complaints(path, kind)


def test_a_clean_notebook_has_no_complaints(tmp_path):
    assert found(lesson(), tmp_path) == []


def outputs(*made):
    def spoil(notebook):
        notebook.cells[3].outputs = list(made)

    return spoil


def source(cell, text):
    def spoil(notebook):
        notebook.cells[cell].source = text

    return spoil


def printed(text, name="stdout"):
    return outputs(new_output("stream", name=name, text=text))


def wrong_count(notebook):
    notebook.cells[3].execution_count = 3


def never_run(notebook):
    notebook.cells[3].execution_count = None


def same_id(notebook):
    notebook.cells[3].id = "half"


def other_kernel(notebook):
    notebook.metadata.kernelspec = KERNEL | {"name": "my-env"}


def dated(notebook):
    notebook.metadata["signed"] = "2026-01-31T10:11:12Z"


def timed(notebook):
    notebook.cells[3].metadata["execution"] = {"iopub.status.busy": "now"}


ERROR = new_output("error", ename="ValueError", evalue="no", traceback=["no"])


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (wrong_count, "not run once from top to bottom: the counts are [1, 3]"),
        (never_run, "not run once from top to bottom: the counts are [1, None]"),
        (same_id, "the cell id 'half' occurs 2 times"),
        (other_kernel, "the kernelspec is 'my-env', expected 'python3'"),
        (dated, "the notebook's metadata hold a timestamp: 2026-01-31T10:11:12Z"),
        (timed, "cell 4 (print): its metadata hold the times of a run ('execution')"),
        (outputs(ERROR), "cell 4 (print): an error: ValueError: no"),
        (printed("careful", "stderr"), "cell 4 (print): output on stderr: careful"),
        (
            printed("in /home/me/x.py"),
            "cell 4 (print): an absolute path in its output: /home/me/x.py",
        ),
        (printed("<f at 0x7f0011aa22bb>"), "a memory address in its output: 0x7f0011aa22bb"),
        (printed("at 2026-01-31 10:11:12"), "a timestamp in its output: 2026-01-31 10:11:12"),
        (printed("x" * 1_000_000), "the file has 1.0 MB, 1 MB is the limit"),
        (source(0, "Title"), "there is no heading, expected one H1 in the first cell"),
        (source(0, "## Title"), "the heading 'Title' comes first, expected one H1"),
        (source(2, "# Again"), "cell 3 (picture): the heading 'Again' is another H1"),
        (source(2, "#### Deep"), "cell 3 (picture): the heading 'Deep' skips from level 2 to 4"),
        (source(2, "![](a.png)"), "cell 3 (picture): a picture without alt text: ![](a.png)"),
        (source(2, "<img src='a'>"), "cell 3 (picture): a picture without alt text: <img src='a'>"),
        (source(3, "x\n" * 16), "cell 4 (print): 16 lines, more than 15"),
        (source(3, "draw();"), "cell 4 (print): ends with ';', which silences nothing under nbval"),
        (source(3, "x" * 101), "cell 4 (print): a line of 101 characters, more than 100"),
    ],
)
def test_each_rule_names_the_cell_and_what_is_wrong(spoil, complaint, tmp_path):
    notebook = lesson()
    spoil(notebook)
    (only,) = found(notebook, tmp_path)
    assert complaint in only


def test_an_announced_error_is_welcome(tmp_path):
    notebook = lesson()
    notebook.cells[3].outputs = [ERROR]
    notebook.cells[3].metadata["tags"] = ["raises-exception"]
    assert found(notebook, tmp_path) == []


def test_sources_and_releases_are_not_run(tmp_path):
    assert found(lesson(), tmp_path, "release") == [
        "cell 2 (half): has outputs or a count, expected none",
        "cell 4 (print): has outputs or a count, expected none",
    ]


def test_only_lessons_limit_the_length_of_cells(tmp_path):
    notebook = lesson()
    notebook.cells[3].source = "x\n" * 16
    assert found(notebook, tmp_path, "solution") == []


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("lesson", "notebooks/*.ipynb"),
        ("solution", "solutions/*.ipynb"),
        ("source", "assignments/source/*/*.ipynb"),
        ("release", "assignments/release/*/*.ipynb"),
    ],
)
def test_the_course_has_no_complaints(kind, pattern):
    """Said again by `make validate`, after minutes; here it takes a second."""
    notebooks = sorted(ROOT.glob(pattern))
    assert len(notebooks) == 13
    assert {path.stem: found for path in notebooks if (found := complaints(path, kind))} == {}
