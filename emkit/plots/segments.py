"""A picture of classes by what they do: what each buys, or how each answers."""

import numpy as np

from emkit.arguments import finite_array
from emkit.plots.look import axes_or_new, check_labels, colours


def profiles(shares, items, ax=None, labels=None):
    """One row a class and one bar an item, as high as the class's share, with its percentage.

    Parameters
    ----------
    shares : (k, m) array
        From 0 to 1: the probability that class j buys product t, or says yes to question t.
    items : sequence of m strings
        Names of the products or questions.
    ax : matplotlib axes, optional
    labels : sequence of k strings, optional
        Names of the classes.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If a share isn't from 0 to 1, or names and shares don't fit.
    """
    shares = finite_array("shares", shares, 2, "(k, m)")
    k, m = shares.shape
    for j, t in np.argwhere((shares < 0) | (shares > 1)):
        raise ValueError(f"shares[{j}, {t}] is {shares[j, t]:g}, expected 0 to 1")
    if isinstance(items, str) or len(items) != m:
        raise ValueError(f"items are {items!r}, expected {m} of them")
    names = check_labels(labels, k, "class")
    ax = axes_or_new(ax, figsize=(6.4, 0.85 * k + 0.9))
    for j, (row, colour) in enumerate(zip(shares, colours(k), strict=True)):
        foot = k - 1 - j
        ax.axhline(foot, color="0.5", lw=0.8)
        ax.bar(np.arange(m), 0.65 * row, 0.75, bottom=foot, color=colour)
        for t, share in enumerate(row):
            ax.text(t, foot + 0.65 * share + 0.04, f"{share:.0%}", ha="center", fontsize="small")
    ax.set_xticks(range(m), [str(item) for item in items])
    ax.set_yticks(np.arange(k)[::-1] + 0.3, names)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlim=(-0.6, m - 0.4), ylim=(-0.05, k))
    return ax
