"""Right answers to assignment 03, each written in several ways. All of them must pass."""

import math

import numpy as np
from numpy import log, pi
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular
from scipy.special import logsumexp, softmax

# ------------------------------------------------------------------------------- log_gaussian


def log_gaussian_numpy(X, mean, covariance):
    factor = np.linalg.cholesky(covariance)
    z = np.linalg.solve(factor, (X - mean).T)
    d = X.shape[1]
    return -0.5 * (d * np.log(2 * np.pi) + (z**2).sum(axis=0)) - np.log(np.diag(factor)).sum()


def log_gaussian_loops(X, mean, covariance):
    d = len(mean)
    factor = [[0.0] * d for _ in range(d)]
    for i in range(d):
        for j in range(i + 1):
            rest = covariance[i, j] - sum(factor[i][m] * factor[j][m] for m in range(j))
            factor[i][j] = math.sqrt(rest) if i == j else rest / factor[j][j]
    values = []
    for x in X:
        z = []
        for i in range(d):
            z.append((x[i] - mean[i] - sum(factor[i][m] * z[m] for m in range(i))) / factor[i][i])
        log_det = 2 * sum(math.log(factor[i][i]) for i in range(d))
        values.append(-0.5 * (d * math.log(2 * math.pi) + log_det + sum(v * v for v in z)))
    return np.array(values)


def log_gaussian_scipy_upper(X, mean, covariance):
    upper = cholesky(covariance)
    z = solve_triangular(upper, (X - mean).T, trans="T")
    log_det = 2 * log(upper.diagonal()).sum()
    return -(len(mean) * log(2 * pi) + log_det + np.einsum("dn,dn->n", z, z)) / 2


def log_gaussian_cho_solve(X, mean, covariance):
    deviations = X - mean
    factor = cho_factor(covariance)
    squared = np.einsum("nd,dn->n", deviations, cho_solve(factor, deviations.T))
    log_det = 2 * np.sum(np.log(np.diagonal(factor[0])))
    return -0.5 * (X.shape[1] * np.log(2 * np.pi) + log_det + squared)


def log_gaussian_row_by_row(X, mean, covariance):
    L = np.linalg.cholesky(covariance)
    out = np.zeros(X.shape[0])
    for i, x in enumerate(X):
        z = solve_triangular(L, x - mean, lower=True)
        out[i] = -0.5 * z @ z
    out -= 0.5 * len(mean) * np.log(2 * np.pi)
    out -= np.log(np.diag(L)).sum()
    return out


# ----------------------------------------------------------------------------------- log_joint


def log_joint_columns(X, weights, means, covariances):
    columns = [
        np.log(w) + log_gaussian_numpy(X, m, c)
        for w, m, c in zip(weights, means, covariances, strict=True)
    ]
    return np.column_stack(columns)


def log_joint_filled(X, weights, means, covariances):
    n, k = X.shape[0], len(weights)
    result = np.zeros((n, k))
    for j in range(k):
        result[:, j] = math.log(weights[j]) + log_gaussian_scipy_upper(X, means[j], covariances[j])
    return result


def log_joint_loops(X, weights, means, covariances):
    return np.array(
        [
            [
                math.log(weights[j]) + log_gaussian_loops(x[None], means[j], covariances[j])[0]
                for j in range(len(weights))
            ]
            for x in X
        ]
    )


def log_joint_stacked(X, weights, means, covariances):
    factors = np.linalg.cholesky(covariances)
    deviations = (X[None] - means[:, None]).transpose(0, 2, 1)
    z = np.linalg.solve(factors, deviations)
    log_det = 2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    squared = np.einsum("kdn,kdn->nk", z, z)
    return np.log(weights) - 0.5 * (X.shape[1] * np.log(2 * np.pi) + log_det + squared)


# ---------------------------------------------------------------------------- responsibilities


def responsibilities_shifted(X, weights, means, covariances):
    values = log_joint_columns(X, weights, means, covariances)
    values = values - values.max(axis=1, keepdims=True)
    shares = np.exp(values)
    return shares / shares.sum(axis=1, keepdims=True)


