"""The four types of covariance: what components share, and what features have in common.

| type | shape | the components' ellipsoids |
|---|---|---|
| full | (k, d, d) | any |
| tied | (d, d) | all the same |
| diag | (k, d) | axes along the features |
| spherical | (k,) | balls |
"""

import numpy as np

from emkit.model import Degeneracy
from emkit.numerics import lower_cholesky

SHAPES = {"full": "(k, d, d)", "tied": "(d, d)", "diag": "(k, d)", "spherical": "(k,)"}
COVARIANCE_TYPES = tuple(SHAPES)


def is_diagonal(covariance_type):
    """Whether the features are independent within a component."""
    return covariance_type in ("diag", "spherical")


def shape_of(covariance_type, k, d):
    """Shape of the covariances of k components."""
    return {"full": (k, d, d), "tied": (d, d), "diag": (k, d), "spherical": (k,)}[covariance_type]


def n_free(covariance_type, k, d):
    """Number of free parameters."""
    full = d * (d + 1) // 2
    return {"full": k * full, "tied": full, "diag": k * d, "spherical": k}[covariance_type]


def estimated(covariance_type, scatter, counts):
    """Covariances that maximise the likelihood (Celeux and Govaert 1995), given the scatter.

    `scatter` holds the weighted squares of deviations, (k, d, d), or (k, d) where diagonal.
    """
    if covariance_type == "full":
        return scatter / counts[:, None, None]
    if covariance_type == "tied":
        return scatter.sum(axis=0) / counts.sum()
    if covariance_type == "diag":
        return scatter / counts[:, None]
    return scatter.mean(axis=1) / counts


def shared(covariance_type, covariance, k):
    """The same covariance (d, d) for k components, as far as the type can hold it."""
    if covariance_type == "tied":
        return covariance
    variances = np.diagonal(covariance)
    one = {"full": covariance, "diag": variances, "spherical": variances.mean()}[covariance_type]
    return np.stack([one] * k)


def as_matrices(covariance_type, covariances, k, d):
    """The covariances as matrices (k, d, d)."""
    if covariance_type == "full":
        return covariances
    if covariance_type == "tied":
        return np.broadcast_to(covariances, (k, d, d))
    variances = np.broadcast_to(covariances.reshape(k, -1), (k, d))
    return variances[:, :, None] * np.eye(d)


def inverse_factors(covariance_type, covariances, k, d):
    """L⁻¹ (k, d, d) where Σ = L Lᵀ, or 1 / σ (k, d) where diagonal; and log |Σ| (k,)."""
    if is_diagonal(covariance_type):
        variances = np.empty((k, d))
        variances[:] = covariances.reshape(k, -1)
        for j in np.flatnonzero((variances <= 0).any(axis=1)):
            raise collapsed(j)
        return 1 / np.sqrt(variances), np.log(variances).sum(axis=1)
    factors = [lower_cholesky(matrix) for matrix in covariances.reshape(-1, d, d)]
    for j, factor in enumerate(factors):
        if factor is None:
            raise collapsed(j)
    factors = np.array(factors)
    log_dets = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    inverses = np.linalg.inv(factors)
    if covariance_type == "tied":
        return np.repeat(inverses, k, axis=0), np.repeat(log_dets, k)
    return inverses, log_dets


def collapsed(j):
    """The error that says which component has collapsed, and what to do."""
    return Degeneracy(
        f"component {j} has collapsed: its covariance is not positive definite. "
        f"Use a prior, fewer components or another start"
    )


def check_covariance_type(covariance_type):
    """Raise `ValueError` unless it is one of the four."""
    if covariance_type not in COVARIANCE_TYPES:
        raise ValueError(
            f"covariance_type is {covariance_type!r}, expected one of {', '.join(COVARIANCE_TYPES)}"
        )


def check_spread(covariance_type, covariance):
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
