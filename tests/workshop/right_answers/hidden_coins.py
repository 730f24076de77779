"""Right answers to assignment 01, each written in several ways. All of them must pass."""

import math

import numpy as np
from scipy.special import betaln, gammaln, logsumexp, softmax, xlog1py, xlogy
from scipy.stats import binom

# --------------------------------------------------------------------------- complete_data_mle


def complete_bincount(heads, flips, coin):
    return np.bincount(coin) / len(coin), np.bincount(coin, heads) / np.bincount(coin, flips)


def complete_masks(heads, flips, coin):
    k = coin.max() + 1
    weights, biases = np.zeros(k), np.zeros(k)
    for j in range(k):
        own = coin == j
        weights[j] = own.mean()
        biases[j] = heads[own].sum() / flips[own].sum()
    return weights, biases


def complete_loops(heads, flips, coin):
    k = max(coin) + 1
    rounds, up, thrown = [0] * k, [0] * k, [0] * k
    for h, f, j in zip(heads, flips, coin, strict=True):
        rounds[j] += 1
        up[j] += h
        thrown[j] += f
    weights = np.array([s / len(coin) for s in rounds])
    return weights, np.array([h / f for h, f in zip(up, thrown, strict=True)])


def complete_one_hot(heads, flips, coin):
    z = (coin[:, None] == np.arange(coin.max() + 1)).astype(float)
    return z.mean(axis=0), heads @ z / (flips @ z)


def complete_weighted_average(heads, flips, coin):
    coins, counts = np.unique(coin, return_counts=True)
    shares = heads / flips
    biases = [np.average(shares[coin == j], weights=flips[coin == j]) for j in coins]
    return counts / counts.sum(), np.array(biases)


# ----------------------------------------------------------------------------------- log_joint


def log_joint_special(heads, flips, weights, biases):
    h, f = heads[:, None], flips[:, None]
    coefficient = gammaln(f + 1) - gammaln(h + 1) - gammaln(f - h + 1)
    return np.log(weights) + coefficient + xlogy(h, biases) + xlog1py(f - h, -biases)


def log_joint_binom(heads, flips, weights, biases):
    return np.log(weights) + binom.logpmf(heads[:, None], flips[:, None], biases)


def log_joint_loops(heads, flips, weights, biases):
    result = np.zeros((len(heads), len(weights)))
    for i in range(len(heads)):
        h, f = int(heads[i]), int(flips[i])
        for j in range(len(weights)):
            value = math.log(weights[j]) + math.log(math.comb(f, h))
            for count, p in ((h, biases[j]), (f - h, 1 - biases[j])):
                if count > 0:
                    value += count * math.log(p) if p > 0 else -math.inf
            result[i, j] = value
    return result


def log_joint_masked(heads, flips, weights, biases):
    heads, tails = heads.astype(float), (flips - heads).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(heads[:, None] > 0, heads[:, None] * np.log(biases), 0.0)
        down = np.where(tails[:, None] > 0, tails[:, None] * np.log(1 - biases), 0.0)
    coefficient = -np.log(flips + 1.0) - betaln(tails + 1, heads + 1)
    return up + down + coefficient[:, None] + np.log(weights)[None, :]


def log_joint_columns(heads, flips, weights, biases):
    orders = np.array([math.lgamma(f + 1) - math.lgamma(h + 1) - math.lgamma(f - h + 1)
                       for h, f in zip(heads, flips, strict=True)])  # fmt: skip
    columns = []
    for weight, bias in zip(weights, biases, strict=True):
        columns.append(
            np.log(weight) + orders + xlogy(heads, bias) + xlogy(flips - heads, 1 - bias)
        )
    return np.stack(columns, axis=1)


# ------------------------------------------------------------------------------ log_likelihood


def log_likelihood_logsumexp(heads, flips, weights, biases):
    return logsumexp(log_joint_special(heads, flips, weights, biases), axis=1).sum()


def log_likelihood_weighted(heads, flips, weights, biases):
    values = binom.logpmf(heads[:, None], flips[:, None], biases)
    return float(logsumexp(values, b=weights, axis=1).sum())


def log_likelihood_shifted(heads, flips, weights, biases):
    values = log_joint_masked(heads, flips, weights, biases)
    largest = values.max(axis=1, keepdims=True)
    return np.sum(largest[:, 0] + np.log(np.exp(values - largest).sum(axis=1)))


def log_likelihood_loops(heads, flips, weights, biases):
    total = 0.0
    for row in log_joint_loops(heads, flips, weights, biases):
        largest = max(row)
        total += largest + math.log(sum(math.exp(value - largest) for value in row))
    return total


