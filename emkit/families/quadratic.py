"""The fast way to Gaussian log-densities and moments, for few features.

The log-density is quadratic in x, so with the features 1, x_i and x_i x_j it is one matrix product
for all components, and so are the weighted sums for the M-step. It loses digits where a component
is very narrow beside the spread of the data; `Block.keeps_digits` says where.
"""

from functools import cache, cached_property

import numpy as np

from emkit.families.covariances import is_diagonal

FEW_FEATURES = 16  # up to here the products of all pairs cost less than the triangular solves
NARROW = 1e6  # largest squared distance, in standard deviations, for which 10 digits are left


class Block:
    """Some rows X (n, d), with the features of their deviations from their mean.

    The features, (p, n), are 1, x_i and x_i x_j for i ≤ j, or i = j only where the covariances are
    diagonal. There are none where they would be too many.
    """

    def __init__(self, X, covariance_type):
        n, d = X.shape
        self.X = X
        self.features = None
        size = n_features(d, covariance_type)
        if size is None:
            return
        self.features = np.empty((size, n))
        self.features[0] = 1
        x = self.features[1 : d + 1]
        x[:] = X.T
        self.centre = x.mean(axis=1)
        x -= self.centre[:, None]
        self.reach = np.maximum(x.max(axis=1), -x.min(axis=1))
        rest = self.features[d + 1 :]
        if is_diagonal(covariance_type):
            np.multiply(x, x, out=rest)
            return
        row = 0
        for i in range(d):
            np.multiply(x[i], x[i:], out=rest[row : row + d - i])
            row += d - i

    @cached_property
    def columns(self):
        """The rows as columns (d, n)."""
        return np.ascontiguousarray(self.X.T)

    def keeps_digits(self, components):
        """Whether the features keep enough digits: no row too many standard deviations away."""
        if self.features is None:
            return False
        scales, _ = components.inverse_factors
        reach = self.reach + np.abs(components.means - self.centre).max(axis=0)
        u = np.abs(scales) @ reach if scales.ndim == 3 else scales * reach
        return bool((u * u).sum(axis=1).max() < NARROW)


def n_features(d, covariance_type):
    """How many features there are; None where they would be too many."""
    if is_diagonal(covariance_type):
        return 1 + 2 * d
    return 1 + d + d * (d + 1) // 2 if d <= FEW_FEATURES else None


@cache
def pairs(d):
    """Rows and columns of the upper triangle, and how often each pair stands in xxᵀ."""
    i, j = np.triu_indices(d)
    return i, j, np.where(i == j, 1.0, 2.0)


def coefficients(components, centre):
    """What the features about `centre` are multiplied with to give the log-densities, (k, p)."""
    means = components.means - centre
    scales, log_dets = components.inverse_factors
    if scales.ndim == 2:
        precisions = scales**2
        linear = precisions * means
        quadratic = precisions
    else:
        precisions = np.swapaxes(scales, 1, 2) @ scales
        linear = (precisions @ means[:, :, None])[:, :, 0]
        i, j, times = pairs(means.shape[1])
        quadratic = precisions[:, i, j] * times
    constant = means.shape[1] * np.log(2 * np.pi) + log_dets + (linear * means).sum(axis=1)
    return np.concatenate([-0.5 * constant[:, None], linear, -0.5 * quadratic], axis=1)


def unpacked(sums, d, diagonal):
    """Weighted sums of the features, (p, k), as moments about their origin: 0th, 1st, 2nd."""
    first, second = sums[1 : d + 1].T, sums[d + 1 :].T
    if not diagonal:
        i, j, _ = pairs(d)
        full = np.empty((len(second), d, d))
        full[:, i, j] = full[:, j, i] = second
        second = full
    return sums[0], first, second


def moved(counts, first, second, centres):
    """Moments about the origin as those about centres (k, d): still weighted sums."""
    sums = first - counts[:, None] * centres
    if second.ndim == 2:
        return counts, sums, second - (first + sums) * centres
    cross = first[:, :, None] * centres[:, None, :]
    both = cross + cross.transpose(0, 2, 1) - counts[:, None, None] * outer(centres)
    return counts, sums, second - both


def outer(vectors):
    """Outer product of each row of (k, d) with itself, (k, d, d)."""
    return vectors[:, :, None] * vectors[:, None, :]
