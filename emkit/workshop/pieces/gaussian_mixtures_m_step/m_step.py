"""The whole M-step: all parameters that the responsibilities ask for."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_m_step.laws import (
    deviations_cancel,
    means_within_data,
    no_better_weights,
    scale_is_best,
    shares_of_one,
    variances_possible,
)
from emkit.workshop.pieces.gaussian_mixtures_m_step.soft_labels import (
    far_from_zero,
    hard_labels,
    hardly_any,
    right_covariances,
    right_means,
    right_tied_covariance,
    right_weights,
    small_soft_labels,
    soft_labels,
)
from emkit.workshop.pieces.gaussian_mixtures_m_step.update_covariances import second_moments


def m_step(X, resp):
    """All parameters that maximise Q, the expected complete-data log-likelihood.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row; they may lie a million of their own spreads away from 0.
    resp : (n, k) array
        Responsibilities; rows sum to 1, and every column has a sum above 0, however small.

    Returns
    -------
    weights : (k,) array
        Sum to 1.
    means : (k, d) array
        In the units of X.
    covariances : (k, d, d) array
        About these means, in squared units of X. Nothing is added to keep them from being flat.
    """


def m_step_cases(rng):
    """Soft and hard shares, one feature, one point, one component; then the nasty ones."""
    return [
        Case("5 points in 2 dimensions, 2 components", small_soft_labels(rng)),
        Case("20 points in 3 dimensions, 2 components", soft_labels(rng, 20, 3, 2)),
        Case("9 points in 2 dimensions, 4 components", soft_labels(rng, 9, 2, 4)),
        Case("1 feature, 3 components", soft_labels(rng, 8, 1, 3)),
        Case("a single point, 2 components", soft_labels(rng, 1, 2, 2)),
        Case("a single component", soft_labels(rng, 6, 2, 1)),
        Case("responsibilities of 0 and 1", hard_labels(rng)),
        Case("a component with hardly any responsibility", hardly_any(rng), hard=True, rtol=1e-8),
        Case("data a million away from 0", far_from_zero(rng), hard=True, rtol=1e-6, alike=1.0),
    ]


def right_m_step(X, resp):
    """The engine's three updates."""
    means = right_means(X, resp)
    return right_weights(resp), means, right_covariances(X, resp, means)


def weights_at_the_top(answer, X, resp):
    """Shares that Q can't be raised by shifting."""
    return shares_of_one(answer[0]) or no_better_weights(answer[0], resp)


def means_at_the_top(answer, X, resp):
    """Within the data, and without a slope of Q."""
    return means_within_data(answer[1], X) or deviations_cancel(answer[1], X, resp)


def covariances_at_the_top(answer, X, resp):
    """Possible, and neither too wide nor too narrow."""
    for j, (mean, covariance) in enumerate(zip(answer[1], answer[2], strict=True)):
        name = f"covariances[{j}]"
        problem = variances_possible(covariance, name)
        problem = problem or scale_is_best(covariance, X - mean, resp[:, j], name)
        if problem:
            return problem
    return None


@mistake("The three come back in another order: wanted are weights, means, covariances.")
def another_order(X, resp):
    weights, means, covariances = right_m_step(X, resp)
    return means, covariances, weights


@mistake("The weights are the effective counts N_j. They must sum to 1.")
def counts_for_weights(X, resp):
    return resp.sum(axis=0), *right_m_step(X, resp)[1:]


@mistake("The weights are all equal, whatever the responsibilities say.")
def weights_all_equal(X, resp):
    k = resp.shape[1]
    return np.full(k, 1 / k), *right_m_step(X, resp)[1:]


@mistake("The weighted sums are divided by the number of points. Each component's mean and "
         "covariance divide by its own effective count N_j.")  # fmt: skip
def all_over_points(X, resp):
    means = resp.T @ X / len(X)
    covariances = right_covariances(X, resp, means) * resp.mean(axis=0)[:, None, None]
    return right_weights(resp), means, covariances


@mistake("The responsibilities are missing from means and covariances: all points count fully for "
         "every component.")  # fmt: skip
def nothing_weighted(X, resp):
    ones = np.ones_like(resp)
    return right_weights(resp), *right_m_step(X, ones)[1:]


@mistake("Each point counts wholly for its likeliest component: that is k-means' step. Here it "
         "counts for every component, with its share.")  # fmt: skip
def step_of_labels(X, resp):
    return right_m_step(X, np.eye(resp.shape[1])[resp.argmax(axis=1)])


