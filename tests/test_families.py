"""Each family against SciPy's distributions, and each estimate as the maximum that it claims."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import emkit
from emkit import families
from emkit.families import Beta, Dirichlet, Gamma, NormalInverseWishart
from emkit.families.covariances import COVARIANCE_TYPES

K, D = 3, 2
PRIOR = NormalInverseWishart(np.array([0.5, -1.0]), np.array([[2.0, 0.3], [0.3, 1.0]]), 5.0, 0.7)
GAUSSIANS = [families.Gaussian(t, p) for t in COVARIANCE_TYPES for p in (None, PRIOR)]
FAMILIES = [
    *GAUSSIANS,
    families.Poisson(),
    families.Poisson(Gamma(2.0, 1.5)),
    families.Binomial(),
    families.Binomial(Beta(2.0, 3.0)),
    families.Categorical(4),
    families.Categorical(4, Dirichlet(1.5)),
]


def rows(family, rng, n=40):
    if isinstance(family, families.Gaussian):
        return rng.normal(size=(n, D)) + 2 * rng.integers(0, 3, size=(n, 1))
    if isinstance(family, families.Poisson):
        return rng.poisson(rng.choice([1, 6], size=(n, 1)), size=(n, D))
    if isinstance(family, families.Binomial):
        trials = rng.integers(5, 15, size=n)
        return np.column_stack([rng.binomial(trials, rng.choice([0.2, 0.7], size=n)), trials])
    answers = rng.integers(0, 4, size=(n, 5))
    answers[rng.random(answers.shape) < 0.1] = -1
    return answers


def label(family):
    prior = getattr(family, "prior", None)
    plain = prior in (None, Beta(1, 1), Dirichlet(1)) if not hasattr(prior, "mean") else False
    return "-".join(
        [type(family).__name__, getattr(family, "covariance_type", ""), "" if plain else "prior"]
    ).strip("-")


every_family = pytest.mark.parametrize("family", FAMILIES, ids=label)


def random_components(family, rng):
    X = family.prepare(rows(family, rng))
    components = family.initial(X, K, rng)
    resp = rng.dirichlet(np.ones(K), size=len(X))
    return X, family.estimate(family.statistics(components, X, resp), components), resp


# ---------------------------------------------------------------------------- log-probabilities


def by_scipy(family, components, x, j):
    if isinstance(family, families.Gaussian):
        return stats.multivariate_normal(components.means[j], components.matrices()[j]).logpdf(x)
    if isinstance(family, families.Poisson):
        return stats.poisson(components.rates[j]).logpmf(x).sum()
    if isinstance(family, families.Binomial):
        return stats.binom(x[1], components.biases[j]).logpmf(x[0])
    return sum(np.log(components.probs[j, i, a]) for i, a in enumerate(x) if a >= 0)


@every_family
def test_log_prob_is_scipys(family):
    X, components, _ = random_components(family, np.random.default_rng(1))
    expected = [[by_scipy(family, components, x, j) for j in range(K)] for x in X]
    assert family.log_prob(components, X) == pytest.approx(np.array(expected), rel=1e-9, abs=1e-9)


def test_impossible_observations_are_minus_infinity_and_not_nan():
    coin = families.BinomialComponents([0.0, 1.0])
    values = families.Binomial().log_prob(coin, np.array([[0.0, 3.0], [3.0, 3.0], [1.0, 3.0]]))
    assert values.tolist() == [[0.0, -np.inf], [-np.inf, 0.0], [-np.inf, -np.inf]]
    never = families.CategoricalComponents([[[1.0, 0.0], [0.5, 0.5]]])
    answers = np.array([[0, -1], [1, 0], [-1, -1]])
    values = families.Categorical(2).log_prob(never, answers)
    assert values[:, 0].tolist() == [0.0, -np.inf, 0.0]
    still = families.PoissonComponents([[0.0]])
    values = families.Poisson().log_prob(still, np.array([[0.0], [1.0]]))
    assert values[:, 0].tolist() == [0.0, -np.inf]


@given(st.integers(0, 2**32 - 1), st.integers(1, 20), st.sampled_from(COVARIANCE_TYPES))
@settings(max_examples=60, deadline=None)
def test_the_fast_way_and_the_textbooks_agree(seed, d, covariance_type):
    """Few features go by products, many and narrow ones by Cholesky."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, d)) @ rng.normal(size=(d, d)) + 1e3 * rng.normal(size=d)
    family = families.Gaussian(covariance_type, NormalInverseWishart.from_data(X, 2))
    components = family.initial(X, 2, rng)
    expected = [
        families.log_gaussian(X, mean, matrix)
        for mean, matrix in zip(components.means, components.matrices(), strict=True)
    ]
    assert family.log_prob(components, X) == pytest.approx(np.transpose(expected), rel=1e-8)
    resp = rng.dirichlet(np.ones(2), size=30)
    sums = family.statistics(components, X, resp)
    for j, mean in enumerate(components.means):
        deviations = X - mean
        assert sums.sums[j] == pytest.approx(resp[:, j] @ deviations, rel=1e-7, abs=1e-7)
        second = (resp[:, j, None] * deviations).T @ deviations
        if sums.second.ndim == 2:
            second = np.diag(second)
        assert sums.second[j] == pytest.approx(second, rel=1e-7, abs=1e-7)


