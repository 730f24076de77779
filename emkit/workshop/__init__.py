"""Where a learner's pieces go: `check` judges them, models are assembled from them."""

from emkit.workshop.assembly import (
    binomial_mixture,
    gaussian_mixture,
    hidden_markov,
    latent_classes,
    missing_normal,
    topics,
)
from emkit.workshop.board import board
from emkit.workshop.check import check
from emkit.workshop.failure import CheckFailed
from emkit.workshop.keep import keep, kept
from emkit.workshop.question import ask

__all__ = [
    "CheckFailed",
    "ask",
    "binomial_mixture",
    "board",
    "check",
    "gaussian_mixture",
    "hidden_markov",
    "keep",
    "kept",
    "latent_classes",
    "missing_normal",
    "topics",
]
