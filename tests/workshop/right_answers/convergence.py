"""Right ways to write the pieces of assignment 05, in different styles."""

import itertools
import math

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

# ------------------------------------------------------------------------------- has_converged


def has_converged_steps(history, tol):
    if len(history) < 2:
        return False
    before, last = history[-2], history[-1]
    size = max(1.0, abs(last))
    gain = last - before
    if gain < -1e-10 * size:
        raise ValueError(f"the log-likelihood fell from {before} to {last}")
    return gain <= tol * size


def has_converged_relative(history, tol):
    if len(history) <= 1:
        return False
    relative = (history[-1] - history[-2]) / np.maximum(1, np.abs(history[-1]))
    if relative < -1e-10:
        raise ValueError("fell")
    return relative <= tol


def has_converged_array(history, tol):
    values = np.array(history)
    if values.size < 2:
        return False
    threshold = max(tol * abs(values[-1]), tol)
    gain = np.diff(values)[-1]
    fall = -gain
    if fall > 1e-10 * np.abs(values[-1:]).max(initial=1):
        raise ValueError("the log-likelihood fell")
    return gain <= threshold


def has_converged_unpacked(history, tol):
    try:
        *_, old, new = history
    except ValueError:
        return False
    scale = abs(new) if abs(new) > 1 else 1
    if new < old:
        if old - new > scale / 1e10:
            raise ValueError(f"log-likelihood decreased by {old - new}")
        return True
    return not (new - old > tol * scale)


# -------------------------------------------------------------------------------------- run_em


def run_em_loop(params, e_step, m_step, tol, max_iter):
    history, m_steps = [], 0
    while True:
        expectations, log_likelihood = e_step(params)
        history.append(log_likelihood)
        if has_converged_steps(history, tol):
            return params, history, "converged"
        if m_steps == max_iter:
            return params, history, "max_iter"
        params = m_step(expectations)
        m_steps += 1


def run_em_step_first(params, e_step, m_step, tol, max_iter):
    expectations, log_likelihood = e_step(params)
    history = [log_likelihood]
    reason = "max_iter"
    for _ in range(max_iter):
        params = m_step(expectations)
        expectations, log_likelihood = e_step(params)
        history.append(log_likelihood)
        if has_converged_unpacked(history, tol):
            reason = "converged"
            break
    return params, history, reason


def run_em_calls_the_piece(params, e_step, m_step, tol, max_iter):
    history = []
    for left in range(max_iter, -1, -1):
        expectations, value = e_step(params)
        history += [value]
        if has_converged(history, tol):  # noqa: F821 (the check lets the right one stand in)
            return params, history, "converged"
        if left:
            params = m_step(expectations)
    return params, history, "max_iter"


def run_em_recursive(params, e_step, m_step, tol, max_iter):
    def go(params, history, left):
        expectations, value = e_step(params)
        history = [*history, float(value)]
        if has_converged_array(history, tol):
            return params, history, "converged"
        if left == 0:
            return params, history, "max_iter"
        return go(m_step(expectations), history, left - 1)

    return go(params, [], max_iter)


def run_em_evaluates_twice(params, e_step, m_step, tol, max_iter):
    history = [e_step(params)[1]]
    while not has_converged_relative(history, tol) and len(history) - 1 < max_iter:
        params = m_step(e_step(params)[0])
        history.append(e_step(params)[1])
    return params, history, "converged" if has_converged_relative(history, tol) else "max_iter"


# ------------------------------------------------------------------------- missing_information


def missing_information_mean(resp):
    r = resp[:, 1]
    w = r.mean()
    return np.mean(r * (1 - r)) / (w * (1 - w))


def missing_information_loops(resp):
    n = len(resp)
    w = sum(row[1] for row in resp) / n
    total = 0.0
    for row in resp:
        total += row[0] * row[1]
    return float(total / n / w / (1 - w))


def missing_information_by_total_variance(resp):
    between = np.var(resp[:, 1])
    w0, w1 = resp.mean(axis=0)
    return 1 - between / (w0 * w1)


def missing_information_derivative(resp):
    """Component by component: dr/dw = r (1 - r) / (w (1 - w))."""
    w = resp.mean(axis=0)
    slopes = resp[:, 1] / w[1] * (resp[:, 0] / w[0])
    return slopes.mean()


# ---------------------------------------------------------------------------- kmeans_plus_plus


def kmeans_plus_plus_choice(X, k, rng):
    centres = [X[rng.integers(len(X))]]
    for _ in range(k - 1):
        squared = np.min([((X - c) ** 2).sum(axis=1) for c in centres], axis=0)
        centres.append(X[rng.choice(len(X), p=squared / squared.sum())])
    return np.array(centres)


def kmeans_plus_plus_nearest_kept(X, k, rng):
    centres = np.empty((k, X.shape[1]))
    centres[0] = rng.choice(X)
    nearest = ((X - centres[0]) ** 2).sum(axis=1)
    for j in range(1, k):
        i = np.searchsorted(np.cumsum(nearest), rng.random() * nearest.sum(), side="right")
        centres[j] = X[i]
        nearest = np.minimum(nearest, ((X - X[i]) ** 2).sum(axis=1))
    return centres


def kmeans_plus_plus_cdist(X, k, rng):
    chosen = [int(rng.integers(0, X.shape[0]))]
    while len(chosen) < k:
        weights = cdist(X, X[chosen], "sqeuclidean").min(axis=1)
        chosen.append(int(rng.multinomial(1, weights / weights.sum()).argmax()))
    return X[chosen]


