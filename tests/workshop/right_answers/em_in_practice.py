"""Right answers to assignment 11, each written in several ways. All of them must pass."""

import math
from functools import reduce

import numpy as np

# ------------------------------------------------------------------------- partial_statistics


def partial_statistics_by_component(X, resp, log_likelihood, centres):
    counts, sums, outer = [], [], []
    for weight, centre in zip(resp.T, centres, strict=True):
        deviations = X - centre
        counts.append(weight.sum())
        sums.append(weight @ deviations)
        outer.append((weight[:, None] * deviations).T @ deviations)
    return np.array(counts), np.array(sums), np.array(outer), log_likelihood


def partial_statistics_einsum(X, resp, log_likelihood, centres):
    deviations = X[:, None, :] - centres
    return (
        resp.sum(axis=0),
        np.einsum("nk,nkd->kd", resp, deviations),
        np.einsum("nk,nki,nkj->kij", resp, deviations, deviations),
        log_likelihood,
    )


def partial_statistics_loops(X, resp, log_likelihood, centres):
    (n, d), k = X.shape, len(centres)
    counts, sums, outer = np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d))
    for i in range(n):
        for j in range(k):
            u = X[i] - centres[j]
            counts[j] += resp[i, j]
            sums[j] += resp[i, j] * u
            outer[j] += resp[i, j] * np.outer(u, u)
    return counts, sums, outer, log_likelihood


def partial_statistics_roots(X, resp, log_likelihood, centres):
    scaled = np.sqrt(resp.T)[:, :, None] * (X[None] - centres[:, None])
    sums = (np.sqrt(resp.T)[:, None, :] @ scaled)[:, 0]
    return np.ones(len(X)) @ resp, sums, scaled.transpose(0, 2, 1) @ scaled, float(log_likelihood)


# -------------------------------------------------------------------------------------- merge


def merge_members(a, b):
    return tuple(x + y for x, y in zip(a, b, strict=True))


def merge_named(a, b):
    counts_a, sums_a, outer_a, total_a = a
    counts_b, sums_b, outer_b, total_b = b
    return counts_a + counts_b, sums_a + sums_b, outer_a + outer_b, total_a + total_b


def merge_numpy(a, b):
    counts, sums, outer, total = map(np.add, a, b)
    return counts, sums, outer, float(total)


def merge_copies(a, b):
    counts, sums, outer = (member.copy() for member in a[:3])
    counts += b[0]
    sums += b[1]
    outer += b[2]
    return counts, sums, outer, b[3] + a[3]


# ------------------------------------------------------------------------------------- m_step


def m_step_formula(statistics, centres):
    counts, sums, outer, _ = statistics
    shift = sums / counts[:, None]
    covariances = outer / counts[:, None, None] - shift[:, :, None] * shift[:, None, :]
    return counts / counts.sum(), centres + shift, covariances


def m_step_loops(statistics, centres):
    counts, sums, outer = statistics[:3]
    k, d = centres.shape
    weights, means, covariances = np.empty(k), np.empty((k, d)), np.empty((k, d, d))
    for j in range(k):
        weights[j] = counts[j] / math.fsum(counts)
        for a in range(d):
            means[j, a] = centres[j, a] + sums[j, a] / counts[j]
            for b in range(d):
                product = sums[j, a] * sums[j, b] / counts[j]
                covariances[j, a, b] = (outer[j, a, b] - product) / counts[j]
    return weights, means, covariances


def m_step_scatter(statistics, centres):
    counts, sums, outer, _ = statistics
    scatter = outer - np.einsum("ki,kj,k->kij", sums, sums, 1 / counts)
    return counts / np.sum(counts), (sums.T / counts).T + centres, (scatter.T / counts).T


def m_step_comprehension(statistics, centres):
    rows = list(zip(*statistics[:3], centres, strict=True))
    total = sum(statistics[0])
    weights = np.array([n / total for n, _, _, _ in rows])
    means = np.array([c + s / n for n, s, _, c in rows])
    covariances = np.array([o / n - np.outer(s / n, s / n) for n, s, o, _ in rows])
    return weights, means, covariances


# -------------------------------------------------------------------------------- map_weights


def map_weights_clipped(counts, alpha):
    exponents = np.clip(counts + alpha - 1, 0, None)
    if exponents.sum() == 0:
        raise ValueError("the prior leaves nothing")
    return exponents / exponents.sum()


def map_weights_loops(counts, alpha):
    exponents = [max(0.0, count + alpha - 1) for count in counts]
    total = math.fsum(exponents)
    if not total:
        raise ValueError(f"nothing is left of {counts} with alpha = {alpha}")
    return np.array([value / total for value in exponents])


def map_weights_where(counts, alpha):
    exponents = counts - (1 - alpha)
    exponents = np.where(exponents > 0, exponents, 0.0)
    if np.all(exponents == 0):
        raise ValueError("no component has counts + alpha - 1 above 0")
    return exponents / np.sum(exponents)


def map_weights_masked(counts, alpha):
    left = counts + alpha > 1
    if not left.any():
        raise ValueError("no component is left")
    weights = np.zeros(len(counts))
    weights[left] = counts[left] + alpha - 1
    weights /= weights[left].sum()
    return weights


