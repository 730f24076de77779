"""What one row's observed values say about its missing ones."""

import numpy as np

from emkit import missing
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.missing_data.normals import (
    SMALL_COVARIANCE,
    put_in_place,
    random_normal,
    random_rows,
    regress,
)


def conditional_normal(x, mean, covariance):
    """Fill the gaps of one row with their conditional means, and say how sure they are.

    Parameters
    ----------
    x : (d,) array
        One row; NaN = missing. Nothing or everything may be missing.
    mean : (d,) array
    covariance : (d, d) array
        Symmetric and positive definite. Observed features may nearly follow from one another:
        solve with their block of the covariance, don't invert it.

    Returns
    -------
    filled : (d,) array
        x, with the mean of the missing features given the observed ones in the gaps.
    conditional_covariance : (d, d) array
        Covariance of the missing features given the observed ones, in their rows and columns;
        exactly 0 in the rows and columns of observed features.
    """


def conditional_normal_cases(rng):
    """Gaps of every size, data far from 0, and observed features that are nearly collinear."""

    def case(*gaps):
        normal = random_normal(rng, len(gaps))
        gaps = rng.permutation(np.array(gaps, dtype=bool))
        return {"x": random_rows(rng, normal["mean"], gaps), **normal}

    x = rng.normal(scale=1.5, size=3).round(1)
    x[rng.integers(3)] = np.nan
    small = {"x": x, "mean": rng.normal(size=3).round(1), "covariance": SMALL_COVARIANCE}
    shifted = case(0, 0, 0, 1, 1)
    shifted["x"] += 1e6
    shifted["mean"] += 1e6
    return [
        Case("2 of 3 features observed", small),
        Case("3 of 5 features observed", case(0, 0, 0, 1, 1)),
        Case("1 of 4 features observed", case(0, 1, 1, 1)),
        Case("nothing missing", case(0, 0, 0)),
        Case("nothing observed", case(1, 1, 1)),
        Case("1 feature, and it is missing", case(1)),
        Case("a row 1e6 away from 0", shifted, hard=True, rtol=1e-12),
        Case("20 observed features with variances from 1 to 1e-10 along their axes",
             nearly_collinear(rng), hard=True, alike=1e-3),
    ]  # fmt: skip


def correct_conditional_normal(x, mean, covariance):
    """By the engine's regression of the missing on the observed features."""
    return missing.conditional_normal(x, mean, covariance)


def nearly_collinear(rng):
    """Observed features, all but dependent, far out along the wide axes; and three missing."""
    axes = np.linalg.qr(rng.normal(size=(20, 20)))[0]
    observed = axes * np.geomspace(1, 1e-10, 20) @ axes.T
    slopes = rng.normal(size=(3, 20))
    between = slopes @ observed
    covariance = np.block([[observed, between.T], [between, between @ slopes.T + np.eye(3)]])
    x = np.append(axes[:, :3] @ rng.uniform(5, 10, size=3), np.full(3, np.nan))
    return {"x": x, "mean": np.zeros(23), "covariance": (covariance + covariance.T) / 2}


def observed_values_stay(answer, x, mean, covariance):
    """What was observed isn't a guess."""
    filled, _ = answer
    for j in np.flatnonzero(~np.isnan(x) & (filled != x)):
        return f"feature {j} was observed, x[{j}] = {x[j]:.6g}, but filled[{j}] is {filled[j]:.6g}"
    return None


def nothing_unsure_where_observed(answer, x, mean, covariance):
    """Given its own value a feature has no scatter left."""
    observed = ~np.isnan(x)
    touched = observed[:, None] | observed
    for i, j in np.argwhere(touched & (answer[1] != 0)):
        return (
            f"conditional_covariance[{i}, {j}] is {answer[1][i, j]:.4g}, but feature "
            f"{i if observed[i] else j} was observed: nothing is unsure about it"
        )
    return None


def between_nothing_and_the_variance(answer, x, mean, covariance):
    """To know more can't make a normal variable less sure."""
    conditional, variances = answer[1].diagonal(), covariance.diagonal()
    for j in np.flatnonzero(conditional < -1e-9 * variances):
        return f"the conditional variance of feature {j} is negative ({conditional[j]:.4g})"
    for j in np.flatnonzero(conditional > (1 + 1e-9) * variances):
        return (
            f"given the other features, feature {j} has a larger variance ({conditional[j]:.4g}) "
            f"than without them ({variances[j]:.4g})"
        )
    return None


