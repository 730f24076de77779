"""Assignment 03: the E-step of a Gaussian mixture, from one density to the responsibilities."""

import numpy as np
from scipy.special import logsumexp, softmax

from emkit import families
from emkit.numerics import normalise_rows
from emkit.workshop.assembly import joint_of_components
from emkit.workshop.piece import Case, Piece, Question, Returned, mistake

# ---------------------------------------------------------------- what the cases are drawn from


def random_covariance(rng, d):
    """Symmetric, correlated, with eigenvalues well away from 0."""
    a = rng.normal(size=(d, d))
    return a @ a.T / d + 0.4 * np.eye(d)


def random_mixture(rng, n, d, k):
    """Overlapping components of unequal weight, and points drawn around them."""
    weights = rng.dirichlet(np.full(k, 4.0))
    means = rng.normal(scale=1.5, size=(k, d))
    covariances = np.stack([random_covariance(rng, d) for _ in range(k)])
    X = means[rng.integers(k, size=n)] + rng.normal(scale=1.2, size=(n, d))
    return {"X": X, "weights": weights, "means": means, "covariances": covariances}


def small_mixture(rng):
    """Three points and two components in numbers that can be typed."""
    share = rng.choice([0.2, 0.3, 0.4])
    covariances = np.stack([np.diag(rng.choice([0.5, 0.8, 1.5, 2.0], 2)) for _ in range(2)])
    covariances += 0.3 * (1 - np.eye(2))
    return {
        "X": rng.normal(scale=1.5, size=(3, 2)).round(1),
        "weights": np.array([share, 1 - share]),
        "means": np.array([[0.0, 0.5], [1.0, -1.0]]) + rng.normal(scale=0.5, size=(2, 2)).round(1),
        "covariances": covariances,
    }


def far_away(rng):
    """Some points near the components, others a thousand standard deviations away."""
    case = random_mixture(rng, 6, 2, 2)
    case["X"][::2] += rng.choice([-1000.0, 1000.0], size=(3, 2))
    return case


def mixture_cases(rng):
    """Cases of the pieces that take X, weights, means and covariances."""
    return [
        Case("3 points in 2 dimensions, 2 components", small_mixture(rng)),
        Case("8 points in 3 dimensions, 3 components", random_mixture(rng, 8, 3, 3)),
        Case("1 feature, 2 components", random_mixture(rng, 5, 1, 2)),
        Case("a single point, 4 components", random_mixture(rng, 1, 2, 4)),
        Case("a single component", random_mixture(rng, 4, 2, 1)),
        Case("points a thousand standard deviations away", far_away(rng), hard=True),
    ]


def extreme_cases(rng):
    """A far point alone, and points where even the logarithms of the densities are huge."""
    alone = random_mixture(rng, 1, 3, 3)
    alone["X"] += 500.0
    narrow_wide = np.stack([np.eye(2), rng.uniform(3, 5) * np.eye(2)])
    twins = np.stack([random_covariance(rng, 2)] * 2)
    means = rng.normal(size=(2, 2))
    X = np.array([[1e100, 0.0], [0.5, -0.5]])
    half = np.array([0.5, 0.5])
    return [
        Case("a single point five hundred standard deviations away", alone, hard=True),
        Case("a point at 1e100, a narrow and a wide component",
             {"X": X, "weights": np.array([0.7, 0.3]), "means": means, "covariances": narrow_wide},
             hard=True),
        Case("a point at 1e100, two components of one shape and weight",
             {"X": X, "weights": half, "means": means, "covariances": twins}, hard=True),
    ]  # fmt: skip


# ------------------------------------------------------------------------- the right answers


def right_log_joint(X, weights, means, covariances):
    """By the engine's log-density of one component."""
    return joint_of_components(families.log_gaussian, X, weights, means, covariances)


def right_responsibilities(X, weights, means, covariances):
    """By the engine's shift, exp and division."""
    return normalise_rows(right_log_joint(X, weights, means, covariances))[0]


