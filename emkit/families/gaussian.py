"""Gaussian components with full, tied, diagonal or spherical covariances.

The log-density is quadratic in x, so with the features 1, x_i and x_i x_j it is one matrix product
for all components, and so are the weighted sums for the M-step. That is the fast way for few
features. It loses digits where a component is very narrow beside the spread of the data; there,
and with many features, the textbook's way is taken: Cholesky, component by component.
"""

from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from emkit.arguments import finite_array
from emkit.families.priors import NormalInverseWishart
from emkit.model import Degeneracy
from emkit.numerics import lower_cholesky

COVARIANCE_TYPES = ("full", "tied", "diag", "spherical")
FEW_FEATURES = 16  # up to here the products of all pairs cost less than the triangular solves
NARROW = 1e6  # largest squared distance, in standard deviations, for which 10 digits are left


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
        shape = {"full": (k, d, d), "tied": (d, d), "diag": (k, d), "spherical": (k,)}
        shape = shape[self.covariance_type]
        letters = {"full": "(k, d, d)", "tied": "(d, d)", "diag": "(k, d)", "spherical": "(k,)"}
        letters = letters[self.covariance_type]
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

    @property
    def is_diagonal(self):
        """Whether the features are independent within a component."""
        return self.covariance_type in ("diag", "spherical")

    @cached_property
    def inverse_factors(self):
        """L⁻¹ (k, d, d) where Σ = L Lᵀ, or 1 / σ (k, d) where diagonal; and log |Σ| (k,).

        Raises
        ------
        Degeneracy
            If a covariance is not positive definite, naming the component.
        """
        k, d = self.means.shape
        if self.is_diagonal:
            variances = np.empty((k, d))
            variances[:] = self.covariances.reshape(k, -1)
            for j in np.flatnonzero((variances <= 0).any(axis=1)):
                raise collapsed(j)
            return 1 / np.sqrt(variances), np.log(variances).sum(axis=1)
        factors = [lower_cholesky(matrix) for matrix in self.covariances.reshape(-1, d, d)]
        for j, factor in enumerate(factors):
            if factor is None:
                raise collapsed(j)
        factors = np.array(factors)
        log_dets = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        inverses = np.linalg.inv(factors)
        if self.covariance_type == "tied":
            return np.repeat(inverses, k, axis=0), np.repeat(log_dets, k)
        return inverses, log_dets

    def matrices(self):
        """The covariances as matrices (k, d, d), whatever their type."""
        k, d = self.means.shape
        if self.covariance_type == "full":
            return self.covariances
        if self.covariance_type == "tied":
            return np.broadcast_to(self.covariances, (k, d, d))
        variances = np.broadcast_to(self.covariances.reshape(k, -1), (k, d))
        return variances[:, :, None] * np.eye(d)


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
            check_spread(covariance, self.covariance_type)
        else:
            covariance = covariance + self.prior.scale_matrix(X.shape[1])
        shared = reduced(covariance, self.covariance_type)
        if self.covariance_type != "tied":
            shared = np.stack([shared] * k)
        return GaussianComponents(means, shared, self.covariance_type)

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
        diagonal = components.is_diagonal
        k, d = components.means.shape
        if rows.keeps_digits(components):
            sums = unpacked(rows.features @ resp, d, diagonal)
            return moved(sums, components.means - rows.centre)
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
        covariances = {
            "full": lambda: scatter / counts[:, None, None],
            "tied": lambda: scatter.sum(axis=0) / counts.sum(),
            "diag": lambda: scatter / counts[:, None],
            "spherical": lambda: scatter.mean(axis=1) / counts,
        }[self.covariance_type]()
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
        full = d * (d + 1) // 2
        covariances = {"full": k * full, "tied": full, "diag": k * d, "spherical": k}
        return k * d + covariances[self.covariance_type]


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


# ------------------------------------------------------------------------ the quadratic features


class Block:
    """Some rows X (n, d), with the features of their deviations from their mean.

    The features, (p, n), are 1, x_i and x_i x_j for i ≤ j, or i = j only where the covariances are
    diagonal. There are none where they would be too many.
    """

    def __init__(self, X, covariance_type):
        n, d = X.shape
        self.X = X
        self.features = None
        size = n_features(d, covariance_type)
        if size is None:
            return
        self.features = np.empty((size, n))
        self.features[0] = 1
        x = self.features[1 : d + 1]
        x[:] = X.T
        self.centre = x.mean(axis=1)
        x -= self.centre[:, None]
        self.reach = np.maximum(x.max(axis=1), -x.min(axis=1))
        rest = self.features[d + 1 :]
        if len(rest) == d:
            np.multiply(x, x, out=rest)
            return
        row = 0
        for i in range(d):
            np.multiply(x[i], x[i:], out=rest[row : row + d - i])
            row += d - i

    @cached_property
    def columns(self):
        """The rows as columns (d, n)."""
        return np.ascontiguousarray(self.X.T)

    def keeps_digits(self, components):
        """Whether the features keep enough digits: no row too many standard deviations away."""
        if self.features is None:
            return False
        scales, _ = components.inverse_factors
        reach = self.reach + np.abs(components.means - self.centre).max(axis=0)
        u = np.abs(scales) @ reach if scales.ndim == 3 else scales * reach
        return bool((u * u).sum(axis=1).max() < NARROW)


