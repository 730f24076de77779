"""Steps for EM to run: paths of log-likelihoods that are written down, and small real models."""

import numpy as np
from scipy.special import logsumexp, xlogy
from scipy.stats import norm


def path(values):
    """Steps that walk along given log-likelihoods; the parameter is the place on the path."""

    def e_step(params):
        return {"place": params}, values[int(params)]

    def m_step(expectations):
        return expectations["place"] + 1

    return {"params": 0, "e_step": e_step, "m_step": m_step}


def raising(which, values):
    """The same walk, on which one of the steps fails at place 2."""
    given = path(values)

    def e_step(params):
        if params == 2:
            raise FloatingPointError("the E-step underflows")
        return given["e_step"](params)

    def m_step(expectations):
        if expectations["place"] == 2:
            raise ZeroDivisionError("the M-step divides by 0")
        return given["m_step"](expectations)

    return {**given, which: {"e_step": e_step, "m_step": m_step}[which]}


def linkage(rng):
    """Animals in four cells of chances (2 + p, 1 - p, 1 - p, p) / 4 (Dempster et al. 1977)."""
    first, *others, last = (int(n) for n in rng.integers([100, 12, 12, 25], [150, 25, 25, 45]))

    def e_step(params):
        log_likelihood = xlogy(first, 2 + params) + xlogy(sum(others), 1 - params)
        return first * params / (2 + params), float(log_likelihood + xlogy(last, params))

    def m_step(expectations):
        return (expectations + last) / (expectations + last + sum(others))

    return {"params": 0.1, "e_step": e_step, "m_step": m_step}


def coins(rng):
    """Sessions of ten flips, each with one of two coins, chosen evenly."""
    heads = np.concatenate([rng.binomial(10, 0.45, size=6), rng.binomial(10, 0.85, size=6)])

    def e_step(params):
        values = xlogy(heads[:, None], params) + xlogy(10 - heads[:, None], 1 - params)
        totals = logsumexp(values, axis=1)
        return np.exp(values - totals[:, None]), float(totals.sum() + len(heads) * np.log(0.5))

    def m_step(expectations):
        return heads @ expectations / (10 * expectations.sum(axis=0))

    return {"params": np.array([0.4, 0.6]), "e_step": e_step, "m_step": m_step}


def two_normals(rng, kind):
    """A mixture of two normals on a line; `kind` is tuple or dict."""
    names = ("weights", "means", "sds")
    x = np.concatenate([rng.normal(0, 1, size=15), rng.normal(4, 1, size=15)])

    def pack(*arrays):
        return arrays if kind is tuple else dict(zip(names, arrays, strict=True))

    def e_step(params):
        weights, means, sds = params if kind is tuple else (params[name] for name in names)
        values = np.log(weights) + norm.logpdf(x[:, None], means, sds)
        totals = logsumexp(values, axis=1)
        return (np.exp(values - totals[:, None]), x), float(totals.sum())

    def m_step(expectations):
        resp, x = expectations
        counts = resp.sum(axis=0)
        means = x @ resp / counts
        variances = ((x[:, None] - means) ** 2 * resp).sum(axis=0) / counts
        return pack(counts / len(x), means, np.sqrt(variances))

    start = pack(np.array([0.5, 0.5]), np.array([1.0, 2.0]), np.array([2.0, 2.0]))
    return {"params": start, "e_step": e_step, "m_step": m_step}