def right_log_likelihood(X, weights, means, covariances):
    """By the engine's log-sum-exp."""
    return float(normalise_rows(right_log_joint(X, weights, means, covariances))[1].sum())


# ---------------------------------------------------------------------------- 03.log_gaussian


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


# ------------------------------------------------------------------------------- 03.log_joint


def log_joint(X, weights, means, covariances):
    """Log of the joint density of a point and its component.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row.
    weights : (k,) array
        Component weights, all positive, sum to 1.
    means : (k, d) array
    covariances : (k, d, d) array

    Returns
    -------
    log_joint : (n, k) array
        log p(x_i, z_i = j), natural logarithm.
    """


def below_the_density(log_joint, X, weights, means, covariances):
    """A weight is at most 1, so its logarithm can only lower the log-density."""
    components = zip(means, covariances, strict=True)
    density = np.column_stack([families.log_gaussian(X, m, c) for m, c in components])
    slack = 1e-6 * np.maximum(1, np.abs(density))
    for i, j in np.argwhere(log_joint > density + slack):
        return (
            f"log_joint[{i}, {j}] is above component {j}'s own log-density there: a weight is at "
            f"most 1, so it can only lower it"
        )
    return None


@mistake("The weights are missing: the joint density is π_j · N(x; μ_j, Σ_j).")
def joint_without_weights(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances) - np.log(weights)


@mistake("The weights are added as they are. Under the logarithm a factor becomes a sum of "
         "*logarithms*.")  # fmt: skip
def joint_with_raw_weights(X, weights, means, covariances):
    return joint_without_weights(X, weights, means, covariances) + weights


@mistake("The log-densities are multiplied with the weights. The *densities* are; what does that "
         "mean for their logarithms?")  # fmt: skip
def joint_with_weights_multiplied(X, weights, means, covariances):
    return joint_without_weights(X, weights, means, covariances) * weights


@mistake("This is the joint density, not its logarithm.")
def joint_not_logged(X, weights, means, covariances):
    return np.exp(right_log_joint(X, weights, means, covariances))


@mistake("Far away the density underflows to 0, and its logarithm to minus infinity. Never leave "
         "log space: add the logarithms, don't take the logarithm of a product.")  # fmt: skip
def joint_through_densities(X, weights, means, covariances):
    return np.log(np.exp(right_log_joint(X, weights, means, covariances)))


@mistake("Rows and columns are swapped: one *row* a point, one column a component.")
def joint_transposed(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances).T


@mistake("Every component uses the first one's covariance: index it with the component.")
def joint_with_first_covariance(X, weights, means, covariances):
    return right_log_joint(X, weights, means, np.stack([covariances[0]] * len(weights)))


@mistake("This is log p(z | x), the logarithm of the responsibilities. The joint isn't divided by "
         "p(x): its rows don't sum to 1.")  # fmt: skip
