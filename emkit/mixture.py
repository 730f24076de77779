"""Mixtures: the E-step shares each row out among the components, the M-step weighs the rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from emkit import families
from emkit.arguments import check_sample_weight, check_whole_number, finite_array
from emkit.families.priors import Dirichlet
from emkit.numerics import normalise_rows
from emkit.rows import Rows

STARTS = ("random points", "random responsibilities", "k-means++", "k-means")


@dataclass(frozen=True)
class MixtureParams:
    """Weights (k,) of the components, and the components, a value of their family."""

    weights: np.ndarray = field(metadata={"space": "simplex"})
    components: Any

    def __post_init__(self):
        weights = finite_array("weights", self.weights, 1, "(k,)")
        if len(weights) != len(self.components):
            raise ValueError(
                f"weights has shape {weights.shape}, but components are {len(self.components)}"
            )
        if weights.min() < 0 or abs(weights.sum() - 1) > 1e-8:
            raise ValueError(f"weights are {weights}, expected none below 0 and a sum of 1")
        object.__setattr__(self, "weights", weights)


@dataclass(frozen=True)
class MixtureStatistics:
    """Expected sufficient statistics; those of two parts of the data add up."""

    log_likelihood: float
    counts: np.ndarray
    components: Any

    def __add__(self, other):
        return MixtureStatistics(
            self.log_likelihood + other.log_likelihood,
            self.counts + other.counts,
            self.components + other.components,
        )


@dataclass(frozen=True)
class Mixture:
    """Mixture of `n_components` distributions of one family.

    Parameters
    ----------
    family : Family
        For example `families.Poisson()`.
    n_components : int
    weight_prior : Dirichlet, optional
        Prior of the weights; flat by default.
    start : {'random points', 'random responsibilities', 'k-means++', 'k-means'}
        How `emkit.fit` begins. The two kinds of k-means are for numeric rows.
    frozen : sequence of str
        Names of parameters that keep their starting values: 'weights', or of the components.

    Raises
    ------
    ValueError
        If an argument isn't as described.
    """

    family: families.Family
    n_components: int
    weight_prior: Dirichlet = Dirichlet(1)  # noqa: RUF009 (a prior is an immutable value)
    start: str = "random points"
    frozen: Sequence[str] = ()

    def __post_init__(self):
        check_whole_number("n_components", self.n_components, least=1)
        if self.start not in STARTS:
            raise ValueError(f"start is {self.start!r}, expected one of {', '.join(STARTS)}")

    def prepare(self, X, sample_weight=None):
        """The rows as the family reads them, with their weights, after checking that both fit."""
        X = self.family.prepare(X)
        sample_weight = check_sample_weight(sample_weight, len(X))
        present = len(X) if sample_weight is None else int((sample_weight > 0).sum())
        if present == 0:
            raise ValueError("X has no rows" if len(X) == 0 else "sample_weight is 0 everywhere")
        return Rows(self.family, X, sample_weight)

    def divisible(self, X):
        """The rows: any of them can be worked on without the others."""
        return X

    def initial(self, data, rng):
        """Random parameters, in the way that `start` names."""
        X, k, sample_weight = data.X, self.n_components, data.sample_weight
        if len(X) < k:
            raise ValueError(f"X has {len(X)} rows, too few for n_components = {k}")
        components = self.family.initial(X, k, rng, sample_weight)
        params = MixtureParams(np.full(k, 1 / k), components)
        if self.start == "random points":
            return params
        if self.start == "random responsibilities":
            resp = rng.dirichlet(np.ones(k), size=len(X))
        else:
            present = X if sample_weight is None else X[sample_weight > 0]
            centres = kmeans_plus_plus(present, k, rng)
            if self.start == "k-means":
                from scipy.cluster.vq import kmeans2  # slow to import, and seldom needed

                centres, _ = kmeans2(present, centres, minit="matrix", missing="raise")
            labels = ((X[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
            resp = np.eye(k)[labels]
        if sample_weight is not None:
            resp = resp * sample_weight[:, None]
        statistics = self.family.statistics(components, X, resp)
        components = self.family.estimate(statistics, components)
        return MixtureParams(self.weight_prior.mode(resp.sum(axis=0)), components)

    def e_step(self, params, data):
        """Responsibilities at `params`, summed into statistics, block after block of rows."""
        self.check_params(params)
        total = None
        for part, X, weight in data.blocks():
            resp, log_sums = normalise_rows(self.log_joint(params, X), part.start)
            if weight is not None:
                resp, log_sums = resp * weight[:, None], np.where(weight > 0, log_sums * weight, 0)
            statistics = MixtureStatistics(
                float(log_sums.sum()),
                resp.sum(axis=0),
                self.family.statistics(params.components, X, resp),
            )
            total = statistics if total is None else total + statistics
        return total

    def m_step(self, statistics, params):
        """Weights and components that maximise the expected complete-data objective."""
        components = self.family.estimate(statistics.components, params.components, self.frozen)
        if "weights" in self.frozen:
            return MixtureParams(params.weights, components)
        return MixtureParams(self.weight_prior.mode(statistics.counts), components)

    def log_prior(self, params):
        """Log-density of the priors of weights and components at `params`."""
        return self.weight_prior.log_density(params.weights) + self.family.log_prior(
            params.components
        )

    def log_joint(self, params, X):
        """log p(x_i, z_i = j) for rows that `prepare` has checked, (n, k)."""
        with np.errstate(divide="ignore"):  # a weight of 0 is log 0 = -inf, as it should be
            return self.family.log_prob(params.components, X) + np.log(params.weights)

    def responsibilities(self, params, X):
        """Posterior p(z_i = j | x_i), (n, k), rows sum to 1 (Bishop 2006, eq. 9.13)."""
        self.check_params(params)
        return normalise_rows(self.log_joint(params, self.family.prepare(X)))[0]

    def predict(self, params, X):
        """The likeliest component of each row, (n,) integers, the lower one at a tie."""
        return self.responsibilities(params, X).argmax(axis=1)

    def log_density(self, params, X):
        """log p(x_i), (n,)."""
        self.check_params(params)
        return normalise_rows(self.log_joint(params, self.family.prepare(X)))[1]

    def sample(self, params, n, rng):
        """`n` rows drawn from the mixture, and the components that they came from."""
        check_whole_number("n", n, least=0)
        self.check_params(params)
        labels = rng.choice(self.n_components, size=n, p=params.weights)
        return self.family.sample(params.components, labels, rng), labels

    def n_parameters(self, params):
        """Number of free parameters."""
        return self.n_components - 1 + self.family.n_parameters(params.components)

    def check_params(self, params):
        """Raise `ValueError` unless the parameters are this model's."""
        k = len(params.weights)
        if k != self.n_components:
            raise ValueError(f"params have {k} components, n_components is {self.n_components}")
        names = ["weights", *(part.name for part in fields(params.components))]
        for name in self.frozen:
            if name not in names:
                raise ValueError(f"frozen names {name!r}, expected some of {', '.join(names)}")


