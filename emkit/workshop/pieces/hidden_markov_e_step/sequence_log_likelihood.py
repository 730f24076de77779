"""The log-likelihood of a sequence, in log space from beginning to end."""

import numpy as np

from emkit import chain
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step.chains import (
    left_to_right,
    long_chain,
    random_chain,
    small_chain,
)


def sequence_log_likelihood(startprob, transmat, log_likelihood):
    """Log-probability of all observations, whatever the path.

    Parameters
    ----------
    startprob : (k,) array
        p(z_1 = j); zeros allowed.
    transmat : (k, k) array
        A[i, j] = p(z_{t+1} = j | z_t = i); rows sum to 1, zeros allowed.
    log_likelihood : (t, k) array
        log p(x_t | z_t = j), finite and of any size, −1e5 or +1e5 included. The state with the
        largest value of a row may be out of reach.

    Returns
    -------
    total : float
        log p(x_1 … x_T), natural logarithm, a total over the sequence.
    """


def sequence_cases(rng):
    """Chains of every kind, then logarithms that no exp survives."""

    def case(startprob, transmat, likelihood):
        return {
            "startprob": startprob,
            "transmat": transmat,
            "log_likelihood": np.log(likelihood),
        }

    small = case(**small_chain(rng))
    small["log_likelihood"] = -rng.integers(2, 50, size=(3, 2)) / 10
    low, high = case(**random_chain(rng, 6, 3)), case(**random_chain(rng, 6, 3))
    low["log_likelihood"] -= rng.uniform(0.5e5, 1e5, size=(6, 1))
    high["log_likelihood"] += 1e5
    return [
        Case("3 times, 2 states", small),
        Case("8 times, 3 states", case(**random_chain(rng, 8, 3))),
        Case("5 times, 4 states", case(**random_chain(rng, 5, 4))),
        Case("a single time", case(**random_chain(rng, 1, 3))),
        Case("a single state", case(**random_chain(rng, 4, 1))),
        Case("states that can only stay or move on", case(**left_to_right(rng))),
        Case("400 times", case(**long_chain(rng)), hard=True),
        Case("log-likelihoods about −1e5", low, hard=True, rtol=1e-12),
        Case("log-likelihoods about +1e5", high, hard=True, rtol=1e-12),
        Case("states out of reach that are likelier by far", out_of_reach(rng), hard=True,
             rtol=1e-12, alike=1e-12),
        Case("a second time that takes back what the first one said", second_thoughts(rng),
             hard=True, rtol=1e-12, alike=1e-12),
    ]  # fmt: skip


def out_of_reach(rng):
    """From left to right; what can't be reached is likelier by 1e5 than what can."""
    chain_of_three = left_to_right(rng)
    log_likelihood = np.log(chain_of_three.pop("likelihood"))
    log_likelihood[0] = [-1e5, 0.0, -1.0]
    log_likelihood[1] = [-1e5, -0.9e5, 0.0]
    return {**chain_of_three, "log_likelihood": log_likelihood}


def second_thoughts(rng):
    """No state is ever left: the one that seems impossible at first is as good in the end."""
    return {
        "startprob": np.array([0.4, 0.6]),
        "transmat": np.eye(2),
        "log_likelihood": np.array([[0.0, -1e5], [-1e5, 0.0], -rng.uniform(0.5, 2, size=2)]),
    }


def no_less_than_the_best_path(total, startprob, transmat, log_likelihood):
    """The sum over all paths lies between the largest term and the number of terms times it."""
    _, best = chain.viterbi(startprob, transmat, log_likelihood)
    t, k = log_likelihood.shape
    slack = 1e-11 * max(1, abs(best))
    if total < best - slack:
        return (
            f"{float(total):.8g} is less than one path alone has: the best one's log p(path, x) is "
            f"{best:.8g}, and the sum over all paths can't be less"
        )
    if total > best + t * np.log(k) + slack:
        return (
            f"{float(total):.8g} is too much: the best path's log p(path, x) is {best:.8g}, and "
            f"with {t} times and {k} states there are only {k}^{t} paths"
        )
    return None


