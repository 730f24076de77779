"""The most probable path."""

import itertools

import numpy as np

from emkit import chain
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step import sequence_log_likelihood as sums
from emkit.workshop.pieces.hidden_markov_e_step.chains import (
    left_to_right,
    long_chain,
    random_chain,
    small_chain,
)


def viterbi(startprob, transmat, log_likelihood):
    """The most probable path of states, and its log-probability.

    Parameters
    ----------
    startprob : (k,) array
        p(z_1 = j); zeros allowed.
    transmat : (k, k) array
        A[i, j] = p(z_{t+1} = j | z_t = i); rows sum to 1, zeros allowed.
    log_likelihood : (t, k) array
        log p(x_t | z_t = j), finite and of any size, −1e5 or +1e5 included.

    Returns
    -------
    path : (t,) array of integers
        States from 0 to k − 1. Where several paths are the best: of the best last states the lowest
        one, and then at each step back the lowest of the best states to have come from.
    log_prob : float
        log p(path, x), natural logarithm.
    """


def viterbi_cases(rng):
    """Chains of every kind, ties, then logarithms that no exp survives."""

    def case(startprob, transmat, likelihood):
        return {
            "startprob": startprob,
            "transmat": transmat,
            "log_likelihood": np.log(likelihood),
        }

    small = case(**small_chain(rng))
    small["log_likelihood"] = -rng.permutation(np.arange(2, 50))[:6].reshape(3, 2) / 10
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
        Case("all paths equally probable", all_alike(rng)),
        Case("states 1 and 2 alike in everything", twins(rng)),
        Case("2 paths equally probable, each the other with its states swapped", mirrored(rng)),
        Case("400 times", case(**long_chain(rng)), hard=True),
        Case("log-likelihoods about −1e5", low, hard=True, rtol=1e-12),
        Case("log-likelihoods about +1e5", high, hard=True, rtol=1e-12),
        Case("states out of reach that are likelier by far", sums.out_of_reach(rng), hard=True,
             rtol=1e-12, alike=1e-12),
        Case("a second time that takes back what the first one said", sums.second_thoughts(rng),
             hard=True, rtol=1e-12, alike=1e-12),
    ]  # fmt: skip


def all_alike(rng):
    """Nothing tells one state from another."""
    return {
        "startprob": np.full(3, 1 / 3),
        "transmat": np.full((3, 3), 1 / 3),
        "log_likelihood": np.repeat(-rng.uniform(0.5, 3, size=(4, 1)), 3, axis=1),
    }


def twins(rng):
    """States 1 and 2 alike, and the chain ends in state 0 after having been in one of them."""
    a, b, c = rng.uniform(0.2, 0.4, size=3)
    in_between = [[-5.0, -0.5, -0.5]] * 2
    return {
        "startprob": np.array([1 - 2 * a, a, a]),
        "transmat": np.array([[1 - 2 * b, b, b], [1 - 2 * c, c, c], [1 - 2 * c, c, c]]),
        "log_likelihood": np.array([*in_between, [-0.5, -5.0, -5.0], *in_between, [0, -9.0, -9.0]]),
    }


def mirrored(rng):
    """Two states that change places at every step, an even number of times."""
    stay = rng.uniform(0.1, 0.3)
    change = 1 - stay
    return {
        "startprob": np.array([0.5, 0.5]),
        "transmat": np.array([[stay, change], [change, stay]]),
        "log_likelihood": np.repeat(-rng.uniform(0.5, 3, size=(4, 1)), 2, axis=1),
    }


def path_of_states(answer, startprob, transmat, log_likelihood):
    """Numbers of states."""
    path, k = answer[0], len(startprob)
    for t in np.flatnonzero((path < 0) | (path >= k)):
        return f"path[{t}] is {path[t]}, but states are numbered from 0 to {k - 1}"
    return None


def path_is_possible(answer, startprob, transmat, log_likelihood):
    """No start and no step that the chain never makes."""
    path, _ = answer
    if startprob[path[0]] == 0:
        return f"your path starts in state {path[0]}, but startprob[{path[0]}] is 0"
    for t, (i, j) in enumerate(itertools.pairwise(path)):
        if transmat[i, j] == 0:
            return (
                f"your path goes from state {i} to state {j} at time {t + 1}, but "
                f"transmat[{i}, {j}] is 0"
            )
    return None


