"""Pictures of a mixture: points in soft colours, components as ellipses, responsibilities."""

import numpy as np
from matplotlib.patches import Ellipse

from emkit.arguments import finite_array
from emkit.plots.look import MARKERS, SHADES, axes_or_new, check_labels, colours


def soft_scatter(X, resp, ax=None, size=22):
    """Scatter plot in which a point's colour is the mixture of its components' colours.

    Its marker is that of the component with the largest responsibility, so that the picture can
    be read without colour.

    Parameters
    ----------
    X : (n, 2) array
        In the units of the axes.
    resp : (n, k) array
        Responsibilities; rows sum to 1.
    ax : matplotlib axes, optional
    size : float
        Marker area in square points.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If X hasn't two columns, or `resp` is for another number of points.
    """
    X, resp = finite_array("X", X, 2, "(n, 2)"), finite_array("resp", resp, 2, "(n, k)")
    if X.shape[1] != 2:
        raise ValueError(f"X has shape {X.shape}, expected (n, 2)")
    if len(resp) != len(X):
        raise ValueError(
            f"resp has shape {resp.shape}, expected ({len(X)}, k) as X has that length"
        )
    ax = axes_or_new(ax)
    k = resp.shape[1]
    mixed = np.clip(resp @ np.array(colours(k)), 0, 1)
    largest = resp.argmax(axis=1)
    for j in range(k):
        own = largest == j
        ax.scatter(
            *X[own].T,
            c=mixed[own],
            s=size,
            marker=MARKERS[j % len(MARKERS)],
            linewidths=0,
            zorder=2,
        )
    return ax


def ellipses(means, covariances, ax=None, n_std=(1, 2)):
    """Ellipses that contain the points within 1 and 2 standard deviations of each mean.

    Parameters
    ----------
    means : (k, 2) array
    covariances : (k, 2, 2) array
    ax : matplotlib axes, optional
    n_std : tuple of float
        Mahalanobis radii; 1 and 2 hold 39% and 86% of a component's points.

    Returns
    -------
    ax : matplotlib axes
    """
    means = finite_array("means", means, 2, "(k, 2)")
    covariances = finite_array("covariances", covariances, 3, "(k, 2, 2)")
    k = len(means)
    if means.shape != (k, 2) or covariances.shape != (k, 2, 2):
        raise ValueError(
            f"means and covariances have shapes {means.shape} and {covariances.shape}, "
            f"expected (k, 2) and (k, 2, 2)"
        )
    ax = axes_or_new(ax)
    for mean, covariance, colour in zip(means, covariances, colours(k), strict=True):
        lengths, directions = np.linalg.eigh(covariance)
        if lengths[0] < 0:
            raise ValueError(f"covariance {covariance.tolist()} is not positive definite")
        angle = np.degrees(np.arctan2(directions[1, 1], directions[0, 1]))
        for radius in n_std:
            width, height = 2 * radius * np.sqrt(lengths[::-1])
            ax.add_patch(
                Ellipse(mean, width, height, angle=angle, fill=False, edgecolor=colour, lw=1.8)
            )
        ax.plot(*mean, marker="+", color="black", markersize=11, markeredgewidth=2, zorder=3)
    ax.autoscale_view()
    return ax


def responsibilities(resp, ax=None, labels=None, ordered=True):
    """Heat map of the responsibilities: a row a component, a column a point.

    Parameters
    ----------
    resp : (n, k) array
        Responsibilities; rows sum to 1.
    ax : matplotlib axes, optional
    labels : sequence of k strings, optional
        Names of the components.
    ordered : bool
        Whether to put points side by side that belong to the same component, those that lean to
        an earlier or a later one next to its border; else they keep their order.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If a row of `resp` isn't a distribution, or there are not k labels.
    """
    resp = finite_array("resp", resp, 2, "(n, k)")
    n, k = resp.shape
    for i in np.flatnonzero((resp.min(axis=1) < 0) | (np.abs(resp.sum(axis=1) - 1) > 1e-6)):
        raise ValueError(f"resp[{i}] is {resp[i]}, expected none below 0 and a sum of 1")
    names = check_labels(labels, k, "component")
    ax = axes_or_new(ax)
    order = np.arange(n)
    if ordered:
        largest = resp.argmax(axis=1)
        leaning = np.sign(np.arange(k) - largest[:, None])  # -1 for the earlier, 1 for the later
        order = np.lexsort([(resp * leaning).sum(axis=1), largest])
    image = ax.imshow(
        resp[order].T,
        cmap=SHADES,
        vmin=0,
        vmax=1,
        aspect="auto",
        interpolation="nearest",
        extent=(0, n, k - 0.5, -0.5),
    )
    for border in range(k - 1):
        ax.axhline(border + 0.5, color="white", lw=2)
    ax.figure.colorbar(image, ax=ax, label="responsibility")
    ax.set_yticks(range(k), names)
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="points, ordered by component" if ordered else "points in their order")
    return ax
