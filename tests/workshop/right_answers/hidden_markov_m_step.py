"""Right answers to assignment 10, each written in several ways. All of them must pass."""

import math

import numpy as np
from scipy.linalg import null_space
from scipy.special import log_softmax, softmax

# --------------------------------------------------------------------------- q_gradient_logits


def q_gradient_logits_rows(logits, xis):
    total = np.sum(xis, axis=0)
    return total - total.sum(axis=1, keepdims=True) * softmax(logits, axis=1)


def q_gradient_logits_jacobian(logits, xis):
    """By the chain rule: the derivative of log A[i, l] with respect to logits[i, j]."""
    k = len(logits)
    A = np.exp(log_softmax(logits, axis=1))
    gradient = np.zeros((k, k))
    for xi in xis:
        for i in range(k):
            gradient[i] += xi[i] @ (np.eye(k) - A[i])
    return gradient


def q_gradient_logits_python(logits, xis):
    k = len(logits)
    gradient = np.zeros((k, k))
    for i in range(k):
        largest = max(logits[i])
        weights = [math.exp(value - largest) for value in logits[i]]
        departures = math.fsum(xi[i, j] for xi in xis for j in range(k))
        for j in range(k):
            made = math.fsum(xi[i, j] for xi in xis)
            gradient[i, j] = made - departures * weights[j] / math.fsum(weights)
    return gradient


def q_gradient_logits_sequences(logits, xis):
    joint = np.exp(logits - logits.max(axis=1)[:, None])
    A = joint / joint.sum(axis=1)[:, None]
    return sum(xi - np.diag(xi.sum(axis=1)) @ A for xi in xis)


# ---------------------------------------------------------------------------- update_startprob


def update_startprob_mean(gammas):
    return np.mean([gamma[0] for gamma in gammas], axis=0)


def update_startprob_sum(gammas):
    starts = sum(gamma[0] for gamma in gammas)
    return starts / starts.sum()


def update_startprob_stack(gammas):
    first = np.vstack([gamma[:1] for gamma in gammas])
    return first.sum(axis=0) / first.shape[0]


def update_startprob_loop(gammas):
    startprob = np.zeros(gammas[0].shape[1])
    for gamma in gammas:
        for j in range(len(startprob)):
            startprob[j] += gamma[0, j] / len(gammas)
    return startprob


# ----------------------------------------------------------------------------- update_transmat


def update_transmat_where(xis):
    counts = np.sum(xis, axis=0)
    left = counts.sum(axis=1, keepdims=True)
    uniform = np.full(counts.shape, 1 / len(counts))
    return np.divide(counts, left, out=uniform, where=left > 0)


def update_transmat_loop(xis):
    counts = sum(xis)
    transmat = np.empty_like(counts)
    for i, row in enumerate(counts):
        if row.sum() == 0:
            transmat[i] = 1 / len(row)
        else:
            transmat[i] = row / row.sum()
    return transmat


def update_transmat_ones(xis):
    """A row of ones, divided by its sum, is uniform."""
    counts = np.array(xis).sum(axis=0)
    counts[counts.sum(axis=1) == 0] = 1.0
    return counts / counts.sum(axis=1)[:, None]


def update_transmat_nan(xis):
    counts = np.add.reduce(xis)
    with np.errstate(invalid="ignore"):
        transmat = counts / counts.sum(axis=1, keepdims=True)
    return np.nan_to_num(transmat, nan=1 / len(transmat))


def update_transmat_python(xis):
    k = len(xis[0])
    rows = [[math.fsum(xi[i, j] for xi in xis) for j in range(k)] for i in range(k)]
    shares = [
        [value / math.fsum(row) for value in row] if any(row) else [1 / k] * k for row in rows
    ]
    return np.array(shares)


# ----------------------------------------------------------------------------- update_gaussian


def update_gaussian_joined(sequences, gammas):
    X, gamma = np.concatenate(sequences), np.concatenate(gammas)
    counts = gamma.sum(axis=0)
    means = gamma.T @ X / counts[:, None]
    covariances = np.empty((len(counts), X.shape[1], X.shape[1]))
    for j in range(len(counts)):
        deviations = X - means[j]
        covariances[j] = (gamma[:, j, None] * deviations).T @ deviations / counts[j]
    return means, covariances


