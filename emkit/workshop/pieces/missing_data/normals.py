"""Normals and rows with gaps that the cases are drawn from, and steps that mistakes share."""

import numpy as np

from emkit.workshop.piece import Case
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import random_covariance

SMALL_COVARIANCE = np.array([[2.0, 0.9, 0.5], [0.9, 1.5, -0.4], [0.5, -0.4, 1.0]])
# Ones where a value is missing. Two features are missing together in one row, apart in others.
GAPS = np.array(
    [[0, 0, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 0],
     [0, 0, 0, 1], [1, 1, 0, 0]], dtype=bool,
)  # fmt: skip


def random_normal(rng, d):
    """A mean away from 0, and a covariance of correlated features."""
    return {"mean": rng.normal(scale=2, size=d), "covariance": random_covariance(rng, d)}


def random_rows(rng, mean, missing):
    """Rows about a mean, with NaN where `missing` (n, d) says so."""
    X = mean + rng.normal(scale=1.2, size=missing.shape)
    X[missing] = np.nan
    return X


def gappy(rng, missing):
    """X with these gaps, a mean and a covariance."""
    normal = random_normal(rng, missing.shape[1])
    return {"X": random_rows(rng, normal["mean"], missing), **normal}


def shuffled_gaps(rng):
    """Eight rows and four features in any order."""
    return rng.permutation(rng.permutation(GAPS), axis=1)


def small_rows(rng):
    """Three rows of two features in numbers that can be typed."""
    X = rng.normal(scale=1.5, size=(3, 2)).round(1)
    X[0, 0] = X[1, 1] = np.nan
    mean = rng.normal(size=2).round(1)
    return {"X": X, "mean": mean, "covariance": SMALL_COVARIANCE[:2, :2]}


def gappy_cases(rng, far_rtol=1e-9):
    """Cases of the pieces that take X, a mean and a covariance; how right rows far from 0 are."""
    no_gaps = np.zeros((4, 2), dtype=bool)
    one_feature = rng.permutation([[True], [False], [False], [True], [False]])
    lost = np.vstack([shuffled_gaps(rng)[:3], np.ones((2, 4), dtype=bool)])
    shifted = gappy(rng, shuffled_gaps(rng))
    shifted["mean"] += 1e6
    shifted["X"] += 1e6
    return [
        Case("3 rows of 2 features", small_rows(rng)),
        Case("8 rows of 4 features", gappy(rng, shuffled_gaps(rng))),
        Case("no gaps at all", gappy(rng, no_gaps)),
        Case("1 feature", gappy(rng, one_feature)),
        Case("a single row", gappy(rng, rng.permutation([[True, True, False, False]], axis=1))),
        Case("two rows with nothing observed", gappy(rng, lost)),
        Case("rows 1e6 away from 0", shifted, hard=True, rtol=far_rtol),
    ]


def regress(x, mean, covariance):
    """Which features of a row are missing, their means given the others, and their covariance."""
    m = np.isnan(x)
    between = covariance[np.ix_(~m, m)]
    slopes = np.linalg.solve(covariance[np.ix_(~m, ~m)], between).T
    values = mean[m] + slopes @ (x - mean)[~m]
    return m, values, covariance[np.ix_(m, m)] - slopes @ between


def put_in_place(x, m, values, block):
    """A row with values in its gaps, and a (d, d) matrix with a block where both are missing."""
    filled, conditional = x.copy(), np.zeros((len(x), len(x)))
    filled[m] = values
    conditional[np.ix_(m, m)] = block
    return filled, conditional
