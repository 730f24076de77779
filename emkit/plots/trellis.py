"""The trellis of a Markov chain: every state at every time, and the steps between them."""

import numpy as np
from matplotlib import colormaps

from emkit.arguments import finite_array
from emkit.plots.look import SHADES, axes_or_new, check_labels

WIDEST = 5  # points, for a step of probability 1


def trellis(values, transmat, ax=None, path=None, times=None, labels=None):
    """A circle for each state at each time, with its value; a line for each possible step.

    Parameters
    ----------
    values : (t, k) array
        From 0 to 1, written into the circles and shown as shades; NaN leaves a circle empty.
    transmat : (k, k) array
        transmat[i, j] = p(next state j | state i). The likelier a step, the wider its line; a step
        of probability 0 has none.
    ax : matplotlib axes, optional
    path : (t,) integer array, optional
        States whose circles are joined by a dark line.
    times : sequence of t strings, optional
        Written below; 0, 1, 2, ... if not given.
    labels : sequence of k strings, optional
        Names of the states, state 0 at the top.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If the shapes don't fit, or a value isn't from 0 to 1.
    """
    values = np.asarray(values, dtype=float)
    known = finite_array("values", np.where(np.isnan(values), 0, values), 2, "(t, k)")
    t, k = known.shape
    for at in np.argwhere((known < 0) | (known > 1)):
        raise ValueError(f"values[{at[0]}, {at[1]}] is {known[tuple(at)]}, expected 0 to 1")
    transmat = finite_array("transmat", transmat, 2, "(k, k)")
    if transmat.shape != (k, k):
        raise ValueError(f"transmat has shape {transmat.shape}, values are for {k} states")
    if path is not None and (np.shape(path) != (t,) or not np.isin(path, range(k)).all()):
        raise ValueError(f"path is {path!r}, expected {t} states from 0 to {k - 1}")
    times = range(t) if times is None else times
    if len(times) != t:
        raise ValueError(f"times has {len(times)} values, values {t} rows")
    names = check_labels(labels, k, "state")

    ax = axes_or_new(ax)
    for i, j in np.argwhere(transmat > 0):
        for start in range(t - 1):
            ax.plot(
                [start, start + 1], [i, j], color="0.75", lw=0.6 + WIDEST * transmat[i, j], zorder=1
            )
    if path is not None:
        ax.plot(range(t), path, color="black", lw=2.5, zorder=2)
    for (time, state), value in np.ndenumerate(values):
        shade = "white" if np.isnan(value) else colormaps[SHADES](value)
        ax.plot(time, state, "o", ms=26, mfc=shade, mec="0.3", zorder=3)
        if not np.isnan(value):
            ink = "white" if value > 0.6 else "black"
            ax.text(time, state, f"{value:.2f}", color=ink, ha="center", va="center", size="small")
    ax.set(xlim=(-0.5, t - 0.5), ylim=(k - 0.5, -0.5))
    ax.set_xticks(range(t), times)
    ax.set_yticks(range(k), names)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("time")
    return ax
