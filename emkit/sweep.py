"""Forward and backward through many sequences side by side, and through the blocks of a long one.

A loop over time costs a few microseconds of Python a step, however little each step does. So all
sequences take their step together, and a long one is cut into blocks that stand side by side as if
they were sequences. A block doesn't know what comes before it and starts from a guess; after a
sweep it is told where its predecessor ended, and all sweep again, until no border changes.

A chain forgets its start, so this takes two sweeps as a rule, and the second stops as soon as it
meets the values of the first. A chain that doesn't forget takes more. But after each sweep one more
block is exact, so there are never more sweeps than blocks, and the result is always the plain
loop's. Nothing here is approximate.
"""

from dataclasses import dataclass
from itertools import count

import numpy as np

from emkit.chain import log_sum_exp, safe_log

LOOK_EVERY = 16  # steps between two looks at whether a sweep has met the values of the last one
LEAST_SCALE = 1e-28  # where what was cut off at e^-100 = 4e-44 still can't be seen in 15 digits


@dataclass(frozen=True)
class Posteriors:
    """What `sweep` finds out; n counts the rows of all sequences, in the schedule's order.

    gamma (k, n) are the state posteriors; xi (k, k) the transition posteriors, summed over time and
    sequences; log_scale (n,) is log p(x_t | x_1 … x_{t-1}), -inf from the row on that no path can
    make.
    """

    gamma: np.ndarray
    xi: np.ndarray
    log_scale: np.ndarray


def sweep(startprob, transmat, log_likelihood, schedule, weight=None):
    """Posteriors of all sequences of a schedule.

    Each row's largest log-likelihood is taken out before exp, and what lies more than 100 below it
    is cut off, because products of numbers that small are slow. Where the cut could be seen, a
    scale is tiny or a beta is huge (the best state was out of reach): those sequences are done
    again in log space.

    Parameters
    ----------
    startprob : (k,) array
    transmat : (k, k) array
    log_likelihood : (k, n) array
        log p(x | z = j), in the schedule's order; -inf is allowed.
    schedule : Schedule
    weight : (n,) array, optional
        How often each row counts in xi; the same for all rows of a sequence.

    Returns
    -------
    Posteriors
    """
    shift = np.maximum(log_likelihood.max(axis=0), np.finfo(float).min)
    likelihood = log_likelihood - shift
    likelihood[likelihood < -100] = -np.inf
    np.exp(likelihood, out=likelihood)
    alpha, scale = scaled_forward(startprob, transmat, likelihood, schedule)
    with np.errstate(all="ignore"):  # whatever overflows is done again
        likelihood /= scale
        beta = scaled_backward(transmat, likelihood, alpha, schedule)
        weighted = np.multiply(likelihood, beta, out=likelihood)
    sound = (scale >= LEAST_SCALE) & (beta.max(axis=0) <= 1 / LEAST_SCALE)
    hard = np.unique(schedule.sequence[~sound])
    if len(hard):
        places, part = schedule.part(hard)
        alpha[:, places], beta[:, places], weighted[:, places] = 1, 1, 0
    gamma = np.multiply(alpha, beta, out=beta)
    gamma /= gamma.sum(axis=0)
    if weight is not None:
        weighted *= weight
    xi = transmat * sum_over_steps(alpha, weighted, schedule)
    log_scale = np.log(scale) + shift
    if len(hard):
        weight = None if weight is None else weight[places]
        again = log_sweep(startprob, transmat, log_likelihood[:, places], part, weight)
        gamma[:, places], log_scale[places] = again.gamma, again.log_scale
        xi += again.xi
    return Posteriors(gamma, xi, log_scale)


