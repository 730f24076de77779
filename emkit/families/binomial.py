"""Binomial components: successes in a known number of trials."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from emkit.arguments import finite_array
from emkit.families.priors import Beta
from emkit.model import Degeneracy


@dataclass(frozen=True)
class BinomialComponents:
    """Success probabilities of k components, (k,)."""

    biases: np.ndarray = field(metadata={"space": "probability"})

    def __post_init__(self):
        biases = finite_array("biases", self.biases, 1, "(k,)")
        if biases.min(initial=0) < 0 or biases.max(initial=1) > 1:
            raise ValueError(f"biases are {biases}, expected numbers from 0 to 1")
        object.__setattr__(self, "biases", biases)

    def __len__(self):
        return len(self.biases)


@dataclass(frozen=True)
class BinomialStatistics:
    """Weighted successes and failures of each component, (k,)."""

    successes: np.ndarray
    failures: np.ndarray

    def __add__(self, other):
        return BinomialStatistics(self.successes + other.successes, self.failures + other.failures)


@dataclass(frozen=True)
class Binomial:
    """Binomial distributions of (n, 2) rows: successes and trials, whole numbers."""

    prior: Beta = Beta(1, 1)  # noqa: RUF009 (a prior is an immutable value)

    def prepare(self, X):
        """X as a float64 array (n, 2) of whole numbers, successes at most trials."""
        X = finite_array("X", X, 2, "(n, 2)")
        if X.shape[1] != 2:
            raise ValueError(f"X has {X.shape[1]} columns, expected 2: successes and trials")
        bad = np.flatnonzero((X[:, 0] < 0) | (X[:, 0] > X[:, 1]) | (np.floor(X) != X).any(axis=1))
        if len(bad):
            raise ValueError(
                f"row {bad[0]} of X is {X[bad[0]]}, expected whole numbers, 0 ≤ successes ≤ trials"
            )
        return X

    def block(self, X):
        """The rows themselves."""
        return X

    def width(self, d):
        """The columns themselves."""
        return d

    def initial(self, X, k, rng, sample_weight=None):
        """Biases spread around the overall share of successes."""
        shares = np.average(X, axis=0, weights=sample_weight)
        overall = shares[0] / shares[1] if shares[1] else 0.5
        return BinomialComponents(rng.beta(1 + 2 * overall, 3 - 2 * overall, size=k))

    def log_prob(self, components, X):
        """Log-probability with the binomial coefficient; -inf where a bias makes it impossible."""
        heads, flips = X[:, :1], X[:, 1:]
        coefficient = gammaln(flips + 1) - gammaln(heads + 1) - gammaln(flips - heads + 1)
        p = components.biases
        return coefficient + xlogy(heads, p) + xlog1py(flips - heads, -p)

    def statistics(self, components, X, resp):
        """Weighted successes and failures."""
        return BinomialStatistics(X[:, 0] @ resp, (X[:, 1] - X[:, 0]) @ resp)

    def estimate(self, statistics, components, frozen=()):
        """Share of successes, or the mode of the posterior."""
        if "biases" in frozen:
            return components
        trials = statistics.successes + statistics.failures + self.prior.a + self.prior.b - 2
        for j in np.flatnonzero(trials <= 0):
            raise Degeneracy(f"component {j} has lost all its trials: use fewer components")
        return BinomialComponents(self.prior.mode(statistics.successes, statistics.failures))

    def log_prior(self, components):
        """Log-density of the prior at the biases."""
        return self.prior.log_density(components.biases)

    def sample(self, components, labels, rng, trials=1):
        """Successes in `trials` (a number, or one for each label), and the trials: (n, 2)."""
        trials = np.broadcast_to(trials, len(labels))
        return np.column_stack([rng.binomial(trials, components.biases[labels]), trials])

    def n_parameters(self, components):
        """One bias a component."""
        return len(components)
