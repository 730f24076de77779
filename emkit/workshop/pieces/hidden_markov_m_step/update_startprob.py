"""Where sequences start."""

import numpy as np

from emkit import families
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_m_step.expectations import (
    distribution,
    random_gammas,
    small_gammas,
)


def update_startprob(gammas):
    """Start probabilities that maximise the expected complete-data log-likelihood.

    Parameters
    ----------
    gammas : list of (t, k) arrays
        State posteriors, one array a sequence; rows sum to 1. Sequences may differ in length, and
        there may be one.

    Returns
    -------
    startprob : (k,) array
        Sums to 1. A state in which no sequence starts gets 0.
    """


def startprob_cases(rng):
    """Sequences of different lengths, one alone, sequences of one time, sure starts."""
    sure = random_gammas(rng, (3, 5, 4), 3)
    for gamma, state in zip(sure, rng.permutation([0, 0, 2]), strict=True):
        gamma[0] = np.eye(3)[state]
    cases = {
        "2 sequences, 2 states": small_gammas(rng),
        "4 sequences of different lengths, 3 states": random_gammas(rng, (6, 2, 9, 3), 3),
        "a single sequence": random_gammas(rng, (5,), 4),
        "sequences of a single time": random_gammas(rng, (1, 1, 1), 2),
        "a single state": random_gammas(rng, (4, 3), 1),
        "sequences that surely start in state 0 or 2": sure,
    }
    return [Case(what, {"gammas": gammas}) for what, gammas in cases.items()]


def correct_update_startprob(gammas):
    """The engine's: the mode of a flat prior, given the expected starts."""
    return families.Dirichlet(1).mode(sum(gamma[0] for gamma in gammas))


def starts_are_a_distribution(startprob, gammas):
    """A sequence starts in some state."""
    return distribution("startprob", startprob)


def within_the_starts(startprob, gammas):
    """A mean lies between the smallest and the largest value."""
    starts = np.array([gamma[0] for gamma in gammas])
    low, high = starts.min(axis=0) - 1e-9, starts.max(axis=0) + 1e-9
    for j in np.flatnonzero((startprob < low) | (startprob > high)):
        return (
            f"startprob[{j}] is {startprob[j]:.4g}, but the sequences start in state {j} with "
            f"probabilities from {starts[:, j].min():.4g} to {starts[:, j].max():.4g}"
        )
    return None


@mistake("All times count. `startprob` is about the first time of each sequence alone.")
def all_times(gammas):
    return np.concatenate(gammas).mean(axis=0)


@mistake("Each sequence's mean over *all* its times is taken. `startprob` is about the first one "
         "alone.")  # fmt: skip
def mean_of_sequence_means(gammas):
    return np.mean([gamma.mean(axis=0) for gamma in gammas], axis=0)


@mistake("Only the first sequence is used. Every sequence has a start.")
def first_sequence_only(gammas):
    return gammas[0][0].copy()


@mistake("Only the last sequence is used: the loop overwrites the result.")
def last_sequence_only(gammas):
    return gammas[-1][0].copy()


@mistake("These are the expected numbers of starts. Divide by the number of sequences.")
def starts_not_divided(gammas):
    return sum(gamma[0] for gamma in gammas)


@mistake("The starts are divided by the number of all times. How many starts are there?")
def divided_by_times(gammas):
    return starts_not_divided(gammas) / sum(len(gamma) for gamma in gammas)


@mistake("The starts are divided by the number of states. How many starts are there?")
def divided_by_states(gammas):
    return starts_not_divided(gammas) / gammas[0].shape[1]


@mistake("The *last* times are used.")
def last_times(gammas):
    return np.mean([gamma[-1] for gamma in gammas], axis=0)


@mistake("Long sequences count for more. Each has one start, however long it is.")
def weighted_with_length(gammas):
    return np.average([g[0] for g in gammas], axis=0, weights=[len(g) for g in gammas])


@mistake("Each sequence counts wholly for the state that it most likely starts in. In the "
         "expectation every state has its share.")  # fmt: skip
def likeliest_starts(gammas):
    return np.mean([np.eye(g.shape[1])[g[0].argmax()] for g in gammas], axis=0)


@mistake("One row a sequence is returned; wanted is their mean, (k,).")
def one_for_each_sequence(gammas):
    return np.array([gamma[0] for gamma in gammas])


@mistake("A count was added to every state. That is smoothing, or a prior; the maximum of Q alone "
         "doesn't ask for it.")  # fmt: skip
def smoothed(gammas):
    starts = starts_not_divided(gammas) + 1
    return starts / starts.sum()


PIECE = Piece(
    id="10.update_startprob",
    contract=update_startprob,
    correct=correct_update_startprob,
    cases=startprob_cases,
    returns=Returned("startprob", "(k,)"),
    properties=(starts_are_a_distribution, within_the_starts),
    mistakes=(
        all_times,
        mean_of_sequence_means,
        first_sequence_only,
        last_sequence_only,
        starts_not_divided,
        divided_by_times,
        divided_by_states,
        last_times,
        weighted_with_length,
        likeliest_starts,
        one_for_each_sequence,
        smoothed,
    ),
    section="Starts and steps: counting what was expected",
)
