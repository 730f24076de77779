"""The rows of a mixture's data, block after block, as the E-step reads them."""

from dataclasses import dataclass
from typing import Any

import numpy as np

KEPT = 2**24  # numbers, 128 MB: blocks that are more together are made anew at every E-step


@dataclass
class Rows:
    """Rows that a family has prepared, and how often each counts (None: once)."""

    family: Any
    X: np.ndarray
    sample_weight: np.ndarray | None
    read_before: bool = False
    kept: list | None = None

    def __len__(self):
        return len(self.X)

    def blocks(self):
        """Triples: a slice of the rows, the family's block of them, and their weights or None.

        They are kept from the second E-step on: with chunks, rows are prepared for one alone, and
        memory taken for them would cost more than it saves.
        """
        fits = len(self) * self.family.width(self.X.shape[1]) <= KEPT
        if self.kept is None and self.read_before and fits:
            self.kept = list(self.new_blocks())
        self.read_before = True
        return self.kept or self.new_blocks()

    def new_blocks(self):
        """The blocks, each made when it is its turn."""
        size = rows_at_once(self.family.width(self.X.shape[1]))
        for first in range(0, len(self), size):
            part = slice(first, first + size)
            weight = None if self.sample_weight is None else self.sample_weight[part]
            yield part, self.family.block(self.X[part]), weight


def rows_at_once(width):
    """Rows in a block: as numbers they should stay in the processor's cache, about 2 MB."""
    return min(8192, max(2048, 2**18 // width))
