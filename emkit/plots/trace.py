"""Pictures of how a fit went."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from emkit.plots.look import axes_or_new


def trace(history, ax=None, **line):
    """The log-likelihood after each M-step.

    Parameters
    ----------
    history : sequence of float
        `Fit.history`: total log-likelihoods, in nats, oldest first.
    ax : matplotlib axes, optional
    **line
        Passed to `ax.plot`, for example `label`.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If `history` is not a sequence of at least one number.
    """
    history = np.asarray(history, dtype=float)
    if history.ndim != 1 or not len(history):
        raise ValueError(f"history has shape {history.shape}, expected (iterations,), at least one")
    ax = axes_or_new(ax)
    ax.plot(np.arange(len(history)), history, **{"marker": "o", "markersize": 4, **line})
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(xlabel="M-steps taken", ylabel="log-likelihood (nats)")
    return ax
