"""The log of the joint probability of a round's heads and its coin."""

import numpy as np
from scipy.special import comb, gammaln, logsumexp, xlog1py, xlogy

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_coins.coins import (
    certain_coins,
    coin_cases,
    impossible,
    log_pmf,
    long_rounds,
    right_log_joint,
)


def log_joint(heads, flips, weights, biases):
    """Log of the joint probability of a round's heads and its coin.

    Parameters
    ----------
    heads : (n,) integer array
        Heads of each round.
    flips : (n,) integer array
        Flips of each round, 1 to 10,000.
    weights : (k,) array
        Coin weights, all positive, sum to 1.
    biases : (k,) array
        Probability of heads of each coin, 0 and 1 included.

    Returns
    -------
    log_joint : (n, k) array
        log p(heads_i, z_i = j), natural logarithm, with the binomial coefficient. Minus infinity
        (never NaN) where a bias of 0 or 1 makes the heads impossible.
    """


def log_joint_cases(rng):
    """The usual coins, then certain ones and long rounds."""
    return [*coin_cases(rng), certain_coins(rng), long_rounds(rng)]


def below_the_weight(log_joint, heads, flips, weights, biases):
    """Heads and coin together are at most as likely as the coin."""
    for i, j in np.argwhere(log_joint > np.log(weights) + 1e-9):
        return (
            f"log_joint[{i}, {j}] is {log_joint[i, j]:.4g}, above the logarithm of coin {j}'s "
            f"weight: to get this coin *and* these heads can't be likelier than to get this coin"
        )
    return None


def impossible_heads_are_minus_infinity(log_joint, heads, flips, weights, biases):
    """The logarithm of 0."""
    for i, j in impossible(heads, flips, biases):
        if not np.isneginf(log_joint[i, j]):
            return (
                f"log_joint[{i}, {j}] is {log_joint[i, j]:.4g}, but a coin of bias {biases[j]:g} "
                f"can't show {heads[i]} heads in {flips[i]} flips: that has the probability 0"
            )
    return None


def coefficient(heads, flips):
    """log of the number of orders in which the heads can come, (n, 1)."""
    return (gammaln(flips + 1) - gammaln(heads + 1) - gammaln(flips - heads + 1))[:, None]


def of_one_order(heads, flips, biases):
    """log-probability of the heads in one given order, (n, k)."""
    return xlogy(heads[:, None], biases) + xlog1py((flips - heads)[:, None], -biases)


@mistake("The binomial coefficient is missing. This is the probability of the heads in one given "
         "order; they may have come in any.")  # fmt: skip
def no_coefficient(heads, flips, weights, biases):
    return np.log(weights) + of_one_order(heads, flips, biases)


@mistake("The binomial coefficient is added as it is. Under the logarithm a factor becomes a sum "
         "of *logarithms*.")  # fmt: skip
def raw_coefficient(heads, flips, weights, biases):
    orders = comb(flips, heads)[:, None]
    return np.log(weights) + of_one_order(heads, flips, biases) + orders


@mistake("Γ(m) is (m − 1)!, not m!: gammaln wants one more than the number whose factorial you "
         "mean.")  # fmt: skip
def factorial_off_by_one(heads, flips, weights, biases):
    orders = gammaln(flips) - gammaln(heads) - gammaln(flips - heads)
    return np.log(weights) + of_one_order(heads, flips, biases) + orders[:, None]


@mistake("The weights are missing: before anything is flipped, coin j is chosen with probability "
         "π_j.")  # fmt: skip
def no_weights(heads, flips, weights, biases):
    return log_pmf(heads, flips, biases)


@mistake("The weights are added as they are. Under the logarithm a factor becomes a sum of "
         "*logarithms*: that goes for the weights, too.")  # fmt: skip
def raw_weights(heads, flips, weights, biases):
    return weights + log_pmf(heads, flips, biases)


@mistake("The log-probabilities are multiplied with the weights. The *probabilities* are; what "
         "does that mean for their logarithms?")  # fmt: skip
def weights_multiplied(heads, flips, weights, biases):
    return weights * log_pmf(heads, flips, biases)


@mistake("The tails are missing. Of 10 flips with 7 heads 3 showed tails, and tails have a "
         "probability as well.")  # fmt: skip
def tails_forgotten(heads, flips, weights, biases):
    of_heads = xlogy(heads[:, None], biases)
    return np.log(weights) + coefficient(heads, flips) + of_heads


