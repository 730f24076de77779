"""The share of each class in each row of answers."""

import numpy as np
from scipy.special import logsumexp, softmax

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.segments.classes import (
    class_cases,
    gaps_as_last_category,
    right_log_joint,
    right_responsibilities,
)
from emkit.workshop.pieces.shares import rows_sum_to_one, shares_between_zero_and_one


def responsibilities(Y, weights, probs):
    """Share of each class in each row of answers, p(z_i = j | y_i).

    Parameters
    ----------
    Y : (n, m) integer array
        Answers from 0 to c − 1; −1 = missing. At least one class can have answered as each row
        did; there may be thousands of items.
    weights : (k,) array
        Class weights, all positive, sum to 1.
    probs : (k, m, c) array
        probs[j, t, a] is the probability that class j answers item t with a; it may be 0.

    Returns
    -------
    resp : (n, k) array
        Finite, between 0 and 1; rows sum to 1. A row without answers has the weights.
    """


def weights_where_nothing_was_said(resp, Y, weights, probs):
    """Without an answer there is nothing to learn from."""
    for i in np.flatnonzero((Y < 0).all(axis=1)):
        if not np.allclose(resp[i], weights):
            return (
                f"row {i} has no answers at all, and still its shares aren't those from before "
                f"looking at it"
            )
    return None


@mistake("Each class shares itself out among the rows here. Each *row* shares itself out among "
         "the classes: which axis is that?")  # fmt: skip
def normalised_over_rows(Y, weights, probs):
    return softmax(right_log_joint(Y, weights, probs), axis=0)


@mistake("The weights are missing: before the first answer, a class with twice the weight is twice "
         "as likely.")  # fmt: skip
def weights_forgotten(Y, weights, probs):
    return softmax(right_log_joint(Y, weights, probs) - np.log(weights), axis=1)


@mistake("A missing answer is −1, and NumPy takes −1 as an index for the *last* category. An "
         "answer that nobody gave says nothing.")  # fmt: skip
def missing_as_last_category(Y, weights, probs):
    return right_responsibilities_or_nan(gaps_as_last_category(Y, probs), weights, probs)


@mistake("A missing answer counts as category 0. An answer that nobody gave says nothing.")
def missing_as_category_0(Y, weights, probs):
    return right_responsibilities_or_nan(np.maximum(Y, 0), weights, probs)


def right_responsibilities_or_nan(Y, weights, probs):
    """For answers that no class may be able to give."""
    with np.errstate(invalid="ignore"):
        return softmax(right_log_joint(Y, weights, probs), axis=1)


@mistake("A row with a missing answer keeps the weights here: its other answers are lost. Only "
         "the missing one says nothing.")  # fmt: skip
def rows_with_gaps_left_out(Y, weights, probs):
    gaps = (Y < 0).any(axis=1, keepdims=True)
    return np.where(gaps, weights, right_responsibilities(Y, weights, probs))


@mistake("With many items every joint probability underflows to 0, and 0 / 0 is NaN. Take the "
         "row's largest log-joint out before exp: it cancels in the division.")  # fmt: skip
def no_shift_before_exp(Y, weights, probs):
    joint = np.exp(right_log_joint(Y, weights, probs))
    with np.errstate(invalid="ignore"):
        return joint / joint.sum(axis=1, keepdims=True)


@mistake("A small number in the denominator, or NaN replaced by 0, hides 0 / 0: a row with many "
         "answers now belongs to nobody. Shift in log space instead.")  # fmt: skip
def small_number_in_denominator(Y, weights, probs):
    joint = np.exp(right_log_joint(Y, weights, probs))
    return joint / (joint.sum(axis=1, keepdims=True) + 1e-300)


@mistake("The largest value of the *whole* array was taken out before exp. A row with many answers "
         "still underflows beside one with few: take out each row's own largest "
         "value.")  # fmt: skip
def one_shift_for_all(Y, weights, probs):
    values = right_log_joint(Y, weights, probs)
    joint = np.exp(values - values.max())
    with np.errstate(invalid="ignore"):
        return joint / joint.sum(axis=1, keepdims=True)


@mistake("0 · log 0 is NaN: the logarithm of *every* probability is multiplied with 0 or 1. Pick "
         "out the probabilities of the answers given before you take logarithms.")  # fmt: skip
def zero_times_infinity(Y, weights, probs):
    chosen = (Y[:, None, :, None] == np.arange(probs.shape[2])).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(weights) + (chosen * np.log(probs)).sum(axis=(2, 3))
        return softmax(values, axis=1)


@mistake("The row's largest log-joint was taken out, but the division by the row's sum is "
         "missing: the largest entry of each row is 1.")  # fmt: skip
def shifted_not_divided(Y, weights, probs):
    values = right_log_joint(Y, weights, probs)
    return np.exp(values - values.max(axis=1, keepdims=True))


@mistake("These are joint probabilities: divide each row by its sum, p(y).")
def not_normalised(Y, weights, probs):
    return np.exp(right_log_joint(Y, weights, probs))


@mistake("These are logarithms of the responsibilities: one exp is missing at the end.")
def logs_of_shares(Y, weights, probs):
    values = right_log_joint(Y, weights, probs)
    return values - logsumexp(values, axis=1, keepdims=True)


@mistake("Every row goes wholly to its likeliest class. A responsibility keeps the doubt.")
def hard_shares(Y, weights, probs):
    best = right_log_joint(Y, weights, probs).argmax(axis=1)
    return np.eye(len(weights))[best]


@mistake("The probabilities of the answers are averaged, not multiplied. Each further answer makes "
         "surer, as independent pieces of evidence do.")  # fmt: skip
def averaged_probabilities(Y, weights, probs):
    answered = Y >= 0
    picked = probs[:, np.arange(Y.shape[1]), np.maximum(Y, 0)].transpose(1, 0, 2)
    means = (picked * answered[:, None]).sum(axis=2) / np.maximum(answered.sum(axis=1), 1)[:, None]
    means[~answered.any(axis=1)] = 1
    return weights * means / (weights * means).sum(axis=1, keepdims=True)


@mistake("Rows and columns are swapped: one *row* a row of Y, one column a class.")
def transposed(Y, weights, probs):
    return right_responsibilities(Y, weights, probs).T


PIECE = Piece(
    id="07.responsibilities",
    contract=responsibilities,
    correct=right_responsibilities,
    cases=class_cases,
    returns=Returned("resp", "(n, k)"),
    properties=(shares_between_zero_and_one, rows_sum_to_one, weights_where_nothing_was_said),
    mistakes=(
        normalised_over_rows,
        weights_forgotten,
        missing_as_last_category,
        missing_as_category_0,
        rows_with_gaps_left_out,
        no_shift_before_exp,
        small_number_in_denominator,
        one_shift_for_all,
        zero_times_infinity,
        shifted_not_divided,
        not_normalised,
        logs_of_shares,
        hard_shares,
        averaged_probabilities,
        transposed,
    ),
    section="Which segment is this customer in?",
)
