"""The E-step: rows filled in, and what the filling leaves uncertain."""

import numpy as np

from emkit import missing
from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.missing_data.normals import gappy_cases, regress


def e_step(X, mean, covariance):
    """Fill every gap with its conditional mean, and add up what stays uncertain.

    Parameters
    ----------
    X : (n, d) array
        Rows; NaN = missing. Each row has gaps of its own, and may have none or be all gaps.
    mean : (d,) array
    covariance : (d, d) array
        Symmetric and positive definite.

    Returns
    -------
    filled : (n, d) array
        X, with each gap's mean given what was observed in its row.
    extra : (d, d) array
        Sum over the rows of the conditional covariance of what is missing there. A row adds 0 in
        the rows and columns of features that were observed in it.
    """


def e_step_cases(rng):
    """Gaps of every kind. Beside 1e6 an error of 1e-3 in a gap is a relative one of 1e-9."""
    return gappy_cases(rng, far_rtol=1e-12)


def correct_e_step(X, mean, covariance):
    """By the engine, which treats rows with the same gaps together."""
    return missing.e_step(X, mean, covariance)


def observed_values_stay(answer, X, mean, covariance):
    """What was observed isn't a guess."""
    filled, _ = answer
    for i, j in np.argwhere(~np.isnan(X) & (filled != X)):
        return (
            f"X[{i}, {j}] = {X[i, j]:.6g} was observed, but filled[{i}, {j}] is {filled[i, j]:.6g}"
        )
    return None


def extra_is_a_covariance(answer, X, mean, covariance):
    """A sum of covariances: symmetric, no direction with a negative variance."""
    _, extra = answer
    for i, j in np.argwhere(np.abs(extra - extra.T) > 1e-8 * covariance.diagonal().max()):
        return f"extra isn't symmetric: {extra[i, j]:.4g} and {extra[j, i]:.4g} in places that pair"
    if np.linalg.eigvalsh(extra).min() < -1e-8 * covariance.diagonal().max():
        return "extra has a negative variance in some direction: a sum of covariances has none"
    return None


def extra_within_its_bounds(answer, X, mean, covariance):
    """Nothing where nothing is missing, something and not too much where something is."""
    extra, gaps = answer[1].diagonal(), np.isnan(X).sum(axis=0)
    most = gaps * covariance.diagonal()
    for j in np.flatnonzero((gaps == 0) & (extra != 0)):
        return f"extra[{j}, {j}] is {extra[j]:.4g}, but feature {j} was observed in every row"
    for j in np.flatnonzero((gaps > 0) & (extra <= 0)):
        return f"extra[{j}, {j}] is {extra[j]:.4g}, but feature {j} is missing in some row"
    for j in np.flatnonzero(extra > most * (1 + 1e-9)):
        return (
            f"extra[{j}, {j}] is {extra[j]:.4g}: more than the number of gaps in feature {j}, "
            f"{gaps[j]}, times its variance, which is all the doubt there can be"
        )
    return None


def regress_rows(X, mean, covariance, row=regress):
    """Filled rows, and each one's conditional covariance (n, d, d), by a way to treat one row."""
    filled, each = X.copy(), np.zeros((*X.shape, X.shape[1]))
    for i, x in enumerate(X):
        m, values, block = row(x, mean, covariance)
        filled[i, m] = values
        each[i][np.ix_(m, m)] = block
    return filled, each


@mistake("The gaps are filled with the overall means: what was observed in the same row isn't "
         "asked.")  # fmt: skip
def means_in_the_gaps(X, mean, covariance):
    extra = regress_rows(X, mean, covariance)[1].sum(axis=0)
    return np.where(np.isnan(X), mean, X), extra


@mistake("Each gap has the overall mean, and each adds the whole variance. What do the other "
         "features of the row say?")  # fmt: skip
def nothing_learned(X, mean, covariance):
    m = np.isnan(X).astype(float)
    return np.where(np.isnan(X), mean, X), m.T @ m * covariance


@mistake("The gaps are filled with the means of the column's observed values. The E-step goes by "
         "the parameters that are given, `mean` and `covariance`.")  # fmt: skip
def column_means(X, mean, covariance):
    observed = ~np.isnan(X)
    means = np.where(observed, X, 0).sum(axis=0) / np.maximum(observed.sum(axis=0), 1)
    extra = regress_rows(X, mean, covariance)[1].sum(axis=0)
    return np.where(observed, X, means), extra


@mistake("`extra` is 0, as if the filled values were known. How sure is each of them?")
def nothing_extra(X, mean, covariance):
    return missing.e_step(X, mean, covariance)[0], np.zeros_like(covariance)


@mistake("`extra` is the *mean* over the rows here; wanted is their sum. The M-step divides.")
def mean_over_rows(X, mean, covariance):
    filled, extra = missing.e_step(X, mean, covariance)
    return filled, extra / len(X)


@mistake("`extra` holds one row's conditional covariance only: the loop overwrites it. Add them "
         "up.")  # fmt: skip
def last_row_only(X, mean, covariance):
    filled, each = regress_rows(X, mean, covariance)
    return filled, each[-1]


