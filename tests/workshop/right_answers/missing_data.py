"""Right answers to assignment 06, each written in several ways. All of them must pass."""

import math

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

# -------------------------------------------------------------------------- conditional_normal


def conditional_normal_solve(x, mean, covariance):
    m = np.isnan(x)
    o = ~m
    slopes = np.linalg.solve(covariance[np.ix_(o, o)], covariance[np.ix_(o, m)]).T
    filled = x.copy()
    filled[m] = mean[m] + slopes @ (x[o] - mean[o])
    conditional = np.zeros((len(x), len(x)))
    conditional[np.ix_(m, m)] = covariance[np.ix_(m, m)] - slopes @ covariance[np.ix_(o, m)]
    return filled, conditional


def conditional_normal_cholesky(x, mean, covariance):
    missing, observed = np.flatnonzero(np.isnan(x)), np.flatnonzero(~np.isnan(x))
    filled, conditional = np.array(x), np.zeros_like(covariance)
    if not missing.size:
        return filled, conditional
    if not observed.size:
        return mean.copy(), covariance.copy()
    factor = np.linalg.cholesky(covariance[observed][:, observed])
    half = solve_triangular(factor, covariance[observed][:, missing], lower=True)
    z = solve_triangular(factor, x[observed] - mean[observed], lower=True)
    filled[missing] = mean[missing] + half.T @ z
    conditional[np.ix_(missing, missing)] = covariance[missing][:, missing] - half.T @ half
    return filled, conditional


def conditional_normal_cho_solve(x, mean, covariance):
    gap = np.isnan(x)
    filled = np.where(gap, mean, x)
    conditional = np.zeros(covariance.shape)
    if gap.all():
        return filled, covariance.copy()
    factor = cho_factor(covariance[~gap][:, ~gap])
    across = covariance[gap][:, ~gap]
    filled[gap] += across @ cho_solve(factor, x[~gap] - mean[~gap])
    conditional[np.outer(gap, gap)] = (
        covariance[gap][:, gap] - across @ cho_solve(factor, across.T)
    ).ravel()
    return filled, conditional


def conditional_normal_one_feature_at_a_time(x, mean, covariance):
    """Learns the observed values one after another, each with one division, loops all the way."""
    d = len(x)
    current, rest = [float(v) for v in mean], [[float(v) for v in row] for row in covariance]
    waiting = [j for j in range(d) if not math.isnan(x[j])]
    while waiting:
        j = max(waiting, key=lambda j: rest[j][j])  # the one that is least known comes first
        waiting.remove(j)
        slopes = [rest[i][j] / rest[j][j] for i in range(d)]
        surprise = x[j] - current[j]
        row = list(rest[j])
        for i in range(d):
            current[i] += slopes[i] * surprise
            for h in range(d):
                rest[i][h] -= slopes[i] * row[h]
    filled, conditional = x.copy(), np.zeros((d, d))
    for i in range(d):
        if math.isnan(x[i]):
            filled[i] = current[i]
            for h in range(d):
                if math.isnan(x[h]):
                    conditional[i, h] = rest[i][h]
    return filled, conditional


# -------------------------------------------------------------------------------------- e_step


def e_step_rows(X, mean, covariance):
    filled = np.empty_like(X)
    extra = np.zeros((X.shape[1], X.shape[1]))
    for i in range(len(X)):
        filled[i], conditional = conditional_normal_solve(X[i], mean, covariance)
        extra += conditional
    return filled, extra


def e_step_comprehension(X, mean, covariance):
    rows = [conditional_normal_cholesky(x, mean, covariance) for x in X]
    return np.array([row for row, _ in rows]), sum(conditional for _, conditional in rows)


def e_step_patterns(X, mean, covariance):
    filled, extra = X.copy(), np.zeros_like(covariance)
    patterns, which = np.unique(np.isnan(X), axis=0, return_inverse=True)
    which = which.ravel()
    for p, m in enumerate(patterns):
        rows, o = np.flatnonzero(which == p), ~m
        slopes = np.linalg.solve(covariance[np.ix_(o, o)], covariance[np.ix_(o, m)])
        deviations = X[np.ix_(rows, o)] - mean[o]
        filled[np.ix_(rows, m)] = mean[m] + deviations @ slopes
        left = covariance[np.ix_(m, m)] - covariance[np.ix_(m, o)] @ slopes
        extra[np.ix_(m, m)] += len(rows) * left
    return filled, extra


def e_step_precision(X, mean, covariance):
    """By the precision matrix: its missing block is the inverse of the conditional covariance."""
    precision = np.linalg.inv(covariance)
    filled, extra = X.copy(), np.zeros_like(covariance)
    for i, x in enumerate(X):
        m = np.isnan(x)
        if not m.any():
            continue
        conditional = np.linalg.inv(precision[np.ix_(m, m)])
        deviations = np.where(m, 0, x - mean)
        filled[i, m] = mean[m] - conditional @ (precision[m] @ deviations)
        extra[np.ix_(m, m)] += conditional
    return filled, extra


# -------------------------------------------------------------------------------------- m_step


def m_step_matrix(filled, extra):
    n = filled.shape[0]
    mean = filled.mean(axis=0)
    deviations = filled - mean
    return mean, (deviations.T @ deviations + extra) / n


