"""The probability of each state at each time, given all observations."""

import numpy as np

from emkit import chain
from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step.chains import (
    chain_cases,
    for_state_posteriors,
    probabilities,
    rows_sum_to_one,
)


def state_posteriors(alpha, beta):
    """Probability of each state at each time, given all observations.

    Parameters
    ----------
    alpha : (t, k) array
        p(z_t = j | x_1 … x_t), from `forward`.
    beta : (t, k) array
        From `backward` with the scale of the same `forward`.

    Returns
    -------
    gamma : (t, k) array
        p(z_t = j | x_1 … x_T), where T is the last time; rows sum to 1.
    """


def state_posterior_cases(rng):
    """Both recursions of the chains."""
    return chain_cases(rng, for_state_posteriors)


def gamma_rows_sum_to_one(gamma, alpha, beta):
    """At each time the chain is in some state."""
    return rows_sum_to_one("gamma", gamma)


def gamma_between_zero_and_one(gamma, alpha, beta):
    """They are probabilities."""
    return probabilities("gamma", gamma)


def no_future_at_the_end(gamma, alpha, beta):
    """At the last time, all observations are those up to there."""
    if np.abs(gamma[-1] - alpha[-1]).max() > 1e-9:
        return (
            f"at the last time all observations are in alpha already, {alpha[-1].round(4)}, but "
            f"the last row of gamma is {gamma[-1].round(4)}"
        )
    return None


def impossible_stays_impossible(gamma, alpha, beta):
    """Later observations don't bring back what the earlier ones ruled out, nor the reverse."""
    for t, j in np.argwhere((gamma > 1e-9) & ((alpha == 0) | (beta == 0))):
        return (
            f"gamma[{t}, {j}] is {gamma[t, j]:.4g}, but alpha and beta there are {alpha[t, j]:.4g} "
            f"and {beta[t, j]:.4g}"
        )
    return None


def shares(values):
    """Each row divided by its sum."""
    with np.errstate(all="ignore"):
        return values / values.sum(axis=1, keepdims=True)


@mistake("This is alpha alone, what was known at the time. What the later observations say is in "
         "beta.")  # fmt: skip
def past_alone(alpha, beta):
    return alpha


@mistake("This is beta alone, divided by its row's sum. What the observations up to t say is in "
         "alpha.")  # fmt: skip
def future_alone(alpha, beta):
    return shares(beta)


@mistake("alpha and beta are added. They are (up to a constant) probabilities of two things that "
         "both happened: given the state, past and future are independent.")  # fmt: skip
def added(alpha, beta):
    return shares(alpha + beta)


@mistake("alpha and beta are averaged. They are (up to a constant) probabilities of two things "
         "that both happened: given the state, past and future are independent.")  # fmt: skip
def averaged(alpha, beta):
    return (alpha + shares(beta)) / 2


@mistake("Each state shares itself out over the times. At each *time* the chain is in some state: "
         "which axis sums to 1?")  # fmt: skip
def shared_out_over_times(alpha, beta):
    return alpha * beta / (alpha * beta).sum(axis=0)


@mistake("The whole array is divided by one sum, so all of it sums to 1. Each *row* is a "
         "distribution.")  # fmt: skip
def shared_out_over_all(alpha, beta):
    return alpha * beta / (alpha * beta).sum()


@mistake("The rows of beta are taken in reverse. Row t of beta already belongs to time t.")
def beta_reversed(alpha, beta):
    return shares(alpha * beta[::-1])


@mistake("The rows are divided by their largest value; divide by their sum.")
def divided_by_the_largest(alpha, beta):
    return alpha * beta / (alpha * beta).max(axis=1, keepdims=True)


@mistake("The likeliest state gets everything. A posterior keeps the doubt.")
def likeliest_state(alpha, beta):
    return np.eye(alpha.shape[1])[(alpha * beta).argmax(axis=1)]


@mistake("These are logarithms: one exp is missing at the end.")
def logs(alpha, beta):
    return chain.safe_log(alpha * beta)


@mistake("beta is divided by its row's sum before it is multiplied with alpha, and the product's "
         "rows don't sum to 1 any more. The scales fit together as they come.")  # fmt: skip
def beta_made_a_distribution(alpha, beta):
    return alpha * shares(beta)


@mistake("alpha is divided by beta. Given the state, what came before and what comes after are "
         "independent: their probabilities multiply.")  # fmt: skip
def divided(alpha, beta):
    with np.errstate(all="ignore"):
        return shares(alpha / beta)


@mistake("The product is shifted by one time: alpha[t] and beta[t] belong to the same t.")
def shifted(alpha, beta):
    return shares(alpha * np.vstack([beta[1:], beta[-1:]]))


@mistake("A softmax stands where a plain division belongs: alpha and beta are probabilities "
         "already, not logarithms.")  # fmt: skip
def softmax(alpha, beta):
    product = alpha * beta
    return shares(np.exp(product - product.max(axis=1, keepdims=True)))


@mistake("A small number was added before the division. It isn't small beside an alpha of 1e-200, "
         "which a beta of 1e200 may make up for.")  # fmt: skip
def small_number_added(alpha, beta):
    return shares((alpha + 1e-12) * beta)


PIECE = Piece(
    id="09.state_posteriors",
    contract=state_posteriors,
    correct=chain.state_posteriors,
    cases=state_posterior_cases,
    returns=Returned("gamma", "(t, k)"),
    properties=(
        gamma_between_zero_and_one,
        gamma_rows_sum_to_one,
        no_future_at_the_end,
        impossible_stays_impossible,
    ),
    mistakes=(
        past_alone,
        future_alone,
        added,
        averaged,
        shared_out_over_times,
        shared_out_over_all,
        beta_reversed,
        divided_by_the_largest,
        likeliest_state,
        logs,
        beta_made_a_distribution,
        divided,
        shifted,
        softmax,
        small_number_added,
    ),
    section="State posteriors: past and future together",
)
