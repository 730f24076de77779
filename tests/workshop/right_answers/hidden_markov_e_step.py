"""Right answers to assignment 09, each written in several ways. All of them must pass."""

import math

import numpy as np
from scipy.special import logsumexp

# ------------------------------------------------------------------------------------- forward


def forward_loop(startprob, transmat, likelihood):
    alpha = np.zeros(likelihood.shape)
    scale = np.zeros(len(likelihood))
    for t in range(len(likelihood)):
        if t == 0:
            alpha[t] = startprob * likelihood[t]
        else:
            alpha[t] = (alpha[t - 1] @ transmat) * likelihood[t]
        scale[t] = alpha[t].sum()
        alpha[t] /= scale[t]
    return alpha, scale


def forward_logs(startprob, transmat, likelihood):
    """Unscaled in log space; the scale is the ratio of neighbouring sums."""
    with np.errstate(divide="ignore"):
        log_start, log_a, log_b = np.log(startprob), np.log(transmat), np.log(likelihood)
    logs = [log_start + log_b[0]]
    for row in log_b[1:]:
        logs.append(logsumexp(logs[-1][:, None] + log_a, axis=0) + row)
    logs = np.array(logs)
    totals = logsumexp(logs, axis=1)
    return np.exp(logs - totals[:, None]), np.exp(np.diff(totals, prepend=0.0))


def forward_row_maximum(startprob, transmat, likelihood):
    largest = likelihood.max(axis=1)
    shares = likelihood / largest[:, None]
    rows, sums, predicted = [], [], startprob
    for share in shares:
        joint = predicted * share
        rows.append(joint / joint.sum())
        sums.append(joint.sum())
        predicted = transmat.T @ rows[-1]
    return np.array(rows), np.array(sums) * largest


def forward_python(startprob, transmat, likelihood):
    k = len(startprob)
    alpha, scale = [], []
    before = None
    for row in likelihood:
        if before is None:
            joint = [startprob[j] * row[j] for j in range(k)]
        else:
            joint = [
                math.fsum(before[i] * transmat[i, j] for i in range(k)) * row[j] for j in range(k)
            ]
        total = math.fsum(joint)
        before = [value / total for value in joint]
        alpha.append(before)
        scale.append(total)
    return np.array(alpha), np.array(scale)


def forward_einsum(startprob, transmat, likelihood):
    t, k = likelihood.shape
    alpha, scale = np.empty((t, k)), np.empty(t)
    state = startprob.copy()
    for s in range(t):
        if s > 0:
            state = np.einsum("i,ij->j", state, transmat)
        state = state * likelihood[s]
        scale[s] = np.linalg.norm(state, 1)
        state = state / scale[s]
        alpha[s] = state
    return alpha, scale


# ------------------------------------------------------------------------------------ backward


def backward_loop(transmat, likelihood, scale):
    t, k = likelihood.shape
    beta = np.ones((t, k))
    for s in reversed(range(t - 1)):
        beta[s] = transmat @ (likelihood[s + 1] * beta[s + 1]) / scale[s + 1]
    return beta


def backward_matrices(transmat, likelihood, scale):
    steps = transmat * (likelihood / scale[:, None])[:, None, :]
    rows = [np.ones(len(transmat))]
    for step in steps[:0:-1]:
        rows.insert(0, step @ rows[0])
    return np.array(rows)


def backward_python(transmat, likelihood, scale):
    t, k = likelihood.shape
    beta = np.zeros((t, k))
    beta[t - 1, :] = 1
    for s in range(t - 2, -1, -1):
        for i in range(k):
            total = 0.0
            for j in range(k):
                total += transmat[i, j] * (likelihood[s + 1, j] / scale[s + 1]) * beta[s + 1, j]
            beta[s, i] = total
    return beta


def backward_logs(transmat, likelihood, scale):
    with np.errstate(divide="ignore"):
        log_a, log_b = np.log(transmat), np.log(likelihood)
    logs = np.zeros_like(likelihood)
    for s in range(len(likelihood) - 2, -1, -1):
        logs[s] = logsumexp(log_a + log_b[s + 1] + logs[s + 1], axis=1)
    later = np.cumsum(np.log(scale)[::-1])[::-1] - np.log(scale)
    return np.exp(logs - later[:, None])


# ---------------------------------------------------------------------------- state_posteriors


def state_posteriors_product(alpha, beta):
    return alpha * beta


def state_posteriors_normalised(alpha, beta):
    gamma = np.multiply(alpha, beta)
    gamma /= gamma.sum(axis=1)[:, None]
    return gamma


def state_posteriors_python(alpha, beta):
    gamma = np.zeros_like(alpha)
    for t in range(alpha.shape[0]):
        row = [a * b for a, b in zip(alpha[t], beta[t], strict=True)]
        gamma[t] = [value / sum(row) for value in row]
    return gamma


def state_posteriors_logs(alpha, beta):
    with np.errstate(divide="ignore"):
        logs = np.log(alpha) + np.log(beta)
    return np.exp(logs - logsumexp(logs, axis=1, keepdims=True))


# ----------------------------------------------------------------------- transition_posteriors


def transition_posteriors_product(alpha, beta, transmat, likelihood, scale):
    onward = likelihood[1:] * beta[1:] / scale[1:, np.newaxis]
    return transmat * (alpha[:-1].T @ onward)


def transition_posteriors_outer(alpha, beta, transmat, likelihood, scale):
    xi = np.zeros(transmat.shape)
    for t in range(len(alpha) - 1):
        xi += np.outer(alpha[t], likelihood[t + 1] * beta[t + 1]) * transmat / scale[t + 1]
    return xi