def scaled_forward(startprob, transmat, likelihood, schedule):
    """`emkit.chain.forward` of all sequences: alpha (k, n) and scale (n,)."""
    onward = np.ascontiguousarray(transmat.T)
    alpha, scale = np.empty_like(likelihood), np.empty(likelihood.shape[1])

    def absorb(predicted, now):
        here, total = alpha[:, now], scale[now]
        np.multiply(predicted, likelihood[:, now], out=here)
        np.add.reduce(here, axis=0, out=total, initial=1e-300)  # 0 / 1e-300 is no NaN
        np.divide(here, total, out=here)

    forward_in_blocks(startprob, lambda a: onward @ a, absorb, alpha, schedule, nearly_equal)
    return alpha, scale


def scaled_backward(transmat, relative, alpha, schedule):
    """`emkit.chain.backward` of all sequences: beta (k, n); `relative` is likelihood / scale."""
    beta = np.empty_like(relative)

    def step_back(now, out):
        np.matmul(transmat, relative[:, now] * beta[:, now], out=out)

    def rescale(border, places):  # Σ_j α_j β_j = 1, or rounding would add up over the blocks
        return border / (alpha[:, places] * border).sum(axis=0)

    backward_in_blocks(1.0, step_back, rescale, beta, schedule, nearly_equal)
    return beta


def sum_over_steps(alpha, weighted, schedule):
    """Σ_t alpha_t weighted_{t+1}ᵀ over all pairs of neighbours, as few matrix products (k, k)."""
    later, earlier = schedule.joints
    total = alpha[:, earlier] @ weighted[:, later].T
    for now, before in schedule.runs:
        total += alpha[:, before] @ weighted[:, now].T
    return total


def log_sweep(startprob, transmat, log_likelihood, schedule, weight=None):
    """`sweep` in log space: several times slower, and no path is ever lost to underflow."""
    log_transmat = safe_log(transmat)[:, :, None]
    log_alpha, log_beta = np.empty_like(log_likelihood), np.empty_like(log_likelihood)
    log_scale = np.empty(log_likelihood.shape[1])

    def onward(log_a):
        return log_sum_exp(log_a[:, None] + log_transmat, axis=0)

    def absorb(predicted, now):
        joint = predicted + log_likelihood[:, now]
        log_scale[now] = log_sum_exp(joint, axis=0)
        log_alpha[:, now] = joint - finite(log_scale[now])

    def step_back(now, out):
        values = log_sum_exp(log_transmat + (log_likelihood[:, now] + log_beta[:, now]), axis=1)
        np.subtract(values, finite(values.max(axis=0)), out=out)

    forward_in_blocks(safe_log(startprob), onward, absorb, log_alpha, schedule, nearly_equal_logs)
    backward_in_blocks(0.0, step_back, unchanged, log_beta, schedule, nearly_equal_logs)
    log_gamma = log_alpha + log_beta
    gamma = np.exp(log_gamma - finite(log_sum_exp(log_gamma, axis=0)))
    xi = np.zeros_like(transmat)
    log_next = log_likelihood + log_beta
    for now, before in [*schedule.steps[1:], schedule.joints]:
        log_joint = log_alpha[:, None, before] + log_transmat + log_next[None, :, now]
        joint = np.exp(log_joint - finite(log_joint.max(axis=(0, 1))))
        joint /= np.maximum(joint.sum(axis=(0, 1)), np.finfo(float).tiny)
        xi += joint.sum(axis=2) if weight is None else joint @ weight[now]
    return Posteriors(gamma, xi, log_scale)