def responsibilities_softmax(X, weights, means, covariances):
    return softmax(log_joint_stacked(X, weights, means, covariances), axis=1)


def responsibilities_loops(X, weights, means, covariances):
    rows = []
    for values in log_joint_filled(X, weights, means, covariances):
        largest = max(values)
        shares = [math.exp(v - largest) for v in values]
        rows.append([s / sum(shares) for s in shares])
    return np.array(rows)


def responsibilities_differences(X, weights, means, covariances):
    values = log_joint_columns(X, weights, means, covariances)
    with np.errstate(over="ignore"):
        return 1 / np.exp(values[:, None, :] - values[:, :, None]).sum(axis=2)


# ------------------------------------------------------------------------------ log_likelihood


def log_likelihood_logsumexp(X, weights, means, covariances):
    return logsumexp(log_joint_columns(X, weights, means, covariances), axis=1).sum()


def log_likelihood_shifted(X, weights, means, covariances):
    values = log_joint_stacked(X, weights, means, covariances)
    largest = values.max(axis=1)
    return float(np.sum(largest + np.log(np.exp(values - largest[:, None]).sum(axis=1))))


def log_likelihood_loops(X, weights, means, covariances):
    total = 0.0
    for values in log_joint_filled(X, weights, means, covariances):
        largest = max(values)
        total += largest + math.log(sum(math.exp(v - largest) for v in values))
    return total


def log_likelihood_logaddexp(X, weights, means, covariances):
    values = log_joint_columns(X, weights, means, covariances)
    return np.logaddexp.reduce(values, axis=1).sum()


# --------------------------------------------------------------------------------- hard_assign


def hard_assign_argmax(resp):
    return np.argmax(resp, axis=1)


def hard_assign_loops(resp):
    labels = []
    for row in resp:
        best = 0
        for j in range(len(row)):
            if row[j] > row[best]:
                best = j
        labels.append(best)
    return np.array(labels)


def hard_assign_sorted(resp):
    return np.argsort(-resp, axis=1, kind="stable")[:, 0]


def hard_assign_index(resp):
    return np.array([row.tolist().index(max(row.tolist())) for row in resp], dtype=np.int32)


# --------------------------------------------------------------------------------- soft_border


def soft_border_formula(weights, means, variance):
    middle = 0.5 * (means[0] + means[1])
    return middle + variance * np.log(weights[0] / weights[1]) / (means[1] - means[0])


def soft_border_differences(weights, means, variance):
    log_odds = math.log(weights[1]) - math.log(weights[0])
    return means.sum() / 2 - variance * log_odds / np.diff(means)[0]


def soft_border_linear_equation(weights, means, variance):
    slope = (means[1] - means[0]) / variance
    intercept = np.log(weights[1] / weights[0]) - (means[1] ** 2 - means[0] ** 2) / (2 * variance)
    return float(-intercept / slope)


def soft_border_between(weights, means, variance):
    """The log odds are linear in x: known at both means, they are known everywhere."""
    prior = np.log(weights[1] / weights[0])
    separation = (means[1] - means[0]) ** 2 / (2 * variance)
    share = (separation - prior) / (2 * separation)
    return (1 - share) * means[0] + share * means[1]


RIGHT_ANSWERS = {
    "03.log_gaussian": (
        log_gaussian_numpy,
        log_gaussian_loops,
        log_gaussian_scipy_upper,
        log_gaussian_cho_solve,
        log_gaussian_row_by_row,
    ),
    "03.log_joint": (log_joint_columns, log_joint_filled, log_joint_loops, log_joint_stacked),
    "03.responsibilities": (
        responsibilities_shifted,
        responsibilities_softmax,
        responsibilities_loops,
        responsibilities_differences,
    ),
    "03.log_likelihood": (
        log_likelihood_logsumexp,
        log_likelihood_shifted,
        log_likelihood_loops,
        log_likelihood_logaddexp,
    ),
    "03.hard_assign": (
        hard_assign_argmax,
        hard_assign_loops,
        hard_assign_sorted,
        hard_assign_index,
    ),
    "03.soft_border": (
        soft_border_formula,
        soft_border_differences,
        soft_border_linear_equation,
        soft_border_between,
    ),
}
