"""Expectation-Maximization, as the course derives it.

`fit` runs the algorithm on any model; `GaussianMixture` is a model. Pictures are in `emkit.plots`,
data in `emkit.datasets`, and the place for a learner's own pieces is `emkit.workshop`.
"""

from emkit.em import Degeneracy, Fit, ObjectiveFell, Run, fit
from emkit.mixture import GaussianMixture, MixtureParams

__all__ = [
    "Degeneracy",
    "Fit",
    "GaussianMixture",
    "MixtureParams",
    "ObjectiveFell",
    "Run",
    "fit",
]
