"""Criteria against scikit-learn and closed forms, labels against all permutations."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.sparse import csr_array
from sklearn.mixture import GaussianMixture as SklearnMixture

import emkit
from emkit import datasets, families, selection
from emkit.plsa import PLSA

X = datasets.old_faithful().X
COVARIANCE_TYPES = ("full", "tied", "diag", "spherical")

# ------------------------------------------------------------------------------------- criteria


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
@pytest.mark.parametrize("k", [1, 3])
def test_criteria_are_scikit_learns(covariance_type, k):
    peer = SklearnMixture(k, covariance_type=covariance_type, random_state=0).fit(X)
    total = peer.score(X) * len(X)
    p = selection.n_parameters_gaussian(k, 2, covariance_type)
    assert selection.aic(total, p) == pytest.approx(peer.aic(X), rel=1e-12)
    assert selection.bic(total, p, len(X)) == pytest.approx(peer.bic(X), rel=1e-12)


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
@pytest.mark.parametrize(("k", "d"), [(1, 1), (2, 5), (4, 3)])
def test_parameters_are_counted_one_by_one(covariance_type, k, d):
    """A free parameter is a free entry: distinct entries of the covariances, all means, k - 1."""
    triangle = len(list(zip(*np.tril_indices(d), strict=True)))
    covariance = {"full": k * triangle, "tied": triangle, "diag": k * d, "spherical": k}
    expected = (k - 1) + k * d + covariance[covariance_type]
    assert selection.n_parameters_gaussian(k, d, covariance_type) == expected


@pytest.mark.parametrize(
    ("k", "m", "c", "published"),
    [(2, 7, 2, 15), (3, 7, 2, 23), (4, 7, 2, 31), (2, 4, 2, 9), (1, 1, 1, 0)],
)
def test_latent_classes_have_the_published_numbers_of_parameters(k, m, c, published):
    """poLCA's manual for carcinoma (7 pathologists) and cheating (4 questions)."""
    assert selection.n_parameters_latent_class(k, m, c) == published


def test_icl_is_bic_for_sure_labels_and_log_k_more_a_point_for_unsure_ones():
    sure = np.eye(3)[[0, 1, 2, 1]]
    unsure = np.full((4, 3), 1 / 3)
    assert selection.icl(-10.0, 5, 4, sure) == selection.bic(-10.0, 5, 4)
    extra = selection.icl(-10.0, 5, 4, unsure) - selection.bic(-10.0, 5, 4)
    assert extra == pytest.approx(2 * 4 * np.log(3))


def test_icl_is_minus_twice_the_expected_complete_data_likelihood_plus_the_penalty():
    """log p(x) = E log p(x, z) + entropy, so ICL = -2 E log p(x, z) + p ln n."""
    rng = np.random.default_rng(0)
    log_joint = rng.normal(size=(20, 3))
    log_sums = np.logaddexp.reduce(log_joint, axis=1)
    resp = np.exp(log_joint - log_sums[:, None])
    complete = (resp * log_joint).sum()
    expected = -2 * complete + 7 * np.log(20)
    assert selection.icl(log_sums.sum(), 7, 20, resp) == pytest.approx(expected)


def test_impossible_data_have_the_worst_criterion():
    assert selection.bic(-np.inf, 3, 10) == np.inf


# --------------------------------------------------------------------------------------- labels


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_aligned_labels_are_the_best_of_all_permutations(seed, k, n):
    rng = np.random.default_rng(seed)
    resp, reference = rng.dirichlet(np.ones(k), size=n), rng.dirichlet(np.ones(k), size=n)
    p = selection.align_labels(resp, reference)
    assert sorted(p) == list(range(k))
    best = max((resp[:, q] * reference).sum() for q in permutations(range(k)))
    assert (resp[:, p] * reference).sum() == pytest.approx(best)


def test_relabelled_responsibilities_are_put_back():
    rng = np.random.default_rng(1)
    reference = np.eye(4)[rng.integers(0, 4, size=50)] * 0.9 + 0.025
    shuffled = reference[:, [2, 0, 3, 1]]
    assert np.array_equal(shuffled[:, selection.align_labels(shuffled, reference)], reference)


