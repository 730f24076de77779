"""A learner's pieces inside `emkit.fit`."""

import numpy as np
import pytest
from right_answers import RIGHT_ANSWERS

import emkit
from emkit import datasets, workshop
from emkit.workshop import catalogue

X = datasets.old_faithful().X
NAMES = ("log_gaussian", "log_joint", "responsibilities", "log_likelihood")


def fitted(**pieces):
    return emkit.fit(
        workshop.gaussian_mixture(2, **pieces), X, n_init=3, rng=np.random.default_rng(0)
    )


@pytest.mark.parametrize("which", range(4))
def test_right_pieces_reach_the_published_optimum(which):
    fit = fitted(**{name: RIGHT_ANSWERS[f"03.{name}"][which % 2] for name in NAMES})
    assert fit.history[-1] == pytest.approx(-1130.2640, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_each_piece_alone_runs_with_the_engines_others(name):
    calls = []

    def mine(*args):
        calls.append(1)
        return RIGHT_ANSWERS[f"03.{name}"][0](*args)

    fit = fitted(**{name: mine})
    assert calls
    assert fit.history[-1] == pytest.approx(-1130.2640, abs=1e-3)


def test_weights_are_refused_and_not_ignored():
    model = workshop.gaussian_mixture(2)
    with pytest.raises(ValueError, match="sample_weight is given, but your pieces take rows"):
        emkit.fit(model, X, sample_weight=np.ones(len(X)), rng=np.random.default_rng(0))


def wrong(piece_id, name):
    return next(m for m in catalogue.find(piece_id).mistakes if m.__name__ == name)


def test_responsibilities_that_make_the_likelihood_fall_are_told_so():
    with pytest.raises(emkit.ObjectiveFell, match="fell at iteration"):
        fitted(responsibilities=lambda *args: RIGHT_ANSWERS["03.responsibilities"][0](*args)[::-1])


@pytest.mark.parametrize(
    ("pieces", "sentence"),
    [
        (
            {"responsibilities": wrong("03.responsibilities", "shares_transposed")},
            r"responsibilities gave shape \(2, 272\), expected \(n, k\) = \(272, 2\)",
        ),
        (
            {"responsibilities": wrong("03.responsibilities", "normalised_over_points")},
            "responsibilities gave a row that doesn't sum to 1: row 0 is",
        ),
        (
            {"log_likelihood": wrong("03.log_likelihood", "one_value_a_point")},
            r"log_likelihood gave shape \(272,\), expected one number",
        ),
        (
            {"log_likelihood": lambda *args: -np.inf},
            "log_likelihood gave -inf, expected a finite number",
        ),
    ],
)
def test_pieces_that_cannot_be_used_are_named(pieces, sentence):
    with pytest.raises(ValueError, match=sentence):
        fitted(**pieces)


def test_a_collapse_in_the_learners_density_is_a_named_degeneracy():
    components = emkit.GaussianComponents([[0.0], [9.0]], [[[1.0]], [[1e-3]]])
    start = emkit.MixtureParams([0.5, 0.5], components)
    data = np.concatenate([np.random.default_rng(0).normal(size=(20, 1)), np.full((5, 1), 9.0)])
    model = workshop.gaussian_mixture(2, log_gaussian=RIGHT_ANSWERS["03.log_gaussian"][0])
    with np.errstate(divide="ignore"):
        fit = emkit.fit(model, data, start=start)
    assert "has collapsed" in fit.reason
