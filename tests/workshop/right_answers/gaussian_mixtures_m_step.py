"""Right answers to assignment 04, each written in several ways. All of them must pass."""

import math

import numpy as np
from scipy import linalg

# --------------------------------------------------------------------------- q_gradient_means


def q_gradient_solved(X, resp, means, covariances):
    rows = []
    for j in range(len(means)):
        pull = resp[:, j] @ (X - means[j])
        rows.append(np.linalg.solve(covariances[j], pull))
    return np.array(rows)


def q_gradient_inverse_einsum(X, resp, means, covariances):
    deviations = X[:, None, :] - means
    return np.einsum("nk,nkd,kde->ke", resp, deviations, np.linalg.inv(covariances))


def q_gradient_loops(X, resp, means, covariances):
    k, d = means.shape
    gradient = np.zeros((k, d))
    for j in range(k):
        precision = np.linalg.inv(covariances[j])
        for i in range(len(X)):
            gradient[j] += resp[i, j] * precision @ (X[i] - means[j])
    return gradient


def q_gradient_cholesky(X, resp, means, covariances):
    gradient = np.empty(means.shape)
    for j, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        pulls = linalg.cho_solve(linalg.cho_factor(covariance), (X - mean).T)
        gradient[j] = pulls @ resp[:, j]
    return gradient


def q_gradient_from_sums(X, resp, means, covariances):
    sums = resp.T @ X - resp.sum(axis=0)[:, None] * means
    return np.linalg.solve(covariances, sums[..., None])[..., 0]


# ----------------------------------------------------------------------------- update_weights


def update_weights_mean(resp):
    return resp.mean(axis=0)


def update_weights_counts(resp):
    counts = resp.sum(axis=0)
    return counts / counts.sum()


def update_weights_loops(resp):
    n, k = resp.shape
    return np.array([sum(resp[i, j] for i in range(n)) / n for j in range(k)])


def update_weights_product(resp):
    return np.ones(len(resp)) @ resp / resp.shape[0]


def update_weights_logs(resp):
    with np.errstate(divide="ignore"):
        return np.exp(np.logaddexp.reduce(np.log(resp), axis=0) - np.log(len(resp)))


# ------------------------------------------------------------------------------- update_means


def update_means_product(X, resp):
    return resp.T @ X / resp.sum(axis=0)[:, None]


def update_means_average(X, resp):
    return np.array([np.average(X, axis=0, weights=shares) for shares in resp.T])


def update_means_loops(X, resp):
    n, d = X.shape
    k = resp.shape[1]
    means = np.zeros((k, d))
    for j in range(k):
        count = 0.0
        for i in range(n):
            means[j] += resp[i, j] * X[i]
            count += resp[i, j]
        means[j] /= count
    return means


def update_means_shifted(X, resp):
    middle = X.mean(axis=0)
    shares = resp / resp.sum(axis=0)
    return middle + np.einsum("nk,nd->kd", shares, X - middle)


def update_means_least_squares(X, resp):
    rows = []
    for shares in np.sqrt(resp).T:
        rows.append(np.linalg.lstsq(shares[:, None], shares[:, None] * X)[0][0])
    return np.array(rows)


# ------------------------------------------------------------------------- update_covariances


def update_covariances_product(X, resp, means):
    matrices = []
    for j, mean in enumerate(means):
        deviations = X - mean
        matrices.append((resp[:, j, None] * deviations).T @ deviations / resp[:, j].sum())
    return np.stack(matrices)


def update_covariances_einsum(X, resp, means):
    deviations = X[:, None] - means[None]
    scatter = np.einsum("nk,nkd,nke->kde", resp, deviations, deviations)
    return scatter / resp.sum(axis=0)[:, None, None]


def update_covariances_loops(X, resp, means):
    n, d = X.shape
    k = len(means)
    covariances = np.zeros((k, d, d))
    for j in range(k):
        for i in range(n):
            covariances[j] += resp[i, j] * np.outer(X[i] - means[j], X[i] - means[j])
        covariances[j] /= sum(resp[:, j])
    return covariances


def update_covariances_roots(X, resp, means):
    k, d = means.shape
    out = np.empty((k, d, d))
    for j in range(k):
        scaled = np.sqrt(resp[:, j] / resp[:, j].sum())[:, None] * (X - means[j])
        out[j] = scaled.T @ scaled
    return out


def update_covariances_parallel_axes(X, resp, means):
    """About the weighted means first, then moved to the given ones."""
    own = update_means_shifted(X, resp)
    shift = own - means
    return update_covariances_einsum(X, resp, own) + shift[:, :, None] * shift[:, None, :]


