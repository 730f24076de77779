"""The share of each component in each point."""

import numpy as np
from scipy.special import logsumexp, softmax

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.log_joint import (
    joint_normalised,
    joint_without_weights,
)
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import (
    densities,
    extreme_cases,
    mixture_cases,
    right_log_joint,
    right_responsibilities,
)
from emkit.workshop.pieces.shares import rows_sum_to_one, shares_between_zero_and_one


def responsibilities(X, weights, means, covariances):
    """Share of each component in each point, p(z_i = j | x_i).

    Parameters
    ----------
    X : (n, d) array
        Points, one a row; they may lie as far out as 1e100.
    weights : (k,) array
        Component weights, all positive, sum to 1.
    means : (k, d) array
    covariances : (k, d, d) array

    Returns
    -------
    resp : (n, k) array
        Finite, between 0 and 1; rows sum to 1.
    """


def responsibility_cases(rng):
    """The mixtures, then points at 1e100."""
    return [*mixture_cases(rng), *extreme_cases(rng)]


@mistake("That happens when each component shares itself out among the points. Here each *point* "
         "shares itself out among the components. Which axis is that?")  # fmt: skip
def normalised_over_points(X, weights, means, covariances):
    return softmax(right_log_joint(X, weights, means, covariances), axis=0)


@mistake("The weights are missing: before looking at x, a component with twice the weight is "
         "twice as likely.")  # fmt: skip
def weights_forgotten(X, weights, means, covariances):
    return softmax(joint_without_weights(X, weights, means, covariances), axis=1)


@mistake("The whole array was shared out as one: all its entries together sum to 1. A function "
         "that sums takes all there is unless it is told along which axis.")  # fmt: skip
def normalised_over_everything(X, weights, means, covariances):
    return softmax(right_log_joint(X, weights, means, covariances))


@mistake("Far from every mean all densities underflow to 0, and 0 / 0 is NaN. Take the row's "
         "largest log-joint out before exp: it cancels in the division.")  # fmt: skip
def no_shift_before_exp(X, weights, means, covariances):
    joint = densities(X, weights, means, covariances)
    return joint / joint.sum(axis=1, keepdims=True)


@mistake("A small number in the denominator, or NaN replaced by 0, hides 0 / 0: the far point's "
         "row now sums to 0, and it belongs to nobody. Shift in log space instead.")  # fmt: skip
def small_number_in_denominator(X, weights, means, covariances):
    joint = densities(X, weights, means, covariances)
    return joint / (joint.sum(axis=1, keepdims=True) + 1e-300)


@mistake("The largest value of the *whole* array was taken out before exp. A far point's row still "
         "underflows beside a near one: take out each row's own largest value.")  # fmt: skip
def one_shift_for_all(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    joint = np.exp(values - values.max())
    return joint / joint.sum(axis=1, keepdims=True)


@mistake("exp(log_joint − log-sum-exp) loses the last step when the logarithms are huge: beside "
         "1e200 the log 2 of a tie vanishes, and both components get 1. Take out the row's "
         "maximum, apply exp, *then* divide by the row's sum.")  # fmt: skip
def divided_in_log_space(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return np.exp(values - logsumexp(values, axis=1, keepdims=True))


@mistake("The row's largest log-joint was taken out, but the division by the row's sum is "
         "missing: the largest entry of each row is 1.")  # fmt: skip
def shifted_not_divided(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return np.exp(values - values.max(axis=1, keepdims=True))


@mistake("The shift is right, each row's largest; but then the *columns* were made to sum to 1. "
         "Each point shares itself out: divide by the row's sum, along the same axis.")  # fmt: skip
def shifted_then_divided_by_columns(X, weights, means, covariances):
    shares = shifted_not_divided(X, weights, means, covariances)
    return shares / shares.sum(axis=0)


@mistake("These are joint densities: divide each row by its sum, p(x).")
def not_normalised(X, weights, means, covariances):
    return densities(X, weights, means, covariances)


@mistake("These are logarithms of the responsibilities: one exp is missing at the end.")
def logs_of_shares(X, weights, means, covariances):
    return joint_normalised(X, weights, means, covariances)


@mistake("The log-joints themselves were divided by their row's sum. Bayes' rule divides the "
         "*densities*.")  # fmt: skip
def logs_normalised(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return values / values.sum(axis=1, keepdims=True)


@mistake("Every point goes wholly to its likeliest component: that is the hard border. A "
         "responsibility keeps the doubt.")  # fmt: skip
def hard_shares(X, weights, means, covariances):
    best = right_log_joint(X, weights, means, covariances).argmax(axis=1)
    return np.eye(len(weights))[best]


@mistake("Rows and columns are swapped: one *row* a point, one column a component.")
def shares_transposed(X, weights, means, covariances):
    return right_responsibilities(X, weights, means, covariances).T


PIECE = Piece(
    id="03.responsibilities",
    contract=responsibilities,
    correct=right_responsibilities,
    cases=responsibility_cases,
    returns=Returned("resp", "(n, k)"),
    properties=(shares_between_zero_and_one, rows_sum_to_one),
    mistakes=(
        normalised_over_points,
        normalised_over_everything,
        weights_forgotten,
        no_shift_before_exp,
        small_number_in_denominator,
        one_shift_for_all,
        divided_in_log_space,
        shifted_not_divided,
        shifted_then_divided_by_columns,
        not_normalised,
        logs_of_shares,
        logs_normalised,
        hard_shares,
        shares_transposed,
    ),
    section="It breaks: a point far from everything",
)
