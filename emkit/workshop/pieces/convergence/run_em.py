"""The whole algorithm: expect, look, maximise, repeat, and say why it ended."""

from dataclasses import dataclass
from itertools import count, islice

import numpy as np

from emkit import em
from emkit.convergence import relative_gain
from emkit.model import ObjectiveFell
from emkit.workshop.bench.contract import unwatched
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.convergence.climbs import (
    coins,
    linkage,
    path,
    raising,
    two_normals,
)
from emkit.workshop.pieces.convergence.has_converged import correct_has_converged


def run_em(params, e_step, m_step, tol, max_iter):
    """Run EM from a start until the climb is over or the steps are used up.

    Parameters
    ----------
    params : anything that `e_step` takes
        Where to start: a number, an array, a tuple, a dict ... only the two steps look inside.
    e_step : callable
        `e_step(params) -> (expectations, log_likelihood)`, the log-likelihood of those params.
    m_step : callable
        `m_step(expectations) -> params`
    tol : float
        Tolerance of the stopping rule, which is that of `has_converged`, its error included.
    max_iter : int
        `m_step` is called that many times at most; 0 only evaluates the start.

    Returns
    -------
    params : as the steps have it
        The last parameters whose log-likelihood was computed.
    history : list of float
        Log-likelihoods, that of the start first; the last one belongs to the returned params.
    reason : str
        'converged' if the stopping rule holds at the end of the history, else 'max_iter'.

    Notes
    -----
    An error that a step raises is not caught.
    """


def run_em_cases(rng):
    """Paths of known log-likelihoods, then real models with parameters of every kind."""
    top = -float(rng.integers(20, 90))
    climb = [top - 8, top - 3, top - 1, top - 0.25, top - 0.25, top]
    slow = [top - 8, top - 4, top - 2, top - 1, top - 0.5, top]
    just_so = [top - 8, top - 3, top, top, top]
    many = list(top - 50 * 0.7 ** np.arange(60))
    falling = [top - 5, top - 2, top - 3, top]
    wobbling = [top - 5, top, top * (1 + 2e-11), top + 1]

    def case(what, given, tol, max_iter, **more):
        return Case(what, {**given, "tol": tol, "max_iter": max_iter}, **more)

    return [
        case("a climb that levels off", path(climb), 0.0, 5),
        case("a climb that is cut short", path(slow), 1e-6, 3),
        case("a climb of 60 steps", path(many), 1e-5, 59),
        case("a single M-step", path(slow), 1e-6, 1),
        case("a start that is only evaluated", path(slow), 1e-6, 0),
        case("a log-likelihood near 0 and a coarse tolerance",
             path([-3.0, -0.9, -0.6, -0.45, -0.4, -0.1]), 0.1, 5),
        case("one number as parameter: the linkage of two genes", linkage(rng), 1e-9, 100),
        case("an array of parameters: two coins", coins(rng), 1e-7, 30),
        case("a tuple of parameters: two normals", two_normals(rng, tuple), 1e-5, 500),
        case("a dict of parameters: two normals", two_normals(rng, dict), 1e-5, 4),
        case("a climb that is over just when the M-steps are used up", path(just_so), 0.0, 3,
             hard=True),
        case("a fall in the size of rounding", path(wobbling), 1e-9, 3, hard=True),
        case("a log-likelihood that falls", path(falling), 1e-6, 3, hard=True, raises=ValueError,
             because="the stopping rule is that of `has_converged`, and it refuses a fall"),
        case("a log-likelihood that falls after the last M-step", path(falling), 1e-6, 2,
             hard=True, raises=ValueError,
             because="the stopping rule is that of `has_converged`, and it refuses a fall"),
        case("an E-step that fails on the way", raising("e_step", slow), 1e-6, 5, hard=True,
             raises=FloatingPointError, because="what a step raises is for the caller to see"),
        case("an M-step that fails on the way", raising("m_step", slow), 1e-6, 5, hard=True,
             raises=ZeroDivisionError, because="what a step raises is for the caller to see"),
    ]  # fmt: skip


@dataclass(frozen=True)
class Steps:
    """Two steps as a model for `emkit.fit`; what the E-step gives is the statistics."""

    e_step_of: object
    m_step_of: object

    def prepare(self, data, sample_weight=None):
        return data

    def e_step(self, params, data):
        return Expected(*self.e_step_of(params))

    def m_step(self, statistics, params):
        return self.m_step_of(statistics.expectations)

    def log_prior(self, params):
        return 0.0


