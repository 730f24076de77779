"""What holds for every maximum of Q: sentences where an answer breaks it."""

import numpy as np

SLACK = 1e-6


def shares_of_one(weights):
    """Weights are probabilities."""
    for j in np.flatnonzero(~((weights >= 0) & (weights <= 1 + SLACK))):
        return f"weights[{j}] is {weights[j]:.4g}, which is no probability"
    if not abs(weights.sum() - 1) < SLACK:
        return f"the weights sum to {weights.sum():.4g}, not to 1"
    return None


def no_better_weights(weights, resp):
    """No small shift of weight from one component to another raises Q."""
    counts = resp.sum(axis=0)
    for j in np.flatnonzero((weights == 0) & (counts > 0)):
        return f"weights[{j}] is 0, though component {j} has some of the responsibility"
    rises = counts / weights  # the slope of Q in each weight
    up, down = rises.argmax(), rises.argmin()
    if rises[up] - rises[down] > SLACK * rises[up]:
        return (
            f"Q isn't at its maximum: moving a little weight from component {down} to component "
            f"{up} would raise it"
        )
    return None


def means_within_data(means, X):
    """A weighted mean lies between the smallest and the largest value."""
    low, high = X.min(axis=0), X.max(axis=0)
    slack = SLACK * (1 + high - low)
    for j, m in np.argwhere((means < low - slack) | (means > high + slack)):
        return (
            f"means[{j}, {m}] is {means[j, m]:.6g}, outside the data: column {m} of X goes from "
            f"{low[m]:.6g} to {high[m]:.6g}"
        )
    return None


def deviations_cancel(means, X, resp):
    """The gradient of Q with respect to the means is 0 at its maximum."""
    for j, mean in enumerate(means):
        deviations = X - mean
        rounding = 1e-9 * resp[:, j].sum() * np.abs(mean)
        slack = SLACK * (resp[:, j] @ np.abs(deviations)) + rounding
        if np.any(np.abs(resp[:, j] @ deviations) > slack):
            return (
                f"the deviations from means[{j}], each times its responsibility, don't cancel: so "
                f"the gradient of Q isn't 0 there"
            )
    return None


def variances_possible(covariance, name):
    """A covariance is symmetric, and no direction has a negative variance."""
    slack = SLACK * np.abs(covariance).max() + 1e-12  # a single point's is nothing but rounding
    gap = np.abs(covariance - covariance.T)
    if gap.max() > slack:
        a, b = (int(i) for i in np.unravel_index(gap.argmax(), gap.shape))
        return f"{name} isn't symmetric: its entries [{a}, {b}] and [{b}, {a}] differ"
    if np.linalg.eigvalsh(covariance).min() < -slack:
        return f"{name} gives some direction a negative variance (it has a negative eigenvalue)"
    return None


def scale_is_best(covariance, deviations, shares, name):
    """At the maximum of Q over the size of a covariance, squared distances average d.

    `deviations` is (m, d), `shares` (m,). A flat covariance measures no distances and is left out.
    """
    d = len(covariance)
    if np.linalg.matrix_rank(deviations) < d:
        return None
    try:
        factor = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return None
    squared = (np.linalg.solve(factor, deviations.T) ** 2).sum(axis=0)
    average = shares @ squared / shares.sum()
    # Six digits are shown: a smaller difference would read '2, and at the maximum 2'.
    if np.linalg.cond(factor) > 1e4 or abs(average - d) < 1e-5 * d:
        return None
    size = "narrow" if average > d else "wide"
    return (
        f"{name} is too {size} to be a maximum of Q: measured with it, the points' squared "
        f"Mahalanobis distances average {average:.6g} (weighted with the responsibilities), and at "
        f"the maximum they average d = {d}"
    )