def log_likelihood_logaddexp(heads, flips, weights, biases):
    return np.logaddexp.reduce(log_joint_binom(heads, flips, weights, biases), axis=1).sum()


# ----------------------------------------------------------------------------- score_of_biases


def score_fisher(heads, flips, weights, biases):
    resp = responsibilities_softmax(heads, flips, weights, biases)
    tails = flips - heads
    return heads @ resp / biases - tails @ resp / (1 - biases)


def score_residuals(heads, flips, weights, biases):
    resp = responsibilities_shifted(heads, flips, weights, biases)
    residuals = heads[:, None] - flips[:, None] * biases
    return (resp * residuals).sum(axis=0) / (biases * (1 - biases))


def score_loops(heads, flips, weights, biases):
    score = np.zeros(len(biases))
    resp = responsibilities_loops(heads, flips, weights, biases)
    for i in range(len(heads)):
        for j in range(len(biases)):
            own = heads[i] / biases[j] - (flips[i] - heads[i]) / (1 - biases[j])
            score[j] += resp[i, j] * own
    return score


def score_by_next_biases(heads, flips, weights, biases):
    resp = responsibilities_differences(heads, flips, weights, biases)
    _, new = update_matrix(heads, flips, resp)
    return np.einsum("n,nk->k", flips, resp) * (new - biases) / (biases - biases**2)


# ---------------------------------------------------------------------------- responsibilities


def responsibilities_softmax(heads, flips, weights, biases):
    return softmax(log_joint_special(heads, flips, weights, biases), axis=1)


def responsibilities_shifted(heads, flips, weights, biases):
    values = log_joint_binom(heads, flips, weights, biases)
    shares = np.exp(values - values.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def responsibilities_loops(heads, flips, weights, biases):
    rows = []
    for values in log_joint_loops(heads, flips, weights, biases):
        shares = [math.exp(value - max(values)) for value in values]
        rows.append([share / sum(shares) for share in shares])
    return np.array(rows)


def responsibilities_without_coefficient(heads, flips, weights, biases):
    h, t = heads[:, None], (flips - heads)[:, None]
    values = np.log(weights) + xlogy(h, biases) + xlog1py(t, -biases)
    return np.exp(values - logsumexp(values, axis=1, keepdims=True))


def responsibilities_differences(heads, flips, weights, biases):
    values = log_joint_masked(heads, flips, weights, biases)
    resp = np.zeros_like(values)
    for j in range(len(weights)):
        possible = np.isfinite(values[:, j])
        with np.errstate(over="ignore"):
            others = np.exp(values[possible] - values[possible, j][:, None])
        resp[possible, j] = 1 / others.sum(axis=1)
    return resp


# -------------------------------------------------------------------------------------- update


def update_matrix(heads, flips, resp):
    return resp.mean(axis=0), resp.T @ heads / (resp.T @ flips)


def update_loops(heads, flips, resp):
    n, k = resp.shape
    weights, biases = np.zeros(k), np.zeros(k)
    for j in range(k):
        up = thrown = 0.0
        for i in range(n):
            up += resp[i, j] * heads[i]
            thrown += resp[i, j] * flips[i]
            weights[j] += resp[i, j] / n
        biases[j] = up / thrown
    return weights, biases


def update_average(heads, flips, resp):
    shares = np.broadcast_to((heads / flips)[:, None], resp.shape)
    biases = np.average(shares, axis=0, weights=resp * flips[:, None])
    return resp.sum(axis=0) / len(heads), biases


def update_einsum(heads, flips, resp):
    up = np.einsum("nk,n->k", resp, heads)
    down = np.einsum("nk,n->k", resp, flips - heads)
    counts = np.add.reduce(resp)
    return counts / counts.sum(), up / (up + down)


RIGHT_ANSWERS = {
    "01.complete_data_mle": [
        complete_bincount,
        complete_masks,
        complete_loops,
        complete_one_hot,
        complete_weighted_average,
    ],
    "01.log_joint": [
        log_joint_special,
        log_joint_binom,
        log_joint_loops,
        log_joint_masked,
        log_joint_columns,
    ],
    "01.log_likelihood": [
        log_likelihood_logsumexp,
        log_likelihood_weighted,
        log_likelihood_shifted,
        log_likelihood_loops,
        log_likelihood_logaddexp,
    ],
    "01.score_of_biases": [
        score_fisher,
        score_residuals,
        score_loops,
        score_by_next_biases,
    ],
    "01.responsibilities": [
        responsibilities_softmax,
        responsibilities_shifted,
        responsibilities_loops,
        responsibilities_without_coefficient,
        responsibilities_differences,
    ],
    "01.update": [
        update_matrix,
        update_loops,
        update_average,
        update_einsum,
    ],
}