@dataclass(frozen=True)
class Expected:
    """What a learner's E-step returns."""

    expectations: object
    log_likelihood: float


def correct_run_em(params, e_step, m_step, tol, max_iter):
    """The engine's loop."""
    try:
        fit = em.fit(
            Steps(e_step, m_step),
            None,
            start=params,
            converged=relative_gain(tol),
            max_iter=max_iter,
        )
    except ObjectiveFell as fall:
        raise ValueError(str(fall)) from None
    return fit.params, fit.history.tolist(), fit.reason


def flat_and_counted(function, params, e_step, m_step, tol, max_iter):
    """The parameters as one array, whatever they are made of; no M-step beyond `max_iter`."""
    answer = function(params, e_step, limited(m_step, max_iter), tol, max_iter)
    if not (isinstance(answer, tuple) and len(answer) == 3):
        return answer
    try:
        return flat(answer[0]), *answer[1:]
    except (TypeError, ValueError):  # these are no parameters: the answer's form will be refused
        return answer


def limited(m_step, most):
    """`m_step`, refusing to be called more often than it may."""
    calls = count(1)

    def counted(expectations):
        number = next(calls)
        if number > most:
            raise RuntimeError(f"m_step is called {number} times, but max_iter is {most}")
        return m_step(expectations)

    return unwatched(counted)


def flat(params):
    """All numbers in parameters, in one array; those of a dict in the order of its names."""
    if isinstance(params, dict):
        params = tuple(params[name] for name in sorted(params))
    if isinstance(params, tuple):
        return np.concatenate([flat(part) for part in params])
    return np.ravel(np.asarray(params, dtype=float))


def rebuilt(like, numbers):
    """Parameters built like others, from an iterator over the numbers that `flat` gave."""
    if isinstance(like, dict):
        return {name: rebuilt(like[name], numbers) for name in sorted(like)}
    if isinstance(like, tuple):
        return tuple(rebuilt(part, numbers) for part in like)
    return np.reshape(list(islice(numbers, np.size(like))), np.shape(like))


def history_begins_at_the_start(answer, params, e_step, m_step, tol, max_iter):
    """Its first value is what the first E-step says."""
    _, history, _ = answer
    first = e_step(params)[1]
    if len(history) and history[0] != first:
        return (
            f"history[0] is {history[0]:.6g}, but the log-likelihood of the params that came in "
            f"is {first:.6g}"
        )
    return None


def history_ends_at_the_result(answer, params, e_step, m_step, tol, max_iter):
    """Its last value belongs to what is returned."""
    returned, history, _ = answer
    last = e_step(rebuilt(params, iter(returned)))[1]
    if len(history) and not np.isclose(history[-1], last, rtol=1e-10, atol=0):
        return (
            f"history[-1] is {history[-1]:.6g}, but the log-likelihood of the params that you "
            f"return is {last:.6g}"
        )
    return None


def reason_is_one_of_two(answer, params, e_step, m_step, tol, max_iter):
    """There are two ways to end."""
    reason = answer[2]
    if reason not in ("converged", "max_iter"):
        return f"reason is {reason!r}, expected 'converged' or 'max_iter'"
    return None


def walk(params, e_step, m_step, tol, max_iter, over=correct_has_converged):
    """The right loop, with another rule for when the climb is over."""
    history = []
    while True:
        expectations, log_likelihood = e_step(params)
        history.append(log_likelihood)
        if over(history, tol):
            return params, history, "converged"
        if len(history) > max_iter:
            return params, history, "max_iter"
        params = m_step(expectations)


@mistake("The last M-step is not followed by an E-step: the params that you return are one step "
         "ahead of history[-1].")  # fmt: skip
def one_m_step_ahead(params, e_step, m_step, tol, max_iter):
    history = []
    for _ in range(max_iter):
        expectations, log_likelihood = e_step(params)
        history.append(log_likelihood)
        if correct_has_converged(history, tol):
            return params, history, "converged"
        params = m_step(expectations)
    return params, history, "max_iter"


@mistake("After the last M-step the stopping rule isn't asked again: there the climb may be over, "
         "and the reason is 'converged'.")  # fmt: skip
