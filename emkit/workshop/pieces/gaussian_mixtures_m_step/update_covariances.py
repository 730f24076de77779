"""The best covariances for given responsibilities and means."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_m_step.laws import scale_is_best, variances_possible
from emkit.workshop.pieces.gaussian_mixtures_m_step.soft_labels import (
    far_from_zero,
    hard_labels,
    hardly_any,
    right_covariances,
    right_means,
    right_tied_covariance,
    small_soft_labels,
    soft_labels,
    with_means,
    with_weighted_means,
)


def update_covariances(X, resp, means):
    """Covariances that maximise Q for the means given, whatever these are.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row; they may lie a million of their own spreads away from 0.
    resp : (n, k) array
        Responsibilities; rows sum to 1, and every column has a sum above 0, however small.
    means : (k, d) array
        The means that the deviations are taken from. They needn't be the weighted means.

    Returns
    -------
    covariances : (k, d, d) array
        In squared units of X. Nothing is added to keep them from being flat.
    """


def covariance_cases(rng):
    """Means given by anybody and by the M-step; then a small component and data far from 0."""
    far = far_from_zero(rng)
    return [
        Case("5 points in 2 dimensions, 2 components, means that are not the weighted ones",
             with_means(rng, small_soft_labels(rng))),
        Case("20 points in 3 dimensions, 2 components, their weighted means",
             with_weighted_means(soft_labels(rng, 20, 3, 2))),
        Case("9 points in 2 dimensions, 4 components", with_means(rng, soft_labels(rng, 9, 2, 4))),
        Case("1 feature, 2 components", with_means(rng, soft_labels(rng, 6, 1, 2))),
        Case("a single point, 2 components", with_means(rng, soft_labels(rng, 1, 2, 2))),
        Case("a single component", with_means(rng, soft_labels(rng, 5, 2, 1))),
        Case("responsibilities of 0 and 1", with_weighted_means(hard_labels(rng))),
        Case("a component with hardly any responsibility", with_means(rng, hardly_any(rng)),
             hard=True, rtol=1e-8),
        Case("data a million away from 0, their weighted means", with_weighted_means(far),
             hard=True, rtol=1e-6, alike=1.0),
        Case("data a million away from 0, other means", with_means(rng, far),
             hard=True, rtol=1e-6, alike=1.0),
    ]  # fmt: skip


def covariances_possible(covariances, X, resp, means):
    """Each is symmetric and has no negative variance."""
    problems = (variances_possible(c, f"covariances[{j}]") for j, c in enumerate(covariances))
    return next(filter(None, problems), None)


def covariances_at_the_top(covariances, X, resp, means):
    """Q can't be raised by making one of them wider or narrower."""
    problems = (
        scale_is_best(c, X - m, r, f"covariances[{j}]")
        for j, (c, m, r) in enumerate(zip(covariances, means, resp.T, strict=True))
    )
    return next(filter(None, problems), None)


def scatter(X, resp, means):
    """Weighted sums of products of deviations, not divided."""
    return right_covariances(X, resp, means) * resp.sum(axis=0)[:, None, None]


def second_moments(X, resp):
    """Weighted means of x xᵀ, about 0."""
    return np.einsum("nk,nd,ne->kde", resp, X, X) / resp.sum(axis=0)[:, None, None]


@mistake("This is the mean of x xᵀ minus μ μᵀ. On paper that is the scatter about μ only if μ is "
         "the weighted mean; and with data far from 0 it subtracts two huge numbers that agree in "
         "nearly all their digits, so that only rounding is left. Subtract first, then "
         "multiply.")  # fmt: skip
def moments_minus_squared_means(X, resp, means):
    return second_moments(X, resp) - means[:, :, None] * means[:, None, :]


@mistake("The product is multiplied out, x xᵀ − x μᵀ − μ xᵀ + μ μᵀ. On paper that is right; with "
         "data far from 0 huge numbers cancel, and only rounding is left. Subtract first, then "
         "multiply.")  # fmt: skip
def multiplied_out(X, resp, means):
    cross = right_means(X, resp)[:, :, None] * means[:, None, :]
    squared = means[:, :, None] * means[:, None, :]
    return second_moments(X, resp) - cross - cross.transpose(0, 2, 1) + squared


@mistake("No mean is subtracted: this is the scatter about 0.")
def about_zero(X, resp, means):
    return second_moments(X, resp)


@mistake("These are covariances about the weighted means, and the `means` that were given aren't "
         "used.")  # fmt: skip
def about_the_weighted_means(X, resp, means):
    return right_covariances(X, resp, right_means(X, resp))


@mistake("These are covariances about the mean of all the data. Each component has a mean of its "
         "own, and it is given.")  # fmt: skip
def about_the_overall_mean(X, resp, means):
    return right_covariances(X, resp, np.stack([X.mean(axis=0)] * len(means)))


@mistake("All components' deviations are taken from the first mean: index the means with the "
         "component.")  # fmt: skip
