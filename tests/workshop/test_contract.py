"""What a piece must keep to whatever it computes, each breach with its sentence."""

import dataclasses
import math
from math import pi

import numpy as np
import pytest
from right_answers import RIGHT_ANSWERS
from scipy.special import logsumexp
from scipy.stats import multivariate_normal
from sklearn.mixture import GaussianMixture

import emkit
from emkit.workshop import CheckFailed, catalogue, check
from emkit.workshop.bench import watch
from emkit.workshop.bench.contract import variables_read

right_responsibilities = RIGHT_ANSWERS["03.responsibilities"][0]
right_log_joint = RIGHT_ANSWERS["03.log_joint"][0]


def refused(piece_id, candidate, **options):
    with pytest.raises(CheckFailed) as caught:
        check(piece_id, candidate, **options)
    return " ".join(str(caught.value).split())


def test_something_that_is_no_function():
    assert "expected your function, got an array of shape (3, 2)" in refused(
        "03.responsibilities", np.ones((3, 2))
    )


def test_other_parameters():
    def responsibilities(X, means, weights, covariances):
        return X

    assert (
        "the parameters should be (X, weights, means, covariances), yours are (X, means, weights, "
        "covariances)" in refused("03.responsibilities", responsibilities)
    )


def test_a_changed_input():
    def responsibilities(X, weights, means, covariances):
        resp = right_responsibilities(X, weights, means, covariances)
        means -= means.mean(axis=0)
        return resp

    text = refused("03.responsibilities", responsibilities)
    assert "it changes its argument means (at [0, 0], among others), which the caller" in text
    assert not any(m.sentence in text for m in catalogue.find("03.responsibilities").mistakes)


def test_forgetting_to_return():
    def responsibilities(X, weights, means, covariances):
        print("resp")

    assert "it returns None. Is there a return" in refused("03.responsibilities", responsibilities)


def test_nothing_returned_is_not_taken_for_nan():
    def gap(q, log_joint):
        print(q, log_joint)

    with pytest.raises(CheckFailed, match="it returns None") as caught:
        check("02.gap", gap, part="hard")  # a mistake gives NaN on the first of these cases
    assert caught.value.mistake is None


def test_a_list():
    def hard_assign(resp):
        return [int(row.argmax()) for row in resp]

    assert "labels is a list, expected a NumPy array" in refused("03.hard_assign", hard_assign)


def test_something_else_than_numbers():
    assert "labels is a str, expected numbers" in refused("03.hard_assign", lambda resp: "short")


def test_a_wrong_shape_in_the_notations_letters():
    def log_joint(X, weights, means, covariances):
        return right_log_joint(X, weights, means, covariances)[:, :1]

    text = refused("03.log_joint", log_joint)
    assert "log_joint is (n, k) = (3, 2), yours is (3, 1)" in text


def test_an_array_where_a_number_is_due():
    assert "border should be one number, yours is an array of shape (1,)" in refused(
        "03.soft_border", lambda weights, means, variance: means[:1]
    )


def test_integers_where_floats_are_due_and_the_other_way():
    def log_joint(X, weights, means, covariances):
        return right_log_joint(X, weights, means, covariances).astype(int)

    assert "log_joint is of type int64, expected floating-point numbers" in refused(
        "03.log_joint", log_joint
    )
    text = refused("03.hard_assign", lambda resp: resp.argmax(axis=1).astype(float))
    assert "labels is of type float64, expected integers" in text
    assert not any(m.sentence in text for m in catalogue.find("03.hard_assign").mistakes)


def test_a_name_that_shadows_its_function_is_explained():
    def hard_assign(resp):
        max = max(resp)  # noqa: F823
        return np.array(max)

    assert "A name that is assigned inside a function" in refused("03.hard_assign", hard_assign)


def test_a_tuple_where_a_number_is_due():
    text = refused("03.soft_border", lambda weights, means, variance: (1.0, 2.0))
    assert "border is a tuple, expected one number" in text


def test_nan_names_its_row_and_the_point():
    def log_gaussian(X, mean, covariance):
        return np.where(np.arange(len(X)) == 1, np.nan, 0.0)

    assert "log_density[1] is nan, where x is [" in refused("03.log_gaussian", log_gaussian)


def test_an_exception_shows_its_message_and_the_learners_line():
    def hard_assign(resp):
        return resp.argmax(axis=7)

    text = refused("03.hard_assign", hard_assign)
    assert "it raises AxisError: axis 7 is out of bounds" in text
    assert "at your line 'return resp.argmax(axis=7)'" in text
    assert "run.py" not in text


