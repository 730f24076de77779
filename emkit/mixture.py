"""Mixtures: the E-step shares each point out among the components, the M-step weighs the points."""

from dataclasses import dataclass

import numpy as np

from emkit.arguments import check_whole_number, finite_array
from emkit.em import Degeneracy
from emkit.families import log_gaussian
from emkit.numerics import lower_cholesky, normalise_rows


@dataclass(frozen=True)
class MixtureParams:
    """Parameters of a Gaussian mixture: weights (k,), means (k, d), covariances (k, d, d)."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    def __post_init__(self):
        weights = finite_array("weights", self.weights, 1, "(k,)")
        means = finite_array("means", self.means, 2, "(k, d)")
        covariances = finite_array("covariances", self.covariances, 3, "(k, d, d)")
        k, d = means.shape
        if weights.shape != (k,):
            raise ValueError(f"weights has shape {weights.shape}, but means are for {k} components")
        if covariances.shape != (k, d, d):
            raise ValueError(
                f"covariances has shape {covariances.shape}, expected {(k, d, d)} "
                f"for means of shape {means.shape}"
            )
        if weights.min() < 0 or abs(weights.sum() - 1) > 1e-8:
            raise ValueError(f"weights are {weights}, expected none below 0 and a sum of 1")
        for name, array in (("weights", weights), ("means", means), ("covariances", covariances)):
            object.__setattr__(self, name, array)


@dataclass(frozen=True)
class MixtureStatistics:
    """Expected sufficient statistics about fixed centres; those of two parts of the data add up."""

    log_likelihood: float
    counts: np.ndarray
    sums: np.ndarray
    outer: np.ndarray

    def __add__(self, other):
        return MixtureStatistics(
            self.log_likelihood + other.log_likelihood,
            self.counts + other.counts,
            self.sums + other.sums,
            self.outer + other.outer,
        )


@dataclass(frozen=True)
class GaussianMixture:
    """Mixture of `n_components` Gaussians, each with a full covariance of its own.

    Its data are an (n, d) array of finite numbers, one observation a row.

    Raises
    ------
    ValueError
        If `n_components` is not a whole number of at least 1.
    """

    n_components: int

    def __post_init__(self):
        check_whole_number("n_components", self.n_components, least=1)

    def prepare(self, X):
        """X as a float64 array, after checking that it can be fitted."""
        X = finite_array("X", X, 2, "(n, d)")
        if len(X) < self.n_components:
            raise ValueError(f"X has {len(X)} rows, too few for n_components = {self.n_components}")
        return X

    def initial(self, X, rng):
        """Different rows of X as means, the covariance of X for every component, equal weights."""
        k = self.n_components
        rows = np.unique(X, axis=0)
        if len(rows) < k:
            raise ValueError(f"X has {len(rows)} different rows, too few for n_components = {k}")
        means = rng.choice(rows, size=k, replace=False)
        covariance = np.atleast_2d(np.cov(X, rowvar=False, bias=True))
        if lower_cholesky(covariance) is None:
            raise ValueError(
                "the covariance of X is singular: a column of X is constant or follows from the "
                "others; leave it out"
            )
        return MixtureParams(np.full(k, 1 / k), means, np.stack([covariance] * k))

    def e_step(self, params, X):
        """Responsibilities at `params`, summed into statistics about the current means."""
        self.check_params(params, X)
        log_values = log_joint(X, params.weights, params.means, params.covariances)
        resp, log_sums = normalise_rows(log_values)
        return statistics(X, resp, float(log_sums.sum()), params.means)

    def m_step(self, statistics, params):
        """Weighted maximum likelihood (Bishop 2006, eqs. 9.24 to 9.27)."""
        counts = statistics.counts
        for j in np.flatnonzero(counts <= 0):
            raise Degeneracy(
                f"component {j} has lost all its points: use fewer components or another start"
            )
        shift = statistics.sums / counts[:, None]
        covariances = statistics.outer / counts[:, None, None]
        covariances = covariances - shift[:, :, None] * shift[:, None, :]
        return MixtureParams(counts / counts.sum(), params.means + shift, covariances)

    def log_prior(self, params):
        """0: this is maximum likelihood."""
        return 0.0

    def responsibilities(self, params, X):
        """Responsibilities (n, k) of the components for each row of X, at `params`."""
        X = finite_array("X", X, 2, "(n, d)")
        self.check_params(params, X)
        return responsibilities(X, params.weights, params.means, params.covariances)

    def check_params(self, params, X):
        """Raise `ValueError` unless the parameters are for this model and for X's features."""
        k, d = params.means.shape
        if k != self.n_components:
            raise ValueError(f"params have {k} components, n_components is {self.n_components}")
        if X.shape[1] != d:
            raise ValueError(
                f"X has {X.shape[1]} features, but means are for {d} "
                f"(means has shape {params.means.shape})"
            )


def log_joint(X, weights, means, covariances):
    """log p(x_i, z_i = j) = log π_j + log N(x_i; μ_j, Σ_j), an (n, k) array.

    Raises
    ------
    Degeneracy
        If a covariance is not positive definite, naming the component.
    """
    values = np.empty((len(X), len(weights)))
    with np.errstate(divide="ignore"):  # a weight of 0 is log 0 = -inf, as it should be
        log_weights = np.log(weights)
    for j, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        try:
            values[:, j] = log_weights[j] + log_gaussian(X, mean, covariance)
        except np.linalg.LinAlgError:
            raise Degeneracy(
                f"component {j} has collapsed: its covariance is not positive definite. "
                f"Use fewer components or another start"
            ) from None
    return values


def responsibilities(X, weights, means, covariances):
    """Posterior p(z_i = j | x_i), an (n, k) array whose rows sum to 1 (Bishop 2006, eq. 9.13)."""
    return normalise_rows(log_joint(X, weights, means, covariances))[0]


def log_likelihood(X, weights, means, covariances):
    """Σ_i log Σ_j π_j N(x_i; μ_j, Σ_j) (Bishop 2006, eq. 9.14)."""
    return float(normalise_rows(log_joint(X, weights, means, covariances))[1].sum())


def statistics(X, resp, log_likelihood, centres):
    """Sums over the points, weighted with `resp` (n, k): 1, x - centre and its outer product."""
    sums = np.empty_like(centres)
    outer = np.empty((*centres.shape, centres.shape[1]))
    for j, centre in enumerate(centres):
        deviations = X - centre
        weighted = resp[:, j, None] * deviations
        sums[j] = weighted.sum(axis=0)
        outer[j] = weighted.T @ deviations
    return MixtureStatistics(log_likelihood, resp.sum(axis=0), sums, outer)