# ----------------------------------------------------------------------------- cross-validation


@dataclass(frozen=True)
class Normal:
    """One normal distribution of known variance k and unknown mean."""

    k: int

    def divisible(self, data):
        return data

    def prepare(self, data, sample_weight=None):
        x = np.concatenate([np.ravel(item) for item in data])
        return x, np.ones(len(x)) if sample_weight is None else sample_weight

    def initial(self, data, rng):
        return 0.0

    def e_step(self, mean, data):
        x, w = data
        log_density = -0.5 * (x - mean) ** 2 / self.k - 0.5 * np.log(2 * np.pi * self.k)
        return NormalStatistics(float(w @ log_density), w.sum(), w @ x)

    def m_step(self, statistics, mean):
        return statistics.total / statistics.count

    def log_prior(self, mean):
        return 0.0


@dataclass(frozen=True)
class NormalStatistics:
    log_likelihood: float
    count: float
    total: float


def one_step(history):
    return len(history) > 1


def closed_form(x, folds, variance):
    """Mean held-out log-density of each fold, at the mean of all others."""
    for fold in folds:
        squared = (x[fold] - np.delete(x, fold).mean()) ** 2
        yield np.mean(-0.5 * squared / variance) - 0.5 * np.log(2 * np.pi * variance)


@pytest.mark.parametrize("form", [np.asarray, list], ids=["array", "list"])
def test_scores_have_their_closed_form(form):
    x = np.random.default_rng(3).normal(loc=0.4, size=11)
    result = selection.cross_validate(
        Normal, form(x), [1, 2], 3, np.random.default_rng(5), converged=one_step, max_iter=1
    )
    folds = np.array_split(np.random.default_rng(5).permutation(11), 3)
    for row, variance in zip(result.scores, (1, 2), strict=True):
        assert row == pytest.approx(list(closed_form(x, folds, variance)))
    assert result.mean == pytest.approx(result.scores.mean(axis=1))
    assert result.standard_error == pytest.approx(result.scores.std(axis=1, ddof=1) / np.sqrt(3))
    assert result.best_k == result.ks[np.argmax(result.mean)]
    assert result.reasons == (("converged",) * 3,) * 2


def test_leave_one_out_is_cross_validation_with_as_many_folds_as_rows():
    x = np.array([0.0, 1.0, 5.0, -2.0])
    result = selection.cross_validate(
        Normal, x, [1], 4, np.random.default_rng(0), converged=one_step, max_iter=1
    )
    expected = list(closed_form(x, [[0], [1], [2], [3]], 1))
    assert sorted(result.scores[0]) == pytest.approx(sorted(expected))


def test_a_row_of_weight_0_is_absent_and_weights_have_no_scale():
    x, weights = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0, 2.0])
    options = {"converged": one_step, "max_iter": 1}

    def scores(x, weights, seed=0):
        rng = np.random.default_rng(seed)
        return selection.cross_validate(
            Normal, x, [1], 2, rng, sample_weight=weights, **options
        ).scores

    moved = np.where(weights == 0, 1e3, x)
    assert scores(moved, weights) == pytest.approx(scores(x, weights))
    assert scores(x, 7 * weights) == pytest.approx(scores(x, weights))
    assert scores(x, np.ones(4)) == pytest.approx(scores(x, None))


def test_old_faithful_is_better_predicted_by_two_components_than_by_one():
    result = selection.cross_validate(
        emkit.GaussianMixture, X, [1, 2], 5, np.random.default_rng(0), n_init=2
    )
    assert result.best_k == 2
    assert result.mean[1] - result.mean[0] > 5 * result.standard_error.max()


def test_one_component_scores_what_scikit_learn_does():
    result = selection.cross_validate(
        emkit.GaussianMixture, X, [1], 4, np.random.default_rng(2), max_iter=5
    )
    folds = np.array_split(np.random.default_rng(2).permutation(len(X)), 4)
    for value, fold in zip(result.scores[0], folds, strict=True):
        peer = SklearnMixture(1, reg_covar=0).fit(np.delete(X, fold, axis=0))
        assert value == pytest.approx(peer.score(X[fold]), rel=1e-9)


