"""How often each transition is expected to have happened, given all observations."""

import numpy as np

from emkit import chain
from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step.chains import (
    chain_cases,
    for_transition_posteriors,
)


def transition_posteriors(alpha, beta, transmat, likelihood, scale):
    """Expected number of times that each transition happened, given all observations.

    Parameters
    ----------
    alpha : (t, k) array
        From `forward`.
    beta : (t, k) array
        From `backward`.
    transmat : (k, k) array
        A[i, j] = p(z_{t+1} = j | z_t = i); rows sum to 1, zeros allowed.
    likelihood : (t, k) array
        p(x_t | z_t = j), zeros allowed; each row may be multiplied by a positive constant, from
        1e-250 to 1e250.
    scale : (t,) array
        From `forward`.

    Returns
    -------
    xi : (k, k) array
        xi[i, j] is the sum over t of p(z_t = i, z_{t+1} = j | x_1 … x_T): all of it sums to t − 1.
        It is 0 where there is a single time.
    """


def transition_posterior_cases(rng):
    """All that forward and backward make of the chains."""
    return chain_cases(rng, for_transition_posteriors)


def sums_to_number_of_steps(xi, alpha, beta, transmat, likelihood, scale):
    """One transition between any two neighbouring times."""
    steps = len(alpha) - 1
    if abs(xi.sum() - steps) > 1e-8 * max(1, steps):
        return (
            f"xi sums to {xi.sum():.10g}. Between {len(alpha)} times lie {steps} transitions, and "
            f"each of them is *some* transition"
        )
    return None


def no_impossible_transition(xi, alpha, beta, transmat, likelihood, scale):
    """No negative count, none where the matrix says never."""
    for i, j in np.argwhere(xi < -1e-9):
        return f"xi[{i}, {j}] is {xi[i, j]:.4g}, but an expected count isn't below 0"
    for i, j in np.argwhere((xi > 1e-9) & (transmat == 0)):
        return f"xi[{i}, {j}] is {xi[i, j]:.4g}, but transmat[{i}, {j}] is 0"
    return None


def margins_are_state_posteriors(xi, alpha, beta, transmat, likelihood, scale):
    """Every time but the last is left once, every time but the first arrived at once."""
    gamma = alpha * beta
    ends = (("row", 1, gamma[:-1], "but the last"), ("column", 0, gamma[1:], "but the first"))
    for name, axis, visits, times in ends:
        gap = np.abs(xi.sum(axis=axis) - visits.sum(axis=0))
        for i in np.flatnonzero(gap > 1e-8 * len(alpha)):
            return (
                f"{name} {i} of xi sums to {xi.sum(axis=axis)[i]:.6g}; it should be the expected "
                f"number of times, all {times}, that the chain is in state {i}: gamma, summed over "
                f"these times"
            )
    return None


def one_at_a_time(alpha, beta, transmat, likelihood, scale):
    """p(z_t = i, z_{t+1} = j | x_1 … x_T) for each t, (t − 1, k, k)."""
    onward = likelihood[1:] * beta[1:] / scale[1:, None]
    return alpha[:-1, :, None] * transmat * onward[:, None, :]


def summed(before, transmat, after):
    """Σ_t before[t, i] · A[i, j] · after[t, j], with parts that may be the wrong ones."""
    with np.errstate(all="ignore"):
        return transmat * (before.T @ after)


@mistake("`transmat` doesn't come in: the probability of the step itself.")
def step_forgotten(alpha, beta, transmat, likelihood, scale):
    after = likelihood[1:] * beta[1:] / scale[1:, None]
    return summed(alpha[:-1], np.ones_like(transmat), after)


@mistake("The likelihood of x_{t+1} is missing: alpha knows of x up to t, beta of what comes after "
         "t + 1, and the one in between of neither.")  # fmt: skip
def observation_between_forgotten(alpha, beta, transmat, likelihood, scale):
    return summed(alpha[:-1], transmat, beta[1:] / scale[1:, None])


@mistake("Neither the likelihood of x_{t+1} nor its scale comes in: alpha knows of x up to t, beta "
         "of what comes after t + 1, and the one in between of neither.")  # fmt: skip
def observation_and_scale_forgotten(alpha, beta, transmat, likelihood, scale):
    return summed(alpha[:-1], transmat, beta[1:])


