"""The signature picture of the course: the log-likelihood, and lower bounds that touch it."""

import numpy as np

from emkit.arguments import finite_array
from emkit.plots.look import DASHES, MARKERS, axes_or_new, colours


def lower_bound(parameter, log_likelihood, bounds, touching, ax=None, labels=None):
    """The log-likelihood along one parameter, and lower bounds, each touching it at one value.

    A filled marker is where a bound touches (an E-step puts it there), the hollow one of the same
    form is the bound's maximum on the grid (where the M-step goes).

    Parameters
    ----------
    parameter : (m,) array
        Grid of the parameter, ascending.
    log_likelihood : (m,) array
        Log-likelihood at the grid, in nats; -inf is left out of the picture.
    bounds : (b, m) array
        Lower bounds at the grid, one a row; -inf is left out of the picture.
    touching : (b,) array
        The value of the parameter at which each bound touches.
    ax : matplotlib axes, optional
    labels : sequence of b strings, optional
        Names of the bounds.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If the shapes don't fit, the grid isn't ascending, a bound touches outside of it, or a
        bound is above the log-likelihood.
    """
    parameter = finite_array("parameter", parameter, 1, "(m,)")
    touching = finite_array("touching", touching, 1, "(b,)")
    values = np.asarray(log_likelihood, dtype=float)
    bounds = np.asarray(bounds, dtype=float)
    check_curves(parameter, values, bounds, touching)
    names = [f"bound {i + 1}" for i in range(len(bounds))] if labels is None else list(labels)
    if len(names) != len(bounds):
        raise ValueError(f"labels are {labels!r}, expected {len(bounds)} of them")

    ax = axes_or_new(ax)
    seen = np.where(np.isfinite(values), values, np.nan)
    ax.plot(parameter, seen, color="black", lw=2.6, label="log-likelihood", zorder=2)
    styles = zip(bounds, touching, names, colours(len(bounds)), strict=True)
    for i, (bound, where, name, colour) in enumerate(styles):
        bound = np.where(np.isfinite(bound), bound, np.nan)
        marker = MARKERS[i % len(MARKERS)]
        dash = DASHES[1:][i % len(DASHES[1:])]
        height = np.interp(where, parameter, bound)
        ax.plot(parameter, bound, ls=dash, color=colour, zorder=3)
        ax.plot(where, height, marker, color=colour, ms=8, zorder=4, ls=dash, label=name)
        top = np.nanargmax(bound)
        ax.plot(parameter[top], bound[top], marker, mfc="white", mec=colour, ms=8, mew=2, zorder=4)
    ax.plot([], [], "o", mfc="white", mec="black", ms=8, mew=2, label="maximum of a bound")
    low, high = np.nanmin(seen), np.nanmax(seen)
    ax.set_ylim(low - 0.25 * (high - low or 1), high + 0.08 * (high - low or 1))
    ax.set(xlabel="parameter", ylabel="log-likelihood (nats)")
    ax.legend()
    return ax


def check_curves(parameter, values, bounds, touching):
    """Raise `ValueError` unless the curves share one grid and the bounds stay below."""
    m, b = len(parameter), len(touching)
    if m < 2 or np.any(np.diff(parameter) <= 0):
        raise ValueError("parameter is not ascending, expected a grid of at least 2 values")
    if values.shape != (m,) or not np.isfinite(values).any() or np.isnan(values).any():
        raise ValueError(f"log_likelihood has shape {values.shape}, expected ({m},) numbers")
    if bounds.shape != (b, m) or np.isnan(bounds).any():
        raise ValueError(
            f"bounds has shape {bounds.shape}, expected ({b}, {m}) numbers: one row for each of "
            f"touching, as long as parameter"
        )
    for where in touching:
        if not parameter[0] <= where <= parameter[-1]:
            raise ValueError(
                f"touching holds {where}, outside of {parameter[0]} to {parameter[-1]}"
            )
    for i in np.flatnonzero((bounds > values + 1e-9 * np.maximum(1, np.abs(values))).any(axis=1)):
        raise ValueError(f"bounds[{i}] is above the log-likelihood: that is no lower bound")