@dataclass(frozen=True)
class Collapsing(Normal):
    """Degenerate for two components."""

    def e_step(self, mean, data):
        if self.k == 2:
            raise emkit.Degeneracy("component 1 has collapsed")
        return super().e_step(mean, data)


def test_a_size_whose_runs_all_collapse_never_wins_and_says_why():
    x = np.random.default_rng(0).normal(size=8)
    result = selection.cross_validate(
        Collapsing, x, [2, 1], 2, np.random.default_rng(0), converged=one_step, max_iter=1
    )
    assert result.best_k == 1
    assert result.mean[0] == -np.inf
    assert result.standard_error[0] == np.inf
    assert np.isfinite(result.standard_error[1])
    assert result.reasons[0] == ("component 1 has collapsed",) * 2


def multinomial_score(Y, fold, c, smoothing):
    """Mean held-out log-probability of answers under the shares of all others."""
    rest = np.delete(Y, fold, axis=0)
    total = 0.0
    for item in range(Y.shape[1]):
        counts = np.bincount(rest[rest[:, item] >= 0, item], minlength=c) + smoothing
        answers = Y[fold, item]
        with np.errstate(divide="ignore"):
            total += np.log(counts / counts.sum())[answers[answers >= 0]].sum()
    return total / len(fold)


@pytest.mark.parametrize("smoothing", [0.0, 0.5])
def test_one_latent_class_scores_the_shares_of_the_answers(smoothing):
    rng = np.random.default_rng(4)
    Y = rng.integers(-1, 2, size=(20, 3))
    Y[7, 1] = 2  # an answer that nobody else gives
    result = selection.cross_validate(
        lambda k: emkit.LatentClass(k, 3, smoothing), Y, [1], 4, np.random.default_rng(6)
    )
    folds = np.array_split(np.random.default_rng(6).permutation(20), 4)
    expected = [multinomial_score(Y, fold, 3, smoothing) for fold in folds]
    assert result.scores[0] == pytest.approx(expected)
    assert np.isneginf(expected).sum() == (smoothing == 0)


def test_an_impossible_row_of_weight_0_costs_nothing():
    Y, weights = np.array([[0], [0], [0], [1], [0], [0]]), np.array([1.0, 1, 1, 0, 1, 1])
    result = selection.cross_validate(
        lambda k: emkit.LatentClass(k, 2),
        Y,
        [1],
        2,
        np.random.default_rng(0),
        sample_weight=weights,
    )
    assert result.scores == pytest.approx(np.zeros((1, 2)))


def test_carcinoma_ratings_are_better_predicted_by_three_classes_than_by_one_or_two():
    """Agresti (2002) finds three: agreed negative, agreed positive, and disputed slides."""
    result = selection.cross_validate(
        lambda k: emkit.LatentClass(k, 2, 0.1),
        datasets.carcinoma().Y,
        [1, 2, 3],
        5,
        np.random.default_rng(0),
        n_init=5,
    )
    assert result.best_k == 3


STATES = emkit.HMMParams(
    [0.5, 0.5], [[0.95, 0.05], [0.1, 0.9]], families.PoissonComponents([[2.0], [12.0]])
)


def poisson_hmm(k):
    return emkit.HMM(families.Poisson(), k)


def some_sequences(n):
    rng = np.random.default_rng(8)
    return [poisson_hmm(2).sample(STATES, t, rng)[0] for t in rng.integers(1, 60, size=n)]


def test_one_state_scores_the_poisson_density_of_each_sequence():
    sequences = some_sequences(9)
    result = selection.cross_validate(
        poisson_hmm, sequences, [1], 3, np.random.default_rng(7), n_init=2
    )
    for value, fold in zip(
        result.scores[0], np.array_split(np.random.default_rng(7).permutation(9), 3), strict=True
    ):
        rest = np.concatenate([x for i, x in enumerate(sequences) if i not in fold])
        held_out = np.concatenate([sequences[i] for i in fold])
        assert value == pytest.approx(stats.poisson(rest.mean()).logpmf(held_out).sum() / len(fold))


def test_two_states_predict_what_two_states_made_better_than_one_or_four():
    result = selection.cross_validate(
        poisson_hmm, some_sequences(40), [1, 2, 4], 5, np.random.default_rng(0), n_init=3
    )
    assert result.best_k == 2


