"""One notation: a name of the course's table means the same, in the same shape, everywhere."""

import ast
import inspect
import re

import nbformat
import pytest
from test_check import PIECES, ROOT

SHAPES = {
    "X": "(n, d)",
    "weights": "(k,)",
    "means": "(k, d)",
    "covariances": "(k, d, d)",
    "resp": "(n, k)",
    "q": "(n, k)",
    "log_joint": "(n, k)",
    "startprob": "(k,)",
    "transmat": "(k, k)",
    "likelihood": "(t, k)",
    "beta": "(t, k)",
    "gamma": "(t, k)",
    "xi": "(k, k)",
}
# What the table has another name for: means, covariances, weights, k, resp.
OTHER_NAMES = {"mu", "mus", "cov", "covs", "Sigma", "sigmas", "pis", "phi", "tau", "K", "resps"}
SPECIAL = {"03.soft_border": {"means", "weights"}, "05.missing_information": {"resp"}}  # k = 2
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("assignments/source/*/*.ipynb")])


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_names_of_the_table_have_its_shapes_in_every_contract(piece):
    documented = re.findall(
        r"^(\w+) : (?:sparse |integer )?(\([^)]*\)) ", inspect.getdoc(piece.contract), re.MULTILINE
    )
    for name, shape in documented:
        if name in SHAPES and name not in SPECIAL.get(piece.id, ()):
            assert shape == SHAPES[name], f"{piece.id}: {name} is {shape}"


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_every_parameter_is_documented(piece):
    doc = inspect.getdoc(piece.contract)
    for name in inspect.signature(piece.contract).parameters:
        assert re.search(rf"^(\w+, )*{name}(, \w+)* : ", doc, re.MULTILINE), f"{piece.id}: {name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_notebooks_use_the_tables_names(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            for node in ast.walk(ast.parse(cell.source)):
                assigned = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
                name = node.id if assigned else getattr(node, "arg", None)
                assert name not in OTHER_NAMES, f"{cell.id}: {name}"
