"""The EM algorithm: expect, look at the objective, maximise, repeat."""

import builtins
from functools import partial

import numpy as np

from emkit.accelerate import Leaps
from emkit.arguments import check_whole_number
from emkit.chunks import arranged
from emkit.convergence import relative_gain
from emkit.model import Degeneracy, ObjectiveFell
from emkit.runs import Fit, Run, best_of

__all__ = ["Fit", "Run", "fit"]


def fit(
    model,
    data,
    *,
    sample_weight=None,
    start=None,
    converged=relative_gain(1e-6),  # noqa: B008 (a rule is an immutable value)
    max_iter=500,
    n_init=1,
    rng=None,
    chunks=None,
    map=map,
    accelerate=None,
    progress=False,
    callback=None,
):
    """Fit a model by EM (Dempster, Laird and Rubin 1977) and keep the best of `n_init` runs.

    Parameters
    ----------
    model : Model
        For example `GaussianMixture(2)`.
    data : array, or what the model documents
        (n, d) rows for a mixture. A memory-mapped array is read chunk by chunk with `chunks`.
    sample_weight : (n,) array, optional
        How often each row counts: 2 is the row twice, 0 is the row left out.
    start : parameters, optional
        Where to start. Without it each run starts from `model.initial(data, rng)`, which with
        `chunks` sees the first chunk only: shuffle rows that are sorted.
    converged : callable
        Stopping rule `converged(history) -> bool`, see `emkit.convergence`.
    max_iter : int
        Largest number of M-steps in a run; 0 only evaluates the start.
    n_init : int
        Number of runs from random starts.
    rng : numpy.random.Generator, optional
        Source of the random starts; needed unless `start` is given.
    chunks : int or 'given', optional
        E-steps take so many rows at a time, and their statistics are added up. With 'given' the
        data are an iterable of chunks already, and `sample_weight` one of their weights.
    map : callable
        Where chunks, or without chunks the runs, are worked on: the built-in `map`, or that of an
        executor, on other cores or machines. It must keep the order. Rows of a memory map that is
        only read aren't sent there: each process opens the file, at the same path, for itself.
    accelerate : callable, optional
        Proposes parameters further along, see `emkit.squarem`; they are taken only where the
        objective doesn't fall.
    progress : bool
        Whether to show a bar of the runs that are done (needs tqdm).
    callback : callable, optional
        `callback(params, history)` after every E-step; not with another `map` over runs.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        For bad data or arguments, naming what came and what was expected.
    ObjectiveFell
        If the objective falls by more than rounding: one of the model's steps is wrong.
    """
    check_whole_number("max_iter", max_iter, least=0)
    check_whole_number("n_init", n_init, least=1)
    if start is not None and n_init > 1:
        raise ValueError(f"start is given, so n_init must be 1, not {n_init}: the runs would agree")
    if start is None and not isinstance(rng, np.random.Generator):
        raise ValueError(
            f"rng is {rng!r}, expected a numpy.random.Generator such as np.random.default_rng(0)"
        )
    data = arranged(model, data, sample_weight, chunks, map)
    if start is None:
        first = data.first()
        starts = [model.initial(first, rng) for _ in range(n_init)]
    else:
        starts = [start]
    run = partial(climb, model, data.e_step, converged, max_iter, accelerate, callback)
    runs = (map if chunks is None and n_init > 1 else builtins.map)(run, starts)
    if progress:
        from tqdm.auto import tqdm

        runs = tqdm(runs, total=n_init, desc="runs")
    return best_of(list(runs))


def climb(model, e_step, converged, max_iter, accelerate, callback, params):
    """Run EM from `params`. It stops before an M-step, so the last value belongs to the result."""

    def look(params):
        statistics = e_step(params)
        return statistics, float(statistics.log_likelihood + model.log_prior(params))

    leaps = Leaps(accelerate, look)
    history, settled = [], params
    try:
        statistics, value = look(params)
        while True:
            check_no_fall(history, value, model)
            history.append(value)
            settled = params
            if callback:
                callback(params, history)
            if converged(history):
                return Run(settled, np.array(history), "converged")
            if len(history) > max_iter:
                return Run(settled, np.array(history), "max_iter")
            params = model.m_step(statistics, settled)
            leap = leaps.after(settled, params, value)
            params, statistics, value = leap or (params, *look(params))
    except Degeneracy as degeneracy:
        return Run(settled, np.array(history), str(degeneracy), degenerate=True)


def check_no_fall(history, value, model=None):
    """Raise `ObjectiveFell` if `value` is below the last one by more than rounding."""
    if np.isnan(value):
        raise ObjectiveFell(f"the objective is NaN at iteration {len(history)}")
    if history and history[-1] - value > 1e-10 * max(1.0, abs(history[-1])):
        advise = getattr(model, "advice", lambda: "check the M-step and the E-step")
        raise ObjectiveFell(
            f"the objective fell at iteration {len(history)}, from {history[-1]:.10g} to "
            f"{value:.10g}. Right steps cannot do that: {advise()}"
        )
