"""Expectation-Maximization, as the course derives it.

`fit` runs the algorithm on any model; `GaussianMixture` is a model. Pictures are in `emkit.plots`,
data in `emkit.datasets`, and the place for a learner's own pieces is `emkit.workshop`.
"""

from emkit.accelerate import squarem
from emkit.em import Fit, Run, fit
from emkit.families import GaussianComponents
from emkit.hmm import HMM, HMMParams
from emkit.mixture import (
    BinomialMixture,
    GaussianMixture,
    LatentClass,
    Mixture,
    MixtureParams,
    PoissonMixture,
)
from emkit.model import Degeneracy, ObjectiveFell

__all__ = [
    "HMM",
    "BinomialMixture",
    "Degeneracy",
    "Fit",
    "GaussianComponents",
    "GaussianMixture",
    "HMMParams",
    "LatentClass",
    "Mixture",
    "MixtureParams",
    "ObjectiveFell",
    "PoissonMixture",
    "Run",
    "fit",
    "squarem",
]
