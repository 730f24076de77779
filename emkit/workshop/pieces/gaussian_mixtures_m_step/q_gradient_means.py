"""The gradient of Q with respect to the means: the derivation piece."""

import numpy as np

from emkit import families
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import random_covariance
from emkit.workshop.pieces.gaussian_mixtures_m_step.soft_labels import (
    far_from_zero,
    hard_labels,
    small_soft_labels,
    soft_labels,
    sums_about,
    with_means,
    with_weighted_means,
)


def q_gradient_means(X, resp, means, covariances):
    """Gradient of Q with respect to the means.

    Q = Σ_i Σ_j resp[i, j] · (log π_j + log N(x_i; means[j], covariances[j])), the expected
    complete-data log-likelihood: a sum over the points, not a mean.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row.
    resp : (n, k) array
        Responsibilities; rows sum to 1.
    means : (k, d) array
        Where the gradient is wanted.
    covariances : (k, d, d) array
        Symmetric and positive definite.

    Returns
    -------
    gradient : (k, d) array
        Entry [j, m] is the derivative of Q with respect to means[j, m].
    """


def q_gradient_cases(rng):
    """Means anywhere, means at the top of Q, data far from 0."""

    def somewhere(case):
        return with_covariances(with_means(rng, case))

    def with_covariances(case):
        k, d = case["means"].shape
        return {**case, "covariances": np.stack([random_covariance(rng, d) for _ in range(k)])}

    small = with_means(rng, small_soft_labels(rng))
    small["covariances"] = np.array([[[2.0, 0.5], [0.5, 1.0]], [[0.5, -0.2], [-0.2, 0.8]]])
    return [
        Case("5 points in 2 dimensions, 2 components", small),
        Case("9 points in 3 dimensions, 4 components", somewhere(soft_labels(rng, 9, 3, 4))),
        Case("1 feature, 2 components", somewhere(soft_labels(rng, 6, 1, 2))),
        Case("a single point, 3 components", somewhere(soft_labels(rng, 1, 2, 3))),
        Case("a single component", somewhere(soft_labels(rng, 5, 2, 1))),
        Case("responsibilities of 0 and 1", somewhere(hard_labels(rng))),
        Case("means at the top of Q, where its gradient is 0",
             with_covariances(with_weighted_means(soft_labels(rng, 8, 2, 2))), rtol=1e-6),
        Case("data a million away from 0", somewhere(far_from_zero(rng)), hard=True, rtol=1e-5),
    ]  # fmt: skip


def right_q_gradient(X, resp, means, covariances):
    """By the engine's sums of deviations."""
    sums = sums_about(means, X, resp).sums
    return np.linalg.solve(covariances, sums[:, :, None])[:, :, 0]


def as_differences_say(gradient, X, resp, means, covariances):
    """Q is quadratic in the means, so a central difference of any length is its derivative."""

    def q(j, mean):
        return resp[:, j] @ families.log_gaussian(X, mean, covariances[j])

    k, d = means.shape
    steps = np.eye(d)
    slopes = np.array([[(q(j, means[j] + s) - q(j, means[j] - s)) / 2 for s in steps]
                       for j in range(k)])  # fmt: skip
    wrong = np.abs(gradient - slopes) > 1e-6 * np.maximum(1, np.abs(slopes))
    for j, m in np.argwhere(wrong & (gradient * slopes < 0)):
        return (
            f"gradient[{j}, {m}] has the wrong sign: when means[{j}, {m}] grows a little, Q "
            f"{'rises' if slopes[j, m] > 0 else 'falls'}, and your gradient says the opposite"
        )
    for j, m in np.argwhere(wrong):
        return (
            f"in {wrong.sum()} of {wrong.size} entries, gradient[{j}, {m}] among them, your "
            f"gradient isn't what Q does when that entry of means is moved a little up and down"
        )
    return None


@mistake("The sign is wrong: a mean that lies below its points must be pulled *up*. Which is "
         "subtracted from which?")  # fmt: skip
def gradient_downhill(X, resp, means, covariances):
    return -right_q_gradient(X, resp, means, covariances)


@mistake("Σ⁻¹ is missing: the same pull counts for more where the component is narrow.")
def gradient_without_inverse(X, resp, means, covariances):
    return sums_about(means, X, resp).sums


@mistake("The pull is multiplied with Σ. In the log-density the deviations are measured with its "
         "*inverse*.")  # fmt: skip
def gradient_times_covariance(X, resp, means, covariances):
    return np.einsum("kde,ke->kd", covariances, sums_about(means, X, resp).sums)