def path_log_prob(path, startprob, transmat, log_likelihood):
    """log p(path, x)."""
    steps = chain.safe_log(transmat)[path[:-1], path[1:]].sum()
    made = log_likelihood[np.arange(len(path)), path].sum()
    return chain.safe_log(startprob)[path[0]] + steps + made


def log_prob_is_the_paths(answer, startprob, transmat, log_likelihood):
    """The two things returned belong together."""
    path, log_prob = answer
    own = path_log_prob(path, startprob, transmat, log_likelihood)
    gap, size = abs(log_prob - own), max(1, abs(own))
    if 1e-10 < gap / size < 1e-6:
        return (
            f"log_prob is off by {gap:.1g} from what following your path gives, log p(path, x). "
            f"That is too much for rounding; a small number added to a probability does it"
        )
    if gap > 1e-10 * size:
        return (
            f"log_prob is {float(log_prob):.8g}, but following your path from its start, "
            f"log p(path, x) is something else: path and log_prob don't belong together"
        )
    return None


def no_single_state_better(answer, startprob, transmat, log_likelihood):
    """Nothing is won by changing the path at one time."""
    path, _ = answer
    if len(path) > 50:
        return None
    own = path_log_prob(path, startprob, transmat, log_likelihood)
    for t in range(len(path)):
        for j in range(len(startprob)):
            other = np.where(np.arange(len(path)) == t, j, path)
            theirs = path_log_prob(other, startprob, transmat, log_likelihood)
            if theirs > own + 1e-9 * max(1, abs(own)):
                return (
                    f"your path isn't the most probable one: with state {j} instead of {path[t]} "
                    f"at time {t}, and all else as it is, it would be more probable"
                )
    return None


def lowest(values, axis):
    """The first of the largest ones."""
    return values.argmax(axis=axis)


def highest(values, axis):
    """The last of the largest ones."""
    return values.shape[axis] - 1 - np.flip(values, axis=axis).argmax(axis=axis)


