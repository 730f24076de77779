"""The lower bound on the log-likelihood."""

import numpy as np

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.lower_bound.tables import (
    bound_cases,
    is_posterior,
    naive_log,
    naive_terms,
    right_elbo,
    right_entropy,
    right_log_likelihood,
    slack,
    times,
)


def elbo(q, log_joint):
    """Lower bound on the log-likelihood (evidence lower bound), summed over the rows.

    Parameters
    ----------
    q : (n, k) array
        A distribution over the k components in each row: rows sum to 1, zeros are allowed.
    log_joint : (n, k) array
        log p(x_i, z_i = j), natural logarithm; of any size, and −inf in some places where q is 0.

    Returns
    -------
    elbo : float
        The bound that q gives, in nats. Where q is 0 a term counts as 0.
    """


def below_the_log_likelihood(elbo, q, log_joint):
    """What a lower bound is, and where it touches."""
    total = right_log_likelihood(log_joint)
    if elbo > total + slack(log_joint):
        return (
            f"the bound, {elbo:.7g}, is above the log-likelihood, {total:.7g}: that is no bound "
            "from below"
        )
    if is_posterior(q, log_joint) and elbo < total - slack(log_joint):
        return (
            "q is the posterior here, where the bound touches the log-likelihood; "
            f"yours stays {total - elbo:.4g} below it"
        )
    return None


def above_the_worst(elbo, q, log_joint):
    """An expectation is at least the smallest value, and entropy is never negative."""
    worst = np.where(q > 0, log_joint, np.inf).min(axis=1).sum()
    if elbo < worst - slack(log_joint):
        return (
            f"the bound, {elbo:.7g}, is too low: a q that is certain of each row's least likely "
            f"component would still give {worst:.7g}"
        )
    return None


@mistake("This is the expected log-joint alone. The bound averages log p(x, z) − log q(z): "
         "the second part, the entropy of q, is missing.")  # fmt: skip
def entropy_forgotten(q, log_joint):
    return times(q, log_joint).sum()


@mistake("The entropy of q has the wrong sign. In log(p(x, z) / q(z)), on which side of the "
         "fraction is q?")  # fmt: skip
def entropy_subtracted(q, log_joint):
    return times(q, log_joint).sum() - right_entropy(q)


@mistake("This is the log-likelihood itself: the sum over the components stands inside the "
         "logarithm, and q drops out. Jensen takes the average *outside*, of the "
         "logarithms.")  # fmt: skip
def log_of_the_average(q, log_joint):
    return right_log_likelihood(log_joint)


@mistake("The divergence from the posterior was added to the log-likelihood. The bound lies "
         "*below* it, by that much.")  # fmt: skip
def divergence_added(q, log_joint):
    return 2 * right_log_likelihood(log_joint) - right_elbo(q, log_joint)


@mistake("This is the *negative* of the bound. It is to be climbed, not descended.")
def negative_bound(q, log_joint):
    return -right_elbo(q, log_joint)


@mistake("The logarithms of the joint come in as they are to be used; yours are turned into "
         "probabilities by exp first.")  # fmt: skip
def joint_for_its_logarithm(q, log_joint):
    with np.errstate(over="ignore"):
        return times(q, np.exp(log_joint)).sum() + right_entropy(q)


@mistake("The terms aren't weighted with q: the bound is an *expectation* over q, not a plain "
         "sum.")  # fmt: skip
def not_weighted(q, log_joint):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(q > 0, log_joint - np.log(q), 0).sum()


@mistake("This is the mean over the rows; the bound on the log-likelihood of all data is the "
         "total.")  # fmt: skip
def bound_averaged_over_rows(q, log_joint):
    return right_elbo(q, log_joint) / len(q)


@mistake("This is the bound of each row; the log-likelihood is a sum over the rows, and so is its "
         "bound.")  # fmt: skip
def bound_of_each_row(q, log_joint):
    return np.array([right_elbo(*pair) for pair in zip(q, log_joint, strict=True)])


@mistake("0 · log 0 and 0 · −inf are NaN for NumPy. A component that q rules out adds nothing: "
         "where q is 0 leave out the whole term.")  # fmt: skip
def bound_nan_at_zeros(q, log_joint):
    return naive_terms(q, log_joint - naive_log(q)).sum()


PIECE = Piece(
    id="02.elbo",
    contract=elbo,
    correct=right_elbo,
    cases=bound_cases,
    returns=Returned("elbo", "()"),
    properties=(below_the_log_likelihood, above_the_worst),
    mistakes=(
        entropy_forgotten,
        entropy_subtracted,
        log_of_the_average,
        divergence_added,
        negative_bound,
        joint_for_its_logarithm,
        not_weighted,
        bound_averaged_over_rows,
        bound_of_each_row,
        bound_nan_at_zeros,
    ),
    section="A bound from Jensen",
)
