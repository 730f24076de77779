"""Hidden Markov chains on plain arrays: forward, backward, posteriors and the best path.

The recursions as the textbook has them, one sequence and one step at a time. `emkit.sweep` does the
same for many sequences, or for the blocks of a long one, side by side.
"""

import numpy as np

from emkit.arguments import finite_array


def forward(startprob, transmat, likelihood):
    """Scaled forward recursion (Rabiner 1989, section V.A; Bishop 2006, eq. 13.59).

    Parameters
    ----------
    startprob : (k,) array
        p(z_1 = j).
    transmat : (k, k) array
        A[i, j] = p(z_{t+1} = j | z_t = i); rows sum to 1, zeros allowed.
    likelihood : (t, k) array
        p(x_t | z_t = j); each row may be multiplied by a positive constant.

    Returns
    -------
    alpha : (t, k) array
        p(z_t = j | x_1 … x_t); rows sum to 1.
    scale : (t,) array
        p(x_t | x_1 … x_{t-1}), times the row's constant: the log-likelihood is Σ log scale.

    Raises
    ------
    ValueError
        For shapes that don't agree, or a row that is 0 in every state that can be reached.
    """
    transmat, likelihood = check_chain(transmat, likelihood)
    startprob = check_startprob(startprob, len(transmat))
    alpha, scale = np.empty_like(likelihood), np.empty(len(likelihood))
    predicted = startprob
    for t, row in enumerate(likelihood):
        joint = predicted * row
        scale[t] = joint.sum()
        if not scale[t] > 0:
            raise ValueError(f"likelihood[{t}] is 0 in every state that can be reached")
        alpha[t] = joint / scale[t]
        predicted = alpha[t] @ transmat
    return alpha, scale


def backward(transmat, likelihood, scale):
    """Scaled backward recursion (Bishop 2006, eq. 13.62).

    Parameters
    ----------
    transmat : (k, k) array
    likelihood : (t, k) array
    scale : (t,) array
        From `forward` with the same likelihood.

    Returns
    -------
    beta : (t, k) array
        p(x_{t+1} … | z_t = j) / p(x_{t+1} … | x_1 … x_t); the last row is 1.
    """
    transmat, likelihood = check_chain(transmat, likelihood)
    scale = check_scale(scale, likelihood)
    beta = np.ones_like(likelihood)
    for t in range(len(likelihood) - 2, -1, -1):
        beta[t] = transmat @ (likelihood[t + 1] * beta[t + 1]) / scale[t + 1]
    return beta


def state_posteriors(alpha, beta):
    """γ: p(z_t = j | x_1 … x_T), a (t, k) array whose rows sum to 1 (Bishop 2006, eq. 13.64)."""
    alpha, beta = finite_array("alpha", alpha, 2, "(t, k)"), finite_array("beta", beta, 2, "(t, k)")
    if alpha.shape != beta.shape:
        raise ValueError(f"alpha has shape {alpha.shape}, beta {beta.shape}, expected the same")
    gamma = alpha * beta
    return gamma / gamma.sum(axis=1, keepdims=True)


def transition_posteriors(alpha, beta, transmat, likelihood, scale):
    """ξ: Σ_t p(z_t = i, z_{t+1} = j | x), a (k, k) array that sums to t - 1 (Bishop, eq. 13.65).

    The sum over t of outer products is one matrix product.
    """
    transmat, likelihood = check_chain(transmat, likelihood)
    scale = check_scale(scale, likelihood)
    for name, values in (("alpha", alpha), ("beta", beta)):
        if np.shape(values) != likelihood.shape:
            raise ValueError(
                f"{name} has shape {np.shape(values)}, likelihood {likelihood.shape}, "
                f"expected the same"
            )
    onward = likelihood[1:] * beta[1:] / scale[1:, None]
    return transmat * (np.asarray(alpha)[:-1].T @ onward)


def sequence_log_likelihood(startprob, transmat, log_likelihood):
    """log p(x_1 … x_T), in log space from beginning to end.

    No path is ever lost to underflow, however improbable it looks on the way: the state with a
    row's largest value may be out of reach, and rows may differ by 1e5 and more.

    Parameters
    ----------
    startprob : (k,) array
    transmat : (k, k) array
    log_likelihood : (t, k) array
        log p(x_t | z_t = j), of any size; -inf is allowed.

    Returns
    -------
    float
        -inf if no path can make the sequence.
    """
    transmat, log_b = check_chain(transmat, log_likelihood, logs=True)
    startprob = check_startprob(startprob, len(transmat))
    log_transmat = safe_log(transmat)
    log_predicted, total = safe_log(startprob), 0.0
    for row in log_b:
        log_joint = log_predicted + row
        log_scale = log_sum_exp(log_joint, axis=0)
        if log_scale == -np.inf:
            return -np.inf
        total += log_scale
        log_predicted = log_sum_exp((log_joint - log_scale)[:, None] + log_transmat, axis=0)
    return float(total)


