"""What `emkit.fit` asks of a model, and the two ways in which a fit can go wrong."""

from typing import Any, Protocol


class Model(Protocol):
    """What `fit` asks of a model. Statistics of two parts of the data add up to those of both.

    A model may also have `advice() -> str`, where to look if the objective falls.
    """

    def prepare(self, data, sample_weight=None) -> Any:
        """Check the data and their weights and put them into the form that the E-step reads."""

    def divisible(self, data) -> Any:
        """The data as items that can be worked on apart, for `chunks`; `ValueError` if none can."""

    def initial(self, data, rng) -> Any:
        """Random parameters to start from."""

    def e_step(self, params, data) -> Any:
        """Expected sufficient statistics, with the `.log_likelihood` of `params`."""

    def m_step(self, statistics, params) -> Any:
        """Parameters that maximise the expected complete-data objective."""

    def log_prior(self, params) -> float:
        """Log-density of the prior at `params`; 0 where there is none."""


class Degeneracy(ArithmeticError):
    """The likelihood has no useful maximum here; the message says which component and why."""


class ObjectiveFell(ArithmeticError):
    """The objective fell, which right E- and M-steps cannot do."""
