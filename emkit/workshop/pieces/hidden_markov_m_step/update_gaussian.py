"""Gaussian emissions: weighted means and covariances over all sequences."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_m_step.laws import (
    deviations_cancel,
    means_within_data,
    scale_is_best,
    variances_possible,
)
from emkit.workshop.pieces.gaussian_mixtures_m_step.soft_labels import (
    right_covariances,
    right_means,
)
from emkit.workshop.pieces.hidden_markov_m_step.expectations import (
    joined,
    random_gammas,
    small_gammas,
)


def update_gaussian(sequences, gammas):
    """Means and covariances that maximise the expected complete-data log-likelihood.

    Parameters
    ----------
    sequences : list of (t, d) arrays
        Observations, one array a sequence; sequences may differ in length, and there may be one.
        They may lie 1e6 away from 0.
    gammas : list of (t, k) arrays
        State posteriors of the same sequences; rows sum to 1, and every state has some posterior
        probability.

    Returns
    -------
    means : (k, d) array
    covariances : (k, d, d) array
        Full covariances about these means, in squared units of the observations. Nothing is added
        to keep them from being flat.
    """


def gaussian_cases(rng):
    """Several sequences and one, one time, one feature, and sequences far from 0."""

    def case(lengths, d, k, at=0.0):
        centres = at + rng.normal(scale=2, size=(1, d))
        sequences = [centres + rng.normal(scale=2, size=(t, d)) for t in lengths]
        return {"sequences": sequences, "gammas": random_gammas(rng, lengths, k)}

    rows = rng.normal(scale=1.5, size=(5, 2)).round(1) + np.array([1.0, -0.5])
    small = {"sequences": [rows[:3], rows[3:]], "gammas": small_gammas(rng)}
    return [
        Case("2 sequences of 2 features, 2 states", small),
        Case("4 sequences of different lengths, 3 features, 2 states", case((9, 2, 12, 5), 3, 2)),
        Case("3 sequences of 2 features, 4 states", case((6, 7, 4), 2, 4)),
        Case("a single sequence", case((8,), 2, 3)),
        Case("1 feature", case((4, 3), 1, 2)),
        Case("a single time", case((1,), 2, 2)),
        Case("a single state", case((4, 5), 2, 1)),
        Case("sequences a million away from 0", case((9, 6, 5), 2, 2, at=1e6), hard=True,
             rtol=1e-6, alike=0.1),
    ]  # fmt: skip


def together(sequences, gammas):
    """The rows of all sequences and their posteriors."""
    return joined(sequences), np.concatenate(gammas)


def correct_update_gaussian(sequences, gammas):
    """The engine's means and covariances of all rows."""
    X, gamma = together(sequences, gammas)
    means = right_means(X, gamma)
    return means, right_covariances(X, gamma, means)


def means_in_their_places(answer, sequences, gammas):
    """Within the data, where the gradient of Q is 0."""
    X, gamma = together(sequences, gammas)
    return means_within_data(answer[0], X) or deviations_cancel(answer[0], X, gamma)


def covariances_in_their_places(answer, sequences, gammas):
    """Possible, and neither too wide nor too narrow for Q."""
    means, covariances = answer
    X, gamma = together(sequences, gammas)
    for j, (covariance, mean) in enumerate(zip(covariances, means, strict=True)):
        name = f"covariances[{j}]"
        problem = variances_possible(covariance, name)
        problem = problem or scale_is_best(covariance, X - mean, gamma[:, j], name)
        if problem:
            return problem
    return None


def of(X, weights, means=None):
    """Means and covariances for weights that may be the wrong ones."""
    means = right_means(X, weights) if means is None else means
    return means, right_covariances(X, weights, means)


@mistake("Each sequence's means and covariances are made first, and then their mean taken. A short "
         "sequence then counts as much as a long one: add up over all rows, then "
         "divide.")  # fmt: skip
def mean_over_sequences(sequences, gammas):
    each = [correct_update_gaussian([s], [g]) for s, g in zip(sequences, gammas, strict=True)]
    return tuple(np.mean(values, axis=0) for values in zip(*each, strict=True))


