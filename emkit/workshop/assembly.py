"""Models in which a learner's pieces run, with the engine's where a piece isn't there yet."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from emkit import families
from emkit.em import Degeneracy
from emkit.mixture import GaussianMixture, statistics
from emkit.numerics import normalise_rows


def gaussian_mixture(
    n_components,
    *,
    log_gaussian=families.log_gaussian,
    log_joint=None,
    responsibilities=None,
    log_likelihood=None,
):
    """A Gaussian mixture for `emkit.fit` whose E-step is made of your pieces of assignment 03.

    Parameters
    ----------
    n_components : int
    log_gaussian, log_joint, responsibilities, log_likelihood : callable, optional
        Your functions, with the signatures of the assignment. What you leave out is filled in;
        a later piece that is filled in is made of your earlier ones.

    Returns
    -------
    model : a model for `emkit.fit`

    Raises
    ------
    ValueError
        While fitting, if a piece gives an array of the wrong shape, or NaN, or responsibilities
        whose rows don't sum to 1.
    """

    def joint(X, weights, means, covariances):
        components = zip(weights, means, covariances, strict=True)
        return np.column_stack([np.log(w) + log_gaussian(X, m, c) for w, m, c in components])

    log_joint = log_joint or joint
    return AssembledMixture(
        n_components,
        responsibilities or (lambda *args: normalise_rows(log_joint(*args))[0]),
        log_likelihood or (lambda *args: normalise_rows(log_joint(*args))[1].sum()),
    )


@dataclass(frozen=True)
class AssembledMixture(GaussianMixture):
    """A `GaussianMixture` that asks two given functions for its E-step."""

    shares: Callable
    total: Callable

    def e_step(self, params, X):
        """Statistics from the learner's responsibilities and log-likelihood."""
        resp = self.responsibilities(params, X)
        total = self.total(X, params.weights, params.means, params.covariances)
        if np.shape(total) != ():
            raise ValueError(f"log_likelihood gave shape {np.shape(total)}, expected one number")
        if not np.isfinite(total):
            raise ValueError(f"log_likelihood gave {total}, expected a finite number")
        return statistics(X, resp, float(total), params.means)

    def responsibilities(self, params, X):
        """The learner's responsibilities (n, k), looked at before they are used."""
        self.check_params(params, X)
        try:
            resp = self.shares(X, params.weights, params.means, params.covariances)
        except np.linalg.LinAlgError as error:
            raise Degeneracy(f"a component has collapsed: {error}") from None
        expected = (len(X), self.n_components)
        if np.shape(resp) != expected:
            raise ValueError(
                f"responsibilities gave shape {np.shape(resp)}, expected (n, k) = {expected}"
            )
        wrong = np.flatnonzero(~(np.abs(np.sum(resp, axis=1) - 1) < 1e-8))
        if len(wrong):
            raise ValueError(
                f"responsibilities gave a row that doesn't sum to 1: row {wrong[0]} is "
                f"{resp[wrong[0]]}, for x = {X[wrong[0]]}"
            )
        return resp
