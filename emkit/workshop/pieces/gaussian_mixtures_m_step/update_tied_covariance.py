"""The best covariance that all components share, for given responsibilities and means."""

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


def update_tied_covariance(X, resp, means):
    """The one covariance of all components that maximises Q for the means given.

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
    covariance : (d, d) array
        In squared units of X. Nothing is added to keep it from being flat.
    """


def tied_cases(rng):
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
             hard=True),
        Case("data a million away from 0, their weighted means", with_weighted_means(far),
             hard=True, rtol=1e-6, alike=1.0),
        Case("data a million away from 0, other means", with_means(rng, far),
             hard=True, rtol=1e-6, alike=1.0),
    ]  # fmt: skip


def covariance_possible(covariance, X, resp, means):
    """It is symmetric and has no negative variance."""
    return variances_possible(covariance, "covariance")


def covariance_at_the_top(covariance, X, resp, means):
    """Q can't be raised by making it wider or narrower."""
    deviations = np.concatenate([X - mean for mean in means])
    return scale_is_best(covariance, deviations, resp.T.ravel(), "covariance")


def outer_about_zero(X):
    """The mean of x xᵀ over all points."""
    return X.T @ X / len(X)


@mistake("This is the plain average of the components' covariances. A component that has more "
         "points must count for more.")  # fmt: skip
def plain_average(X, resp, means):
    return right_covariances(X, resp, means).mean(axis=0)


@mistake("The components' covariances are added up. What adds up is their *scatter*; it is divided "
         "once, by the number of all points.")  # fmt: skip
def sum_of_covariances(X, resp, means):
    return right_covariances(X, resp, means).sum(axis=0)


@mistake("This is the scatter, a sum over all points and components. A covariance divides it by "
         "the total weight.")  # fmt: skip
def tied_not_divided(X, resp, means):
    return len(X) * right_tied_covariance(X, resp, means)


@mistake("The scatter is divided by n and by k. The shares of a point sum to 1, so all the weight "
         "there is, over points *and* components, is n.")  # fmt: skip
def divided_by_components_too(X, resp, means):
    return right_tied_covariance(X, resp, means) / len(means)


@mistake("The scatter is divided by n − k. That takes out a bias; the maximum of Q divides by "
         "n.")  # fmt: skip
def divided_by_n_less_k(X, resp, means):
    degrees = len(X) - len(means)
    return len(X) * right_tied_covariance(X, resp, means) / (degrees or 1e-300)


@mistake("The scatter is divided by n − 1. That takes out the bias of a sample covariance; the "
         "maximum of Q divides by n.")  # fmt: skip
def tied_over_one_less(X, resp, means):
    return len(X) * right_tied_covariance(X, resp, means) / max(len(X) - 1, 1e-300)


@mistake("This is the covariance of all the data about their mean. Shared is only the *shape* of "
         "the components: the deviations are taken from each component's own mean.")  # fmt: skip
def covariance_of_all_data(X, resp, means):
    return np.atleast_2d(np.cov(X.T, bias=True))


@mistake("These are deviations from the weighted means, and the `means` that were given aren't "
         "used.")  # fmt: skip
def tied_about_the_weighted_means(X, resp, means):
    return right_tied_covariance(X, resp, right_means(X, resp))


@mistake("All deviations are taken from the first mean: index the means with the "
         "component.")  # fmt: skip
def tied_about_the_first_mean(X, resp, means):
    return right_tied_covariance(X, resp, np.stack([means[0]] * len(means)))


@mistake("No mean is subtracted: this is the scatter about 0.")
def tied_about_zero(X, resp, means):
    return outer_about_zero(X)


@mistake("This is the mean of x xᵀ minus the weighted mean of μ μᵀ. On paper that is the scatter "
         "about the means only if these are the weighted ones; and with data far from 0 it "
         "subtracts two huge numbers that agree in nearly all their digits, so that only rounding "
         "is left. Subtract first, then multiply.")  # fmt: skip
def tied_moments_minus_squared_means(X, resp, means):
    return outer_about_zero(X) - (means.T * resp.mean(axis=0)) @ means


@mistake("The product is multiplied out, x xᵀ − x μᵀ − μ xᵀ + μ μᵀ. On paper that is right; with "
         "data far from 0 huge numbers cancel, and only rounding is left. Subtract first, then "
         "multiply.")  # fmt: skip
def tied_multiplied_out(X, resp, means):
    cross = (resp.T @ X).T @ means / len(X)
    return outer_about_zero(X) - cross - cross.T + (means.T * resp.mean(axis=0)) @ means


@mistake("The responsibilities are missing: every point counts fully for every component.")
def tied_without_shares(X, resp, means):
    return right_tied_covariance(X, np.ones_like(resp), means)


@mistake("Both factors of the product carry the responsibility, so it comes in squared. It belongs "
         "to one of them.")  # fmt: skip
def tied_of_squared_shares(X, resp, means):
    squared = resp**2
    return right_tied_covariance(X, squared, means) * squared.sum() / len(X)


@mistake("Everything beside the diagonal is 0, as if the features were independent within a "
         "component.")  # fmt: skip
def tied_diagonal(X, resp, means):
    return right_tied_covariance(X, resp, means) * np.eye(X.shape[1])


@mistake("Each point counts wholly for its likeliest component. Here it counts for every "
         "component, with its share.")  # fmt: skip
def tied_of_labels(X, resp, means):
    return right_tied_covariance(X, np.eye(resp.shape[1])[resp.argmax(axis=1)], means)


@mistake("This is one covariance for each component. One for all is asked for.")
def one_for_each(X, resp, means):
    return right_covariances(X, resp, means)


@mistake("A small number was added to the diagonal. That keeps a covariance from collapsing, and "
         "changes what is maximised; Q alone doesn't ask for it.")  # fmt: skip
def small_number_on_the_diagonal(X, resp, means):
    return right_tied_covariance(X, resp, means) + 1e-6 * np.eye(X.shape[1])


PIECE = Piece(
    id="04.update_tied_covariance",
    contract=update_tied_covariance,
    correct=right_tied_covariance,
    cases=tied_cases,
    returns=Returned("covariance", "(d, d)"),
    properties=(covariance_possible, covariance_at_the_top),
    mistakes=(
        plain_average,
        sum_of_covariances,
        tied_not_divided,
        divided_by_components_too,
        divided_by_n_less_k,
        tied_over_one_less,
        covariance_of_all_data,
        tied_about_the_weighted_means,
        tied_about_the_first_mean,
        tied_about_zero,
        tied_moments_minus_squared_means,
        tied_multiplied_out,
        tied_without_shares,
        tied_of_squared_shares,
        tied_diagonal,
        tied_of_labels,
        one_for_each,
        small_number_on_the_diagonal,
    ),
    section="Covariance types, and what they cost",
)