def update_gaussian_sequence_by_sequence(sequences, gammas):
    k, d = gammas[0].shape[1], sequences[0].shape[1]
    counts, sums = np.zeros(k), np.zeros((k, d))
    for X, gamma in zip(sequences, gammas, strict=True):
        counts += gamma.sum(axis=0)
        sums += gamma.T @ X
    means = sums / counts[:, None]
    scatter = np.zeros((k, d, d))
    for X, gamma in zip(sequences, gammas, strict=True):
        deviations = X[:, None, :] - means
        scatter += np.einsum("tj,tja,tjb->jab", gamma, deviations, deviations)
    return means, scatter / counts[:, None, None]


def update_gaussian_cov(sequences, gammas):
    X, gamma = np.vstack(sequences), np.vstack(gammas)
    states = range(gamma.shape[1])
    means = np.array([np.average(X, axis=0, weights=gamma[:, j]) for j in states])
    covariances = np.array(
        [np.atleast_2d(np.cov(X.T, aweights=gamma[:, j], bias=True)) for j in states]
    )
    return means, covariances


def update_gaussian_shifted(sequences, gammas):
    """Moments about the first row, which is near all others."""
    X, gamma = np.concatenate(sequences), np.concatenate(gammas)
    shares = gamma / gamma.sum(axis=0)
    near = X - X[0]
    shift = shares.T @ near
    second = np.einsum("tj,ta,tb->jab", shares, near, near)
    return X[0] + shift, second - shift[:, :, None] * shift[:, None, :]


def update_gaussian_python(sequences, gammas):
    k, d = gammas[0].shape[1], sequences[0].shape[1]
    rows = [
        (x, g)
        for X, gamma in zip(sequences, gammas, strict=True)
        for x, g in zip(X, gamma, strict=True)
    ]
    means, covariances = np.zeros((k, d)), np.zeros((k, d, d))
    for j in range(k):
        count = math.fsum(g[j] for _, g in rows)
        for a in range(d):
            means[j, a] = math.fsum(g[j] * x[a] for x, g in rows) / count
        for a in range(d):
            for b in range(d):
                covariances[j, a, b] = (
                    math.fsum(g[j] * (x[a] - means[j, a]) * (x[b] - means[j, b]) for x, g in rows)
                    / count
                )
    return means, covariances


# ------------------------------------------------------------------------------ update_poisson


def update_poisson_joined(sequences, gammas):
    counts, gamma = np.concatenate(sequences), np.concatenate(gammas)
    return counts @ gamma / gamma.sum(axis=0)


def update_poisson_loop(sequences, gammas):
    k = gammas[0].shape[1]
    total, times = np.zeros(k), np.zeros(k)
    for x, gamma in zip(sequences, gammas, strict=True):
        for t in range(len(x)):
            total += gamma[t] * x[t]
            times += gamma[t]
    return total / times


def update_poisson_average(sequences, gammas):
    counts, gamma = np.hstack(sequences), np.vstack(gammas)
    return np.array([np.average(counts, weights=gamma[:, j]) for j in range(gamma.shape[1])])


def update_poisson_sums(sequences, gammas):
    total = sum(gamma.T @ x for x, gamma in zip(sequences, gammas, strict=True))
    return total / sum(gamma.sum(axis=0) for gamma in gammas)


# ------------------------------------------------------------------------------------- viterbi


def viterbi_matrix(startprob, transmat, log_likelihood):
    with np.errstate(divide="ignore"):
        log_start, log_a = np.log(startprob), np.log(transmat)
    t, k = log_likelihood.shape
    best, back = np.empty((t, k)), np.empty((t, k), int)
    best[0] = log_start + log_likelihood[0]
    for s in range(1, t):
        reached = best[s - 1][:, None] + log_a
        back[s] = np.argmax(reached, axis=0)
        best[s] = np.max(reached, axis=0) + log_likelihood[s]
    path = np.zeros(t, dtype=int)
    path[-1] = np.argmax(best[-1])
    for s in reversed(range(1, t)):
        path[s - 1] = back[s, path[s]]
    return path, best[-1].max()


def viterbi_python(startprob, transmat, log_likelihood):
    def log(p):
        return math.log(p) if p > 0 else -math.inf

    states = range(len(startprob))
    best = [log(startprob[j]) + log_likelihood[0, j] for j in states]
    pointers = []
    for row in log_likelihood[1:]:
        new, came = [], []
        for j in states:
            winner, value = 0, -math.inf
            for i in states:
                if best[i] + log(transmat[i, j]) > value:
                    winner, value = i, best[i] + log(transmat[i, j])
            came.append(winner)
            new.append(value + row[j])
        best = new
        pointers.append(came)
    state = best.index(max(best))
    path = [state]
    for came in reversed(pointers):
        state = came[state]
        path.append(state)
    return np.array(path[::-1]), max(best)


