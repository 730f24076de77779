"""Missing values of a multivariate normal, on plain arrays: conditionals and steps of EM.

The latent variables are the features not observed. Rows that miss the same features share one
regression of the missing on the observed ones, so the work goes pattern by pattern of missingness,
never row by row. `emkit.normal` is the model for `emkit.fit`.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import solve_triangular

from emkit.arguments import finite_array
from emkit.numerics import lower_cholesky

LARGEST = 1e150  # the square of a larger number, summed over the rows, could be infinite


@dataclass(frozen=True)
class NormalParams:
    """Parameters of a multivariate normal: mean (d,), covariance (d, d)."""

    mean: np.ndarray = field(metadata={"space": "real"})
    covariance: np.ndarray = field(metadata={"space": "covariance"})

    def __post_init__(self):
        mean = finite_array("mean", self.mean, 1, "(d,)")
        covariance = finite_array("covariance", self.covariance, 2, "(d, d)")
        d = len(mean)
        if d == 0 or covariance.shape != (d, d):
            raise ValueError(
                f"mean has shape {mean.shape} and covariance {covariance.shape}, expected (d,) "
                f"and (d, d) with d at least 1"
            )
        if np.abs(covariance - covariance.T).max() > 1e-8 * np.abs(covariance).max():
            raise ValueError("covariance is not symmetric")
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "covariance", covariance)


def conditional_normal(x, mean, covariance):
    """Distribution of a row's missing values given its observed ones (Bishop 2006, eq. 2.96).

    With o and m the observed and missing features, the mean of x_m is
    μ_m + Σ_mo Σ_oo⁻¹ (x_o - μ_o) and its covariance Σ_mm - Σ_mo Σ_oo⁻¹ Σ_om.

    Parameters
    ----------
    x : (d,) array
        One observation; NaN = missing.
    mean : (d,) array
    covariance : (d, d) array

    Returns
    -------
    filled : (d,) array
        x with the conditional means in the gaps.
    conditional_covariance : (d, d) array
        Exactly 0 in the rows and columns of observed features.

    Raises
    ------
    ValueError
        If shapes disagree, or the covariance of the observed features is not positive definite.
    """
    imputation = impute(array_with_gaps("x", x, 1, "(d,)")[None], NormalParams(mean, covariance))
    return imputation.filled[0], imputation.covariances[0]


def e_step(X, mean, covariance):
    """Rows filled with their conditional means, and what the filling leaves uncertain.

    Parameters
    ----------
    X : (n, d) array
        NaN = missing.
    mean : (d,) array
    covariance : (d, d) array

    Returns
    -------
    filled : (n, d) array
    extra : (d, d) array
        Sum over the rows of their conditional covariances.

    Raises
    ------
    ValueError
        As `conditional_normal` does.
    """
    imputation = impute(array_with_gaps("X", X, 2, "(n, d)"), NormalParams(mean, covariance))
    rows = np.bincount(imputation.pattern, minlength=len(imputation.covariances))
    return imputation.filled, np.einsum("p,pij->ij", rows, imputation.covariances)


def m_step(filled, extra):
    """Mean and covariance from `e_step` (Little and Rubin 2002, eq. 11.5).

    Without `extra` the covariance would be too small: a filled value has no scatter of its own.
    """
    filled = finite_array("filled", filled, 2, "(n, d)")
    extra = finite_array("extra", extra, 2, "(d, d)")
    n, d = filled.shape
    if n == 0:
        raise ValueError("filled has no rows, expected at least one")
    if extra.shape != (d, d):
        raise ValueError(f"extra has shape {extra.shape}, expected {(d, d)} for filled's features")
    mean = filled.mean(axis=0)
    deviations = filled - mean
    return mean, (deviations.T @ deviations + extra) / n


def observed_log_likelihood(X, mean, covariance):
    """Log-likelihood of what was observed; a row with nothing observed adds 0.

    A row adds log N(x_o; μ_o, Σ_oo), for the missing features integrate out (Little and Rubin
    2002, eq. 11.1). Parameters and errors are those of `e_step`.
    """
    X, params = array_with_gaps("X", X, 2, "(n, d)"), NormalParams(mean, covariance)
    check_features(params, X.shape[1])
    total = 0.0
    for observed, rows in patterns_of(X):
        if observed.any():
            factor = observed_factor(params.covariance, observed)
            deviations = X[rows][:, observed] - params.mean[observed]
            total += log_density_of(factor, deviations, len(rows))
    return float(total)


def imputation_shrinkage(missing):
    """What filling the gaps with the known means does to the expected covariance.

    A product of two deviations survives where both features were observed and is 0 elsewhere, so
    entry (a, b) shrinks by the share of rows that have both a and b (divisor n).

    Parameters
    ----------
    missing : (n, d) array of bool

    Returns
    -------
    factors : (d, d) array
        Between 0 and 1; the diagonal is the share of rows that have each feature.
    """
    missing = np.asarray(missing)
    if missing.dtype != bool or missing.ndim != 2 or len(missing) == 0:
        raise ValueError(
            f"missing has dtype {missing.dtype} and shape {missing.shape}, expected an (n, d) "
            f"array of bool with at least one row"
        )
    observed = (~missing).astype(float)
    return observed.T @ observed / len(observed)


@dataclass(frozen=True)
class Imputation:
    """Expected values of what is missing, given what is observed, and how sure they are.

    `filled` (n, d) has the conditional means in the gaps. Row i has the conditional covariance
    `covariances[pattern[i]]` (d, d), exactly 0 in observed rows and columns.
    """

    filled: np.ndarray
    covariances: np.ndarray
    pattern: np.ndarray

    @property
    def standard_deviations(self):
        """(n, d) conditional standard deviations; 0 where the value was observed."""
        variances = np.diagonal(self.covariances, axis1=1, axis2=2)
        return np.sqrt(np.maximum(variances, 0))[self.pattern]


def impute(X, params):
    """The `Imputation` of X (n, d), pattern by pattern."""
    check_features(params, X.shape[1])
    patterns = patterns_of(X)
    filled, pattern = X.copy(), np.empty(len(X), dtype=int)
    covariances = np.zeros((len(patterns), X.shape[1], X.shape[1]))
    for p, (observed, rows) in enumerate(patterns):
        missing = ~observed
        _, slopes, covariances[p][np.ix_(missing, missing)] = regression(
            params.covariance, observed
        )
        deviations = X[np.ix_(rows, observed)] - params.mean[observed]
        filled[np.ix_(rows, missing)] = params.mean[missing] + deviations @ slopes.T
        pattern[rows] = p
    return Imputation(filled, covariances, pattern)


# --------------------------------------------------------------- one pattern of missingness


def patterns_of(X):
    """List of (observed (d,) bool, indices of the rows that observe just these)."""
    if len(X) == 0:
        return []
    observed, pattern = np.unique(~np.isnan(X), axis=0, return_inverse=True)
    pattern = pattern.reshape(-1)  # NumPy 2.0 gives it a second axis
    order = np.argsort(pattern, kind="stable")
    ends = np.cumsum(np.bincount(pattern))[:-1]
    return list(zip(observed, np.split(order, ends), strict=True))


def regression(covariance, observed):
    """Regression of the missing on the observed features.

    Returns the Cholesky factor of Σ_oo, the slopes Σ_mo Σ_oo⁻¹ (m, o), and the conditional
    covariance Σ_mm - Σ_mo Σ_oo⁻¹ Σ_om (m, m).
    """
    missing = ~observed
    factor = observed_factor(covariance, observed)
    between = covariance[np.ix_(observed, missing)]
    if not between.size:
        return factor, between.T, covariance[np.ix_(missing, missing)]
    half = solve_triangular(factor, between, lower=True)
    slopes = solve_triangular(factor, half, lower=True, trans="T").T
    return factor, slopes, covariance[np.ix_(missing, missing)] - half.T @ half


def observed_factor(covariance, observed):
    """Cholesky factor of the covariance of the observed features.

    Raises `LinAlgError` that names the first feature which follows from those before it.
    """
    features = np.flatnonzero(observed)
    factor = lower_cholesky(covariance[np.ix_(features, features)])
    if factor is None:
        leading = (features[: j + 1] for j in range(len(features)))
        first = next(f[-1] for f in leading if lower_cholesky(covariance[np.ix_(f, f)]) is None)
        raise np.linalg.LinAlgError(
            f"the covariance is not positive definite: feature {first} is constant or follows "
            f"from those before it"
        )
    return factor


def log_density_of(factor, deviations, weight):
    """Log-density of rows with these deviations from the mean and this total weight.

    Any rows with the same second moments do, since only the sum of squares of L⁻¹ (x - μ) counts.
    """
    z = solve_triangular(factor, deviations.T, lower=True)
    log_normaliser = 0.5 * len(factor) * np.log(2 * np.pi) + np.log(np.diagonal(factor)).sum()
    with np.errstate(over="ignore"):  # so far away that the logarithm itself is -inf
        return -weight * log_normaliser - 0.5 * (z * z).sum()


# -------------------------------------------------------------------------------- arguments


def check_features(params, d):
    """Raise `ValueError` unless the parameters are for d features."""
    if len(params.mean) != d:
        raise ValueError(f"the data have {d} features, but mean is for {len(params.mean)}")


def array_with_gaps(name, value, ndim, shape):
    """As `finite_array`, but NaN, and what a masked array masks, stays: as NaN.

    Numbers whose squares are beyond float64 are refused.
    """
    if isinstance(value, np.ma.MaskedArray):
        value = value.astype(float).filled(np.nan)
    try:
        array = np.asarray(value)
        missing = array != array  # NaN alone differs from itself
    except (ValueError, TypeError):  # ragged, or a stranger that can't be compared
        return finite_array(name, value, ndim, shape)
    if array.dtype.kind not in "fO":
        return finite_array(name, array, ndim, shape)
    numbers = finite_array(name, np.where(missing, 0, array), ndim, shape)
    largest = np.abs(numbers).max(initial=0)
    if largest > LARGEST:
        raise ValueError(f"{name} holds {largest}, expected at most {LARGEST}: use a larger unit")
    return np.where(missing, np.nan, numbers)