@mistake("Only one factor of Σ = L Lᵀ is solved for. That is the u whose squared length is the "
         "squared distance; Σ⁻¹ takes both factors, L and then Lᵀ.")  # fmt: skip
def gradient_with_one_factor(X, resp, means, covariances):
    factors = np.linalg.cholesky(covariances)
    return np.linalg.solve(factors, sums_about(means, X, resp).sums[:, :, None])[:, :, 0]


@mistake("The responsibilities are missing: every point pulls at every component with full "
         "strength.")  # fmt: skip
def gradient_without_shares(X, resp, means, covariances):
    return right_q_gradient(X, np.ones_like(resp), means, covariances)


@mistake("This is divided by the number of points. Q is a sum over the points, and so is its "
         "gradient.")  # fmt: skip
def gradient_of_the_average(X, resp, means, covariances):
    return right_q_gradient(X, resp, means, covariances) / len(X)


@mistake("This is divided by the effective counts N_j. That solves for the best means; the "
         "gradient is asked for before anything is solved.")  # fmt: skip
def gradient_divided_by_counts(X, resp, means, covariances):
    return right_q_gradient(X, resp, means, covariances) / resp.sum(axis=0)[:, None]


@mistake("This is the step from the means to their best values. The gradient is the *slope* of Q "
         "where the means are now.")  # fmt: skip
def step_to_the_best(X, resp, means, covariances):
    return gradient_without_inverse(X, resp, means, covariances) / resp.sum(axis=0)[:, None]


@mistake("The gradient is twice what it should be: the ½ of the log-density and the 2 of the "
         "square's derivative cancel.")  # fmt: skip
def gradient_doubled(X, resp, means, covariances):
    return 2 * right_q_gradient(X, resp, means, covariances)


@mistake("The gradient is half of what it should be: the derivative of a square brings a 2, which "
         "cancels the ½ of the log-density.")  # fmt: skip
def gradient_halved(X, resp, means, covariances):
    return right_q_gradient(X, resp, means, covariances) / 2


@mistake("Only the diagonals of the covariances are used, as if the features were independent "
         "within a component.")  # fmt: skip
def gradient_with_variances(X, resp, means, covariances):
    variances = np.diagonal(covariances, axis1=1, axis2=2)
    return sums_about(means, X, resp).sums / variances


@mistake("The entries of Σ⁻¹ aren't one over the entries of Σ: a matrix is inverted as a "
         "whole.")  # fmt: skip
def inverted_entry_by_entry(X, resp, means, covariances):
    return np.einsum("kde,ke->kd", 1 / covariances, sums_about(means, X, resp).sums)


@mistake("Every component uses the first one's covariance: index it with the component.")
def gradient_with_first_covariance(X, resp, means, covariances):
    first = np.stack([covariances[0]] * len(means))
    return right_q_gradient(X, resp, means, first)


@mistake("Every point pulls at its likeliest component alone. In Q it pulls at all of them, in "
         "shares.")  # fmt: skip
def gradient_with_labels(X, resp, means, covariances):
    shares = np.eye(resp.shape[1])[resp.argmax(axis=1)]
    return right_q_gradient(X, shares, means, covariances)


@mistake("The responsibilities come in squared. In Q each log-density has its responsibility as a "
         "factor, once.")  # fmt: skip
def gradient_with_squared_shares(X, resp, means, covariances):
    return right_q_gradient(X, resp**2, means, covariances)


@mistake("Rows and columns are swapped: one *row* a component, one column a feature, as in "
         "means.")  # fmt: skip
def gradient_transposed(X, resp, means, covariances):
    return right_q_gradient(X, resp, means, covariances).T


PIECE = Piece(
    id="04.q_gradient_means",
    contract=q_gradient_means,
    correct=right_q_gradient,
    cases=q_gradient_cases,
    returns=Returned("gradient", "(k, d)"),
    properties=(as_differences_say,),
    mistakes=(
        gradient_downhill,
        gradient_without_inverse,
        gradient_times_covariance,
        gradient_with_one_factor,
        gradient_without_shares,
        gradient_of_the_average,
        gradient_divided_by_counts,
        step_to_the_best,
        gradient_doubled,
        gradient_halved,
        gradient_with_variances,
        inverted_entry_by_entry,
        gradient_with_first_covariance,
        gradient_with_labels,
        gradient_with_squared_shares,
        gradient_transposed,
    ),
    section="The means: where the gradient of Q is zero",
)
