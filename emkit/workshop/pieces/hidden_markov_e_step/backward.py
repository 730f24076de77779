"""The backward recursion, with the forward recursion's scale."""

import numpy as np

from emkit import chain
from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step.chains import chain_cases, for_backward


def backward(transmat, likelihood, scale):
    """What the observations after each time say about the state there.

    Parameters
    ----------
    transmat : (k, k) array
        A[i, j] = p(z_{t+1} = j | z_t = i); rows sum to 1, zeros allowed.
    likelihood : (t, k) array
        p(x_t | z_t = j), zeros allowed; each row may be multiplied by a positive constant, from
        1e-250 to 1e250.
    scale : (t,) array
        All positive, from `forward` with the same likelihood.

    Returns
    -------
    beta : (t, k) array
        p(x_{t+1} … | z_t = i), with the constants of the rows, divided by
        scale[t + 1] · scale[t + 2] · …, one factor for each of these observations. Nothing comes
        after the last row, which is 1.
    """


def backward_cases(rng):
    """The chains, each with its scale."""
    return chain_cases(rng, for_backward)


def last_row_is_one(beta, transmat, likelihood, scale):
    """No observation, no opinion."""
    if np.abs(beta[-1] - 1).max() > 1e-9:
        return (
            f"the last row of beta is {beta[-1].round(4)}. Nothing comes after the last time: no "
            f"observation has the probability 1, whatever the state"
        )
    return None


def not_negative(beta, transmat, likelihood, scale):
    """A ratio of probabilities."""
    for t, i in np.argwhere(beta < 0):
        return f"beta[{t}, {i}] is {beta[t, i]:.4g}, but a ratio of probabilities isn't below 0"
    return None


def rows_follow(beta, transmat, likelihood, scale):
    """Each row is made of the next one. (The contract gives the recursion's meaning.)"""
    follows = (likelihood[1:] * beta[1:]) @ transmat.T / scale[1:, None]
    wrong = np.abs(beta[:-1] - follows) > 1e-7 * np.maximum(follows, 1e-300)
    for t in np.flatnonzero(wrong.any(axis=1))[::-1]:
        return (
            f"row {t} of beta doesn't follow from row {t + 1}. What can happen between these "
            f"times: a step, an observation, and its scale"
        )
    return None


def recursion(transmat, likelihood, scale, step=None, last=1.0):
    """The recursion with something done otherwise; `step(t, beta[t + 1])` gives beta[t]."""
    beta = np.full_like(likelihood, last)
    with np.errstate(all="ignore"):
        for t in range(len(likelihood) - 2, -1, -1):
            beta[t] = step(t, beta[t + 1])
    return beta


@mistake("The transition matrix is used the wrong way round. Row i of A holds the ways *out of* "
         "state i: over which index do you sum?")  # fmt: skip
def transposed(transmat, likelihood, scale):
    def step(t, after):
        return (likelihood[t + 1] * after) @ transmat / scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("The sum over a step runs along the wrong axis: over where it *starts*. Row i of A, all "
         "of it, belongs to beta[t, i]: sum over where the step arrives.")  # fmt: skip
def summed_over_the_start(transmat, likelihood, scale):
    def step(t, after):
        return (transmat * likelihood[t + 1] * after).sum(axis=0) / scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("beta[t] uses x_t, the likelihood of its own row. It tells of what comes *after* t, and "
         "the first of these is x_{t+1}.")  # fmt: skip
def own_likelihood(transmat, likelihood, scale):
    def step(t, after):
        return transmat @ (likelihood[t] * after) / scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("beta[t] uses x_t and scale[t], those of its own row. It tells of what comes *after* t, "
         "and the first of these is x_{t+1}.")  # fmt: skip
def own_likelihood_and_scale(transmat, likelihood, scale):
    def step(t, after):
        return transmat @ (likelihood[t] * after) / scale[t]

    return recursion(transmat, likelihood, scale, step)


@mistake("The divisor is scale[t], which belongs to x_t. Which observation comes in on the way "
         "from row t + 1 to row t?")  # fmt: skip
def own_scale(transmat, likelihood, scale):
    def step(t, after):
        return transmat @ (likelihood[t + 1] * after) / scale[t]

    return recursion(transmat, likelihood, scale, step)


@mistake("Nothing is scaled: these are p(x_{t+1} … | z_t), which soon underflow. `scale` is there "
         "to divide by, at each step.")  # fmt: skip
def not_scaled(transmat, likelihood, scale):
    def step(t, after):
        return transmat @ (likelihood[t + 1] * after)

    return recursion(transmat, likelihood, scale, step)


@mistake("The scaling comes at the end, when the products have underflowed or overflowed. Divide "
         "at each step.")  # fmt: skip
def scaled_at_the_end(transmat, likelihood, scale):
    with np.errstate(all="ignore"):
        products = np.append(np.cumprod(scale[:0:-1])[::-1], 1.0)
        return not_scaled(transmat, likelihood, scale) / products[:, None]


@mistake("Each row is multiplied with the scale. It should be divided by it, as in `forward`.")
def multiplied_with_scale(transmat, likelihood, scale):
    def step(t, after):
        return transmat @ (likelihood[t + 1] * after) * scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("The rows are made to sum to 1. beta isn't a distribution over the states: it is scaled "
         "with the same numbers as alpha, so that the two fit together.")  # fmt: skip
