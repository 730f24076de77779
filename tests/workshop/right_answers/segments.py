"""Right answers to assignment 07, each written in several ways. All of them must pass."""

import math

import numpy as np
from scipy.special import logsumexp, softmax

# ----------------------------------------------------------------------------------- log_joint


def log_joint_loops(Y, weights, probs):
    n, m = Y.shape
    values = np.zeros((n, len(weights)))
    for r in range(n):
        for j in range(len(weights)):
            total = math.log(weights[j])
            for i in range(m):
                if Y[r, i] != -1:
                    p = probs[j, i, Y[r, i]]
                    total += math.log(p) if p > 0 else -math.inf
            values[r, j] = total
    return values


def log_joint_picked(Y, weights, probs):
    items = np.arange(Y.shape[1])
    picked = np.where(Y < 0, 1.0, probs[:, items, Y])  # (k, n, m); −1 picks what isn't used
    with np.errstate(divide="ignore"):
        return np.log(weights) + np.log(picked).sum(axis=2).T


def log_joint_items(Y, weights, probs):
    result = np.tile(np.log(weights), (len(Y), 1))
    with np.errstate(divide="ignore"):
        logs = np.log(probs)
    for i in range(Y.shape[1]):
        answered = Y[:, i] >= 0
        result[answered] += logs[:, i, Y[answered, i]].T
    return result


def log_joint_gap_as_a_category(Y, weights, probs):
    """A further category at the end, with probability 1, for −1 to find."""
    ones = np.ones((*probs.shape[:2], 1))
    padded = np.concatenate([probs, ones], axis=2)
    with np.errstate(divide="ignore"):
        logs = np.log(padded)
    each = np.array([logs[:, i, Y[:, i]] for i in range(Y.shape[1])])
    return each.sum(axis=0).T + np.log(weights)


# ---------------------------------------------------------------------------- responsibilities


def responsibilities_softmax(Y, weights, probs):
    return softmax(log_joint_picked(Y, weights, probs), axis=1)


