"""The normal with gaps against brute force row by row, published numbers, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import invwishart, multivariate_normal

from emkit import datasets, em, missing
from emkit.convergence import relative_gain
from emkit.families import NormalInverseWishart
from emkit.missing import NormalParams
from emkit.normal import MultivariateNormal

tight = relative_gain(1e-15)


def random_params(rng, d):
    a = rng.normal(size=(d, d))
    return NormalParams(rng.normal(size=d), a @ a.T / d + 0.5 * np.eye(d))


def with_gaps(rng, n, d, share=0.3):
    """Correlated rows of which a share is missing, with one complete row in two to hold on to."""
    params = random_params(rng, d)
    X = rng.multivariate_normal(params.mean, params.covariance, size=n)
    X[::2][rng.random((len(X[::2]), d)) < share] = np.nan
    return X


def one_step(model, params, X, sample_weight=None):
    return model.m_step(model.e_step(params, model.prepare(X, sample_weight)), params)


def long_fit(X, model=MultivariateNormal(), **options):  # noqa: B008 (a model is a value)
    options = {"rng": np.random.default_rng(0), "converged": tight, "max_iter": 5000} | options
    return em.fit(model, X, **options)


problems = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 4))


# ------------------------------------------------------------------------------- brute force


def brute_force(X, mean, covariance):
    """Little and Rubin's formulas with inverses, one row at a time, and scipy's density."""
    filled, extra, total = X.copy(), np.zeros_like(covariance), 0.0
    for i, x in enumerate(X):
        o, m = np.flatnonzero(~np.isnan(x)), np.flatnonzero(np.isnan(x))
        slopes = covariance[np.ix_(m, o)] @ np.linalg.inv(covariance[np.ix_(o, o)])
        filled[i, m] = mean[m] + slopes @ (x[o] - mean[o])
        extra[np.ix_(m, m)] += covariance[np.ix_(m, m)] - slopes @ covariance[np.ix_(o, m)]
        if len(o):
            total += multivariate_normal(mean[o], covariance[np.ix_(o, o)]).logpdf(x[o])
    return filled, extra, total


@given(problems)
@settings(max_examples=50, deadline=None)
def test_everything_agrees_with_brute_force_row_by_row(problem):
    seed, d = problem
    rng = np.random.default_rng(seed)
    X, params = with_gaps(rng, 30, d, share=0.5), random_params(rng, d)
    mean, covariance = params.mean, params.covariance
    filled, extra, total = brute_force(X, mean, covariance)
    ours = missing.e_step(X, mean, covariance)
    assert ours[0] == pytest.approx(filled, rel=1e-10, abs=1e-12)
    assert ours[1] == pytest.approx(extra, rel=1e-9, abs=1e-12)
    assert missing.observed_log_likelihood(X, mean, covariance) == pytest.approx(total, rel=1e-11)

    model = MultivariateNormal()
    assert model.e_step(params, model.prepare(X)).log_likelihood == pytest.approx(total, rel=1e-11)
    # Rows that miss everything are left out of the model's steps; without them they are equal.
    present = ~np.isnan(X).all(axis=1)
    step = one_step(model, params, X)
    by_hand = missing.m_step(*missing.e_step(X[present], mean, covariance))
    assert step.mean == pytest.approx(by_hand[0], rel=1e-9, abs=1e-12)
    assert step.covariance == pytest.approx(by_hand[1], rel=1e-9, abs=1e-12)


def test_one_row_is_the_regression_on_what_it_has():
    rng = np.random.default_rng(1)
    params = random_params(rng, 4)
    for gaps in np.ndindex((2,) * 4):
        x = np.where(gaps, np.nan, rng.normal(size=4))
        filled, conditional = missing.conditional_normal(x, params.mean, params.covariance)
        expected, extra, _ = brute_force(x[None], params.mean, params.covariance)
        assert filled == pytest.approx(expected[0], rel=1e-10)
        assert conditional == pytest.approx(extra, rel=1e-10, abs=1e-13)
        seen = ~np.isnan(x)
        assert np.all(conditional[seen] == 0)
        assert np.all(conditional[:, seen] == 0)


def test_a_row_that_misses_everything_adds_nothing():
    rng = np.random.default_rng(2)
    X, params = with_gaps(rng, 20, 3), random_params(rng, 3)
    more = np.vstack([X, np.full((5, 3), np.nan)])
    value = missing.observed_log_likelihood(X, params.mean, params.covariance)
    assert missing.observed_log_likelihood(more, params.mean, params.covariance) == value
    assert long_fit(more).params.mean == pytest.approx(long_fit(X).params.mean, rel=1e-12)
    gaps = np.full((5, 3), np.nan)
    assert missing.observed_log_likelihood(gaps, params.mean, params.covariance) == 0


def test_shrinkage_is_what_filling_with_the_means_does_on_average():
    rng = np.random.default_rng(3)
    params, gaps = random_params(rng, 3), rng.random((40, 3)) < 0.4
    total, repeats = np.zeros((3, 3)), 4000
    for _ in range(repeats):
        X = params.mean + rng.normal(size=(40, 3)) @ np.linalg.cholesky(params.covariance).T
        deviations = np.where(gaps, 0, X - params.mean)
        total += deviations.T @ deviations / 40
    expected = missing.imputation_shrinkage(gaps) * params.covariance
    # 40 · 4000 products of deviations: a standard error of about 1/400 of their size.
    size = np.sqrt(np.multiply.outer(*2 * [np.diagonal(params.covariance)]))
    assert np.abs(total / repeats - expected).max() < 5 * size.max() * np.sqrt(2 / 160_000)


# -------------------------------------------------------------------------- published numbers


def test_air_quality_reaches_the_published_optimum():
    """EM and direct maximisation of the likelihood, done elsewhere, agree on these numbers."""
    fit = long_fit(datasets.air_quality().X)
    assert fit.history[-1] == pytest.approx(-2326.69738, abs=1e-5)
    assert fit.params.mean == pytest.approx([41.87117, 184.84681, 9.95752, 77.88235], abs=1e-5)


def test_direct_maximisation_finds_nothing_better():
    X = datasets.air_quality().X
    fit = long_fit(X)
    scale = np.sqrt(np.diagonal(fit.params.covariance))
    lower = np.tril_indices(4)

    def negative(theta):
        factor = np.zeros((4, 4))
        factor[lower] = theta[4:]
        return -missing.observed_log_likelihood(X / scale, theta[:4], factor @ factor.T)

    start = np.concatenate([fit.params.mean / scale, np.eye(4)[lower]])
    found = minimize(negative, start, method="BFGS", options={"gtol": 1e-4})
    jacobian = np.log(scale) @ (~np.isnan(X)).sum(axis=0)
    assert -found.fun - jacobian == pytest.approx(fit.history[-1], abs=1e-6)
    assert found.x[:4] * scale == pytest.approx(fit.params.mean, rel=1e-4)


def test_both_maxima_of_murrays_example_are_found():
    """Murray (1977), discussion of Dempster, Laird and Rubin: ρ = ±1/2, variances 8/3."""
    whole = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    gaps = [(2, np.nan), (-2, np.nan), (np.nan, 2), (np.nan, -2)]
    fit = long_fit(np.array(whole + 2 * gaps), n_init=10)
    found = {np.sign(run.params.covariance[0, 1]) for run in fit.runs}
    assert found == {-1, 1}
    for run in fit.runs:
        assert run.params.mean == pytest.approx([0, 0], abs=1e-6)
        expected = np.array([[8 / 3, 4 / 3], [4 / 3, 8 / 3]])
        assert np.abs(run.params.covariance) == pytest.approx(expected, abs=1e-5)


# --------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("d", [1, 3])
def test_without_gaps_one_step_from_anywhere_is_maximum_likelihood(d):
    rng = np.random.default_rng(d)
    X = rng.normal(size=(50, d)) + rng.integers(0, 9, size=d)
    step = one_step(MultivariateNormal(), random_params(rng, d), X)
    assert step.mean == pytest.approx(X.mean(axis=0), rel=1e-12)
    expected = np.atleast_2d(np.cov(X, rowvar=False, bias=True))
    assert step.covariance == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert len(long_fit(X).history) <= 3  # the start, the maximum, and the look that confirms it


@given(problems)
@settings(max_examples=50, deadline=None)
def test_statistics_of_two_parts_add_up_to_those_of_the_whole(problem):
    seed, d = problem
    rng = np.random.default_rng(seed)
    X, params, model = with_gaps(rng, 20, d), random_params(rng, d), MultivariateNormal()
    cut = rng.integers(1, 20)
    whole = model.e_step(params, model.prepare(X))
    first, rest = (model.e_step(params, model.prepare(part)) for part in (X[:cut], X[cut:]))
    parts = first + rest
    for name in ("log_likelihood", "count", "sums", "outer", "observed"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-9)


@given(problems, st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_objective_never_falls(problem, has_prior):
    seed, d = problem
    rng = np.random.default_rng(seed)
    X = with_gaps(rng, 25, d, share=0.6)
    prior = NormalInverseWishart(np.ones(d), np.eye(d), d + 2, 0.5) if has_prior else None
    fit = em.fit(MultivariateNormal(prior), X, rng=rng, max_iter=60, converged=relative_gain(0))
    assert np.all(np.isfinite(fit.history))  # a fall would have raised


@given(problems)
@settings(max_examples=30, deadline=None)
def test_a_weight_of_2_is_the_row_twice_and_0_is_none(problem):
    seed, d = problem
    rng = np.random.default_rng(seed)
    X, params, model = with_gaps(rng, 30, d), random_params(rng, d), MultivariateNormal()
    times = rng.integers(0, 4, size=30)
    weighted = model.e_step(params, model.prepare(X, times))
    repeated = model.e_step(params, model.prepare(np.repeat(X, times, axis=0)))
    for name in ("log_likelihood", "count", "sums", "outer", "observed"):
        assert getattr(weighted, name) == pytest.approx(getattr(repeated, name), rel=1e-9, abs=1e-9)


def test_a_shift_by_1e8_shifts_the_mean_and_nothing_else():
    X = with_gaps(np.random.default_rng(5), 200, 3)
    here, there = long_fit(X, max_iter=30), long_fit(X + 1e8, max_iter=30)
    # Data stored beside 1e8 are rounded to 1e-8.
    assert there.params.mean - 1e8 == pytest.approx(here.params.mean, abs=1e-6)
    assert there.params.covariance == pytest.approx(here.params.covariance, abs=1e-6)


def test_a_change_of_units_changes_units():
    X, scale = with_gaps(np.random.default_rng(6), 60, 3), np.array([1e-6, 1.0, 1e7])
    here, there = long_fit(X), long_fit(X * scale)
    assert there.params.mean == pytest.approx(here.params.mean * scale, rel=1e-5)
    expected = here.params.covariance * np.outer(scale, scale)
    assert there.params.covariance == pytest.approx(expected, rel=1e-4)


def test_permuted_features_give_a_permuted_answer():
    rng, model = np.random.default_rng(7), MultivariateNormal()
    X, params, p = with_gaps(rng, 60, 4), random_params(rng, 4), np.array([2, 0, 3, 1])
    here = one_step(model, params, X)
    there = one_step(
        model, NormalParams(params.mean[p], params.covariance[np.ix_(p, p)]), X[::-1, p]
    )
    assert there.mean == pytest.approx(here.mean[p], rel=1e-10)
    assert there.covariance == pytest.approx(here.covariance[np.ix_(p, p)], rel=1e-10)


@pytest.mark.parametrize("has_prior", [False, True])
def test_at_the_maximum_the_objective_is_flat(has_prior):
    X = with_gaps(np.random.default_rng(8), 80, 3)
    prior = NormalInverseWishart([1.0, 2.0, 3.0], 2 * np.eye(3), 7, 4) if has_prior else None
    model = MultivariateNormal(prior)
    fit = long_fit(X, model)

    def objective(mean, covariance):
        value = missing.observed_log_likelihood(X, mean, covariance)
        return value + model.log_prior(NormalParams(mean, covariance))

    mean, covariance, h = fit.params.mean, fit.params.covariance, 1e-5
    assert objective(mean, covariance) == pytest.approx(fit.history[-1], rel=1e-12)
    for i in range(3):
        nudge = h * np.eye(3)[i]
        slope = (objective(mean + nudge, covariance) - objective(mean - nudge, covariance)) / 2 / h
        assert slope == pytest.approx(0, abs=1e-4)
        for j in range(i + 1):
            nudge = np.zeros((3, 3))
            nudge[i, j] = nudge[j, i] = h
            ahead, behind = objective(mean, covariance + nudge), objective(mean, covariance - nudge)
            assert (ahead - behind) / 2 / h == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("has_prior", [False, True])
def test_a_frozen_part_stays_and_the_rest_climbs(has_prior):
    rng = np.random.default_rng(15)
    X, start = with_gaps(rng, 60, 3), random_params(rng, 3)
    prior = NormalInverseWishart(np.zeros(3), np.eye(3), 5, 1) if has_prior else None
    for name, other in (("mean", "covariance"), ("covariance", "mean")):
        fit = long_fit(X, MultivariateNormal(prior, frozen=[name]), start=start, rng=None)
        assert np.array_equal(getattr(fit.params, name), getattr(start, name))
        assert not np.allclose(getattr(fit.params, other), getattr(start, other))
        assert fit.history[-1] > fit.history[0]


def test_the_log_prior_is_that_of_a_normal_and_an_inverse_wishart():
    params = random_params(np.random.default_rng(9), 3)
    prior = NormalInverseWishart(np.arange(3.0), np.eye(3) + 0.5, 6, 2.5)
    expected = invwishart(6, prior.scale).logpdf(params.covariance)
    expected += multivariate_normal(prior.mean, params.covariance / 2.5).logpdf(params.mean)
    assert MultivariateNormal(prior).log_prior(params) == pytest.approx(expected, rel=1e-12)
    assert MultivariateNormal().log_prior(params) == 0


def test_imputation_says_how_sure_it_is():
    """Of many rows drawn from the model, the hidden values scatter as the imputation says."""
    rng, model = np.random.default_rng(10), MultivariateNormal()
    params = random_params(rng, 3)
    whole = model.sample(params, 40_000, rng)
    gaps = rng.random(whole.shape) < 0.4
    imputation = model.impute(params, np.where(gaps, np.nan, whole))
    assert np.array_equal(imputation.filled[~gaps], whole[~gaps])
    deviations = imputation.standard_deviations
    assert np.all(deviations[~gaps] == 0)
    z = (whole - imputation.filled)[gaps] / deviations[gaps]
    assert z.mean() == pytest.approx(0, abs=5 / np.sqrt(len(z)))
    assert z.var() == pytest.approx(1, abs=5 * np.sqrt(2 / len(z)))
    row = imputation.covariances[imputation.pattern[17]]
    x = np.where(gaps[17], np.nan, whole[17])
    expected = missing.conditional_normal(x, params.mean, params.covariance)[1]
    assert row == pytest.approx(expected, rel=1e-12)


def test_a_fit_to_samples_finds_the_parameters_again():
    rng, model = np.random.default_rng(11), MultivariateNormal()
    params = random_params(rng, 3)
    X = model.sample(params, 20_000, rng)
    X[rng.random(X.shape) < 0.3] = np.nan
    fit = long_fit(X)
    assert fit.params.mean == pytest.approx(params.mean, abs=0.05)
    assert fit.params.covariance == pytest.approx(params.covariance, abs=0.1)


@pytest.mark.parametrize("kind", [int, np.float32, object])
def test_other_kinds_of_number_are_answered_in_float64(kind):
    rng = np.random.default_rng(12)
    X, params = rng.integers(0, 9, size=(20, 2)), random_params(rng, 2)
    value = missing.observed_log_likelihood(X.astype(kind), params.mean, params.covariance)
    assert value == missing.observed_log_likelihood(X * 1.0, params.mean, params.covariance)


def test_what_a_masked_array_masks_is_missing():
    params = random_params(np.random.default_rng(13), 2)
    masked = np.ma.masked_equal([[1, -99], [3, 4]], -99)
    X = np.array([[1, np.nan], [3, 4]])
    value = missing.observed_log_likelihood(masked, params.mean, params.covariance)
    assert value == missing.observed_log_likelihood(X, params.mean, params.covariance)


def test_arguments_stay_as_they_were():
    rng = np.random.default_rng(14)
    X, params = with_gaps(rng, 20, 3), random_params(rng, 3)
    before = X.copy()
    missing.e_step(X, params.mean, params.covariance)
    MultivariateNormal().impute(params, X)
    long_fit(X, max_iter=2)
    assert np.array_equal(X, before, equal_nan=True)


# --------------------------------------------------------------------------- what goes wrong


def column(seed=0, n=60):
    return np.random.default_rng(seed).normal(size=n)


def test_a_feature_that_nobody_observed_is_named():
    X = np.c_[column(), np.full(60, np.nan)]
    with pytest.raises(ValueError, match="feature 1 of X has no observed value: leave it out, or"):
        long_fit(X)
    start = NormalParams([0, 0], np.eye(2))
    assert long_fit(X, start=start, rng=None).reason.startswith("feature 1 of X has no observed")


def test_a_constant_feature_is_named():
    with pytest.raises(ValueError, match="feature 0 of X is constant: leave it out, or give"):
        long_fit(np.c_[np.ones(60), column()])


@pytest.mark.parametrize("gaps", [False, True])
def test_collinear_features_are_named(gaps):
    X = np.c_[column(), column(1)]
    X = np.c_[X, X @ [2.0, -3.0]]
    if gaps:
        X[:10, 0] = X[10:20, 1] = X[20:30, 2] = np.nan
    fit = long_fit(X)
    assert "feature 2 is constant or follows from those before it" in fit.reason
    assert np.all(np.isfinite(fit.history))


def test_with_a_prior_they_all_go_through():
    X = np.c_[column(), np.full(60, np.nan), np.ones(60), 2 * column()]
    prior = NormalInverseWishart(np.zeros(4), np.eye(4), 6, 1)
    fit = long_fit(X, MultivariateNormal(prior))
    assert fit.reason == "converged"
    assert fit.params.mean[1] == pytest.approx(0, abs=1e-4)  # nothing but the prior speaks of it


good = np.array([[1.0, np.nan], [2.0, 3.0], [0.5, 1.0]])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (good[:, 0], r"X has shape \(3,\), expected \(n, d\)"),
        (np.where(good == 3, np.inf, good), r"X\[1, 1\] is inf, expected finite numbers"),
        (np.where(good == 3, 1e200, good), r"X holds 1e\+200, expected at most 1e\+150"),
        ([["a", "b"]], "X holds 'a', expected real numbers"),
        ([[1.0, None]], "X holds None, expected real numbers"),
        ([[1.0, 2.0], [1.0]], "X has rows of different lengths"),
        (good + 1j, "X holds complex128 values"),
        (np.empty((0, 2)), r"X has shape \(0, 2\), expected at least one row"),
        (np.full((3, 2), np.nan), "feature 0 of X has no observed value"),
    ],
)
def test_bad_data_are_named(data, sentence):
    with pytest.raises(ValueError, match=sentence):
        long_fit(data)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: missing.e_step(good, [0, 0, 0], np.eye(3)), "have 2 features, but mean is for 3"),
        (lambda: missing.e_step(good, [0, 0], np.eye(3)), r"mean has shape \(2,\) and covariance"),
        (lambda: missing.e_step(good, [0, 0], [[1, 2], [0, 1]]), "covariance is not symmetric"),
        (
            lambda: missing.observed_log_likelihood(good, [0, 0], [[1, 2], [2, 1]]),
            "covariance is not positive definite: feature 1",
        ),
        (lambda: missing.conditional_normal(good, [0, 0], np.eye(2)), r"x has shape \(3, 2\)"),
        (lambda: missing.m_step(good, np.eye(2)), r"filled\[0, 1\] is nan"),
        (lambda: missing.m_step(good[1:], np.eye(3)), r"extra has shape \(3, 3\), expected"),
        (lambda: missing.imputation_shrinkage(good), "missing has dtype float64"),
        (lambda: MultivariateNormal(prior=1.0), "prior is 1.0, expected a NormalInverseWishart"),
        (
            lambda: MultivariateNormal(frozen=["means"]),
            "frozen names 'means', expected mean or cov",
        ),
        (lambda: MultivariateNormal().prepare(good, [1, 2]), "sample_weight has 2 values"),
        (lambda: MultivariateNormal().prepare(good, [1, 2, -1]), r"sample_weight\[2\] is -1"),
    ],
)
def test_bad_arguments_are_named(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


@given(
    st.lists(
        st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=2),
        max_size=6,
    )
)
@settings(max_examples=200, deadline=None)
def test_no_number_brings_anything_but_an_answer_or_a_value_error(rows):
    try:
        fit = em.fit(MultivariateNormal(), rows, rng=np.random.default_rng(0), max_iter=5)
        values = missing.e_step(rows, [0.0, 1.0], [[2.0, 1.0], [1.0, 1.0]])
    except ValueError:
        return
    assert np.all(np.isfinite(fit.params.mean))
    assert np.all(np.isfinite(fit.params.covariance))
    assert not np.isnan(fit.history).any()
    assert np.all(np.isfinite(values[0]))