def recursion(
    startprob, transmat, log_likelihood, add=chain.log_sum_exp, offset=0.0, last=chain.log_sum_exp
):
    """The forward recursion in log space, with something done otherwise.

    `offset` is added to the transition probabilities before their logarithm is taken.
    """
    log_transmat = chain.safe_log(transmat + offset)
    log_alpha = chain.safe_log(startprob + offset) + log_likelihood[0]
    for row in log_likelihood[1:]:
        log_alpha = add(log_alpha[:, None] + log_transmat, axis=0) + row
    return float(last(log_alpha, axis=0))


def scaled(startprob, transmat, log_likelihood, shift):
    """The scaled recursion, each row shifted by `shift(predicted, row)` before exp."""
    predicted, total = startprob, 0.0
    with np.errstate(all="ignore"):
        for row in log_likelihood:
            largest = shift(predicted, row)
            joint = predicted * np.exp(np.where(predicted > 0, row - largest, -np.inf))
            total += np.log(joint.sum()) + largest
            predicted = joint / joint.sum() @ transmat
    return float(total)


@mistake("exp of the log-likelihoods themselves: e^−1e5 is 0 for a computer, and e^1e5 infinite. "
         "Stay in log space, or take something out before exp.")  # fmt: skip
def exp_at_once(startprob, transmat, log_likelihood):
    return scaled(startprob, transmat, log_likelihood, lambda predicted, row: 0.0)


@mistake("The probabilities aren't scaled: their product underflows after some hundred times, and "
         "its logarithm is −inf.")  # fmt: skip
def not_scaled(startprob, transmat, log_likelihood):
    with np.errstate(all="ignore"):
        likelihood = np.exp(log_likelihood)
        alpha = startprob * likelihood[0]
        for row in likelihood[1:]:
            alpha = alpha @ transmat * row
        return float(np.log(alpha.sum()))


@mistake("Each row's largest value is taken out before exp. But the state that has it may be out "
         "of reach, and all that can be reached then underflows to 0. Take out the largest of what "
         "is added up: the sums of log-probability and log-likelihood.")  # fmt: skip
def largest_of_the_row(startprob, transmat, log_likelihood):
    return scaled(startprob, transmat, log_likelihood, lambda predicted, row: row.max())


@mistake("The largest value of the *whole* array is taken out before exp. Other rows still "
         "underflow beside it.")  # fmt: skip
def largest_of_all(startprob, transmat, log_likelihood):
    largest = log_likelihood.max()
    return scaled(startprob, transmat, log_likelihood, lambda predicted, row: largest)


@mistake("The shift is right, but the state's probabilities are kept as plain numbers from one "
         "time to the next: one of e^−1e5 becomes 0 and never comes back, though later "
         "observations may ask for it. Keep their logarithms.")  # fmt: skip
def probabilities_between_times(startprob, transmat, log_likelihood):
    def largest_reached(predicted, row):
        return row[predicted > 0].max()

    return scaled(startprob, transmat, log_likelihood, largest_reached)


@mistake("What was taken out before exp isn't added back.")
def shift_not_added(startprob, transmat, log_likelihood):
    shifted = log_likelihood - log_likelihood.max(axis=1, keepdims=True)
    return recursion(startprob, transmat, shifted)


@mistake("A small number was added to the probabilities before the logarithm. Impossible steps "
         "then are only unlikely, and where observations favour them by more than that, they "
         "win. log 0 = −inf does no harm here.")  # fmt: skip
def small_number_in_log(startprob, transmat, log_likelihood):
    return recursion(startprob, transmat, log_likelihood, offset=1e-12)


@mistake("A tiny number was added to the probabilities before the logarithm. Impossible steps "
         "then are only unlikely, and where observations favour them by more than that, they "
         "win. log 0 = −inf does no harm here.")  # fmt: skip
