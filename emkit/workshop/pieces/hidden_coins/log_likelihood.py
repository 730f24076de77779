"""The log-likelihood of weights and biases when the coins are unknown."""

import numpy as np
from scipy.special import logsumexp

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_coins.coins import (
    certain_coins,
    coin_cases,
    log_pmf,
    long_and_short_rounds,
    long_rounds,
    random_coins,
    right_log_joint,
    right_log_likelihood,
    right_responsibilities,
)
from emkit.workshop.pieces.hidden_coins.log_joint import no_coefficient


def log_likelihood(heads, flips, weights, biases):
    """Log-likelihood of weights and biases, the coins unknown.

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
    log_likelihood : float
        The total over the rounds, natural logarithm, with the binomial coefficients.
    """


def log_likelihood_cases(rng):
    """The usual coins; certain ones, many rounds, long ones."""
    return [
        *coin_cases(rng),
        certain_coins(rng),
        Case("400 rounds", random_coins(rng, 400, 2), hard=True),
        long_rounds(rng),
        long_and_short_rounds(rng),
    ]


def between_best_and_all(log_likelihood, heads, flips, weights, biases):
    """A sum of k terms lies between its largest term and k times that; a probability below 1."""
    best = right_log_joint(heads, flips, weights, biases).max(axis=1).sum()
    slack = 1e-6 * max(1, abs(best))
    if log_likelihood > slack:
        return (
            f"the result is {log_likelihood:.4g}, but heads are counted: their probability is at "
            "most 1, and its logarithm at most 0"
        )
    if log_likelihood < best - slack:
        return (
            "the result is too low: each round's likeliest coin alone would give more, and the "
            "other coins can only add probability"
        )
    if log_likelihood > best + len(heads) * np.log(len(weights)) + slack:
        return (
            "the result is too high: p(heads) of a round is a sum over the coins, so it is at most "
            "the number of coins times the largest term, and even that gives less"
        )
    return None


@mistake("This is the sum over all rounds *and* coins of the log-joints. The coins are summed "
         "*inside* the logarithm: first p(heads) of each round, then its logarithm.")  # fmt: skip
def sum_of_logs(heads, flips, weights, biases):
    return right_log_joint(heads, flips, weights, biases).sum()


@mistake("The rounds are summed inside the logarithm as well. Rounds are independent: their "
         "probabilities multiply, so their *logarithms* add.")  # fmt: skip
def log_of_everything(heads, flips, weights, biases):
    return logsumexp(right_log_joint(heads, flips, weights, biases))


@mistake("The sum inside the logarithm runs over the rounds. It runs over the coins: p(heads) "
         "of each round is a sum over its row.")  # fmt: skip
def summed_along_columns(heads, flips, weights, biases):
    return logsumexp(right_log_joint(heads, flips, weights, biases), axis=0).sum()


@mistake("Only the likeliest coin of each round counts here. The others are possible, too, and "
         "their probabilities add.")  # fmt: skip
def likeliest_only(heads, flips, weights, biases):
    return right_log_joint(heads, flips, weights, biases).max(axis=1).sum()


@mistake("The log-joints were averaged with the responsibilities. The probability of a round's "
         "heads, whatever the coin, is a plain sum of joint probabilities; the logarithm comes "
         "after it.")  # fmt: skip