@mistake("beta doesn't come in: what follows after t + 1 says something about both states.")
def future_forgotten(alpha, beta, transmat, likelihood, scale):
    return summed(alpha[:-1], transmat, likelihood[1:] / scale[1:, None])


@mistake("alpha doesn't come in: what was observed up to t says where the step starts.")
def past_forgotten(alpha, beta, transmat, likelihood, scale):
    after = likelihood[1:] * beta[1:] / scale[1:, None]
    return summed(np.ones_like(alpha[:-1]), transmat, after)


@mistake("The scale is missing: each time's table has to sum to 1.")
def scale_forgotten(alpha, beta, transmat, likelihood, scale):
    return summed(alpha[:-1], transmat, likelihood[1:] * beta[1:])


@mistake("The divisor is scale[t]; which observation is new in a step from t to t + 1?")
def scale_of_the_start(alpha, beta, transmat, likelihood, scale):
    return summed(alpha[:-1], transmat, likelihood[1:] * beta[1:] / scale[:-1, None])


@mistake("The likelihood is that of x_t, which alpha contains already. Which observation is new in "
         "a step from t to t + 1?")  # fmt: skip
def likelihood_of_the_start(alpha, beta, transmat, likelihood, scale):
    return summed(alpha[:-1], transmat, likelihood[:-1] * beta[1:] / scale[1:, None])


@mistake("beta is taken at t; the step *ends* at t + 1, and what follows follows from "
         "there.")  # fmt: skip
def beta_of_the_start(alpha, beta, transmat, likelihood, scale):
    return summed(alpha[:-1], transmat, likelihood[1:] * beta[:-1] / scale[1:, None])


@mistake("Everything is taken at the same time. The step starts at t, where alpha stands, and ends "
         "at t + 1: likelihood, beta and scale are one row further on.")  # fmt: skip
def all_at_one_time(alpha, beta, transmat, likelihood, scale):
    return summed(alpha, transmat, likelihood * beta / scale[:, None])


@mistake("alpha is taken at t + 1 and beta at t. The step starts at t, where alpha stands, and "
         "ends at t + 1.")  # fmt: skip
def times_swapped(alpha, beta, transmat, likelihood, scale):
    after = likelihood[1:] * beta[:-1] / scale[1:, None]
    return summed(alpha[1:], transmat, after)


@mistake("Rows and columns are swapped: xi[i, j] counts steps *from* i *to* j.")
def swapped(alpha, beta, transmat, likelihood, scale):
    return one_at_a_time(alpha, beta, transmat, likelihood, scale).sum(axis=0).T


@mistake("The transition matrix is used the wrong way round: A[i, j] leads from i, where alpha "
         "stands, to j, where beta does.")  # fmt: skip
def matrix_transposed(alpha, beta, transmat, likelihood, scale):
    after = likelihood[1:] * beta[1:] / scale[1:, None]
    return summed(alpha[:-1], transmat.T, after)


@mistake("`@` multiplies matrices, and sums over a state on the way. The step's probability is one "
         "more factor of each entry [i, j]: `*`.")  # fmt: skip
def matrix_product_with_the_step(alpha, beta, transmat, likelihood, scale):
    after = likelihood[1:] * beta[1:] / scale[1:, None]
    with np.errstate(all="ignore"):
        return alpha[:-1].T @ after @ transmat


@mistake("Row i of A isn't multiplied with alpha[t, i]: alpha goes along the rows and meets the "
         "state in which the step *arrives*. It needs an axis, `[:, None]`.")  # fmt: skip
def alpha_along_the_rows(alpha, beta, transmat, likelihood, scale):
    return transmat * (alpha[:-1] * likelihood[1:] * beta[1:] / scale[1:, None]).sum(axis=0)


@mistake("These are products of gammas, as if neighbouring states were independent. They are tied "
         "by the step between them.")  # fmt: skip
def independent_neighbours(alpha, beta, transmat, likelihood, scale):
    gamma = alpha * beta
    return gamma[:-1].T @ gamma[1:]


@mistake("The products of gammas are multiplied with A: gamma at t contains the later observations "
         "already, so they come in twice. What is known of the start alone?")  # fmt: skip
def gammas_and_matrix(alpha, beta, transmat, likelihood, scale):
    gamma = alpha * beta
    return summed(gamma[:-1], transmat, gamma[1:])


