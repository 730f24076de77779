"""A learner's pieces at work: each result is looked at before the model goes on with it."""

import functools
import inspect

import numpy as np

from emkit.model import Degeneracy
from emkit.workshop import catalogue
from emkit.workshop.compare import agree, unusable
from emkit.workshop.failure import listed
from emkit.workshop.piece import Case

ALIKE = 1e-6  # relative difference from the engine's answer that still counts as the same


class Mine:
    """A learner's function in the place of one of the engine's.

    `differed` tells whether it ever gave something else than the engine's.
    """

    def __init__(self, piece_id, function):
        if not callable(function):
            raise ValueError(f"{piece_id.partition('.')[2]} is {function!r}, expected a function")
        self.piece = catalogue.find(piece_id)
        self.function = function
        self.differed = False

    def __call__(self, *args):
        """The function's result; `ValueError` if it has another form than the contract says."""
        right = named(self.piece.correct)(*args)
        answer = named(self.function)(*args)
        names = inspect.signature(self.piece.contract).parameters
        case = Case("a fit", dict(zip(names, args, strict=True)))
        problem = unusable(self.piece, case, answer, right)
        if problem:
            raise ValueError(f"your {self.piece.name}: {problem}")
        self.differed = self.differed or not agree(answer, right, ALIKE)
        return answer


class Pieces:
    """The pieces of one model, the learner's and the engine's."""

    def __init__(self):
        self.mine = []

    def take(self, piece_id, function, otherwise=None):
        """The learner's function, looked at; without one `otherwise`, or the engine's."""
        if function is None:
            return otherwise or named(catalogue.find(piece_id).correct)
        self.mine.append(Mine(piece_id, function))
        return self.mine[-1]

    def suspects(self):
        """Names of the learner's pieces that gave something else than the engine's."""
        return [mine.piece.name for mine in self.mine if mine.differed]

    def advice(self):
        """Where to look when a fit goes wrong, in a sentence."""
        names = self.suspects()
        if not names:
            return "your pieces gave what emkit's own give, so look at the data and the start"
        return f"suspect {listed(names)}, where emkit's own gives something else"


def named(function):
    """`function`, with a matrix that can't be factored told as the degeneracy that it is."""

    @functools.wraps(function)
    def call(*args):
        try:
            return function(*args)
        except np.linalg.LinAlgError as error:
            raise Degeneracy(f"a component has collapsed: {error}") from None

    return call