def update_covariances_moments_near_the_data(X, resp, means):
    """The moments' formula is fine once the data lie near 0."""
    middle = X.mean(axis=0)
    X, means = X - middle, means - middle
    counts = resp.sum(axis=0)
    own = resp.T @ X / counts[:, None]
    second = np.einsum("nk,nd,ne->kde", resp, X, X) / counts[:, None, None]
    cross = own[:, :, None] * means[:, None, :]
    return second - cross - cross.transpose(0, 2, 1) + means[:, :, None] * means[:, None, :]


# --------------------------------------------------------------------- update_tied_covariance


def tied_summed(X, resp, means):
    total = np.zeros((X.shape[1], X.shape[1]))
    for j, mean in enumerate(means):
        deviations = X - mean
        total += deviations.T @ (resp[:, [j]] * deviations)
    return total / len(X)


def tied_averaged(X, resp, means):
    weights = resp.mean(axis=0)
    return np.tensordot(weights, update_covariances_einsum(X, resp, means), axes=1)


def tied_einsum(X, resp, means):
    deviations = X[:, None] - means
    return np.einsum("nk,nkd,nke->de", resp, deviations, deviations) / resp.sum()


def tied_loops(X, resp, means):
    n, d = X.shape
    total = np.zeros((d, d))
    for i in range(n):
        for j in range(len(means)):
            deviation = X[i] - means[j]
            for a in range(d):
                for b in range(d):
                    total[a, b] += resp[i, j] * deviation[a] * deviation[b]
    return total / n


def tied_stacked(X, resp, means):
    n, k = resp.shape
    deviations = (X[:, None] - means).reshape(n * k, X.shape[1])
    return (deviations * resp.reshape(n * k, 1)).T @ deviations / n


# ------------------------------------------------------------------------------------- m_step


def m_step_of_pieces(X, resp):
    means = update_means_product(X, resp)
    return update_weights_mean(resp), means, update_covariances_product(X, resp, means)


def m_step_at_once(X, resp):
    counts = resp.sum(axis=0)
    means = (resp.T @ X) / counts[:, None]
    deviations = X[:, None, :] - means
    covariances = np.einsum("ij,ijd,ije->jde", resp, deviations, deviations)
    return counts / len(X), means, covariances / counts[:, None, None]


def m_step_loops(X, resp):
    n, d = X.shape
    k = resp.shape[1]
    weights, means, covariances = np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d))
    for j in range(k):
        count = math.fsum(resp[:, j])
        weights[j] = count / n
        for i in range(n):
            means[j] += resp[i, j] / count * X[i]
        for i in range(n):
            deviation = X[i] - means[j]
            covariances[j] += resp[i, j] / count * np.outer(deviation, deviation)
    return weights, means, covariances


def m_step_numpy_cov(X, resp):
    d = X.shape[1]
    means = np.array([np.average(X, axis=0, weights=r) for r in resp.T])
    covariances = [np.cov(X.T, aweights=r, ddof=0).reshape(d, d) for r in resp.T]
    return resp.mean(axis=0), means, np.array(covariances)


def m_step_centred_moments(X, resp):
    middle = X.mean(axis=0)
    Z = X - middle
    shares = resp / resp.sum(axis=0)
    means = shares.T @ Z
    second = np.einsum("nk,nd,ne->kde", shares, Z, Z)
    covariances = second - np.einsum("kd,ke->kde", means, means)
    return resp.mean(axis=0), means + middle, covariances


RIGHT_ANSWERS = {
    "04.q_gradient_means": (
        q_gradient_solved,
        q_gradient_inverse_einsum,
        q_gradient_loops,
        q_gradient_cholesky,
        q_gradient_from_sums,
    ),
    "04.update_weights": (
        update_weights_mean,
        update_weights_counts,
        update_weights_loops,
        update_weights_product,
        update_weights_logs,
    ),
    "04.update_means": (
        update_means_product,
        update_means_average,
        update_means_loops,
        update_means_shifted,
        update_means_least_squares,
    ),
    "04.update_covariances": (
        update_covariances_product,
        update_covariances_einsum,
        update_covariances_loops,
        update_covariances_roots,
        update_covariances_parallel_axes,
        update_covariances_moments_near_the_data,
    ),
    "04.update_tied_covariance": (
        tied_summed,
        tied_averaged,
        tied_einsum,
        tied_loops,
        tied_stacked,
    ),
    "04.m_step": (
        m_step_of_pieces,
        m_step_at_once,
        m_step_loops,
        m_step_numpy_cov,
        m_step_centred_moments,
    ),
}
