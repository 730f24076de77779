"""Data and statistics that the cases are drawn from, and the engine's statistics for them."""

import numpy as np

from emkit.families import Gaussian
from emkit.families.gaussian import GaussianComponents
from emkit.workshop.piece import Returned

STATISTICS = (
    Returned("counts", "(k,)"),
    Returned("sums", "(k, d)"),
    Returned("outer", "(k, d, d)"),
    Returned("log_likelihood", "()"),
)
NAMES = tuple(returned.name for returned in STATISTICS)


def random_part(rng, n, d, k, offset=0.0):
    """Rows with responsibilities, a log-likelihood, and centres that aren't the means."""
    return {
        "X": offset + rng.normal(size=(n, d)) + rng.integers(-2, 3, size=(n, 1)),
        "resp": rng.dirichlet(np.full(k, 1.5), size=n),
        "log_likelihood": -float(rng.uniform(2, 3) * n * d),
        "centres": offset + rng.normal(size=(k, d)),
    }


def small_part(rng):
    """Three points and two components in numbers that can be typed."""
    share = rng.choice([0.2, 0.3, 0.4])
    return {
        "X": rng.permutation([[1.0, 0.5], [-0.5, 2.0], [3.0, 1.5]]),
        "resp": np.array([[share, 1 - share], [0.9, 0.1], [0.5, 0.5]]),
        "log_likelihood": -float(rng.choice([7.5, 8.5, 9.5])),
        "centres": np.array([[0.0, 1.0], [2.0, 0.5]]),
    }


def right_statistics(X, resp, log_likelihood, centres):
    """By the engine's family, whose statistics are about its components' means."""
    k, d = centres.shape
    components = GaussianComponents(centres, np.stack([np.eye(d)] * k))
    sums = Gaussian().statistics(components, X, resp)
    return sums.counts, sums.sums, sums.second, log_likelihood


def statistics_of(part):
    """The statistics of a part."""
    return right_statistics(**part)


def halves(part, n):
    """The statistics of the first n rows and of the others, about the same centres."""
    share = 0.3 + 0.4 * n / len(part["X"])  # of the log-likelihood
    for rows, fraction in ((slice(n), share), (slice(n, None), 1 - share)):
        yield right_statistics(
            part["X"][rows],
            part["resp"][rows],
            fraction * part["log_likelihood"],
            part["centres"],
        )


def scatter_problem(counts, sums, outer):
    """A sentence if no weighted points have such sums about any centre, else None.

    The products are symmetric, and the scatter about the mean, outer - sums sumsᵀ / counts, has no
    negative eigenvalue.
    """
    for j in np.flatnonzero(counts < 0):
        return f"counts[{j}] is {counts[j]:.4g}, and counts are sums of responsibilities"
    for j in np.flatnonzero(np.abs(outer - outer.transpose(0, 2, 1)).max(axis=(1, 2)) > 1e-6):
        return f"outer[{j}] is not symmetric, and a sum of products x xᵀ is"
    size = np.abs(outer).max(axis=(1, 2)) + 1e-12
    for j in np.flatnonzero(counts > 0):
        scatter = outer[j] - np.outer(sums[j], sums[j]) / counts[j]
        if np.linalg.eigvalsh(scatter).min() < -1e-6 * size[j]:
            return (
                f"counts[{j}], sums[{j}] and outer[{j}] don't belong together: no weighted points "
                "have such sums, for their scatter about their own mean would be negative"
            )
    return None
