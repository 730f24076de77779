"""Gaussian components with full, tied, diagonal or spherical covariances.

With few features the E-step's two sums are matrix products, see `quadratic`. Otherwise, or where
these would lose digits, the textbook's way is taken: Cholesky, component by component.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from emkit.arguments import finite_array
from emkit.families.covariances import (
    SHAPES,
    as_matrices,
    check_covariance_type,
    check_spread,
    estimated,
    inverse_factors,
    is_diagonal,
    n_free,
    shape_of,
    shared,
)
from emkit.families.priors import NormalInverseWishart
from emkit.families.quadratic import Block, coefficients, moved, n_features, outer, unpacked
from emkit.model import Degeneracy
from emkit.numerics import lower_cholesky


@dataclass(frozen=True)
class GaussianComponents:
    """Means (k, d) and covariances of k Gaussians.

    Covariances have the shape (k, d, d) for 'full', (d, d) for 'tied', (k, d) for 'diag' and (k,)
    for 'spherical'.
    """

    means: np.ndarray = field(metadata={"space": "real"})
    covariances: np.ndarray = field(metadata={"space": "covariance"})
    covariance_type: str = "full"

    def __post_init__(self):
        check_covariance_type(self.covariance_type)
        means = finite_array("means", self.means, 2, "(k, d)")
        k, d = means.shape
        shape, letters = shape_of(self.covariance_type, k, d), SHAPES[self.covariance_type]
        covariances = finite_array("covariances", self.covariances, len(shape), letters)
        if covariances.shape != shape:
            raise ValueError(
                f"covariances has shape {covariances.shape}, expected {letters} = {shape} "
                f"for means of shape {means.shape} and covariance_type {self.covariance_type!r}"
            )
        object.__setattr__(self, "means", means)
        object.__setattr__(self, "covariances", covariances)

    def __len__(self):
        return len(self.means)

    @cached_property
    def inverse_factors(self):
        """L⁻¹ (k, d, d) where Σ = L Lᵀ, or 1 / σ (k, d) where diagonal; and log |Σ| (k,).

        Raises
        ------
        Degeneracy
            If a covariance is not positive definite, naming the component.
        """
        return inverse_factors(self.covariance_type, self.covariances, *self.means.shape)

    def matrices(self):
        """The covariances as matrices (k, d, d), whatever their type."""
        return as_matrices(self.covariance_type, self.covariances, *self.means.shape)


@dataclass(frozen=True)
class GaussianStatistics:
    """Sums about the components' means: weights (k,), deviations (k, d), their products.

    `second` is (k, d, d) for full and tied covariances and (k, d), the squares, for the others.
    """

    counts: np.ndarray
    sums: np.ndarray
    second: np.ndarray

    def __add__(self, other):
        return GaussianStatistics(
            self.counts + other.counts, self.sums + other.sums, self.second + other.second
        )


@dataclass(frozen=True)
class Gaussian:
    """Multivariate normal distributions of (n, d) rows.

    Parameters
    ----------
    covariance_type : {'full', 'tied', 'diag', 'spherical'}
    prior : NormalInverseWishart, optional
        With it the estimates are maximum a posteriori, and no component can collapse.
    """

    covariance_type: str = "full"
    prior: NormalInverseWishart | None = None

    def __post_init__(self):
        check_covariance_type(self.covariance_type)

    def prepare(self, X):
        """X as a finite float64 array (n, d)."""
        return finite_array("X", X, 2, "(n, d)")

    def block(self, X):
        """Some of the prepared rows, in the form in which an E-step reads them twice."""
        return Block(X, self.covariance_type)

    def width(self, d):
        """The quadratic features, or with too many of these the columns."""
        return n_features(d, self.covariance_type) or d

    def initial(self, X, k, rng, sample_weight=None):
        """Different rows of X as means, the covariance of X for every component."""
        present = X if sample_weight is None else X[sample_weight > 0]
        rows = np.unique(present, axis=0)
        if len(rows) < k:
            raise ValueError(f"X has {len(rows)} different rows, too few for {k} components")
        means = rng.choice(rows, size=k, replace=False)
        covariance = np.atleast_2d(np.cov(X, rowvar=False, bias=True, aweights=sample_weight))
        if self.prior is None:
            check_spread(self.covariance_type, covariance)
        else:
            covariance = covariance + self.prior.scale_matrix(X.shape[1])
        covariances = shared(self.covariance_type, covariance, k)
        return GaussianComponents(means, covariances, self.covariance_type)

    def log_prob(self, components, X):
        """Log-density of each row under each component, (n, k) (Bishop 2006, eq. 2.43)."""
        rows = X if isinstance(X, Block) else self.block(X)
        check_features(components, rows.X)
        scales, log_dets = components.inverse_factors
        if rows.keeps_digits(components):
            return (coefficients(components, rows.centre) @ rows.features).T
        values = np.empty((len(components), len(rows.X)))
        for j, mean in enumerate(components.means):
            deviations = rows.columns - mean[:, None]
            u = scales[j] @ deviations if scales.ndim == 3 else scales[j][:, None] * deviations
            values[j] = np.einsum("dn,dn->n", u, u)
        constant = components.means.shape[1] * np.log(2 * np.pi) + log_dets
        return -0.5 * (constant + values.T)

    def statistics(self, components, X, resp):
        """Sums of 1, of deviations from the components' means, and of their products."""
        rows = X if isinstance(X, Block) else self.block(X)
        diagonal = is_diagonal(components.covariance_type)
        k, d = components.means.shape
        if rows.keeps_digits(components):
            moments = unpacked(rows.features @ resp, d, diagonal)
            return GaussianStatistics(*moved(*moments, components.means - rows.centre))
        sums = np.empty((k, d))
        second = np.empty((k, d) if diagonal else (k, d, d))
        for j, mean in enumerate(components.means):
            deviations = rows.columns - mean[:, None]
            sums[j] = deviations @ resp[:, j]
            deviations *= np.sqrt(resp[:, j])
            second[j] = (deviations**2).sum(axis=1) if diagonal else deviations @ deviations.T
        return GaussianStatistics(resp.sum(axis=0), sums, second)

    def estimate(self, statistics, components, frozen=()):
        """Weighted maximum likelihood (Bishop 2006, eqs. 9.24 and 9.25) or a posteriori."""
        if self.prior is not None:
            return self.prior.estimate(statistics, components, frozen)
        counts = statistics.counts
        for j in np.flatnonzero(counts <= 0):
            raise Degeneracy(
                f"component {j} has lost all its points: use fewer components or another start"
            )
        shift = statistics.sums / counts[:, None]
        if "means" in frozen:
            shift = np.zeros_like(shift)
            scatter = statistics.second
        elif statistics.second.ndim == 2:
            scatter = statistics.second - counts[:, None] * shift**2
        else:
            scatter = statistics.second - counts[:, None, None] * outer(shift)
        means = components.means + shift
        if "covariances" in frozen:
            return GaussianComponents(means, components.covariances, self.covariance_type)
        covariances = estimated(self.covariance_type, scatter, counts)
        return GaussianComponents(means, covariances, self.covariance_type)

    def log_prior(self, components):
        """Log-density of the prior at the components; 0 without one."""
        return 0.0 if self.prior is None else self.prior.log_density(components)

    def sample(self, components, labels, rng):
        """One row from the component that each label names, (n, d)."""
        factors = np.linalg.cholesky(components.matrices())
        z = rng.standard_normal((len(labels), components.means.shape[1]))
        return components.means[labels] + np.einsum("nij,nj->ni", factors[labels], z)

    def n_parameters(self, components):
        """Free parameters of means and covariances."""
        k, d = components.means.shape
        return k * d + n_free(self.covariance_type, k, d)


