"""The best weights for given responsibilities."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_m_step.laws import no_better_weights, shares_of_one
from emkit.workshop.pieces.gaussian_mixtures_m_step.soft_labels import (
    hard_labels,
    hardly_any,
    right_weights,
    small_soft_labels,
)


def update_weights(resp):
    """Weights that maximise Q, the expected complete-data log-likelihood.

    Parameters
    ----------
    resp : (n, k) array
        Responsibilities; rows sum to 1, and every column has a sum above 0, however small.

    Returns
    -------
    weights : (k,) array
        Component weights, sum to 1.
    """


def update_weights_cases(rng):
    """Soft and hard shares, one component, one point, a component that has next to nothing."""
    return [
        Case("5 points, 2 components", {"resp": small_soft_labels(rng)["resp"]}),
        Case("9 points, 3 components", {"resp": rng.dirichlet(np.ones(3), size=9)}),
        Case("a single point, 4 components", {"resp": rng.dirichlet(np.full(4, 2.0), size=1)}),
        Case("a single component", {"resp": np.ones((5, 1))}),
        Case("responsibilities of 0 and 1", {"resp": hard_labels(rng)["resp"]}),
        Case("a component with hardly any responsibility", {"resp": hardly_any(rng)["resp"]}),
    ]


def weights_are_shares(weights, resp):
    """The weights are probabilities that sum to 1."""
    return shares_of_one(weights)


@mistake("These are the effective counts N_j. They sum to the number of points: which share of "
         "the points is each component's?")  # fmt: skip
def counts_not_divided(resp):
    return resp.sum(axis=0)


@mistake("The sums of the columns are divided by the number of components. There are n points to "
         "share out.")  # fmt: skip
def counts_over_components(resp):
    return resp.sum(axis=0) / resp.shape[1]


@mistake("The average is taken over the components, for each point. A weight is the average share "
         "of one component over the *points*: which axis is that?")  # fmt: skip
def averaged_over_components(resp):
    return resp.mean(axis=1)


@mistake("Each point is counted wholly for its likeliest component. A point that is shared counts "
         "for both, in shares.")  # fmt: skip
def counted_by_label(resp):
    labels = resp.argmax(axis=1)
    return np.bincount(labels, minlength=resp.shape[1]) / len(resp)


@mistake("All weights are equal, whatever the responsibilities say.")
def equal_weights(resp):
    return np.full(resp.shape[1], 1 / resp.shape[1])


@mistake("The sums of the columns are divided by n − 1. Q has its maximum at n: the weights must "
         "sum to 1.")  # fmt: skip
def counts_over_one_less(resp):
    return resp.sum(axis=0) / max(len(resp) - 1, 1e-300)


@mistake("The shares are averaged in logarithms. The points' shares *add* up to a count.")
def averaged_in_logs(resp):
    shares = np.exp(np.log(np.maximum(resp, 1e-300)).mean(axis=0))
    return shares / shares.sum()


@mistake("The responsibilities come in squared: each share counts once, as it is.")
def squared_shares(resp):
    return (resp**2).sum(axis=0) / (resp**2).sum()


@mistake("These are logarithms of the weights.")
def logs_of_weights(resp):
    return np.log(resp.mean(axis=0))


@mistake("exp of the effective counts was normalised. The counts themselves are what is shared "
         "out: divide them by their sum.")  # fmt: skip
def softmax_of_counts(resp):
    shares = np.exp(resp.sum(axis=0))
    return shares / shares.sum()


@mistake("Every component gets an extra count of 1 before dividing. That smooths the weights, as a "
         "prior would; Q knows of no prior.")  # fmt: skip
def smoothed_counts(resp):
    return (resp.sum(axis=0) + 1) / (len(resp) + resp.shape[1])


PIECE = Piece(
    id="04.update_weights",
    contract=update_weights,
    correct=right_weights,
    cases=update_weights_cases,
    returns=Returned("weights", "(k,)"),
    properties=(weights_are_shares, no_better_weights),
    mistakes=(
        counts_not_divided,
        counts_over_components,
        averaged_over_components,
        counted_by_label,
        equal_weights,
        counts_over_one_less,
        averaged_in_logs,
        squared_shares,
        logs_of_weights,
        softmax_of_counts,
        smoothed_counts,
    ),
    section="The weights: a maximum on a budget",
)