def GaussianMixture(n_components, covariance_type="full", prior=None, **options):
    """Mixture of Gaussians, of (n, d) rows; `options` are those of `Mixture`."""
    return Mixture(families.Gaussian(covariance_type, prior), n_components, **options)


def PoissonMixture(n_components, prior=None, **options):
    """Mixture of Poisson distributions, of (n, d) counts; `options` are those of `Mixture`."""
    return Mixture(families.Poisson(prior), n_components, **options)


def BinomialMixture(n_components, prior=families.Beta(1, 1), **options):  # noqa: B008
    """Mixture of coins, of (n, 2) successes and trials; `options` are those of `Mixture`."""
    return Mixture(families.Binomial(prior), n_components, **options)


def LatentClass(n_components, n_categories, smoothing=0.0, **options):
    """Latent classes of (n, m) answers 0..c-1, -1 = missing (Lazarsfeld 1950).

    `smoothing` is the count added to every answer, a Dirichlet prior of 1 + smoothing.
    """
    family = families.Categorical(n_categories, Dirichlet(1 + smoothing))
    return Mixture(family, n_components, **options)


def kmeans_plus_plus(X, k, rng):
    """k rows of X, each drawn in proportion to its squared distance to the nearest one so far.

    Arthur and Vassilvitskii (2007). X has at least k different rows.
    """
    centres = [X[rng.integers(len(X))]]
    while len(centres) < k:
        squared = ((X[:, None] - np.array(centres)) ** 2).sum(axis=2).min(axis=1)
        if not squared.sum() > 0:
            raise ValueError(f"X has {len(centres)} different rows, too few for {k} components")
        centres.append(X[rng.choice(len(X), p=squared / squared.sum())])
    return np.array(centres, dtype=float)