def n_features(d, covariance_type):
    """How many quadratic features there are; None where they would be too many."""
    if covariance_type in ("diag", "spherical"):
        return 1 + 2 * d
    return 1 + d + d * (d + 1) // 2 if d <= FEW_FEATURES else None


@cache
def pairs(d):
    """Rows and columns of the upper triangle, and how often each pair stands in xxᵀ."""
    i, j = np.triu_indices(d)
    return i, j, np.where(i == j, 1.0, 2.0)


def coefficients(components, centre):
    """What the features about `centre` are multiplied with to give the log-densities, (k, p)."""
    means = components.means - centre
    scales, log_dets = components.inverse_factors
    if scales.ndim == 2:
        precisions = scales**2
        linear = precisions * means
        quadratic = precisions
    else:
        precisions = np.swapaxes(scales, 1, 2) @ scales
        linear = (precisions @ means[:, :, None])[:, :, 0]
        i, j, times = pairs(means.shape[1])
        quadratic = precisions[:, i, j] * times
    constant = means.shape[1] * np.log(2 * np.pi) + log_dets + (linear * means).sum(axis=1)
    return np.concatenate([-0.5 * constant[:, None], linear, -0.5 * quadratic], axis=1)


def unpacked(sums, d, diagonal):
    """Weighted sums of the features, (p, k), as statistics about the origin."""
    first, second = sums[1 : d + 1].T, sums[d + 1 :].T
    if not diagonal:
        i, j, _ = pairs(d)
        full = np.empty((len(second), d, d))
        full[:, i, j] = full[:, j, i] = second
        second = full
    return GaussianStatistics(sums[0], first, second)


def moved(statistics, centres):
    """Statistics about the origin as statistics about centres (k, d)."""
    counts, first, second = statistics.counts, statistics.sums, statistics.second
    sums = first - counts[:, None] * centres
    if second.ndim == 2:
        return GaussianStatistics(counts, sums, second - (first + sums) * centres)
    cross = first[:, :, None] * centres[:, None, :]
    both = cross + cross.transpose(0, 2, 1) - counts[:, None, None] * outer(centres)
    return GaussianStatistics(counts, sums, second - both)


def outer(vectors):
    """Outer product of each row of (k, d) with itself, (k, d, d)."""
    return vectors[:, :, None] * vectors[:, None, :]


def reduced(covariance, covariance_type):
    """A (d, d) covariance in the form of one component of the type."""
    if covariance_type in ("full", "tied"):
        return covariance
    variances = np.diagonal(covariance)
    return variances if covariance_type == "diag" else variances.mean()


def collapsed(j):
    """The error that says which component has collapsed, and what to do."""
    return Degeneracy(
        f"component {j} has collapsed: its covariance is not positive definite. "
        f"Use a prior, fewer components or another start"
    )


def check_features(components, X):
    """Raise `ValueError` unless the components are for X's features."""
    d = components.means.shape[1]
    if X.shape[1] != d:
        raise ValueError(
            f"X has {X.shape[1]} features, but means are for {d} "
            f"(means has shape {components.means.shape})"
        )


def check_spread(covariance, covariance_type):
    """Raise `ValueError` if data of this covariance have no maximum likelihood."""
    variances = np.diagonal(covariance)
    if covariance_type == "spherical" and variances.sum() > 0:
        return
    for i in np.flatnonzero(variances <= 0):
        raise ValueError(f"column {i} of X is constant: leave it out, or use a prior")
    if covariance_type != "diag" and lower_cholesky(covariance) is None:
        raise ValueError(
            "the covariance of X is singular: a column of X follows from the others; leave it "
            "out, or use a prior"
        )


def check_covariance_type(covariance_type):
    """Raise `ValueError` unless it is one of the four."""
    if covariance_type not in COVARIANCE_TYPES:
        raise ValueError(
            f"covariance_type is {covariance_type!r}, expected one of {', '.join(COVARIANCE_TYPES)}"
        )
