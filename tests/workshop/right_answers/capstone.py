"""Right answers to assignment 12: emkit alone, with a learner's pieces, with NumPy alone."""

from functools import partial

import numpy as np
from scipy.special import logsumexp

import emkit
from emkit import families
from emkit.convergence import relative_gain
from emkit.selection import cross_validate
from emkit.workshop import gaussian_mixture, hidden_markov
from right_answers import (
    gaussian_mixtures_e_step,
    gaussian_mixtures_m_step,
    hidden_markov_e_step,
    hidden_markov_m_step,
)

my_mixture = partial(
    gaussian_mixture,
    log_gaussian=gaussian_mixtures_e_step.log_gaussian_numpy,
    responsibilities=gaussian_mixtures_e_step.responsibilities_softmax,
    update_means=gaussian_mixtures_m_step.update_means_product,
)
my_chain = partial(
    hidden_markov,
    forward=hidden_markov_e_step.forward_loop,
    backward=hidden_markov_e_step.backward_loop,
    update_transmat=hidden_markov_m_step.update_transmat_where,
)

# ---------------------------------------------------------- parameters as the capstone wants them


def of_mixture(params):
    return params.weights, params.components.means, np.array(params.components.matrices())


def of_chain(params):
    emissions = params.emissions
    return params.startprob, params.transmat, emissions.means, np.array(emissions.matrices())


def log_spend(spend):
    return np.log(spend + 100)


def centred(sequences):
    return [sequence - sequence.mean(axis=0) for sequence in sequences]


def all_runs(model, data, as_tuple, n_init, max_iter, rng):
    fit = emkit.fit(model, data, n_init=n_init, max_iter=max_iter, rng=rng)
    runs = sorted(fit.runs, key=lambda run: run.objective - 1e12 * run.degenerate, reverse=True)
    return [(as_tuple(run.params), list(run.history), run.reason) for run in runs]


def one_at_a_time(model, data, as_tuple, n_init, max_iter, rng):
    runs, broken = [], []
    for _ in range(n_init):
        fit = emkit.fit(model, data, max_iter=max_iter, rng=rng)
        run = (as_tuple(fit.params), fit.history, fit.reason)
        (broken if fit.runs[0].degenerate else runs).append(run)
    return sorted(runs, key=lambda run: run[1][-1])[::-1] + broken


# ------------------------------------------------------------------------ EM with NumPy alone


def climb(start, e_step, m_step, max_iter):
    """Params, history and reason; the E-step gives the expectations and the log-likelihood."""
    params, history = start, []
    try:
        while True:
            expectations, value = e_step(params)
            history.append(float(value))
            settled = params
            if len(history) > 1 and history[-1] - history[-2] <= 1e-6 * max(1, abs(value)):
                return settled, history, "converged"
            if len(history) > max_iter:
                return settled, history, "max_iter"
            params = m_step(expectations)
            if np.linalg.eigvalsh(params[-1]).min() < 1e-6:
                return settled, history, "a covariance has collapsed"
    except np.linalg.LinAlgError as error:
        return settled, history, f"a covariance has collapsed: {error}"


def log_normal(X, means, covariances):
    """(n, k)"""
    d = X.shape[1]
    values = []
    for mean, covariance in zip(means, covariances, strict=True):
        u = np.linalg.solve(np.linalg.cholesky(covariance), (X - mean).T)
        log_det = np.linalg.slogdet(covariance)[1]
        values.append(-0.5 * (d * np.log(2 * np.pi) + log_det + (u**2).sum(axis=0)))
    return np.column_stack(values)


def weighted(X, resp):
    means = (resp.T @ X) / resp.sum(axis=0)[:, None]
    deviations = X[:, None] - means
    products = np.einsum("nk,nkd,nke->kde", resp, deviations, deviations)
    return means, products / resp.sum(axis=0)[:, None, None]


def mixture_by_hand(X, start, max_iter, shape=1.0):
    """`shape` multiplies the covariances: the identity makes them diagonal."""

    def e_step(params):
        weights, means, covariances = params
        values = np.log(weights) + log_normal(X, means, covariances)
        rows = logsumexp(values, axis=1, keepdims=True)
        return np.exp(values - rows), rows.sum()

    def m_step(resp):
        means, covariances = weighted(X, resp)
        return resp.mean(axis=0), means, covariances * shape

    return climb(start, e_step, m_step, max_iter)


