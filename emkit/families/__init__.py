"""Families of distributions that a component, or a hidden state, can have.

A family is an exponential family: its log-density is linear in a few features of x, so a sum of
those features, weighted with responsibilities, is all that the M-step needs. What it must offer is
written down in `Family`.
"""

from typing import Any, Protocol

from emkit.families.binomial import Binomial, BinomialComponents
from emkit.families.categorical import Categorical, CategoricalComponents
from emkit.families.gaussian import Gaussian, GaussianComponents, log_gaussian
from emkit.families.poisson import Poisson, PoissonComponents
from emkit.families.priors import Beta, Dirichlet, Gamma, NormalInverseWishart

__all__ = [
    "Beta",
    "Binomial",
    "BinomialComponents",
    "Categorical",
    "CategoricalComponents",
    "Dirichlet",
    "Family",
    "Gamma",
    "Gaussian",
    "GaussianComponents",
    "NormalInverseWishart",
    "Poisson",
    "PoissonComponents",
    "log_gaussian",
]


class Family(Protocol):
    """What mixtures and hidden Markov models ask of a family of distributions."""

    def prepare(self, X) -> Any:
        """The rows as an array that can be sliced, after checking them; `ValueError` if bad."""

    def block(self, X) -> Any:
        """Some prepared rows in a form that `log_prob` and `statistics` take in place of X."""

    def width(self, d) -> int:
        """How many numbers a block holds for each row of d columns."""

    def initial(self, X, k, rng, sample_weight=None) -> Any:
        """Random parameters of k components, different from each other."""

    def log_prob(self, components, X) -> Any:
        """Log-density or log-probability of each row under each component, (n, k)."""

    def statistics(self, components, X, resp) -> Any:
        """Sums over the rows, weighted with `resp` (n, k); they can be added."""

    def estimate(self, statistics, components, frozen=()) -> Any:
        """Weighted maximum likelihood, or maximum a posteriori; frozen fields stay as they are."""

    def log_prior(self, components) -> float:
        """Log-density of the prior at the components; 0 where there is none."""

    def sample(self, components, labels, rng) -> Any:
        """One row drawn from the component that each label names."""

    def n_parameters(self, components) -> int:
        """Number of free parameters."""