def viterbi(startprob, transmat, log_likelihood):
    """The most probable path of states (Viterbi 1967), in log space.

    Parameters
    ----------
    startprob : (k,) array
    transmat : (k, k) array
        Zeros are allowed.
    log_likelihood : (t, k) array
        log p(x_t | z_t = j); -inf is allowed.

    Returns
    -------
    path : (t,) array of integers
        At a tie the lower state wins, at the end and at each step back.
    log_prob : float
        log p(path, x); -inf if no path can make the sequence.
    """
    transmat, log_b = check_chain(transmat, log_likelihood, logs=True)
    startprob = check_startprob(startprob, len(transmat))
    log_transmat, states = safe_log(transmat).T, np.arange(len(startprob))
    best = safe_log(startprob) + log_b[0]
    came_from = np.zeros(log_b.shape, dtype=int)
    for t in range(1, len(log_b)):
        reached = log_transmat + best  # [j, i]: at j, coming from i
        came_from[t] = reached.argmax(axis=1)
        best = reached[states, came_from[t]] + log_b[t]
    path = np.empty(len(log_b), dtype=int)
    path[-1] = best.argmax()
    for t in range(len(log_b) - 1, 0, -1):
        path[t - 1] = came_from[t, path[t]]
    return path, float(best.max())


def stationary(transmat):
    """The distribution over states that a step leaves as it is: π A = π.

    Where several do (the chain falls into parts that never meet), the one of least Σ π_j².

    Parameters
    ----------
    transmat : (k, k) array

    Returns
    -------
    (k,) array, sums to 1
    """
    transmat = check_transmat(transmat)
    k = len(transmat)
    equations = np.vstack([transmat.T - np.eye(k), np.ones(k)])
    solution = np.linalg.lstsq(equations, np.append(np.zeros(k), 1.0))[0]
    solution = np.maximum(solution, 0)  # below 0 by rounding only
    return solution / solution.sum()


# ------------------------------------------------------------------------- what they all check


def check_transmat(transmat):
    """`transmat` as a float64 array, after checking that its rows are distributions."""
    transmat = finite_array("transmat", transmat, 2, "(k, k)")
    if not len(transmat) or transmat.shape[0] != transmat.shape[1]:
        raise ValueError(f"transmat has shape {transmat.shape}, expected (k, k)")
    bad = (transmat.min(axis=1) < 0) | (np.abs(transmat.sum(axis=1) - 1) > 1e-8)
    for i in np.flatnonzero(bad):
        raise ValueError(f"transmat[{i}] is {transmat[i]}, expected none below 0 and a sum of 1")
    return transmat


def check_startprob(startprob, k):
    """`startprob` as a float64 array, after checking that it is a distribution over k states."""
    startprob = finite_array("startprob", startprob, 1, "(k,)")
    if startprob.shape != (k,):
        raise ValueError(f"startprob has shape {startprob.shape}, but transmat is for {k} states")
    if startprob.min() < 0 or abs(startprob.sum() - 1) > 1e-8:
        raise ValueError(f"startprob is {startprob}, expected none below 0 and a sum of 1")
    return startprob


def check_chain(transmat, values, logs=False):
    """The arguments as float64 arrays, after checking that they belong together."""
    name = "log_likelihood" if logs else "likelihood"
    transmat = check_transmat(transmat)
    k = len(transmat)
    if logs:
        values = with_minus_infinity(name, values)
    else:
        values = finite_array(name, values, 2, "(t, k)")
        if values.size and values.min() < 0:
            raise ValueError(f"likelihood has {values.min()} in it, expected none below 0")
    if values.shape[1] != k or not len(values):
        raise ValueError(f"{name} has shape {values.shape}, expected (t, {k}) with t at least 1")
    return transmat, values


def with_minus_infinity(name, values):
    """`values` as a float64 array (t, k) without NaN; -inf is the log of 0."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return finite_array(name, values, 2, "(t, k)")  # says what is wrong
    finite_array(name, np.where(array == -np.inf, 0, array), 2, "(t, k)")
    return array


def check_scale(scale, likelihood):
    """`scale` as a float64 array, after checking that it has a positive number for each row."""
    scale = finite_array("scale", scale, 1, "(t,)")
    if scale.shape != likelihood.shape[:1] or scale.min() <= 0:
        raise ValueError(f"scale has to hold {len(likelihood)} numbers above 0, one for each row")
    return scale


def safe_log(probabilities):
    """Natural logarithm; that of 0 is -inf, quietly."""
    with np.errstate(divide="ignore"):
        return np.log(probabilities)


def log_sum_exp(values, axis):
    """log Σ exp along an axis; a sum over -inf alone is -inf."""
    largest = values.max(axis=axis, keepdims=True)
    largest = np.where(largest == -np.inf, 0, largest)
    sums = np.exp(values - largest).sum(axis=axis)
    return safe_log(sums) + np.squeeze(largest, axis=axis)