def two_random_halves(X, k, rng):
    """Random responsibilities, and the parameters that follow."""
    resp = rng.dirichlet(np.ones(k), size=len(X))
    return resp.mean(axis=0), *weighted(X, resp)


def random_rows(X, k, rng):
    means = X[rng.choice(len(X), size=k, replace=False)]
    covariance = np.cov(X.T, bias=True)
    return np.full(k, 1 / k), means, np.stack([covariance] * k)


def chain_by_hand(sequences, start, max_iter, shape=1.0):
    X = np.concatenate(sequences)
    ends = np.cumsum([len(sequence) for sequence in sequences])[:-1]

    def e_step(params):
        startprob, transmat, means, covariances = params
        logs = log_normal(X, means, covariances)
        starts, steps, gammas, total = 0, 0, [], 0.0
        for part in np.split(logs, ends):
            b = np.exp(part - part.max(axis=1, keepdims=True))
            alpha, scale = np.empty_like(b), np.empty(len(b))
            predicted = startprob
            for t in range(len(b)):
                alpha[t] = predicted * b[t]
                scale[t] = alpha[t].sum()
                alpha[t] /= scale[t]
                predicted = alpha[t] @ transmat
            beta = np.ones_like(b)
            for t in range(len(b) - 2, -1, -1):
                beta[t] = transmat @ (b[t + 1] * beta[t + 1]) / scale[t + 1]
            gamma = alpha * beta
            later = b[1:] * beta[1:] / scale[1:, None]
            starts, steps = starts + gamma[0], steps + transmat * (alpha[:-1].T @ later)
            gammas.append(gamma)
            total += np.log(scale).sum() + part.max(axis=1).sum()
        return (starts, steps, np.concatenate(gammas)), total

    def m_step(expectations):
        starts, steps, gamma = expectations
        means, covariances = weighted(X, gamma)
        rows = steps.sum(axis=1, keepdims=True)
        transmat = np.where(rows > 0, steps / np.where(rows > 0, rows, 1), 1 / len(rows))
        return starts / starts.sum(), transmat, means, covariances * shape

    return climb(start, e_step, m_step, max_iter)


def lingering(sequences, k, rng):
    """States that begin at random rows and are mostly kept."""
    weights, means, covariances = random_rows(np.concatenate(sequences), k, rng)
    transmat = 0.8 * np.eye(k) + 0.2 / k
    return weights, transmat, means, covariances


