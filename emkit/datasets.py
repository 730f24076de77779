"""Real data of the course. Origin and licence of each set are in `emkit/data/LICENCES.md`."""

from dataclasses import dataclass
from importlib.resources import files

import numpy as np


@dataclass(frozen=True)
class OldFaithful:
    """Eruptions of the Old Faithful geyser; `X` has both columns."""

    eruptions: np.ndarray
    waiting: np.ndarray

    @property
    def X(self):
        """(272, 2) array: length of an eruption and the wait for the next, in minutes."""
        return np.column_stack([self.eruptions, self.waiting])


def old_faithful():
    """272 eruptions of the Old Faithful geyser, Yellowstone National Park, August 1985.

    Returns
    -------
    OldFaithful
        `eruptions` (272,) length of the eruption and `waiting` (272,) time to the next one, both
        in minutes; `X` (272, 2) is the two as columns.

    Notes
    -----
    Azzalini and Bowman (1990), Applied Statistics 39; Härdle (1991), Smoothing Techniques.
    Bare measurements, free to use.
    """
    text = files("emkit.data").joinpath("old_faithful.csv").read_text(encoding="utf-8")
    eruptions, waiting = np.loadtxt(text.splitlines(), delimiter=",", skiprows=1, unpack=True)
    return OldFaithful(eruptions, waiting)