def best_paths(startprob, transmat, log_likelihood, schedule):
    """`emkit.chain.viterbi` of all sequences of a schedule; each step's maximum is taken out.

    Parameters
    ----------
    startprob : (k,) array
    transmat : (k, k) array
    log_likelihood : (k, n) array
        log p(x | z = j), in the schedule's order; -inf is allowed.
    schedule : Schedule

    Returns
    -------
    path : (n,) array of integers
        In the schedule's order. At a tie the lower state wins, at the end and at each step back.
    log_prob : (m,) array
        log p(path, x) of each sequence; -inf if no path can make it.
    """
    log_transmat = safe_log(transmat)[:, :, None]
    best, log_scale = np.empty_like(log_likelihood), np.empty(log_likelihood.shape[1])

    def onward(log_a):
        return (log_a[:, None] + log_transmat).max(axis=0)

    def absorb(predicted, now):
        joint = predicted + log_likelihood[:, now]
        log_scale[now] = joint.max(axis=0)
        best[:, now] = joint - finite(log_scale[now])

    forward_in_blocks(safe_log(startprob), onward, absorb, best, schedule, nearly_equal_logs)
    came_from = np.zeros(best.shape, dtype=int)
    for now, before in [*schedule.steps[1:], schedule.joints]:
        came_from[:, now] = (best[:, None, before] + log_transmat).argmax(axis=0)
    path = np.empty((1, best.shape[1]), dtype=int)

    def step_back(now, out):
        out[:] = came_from[path[0, now], np.arange(now.start, now.stop)]

    ends = best[:, schedule.last].argmax(axis=0)
    backward_in_blocks(ends, step_back, unchanged, path, schedule, np.array_equal)
    return path[0], np.bincount(schedule.sequence, log_scale)


def unchanged(border, places):
    """The values that a block hands on, where they need no rescaling."""
    return border


def finite(values):
    """The values, with 0 for -inf: what may be subtracted from a column that is -inf throughout."""
    return np.where(values == -np.inf, 0, values)


def nearly_equal(new, old):
    """Whether all values agree to rounding, or are too small to matter; NaN is left to others."""
    return not np.any(np.abs(new - old) > 1e-14 * np.abs(old) + 1e-44)


def nearly_equal_logs(new, old):
    """Whether all logarithms agree to rounding; -inf agrees with itself."""
    return bool(np.all((new == old) | (np.abs(new - finite(old)) <= 4e-15 * (1 + np.abs(old)))))


# -------------------------------------------------------- sweeps until the blocks' borders settle


def forward_in_blocks(start, onward, absorb, alpha, schedule, settled):
    """Fill `alpha` (k, n) step by step; sweep again until no block's border changes.

    `absorb(predicted, now)` writes `alpha[:, now]` from the prediction for these rows, and
    `onward(alpha)` is the prediction for the next; the first rows' is `start` (k,).
    """
    later, earlier = schedule.joints
    predicted = np.repeat(start[:, None], schedule.width, axis=1)
    predicted[:, later] = onward(np.full_like(start, start.max())[:, None])
    for repeat in count():
        for step, (now, before) in enumerate(schedule.steps):
            here = alpha[:, now]
            # Once some piece is over, its border may have changed.
            look = repeat and step % LOOK_EVERY == 0 and here.shape[1] == schedule.width
            old = here.copy() if look else None
            absorb(onward(alpha[:, before]) if step else predicted, now)
            if look and settled(here, old):
                return
        if not len(later):
            return
        predicted[:, later] = onward(alpha[:, earlier])


def backward_in_blocks(end, step_back, rescale, beta, schedule, settled):
    """Fill `beta` (k, n) from the last step to the first; sweep again until no border changes.

    `step_back(now, out)` writes the values of the rows that precede the rows `now`; those of the
    last row of a sequence are `end`. `rescale(border, places)` mends the values handed on from a
    block to the places where the one before it ends.
    """
    later, earlier = schedule.joints
    beta[:, schedule.last] = end
    border = np.empty((len(beta), schedule.width))
    for repeat in count():
        for step in range(len(schedule.steps) - 1, 0, -1):
            now, before = schedule.steps[step]
            here = beta[:, before]
            # While some piece hasn't begun, its border may still change.
            look = repeat and step % LOOK_EVERY == 0 and here.shape[1] == schedule.width
            old = here.copy() if look else None
            step_back(now, here)
            if look and settled(here, old):
                return
        step_back(schedule.steps[0][0], border)
        if not len(later):
            return
        handed = rescale(border[:, later], earlier)
        if repeat and settled(handed, beta[:, earlier]):
            return
        beta[:, earlier] = handed