def recursion(startprob, transmat, log_likelihood, back=lowest, end=lowest, offset=0.0, over=0):
    """The recursion with other rules at ties: best[t, j] and came_from[t, j], and the path.

    `offset` is added to the probabilities before their logarithm is taken. `over` is the axis of
    the table of steps that the maximum is taken over.
    """
    log_transmat = chain.safe_log(transmat + offset)
    best = np.empty_like(log_likelihood)
    came_from = np.zeros(log_likelihood.shape, dtype=int)
    best[0] = chain.safe_log(startprob + offset) + log_likelihood[0]
    for t in range(1, len(best)):
        reached = best[t - 1][:, None] + log_transmat
        came_from[t] = back(reached, over)
        best[t] = reached.max(axis=over) + log_likelihood[t]
    path = np.empty(len(best), dtype=int)
    path[-1] = end(best[-1], 0)
    for t in range(len(best) - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return best, came_from, path


def with_log_prob(path, startprob, transmat, log_likelihood):
    """A path with its own log-probability."""
    return path, float(path_log_prob(path, startprob, transmat, log_likelihood))


@mistake("These are the likeliest states, each time by itself (the largest gamma). The best *path* "
         "is one thing, chosen as a whole; taken one by one, states may not even fit "
         "together.")  # fmt: skip
def likeliest_states(startprob, transmat, log_likelihood):
    best = chain.viterbi(startprob, transmat, log_likelihood)[1]
    log_transmat = chain.safe_log(transmat)
    ahead = [chain.safe_log(startprob) + log_likelihood[0]]
    after = [np.zeros(len(startprob))]
    for row in log_likelihood[1:]:
        ahead.append(chain.log_sum_exp(ahead[-1][:, None] + log_transmat, axis=0) + row)
    for row in log_likelihood[:0:-1]:
        after.insert(0, chain.log_sum_exp(log_transmat + row + after[0], axis=1))
    return (np.array(ahead) + np.array(after)).argmax(axis=1), best


@mistake("At each time the state is taken that the best path *so far* ends in. Later observations "
         "may show that it came another way: remember where each state's best path came from, and "
         "go back from the end.")  # fmt: skip
def never_looked_back(startprob, transmat, log_likelihood):
    best = recursion(startprob, transmat, log_likelihood)[0]
    return best.argmax(axis=1), float(best[-1].max())


@mistake("The path is greedy: at each time the best next state, and never back. A state that is a "
         "little worse now may lead to something much better.")  # fmt: skip
def greedy(startprob, transmat, log_likelihood):
    log_transmat = chain.safe_log(transmat)
    path = [(chain.safe_log(startprob) + log_likelihood[0]).argmax()]
    for row in log_likelihood[1:]:
        path.append((log_transmat[path[-1]] + row).argmax())
    return with_log_prob(np.array(path), startprob, transmat, log_likelihood)


@mistake("Each time's likeliest state by its observation alone: the chain isn't used.")
def observations_alone(startprob, transmat, log_likelihood):
    path = log_likelihood.argmax(axis=1)
    return with_log_prob(path, startprob, transmat, log_likelihood)


@mistake("The transition matrix is used the wrong way round: A[i, j] leads *from* i *to* j.")
def transposed(startprob, transmat, log_likelihood):
    best, _, path = recursion(startprob, transmat.T, log_likelihood)
    return path, float(best[-1].max())


@mistake("The maximum is taken over the wrong index: over the states a step leads *to*. Of the "
         "ways *into* j, which start in every i, keep the best: that is the first axis of the "
         "table.")  # fmt: skip
def ways_out(startprob, transmat, log_likelihood):
    best, _, path = recursion(startprob, transmat, log_likelihood, over=1)
    return path, float(best[-1].max())


@mistake("What is compared over i holds m(j), not m(i): each state goes on from itself. Row i of "
         "the table should get m(i), which needs an axis, `[:, None]`.")  # fmt: skip
def added_along_the_rows(startprob, transmat, log_likelihood):
    log_transmat = chain.safe_log(transmat)
    best, came_from = chain.safe_log(startprob) + log_likelihood[0], []
    for row in log_likelihood[1:]:
        came_from.append((best + log_transmat).argmax(axis=0))
        best = (best + log_transmat).max(axis=0) + row
    path = [best.argmax()]
    for pointers in came_from[::-1]:
        path.insert(0, pointers[path[0]])
    return np.array(path), float(best.max())


@mistake("The path is the wrong way round: going back from the end, the last state comes first. "
         "Turn it round.")  # fmt: skip
def from_the_end(startprob, transmat, log_likelihood):
    path, log_prob = chain.viterbi(startprob, transmat, log_likelihood)
    return path[::-1], log_prob


@mistake("Going back, the wrong row is asked. Where the state at t came from is written down in "
         "row t, not in row t − 1.")  # fmt: skip
def asked_one_row_early(startprob, transmat, log_likelihood):
    best, came_from, path = recursion(startprob, transmat, log_likelihood)
    for t in range(len(path) - 1, 0, -1):
        path[t - 1] = came_from[t - 1, path[t]]
    return path, float(best[-1].max())


@mistake("Sums stand where maxima belong: that is the forward recursion, and log_prob the "
         "log-likelihood over all paths. Of the ways to a state keep the best one.")  # fmt: skip
def summed(startprob, transmat, log_likelihood):
    log_transmat, log_alpha = chain.safe_log(transmat), chain.safe_log(startprob)
    log_alpha = log_alpha + log_likelihood[0]
    came_from = [np.zeros(len(startprob), dtype=int)]
    for row in log_likelihood[1:]:
        reached = log_alpha[:, None] + log_transmat
        came_from.append(reached.argmax(axis=0))
        log_alpha = chain.log_sum_exp(reached, axis=0) + row
    path = [log_alpha.argmax()]
    for pointers in came_from[:0:-1]:
        path.insert(0, pointers[path[0]])
    return np.array(path), float(chain.log_sum_exp(log_alpha, axis=0))


@mistake("The ways to a state are added up where the best one is to be kept: that is the forward "
         "recursion, with a maximum at the end only.")  # fmt: skip
def summed_but_at_the_end(startprob, transmat, log_likelihood):
    log_transmat, ahead = chain.safe_log(transmat), chain.safe_log(startprob)
    for row in log_likelihood[:-1]:
        ahead = chain.log_sum_exp((ahead + row)[:, None] + log_transmat, axis=0)
    path, _ = summed(startprob, transmat, log_likelihood)
    return path, float((ahead + log_likelihood[-1]).max())


@mistake("The path is right, but log_prob is the log-likelihood, the sum over all paths. Wanted is "
         "that of this one path.")  # fmt: skip
def log_likelihood_of_all_paths(startprob, transmat, log_likelihood):
    path, _ = chain.viterbi(startprob, transmat, log_likelihood)
    return path, chain.sequence_log_likelihood(startprob, transmat, log_likelihood)


@mistake("The path is right; log_prob is a probability. Wanted is its logarithm.")
def probability(startprob, transmat, log_likelihood):
    path, log_prob = chain.viterbi(startprob, transmat, log_likelihood)
    with np.errstate(all="ignore"):
        return path, float(np.exp(log_prob))


@mistake("Probabilities are multiplied: after some hundred times all of them are 0, and one is as "
         "good as another. Add logarithms.")  # fmt: skip
def probabilities_multiplied(startprob, transmat, log_likelihood):
    with np.errstate(all="ignore"):
        best = startprob * np.exp(log_likelihood[0])
        came_from = []
        for row in log_likelihood[1:]:
            reached = best[:, None] * transmat
            came_from.append(reached.argmax(axis=0))
            best = reached.max(axis=0) * np.exp(row)
        path = [best.argmax()]
        for pointers in came_from[::-1]:
            path.insert(0, pointers[path[0]])
        return np.array(path), float(np.log(best.max()))


@mistake("A small number was added to the probabilities before the logarithm. Impossible steps are "
         "then only unlikely, and observations may make up for that. log 0 = −inf does no harm "
         "here.")  # fmt: skip
def small_number_in_log(startprob, transmat, log_likelihood):
    best, _, path = recursion(startprob, transmat, log_likelihood, offset=1e-300)
    return path, float(best[-1].max())


@mistake("The step's probability is added as it is. Probabilities multiply, so their *logarithms* "
         "add.")  # fmt: skip
def step_without_log(startprob, transmat, log_likelihood):
    best, _, path = recursion(startprob, np.exp(transmat), log_likelihood)
    return path, float(best[-1].max())


@mistake("`startprob` isn't used at the first time.")
def start_forgotten(startprob, transmat, log_likelihood):
    best, _, path = recursion(np.ones(len(startprob)), transmat, log_likelihood)
    return path, float(best[-1].max())


@mistake("A step is taken before the first observation: `startprob` is the distribution *at* the "
         "first time.")  # fmt: skip
def stepped_before_the_first(startprob, transmat, log_likelihood):
    first = (startprob[:, None] * transmat).max(axis=0)
    best, _, path = recursion(first, transmat, log_likelihood)
    return path, float(best[-1].max())


@mistake("The last observation is left out: `range` leaves out its end.")
def last_observation_forgotten(startprob, transmat, log_likelihood):
    blank = np.vstack([log_likelihood[:-1], np.zeros((1, len(startprob)))])
    best, _, path = recursion(startprob, transmat, blank)
    return path, float(best[-1].max())


@mistake("The first observation is left out: at the first time the state has to make x_1 as well.")
def first_observation_forgotten(startprob, transmat, log_likelihood):
    blank = np.vstack([np.zeros((1, len(startprob))), log_likelihood[1:]])
    best, _, path = recursion(startprob, transmat, blank)
    return path, float(best[-1].max())


@mistake("Each step gets the observation of the time it comes *from*. Row t of m has row t of "
         "`log_likelihood`.")  # fmt: skip
def observation_before(startprob, transmat, log_likelihood):
    late = np.vstack([log_likelihood[:1], log_likelihood[:-1]])
    best, _, path = recursion(startprob, transmat, late)
    return path, float(best[-1].max())


@mistake("m is overwritten while it is still needed: when state 1 asks for the ways into it, m(0) "
         "is of the new time already. Fill a new array, and take it over when all states are "
         "done.")  # fmt: skip
def overwritten_while_needed(startprob, transmat, log_likelihood):
    log_transmat = chain.safe_log(transmat)
    best, came_from = chain.safe_log(startprob) + log_likelihood[0], []
    for row in log_likelihood[1:]:
        came_from.append(np.zeros(len(best), dtype=int))
        for j in range(len(best)):
            ways = best + log_transmat[:, j]
            came_from[-1][j], best[j] = ways.argmax(), ways.max() + row[j]
    path = [best.argmax()]
    for pointers in came_from[::-1]:
        path.insert(0, pointers[path[0]])
    return np.array(path), float(best.max())


@mistake("The path ends in state 0, whatever m says. Its last state is the one with the largest m "
         "of the last time.")  # fmt: skip
def ends_in_state_0(startprob, transmat, log_likelihood):
    best, came_from, path = recursion(startprob, transmat, log_likelihood)
    path[-1] = 0
    for t in range(len(path) - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path, float(best[-1].max())


@mistake("At a tie the lower state wins, at the end and at each step back; yours takes the higher.")
def ties_to_the_higher(startprob, transmat, log_likelihood):
    best, _, path = recursion(startprob, transmat, log_likelihood, back=highest, end=highest)
    return path, float(best[-1].max())


@mistake("At the end the lower state wins a tie, as it should, but on the way yours takes the "
         "higher one to have come from. (Does a comparison say ≥ where > belongs?)")  # fmt: skip
def higher_on_the_way(startprob, transmat, log_likelihood):
    best, _, path = recursion(startprob, transmat, log_likelihood, back=highest)
    return path, float(best[-1].max())


@mistake("On the way the lower state wins a tie, as it should, but at the end yours takes the "
         "higher one.")  # fmt: skip
def higher_at_the_end(startprob, transmat, log_likelihood):
    best, _, path = recursion(startprob, transmat, log_likelihood, end=highest)
    return path, float(best[-1].max())


@mistake("Of several best paths yours has the lowest state at the *beginning*, then at each step "
         "onward. The contract goes the other way: the lowest at the end, then at each step "
         "back.")  # fmt: skip
def ties_from_the_front(startprob, transmat, log_likelihood):
    log_transmat = chain.safe_log(transmat)
    best, goes_to = np.zeros(len(startprob)), []
    for row in log_likelihood[:0:-1]:
        onward = log_transmat + row + best
        goes_to.insert(0, onward.argmax(axis=1))
        best = onward.max(axis=1)
    best = chain.safe_log(startprob) + log_likelihood[0] + best
    path = [best.argmax()]
    for pointers in goes_to:
        path.append(pointers[path[-1]])
    return np.array(path), float(best.max())


@mistake("The states are counted from 1. The notation counts from 0, as NumPy does.")
def counted_from_one(startprob, transmat, log_likelihood):
    path, log_prob = chain.viterbi(startprob, transmat, log_likelihood)
    return path + 1, log_prob


PIECE = Piece(
    id="10.viterbi",
    contract=viterbi,
    correct=chain.viterbi,
    cases=viterbi_cases,
    returns=(Returned("path", "(t,)", "int"), Returned("log_prob", "()")),
    properties=(
        path_of_states,
        path_is_possible,
        log_prob_is_the_paths,
        no_single_state_better,
    ),
    mistakes=(
        likeliest_states,
        never_looked_back,
        greedy,
        observations_alone,
        transposed,
        ways_out,
        added_along_the_rows,
        from_the_end,
        asked_one_row_early,
        summed,
        summed_but_at_the_end,
        log_likelihood_of_all_paths,
        probability,
        probabilities_multiplied,
        small_number_in_log,
        step_without_log,
        start_forgotten,
        stepped_before_the_first,
        last_observation_forgotten,
        first_observation_forgotten,
        observation_before,
        overwritten_while_needed,
        ends_in_state_0,
        ties_to_the_higher,
        higher_on_the_way,
        higher_at_the_end,
        ties_from_the_front,
        counted_from_one,
    ),
    section="The best path: Viterbi",
)
