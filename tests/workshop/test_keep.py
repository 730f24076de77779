"""Passed pieces become a learner's own package, and nothing that stood there is lost."""

import json
import os
import textwrap

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from scipy.special import softmax

from emkit.workshop import check, keep, kept


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    """A course of its own, with the learner in a folder of it."""
    (tmp_path / "nbgrader_config.py").touch()
    work = tmp_path / "my_work" / "03_gaussian_mixtures_e_step"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return tmp_path


def largest(values):
    return values.argmax(axis=1)


def hard_assign(resp):
    # at a tie the lower one
    return largest(resp)


def soft_border(weights, means, variance):
    """Where both are equally responsible."""
    ratio = np.log(weights[0] / weights[1])
    return float(means.mean() + variance * ratio / (means[1] - means[0]))


def module(course):
    return course / "my_emkit" / "gaussian_mixtures_e_step.py"


def test_a_passed_piece_is_kept_with_its_helpers_imports_and_comments(course, capsys):
    keep(hard_assign, soft_border)
    out = capsys.readouterr().out
    where = os.path.join("my_emkit", "gaussian_mixtures_e_step.py")
    assert out == f"03.hard_assign: kept in {where}.\n03.soft_border: kept in {where}.\n"
    text = module(course).read_text()
    assert text.startswith(
        '"""My pieces of assignment 03."""\n\nimport numpy as np\n\n\ndef largest('
    )
    assert "# at a tie the lower one" in text
    assert text.index("def largest") < text.index("def hard_assign") < text.index("def soft_border")


def test_kept_functions_come_back_and_pass_by_themselves(capsys):
    keep(hard_assign, soft_border)
    mine = kept("03.hard_assign", "03.soft_border", "03.log_joint")
    assert sorted(mine) == ["hard_assign", "soft_border"]
    out = capsys.readouterr().out
    assert "03.hard_assign: yours, from my_emkit/gaussian_mixtures_e_step.py." in out
    assert "03.log_joint: not kept yet; emkit's own will do its work." in out
    assert mine["hard_assign"] is not hard_assign
    check("03.hard_assign", mine["hard_assign"], seed=5)


def test_what_was_kept_can_be_kept_again(course, capsys):
    keep(hard_assign)
    before = module(course).read_bytes()
    keep(kept("03.hard_assign")["hard_assign"])
    assert capsys.readouterr().out.count("03.hard_assign: kept in my_emkit/") == 2
    assert module(course).read_bytes() == before


def test_a_piece_that_fails_is_not_kept_and_the_file_stays(course, capsys):
    keep(hard_assign)
    before = module(course).read_bytes()

    def soft_border(weights, means, variance):
        return means.mean()

    keep(soft_border)
    assert "03.soft_border: not kept, for it doesn't pass yet" in capsys.readouterr().out
    assert module(course).read_bytes() == before


def test_a_new_version_takes_the_place_of_the_old_one_which_is_put_by(course):
    keep(hard_assign, soft_border)
    path = module(course)
    path.write_text(path.read_text() + "\nNOTE = 'written by hand'  # stays\n")
    before = path.read_bytes()
    source = textwrap.dedent(
        '''
        import numpy

        def hard_assign(resp):
            """Shorter."""
            return numpy.argmax(resp, axis=1)
        '''
    )
    (course / "newer.py").write_text(source)
    keep(imported(course / "newer.py").hard_assign)
    text = path.read_text()
    assert "numpy.argmax" in text
    assert "import numpy\n" in text
    assert "at a tie" not in text
    assert text.count("def hard_assign") == 1
    assert "NOTE = 'written by hand'  # stays" in text
    assert "def soft_border" in text
    (earlier,) = (course / "my_emkit" / "earlier").iterdir()
    assert earlier.read_bytes() == before
    check("03.soft_border", kept("03.soft_border")["soft_border"])


def imported(path):
    import importlib.util
    import sys

    spec = importlib.util.spec_from_file_location(path.stem, path)
    found = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = found
    spec.loader.exec_module(found)
    return found


def test_keeping_the_same_twice_changes_nothing(course):
    keep(hard_assign)
    before = module(course).read_bytes()
    keep(hard_assign)
    assert module(course).read_bytes() == before
    assert not (course / "my_emkit" / "earlier").exists()


def test_a_file_that_is_no_python_is_left_alone_and_named(course):
    path = module(course)
    path.parent.mkdir()
    path.write_text("def half(\n")
    with pytest.raises(ValueError, match=r"gaussian_mixtures_e_step.py in my_emkit/ is no Python"):
        keep(hard_assign)
    assert path.read_text() == "def half(\n"


def test_what_is_no_piece_is_named():
    with pytest.raises(ValueError, match="largest isn't a piece of the course by its name"):
        keep(largest)
    with pytest.raises(ValueError, match=r"there is no piece '03\.nothing'"):
        kept("03.nothing")


BORROWED = np.eye(2)


def test_a_function_that_needs_a_notebook_variable_is_not_kept(course, capsys):
    def responsibilities(X, weights, means, covariances):
        return softmax(X @ BORROWED, axis=1)

    keep(responsibilities)
    out = capsys.readouterr().out
    assert "not kept. responsibilities needs BORROWED, which is neither imported nor a" in out
    assert "function: make it inside." in out
    assert not module(course).exists()


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_while_grading_nothing_is_written_or_found(course, monkeypatch, capsys, mode):
    keep(soft_border)
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    keep(hard_assign)
    assert "Nothing is kept while a notebook is graded" in capsys.readouterr().out
    (path,) = (course / "my_emkit").glob("*.py")
    assert "hard_assign" not in path.read_text()
    assert kept("03.soft_border") == {}
    assert capsys.readouterr().out.startswith("03.soft_border: not kept yet")


def test_from_a_notebook_in_a_real_kernel(course):
    """Cells have no file: imports and sources come from what was run."""
    cells = [
        "import numpy as np\nfrom scipy.special import expit as logistic",
        "def helper(x):\n    return np.asarray(x)",
        "def hard_assign(resp):\n    logistic(0)  # here\n    return helper(resp).argmax(1)\n",
        "from emkit.workshop import keep\nkeep(hard_assign)",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    NotebookClient(notebook, resources={"metadata": {"path": os.getcwd()}}).execute()
    assert "03.hard_assign: kept in" in json.dumps(notebook.cells[-1].outputs)
    text = module(course).read_text()
    assert "import numpy as np\nfrom scipy.special import expit as logistic\n" in text
    assert text.index("def helper") < text.index("# here")
    check("03.hard_assign", kept("03.hard_assign")["hard_assign"])
