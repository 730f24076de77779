"""From statistics about centres to weights, means and covariances."""

import numpy as np

from emkit.families import Gaussian
from emkit.families.gaussian import GaussianComponents, GaussianStatistics
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.em_in_practice.sums import random_part, statistics_of


def m_step(statistics, centres):
    """Weights, means and covariances of a Gaussian mixture from statistics about `centres`.

    Parameters
    ----------
    statistics : tuple
        (counts (k,), sums (k, d), outer (k, d, d), log_likelihood): sums of the responsibilities,
        of the weighted deviations x − centre, and of their products. All counts are above 0.
    centres : (k, d) array
        What the deviations were taken from; it may lie 1e6 away from 0.

    Returns
    -------
    weights : (k,) array
        Sum to 1.
    means : (k, d) array
    covariances : (k, d, d) array
        Maximum likelihood: about the new means, divided by the counts.
    """


def m_step_cases(rng):
    """Several sizes, centres on the means, far from them, and far from 0."""

    def case(part):
        return {"statistics": statistics_of(part), "centres": part["centres"]}

    small = {
        "statistics": (
            np.array([4.0, 2.0]),
            np.array([[2.0, -1.0], [1.0, 3.0]]),
            np.array([[[6.0, 0.5], [0.5, 3.0]], [[4.0, 1.5], [1.5, 7.0]]]),
            -20.5,
        ),
        "centres": np.array([[0.5, 1.0], [3.0, -1.0]]) + rng.integers(0, 4, size=(2, 1)),
    }
    settled = random_part(rng, 20, 2, 3)
    counts, sums, _, _ = statistics_of(settled)
    settled["centres"] = settled["centres"] + sums / counts[:, None]
    away = random_part(rng, 20, 2, 2)
    away["centres"] = away["centres"] + rng.choice([-10.0, 10.0], size=(2, 2))
    return [
        Case("2 components in 2 dimensions", small),
        Case("4 components in 3 dimensions", case(random_part(rng, 40, 3, 4))),
        Case("1 feature, 2 components", case(random_part(rng, 9, 1, 2))),
        Case("a single component", case(random_part(rng, 9, 2, 1))),
        Case("centres on the new means", case(settled)),
        Case("centres ten standard deviations away from the means", case(away)),
        Case(
            "data 1e6 away from 0",
            case(random_part(rng, 20, 2, 3, offset=1e6)),
            hard=True,
            rtol=1e-7,
            alike=0.01,
        ),
    ]


def correct_m_step(statistics, centres):
    """By the engine's estimate, whose statistics are about the means of before."""
    counts, sums, outer, _ = statistics
    before = GaussianComponents(centres, np.stack([np.eye(centres.shape[1])] * len(centres)))
    after = Gaussian().estimate(GaussianStatistics(counts, sums, outer), before)
    return counts / counts.sum(), after.means, after.covariances


def weights_sum_to_one(answer, statistics, centres):
    """Shares of the rows."""
    weights = answer[0]
    for j in np.flatnonzero(weights < 0):
        return f"weights[{j}] is {weights[j]:.4g}, and a weight is a share"
    if abs(weights.sum() - 1) > 1e-6:
        return f"weights sum to {weights.sum():.7g}, not to 1"
    return None


def covariances_are_positive_definite(answer, statistics, centres):
    """Symmetric, and no direction has a negative variance."""
    for j, covariance in enumerate(answer[2]):
        size = np.abs(covariance).max()
        if np.abs(covariance - covariance.T).max() > 1e-8 * size:
            return f"covariances[{j}] is not symmetric"
        if np.linalg.eigvalsh(covariance).min() < -1e-8 * size:
            return (
                f"covariances[{j}] has a negative eigenvalue: in some direction the variance would "
                "be below 0"
            )
    return None


def square(vectors):
    """Outer product of each row with itself."""
    return vectors[:, :, None] * vectors[:, None, :]


@mistake("The centres are missing in the means: sums / counts is the mean *deviation* from the "
         "centre.")  # fmt: skip
def centres_forgotten(statistics, centres):
    weights, means, covariances = correct_m_step(statistics, centres)
    return weights, means - centres, covariances


@mistake("The sums were added to the centres as they are: divide them by the counts first.")
def sums_not_divided(statistics, centres):
    weights, _, covariances = correct_m_step(statistics, centres)
    return weights, centres + statistics[1], covariances


@mistake("The mean deviation, sums / counts, was subtracted. It leads from the centre to the mean: "
         "add it.")  # fmt: skip
def deviation_subtracted(statistics, centres):
    weights, means, covariances = correct_m_step(statistics, centres)
    return weights, 2 * centres - means, covariances


@mistake("The centres were divided by the counts along with the sums. Only the deviations were "
         "summed: divide the sums, then add the centres.")  # fmt: skip
def centres_divided_too(statistics, centres):
    weights, _, covariances = correct_m_step(statistics, centres)
    return weights, (centres + statistics[1]) / statistics[0][:, None], covariances


@mistake("The counts were divided along the wrong axis: NumPy lines up (k,) with the *columns* of "
         "(k, d). Each row has its own count: see that they stand in a column, "
         "(k, 1).")  # fmt: skip
def counts_along_features(statistics, centres):
    weights, _, covariances = correct_m_step(statistics, centres)
    return weights, centres + statistics[1] / statistics[0], covariances


