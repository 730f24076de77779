"""The share of each coin in each round."""

import numpy as np
from scipy.special import softmax

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_coins.coins import (
    certain_coins,
    coin_cases,
    impossible,
    log_pmf,
    long_and_short_rounds,
    long_rounds,
    right_log_joint,
    right_responsibilities,
)
from emkit.workshop.pieces.hidden_coins.log_joint import (
    heads_and_tails_exchanged as joint_with_heads_and_tails_exchanged,
)
from emkit.workshop.pieces.hidden_coins.log_joint import (
    normalised as logs_of_responsibilities,
)
from emkit.workshop.pieces.hidden_coins.log_joint import tails_forgotten as joint_without_tails
from emkit.workshop.pieces.hidden_coins.log_joint import zero_times_log_zero
from emkit.workshop.pieces.shares import rows_sum_to_one, shares_between_zero_and_one


def responsibilities(heads, flips, weights, biases):
    """Probability of each coin for each round, p(z_i = j | heads_i).

    Parameters
    ----------
    heads : (n,) integer array
        Heads of each round; possible under at least one of the coins.
    flips : (n,) integer array
        Flips of each round, 1 to 10,000.
    weights : (k,) array
        Coin weights, all positive, sum to 1.
    biases : (k,) array
        Probability of heads of each coin, 0 and 1 included.

    Returns
    -------
    resp : (n, k) array
        Finite, between 0 and 1; rows sum to 1.
    """


def responsibility_cases(rng):
    """The usual coins; certain ones, long rounds, long beside short ones."""
    return [
        *coin_cases(rng),
        certain_coins(rng),
        long_rounds(rng),
        long_and_short_rounds(rng),
    ]


def impossible_coins_have_no_share(resp, heads, flips, weights, biases):
    """A coin that can't have made a round's heads has nothing of it."""
    for i, j in impossible(heads, flips, biases):
        if resp[i, j] > 1e-9:
            return (
                f"resp[{i}, {j}] is {resp[i, j]:.4g}, but a coin of bias {biases[j]:g} can't show "
                f"{heads[i]} heads in {flips[i]} flips"
            )
    return None


@mistake("Each coin shares itself out among the rounds here. It is the other way round: each "
         "*round* was flipped with one of the coins. Which axis is that?")  # fmt: skip
def normalised_over_rounds(heads, flips, weights, biases):
    return softmax(right_log_joint(heads, flips, weights, biases), axis=0)


@mistake("The weights are missing: before looking at the heads, a coin with twice the weight is "
         "twice as likely.")  # fmt: skip
def weights_forgotten(heads, flips, weights, biases):
    return softmax(log_pmf(heads, flips, biases), axis=1)


@mistake("The tails are missing: a round with few heads has many tails, and they speak, "
         "too.")  # fmt: skip
def tails_forgotten(heads, flips, weights, biases):
    return softmax(joint_without_tails(heads, flips, weights, biases), axis=1)


@mistake("Heads and tails are exchanged: a round with many heads should belong to the coin with "
         "the *larger* bias.")  # fmt: skip
def heads_and_tails_exchanged(heads, flips, weights, biases):
    return softmax(joint_with_heads_and_tails_exchanged(heads, flips, weights, biases), axis=1)


@mistake("These are the weights, the same for every round. Bayes' rule multiplies them with the "
         "probability of the round's heads.")  # fmt: skip
def heads_ignored(heads, flips, weights, biases):
    return np.tile(weights, (len(heads), 1))


@mistake("These are joint probabilities: divide each row by its sum, p(heads).")
def not_normalised(heads, flips, weights, biases):
    return np.exp(right_log_joint(heads, flips, weights, biases))


@mistake("These are logarithms of the responsibilities: one exp is missing at the end.")
def logs_of_shares(heads, flips, weights, biases):
    return logs_of_responsibilities(heads, flips, weights, biases)


@mistake("The log-joints themselves were divided by their row's sum. Bayes' rule divides the "
         "*probabilities*.")  # fmt: skip
