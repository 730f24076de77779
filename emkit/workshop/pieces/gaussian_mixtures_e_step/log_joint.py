"""The log of the joint density of a point and its component."""

import numpy as np
from scipy.special import logsumexp

from emkit import families
from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import (
    mixture_cases,
    right_log_joint,
)


def log_joint(X, weights, means, covariances):
    """Log of the joint density of a point and its component.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row.
    weights : (k,) array
        Component weights, all positive, sum to 1.
    means : (k, d) array
    covariances : (k, d, d) array

    Returns
    -------
    log_joint : (n, k) array
        log p(x_i, z_i = j), natural logarithm.
    """


def below_the_density(log_joint, X, weights, means, covariances):
    """A weight is at most 1, so its logarithm can only lower the log-density."""
    components = zip(means, covariances, strict=True)
    density = np.column_stack([families.log_gaussian(X, m, c) for m, c in components])
    slack = 1e-6 * np.maximum(1, np.abs(density))
    for i, j in np.argwhere(log_joint > density + slack):
        return (
            f"log_joint[{i}, {j}] is above component {j}'s own log-density there: a weight is at "
            f"most 1, so it can only lower it"
        )
    return None


@mistake("The weights are missing: the joint density is π_j · N(x; μ_j, Σ_j).")
def joint_without_weights(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances) - np.log(weights)


@mistake("The weights are added as they are. Under the logarithm a factor becomes a sum of "
         "*logarithms*.")  # fmt: skip
def joint_with_raw_weights(X, weights, means, covariances):
    return joint_without_weights(X, weights, means, covariances) + weights


@mistake("The log-densities are multiplied with the weights. The *densities* are; what does that "
         "mean for their logarithms?")  # fmt: skip
def joint_with_weights_multiplied(X, weights, means, covariances):
    return joint_without_weights(X, weights, means, covariances) * weights


@mistake("This is the joint density, not its logarithm.")
def joint_not_logged(X, weights, means, covariances):
    return np.exp(right_log_joint(X, weights, means, covariances))


@mistake("Far away the density underflows to 0, and its logarithm to minus infinity. Never leave "
         "log space: add the logarithms, don't take the logarithm of a product.")  # fmt: skip
def joint_through_densities(X, weights, means, covariances):
    return np.log(np.exp(right_log_joint(X, weights, means, covariances)))


@mistake("Rows and columns are swapped: one *row* a point, one column a component.")
def joint_transposed(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances).T


@mistake("Every component uses the first one's covariance: index it with the component.")
def joint_with_first_covariance(X, weights, means, covariances):
    return right_log_joint(X, weights, means, np.stack([covariances[0]] * len(weights)))


@mistake("This is log p(z | x), the logarithm of the responsibilities. The joint isn't divided by "
         "p(x): its rows don't sum to 1.")  # fmt: skip
def joint_normalised(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return values - logsumexp(values, axis=1, keepdims=True)


PIECE = Piece(
    id="03.log_joint",
    contract=log_joint,
    correct=right_log_joint,
    cases=mixture_cases,
    returns=Returned("log_joint", "(n, k)"),
    properties=(below_the_density,),
    mistakes=(
        joint_without_weights,
        joint_with_raw_weights,
        joint_with_weights_multiplied,
        joint_not_logged,
        joint_through_densities,
        joint_transposed,
        joint_with_first_covariance,
        joint_normalised,
    ),
    section="In code: first as it reads, then in log space",
)
