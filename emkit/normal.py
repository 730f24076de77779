"""Multivariate normal with values missing, the model for `emkit.fit`.

The E-step knows the rows by their patterns of missingness alone: of all rows that miss the same
features it needs the mean and the scatter. The same step row by row is in `emkit.missing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emkit.arguments import check_sample_weight, check_whole_number
from emkit.families.gaussian import Gaussian, GaussianComponents, GaussianStatistics
from emkit.families.priors import NormalInverseWishart
from emkit.missing import (
    NormalParams,
    array_with_gaps,
    check_features,
    impute,
    log_density_of,
    observed_factor,
    patterns_of,
    regression,
)
from emkit.model import Degeneracy


@dataclass(frozen=True)
class MultivariateNormal:
    """Multivariate normal whose data, an (n, d) array, may have gaps: NaN = missing.

    Right when values are missing at random: whether a value is missing may depend on what was
    observed, but not on the value itself (Little and Rubin 2002, section 6.2). Of two features that
    no row has both, the correlation stays much what it was at the start, for the data don't say.

    Parameters
    ----------
    prior : NormalInverseWishart, optional
        With it the fit is maximum a posteriori, and constant, collinear or unobserved features
        do no harm.
    frozen : sequence of str
        'mean' or 'covariance', if one keeps its starting value.

    Raises
    ------
    ValueError
        If an argument isn't as described.
    """

    prior: NormalInverseWishart | None = None
    frozen: Sequence[str] = ()

    def __post_init__(self):
        for name in self.frozen:
            if name not in ("mean", "covariance"):
                raise ValueError(f"frozen names {name!r}, expected mean or covariance")
        if not isinstance(self.prior, NormalInverseWishart | None):
            raise ValueError(f"prior is {self.prior!r}, expected a NormalInverseWishart or None")

    def prepare(self, X, sample_weight=None):
        """X reduced to its patterns of missingness: all that the E-step needs of the rows.

        A row that misses everything says nothing and is left out, as is a row of weight 0.
        """
        X = array_with_gaps("X", X, 2, "(n, d)")
        if X.size == 0:
            raise ValueError(f"X has shape {X.shape}, expected at least one row and one feature")
        weight = check_sample_weight(sample_weight, len(X))
        weight = np.ones(len(X)) if weight is None else weight
        if self.prior is not None:
            self.prior.scale_matrix(X.shape[1])  # raises unless it is for these features
        present = weight > 0
        X, weight = X[present], weight[present]
        patterns = [
            condense(X[np.ix_(rows, observed)], weight[rows], observed)
            for observed, rows in patterns_of(X)
            if observed.any()
        ]
        return GroupedRows(X.shape[1], tuple(patterns))

    def divisible(self, X):
        """The rows: any of them can be worked on without the others."""
        return X

    def initial(self, data, rng):
        """Means and variances of the observed values, and a random correlation matrix."""
        counts, means, variances = observed_moments(data)
        if self.prior is None:
            for j in np.flatnonzero(counts == 0):
                raise ValueError(unobserved(j))
            for j in np.flatnonzero(variances <= 0):
                raise ValueError(f"feature {j} of X is constant: leave it out, or give a prior")
        else:
            means = np.where(counts > 0, means, self.prior.mean)
            expected = np.diagonal(self.prior.scale) / (self.prior.degrees + len(means) + 2)
            variances = np.where(variances > 0, variances, expected)
        draws = rng.normal(size=(len(means), 4 * len(means)))
        draws *= np.sqrt(variances / (draws**2).sum(axis=1))[:, None]
        return NormalParams(means, draws @ draws.T)

    def e_step(self, params, data):
        """Expected moments of the completed rows (Little and Rubin 2002, section 11.2.1)."""
        check_features(params, data.n_features)
        zeros = np.zeros(data.n_features)
        nothing = NormalStatistics(0.0, 0.0, zeros, np.zeros((len(zeros), len(zeros))), zeros)
        try:
            return sum((expected_moments(pattern, params) for pattern in data.patterns), nothing)
        except np.linalg.LinAlgError as error:
            raise Degeneracy(f"{error}. Leave it out, or give a prior") from None

    def m_step(self, statistics, params):
        """Mean and covariance of the completed rows (Little and Rubin 2002, eq. 11.5)."""
        if self.prior is None:
            for j in np.flatnonzero(statistics.observed == 0):
                raise Degeneracy(unobserved(j))
        # With the expected moments in place of the data's it is the estimate of one Gaussian.
        completed = GaussianStatistics(
            np.array([statistics.count]), statistics.sums[None], statistics.outer[None]
        )
        frozen = [name + "s" for name in self.frozen]
        components = self.family.estimate(completed, one_component(params), frozen)
        covariance = components.covariances[0]
        return NormalParams(components.means[0], (covariance + covariance.T) / 2)

    def log_prior(self, params):
        """Log-density of the prior at `params`; 0 where there is none."""
        return self.family.log_prior(one_component(params))

    @property
    def family(self):
        """The Gaussian whose estimate is the M-step."""
        return Gaussian("full", self.prior)

    def n_parameters(self, params):
        """Number of free parameters."""
        d = len(params.mean)
        return d + d * (d + 1) // 2

    def impute(self, params, X):
        """Conditional means and covariances of the gaps in X (n, d), an `Imputation`."""
        X = array_with_gaps("X", X, 2, "(n, d)")
        return impute(X, params)

    def sample(self, params, n, rng):
        """n independent rows (n, d) of the normal with these parameters."""
        check_whole_number("n", n, least=0)
        factor = observed_factor(params.covariance, np.full(len(params.mean), True))
        return params.mean + rng.normal(size=(n, len(params.mean))) @ factor.T


@dataclass(frozen=True)
class NormalStatistics:
    """Expected sufficient statistics about the current mean; those of two parts add up.

    `count` is the total weight, `sums` (d,) and `outer` (d, d) the expected first and second
    moments, `observed` (d,) the weight of the rows in which each feature was observed.
    """

    log_likelihood: float
    count: float
    sums: np.ndarray
    outer: np.ndarray
    observed: np.ndarray

    def __add__(self, other):
        return NormalStatistics(
            self.log_likelihood + other.log_likelihood,
            self.count + other.count,
            self.sums + other.sums,
            self.outer + other.outer,
            self.observed + other.observed,
        )


def expected_moments(pattern, params):
    """Statistics of one pattern's rows, completed by the regression on what they have."""
    observed, missing, weight = pattern.observed, ~pattern.observed, pattern.weight
    factor, slopes, conditional = regression(params.covariance, observed)
    shift = pattern.mean - params.mean[observed]
    # These few rows have the second moments of all rows of the pattern.
    rows = np.vstack([pattern.spread, np.sqrt(weight) * shift])
    completed = np.empty((len(rows), len(observed)))
    completed[:, observed] = rows
    completed[:, missing] = rows @ slopes.T
    outer = completed.T @ completed
    outer[np.ix_(missing, missing)] += weight * conditional
    sums = np.empty(len(observed))
    sums[observed] = weight * shift
    sums[missing] = weight * (slopes @ shift)
    log_likelihood = float(log_density_of(factor, rows, weight))
    return NormalStatistics(log_likelihood, weight, sums, outer, weight * observed)


