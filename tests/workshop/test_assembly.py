"""A learner's pieces inside `emkit.fit`, for every family of the course."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pytest
from right_answers import RIGHT_ANSWERS

import emkit
from emkit import datasets, families, workshop
from emkit.convergence import relative_gain
from emkit.normal import MultivariateNormal
from emkit.plsa import PLSA
from emkit.workshop import catalogue


@dataclass(frozen=True)
class Kind:
    """A factory, data to fit, the pieces that it takes, and the model of emkit that it matches."""

    assemble: object
    data: object
    pieces: dict
    engine: object
    exact: float = 1e-8  # relative difference to the engine's fit


def pieces(number, *names):
    return {name: f"{number}.{name}" for name in names}


def coins():
    tally = datasets.geissler()
    boys = np.repeat(tally.boys, tally.families)[::20]
    return np.column_stack([boys, np.full(len(boys), tally.children)])


def beavers():
    both = datasets.beavers()
    return [animal.temperature[:, None] for animal in (both.beaver1, both.beaver2)]


def texts():
    return datasets.inaugural_addresses().counts[:12]


E_STEP = pieces("03", "log_gaussian", "log_joint", "responsibilities", "log_likelihood")
M_STEP = pieces("04", "update_weights", "update_means", "update_covariances")
FORWARD_BACKWARD = pieces(
    "09", "forward", "backward", "state_posteriors", "transition_posteriors",
    "sequence_log_likelihood",
)  # fmt: skip
CHAIN = pieces("10", "update_startprob", "update_transmat")
KINDS = {
    "gaussian mixture": Kind(
        partial(workshop.gaussian_mixture, 2),
        datasets.old_faithful().X,
        E_STEP | M_STEP,
        emkit.GaussianMixture(2),
    ),
    "gaussian mixture by one m_step": Kind(
        partial(workshop.gaussian_mixture, 2),
        datasets.old_faithful().X,
        pieces("03", "responsibilities", "log_likelihood") | pieces("04", "m_step"),
        emkit.GaussianMixture(2),
    ),
    "binomial mixture": Kind(
        partial(workshop.binomial_mixture, 2),
        coins(),
        pieces("01", "log_joint", "log_likelihood", "responsibilities", "update"),
        emkit.BinomialMixture(2),
    ),
    "latent classes": Kind(
        partial(workshop.latent_classes, 2, 2),
        datasets.carcinoma().Y,
        pieces("07", "log_joint", "responsibilities", "m_step"),
        emkit.LatentClass(2, 2),
    ),
    "missing normal": Kind(
        workshop.missing_normal,
        datasets.air_quality().X,
        pieces("06", "conditional_normal", "e_step", "m_step", "observed_log_likelihood"),
        MultivariateNormal(),
    ),
    "topics": Kind(
        partial(workshop.topics, 3),
        texts(),
        pieces("08", "log_likelihood", "em_step"),
        PLSA(3),
    ),
    "hidden Markov, Poisson": Kind(
        partial(workshop.hidden_markov, 2, "poisson"),
        datasets.earthquakes().count[:, None],
        FORWARD_BACKWARD | CHAIN | pieces("10", "update_poisson"),
        emkit.HMM(families.Poisson(), 2),
    ),
    "hidden Markov, Gaussian": Kind(
        partial(workshop.hidden_markov, 2),
        beavers(),
        FORWARD_BACKWARD | CHAIN | pieces("10", "update_gaussian"),
        emkit.HMM(families.Gaussian(), 2),
    ),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
EVERY_PIECE = pytest.mark.parametrize(
    ("kind", "name"),
    [pytest.param(k, name, id=f"{i}-{name}") for i, k in KINDS.items() for name in k.pieces],
)


def fitted(model, data, iterations=6):
    """A few iterations, the same for all: where they lead is another test's question."""
    rng = np.random.default_rng(3)
    return emkit.fit(model, data, max_iter=iterations, converged=relative_gain(0), rng=rng)


def flat(value):
    """All numbers of nested parameters in one array."""
    if isinstance(value, np.ndarray):
        return value.ravel()
    inside = [getattr(value, name) for name in value.__dataclass_fields__]
    return np.concatenate([flat(part) for part in inside if not isinstance(part, str)])


@EVERY_KIND
@pytest.mark.parametrize("which", range(2))
def test_right_pieces_take_the_engines_steps(kind, which):
    mine = {name: RIGHT_ANSWERS[piece_id][which] for name, piece_id in kind.pieces.items()}
    own, engines = (
        fitted(kind.assemble(**mine), kind.data), fitted(kind.engine, kind.data)
    )  # fmt: skip
    assert own.history == pytest.approx(engines.history, rel=kind.exact)
    assert flat(own.params) == pytest.approx(flat(engines.params), rel=1e-6, abs=1e-9)


@EVERY_PIECE
def test_each_piece_alone_runs_with_the_engines_others(kind, name):
    calls = []

    def mine(*args):
        calls.append(1)
        return RIGHT_ANSWERS[kind.pieces[name]][0](*args)

    own = fitted(kind.assemble(**{name: mine}), kind.data)
    assert calls
    assert own.history == pytest.approx(fitted(kind.engine, kind.data).history, rel=kind.exact)


@EVERY_PIECE
def test_a_piece_that_gives_nothing_is_named(kind, name):
    with pytest.raises(ValueError, match=f"your {name}: it returns None"):
        fitted(kind.assemble(**{name: lambda *args: None}), kind.data)


