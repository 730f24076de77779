"""The M-step: mean and covariance of the completed rows."""

import numpy as np

from emkit import missing
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import random_covariance


def m_step(filled, extra):
    """Mean and covariance that maximise the expected complete-data log-likelihood.

    Parameters
    ----------
    filled : (n, d) array
        Rows with conditional means in their gaps; they may lie 1e6 away from 0.
    extra : (d, d) array
        Sum over the rows of their conditional covariances.

    Returns
    -------
    mean : (d,) array
    covariance : (d, d) array
        About the new mean; the divisor is n.
    """


def m_step_cases(rng):
    """Rows with doubt and without, one row, one feature, and rows far from 0."""

    def case(n, d, at=0.0):
        filled = at + rng.normal(scale=2, size=d) + rng.normal(size=(n, d))
        return {"filled": filled, "extra": 0.3 * n * random_covariance(rng, d)}

    small = rng.normal(scale=2, size=(4, 2)).round(1)
    known = case(6, 3)
    known["extra"][:] = 0
    one_gap = case(7, 3)
    one_gap["extra"] = np.diag(rng.permutation([0.8, 0.0, 0.0]))
    return [
        Case("4 rows of 2 features",
             {"filled": small, "extra": np.array([[1.2, 0.4], [0.4, rng.choice([0.8, 1.5])]])}),
        Case("9 rows of 3 features", case(9, 3)),
        Case("rows without gaps: extra is 0", known),
        Case("7 rows of which one has a gap", one_gap),
        Case("1 feature", case(5, 1)),
        Case("a single row", case(1, 2)),
        Case("rows 1e6 away from 0", case(8, 3, at=1e6), hard=True),
    ]  # fmt: skip


def mean_in_the_middle(answer, filled, extra):
    """The derivative with respect to the mean is 0 where the deviations add up to 0."""
    left = (filled - answer[0]).sum(axis=0)
    for j in np.flatnonzero(np.abs(left) > 1e-8 * np.maximum(1, np.abs(filled).sum(axis=0))):
        return (
            f"the deviations of feature {j} from your mean add up to {left[j]:.4g}; at the maximum "
            f"they add up to 0"
        )
    return None


def covariance_is_one(answer, filled, extra):
    """Symmetric, and no variance below 0."""
    _, covariance = answer
    size = np.abs(covariance).max()
    for i, j in np.argwhere(np.abs(covariance - covariance.T) > 1e-8 * size):
        return (
            f"the covariance isn't symmetric: {covariance[i, j]:.4g} and {covariance[j, i]:.4g} in "
            f"places that pair"
        )
    if np.linalg.eigvalsh(covariance).min() < -1e-8 * size:
        return "the covariance has a negative variance in some direction"
    return None


def neither_too_wide_nor_too_narrow(answer, filled, extra):
    """Along all covariances s·Σ the expected log-likelihood has its maximum at s = 1."""
    mean, covariance = answer
    if np.linalg.cond(covariance) > 1e10:
        return None
    deviations = filled - mean
    expected = np.trace(np.linalg.solve(covariance, deviations.T @ deviations + extra))
    ratio = expected / filled.size
    if abs(ratio - 1) > 1e-6:
        way = "narrower" if ratio < 1 else "wider"
        return (
            f"your covariance isn't at the maximum: the expected complete-data log-likelihood "
            f"rises when all of it is made {way}"
        )
    return None


@mistake("`extra` isn't used: that is filling in and forgetting. A filled value has no scatter of "
         "its own, so the covariance comes out too small.")  # fmt: skip
def extra_forgotten(filled, extra):
    return missing.m_step(filled, np.zeros_like(extra))


@mistake("`extra` is a *sum* over the rows. It is added to the scatter before the division by n, "
         "not after.")  # fmt: skip
def extra_not_divided(filled, extra):
    mean, covariance = missing.m_step(filled, np.zeros_like(extra))
    return mean, covariance + extra


@mistake("Only the diagonal of `extra` is used. Two values missing in the same row are unsure "
         "*together*.")  # fmt: skip
def diagonal_of_extra(filled, extra):
    return missing.m_step(filled, np.diag(extra.diagonal()))