def joint_normalised(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return values - logsumexp(values, axis=1, keepdims=True)


# ------------------------------------------------------------------------ 03.responsibilities


def responsibilities(X, weights, means, covariances):
    """Share of each component in each point, p(z_i = j | x_i).

    Parameters
    ----------
    X : (n, d) array
        Points, one a row; they may lie as far out as 1e100.
    weights : (k,) array
        Component weights, all positive, sum to 1.
    means : (k, d) array
    covariances : (k, d, d) array

    Returns
    -------
    resp : (n, k) array
        Finite, between 0 and 1; rows sum to 1.
    """


def responsibility_cases(rng):
    """The mixtures, then points at 1e100."""
    return [*mixture_cases(rng), *extreme_cases(rng)]


def rows_sum_to_one(resp, X, weights, means, covariances):
    """Each point is shared out completely."""
    sums = resp.sum(axis=1)
    for i in np.flatnonzero(~(np.abs(sums - 1) < 1e-9)):
        by_column = np.allclose(resp.sum(axis=0), 1)
        columns = ", but its columns do" if by_column and len(resp) > 1 else ""
        return f"the rows of your result don't sum to 1 (row {i} sums to {sums[i]:.4g}){columns}"
    return None


def shares_between_zero_and_one(resp, X, weights, means, covariances):
    """A share is a probability."""
    for i, j in np.argwhere((resp < 0) | (resp > 1 + 1e-9)):
        return f"resp[{i}, {j}] is {resp[i, j]:.4g}, which is no probability"
    return None


def densities(X, weights, means, covariances):
    """What many begin with: the joint densities themselves, which underflow far away."""
    return np.exp(right_log_joint(X, weights, means, covariances))


@mistake("That happens when each component shares itself out among the points. Here each *point* "
         "shares itself out among the components. Which axis is that?")  # fmt: skip
def normalised_over_points(X, weights, means, covariances):
    return softmax(right_log_joint(X, weights, means, covariances), axis=0)


@mistake("The weights are missing: before looking at x, a component with twice the weight is "
         "twice as likely.")  # fmt: skip
def weights_forgotten(X, weights, means, covariances):
    return softmax(joint_without_weights(X, weights, means, covariances), axis=1)


@mistake("Far from every mean all densities underflow to 0, and 0 / 0 is NaN. Take the row's "
         "largest log-joint out before exp: it cancels in the division.")  # fmt: skip
def no_shift_before_exp(X, weights, means, covariances):
    joint = densities(X, weights, means, covariances)
    return joint / joint.sum(axis=1, keepdims=True)


@mistake("A small number in the denominator, or NaN replaced by 0, hides 0 / 0: the far point's "
         "row now sums to 0, and it belongs to nobody. Shift in log space instead.")  # fmt: skip
def small_number_in_denominator(X, weights, means, covariances):
    joint = densities(X, weights, means, covariances)
    return joint / (joint.sum(axis=1, keepdims=True) + 1e-300)


@mistake("The largest value of the *whole* array was taken out before exp. A far point's row still "
         "underflows beside a near one: take out each row's own largest value.")  # fmt: skip
def one_shift_for_all(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    joint = np.exp(values - values.max())
    return joint / joint.sum(axis=1, keepdims=True)


@mistake("exp(log_joint − log-sum-exp) loses the last step when the logarithms are huge: beside "
         "1e200 the log 2 of a tie vanishes, and both components get 1. Take out the row's "
         "maximum, apply exp, *then* divide by the row's sum.")  # fmt: skip
def divided_in_log_space(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return np.exp(values - logsumexp(values, axis=1, keepdims=True))


@mistake("The row's largest log-joint was taken out, but the division by the row's sum is "
         "missing: the largest entry of each row is 1.")  # fmt: skip
def shifted_not_divided(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return np.exp(values - values.max(axis=1, keepdims=True))


@mistake("The shift is right, each row's largest; but then the *columns* were made to sum to 1. "
         "Each point shares itself out: divide by the row's sum, along the same axis.")  # fmt: skip
def shifted_then_divided_by_columns(X, weights, means, covariances):
    shares = shifted_not_divided(X, weights, means, covariances)
    return shares / shares.sum(axis=0)


@mistake("These are joint densities: divide each row by its sum, p(x).")
def not_normalised(X, weights, means, covariances):
    return densities(X, weights, means, covariances)


@mistake("These are logarithms of the responsibilities: one exp is missing at the end.")
def logs_of_shares(X, weights, means, covariances):
    return joint_normalised(X, weights, means, covariances)


@mistake("The log-joints themselves were divided by their row's sum. Bayes' rule divides the "
         "*densities*.")  # fmt: skip
def logs_normalised(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return values / values.sum(axis=1, keepdims=True)


@mistake("Every point goes wholly to its likeliest component: that is the hard border. A "
         "responsibility keeps the doubt.")  # fmt: skip
def hard_shares(X, weights, means, covariances):
    best = right_log_joint(X, weights, means, covariances).argmax(axis=1)
    return np.eye(len(weights))[best]


@mistake("Rows and columns are swapped: one *row* a point, one column a component.")
def shares_transposed(X, weights, means, covariances):
    return right_responsibilities(X, weights, means, covariances).T


# ------------------------------------------------------------------------- 03.log_likelihood


def log_likelihood(X, weights, means, covariances):
    """Log-likelihood of a Gaussian mixture, summed over the points.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row.
    weights : (k,) array
        Component weights, all positive, sum to 1.
    means : (k, d) array
    covariances : (k, d, d) array

    Returns
    -------
    log_likelihood : float
        The total over the data, natural logarithm.
    """


def between_best_and_all(log_likelihood, X, weights, means, covariances):
    """A sum of k terms lies between its largest term and k times that."""
    best = right_log_joint(X, weights, means, covariances).max(axis=1).sum()
    slack = 1e-6 * max(1, abs(best))
    if log_likelihood < best - slack:
        return (
            "the result is too low: each point's likeliest component alone would give more, and "
            "the other components can only add density"
        )
    if log_likelihood > best + len(X) * np.log(len(weights)) + slack:
        return (
            "the result is too high: even if at every point all k components were as dense as the "
            "densest one, the log-likelihood would be lower"
        )
    return None


@mistake("This is the sum over all points *and* components of the log-joints. The components "
         "are summed *inside* the logarithm: first p(x) of each point, then its "
         "logarithm.")  # fmt: skip
def sum_of_logs(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances).sum()


@mistake("The points are summed inside the logarithm as well. Points are independent: their "
         "densities multiply, so their *logarithms* add.")  # fmt: skip
def log_of_everything(X, weights, means, covariances):
    return logsumexp(right_log_joint(X, weights, means, covariances))


@mistake("This is the mean over the points; the log-likelihood is the total.")
def mean_over_points(X, weights, means, covariances):
    return right_log_likelihood(X, weights, means, covariances) / len(X)


@mistake("Only the likeliest component of each point counts here. The others add density "
         "too.")  # fmt: skip
def likeliest_only(X, weights, means, covariances):
    return right_log_joint(X, weights, means, covariances).max(axis=1).sum()


@mistake("The log-joints were averaged with the responsibilities. That is the *expected* "
         "complete-data log-likelihood, which EM maximises on the way; p(x) is a plain "
         "sum.")  # fmt: skip
def expected_complete_data(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return (normalise_rows(values)[0] * values).sum()


@mistake("The weights are missing: p(x) = Σ_j π_j N(x; μ_j, Σ_j).")
def likelihood_without_weights(X, weights, means, covariances):
    return logsumexp(joint_without_weights(X, weights, means, covariances), axis=1).sum()


@mistake("Far away p(x) underflows to 0 and its logarithm to minus infinity. Use "
         "log-sum-exp.")  # fmt: skip
def likelihood_through_densities(X, weights, means, covariances):
    return np.log(densities(X, weights, means, covariances).sum(axis=1)).sum()


@mistake("The row's largest log-joint was taken out before exp and not added back after the "
         "logarithm. In responsibilities it cancels; here it doesn't.")  # fmt: skip
def shift_not_added_back(X, weights, means, covariances):
    values = right_log_joint(X, weights, means, covariances)
    return np.log(np.exp(values - values.max(axis=1, keepdims=True)).sum(axis=1)).sum()


@mistake("The sum inside the logarithm runs over the points. It runs over the components: p(x) of "
         "each point is a sum over the row.")  # fmt: skip
def summed_along_columns(X, weights, means, covariances):
    return logsumexp(right_log_joint(X, weights, means, covariances), axis=0).sum()


@mistake("This is the likelihood, not its logarithm. With a few hundred points it underflows.")
def likelihood_itself(X, weights, means, covariances):
    return np.exp(right_log_likelihood(X, weights, means, covariances))


@mistake("This is the *negative* log-likelihood.")
def negative_log_likelihood(X, weights, means, covariances):
    return -right_log_likelihood(X, weights, means, covariances)


@mistake("This is log p(x) of each point; the log-likelihood is their sum.")
def one_value_a_point(X, weights, means, covariances):
    return logsumexp(right_log_joint(X, weights, means, covariances), axis=1)


# ---------------------------------------------------------------------------- 03.hard_assign


def hard_assign(resp):
    """The component with the largest responsibility for each point.

    Parameters
    ----------
    resp : (n, k) array
        Responsibilities; rows sum to 1.

    Returns
    -------
    labels : (n,) integer array
        Component numbers from 0 to k − 1; at a tie the lower one.
    """


def hard_assign_cases(rng):
    """Clear rows, rows with ties, one component, one point."""
    clear = rng.dirichlet(np.ones(3), size=8)
    ties = rng.permutation([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0.4, 0.2, 0.4], [0.25, 0.5, 0.25]])
    halves = rng.permutation([[0.5, 0.5], [0.9, 0.1], [0.1, 0.9]])
    return [
        Case("3 components", {"resp": clear}),
        Case("4 components", {"resp": rng.dirichlet(np.ones(4), size=9)}),
        Case("rows with ties", {"resp": ties}),
        Case("2 components and a tie", {"resp": halves}),
        Case("a single point", {"resp": rng.dirichlet(np.ones(5), size=1)}),
        Case("a single component", {"resp": np.ones((3, 1))}),
    ]


def correct_hard_assign(resp):
    """NumPy's argmax takes the first of several largest values."""
    return resp.argmax(axis=1)


def labels_are_largest(labels, resp):
    """The named component has the row's largest share."""
    k = resp.shape[1]
    for i in np.flatnonzero((labels < 0) | (labels >= k)):
        return f"labels[{i}] is {labels[i]}, but components are numbered from 0 to {k - 1}"
    for i in np.flatnonzero(resp[np.arange(len(resp)), labels] < resp.max(axis=1)):
        return (
            f"labels[{i}] is {labels[i]}, but another component has a larger share: row {i} of "
            f"resp is {resp[i].round(3)}"
        )
    return None


@mistake("This looks down the columns, for the point that each component likes best. Each "
         "*row* is a point.")  # fmt: skip
def best_point(resp):
    return resp.argmax(axis=0)


@mistake("At a tie the lower component wins; yours takes the higher.")
def ties_to_the_higher(resp):
    return resp.shape[1] - 1 - resp[:, ::-1].argmax(axis=1)


@mistake("The labels count from 1. The notation counts components from 0, as NumPy does.")
def counted_from_one(resp):
    return resp.argmax(axis=1) + 1


@mistake("These are the largest shares themselves, not the number of the component that has "
         "them.")  # fmt: skip
def largest_share(resp):
    return resp.max(axis=1)


@mistake("Component 1 is taken wherever its share is above one half. With three components the "
         "likeliest one may have less than that – and be number 2.")  # fmt: skip
def above_one_half(resp):
    return (resp[:, min(1, resp.shape[1] - 1)] > 0.5).astype(int)


@mistake("These are rows of zeros and ones; wanted is the component's number.")
def one_hot(resp):
    return np.eye(resp.shape[1], dtype=int)[resp.argmax(axis=1)]


@mistake("This is the component with the *smallest* share.")
def least_likely(resp):
    return resp.argmin(axis=1)


# ---------------------------------------------------------------------------- 03.soft_border


def soft_border(weights, means, variance):
    """Where two one-dimensional components of equal variance are equally responsible.

    Parameters
    ----------
    weights : (2,) array
        Component weights, both positive, sum to 1.
    means : (2,) array
        Two different means.
    variance : float
        The variance that the components share, in squared units of the data.

    Returns
    -------
    border : float
        The x at which both responsibilities are ½.
    """


def soft_border_cases(rng):
    """Equal and unequal weights, means in either order."""

    def case(share, means, variance):
        weights = np.array([share, 1 - share])
        return {"weights": weights, "means": np.array(means), "variance": variance}

    low = rng.uniform(40, 60)
    return [
        Case("two unequal weights",
             case(rng.choice([0.2, 0.3, 0.4]), [0.0, 5.0], rng.choice([3.0, 6.0, 8.0]))),
        Case("equal weights", case(0.5, [low, low + 25], rng.uniform(20, 40))),
        Case("means in falling order", case(rng.uniform(0.2, 0.45), [low + 20, low], 36.0)),
        Case("a small component", case(0.01, [low, low + 3], rng.uniform(2, 5))),
    ]  # fmt: skip


def correct_soft_border(weights, means, variance):
    """Equal log-joints: a linear equation in x, since the squares of x cancel."""
    shift = variance * np.log(weights[0] / weights[1]) / (means[1] - means[0])
    return float((means[0] + means[1]) / 2 + shift)


def shares_are_equal(border, weights, means, variance):
    """What the border is for."""
    covariances = np.full((2, 1, 1), variance)
    resp = right_responsibilities(np.array([[border]]), weights, means[:, None], covariances)[0]
    if abs(resp[0] - 0.5) < 1e-7:
        return None
    if abs(resp[0] - 0.5) < 1e-3:
        return (
            f"your border, x = {border:.8g}, is near, but the responsibilities differ there by "
            f"{abs(resp[0] - resp[1]):.1e}: solve the equation instead of searching"
        )
    return (
        f"at your border, x = {border:.5g}, the responsibilities are {resp[0]:.4g} and "
        f"{resp[1]:.4g}, not ½ each"
    )


@mistake("This is the point halfway between the means, k-means' border. It is right only where "
         "the weights are equal.")  # fmt: skip
def halfway(weights, means, variance):
    return float(means.mean())


@mistake("The border moves the wrong way: the heavier component must gain ground, not lose "
         "it.")  # fmt: skip
def moved_the_wrong_way(weights, means, variance):
    return float(means.sum() - correct_soft_border(weights, means, variance))


@mistake("The variance is missing. Wide components overlap more, so the weights move the border "
         "further.")  # fmt: skip
def variance_forgotten(weights, means, variance):
    return correct_soft_border(weights, means, 1.0)


@mistake("The standard deviation stands where the variance belongs.")
def deviation_for_variance(weights, means, variance):
    return correct_soft_border(weights, means, np.sqrt(variance))


@mistake("The shift isn't divided by the distance of the means. Expand both squares: the term "
         "that is linear in x carries μ_1 − μ_0.")  # fmt: skip
def distance_forgotten(weights, means, variance):
    return float(means.mean() + variance * np.log(weights[0] / weights[1]))


@mistake("The shift from halfway is twice what it should be. Both sides of the equation carry "
         "1/(2σ²): keep track of the 2.")  # fmt: skip
def shift_doubled(weights, means, variance):
    return float(2 * correct_soft_border(weights, means, variance) - means.mean())


@mistake("The shift from halfway is half of what it should be. Both sides of the equation carry "
         "1/(2σ²): keep track of the 2.")  # fmt: skip
def shift_halved(weights, means, variance):
    return float((correct_soft_border(weights, means, variance) + means.mean()) / 2)


@mistake("The variance comes in squared: `variance` is σ² already.")
def variance_squared(weights, means, variance):
    return correct_soft_border(weights, means, variance**2)


@mistake("The logarithm of the weights is missing: the weights multiply the densities, so their "
         "*logarithms* add.")  # fmt: skip
def ratio_without_log(weights, means, variance):
    return float(means.mean() + variance * (weights[0] / weights[1]) / (means[1] - means[0]))


@mistake("This is the overall mean of the mixture: at it the shares are not equal.")
def overall_mean(weights, means, variance):
    return float(weights @ means)


# --------------------------------------------------------------------------------- the pieces

PIECES = (
    Piece(
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
    ),
    Piece(
        id="03.log_joint",
        contract=log_joint,
        correct=right_log_joint,
        cases=mixture_cases,
        returns=Returned("log_joint", "(n, k)"),
        properties=(below_the_density,),
        mistakes=(
            joint_without_weights,
            joint_with_raw_weights,
            joint_with_weights_multiplied,
            joint_not_logged,
            joint_through_densities,
            joint_transposed,
            joint_with_first_covariance,
            joint_normalised,
        ),
        section="In code: first as it reads, then in log space",
    ),
    Piece(
        id="03.responsibilities",
        contract=responsibilities,
        correct=right_responsibilities,
        cases=responsibility_cases,
        returns=Returned("resp", "(n, k)"),
        properties=(shares_between_zero_and_one, rows_sum_to_one),
        mistakes=(
            normalised_over_points,
            weights_forgotten,
            no_shift_before_exp,
            small_number_in_denominator,
            one_shift_for_all,
            divided_in_log_space,
            shifted_not_divided,
            shifted_then_divided_by_columns,
            not_normalised,
            logs_of_shares,
            logs_normalised,
            hard_shares,
            shares_transposed,
        ),
        section="It breaks: a point far from everything",
    ),
    Piece(
        id="03.log_likelihood",
        contract=log_likelihood,
        correct=right_log_likelihood,
        cases=mixture_cases,
        returns=Returned("log_likelihood", "()"),
        properties=(between_best_and_all,),
        mistakes=(
            sum_of_logs,
            log_of_everything,
            mean_over_points,
            likeliest_only,
            expected_complete_data,
            likelihood_without_weights,
            likelihood_through_densities,
            shift_not_added_back,
            summed_along_columns,
            likelihood_itself,
            negative_log_likelihood,
            one_value_a_point,
        ),
        section="How good are these parameters? The log-likelihood",
    ),
    Piece(
        id="03.hard_assign",
        contract=hard_assign,
        correct=correct_hard_assign,
        cases=hard_assign_cases,
        returns=Returned("labels", "(n,)", "int"),
        properties=(labels_are_largest,),
        mistakes=(
            best_point,
            ties_to_the_higher,
            counted_from_one,
            largest_share,
            above_one_half,
            one_hot,
            least_likely,
        ),
        section="From soft to hard",
    ),
    Piece(
        id="03.soft_border",
        contract=soft_border,
        correct=correct_soft_border,
        cases=soft_border_cases,
        returns=Returned("border", "()"),
        properties=(shares_are_equal,),
        mistakes=(
            halfway,
            moved_the_wrong_way,
            variance_forgotten,
            deviation_for_variance,
            distance_forgotten,
            shift_doubled,
            shift_halved,
            variance_squared,
            ratio_without_log,
            overall_mean,
        ),
        section="Where does the soft border lie?",
    ),
    Question(
        id="03.meaning",
        right="b",
        because="It is a share among the points that look like this one.",
        reasons={
            "a": "An eruption is of one kind or the other, never a blend. The responsibility says "
            "how sure the wait lets us be.",
            "c": "That would be the weight of the component: the share among *all* waits, before "
            "looking at this one. The responsibility is the share among waits of this length.",
            "d": "The responsibility takes the parameters as given. It says nothing about how sure "
            "they are; for that one looks at how the fit varies from sample to sample.",
        },
        section="A soft border",
    ),
    Question(
        id="03.by_hand",
        right=0.25,
        because="Where the densities are equal, x says nothing, and the shares are the weights.",
        reasons={
            1 / 3: "That is the ratio of the two joint densities. Divide by their sum instead.",
            0.02: "That is the density of either component at x.",
            0.015: "That is the joint density of component 1.",
            0.5: "The densities are equal, but the weights are not: before looking at x, "
            "component 1 is three times as likely.",
            0.75: "That is the share of component 1.",
            0.005: "That is the joint density of component 0. Divide it by the sum of both.",
        },
        section="A soft border",
    ),
    Question(
        id="03.shift",
        right="b",
        because="Every joint density of the row is multiplied by e⁵, which the division takes out.",
        reasons={
            "a": "Every share would grow, and still they would sum to 1?",
            "c": "Adding 5 multiplies every joint density of the row with the same e⁵, in the "
            "numerator and in the denominator.",
        },
        section="It breaks: a point far from everything",
    ),
    Question(
        id="03.far",
        right="c",
        because="It is fewer standard deviations away from the wide one, and very far out that "
        "decides, whatever the weights.",
        reasons={
            "a": "Equally far in minutes isn't equally far in standard deviations.",
            "b": "The narrow component is the denser one near its mean, but its density falls "
            "off faster: count the standard deviations.",
        },
        section="One component: the log-density by Cholesky",
    ),
)