# ------------------------------------------------------------------------------------ squarem


def squarem_norms(theta0, theta1, theta2):
    r = theta1 - theta0
    v = theta2 - theta1 - r
    if np.all(v == 0):
        return theta2.copy(), -1.0
    step = min(-np.linalg.norm(r) / np.linalg.norm(v), -1.0)
    return theta0 - 2 * step * r + step**2 * v, step


def squarem_loops(theta0, theta1, theta2):
    r = [b - a for a, b in zip(theta0, theta1, strict=True)]
    v = [c - b - x for b, c, x in zip(theta1, theta2, r, strict=True)]
    if all(x == 0 for x in v):
        return np.array(theta2), -1
    step = -math.hypot(*r) / math.hypot(*v)
    if step > -1:
        step = -1
    leap = [a - 2 * step * x + step * step * y for a, x, y in zip(theta0, r, v, strict=True)]
    return np.array(leap), step


def squarem_second_difference(theta0, theta1, theta2):
    r, v = theta1 - theta0, theta2 - 2 * theta1 + theta0
    if not v.any():
        return theta2, -1.0
    length = max(1.0, np.sqrt((r @ r) / (v @ v)))
    return theta0 + length * (2 * r + length * v), -length


def squarem_from_theta2(theta0, theta1, theta2):
    first, second = theta1 - theta0, theta2 - theta1
    change = second - first
    if np.linalg.norm(change) == 0:
        return 1.0 * theta2, -1.0
    extra = max(np.linalg.norm(first) / np.linalg.norm(change), 1.0) - 1
    return theta2 + extra * (2 * second + extra * change), -1 - extra


# ----------------------------------------------------------------------------------- stepwise


def stepwise_members(statistics, new_statistics, step, batch_fraction):
    return tuple(
        (1 - step) * old + step * new / batch_fraction
        for old, new in zip(statistics, new_statistics, strict=True)
    )


def stepwise_named(statistics, new_statistics, step, batch_fraction):
    rate = step / batch_fraction
    counts = (1 - step) * statistics[0] + rate * new_statistics[0]
    sums = (1 - step) * statistics[1] + rate * new_statistics[1]
    outer = (1 - step) * statistics[2] + rate * new_statistics[2]
    return counts, sums, outer, (1 - step) * statistics[3] + rate * new_statistics[3]


def stepwise_differences(statistics, new_statistics, step, batch_fraction):
    moved = []
    for i in range(4):
        target = new_statistics[i] / batch_fraction
        moved.append(statistics[i] + step * (target - statistics[i]))
    return tuple(moved)


def stepwise_vectors(statistics, new_statistics, step, batch_fraction):
    old, new = (
        np.concatenate([np.ravel(member) for member in members])
        for members in (statistics, new_statistics)
    )
    mixed = np.average([old, new / batch_fraction], axis=0, weights=[1 - step, step])
    k, d = statistics[1].shape
    counts, sums, outer, total = np.split(mixed, np.cumsum([k, k * d, k * d * d]))
    return counts, sums.reshape(k, d), outer.reshape(k, d, d), total[0]


# ------------------------------------------------------------------------------- batch_shares


def batch_shares_recursion(steps):
    shares = np.array([1.0])
    for step in steps:
        shares = np.append((1 - step) * shares, step)
    return shares


def batch_shares_products(steps):
    shares = [np.prod(1 - steps)]
    for i, step in enumerate(steps):
        shares.append(step * np.prod(1 - steps[i + 1 :]))
    return np.array(shares)


def batch_shares_backwards(steps):
    shares, left = [], 1.0
    for step in reversed(steps):
        shares.append(left * step)
        left *= 1 - step
    return np.array([left, *shares[::-1]])


def batch_shares_cumulative(steps):
    later = np.cumprod(np.append(1, 1 - steps[::-1]))[::-1]
    return np.append(1, steps) * later


def batch_shares_unit_vectors(steps):
    units = np.eye(len(steps) + 1)
    updates = zip(steps, units[1:], strict=True)
    return reduce(lambda s, update: (1 - update[0]) * s + update[0] * update[1], updates, units[0])


RIGHT_ANSWERS = {
    "11.partial_statistics": (
        partial_statistics_by_component,
        partial_statistics_einsum,
        partial_statistics_loops,
        partial_statistics_roots,
    ),
    "11.merge": (merge_members, merge_named, merge_numpy, merge_copies),
    "11.m_step": (m_step_formula, m_step_loops, m_step_scatter, m_step_comprehension),
    "11.map_weights": (
        map_weights_clipped,
        map_weights_loops,
        map_weights_where,
        map_weights_masked,
    ),
    "11.squarem": (
        squarem_norms,
        squarem_loops,
        squarem_second_difference,
        squarem_from_theta2,
    ),
    "11.stepwise": (
        stepwise_members,
        stepwise_named,
        stepwise_differences,
        stepwise_vectors,
    ),
    "11.batch_shares": (
        batch_shares_recursion,
        batch_shares_products,
        batch_shares_backwards,
        batch_shares_cumulative,
        batch_shares_unit_vectors,
    ),
}