def test_a_component_narrow_beside_the_data_keeps_its_digits():
    X = np.concatenate([np.linspace(-1e4, 1e4, 50), 7.0 + np.linspace(-1e-4, 1e-4, 9)])[:, None]
    components = families.GaussianComponents([[0.0], [7.0]], [[[1e8]], [[1e-9]]])
    expected = families.log_gaussian(X, np.array([7.0]), np.array([[1e-9]]))
    assert families.Gaussian().log_prob(components, X)[:, 1] == pytest.approx(expected, rel=1e-9)


# ------------------------------------------------------------------------------------ estimates


def objective(family, components, X, resp):
    return (resp * family.log_prob(components, X)).sum() + family.log_prior(components)


def nudged(components, rng, size=1e-3):
    """Other valid components nearby."""
    if isinstance(components, families.GaussianComponents):
        means = components.means + size * rng.normal(size=components.means.shape)
        scale = np.exp(size * rng.normal())
        return families.GaussianComponents(
            means, components.covariances * scale, components.covariance_type
        )
    if isinstance(components, families.PoissonComponents):
        return families.PoissonComponents(
            components.rates * np.exp(size * rng.normal(size=components.rates.shape))
        )
    if isinstance(components, families.BinomialComponents):
        shift = size * rng.normal(size=components.biases.shape)
        return families.BinomialComponents(np.clip(components.biases + shift, 1e-9, 1 - 1e-9))
    probs = components.probs * np.exp(size * rng.normal(size=components.probs.shape))
    return families.CategoricalComponents(probs / probs.sum(axis=2, keepdims=True))


@every_family
@pytest.mark.parametrize("seed", range(3))
def test_no_components_nearby_are_better_than_the_estimate(family, seed):
    rng = np.random.default_rng(seed)
    X, components, resp = random_components(family, rng)
    best = objective(family, components, X, resp)
    for _ in range(30):
        assert objective(family, nudged(components, rng), X, resp) < best


@pytest.mark.parametrize("family", GAUSSIANS, ids=label)
def test_frozen_means_stay_and_the_covariances_are_best_about_them(family):
    rng = np.random.default_rng(8)
    X, components, resp = random_components(family, rng)
    moved = families.GaussianComponents(
        components.means + 1, components.covariances, components.covariance_type
    )
    kept = family.estimate(family.statistics(moved, X, resp), moved, ("means",))
    assert np.array_equal(kept.means, moved.means)
    best = objective(family, kept, X, resp)
    for factor in (0.999, 1.001):
        other = families.GaussianComponents(
            kept.means, kept.covariances * factor, kept.covariance_type
        )
        assert objective(family, other, X, resp) < best
    both = family.estimate(family.statistics(moved, X, resp), moved, ("covariances",))
    assert np.array_equal(both.covariances, moved.covariances)
    assert not np.array_equal(both.means, moved.means)


@every_family
def test_a_weight_of_two_is_the_row_twice_and_zero_is_the_row_absent(family):
    rng = np.random.default_rng(2)
    X = rows(family, rng)
    times = rng.integers(0, 3, size=len(X))
    model = emkit.Mixture(family, 2)
    start = model.initial(model.prepare(X), rng)
    weighted = emkit.fit(model, X, sample_weight=times, start=start, max_iter=3)
    repeated = emkit.fit(model, np.repeat(X, times, axis=0), start=start, max_iter=3)
    assert weighted.history == pytest.approx(repeated.history, rel=1e-10)


@every_family
@pytest.mark.parametrize("seed", range(5))
def test_the_objective_never_falls(family, seed):
    rng = np.random.default_rng(seed)
    model = emkit.Mixture(family, 3, weight_prior=Dirichlet(1 + seed / 4))
    fit = emkit.fit(model, rows(family, rng), rng=rng, n_init=3, max_iter=60)  # a fall would raise
    assert np.isfinite(fit.history).all()


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_with_a_prior_degenerate_data_are_fitted(covariance_type):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    X = np.column_stack([X, X[:, 0], np.ones(30)])  # collinear, and a constant column
    X[:4] = X[0]
    prior = NormalInverseWishart(X.mean(axis=0), 0.1 * np.eye(4), 6.0, 0.01)
    model = emkit.GaussianMixture(3, covariance_type, prior)
    fit = emkit.fit(model, X, n_init=5, rng=rng)
    assert fit.reason == "converged"
    if covariance_type != "spherical":
        with pytest.raises(ValueError, match=r"is constant|follows from the others"):
            emkit.fit(emkit.GaussianMixture(3, covariance_type), X, rng=rng)


