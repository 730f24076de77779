"""Mixtures that the cases are drawn from, and the engine's answers for them."""

import numpy as np

from emkit import families
from emkit.numerics import normalise_rows
from emkit.workshop.piece import Case


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


def joint_of_components(log_gaussian, X, weights, means, covariances):
    """log p(x_i, z_i = j) from the log-density of one component, (n, k)."""
    components = zip(weights, means, covariances, strict=True)
    return np.column_stack([np.log(w) + log_gaussian(X, m, c) for w, m, c in components])


def right_log_joint(X, weights, means, covariances):
    """By the engine's log-density of one component."""
    return joint_of_components(families.log_gaussian, X, weights, means, covariances)


def right_responsibilities(X, weights, means, covariances):
    """By the engine's shift, exp and division."""
    return normalise_rows(right_log_joint(X, weights, means, covariances))[0]


def right_log_likelihood(X, weights, means, covariances):
    """By the engine's log-sum-exp."""
    return float(normalise_rows(right_log_joint(X, weights, means, covariances))[1].sum())


def densities(X, weights, means, covariances):
    """What many begin with: the joint densities themselves, which underflow far away."""
    return np.exp(right_log_joint(X, weights, means, covariances))
