"""Runs of a fit: the engine's, and what must hold of any, checked on the parameters."""

import numpy as np

from emkit import em
from emkit.model import Degeneracy
from emkit.workshop.bench.contract import describe
from emkit.workshop.pieces.capstone.verdicts import FINE, Collapsed, Unusable, Verdict

TOL = 1e-6  # of the stopping rule
STEPS_TO_COLLAPSE = 40  # that a run may have broken off too early
REASONS = ("converged", "max_iter")
ROUNDING = 1e-8  # relative; a learner's log-likelihood is added up in another order


def best_first(model, data, n_init, max_iter, rng):
    """The engine's runs as the engine has them, the one to keep first."""
    fit = em.fit(model, data, n_init=n_init, max_iter=max_iter, rng=rng)
    return sorted(fit.runs, key=lambda run: (run.degenerate, -run.objective))


def judged_runs(runs, model, data, read, n_init, max_iter):
    """The verdict on a list of runs.

    `read` turns a learner's tuple into the parameters of `model`, at which the E-step and one more
    M-step are taken: a number in a history is believed only where the parameters bear it out.
    """
    if not isinstance(runs, list):
        raise Unusable(f"runs is {describe(runs)}, expected a list with one run for each start")
    if len(runs) != n_init:
        raise Unusable(f"runs has length {len(runs)}, but n_init is {n_init}: one run a start")
    prepared = model.prepare(data)
    looks = [Look(run, model, prepared, read) for run in runs]
    last = looks[0].history[-1]
    sentence = found_wrong(looks, model, max_iter) or FINE
    return Verdict(sentence, looks[0].log_likelihood, last, len(looks[0].history))


class Look:
    """A run as it came back, and what the engine finds at its parameters."""

    def __init__(self, run, model, data, read):
        if not isinstance(run, tuple) or len(run) != 3:
            raise Unusable("a run should be a tuple of three: (params, history, reason)")
        params, history, self.reason = run
        self.history = numbers_of(history)
        self.log_likelihood, self.still_to_gain = self.history[-1], np.inf
        try:
            params = read(params)
            statistics = model.e_step(params, data)
            self.log_likelihood = statistics.log_likelihood
            for _ in range(STEPS_TO_COLLAPSE if self.broke_off else 1):
                params = model.m_step(statistics, params)
                statistics = model.e_step(params, data)
            self.still_to_gain = statistics.log_likelihood - self.log_likelihood
        except Degeneracy:
            pass  # more than any finite gain
        except Collapsed:
            if not self.broke_off:
                raise
        except ValueError as error:
            raise Unusable(str(error)) from None

    @property
    def size(self):
        """What tolerances are relative to."""
        return max(1.0, abs(self.log_likelihood))

    @property
    def broke_off(self):
        """Whether the run ended in a degeneracy that its reason names."""
        return isinstance(self.reason, str) and self.reason not in REASONS

    def last_gain_is_small(self):
        """Whether the stopping rule holds at the end of the history."""
        return len(self.history) > 1 and self.history[-1] - self.history[-2] <= TOL * self.size


def numbers_of(history):
    """A history as an array of finite numbers."""
    try:
        values = np.asarray(history, dtype=float)
    except (TypeError, ValueError):
        values = np.array([])
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise Unusable("a history should be a list of finite numbers, that of the start at least")
    return values


def found_wrong(looks, model, max_iter):
    """The first thing that doesn't hold, in a sentence, or None."""
    for look in looks:
        problem = problem_of(look, max_iter)
        if problem:
            return problem
    whole = [look for look in looks if not look.broke_off] or looks
    values = [look.log_likelihood for look in whole]
    if looks[0] is not whole[0]:
        return "the first run is one that broke off, and another one didn't"
    if values[0] < max(values) - ROUNDING * looks[0].size:
        return "the first run isn't the one with the highest log-likelihood"
    starts = {look.history[0] for look in looks}
    several = len(looks) > 1 and len(looks[0].history) > 1
    if several and len(starts) == 1 and components_of(model) > 1:
        return "all histories begin with the same value: the starts are one and the same"
    return None


def components_of(model):
    """How many components, or states."""
    return getattr(model, "n_components", None) or model.n_states


def problem_of(look, max_iter):
    """What doesn't hold of one run, or None."""
    if (np.diff(look.history) < -ROUNDING * look.size).any():
        return "the history of one of the runs falls, which EM can't do"
    if abs(look.history[-1] - look.log_likelihood) > ROUNDING * look.size:
        return (
            "history[-1] of one of the runs isn't the log-likelihood of that run's params on these "
            "data, by emkit's own count"
        )
    if not isinstance(look.reason, str):
        return "the reason of one of the runs is no text"
    if len(look.history) > max_iter + 1:
        return "one of the runs has a longer history than max_iter allows"
    if look.broke_off and np.isfinite(look.still_to_gain):
        return (
            "one of the runs has a reason that is neither 'converged' nor 'max_iter', but nothing "
            "has collapsed: EM can go on from its params"
        )
    if look.reason == "converged" and not look.last_gain_is_small():
        return "one of the runs says 'converged', but its last gain is larger than the rule allows"
    if look.reason == "converged" and look.still_to_gain > 10 * TOL * look.size:
        return (
            "one of the runs says 'converged', but one more step of EM from its params gains more "
            "than ten times what the rule allows"
        )
    if look.reason == "max_iter" and look.last_gain_is_small():
        return "one of the runs says 'max_iter', but by the rule its climb was over"
    if look.reason == "max_iter" and len(look.history) < max_iter + 1:
        return "one of the runs says 'max_iter', but its history has fewer than max_iter + 1 values"
    return None
