"""The forward recursion, scaled at every step."""

import numpy as np

from emkit import chain
from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step.chains import (
    chain_cases,
    probabilities,
    rows_sum_to_one,
)


def forward(startprob, transmat, likelihood):
    """What the observations up to each time say about the state there.

    Parameters
    ----------
    startprob : (k,) array
        p(z_1 = j); zeros allowed.
    transmat : (k, k) array
        A[i, j] = p(z_{t+1} = j | z_t = i); rows sum to 1, zeros allowed.
    likelihood : (t, k) array
        p(x_t | z_t = j), zeros allowed; each row may be multiplied by a positive constant, from
        1e-250 to 1e250. No row is 0 in every state that can be reached.

    Returns
    -------
    alpha : (t, k) array
        p(z_t = j | x_1 … x_t); rows sum to 1, however long the chain is.
    scale : (t,) array
        p(x_t | x_1 … x_{t-1}), times the row's constant; for the first row p(x_1), times its
        constant. The log-likelihood is the sum of the logarithms of `scale`.
    """


def rows_of_alpha_sum_to_one(answer, startprob, transmat, likelihood):
    """At each time the chain is in some state."""
    return rows_sum_to_one("alpha", answer[0])


def alpha_between_zero_and_one(answer, startprob, transmat, likelihood):
    """They are probabilities."""
    return probabilities("alpha", answer[0])


def nothing_impossible(answer, startprob, transmat, likelihood):
    """No probability where the chain can't be, or can't have made the observation."""
    alpha, _ = answer
    for j in np.flatnonzero((startprob == 0) & (alpha[0] > 1e-9)):
        return f"alpha[0, {j}] is {alpha[0, j]:.4g}, but startprob[{j}] is 0"
    for t, j in np.argwhere((likelihood == 0) & (alpha > 1e-9)):
        return f"alpha[{t}, {j}] is {alpha[t, j]:.4g}, but likelihood[{t}, {j}] is 0"
    return None


def scale_is_positive(answer, startprob, transmat, likelihood):
    """Every observation can be made."""
    _, scale = answer
    for t in np.flatnonzero(~(scale > 0)):
        return f"scale[{t}] is {scale[t]:.4g}: it should be a probability or a density above 0"
    return None


def scale_adds_up(answer, startprob, transmat, likelihood):
    """The product of the conditional probabilities is the probability of everything."""
    total = chain.sequence_log_likelihood(startprob, transmat, chain.safe_log(likelihood))
    if abs(np.log(answer[1]).sum() - total) > 1e-8 * max(1, abs(total)):
        return (
            "the logarithms of scale don't add up to the log-likelihood, the logarithm of the sum "
            "of p(path, x) over all paths"
        )
    return None


def recursion(
    startprob, transmat, likelihood, step=np.dot, divisor=np.sum, reported=lambda s: s, first=None
):
    """The recursion with something done otherwise; `step` goes from alpha to the prediction."""
    alpha, scale = np.empty_like(likelihood), np.empty(len(likelihood))
    predicted = startprob if first is None else first
    with np.errstate(all="ignore"):
        for t, row in enumerate(likelihood):
            joint = predicted * row
            scale[t] = divisor(joint)
            alpha[t] = joint / scale[t]
            predicted = step(alpha[t], transmat)
        return alpha, reported(scale)


def unscaled(startprob, transmat, likelihood):
    """p(x_1 … x_t, z_t = j), which underflows."""
    return recursion(startprob, transmat, likelihood, divisor=lambda joint: 1.0)[0]


@mistake("Nothing is scaled: these are p(x_1 … x_t, z_t), which go to 0 as t grows. After each "
         "step, divide the row by its sum – and keep that sum.")  # fmt: skip
def not_scaled(startprob, transmat, likelihood):
    joint = unscaled(startprob, transmat, likelihood)
    return joint, joint.sum(axis=1)


@mistake("The rows are made to sum to 1 at the end, and on the way the products underflow or "
         "overflow. Scale each row before the next one is made of it.")  # fmt: skip
