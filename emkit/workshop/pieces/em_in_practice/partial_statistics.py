"""What a chunk of the data has to say to the M-step."""

import numpy as np

from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.em_in_practice.sums import (
    STATISTICS,
    random_part,
    right_statistics,
    scatter_problem,
    small_part,
)


def partial_statistics(X, resp, log_likelihood, centres):
    """Statistics of some rows for the M-step of a Gaussian mixture, taken about `centres`.

    Parameters
    ----------
    X : (n, d) array
        Rows of the data, which may lie 1e6 away from 0.
    resp : (n, k) array
        Their responsibilities; rows sum to 1.
    log_likelihood : float
        Their log-likelihood.
    centres : (k, d) array
        One point for each component, near its points; deviations are taken from it.

    Returns
    -------
    counts : (k,) array
        Sums of the responsibilities.
    sums : (k, d) array
        Sums of the weighted deviations x − centre.
    outer : (k, d, d) array
        Sums of the weighted products (x − centre)(x − centre)ᵀ.
    log_likelihood : float
        As it came in.
    """


def partial_statistics_cases(rng):
    """Parts of several sizes, then far from 0."""
    equal = random_part(rng, 3, 3, 3)
    return [
        Case("3 points in 2 dimensions, 2 components", small_part(rng)),
        Case("9 points in 3 dimensions, 4 components", random_part(rng, 9, 3, 4)),
        Case("as many points, features and components", equal),
        Case("1 feature, 2 components", random_part(rng, 5, 1, 2)),
        Case("a single component", random_part(rng, 6, 2, 1)),
        Case("a single point", random_part(rng, 1, 2, 3)),
        Case(
            "data 1e6 away from 0",
            random_part(rng, 8, 2, 2, offset=1e6),
            hard=True,
            rtol=1e-7,
            alike=0.01,
        ),
    ]


def sums_of_points(answer, X, resp, log_likelihood, centres):
    """Responsibilities sum to 1 in each row, and sums of points have their inequalities."""
    counts, sums, outer, _ = answer
    if abs(counts.sum() - len(X)) > 1e-6 * len(X):
        return (
            f"counts sum to {counts.sum():.7g}, but each of the {len(X)} rows shares out exactly 1"
        )
    return scatter_problem(counts, sums, outer)


def deviations(X, centres):
    """x − centre for each component, (k, n, d)."""
    return X[None] - centres[:, None]


def products(weights, left, right):
    """Σ_i weights left rightᵀ for each component."""
    return np.einsum("nk,kni,knj->kij", weights, left, right)


@mistake("The deviations are from 0, not from the centres. Far from 0 their squares drown the "
         "variance in rounding; that is what the centres are for.")  # fmt: skip
def about_the_origin(X, resp, log_likelihood, centres):
    return right_statistics(X, resp, log_likelihood, np.zeros_like(centres))


@mistake("The sums are about the centres, the products are about 0. Both need the same deviations "
         "x − centre.")  # fmt: skip
def products_about_the_origin(X, resp, log_likelihood, centres):
    counts, sums, _, _ = right_statistics(X, resp, log_likelihood, centres)
    return counts, sums, about_the_origin(X, resp, log_likelihood, centres)[2], log_likelihood


@mistake("The products are about the weighted means of these rows. Another part of the data has "
         "other means, and sums about different points can't be added: use the centres that came "
         "in.")  # fmt: skip
def about_own_means(X, resp, log_likelihood, centres):
    counts, sums, _, _ = right_statistics(X, resp, log_likelihood, centres)
    means = centres + sums / counts[:, None]
    return counts, sums, right_statistics(X, resp, log_likelihood, means)[2], log_likelihood


@mistake("All components use the first centre. Each has its own.")
def first_centre_for_all(X, resp, log_likelihood, centres):
    return right_statistics(X, resp, log_likelihood, np.tile(centres[0], (len(centres), 1)))


@mistake("The products are not weighted: each point counts with its responsibility in them, "
         "too.")  # fmt: skip
