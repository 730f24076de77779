"""A wholesaler's customers: what is held out, what is to be beaten, and the engine's own fits."""

from functools import cache

import numpy as np

from emkit import datasets, em
from emkit.mixture import GaussianMixture
from emkit.selection import held_out_log_likelihood
from emkit.workshop.pieces.capstone.verdicts import Unusable, mixture_params

OFFSET = 100  # monetary units a year
LEAST = -20.0  # nats a row: below what the worst fit to the features gets


@cache
def wholesale():
    """The customers, read once."""
    return datasets.wholesale_customers()


def features(spend):
    """What the models are of."""
    return np.log(spend + OFFSET)


def as_tuple(params):
    """Parameters of a mixture as learners hand them in."""
    return params.weights, params.components.means, params.components.matrices().copy()


def fitted(X, model, rng=None, n_init=1, max_iter=40):
    """The engine's fit to rows that have been transformed, as learners hand it in."""
    rng = rng or np.random.default_rng(0)
    return as_tuple(em.fit(model, X, n_init=n_init, max_iter=max_iter, rng=rng).params)


def held_out(answer, X):
    """Total log-likelihood of rows under the (weights, means, covariances) that came back."""
    params = mixture_params(answer)
    try:
        return held_out_log_likelihood(GaussianMixture(len(params.weights)), params, X)
    except ValueError as error:
        raise Unusable(str(error)) from None


def of_other_numbers(score):
    """What a score says that no fit to the features gets, to be added to a sentence."""
    if score > LEAST:
        return ""
    return (
        f". At {score:.3g} nats a customer the parameters belong to other numbers than the rows of "
        f"np.log(spend + {OFFSET})"
    )


def baseline(name, X):
    """What a simpler analysis finds."""
    if name == "hard clusters":
        model = GaussianMixture(3, "diag", start="k-means")
        return as_tuple(model.initial(model.prepare(X), np.random.default_rng(0)))
    return fitted(X, GaussianMixture(1, "full" if name == "one Gaussian" else "diag"))