@mistake("Each sequence's means and covariances are weighted with its *length*. How much a "
         "sequence says about a state depends on how long it was in that state: add up over all "
         "rows, then divide.")  # fmt: skip
def weighted_with_length(sequences, gammas):
    each = [correct_update_gaussian([s], [g]) for s, g in zip(sequences, gammas, strict=True)]
    lengths = [len(sequence) for sequence in sequences]
    return tuple(np.average(v, axis=0, weights=lengths) for v in zip(*each, strict=True))


@mistake("The deviations are taken from each sequence's own means. A state has the same mean in "
         "all sequences, the one that you return.")  # fmt: skip
def about_each_sequences_means(sequences, gammas):
    X, gamma = together(sequences, gammas)
    counts = gamma.sum(axis=0)
    scatter = [
        correct_update_gaussian([s], [g])[1] * g.sum(axis=0)[:, None, None]
        for s, g in zip(sequences, gammas, strict=True)
    ]
    return right_means(X, gamma), sum(scatter) / counts[:, None, None]


@mistake("Only the first sequence is used. The sums run over all of them.")
def first_sequence_only(sequences, gammas):
    return correct_update_gaussian(sequences[:1], gammas[:1])


@mistake("Only the last sequence is used: the loop overwrites the result.")
def last_sequence_only(sequences, gammas):
    return correct_update_gaussian(sequences[-1:], gammas[-1:])


@mistake("The posteriors don't come in: every row counts fully for every state.")
def without_posteriors(sequences, gammas):
    X, gamma = together(sequences, gammas)
    return of(X, np.ones_like(gamma))


@mistake("The sums are divided by the number of rows. Only a part of them is this state's: the sum "
         "of its posteriors.")  # fmt: skip
