"""The log-density of one component, by Cholesky."""

import numpy as np

from emkit import families
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import (
    random_covariance,
    small_mixture,
)


def log_gaussian(X, mean, covariance):
    """Log-density of a multivariate normal at each row of X.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row.
    mean : (d,) array
    covariance : (d, d) array
        Symmetric and positive definite.

    Returns
    -------
    log_density : (n,) array
        log N(x_i; mean, covariance), natural logarithm.
    """


def log_gaussian_cases(rng):
    """Correlated features, then many features with variances from 1 down to 1e-8."""

    def case(n, d):
        mean, covariance = rng.normal(size=d), random_covariance(rng, d)
        return {"X": mean + rng.normal(size=(n, d)), "mean": mean, "covariance": covariance}

    small = small_mixture(rng)
    small = {"X": small["X"], "mean": small["means"][0], "covariance": small["covariances"][0]}

    directions = np.linalg.qr(rng.normal(size=(50, 50)))[0]
    variances = np.geomspace(1, 1e-8, 50)
    mixed = directions * variances @ directions.T
    along_wide = rng.normal(size=(20, 3)) * 1e3 @ directions[:, :3].T
    narrow = 1e-8 * random_covariance(rng, 50)
    return [
        Case("3 points in 2 dimensions", small),
        Case("7 points in 4 dimensions", case(7, 4)),
        Case("1 feature", case(4, 1)),
        Case("a single point", case(1, 3)),
        Case("50 features whose variances are all near 1e-8",
             {"X": 1e-4 * rng.normal(size=(5, 50)), "mean": np.zeros(50), "covariance": narrow},
             hard=True),
        Case("50 features with variances from 1 to 1e-8, points far out along the wide ones",
             {"X": along_wide, "mean": np.zeros(50), "covariance": (mixed + mixed.T) / 2},
             hard=True, rtol=1e-10, alike=1e-5),
    ]  # fmt: skip


def densest_at_the_mean(log_density, X, mean, covariance):
    """No point can be denser than the mean."""
    peak = families.log_gaussian(mean[None], mean, covariance)[0]
    for i in np.flatnonzero(log_density > peak + 1e-6 * max(1, abs(peak))):
        return f"log_density[{i}] is above the log-density at the mean itself, where it is largest"
    return None


def pieces_of_log_gaussian(X, mean, covariance):
    """The parts that the mistakes put together wrongly: squared distance, log-determinant, d."""
    factor = np.linalg.cholesky(covariance)
    z = np.linalg.solve(factor, (X - mean).T)
    return (z**2).sum(axis=0), 2 * np.log(np.diag(factor)).sum(), len(mean)


@mistake("The squared distance comes without its ½: the exponent of a normal density is minus "
         "one half of it.")  # fmt: skip
def distance_not_halved(X, mean, covariance):
    squared, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + log_det) - squared


@mistake("log 2π is counted once. In d dimensions the constant is (2π)^(d/2): how often does its "
         "logarithm come in?")  # fmt: skip
def one_dimension_of_constant(X, mean, covariance):
    squared, log_det, _ = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (np.log(2 * np.pi) + log_det + squared)


@mistake("The constant with 2π is missing: without it the density doesn't integrate to 1.")
def no_constant(X, mean, covariance):
    squared, log_det, _ = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (log_det + squared)


@mistake("The determinant is missing. A narrow component must be denser at its mean than a wide "
         "one: which term says so?")  # fmt: skip
def no_determinant(X, mean, covariance):
    squared, _, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + squared)


@mistake("The log-determinant comes in twice too strong. The density divides by the square root "
         "of the determinant – and log |Σ| is twice the sum of the log diagonal of L.")  # fmt: skip
def determinant_not_halved(X, mean, covariance):
    squared, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + squared) - log_det


@mistake("The log-determinant comes in half as strong as it should. With Σ = L Lᵀ the "
         "determinant of Σ is the *square* of that of L.")  # fmt: skip
def determinant_of_the_factor(X, mean, covariance):
    squared, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + squared + 0.5 * log_det)


@mistake("The log-determinant has the wrong sign: the density is *divided* by the volume that the "
         "component takes up.")  # fmt: skip
def determinant_added(X, mean, covariance):
    squared, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + squared - log_det)