def scaled_at_the_end(startprob, transmat, likelihood):
    joint = unscaled(startprob, transmat, likelihood)
    sums = joint.sum(axis=1)
    with np.errstate(all="ignore"):
        return joint / sums[:, None], sums / np.append(1.0, sums[:-1])


@mistake("`scale` holds p(x_1 … x_t), as the sums of unscaled rows do: each contains all those "
         "before it, and soon they underflow. Scale each row before the next one is made of it, "
         "and keep that row's own divisor.")  # fmt: skip
def sums_of_unscaled_rows(startprob, transmat, likelihood):
    alpha, _ = scaled_at_the_end(startprob, transmat, likelihood)
    return alpha, unscaled(startprob, transmat, likelihood).sum(axis=1)


@mistake("The transition matrix is used the wrong way round. A[i, j] leads *from* i *to* j: to "
         "arrive in j, over which index do you sum?")  # fmt: skip
def transposed(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, step=lambda a, A: A @ a)


@mistake("What is summed over i is alpha[j] · A[i, j]: each state goes on from itself. The step "
         "starts in i, so row i of A gets alpha[i]: alpha needs an axis, `[:, None]`.")  # fmt: skip
def alpha_along_the_rows(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, step=lambda a, A: (a * A).sum(axis=0))


@mistake("A step is taken before the first observation. `startprob` is the distribution *at* the "
         "first time.")  # fmt: skip
def stepped_before_the_first(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, first=startprob @ transmat)


@mistake("`startprob` isn't used: the states aren't equally likely at the start.")
def start_forgotten(startprob, transmat, likelihood):
    even = np.full(len(startprob), 1 / len(startprob))
    return recursion(startprob, transmat, likelihood, first=even)


@mistake("`startprob` isn't used: the first row holds the likelihoods alone.")
def likelihood_for_start(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, first=np.ones(len(startprob)))


@mistake("The first observation isn't used: alpha[0] is `startprob`, before anything was seen.")
def first_observation_forgotten(startprob, transmat, likelihood):
    blank = np.vstack([np.ones((1, len(startprob))), likelihood[1:]])
    return recursion(startprob, transmat, blank)


@mistake("These are predictions: the distribution of the *next* state, after the step. alpha[t] "
         "is what is known at time t itself.")  # fmt: skip
def one_step_ahead(startprob, transmat, likelihood):
    alpha, scale = chain.forward(startprob, transmat, likelihood)
    return alpha @ transmat, scale


@mistake("alpha[t] doesn't know of x_t: its rows are the predictions before the observation came "
         "in. Multiply with the likelihood, then scale.")  # fmt: skip
def before_the_observation(startprob, transmat, likelihood):
    alpha, scale = chain.forward(startprob, transmat, likelihood)
    return np.vstack([startprob, (alpha @ transmat)[:-1]]), scale


@mistake("Only the best predecessor is kept. That finds the best path (Viterbi); the probability "
         "of a state is a *sum* over all ways to get there.")  # fmt: skip
def best_predecessor(startprob, transmat, likelihood):
    def step(alpha, transmat):
        return (alpha[:, None] * transmat).max(axis=0)

    return recursion(startprob, transmat, likelihood, step=step)


@mistake("Every time starts anew from `startprob`. Where you are depends on where you were: the "
         "transition is missing.")  # fmt: skip
def transitions_forgotten(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, step=lambda a, A: startprob)


@mistake("The next row is made of the last one without a step: multiply with `transmat` in "
         "between.")  # fmt: skip
def no_step_between(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, step=lambda a, A: a)


@mistake("The prediction goes on from the prediction: what an observation says about the state is "
         "forgotten at the next time. Make the next row of alpha's last row.")  # fmt: skip
def never_updated(startprob, transmat, likelihood):
    predicted = [startprob]
    for _ in likelihood[1:]:
        predicted.append(predicted[-1] @ transmat)
    joint = np.array(predicted) * likelihood
    return joint / joint.sum(axis=1, keepdims=True), joint.sum(axis=1)


@mistake("The first row isn't scaled: it is made before the loop, and so it needs its own sum and "
         "division.")  # fmt: skip
