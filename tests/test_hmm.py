"""Hidden Markov models against hmmlearn, against published fits, and against laws."""

from dataclasses import replace

import numpy as np
import pytest
from hmmlearn import hmm as peers
from hypothesis import given, settings
from hypothesis import strategies as st

import emkit
from emkit import chain, datasets, families
from emkit.convergence import relative_gain
from emkit.families import Dirichlet
from emkit.hmm import HMM, HMMParams

seeds = st.integers(0, 2**32 - 1)


def gaussian_params(rng, k, d, covariance_type="full"):
    a = rng.normal(size=(k, d, d))
    matrices = a @ a.transpose(0, 2, 1) / d + 0.5 * np.eye(d)
    covariances = {
        "full": matrices,
        "tied": matrices[0],
        "diag": np.diagonal(matrices, axis1=1, axis2=2),
        "spherical": matrices[:, 0, 0],
    }[covariance_type]
    emissions = families.GaussianComponents(rng.normal(size=(k, d)), covariances, covariance_type)
    return HMMParams(rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k), size=k), emissions)


def poisson_params(rng, k):
    emissions = families.PoissonComponents(rng.uniform(1, 20, size=(k, 1)))
    return HMMParams(rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k), size=k), emissions)


def one_step(model, params, sequences, sample_weight=None):
    return model.m_step(model.e_step(params, model.prepare(sequences, sample_weight)), params)


def numbers(value):
    """All arrays of a value of parameters or statistics, one after the other."""
    if isinstance(value, np.ndarray | float):
        return np.ravel(value)
    parts = [v for v in vars(value).values() if not isinstance(v, str)]
    return np.concatenate([numbers(part) for part in parts])


def some_sequences(rng, d=1, lengths=(9, 1, 14, 9)):
    return [rng.normal(size=(t, d)) + rng.integers(0, 2, size=(t, 1)) * 2 for t in lengths]


# ------------------------------------------------------------------------------ against hmmlearn


def peer_like(params, kind):
    """hmmlearn's Gaussian HMM at our parameters; without its prior on covariances."""
    model = peers.GaussianHMM(
        len(params.startprob), kind, n_iter=1, tol=0, init_params="", covars_prior=0, min_covar=0
    )
    model.startprob_, model.transmat_ = params.startprob, params.transmat
    model.n_features = params.emissions.means.shape[1]
    model.means_ = params.emissions.means
    model.covars_ = params.emissions.covariances
    return model


@pytest.mark.parametrize("kind", ["full", "diag", "tied", "spherical"])
@pytest.mark.parametrize(("k", "d"), [(2, 1), (3, 2)])
def test_every_step_is_hmmlearns(kind, k, d):
    rng = np.random.default_rng(k)
    sequences, params = some_sequences(rng, d, (40, 25, 40)), gaussian_params(rng, k, d, kind)
    model = HMM(families.Gaussian(kind), k)
    rows, lengths = np.concatenate(sequences), [len(s) for s in sequences]
    peer = peer_like(params, kind)
    for _ in range(4):
        log_likelihood = model.score(params, sequences)
        assert log_likelihood == pytest.approx(peer.score(rows, lengths), rel=1e-10)
        gammas = np.concatenate(model.posteriors(params, sequences))
        assert gammas == pytest.approx(peer.predict_proba(rows, lengths), abs=1e-9)
        params = one_step(model, params, sequences)
        peer.fit(rows, lengths)
        assert params.startprob == pytest.approx(peer.startprob_, abs=1e-9)
        assert params.transmat == pytest.approx(peer.transmat_, abs=1e-9)
        assert params.emissions.means == pytest.approx(peer.means_, abs=1e-8)
        theirs = peer._covars_[:, 0] if kind == "spherical" else peer._covars_
        assert params.emissions.covariances == pytest.approx(theirs, abs=1e-8)


def test_decoding_is_hmmlearns():
    rng = np.random.default_rng(0)
    sequences, params = some_sequences(rng, 2, (300, 20)), gaussian_params(rng, 3, 2)
    model, peer = HMM(families.Gaussian(), 3), peer_like(params, "full")
    rows, lengths = np.concatenate(sequences), [300, 20]
    paths, log_probs = model.viterbi(params, sequences)
    log_prob, path = peer.decode(rows, lengths)
    assert np.array_equal(np.concatenate(paths), path)
    assert log_probs.sum() == pytest.approx(log_prob, rel=1e-10)
    peer.algorithm = "map"
    assert np.array_equal(
        np.concatenate(model.predict(params, sequences)), peer.predict(rows, lengths)
    )