def m_step_cov(filled, extra):
    covariance = np.atleast_2d(np.cov(filled, rowvar=False, bias=True))
    return np.average(filled, axis=0), covariance + extra / len(filled)


def m_step_loops(filled, extra):
    n, d = filled.shape
    mean = np.array([math.fsum(filled[:, j]) / n for j in range(d)])
    covariance = np.zeros((d, d))
    for a in range(d):
        for b in range(d):
            total = sum((row[a] - mean[a]) * (row[b] - mean[b]) for row in filled)
            covariance[a, b] = (total + extra[a, b]) / n
    return mean, covariance


def m_step_outer(filled, extra):
    mean = np.sum(filled, axis=0) / len(filled)
    scatter = extra.copy()
    for row in filled:
        scatter += np.outer(row - mean, row - mean)
    return mean, scatter / len(filled)


def m_step_einsum(filled, extra):
    mean = filled[0] + (filled - filled[0]).mean(axis=0)
    centred = filled - mean
    return mean, np.einsum("na,nb->ab", centred, centred) / len(filled) + extra / len(filled)


# --------------------------------------------------------------------- observed_log_likelihood


def observed_log_likelihood_cholesky(X, mean, covariance):
    total = 0.0
    for x in X:
        o = ~np.isnan(x)
        factor = np.linalg.cholesky(covariance[np.ix_(o, o)])
        z = np.linalg.solve(factor, x[o] - mean[o])
        total -= 0.5 * (o.sum() * np.log(2 * np.pi) + z @ z) + np.log(np.diag(factor)).sum()
    return total


def observed_log_likelihood_slogdet(X, mean, covariance):
    values = []
    for x in X:
        o = np.flatnonzero(~np.isnan(x))
        if not o.size:
            continue
        block = covariance[o][:, o]
        away = x[o] - mean[o]
        squared = away @ np.linalg.solve(block, away)
        values.append(-(len(o) * math.log(2 * math.pi) + np.linalg.slogdet(block)[1] + squared) / 2)
    return math.fsum(values)


def observed_log_likelihood_patterns(X, mean, covariance):
    observed, which = np.unique(~np.isnan(X), axis=0, return_inverse=True)
    which = which.ravel()
    total = 0.0
    for p, o in enumerate(observed):
        if not o.any():
            continue
        away = (X[which == p][:, o] - mean[o]).T
        lower = np.linalg.cholesky(covariance[o][:, o])
        z = solve_triangular(lower, away, lower=True)
        constant = 0.5 * o.sum() * np.log(2 * np.pi) + np.log(lower.diagonal()).sum()
        total += -0.5 * (z**2).sum() - away.shape[1] * constant
    return float(total)


def observed_log_likelihood_chain_rule(X, mean, covariance):
    """One feature after another, each given those before it: p(a, b) = p(a) p(b | a)."""
    total = 0.0
    for x in X:
        current, rest = mean.astype(float), covariance.astype(float)
        for j in range(len(x)):
            if np.isnan(x[j]):
                continue
            variance, surprise = rest[j, j], x[j] - current[j]
            total -= 0.5 * (np.log(2 * np.pi * variance) + surprise**2 / variance)
            slopes = rest[:, j] / variance
            current = current + slopes * surprise
            rest = rest - np.outer(slopes, rest[j])
    return total


# ------------------------------------------------------------------------ imputation_shrinkage


def imputation_shrinkage_product(missing):
    observed = (~missing).astype(float)
    return observed.T @ observed / len(observed)


def imputation_shrinkage_loops(missing):
    n, d = missing.shape
    factors = np.zeros((d, d))
    for a in range(d):
        for b in range(d):
            both = 0
            for i in range(n):
                if not missing[i, a] and not missing[i, b]:
                    both += 1
            factors[a, b] = both / n
    return factors


def imputation_shrinkage_mean(missing):
    observed = np.logical_not(missing)
    return (observed[:, :, None] & observed[:, None, :]).mean(axis=0)


def imputation_shrinkage_inclusion_exclusion(missing):
    gaps = missing.astype(int)
    single = gaps.sum(axis=0)
    return 1 - (single[:, None] + single - gaps.T @ gaps) / gaps.shape[0]


RIGHT_ANSWERS = {
    "06.conditional_normal": (
        conditional_normal_solve,
        conditional_normal_cholesky,
        conditional_normal_cho_solve,
        conditional_normal_one_feature_at_a_time,
    ),
    "06.e_step": (
        e_step_rows,
        e_step_comprehension,
        e_step_patterns,
        e_step_precision,
    ),
    "06.m_step": (
        m_step_matrix,
        m_step_cov,
        m_step_loops,
        m_step_outer,
        m_step_einsum,
    ),
    "06.observed_log_likelihood": (
        observed_log_likelihood_cholesky,
        observed_log_likelihood_slogdet,
        observed_log_likelihood_patterns,
        observed_log_likelihood_chain_rule,
    ),
    "06.imputation_shrinkage": (
        imputation_shrinkage_product,
        imputation_shrinkage_loops,
        imputation_shrinkage_mean,
        imputation_shrinkage_inclusion_exclusion,
    ),
}