def at_the_top_of_the_density(answer, x, mean, covariance):
    """A normal's conditional mean is its conditional mode: no gap can be filled likelier."""
    if np.linalg.cond(covariance) > 1e6:
        return None
    filled, m = answer[0], np.isnan(x)
    precision = np.linalg.inv(covariance)
    away = (precision @ (filled - mean)) / precision.diagonal()
    slack = 1e-6 * np.sqrt(covariance.diagonal()) + 1e-12 * np.abs(mean)
    for j in np.flatnonzero(m & (np.abs(away) > slack)):
        return (
            f"the density of the filled row still rises when filled[{j}] = {filled[j]:.6g} is "
            f"{'lowered' if away[j] > 0 else 'raised'}; at the conditional mean of a normal it is "
            f"at its highest"
        )
    return None


@mistake("The gaps are filled with the overall means: what was observed in this row isn't "
         "asked.")  # fmt: skip
def means_in_the_gaps(x, mean, covariance):
    m, _, block = regress(x, mean, covariance)
    return put_in_place(x, m, mean[m], block)


@mistake("Gaps and their covariance are those of a row with nothing observed. What do the "
         "observed features say about the missing ones?")  # fmt: skip
def nothing_learned(x, mean, covariance):
    m = np.isnan(x)
    return put_in_place(x, m, mean[m], covariance[np.ix_(m, m)])


@mistake("The covariance of the missing features is taken as it is. What was observed makes them "
         "surer: something is subtracted.")  # fmt: skip
def covariance_not_reduced(x, mean, covariance):
    m, values, _ = regress(x, mean, covariance)
    return put_in_place(x, m, values, covariance[np.ix_(m, m)])


@mistake("The covariance of the missing features with the observed ones is used as slopes. A "
         "slope is covariance *per variance*: the observed block must be divided out.")  # fmt: skip
def observed_block_not_inverted(x, mean, covariance):
    m = np.isnan(x)
    slopes = covariance[np.ix_(m, ~m)]
    values = mean[m] + slopes @ (x - mean)[~m]
    return put_in_place(x, m, values, covariance[np.ix_(m, m)] - slopes @ slopes.T)


@mistake("The whole covariance was inverted, and then the observed block cut out. Cutting out and "
         "inverting don't commute: first the block, then the inverse.")  # fmt: skip
def block_of_the_inverse(x, mean, covariance):
    m = np.isnan(x)
    between = covariance[np.ix_(m, ~m)]
    slopes = between @ np.linalg.inv(covariance)[np.ix_(~m, ~m)]
    values = mean[m] + slopes @ (x - mean)[~m]
    return put_in_place(x, m, values, covariance[np.ix_(m, m)] - slopes @ between.T)


@mistake("The slopes are multiplied with the observed values themselves. What counts is how far "
         "they are from *their* means.")  # fmt: skip