def test_paths_of_every_length_are_those_of_each_sequence_alone():
    rng = np.random.default_rng(15)
    sequences = some_sequences(rng, 1, (1, 700, 3, 1, 650, 90))  # two are cut into blocks
    sequences[5][40:50] = np.nan
    params, model = gaussian_params(rng, 3, 1), HMM(families.Gaussian(), 3)
    paths, log_probs = model.viterbi(params, sequences)
    for sequence, path, log_prob in zip(sequences, paths, log_probs, strict=True):
        log_values = families.Gaussian().log_prob(params.emissions, sequence)
        log_values[np.isnan(sequence[:, 0])] = 0
        expected, total = chain.viterbi(params.startprob, params.transmat, log_values)
        assert np.array_equal(path, expected)
        assert log_prob == pytest.approx(total, rel=1e-12)
        alone, value = model.viterbi(params, sequence)
        assert np.array_equal(alone, expected)
        assert value == pytest.approx(total, rel=1e-12)


@given(seeds, st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_the_categorical_model_is_hmmlearns(seed, lengths, k):
    rng = np.random.default_rng(seed)
    sequences = [rng.integers(0, 3, size=(t, 1)) for t in lengths]
    emissions = families.CategoricalComponents(rng.dirichlet(np.ones(3), size=(k, 1)))
    params = HMMParams(rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k), size=k), emissions)
    peer = peers.CategoricalHMM(k, init_params="", n_features=3)
    peer.startprob_, peer.transmat_ = params.startprob, params.transmat
    peer.emissionprob_ = params.emissions.probs[:, 0]
    score = HMM(families.Categorical(3), k).score(params, sequences)
    assert score == pytest.approx(peer.score(np.concatenate(sequences), lengths), rel=1e-10)


# ------------------------------------------------------------------------------- published fits


@pytest.mark.parametrize(("k", "published"), [(2, -341.8787), (3, -328.5275)])
def test_earthquakes_reach_the_published_optimum(k, published):
    """Zucchini and MacDonald (2009), Baum-Welch with a free start."""
    counts = datasets.earthquakes().count[:, None]
    fit = emkit.fit(
        HMM(families.Poisson(), k),
        counts,
        converged=relative_gain(1e-11),
        max_iter=2000,
        n_init=5,
        rng=np.random.default_rng(0),
    )
    assert fit.history[-1] == pytest.approx(published, abs=1e-3)
    assert fit.reason == "converged"


# ----------------------------------------------------------------------------------------- laws


def test_equal_rows_of_transmat_make_a_mixture():
    rng = np.random.default_rng(1)
    sequences, params = some_sequences(rng, 2), gaussian_params(rng, 3, 2)
    weights = params.startprob
    params = replace(params, transmat=np.tile(weights, (3, 1)))
    model, mixture = HMM(families.Gaussian(), 3), emkit.GaussianMixture(3)
    rows = np.concatenate(sequences)
    same = emkit.MixtureParams(weights, params.emissions)
    total = mixture.log_density(same, rows).sum()
    assert model.score(params, sequences) == pytest.approx(total, rel=1e-12)
    gammas = np.concatenate(model.posteriors(params, sequences))
    assert gammas == pytest.approx(mixture.responsibilities(same, rows), abs=1e-12)
    ours = one_step(model, params, sequences).emissions
    theirs = mixture.m_step(mixture.e_step(same, mixture.prepare(rows)), same).components
    assert numbers(ours) == pytest.approx(numbers(theirs), rel=1e-9, abs=1e-12)


