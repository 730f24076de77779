"""How often each state was entered: the derivation piece."""

import numpy as np

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step.chains import chain_cases, for_expected_visits


def expected_visits(gamma, xi):
    """Expected number of separate visits to each state, given all observations.

    A visit lasts from the time when a state is entered until it is left for another one, or until
    the end: the path 0 0 1 1 1 0 makes two visits to state 0 and one to state 1.

    Parameters
    ----------
    gamma : (t, k) array
        State posteriors; rows sum to 1.
    xi : (k, k) array
        Transition posteriors of the same sequence, summed over t.

    Returns
    -------
    visits : (k,) array
        Mean over all paths of their numbers of visits, each path with its probability given the
        observations.
    """


def visit_cases(rng):
    """Posteriors of the chains."""
    return chain_cases(rng, for_expected_visits)


def correct_expected_visits(gamma, xi):
    """A visit begins at the first time, or with a step from another state."""
    return gamma[0] + xi.sum(axis=0) - xi.diagonal()


def visited_if_ever_there(visits, gamma, xi):
    """Being there at some time is part of a visit."""
    for j in np.flatnonzero(visits < gamma.max(axis=0) - 1e-9):
        t = gamma[:, j].argmax()
        return (
            f"visits[{j}] is {visits[j]:.4g}, but at time {t} the chain is in state {j} with "
            f"probability {gamma[t, j]:.4g}, and then it makes at least one visit"
        )
    return None


def no_more_than_times(visits, gamma, xi):
    """A visit takes one time at least."""
    times = gamma.sum(axis=0)
    for j in np.flatnonzero(visits > times * (1 + 1e-9) + 1e-12):
        return (
            f"visits[{j}] is {visits[j]:.4g}, but the chain is expected to be in state {j} only "
            f"{times[j]:.4g} times, and a visit takes one at least"
        )
    return None


def others_in_between(visits, gamma, xi):
    """Between two visits to a state lies a visit to another."""
    others = visits.sum() - visits
    for j in np.flatnonzero(visits > others + 1 + 1e-9):
        return (
            f"visits[{j}] is {visits[j]:.4g}, and the other states together have {others[j]:.4g}. "
            f"Between two visits to one state lies one to another: it can't have over one more"
        )
    return None


def arrivals(xi):
    """Steps into each state from another."""
    return xi.sum(axis=0) - xi.diagonal()


@mistake("The visit that begins with the first time is missing: no step leads into it.")
def first_visit_forgotten(gamma, xi):
    return arrivals(xi)


@mistake("Steps that *leave* a state are counted. The last visit of a path is never left.")
def departures_counted(gamma, xi):
    return xi.sum(axis=1) - xi.diagonal()


@mistake("Steps that *leave* a state are counted, and the first times added. If a visit is counted "
         "where it ends, which one hasn't ended with a step?")  # fmt: skip
def departures_and_start(gamma, xi):
    return xi.sum(axis=1) - xi.diagonal() + gamma[0]


@mistake("Steps into a state are counted, and the *last* times added. If a visit is counted where "
         "it begins, which one hasn't begun with a step?")  # fmt: skip
def arrivals_and_end(gamma, xi):
    return arrivals(xi) + gamma[-1]


@mistake("Both the steps into a state and those out of it are counted: most visits have "
         "both.")  # fmt: skip
def arrivals_and_departures(gamma, xi):
    return arrivals(xi) + departures_counted(gamma, xi)


@mistake("This is the expected number of *times* in each state. A visit may last for many.")
def times_counted(gamma, xi):
    return gamma.sum(axis=0)


@mistake("Steps from a state to itself are counted too. They go on with a visit, they don't begin "
         "one.")  # fmt: skip
def all_steps_into(gamma, xi):
    return xi.sum(axis=0)


@mistake("These are the steps from each state to itself: they don't begin a visit, they go on with "
         "one.")  # fmt: skip
def steps_that_stay(gamma, xi):
    return xi.diagonal().copy()


@mistake("A whole visit is added to every state for the beginning. The path begins in one of them "
         "only: with which probability?")  # fmt: skip
def one_more_for_all(gamma, xi):
    return arrivals(xi) + 1


@mistake("The beginning is shared out evenly. With which probability does the path begin in each "
         "state, given the observations?")  # fmt: skip
def beginning_shared_evenly(gamma, xi):
    return arrivals(xi) + 1 / len(xi)


@mistake("These are the visits of one path, that of the likeliest states. The expectation is over "
         "all paths.")  # fmt: skip
def along_the_likeliest_states(gamma, xi):
    states = gamma.argmax(axis=1)
    entered = np.append(True, states[1:] != states[:-1])
    return np.bincount(states[entered], minlength=len(xi)).astype(float)


@mistake("This is how long a visit lasts. How many are there?")
def length_of_visits(gamma, xi):
    with np.errstate(all="ignore"):
        return gamma.sum(axis=0) / correct_expected_visits(gamma, xi)


@mistake("The expected times are divided by how long a visit would last under a chain with these "
         "counts. Close on long sequences, but the last visit is cut off by the end. Count where "
         "visits begin.")  # fmt: skip
def times_over_length(gamma, xi):
    with np.errstate(all="ignore"):
        return gamma.sum(axis=0) * (1 - xi.diagonal() / xi.sum(axis=1))


@mistake("Visits are counted as if the states at neighbouring times were independent: gamma at one "
         "time, and not at the time before. How often they really change is in xi.")  # fmt: skip
def neighbours_independent(gamma, xi):
    return gamma[0] + (gamma[1:] * (1 - gamma[:-1])).sum(axis=0)


@mistake("These are the rises of gamma from one time to the next. gamma may stay the same while "
         "paths come and go: look at xi.")  # fmt: skip
def rises_of_gamma(gamma, xi):
    return gamma[0] + np.maximum(gamma[1:] - gamma[:-1], 0).sum(axis=0)


PIECE = Piece(
    id="09.expected_visits",
    contract=expected_visits,
    correct=correct_expected_visits,
    cases=visit_cases,
    returns=Returned("visits", "(k,)"),
    properties=(visited_if_ever_there, no_more_than_times, others_in_between),
    mistakes=(
        first_visit_forgotten,
        departures_counted,
        departures_and_start,
        arrivals_and_end,
        arrivals_and_departures,
        times_counted,
        all_steps_into,
        steps_that_stay,
        one_more_for_all,
        beginning_shared_evenly,
        along_the_likeliest_states,
        length_of_visits,
        times_over_length,
        neighbours_independent,
        rises_of_gamma,
    ),
    section="How often did it leave?",
)