def equal_pieces(sequences, k, rng):
    """States that share each recording out evenly, with a little chance."""
    X = np.concatenate(sequences)
    resp = 0.02 + np.concatenate(
        [np.eye(k)[np.arange(len(one)) * k // len(one)] for one in sequences]
    )
    resp = resp * rng.uniform(0.7, 1.3, size=resp.shape)
    resp /= resp.sum(axis=1, keepdims=True)
    return np.full(k, 1 / k), 0.7 * np.eye(k) + 0.3 / k, *weighted(X, resp)


def best_first(runs):
    whole = [run for run in runs if run[2] in ("converged", "max_iter")]
    broken = [run for run in runs if run[2] not in ("converged", "max_iter")]
    return sorted(whole, key=lambda run: -run[1][-1]) + broken


# ------------------------------------------------------------------------------- fit_customers


def fit_customers_engine(spend, k, n_init, max_iter, rng):
    model = emkit.GaussianMixture(k)
    return all_runs(model, log_spend(spend), of_mixture, n_init, max_iter, rng)


def fit_customers_pieces(spend, k, n_init, max_iter, rng):
    return one_at_a_time(my_mixture(k), log_spend(spend), of_mixture, n_init, max_iter, rng)


def fit_customers_by_hand(spend, k, n_init, max_iter, rng):
    X = log_spend(spend)
    return best_first([mixture_by_hand(X, random_rows(X, k, rng), max_iter) for _ in range(n_init)])


def fit_customers_soft_starts(spend, k, n_init, max_iter, rng):
    X = log_spend(spend)
    runs = []
    for _ in range(n_init):
        runs.append(mixture_by_hand(X, two_random_halves(X, k, rng), max_iter))
    return best_first(runs)


# ----------------------------------------------------------------------------- model_customers


def model_customers_engine(spend, rng):
    fit = emkit.fit(emkit.GaussianMixture(2), log_spend(spend), n_init=3, max_iter=100, rng=rng)
    return of_mixture(fit.params)


def model_customers_pieces(spend, rng):
    fit = emkit.fit(my_mixture(2), log_spend(spend), n_init=2, max_iter=40, rng=rng)
    return of_mixture(fit.params)


def model_customers_cross_validated(spend, rng):
    X = log_spend(spend)
    found = cross_validate(emkit.GaussianMixture, X, [2, 3], 2, rng, max_iter=20)
    fit = emkit.fit(emkit.GaussianMixture(found.best_k), X, n_init=2, max_iter=60, rng=rng)
    return of_mixture(fit.params)


def model_customers_by_hand(spend, rng):
    X = log_spend(spend)
    runs = best_first([mixture_by_hand(X, random_rows(X, 2, rng), 150) for _ in range(4)])
    return runs[0][0]


def model_customers_with_a_prior(spend, rng):
    X = log_spend(spend)
    prior = families.NormalInverseWishart(X.mean(axis=0), 7 * np.cov(X.T), 12, 0.01)
    return of_mixture(
        emkit.fit(emkit.GaussianMixture(2, prior=prior), X, n_init=2, max_iter=60, rng=rng).params
    )


# --------------------------------------------------------------------------- segment_customers


def segment_customers_engine(spend, rng):
    fit = emkit.fit(emkit.GaussianMixture(2, "diag"), log_spend(spend), n_init=4, rng=rng)
    return of_mixture(fit.params)


def variances_only(X, resp, means):
    squares = np.stack([resp[:, j] @ (X - mean) ** 2 for j, mean in enumerate(means)])
    return (squares / resp.sum(axis=0)[:, None])[:, :, None] * np.eye(X.shape[1])


def along_the_axes(model, X, rng):
    """A start without correlations: from any other one the first such M-step may lead down."""
    start = model.initial(model.prepare(X), rng)
    covariances = start.components.covariances * np.eye(X.shape[1])
    gaussians = emkit.GaussianComponents(start.components.means, covariances)
    return emkit.MixtureParams(start.weights, gaussians)


def segment_customers_pieces(spend, rng):
    X, model = log_spend(spend), my_mixture(2, update_covariances=variances_only)
    runs = [emkit.fit(model, X, start=along_the_axes(model, X, rng)) for _ in range(2)]
    return of_mixture(max(runs, key=lambda run: run.history[-1]).params)


def segment_customers_by_hand(spend, rng):
    X = log_spend(spend)
    starts = [random_rows(X, 2, rng) for _ in range(4)]
    return best_first([mixture_by_hand(X, start, 200, np.eye(6)) for start in starts])[0][0]


def segment_customers_from_clusters(spend, rng):
    model = emkit.GaussianMixture(2, "diag", start="k-means++")
    fit = emkit.fit(model, np.log(100 + spend), n_init=2, rng=rng, converged=relative_gain(1e-8))
    return of_mixture(fit.params)


# ---------------------------------------------------------------------------------- fit_digits


def fit_digits_engine(sequences, k, n_init, max_iter, rng):
    model = emkit.HMM(families.Gaussian(), k)
    return all_runs(model, centred(sequences), of_chain, n_init, max_iter, rng)


def fit_digits_pieces(sequences, k, n_init, max_iter, rng):
    return one_at_a_time(my_chain(k), centred(sequences), of_chain, n_init, max_iter, rng)


def fit_digits_by_hand(sequences, k, n_init, max_iter, rng):
    X = centred(sequences)
    return best_first([chain_by_hand(X, lingering(X, k, rng), max_iter) for _ in range(n_init)])


def fit_digits_equal_pieces(sequences, k, n_init, max_iter, rng):
    X = centred(sequences)
    return best_first([chain_by_hand(X, equal_pieces(X, k, rng), max_iter) for _ in range(n_init)])


# -------------------------------------------------------------------------------- model_digits


def model_digits_engine(sequences, rng):
    model = emkit.HMM(families.Gaussian("diag"), 5)
    return of_chain(emkit.fit(model, centred(sequences), n_init=2, max_iter=30, rng=rng).params)


def model_digits_six_states(sequences, rng):
    model = emkit.HMM(families.Gaussian("diag"), 6)
    return of_chain(emkit.fit(model, centred(sequences), max_iter=30, rng=rng).params)


def variances_of_states(sequences, gammas):
    means, covariances = hidden_markov_m_step.update_gaussian_joined(sequences, gammas)
    return means, covariances * np.eye(covariances.shape[1])


def uncorrelated(params):
    startprob, transmat, means, covariances = params
    return startprob, transmat, emkit.GaussianComponents(means, covariances * np.eye(6))


def model_digits_pieces(sequences, rng):
    X, model = centred(sequences), my_chain(4, update_gaussian=variances_of_states)
    start = emkit.HMMParams(*uncorrelated(equal_pieces(X, 4, rng)))
    return of_chain(emkit.fit(model, X, start=start, max_iter=6).params)


def model_digits_by_hand(sequences, rng):
    X = centred(sequences)
    return chain_by_hand(X, equal_pieces(X, 4, rng), 15, np.eye(6))[0]


# ---------------------------------------------------------------------------- recognise_digits


def of_one_digit(sequences, digit, one):
    return centred([sequence for sequence, d in zip(sequences, digit, strict=True) if d == one])


def recognise_digits_engine(sequences, digit, rng):
    model = emkit.HMM(families.Gaussian("diag"), 4)
    return [
        of_chain(emkit.fit(model, of_one_digit(sequences, digit, d), max_iter=30, rng=rng).params)
        for d in (0, 2, 3)
    ]


def recognise_digits_five_states(sequences, digit, rng):
    models = []
    for d in sorted(set(digit.tolist())):
        chosen = [sequences[i] for i in np.flatnonzero(digit == d)]
        fit = emkit.fit(
            emkit.HMM(families.Gaussian("diag"), 5), centred(chosen), max_iter=25, rng=rng
        )  # fmt: skip
        models.append(of_chain(fit.params))
    return models


def recognise_digits_pieces(sequences, digit, rng):
    model, models = my_chain(3, update_gaussian=variances_of_states), []
    for d in np.unique(digit):
        X = of_one_digit(sequences, digit, d)
        start = emkit.HMMParams(*uncorrelated(equal_pieces(X, 3, rng)))
        models.append(of_chain(emkit.fit(model, X, start=start, max_iter=5).params))
    return models


def recognise_digits_by_hand(sequences, digit, rng):
    models = []
    for d in (0, 2, 3):
        X = of_one_digit(sequences, digit, d)
        models.append(chain_by_hand(X, equal_pieces(X, 4, rng), 12, np.eye(6))[0])
    return models


RIGHT_ANSWERS = {
    "12.fit_customers": (
        fit_customers_engine,
        fit_customers_pieces,
        fit_customers_by_hand,
        fit_customers_soft_starts,
    ),
    "12.model_customers": (
        model_customers_engine,
        model_customers_pieces,
        model_customers_cross_validated,
        model_customers_by_hand,
        model_customers_with_a_prior,
    ),
    "12.segment_customers": (
        segment_customers_engine,
        segment_customers_pieces,
        segment_customers_by_hand,
        segment_customers_from_clusters,
    ),
    "12.fit_digits": (
        fit_digits_engine,
        fit_digits_pieces,
        fit_digits_by_hand,
        fit_digits_equal_pieces,
    ),
    "12.model_digits": (
        model_digits_engine,
        model_digits_six_states,
        model_digits_pieces,
        model_digits_by_hand,
    ),
    "12.recognise_digits": (
        recognise_digits_engine,
        recognise_digits_five_states,
        recognise_digits_pieces,
        recognise_digits_by_hand,
    ),
}