def products_without_weights(X, resp, log_likelihood, centres):
    counts, sums, _, _ = right_statistics(X, resp, log_likelihood, centres)
    u = deviations(X, centres)
    return counts, sums, products(np.ones_like(resp), u, u), log_likelihood


@mistake("The responsibilities come in squared: both factors of the products carry them. Weight "
         "one of the two.")  # fmt: skip
def weights_squared(X, resp, log_likelihood, centres):
    counts, sums, _, _ = right_statistics(X, resp, log_likelihood, centres)
    u = deviations(X, centres)
    return counts, sums, products(resp**2, u, u), log_likelihood


@mistake("The sums were divided by the counts already. Means of two parts can't be added; sums "
         "can. Dividing is the M-step's work.")  # fmt: skip
def means_for_sums(X, resp, log_likelihood, centres):
    counts, sums, outer, total = right_statistics(X, resp, log_likelihood, centres)
    return counts, sums / counts[:, None], outer, total


@mistake("The products were divided by the counts already. Covariances of two parts can't be "
         "added; sums of products can. Dividing is the M-step's work.")  # fmt: skip
def covariances_for_products(X, resp, log_likelihood, centres):
    counts, sums, outer, total = right_statistics(X, resp, log_likelihood, centres)
    return counts, sums, outer / counts[:, None, None], total


@mistake("These are means and covariances: everything was divided by the counts already. Only "
         "sums can be added over parts of the data; dividing is the M-step's work.")  # fmt: skip
def divided_by_counts(X, resp, log_likelihood, centres):
    counts, sums, outer, total = right_statistics(X, resp, log_likelihood, centres)
    return counts, sums / counts[:, None], outer / counts[:, None, None], total


@mistake("This is the outer product of the *sums*. Wanted is the sum of the outer products, one "
         "for each point.")  # fmt: skip
def product_of_sums(X, resp, log_likelihood, centres):
    counts, sums, _, total = right_statistics(X, resp, log_likelihood, centres)
    return counts, sums, sums[:, :, None] * sums[:, None, :], total


@mistake("The products between different features are missing: each outer[j] is a whole matrix.")
def squares_only(X, resp, log_likelihood, centres):
    counts, sums, outer, total = right_statistics(X, resp, log_likelihood, centres)
    return counts, sums, outer * np.eye(X.shape[1]), total


@mistake("The sums were taken about 0 and moved to the centres afterwards. On paper that is the "
         "same; 1e6 away from 0 the squares have size 1e12, and what is left of them after "
         "subtracting is rounding error. Subtract the centres from the rows first.")  # fmt: skip
def moved_afterwards(X, resp, log_likelihood, centres):
    counts = resp.sum(axis=0)
    first, second = resp.T @ X, np.einsum("nk,ni,nj->kij", resp, X, X)
    cross = first[:, :, None] * centres[:, None, :]
    squares = counts[:, None, None] * centres[:, :, None] * centres[:, None, :]
    outer = second - cross - cross.transpose(0, 2, 1) + squares
    return counts, first - counts[:, None] * centres, outer, log_likelihood


@mistake("The log-likelihood was divided by the number of rows. It is a total, which adds over "
         "parts as it is.")  # fmt: skip
def mean_log_likelihood(X, resp, log_likelihood, centres):
    counts, sums, outer, total = right_statistics(X, resp, log_likelihood, centres)
    return counts, sums, outer, total / len(X)


PIECE = Piece(
    id="11.partial_statistics",
    contract=partial_statistics,
    correct=right_statistics,
    cases=partial_statistics_cases,
    returns=STATISTICS,
    properties=(sums_of_points,),
    mistakes=(
        about_the_origin,
        products_about_the_origin,
        about_own_means,
        first_centre_for_all,
        products_without_weights,
        weights_squared,
        means_for_sums,
        covariances_for_products,
        divided_by_counts,
        product_of_sums,
        squares_only,
        moved_afterwards,
        mean_log_likelihood,
    ),
    section="Sums that can be added up",
)
