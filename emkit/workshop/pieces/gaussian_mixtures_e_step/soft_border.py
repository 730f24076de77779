"""Where two components of equal variance are equally responsible: the derivation piece."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import (
    right_responsibilities,
)


def soft_border(weights, means, variance):
    """Where two one-dimensional components of equal variance are equally responsible.

    Parameters
    ----------
    weights : (2,) array
        Component weights, both positive, sum to 1.
    means : (2,) array
        Two different means.
    variance : float
        The variance that the components share, in squared units of the data.

    Returns
    -------
    border : float
        The x at which both responsibilities are ½.
    """


def soft_border_cases(rng):
    """Equal and unequal weights, means in either order."""

    def case(share, means, variance):
        weights = np.array([share, 1 - share])
        return {"weights": weights, "means": np.array(means), "variance": variance}

    low = rng.uniform(40, 60)
    return [
        Case("two unequal weights",
             case(rng.choice([0.2, 0.3, 0.4]), [0.0, 5.0], rng.choice([3.0, 6.0, 8.0]))),
        Case("equal weights", case(0.5, [low, low + 25], rng.uniform(20, 40))),
        Case("means in falling order", case(rng.uniform(0.2, 0.45), [low + 20, low], 36.0)),
        Case("a small component", case(0.01, [low, low + 3], rng.uniform(2, 5))),
    ]  # fmt: skip


def correct_soft_border(weights, means, variance):
    """Equal log-joints: a linear equation in x, since the squares of x cancel."""
    shift = variance * np.log(weights[0] / weights[1]) / (means[1] - means[0])
    return float((means[0] + means[1]) / 2 + shift)


def shares_are_equal(border, weights, means, variance):
    """What the border is for."""
    covariances = np.full((2, 1, 1), variance)
    resp = right_responsibilities(np.array([[border]]), weights, means[:, None], covariances)[0]
    if abs(resp[0] - 0.5) < 1e-7:
        return None
    if abs(resp[0] - 0.5) < 1e-3:
        return (
            f"your border, x = {border:.8g}, is near, but the responsibilities differ there by "
            f"{abs(resp[0] - resp[1]):.1e}: solve the equation instead of searching"
        )
    return (
        f"at your border, x = {border:.5g}, the responsibilities are {resp[0]:.4g} and "
        f"{resp[1]:.4g}, not ½ each"
    )


@mistake("This is the point halfway between the means, k-means' border. It is right only where "
         "the weights are equal.")  # fmt: skip
def halfway(weights, means, variance):
    return float(means.mean())


@mistake("The border moves the wrong way: the heavier component must gain ground, not lose "
         "it.")  # fmt: skip
def moved_the_wrong_way(weights, means, variance):
    return float(means.sum() - correct_soft_border(weights, means, variance))


@mistake("The variance is missing. Wide components overlap more, so the weights move the border "
         "further.")  # fmt: skip
def variance_forgotten(weights, means, variance):
    return correct_soft_border(weights, means, 1.0)


@mistake("The standard deviation stands where the variance belongs.")
def deviation_for_variance(weights, means, variance):
    return correct_soft_border(weights, means, np.sqrt(variance))


@mistake("The shift isn't divided by the distance of the means. Expand both squares: the term "
         "that is linear in x carries μ_1 − μ_0.")  # fmt: skip
def distance_forgotten(weights, means, variance):
    return float(means.mean() + variance * np.log(weights[0] / weights[1]))


@mistake("The shift from halfway is twice what it should be. Both sides of the equation carry "
         "1/(2σ²): keep track of the 2.")  # fmt: skip
def shift_doubled(weights, means, variance):
    return float(2 * correct_soft_border(weights, means, variance) - means.mean())


@mistake("The shift from halfway is half of what it should be. Both sides of the equation carry "
         "1/(2σ²): keep track of the 2.")  # fmt: skip
def shift_halved(weights, means, variance):
    return float((correct_soft_border(weights, means, variance) + means.mean()) / 2)


@mistake("The variance comes in squared: `variance` is σ² already.")
def variance_squared(weights, means, variance):
    return correct_soft_border(weights, means, variance**2)


@mistake("The logarithm of the weights is missing: the weights multiply the densities, so their "
         "*logarithms* add.")  # fmt: skip
def ratio_without_log(weights, means, variance):
    return float(means.mean() + variance * (weights[0] / weights[1]) / (means[1] - means[0]))


@mistake("This is the overall mean of the mixture: at it the shares are not equal.")
def overall_mean(weights, means, variance):
    return float(weights @ means)


PIECE = Piece(
    id="03.soft_border",
    contract=soft_border,
    correct=correct_soft_border,
    cases=soft_border_cases,
    returns=Returned("border", "()"),
    properties=(shares_are_equal,),
    mistakes=(
        halfway,
        moved_the_wrong_way,
        variance_forgotten,
        deviation_for_variance,
        distance_forgotten,
        shift_doubled,
        shift_halved,
        variance_squared,
        ratio_without_log,
        overall_mean,
    ),
    section="Where does the soft border lie?",
)
