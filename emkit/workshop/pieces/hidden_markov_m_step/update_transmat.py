"""How states follow one another."""

import numpy as np

from emkit import families
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_m_step.expectations import (
    distribution,
    random_xis,
    small_xis,
)


def update_transmat(xis):
    """Transition matrix that maximises the expected complete-data log-likelihood.

    Parameters
    ----------
    xis : list of (k, k) arrays
        Transition posteriors summed over t, one array a sequence: xis[s][i, j] is the expected
        number of steps from i to j in sequence s. There may be one sequence, and a sequence of a
        single time has only zeros.

    Returns
    -------
    transmat : (k, k) array
        Rows sum to 1. A state from which no step was counted in any sequence, not even one to
        itself, gets a uniform row. Counts above 0 may be as small as 1e-200 and are taken as they
        are.
    """


def transmat_cases(rng):
    """Several sequences and one; states never left; counts that are next to nothing."""
    never_left = random_xis(rng, (6, 8), 3)
    once_never_left = random_xis(rng, (6, 8, 5), 2)
    for xi in never_left:
        xi[1] = 0
    once_never_left[0][1] = 0
    some_never = [xi * np.triu(np.ones((3, 3))) for xi in random_xis(rng, (9, 4), 3)]
    hardly_ever = random_xis(rng, (7, 7), 3)
    for xi in hardly_ever:
        xi[0] *= 1e-9
        xi[2] *= 1e-200
    cases = {
        "2 sequences, 2 states": small_xis(rng),
        "4 sequences of different lengths, 3 states": random_xis(rng, (12, 3, 30, 6), 3),
        "a single sequence": random_xis(rng, (20,), 4),
        "a single state": random_xis(rng, (4, 3), 1),
        "steps that never happened": some_never,
        "a state that one of the sequences never left": once_never_left,
        "a state that was never left": never_left,
        "sequences of a single time": random_xis(rng, (1, 1), 3),
    }
    return [
        *(Case(what, {"xis": xis}) for what, xis in cases.items()),
        Case("states that were hardly ever left", {"xis": hardly_ever}, hard=True),
    ]


def correct_update_transmat(xis):
    """The engine's: the mode of a flat prior, given the expected steps."""
    return families.Dirichlet(1).mode(sum(xis))


def rows_are_distributions(transmat, xis):
    """From every state the chain goes somewhere."""
    problems = (distribution(f"transmat[{i}]", row) for i, row in enumerate(transmat))
    return next(filter(None, problems), None)


def what_happened_is_possible(transmat, xis):
    """Expected steps and possible steps are the same ones."""
    total = sum(xis)
    for i, j in np.argwhere((total > 1e-6) & (transmat == 0)):
        return f"transmat[{i}, {j}] is 0, but {total[i, j]:.4g} such steps are expected"
    for i, j in np.argwhere((total == 0) & (transmat > 1e-9)):
        if total[i].any():
            return f"transmat[{i}, {j}] is {transmat[i, j]:.4g}, but no such step is expected"
    return None


def no_better_row(transmat, xis):
    """At the maximum all possible steps from a state have the same slope of Q."""
    total = sum(xis)
    for i, (row, counts) in enumerate(zip(transmat, total, strict=True)):
        possible = np.flatnonzero((counts > 1e-6) & (row > 0))
        if len(possible) < 2:
            continue
        slopes = counts[possible] / row[possible]
        if slopes.max() - slopes.min() > 1e-6 * slopes.max():
            up, down = possible[slopes.argmax()], possible[slopes.argmin()]
            return (
                f"Q isn't at its maximum: it would rise if some of transmat[{i}, {down}] were "
                f"moved to transmat[{i}, {up}]"
            )
    return None


def share(counts):
    """Each row divided by its sum; NaN where that is 0."""
    with np.errstate(all="ignore"):
        return counts / counts.sum(axis=1, keepdims=True)


@mistake("A state that was never left has a row of zeros, and 0 / 0 is NaN. What row is as good as "
         "any other there?")  # fmt: skip
def nan_where_never_left(xis):
    return share(sum(xis))


@mistake("A state that was never left keeps a row of zeros, so that nothing follows it. A row of "
         "`transmat` is a distribution: let it be uniform.")  # fmt: skip
def zeros_where_never_left(xis):
    return np.nan_to_num(share(sum(xis)))


@mistake("A state that was never left is made to stay forever. The contract asks for a uniform "
         "row: nothing was seen that speaks for any step.")  # fmt: skip
def staying_where_never_left(xis):
    shares = share(sum(xis))
    return np.where(np.isnan(shares), np.eye(len(shares)), shares)


@mistake("A state that was never left has a row of ones: each should be 1/k.")
def ones_where_never_left(xis):
    return np.nan_to_num(share(sum(xis)), nan=1.0)