def rows_sum_to_one(transmat, likelihood, scale):
    def step(t, after):
        joint = transmat @ (likelihood[t + 1] * after)
        return joint / joint.sum()

    return recursion(transmat, likelihood, scale, step)


@mistake("The rows are made to sum to 1, the last one too. beta isn't a distribution over the "
         "states: it is scaled with the same numbers as alpha.")  # fmt: skip
def all_rows_sum_to_one(transmat, likelihood, scale):
    beta = rows_sum_to_one(transmat, likelihood, scale)
    beta[-1] = 1 / len(transmat)
    return beta


@mistake("The recursion starts from 1/k. The last row isn't a distribution: whatever the state, "
         "the probability of no further observation is 1.")  # fmt: skip
def last_row_shared_out(transmat, likelihood, scale):
    return chain.backward(transmat, likelihood, scale) / len(transmat)


@mistake("The recursion starts from one over the last scale. Nothing comes after the last row, so "
         "nothing is divided there.")  # fmt: skip
def last_row_scaled(transmat, likelihood, scale):
    return chain.backward(transmat, likelihood, scale) / scale[-1]


@mistake("As in some textbooks each row is divided by its own scale, the last one too. Here row t "
         "is divided by the scales of the observations *after* t only.")  # fmt: skip
def each_row_by_its_own_scale(transmat, likelihood, scale):
    return chain.backward(transmat, likelihood, scale) / scale[:, None]


@mistake("The likelihood doesn't come in: without it beta knows nothing of the observations.")
def likelihood_forgotten(transmat, likelihood, scale):
    return recursion(transmat, likelihood, scale, lambda t, after: transmat @ after / scale[t + 1])


@mistake("The likelihood is multiplied in after the step, for the state that was left. The "
         "observation is made by the state in which the step *arrives*.")  # fmt: skip
def likelihood_after_the_step(transmat, likelihood, scale):
    def step(t, after):
        return likelihood[t + 1] * (transmat @ after) / scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("The transition is missing: between two times the state may change.")
def transitions_forgotten(transmat, likelihood, scale):
    def step(t, after):
        return likelihood[t + 1] * after / scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("Only the best successor is kept. All ways to go on count: a *sum* over them.")
def best_successor(transmat, likelihood, scale):
    def step(t, after):
        return (transmat * likelihood[t + 1] * after).max(axis=1) / scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("The rows are in the order in which they were made, the last time first. Row t belongs to "
         "time t.")  # fmt: skip
def last_time_first(transmat, likelihood, scale):
    return chain.backward(transmat, likelihood, scale)[::-1]


@mistake("The loop runs from the first time to the last, so each row is made of one that is still "
         "as it was before the loop. Begin with the last row but one, and go down.")  # fmt: skip
def loop_runs_forward(transmat, likelihood, scale):
    ones = np.ones(len(transmat))

    def step(t, after):
        return transmat @ (likelihood[t + 1] * ones) / scale[t + 1]

    return recursion(transmat, likelihood, scale, step)


@mistake("The loop stops too early: row 0 is still what it was before the loop. `range` leaves out "
         "its end.")  # fmt: skip
def first_row_left_out(transmat, likelihood, scale):
    beta = chain.backward(transmat, likelihood, scale)
    beta[0] = 1
    return beta


@mistake("The loop stops too early: row 0 is still empty. `range` leaves out its end.")
def first_row_empty(transmat, likelihood, scale):
    beta = chain.backward(transmat, likelihood, scale)
    beta[0] = len(beta) == 1
    return beta


@mistake("The loop goes one row too far: row −1 is the last one, and what belongs before the first "
         "time was written over its ones.")  # fmt: skip
def one_row_too_far(transmat, likelihood, scale):
    beta = np.ones_like(likelihood)
    with np.errstate(all="ignore"):
        for t in range(len(likelihood) - 1, -1, -1):
            beta[t - 1] = transmat @ (likelihood[t] * beta[t]) / scale[t]
    return beta


@mistake("A small number was added to the scale. It isn't small beside a scale of 1e-250, and no "
         "scale is 0: nothing needs protecting.")  # fmt: skip
def small_number_in_scale(transmat, likelihood, scale):
    return chain.backward(transmat, likelihood, scale + 1e-12)


PIECE = Piece(
    id="09.backward",
    contract=backward,
    correct=chain.backward,
    cases=backward_cases,
    returns=Returned("beta", "(t, k)"),
    properties=(last_row_is_one, not_negative, rows_follow),
    mistakes=(
        transposed,
        summed_over_the_start,
        own_likelihood,
        own_likelihood_and_scale,
        own_scale,
        not_scaled,
        scaled_at_the_end,
        multiplied_with_scale,
        rows_sum_to_one,
        all_rows_sum_to_one,
        last_row_shared_out,
        last_row_scaled,
        each_row_by_its_own_scale,
        likelihood_forgotten,
        likelihood_after_the_step,
        transitions_forgotten,
        best_successor,
        last_time_first,
        loop_runs_forward,
        first_row_left_out,
        first_row_empty,
        one_row_too_far,
        small_number_in_scale,
    ),
    section="Backward: what the future says",
)