def test_an_impossible_held_out_sequence_is_minus_infinity():
    """A constant 0 in all sequences but one: the rate of 0 can't make its 3."""
    sequences = [np.zeros((4, 1)), np.full((4, 1), 3.0), np.zeros((5, 1))]
    result = selection.cross_validate(
        poisson_hmm, sequences, [1], 3, np.random.default_rng(0), max_iter=5
    )
    assert np.isneginf(result.scores).sum() == 1


def test_a_list_of_rows_is_scored_as_their_array():
    here, there = (
        selection.cross_validate(
            emkit.GaussianMixture, rows, [1], 3, np.random.default_rng(0), max_iter=5
        )
        for rows in (X, X.tolist())
    )
    assert np.array_equal(here.scores, there.scores)


# ------------------------------------------------------------------------------------ bad input


def cross_validate(**changes):
    arguments = {"data": X[:9], "ks": [1], "folds": 3, "rng": np.random.default_rng(0)} | changes
    return selection.cross_validate(emkit.GaussianMixture, **arguments)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: selection.aic("low", 2), "log_likelihood is 'low', expected a number"),
        (lambda: selection.bic(np.nan, 2, 3), "log_likelihood is nan, expected a number"),
        (lambda: selection.bic(-1.0, -2, 3), "n_parameters is -2, expected a whole number"),
        (lambda: selection.bic(-1.0, 2, 0), "n is 0, expected a whole number of at least 1"),
        (lambda: selection.icl(-1.0, 2, 3, np.eye(2)), "resp has 2 rows, but n is 3"),
        (
            lambda: selection.icl(-1.0, 2, 2, [[1.0, 0.0], [0.5, 0.6]]),
            r"resp\[1\] is \[0.5 0.6\], expected none below 0 and a sum of 1",
        ),
        (lambda: selection.n_parameters_gaussian(0, 2), "k is 0, expected a whole number"),
        (
            lambda: selection.n_parameters_gaussian(2, 2, "round"),
            "covariance_type is 'round', expected one of full, tied, diag, spherical",
        ),
        (lambda: selection.n_parameters_latent_class(2, 2.5, 2), "m is 2.5, expected"),
        (
            lambda: selection.align_labels(np.eye(3), np.eye(2)),
            r"resp has shape \(3, 3\), reference \(2, 2\), expected the same",
        ),
        (lambda: selection.align_labels([1.0], [1.0]), r"resp has shape \(1,\), expected \(n, k"),
        (lambda: cross_validate(folds=1), "folds is 1, expected a whole number of at least 2"),
        (lambda: cross_validate(folds=10), "folds is 10, expected at most 9, the number of rows"),
        (lambda: cross_validate(data=None), "data is None, expected rows or sequences"),
        (
            lambda: selection.cross_validate(poisson_hmm, X, [1], 2, np.random.default_rng(0)),
            "folds is 2, expected at most 1, the number of rows or sequences",
        ),
        (
            lambda: selection.cross_validate(
                PLSA, csr_array(np.eye(4)), [1], 2, np.random.default_rng(0)
            ),
            "pLSA has parameters for each document: .* score new ones with held_out_perplexity",
        ),
        (lambda: cross_validate(rng=0), "rng is 0, expected a numpy.random.Generator"),
        (lambda: cross_validate(ks=[]), r"ks is \[\], expected a sequence"),
        (lambda: cross_validate(ks=3), "ks is 3, expected a sequence"),
        (lambda: cross_validate(ks=[2, 0]), "a value of ks is 0, expected a whole number"),
        (lambda: cross_validate(ks=[2, 2]), r"ks is \[2, 2\], expected each number once"),
        (lambda: cross_validate(start=1), "start is given, but models of different sizes"),
        (
            lambda: cross_validate(sample_weight=[1.0]),
            "sample_weight has 1 values, the data have 9 rows",
        ),
        (
            lambda: cross_validate(sample_weight=np.eye(9)[0]),
            "sample_weight is 0 in a whole fold",
        ),
    ],
)
def test_bad_arguments_are_named(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
