"""The loop itself, on models small enough to see through."""

from dataclasses import dataclass

import numpy as np
import pytest

import emkit
from emkit import datasets
from emkit.convergence import relative_gain


@dataclass(frozen=True)
class Linkage:
    """Genetic linkage (Dempster, Laird and Rubin 1977, section 1): one probability, four counts."""

    def prepare(self, counts, sample_weight=None):
        return np.asarray(counts, dtype=float)

    def initial(self, counts, rng):
        return rng.uniform(0.1, 0.9)

    def e_step(self, p, counts):
        cells = np.array([0.5 + p / 4, (1 - p) / 4, (1 - p) / 4, p / 4])
        latent = counts[0] * (p / 4) / cells[0]
        return LinkageStatistics(counts @ np.log(cells), latent + counts[3], counts[1] + counts[2])

    def m_step(self, statistics, p):
        return statistics.with_gene / (statistics.with_gene + statistics.without)

    def log_prior(self, p):
        return 0.0


@dataclass(frozen=True)
class LinkageStatistics:
    log_likelihood: float
    with_gene: float
    without: float


LINKAGE = (125, 18, 20, 34)
OPTIMUM = (15 + np.sqrt(53809)) / 394


def test_iterates_of_the_linkage_example_are_the_published_ones():
    published = [0.608247, 0.624321, 0.626489]
    for steps, value in enumerate(published, start=1):
        fit = emkit.fit(Linkage(), LINKAGE, start=0.5, max_iter=steps, converged=relative_gain(0))
        assert fit.params == pytest.approx(value, abs=1e-6)
        assert fit.reason == "max_iter"
        assert len(fit.history) == steps + 1


def test_the_linkage_example_converges_to_the_root_of_its_equation():
    fit = emkit.fit(Linkage(), LINKAGE, start=0.5, converged=relative_gain(1e-15))
    assert fit.reason == "converged"
    assert fit.params == pytest.approx(OPTIMUM, abs=1e-7)


def test_the_last_value_of_the_history_belongs_to_the_parameters():
    model = Linkage()
    for max_iter in (0, 1, 5):
        fit = emkit.fit(model, LINKAGE, start=0.3, max_iter=max_iter)
        value = model.e_step(fit.params, np.array(LINKAGE)).log_likelihood
        assert fit.history[-1] == value


def test_the_best_of_all_runs_is_returned_and_all_are_kept():
    fit = emkit.fit(Linkage(), LINKAGE, n_init=7, max_iter=1, rng=np.random.default_rng(0))
    assert len(fit.runs) == 7
    assert fit.history[-1] == max(run.objective for run in fit.runs)


def test_the_same_generator_gives_the_same_fit():
    a, b = (emkit.fit(Linkage(), LINKAGE, n_init=3, rng=np.random.default_rng(5)) for _ in range(2))
    assert a.params == b.params


class Wrong(Linkage):
    """An M-step that walks away from the optimum."""

    def m_step(self, statistics, p):
        return 0.5 * p


def test_a_fall_of_the_objective_is_an_error_that_names_the_iteration():
    with pytest.raises(emkit.ObjectiveFell, match="fell at iteration 1, from"):
        emkit.fit(Wrong(), LINKAGE, start=0.62)


class Collapsing(Linkage):
    """Degenerate at every start but those above one half."""

    def e_step(self, p, counts):
        if p < 0.5:
            raise emkit.Degeneracy("component 0 has collapsed")
        return super().e_step(p, counts)


def test_a_degenerate_run_is_kept_with_its_reason_and_never_wins_over_a_sound_one():
    fit = emkit.fit(Collapsing(), LINKAGE, n_init=8, rng=np.random.default_rng(1))
    assert {run.reason for run in fit.runs} == {"converged", "component 0 has collapsed"}
    assert fit.reason == "converged"
    alone = emkit.fit(Collapsing(), LINKAGE, start=0.2)
    assert alone.reason == "component 0 has collapsed"
    assert alone.params == 0.2


class ThirdCollapse(Linkage):
    """An E-step that fails at the third parameters."""

    def e_step(self, p, counts):
        if p > 0.6245 - 1e-3:
            raise emkit.Degeneracy("component 1 has collapsed")
        return super().e_step(p, counts)


def test_after_a_degeneracy_the_parameters_are_the_last_sound_ones():
    fit = emkit.fit(ThirdCollapse(), LINKAGE, start=0.5)
    assert fit.params == pytest.approx(0.608247, abs=1e-6)
    assert len(fit.history) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"rng": None}, "rng is None, expected a numpy.random.Generator"),
        ({"rng": 3}, "rng is 3, expected a numpy.random.Generator"),
        ({"start": 0.5, "n_init": 2}, "start is given, so n_init must be 1, not 2"),
        ({"start": 0.5, "max_iter": -1}, "max_iter is -1, expected a whole number of at least 0"),
        ({"start": 0.5, "n_init": 0}, "n_init is 0, expected a whole number of at least 1"),
        ({"start": 0.5, "n_init": 1.5}, "n_init is 1.5, expected a whole number"),
    ],
)
def test_bad_arguments_are_named(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        emkit.fit(Linkage(), LINKAGE, **arguments)


def test_stopping_rule_looks_at_the_last_step_only():
    converged = relative_gain(1e-3)
    assert not converged([])
    assert not converged([-5.0])
    assert converged([-500.0, -100.0, -99.95])
    assert not converged([-100.0, -99.95, -99.0])
    assert converged([0.0, 0.0009])  # near zero the size counts as 1
    with pytest.raises(ValueError, match="tol is -1, expected"):
        relative_gain(-1)


def test_old_faithful_reaches_the_published_optimum():
    """mclust: -1130.264, weights .6441 and .3559 (see the lesson)."""
    X = datasets.old_faithful().X
    fit = emkit.fit(emkit.GaussianMixture(2), X, n_init=10, rng=np.random.default_rng(0))
    assert fit.history[-1] == pytest.approx(-1130.2640, abs=1e-3)
    for run in fit.runs:
        assert np.all(np.diff(run.history) > -1e-9)
    order = np.argsort(-fit.params.weights)
    assert fit.params.weights[order] == pytest.approx([0.6441, 0.3559], abs=1e-3)
    expected = np.array([[4.2897, 79.968], [2.0364, 54.479]])
    assert fit.params.components.means[order] == pytest.approx(expected, rel=1e-3)


def test_a_callback_sees_the_parameters_and_the_history_after_every_e_step():
    seen = []
    fit = emkit.fit(
        Linkage(),
        LINKAGE,
        start=0.5,
        callback=lambda params, history: seen.append((params, list(history))),
    )
    assert [len(history) for _, history in seen] == list(range(1, len(fit.history) + 1))
    assert seen[-1] == (fit.params, list(fit.history))


def test_progress_is_a_bar_of_the_runs(capsys):
    rng = np.random.default_rng(0)
    emkit.fit(Linkage(), LINKAGE, n_init=3, rng=rng, progress=True)
    assert "3/3" in capsys.readouterr().err
    emkit.fit(Linkage(), LINKAGE, n_init=3, rng=rng)
    assert capsys.readouterr().err == ""
