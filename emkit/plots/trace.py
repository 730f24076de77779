"""Pictures of how a fit went."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from emkit.arguments import finite_array
from emkit.plots.look import axes_or_new, colours, make_room_below

LEAST_SPAN = 0.1  # nats


def trace(history, ax=None, bounds=None, **line):
    """The log-likelihood after each M-step, and the lower bound that lifts it.

    Parameters
    ----------
    history : sequence of float
        `Fit.history`: total log-likelihoods, in nats, oldest first.
    ax : matplotlib axes, optional
    bounds : sequence of float, optional
        One value fewer than `history`: the lower bound (ELBO) after each M-step, before the next
        E-step. It starts from where the E-step made it touch, climbs in the M-step, and the
        next E-step closes the gap.
    **line
        Passed to `ax.plot` for the log-likelihood, for example `label`.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If `history` is not a sequence of at least one number, or `bounds` are not one fewer or
        lie above it.
    """
    history = finite_array("history", history, 1, "(iterations,)")
    if not len(history):
        raise ValueError(f"history has shape {history.shape}, expected (iterations,), at least one")
    ax = axes_or_new(ax)
    bounds = None if bounds is None else check_bounds(bounds, history)
    label = {} if bounds is None else {"label": "log-likelihood"}
    style = {"marker": "o", "markersize": 4, "zorder": 3, **label, **line}
    ax.plot(np.arange(len(history)), history, **style)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="M-steps taken", ylabel="log-likelihood (nats)")
    if bounds is not None:
        draw_bounds(history, bounds, ax)
        ax.legend(loc="lower right")
    return ax


def draw_bounds(history, bounds, ax):
    """Dashed climbs of the bound in the M-steps, dotted rises where the E-steps close the gap."""
    colour = colours(6)[5]
    for i, bound in enumerate(bounds):
        labels = ("bound climbs (M-step)", "gap closes (E-step)") if i == 0 else (None, None)
        ends = {"marker": "v", "markersize": 6, "markevery": [1]}
        ax.plot(
            [i, i + 1], [history[i], bound], ls="--", color=colour, lw=1.4, label=labels[0], **ends
        )
        ax.plot([i + 1] * 2, [bound, history[i + 1]], ls=":", color="black", label=labels[1])


def check_bounds(bounds, history):
    """The bounds as an array, one fewer than the history and nowhere above it."""
    bounds = finite_array("bounds", bounds, 1, "(iterations,)")
    if len(bounds) != len(history) - 1:
        raise ValueError(
            f"bounds has {len(bounds)} values, expected {len(history) - 1}, one for each M-step"
        )
    for i in np.flatnonzero(bounds > history[1:] + 1e-9 * np.maximum(1, np.abs(history[1:]))):
        raise ValueError(
            f"bounds[{i}] is {bounds[i]:.10g}, above the log-likelihood there, "
            f"{history[i + 1]:.10g}: that is no lower bound"
        )
    return bounds


def restarts(runs, ax=None):
    """The objective that each run reached, best first: runs at one height found one optimum.

    Degenerate runs are crosses at the foot of the picture, whatever their objective was.

    Parameters
    ----------
    runs : sequence of Run
        `Fit.runs`.
    ax : matplotlib axes, optional

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If there are no runs, or something in `runs` isn't one.
    """
    runs = list(runs)
    if not runs:
        raise ValueError("runs is empty, expected Fit.runs")
    for run in runs:
        if not (hasattr(run, "objective") and hasattr(run, "degenerate")):
            raise ValueError(f"runs holds {run!r}, expected the Run objects of Fit.runs")
    ax = axes_or_new(ax)
    blue, red = colours(6)[0], colours(6)[5]
    reached = sorted((run.objective for run in runs if not run.degenerate), reverse=True)
    places = np.arange(1, len(runs) + 1)
    failed = places[len(reached) :]
    if reached:
        ax.axhline(reached[0], color="0.6", lw=1, zorder=1)
        ax.plot(places[: len(reached)], reached, "o", color=blue, zorder=2)
        middle, half = (reached[0] + reached[-1]) / 2, (reached[0] - reached[-1]) / 2
        half = max(half, LEAST_SPAN / 2)  # so that rounding doesn't look like another optimum
        ax.set_ylim(middle - 1.2 * half, middle + 1.2 * half)
        ax.ticklabel_format(axis="y", useOffset=False)
    else:
        ax.set_yticks([])
    if len(failed):
        make_room_below(ax, 0.15)
        style = {"color": red, "markersize": 9, "markeredgewidth": 2}
        foot = np.full(len(failed), 0.04)
        ax.plot(failed, foot, "x", transform=ax.get_xaxis_transform(), **style)
        across = ax.get_xaxis_transform()
        ax.text(failed.mean(), 0.09, "degenerate", transform=across, ha="center", color=red)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlim=(0.5, len(runs) + 0.5), xlabel="runs, best first", ylabel="objective (nats)")
    return ax