@mistake("The squared distance has the wrong sign: a point farther away must be less dense.")
def distance_added(X, mean, covariance):
    squared, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + log_det - squared)


@mistake("The distance comes in as it is, the density wants its *square*, uᵀu.")
def distance_not_squared(X, mean, covariance):
    squared, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + log_det + np.sqrt(squared))


@mistake("The constant is right for 2 features only: d is the number of columns of X.")
def always_two_features(X, mean, covariance):
    squared, log_det, _ = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (2 * np.log(2 * np.pi) + log_det + squared)


@mistake("The constant uses the number of *points*. In (2π)^(d/2), d is the number of features: "
         "the columns of X.")  # fmt: skip
def points_for_features(X, mean, covariance):
    squared, log_det, _ = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (len(X) * np.log(2 * np.pi) + log_det + squared)


@mistake("Only the diagonal of the Cholesky factor was used in solving. NumPy's factor is the "
         "lower triangle, SciPy's the upper one, and solve_triangular looks at the upper one "
         "unless told otherwise.")  # fmt: skip
def other_triangle(X, mean, covariance):
    squared = (((X - mean) / np.diag(np.linalg.cholesky(covariance))) ** 2).sum(axis=1)
    _, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + log_det + squared)


@mistake("This is the density, not its logarithm.")
def density_itself(X, mean, covariance):
    return np.exp(families.log_gaussian(X, mean, covariance))


@mistake("Only the diagonal of the covariance is used, as if the features were independent.")
def diagonal_only(X, mean, covariance):
    return families.log_gaussian(X, mean, np.diag(np.diag(covariance)))


@mistake("The deviations are multiplied with the covariance where its inverse belongs: a point "
         "that is far along a *wide* direction isn't far at all.")  # fmt: skip
def covariance_not_inverted(X, mean, covariance):
    deviations = X - mean
    _, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    squared = ((deviations @ covariance) * deviations).sum(axis=1)
    return -0.5 * (d * np.log(2 * np.pi) + log_det + squared)


@mistake("The deviations were solved with Lᵀ instead of L. NumPy's Cholesky gives the lower "
         "triangle, SciPy's the upper one: which is yours?")  # fmt: skip
def solved_with_transpose(X, mean, covariance):
    factor = np.linalg.cholesky(covariance)
    _, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    z = np.linalg.solve(factor.T, (X - mean).T)
    return -0.5 * (d * np.log(2 * np.pi) + log_det + (z**2).sum(axis=0))


@mistake("The determinant underflows: with 50 small variances it is smaller than any "
         "floating-point number. Take the logarithm *before* multiplying: sum the log "
         "diagonal of the Cholesky factor.")  # fmt: skip
def log_of_determinant(X, mean, covariance):
    squared, _, d = pieces_of_log_gaussian(X, mean, covariance)
    return -0.5 * (d * np.log(2 * np.pi) + np.log(np.linalg.det(covariance)) + squared)


@mistake("The answer is right until variances of very different size meet: then the explicit "
         "inverse loses the digits. Factor the covariance by Cholesky and solve with the factor "
         "instead.")  # fmt: skip
def explicit_inverse(X, mean, covariance):
    deviations = X - mean
    _, log_det, d = pieces_of_log_gaussian(X, mean, covariance)
    squared = ((deviations @ np.linalg.inv(covariance)) * deviations).sum(axis=1)
    return -0.5 * (d * np.log(2 * np.pi) + log_det + squared)


PIECE = Piece(
    id="03.log_gaussian",
    contract=log_gaussian,
    correct=families.log_gaussian,
    cases=log_gaussian_cases,
    returns=Returned("log_density", "(n,)"),
    properties=(densest_at_the_mean,),
    mistakes=(
        distance_not_halved,
        one_dimension_of_constant,
        no_constant,
        no_determinant,
        determinant_not_halved,
        determinant_of_the_factor,
        determinant_added,
        distance_added,
        distance_not_squared,
        always_two_features,
        points_for_features,
        other_triangle,
        density_itself,
        diagonal_only,
        covariance_not_inverted,
        solved_with_transpose,
        log_of_determinant,
        explicit_inverse,
    ),
    section="One component: the log-density by Cholesky",
)
