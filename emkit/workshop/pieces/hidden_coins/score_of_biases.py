"""How the log-likelihood changes with each bias: the derivation piece."""

import numpy as np
from scipy.special import softmax

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_coins.coins import (
    coin_cases,
    long_rounds,
    right_log_joint,
    right_log_likelihood,
    right_responsibilities,
    right_update,
)


def score_of_biases(heads, flips, weights, biases):
    """Gradient of the log-likelihood, the coins unknown, with respect to the biases.

    Parameters
    ----------
    heads : (n,) integer array
        Heads of each round.
    flips : (n,) integer array
        Flips of each round, 1 to 10,000.
    weights : (k,) array
        Coin weights, all positive, sum to 1.
    biases : (k,) array
        Probability of heads of each coin, between 0 and 1, neither of them included.

    Returns
    -------
    score : (k,) array
        Derivative of the total log-likelihood with respect to each bias.
    """


def score_cases(rng):
    """The usual coins, then 10,000 flips a round."""
    return [*coin_cases(rng), long_rounds(rng)]


def correct_score_of_biases(heads, flips, weights, biases):
    """Each coin's own slope at each round, weighted with its responsibility for the round."""
    resp = right_responsibilities(heads, flips, weights, biases)
    return (resp * slopes(heads, flips, biases)).sum(axis=0)


def slopes(heads, flips, biases):
    """Derivative of log p(heads | coin) with respect to the coin's bias, (n, k)."""
    heads, tails = heads[:, None], (flips - heads)[:, None]
    return heads / biases - tails / (1 - biases)


def finite_differences(heads, flips, weights, biases, h=1e-6):
    """Slopes of the log-likelihood by moving one bias at a time a little both ways."""
    moved = [biases + h * sign * unit for unit in np.eye(len(biases)) for sign in (1, -1)]
    values = [right_log_likelihood(heads, flips, weights, b) for b in moved]
    return (np.array(values[::2]) - values[1::2]) / (2 * h)


def agrees_with_finite_differences(score, heads, flips, weights, biases):
    """What a derivative is."""
    measured = finite_differences(heads, flips, weights, biases)
    tolerance = 1e-3 * max(1, np.abs(measured).max())
    for j in np.flatnonzero(np.abs(score - measured) > tolerance):
        if score[j] * measured[j] < 0 and abs(measured[j]) > tolerance:
            move = "rises" if measured[j] > 0 else "falls"
            return (
                f"the log-likelihood {move} when biases[{j}] grows a little, but your score for it "
                f"is {score[j]:.4g}"
            )
        return (
            f"when biases[{j}] is moved a little both ways, the log-likelihood doesn't change as "
            f"your score for it, {score[j]:.4g}, says"
        )
    return None


@mistake("Every round counts fully for every coin. The derivative of the logarithm of a sum "
         "divides by that sum: what share of p(heads_i) is coin j's part?")  # fmt: skip
def without_responsibilities(heads, flips, weights, biases):
    return slopes(heads, flips, biases).sum(axis=0)


@mistake("The rounds are weighted with the coins' weights π_j. The derivative of log p(heads_i) "
         "has p(heads_i) in the denominator, and with it the weights become shares that differ "
         "from round to round.")  # fmt: skip
def weights_for_responsibilities(heads, flips, weights, biases):
    return (weights * slopes(heads, flips, biases)).sum(axis=0)


@mistake("This is the derivative of Σ p(heads_i), the probabilities themselves. The derivative of "
         "their *logarithm* is divided by p(heads_i).")  # fmt: skip
def not_divided(heads, flips, weights, biases):
    joint = np.exp(right_log_joint(heads, flips, weights, biases))
    return (joint * slopes(heads, flips, biases)).sum(axis=0)


@mistake("Each round counts for its likeliest coin only. All coins have a part in p(heads_i), "
         "and so in its slope.")  # fmt: skip
def likeliest_coin_only(heads, flips, weights, biases):
    best = right_log_joint(heads, flips, weights, biases).argmax(axis=1)
    return (np.eye(len(biases))[best] * slopes(heads, flips, biases)).sum(axis=0)


@mistake("Each coin's shares sum to 1 over the rounds. The derivative of log p(heads_i) divides by "
         "a sum over the *coins*: which axis is that?")  # fmt: skip
def shares_over_rounds(heads, flips, weights, biases):
    resp = softmax(right_log_joint(heads, flips, weights, biases), axis=0)
    return (resp * slopes(heads, flips, biases)).sum(axis=0)


@mistake("The sum runs over the coins: one value a round came out. Each bias has a slope of its "
         "own, summed over the *rounds*.")  # fmt: skip