@mistake("gamma stands where alpha belongs: it contains the later observations already, and these "
         "come in once more by the likelihood and beta.")  # fmt: skip
def gamma_for_alpha(alpha, beta, transmat, likelihood, scale):
    after = likelihood[1:] * beta[1:] / scale[1:, None]
    return summed((alpha * beta)[:-1], transmat, after)


@mistake("Everything is summed first and scaled to t − 1 at the end. Each time's table sums to 1 "
         "by itself.")  # fmt: skip
def scaled_as_a_whole(alpha, beta, transmat, likelihood, scale):
    total = scale_forgotten(alpha, beta, transmat, likelihood, scale)
    with np.errstate(all="ignore"):
        return total / total.sum() * (len(alpha) - 1)


@mistake("A small number was added to the divisor. It isn't small beside a row that is multiplied "
         "by 1e-250, and no divisor is 0: nothing needs protecting.")  # fmt: skip
def small_number_in_divisor(alpha, beta, transmat, likelihood, scale):
    after = likelihood[1:] * beta[1:] / (scale[1:, None] + 1e-12)
    return summed(alpha[:-1], transmat, after)


@mistake("The rows are made to sum to 1: that is the new transition matrix, the M-step's work. "
         "Here the expected *counts* are wanted.")  # fmt: skip
def rows_sum_to_one(alpha, beta, transmat, likelihood, scale):
    xi = chain.transition_posteriors(alpha, beta, transmat, likelihood, scale)
    with np.errstate(all="ignore"):
        return xi / xi.sum(axis=1, keepdims=True)


@mistake("This is the mean over t. Wanted is the sum: how many transitions, not what share of "
         "them.")  # fmt: skip
def mean_over_times(alpha, beta, transmat, likelihood, scale):
    with np.errstate(all="ignore"):
        xi = chain.transition_posteriors(alpha, beta, transmat, likelihood, scale)
        return xi / np.float64(len(alpha) - 1)


@mistake("One table a time is returned; wanted is their sum, (k, k).")
def one_for_each_time(alpha, beta, transmat, likelihood, scale):
    return one_at_a_time(alpha, beta, transmat, likelihood, scale)


@mistake("The last transition is left out: t times have t − 1 steps between them, and `range` "
         "leaves out its end.")  # fmt: skip
def last_step_left_out(alpha, beta, transmat, likelihood, scale):
    return one_at_a_time(alpha, beta, transmat, likelihood, scale)[:-1].sum(axis=0)


@mistake("Only the last transition is returned: the loop overwrites the table. Add them up.")
def last_step_only(alpha, beta, transmat, likelihood, scale):
    each = one_at_a_time(alpha, beta, transmat, likelihood, scale)
    return each[-1] if len(each) else np.zeros_like(transmat)


@mistake("These are counts along the likeliest states: every step goes wholly to one transition. "
         "An expectation keeps the doubt.")  # fmt: skip
def counted_along_likeliest(alpha, beta, transmat, likelihood, scale):
    shares = np.eye(len(transmat))[(alpha * beta).argmax(axis=1)]
    return shares[:-1].T @ shares[1:]


PIECE = Piece(
    id="09.transition_posteriors",
    contract=transition_posteriors,
    correct=chain.transition_posteriors,
    cases=transition_posterior_cases,
    returns=Returned("xi", "(k, k)"),
    properties=(
        no_impossible_transition,
        sums_to_number_of_steps,
        margins_are_state_posteriors,
    ),
    mistakes=(
        step_forgotten,
        observation_between_forgotten,
        observation_and_scale_forgotten,
        future_forgotten,
        past_forgotten,
        scale_forgotten,
        scale_of_the_start,
        likelihood_of_the_start,
        beta_of_the_start,
        all_at_one_time,
        times_swapped,
        swapped,
        matrix_transposed,
        matrix_product_with_the_step,
        alpha_along_the_rows,
        independent_neighbours,
        gammas_and_matrix,
        gamma_for_alpha,
        scaled_as_a_whole,
        small_number_in_divisor,
        rows_sum_to_one,
        mean_over_times,
        one_for_each_time,
        last_step_left_out,
        last_step_only,
        counted_along_likeliest,
    ),
    section="Transition posteriors: two neighbours at once",
)