def transition_posteriors_normalised(alpha, beta, transmat, likelihood, scale):
    """Each time's table is made to sum to 1; then the scale isn't needed."""
    xi = np.zeros_like(transmat)
    for t in range(1, len(alpha)):
        table = alpha[t - 1][:, None] * transmat * likelihood[t] * beta[t]
        xi += table / table.sum()
    return xi


def transition_posteriors_einsum(alpha, beta, transmat, likelihood, scale):
    return np.einsum(
        "ti,ij,tj,tj,t->ij", alpha[:-1], transmat, likelihood[1:], beta[1:], 1 / scale[1:]
    )


def transition_posteriors_python(alpha, beta, transmat, likelihood, scale):
    t, k = alpha.shape
    xi = np.zeros((k, k))
    for i in range(k):
        for j in range(k):
            xi[i, j] = math.fsum(
                alpha[s, i] * transmat[i, j] * likelihood[s + 1, j] / scale[s + 1] * beta[s + 1, j]
                for s in range(t - 1)
            )
    return xi


# --------------------------------------------------------------------- sequence_log_likelihood


def sequence_log_likelihood_forward(startprob, transmat, log_likelihood):
    with np.errstate(divide="ignore"):
        log_alpha, log_a = np.log(startprob) + log_likelihood[0], np.log(transmat)
    for row in log_likelihood[1:]:
        log_alpha = logsumexp(log_alpha[:, None] + log_a, axis=0) + row
    return logsumexp(log_alpha)


def sequence_log_likelihood_backward(startprob, transmat, log_likelihood):
    """From the end to the beginning."""
    with np.errstate(divide="ignore"):
        log_start, log_a = np.log(startprob), np.log(transmat)
    log_beta = np.zeros(len(startprob))
    for row in log_likelihood[:0:-1]:
        log_beta = logsumexp(log_a + row + log_beta, axis=1)
    return float(logsumexp(log_start + log_likelihood[0] + log_beta))


def sequence_log_likelihood_weighted(startprob, transmat, log_likelihood):
    """logsumexp takes the probabilities as weights, so that no log 0 is ever asked for."""
    log_alpha = logsumexp(log_likelihood[:1], b=startprob[None], axis=0)
    for row in log_likelihood[1:]:
        log_alpha = logsumexp(log_alpha[:, None], b=transmat, axis=0) + row
    return logsumexp(log_alpha)


def sequence_log_likelihood_python(startprob, transmat, log_likelihood):
    def log(p):
        return math.log(p) if p > 0 else -math.inf

    def log_sum_exp(values):
        largest = max(values)
        if largest == -math.inf:
            return largest
        return largest + math.log(math.fsum(math.exp(v - largest) for v in values))

    states = range(len(startprob))
    current = [log(startprob[j]) + log_likelihood[0, j] for j in states]
    for row in log_likelihood[1:]:
        current = [
            log_sum_exp([current[i] + log(transmat[i, j]) for i in states]) + row[j] for j in states
        ]
    return log_sum_exp(current)


def sequence_log_likelihood_pairs(startprob, transmat, log_likelihood):
    """Matrices of steps, multiplied in pairs until one is left."""
    with np.errstate(divide="ignore"):
        log_start, log_a = np.log(startprob), np.log(transmat)
    steps = [log_a + row for row in log_likelihood[1:]]
    while len(steps) > 1:
        pairs = [
            logsumexp(a[:, :, None] + b[None], axis=1)
            for a, b in zip(steps[::2], steps[1::2], strict=False)
        ]
        steps = pairs + steps[len(pairs) * 2 :]
    log_alpha = log_start + log_likelihood[0]
    return logsumexp(log_alpha[:, None] + steps[0]) if steps else logsumexp(log_alpha)


# ----------------------------------------------------------------------------- expected_visits


def expected_visits_entered(gamma, xi):
    return gamma[0] + xi.sum(axis=0) - np.diag(xi)


def expected_visits_left(gamma, xi):
    """A visit ends with a step to another state, or with the sequence."""
    leaving = xi * (1 - np.eye(len(xi)))
    return leaving.sum(axis=1) + gamma[-1]


def expected_visits_times_less_stays(gamma, xi):
    """Every time belongs to a visit; all but the first of a visit come by a step that stays."""
    return gamma.sum(axis=0) - xi.diagonal()


def expected_visits_python(gamma, xi):
    k = gamma.shape[1]
    visits = np.zeros(k)
    for j in range(k):
        visits[j] = gamma[0, j]
        for i in range(k):
            if i != j:
                visits[j] += xi[i, j]
    return visits


RIGHT_ANSWERS = {
    "09.forward": (
        forward_loop,
        forward_logs,
        forward_row_maximum,
        forward_python,
        forward_einsum,
    ),
    "09.backward": (
        backward_loop,
        backward_matrices,
        backward_python,
        backward_logs,
    ),
    "09.state_posteriors": (
        state_posteriors_product,
        state_posteriors_normalised,
        state_posteriors_python,
        state_posteriors_logs,
    ),
    "09.transition_posteriors": (
        transition_posteriors_product,
        transition_posteriors_outer,
        transition_posteriors_normalised,
        transition_posteriors_einsum,
        transition_posteriors_python,
    ),
    "09.sequence_log_likelihood": (
        sequence_log_likelihood_forward,
        sequence_log_likelihood_backward,
        sequence_log_likelihood_weighted,
        sequence_log_likelihood_python,
        sequence_log_likelihood_pairs,
    ),
    "09.expected_visits": (
        expected_visits_entered,
        expected_visits_left,
        expected_visits_times_less_stays,
        expected_visits_python,
    ),
}
