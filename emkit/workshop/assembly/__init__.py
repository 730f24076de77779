"""Models for `emkit.fit` made of a learner's pieces; the engine's fill in where one isn't there."""

from emkit.workshop.assembly.hidden_markov import hidden_markov
from emkit.workshop.assembly.missing_normal import missing_normal
from emkit.workshop.assembly.mixtures import binomial_mixture, gaussian_mixture, latent_classes
from emkit.workshop.assembly.topics import topics

__all__ = [
    "binomial_mixture",
    "gaussian_mixture",
    "hidden_markov",
    "latent_classes",
    "missing_normal",
    "topics",
]