@given(seeds, st.lists(st.integers(1, 30), min_size=2, max_size=5), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_statistics_of_two_parts_add_up_to_those_of_the_whole(seed, lengths, k):
    rng = np.random.default_rng(seed)
    sequences, params = some_sequences(rng, 2, lengths), gaussian_params(rng, k, 2)
    model = HMM(families.Gaussian(), k)
    whole = model.e_step(params, model.prepare(sequences))
    first, second = (model.e_step(params, model.prepare(p)) for p in (sequences[:1], sequences[1:]))
    assert numbers(first + second) == pytest.approx(numbers(whole), rel=1e-9, abs=1e-9)


@given(seeds, st.lists(st.integers(0, 3), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_weight_is_a_sequence_that_often(seed, weight):
    rng = np.random.default_rng(seed)
    weight = [*weight, 1]
    sequences = some_sequences(rng, 1, rng.integers(2, 20, size=len(weight)))
    params, model = gaussian_params(rng, 2, 1), HMM(families.Gaussian(), 2)
    repeated = [s for s, w in zip(sequences, weight, strict=True) for _ in range(w)]
    weighted = model.e_step(params, model.prepare(sequences, weight))
    duplicated = model.e_step(params, model.prepare(repeated))
    assert numbers(weighted) == pytest.approx(numbers(duplicated), rel=1e-9, abs=1e-9)
    score = model.score(params, sequences, weight)
    assert score == pytest.approx(model.score(params, repeated), rel=1e-10)


def test_two_sequences_are_one_whose_second_half_starts_afresh():
    """A sequence of two halves scores as two if the step between them forgets the state."""
    rng = np.random.default_rng(2)
    (a, b), params = some_sequences(rng, 1, (8, 6)), gaussian_params(rng, 2, 1)
    model = HMM(families.Gaussian(), 2)
    forgetful = replace(params, transmat=np.tile(params.startprob, (2, 1)))
    together = model.score(forgetful, np.concatenate([a, b]))
    assert together == pytest.approx(model.score(forgetful, [a, b]), rel=1e-12)
    assert model.score(params, np.concatenate([a, b])) != pytest.approx(model.score(params, [a, b]))


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_the_objective_never_falls(seed):
    rng = np.random.default_rng(seed)
    sequences = [rng.poisson(5, size=(t, 1)).astype(float) for t in rng.integers(1, 25, size=4)]
    sequences[0][0] = np.nan
    prior = families.Gamma(1.5, 0.1) if rng.random() < 0.5 else None
    k = int(rng.integers(1, 4))
    stay = 1 + rng.uniform(0, 5) * np.eye(k)
    model = HMM(families.Poisson(prior), k, Dirichlet(rng.uniform(1, 3)), Dirichlet(stay))
    weight = rng.uniform(0.1, 3, size=4)
    fit = emkit.fit(model, sequences, sample_weight=weight, rng=rng, max_iter=40)
    assert np.all(np.isfinite(fit.history))  # a fall would have raised


def test_after_the_m_step_the_expected_objective_is_flat():
    """Finite differences along the simplex, with priors; the family's part is its own affair."""
    rng = np.random.default_rng(3)
    sequences, params = some_sequences(rng, 1), gaussian_params(rng, 3, 1)
    model = HMM(families.Gaussian(), 3, Dirichlet([1, 2, 3]), Dirichlet(1 + np.eye(3)))
    statistics = model.e_step(params, model.prepare(sequences))
    best = model.m_step(statistics, params)

    def expected(startprob, transmat):
        moved = replace(best, startprob=startprob, transmat=transmat)
        complete = statistics.starts @ np.log(startprob)
        return complete + (statistics.transitions * np.log(transmat)).sum() + model.log_prior(moved)

    for direction in np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]) * 1e-5:
        slope = expected(best.startprob + direction, best.transmat)
        slope -= expected(best.startprob - direction, best.transmat)
        assert slope / 2e-5 == pytest.approx(0, abs=1e-4)
        for i in range(3):
            nudge = np.outer(np.eye(3)[i], direction)
            slope = expected(best.startprob, best.transmat + nudge)
            slope -= expected(best.startprob, best.transmat - nudge)
            assert slope / 2e-5 == pytest.approx(0, abs=1e-4)


def test_the_prior_is_scipys_density_beside_that_of_the_flat_one():
    from scipy.stats import dirichlet

    rng = np.random.default_rng(4)
    params, alpha = gaussian_params(rng, 3, 1), 1 + rng.uniform(0, 3, size=(3, 3))
    model = HMM(families.Gaussian(), 3, Dirichlet(2.5), Dirichlet(alpha))
    expected = dirichlet.logpdf(params.startprob, np.full(3, 2.5)) - 4 * np.log(2)
    for row, parameters in zip(params.transmat, alpha, strict=True):
        expected += dirichlet.logpdf(row, parameters)
    assert model.log_prior(params) == pytest.approx(expected, rel=1e-12)
    assert HMM(families.Gaussian(), 3).log_prior(params) == 0


def test_relabelled_states_give_relabelled_answers():
    rng = np.random.default_rng(5)
    sequences, params, model = (
        some_sequences(rng),
        gaussian_params(rng, 3, 1),
        HMM(families.Gaussian(), 3),
    )
    p = np.array([2, 0, 1])
    emissions = replace(
        params.emissions,
        means=params.emissions.means[p],
        covariances=params.emissions.covariances[p],
    )
    renamed = HMMParams(params.startprob[p], params.transmat[np.ix_(p, p)], emissions)
    for ours, theirs in zip(
        model.posteriors(renamed, sequences), model.posteriors(params, sequences), strict=True
    ):
        assert ours == pytest.approx(theirs[:, p], abs=1e-12)
    assert one_step(model, renamed, sequences).transmat == pytest.approx(
        one_step(model, params, sequences).transmat[np.ix_(p, p)]
    )


def test_a_shift_of_the_data_shifts_the_means_and_nothing_else():
    rng = np.random.default_rng(6)
    sequences, params, model = (
        some_sequences(rng),
        gaussian_params(rng, 2, 1),
        HMM(families.Gaussian(), 2),
    )
    far = replace(params, emissions=replace(params.emissions, means=params.emissions.means + 1e8))
    here, there = (
        one_step(model, p, [s + shift for s in sequences]) for p, shift in ((params, 0), (far, 1e8))
    )
    # Data stored beside 1e8 are rounded to 1e-8.
    assert there.emissions.means - 1e8 == pytest.approx(here.emissions.means, abs=1e-6)
    assert there.emissions.covariances == pytest.approx(here.emissions.covariances, abs=1e-6)
    assert there.transmat == pytest.approx(here.transmat, abs=1e-6)


@pytest.mark.parametrize("kind", [int, np.float32])
def test_integers_and_float32_are_answered_in_float64(kind):
    sequences = [(10 * s).astype(kind) for s in some_sequences(np.random.default_rng(7))]
    params, model = gaussian_params(np.random.default_rng(8), 2, 1), HMM(families.Gaussian(), 2)
    doubles = [s.astype(float) for s in sequences]
    for ours, theirs in zip(
        model.posteriors(params, sequences), model.posteriors(params, doubles), strict=True
    ):
        assert np.array_equal(ours, theirs)


def test_lengths_of_every_kind_give_what_each_sequence_gives_alone():
    rng = np.random.default_rng(9)
    sequences = some_sequences(rng, 1, (1, 700, 3, 1, 650, 90))  # two are cut into blocks
    params, model = gaussian_params(rng, 3, 1), HMM(families.Gaussian(), 3)
    together = model.posteriors(params, sequences)
    total = 0.0
    for sequence, gamma in zip(sequences, together, strict=True):
        log_values = families.Gaussian().log_prob(params.emissions, sequence)
        shift = log_values.max(axis=1, keepdims=True)
        likelihood = np.exp(log_values - shift)
        alpha, scale = chain.forward(params.startprob, params.transmat, likelihood)
        beta = chain.backward(params.transmat, likelihood, scale)
        assert gamma == pytest.approx(chain.state_posteriors(alpha, beta), abs=1e-12)
        total += np.log(scale).sum() + shift.sum()
    assert model.score(params, sequences) == pytest.approx(total, rel=1e-12)


# --------------------------------------------------------------------------- missing and frozen


def test_a_missing_row_says_nothing_about_its_state():
    """Its posterior is that of the chain alone; the sum over all its values is 1."""
    rng = np.random.default_rng(10)
    emissions = families.CategoricalComponents(rng.dirichlet(np.ones(3), size=(2, 1)))
    params = HMMParams(rng.dirichlet(np.ones(2)), rng.dirichlet(np.ones(2), size=2), emissions)
    model = HMM(families.Categorical(3), 2)
    sequence = np.array([[0.0], [2.0], [np.nan], [1.0], [0.0]])

    def filled(value):
        return np.where(np.isnan(sequence), value, sequence)

    scores = [model.score(params, filled(value)) for value in range(3)]
    assert model.score(params, sequence) == pytest.approx(np.logaddexp.reduce(scores), rel=1e-12)
    assert model.score(params, filled(-1)) == pytest.approx(model.score(params, sequence))
    shares = np.exp(scores - np.logaddexp.reduce(scores))
    expected = sum(share * model.posteriors(params, filled(v)) for v, share in enumerate(shares))
    assert model.posteriors(params, sequence) == pytest.approx(expected, abs=1e-12)


def test_rows_missing_at_the_end_change_nothing_but_the_transitions():
    rng = np.random.default_rng(11)
    sequence, params = some_sequences(rng, 2, (20,))[0], gaussian_params(rng, 2, 2)
    longer = np.concatenate([sequence, np.full((5, 2), np.nan)])
    model = HMM(families.Gaussian(), 2)
    assert model.score(params, longer) == pytest.approx(model.score(params, sequence), rel=1e-12)
    a, b = (model.e_step(params, model.prepare(s)) for s in (sequence, longer))
    assert numbers(b.emissions) == pytest.approx(numbers(a.emissions), rel=1e-9, abs=1e-12)
    assert b.starts == pytest.approx(a.starts)
    assert b.transitions.sum() == pytest.approx(24)
    last = model.posteriors(params, sequence)[-1]
    expected = last @ np.linalg.matrix_power(params.transmat, 5)
    assert model.posteriors(params, longer)[-1] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ["startprob", "transmat", "means", "covariances", "emissions"])
