"""Acceleration: from three EM iterates to parameters further along.

Parameters are taken apart into unconstrained numbers, so that any step is possible: probabilities
and rates by their logarithms, covariances by their Cholesky factors.
"""

from dataclasses import fields, is_dataclass, replace

import numpy as np
from scipy.special import expit, logit, softmax

from emkit.model import Degeneracy
from emkit.numerics import lower_cholesky

# Near the optimum of a slow problem the formula asks for ever longer steps, which the objective
# refuses again and again: unlimited, two overlapping Gaussians took five times the E-steps.
LONGEST = 256


def squarem(params0, params1, params2):
    """One extrapolation of SQUAREM (Varadhan and Roland 2008, scheme S3).

    Pass it to `emkit.fit` as `accelerate`. It takes the proposal only where the objective is at
    least as high as before, so the history still never falls.

    Parameters
    ----------
    params0, params1, params2 : parameters
        Three in a row, each the EM update of the one before.

    Returns
    -------
    params or None
        None where the proposal isn't a valid value of the parameters.
    """
    vectors = [to_vector(params) for params in (params0, params1, params2)]
    if not all(np.isfinite(vector).all() for vector in vectors):
        return None  # a probability of 0 or 1 lies at infinity
    theta0, theta1, theta2 = vectors
    r = theta1 - theta0
    v = theta2 - theta1 - r
    if not np.any(v):
        return None
    step = np.clip(-np.linalg.norm(r) / np.linalg.norm(v), -LONGEST, -1)
    try:
        with np.errstate(over="raise", invalid="raise"):
            proposal = from_vector(theta0 - 2 * step * r + step**2 * v, params2)
    except (FloatingPointError, ValueError):
        return None
    # A leap to where a probability is 0 in floating point could make a row of the data impossible.
    return proposal if np.isfinite(to_vector(proposal)).all() else None


class Leaps:
    """Proposals of an accelerator between the steps of EM, one after every second M-step.

    `look(params)` gives statistics and the objective. A proposal is taken only where the objective
    is at least as high as before.
    """

    def __init__(self, accelerate, look):
        self.accelerate = accelerate
        self.look = look
        self.before = []  # parameters before each M-step since the last proposal

    def after(self, before, params, value):
        """Params, statistics and objective to go on with after an M-step, or None: no leap.

        `value` is the objective of `before`, the parameters that the M-step came from.
        """
        if self.accelerate is None:
            return None
        self.before.append(before)
        if len(self.before) < 2:
            return None
        proposal = self.accelerate(*self.before, params)
        self.before = []
        if proposal is None:
            return None
        try:
            statistics, reached = self.look(proposal)
        except Degeneracy:
            return None
        return (proposal, statistics, reached) if reached >= value else None


def to_vector(params):
    """All numbers of a value of parameters, unconstrained, one after the other."""
    return np.concatenate([np.ravel(free) for _, free in unconstrained(params)])


def from_vector(vector, like):
    """Parameters of the form of `like` from a vector that `to_vector` could have given."""
    values, first = {}, 0
    for part in fields(like):
        value = getattr(like, part.name)
        if is_dataclass(value):
            size = sum(np.size(free) for _, free in unconstrained(value))
            values[part.name] = from_vector(vector[first : first + size], value)
        elif "space" in part.metadata:
            free, constrained = space(part, like)
            before = free(value)
            size = before.size
            numbers = vector[first : first + size].reshape(before.shape)
            if not np.array_equal(numbers, before):  # a frozen one stays, to the last bit
                values[part.name] = constrained(numbers)
        else:
            continue
        first += size
    return replace(like, **values)


def unconstrained(params):
    """Name and unconstrained numbers of every field that declares a space, nested ones included."""
    for part in fields(params):
        value = getattr(params, part.name)
        if is_dataclass(value):
            yield from unconstrained(value)
        elif "space" in part.metadata:
            with np.errstate(divide="ignore", invalid="ignore"):
                yield part.name, space(part, params)[0](value)


def space(part, params):
    """The two functions between a field's values and unconstrained numbers."""
    name = part.metadata["space"]
    if name == "covariance":
        name = "matrix" if params.covariance_type in ("full", "tied") else "positive"
    return SPACES[name]


def log_cholesky(matrices):
    """Cholesky factors with the logarithm of their diagonal (Pinheiro and Bates 1996)."""
    d = matrices.shape[-1]
    factors = [lower_cholesky(matrix) for matrix in matrices.reshape(-1, d, d)]
    if any(factor is None for factor in factors):
        return np.full(matrices.shape, np.nan)
    factors = np.stack(factors).reshape(matrices.shape)
    diagonal = np.arange(d)
    factors[..., diagonal, diagonal] = np.log(factors[..., diagonal, diagonal])
    return factors


def from_log_cholesky(numbers):
    """The covariance matrices of which `log_cholesky` gave these numbers."""
    factors = np.tril(numbers)
    diagonal = np.arange(numbers.shape[-1])
    factors[..., diagonal, diagonal] = np.exp(factors[..., diagonal, diagonal])
    return factors @ np.swapaxes(factors, -1, -2)


SPACES = {
    "real": (np.asarray, np.asarray),
    "positive": (np.log, np.exp),
    "probability": (logit, expit),
    "simplex": (np.log, lambda numbers: softmax(numbers, axis=-1)),
    "matrix": (log_cholesky, from_log_cholesky),
}
