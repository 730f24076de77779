"""One fit in parts: on other processes, on a cluster, chunk by chunk; and with leaps or frozen."""

import multiprocessing
import pickle
import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

import emkit
from emkit import datasets, families
from emkit.chunks import split
from emkit.convergence import relative_gain
from emkit.plsa import PLSA

pytestmark = pytest.mark.xdist_group("map")  # processes and a cluster are costly


def rows_and_models(seed=0, n=120):
    """A model of each family and covariance type, with rows for it."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(size=(n, 2)) + 3 * rng.integers(0, 2, size=(n, 1))
    counts = rng.poisson(1 + 4 * rng.integers(0, 2, size=(n, 1)), size=(n, 2))
    heads = rng.binomial(9, rng.choice([0.2, 0.7], size=n))
    answers = rng.integers(0, 3, size=(n, 4)) * rng.integers(0, 2, size=(n, 1))
    answers[rng.random(answers.shape) < 0.1] = -1
    prior = families.NormalInverseWishart.from_data(numbers, 2)
    gaussians = {
        name: (emkit.GaussianMixture(2, name), numbers)
        for name in ("full", "tied", "diag", "spherical")
    }
    return {
        **gaussians,
        "full with a prior": (emkit.GaussianMixture(2, prior=prior), numbers),
        "poisson": (emkit.PoissonMixture(2), counts),
        "poisson with a prior": (emkit.PoissonMixture(2, families.Gamma(2, 0.5)), counts),
        "binomial": (emkit.BinomialMixture(2), np.column_stack([heads, np.full(n, 9)])),
        "classes": (emkit.LatentClass(2, 3), answers),
        "smoothed classes": (emkit.LatentClass(2, 3, smoothing=0.5), answers),
    }


CASES = rows_and_models()
case = pytest.mark.parametrize("name", CASES)


def vector(params):
    """All numbers of a value of parameters, one after the other."""
    parts = [getattr(params, part.name) for part in fields(params)]
    return np.concatenate(
        [
            np.ravel(part) if isinstance(part, np.ndarray) else vector(part)
            for part in parts
            if not isinstance(part, str)
        ]
    )


def start_of(model, X, seed=1):
    return model.initial(model.prepare(X), np.random.default_rng(seed))


# ------------------------------------------------------------------- other processes and machines


@pytest.fixture(scope="module")
def processes():
    """The map of two processes of this machine."""
    context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        yield executor.map


@pytest.fixture(scope="module")
def cluster():
    """The map of a Dask cluster of two workers, on loopback."""
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as workers,
        distributed.Client(workers) as client,
        client.get_executor() as executor,
    ):
        yield executor.map


@pytest.fixture(params=["processes", "cluster"])
def elsewhere(request):
    return request.getfixturevalue(request.param)


@case
def test_chunks_that_are_worked_on_elsewhere_give_the_same_parameters(name, elsewhere):
    model, X = CASES[name]
    options = {"start": start_of(model, X), "max_iter": 8}
    alone = emkit.fit(model, X, **options)
    together = emkit.fit(model, X, chunks=50, map=elsewhere, **options)
    assert vector(together.params) == pytest.approx(vector(alone.params), abs=1e-10, rel=1e-10)
    assert together.history == pytest.approx(alone.history, rel=1e-12)


def test_a_whole_fit_elsewhere_ends_where_it_does_alone(elsewhere):
    X = datasets.old_faithful().X
    model = emkit.GaussianMixture(2)
    alone, together = (
        emkit.fit(model, X, chunks=100, map=m, n_init=2, rng=np.random.default_rng(0))
        for m in (map, elsewhere)
    )
    assert alone.history[-1] == pytest.approx(-1130.2640, abs=1e-3)
    assert vector(together.params) == pytest.approx(vector(alone.params), rel=1e-10)


def test_runs_elsewhere_are_the_runs_at_home(elsewhere):
    model, X = CASES["full"]
    weight = np.random.default_rng(2).integers(0, 3, size=len(X))
    home, away = (
        emkit.fit(model, X, n_init=4, rng=np.random.default_rng(3), sample_weight=weight, map=m)
        for m in (map, elsewhere)
    )
    assert len(away.runs) == 4
    for one, other in zip(home.runs, away.runs, strict=True):
        assert one.reason == other.reason
        assert one.history == pytest.approx(other.history, rel=1e-12)
        assert vector(one.params) == pytest.approx(vector(other.params), rel=1e-10, abs=1e-10)


def test_a_collapse_elsewhere_is_named_as_at_home(elsewhere):
    X = np.r_[np.random.default_rng(0).normal(size=(20, 1)), np.full((5, 1), 9.0)]
    components = emkit.GaussianComponents([[0.0], [9.0]], [[[1.0]], [[1e-3]]])
    start = emkit.MixtureParams([0.8, 0.2], components)
    fit = emkit.fit(emkit.GaussianMixture(2), X, start=start, chunks=9, map=elsewhere)
    assert fit.reason.startswith("component 1 has collapsed")


# --------------------------------------------------------------------------------------- chunks


@case
@pytest.mark.parametrize("chunks", [1, 7, 120, 500])
def test_a_fit_by_chunks_is_the_fit(name, chunks):
    model, X = CASES[name]
    weight = np.random.default_rng(4).integers(0, 3, size=len(X))
    options = {"start": start_of(model, X), "max_iter": 5, "sample_weight": weight}
    whole = emkit.fit(model, X, **options)
    parts = emkit.fit(model, X, chunks=chunks, **options)
    assert parts.history == pytest.approx(whole.history, rel=1e-12)
    assert vector(parts.params) == pytest.approx(vector(whole.params), rel=1e-9, abs=1e-10)


@case
@pytest.mark.parametrize("chunks", [None, 31])
def test_a_weight_of_2_is_the_row_twice_and_0_is_no_row(name, chunks):
    model, X = CASES[name]
    weight = np.random.default_rng(5).integers(0, 4, size=len(X))
    options = {"start": start_of(model, X), "max_iter": 5}
    weighted = emkit.fit(model, X, sample_weight=weight, chunks=chunks, **options)
    repeated = emkit.fit(model, np.repeat(X, weight, axis=0), **options)
    assert weighted.history == pytest.approx(repeated.history, rel=1e-12)
    assert vector(weighted.params) == pytest.approx(vector(repeated.params), rel=1e-9, abs=1e-10)


def test_a_chunk_without_weight_adds_nothing():
    model, X = CASES["full"]
    weight = np.r_[np.ones(60), np.zeros(60)]
    start = start_of(model, X)
    parts = emkit.fit(model, X, start=start, sample_weight=weight, chunks=30, max_iter=5)
    rest = emkit.fit(model, X[:60], start=start, max_iter=5)
    assert vector(parts.params) == pytest.approx(vector(rest.params), rel=1e-9)


def test_a_weight_for_each_row_is_asked_for_by_chunks_too():
    model, X = CASES["full"]
    for few in (np.ones(30), np.ones(119), np.ones(121)):
        with pytest.raises(ValueError, match=r"sample_weight has .* values, the data have"):
            emkit.fit(model, X, start=start_of(model, X), sample_weight=few, chunks=30)
    with pytest.raises(ValueError, match="sample_weight is 0 everywhere"):
        emkit.fit(model, X, start=start_of(model, X), sample_weight=np.zeros(120), chunks=30)


def test_weights_may_be_a_list():
    model, X = CASES["full"]
    start = start_of(model, X)
    a = emkit.fit(model, X, start=start, sample_weight=[1] * 120, chunks=50, max_iter=2)
    b = emkit.fit(model, X.tolist(), start=start, chunks=50, max_iter=2)
    assert np.array_equal(vector(a.params), vector(b.params))


def test_a_memory_map_is_never_loaded_whole(tmp_path):
    rng = np.random.default_rng(6)
    path = tmp_path / "rows.npy"
    n, chunks = 400_000, 10_000
    rows = np.lib.format.open_memmap(path, mode="w+", dtype=float, shape=(n, 2))
    for first in range(0, n, chunks):
        centres = np.where(rng.random((chunks, 1)) < 0.3, -4, 4)
        rows[first : first + chunks] = centres + rng.normal(size=(chunks, 2))
    rows.flush()
    X = np.load(path, mmap_mode="r")
    model = emkit.GaussianMixture(2)
    tracemalloc.start()
    try:
        fit = emkit.fit(model, X, chunks=chunks, rng=rng)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < X.nbytes / 2
    j = np.argmin(fit.params.weights)
    assert fit.params.weights[j] == pytest.approx(0.3, abs=0.01)
    assert fit.params.components.means[j] == pytest.approx([-4, -4], abs=0.02)


@pytest.mark.parametrize("order", ["C", "F"])
def test_rows_of_a_memory_map_are_sent_as_their_place_in_the_file(order, tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, np.asarray(np.random.default_rng(7).normal(size=(5_000, 3)), order=order))
    X = np.load(path, mmap_mode="r")
    for data in (X, X[10:], X[10:][5:4_000]):
        for part, rows in zip(
            split(data, None, 900), split(np.array(data), None, 900), strict=True
        ):
            sent = pickle.dumps(part)
            assert np.array_equal(pickle.loads(sent).data, rows.data)
            assert (len(sent) < 1_000) == (order == "C")  # by columns the rows lie scattered


def test_rows_that_were_changed_in_memory_alone_are_sent_themselves(tmp_path):
    path = tmp_path / "rows.npy"
    np.save(path, np.zeros((10, 1)))
    X = np.load(path, mmap_mode="c")
    X[3] = 7
    (part,) = split(X, np.arange(10), 10)
    there = pickle.loads(pickle.dumps(part))
    assert np.array_equal(there.data, X)
    assert np.array_equal(there.sample_weight, np.arange(10))


def test_a_memory_map_is_fitted_elsewhere_as_here(elsewhere, tmp_path):
    np.save(tmp_path / "rows.npy", datasets.old_faithful().X)
    X = np.load(tmp_path / "rows.npy", mmap_mode="r")
    model = emkit.GaussianMixture(2)
    options = {"start": start_of(model, X), "max_iter": 8, "sample_weight": np.arange(272) % 3}
    alone = emkit.fit(model, np.array(X), **options)
    together = emkit.fit(model, X, chunks=100, map=elsewhere, **options)
    assert vector(together.params) == pytest.approx(vector(alone.params), rel=1e-10)


# ----------------------------------------------------------------------------- leaps, and freezing


@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(CASES)), st.integers(1, 3))
@example(68, "diag", 3)  # a component collapses, and its variance rounds to below 0
@example(1639, "smoothed classes", 3)  # a leap so far that a probability underflows
@settings(max_examples=100, deadline=None)
def test_with_leaps_the_objective_never_falls(seed, name, k):
    model, X = rows_and_models(seed, n=25)[name]
    model = type(model)(model.family, k, model.weight_prior)
    fit = emkit.fit(
        model, X, rng=np.random.default_rng(seed), accelerate=emkit.squarem, max_iter=60
    )
    assert np.all(np.isfinite(fit.history))
    assert np.all(np.diff(fit.history) >= -1e-10 * np.abs(fit.history[1:]))


class Counting:
    """A model that counts its E-steps."""

    def __init__(self, model):
        self.model, self.e_steps = model, 0

    def __getattr__(self, name):
        return getattr(self.model, name)

    def e_step(self, params, data):
        self.e_steps += 1
        return self.model.e_step(params, data)


def test_leaps_reach_the_optimum_of_the_death_notices_in_a_tenth_of_the_e_steps():
    """Published: -1989.946; weight .35989, rates 1.25610 and 2.66341 (Varadhan and Roland 2008)."""
    notices = datasets.death_notices()
    start = emkit.MixtureParams([0.3, 0.7], emkit.families.PoissonComponents([[1.0], [2.5]]))
    options = {
        "start": start,
        "sample_weight": notices.days,
        "converged": relative_gain(1e-14),
        "max_iter": 10_000,
    }
    X = notices.deaths[:, None]
    plain, leaping = (Counting(emkit.PoissonMixture(2)) for _ in range(2))
    slow = emkit.fit(plain, X, **options)
    fast = emkit.fit(leaping, X, accelerate=emkit.squarem, **options)
    for fit in (slow, fast):
        assert fit.reason == "converged"
        assert fit.history[-1] == pytest.approx(-1989.946, abs=5e-4)
    assert fast.params.weights == pytest.approx([0.35989, 1 - 0.35989], abs=5e-5)
    assert np.ravel(fast.params.components.rates) == pytest.approx([1.25610, 2.66341], abs=5e-5)
    assert leaping.e_steps <= plain.e_steps / 10


@case
def test_frozen_parameters_stay_and_the_others_improve(name):
    model, X = CASES[name]
    start = start_of(model, X)
    names = ["weights", *(part.name for part in fields(start.components))]
    for frozen in set(names) - {"covariance_type"}:
        some = type(model)(model.family, 2, model.weight_prior, frozen=(frozen,))
        for accelerate in (None, emkit.squarem):
            fit = emkit.fit(some, X, start=start, max_iter=5, accelerate=accelerate)
            for value in names:
                before, after = (
                    getattr(params if value == "weights" else params.components, value)
                    for params in (start, fit.params)
                )
                assert np.array_equal(before, after) == (value in (frozen, "covariance_type"))
            assert fit.history[-1] > fit.history[0]


@case
def test_with_everything_frozen_nothing_moves(name):
    model, X = CASES[name]
    start = start_of(model, X)
    names = ["weights", *(part.name for part in fields(start.components))]
    still = type(model)(model.family, 2, model.weight_prior, frozen=tuple(names))
    fit = emkit.fit(still, X, start=start)
    assert fit.reason == "converged"
    assert np.array_equal(vector(fit.params), vector(start))


class FromSomewhere:
    """Chunks that are made anew each time they are asked for."""

    def __init__(self, X, size):
        self.X, self.size = X, size

    def __iter__(self):
        return (self.X[i : i + self.size] for i in range(0, len(self.X), self.size))


def test_an_iterable_of_chunks_is_the_whole():
    X = datasets.old_faithful().X
    weight = np.arange(len(X)) % 3
    model = emkit.GaussianMixture(2)
    start = model.initial(model.prepare(X), np.random.default_rng(0))
    for weights, divided in ((None, None), (weight, FromSomewhere(weight, 50))):
        whole = emkit.fit(model, X, sample_weight=weights, start=start)
        parts = emkit.fit(
            model, FromSomewhere(X, 50), sample_weight=divided, start=start, chunks="given"
        )
        assert parts.history == pytest.approx(whole.history, rel=1e-12)
    emkit.fit(model, [X[:100], X[100:]], rng=np.random.default_rng(0), chunks="given")


def test_chunks_that_can_be_read_only_once_are_refused():
    chunks = iter([np.zeros((3, 1))])
    with pytest.raises(ValueError, match="data can be gone through only once"):
        emkit.fit(emkit.GaussianMixture(1), chunks, chunks="given", rng=np.random.default_rng(0))


def test_chunks_divide_sequences_only_between_them():
    X = np.random.default_rng(0).normal(size=(120, 1))
    model = emkit.HMM(families.Gaussian(), 2)
    start = model.initial(model.prepare(X), np.random.default_rng(0))
    whole = emkit.fit(model, X, start=start, max_iter=3)
    chunked = emkit.fit(model, X, start=start, max_iter=3, chunks=50)
    assert chunked.history == pytest.approx(whole.history, rel=1e-12)


def test_topics_cannot_be_fitted_in_chunks():
    counts = sparse.csr_array(np.ones((4, 3)))
    with pytest.raises(ValueError, match="pLSA has parameters for each document"):
        emkit.fit(PLSA(2), counts, chunks=2, rng=np.random.default_rng(0))