def divided_by_rows(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means = gamma.T @ X / len(X)
    scatter = right_covariances(X, gamma, means) * gamma.sum(axis=0)[:, None, None]
    return means, scatter / len(X)


@mistake("The means are right, but the scatter is divided by the number of rows. Only a part of "
         "them is this state's: the sum of its posteriors.")  # fmt: skip
def scatter_divided_by_rows(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means, covariances = of(X, gamma)
    return means, covariances * gamma.sum(axis=0)[:, None, None] / len(X)


@mistake("The scatter isn't divided by the sum of the state's posteriors.")
def scatter_not_divided(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means, covariances = of(X, gamma)
    return means, covariances * gamma.sum(axis=0)[:, None, None]


@mistake("The scatter is divided by the count less one. That takes out the bias of a sample "
         "covariance; the maximum of Q doesn't ask for it.")  # fmt: skip
def divided_by_one_less(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means, covariances = of(X, gamma)
    counts = gamma.sum(axis=0)[:, None, None]
    with np.errstate(all="ignore"):
        return means, covariances * counts / (counts - 1)


@mistake("`np.cov` with `aweights` divides by less than the sum of the posteriors, to take out "
         "the bias of a sample covariance. The maximum of Q doesn't ask for it: say "
         "`ddof=0`.")  # fmt: skip
def as_numpy_covers_samples(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means, covariances = of(X, gamma)
    counts, squares = gamma.sum(axis=0), (gamma**2).sum(axis=0)
    with np.errstate(all="ignore"):
        return means, covariances * (counts / (counts - squares / counts))[:, None, None]


@mistake("In the scatter every row counts fully for every state. It counts with its posterior, as "
         "in the mean.")  # fmt: skip
def scatter_without_posteriors(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means = right_means(X, gamma)
    scatter = right_covariances(X, np.ones_like(gamma), means) * len(X)
    return means, scatter / gamma.sum(axis=0)[:, None, None]


@mistake("Each *column* of `means` is a state's mean here. Row j belongs to state j.")
def means_turned(sequences, gammas):
    means, covariances = correct_update_gaussian(sequences, gammas)
    return means.T, covariances


@mistake("The mean of x xᵀ minus μ μᵀ: with observations far from 0 these are two huge numbers "
         "that agree in nearly all digits, and only rounding is left. Subtract the mean first, "
         "then multiply.")  # fmt: skip
def moments_minus_squared_means(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means = right_means(X, gamma)
    moments = np.einsum("tk,td,te->kde", gamma, X, X) / gamma.sum(axis=0)[:, None, None]
    return means, moments - means[:, :, None] * means[:, None, :]


@mistake("No mean is subtracted: this is the scatter about 0.")
def about_zero(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means = right_means(X, gamma)
    return means, right_covariances(X, gamma, np.zeros_like(means))


@mistake("The deviations are taken from the mean of all rows. Each state has a mean of its own.")
def about_the_overall_mean(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means = right_means(X, gamma)
    return means, right_covariances(X, gamma, np.stack([X.mean(axis=0)] * len(means)))


@mistake("Each row counts wholly for its likeliest state. In the expectation it counts for every "
         "state, with its posterior.")  # fmt: skip
def likeliest_states(sequences, gammas):
    X, gamma = together(sequences, gammas)
    labels = np.eye(gamma.shape[1])[gamma.argmax(axis=1)]
    counts = np.maximum(labels.sum(axis=0), 1)
    means = labels.T @ X / counts[:, None]
    deviations = X[:, None] - means
    scatter = np.einsum("tk,tkd,tke->kde", labels, deviations, deviations)
    return means, scatter / counts[:, None, None]


@mistake("In the scatter the posteriors come in squared: in the product of deviations they belong "
         "to one factor.")  # fmt: skip
def squared_posteriors(sequences, gammas):
    X, gamma = together(sequences, gammas)
    means = right_means(X, gamma)
    weights = (gamma**2).sum(axis=0) / gamma.sum(axis=0)
    return means, right_covariances(X, gamma**2, means) * weights[:, None, None]


@mistake("Everything beside the diagonal is 0, as if the features were independent within a state. "
         "Full covariances are asked for.")  # fmt: skip
def diagonal_covariances(sequences, gammas):
    means, covariances = correct_update_gaussian(sequences, gammas)
    return means, covariances * np.eye(covariances.shape[1])


@mistake("These are square roots: a covariance matrix has variances on its diagonal, not standard "
         "deviations.")  # fmt: skip
def roots_of_entries(sequences, gammas):
    means, covariances = correct_update_gaussian(sequences, gammas)
    return means, np.sqrt(np.abs(covariances))


@mistake("A small number was added to the diagonals. That changes what is maximised; Q alone "
         "doesn't ask for it.")  # fmt: skip
def small_number_on_diagonal(sequences, gammas):
    means, covariances = correct_update_gaussian(sequences, gammas)
    return means, covariances + 1e-6 * np.eye(covariances.shape[1])


@mistake("All states get one covariance. Here each has its own.")
def one_for_all(sequences, gammas):
    means, covariances = correct_update_gaussian(sequences, gammas)
    counts = np.concatenate(gammas).sum(axis=0)
    tied = np.average(covariances, axis=0, weights=counts)
    return means, np.stack([tied] * len(means))


PIECE = Piece(
    id="10.update_gaussian",
    contract=update_gaussian,
    correct=correct_update_gaussian,
    cases=gaussian_cases,
    returns=(Returned("means", "(k, d)"), Returned("covariances", "(k, d, d)")),
    properties=(means_in_their_places, covariances_in_their_places),
    mistakes=(
        moments_minus_squared_means,
        mean_over_sequences,
        weighted_with_length,
        about_each_sequences_means,
        first_sequence_only,
        last_sequence_only,
        without_posteriors,
        divided_by_rows,
        scatter_divided_by_rows,
        scatter_not_divided,
        divided_by_one_less,
        as_numpy_covers_samples,
        scatter_without_posteriors,
        means_turned,
        about_zero,
        about_the_overall_mean,
        likeliest_states,
        squared_posteriors,
        diagonal_covariances,
        roots_of_entries,
        small_number_on_diagonal,
        one_for_all,
    ),
    section="Gaussian emissions from many sequences",
)
