"""Gaussian mixtures against scikit-learn: same start, same number of iterations, one process.

Run by `make bench`. Each figure is the median of repeated runs, the two sides taking turns.
"""

import warnings

import numpy as np
from compare import Table
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as Peer

import emkit
from emkit import datasets

ITERATIONS = 20


def problem(n, d, k, covariance_type):
    """Rows from overlapping clouds, and a start."""
    rng = np.random.default_rng(0)
    means = rng.normal(scale=2, size=(k, d))
    X = means[rng.integers(k, size=n)] + rng.normal(size=(n, d))
    model = emkit.GaussianMixture(k, covariance_type)
    return X, model, model.initial(model.prepare(X), rng)


def ours(X, model, start):
    emkit.fit(model, X, start=start, max_iter=ITERATIONS, converged=never)


def never(history):
    return False


def theirs(X, model, start):
    components = start.components
    precisions = {
        "full": lambda: np.linalg.inv(components.covariances),
        "diag": lambda: 1 / components.covariances,
    }[components.covariance_type]()
    peer = Peer(
        model.n_components,
        covariance_type=components.covariance_type,
        reg_covar=0,
        tol=0,
        max_iter=ITERATIONS,
        weights_init=start.weights,
        means_init=components.means,
        precisions_init=precisions,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        peer.fit(X)


def main():
    table = Table("scikit-learn")
    for n, d, k, covariance_type, target in (
        (100_000, 2, 3, "full", 5),
        (100_000, 10, 10, "full", 5),
        (20_000, 50, 10, "full", 2),
        (100_000, 50, 10, "diag", 2),
    ):
        arguments = problem(n, d, k, covariance_type)
        table.row(
            f"{covariance_type}, n={n:,} d={d} k={k}, {ITERATIONS} iterations",
            lambda: ours(*arguments),  # noqa: B023 (called before the next turn of the loop)
            lambda: theirs(*arguments),  # noqa: B023
            target,
        )
    X = datasets.old_faithful().X
    table.row(
        "Old Faithful, k=2, ten fits from k-means",
        lambda: emkit.fit(
            emkit.GaussianMixture(2, start="k-means"), X, n_init=10, rng=np.random.default_rng(0)
        ),
        lambda: Peer(2, n_init=10, reg_covar=0, tol=1e-6, max_iter=500, random_state=0).fit(X),
        5,
    )


if __name__ == "__main__":
    main()
