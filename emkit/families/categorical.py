"""Categorical components: m items, each answered with one of c categories, or not at all."""

from dataclasses import dataclass, field

import numpy as np

from emkit.arguments import check_whole_number, finite_array
from emkit.families.priors import Dirichlet
from emkit.model import Degeneracy

MISSING = -1


@dataclass(frozen=True)
class CategoricalComponents:
    """Probabilities of the answers, (k, m, c); those of each item sum to 1."""

    probs: np.ndarray = field(metadata={"space": "simplex"})

    def __post_init__(self):
        probs = finite_array("probs", self.probs, 3, "(k, m, c)")
        if probs.min(initial=0) < 0 or np.abs(probs.sum(axis=2) - 1).max(initial=0) > 1e-8:
            raise ValueError("probs[j, i] must be probabilities that sum to 1, for each j and i")
        object.__setattr__(self, "probs", probs)

    def __len__(self):
        return len(self.probs)


@dataclass(frozen=True)
class CategoricalStatistics:
    """Weighted number of each answer, (k, m, c)."""

    answers: np.ndarray

    def __add__(self, other):
        return CategoricalStatistics(self.answers + other.answers)


@dataclass(frozen=True)
class Categorical:
    """Independent answers Y (n, m) to m items: integers 0..c-1, and -1 for a missing one.

    Parameters
    ----------
    n_categories : int
        c, the number of categories that every item has.
    prior : Dirichlet
        `Dirichlet(1 + s)` adds s to the count of every answer.
    """

    n_categories: int
    prior: Dirichlet = Dirichlet(1)  # noqa: RUF009 (a prior is an immutable value)

    def __post_init__(self):
        check_whole_number("n_categories", self.n_categories, least=1)

    def prepare(self, Y):
        """Y as an integer array (n, m) of categories, -1 where an answer is missing."""
        Y = finite_array("Y", Y, 2, "(n, m)")
        top = self.n_categories - 1
        bad = np.argwhere((np.floor(Y) != Y) | (Y < MISSING) | (top < Y))
        if len(bad):
            i, j = bad[0]
            raise ValueError(
                f"Y[{i}, {j}] is {Y[i, j]:g}, expected whole numbers from 0 to {top}, "
                "or -1 for a missing answer"
            )
        return Y.astype(np.intp)

    def block(self, Y):
        """Ones where an answer was given, (m c, n); a missing one has none."""
        return Indicators(Y, self.n_categories)

    def width(self, m):
        """A column for each category of each item."""
        return m * self.n_categories

    def initial(self, Y, k, rng, sample_weight=None):
        """Probabilities between the overall shares and random ones."""
        weight = np.ones(len(Y)) if sample_weight is None else sample_weight
        overall = 1 + self.block(Y).ones @ weight
        overall = overall.reshape(Y.shape[1], self.n_categories)
        overall /= overall.sum(axis=1, keepdims=True)
        random = rng.dirichlet(np.ones(self.n_categories), size=(k, Y.shape[1]))
        return CategoricalComponents((overall + random) / 2)

    def log_prob(self, components, Y):
        """Sum of the log-probabilities of the answers given; a missing one adds 0."""
        k, m, c = components.probs.shape
        rows = Y if isinstance(Y, Indicators) else self.block(Y)
        if (rows.n_items, self.n_categories) != (m, c):
            raise ValueError(
                f"Y has {rows.n_items} items of {self.n_categories} categories, but probs has "
                f"shape {components.probs.shape}"
            )
        probs = components.probs.reshape(k, m * c)
        possible = probs > 0
        logs = np.log(np.where(possible, probs, 1))
        values = logs @ rows.ones
        if not possible.all():
            values[(~possible).astype(float) @ rows.ones > 0] = -np.inf
        return values.T

    def statistics(self, components, Y, resp):
        """Weighted answers."""
        rows = Y if isinstance(Y, Indicators) else self.block(Y)
        answers = (rows.ones @ resp).T
        return CategoricalStatistics(answers.reshape(resp.shape[1], rows.n_items, -1))

    def estimate(self, statistics, components, frozen=()):
        """Shares of the answers, or the mode of the posterior; uniform where nobody answered."""
        if "probs" in frozen:
            return components
        answers = statistics.answers
        if not np.all(answers.sum(axis=(1, 2)) > 0) and self.prior.flat:
            (lost, *_) = np.flatnonzero(answers.sum(axis=(1, 2)) <= 0)
            raise Degeneracy(f"component {lost} has lost all its answers: use fewer components")
        return CategoricalComponents(self.prior.mode(answers))

    def log_prior(self, components):
        """Log-density of the prior at the probabilities."""
        return self.prior.log_density(components.probs)

    def sample(self, components, labels, rng):
        """Answers (n, m), none missing."""
        cumulative = components.probs.cumsum(axis=2)[labels]
        drawn = rng.random(cumulative.shape[:2])
        answers = (drawn[:, :, None] >= cumulative).sum(axis=2)
        return np.minimum(answers, self.n_categories - 1)

    def n_parameters(self, components):
        """c - 1 free probabilities for each component and item."""
        k, m, c = components.probs.shape
        return k * m * (c - 1)


class Indicators:
    """The answers as zeros and ones, a row for each category of each item: (m c, n)."""

    def __init__(self, Y, n_categories):
        n, self.n_items = Y.shape
        ones = np.empty((self.n_items, n_categories, n))
        for category in range(n_categories):
            np.equal(Y.T, category, out=ones[:, category])
        self.ones = ones.reshape(-1, n)
