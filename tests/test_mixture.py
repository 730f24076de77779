"""Gaussian mixtures against scikit-learn, against arithmetic in 60 digits, and against laws."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.mixture import GaussianMixture as SklearnMixture

import emkit
from emkit import datasets, rows
from emkit.convergence import relative_gain
from emkit.families import log_gaussian


def random_params(rng, k, d):
    a = rng.normal(size=(k, d, d))
    covariances = a @ a.transpose(0, 2, 1) / d + 0.5 * np.eye(d)
    return gaussians(rng.dirichlet(np.full(k, 3)), rng.normal(size=(k, d)), covariances)


def gaussians(weights, means, covariances, covariance_type="full"):
    components = emkit.GaussianComponents(means, covariances, covariance_type)
    return emkit.MixtureParams(weights, components)


def one_step(model, params, X):
    return model.m_step(model.e_step(params, model.prepare(X)), params)


# ------------------------------------------------------------------------------- the density


def exact_log_gaussian(x, mean, covariance):
    """The formula in 60 digits, by LU."""
    with mpmath.workdps(60):
        sigma, deviation = mpmath.matrix(covariance), mpmath.matrix(x) - mpmath.matrix(mean)
        squared = (deviation.T * mpmath.lu_solve(sigma, deviation))[0]
        constant = len(mean) * mpmath.log(2 * mpmath.pi)
        return float(-(constant + mpmath.log(mpmath.det(sigma)) + squared) / 2)


def test_log_gaussian_has_ten_digits_with_variances_from_1_to_1e_8():
    rng = np.random.default_rng(2)
    directions = np.linalg.qr(rng.normal(size=(50, 50)))[0]
    covariance = directions * np.geomspace(1, 1e-8, 50) @ directions.T
    covariance = (covariance + covariance.T) / 2
    X = 1e3 * rng.normal(size=(2, 10)) @ directions[:, :10].T
    expected = [exact_log_gaussian(x, np.zeros(50), covariance) for x in X]
    assert log_gaussian(X, np.zeros(50), covariance) == pytest.approx(expected, rel=1e-10)


def test_log_gaussian_of_an_indefinite_matrix_is_an_error():
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        log_gaussian(np.zeros((1, 2)), np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]]))


# ---------------------------------------------------------------------- against scikit-learn


@pytest.mark.parametrize(("n", "d", "k"), [(50, 2, 2), (200, 5, 3), (30, 1, 4)])
def test_one_step_is_scikit_learns(n, d, k):
    rng = np.random.default_rng(n)
    X, params = rng.normal(size=(n, d)), random_params(rng, k, d)
    ours = one_step(emkit.GaussianMixture(k), params, X)
    peer = SklearnMixture(k, reg_covar=0, max_iter=1, tol=0)
    peer.weights_, peer.means_, peer.covariances_ = (
        params.weights,
        params.components.means,
        params.components.covariances,
    )
    peer.precisions_cholesky_ = np.stack(
        [np.linalg.inv(np.linalg.cholesky(c)).T for c in params.components.covariances]
    )
    resp = emkit.GaussianMixture(k).responsibilities(params, X)
    assert peer.predict_proba(X) == pytest.approx(resp, abs=1e-12)
    total = emkit.GaussianMixture(k).log_density(params, X).sum()
    assert peer.score(X) * n == pytest.approx(total, rel=1e-12)
    peer._m_step(X, np.log(resp))
    assert ours.weights == pytest.approx(peer.weights_, rel=1e-10)
    assert ours.components.means == pytest.approx(peer.means_, rel=1e-9, abs=1e-12)
    assert ours.components.covariances == pytest.approx(peer.covariances_, rel=1e-9, abs=1e-12)


def test_a_whole_fit_from_one_start_ends_where_scikit_learns_does():
    X = datasets.old_faithful().X
    model = emkit.GaussianMixture(2)
    start = model.initial(model.prepare(X), np.random.default_rng(0))
    fit = emkit.fit(model, X, start=start, converged=relative_gain(1e-13))
    peer = SklearnMixture(
        2,
        reg_covar=0,
        tol=1e-10,
        max_iter=1000,
        weights_init=start.weights,
        means_init=start.components.means,
        precisions_init=np.linalg.inv(start.components.covariances),
    ).fit(X)
    assert fit.history[-1] == pytest.approx(peer.score(X) * len(X), abs=1e-5)
    assert fit.params.components.means == pytest.approx(peer.means_, rel=1e-5)


# --------------------------------------------------------------------------------------- laws


problems = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 3))


@given(problems)
@settings(max_examples=50, deadline=None)
def test_statistics_of_two_parts_add_up_to_those_of_the_whole(problem):
    seed, k, d = problem
    rng = np.random.default_rng(seed)
    X, params, model = rng.normal(size=(20, d)), random_params(rng, k, d), emkit.GaussianMixture(k)
    cut = rng.integers(k, 20 - k)
    whole = model.e_step(params, model.prepare(X))
    one, other = (model.e_step(params, model.prepare(part)) for part in (X[:cut], X[cut:]))
    parts = one + other
    assert parts.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-10)
    for name in ("counts", "sums", "second"):
        expected = getattr(whole.components, name)
        assert getattr(parts.components, name) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(problems)
@settings(max_examples=100, deadline=None)
def test_the_likelihood_never_falls(problem):
    seed, k, d = problem
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(40, d)) + rng.integers(0, 2, size=(40, 1)) * 3
    fit = emkit.fit(emkit.GaussianMixture(k), X, rng=rng, max_iter=40)  # a fall would raise
    assert np.all(np.isfinite(fit.history))


@pytest.mark.parametrize("covariance_type", ["full", "diag"])
def test_blocks_that_are_kept_and_blocks_made_anew_give_the_same_fit(covariance_type, monkeypatch):
    rng = np.random.default_rng(3)
    X = rng.normal(size=(9000, 2)) + 3 * rng.integers(0, 2, size=(9000, 1))
    model = emkit.GaussianMixture(2, covariance_type)
    start = model.initial(model.prepare(X), rng)
    kept = emkit.fit(model, X, sample_weight=np.arange(9000) % 3, start=start, max_iter=5)
    monkeypatch.setattr(rows, "KEPT", 0)
    anew = emkit.fit(model, X, sample_weight=np.arange(9000) % 3, start=start, max_iter=5)
    assert np.array_equal(kept.history, anew.history)


def test_relabelled_components_give_relabelled_answers():
    rng = np.random.default_rng(4)
    X, params, model = rng.normal(size=(30, 2)), random_params(rng, 3, 2), emkit.GaussianMixture(3)
    p = np.array([2, 0, 1])
    components = params.components
    permuted = gaussians(params.weights[p], components.means[p], components.covariances[p])
    assert model.responsibilities(permuted, X) == pytest.approx(
        model.responsibilities(params, X)[:, p]
    )


def test_a_shift_of_the_data_shifts_the_means_and_nothing_else():
    rng = np.random.default_rng(5)
    X, params, model = rng.normal(size=(60, 2)), random_params(rng, 2, 2), emkit.GaussianMixture(2)
    far = gaussians(params.weights, params.components.means + 1e8, params.components.covariances)
    here, there = one_step(model, params, X), one_step(model, far, X + 1e8)
    # Data stored beside 1e8 are rounded to 1e-8.
    assert there.components.means - 1e8 == pytest.approx(here.components.means, abs=1e-6)
    assert there.components.covariances == pytest.approx(here.components.covariances, abs=1e-6)
    assert there.weights == pytest.approx(here.weights, abs=1e-6)


def test_after_the_m_step_the_expected_objective_is_flat_in_the_means():
    rng = np.random.default_rng(6)
    X, params, model = rng.normal(size=(50, 2)), random_params(rng, 2, 2), emkit.GaussianMixture(2)
    resp = model.responsibilities(params, X)
    best = one_step(model, params, X)

    def expected(means):
        moved = gaussians(best.weights, means, best.components.covariances)
        return (resp * model.log_joint(moved, X)).sum()

    for index in np.ndindex(best.components.means.shape):
        nudge = np.zeros_like(best.components.means)
        nudge[index] = 1e-5
        slope = (
            expected(best.components.means + nudge) - expected(best.components.means - nudge)
        ) / 2e-5
        assert slope == pytest.approx(0, abs=1e-5)


def test_points_at_1e100_are_shared_out_completely():
    params = gaussians([0.5, 0.5], np.zeros((2, 2)), np.stack([np.eye(2), np.eye(2)]))
    resp = emkit.GaussianMixture(2).responsibilities(params, np.array([[1e100, -1e100], [3.0, 0]]))
    assert resp == pytest.approx(np.full((2, 2), 0.5))


@pytest.mark.parametrize("kind", [int, np.float32])
def test_integers_and_float32_are_answered_in_float64(kind):
    X = datasets.old_faithful().X.astype(kind)
    model = emkit.GaussianMixture(2)
    params = model.initial(model.prepare(X), np.random.default_rng(0))
    assert np.array_equal(
        model.responsibilities(params, X), model.responsibilities(params, X.astype(float))
    )


# --------------------------------------------------------------------------- what goes wrong


def test_a_collapsed_component_is_named():
    X = np.concatenate([np.random.default_rng(0).normal(size=(20, 1)), np.full((5, 1), 9.0)])
    start = gaussians([0.8, 0.2], [[0.0], [9.0]], [[[1.0]], [[1e-3]]])
    fit = emkit.fit(emkit.GaussianMixture(2), X, start=start)
    assert fit.reason.startswith("component 1 has collapsed")
    assert np.all(np.isfinite(fit.history))


def test_a_component_without_points_is_named():
    X = np.random.default_rng(0).normal(size=(20, 1))
    start = gaussians([0.5, 0.5], [[0.0], [1e6]], [[[1.0]], [[1e-2]]])
    fit = emkit.fit(emkit.GaussianMixture(2), X, start=start)
    assert fit.reason.startswith("component 1 has lost all its points")


X = datasets.old_faithful().X


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([["short", "long"]], r"X holds 'short', expected real numbers"),
        ([[1.0, 2.0], [1.0]], r"X has rows of different lengths, expected \(n, d\)"),
        ([[1.0, None]], "X holds None, expected real numbers"),
        (X[:, 0], r"X has shape \(272,\), expected \(n, d\); one feature is X\[:, None\]"),
        (np.where(X == 79, np.nan, X), r"X\[0, 1\] is nan, expected finite numbers"),
        (np.where(X == 79, np.inf, X), r"X\[0, 1\] is inf, expected finite numbers"),
        (X.astype(complex), "X holds complex128 values, expected real numbers"),
        (X[:1], "X has 1 rows, too few for n_components = 2"),
        (np.ones((9, 2)), "X has 1 different rows, too few for 2 components"),
        (np.c_[X, X[:, 0]], "a column of X follows from the others"),
    ],
)
def test_bad_data_are_named(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        emkit.fit(emkit.GaussianMixture(2), data, rng=np.random.default_rng(0))


@pytest.mark.parametrize("n_components", [0, -1, 2.0, "2", None, True])
def test_bad_numbers_of_components_are_named(n_components):
    with pytest.raises(ValueError, match=r"n_components is .*, expected a whole number"):
        emkit.GaussianMixture(n_components)


def test_three_features_against_two_name_both():
    params = emkit.GaussianMixture(2).initial(
        emkit.GaussianMixture(2).prepare(X), np.random.default_rng(0)
    )
    with pytest.raises(
        ValueError, match=r"X has 3 features, but means are for 2 \(means has shape"
    ):
        emkit.fit(emkit.GaussianMixture(2), np.c_[X, X[:, 0] ** 2], start=params)
    with pytest.raises(ValueError, match="params have 2 components, n_components is 3"):
        emkit.fit(emkit.GaussianMixture(3), X, start=params)


@pytest.mark.parametrize(
    ("weights", "means", "covariances", "sentence"),
    [
        ([0.5, 0.6], [[0], [1]], [[[1]], [[1]]], "expected none below 0 and a sum of 1"),
        ([1.0], [[0], [1]], [[[1]], [[1]]], r"weights has shape \(1,\), but components are 2"),
        ([0.5, 0.5], [[0], [1]], [[1], [1]], r"covariances has shape \(2, 1\), expected \(k, d, d"),
        (
            [0.5, 0.5],
            [[0], [1]],
            [[[1]]],
            r"covariances has shape \(1, 1, 1\), expected \(k, d, d\) = \(2, 1, 1",
        ),
    ],
)
def test_bad_parameters_are_named(weights, means, covariances, sentence):
    with pytest.raises(ValueError, match=sentence):
        gaussians(weights, means, covariances)


def test_a_row_that_no_component_can_make_is_named():
    params = emkit.MixtureParams([1.0], emkit.families.PoissonComponents([[0.0]]))
    model = emkit.PoissonMixture(1)
    with pytest.raises(ValueError, match="row 1 is impossible under every component"):
        model.predict(params, [[0], [2]])
    with pytest.raises(ValueError, match="row 1 is impossible under every component"):
        emkit.fit(model, [[0], [2]], start=params)
