"""Small numerical steps that several models share."""

import numpy as np


class Impossible(ValueError):
    """Data that have probability 0 under the parameters; the message says which."""


def normalise_rows(log_values, first=0):
    """Exponentiate each row and make it sum to 1, without overflow or underflow.

    The row's maximum is taken out first, so at least one term is exp(0) = 1. Dividing by the sum
    afterwards, instead of subtracting its logarithm before exp, keeps the rows' sums at 1 even
    where the values are so large that log 2 is lost beside them.

    Parameters
    ----------
    log_values : (n, k) array
        At least one value in each row is finite.
    first : int
        Number of the first row, for the error.

    Returns
    -------
    shares : (n, k) array
        Rows sum to 1.
    log_sums : (n,) array
        log of the sum of exp over each row.

    Raises
    ------
    Impossible
        If a row is -inf everywhere.
    ValueError
        If a row has NaN or inf in it.
    """
    largest = log_values.max(axis=1)
    if not np.isfinite(largest).all():
        i = np.flatnonzero(~np.isfinite(largest))[0]
        if largest[i] != -np.inf:
            raise ValueError(
                f"row {first + i} has the log-densities {log_values[i]}, expected no NaN and no inf"
            )
        raise Impossible(f"row {first + i} is impossible under every component")
    shares = np.exp(log_values - largest[:, None])
    sums = shares.sum(axis=1)
    return shares / sums[:, None], largest + np.log(sums)


def lower_cholesky(matrix):
    """Lower triangular L with L Lᵀ = matrix, or None where it isn't positive definite.

    A matrix counts as singular, too, where one variable's variance given those before it is below
    1e-12 of its own: what is left of it then is mostly rounding.
    """
    try:
        factor = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return None
    if np.any(np.diagonal(factor) ** 2 < 1e-12 * np.diagonal(matrix)):
        return None
    return factor