def viterbi_backtrack_values(startprob, transmat, log_likelihood):
    """No pointers: going back, the step is looked for again."""
    with np.errstate(divide="ignore"):
        log_a = np.log(transmat)
        best = [np.log(startprob) + log_likelihood[0]]
    for row in log_likelihood[1:]:
        best.append((best[-1] + log_a.T).max(axis=1) + row)
    path = [int(best[-1].argmax())]
    for values in best[-2::-1]:
        path.append(int((values + log_a[:, path[-1]]).argmax()))
    return np.array(path)[::-1], float(np.max(best[-1]))


def viterbi_shifted(startprob, transmat, log_likelihood):
    """The best value of each time is taken out, and added up apart."""
    with np.errstate(divide="ignore"):
        current, log_a = np.log(startprob), np.log(transmat)
    total, came_from = 0.0, []
    for t, row in enumerate(log_likelihood):
        if t > 0:
            reached = current[:, None] + log_a
            came_from.append(reached.argmax(axis=0))
            current = reached.max(axis=0)
        current = current + row
        total += current.max()
        current = current - current.max()
    path = np.empty(len(log_likelihood), dtype=np.int64)
    path[-1] = current.argmax()
    for t in range(len(path) - 2, -1, -1):
        path[t] = came_from[t][path[t + 1]]
    return path, total


# ---------------------------------------------------------------------------------- stationary


def stationary_least_squares(transmat):
    k = len(transmat)
    equations = np.vstack([transmat.T - np.eye(k), np.ones(k)])
    return np.linalg.lstsq(equations, np.append(np.zeros(k), 1))[0]


def stationary_eigenvector(transmat):
    values, vectors = np.linalg.eig(transmat.T)
    vector = vectors[:, np.abs(values - 1).argmin()].real
    return vector / vector.sum()


def stationary_solve(transmat):
    """One of the equations follows from the others: the sum takes its place."""
    k = len(transmat)
    equations = transmat.T - np.eye(k)
    equations[-1] = 1
    right = np.zeros(k)
    right[-1] = 1
    return np.linalg.solve(equations, right)


def stationary_null_space(transmat):
    vector = null_space(transmat.T - np.eye(len(transmat)), rcond=1e-12)[:, 0]
    return vector / vector.sum()


def stationary_elimination(transmat):
    """State by state taken out of the chain, without a subtraction."""
    A = transmat.copy()
    k = len(A)
    for n in range(k - 1, 0, -1):
        A[:n, n] /= A[n, :n].sum()
        A[:n, :n] += np.outer(A[:n, n], A[n, :n])
    share = np.ones(k)
    for n in range(1, k):
        share[n] = share[:n] @ A[:n, n]
    return share / share.sum()


def stationary_lazy_power(transmat):
    """A chain that stays half of the time has the same shares, and settles."""
    lazy = (transmat + np.eye(len(transmat))) / 2
    for _ in range(25):
        lazy = lazy @ lazy
        lazy /= lazy.sum(axis=1, keepdims=True)
    return lazy[0]


RIGHT_ANSWERS = {
    "10.q_gradient_logits": (
        q_gradient_logits_rows,
        q_gradient_logits_jacobian,
        q_gradient_logits_python,
        q_gradient_logits_sequences,
    ),
    "10.update_startprob": (
        update_startprob_mean,
        update_startprob_sum,
        update_startprob_stack,
        update_startprob_loop,
    ),
    "10.update_transmat": (
        update_transmat_where,
        update_transmat_loop,
        update_transmat_ones,
        update_transmat_nan,
        update_transmat_python,
    ),
    "10.update_gaussian": (
        update_gaussian_joined,
        update_gaussian_sequence_by_sequence,
        update_gaussian_cov,
        update_gaussian_shifted,
        update_gaussian_python,
    ),
    "10.update_poisson": (
        update_poisson_joined,
        update_poisson_loop,
        update_poisson_average,
        update_poisson_sums,
    ),
    "10.viterbi": (
        viterbi_matrix,
        viterbi_python,
        viterbi_backtrack_values,
        viterbi_shifted,
    ),
    "10.stationary": (
        stationary_least_squares,
        stationary_eigenvector,
        stationary_solve,
        stationary_null_space,
        stationary_elimination,
        stationary_lazy_power,
    ),
}
