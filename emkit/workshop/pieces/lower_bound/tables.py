"""Tables of log-joints and distributions that the cases are drawn from, and the right answers."""

import numpy as np
from scipy.special import entr, logsumexp

from emkit.numerics import normalise_rows
from emkit.workshop.piece import Case


def random_q(rng, n, k):
    """Rows well inside of the simplex: no zeros."""
    return 0.9 * rng.dirichlet(np.ones(k), size=n) + 0.1 / k


def random_joint(rng, n, k):
    """Log-joints whose rows differ in level, as rows of data do."""
    return rng.normal(scale=1.5, size=(n, k)) - rng.uniform(1, 6, size=(n, 1))


def small_q(rng):
    """Two rows in numbers that can be typed."""
    shares = rng.choice([0.1, 0.2, 0.3, 0.4], size=2, replace=False)
    return np.column_stack([shares, 1 - shares]).round(1)


def small_joint(rng):
    """Two rows in numbers that can be typed, far from ties."""
    lower = -rng.choice([3.1, 3.4, 3.7, 4.2], size=2, replace=False)
    return np.column_stack([lower, lower + rng.choice([0.9, 1.3, 1.6], size=2)]).round(1)


def with_zeros(rng, n, k):
    """Rows of which some entries, never all, are exactly 0."""
    q = random_q(rng, n, k)
    q[np.arange(n), rng.integers(k, size=n)] = 0
    q[0] = np.arange(k) == rng.integers(k)
    return q / q.sum(axis=1, keepdims=True)


def table(q, log_joint):
    return {"q": q, "log_joint": log_joint}


def bound_cases(rng):
    """Cases of the pieces that take q and log_joint."""
    touching = random_joint(rng, 5, 3)
    zeros, impossible = with_zeros(rng, 5, 3), with_zeros(rng, 6, 3)
    ruled_out = np.where(impossible == 0, -np.inf, random_joint(rng, 6, 3))
    certain = np.eye(4)[rng.integers(4, size=5)]
    return [
        Case("2 rows, 2 components", table(small_q(rng), small_joint(rng))),
        Case("7 rows, 3 components", table(random_q(rng, 7, 3), random_joint(rng, 7, 3))),
        Case("a single row, 4 components", table(random_q(rng, 1, 4), random_joint(rng, 1, 4))),
        Case("a single component", table(np.ones((4, 1)), random_joint(rng, 4, 1))),
        Case("a q that is the posterior", table(right_best_q(touching), touching), rtol=1e-6),
        Case("zeros in q", table(zeros, random_joint(rng, 5, 3)), hard=True),
        Case("zeros in q where log_joint is -inf", table(impossible, ruled_out), hard=True),
        Case("a q that is certain", table(certain, random_joint(rng, 5, 4)), hard=True),
        Case("log-joints near -100,000",
             table(random_q(rng, 4, 3), -1e5 + 2000 * random_joint(rng, 4, 3)), hard=True),
        Case("log-joints near 3,000",
             table(random_q(rng, 4, 2), 3000 + 100 * random_joint(rng, 4, 2)), hard=True),
    ]  # fmt: skip


def times(q, values):
    """q · values, 0 where q is 0, whatever the value there."""
    return np.multiply(q, values, out=np.zeros_like(q), where=q > 0)


def right_entropy(q):
    """By SciPy's −q log q, 0 at 0."""
    return float(entr(q).sum())


def right_elbo(q, log_joint):
    """The expected log-joint plus the entropy."""
    return float(times(q, log_joint).sum() + right_entropy(q))


def right_best_q(log_joint):
    """By the engine's shift, exp and division."""
    return normalise_rows(log_joint)[0]


def right_log_likelihood(log_joint):
    """By the engine's log-sum-exp."""
    return float(normalise_rows(log_joint)[1].sum())


def log_posterior(log_joint):
    """log p(z_i = j | x_i), also where the probability itself underflows."""
    return log_joint - normalise_rows(log_joint)[1][:, None]


def naive_terms(q, values):
    """q · values as it reads: NaN where both a 0 and an infinity meet."""
    with np.errstate(invalid="ignore"):
        return q * values


def naive_log(q):
    """log q as it reads: -inf at 0."""
    with np.errstate(divide="ignore"):
        return np.log(q)


def log_likelihood_through_exp(log_joint):
    """What many begin with: it underflows or overflows."""
    with np.errstate(over="ignore", divide="ignore"):
        return np.log(np.exp(log_joint).sum(axis=1)).sum()


def slack(log_joint):
    """How much rounding may move a total of these log-joints."""
    return 1e-9 * max(1.0, np.abs(logsumexp(log_joint, axis=1)).sum())


def is_posterior(q, log_joint):
    """Whether q is the distribution at which the bound touches."""
    return np.allclose(q, right_best_q(log_joint), rtol=1e-9, atol=1e-12)


def most_left_out(q, log_joint):
    """No q with this support leaves out more: all of it on the row's least likely component."""
    return np.where(q > 0, -log_posterior(log_joint), -np.inf).max(axis=1).sum()
