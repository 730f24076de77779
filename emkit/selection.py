"""Choosing among fits: information criteria, held-out likelihood, and labels that agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import entr

from emkit import em
from emkit.arguments import check_sample_weight, check_whole_number, finite_array
from emkit.numerics import Impossible


def aic(log_likelihood, n_parameters):
    """Akaike's criterion, -2 log-likelihood + 2 parameters; the smaller, the better (1974).

    Parameters
    ----------
    log_likelihood : float
        Total over the data, in nats, at its maximum.
    n_parameters : int
        Number of free parameters.
    """
    check_log_likelihood(log_likelihood)
    check_whole_number("n_parameters", n_parameters, least=0)
    return float(-2 * log_likelihood + 2 * n_parameters)


def bic(log_likelihood, n_parameters, n):
    """Bayesian criterion, -2 log-likelihood + parameters · ln n; the smaller, the better.

    Parameters
    ----------
    log_likelihood : float
        Total over the data, in nats, at its maximum.
    n_parameters : int
        Number of free parameters.
    n : int
        Number of observations.

    Notes
    -----
    Schwarz (1978), Annals of Statistics 6, times -2. Some programs, mclust among them, report it
    with the other sign.
    """
    check_log_likelihood(log_likelihood)
    check_whole_number("n_parameters", n_parameters, least=0)
    check_whole_number("n", n, least=1)
    return float(-2 * log_likelihood + n_parameters * np.log(n))


def icl(log_likelihood, n_parameters, n, resp):
    """Integrated completed likelihood: BIC plus twice the entropy of the responsibilities.

    The entropy is 0 where each point belongs to one component, so components that overlap cost
    more than with BIC; the smaller, the better.

    Parameters
    ----------
    log_likelihood, n_parameters, n
        As of `bic`.
    resp : (n, k) array
        Responsibilities; rows sum to 1.

    Notes
    -----
    Biernacki, Celeux and Govaert (2000), IEEE Transactions on Pattern Analysis and Machine
    Intelligence 22, in the form with soft labels, called ICL-BIC by McLachlan and Peel (2000),
    Finite Mixture Models, chapter 6.
    """
    resp = check_shares("resp", resp)
    if len(resp) != n:
        raise ValueError(f"resp has {len(resp)} rows, but n is {n}")
    return bic(log_likelihood, n_parameters, n) + 2 * float(entr(resp).sum())


def n_parameters_gaussian(k, d, covariance_type="full"):
    """Free parameters of a mixture of `k` Gaussians in `d` dimensions.

    k - 1 weights (they sum to 1), k · d means, and of covariances: d(d + 1)/2 a component if
    'full', d(d + 1)/2 in all if 'tied', d a component if 'diag', 1 a component if 'spherical'.
    """
    check_whole_number("k", k, least=1)
    check_whole_number("d", d, least=1)
    covariances = {
        "full": k * d * (d + 1) // 2,
        "tied": d * (d + 1) // 2,
        "diag": k * d,
        "spherical": k,
    }
    if covariance_type not in covariances:
        raise ValueError(
            f"covariance_type is {covariance_type!r}, expected one of {', '.join(covariances)}"
        )
    return (k - 1) + k * d + covariances[covariance_type]


def n_parameters_latent_class(k, m, c):
    """Free parameters of `k` latent classes that answer `m` items of `c` categories each.

    k - 1 weights, and for each class and item c - 1 probabilities: k - 1 + k · m · (c - 1).
    """
    check_whole_number("k", k, least=1)
    check_whole_number("m", m, least=1)
    check_whole_number("c", c, least=1)
    return k - 1 + k * m * (c - 1)


def align_labels(resp, reference):
    """The order of columns in which `resp` overlaps `reference` most.

    The components of two fits come in any order. This finds the best of all k! orders in O(k³),
    as an assignment problem (Kuhn 1955).

    Parameters
    ----------
    resp, reference : (n, k) arrays
        Responsibilities of two fits for the same points; one-hot rows for true labels.

    Returns
    -------
    p : (k,) integer array
        The permutation for which Σ resp[:, p] · reference is largest.
    """
    resp = finite_array("resp", resp, 2, "(n, k)")
    reference = finite_array("reference", reference, 2, "(n, k)")
    if resp.shape != reference.shape:
        raise ValueError(
            f"resp has shape {resp.shape}, reference {reference.shape}, expected the same"
        )
    return linear_sum_assignment(reference.T @ resp, maximize=True)[1]


def held_out_log_likelihood(model, params, data, sample_weight=None):
    """Log-likelihood of data that the parameters were not fitted to: a total, in nats.

    -inf where the parameters say that the data can't be, such as an answer that no row of the fit
    gave. A prior prevents that.
    """
    data = model.prepare(data, sample_weight)
    try:
        return float(model.e_step(params, data).log_likelihood)
    except Impossible:
        return -np.inf


@dataclass(frozen=True)
class CrossValidation:
    """Held-out scores of models of several sizes.

    Attributes
    ----------
    ks : (sizes,) array
        The numbers of components that were tried.
    scores : (sizes, folds) array
        Mean log-likelihood of a held-out row or sequence, in nats; -inf where each run was
        degenerate, or a held-out row impossible.
    reasons : tuple of tuples of str
        Why the fit of each size and fold stopped.
    """

    ks: np.ndarray
    scores: np.ndarray
    reasons: tuple[tuple[str, ...], ...]

    @property
    def mean(self):
        """(sizes,) array: mean score over the folds."""
        return self.scores.mean(axis=1)

    @property
    def standard_error(self):
        """(sizes,) array: standard error of the mean over the folds; inf where a score is -inf."""
        sound = np.isfinite(self.scores).all(axis=1)
        spread = np.where(sound[:, None], self.scores, 0).std(axis=1, ddof=1)
        return np.where(sound, spread / np.sqrt(self.scores.shape[1]), np.inf)

    @property
    def best_k(self):
        """The size with the highest mean score, the first of `ks` at a tie."""
        return int(self.ks[self.mean.argmax()])


def cross_validate(model_of_k, data, ks, folds, rng, *, sample_weight=None, **options):
    """Fit models of several sizes to all folds but one, and score each on the fold left out.

    More components always fit better; they predict better only as long as they are in the data
    (Smyth 2000, Statistics and Computing 10). All sizes see the same folds.

    Parameters
    ----------
    model_of_k : callable
        A model for a number of components, for example `emkit.GaussianMixture`, or
        `lambda k: emkit.HMM(families.Gaussian(), k)`.
    data : array or list
        Rows, or the sequences of a hidden Markov model: whatever the model can divide.
    ks : sequence of int
        Numbers of components to try.
    folds : int
        At least 2, at most the number of rows or sequences.
    rng : numpy.random.Generator
        For the folds and the starts.
    sample_weight : (n,) array, optional
        How often each row counts.
    **options
        For `emkit.fit`, such as `n_init=10`; not `start`.

    Returns
    -------
    CrossValidation

    Raises
    ------
    ValueError
        For bad arguments, or a model such as pLSA with parameters for each row; what `emkit.fit`
        raises for the data goes on to the caller.
    """
    ks = check_ks(ks)
    models = [model_of_k(k) for k in ks]
    data = models[0].divisible(data)
    try:
        n = len(data)
    except TypeError:
        raise ValueError(f"data is {data!r}, expected rows or sequences") from None
    check_whole_number("folds", folds, least=2)
    if folds > n:
        raise ValueError(f"folds is {folds}, expected at most {n}, the number of rows or sequences")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng is {rng!r}, expected a numpy.random.Generator")
    if "start" in options:
        raise ValueError("start is given, but models of different sizes cannot start alike")
    weights = check_sample_weight(sample_weight, n)
    groups = np.array_split(rng.permutation(n), folds)
    scores = np.empty((len(ks), folds))
    reasons = []
    for row, model in zip(scores, models, strict=True):
        outcomes = [score(model, data, weights, group, rng, options) for group in groups]
        row[:] = [value for value, _ in outcomes]
        reasons.append(tuple(reason for _, reason in outcomes))
    return CrossValidation(np.array(ks), scores, tuple(reasons))


def score(model, data, weights, held_out, rng, options):
    """Mean log-likelihood of the held-out rows, and why the fit to all others stopped."""
    counted = np.arange(len(data)) if weights is None else np.flatnonzero(weights)
    held_out, rest = np.intersect1d(counted, held_out), np.setdiff1d(counted, held_out)
    total = len(held_out) if weights is None else weights[held_out].sum()
    if total == 0:
        raise ValueError("sample_weight is 0 in a whole fold, expected fewer folds or other rows")
    fit = em.fit(model, take(data, rest), sample_weight=take(weights, rest), rng=rng, **options)
    if all(run.degenerate for run in fit.runs):
        return -np.inf, fit.reason
    value = held_out_log_likelihood(
        model, fit.params, take(data, held_out), take(weights, held_out)
    )
    return value / total, fit.reason


def take(data, rows):
    """Some items of a list, or rows of what is or can be an array; None of None."""
    if data is None:
        return None
    return [data[i] for i in rows] if isinstance(data, list | tuple) else np.asarray(data)[rows]


def check_log_likelihood(value):
    """Raise `ValueError` unless `value` is one number; -inf says that the data are impossible."""
    if not isinstance(value, Real) or np.isnan(value):
        raise ValueError(f"log_likelihood is {value!r}, expected a number")


def check_ks(ks):
    """The numbers of components to try as a list of integers, all different."""
    if not isinstance(ks, Sequence | np.ndarray) or isinstance(ks, str) or not len(ks):
        raise ValueError(f"ks is {ks!r}, expected a sequence of numbers of components")
    for k in ks:
        check_whole_number("a value of ks", k, least=1)
    if len(set(ks)) < len(ks):
        raise ValueError(f"ks is {ks!r}, expected each number once")
    return [int(k) for k in ks]


def check_shares(name, value):
    """An (n, k) float array whose rows are distributions."""
    array = finite_array(name, value, 2, "(n, k)")
    for i in np.flatnonzero((array.min(axis=1) < 0) | (np.abs(array.sum(axis=1) - 1) > 1e-8)):
        raise ValueError(f"{name}[{i}] is {array[i]}, expected none below 0 and a sum of 1")
    return array