@dataclass(frozen=True)
class Pattern:
    """Rows that observe the same features, reduced to what a normal needs of them.

    `observed` (d,) bool says which. Of those o features it keeps the weighted mean (o,), and
    `spread`, at most o rows with spreadᵀ spread = Σ w (x - mean)(x - mean)ᵀ.
    """

    observed: np.ndarray
    weight: float
    mean: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class GroupedRows:
    """Data as the E-step reads them: one `Pattern` for each pattern of missingness."""

    n_features: int
    patterns: tuple[Pattern, ...]


def condense(rows, row_weights, observed):
    """The `Pattern` of complete rows (n, o). QR keeps twice the digits that a scatter would."""
    weight = row_weights.sum()
    mean = rows[0] + row_weights @ (rows - rows[0]) / weight
    deviations = np.sqrt(row_weights)[:, None] * (rows - mean)
    return Pattern(observed, float(weight), mean, np.linalg.qr(deviations, mode="r"))


def observed_moments(data):
    """Weight, mean and variance (d,) of each feature's observed values; 0 where there are none."""
    counts, means, variances = np.zeros((3, data.n_features))
    for pattern in data.patterns:
        counts[pattern.observed] += pattern.weight
    safe = np.where(counts > 0, counts, 1)
    for pattern in data.patterns:
        means[pattern.observed] += pattern.weight / safe[pattern.observed] * pattern.mean
    for pattern in data.patterns:
        squares = pattern.weight * (pattern.mean - means[pattern.observed]) ** 2
        variances[pattern.observed] += (pattern.spread**2).sum(axis=0) + squares
    return counts, means, variances / safe


def one_component(params):
    """The normal as a mixture of one component reads it."""
    return GaussianComponents(params.mean[None], params.covariance[None])


def unobserved(feature):
    """The sentence for a feature that is missing everywhere."""
    return f"feature {feature} of X has no observed value: leave it out, or give a prior"
