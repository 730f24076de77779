"""Poisson components: counts."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import gammaln, xlogy

from emkit.arguments import finite_array
from emkit.families.priors import Gamma
from emkit.model import Degeneracy


@dataclass(frozen=True)
class PoissonComponents:
    """Rates of k components for d independent counts, (k, d)."""

    rates: np.ndarray = field(metadata={"space": "positive"})

    def __post_init__(self):
        rates = finite_array("rates", self.rates, 2, "(k, d)")
        if rates.min(initial=0) < 0:
            raise ValueError(f"rates are {rates}, expected none below 0")
        object.__setattr__(self, "rates", rates)

    def __len__(self):
        return len(self.rates)


@dataclass(frozen=True)
class PoissonStatistics:
    """Weighted number of rows (k,) and weighted totals (k, d) of each component."""

    counts: np.ndarray
    totals: np.ndarray

    def __add__(self, other):
        return PoissonStatistics(self.counts + other.counts, self.totals + other.totals)


@dataclass(frozen=True)
class Poisson:
    """Independent Poisson distributions of (n, d) counts."""

    prior: Gamma | None = None

    def prepare(self, X):
        """X as a float64 array (n, d) of whole numbers of at least 0."""
        X = finite_array("X", X, 2, "(n, d)")
        bad = np.argwhere((X < 0) | (np.floor(X) != X))
        if len(bad):
            i, j = bad[0]
            raise ValueError(f"X[{i}, {j}] is {X[i, j]:g}, expected whole numbers of at least 0")
        return X

    def block(self, X):
        """The rows themselves."""
        return X

    def width(self, d):
        """The columns themselves."""
        return d

    def initial(self, X, k, rng, sample_weight=None):
        """Rates halfway between random rows and the mean."""
        mean = np.average(X, axis=0, weights=sample_weight)
        rows = X[rng.choice(len(X), size=k, replace=len(X) < k)]
        spread = rng.uniform(0.8, 1.25, size=rows.shape)  # equal rows must not make equal rates
        return PoissonComponents(spread * (rows + mean) / 2 + 1e-3)

    def log_prob(self, components, X):
        """Log-probability, the factorials included; -inf for a count above 0 at rate 0."""
        check = components.rates.shape[1]
        if X.shape[1] != check:
            raise ValueError(f"X has {X.shape[1]} columns, but rates are for {check}")
        rates = components.rates
        logs = xlogy(X[:, None, :], rates).sum(axis=2)
        return logs - rates.sum(axis=1) - gammaln(X + 1).sum(axis=1, keepdims=True)

    def statistics(self, components, X, resp):
        """Weighted rows and totals."""
        return PoissonStatistics(resp.sum(axis=0), resp.T @ X)

    def estimate(self, statistics, components, frozen=()):
        """Weighted means, or the mode of the posterior."""
        if "rates" in frozen:
            return components
        if self.prior is not None:
            return PoissonComponents(self.prior.mode(statistics.totals, statistics.counts[:, None]))
        for j in np.flatnonzero(statistics.counts <= 0):
            raise Degeneracy(f"component {j} has lost all its points: use fewer components")
        return PoissonComponents(statistics.totals / statistics.counts[:, None])

    def log_prior(self, components):
        """Log-density of the prior at the rates; 0 without one."""
        return 0.0 if self.prior is None else self.prior.log_density(components.rates)

    def sample(self, components, labels, rng):
        """Counts (n, d)."""
        return rng.poisson(components.rates[labels])

    def n_parameters(self, components):
        """One rate a component and column."""
        return components.rates.size
