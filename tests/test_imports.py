"""Imports run one way, and the engine costs no more than NumPy and SciPy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import emkit

HEAVY = ("matplotlib", "IPython", "nbgrader", "nbformat", "sklearn")
PACKAGE = Path(emkit.__file__).parent
ENGINE = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.relative_to(PACKAGE).parts[0] not in ("workshop", "classroom", "plots")
)


def test_the_engine_loads_no_pictures_and_no_notebooks():
    code = f"import sys, emkit; print([m for m in {HEAVY} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def imported_by(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


COMMAND_LINE = sorted((PACKAGE / "classroom/cli").rglob("*.py"))
# Where learners' functions run: it knows no mathematics, and the judge of hand-ins needs it.
BENCH = "emkit.workshop.bench"
MATHEMATICS = ("emkit.em", "emkit.model", "emkit.mixture")


@pytest.mark.parametrize(
    ("files", "forbidden"),
    [
        (ENGINE, ("emkit.workshop", "emkit.classroom", "emkit.plots")),
        (sorted((PACKAGE / "workshop").rglob("*.py")), ("emkit.classroom", "nbgrader")),
        (
            sorted({*(PACKAGE / "classroom").rglob("*.py")} - {*COMMAND_LINE}),
            (*MATHEMATICS, "emkit.workshop"),
        ),
        # The command joins what learners have in the workshop to the classroom.
        (COMMAND_LINE, MATHEMATICS),
    ],
    ids=["engine", "workshop", "classroom", "command line"],
)
def test_imports_run_one_way(files, forbidden):
    assert files
    for path in files:
        for name in imported_by(path):
            if not name.startswith(BENCH):
                assert not name.startswith(forbidden), f"{path.name} imports {name}"