def logs_normalised(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    with np.errstate(invalid="ignore"):
        return values / values.sum(axis=1, keepdims=True)


@mistake("Every round goes wholly to its likeliest coin. Seven heads of ten are no proof: a "
         "responsibility keeps the doubt.")  # fmt: skip
def hard_shares(heads, flips, weights, biases):
    best = right_log_joint(heads, flips, weights, biases).argmax(axis=1)
    return np.eye(len(weights))[best]


@mistake("Rows and columns are swapped: one *row* a round, one column a coin.")
def shares_transposed(heads, flips, weights, biases):
    return right_responsibilities(heads, flips, weights, biases).T


@mistake("With thousands of flips all probabilities underflow to 0, and 0 / 0 is NaN. Take the "
         "row's largest log-joint out before exp: it cancels in the division.")  # fmt: skip
def no_shift_before_exp(heads, flips, weights, biases):
    joint = np.exp(right_log_joint(heads, flips, weights, biases))
    with np.errstate(invalid="ignore"):
        return joint / joint.sum(axis=1, keepdims=True)


@mistake("A small number in the denominator, or NaN replaced by 0, hides 0 / 0: the row of a long "
         "round now sums to 0, and it belongs to no coin. Shift in log space "
         "instead.")  # fmt: skip
def small_number_in_denominator(heads, flips, weights, biases):
    joint = np.exp(right_log_joint(heads, flips, weights, biases))
    return joint / (joint.sum(axis=1, keepdims=True) + 1e-300)


@mistake("The largest value of the *whole* array was taken out before exp. Beside a short round "
         "a long one still underflows: take out each row's own largest value.")  # fmt: skip
def one_shift_for_all(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    joint = np.exp(values - values.max())
    with np.errstate(invalid="ignore"):
        return joint / joint.sum(axis=1, keepdims=True)


@mistake("Each *column's* largest log-joint was taken out before exp. Only what is taken out of "
         "all entries of a row cancels in the division by the row's sum.")  # fmt: skip
def shifted_by_columns(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    shares = np.exp(values - values.max(axis=0))
    with np.errstate(invalid="ignore"):
        return shares / shares.sum(axis=1, keepdims=True)


@mistake("The row's largest log-joint was taken out, but the division by the row's sum is missing: "
         "the largest entry of each row is 1.")  # fmt: skip
def shifted_not_divided(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    return np.exp(values - values.max(axis=1, keepdims=True))


@mistake("0 · log 0 is NaN for NumPy. No heads from a coin that never shows heads is certain, and "
         "its logarithm is 0: scipy.special.xlogy knows it.")  # fmt: skip
def nan_for_certain_coins(heads, flips, weights, biases):
    return softmax(zero_times_log_zero(heads, flips, weights, biases), axis=1)


@mistake("The biases of 0 and 1 were moved a little. Impossible must stay impossible: when one "
         "flip of 2,000 is heads, a coin of bias 'almost 0' suddenly explains it "
         "best.")  # fmt: skip
def biases_clipped(heads, flips, weights, biases):
    return right_responsibilities(heads, flips, weights, np.clip(biases, 1e-10, 1 - 1e-10))


PIECE = Piece(
    id="01.responsibilities",
    contract=responsibilities,
    correct=right_responsibilities,
    cases=responsibility_cases,
    returns=Returned("resp", "(n, k)"),
    properties=(shares_between_zero_and_one, rows_sum_to_one, impossible_coins_have_no_share),
    mistakes=(
        normalised_over_rounds,
        weights_forgotten,
        tails_forgotten,
        heads_and_tails_exchanged,
        heads_ignored,
        not_normalised,
        logs_of_shares,
        logs_normalised,
        hard_shares,
        shares_transposed,
        no_shift_before_exp,
        small_number_in_denominator,
        one_shift_for_all,
        shifted_by_columns,
        shifted_not_divided,
        nan_for_certain_coins,
        biases_clipped,
    ),
    section="Which coin was it? Responsibilities",
)