def tiny_number_in_log(startprob, transmat, log_likelihood):
    return recursion(startprob, transmat, log_likelihood, offset=1e-300)


@mistake("Where a state can't be reached, all that is added up is −inf, and its largest value "
         "too: −inf − (−inf) is NaN. Take 0 out in its place, as scipy.special.logsumexp "
         "does.")  # fmt: skip
def infinity_taken_out(startprob, transmat, log_likelihood):
    def add(values, axis):
        with np.errstate(all="ignore"):
            largest = values.max(axis=axis)
            return largest + np.log(np.exp(values - largest).sum(axis=axis))

    return recursion(startprob, transmat, log_likelihood, add=add, last=add)


@mistake("The sum over a step runs along the wrong axis: over where it *arrives*. Since rows of A "
         "sum to 1, nothing ever moves. Sum over where it comes from.")  # fmt: skip
def nothing_moves(startprob, transmat, log_likelihood):
    return chain.sequence_log_likelihood(startprob, np.eye(len(transmat)), log_likelihood)


@mistake("What an observation says about the state is forgotten at the next time: the state's "
         "probabilities go on from `startprob` with A alone.")  # fmt: skip
def never_updated(startprob, transmat, log_likelihood):
    predicted, total = startprob, 0.0
    for row in log_likelihood:
        total += chain.log_sum_exp(chain.safe_log(predicted) + row, axis=0)
        predicted = predicted @ transmat
    return float(total)


@mistake("This is the mean of the log-likelihood over the states. Mean first, logarithm then: "
         "log-sum-exp.")  # fmt: skip
def mean_of_logs(startprob, transmat, log_likelihood):
    predicted, total = startprob, 0.0
    for row in log_likelihood:
        total += predicted @ row
        predicted = predicted @ transmat
    return float(total)


@mistake("Only the best way to each state is kept: this is the log-probability of the best path. "
         "The log-likelihood sums over all of them.")  # fmt: skip
def best_path(startprob, transmat, log_likelihood):
    return chain.viterbi(startprob, transmat, log_likelihood)[1]


@mistake("On the way all paths are summed, but at the end only the best last state is taken. Sum "
         "over the last states as well.")  # fmt: skip
def best_last_state(startprob, transmat, log_likelihood):
    return recursion(startprob, transmat, log_likelihood, last=np.max)


@mistake("Logarithms are added up where probabilities should be. The sum over the states is inside "
         "the logarithm: log-sum-exp.")  # fmt: skip
def sum_of_logs(startprob, transmat, log_likelihood):
    with np.errstate(all="ignore"):
        return recursion(startprob, transmat, log_likelihood, last=np.sum)


@mistake("The step's probability is added as it is. Probabilities multiply, so their *logarithms* "
         "add.")  # fmt: skip
def step_without_log(startprob, transmat, log_likelihood):
    return recursion(startprob, np.exp(transmat), log_likelihood)


@mistake("What is added up over i holds log a(j), not log a(i): each state goes on from itself. "
         "Row i of the table should get log a(i), which needs an axis, `[:, None]`.")  # fmt: skip
def added_along_the_rows(startprob, transmat, log_likelihood):
    log_transmat, log_alpha = chain.safe_log(transmat), chain.safe_log(startprob)
    for t, row in enumerate(log_likelihood):
        if t:
            log_alpha = chain.log_sum_exp(log_transmat + log_alpha, axis=0)
        log_alpha = log_alpha + row
    return float(chain.log_sum_exp(log_alpha, axis=0))


@mistake("The transition matrix is used the wrong way round: A[i, j] leads *from* i *to* j.")
def transposed(startprob, transmat, log_likelihood):
    log_transmat, log_alpha = chain.safe_log(transmat), chain.safe_log(startprob)
    for t, row in enumerate(log_likelihood):
        if t:
            log_alpha = chain.log_sum_exp(log_transmat + log_alpha, axis=1)
        log_alpha = log_alpha + row
    return float(chain.log_sum_exp(log_alpha, axis=0))