def test_what_is_frozen_keeps_its_start(name):
    rng = np.random.default_rng(12)
    sequences, start = some_sequences(rng), gaussian_params(rng, 2, 1)
    fit = emkit.fit(HMM(families.Gaussian(), 2, frozen=(name,)), sequences, start=start, max_iter=5)
    for part in ("startprob", "transmat", "means", "covariances"):
        before, after = (
            getattr(p, part, getattr(p.emissions, part, None)) for p in (start, fit.params)
        )
        kept = part == name or (name == "emissions" and part in ("means", "covariances"))
        assert np.array_equal(before, after) == kept


def test_zeros_in_transmat_stay():
    rng = np.random.default_rng(13)
    transmat = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]])
    start = replace(gaussian_params(rng, 3, 1), startprob=[1.0, 0, 0], transmat=transmat)
    fit = emkit.fit(HMM(families.Gaussian(), 3), some_sequences(rng, 1, (30, 40)), start=start)
    assert np.all(fit.params.transmat[transmat == 0] == 0)
    assert fit.params.startprob.tolist() == [1, 0, 0]


def test_a_state_that_is_never_left_keeps_a_valid_row():
    rng = np.random.default_rng(14)
    params = one_step(
        HMM(families.Gaussian(), 2), gaussian_params(rng, 2, 1), rng.normal(size=(9, 1, 1)).tolist()
    )
    assert params.transmat.tolist() == [[0.5, 0.5], [0.5, 0.5]]