@mistake("A small number was added to the divisor. Where a state was hardly ever left it isn't "
         "small, and where it was never left the row stays 0. Ask for a sum of 0 "
         "instead.")  # fmt: skip
def small_number_in_divisor(xis):
    total = sum(xis)
    return total / (total.sum(axis=1, keepdims=True) + 1e-10)


@mistake("A state that was hardly ever left is taken for one that never was. Only where the sum is "
         "0 is nothing known.")  # fmt: skip
def hardly_taken_for_never(xis):
    total = sum(xis)
    left = total.sum(axis=1, keepdims=True)
    return np.where(left > 1e-6, total / np.where(left > 1e-6, left, 1), 1 / len(total))


@mistake("Counts as small as 1e-200 are taken for 0. Only where the sum *is* 0 is nothing known: "
         "ask for a sum above 0, not above a small number.")  # fmt: skip
def tiny_taken_for_nothing(xis):
    total = sum(xis)
    left = total.sum(axis=1, keepdims=True)
    return np.where(left > 1e-12, total / np.where(left > 1e-12, left, 1), 1 / len(total))


@mistake("A small number was added to every count. Where a state was never left that does the "
         "right thing, but it makes all other rows wrong by a little, and those of states that "
         "were hardly ever left by a lot.")  # fmt: skip
def small_number_in_counts(xis):
    return share(sum(xis) + 1e-10)


@mistake("One was added to every count. That is smoothing, or a prior; the maximum of Q alone "
         "doesn't ask for it.")  # fmt: skip
def smoothed(xis):
    return share(sum(xis) + 1)


@mistake("The *columns* sum to 1: each state is shared out among those it came from. Row i holds "
         "the ways *out of* state i.")  # fmt: skip
def columns_sum_to_one(xis):
    total = sum(xis)
    with np.errstate(all="ignore"):
        shares = total / total.sum(axis=0)
    return np.nan_to_num(shares, nan=1 / len(total))


@mistake("The sums are those of the rows, but they divide the *columns*: NumPy lines an array (k,) "
         "up with the last axis. Keep the summed axis (keepdims).")  # fmt: skip
def divided_along_columns(xis):
    total = sum(xis)
    left = total.sum(axis=1)
    return np.where(left > 0, total / np.where(left > 0, left, 1), 1 / len(total))


@mistake("The whole matrix sums to 1: that is how often each step is made. Given the state that is "
         "left, each *row* sums to 1.")  # fmt: skip
def whole_sums_to_one(xis):
    total = sum(xis)
    with np.errstate(all="ignore"):
        return np.nan_to_num(total / total.sum(), nan=1 / total.size)


@mistake("Rows and columns are swapped: transmat[i, j] is the probability to go *from* i *to* j.")
def swapped(xis):
    return correct_update_transmat(xis).T


@mistake("Each sequence's matrix is made first, and then their mean taken. A short sequence then "
         "counts as much as a long one: add up the counts, then divide.")  # fmt: skip
def mean_of_matrices(xis):
    return np.mean([correct_update_transmat([xi]) for xi in xis], axis=0)


@mistake("Only the first sequence is used. The counts of all sequences add up.")
def first_sequence_only(xis):
    return correct_update_transmat(xis[:1])


@mistake("Only the last sequence is used: the loop overwrites the result.")
def last_sequence_only(xis):
    return correct_update_transmat(xis[-1:])


@mistake("These are the expected counts. Divide each row by its sum.")
def counts_not_divided(xis):
    return sum(xis).astype(float)


@mistake("A softmax of the counts: they are counts already, not logarithms. Divide by the sum.")
def softmax_of_counts(xis):
    total = sum(xis)
    return share(np.exp(total - total.max(axis=1, keepdims=True)))


@mistake("The rows are divided by their largest entry. Divide by the sum.")
def divided_by_the_largest(xis):
    total = sum(xis)
    with np.errstate(all="ignore"):
        return np.nan_to_num(total / total.max(axis=1, keepdims=True), nan=1 / len(total))


PIECE = Piece(
    id="10.update_transmat",
    contract=update_transmat,
    correct=correct_update_transmat,
    cases=transmat_cases,
    returns=Returned("transmat", "(k, k)"),
    properties=(rows_are_distributions, what_happened_is_possible, no_better_row),
    mistakes=(
        nan_where_never_left,
        zeros_where_never_left,
        staying_where_never_left,
        ones_where_never_left,
        small_number_in_divisor,
        hardly_taken_for_never,
        tiny_taken_for_nothing,
        small_number_in_counts,
        smoothed,
        columns_sum_to_one,
        divided_along_columns,
        whole_sums_to_one,
        swapped,
        mean_of_matrices,
        first_sequence_only,
        last_sequence_only,
        counts_not_divided,
        softmax_of_counts,
        divided_by_the_largest,
    ),
    section="Starts and steps: counting what was expected",
)