@mistake("A step is taken before the first observation: `startprob` is the distribution *at* the "
         "first time.")  # fmt: skip
def stepped_before_the_first(startprob, transmat, log_likelihood):
    return chain.sequence_log_likelihood(startprob @ transmat, transmat, log_likelihood)


@mistake("`startprob` isn't used: this has the first row's likelihoods summed as if each state "
         "were sure.")  # fmt: skip
def start_forgotten(startprob, transmat, log_likelihood):
    even = np.full(len(startprob), 1 / len(startprob))
    total = chain.sequence_log_likelihood(even, transmat, log_likelihood)
    return total + np.log(len(startprob))


@mistake("All states count as equally likely at the start. `startprob` says how likely they "
         "are.")  # fmt: skip
def even_start(startprob, transmat, log_likelihood):
    even = np.full(len(startprob), 1 / len(startprob))
    return chain.sequence_log_likelihood(even, transmat, log_likelihood)


@mistake("The times are treated as independent, each with `startprob`: the transitions are "
         "missing.")  # fmt: skip
def times_independent(startprob, transmat, log_likelihood):
    return float(chain.log_sum_exp(chain.safe_log(startprob) + log_likelihood, axis=1).sum())


@mistake("This is the mean over the times. All likelihoods of the course are totals.")
def mean_over_times(startprob, transmat, log_likelihood):
    total = chain.sequence_log_likelihood(startprob, transmat, log_likelihood)
    return total / len(log_likelihood)


@mistake("The first observation is left out: the loop starts with the second row, and so must "
         "something before it use the first.")  # fmt: skip
def first_observation_forgotten(startprob, transmat, log_likelihood):
    blank = np.vstack([np.zeros((1, len(startprob))), log_likelihood[1:]])
    return chain.sequence_log_likelihood(startprob, transmat, blank)


@mistake("The first observation is used twice: before the loop, and by its first round. The loop "
         "goes over the rows after the first.")  # fmt: skip
def first_observation_twice(startprob, transmat, log_likelihood):
    twice = np.vstack([log_likelihood[:1], log_likelihood])
    return chain.sequence_log_likelihood(startprob, transmat, twice)


@mistake("Only the first observation comes in. After each step, the row of the time where it "
         "arrives is added.")  # fmt: skip
def later_observations_forgotten(startprob, transmat, log_likelihood):
    blank = np.vstack([log_likelihood[:1], np.zeros_like(log_likelihood[1:])])
    return chain.sequence_log_likelihood(startprob, transmat, blank)


@mistake("The last observation is left out: `range` leaves out its end.")
def last_observation_forgotten(startprob, transmat, log_likelihood):
    blank = np.vstack([log_likelihood[:-1], np.zeros((1, len(startprob)))])
    return chain.sequence_log_likelihood(startprob, transmat, blank)


PIECE = Piece(
    id="09.sequence_log_likelihood",
    contract=sequence_log_likelihood,
    correct=chain.sequence_log_likelihood,
    cases=sequence_cases,
    returns=Returned("total", "()"),
    properties=(no_less_than_the_best_path,),
    mistakes=(
        exp_at_once,
        not_scaled,
        largest_of_the_row,
        largest_of_all,
        probabilities_between_times,
        shift_not_added,
        small_number_in_log,
        tiny_number_in_log,
        infinity_taken_out,
        nothing_moves,
        never_updated,
        mean_of_logs,
        best_path,
        best_last_state,
        sum_of_logs,
        step_without_log,
        added_along_the_rows,
        transposed,
        stepped_before_the_first,
        start_forgotten,
        even_start,
        times_independent,
        mean_over_times,
        first_observation_forgotten,
        first_observation_twice,
        later_observations_forgotten,
        last_observation_forgotten,
    ),
    section="In log space: densities of any size",
)
