"""How far the bound stays below the log-likelihood."""

import numpy as np
from scipy.special import logsumexp, rel_entr

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.lower_bound.tables import (
    bound_cases,
    is_posterior,
    log_likelihood_through_exp,
    most_left_out,
    naive_log,
    naive_terms,
    right_best_q,
    right_elbo,
    right_entropy,
    right_log_likelihood,
    slack,
    times,
)


def gap(q, log_joint):
    """How far the bound that q gives stays below the log-likelihood.

    Start from the log-likelihood; `kl_to_posterior` may not be called. Your other functions may.

    Parameters
    ----------
    q : (n, k) array
        A distribution over the k components in each row: rows sum to 1, zeros are allowed.
    log_joint : (n, k) array
        log p(x_i, z_i = j), natural logarithm; of any size, and −inf in some places where q is 0.

    Returns
    -------
    gap : float
        Log-likelihood minus lower bound, both summed over the rows, in nats.
    """


def right_gap(q, log_joint):
    """The difference, with each row's size taken out first: it cancels."""
    shifted = log_joint - log_joint.max(axis=1, keepdims=True)
    return right_log_likelihood(shifted) - right_elbo(q, shifted)


def never_negative_and_closed_at_the_posterior(gap, q, log_joint):
    """A lower bound stays below, and touches at the posterior."""
    if gap < -slack(log_joint):
        return f"the gap is {gap:.4g}, but a lower bound is never above the log-likelihood"
    if is_posterior(q, log_joint) and gap > slack(log_joint):
        return f"q is the posterior here, where the bound touches, but your gap is {gap:.4g}"
    most = most_left_out(q, log_joint)
    if gap > most + slack(log_joint):
        return (
            f"the gap is {gap:.7g}, too wide: a q that is certain of the least likely component "
            f"it allows, row by row, would leave {most:.7g}"
        )
    return None


@mistake("The difference is the wrong way round: the log-likelihood is on top.")
def upside_down(q, log_joint):
    return -right_gap(q, log_joint)


@mistake("The entropy of q is missing in the bound: it averages log p(x, z) − log q(z).")
def gap_without_entropy(q, log_joint):
    return right_log_likelihood(log_joint) - times(q, log_joint).sum()


@mistake("The entropy of q has the wrong sign in the bound.")
def gap_with_entropy_subtracted(q, log_joint):
    return gap_without_entropy(q, log_joint) + right_entropy(q)


@mistake("This is the gap of the *best* q, which is 0 whatever came in. Wanted is that of the q "
         "that came in.")  # fmt: skip
def gap_of_the_best(q, log_joint):
    return right_gap(right_best_q(log_joint), log_joint)


@mistake("This is the log-likelihood; the bound is still to be subtracted.")
def log_likelihood_alone(q, log_joint):
    return right_log_likelihood(log_joint)


@mistake("This is the bound; the gap is what it leaves out of the log-likelihood.")
def bound_alone(q, log_joint):
    return right_elbo(q, log_joint)


@mistake("The sum over all rows *and* components of the log-joints is no log-likelihood. The "
         "components are summed inside the logarithm: first log p(x) of each row.")  # fmt: skip
def sum_of_logs(q, log_joint):
    return log_joint.sum() - right_elbo(q, log_joint)


@mistake("The log-likelihood was taken of the whole table at once. First log p(x) of each row, "
         "summed over the components; then the sum over the rows.")  # fmt: skip
def log_of_everything(q, log_joint):
    return logsumexp(log_joint) - right_elbo(q, log_joint)


@mistake("The sum inside the log-likelihood runs over the rows. It runs over the components: "
         "which axis is that?")  # fmt: skip
def summed_along_columns(q, log_joint):
    return logsumexp(log_joint, axis=0).sum() - right_elbo(q, log_joint)


@mistake("Only the likeliest component of each row counts in your log-likelihood. The others add "
         "probability, too.")  # fmt: skip
def likeliest_only(q, log_joint):
    return log_joint.max(axis=1).sum() - right_elbo(q, log_joint)


@mistake("exp of the log-joints underflows to 0 or overflows, and the log-likelihood is infinite. "
         "Use log-sum-exp: the row's largest log-joint is taken out before exp and added back "
         "after the logarithm.")  # fmt: skip
def gap_through_exp(q, log_joint):
    return log_likelihood_through_exp(log_joint) - right_elbo(q, log_joint)


@mistake("The row's largest log-joint was taken out before exp and not added back after the "
         "logarithm.")  # fmt: skip
def shift_not_added_back(q, log_joint):
    shifted = log_joint - log_joint.max(axis=1, keepdims=True)
    return right_log_likelihood(shifted) - right_elbo(q, log_joint)


@mistake("0 · log 0 and 0 · −inf are NaN for NumPy. A component that q rules out adds nothing to "
         "the bound: where q is 0 leave out the whole term.")  # fmt: skip
def gap_nan_at_zeros(q, log_joint):
    return right_log_likelihood(log_joint) - naive_terms(q, log_joint - naive_log(q)).sum()


@mistake("This is the divergence of the posterior from q. The gap is another number: "
         "log-likelihood minus bound.")  # fmt: skip
def divergence_the_other_way(q, log_joint):
    return rel_entr(right_best_q(log_joint), q).sum()


@mistake("This is the mean over the rows; wanted is the total.")
def gap_averaged_over_rows(q, log_joint):
    return right_gap(q, log_joint) / len(q)


@mistake("This is the gap of each row; wanted is their sum.")
def gap_of_each_row(q, log_joint):
    values = logsumexp(log_joint, axis=1)
    return values - np.array([right_elbo(*pair) for pair in zip(q, log_joint, strict=True)])


PIECE = Piece(
    id="02.gap",
    contract=gap,
    correct=right_gap,
    cases=bound_cases,
    returns=Returned("gap", "()"),
    properties=(never_negative_and_closed_at_the_posterior,),
    mistakes=(
        upside_down,
        gap_without_entropy,
        gap_with_entropy_subtracted,
        gap_of_the_best,
        log_likelihood_alone,
        bound_alone,
        sum_of_logs,
        log_of_everything,
        summed_along_columns,
        likeliest_only,
        gap_through_exp,
        shift_not_added_back,
        gap_nan_at_zeros,
        divergence_the_other_way,
        gap_averaged_over_rows,
        gap_of_each_row,
    ),
    section="What the bound leaves out: KL",
    without=("kl_to_posterior",),
)