def log_gaussian(X, mean, covariance):
    """Log-density of one multivariate normal at each row of X.

    With covariance = L Lᵀ and u solving L u = x - mean, it is
    -(d log 2π)/2 - Σ log L_jj - uᵀu / 2 (Bishop 2006, eq. 2.43).

    Parameters
    ----------
    X : (n, d) array
    mean : (d,) array
    covariance : (d, d) array
        Symmetric positive definite.

    Returns
    -------
    log_density : (n,) array

    Raises
    ------
    numpy.linalg.LinAlgError
        If the covariance is not positive definite.
    """
    from scipy.linalg import solve_triangular  # slow to import, and not needed by a fit

    factor = lower_cholesky(covariance)
    if factor is None:
        raise np.linalg.LinAlgError("the covariance is not positive definite")
    u = solve_triangular(factor, (X - mean).T, lower=True, check_finite=False)
    log_determinant = np.log(np.diagonal(factor)).sum()
    return -0.5 * (len(mean) * np.log(2 * np.pi) + (u * u).sum(axis=0)) - log_determinant


def check_features(components, X):
    """Raise `ValueError` unless the components are for X's features."""
    d = components.means.shape[1]
    if X.shape[1] != d:
        raise ValueError(
            f"X has {X.shape[1]} features, but means are for {d} "
            f"(means has shape {components.means.shape})"
        )