@mistake("All flips count as tails: the exponent of 1 − p is the number of flips that were *not* "
         "heads.")  # fmt: skip
def flips_for_tails(heads, flips, weights, biases):
    order = xlogy(heads[:, None], biases) + xlog1py(flips[:, None], -biases)
    return np.log(weights) + coefficient(heads, flips) + order


@mistake("Heads and tails are exchanged: the bias is the probability of *heads*.")
def heads_and_tails_exchanged(heads, flips, weights, biases):
    return right_log_joint(flips - heads, flips, weights, biases)


@mistake("This is the joint probability, not its logarithm.")
def not_logged(heads, flips, weights, biases):
    return np.exp(right_log_joint(heads, flips, weights, biases))


@mistake("Rows and columns are swapped: one *row* a round, one column a coin.")
def transposed(heads, flips, weights, biases):
    return right_log_joint(heads, flips, weights, biases).T


@mistake("This is log p(z | heads): each row's probabilities sum to 1. The joint isn't divided by "
         "p(heads).")  # fmt: skip
def normalised(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    return values - logsumexp(values, axis=1, keepdims=True)


@mistake("0 · log 0 is NaN for NumPy. No heads from a coin that never shows heads is certain, and "
         "the logarithm of that probability is 0: scipy.special.xlogy knows it.")  # fmt: skip
def zero_times_log_zero(heads, flips, weights, biases):
    with np.errstate(divide="ignore", invalid="ignore"):
        tails = (flips - heads)[:, None]
        order = heads[:, None] * np.log(biases) + tails * np.log(1 - biases)
        return np.log(weights) + coefficient(heads, flips) + order


@mistake("The biases of 0 and 1 were moved a little. Then the impossible becomes merely "
         "unlikely, and every other value is slightly off.")  # fmt: skip
def biases_clipped(heads, flips, weights, biases):
    return right_log_joint(heads, flips, weights, np.clip(biases, 1e-10, 1 - 1e-10))


@mistake("A small number was added inside the logarithm. The logarithm of 0 *is* minus infinity, "
         "and here it is meant: the heads are impossible.")  # fmt: skip
def small_number_in_logarithm(heads, flips, weights, biases):
    return np.log(np.exp(right_log_joint(heads, flips, weights, biases)) + 1e-300)


@mistake("NaN and minus infinity were replaced by ordinary numbers afterwards. An impossible count "
         "has the log-probability minus infinity, and nothing else.")  # fmt: skip
def nan_replaced(heads, flips, weights, biases):
    with np.errstate(divide="ignore", invalid="ignore"):
        tails = (flips - heads)[:, None]
        of_heads = np.nan_to_num(heads[:, None] * np.log(biases))
        of_tails = np.nan_to_num(tails * np.log(1 - biases))
        return np.log(weights) + coefficient(heads, flips) + of_heads + of_tails


@mistake("The probability underflows to 0 and its logarithm to minus infinity. Never leave log "
         "space: add logarithms, don't take the logarithm of a product.")  # fmt: skip
def through_probabilities(heads, flips, weights, biases):
    with np.errstate(divide="ignore"):
        return np.log(np.exp(right_log_joint(heads, flips, weights, biases)))


@mistake("The binomial coefficient overflows: the number of orders of 5,000 heads in 10,000 flips "
         "has some 3,000 digits. scipy.special.gammaln gives the logarithm of a factorial without "
         "the factorial.")  # fmt: skip
def coefficient_overflows(heads, flips, weights, biases):
    with np.errstate(over="ignore"):
        orders = np.log(comb(flips, heads))[:, None]
    return np.log(weights) + of_one_order(heads, flips, biases) + orders


PIECE = Piece(
    id="01.log_joint",
    contract=log_joint,
    correct=right_log_joint,
    cases=log_joint_cases,
    returns=Returned("log_joint", "(n, k)"),
    properties=(below_the_weight, impossible_heads_are_minus_infinity),
    mistakes=(
        no_coefficient,
        raw_coefficient,
        factorial_off_by_one,
        no_weights,
        raw_weights,
        weights_multiplied,
        tails_forgotten,
        flips_for_tails,
        heads_and_tails_exchanged,
        not_logged,
        transposed,
        normalised,
        zero_times_log_zero,
        biases_clipped,
        small_number_in_logarithm,
        nan_replaced,
        through_probabilities,
        coefficient_overflows,
    ),
    section="Coin and heads together",
)
