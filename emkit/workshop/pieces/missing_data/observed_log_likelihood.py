"""The log-likelihood of what was observed."""

import numpy as np

from emkit import families, missing
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import random_covariance
from emkit.workshop.pieces.missing_data.normals import gappy_cases, random_rows


def observed_log_likelihood(X, mean, covariance):
    """Log-likelihood of the observed values under a multivariate normal.

    Parameters
    ----------
    X : (n, d) array
        Rows; NaN = missing. A row with nothing observed adds 0.
    mean : (d,) array
    covariance : (d, d) array
        Symmetric and positive definite. Its determinant may be smaller than any floating-point
        number.

    Returns
    -------
    log_likelihood : float
        The total over the rows, natural logarithm.
    """


def likelihood_cases(rng):
    """Gaps of every kind, then features whose determinant underflows."""
    gaps = rng.permuted(np.tile(np.arange(50) < 4, (5, 1)), axis=1)
    narrow = {"mean": np.zeros(50), "covariance": 1e-8 * random_covariance(rng, 50)}
    narrow["X"] = 1e-4 * random_rows(rng, narrow["mean"], gaps)
    return [
        *gappy_cases(rng),
        Case("50 features with variances near 1e-8", narrow, hard=True),
    ]


def correct_observed_log_likelihood(X, mean, covariance):
    """By the engine, which treats rows with the same gaps together."""
    return missing.observed_log_likelihood(X, mean, covariance)


def no_denser_than_the_mean(log_likelihood, X, mean, covariance):
    """No row can be denser than one whose observed values are at the mean."""
    at_the_mean = np.where(np.isnan(X), np.nan, mean)
    peak = missing.observed_log_likelihood(at_the_mean, mean, covariance)
    if log_likelihood > peak + 1e-6 * max(1, abs(peak)):
        return (
            "the result is too high: if all observed values were at their means, where the "
            "density is largest, the log-likelihood would be lower"
        )
    return None


def summed(X, mean, covariance, row):
    """Sum of what `row(x_o, mean_o, covariance_oo, o)` gives for rows with something observed."""
    total = 0.0
    for x in X:
        o = ~np.isnan(x)
        if o.any():
            total += row(x[o], mean[o], covariance[np.ix_(o, o)], o)
    return total


def parts(x, mean, covariance):
    """Squared distance, log-determinant and number of features of one row."""
    squared = (x - mean) @ np.linalg.solve(covariance, x - mean)
    return squared, np.linalg.slogdet(covariance)[1], len(x)


def full_density(X, mean, covariance):
    """Log-density of complete rows, summed."""
    return families.log_gaussian(X, mean, covariance).sum()


@mistake("Only complete rows are counted. A row with a gap tells something, too: the density of "
         "what it does have.")  # fmt: skip
def complete_rows_only(X, mean, covariance):
    return full_density(X[~np.isnan(X).any(axis=1)], mean, covariance)


@mistake("The gaps are filled with the means, and then counted as if observed. A missing feature "
         "is integrated out: its mean, row and column are left out.")  # fmt: skip
def filled_with_means(X, mean, covariance):
    return full_density(np.where(np.isnan(X), mean, X), mean, covariance)


@mistake("The density of the *filled* rows is counted, in all d features. A guess isn't an "
         "observation: only the observed features belong in.")  # fmt: skip
def filled_rows(X, mean, covariance):
    return full_density(missing.e_step(X, mean, covariance)[0], mean, covariance)


@mistake("This is the *expected* complete-data log-likelihood, which EM maximises on the way. "
         "Wanted is the log-likelihood of what was observed.")  # fmt: skip
def expected_complete_data(X, mean, covariance):
    filled, extra = missing.e_step(X, mean, covariance)
    return full_density(filled, mean, covariance) - np.trace(np.linalg.solve(covariance, extra)) / 2


@mistake("log 2π is counted for all d features in every row. How many were observed there?")
def constant_of_all_features(X, mean, covariance):
    too_many = sum(np.isnan(x).sum() for x in X if not np.isnan(x).all())
    exact = missing.observed_log_likelihood(X, mean, covariance)
    return exact - too_many / 2 * np.log(2 * np.pi)


@mistake("A row with nothing observed still adds its constant. Nothing observed has density 1: "
         "its logarithm is 0.")  # fmt: skip
def empty_rows_add_a_constant(X, mean, covariance):
    empty = np.isnan(X).all(axis=1).sum()
    exact = missing.observed_log_likelihood(X, mean, covariance)
    return exact - empty * X.shape[1] / 2 * np.log(2 * np.pi)


@mistake("The determinant is that of the whole covariance. It belongs to the same density as the "
         "distance: that of the *observed* features.")  # fmt: skip
def whole_determinant(X, mean, covariance):
    log_det = np.linalg.slogdet(covariance)[1]

    def row(x, mean, covariance, o):
        squared, _, d = parts(x, mean, covariance)
        return -0.5 * (d * np.log(2 * np.pi) + log_det + squared)

    return summed(X, mean, covariance, row)


CUT_AFTER_INVERTING = (
    "The whole covariance was inverted, and then the observed block cut out: that is a density "
    "*given* that the missing features are at their means. First cut out the block, then invert."
)


@mistake(CUT_AFTER_INVERTING)
def block_of_the_inverse(X, mean, covariance):
    precision = np.linalg.inv(covariance)

    def row(x, mean, covariance, o):
        _, log_det, d = parts(x, mean, covariance)
        squared = (x - mean) @ precision[np.ix_(o, o)] @ (x - mean)
        return -0.5 * (d * np.log(2 * np.pi) + log_det + squared)

    return summed(X, mean, covariance, row)