def responsibilities_shifted(Y, weights, probs):
    values = log_joint_items(Y, weights, probs)
    shares = np.exp(values - values.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def responsibilities_log_space(Y, weights, probs):
    values = log_joint_gap_as_a_category(Y, weights, probs)
    return np.exp(values - logsumexp(values, axis=1)[:, None])


def responsibilities_one_answer_at_a_time(Y, weights, probs):
    """Bayes' rule after each answer: yesterday's posterior is today's prior."""
    rows = []
    for row in Y:
        shares = weights.copy()
        for i, answer in enumerate(row):
            if answer >= 0:
                shares = shares * probs[:, i, answer]
                shares = shares / shares.sum()
        rows.append(shares)
    return np.array(rows)


# --------------------------------------------------------------------------- q_gradient_logits


def q_gradient_logits_loops(Y, resp, probs):
    k, m, c = probs.shape
    gradient = np.zeros((k, m, c))
    for r in range(len(Y)):
        for j in range(k):
            for i in range(m):
                if Y[r, i] < 0:
                    continue
                for a in range(c):
                    given = 1 if Y[r, i] == a else 0
                    gradient[j, i, a] += resp[r, j] * (given - probs[j, i, a])
    return gradient


def q_gradient_logits_one_hot(Y, resp, probs):
    chosen = (Y[:, :, None] == np.arange(probs.shape[2])).astype(float)
    counts = np.einsum("nk,nmc->kmc", resp, chosen)
    return counts - counts.sum(axis=2, keepdims=True) * probs


def q_gradient_logits_answered(Y, resp, probs):
    counts = np.stack([resp.T @ (a == Y) for a in range(probs.shape[2])], axis=2)
    answered = resp.T @ (Y >= 0)
    return counts - answered[:, :, None] * probs


def q_gradient_logits_chain_rule(Y, resp, probs):
    """∂Q/∂p = N/p, and the softmax's Jacobian ∂p_b/∂l_a = p_b (δ_ab − p_a)."""
    chosen = np.eye(probs.shape[2])[Y] * (Y >= 0)[:, :, None]
    with_respect_to_probs = np.tensordot(resp, chosen, axes=(0, 0)) / probs
    identity = np.eye(probs.shape[2])
    jacobian = probs[..., :, None] * (identity - probs[..., None, :])
    return np.einsum("kmb,kmba->kma", with_respect_to_probs, jacobian)


# -------------------------------------------------------------------------------------- m_step


def m_step_loops(Y, resp, n_categories, smoothing):
    n, m = Y.shape
    k = resp.shape[1]
    probs = np.zeros((k, m, n_categories))
    for j in range(k):
        for i in range(m):
            counts = [smoothing] * n_categories
            for r in range(n):
                if Y[r, i] >= 0:
                    counts[Y[r, i]] += resp[r, j]
            total = sum(counts)
            for a in range(n_categories):
                probs[j, i, a] = counts[a] / total if total > 0 else 1 / n_categories
    return np.array([resp[:, j].sum() / n for j in range(k)]), probs


def m_step_one_hot(Y, resp, n_categories, smoothing):
    chosen = (Y[:, :, None] == np.arange(n_categories)).astype(float)
    counts = np.einsum("nk,nmc->kmc", resp, chosen) + smoothing
    counts[counts.sum(axis=2) == 0] = 1
    return resp.mean(axis=0), counts / counts.sum(axis=2, keepdims=True)


def m_step_categories(Y, resp, n_categories, smoothing):
    counts = np.stack([resp.T @ (a == Y) for a in range(n_categories)], axis=-1) + smoothing
    totals = counts.sum(axis=-1, keepdims=True)
    uniform = np.full(counts.shape, 1 / n_categories)
    return resp.sum(axis=0) / len(resp), np.divide(counts, totals, out=uniform, where=totals > 0)


def m_step_add_at(Y, resp, n_categories, smoothing):
    m = Y.shape[1]
    counts = np.full((m, n_categories, resp.shape[1]), float(smoothing))
    for i in range(m):
        rows = np.flatnonzero(Y[:, i] != -1)
        np.add.at(counts[i], Y[rows, i], resp[rows])
    with np.errstate(invalid="ignore"):
        probs = counts / counts.sum(axis=1, keepdims=True)
    probs[np.isnan(probs)] = 1 / n_categories
    return np.average(resp, axis=0), probs.transpose(2, 0, 1)


# ----------------------------------------------------------------------------- predict_missing


def predict_missing_einsum(Y, weights, probs):
    return np.einsum("nk,kmc->nmc", responsibilities_softmax(Y, weights, probs), probs)


def predict_missing_loops(Y, weights, probs):
    resp = responsibilities_shifted(Y, weights, probs)
    n, m = Y.shape
    predicted = np.zeros((n, m, probs.shape[2]))
    for r in range(n):
        for j in range(len(weights)):
            predicted[r] += resp[r, j] * probs[j]
    return predicted


def predict_missing_tensordot(Y, weights, probs):
    return np.tensordot(responsibilities_log_space(Y, weights, probs), probs, axes=1)


def predict_missing_matrix(Y, weights, probs):
    k, m, c = probs.shape
    resp = responsibilities_one_answer_at_a_time(Y, weights, probs)
    return (resp @ probs.reshape(k, m * c)).reshape(len(Y), m, c)


# ----------------------------------------------------------------------------------- recommend


def recommend_stable_sort(Y, weights, probs, item_value, top):
    scores = predict_missing_einsum(Y, weights, probs)[:, :, item_value]
    scores = np.where(Y == -1, scores, -1.0)
    order = np.argsort(-scores, axis=1, kind="stable")
    items = np.full((len(Y), top), -1)
    for r in range(len(Y)):
        best = order[r, : min(top, (Y[r] == -1).sum())]
        items[r, : len(best)] = best
    return items


def recommend_sorted(Y, weights, probs, item_value, top):
    predicted = predict_missing_loops(Y, weights, probs)
    rows = []
    for r, row in enumerate(Y):
        missing = [i for i in range(len(row)) if row[i] < 0]
        missing.sort(key=lambda i: -predicted[r, i, item_value])
        chosen = missing[:top]
        rows.append(chosen + [-1] * (top - len(chosen)))
    return np.array(rows)


def recommend_one_after_another(Y, weights, probs, item_value, top):
    scores = predict_missing_tensordot(Y, weights, probs)[:, :, item_value].copy()
    scores[Y >= 0] = -np.inf
    items = np.full((Y.shape[0], top), -1)
    for r in range(Y.shape[0]):
        for place in range(top):
            best = scores[r].argmax()
            if scores[r, best] == -np.inf:
                break
            items[r, place] = best
            scores[r, best] = -np.inf
    return items


def recommend_lexsort(Y, weights, probs, item_value, top):
    wanted = responsibilities_softmax(Y, weights, probs) @ probs[:, :, item_value]
    n, m = Y.shape
    order = np.array([np.lexsort((np.arange(m), -wanted[r], Y[r] >= 0)) for r in range(n)])
    ranked = np.where(np.arange(m) < (Y < 0).sum(axis=1, keepdims=True), order, -1)
    return np.hstack([ranked, np.full((n, top), -1)])[:, :top]


# -------------------------------------------------------------------------------- n_parameters


def n_parameters_formula(k, m, c):
    return k - 1 + k * m * (c - 1)


def n_parameters_sums(k, m, c):
    weights = k - 1
    return weights + sum(c - 1 for _ in range(k) for _ in range(m))


def n_parameters_numbers_less_sums(k, m, c):
    return (k + k * m * c) - (1 + k * m)


def n_parameters_class_by_class(k, m, c):
    return k * (1 + m * (c - 1)) - 1


RIGHT_ANSWERS = {
    "07.log_joint": (
        log_joint_loops,
        log_joint_picked,
        log_joint_items,
        log_joint_gap_as_a_category,
    ),
    "07.responsibilities": (
        responsibilities_softmax,
        responsibilities_shifted,
        responsibilities_log_space,
        responsibilities_one_answer_at_a_time,
    ),
    "07.q_gradient_logits": (
        q_gradient_logits_loops,
        q_gradient_logits_one_hot,
        q_gradient_logits_answered,
        q_gradient_logits_chain_rule,
    ),
    "07.m_step": (m_step_loops, m_step_one_hot, m_step_categories, m_step_add_at),
    "07.predict_missing": (
        predict_missing_einsum,
        predict_missing_loops,
        predict_missing_tensordot,
        predict_missing_matrix,
    ),
    "07.recommend": (
        recommend_stable_sort,
        recommend_sorted,
        recommend_one_after_another,
        recommend_lexsort,
    ),
    "07.n_parameters": (
        n_parameters_formula,
        n_parameters_sums,
        n_parameters_numbers_less_sums,
        n_parameters_class_by_class,
    ),
}
