"""Posteriors of several sequences that the cases are drawn from, and what pieces share."""

import numpy as np


def random_gammas(rng, lengths, k):
    """State posteriors of a sequence of each length."""
    return [rng.dirichlet(np.full(k, 1.5), size=t) for t in lengths]


def random_xis(rng, lengths, k):
    """Summed transition posteriors of a sequence of each length."""
    return [(t - 1) * rng.dirichlet(np.ones(k * k)).reshape(k, k) for t in lengths]


def small_gammas(rng):
    """Two sequences, two states, in numbers that can be typed; neither state has half of them."""
    shares = rng.permutation([0.9, 0.2, 0.6, 0.7, 0.8])
    shares = np.column_stack([shares, 1 - shares]).round(1)
    return [shares[:3], shares[3:]]


def small_xis(rng):
    """Two sequences of 5 and 3 times, in numbers that can be typed."""
    xis = rng.permutation([[1.9, 0.6, 0.3, 1.2], [0.4, 0.9, 0.2, 0.5]])
    return [xi[rng.permutation(4)].reshape(2, 2) for xi in xis]


def joined(sequences):
    """All rows in one array; a sequence of numbers (t,) becomes a column."""
    return np.concatenate([np.reshape(s, (len(s), -1)) for s in sequences])


def distribution(name, values):
    """A sentence where values aren't probabilities that sum to 1, and None where they are."""
    for j in np.flatnonzero(~((values >= 0) & (values <= 1 + 1e-9))):
        return f"{name}[{j}] is {values[j]:.4g}, which is no probability"
    if not abs(values.sum() - 1) < 1e-8:
        return f"{name} sums to {values.sum():.6g}, not to 1"
    return None