@mistake(CUT_AFTER_INVERTING)
def determinant_of_that_block_too(X, mean, covariance):
    precision = np.linalg.inv(covariance)

    def row(x, mean, covariance, o):
        return full_density(x[None], mean, np.linalg.inv(precision[np.ix_(o, o)]))

    return summed(X, mean, covariance, row)


@mistake("Each observed value is counted for itself, as if the features were independent. Only "
         "the missing ones leave the covariance.")  # fmt: skip
def independent_features(X, mean, covariance):
    diagonal = np.diag(covariance.diagonal())
    return missing.observed_log_likelihood(X, mean, diagonal)


@mistake("The deviations are multiplied with the covariance where its inverse belongs.")
def covariance_not_inverted(X, mean, covariance):
    def row(x, mean, covariance, o):
        _, log_det, d = parts(x, mean, covariance)
        squared = (x - mean) @ covariance @ (x - mean)
        return -0.5 * (d * np.log(2 * np.pi) + log_det + squared)

    return summed(X, mean, covariance, row)


@mistake("The squared distance comes without its ½.")
def distance_not_halved(X, mean, covariance):
    def row(x, mean, covariance, o):
        squared, log_det, d = parts(x, mean, covariance)
        return -0.5 * (d * np.log(2 * np.pi) + log_det) - squared

    return summed(X, mean, covariance, row)


@mistake("The log-determinant comes in twice too strong: the density divides by the *square root* "
         "of the determinant.")  # fmt: skip
def determinant_not_halved(X, mean, covariance):
    def row(x, mean, covariance, o):
        squared, log_det, d = parts(x, mean, covariance)
        return -0.5 * (d * np.log(2 * np.pi) + squared) - log_det

    return summed(X, mean, covariance, row)


@mistake("The log-determinant comes in half as strong as it should. With Σ = L Lᵀ the determinant "
         "of Σ is the *square* of that of L.")  # fmt: skip
def determinant_of_the_factor(X, mean, covariance):
    def row(x, mean, covariance, o):
        squared, log_det, d = parts(x, mean, covariance)
        return -0.5 * (d * np.log(2 * np.pi) + squared + 0.5 * log_det)

    return summed(X, mean, covariance, row)


@mistake("The logarithm of the determinant is added. The density *divides* by its square root: the "
         "wider a normal, the lower.")  # fmt: skip
def determinant_added(X, mean, covariance):
    def row(x, mean, covariance, o):
        squared, log_det, d = parts(x, mean, covariance)
        return -0.5 * (d * np.log(2 * np.pi) + squared - log_det)

    return summed(X, mean, covariance, row)


@mistake("The determinant is missing: without it a wide normal is as dense as a narrow one.")
def no_determinant(X, mean, covariance):
    def row(x, mean, covariance, o):
        squared, _, d = parts(x, mean, covariance)
        return -0.5 * (d * np.log(2 * np.pi) + squared)

    return summed(X, mean, covariance, row)


@mistake("The constant with 2π is missing. Rows observe different numbers of features, so it isn't "
         "even the same for all.")  # fmt: skip
def no_constant(X, mean, covariance):
    def row(x, mean, covariance, o):
        squared, log_det, _ = parts(x, mean, covariance)
        return -0.5 * (log_det + squared)

    return summed(X, mean, covariance, row)


@mistake("The determinant underflows: its logarithm is minus infinity. Take the logarithm *before* "
         "multiplying: sum the log diagonal of the Cholesky factor.")  # fmt: skip
def log_of_determinant(X, mean, covariance):
    def row(x, mean, covariance, o):
        squared, _, d = parts(x, mean, covariance)
        with np.errstate(divide="ignore"):
            return -0.5 * (d * np.log(2 * np.pi) + np.log(np.linalg.det(covariance)) + squared)

    return summed(X, mean, covariance, row)


@mistake("Only the first row is counted: is the `return` inside the loop?")
def first_row_only(X, mean, covariance):
    return missing.observed_log_likelihood(X[:1], mean, covariance)


@mistake("This is the mean over the rows; the log-likelihood is the total.")
def mean_over_rows(X, mean, covariance):
    return missing.observed_log_likelihood(X, mean, covariance) / len(X)


@mistake("This is the *negative* log-likelihood.")
def negative_log_likelihood(X, mean, covariance):
    return -missing.observed_log_likelihood(X, mean, covariance)


PIECE = Piece(
    id="06.observed_log_likelihood",
    contract=observed_log_likelihood,
    correct=correct_observed_log_likelihood,
    cases=likelihood_cases,
    returns=Returned("log_likelihood", "()"),
    properties=(no_denser_than_the_mean,),
    mistakes=(
        complete_rows_only,
        filled_with_means,
        filled_rows,
        expected_complete_data,
        constant_of_all_features,
        empty_rows_add_a_constant,
        whole_determinant,
        block_of_the_inverse,
        determinant_of_that_block_too,
        independent_features,
        covariance_not_inverted,
        distance_not_halved,
        determinant_not_halved,
        determinant_of_the_factor,
        determinant_added,
        no_determinant,
        no_constant,
        log_of_determinant,
        first_row_only,
        mean_over_rows,
        negative_log_likelihood,
    ),
    section="The likelihood of what was observed",
)