# --------------------------------------------------------------------------------------- priors


def test_log_densities_of_the_priors_are_scipys():
    rng = np.random.default_rng(3)
    probs = rng.dirichlet(np.ones(4), size=5)
    beside_flat = stats.dirichlet([2.5] * 4).logpdf(probs.T) - stats.dirichlet([1] * 4).logpdf(
        probs.T
    )
    expected = beside_flat.sum()
    assert Dirichlet(2.5).log_density(probs) == pytest.approx(expected)
    assert Dirichlet(1).log_density(probs) == 0
    p = rng.random(6)
    assert Beta(2, 3).log_density(p) == pytest.approx(stats.beta(2, 3).logpdf(p).sum())
    rates = rng.gamma(2, size=(3, 2))
    expected = stats.gamma(2, scale=1 / 1.5).logpdf(rates).sum()
    assert Gamma(2, 1.5).log_density(rates) == pytest.approx(expected)


def test_a_dirichlet_with_an_array_is_scipys_for_each_row():
    rng = np.random.default_rng(5)
    probs, alpha = rng.dirichlet(np.ones(4), size=(3, 2)), 1 + rng.gamma(2, size=(2, 4))
    for row in (0, 1):
        beside_flat = stats.dirichlet(alpha[row]).logpdf(probs[:, row].T) - np.log(6)
        assert Dirichlet(alpha).log_densities(probs)[:, row] == pytest.approx(beside_flat)
        assert Dirichlet(alpha[row]).log_densities(probs)[:, row] == pytest.approx(beside_flat)


@given(st.integers(0, 2**32 - 1), st.sampled_from([(), (4,), (3, 1), (3, 4)]))
@settings(max_examples=60, deadline=None)
def test_the_mode_is_where_the_posterior_of_the_counts_is_highest(seed, shape):
    rng = np.random.default_rng(seed)
    prior, counts = Dirichlet(1 + rng.gamma(1, size=shape)), rng.gamma(0.5, size=(3, 4)) + 1e-3

    def log_posterior(probs):
        return (counts * np.log(probs)).sum() + prior.log_density(probs)

    mode = prior.mode(counts)
    assert mode.sum(axis=1) == pytest.approx(np.ones(3))
    nearby = mode * np.exp(1e-3 * rng.normal(size=mode.shape))
    assert log_posterior(nearby / nearby.sum(axis=1, keepdims=True)) < log_posterior(mode)


