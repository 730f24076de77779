"""Poisson emissions: a rate for each state."""

import numpy as np

from emkit import families
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_m_step.expectations import (
    joined,
    random_gammas,
    small_gammas,
)


def update_poisson(sequences, gammas):
    """Rates that maximise the expected complete-data log-likelihood of Poisson counts.

    Parameters
    ----------
    sequences : list of (t,) arrays
        Counts, integers or floats with whole values, one array a sequence; sequences may differ in
        length, and there may be one.
    gammas : list of (t, k) arrays
        State posteriors of the same sequences; rows sum to 1, and every state has some posterior
        probability, however small.

    Returns
    -------
    rates : (k,) array
        Expected counts per time in each state, floats; 0 where all counts are.
    """


def poisson_cases(rng):
    """Integers and floats, several sequences and one, no counts at all, a state hardly visited."""

    def case(lengths, k, rate=8.0, dtype=int):
        sequences = [rng.poisson(rate, size=t).astype(dtype) for t in lengths]
        sequences[0][0] += 1  # so that not all counts are 0
        return {"sequences": sequences, "gammas": random_gammas(rng, lengths, k)}

    counts = rng.permutation([3, 11, 7, 0, 18])
    small = {"sequences": [counts[:3], counts[3:]], "gammas": small_gammas(rng)}
    quiet = case((4, 3), 2)
    quiet["sequences"] = [np.zeros_like(s) for s in quiet["sequences"]]
    hardly = case((5, 6), 2)
    for gamma in hardly["gammas"]:
        gamma[:, 0] = rng.uniform(1e-12, 1e-11, size=len(gamma))
        gamma[:, 1] = 1 - gamma[:, 0]
    return [
        Case("2 sequences, 2 states", small),
        Case("4 sequences of different lengths, 3 states", case((9, 2, 12, 5), 3)),
        Case("counts as floats", case((6, 4), 4, dtype=float)),
        Case("counts below 1 on average", case((7, 8), 2, rate=0.4)),
        Case("a single sequence", case((10,), 3)),
        Case("a single time", case((1,), 2)),
        Case("a single state", case((4, 3), 1)),
        Case("nothing ever counted", quiet),
        Case("a state that is hardly ever visited", hardly, hard=True),
        Case("counts of about a billion", case((5, 4), 2, rate=1e9), hard=True),
    ]


def correct_update_poisson(sequences, gammas):
    """The engine's rates of all rows."""
    family = families.Poisson()
    statistics = family.statistics(None, joined(sequences), np.concatenate(gammas))
    return family.estimate(statistics, None).rates[:, 0]


def rates_within_data(rates, sequences, gammas):
    """A weighted mean lies between the smallest and the largest count."""
    counts = np.concatenate(sequences)
    low, high = counts.min(), counts.max()
    slack = 1e-9 * high + 1e-12
    for j in np.flatnonzero((rates < low - slack) | (rates > high + slack)):
        return f"rates[{j}] is {rates[j]:.6g}, outside the counts, which go from {low} to {high}"
    return None


def totals_agree(rates, sequences, gammas):
    """Expected counts under the rates are the counts: the derivatives of Q add up to 0."""
    expected = np.concatenate(gammas).sum(axis=0) @ rates
    counted = np.concatenate(sequences).sum()
    if abs(expected - counted) > 1e-8 * max(1, counted):
        return (
            f"with your rates, and the states as often as gamma has them, {expected:.6g} counts "
            f"are expected altogether; there were {counted:.6g}"
        )
    return None


def weighted(counts, gamma):
    """Sums of counts, each with its posterior, (k,)."""
    return gamma.T @ counts


def flat(sequences, gammas):
    """All counts and all posteriors."""
    return np.concatenate(sequences), np.concatenate(gammas)


@mistake("The sums are divided by the number of times. Only a part of them is this state's: the "
         "sum of its posteriors.")  # fmt: skip
