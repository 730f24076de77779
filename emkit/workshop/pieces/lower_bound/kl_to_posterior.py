"""How far q is from the posterior: the part of the log-likelihood that the bound leaves out."""

import numpy as np
from scipy.special import logsumexp, rel_entr, softmax

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.lower_bound.tables import (
    bound_cases,
    is_posterior,
    log_likelihood_through_exp,
    log_posterior,
    most_left_out,
    naive_log,
    naive_terms,
    right_best_q,
    right_elbo,
    right_entropy,
    slack,
    times,
)


def kl_to_posterior(q, log_joint):
    """Kullback-Leibler divergence of q from the posterior, summed over the rows.

    Parameters
    ----------
    q : (n, k) array
        A distribution over the k components in each row: rows sum to 1, zeros are allowed.
    log_joint : (n, k) array
        log p(x_i, z_i = j), natural logarithm; of any size, and −inf in some places where q is 0.

    Returns
    -------
    kl : float
        Σ_i KL(q_i ‖ p(z | x_i)), in nats. Where q is 0 a term counts as 0. Finite also where a
        posterior probability is too small to be stored.
    """


def right_kl_to_posterior(q, log_joint):
    """The expected difference of the logarithms."""
    return float(-times(q, log_posterior(log_joint)).sum() - right_entropy(q))


def never_negative_and_zero_at_the_posterior(kl, q, log_joint):
    """Gibbs' inequality."""
    if kl < -slack(log_joint):
        return f"the divergence is {kl:.4g}, but a Kullback-Leibler divergence is never negative"
    if is_posterior(q, log_joint) and kl > slack(log_joint):
        return (
            "q is the posterior here, and nothing diverges from itself: the result should be 0, "
            f"yours is {kl:.4g}"
        )
    most = most_left_out(q, log_joint)
    if kl > most + slack(log_joint):
        return (
            f"the divergence is {kl:.7g}, too much: a q that is certain of the least likely "
            f"component it allows, row by row, would have {most:.7g}"
        )
    return None


@mistake("This is the divergence the other way round, of the posterior from q. The two differ: "
         "which distribution are the logarithms averaged over?")  # fmt: skip
def other_way_round(q, log_joint):
    return rel_entr(right_best_q(log_joint), q).sum()


@mistake("The sign is wrong: q stands in the numerator, log(q / p).")
def negative_divergence(q, log_joint):
    return right_elbo(q, log_joint) - right_elbo(right_best_q(log_joint), log_joint)


@mistake("The log-joint was taken for the log of the posterior. Its rows aren't normalised: "
         "log p(z | x) = log p(x, z) − log p(x). Without log p(x) this is the negative of "
         "the bound.")  # fmt: skip
def joint_for_posterior(q, log_joint):
    return -right_elbo(q, log_joint)


@mistake("This is −Σ q log p, the cross-entropy. The part with log q is missing.")
def cross_entropy(q, log_joint):
    return -times(q, log_posterior(log_joint)).sum()


@mistake("The logarithms of q / p aren't weighted with q: the divergence is an *expectation* over "
         "q, not a plain sum.")  # fmt: skip
def divergence_not_weighted(q, log_joint):
    return np.where(q > 0, naive_log(q) - log_posterior(log_joint), 0).sum()


@mistake("Only the likeliest component of each row counts in your log p(x). The others add "
         "probability, too.")  # fmt: skip
def likeliest_for_all(q, log_joint):
    return log_joint.max(axis=1).sum() - right_elbo(q, log_joint)


@mistake("This is the mean over the rows; wanted is the total.")
def divergence_averaged_over_rows(q, log_joint):
    return right_kl_to_posterior(q, log_joint) / len(q)


@mistake("This is the divergence of each row; wanted is their sum.")
def divergence_of_each_row(q, log_joint):
    return rel_entr(q, right_best_q(log_joint)).sum(axis=1)


@mistake("The posterior was normalised over the data: each column sums to 1. Each *row* has a "
         "posterior of its own: which axis belongs to the components?")  # fmt: skip
def posterior_over_rows(q, log_joint):
    posterior = log_joint - logsumexp(log_joint, axis=0)
    return -times(q, posterior).sum() - right_entropy(q)


@mistake("All log-joints together were normalised: p(x) is a sum over the components of *one* "
         "row.")  # fmt: skip
def posterior_of_everything(q, log_joint):
    return -times(q, log_joint - logsumexp(log_joint)).sum() - right_entropy(q)


@mistake("log p(x) of row 0 was subtracted from all of *column* 0, and so on: NumPy lays n numbers "
         "along the columns. Let log p(x) keep its second dimension, (n, 1).")  # fmt: skip
def log_p_along_the_columns(q, log_joint):
    return -times(q, log_joint - logsumexp(log_joint, axis=1)).sum() - right_entropy(q)


@mistake("0 · log 0 and 0 · −inf are NaN for NumPy. A component that q rules out adds nothing: "
         "where q is 0 leave out the whole term.")  # fmt: skip
def divergence_nan_at_zeros(q, log_joint):
    return naive_terms(q, naive_log(q) - log_posterior(log_joint)).sum()


@mistake("Some posterior probabilities are too small to be stored: they underflow to 0, and their "
         "logarithm is −inf. You need log p(z | x) only, so never leave log space.")  # fmt: skip
def logarithm_of_underflowed(q, log_joint):
    return rel_entr(q, softmax(log_joint, axis=1)).sum()


@mistake("A small number beside the posterior keeps its logarithm finite, and wrong: "
         "probabilities below it count as that number. You need log p(z | x) only, so never "
         "leave log space.")  # fmt: skip
def small_number_beside_posterior(q, log_joint):
    return -times(q, np.log(softmax(log_joint, axis=1) + 1e-12)).sum() - right_entropy(q)


@mistake("exp of the log-joints underflows to 0 or overflows, and 0 / 0 is NaN. You need "
         "log p(z | x) = log p(x, z) − log p(x): stay in log space, and get log p(x) by "
         "log-sum-exp.")  # fmt: skip
def divergence_through_exp(q, log_joint):
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        joint = np.exp(log_joint)
        posterior = joint / joint.sum(axis=1, keepdims=True)
        return -times(q, np.log(posterior)).sum() - right_entropy(q)


@mistake("exp of the log-joints underflows to 0 or overflows, and the logarithm of its sum, your "
         "log p(x), is infinite. Get log p(x) by log-sum-exp.")  # fmt: skip
def log_p_through_exp(q, log_joint):
    return log_likelihood_through_exp(log_joint) - right_elbo(q, log_joint)


PIECE = Piece(
    id="02.kl_to_posterior",
    contract=kl_to_posterior,
    correct=right_kl_to_posterior,
    cases=bound_cases,
    returns=Returned("kl", "()"),
    properties=(never_negative_and_zero_at_the_posterior,),
    mistakes=(
        other_way_round,
        negative_divergence,
        joint_for_posterior,
        cross_entropy,
        divergence_not_weighted,
        likeliest_for_all,
        divergence_averaged_over_rows,
        divergence_of_each_row,
        posterior_over_rows,
        posterior_of_everything,
        log_p_along_the_columns,
        divergence_nan_at_zeros,
        logarithm_of_underflowed,
        small_number_beside_posterior,
        divergence_through_exp,
        log_p_through_exp,
    ),
    section="What the bound leaves out: KL",
)