def observed_means_forgotten(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    at_zero = regress(np.where(m, np.nan, 0.0), mean, covariance)[1]
    return put_in_place(x, m, values - at_zero + mean[m], block)


@mistake("The gaps hold deviations from the mean, not values: where do they start from?")
def own_mean_forgotten(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return put_in_place(x, m, values - mean[m], block)


@mistake("The gaps are filled as if all means were 0. The slopes take the observed features' "
         "deviations from their means to the missing ones' deviations from theirs.")  # fmt: skip
def both_means_forgotten(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    at_zero = regress(np.where(m, np.nan, 0.0), mean, covariance)[1]
    return put_in_place(x, m, values - at_zero, block)


@mistake("The deviations go the wrong way: a feature that is high beside a positively correlated "
         "one that is high is what we expect.")  # fmt: skip
def wrong_way(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return put_in_place(x, m, 2 * mean[m] - values, block)


@mistake("What the observed features explain is added to the covariance. It is the part that is "
         "*no longer* unsure.")  # fmt: skip
def explained_added(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return put_in_place(x, m, values, 2 * covariance[np.ix_(m, m)] - block)


@mistake("The slopes are multiplied with themselves, B Bᵀ. What the observed features explain is "
         "B Σ_oo Bᵀ: they have variances and covariances of their own.")  # fmt: skip
def slopes_squared(x, mean, covariance):
    m, values, _ = regress(x, mean, covariance)
    slopes = np.linalg.solve(covariance[np.ix_(~m, ~m)], covariance[np.ix_(~m, m)]).T
    return put_in_place(x, m, values, covariance[np.ix_(m, m)] - slopes @ slopes.T)


@mistake("These are standard deviations. Wanted is the conditional *covariance*, in squared "
         "units.")  # fmt: skip
def standard_deviations(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return put_in_place(x, m, values, np.diag(np.sqrt(block.diagonal())))


@mistake("The observed features are treated as if they were uncorrelated among themselves. What "
         "two of them have in common counts twice then.")  # fmt: skip
def one_regression_for_each_observed(x, mean, covariance):
    m = np.isnan(x)
    between = covariance[np.ix_(m, ~m)]
    slopes = between / covariance.diagonal()[~m]
    values = mean[m] + slopes @ (x - mean)[~m]
    return put_in_place(x, m, values, covariance[np.ix_(m, m)] - slopes @ between.T)


@mistake("Only the conditional variances are there. Two missing features that go together stay "
         "correlated: their conditional covariance belongs off the diagonal.")  # fmt: skip
def variances_only(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return put_in_place(x, m, values, np.diag(block.diagonal()))


@mistake("The conditional covariance is 0 everywhere, as if the gaps were known. (Did you write it "
         "with `C[m][:, m] = ...`? That writes into a copy; `C[np.ix_(m, m)] = ...` writes into "
         "`C`.)")  # fmt: skip
def nothing_unsure(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return put_in_place(x, m, values, np.zeros_like(block))


@mistake("The rows of the observed features are 0, their columns aren't.")
def only_rows_zero(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    filled, conditional = put_in_place(x, m, values, block)
    conditional[np.ix_(m, ~m)] = covariance[np.ix_(m, ~m)]
    return filled, conditional


@mistake("The observed features keep their covariance. Given their own values nothing is unsure "
         "about them: there the answer is exactly 0.")  # fmt: skip
def observed_keep_their_covariance(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    conditional = covariance.copy()
    conditional[np.ix_(m, m)] = block
    return put_in_place(x, m, values, block)[0], conditional


@mistake("This is the block of the *precision* matrix, the inverse of the covariance, that belongs "
         "to the missing features. It still has to be inverted.")  # fmt: skip
def precision_of_the_missing(x, mean, covariance):
    m, values, _ = regress(x, mean, covariance)
    return put_in_place(x, m, values, np.linalg.inv(covariance)[np.ix_(m, m)])


@mistake("Only the block of the missing features is returned. Put it in its place in a (d, d) "
         "matrix of zeros.")  # fmt: skip
def block_alone(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return put_in_place(x, m, values, block)[0], block


@mistake("Only the values for the gaps are returned; wanted is the whole row.")
def values_alone(x, mean, covariance):
    m, values, block = regress(x, mean, covariance)
    return values, put_in_place(x, m, values, block)[1]


@mistake("The answer is right until the observed features nearly follow from one another: then "
         "the explicit inverse loses the digits. Solve with the observed block "
         "instead.")  # fmt: skip
def explicit_inverse(x, mean, covariance):
    m = np.isnan(x)
    between = covariance[np.ix_(m, ~m)]
    slopes = between @ np.linalg.inv(covariance[np.ix_(~m, ~m)])
    values = mean[m] + slopes @ (x - mean)[~m]
    return put_in_place(x, m, values, covariance[np.ix_(m, m)] - slopes @ between.T)


PIECE = Piece(
    id="06.conditional_normal",
    contract=conditional_normal,
    correct=correct_conditional_normal,
    cases=conditional_normal_cases,
    returns=(Returned("filled", "(d,)"), Returned("conditional_covariance", "(d, d)")),
    properties=(
        observed_values_stay,
        nothing_unsure_where_observed,
        between_nothing_and_the_variance,
        at_the_top_of_the_density,
    ),
    mistakes=(
        means_in_the_gaps,
        nothing_learned,
        covariance_not_reduced,
        observed_block_not_inverted,
        block_of_the_inverse,
        observed_means_forgotten,
        own_mean_forgotten,
        both_means_forgotten,
        wrong_way,
        explained_added,
        slopes_squared,
        standard_deviations,
        one_regression_for_each_observed,
        variances_only,
        nothing_unsure,
        only_rows_zero,
        observed_keep_their_covariance,
        precision_of_the_missing,
        block_alone,
        values_alone,
        explicit_inverse,
    ),
    section="What one row tells about its gaps",
)
