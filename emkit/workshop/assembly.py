"""Models in which a learner's pieces run, with the engine's where a piece isn't there yet."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from emkit import families
from emkit.mixture import Mixture, MixtureStatistics
from emkit.model import Degeneracy
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
    log_joint = log_joint or partial(joint_of_components, log_gaussian)
    return AssembledMixture(
        families.Gaussian(),
        n_components,
        shares=responsibilities or (lambda *args: normalise_rows(log_joint(*args))[0]),
        total=log_likelihood or (lambda *args: normalise_rows(log_joint(*args))[1].sum()),
    )


def joint_of_components(log_gaussian, X, weights, means, covariances):
    """log p(x_i, z_i = j) from the log-density of one component, (n, k)."""
    components = zip(weights, means, covariances, strict=True)
    return np.column_stack([np.log(w) + log_gaussian(X, m, c) for w, m, c in components])


@dataclass(frozen=True)
class AssembledMixture(Mixture):
    """A mixture of Gaussians that asks two given functions for its E-step."""

    shares: Callable = None
    total: Callable = None

    def prepare(self, X, sample_weight=None):
        """The rows; weights are refused, for the learner's functions don't know of them."""
        if sample_weight is not None:
            raise ValueError("sample_weight is given, but your pieces take rows without weights")
        return super().prepare(X)

    def e_step(self, params, data):
        """Statistics from the learner's responsibilities and log-likelihood."""
        resp = self.responsibilities(params, data.X)
        total = self.total(*arguments(params, data.X))
        if np.shape(total) != ():
            raise ValueError(f"log_likelihood gave shape {np.shape(total)}, expected one number")
        if not np.isfinite(total):
            raise ValueError(f"log_likelihood gave {total}, expected a finite number")
        return MixtureStatistics(
            float(total),
            resp.sum(axis=0),
            self.family.statistics(params.components, data.X, resp),
        )

    def responsibilities(self, params, X):
        """The learner's responsibilities (n, k), looked at before they are used."""
        self.check_params(params)
        try:
            resp = self.shares(*arguments(params, X))
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


def arguments(params, X):
    """What the learner's functions take: X, weights, means, covariances."""
    return X, params.weights, params.components.means, params.components.covariances
