"""Points with soft labels that the cases are drawn from, and the engine's answers for them."""

import numpy as np

from emkit import families
from emkit.families import GaussianComponents


def soft_labels(rng, n, d, k):
    """Points around k centres, and shares of the components in each."""
    X = rng.normal(scale=2, size=(k, d))[rng.integers(k, size=n)] + rng.normal(size=(n, d))
    return {"X": X, "resp": rng.dirichlet(np.full(k, 2.0), size=n)}


def small_soft_labels(rng):
    """Five points and two components in numbers that can be typed; neither has half the shares."""
    share = rng.permutation([0.9, 0.2, 0.6, 0.7, 0.8])
    return {
        "X": rng.normal(scale=1.5, size=(5, 2)).round(1) + np.array([1.0, -0.5]),
        "resp": np.column_stack([share, 1 - share]).round(1),
    }


def hard_labels(rng):
    """Shares of 0 and 1: every component has three points, or a few more."""
    labels = rng.permutation([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    return {"X": rng.normal(size=(10, 2)) + labels[:, None], "resp": np.eye(3)[labels]}


def hardly_any(rng):
    """One of two components has a few millionths of the responsibility."""
    share = rng.uniform(1e-6, 1e-5, size=8)
    return {
        "X": rng.normal(scale=2, size=(8, 2)),
        "resp": np.column_stack([share, 1 - share]),
    }


def far_from_zero(rng):
    """Data whose spread is a millionth of their distance from 0."""
    case = soft_labels(rng, 12, 2, 2)
    case["X"] += 1e6 * rng.choice([-1.0, 1.0], size=2)
    return case


def some_means(rng, X, resp):
    """Means near the data that are not the weighted ones; at most one decimal more than X."""
    k, d = resp.shape[1], X.shape[1]
    return (X.mean(axis=0) + rng.normal(size=(k, d))).round(1)


def with_means(rng, case):
    """The case with `means` that an update of the means didn't make."""
    return {**case, "means": some_means(rng, **case)}


def with_weighted_means(case):
    """The case with the `means` that the M-step makes."""
    return {**case, "means": right_means(**case)}


def sums_about(centres, X, resp):
    """The engine's sums of deviations from the centres (k, d) and of their products (k, d, d)."""
    narrow = np.stack([1e-12 * np.eye(X.shape[1])] * len(centres))  # so that no digit is traded
    return families.Gaussian().statistics(GaussianComponents(centres, narrow), X, resp)


def right_weights(resp):
    """The engine's: the mode of a flat prior."""
    return families.Dirichlet(1).mode(resp.sum(axis=0))


def estimate(X, resp, centres, covariance_type="full", frozen=()):
    """The engine's components for these responsibilities."""
    k, d = centres.shape
    unused = np.zeros({"full": (k, d, d), "tied": (d, d)}[covariance_type])
    components = GaussianComponents(centres, unused, covariance_type)
    statistics = sums_about(centres, X, resp)
    return families.Gaussian(covariance_type).estimate(statistics, components, frozen)


def right_means(X, resp):
    """The engine's weighted means."""
    return estimate(X, resp, np.stack([X.mean(axis=0)] * resp.shape[1])).means


def right_covariances(X, resp, means):
    """The engine's, with the means kept as they are."""
    return estimate(X, resp, means, frozen=("means",)).covariances


def right_tied_covariance(X, resp, means):
    """The engine's, with the means kept as they are."""
    return estimate(X, resp, means, "tied", frozen=("means",)).covariances
