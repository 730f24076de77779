"""The maker of mutants makes what it says; the list of equivalent ones speaks of what is there."""

import ast
import tomllib
from pathlib import Path

import pytest
from mutants import by_ours, mutants, without_guards

HERE = Path(__file__).parent
ANSWERS = HERE.parent / "workshop" / "right_answers"
LISTED = tomllib.loads((HERE / "equivalent.toml").read_text())["equivalent"]


def of(line):
    return f"def f(x, y):\n    return {line}"


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("x.sum(axis=1)", {"x.sum()", "x.mean(axis=1)"}),
        ("np.log(x).max()", {"np.log1p(x).max()", "np.log(x).min()"}),
        ("x.T @ y.T", {"x @ y.T", "x.T @ y"}),
        ("x + y", set()),
    ],
)
def test_our_changes_are_one_each(line, changed):
    made = list(by_ours(of(line)))
    assert set(made) == {of(text) for text in changed}
    assert len(made) == len(changed)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("x.sum(axis=1)", {"x.sum(axis=0)", "x.sum(axis=2)", "x.sum()", "x.mean(axis=1)"}),
        ("x + y", {"x - y", "x * y", "x / y"}),
        ("x[0]", {"x[1]", "x[-1]"}),
        ("x < y", {"x <= y", "x > y", "x == y"}),
    ],
)
def test_axes_operators_indices_and_comparisons_are_changed(line, changed):
    pytest.importorskip("cosmic_ray")
    made = mutants(of(line))
    assert {of(text) for text in changed} <= set(made)
    assert of(line) not in made
    assert len(set(made)) == len(made)


def test_what_makes_no_difference_is_left_alone():
    pytest.importorskip("cosmic_ray")
    made = mutants(of("zip(x, y, strict=True)"))
    assert made == []
    assert not any(" is " in text for text in mutants(of("x == y")))
    assert of("x is not None") in mutants(of("x is None"))


def test_guards_are_warnings_lengths_and_what_an_error_says():
    before, after = (
        f"""
def f(x):
    if x < 0:
        raise ValueError({says})
    with np.errstate({silenced}='ignore'):
        return [a * b for a, b in zip(x, x, strict={strict})]
"""
        for says, silenced, strict in (("x - 1", "divide", True), ("x + 1", "over", False))
    )
    assert without_guards(before) == without_guards(after)
    assert without_guards(before) != without_guards(before.replace("a * b", "a / b"))
    assert without_guards(before) != without_guards(before.replace("x < 0", "x <= 0"))


@pytest.mark.parametrize(
    ("answer", "before", "after"),
    [
        pytest.param(*mutant, id=f"{mutant[0]}-{i}")
        for reason in LISTED
        for i, mutant in enumerate(reason["mutants"])
    ],
)
def test_each_listed_mutant_is_of_a_line_of_a_right_answer(answer, before, after):
    module, name = answer.split(".")
    tree = ast.parse((ANSWERS / f"{module}.py").read_text())
    (function,) = (
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name
    )
    lines = [line.strip() for line in ast.unparse(function).splitlines()]
    assert all(line in lines for line in before.splitlines())
    assert before != after
    (answers,) = (node for node in tree.body if ast.unparse(node).startswith("RIGHT_ANSWERS ="))
    assert name in {node.id for node in ast.walk(answers) if isinstance(node, ast.Name)}


def test_no_mutant_is_listed_twice_and_each_reason_has_some():
    everything = [tuple(mutant) for reason in LISTED for mutant in reason["mutants"]]
    assert len(set(everything)) == len(everything)
    assert all(reason["why"].endswith(".") and reason["mutants"] for reason in LISTED)