@mistake("`extra` holds the conditional covariance of the last row that has a gap: the loop "
         "overwrites it. Add them up.")  # fmt: skip
def last_gap_only(X, mean, covariance):
    filled, each = regress_rows(X, mean, covariance)
    gappy = np.isnan(X).any(axis=1)
    return filled, each[gappy][-1] if gappy.any() else np.zeros_like(covariance)


@mistake("The covariance of what is missing is added as it is, Σ_mm. The observed features of the "
         "row make it smaller.")  # fmt: skip
def covariance_not_reduced(X, mean, covariance):
    m = np.isnan(X).astype(float)
    return missing.e_step(X, mean, covariance)[0], m.T @ m * covariance


@mistake("`extra` has its diagonal only. Two features missing in the same row stay correlated, "
         "and that belongs off the diagonal.")  # fmt: skip
def variances_only(X, mean, covariance):
    filled, extra = missing.e_step(X, mean, covariance)
    return filled, np.diag(extra.diagonal())


@mistake("These are standard deviations, added up on the diagonal. Variances add, with the "
         "covariances beside them.")  # fmt: skip
def deviations_added(X, mean, covariance):
    filled, each = regress_rows(X, mean, covariance)
    return filled, np.sqrt(np.abs(each)).sum(axis=0)


@mistake("Rows that are all missing add nothing to `extra` here. They are as unsure as a row can "
         "be: what is the conditional covariance given nothing?")  # fmt: skip
def empty_rows_add_nothing(X, mean, covariance):
    filled, each = regress_rows(X, mean, covariance)
    return filled, each[~np.isnan(X).all(axis=1)].sum(axis=0)


@mistake("Rows that are all missing keep their NaN. What is the conditional mean given "
         "nothing?")  # fmt: skip
def empty_rows_keep_nan(X, mean, covariance):
    empty = np.isnan(X).all(axis=1)
    filled, each = regress_rows(X, mean, covariance)
    filled[empty] = np.nan
    return filled, each[~empty].sum(axis=0)


@mistake("The scatter of the filled rows is added to `extra` already. That is the M-step's work; "
         "here it is the conditional covariances alone.")  # fmt: skip
def scatter_added(X, mean, covariance):
    filled, extra = missing.e_step(X, mean, covariance)
    return filled, (filled - mean).T @ (filled - mean) + extra


@mistake("The scatter of the filled rows about their own mean is added to `extra` already. That is "
         "the M-step's work; here it is the conditional covariances alone.")  # fmt: skip
def own_scatter_added(X, mean, covariance):
    filled, extra = missing.e_step(X, mean, covariance)
    deviations = filled - filled.mean(axis=0)
    return filled, deviations.T @ deviations + extra


@mistake("The slopes are multiplied with the observed values themselves. What counts is how far "
         "they are from *their* means.")  # fmt: skip
def observed_means_forgotten(X, mean, covariance):
    def row(x, mean, covariance):
        m, values, block = regress(x, mean, covariance)
        return m, values - regress(np.where(m, np.nan, 0.0), mean, covariance)[1] + mean[m], block

    filled, each = regress_rows(X, mean, covariance, row)
    return filled, each.sum(axis=0)


@mistake("The whole covariance was inverted, and then the observed block cut out. Cutting out and "
         "inverting don't commute: first the block, then the inverse.")  # fmt: skip
def block_of_the_inverse(X, mean, covariance):
    def row(x, mean, covariance):
        m = np.isnan(x)
        between = covariance[np.ix_(m, ~m)]
        slopes = between @ np.linalg.inv(covariance)[np.ix_(~m, ~m)]
        values = mean[m] + slopes @ (x - mean)[~m]
        return m, values, covariance[np.ix_(m, m)] - slopes @ between.T

    filled, each = regress_rows(X, mean, covariance, row)
    return filled, each.sum(axis=0)


@mistake("Only the first row is filled: is the `return` inside the loop?")
def first_row_only(X, mean, covariance):
    filled, each = regress_rows(X, mean, covariance)
    return np.vstack([filled[:1], X[1:]]), each[0]


@mistake("One conditional covariance a row is returned; wanted is their sum, (d, d).")
def one_for_each_row(X, mean, covariance):
    return regress_rows(X, mean, covariance)


PIECE = Piece(
    id="06.e_step",
    contract=e_step,
    correct=correct_e_step,
    cases=e_step_cases,
    returns=(Returned("filled", "(n, d)"), Returned("extra", "(d, d)")),
    properties=(observed_values_stay, extra_is_a_covariance, extra_within_its_bounds),
    mistakes=(
        means_in_the_gaps,
        nothing_learned,
        column_means,
        nothing_extra,
        mean_over_rows,
        last_row_only,
        last_gap_only,
        covariance_not_reduced,
        variances_only,
        deviations_added,
        empty_rows_add_nothing,
        empty_rows_keep_nan,
        scatter_added,
        own_scatter_added,
        observed_means_forgotten,
        block_of_the_inverse,
        first_row_only,
        one_for_each_row,
    ),
    section="The E-step: fill in, and remember the doubt",
)
