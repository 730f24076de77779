"""A hand-in in the making: all its answers are wrong, so that any mark is a theft."""

import json
from dataclasses import dataclass

from nbformat.v4 import new_code_cell, new_markdown_cell

HAND_INS = {}  # what makes each, by name; its docstring is its story
WRONG = {
    "double": "def double(x):\n    return 0",
    "half": "def half(x):\n    return 0",
    "third": "def third(x):\n    return 0",
    "log_gaussian": "def log_gaussian(X, mean, covariance):\n    return np.zeros(len(X))",
    "log_joint": (
        "def log_joint(X, weights, means, covariances):\n"
        "    return np.zeros((len(X), len(weights)))"
    ),
}


def hostile(make):
    """Register a hand-in: `make(sheet)` turns wrong answers into an attack."""
    HAND_INS[make.__name__] = make
    return make


@dataclass
class Sheet:
    """A released notebook on its way to be handed in.

    `loot` has what an attacker may know: paths of what it wants, a port, and so on.
    """

    notebook: object
    folder: object
    loot: dict

    def __post_init__(self):
        for name, source in WRONG.items():
            self.answer(name, source)

    def cell(self, name):
        (found,) = (cell for cell in self.notebook.cells if cell.id == name)
        return found

    def answer(self, name, source):
        """Put an answer into its cell."""
        self.cell(name).source = source

    def first(self, source):
        """Add a cell that runs after the setup and before all answers; it knows `loot`."""
        known = f"loot = {json.loads(json.dumps(self.loot, default=str))!r}\n"
        self.notebook.cells.insert(1, new_code_cell(known + source))

    def says(self, text):
        """Add a text."""
        self.notebook.cells.append(new_markdown_cell(text))
