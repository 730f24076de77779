"""Right answers to assignment 02, each written in several ways. All of them must pass."""

import math

import numpy as np
from scipy.special import entr, logsumexp, softmax, xlogy

# ------------------------------------------------------------------------------------- entropy


def entropy_masked(q):
    positive = q[q > 0]
    return -(positive * np.log(positive)).sum()


def entropy_loops(q):
    total = 0.0
    for row in q:
        for share in row:
            if share > 0:
                total -= share * math.log(share)
    return total


def entropy_xlogy(q):
    return -np.sum(xlogy(q, q))


def entropy_entr(q):
    return entr(q).sum()


def entropy_where(q):
    return float(-(q * np.log(np.where(q == 0, 1, q))).sum())


def entropy_nansum(q):
    return -np.nansum(q * np.log(q))


# ---------------------------------------------------------------------------------------- elbo


def elbo_masked(q, log_joint):
    there = q > 0
    return (q[there] * (log_joint[there] - np.log(q[there]))).sum()


def elbo_loops(q, log_joint):
    total = 0.0
    n, k = q.shape
    for i in range(n):
        for j in range(k):
            if q[i, j] != 0:
                total += q[i, j] * (log_joint[i, j] - math.log(q[i, j]))
    return total


def elbo_two_parts(q, log_joint):
    return np.where(q > 0, q * log_joint, 0).sum() + entropy_xlogy(q)


def elbo_einsum(q, log_joint):
    return np.einsum("nk,nk->", q, np.where(q == 0, 0, log_joint)) + entr(q).sum()


def elbo_nansum(q, log_joint):
    return np.nansum(q * (log_joint - np.log(q)))


def elbo_from_divergence(q, log_joint):
    return logsumexp(log_joint, axis=1).sum() - kl_masked(q, log_joint)


def elbo_ratio(q, log_joint):
    """Each row's average of log(p / q), with the row's size taken out first."""
    size = log_joint.max(axis=1, keepdims=True)
    inside = q * (log_joint - size)
    inside[q == 0] = 0
    return float((inside.sum(axis=1) + entr(q).sum(axis=1) + size[:, 0]).sum())


# ----------------------------------------------------------------------------- kl_to_posterior


def kl_masked(q, log_joint):
    log_posterior = log_joint - logsumexp(log_joint, axis=1, keepdims=True)
    there = q > 0
    return (q[there] * (np.log(q[there]) - log_posterior[there])).sum()


def kl_loops(q, log_joint):
    total = 0.0
    for row, values in zip(q, log_joint, strict=True):
        largest = max(values)
        log_p = largest + math.log(sum(math.exp(v - largest) for v in values))
        for share, value in zip(row, values, strict=True):
            if share > 0:
                total += share * (math.log(share) - (value - log_p))
    return total


def kl_cross_entropy(q, log_joint):
    shifted = log_joint - log_joint.max(axis=1)[:, None]
    log_posterior = shifted - np.log(np.exp(shifted).sum(axis=1))[:, None]
    return -np.where(q > 0, q * log_posterior, 0).sum() - entr(q).sum()


def kl_logaddexp(q, log_joint):
    log_posterior = log_joint - np.logaddexp.reduce(log_joint, axis=1)[:, None]
    return np.sum(xlogy(q, q) - q * np.where(q == 0, 0, log_posterior))


def kl_row_by_row(q, log_joint):
    values = []
    for row, joint in zip(q, log_joint, strict=True):
        keep = row > 0
        log_posterior = joint[keep] - logsumexp(joint)
        values.append(row[keep] @ (np.log(row[keep]) - log_posterior))
    return np.array(values).sum()


# -------------------------------------------------------------------------------------- best_q


def best_q_shifted(log_joint):
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
    return joint / joint.sum(axis=1, keepdims=True)


def best_q_softmax(log_joint):
    return softmax(log_joint, axis=1)


def best_q_log_space(log_joint):
    return np.exp(log_joint - logsumexp(log_joint, axis=1)[:, None])


def best_q_loops(log_joint):
    q = np.zeros(log_joint.shape)
    for i, row in enumerate(log_joint):
        largest = max(row)
        shares = [math.exp(value - largest) for value in row]
        for j in range(len(row)):
            q[i, j] = shares[j] / sum(shares)
    return q


def best_q_logaddexp(log_joint):
    return np.exp(log_joint.T - np.logaddexp.reduce(log_joint, axis=1)).T


# ----------------------------------------------------------------------------------------- gap


def gap_difference(q, log_joint):
    return logsumexp(log_joint, axis=1).sum() - elbo_masked(q, log_joint)


def gap_of_two_bounds(q, log_joint):
    return elbo_two_parts(best_q_softmax(log_joint), log_joint) - elbo_two_parts(q, log_joint)


def gap_loops(q, log_joint):
    total = 0.0
    for row, values in zip(q, log_joint, strict=True):
        largest = values.max()
        total += largest + math.log(np.exp(values - largest).sum())
        for share, value in zip(row, values, strict=True):
            total -= share * (value - math.log(share)) if share > 0 else 0
    return total


def gap_row_by_row(q, log_joint):
    log_p = np.logaddexp.reduce(log_joint, axis=1)
    expected = np.where(q > 0, q * log_joint, 0).sum(axis=1)
    return float(np.sum(log_p - expected - entr(q).sum(axis=1)))


def gap_averaged_inside(q, log_joint):
    """log p(x) is the same for every component, so it may stand inside the average."""
    log_p = logsumexp(log_joint, axis=1, keepdims=True)
    return np.nansum(q * (log_p - log_joint + np.log(q)))


RIGHT_ANSWERS = {
    "02.entropy": (
        entropy_masked,
        entropy_loops,
        entropy_xlogy,
        entropy_entr,
        entropy_where,
        entropy_nansum,
    ),
    "02.elbo": (
        elbo_masked,
        elbo_loops,
        elbo_two_parts,
        elbo_einsum,
        elbo_nansum,
        elbo_from_divergence,
        elbo_ratio,
    ),
    "02.kl_to_posterior": (kl_masked, kl_loops, kl_cross_entropy, kl_logaddexp, kl_row_by_row),
    "02.best_q": (
        best_q_shifted,
        best_q_softmax,
        best_q_log_space,
        best_q_loops,
        best_q_logaddexp,
    ),
    "02.gap": (
        gap_difference,
        gap_of_two_bounds,
        gap_loops,
        gap_row_by_row,
        gap_averaged_inside,
    ),
}