@EVERY_KIND
def test_weights_are_refused_and_not_ignored(kind):
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="sample_weight is given, but your pieces take data with"):
        emkit.fit(kind.assemble(), kind.data, sample_weight=np.ones(3), rng=rng)


def test_chunks_make_no_difference():
    kind = KINDS["gaussian mixture"]
    mine = {name: RIGHT_ANSWERS[piece_id][0] for name, piece_id in kind.pieces.items()}
    start = fitted(kind.engine, kind.data, iterations=1).params
    whole, parts = (
        emkit.fit(kind.assemble(**mine), kind.data, start=start, max_iter=4, chunks=chunks)
        for chunks in (None, 100)
    )
    assert parts.history == pytest.approx(whole.history, rel=1e-10)


def test_tied_covariances_climb_to_the_engines_optimum():
    X = datasets.old_faithful().X
    tied = RIGHT_ANSWERS["04.update_tied_covariance"][0]
    model = workshop.gaussian_mixture(2, update_tied_covariance=tied, start="k-means")
    own = emkit.fit(model, X, rng=np.random.default_rng(0), converged=relative_gain(1e-10))
    engine = emkit.GaussianMixture(2, "tied", start="k-means")
    theirs = emkit.fit(engine, X, rng=np.random.default_rng(0), converged=relative_gain(1e-10))
    assert own.history[-1] == pytest.approx(theirs.history[-1], abs=1e-3)


def test_topics_of_the_posterior_alone():
    kind = KINDS["topics"]
    model = kind.assemble(topic_posterior=RIGHT_ANSWERS["08.topic_posterior"][0])
    own, engines = fitted(model, kind.data, 2), fitted(kind.engine, kind.data, 2)
    assert own.history == pytest.approx(engines.history, rel=1e-8)


def test_pictures_can_ask_the_assembled_mixture():
    kind = KINDS["gaussian mixture"]
    model = kind.assemble(responsibilities=RIGHT_ANSWERS["03.responsibilities"][0])
    params = fitted(model, kind.data).params
    resp = model.responsibilities(params, kind.data)
    assert resp == pytest.approx(kind.engine.responsibilities(params, kind.data))
    assert np.array_equal(model.predict(params, kind.data), resp.argmax(axis=1))


# ------------------------------------------------------------------------------- wrong pieces


def wrong(piece_id, name):
    return next(m for m in catalogue.find(piece_id).mistakes if m.__name__ == name)


def test_a_piece_that_makes_the_objective_fall_is_suspected():
    kind = KINDS["gaussian mixture"]
    model = kind.assemble(
        log_likelihood=RIGHT_ANSWERS["03.log_likelihood"][0],
        responsibilities=wrong("03.responsibilities", "normalised_over_points"),
    )
    sentence = (
        r"fell at iteration \d+, from .* suspect responsibilities, where emkit's own gives "
        r"something else$"
    )
    with pytest.raises(emkit.ObjectiveFell, match=sentence):
        fitted(model, kind.data, iterations=100)


def test_an_m_step_that_makes_the_objective_fall_is_suspected():
    kind = KINDS["missing normal"]

    def too_narrow(filled, extra):
        return filled.mean(axis=0), np.cov(filled.T) / 100

    with pytest.raises(emkit.ObjectiveFell, match=r"iteration \d+, .* suspect m_step, where"):
        fitted(kind.assemble(m_step=too_narrow), kind.data)


def test_parameters_that_cannot_be_say_which_piece_to_suspect():
    kind = KINDS["gaussian mixture"]
    with pytest.raises(ValueError, match=r"weights are .*; suspect update_weights, where"):
        fitted(kind.assemble(update_weights=lambda resp: resp.sum(axis=0)), kind.data)


@pytest.mark.parametrize(
    ("mine", "sentence"),
    [
        (
            {"responsibilities": wrong("03.responsibilities", "shares_transposed")},
            r"your responsibilities: resp is \(n, k\) = \(272, 2\), yours is \(2, 272\)",
        ),
        (
            {"log_likelihood": wrong("03.log_likelihood", "one_value_a_point")},
            r"your log_likelihood: log_likelihood should be one number, yours is an array of",
        ),
        ({"log_likelihood": lambda *args: -np.inf}, "your log_likelihood: log_likelihood is -inf"),
        ({"log_gaussian": 3.0}, "log_gaussian is 3.0, expected a function"),
    ],
)
def test_pieces_that_cannot_be_used_are_named(mine, sentence):
    kind = KINDS["gaussian mixture"]
    with pytest.raises(ValueError, match=sentence):
        fitted(kind.assemble(**mine), kind.data)


@pytest.mark.parametrize(
    "mine",
    [
        {"log_gaussian": RIGHT_ANSWERS["03.log_gaussian"][0]},
        {"update_means": RIGHT_ANSWERS["04.update_means"][0]},
    ],
    ids=["the learner's density", "the engine's density"],
)
def test_a_collapse_is_a_named_degeneracy(mine):
    components = emkit.GaussianComponents([[0.0], [9.0]], [[[1.0]], [[1e-3]]])
    start = emkit.MixtureParams([0.5, 0.5], components)
    data = np.concatenate([np.random.default_rng(0).normal(size=(20, 1)), np.full((5, 1), 9.0)])
    model = workshop.gaussian_mixture(2, **mine)
    with np.errstate(divide="ignore"):
        fit = emkit.fit(model, data, start=start)
    assert "has collapsed" in fit.reason


def test_emissions_that_are_not_there():
    with pytest.raises(ValueError, match="emissions is 'student', expected one of gaussian, pois"):
        workshop.hidden_markov(2, "student")
