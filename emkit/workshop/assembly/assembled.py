"""The model that every assembly makes: an engine's starts, and given functions for its steps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emkit.workshop.assembly.pieces import Pieces


@dataclass(frozen=True)
class Prepared:
    """The data as the learner's functions take them, and as the engine does."""

    plain: Any
    engine: Any


@dataclass(frozen=True)
class Expectations:
    """What the E-step found in each part of the data; those of two parts make one longer list."""

    log_likelihood: float
    found: list

    def __add__(self, other):
        return Expectations(self.log_likelihood + other.log_likelihood, self.found + other.found)


@dataclass(frozen=True)
class Assembled:
    """A model for `emkit.fit` whose steps are given functions.

    `read(data)` gives the data in plain arrays, `expect(params, plain)` the log-likelihood and
    whatever `maximise` needs, `maximise(found, params)` the new parameters from a list of these.
    `engine` is the model of emkit that checks the data and draws the starts.
    """

    engine: Any
    read: Callable
    expect: Callable
    maximise: Callable
    pieces: Pieces

    def prepare(self, data, sample_weight=None):
        """The data; weights are refused, for the learner's functions don't know of them."""
        if sample_weight is not None:
            raise ValueError("sample_weight is given, but your pieces take data without weights")
        return Prepared(self.read(data), self.engine.prepare(data))

    def divisible(self, data):
        """What the engine can work on in parts."""
        return self.engine.divisible(data)

    def initial(self, data, rng):
        """A random start of the engine's."""
        return self.engine.initial(data.engine, rng)

    def e_step(self, params, data):
        """What the pieces expect at `params`."""
        log_likelihood, found = self.expect(params, data.plain)
        return Expectations(float(log_likelihood), [found])

    def m_step(self, expectations, params):
        """What the pieces make of it; `ValueError` if these can't be parameters."""
        try:
            return self.maximise(expectations.found, params)
        except ValueError as error:
            if not self.pieces.suspects():
                raise
            raise ValueError(f"{error}; {self.pieces.advice()}") from None

    def log_prior(self, params):
        """None of the pieces has a prior."""
        return 0.0

    def advice(self):
        """Where to look when the objective falls."""
        return self.pieces.advice()
