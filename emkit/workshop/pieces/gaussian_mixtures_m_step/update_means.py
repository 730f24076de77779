"""The best means for given responsibilities."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_m_step.laws import (
    deviations_cancel,
    means_within_data,
)
from emkit.workshop.pieces.gaussian_mixtures_m_step.soft_labels import (
    far_from_zero,
    hard_labels,
    hardly_any,
    right_means,
    small_soft_labels,
    soft_labels,
)


def update_means(X, resp):
    """Means that maximise Q, the expected complete-data log-likelihood.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row.
    resp : (n, k) array
        Responsibilities; rows sum to 1, and every column has a sum above 0, however small.

    Returns
    -------
    means : (k, d) array
        In the units of X.
    """


def update_means_cases(rng):
    """Soft and hard shares, one feature, one point, one component; then the nasty ones."""
    return [
        Case("5 points in 2 dimensions, 2 components", small_soft_labels(rng)),
        Case("9 points in 3 dimensions, 4 components", soft_labels(rng, 9, 3, 4)),
        Case("1 feature, 3 components", soft_labels(rng, 6, 1, 3)),
        Case("a single point, 2 components", soft_labels(rng, 1, 3, 2)),
        Case("a single component", soft_labels(rng, 5, 2, 1)),
        Case("responsibilities of 0 and 1", hard_labels(rng)),
        Case("a component with hardly any responsibility", hardly_any(rng), hard=True, rtol=1e-8),
        Case("data a million away from 0", far_from_zero(rng), hard=True, rtol=1e-12),
    ]


def means_between_points(means, X, resp):
    """Each mean lies within the data."""
    return means_within_data(means, X)


@mistake("The weighted sums are divided by the number of points. A component's mean is divided by "
         "what that component has: its effective count N_j.")  # fmt: skip
def sums_over_points(X, resp):
    return resp.T @ X / len(X)


@mistake("These are the weighted sums. A mean divides by the total weight.")
def sums_not_divided(X, resp):
    return resp.T @ X


@mistake("The responsibilities are missing: all components get the plain mean of the data.")
def means_without_shares(X, resp):
    return np.stack([X.mean(axis=0)] * resp.shape[1])


@mistake("Each point counts wholly for its likeliest component: that is k-means' step. Here it "
         "counts for every component, with its share.")  # fmt: skip
def means_of_labels(X, resp):
    labels = np.eye(resp.shape[1])[resp.argmax(axis=1)]
    return right_means(X, labels)


@mistake("The effective counts were divided along the wrong axis: NumPy lines up (k,) with the "
         "*columns* of (k, d). Each row has its own N_j: see that the counts stand in a column, "
         "(k, 1).")  # fmt: skip
def counts_along_features(X, resp):
    return resp.T @ X / resp.sum(axis=0)


@mistake("The responsibilities come in squared: each share counts once, as it is.")
def means_of_squared_shares(X, resp):
    return right_means(X, resp**2)


@mistake("Rows and columns are swapped: one *row* a component, one column a feature.")
def means_transposed(X, resp):
    return right_means(X, resp).T


@mistake("The effective count is reduced by 1. That correction belongs to variances, and not here "
         "either.")  # fmt: skip
def counts_less_one(X, resp):
    return resp.T @ X / (resp.sum(axis=0)[:, None] - 1)


@mistake("A small number was added to the effective count. Every component has some "
         "responsibility, so nothing needs protecting – and one that has only a little gets a "
         "wrong mean.")  # fmt: skip
def small_number_added(X, resp):
    return resp.T @ X / (resp.sum(axis=0)[:, None] + 1e-10)


@mistake("Every component gets the mean of the first one: index the responsibilities with the "
         "component.")  # fmt: skip
def first_mean_for_all(X, resp):
    return np.stack([right_means(X, resp)[0]] * resp.shape[1])


@mistake("Within each component the responsibilities went through exp before they became weights. "
         "They are shares already.")  # fmt: skip
def means_of_softmax(X, resp):
    return right_means(X, np.exp(resp))


PIECE = Piece(
    id="04.update_means",
    contract=update_means,
    correct=right_means,
    cases=update_means_cases,
    returns=Returned("means", "(k, d)"),
    properties=(means_between_points, deviations_cancel),
    mistakes=(
        sums_over_points,
        sums_not_divided,
        means_without_shares,
        means_of_labels,
        counts_along_features,
        means_of_squared_shares,
        means_transposed,
        counts_less_one,
        small_number_added,
        first_mean_for_all,
        means_of_softmax,
    ),
    section="The means: where the gradient of Q is zero",
)
