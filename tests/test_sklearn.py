"""The scikit-learn estimators by scikit-learn's own rules, and against the engine."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.mixture import GaussianMixture as SklearnMixture
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import emkit
from emkit import datasets
from emkit.convergence import relative_gain
from emkit.families import NormalInverseWishart
from emkit.sklearn import GaussianMixture

X = datasets.old_faithful().X
COVARIANCE_TYPES = ("full", "tied", "diag", "spherical")


class UnitPrior:
    """A prior that depends on the number of features alone, under the same name in each process."""

    def __call__(self, X, n_components):
        d = X.shape[1]
        return NormalInverseWishart(np.zeros(d), np.eye(d), d + 2, 0.01)

    def __repr__(self):
        return "unit_prior"


unit_prior = UnitPrior()


def impossible(estimator):
    """Checks whose data have no maximum of the likelihood."""
    if estimator.covariance_type in ("full", "tied") and estimator.prior is None:
        reason = "15 rows in 30 dimensions make a singular covariance: the error asks for a prior"
        return {"check_sample_weight_equivalence_on_dense_data": reason}
    return {}


@parametrize_with_checks(
    [
        *(GaussianMixture(covariance_type=name) for name in COVARIANCE_TYPES),
        *(GaussianMixture(3, covariance_type=c, prior=unit_prior) for c in COVARIANCE_TYPES),
        GaussianMixture(2, n_init=3, prior=unit_prior),
    ],
    expected_failed_checks=impossible,
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


# -------------------------------------------------------------------------- against the engine


def test_old_faithful_is_the_engines_fit_and_the_published_one():
    estimator = GaussianMixture(2, n_init=5, random_state=0).fit(X)
    assert estimator.lower_bound_ == pytest.approx(-1130.2640, abs=1e-3)
    assert sorted(estimator.weights_) == pytest.approx([0.3559, 0.6441], abs=1e-3)
    assert estimator.converged_
    assert estimator.n_features_in_ == 2
    again = emkit.fit(emkit.GaussianMixture(2), X, start=estimator.params_, max_iter=0)
    assert estimator.lower_bound_ == again.history[-1]


@pytest.mark.parametrize("covariance_type", COVARIANCE_TYPES)
def test_what_a_fit_says_agrees_with_scikit_learns(covariance_type):
    estimator = GaussianMixture(
        2, covariance_type=covariance_type, n_init=5, tol=1e-12, random_state=1
    ).fit(X)
    precisions = {
        "full": lambda c: np.linalg.inv(c),
        "tied": lambda c: np.linalg.inv(c),
        "diag": lambda c: 1 / c,
        "spherical": lambda c: 1 / c,
    }[covariance_type](estimator.covariances_)
    peer = SklearnMixture(
        2,
        covariance_type=covariance_type,
        reg_covar=0,
        tol=1e-9,
        max_iter=1000,
        weights_init=estimator.weights_,
        means_init=estimator.means_,
        precisions_init=precisions,
    ).fit(X)
    assert estimator.covariances_.shape == peer.covariances_.shape
    assert estimator.score(X) == pytest.approx(peer.score(X), abs=1e-7)
    assert estimator.score_samples(X) == pytest.approx(peer.score_samples(X), abs=1e-4)
    assert estimator.predict_proba(X) == pytest.approx(peer.predict_proba(X), abs=1e-4)
    assert np.array_equal(estimator.predict(X), peer.predict(X))
    assert estimator.bic(X) == pytest.approx(peer.bic(X), abs=1e-3)
    assert estimator.aic(X) == pytest.approx(peer.aic(X), abs=1e-3)
    assert estimator.lower_bound_ == pytest.approx(estimator.score(X) * len(X), rel=1e-12)


def test_a_weight_of_2_is_the_row_twice():
    weight = np.random.default_rng(0).integers(0, 3, size=len(X))
    weighted = GaussianMixture(1).fit(X, sample_weight=weight)
    twice = GaussianMixture(1).fit(np.repeat(X, weight, axis=0))
    assert weighted.means_ == pytest.approx(twice.means_, rel=1e-12)
    assert weighted.covariances_ == pytest.approx(twice.covariances_, rel=1e-10)


def test_with_a_prior_the_bound_is_the_objective_and_a_collapse_is_none():
    rows = np.r_[X[:30], np.full((5, 2), X[0])]
    start = {"n_components": 6, "n_init": 2, "random_state": 0}
    estimator = GaussianMixture(**start, prior=NormalInverseWishart.from_data).fit(rows)
    prior = NormalInverseWishart.from_data(rows, 6)
    model = emkit.GaussianMixture(6, prior=prior)
    objective = estimator.score_samples(rows).sum() + model.log_prior(estimator.params_)
    assert estimator.lower_bound_ == pytest.approx(objective, rel=1e-12)


def test_samples_have_the_moments_of_the_mixture_and_come_again():
    estimator = GaussianMixture(2, random_state=3).fit(X)
    rows, labels = estimator.sample(20_000)
    assert rows.mean(axis=0) == pytest.approx(estimator.weights_ @ estimator.means_, rel=0.02)
    assert np.bincount(labels) / len(rows) == pytest.approx(estimator.weights_, abs=0.02)
    assert np.array_equal(rows, estimator.sample(20_000)[0])


# ------------------------------------------------------------------------------ what goes wrong


def test_too_few_steps_are_a_warning():
    with pytest.warns(ConvergenceWarning, match="not converged after max_iter = 1 steps"):
        estimator = GaussianMixture(2, max_iter=1, tol=0, random_state=0).fit(X)
    assert not estimator.converged_
    assert estimator.n_iter_ == 1


def test_a_fit_that_collapses_in_every_run_is_an_error_that_names_the_component():
    rows = np.r_[np.random.default_rng(0).normal(size=(20, 1)), np.full((20, 1), 9.0)]
    with pytest.raises(emkit.Degeneracy, match=r"component \d has collapsed"):
        GaussianMixture(2, start="k-means", random_state=0).fit(rows)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_components": 0}, "n_components is 0, expected a whole number"),
        ({"covariance_type": "round"}, "covariance_type is 'round', expected one of full"),
        ({"tol": -1}, "tol is -1, expected"),
        ({"start": "zero"}, "start is 'zero', expected one of random points"),
        ({"n_init": 0}, "n_init is 0, expected a whole number"),
    ],
)
def test_bad_options_are_named(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        GaussianMixture(**options).fit(X)


def test_before_a_fit_there_is_nothing_to_sample():
    with pytest.raises(NotFittedError):
        GaussianMixture().sample()


# ----------------------------------------------------------------------- pipelines and searches


def test_a_pipeline_that_scales_gives_the_same_clusters():
    """EM is equivariant: units in which the rows are measured change no responsibility."""
    estimator = GaussianMixture(2, n_init=5, tol=1e-12, random_state=0)
    scaled = make_pipeline(StandardScaler(), clone(estimator)).fit(X)
    plain = estimator.fit(X)
    same = np.mean(scaled.predict(X) == plain.predict(X))
    assert max(same, 1 - same) == 1
    jacobian = np.log(scaled[0].scale_).sum()
    assert scaled.score(X) - jacobian == pytest.approx(plain.score(X), abs=1e-6)


def test_a_grid_search_by_held_out_score_finds_more_than_one_kind_of_eruption():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), GaussianMixture(n_init=5, random_state=0)),
        {"gaussianmixture__n_components": [1, 2, 3]},
        cv=KFold(5, shuffle=True, random_state=0),
    ).fit(X)
    scores = search.cv_results_["mean_test_score"]
    assert search.best_params_["gaussianmixture__n_components"] >= 2
    assert scores[0] < min(scores[1:]) - 0.3  # in nats a row
    assert search.score(X) == pytest.approx(search.best_estimator_.score(X))


def test_each_fold_of_a_search_is_scored_as_the_engine_scores_it():
    folds = KFold(4)
    search = GridSearchCV(GaussianMixture(tol=1e-12), {"n_components": [1]}, cv=folds).fit(X)
    for i, (train, test) in enumerate(folds.split(X)):
        model = emkit.GaussianMixture(1)
        start = model.initial(model.prepare(X[train]), np.random.default_rng(0))
        fit = emkit.fit(model, X[train], start=start, converged=relative_gain(1e-12))
        expected = model.log_density(fit.params, X[test]).mean()
        assert search.cv_results_[f"split{i}_test_score"][0] == pytest.approx(expected, rel=1e-9)
