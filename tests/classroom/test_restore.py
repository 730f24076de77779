"""Whatever the order of its cells, and whichever are lost or doubled: a notebook is whole again."""

import copy

import nbformat
import numpy as np
import pytest
from mangled.course import TESTS, source
from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import ClearSolutions

from emkit.classroom.rescue import NeedsPerson
from emkit.classroom.restore import Known, Restoring, defined, same


def release():
    """The cells that the gradebook knows."""
    cells, _ = ClearSolutions().preprocess(source(), {})
    return {
        cell.id: Known(
            cell.id, cell.cell_type, cell.source, "", about.locked and not about.solution,
            about.solution, False, about.get("points"),
        )
        for cell in cells.cells
        if (about := cell.metadata.get("nbgrader"))
    }  # fmt: skip


def worked():
    return copy.deepcopy(source())


def twin(cell):
    new = copy.deepcopy(cell)
    new.id = f"{cell.id}-copy"
    return new


def names(notebook):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]


@pytest.mark.parametrize("seed", range(30))
def test_cells_in_any_order_some_lost_and_some_doubled(seed):
    rng = np.random.default_rng(seed)
    notebook, known = worked(), release()
    answers = [name for name in known if known[name].solution]
    kept = [c for c in notebook.cells if c.id in answers or rng.random() < 0.7]
    kept += [twin(c) for c in kept if rng.random() < 0.3]
    notebook.cells = [kept[i] for i in rng.permutation(len(kept))]
    Restoring(notebook, known).run()
    found = names(notebook)
    assert sorted(filter(None, found)) == sorted(known)
    for number, name in enumerate(known):
        if known[name].locked:
            assert notebook.cells[found.index(name)].source == known[name].source
        for before in list(known)[:number] if name in TESTS else ():
            if before not in TESTS:
                assert found.index(before) < found.index(name)
    nbformat.validate(nbformat.from_dict(notebook))


def test_the_release_and_the_worked_notebook_stay_as_they_are():
    for notebook in (worked(), ClearSolutions().preprocess(source(), {})[0]):
        before = [cell.source for cell in notebook.cells]
        assert Restoring(notebook, release()).run() == []
        assert [cell.source for cell in notebook.cells] == before


def test_an_answer_is_not_moved_away_from_by_a_later_cell_of_the_same_name():
    notebook = worked()
    notebook.cells.append(new_code_cell("def double(x):\n    return 7"))
    assert Restoring(notebook, release()).run() == []
    assert names(notebook).index("double-test") < len(notebook.cells) - 1


@pytest.mark.parametrize("text", ["def double(x) is\n    return 2 * x", "see:\ndef double(x): ..."])
def test_an_answer_that_cannot_be_read_in_place_of_its_own_cell_is_for_a_person(text):
    notebook = worked()
    (cell,) = (cell for cell in notebook.cells if cell.id == "double")
    notebook.cells[notebook.cells.index(cell)] = new_code_cell(text)
    with pytest.raises(NeedsPerson, match="can't be read as Python"):
        Restoring(notebook, release()).run()


def test_names_are_those_of_statements_and_ipythons_own_commands_are_no_hindrance():
    assert defined("%precision 3\ndef f(x):\n    y = x % 2\na, b = 1, 2\nclass C: pass") == {
        "f", "a", "b", "C",
    }  # fmt: skip
    assert defined("def f(x") == frozenset()
    assert defined("(" * 10**6) == frozenset()


def test_white_space_at_the_ends_of_lines_makes_no_difference():
    assert same("a  \nb\n\n", "\na\nb")
    assert not same("a\n b", "a\nb")