@mistake("The covariances divide by the number of points. Only a part of them is a component's: "
         "its effective count N_j.")  # fmt: skip
def covariances_over_points(X, resp):
    weights, means, covariances = right_m_step(X, resp)
    return weights, means, covariances * weights[:, None, None]


@mistake("The covariances divide by N_j − 1. That takes out the bias of a sample covariance; the "
         "maximum of Q divides by N_j.")  # fmt: skip
def covariances_over_one_less(X, resp):
    weights, means, covariances = right_m_step(X, resp)
    counts = resp.sum(axis=0)[:, None, None]
    return weights, means, covariances * counts / (counts - 1)


@mistake("np.cov with weights takes out a bias unless told otherwise: it divides by less than N_j, "
         "the maximum of Q by N_j itself. Its ddof says which.")  # fmt: skip
def covariances_by_numpy(X, resp):
    weights, means, covariances = right_m_step(X, resp)
    counts = resp.sum(axis=0)
    lessened = counts - (resp**2).sum(axis=0) / counts
    return weights, means, covariances * (counts / lessened)[:, None, None]


@mistake("The covariances are about 0: no mean is subtracted.")
def nothing_subtracted(X, resp):
    return right_weights(resp), right_means(X, resp), second_moments(X, resp)


@mistake("The covariances are about the mean of all the data. The M-step has just made a mean for "
         "each component: take the deviations from those.")  # fmt: skip
def about_one_mean(X, resp):
    overall = np.stack([X.mean(axis=0)] * resp.shape[1])
    return right_weights(resp), right_means(X, resp), right_covariances(X, resp, overall)


@mistake("All covariances are about the first mean: index the means with the component.")
def about_the_first(X, resp):
    means = right_means(X, resp)
    first = np.stack([means[0]] * len(means))
    return right_weights(resp), means, right_covariances(X, resp, first)


@mistake("The covariances are the mean of x xᵀ minus μ μᵀ. On paper that is right; with data far "
         "from 0 it subtracts two huge numbers that agree in nearly all their digits, so that only "
         "rounding is left. Subtract first, then multiply.")  # fmt: skip
def moments_minus_means(X, resp):
    means = right_means(X, resp)
    covariances = second_moments(X, resp) - means[:, :, None] * means[:, None, :]
    return right_weights(resp), means, covariances


@mistake("Everything beside the covariances' diagonals is 0, as if the features were independent "
         "within a component.")  # fmt: skip
def only_variances(X, resp):
    weights, means, covariances = right_m_step(X, resp)
    return weights, means, covariances * np.eye(X.shape[1])


@mistake("All components get one covariance, the tied one. Here each has its own.")
def one_covariance_for_all(X, resp):
    means = right_means(X, resp)
    tied = right_tied_covariance(X, resp, means)
    return right_weights(resp), means, np.stack([tied] * len(means))


@mistake("The covariances' responsibilities come in squared: they stand at both factors of the "
         "product. They belong to one of them.")  # fmt: skip
def squared_in_covariances(X, resp):
    means = right_means(X, resp)
    counts, squared = resp.sum(axis=0), resp**2
    scale = (squared.sum(axis=0) / counts)[:, None, None]
    return right_weights(resp), means, right_covariances(X, squared, means) * scale


@mistake("A small number was added to the covariances' diagonals. That keeps components from "
         "collapsing, and changes what is maximised; Q alone doesn't ask for it.")  # fmt: skip
def small_number_added(X, resp):
    weights, means, covariances = right_m_step(X, resp)
    return weights, means, covariances + 1e-6 * np.eye(X.shape[1])


PIECE = Piece(
    id="04.m_step",
    contract=m_step,
    correct=right_m_step,
    cases=m_step_cases,
    returns=(
        Returned("weights", "(k,)"),
        Returned("means", "(k, d)"),
        Returned("covariances", "(k, d, d)"),
    ),
    properties=(weights_at_the_top, means_at_the_top, covariances_at_the_top),
    mistakes=(
        another_order,
        counts_for_weights,
        weights_all_equal,
        all_over_points,
        nothing_weighted,
        step_of_labels,
        covariances_over_points,
        covariances_over_one_less,
        covariances_by_numpy,
        nothing_subtracted,
        about_one_mean,
        about_the_first,
        moments_minus_means,
        only_variances,
        one_covariance_for_all,
        squared_in_covariances,
        small_number_added,
    ),
    section="The M-step in one piece",
)