@mistake("`extra` is subtracted. The doubt about the gaps makes the scatter larger.")
def extra_subtracted(filled, extra):
    return missing.m_step(filled, -extra)


@mistake("`extra` comes in divided by n twice. Scatter and `extra` are both sums: add, then divide "
         "once.")  # fmt: skip
def extra_divided_twice(filled, extra):
    return missing.m_step(filled, extra / len(filled))


@mistake("The divisor is n − 1. That makes an estimate unbiased; the likelihood has its maximum "
         "at n.")  # fmt: skip
def one_less(filled, extra):
    mean, covariance = missing.m_step(filled, extra)
    with np.errstate(divide="ignore", invalid="ignore"):
        return mean, covariance * len(filled) / np.array(len(filled) - 1)


@mistake("The scatter of the filled rows is divided by n − 1, as np.cov does unless told "
         "otherwise. The likelihood has its maximum at n.")  # fmt: skip
def one_less_for_the_scatter(filled, extra):
    mean, covariance = missing.m_step(filled, np.zeros_like(extra))
    n = len(filled)
    with np.errstate(divide="ignore", invalid="ignore"):
        return mean, covariance * n / np.array(n - 1) + extra / n


@mistake("The scatter of the filled rows is divided by n − 1, as np.cov does unless told "
         "otherwise, and `extra` not at all. Both are sums over the rows: add them, then divide by "
         "n.")  # fmt: skip
def one_less_and_extra_not_divided(filled, extra):
    mean, covariance = one_less(filled, np.zeros_like(extra))
    return mean, covariance + extra


@mistake("The scatter is a sum over the rows; it isn't divided by their number.")
def not_divided(filled, extra):
    mean, covariance = missing.m_step(filled, extra)
    return mean, covariance * len(filled)


@mistake("The scatter isn't divided by n, only `extra` is. Both are sums over the rows.")
def only_extra_divided(filled, extra):
    mean, covariance = missing.m_step(filled, np.zeros_like(extra))
    return mean, covariance * len(filled) + extra / len(filled)


@mistake("The products are taken about 0, not about the new mean.")
def about_zero(filled, extra):
    return filled.mean(axis=0), (filled.T @ filled + extra) / len(filled)


@mistake("Mean of the squares minus square of the mean: with data far from 0 these are two huge "
         "numbers whose difference is lost in rounding. Take the mean away first, then "
         "square.")  # fmt: skip
def square_of_the_mean_subtracted(filled, extra):
    mean = filled.mean(axis=0)
    return mean, (filled.T @ filled + extra) / len(filled) - np.outer(mean, mean)


@mistake("The mean is a sum here: divide it by n.")
def mean_not_divided(filled, extra):
    return filled.sum(axis=0), missing.m_step(filled, extra)[1]


@mistake("These are correlations: the covariance was divided by the standard deviations.")
def correlations(filled, extra):
    mean, covariance = missing.m_step(filled, extra)
    deviations = np.sqrt(covariance.diagonal())
    return mean, covariance / np.outer(deviations, deviations)


@mistake("Only the diagonal of the covariance is filled: features may be correlated.")
def variances_alone(filled, extra):
    mean, covariance = missing.m_step(filled, extra)
    return mean, np.diag(covariance.diagonal())


@mistake("The divisor is the number of features; it is the number of *rows*.")
def divided_by_features(filled, extra):
    n, d = filled.shape
    mean, covariance = missing.m_step(filled, extra)
    return mean, covariance * n / d


PIECE = Piece(
    id="06.m_step",
    contract=m_step,
    correct=missing.m_step,
    cases=m_step_cases,
    returns=(Returned("mean", "(d,)"), Returned("covariance", "(d, d)")),
    properties=(mean_in_the_middle, covariance_is_one, neither_too_wide_nor_too_narrow),
    mistakes=(
        extra_forgotten,
        extra_not_divided,
        diagonal_of_extra,
        extra_subtracted,
        extra_divided_twice,
        one_less,
        one_less_for_the_scatter,
        one_less_and_extra_not_divided,
        not_divided,
        only_extra_divided,
        about_zero,
        square_of_the_mean_subtracted,
        mean_not_divided,
        correlations,
        variances_alone,
        divided_by_features,
    ),
    section="The M-step: what the doubt is for",
)