def divided_by_times(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    return weighted(counts, gamma) / len(counts)


@mistake("These are sums. A rate is a mean: divide by the sum of the state's posteriors.")
def not_divided(sequences, gammas):
    return weighted(*flat(sequences, gammas))


@mistake("Each sequence's rates are made first, and then their mean taken. A short sequence then "
         "counts as much as a long one: add up over all times, then divide.")  # fmt: skip
def mean_over_sequences(sequences, gammas):
    each = [correct_update_poisson([s], [g]) for s, g in zip(sequences, gammas, strict=True)]
    return np.mean(each, axis=0)


@mistake("Each sequence's rates are weighted with its *length*. How much a sequence says about a "
         "state depends on how long it was in that state: add up over all times, then "
         "divide.")  # fmt: skip
def weighted_with_length(sequences, gammas):
    each = [correct_update_poisson([s], [g]) for s, g in zip(sequences, gammas, strict=True)]
    return np.average(each, axis=0, weights=[len(sequence) for sequence in sequences])


@mistake("Only the first sequence is used. The sums run over all of them.")
def first_sequence_only(sequences, gammas):
    return correct_update_poisson(sequences[:1], gammas[:1])


@mistake("Only the last sequence is used: the loop overwrites the result.")
def last_sequence_only(sequences, gammas):
    return correct_update_poisson(sequences[-1:], gammas[-1:])


@mistake("The posteriors don't come in: all states get the same rate.")
def without_posteriors(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    return np.full(gamma.shape[1], counts.mean())


@mistake("The rates are cut down to whole numbers: the counts' type, integer, was passed on. "
         "Collect sums in an array of floats.")  # fmt: skip
def whole_numbers(sequences, gammas):
    return correct_update_poisson(sequences, gammas).astype(sequences[0].dtype).astype(float)


@mistake("Sums were collected in an array of integers, and each term lost what is behind its "
         "point. Collect them in an array of floats.")  # fmt: skip
def sums_in_whole_numbers(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    if counts.dtype.kind == "f":
        return correct_update_poisson(sequences, gammas)
    return np.trunc(gamma * counts[:, None]).sum(axis=0) / gamma.sum(axis=0)


@mistake("Each time counts wholly for its likeliest state. In the expectation it counts for every "
         "state, with its posterior.")  # fmt: skip
def likeliest_states(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    labels = np.eye(gamma.shape[1])[gamma.argmax(axis=1)]
    return weighted(counts, labels) / np.maximum(labels.sum(axis=0), 1)


@mistake("The weights are squared posteriors: each posterior counts once, as it is.")
def squared_posteriors(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    return weighted(counts, gamma**2) / gamma.sum(axis=0)


@mistake("The posteriors are divided by the counts' sum: this is the share of all counts that fell "
         "in each state. A rate is a number per *time*.")  # fmt: skip
def share_of_counts(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    return weighted(counts, gamma) / max(counts.sum(), 1)


@mistake("This is one over the rate, the mean waiting time. Wanted are counts per time.")
def times_per_count(sequences, gammas):
    with np.errstate(all="ignore"):
        return 1 / correct_update_poisson(sequences, gammas)


@mistake("These are weighted variances. For Poisson counts they come near the mean, but the "
         "maximum of Q is the mean itself.")  # fmt: skip
def variances(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    rates = correct_update_poisson(sequences, gammas)
    return (gamma * (counts[:, None] - rates) ** 2).sum(axis=0) / gamma.sum(axis=0)


@mistake("These are means of logarithms. The logarithm of the rate stands in Q, but its maximum is "
         "where the rate itself is a mean.")  # fmt: skip
def means_of_logs(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    return np.exp(weighted(np.log(counts + 1), gamma) / gamma.sum(axis=0)) - 1


@mistake("A small number was added to the divisor. Every state has some posterior probability, so "
         "nothing needs protecting – and one that has only a little gets a wrong "
         "rate.")  # fmt: skip
def small_number_in_divisor(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    return weighted(counts, gamma) / (gamma.sum(axis=0) + 1e-10)


@mistake("A state of which gamma sums to less than one is taken for one that was never visited. "
         "Divide by the sum, however small it is.")  # fmt: skip
def counts_of_at_least_one(sequences, gammas):
    counts, gamma = flat(sequences, gammas)
    return weighted(counts, gamma) / np.maximum(gamma.sum(axis=0), 1)


PIECE = Piece(
    id="10.update_poisson",
    contract=update_poisson,
    correct=correct_update_poisson,
    cases=poisson_cases,
    returns=Returned("rates", "(k,)"),
    properties=(rates_within_data, totals_agree),
    mistakes=(
        divided_by_times,
        not_divided,
        mean_over_sequences,
        weighted_with_length,
        first_sequence_only,
        last_sequence_only,
        without_posteriors,
        whole_numbers,
        sums_in_whole_numbers,
        likeliest_states,
        squared_posteriors,
        share_of_counts,
        times_per_count,
        variances,
        means_of_logs,
        small_number_in_divisor,
        counts_of_at_least_one,
    ),
    section="Poisson emissions: quiet years and violent ones",
)