def summed_over_coins(heads, flips, weights, biases):
    resp = right_responsibilities(heads, flips, weights, biases)
    return (resp * slopes(heads, flips, biases)).sum(axis=1)


def weighted(heads, flips, weights, biases, own_slopes):
    """The score with other slopes of the single coins."""
    resp = right_responsibilities(heads, flips, weights, biases)
    return (resp * own_slopes).sum(axis=0)


@mistake("The tails come with a plus sign. The derivative of log(1 − p) has an inner derivative of "
         "−1.")  # fmt: skip
def tails_with_plus(heads, flips, weights, biases):
    tails = (flips - heads)[:, None]
    own = heads[:, None] / biases + tails / (1 - biases)
    return weighted(heads, flips, weights, biases, own)


@mistake("The tails are missing: (1 − p) to the power of the tails depends on the bias as "
         "well.")  # fmt: skip
def tails_forgotten(heads, flips, weights, biases):
    return weighted(heads, flips, weights, biases, heads[:, None] / biases)


@mistake("All flips stand where the tails belong.")
def flips_for_tails(heads, flips, weights, biases):
    own = heads[:, None] / biases - flips[:, None] / (1 - biases)
    return weighted(heads, flips, weights, biases, own)


@mistake("The tails are divided by p. The derivative of log(1 − p) has 1 − p in the "
         "denominator.")  # fmt: skip
def tails_over_p(heads, flips, weights, biases):
    own = (2 * heads - flips)[:, None] / biases
    return weighted(heads, flips, weights, biases, own)


@mistake("These are heads minus expected heads, the slope with respect to the *log-odds* of the "
         "bias. With respect to the bias itself, what divides it?")  # fmt: skip
def residuals(heads, flips, weights, biases):
    own = heads[:, None] - flips[:, None] * biases
    return weighted(heads, flips, weights, biases, own)


@mistake("The result is multiplied with the weights once too often: they are in the share of "
         "p(heads_i) already.")  # fmt: skip
def weights_twice(heads, flips, weights, biases):
    return weights * correct_score_of_biases(heads, flips, weights, biases)


@mistake("This is the mean over the rounds. The log-likelihood is a sum over them, and so is its "
         "derivative.")  # fmt: skip
def mean_over_rounds(heads, flips, weights, biases):
    return correct_score_of_biases(heads, flips, weights, biases) / len(heads)


@mistake("This is the derivative of the *negative* log-likelihood.")
def negative_score(heads, flips, weights, biases):
    return -correct_score_of_biases(heads, flips, weights, biases)


@mistake("This is how far the next biases are from these. The score is a slope, not a step.")
def step_of_em(heads, flips, weights, biases):
    resp = right_responsibilities(heads, flips, weights, biases)
    return right_update(heads, flips, resp)[1] - biases


@mistake("These are the slopes of each round's own term. The log-likelihood is the sum of the "
         "terms: one number a coin.")  # fmt: skip
def one_row_a_round(heads, flips, weights, biases):
    resp = right_responsibilities(heads, flips, weights, biases)
    return resp * slopes(heads, flips, biases)


@mistake("The probabilities underflow to 0, and 0 / 0 is NaN. Compute the coins' shares from "
         "log-joints, with each row's largest one taken out before exp.")  # fmt: skip
def no_shift_before_exp(heads, flips, weights, biases):
    joint = np.exp(right_log_joint(heads, flips, weights, biases))
    with np.errstate(invalid="ignore"):
        resp = joint / joint.sum(axis=1, keepdims=True)
    return (resp * slopes(heads, flips, biases)).sum(axis=0)


@mistake("This is a finite difference. It is a good test of a derivative, but no more than 6 or 7 "
         "digits of it are right: derive the formula.")  # fmt: skip
def difference_quotient(heads, flips, weights, biases):
    return finite_differences(heads, flips, weights, biases)


PIECE = Piece(
    id="01.score_of_biases",
    contract=score_of_biases,
    correct=correct_score_of_biases,
    cases=score_cases,
    returns=Returned("score", "(k,)"),
    properties=(agrees_with_finite_differences,),
    mistakes=(
        without_responsibilities,
        weights_for_responsibilities,
        not_divided,
        likeliest_coin_only,
        shares_over_rounds,
        summed_over_coins,
        tails_with_plus,
        tails_forgotten,
        flips_for_tails,
        tails_over_p,
        residuals,
        weights_twice,
        mean_over_rounds,
        negative_score,
        step_of_em,
        one_row_a_round,
        no_shift_before_exp,
    ),
    section="Why the equations don't come apart",
)