def test_numpys_warnings_are_passed_on_when_no_mistake_is_recognised():
    def log_joint(X, weights, means, covariances):
        return right_log_joint(X, weights, means, covariances) + np.log(0 * weights)

    assert "NumPy warned: divide by zero encountered in log" in refused("03.log_joint", log_joint)


# ---------------------------------------------------------------------------- notebook variables

weights = np.array([0.5, 0.5])
HALF = 0.5


def test_a_notebook_variable():
    def soft_border(weights, means, variance):
        return HALF * means.sum()

    assert "it reads HALF from the notebook" in refused("03.soft_border", soft_border)


def helper(means):
    return HALF * means.sum()


def test_a_notebook_variable_read_by_a_helper():
    def soft_border(weights, means, variance):
        return helper(means)

    assert variables_read(soft_border) == ["HALF"]


def test_a_notebook_variable_inside_a_comprehension():
    def hard_assign(resp):
        return np.array([weights[0] for row in resp])

    assert variables_read(hard_assign) == ["weights"]


def test_imports_functions_classes_and_attributes_are_no_variables():
    class Local:
        weights = 3

    def fine(X):
        return np.sqrt(pi) + math.pi + logsumexp(X) + Local.weights + len(X) + helperless(X)

    assert variables_read(fine) == []


mine, nothing_kept, tables = {"helper": np.sqrt, "total": np.sum}, {}, {"shares": weights}


def test_kept_functions_in_a_dict_are_no_variables_but_arrays_are():
    def fit(X):
        return helperless(X, **mine, **nothing_kept, **tables)

    assert variables_read(fit) == ["tables"]


def helperless(X):
    return X.sum()


# -------------------------------------------------------------------------- whose work it is


def by_the_engine(X, weights, means, covariances):
    params = emkit.MixtureParams(weights, emkit.GaussianComponents(means, covariances))
    return emkit.GaussianMixture(len(weights)).responsibilities(params, X)


def by_scikit_learn(X, weights, means, covariances):
    peer = GaussianMixture(len(weights))
    peer.weights_, peer.means_, peer.covariances_ = weights, means, covariances
    peer.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(covariances))
    return peer.predict_proba(X)


def by_a_detour(X, weights, means, covariances):
    from importlib import import_module

    correct = import_module("emkit.workshop.catalogue").find("03.responsibilities").correct
    return correct(X, weights, means, covariances)


@pytest.mark.parametrize(
    ("candidate", "whose"),
    [(by_the_engine, "emkit"), (by_scikit_learn, "scikit-learn"), (by_a_detour, "emkit")],
)
def test_work_that_is_not_the_learners(candidate, whose):
    text = refused("03.responsibilities", candidate, part="ordinary")
    assert f"it calls {whose}. Writing this function is the exercise" in text


def test_a_piece_may_use_what_it_names_and_nothing_else(monkeypatch):
    piece = catalogue.find("03.responsibilities")
    permissive = dataclasses.replace(piece, may_use=("emkit",))
    monkeypatch.setitem(catalogue.PIECES, piece.id, permissive)
    check("03.responsibilities", by_the_engine)
    assert "it calls scikit-learn" in refused("03.responsibilities", by_scikit_learn)


def test_the_density_by_scipys_multivariate_normal():
    def log_gaussian(X, mean, covariance):
        return np.atleast_1d(multivariate_normal(mean, covariance).logpdf(X))

    text = refused("03.log_gaussian", log_gaussian)
    assert "it calls scipy.stats.multivariate_normal and its kind" in text


# ------------------------------------------------------------------- no failure cascades


def log_joint(X, weights, means, covariances):
    return np.zeros((len(X), len(weights)))


def responsibilities(X, weights, means, covariances):
    values = log_joint(X, weights, means, covariances)
    shares = np.exp(values - values.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def test_a_right_piece_on_a_wrong_one_passes_and_the_wrong_one_is_put_back():
    before = log_joint
    check("03.responsibilities", responsibilities)
    assert log_joint is before
    with pytest.raises(CheckFailed):
        check("03.log_joint", log_joint)


def test_a_right_piece_on_one_that_is_missing_passes(monkeypatch):
    monkeypatch.delitem(globals(), "log_joint")
    check("03.responsibilities", responsibilities)
    assert "log_joint" not in globals()


def test_the_wrong_one_is_put_back_after_a_failure_too():
    before = log_joint
    assert refused("03.responsibilities", lambda X, weights, means, covariances: 1 / 0)
    assert log_joint is before


def test_every_off_limits_package_covers_its_modules():
    assert watch.off_limits("sklearn.mixture._gaussian_mixture") == ["scikit-learn"]
    assert watch.off_limits("hmmlearn") == ["hmmlearn"]
    assert not watch.off_limits("sklearnish")
    assert not watch.off_limits("scipy.stats._continuous_distns")