# ------------------------------------------------------------------------------------- sampling


def test_samples_have_the_frequencies_of_the_model():
    params = HMMParams(
        [0.0, 1.0], [[0.9, 0.1], [0.3, 0.7]], families.PoissonComponents([[2.0], [30.0]])
    )
    rows, states = HMM(families.Poisson(), 2).sample(params, 40_000, np.random.default_rng(0))
    assert rows.shape == (40_000, 1)
    assert states[0] == 1
    assert np.bincount(states) / 40_000 == pytest.approx(
        chain.stationary(params.transmat), abs=0.02
    )
    moves = np.zeros((2, 2))
    np.add.at(moves, (states[:-1], states[1:]), 1)
    assert moves / moves.sum(axis=1, keepdims=True) == pytest.approx(params.transmat, abs=0.02)
    assert rows[states == 1].mean() == pytest.approx(30, rel=0.02)


def test_a_fit_finds_the_model_that_made_the_data():
    rng = np.random.default_rng(1)
    truth = HMMParams(
        [0.5, 0.5], [[0.95, 0.05], [0.1, 0.9]], families.PoissonComponents([[2.0], [12.0]])
    )
    model = HMM(families.Poisson(), 2)
    sequences = [model.sample(truth, 300, rng)[0] for _ in range(20)]
    fit = emkit.fit(model, sequences, n_init=3, rng=rng)
    order = np.argsort(fit.params.emissions.rates[:, 0])
    assert fit.params.transmat[np.ix_(order, order)] == pytest.approx(truth.transmat, abs=0.02)
    assert fit.params.emissions.rates[order] == pytest.approx(truth.emissions.rates, rel=0.05)


# --------------------------------------------------------------------------- what goes wrong


def test_an_empty_state_is_named():
    sequence = np.random.default_rng(0).normal(size=(20, 1))
    emissions = families.GaussianComponents([[0.0], [1e3]], [[[1.0]], [[1.0]]])
    start = HMMParams([0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]], emissions)
    fit = emkit.fit(HMM(families.Gaussian(), 2), sequence, start=start)
    assert fit.reason.startswith("state 1 has lost all its points")
    assert len(fit.history) == 1