def last_step_not_looked_at(params, e_step, m_step, tol, max_iter):
    params, history, _ = walk(params, e_step, m_step, tol, max_iter)
    return params, history, "max_iter" if len(history) > max_iter else "converged"


@mistake("The M-step comes before the look at the stopping rule, so that the params that you "
         "return have moved on when history[-1] says stop.")  # fmt: skip
def m_step_before_the_look(params, e_step, m_step, tol, max_iter):
    history = []
    for _ in range(max_iter):
        expectations, log_likelihood = e_step(params)
        history.append(log_likelihood)
        params = m_step(expectations)
        if correct_has_converged(history, tol):
            return params, history, "converged"
    history.append(e_step(params)[1])
    return params, history, "max_iter"


@mistake("`max_iter` is taken as the number of E-steps. It limits the M-steps, and there is one "
         "E-step more: even with 0 M-steps the start is evaluated.")  # fmt: skip
def e_steps_limited(params, e_step, m_step, tol, max_iter):
    return walk(params, e_step, m_step, tol, max(max_iter - 1, 0))


@mistake("The stopping rule is never asked: yours always takes all `max_iter` steps.")
def never_stops_early(params, e_step, m_step, tol, max_iter):
    return walk(params, e_step, m_step, tol, max_iter, over=lambda history, tol: False)


@mistake("The reason says 'converged' although the steps were used up. Whoever reads that trusts a "
         "climb that was cut short.")  # fmt: skip
def always_converged(params, e_step, m_step, tol, max_iter):
    return *walk(params, e_step, m_step, tol, max_iter)[:2], "converged"


@mistake("The history lacks the log-likelihood of the start: its first value is that before the "
         "first M-step.")  # fmt: skip
def start_left_out(params, e_step, m_step, tol, max_iter):
    params, history, reason = walk(params, e_step, m_step, tol, max_iter)
    return params, history[1:], reason


@mistake("The history holds only the last two values. Keep all of them, oldest first.")
def last_two_only(params, e_step, m_step, tol, max_iter):
    params, history, reason = walk(params, e_step, m_step, tol, max_iter)
    return params, history[-2:], reason


@mistake("You return the params that came in: what m_step gives has to become the params of the "
         "next E-step, and the result.")  # fmt: skip
def start_returned(params, e_step, m_step, tol, max_iter):
    return params, *walk(params, e_step, m_step, tol, max_iter)[1:]


@mistake("The gain is compared with `tol` itself. The rule is that of `has_converged`: call it.")
def absolute_rule(params, e_step, m_step, tol, max_iter):
    return walk(
        params, e_step, m_step, tol, max_iter,
        over=lambda history, tol: len(history) > 1 and history[-1] - history[-2] <= tol,
    )  # fmt: skip


@mistake("A log-likelihood that falls goes unnoticed. The rule is that of `has_converged`, which "
         "raises an error there: call it.")  # fmt: skip
def falls_unnoticed(params, e_step, m_step, tol, max_iter):
    def over(history, tol):
        return len(history) > 1 and history[-1] - history[-2] <= tol * max(1, abs(history[-1]))

    return walk(params, e_step, m_step, tol, max_iter, over)


@mistake("An error on the way is caught, and half a climb returned as if nothing had happened.")
def errors_caught(params, e_step, m_step, tol, max_iter):
    history, reason = [], "max_iter"
    try:
        for number in range(max_iter + 1):
            expectations, log_likelihood = e_step(params)
            history.append(log_likelihood)
            if correct_has_converged(history, tol):
                reason = "converged"
                break
            if number < max_iter:
                params = m_step(expectations)
    except ArithmeticError:
        pass
    return params, history, reason


PIECE = Piece(
    id="05.run_em",
    contract=run_em,
    correct=correct_run_em,
    cases=run_em_cases,
    returns=(
        Returned("params", "(numbers,)"),
        Returned("history", "(values,)", "list"),
        Returned("reason", "()", "text"),
    ),
    properties=(
        history_begins_at_the_start,
        history_ends_at_the_result,
        reason_is_one_of_two,
    ),
    mistakes=(
        one_m_step_ahead,
        last_step_not_looked_at,
        m_step_before_the_look,
        e_steps_limited,
        never_stops_early,
        always_converged,
        start_left_out,
        last_two_only,
        start_returned,
        absolute_rule,
        falls_unnoticed,
        errors_caught,
    ),
    section="The loop",
    observe=flat_and_counted,
)
