"""Pictures of a Markov chain: its states over time, and how it moves between them."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from emkit.arguments import finite_array
from emkit.plots.look import SHADES, axes_or_new, check_labels, colours, make_room_below

LANE = 0.075  # height of a state's lane, as a share of the picture's


def state_ribbons(states, ax=None, times=None, labels=None):
    """Under a series, one lane for each state: filled where the chain is in it.

    Draw the series first; the picture is then stretched downwards to make room for the lanes.

    Parameters
    ----------
    states : (t,) integer array or (t, k) array
        A path, with states from 0; or posteriors, whose rows sum to 1, shown as shades.
    ax : matplotlib axes, optional
    times : (t,) array, optional
        Ascending, in the units of the horizontal axis; 0, 1, 2, ... if not given.
    labels : sequence of k strings, optional
        Names of the states, shown to the right of their lanes.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If the shapes don't fit, a state isn't a whole number from 0, or times don't ascend.
    """
    gamma = posteriors_of(states, 0 if labels is None else len(labels))
    t, k = gamma.shape
    times = np.arange(t) if times is None else finite_array("times", times, 1, "(t,)")
    if len(times) != t:
        raise ValueError(f"times has {len(times)} values, states {t}")
    if np.any(np.diff(times) <= 0):
        raise ValueError("times are not ascending")
    names = check_labels(labels, k, "state")

    ax = axes_or_new(ax)
    make_room_below(ax, k * LANE + 0.03)
    limits = ax.get_ylim()
    step = np.diff(times) / 2 if t > 1 else np.array([0.5])
    edges = np.concatenate(
        [[times[0] - step[0]], times[:-1] + step[: t - 1], [times[-1] + step[-1]]]
    )
    for j, (name, colour) in enumerate(zip(names, colours(k), strict=True)):
        low = (k - 1 - j) * LANE
        lane = [low + 0.1 * LANE, low + 0.9 * LANE]
        shades = LinearSegmentedColormap.from_list(name, [(0.94, 0.94, 0.94), colour])
        ax.pcolormesh(
            edges,
            lane,
            gamma[:, j][None],
            cmap=shades,
            vmin=0,
            vmax=1,
            transform=ax.get_xaxis_transform(),
            rasterized=True,
        )
        middle = low + LANE / 2
        ax.text(1.01, middle, name, transform=ax.transAxes, va="center", fontsize="small")
    ax.set_ylim(limits)
    return ax


def posteriors_of(states, least):
    """Posteriors (t, k): as given, or 1 for the states of a path, `least` of them or more."""
    if np.ndim(states) == 2:
        gamma = finite_array("states", states, 2, "(t, k)")
        for i in np.flatnonzero((gamma.min(axis=1) < 0) | (np.abs(gamma.sum(axis=1) - 1) > 1e-6)):
            raise ValueError(f"states[{i}] is {gamma[i]}, expected none below 0 and a sum of 1")
        return gamma
    path = finite_array("states", states, 1, "(t,) or (t, k)")
    if not len(path):
        raise ValueError("states is empty, expected at least one")
    for i in np.flatnonzero((path < 0) | (path % 1 != 0)):
        raise ValueError(f"states[{i}] is {path[i]}, expected a whole number of at least 0")
    return np.eye(max(int(path.max()) + 1, least))[path.astype(int)]


def transition_matrix(transmat, ax=None, labels=None):
    """Heat map of the transition probabilities, each written in its cell.

    Parameters
    ----------
    transmat : (k, k) array
        transmat[i, j] = p(next state j | state i); rows sum to 1.
    ax : matplotlib axes, optional
    labels : sequence of k strings, optional
        Names of the states.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If `transmat` isn't square or a row isn't a distribution.
    """
    transmat = finite_array("transmat", transmat, 2, "(k, k)")
    k = len(transmat)
    if transmat.shape != (k, k):
        raise ValueError(f"transmat has shape {transmat.shape}, expected (k, k)")
    for i in np.flatnonzero((transmat.min(axis=1) < 0) | (abs(transmat.sum(axis=1) - 1) > 1e-6)):
        raise ValueError(f"transmat[{i}] is {transmat[i]}, expected none below 0 and a sum of 1")
    names = check_labels(labels, k, "state")
    ax = axes_or_new(ax)
    ax.imshow(transmat, cmap=SHADES, vmin=0, vmax=1)
    for (i, j), value in np.ndenumerate(transmat):
        ink = "white" if value > 0.6 else "black"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", color=ink)
    ax.set_xticks(range(k), names)
    ax.set_yticks(range(k), names)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="to", ylabel="from")
    return ax