def test_a_collapsed_state_is_named():
    sequence = np.concatenate([np.random.default_rng(0).normal(size=(20, 1)), np.full((5, 1), 9.0)])
    emissions = families.GaussianComponents([[0.0], [9.0]], [[[1.0]], [[1e-3]]])
    start = HMMParams([0.5, 0.5], [[0.5, 0.5], [0.5, 0.5]], emissions)
    fit = emkit.fit(HMM(families.Gaussian(), 2), sequence, start=start)
    assert fit.reason.startswith("state 1 has collapsed")


def test_an_impossible_sequence_is_named():
    emissions = families.CategoricalComponents([[[1.0, 0.0]], [[0.0, 1.0]]])
    params = HMMParams([1.0, 0.0], np.eye(2), emissions)
    model, sequences = HMM(families.Categorical(2), 2), [[[0.0]], [[0.0], [1.0]]]
    assert model.score(params, sequences) == -np.inf
    with pytest.raises(ValueError, match="sequence 1 has probability 0 under the parameters"):
        emkit.fit(model, sequences, start=params)
    with pytest.raises(ValueError, match="sequence 1 has probability 0 under the parameters"):
        model.predict(params, sequences)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "sequences is empty, expected at least one"),
        (
            [[[1.0]], np.empty((0, 1))],
            r"sequences\[1\] has shape \(0, 1\), expected .* at least one row",
        ),
        ([[[1.0]], [[1.0, 2.0]]], r"sequences\[1\] has 2 columns, those before it have 1"),
        ([1.0, 2.0], r"sequences\[0\] has shape \(\), expected \(t, d\)"),
        (np.ones(3), r"X has shape \(3,\), expected \(t, d\); one feature is X\[:, None\]"),
        ("text", "sequences is a str, expected an array"),
        (None, "sequences is a NoneType, expected an array"),
        ([[["a"]]], r"sequences\[0\] holds 'a', expected real numbers"),
        ([[[1.0, np.nan], [1.0, 2.0]]], r"sequences\[0\]\[0, 1\] is nan, expected finite"),
        ([[[1.0], [np.inf]]], r"sequences\[0\]\[1, 0\] is inf, expected finite"),
        ([[[1.0, 2.0], [1.0]]], r"sequences\[0\] has rows of different lengths"),
        (np.full((3, 1), np.nan), "all rows are missing: there is nothing to learn from"),
    ],
)
def test_bad_data_are_named(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        emkit.fit(HMM(families.Gaussian(), 2), data, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"n_states": 0}, "n_states is 0, expected a whole number of at least 1"),
        ({"startprob_prior": 2.5}, "startprob_prior is 2.5, expected a Dirichlet"),
        (
            {"startprob_prior": Dirichlet([1, 2, 3])},
            r"alpha has shape \(3,\), the probabilities have \(2,\)",
        ),
        (
            {"transmat_prior": Dirichlet(np.ones((3, 3)))},
            r"alpha has shape \(3, 3\), the probabilities have \(2, 2\)",
        ),
    ],
)
def test_bad_options_are_named(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        HMM(**{"family": families.Gaussian(), "n_states": 2, **arguments})


def test_parameters_that_do_not_fit_are_named():
    rng = np.random.default_rng(0)
    params, X = gaussian_params(rng, 2, 1), rng.normal(size=(9, 1))
    with pytest.raises(ValueError, match="params have 2 states, n_states is 3"):
        HMM(families.Gaussian(), 3).score(params, X)
    with pytest.raises(ValueError, match="frozen names 'rates', expected some of startprob, tran"):
        HMM(families.Gaussian(), 2, frozen=("rates",)).score(params, X)
    with pytest.raises(ValueError, match="transmat is for 2 states, emissions for 3"):
        HMMParams(params.startprob, params.transmat, gaussian_params(rng, 3, 1).emissions)
    with pytest.raises(ValueError, match="sample_weight has 2 values"):
        HMM(families.Gaussian(), 2).score(params, [X], [1, 2])
    with pytest.raises(ValueError, match="sample_weight is 0 everywhere"):
        HMM(families.Gaussian(), 2).score(params, [X], [0])
    with pytest.raises(ValueError, match="length is 0, expected a whole number of at least 1"):
        HMM(families.Gaussian(), 2).sample(params, 0, rng)