def first_row_not_scaled(startprob, transmat, likelihood):
    alpha, scale = chain.forward(startprob, transmat, likelihood)
    first = startprob * likelihood[0]
    if len(scale) == 1:
        return first[None], np.ones(1)
    return np.vstack([first, alpha[1:]]), np.concatenate([[1.0, scale[1] * scale[0]], scale[2:]])


@mistake("The rows are divided by their largest value. Then they aren't distributions: divide by "
         "the sum.")  # fmt: skip
def divided_by_the_largest(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, divisor=np.max)


@mistake("Each state shares itself out over the times. At each *time* the chain is in some state: "
         "which axis sums to 1?")  # fmt: skip
def shared_out_over_times(startprob, transmat, likelihood):
    joint = unscaled(startprob, transmat, likelihood)
    with np.errstate(all="ignore"):
        return joint / joint.sum(axis=0), chain.forward(startprob, transmat, likelihood)[1]


@mistake("`scale` holds one over the sums, as some textbooks define it. Here it is what the row is "
         "*divided* by.")  # fmt: skip
def reciprocal_scale(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, reported=lambda scale: 1 / scale)


@mistake("`scale` holds logarithms. It should be the sums themselves; the logarithm is taken by "
         "whoever adds them up.")  # fmt: skip
def logs_of_scale(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, reported=np.log)


@mistake("`scale` is multiplied up from the beginning, so scale[t] is p(x_1 … x_t). Each entry "
         "should be its own row's divisor alone.")  # fmt: skip
def running_product(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, reported=np.cumprod)


@mistake("alpha is scaled, but `scale` holds the sums of the rows *after* scaling: they are all 1. "
         "Keep the sum that you divide by.")  # fmt: skip
def sums_after_scaling(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, reported=np.ones_like)


@mistake("The first row's sum is missing from `scale`: p(x_1) counts like all the others.")
def first_scale_is_one(startprob, transmat, likelihood):
    alpha, scale = chain.forward(startprob, transmat, likelihood)
    return alpha, np.append(1.0, scale[1:])


@mistake("The rows of `likelihood` were divided by their sums first. That changes `scale`: what "
         "you divide by has to come back into it.")  # fmt: skip
def rows_divided_by_sums(startprob, transmat, likelihood):
    shares = likelihood / likelihood.sum(axis=1, keepdims=True)
    return recursion(startprob, transmat, shares)


@mistake("The rows of `likelihood` were divided by their largest values first. That changes "
         "`scale`: what you divide by has to come back into it.")  # fmt: skip
def rows_divided_by_largest(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood / likelihood.max(axis=1, keepdims=True))


@mistake("A small number in the denominator isn't small beside a row that is multiplied by 1e-250: "
         "alpha comes out as 0. No row's sum is 0, so nothing needs protecting.")  # fmt: skip
def small_number_in_denominator(startprob, transmat, likelihood):
    return recursion(startprob, transmat, likelihood, divisor=lambda joint: joint.sum() + 1e-12)


PIECE = Piece(
    id="09.forward",
    contract=forward,
    correct=chain.forward,
    cases=chain_cases,
    returns=(Returned("alpha", "(t, k)"), Returned("scale", "(t,)")),
    properties=(
        alpha_between_zero_and_one,
        rows_of_alpha_sum_to_one,
        nothing_impossible,
        scale_is_positive,
        scale_adds_up,
    ),
    mistakes=(
        not_scaled,
        scaled_at_the_end,
        sums_of_unscaled_rows,
        transposed,
        alpha_along_the_rows,
        stepped_before_the_first,
        start_forgotten,
        likelihood_for_start,
        first_observation_forgotten,
        one_step_ahead,
        before_the_observation,
        best_predecessor,
        transitions_forgotten,
        no_step_between,
        never_updated,
        first_row_not_scaled,
        divided_by_the_largest,
        shared_out_over_times,
        reciprocal_scale,
        logs_of_scale,
        running_product,
        sums_after_scaling,
        first_scale_is_one,
        rows_divided_by_sums,
        rows_divided_by_largest,
        small_number_in_denominator,
    ),
    section="Forward: what the past says",
)