@mistake("These are mean products about the *centres*. The covariance is about the new mean: what "
         "has the mean's distance from the centre added to every product?")  # fmt: skip
def covariance_about_the_centres(statistics, centres):
    weights, means, _ = correct_m_step(statistics, centres)
    return weights, means, statistics[2] / statistics[0][:, None, None]


@mistake("The products are about the centres, but what was subtracted are products of the means "
         "about 0. Subtract those of the mean *deviation*, sums / counts.")  # fmt: skip
def means_subtracted_for_deviations(statistics, centres):
    weights, means, _ = correct_m_step(statistics, centres)
    return weights, means, statistics[2] / statistics[0][:, None, None] - square(means)


@mistake("The products of the *sums* were subtracted from the mean products. Divide the sums by "
         "the counts first.")  # fmt: skip
def sums_subtracted_for_deviations(statistics, centres):
    weights, means, _ = correct_m_step(statistics, centres)
    counts, sums, outer, _ = statistics
    return weights, means, outer / counts[:, None, None] - square(sums)


@mistake("The products of the mean deviation were subtracted once for the whole sum, not once for "
         "each point: subtract before dividing, counts times, or afterwards, once.")  # fmt: skip
def subtracted_before_dividing(statistics, centres):
    weights, means, _ = correct_m_step(statistics, centres)
    counts, sums, outer, _ = statistics
    return weights, means, (outer - square(sums / counts[:, None])) / counts[:, None, None]


@mistake("The products of the mean deviation were added; the covariance about the mean is "
         "smaller than the mean products about any other point.")  # fmt: skip
def added_instead_of_subtracted(statistics, centres):
    weights, means, _ = correct_m_step(statistics, centres)
    counts, sums, outer, _ = statistics
    return weights, means, outer / counts[:, None, None] + square(sums / counts[:, None])


@mistake("The sums were divided by the number of all rows. Each component divides by its own "
         "effective count.")  # fmt: skip
def divided_by_all(statistics, centres):
    counts, sums, outer, _ = statistics
    shift = sums / counts.sum()
    weights = counts / counts.sum()
    return weights, centres + shift, outer / counts.sum() - square(shift)


@mistake("The covariances are divided by the number of all rows, the means by the effective "
         "counts. Both need the counts of their component.")  # fmt: skip
def covariances_divided_by_all(statistics, centres):
    weights, means, covariances = correct_m_step(statistics, centres)
    return weights, means, covariances * weights[:, None, None]


@mistake("The counts were returned as weights: divide them by their sum.")
def counts_for_weights(statistics, centres):
    return (statistics[0], *correct_m_step(statistics, centres)[1:])


@mistake("The weights are all equal: a component's weight is its share of the counts.")
def equal_weights(statistics, centres):
    weights, means, covariances = correct_m_step(statistics, centres)
    return np.full_like(weights, 1 / len(weights)), means, covariances


@mistake("The covariances are divided by count − 1. Maximum likelihood, which EM's promise is "
         "about, divides by the count.")  # fmt: skip
def divided_by_one_less(statistics, centres):
    weights, means, covariances = correct_m_step(statistics, centres)
    counts = statistics[0][:, None, None]
    return weights, means, covariances * counts / (counts - 1)


@mistake("A small number was added to the variances. That keeps a component from collapsing, but "
         "it isn't the maximum of the likelihood: a prior says such a thing openly.")  # fmt: skip
def variances_raised(statistics, centres):
    weights, means, covariances = correct_m_step(statistics, centres)
    return weights, means, covariances + 1e-6 * np.eye(centres.shape[1])


@mistake("All components have the same covariance here, the average. Each has its own.")
def one_covariance_for_all(statistics, centres):
    weights, means, covariances = correct_m_step(statistics, centres)
    return weights, means, np.broadcast_to(np.tensordot(weights, covariances, 1), covariances.shape)


@mistake("Means and covariances were made about 0: products of the means were added and then "
         "subtracted again. 1e6 away from 0 these have size 1e12, and the covariance is lost in "
         "rounding. Stay with deviations from the centres.")  # fmt: skip
def moved_to_the_origin(statistics, centres):
    counts, sums, outer, _ = statistics
    first = sums + counts[:, None] * centres
    cross = sums[:, :, None] * centres[:, None, :]
    second = outer + cross + cross.transpose(0, 2, 1) + counts[:, None, None] * square(centres)
    means = first / counts[:, None]
    return counts / counts.sum(), means, second / counts[:, None, None] - square(means)


PIECE = Piece(
    id="11.m_step",
    contract=m_step,
    correct=correct_m_step,
    cases=m_step_cases,
    returns=(
        Returned("weights", "(k,)"),
        Returned("means", "(k, d)"),
        Returned("covariances", "(k, d, d)"),
    ),
    properties=(weights_sum_to_one, covariances_are_positive_definite),
    mistakes=(
        moved_to_the_origin,
        centres_forgotten,
        sums_not_divided,
        deviation_subtracted,
        centres_divided_too,
        counts_along_features,
        covariance_about_the_centres,
        means_subtracted_for_deviations,
        sums_subtracted_for_deviations,
        subtracted_before_dividing,
        added_instead_of_subtracted,
        divided_by_all,
        covariances_divided_by_all,
        counts_for_weights,
        equal_weights,
        divided_by_one_less,
        variances_raised,
        one_covariance_for_all,
    ),
    section="From sums back to parameters",
)