def kmeans_plus_plus_gumbel(X, k, rng):
    """The largest of log weight + Gumbel noise is a draw in proportion to the weights."""
    centres = X[[rng.integers(len(X))]]
    for _ in range(1, k):
        squared = ((X[:, None, :] - centres[None]) ** 2).sum(axis=-1).min(axis=1)
        with np.errstate(divide="ignore"):
            i = np.argmax(np.log(squared) + rng.gumbel(size=len(X)))
        centres = np.vstack([centres, X[i]])
    return centres[::-1]


# ------------------------------------------------------------------------------------- best_of


def best_of_loop(fits):
    best = None
    for fit in fits:
        value = fit[1][-1]
        if math.isnan(value):
            continue
        if best is None or value > best[1][-1]:
            best = fit
    if best is None:
        raise ValueError("no fit ended with a log-likelihood")
    return best


def best_of_max(fits):
    return max((fit for fit in fits if fit[1][-1] == fit[1][-1]), key=lambda fit: fit[1][-1])


def best_of_sorted(fits):
    numbers = [i for i in range(len(fits)) if not np.isnan(fits[i][1][-1])]
    if len(numbers) == 0:
        raise ValueError(f"all {len(fits)} fits ended with NaN")
    return fits[sorted(numbers, key=lambda i: -fits[i][1][-1])[0]]


def best_of_unpacked(fits):
    sound = [(p, h, r) for p, h, r in fits if not np.isnan(h[-1])]
    if not sound:
        raise ValueError("nothing to choose from")
    return sound[int(np.argmax([h[-1] for _, h, _ in sound]))]


# -------------------------------------------------------------------------------- align_labels


def align_labels_assignment(resp, reference):
    return linear_sum_assignment(-(reference.T @ resp))[1]


def align_labels_all_orders(resp, reference):
    orders = itertools.permutations(range(resp.shape[1]))
    return np.array(max(orders, key=lambda p: (resp[:, p] * reference).sum()))


def align_labels_subsets(resp, reference):
    """Best order of the first columns for each set of columns that they may use."""
    overlap = np.einsum("ni,nj->ij", reference, resp)
    best = {frozenset(): (0.0, [])}
    for row in overlap:
        longer = {}
        for used, (value, order) in best.items():
            for j in set(range(len(row))) - used:
                new = (value + row[j], [*order, j])
                key = used | {j}
                if key not in longer or new[0] > longer[key][0]:
                    longer[key] = new
        best = longer
    return np.array(best[frozenset(range(len(overlap)))][1])


def align_labels_from_the_other_side(resp, reference):
    theirs = linear_sum_assignment(resp.T @ reference, maximize=True)[1]
    p = np.empty(len(theirs), dtype=int)
    for mine, column in enumerate(theirs):
        p[column] = mine
    return p


# -------------------------------------------------------------------------------- n_parameters


def n_parameters_ifs(k, d, covariance_type):
    if covariance_type == "full":
        covariances = k * d * (d + 1) // 2
    elif covariance_type == "tied":
        covariances = d * (d + 1) // 2
    elif covariance_type == "diag":
        covariances = k * d
    else:
        covariances = k
    return k - 1 + k * d + covariances


def n_parameters_table(k, d, covariance_type):
    triangle = sum(range(d + 1))
    table = {"full": k * triangle, "tied": triangle, "diag": d * k, "spherical": k}
    return (k - 1) + d * k + table[covariance_type]


def n_parameters_counting(k, d, covariance_type):
    one = np.tri(d).sum()
    match covariance_type:
        case "full":
            free = k * one
        case "tied":
            free = one
        case "diag":
            free = k * d
        case "spherical":
            free = k
    return int(k - 1 + k * d + free)


def n_parameters_sums(k, d, covariance_type):
    each = {"full": math.comb(d + 1, 2), "tied": 0, "diag": d, "spherical": 1}[covariance_type]
    total = -1 if covariance_type != "tied" else math.comb(d + 1, 2) - 1
    for _ in range(k):
        total += 1 + d + each
    return total


# ----------------------------------------------------------------------------------------- bic


def bic_formula(log_likelihood, n_parameters, n):
    return -2 * log_likelihood + n_parameters * np.log(n)


def bic_math(log_likelihood, n_parameters, n):
    return math.log(n) * n_parameters - 2.0 * log_likelihood


def bic_logs(log_likelihood, n_parameters, n):
    return 2 * (n_parameters * math.log(math.sqrt(n)) - log_likelihood)


def bic_log1p(log_likelihood, n_parameters, n):
    deviance = -(log_likelihood + log_likelihood)
    price = np.log1p(n - 1)
    return float(deviance + price * n_parameters)


RIGHT_ANSWERS = {
    "05.has_converged": (
        has_converged_steps,
        has_converged_relative,
        has_converged_array,
        has_converged_unpacked,
    ),
    "05.run_em": (
        run_em_loop,
        run_em_step_first,
        run_em_calls_the_piece,
        run_em_recursive,
        run_em_evaluates_twice,
    ),
    "05.missing_information": (
        missing_information_mean,
        missing_information_loops,
        missing_information_by_total_variance,
        missing_information_derivative,
    ),
    "05.kmeans_plus_plus": (
        kmeans_plus_plus_choice,
        kmeans_plus_plus_nearest_kept,
        kmeans_plus_plus_cdist,
        kmeans_plus_plus_gumbel,
    ),
    "05.best_of": (best_of_loop, best_of_max, best_of_sorted, best_of_unpacked),
    "05.align_labels": (
        align_labels_assignment,
        align_labels_all_orders,
        align_labels_subsets,
        align_labels_from_the_other_side,
    ),
    "05.n_parameters": (
        n_parameters_ifs,
        n_parameters_table,
        n_parameters_counting,
        n_parameters_sums,
    ),
    "05.bic": (bic_formula, bic_math, bic_logs, bic_log1p),
}
