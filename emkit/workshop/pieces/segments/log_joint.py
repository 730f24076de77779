"""The log of the joint probability of a row of answers and its class."""

import numpy as np
from scipy.special import logsumexp

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.segments.classes import (
    class_cases,
    gaps_as_last_category,
    right_log_joint,
)


def log_joint(Y, weights, probs):
    """Log of the joint probability of a row's answers and its class.

    Parameters
    ----------
    Y : (n, m) integer array
        Answers from 0 to c − 1; −1 = missing. A missing answer adds 0.
    weights : (k,) array
        Class weights, all positive, sum to 1.
    probs : (k, m, c) array
        probs[j, t, a] is the probability that class j answers item t with a; it may be 0. Given
        the class, the answers are independent.

    Returns
    -------
    log_joint : (n, k) array
        log p(y_i, z_i = j), natural logarithm; −inf, not NaN, where class j can't have answered
        so. Right for thousands of items.
    """


def at_most_the_weight(log_joint, Y, weights, probs):
    """Probabilities of answers are at most 1."""
    for i, j in np.argwhere(log_joint > np.log(weights) + 1e-9):
        return (
            f"log_joint[{i}, {j}] is {log_joint[i, j]:.4g}, above the log of class {j}'s weight: "
            f"probabilities of answers are at most 1, so they can only lower it"
        )
    return None


def impossible_is_impossible(log_joint, Y, weights, probs):
    """A factor of 0 makes the product 0."""
    possible = np.isfinite(right_log_joint(Y, weights, probs))
    for i, j in np.argwhere(~possible & np.isfinite(log_joint)):
        return (
            f"log_joint[{i}, {j}] is {log_joint[i, j]:.4g}, but row {i} has an answer that class "
            f"{j} never gives"
        )
    return None


@mistake("A missing answer is −1, and NumPy takes −1 as an index for the *last* category. What "
         "should an answer that nobody gave add?")  # fmt: skip
def missing_as_last_category(Y, weights, probs):
    return right_log_joint(gaps_as_last_category(Y, probs), weights, probs)


@mistake("A missing answer counts as category 0. What should an answer that nobody gave add?")
def missing_as_category_0(Y, weights, probs):
    return right_log_joint(np.maximum(Y, 0), weights, probs)


@mistake("Category 0 is treated as missing. The categories count from 0; only −1 is missing.")
def category_0_as_missing(Y, weights, probs):
    return right_log_joint(np.where(Y == 0, -1, Y), weights, probs)


@mistake("A missing answer adds log 1/c, as if it were a guess. It isn't an answer at all: its "
         "probability, summed over all answers that could have been, is 1.")  # fmt: skip
def missing_as_a_guess(Y, weights, probs):
    guesses = (Y < 0).sum(axis=1, keepdims=True) * np.log(probs.shape[2])
    return right_log_joint(Y, weights, probs) - guesses


@mistake("A row with a missing answer is impossible here, −inf. What was not asked rules nothing "
         "out.")  # fmt: skip
def missing_as_impossible(Y, weights, probs):
    gaps = (Y < 0).any(axis=1, keepdims=True)
    return np.where(gaps, -np.inf, right_log_joint(Y, weights, probs))


@mistake("A row with a missing answer loses all its other answers, too. Only the missing one adds "
         "0.")  # fmt: skip
def rows_with_gaps_left_out(Y, weights, probs):
    gaps = (Y < 0).any(axis=1, keepdims=True)
    return np.where(gaps, np.log(weights), right_log_joint(Y, weights, probs))


@mistake("The weights are missing: before the first answer, a class with twice the weight is twice "
         "as likely.")  # fmt: skip
def weights_forgotten(Y, weights, probs):
    return right_log_joint(Y, weights, probs) - np.log(weights)


@mistake("The weights are added as they are. Under the logarithm a factor becomes a sum of "
         "*logarithms*.")  # fmt: skip
def raw_weights(Y, weights, probs):
    return weights_forgotten(Y, weights, probs) + weights


@mistake("The weight comes in once an item. A row has one class, and one factor for it.")
def a_weight_for_each_item(Y, weights, probs):
    answered = (Y >= 0).sum(axis=1, keepdims=True)
    return right_log_joint(Y, weights, probs) + (answered - 1) * np.log(weights)


@mistake("0 · log 0 is NaN: the logarithm of *every* probability is multiplied with 0 or 1. Pick "
         "out the probabilities of the answers given before you take logarithms.")  # fmt: skip
def zero_times_infinity(Y, weights, probs):
    chosen = (Y[:, None, :, None] == np.arange(probs.shape[2])).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(weights) + (chosen * np.log(probs)).sum(axis=(2, 3))


@mistake("0 · log 0 is NaN: a gap is read as some category, and its logarithm multiplied with 0. "
         "Put a 0 in its place, with np.where for example.")  # fmt: skip
def gaps_times_zero(Y, weights, probs):
    with np.errstate(divide="ignore", invalid="ignore"):
        picked = np.log(probs)[:, np.arange(Y.shape[1]), Y]
        return np.log(weights) + (picked * (Y >= 0)).sum(axis=2).T


@mistake("A small number was put in place of a probability of 0. The class can't have given this "
         "answer: minus infinity is right, and exp makes 0 of it.")  # fmt: skip
def zeros_hidden(Y, weights, probs):
    return right_log_joint(Y, weights, probs + 1e-12)


@mistake("The product of many probabilities underflows to 0, and its logarithm is minus infinity. "
         "Add the logarithms.")  # fmt: skip
def log_of_a_product(Y, weights, probs):
    with np.errstate(divide="ignore"):
        return np.log(np.exp(right_log_joint(Y, weights, probs)))


@mistake("This is the joint probability, not its logarithm.")
def not_logged(Y, weights, probs):
    return np.exp(right_log_joint(Y, weights, probs))


@mistake("These are the *mean* log-probabilities of the items. Answers are independent given the "
         "class: their probabilities multiply.")  # fmt: skip
def mean_over_items(Y, weights, probs):
    return weights_forgotten(Y, weights, probs) / Y.shape[1] + np.log(weights)


@mistake("This is log p(z | y), the logarithm of the responsibilities. The joint isn't divided by "
         "p(y).")  # fmt: skip
def normalised(Y, weights, probs):
    values = right_log_joint(Y, weights, probs)
    return values - logsumexp(values, axis=1, keepdims=True)


@mistake("Rows and columns are swapped: one *row* a row of Y, one column a class.")
def transposed(Y, weights, probs):
    return right_log_joint(Y, weights, probs).T


PIECE = Piece(
    id="07.log_joint",
    contract=log_joint,
    correct=right_log_joint,
    cases=class_cases,
    returns=Returned("log_joint", "(n, k)"),
    properties=(at_most_the_weight, impossible_is_impossible),
    mistakes=(
        missing_as_last_category,
        missing_as_category_0,
        category_0_as_missing,
        missing_as_a_guess,
        missing_as_impossible,
        rows_with_gaps_left_out,
        weights_forgotten,
        raw_weights,
        a_weight_for_each_item,
        zero_times_infinity,
        gaps_times_zero,
        zeros_hidden,
        log_of_a_product,
        not_logged,
        mean_over_items,
        normalised,
        transposed,
    ),
    section="One customer, one segment",
)
