"""Whatever comes in, what comes out is a fit without NaN, or a ValueError."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

import emkit
from emkit import chain, families, missing, plots, selection
from emkit.families.covariances import COVARIANCE_TYPES
from emkit.normal import MultivariateNormal
from emkit.plsa import PLSA

tame = st.floats(-10, 10)
wild = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1.0, 2.0, -1.0, 1e-300, 1e12, 1e200]),
    tame,
)
whole = st.sampled_from([-2, -1, 0, 1, 2, 3, 5, 1000])
shapes = hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=6)
arrays = st.one_of(
    hnp.arrays(np.float64, shapes, elements=wild),
    hnp.arrays(np.float64, st.tuples(st.integers(1, 8), st.integers(1, 3)), elements=wild),
    hnp.arrays(np.int64, st.tuples(st.integers(1, 8), st.just(2)), elements=whole),
    st.sampled_from([None, "text", [["a", 1]], [[1], [2, 3]], {}, 3, [[None]], [[1 + 2j]]]),
)
array = st.one_of(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, min_side=0, max_side=4), elements=wild),
    hnp.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 3)), elements=wild),
    hnp.arrays(np.float64, st.integers(1, 4), elements=wild),
    st.sampled_from([None, "text", [["a", 1]], [[1], [2, 3]], {}, 3, [[None]]]),
)
weights = st.one_of(
    st.none(),
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 0.5, -1.0, np.nan]), min_size=0, max_size=8),
)
models = st.one_of(
    st.builds(
        emkit.GaussianMixture,
        st.integers(1, 4),
        st.sampled_from(COVARIANCE_TYPES),
        start=st.sampled_from(["random points", "random responsibilities", "k-means++"]),
    ),
    st.builds(emkit.PoissonMixture, st.integers(1, 4)),
    st.builds(emkit.BinomialMixture, st.integers(1, 4)),
    st.builds(emkit.LatentClass, st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, 0.5])),
    st.just(MultivariateNormal()),
    st.builds(
        emkit.HMM, st.sampled_from([families.Gaussian(), families.Poisson()]), st.integers(1, 3)
    ),
    st.builds(PLSA, st.integers(1, 3)),
)


def numbers(params):
    """All arrays of a value of parameters, nested ones included."""
    for value in vars(params).values():
        if isinstance(value, np.ndarray):
            yield value
        elif hasattr(value, "__dataclass_fields__"):
            yield from numbers(value)


@given(models, arrays, weights, st.integers(0, 9))
@settings(max_examples=400, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_fit_has_no_nan_or_there_is_a_value_error(model, data, sample_weight, seed):
    rng = np.random.default_rng(seed)
    if isinstance(model, PLSA) and isinstance(data, np.ndarray) and data.ndim == 2:
        data = sparse.csr_array(data)
    try:
        fit = emkit.fit(model, data, sample_weight=sample_weight, rng=rng, max_iter=5)
    except ValueError:
        return
    for run in fit.runs:
        assert not np.isnan(run.history).any()
        for array in numbers(run.params):
            assert np.isfinite(array).all()


# -------------------------------------------------------------------------------- the families


def label(value):
    return type(value).__name__ + getattr(value, "covariance_type", "")


FAMILIES = [
    *(families.Gaussian(covariance_type) for covariance_type in COVARIANCE_TYPES),
    families.Poisson(),
    families.Binomial(),
    families.Categorical(3),
]
each = {"fill": st.nothing()}  # otherwise most numbers of an array would be the same
rows = st.one_of(
    arrays,
    hnp.arrays(float, st.tuples(st.integers(4, 8), st.integers(1, 2)), elements=tame, **each),
    hnp.arrays(int, st.tuples(st.integers(1, 8), st.integers(1, 3)), elements=whole, **each),
    hnp.arrays(int, st.tuples(st.integers(1, 8), st.just(2)), elements=st.integers(-1, 2), **each),
    st.lists(st.sampled_from([(0, 0), (0, 2), (1, 2), (2, 2)]), min_size=1, max_size=8),
)


@pytest.mark.parametrize("family", FAMILIES, ids=label)
@given(st.data(), rows, st.integers(1, 3), st.integers(0, 9))
@settings(max_examples=150, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_family_refuses_or_answers_without_nan(family, data, X, k, seed):
    try:
        X = family.prepare(X)
        components = family.initial(X, k, np.random.default_rng(seed))
        log_prob = family.log_prob(components, X)
        resp = data.draw(hnp.arrays(float, (len(X), k), elements=st.sampled_from([0.0, 0.5, 1.0])))
        statistics = family.statistics(components, X, resp)
        better = family.estimate(statistics, components)
        better_log_prob = family.log_prob(better, X)
    except (ValueError, emkit.Degeneracy):
        return
    for value in (components, statistics, better):
        assert all(np.isfinite(array).all() for array in numbers(value))
    assert not np.isnan(log_prob).any()
    assert not np.isnan(better_log_prob).any()


SOUND = [
    (
        families.Gaussian(name),
        families.GaussianComponents(np.eye(2), covariances, name),
        np.array([[0.0, 1.0], [-2.0, 3.0]]),
    )
    for name, covariances in {
        "full": [np.eye(2)] * 2,
        "tied": np.eye(2),
        "diag": np.ones((2, 2)),
        "spherical": np.ones(2),
    }.items()
] + [
    (families.Poisson(), families.PoissonComponents([[0.5, 2.0]]), np.array([[0.0, 3.0]])),
    (families.Binomial(), families.BinomialComponents([0.25]), np.array([[0.0, 3.0], [3, 3]])),
    (
        families.Categorical(2),
        families.CategoricalComponents([[[0.2, 0.8], [1.0, 0.0]]]),
        np.array([[0, 1], [-1, 0]]),
    ),
]


@pytest.mark.parametrize(("family", "components", "X"), SOUND, ids=label)
@given(st.data())
@settings(max_examples=150, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_components_are_refused_or_give_log_probs_without_nan(family, components, X, data):
    name = data.draw(st.sampled_from([n for n, v in vars(components).items() if np.ndim(v)]))
    shape = getattr(components, name).shape
    shares = hnp.arrays(float, shape, elements=st.sampled_from([0.0, 1e-300, 0.5, 1.0]))
    values = st.one_of(array, hnp.arrays(float, shape, elements=wild), shares)
    value = data.draw(st.one_of(values, shares.map(lambda a: a / a.sum(axis=-1, keepdims=True))))
    try:
        log_prob = family.log_prob(replace(components, **{name: value}), X)
    except (ValueError, emkit.Degeneracy):
        return
    assert not np.isnan(log_prob).any()


# ------------------------------------------------------------------------- the plain functions

sound = {
    "startprob": np.array([0.3, 0.7]),
    "transmat": np.array([[0.9, 0.1], [0.2, 0.8]]),
    "likelihood": np.array([[0.1, 0.4], [0.3, 0.2], [0.5, 0.5]]),
    "log_likelihood": np.log([[0.1, 0.4], [0.3, 0.2], [0.5, 0.5]]),
    "x": np.array([1.0, np.nan]),
    "X": np.array([[1.0, np.nan], [0.5, 2.0], [np.nan, np.nan]]),
    "mean": np.array([0.0, 1.0]),
    "covariance": np.array([[2.0, 0.3], [0.3, 1.0]]),
    "filled": np.array([[1.0, 0.2], [0.5, 2.0]]),
    "extra": np.eye(2),
    "missing": np.array([[True, False], [False, False]]),
    "resp": np.array([[0.2, 0.8], [0.6, 0.4]]),
    "reference": np.array([[0.8, 0.2], [0.4, 0.6]]),
    "scale": np.array([0.3, 0.4, 0.5]),
    "alpha": np.array([[0.3, 0.7], [0.4, 0.6], [0.5, 0.5]]),
    "beta": np.ones((3, 2)),
}
FUNCTIONS = [
    (chain.forward, ("startprob", "transmat", "likelihood")),
    (chain.backward, ("transmat", "likelihood", "scale")),
    (chain.viterbi, ("startprob", "transmat", "log_likelihood")),
    (chain.sequence_log_likelihood, ("startprob", "transmat", "log_likelihood")),
    (chain.stationary, ("transmat",)),
    (missing.conditional_normal, ("x", "mean", "covariance")),
    (missing.e_step, ("X", "mean", "covariance")),
    (missing.m_step, ("filled", "extra")),
    (missing.observed_log_likelihood, ("X", "mean", "covariance")),
    (missing.imputation_shrinkage, ("missing",)),
    (selection.align_labels, ("resp", "reference")),
]


@pytest.mark.parametrize(("function", "names"), FUNCTIONS, ids=lambda f: getattr(f, "__name__", ""))
@given(st.data())
@settings(max_examples=150, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_plain_functions_refuse_or_answer_without_nan(function, names, data):
    spoilt = data.draw(st.sampled_from(names))
    arguments = {name: sound[name] for name in names}
    arguments[spoilt] = data.draw(array)
    try:
        answer = function(**arguments)
    except ValueError:
        return
    for part in answer if isinstance(answer, tuple) else (answer,):
        assert not np.isnan(np.asarray(part, dtype=float)).any()


PICTURES = [
    (plots.soft_scatter, ("X", "resp")),
    (plots.ellipses, ("means", "covariances")),
    (plots.trace, ("history",)),
    (plots.responsibilities, ("resp",)),
    (plots.transition_matrix, ("transmat",)),
]


@pytest.mark.parametrize(("draw", "names"), PICTURES, ids=lambda f: getattr(f, "__name__", ""))
@given(data=st.data())
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("ignore")
def test_pictures_are_drawn_or_refused(draw, names, data):
    good = {**sound, "history": [-2.0, -1.0], "means": np.eye(2), "covariances": [np.eye(2)] * 2}
    good["X"] = np.eye(2)
    spoilt = data.draw(st.sampled_from(names))
    arguments = {name: good[name] for name in names} | {spoilt: data.draw(array)}
    try:
        draw(**arguments)
    except ValueError:
        return
    finally:
        plt.close("all")