def averaged_with_responsibilities(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    resp = right_responsibilities(heads, flips, weights, biases)
    return (resp * np.where(resp > 0, values, 0)).sum()


@mistake("The log-probabilities were averaged with the weights. The *probabilities* are, and the "
         "logarithm comes after that: the logarithm of a mean isn't the mean of "
         "logarithms.")  # fmt: skip
def averaged_with_weights(heads, flips, weights, biases):
    return (log_pmf(heads, flips, biases) @ weights).sum()


@mistake("One coin with the average bias was put in for all. A mixture of two coins gives very few "
         "and very many heads more often than any single coin.")  # fmt: skip
def average_coin(heads, flips, weights, biases):
    return log_pmf(heads, flips, np.array([weights @ biases])).sum()


@mistake("The weights are missing: p(heads) = Σ_j π_j p(heads | coin j).")
def likelihood_without_weights(heads, flips, weights, biases):
    return logsumexp(log_pmf(heads, flips, biases), axis=1).sum()


@mistake("The weights come in twice. They are in the log-joint already.")
def weights_twice(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases) + np.log(weights)
    return logsumexp(values, axis=1).sum()


@mistake("The binomial coefficients are missing. They are the same for all coins, but they belong "
         "to the probability of the heads.")  # fmt: skip
def likelihood_without_coefficients(heads, flips, weights, biases):
    return logsumexp(no_coefficient(heads, flips, weights, biases), axis=1).sum()


@mistake("p(heads) underflows to 0 and its logarithm to minus infinity. Take out the row's largest "
         "log-joint before exp, and add it back after the logarithm.")  # fmt: skip
def through_probabilities(heads, flips, weights, biases):
    joint = np.exp(right_log_joint(heads, flips, weights, biases))
    with np.errstate(divide="ignore"):
        return np.log(joint.sum(axis=1)).sum()


@mistake("The probabilities of all rounds were multiplied before the logarithm was taken; with "
         "a few hundred rounds their product is smaller than any floating-point number. Add the "
         "logarithms of the rounds.")  # fmt: skip
def log_of_product(heads, flips, weights, biases):
    per_round = logsumexp(right_log_joint(heads, flips, weights, biases), axis=1)
    with np.errstate(divide="ignore"):
        return np.log(np.prod(np.exp(per_round)))


@mistake("The biases of 0 and 1 were moved a little. Impossible must stay impossible: when one "
         "flip of 2,000 is heads, a coin of bias 'almost 0' suddenly explains it "
         "best.")  # fmt: skip
def biases_clipped(heads, flips, weights, biases):
    return right_log_likelihood(heads, flips, weights, np.clip(biases, 1e-10, 1 - 1e-10))


@mistake("The row's largest log-joint was taken out before exp and not added back after the "
         "logarithm.")  # fmt: skip
def shift_not_added_back(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    return np.log(np.exp(values - values.max(axis=1, keepdims=True)).sum(axis=1)).sum()


@mistake("The rows' maxima are a column, (n, 1), and the logarithms are flat, (n,): NumPy adds "
         "each to each, (n, n). Bring both to the same shape.")  # fmt: skip
def column_plus_row(heads, flips, weights, biases):
    values = right_log_joint(heads, flips, weights, biases)
    largest = values.max(axis=1, keepdims=True)
    return (largest + np.log(np.exp(values - largest).sum(axis=1))).sum()


@mistake("This is the mean over the rounds; the log-likelihood is the total.")
def mean_over_rounds(heads, flips, weights, biases):
    return right_log_likelihood(heads, flips, weights, biases) / len(heads)


@mistake("This is the likelihood, not its logarithm.")
def likelihood_itself(heads, flips, weights, biases):
    return np.exp(right_log_likelihood(heads, flips, weights, biases))


@mistake("This is the *negative* log-likelihood.")
def negative_log_likelihood(heads, flips, weights, biases):
    return -right_log_likelihood(heads, flips, weights, biases)


@mistake("This is log p(heads) of each round; the log-likelihood is their sum.")
def one_value_a_round(heads, flips, weights, biases):
    return logsumexp(right_log_joint(heads, flips, weights, biases), axis=1)


PIECE = Piece(
    id="01.log_likelihood",
    contract=log_likelihood,
    correct=right_log_likelihood,
    cases=log_likelihood_cases,
    returns=Returned("log_likelihood", "()"),
    properties=(between_best_and_all,),
    mistakes=(
        sum_of_logs,
        log_of_everything,
        summed_along_columns,
        likeliest_only,
        averaged_with_responsibilities,
        averaged_with_weights,
        average_coin,
        likelihood_without_weights,
        likelihood_without_coefficients,
        weights_twice,
        through_probabilities,
        biases_clipped,
        log_of_product,
        shift_not_added_back,
        column_plus_row,
        mean_over_rounds,
        likelihood_itself,
        negative_log_likelihood,
        one_value_a_round,
    ),
    section="Nobody wrote it down: the sum inside the logarithm",
)