def about_the_first_mean(X, resp, means):
    return right_covariances(X, resp, np.stack([means[0]] * len(means)))


@mistake("The scatter is divided by the number of points. Only a part of them is this component's: "
         "its effective count N_j.")  # fmt: skip
def scatter_over_points(X, resp, means):
    return scatter(X, resp, means) / len(X)


@mistake("This is the scatter, a sum. A covariance divides it by the total weight.")
def scatter_not_divided(X, resp, means):
    return scatter(X, resp, means)


@mistake("The scatter is divided by N_j − 1. That takes out the bias of a sample covariance; the "
         "maximum of Q divides by N_j.")  # fmt: skip
def scatter_over_one_less(X, resp, means):
    return scatter(X, resp, means) / (resp.sum(axis=0)[:, None, None] - 1)


@mistake("The responsibilities are missing: all points count fully for every component.")
def covariances_without_shares(X, resp, means):
    return right_covariances(X, np.ones_like(resp), means)


@mistake("The responsibilities are missing from the products: the sum is divided by N_j, but every "
         "point counts fully in it.")  # fmt: skip
def products_without_shares(X, resp, means):
    return scatter(X, np.ones_like(resp), means) / resp.sum(axis=0)[:, None, None]


@mistake("np.cov takes its own weighted means, not the `means` that are given, and divides by less "
         "than N_j. Take the deviations yourself.")  # fmt: skip
def covariances_by_numpy(X, resp, means):
    about_own = right_covariances(X, resp, right_means(X, resp))
    counts = resp.sum(axis=0)
    lessened = counts - (resp**2).sum(axis=0) / counts
    return about_own * (counts / lessened)[:, None, None]


@mistake("Both factors of the product carry the responsibility, so it comes in squared. It belongs "
         "to one of them.")  # fmt: skip
def covariances_of_squared_shares(X, resp, means):
    return scatter(X, resp**2, means) / resp.sum(axis=0)[:, None, None]


@mistake("The weights of the points are squared responsibilities: each share counts once, as it "
         "is.")  # fmt: skip
def weighted_with_squared_shares(X, resp, means):
    return right_covariances(X, resp**2, means)


@mistake("The deviations are added up first and multiplied then. Each point's product comes first: "
         "a sum of products, not a product of sums.")  # fmt: skip
def product_of_sums(X, resp, means):
    shift = right_means(X, resp) - means
    return shift[:, :, None] * shift[:, None, :]


@mistake("Everything beside the diagonal is 0, as if the features were independent within a "
         "component. Full covariances are asked for.")  # fmt: skip
def diagonal_covariances(X, resp, means):
    return right_covariances(X, resp, means) * np.eye(X.shape[1])


@mistake("These are square roots of the entries. A covariance matrix has variances on its "
         "diagonal, not standard deviations.")  # fmt: skip
def roots_of_entries(X, resp, means):
    return np.sqrt(np.abs(right_covariances(X, resp, means)))


@mistake("All components get one covariance, the tied one. Here each has its own.")
def tied_for_all(X, resp, means):
    return np.stack([right_tied_covariance(X, resp, means)] * len(means))


@mistake("Each point counts wholly for its likeliest component. Here it counts for every "
         "component, with its share.")  # fmt: skip
def covariances_of_labels(X, resp, means):
    return right_covariances(X, np.eye(resp.shape[1])[resp.argmax(axis=1)], means)


@mistake("A small number was added to the diagonals. That keeps components from collapsing, and "
         "changes what is maximised; Q alone doesn't ask for it.")  # fmt: skip
def small_number_on_diagonal(X, resp, means):
    return right_covariances(X, resp, means) + 1e-6 * np.eye(X.shape[1])


@mistake("A small number was added to the effective count. Every component has some "
         "responsibility, so nothing needs protecting – and one that has only a little gets a "
         "wrong covariance.")  # fmt: skip
def small_number_in_count(X, resp, means):
    return scatter(X, resp, means) / (resp.sum(axis=0)[:, None, None] + 1e-10)


PIECE = Piece(
    id="04.update_covariances",
    contract=update_covariances,
    correct=right_covariances,
    cases=covariance_cases,
    returns=Returned("covariances", "(k, d, d)"),
    properties=(covariances_possible, covariances_at_the_top),
    mistakes=(
        moments_minus_squared_means,
        multiplied_out,
        about_zero,
        about_the_weighted_means,
        about_the_overall_mean,
        about_the_first_mean,
        scatter_over_points,
        scatter_not_divided,
        scatter_over_one_less,
        covariances_without_shares,
        products_without_shares,
        covariances_by_numpy,
        covariances_of_squared_shares,
        weighted_with_squared_shares,
        product_of_sums,
        diagonal_covariances,
        roots_of_entries,
        tied_for_all,
        covariances_of_labels,
        small_number_on_diagonal,
        small_number_in_count,
    ),
    section="The covariances: a matrix derivative",
)
