"""The log-likelihood of a Gaussian mixture."""

import numpy as np
from scipy.special import logsumexp

from emkit.numerics import normalise_rows
from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.log_joint import (
    joint_without_weights,
)
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import (
    densities,
    mixture_cases,
    right_log_joint,
    right_log_likelihood,
)


def log_likelihood(X, weights, means, covariances):
    """Log-likelihood of a Gaussian mixture, summed over the points.

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
    log_likelihood : float
        The total over the data, natural logarithm.
    """


def between_best_and_all(log_likelihood, X, weights, means, covariances):
    """A sum of k terms lies between its largest term and k times that."""
    best = right_log_joint(X, weights, means, covariances).max(axis=1).sum()
    slack = 1e-6 * max(1, abs(best))
    if log_likelihood < best - slack:
        return (
            "the result is too low: each point's likeliest component alone would give more, and "
            "the other components can only add density"
        )
    if log_likelihood > best + len(X) * np.log(len(weights)) + slack:
        return (
            "the result is too high: even if at every point all k components were as dense as the "
            "densest one, the log-likelihood would be lower"
        )
    return None


@mistake("This is the sum over all points *and* components of the log-joints. The components "
         "are summed *inside* the logarithm: first p(x) of each point, then its "
         "logarithm.")  # fmt: skip
def sum_of_logs(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances).sum()


@mistake("The points are summed inside the logarithm as well. Points are independent: their "
         "densities multiply, so their *logarithms* add.")  # fmt: skip
def log_of_everything(X, weights, means, covariances):
    return logsumexp(right_log_joint(X, weights, means, covariances))


@mistake("This is the mean over the points; the log-likelihood is the total.")
def mean_over_points(X, weights, means, covariances):
    return right_log_likelihood(X, weights, means, covariances) / len(X)


@mistake("Only the likeliest component of each point counts here. The others add density "
         "too.")  # fmt: skip
def likeliest_only(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances).max(axis=1).sum()


@mistake("The log-joints were averaged with the responsibilities. That is the *expected* "
         "complete-data log-likelihood, which EM maximises on the way; p(x) is a plain "
         "sum.")  # fmt: skip
def expected_complete_data(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return (normalise_rows(values)[0] * values).sum()


@mistake("The weights are missing: p(x) = Σ_j π_j N(x; μ_j, Σ_j).")
def likelihood_without_weights(X, weights, means, covariances):
    return logsumexp(joint_without_weights(X, weights, means, covariances), axis=1).sum()


@mistake("Far away p(x) underflows to 0 and its logarithm to minus infinity. Use "
         "log-sum-exp.")  # fmt: skip
def likelihood_through_densities(X, weights, means, covariances):
    return np.log(densities(X, weights, means, covariances).sum(axis=1)).sum()


@mistake("The row's largest log-joint was taken out before exp and not added back after the "
         "logarithm. In responsibilities it cancels; here it doesn't.")  # fmt: skip
def shift_not_added_back(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return np.log(np.exp(values - values.max(axis=1, keepdims=True)).sum(axis=1)).sum()


@mistake("The sum inside the logarithm runs over the points. It runs over the components: p(x) of "
         "each point is a sum over the row.")  # fmt: skip
def summed_along_columns(X, weights, means, covariances):
    return logsumexp(right_log_joint(X, weights, means, covariances), axis=0).sum()


@mistake("This is the likelihood, not its logarithm. With a few hundred points it underflows.")
def likelihood_itself(X, weights, means, covariances):
    return np.exp(right_log_likelihood(X, weights, means, covariances))


@mistake("This is the *negative* log-likelihood.")
def negative_log_likelihood(X, weights, means, covariances):
    return -right_log_likelihood(X, weights, means, covariances)


@mistake("This is log p(x) of each point; the log-likelihood is their sum.")
def one_value_a_point(X, weights, means, covariances):
    return logsumexp(right_log_joint(X, weights, means, covariances), axis=1)


PIECE = Piece(
    id="03.log_likelihood",
    contract=log_likelihood,
    correct=right_log_likelihood,
    cases=mixture_cases,
    returns=Returned("log_likelihood", "()"),
    properties=(between_best_and_all,),
    mistakes=(
        sum_of_logs,
        log_of_everything,
        mean_over_points,
        likeliest_only,
        expected_complete_data,
        likelihood_without_weights,
        likelihood_through_densities,
        shift_not_added_back,
        summed_along_columns,
        likelihood_itself,
        negative_log_likelihood,
        one_value_a_point,
    ),
    section="How good are these parameters? The log-likelihood",
)