def test_a_row_without_counts_is_uniform_or_what_it_is_told_to_be():
    counts = np.array([[1, 3], [0, 0]])
    old = np.array([[0.5, 0.5], [0.9, 0.1]])
    assert Dirichlet(1).mode(counts).tolist() == [[0.25, 0.75], [0.5, 0.5]]
    assert Dirichlet(1).mode(counts, empty=old).tolist() == [[0.25, 0.75], [0.9, 0.1]]
    assert Dirichlet([1, 3]).mode(counts, empty=old)[1].tolist() == [0, 1]
    assert old.tolist() == [[0.5, 0.5], [0.9, 0.1]]
    assert Dirichlet(1).flat
    assert not Dirichlet([1, 3]).flat


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_the_normal_inverse_wishart_density_is_scipys(covariance_type):
    rng = np.random.default_rng(4)
    family = families.Gaussian(covariance_type, PRIOR)
    _, components, _ = random_components(family, rng)
    matrices = components.matrices()
    expected = sum(
        stats.multivariate_normal(PRIOR.mean, matrix / PRIOR.strength).logpdf(mean)
        for mean, matrix in zip(components.means, matrices, strict=True)
    )
    if covariance_type in ("full", "tied"):
        different = matrices if covariance_type == "full" else matrices[:1]
        expected += sum(stats.invwishart(5, PRIOR.scale).logpdf(matrix) for matrix in different)
    else:
        scale = np.diag(PRIOR.scale)
        scale = scale if covariance_type == "diag" else scale.mean()
        expected += stats.invgamma(2.5, scale=scale / 2).logpdf(components.covariances).sum()
    assert family.log_prior(components) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Dirichlet(0.5), "alpha is 0.5, expected a number of at least 1"),
        (lambda: Dirichlet(np.nan), "alpha is nan, expected a number of at least 1"),
        (lambda: Dirichlet([2, 0.5]), r"alpha is \[2, 0.5\], expected .* an array of them"),
        (lambda: Dirichlet("x"), "alpha is 'x', expected a number of at least 1"),
        (lambda: Dirichlet([2, 2]).mode(np.ones(3)), r"alpha has shape \(2,\), the probab.* \(3,"),
        (lambda: Dirichlet(np.ones((2, 3))).log_density(np.ones(3) / 3), r"alpha has shape \(2, 3"),
        (lambda: Beta(0, 1), "a and b are 0 and 1, expected at least 1"),
        (lambda: Gamma(1, 0), "shape and rate are 1 and 0, expected"),
        (lambda: NormalInverseWishart([0.0], [[1.0]], 3, 0), "strength is 0, expected"),
        (lambda: NormalInverseWishart([0.0], np.eye(2), 3, 1), r"scale has shape \(2, 2\)"),
        (lambda: NormalInverseWishart([0, 0], np.ones((2, 2)), 3, 1), "not positive definite"),
        (lambda: families.Gaussian("round"), "covariance_type is 'round', expected one of full"),
        (lambda: families.Categorical(0), "n_categories is 0, expected"),
        (lambda: families.BinomialComponents([1.2]), r"biases are \[1.2\], expected"),
        (lambda: families.PoissonComponents([[-1.0]]), "expected none below 0"),
        (lambda: emkit.Mixture(families.Poisson(), 2, start="best"), "start is 'best', expected"),
    ],
)
def test_bad_options_are_named(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


@pytest.mark.parametrize(
    ("family", "X", "sentence"),
    [
        (families.Poisson(), [[1.5]], r"X\[0, 0\] is 1.5, expected whole numbers of at least 0"),
        (families.Poisson(), [[-1]], r"X\[0, 0\] is -1, expected"),
        (families.Binomial(), [[3, 2]], "row 0 of X is .*, expected whole numbers, 0 ≤ successes"),
        (families.Binomial(), [[3]], "X has 1 columns, expected 2"),
        (families.Categorical(3), [[3]], r"Y\[0, 0\] is 3, expected whole numbers from 0 to 2"),
        (families.Categorical(3), [[-2]], r"Y\[0, 0\] is -2, expected"),
    ],
)
def test_bad_rows_are_named(family, X, sentence):
    with pytest.raises(ValueError, match=sentence):
        emkit.fit(emkit.Mixture(family, 1), X, rng=np.random.default_rng(0))


# ------------------------------------------------------------------------- the model around them


@every_family
def test_samples_have_the_mixtures_shares_and_means(family):
    rng = np.random.default_rng(6)
    _, components, _ = random_components(family, rng)
    model = emkit.Mixture(family, K)
    params = emkit.MixtureParams([0.2, 0.5, 0.3], components)
    X, labels = model.sample(params, 20_000, rng)
    assert np.bincount(labels) / 20_000 == pytest.approx([0.2, 0.5, 0.3], abs=0.02)
    own = X[labels == 1].astype(float)
    expected = {
        families.Gaussian: lambda: components.means[1],
        families.Poisson: lambda: components.rates[1],
        families.Binomial: lambda: [components.biases[1], 1],
        families.Categorical: lambda: components.probs[1] @ np.arange(4),
    }[type(family)]()
    error = 5 * own.std(axis=0) / np.sqrt(len(own)) + 1e-9
    assert np.all(np.abs(own.mean(axis=0) - expected) < error)
    family.prepare(X)  # samples are valid rows


@pytest.mark.parametrize("start", ["random responsibilities", "k-means++", "k-means"])
@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_every_way_to_start_finds_clear_clouds(start, covariance_type):
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]])
    X = np.repeat(centres, 40, axis=0) + rng.normal(size=(120, 2))
    model = emkit.GaussianMixture(3, covariance_type, start=start)
    fit = emkit.fit(model, X, n_init=10, rng=rng)
    found = fit.params.components.means[np.lexsort(fit.params.components.means.T.round())]
    assert found == pytest.approx(centres[np.lexsort(centres.T)], abs=1)


@pytest.mark.parametrize("start", ["random points", "k-means++", "k-means"])
def test_rows_of_weight_zero_start_nothing(start):
    X = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2], [1e6], [2e6]])
    weight = np.array([1, 1, 1, 1, 1, 1, 0, 0])
    model = emkit.GaussianMixture(2, start=start)
    params = model.initial(model.prepare(X, weight), np.random.default_rng(0))
    assert np.all(params.components.means < 10)


def test_unknown_frozen_names_are_refused():
    model = emkit.PoissonMixture(2, frozen=("means",))
    with pytest.raises(ValueError, match="frozen names 'means', expected some of weights, rates"):
        emkit.fit(model, [[1], [2], [5]], rng=np.random.default_rng(0))
