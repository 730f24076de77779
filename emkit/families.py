"""Log-densities of the distributions that a component can have."""

import numpy as np
from scipy.linalg import solve_triangular

from emkit.numerics import lower_cholesky


def log_gaussian(X, mean, covariance):
    """Log-density of a multivariate normal at each row of X.

    With covariance = L Lᵀ and z solving L z = x - mean, it is
    -(d log 2π)/2 - Σ log L_jj - zᵀz / 2 (Bishop 2006, eq. 2.43).

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
    factor = lower_cholesky(covariance)
    if factor is None:
        raise np.linalg.LinAlgError("the covariance is not positive definite")
    z = solve_triangular(factor, (X - mean).T, lower=True)
    log_determinant = np.log(np.diagonal(factor)).sum()
    return -0.5 * (len(mean) * np.log(2 * np.pi) + (z * z).sum(axis=0)) - log_determinant
