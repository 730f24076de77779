"""Statistics of two parts of the data become those of the whole."""

import numpy as np

from emkit.families.gaussian import GaussianStatistics
from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.em_in_practice.sums import (
    STATISTICS,
    halves,
    random_part,
    scatter_problem,
    small_part,
    statistics_of,
)


def merge(a, b):
    """Statistics of two parts of the data together.

    Parameters
    ----------
    a, b : tuples
        Statistics (counts (k,), sums (k, d), outer (k, d, d), log_likelihood) of two parts, taken
        about the same centres. A part may be empty: then its numbers are all 0.

    Returns
    -------
    counts : (k,) array
    sums : (k, d) array
    outer : (k, d, d) array
    log_likelihood : float
        What the rows of both parts together have about those centres.
    """


def merge_cases(rng):
    """Parts of unequal size in both orders, and an empty part."""

    def case(part, n, turned=False):
        a, b = halves(part, n)
        return {"a": b, "b": a} if turned else {"a": a, "b": b}

    part = random_part(rng, 12, 3, 4)
    counts, sums, outer, _ = statistics_of(part)
    empty = 0 * counts, 0 * sums, 0 * outer, 0.0
    small = {
        "a": (
            np.array([3.0, 2.0]),
            np.array([[1.0], [-2.0]]),
            np.array([[[5.0]], [[4.0]]]),
            -float(rng.choice([9.5, 10.5, 12.5])),
        ),
        "b": (
            np.array([0.5, 1.5]),
            np.array([[0.5], [1.0]]),
            np.array([[[1.0]], [[2.0]]]),
            -4.0,
        ),
    }
    return [
        Case("1 feature, 2 components", small),
        Case("2 points and 1 point in 2 dimensions, 2 components", case(small_part(rng), 2)),
        Case("5 and 7 points in 3 dimensions, 4 components", case(part, 5)),
        Case("7 and 5 points", case(part, 5, turned=True)),
        Case("1 feature, 3 components", case(random_part(rng, 6, 1, 3), 2)),
        Case("a single component", case(random_part(rng, 6, 2, 1), 3)),
        Case("an empty second part", case(part, 9) | {"b": empty}),
        Case("an empty first part", case(part, 9) | {"a": empty}),
    ]


def correct_merge(a, b):
    """By the engine's sum."""
    both = GaussianStatistics(*a[:3]) + GaussianStatistics(*b[:3])
    return both.counts, both.sums, both.second, float(a[3] + b[3])


def counts_of_both(answer, a, b):
    """No row is lost and none counts twice."""
    rows = a[0].sum() + b[0].sum()
    if abs(answer[0].sum() - rows) > 1e-6 * rows:
        return (
            f"counts sum to {answer[0].sum():.7g}, but the parts have {a[0].sum():.5g} and "
            f"{b[0].sum():.5g} rows"
        )
    return scatter_problem(*answer[:3])


@mistake("This is the first part alone. Add the second to it, member to member.")
def first_part_only(a, b):
    return a


@mistake("+ between two tuples puts one behind the other: that makes eight members. Add member to "
         "member.")  # fmt: skip
def tuples_joined(a, b):
    return (*a, *b)


@mistake("The log-likelihood of the second part is missing. It is a sum over rows like the "
         "others.")  # fmt: skip
def log_likelihood_of_the_first(a, b):
    return (*correct_merge(a, b)[:3], a[3])


@mistake("The log-likelihoods were averaged. They are totals over rows: the rows of both parts "
         "together have their sum.")  # fmt: skip
def log_likelihoods_averaged(a, b):
    return (*correct_merge(a, b)[:3], (a[3] + b[3]) / 2)


@mistake("The *likelihoods* were added (logaddexp). Rows are independent: likelihoods multiply, "
         "so their logarithms add.")  # fmt: skip
def likelihoods_added(a, b):
    return (*correct_merge(a, b)[:3], np.logaddexp(a[3], b[3]))


@mistake("The log-likelihoods were multiplied. Likelihoods multiply; their logarithms add.")
def log_likelihoods_multiplied(a, b):
    return (*correct_merge(a, b)[:3], a[3] * b[3])


@mistake("Everything was averaged. Statistics are sums over rows: those of the whole are the sum "
         "of the parts'.")  # fmt: skip
def everything_averaged(a, b):
    return tuple(member / 2 for member in correct_merge(a, b))


@mistake("The sums and products were averaged with the counts as weights, as one does with means. "
         "They are no means yet, but sums: add them.")  # fmt: skip
def averaged_by_counts(a, b):
    counts = a[0] + b[0]
    share = np.divide(a[0], counts)
    sums = share[:, None] * a[1] + (1 - share)[:, None] * b[1]
    outer = share[:, None, None] * a[2] + (1 - share)[:, None, None] * b[2]
    return counts, sums, outer, a[3] + b[3]


@mistake("The counts were normalised. How many rows stand behind a statistic must not be lost: "
         "weights are made in the M-step.")  # fmt: skip
def counts_normalised(a, b):
    counts, *others = correct_merge(a, b)
    return (counts / counts.sum(), *others)


@mistake("A term for the distance between the parts' means was added, as when *scatters about the "
         "means* are merged. These products are about common centres: they simply "
         "add.")  # fmt: skip
def term_between_the_means(a, b):
    counts, sums, outer, total = correct_merge(a, b)
    mean_a = np.divide(a[1], a[0][:, None], out=np.zeros_like(sums), where=a[0][:, None] > 0)
    mean_b = np.divide(b[1], b[0][:, None], out=np.zeros_like(sums), where=b[0][:, None] > 0)
    apart = mean_a - mean_b
    weight = (a[0] * b[0] / counts)[:, None, None]
    return counts, sums, outer + weight * apart[:, :, None] * apart[:, None, :], total


@mistake("The products of the second part are missing: add *every* member.")
def products_of_the_first(a, b):
    counts, sums, _, total = correct_merge(a, b)
    return counts, sums, a[2], total


@mistake("The sums of the second part are missing: add *every* member.")
def sums_of_the_first(a, b):
    counts, _, outer, total = correct_merge(a, b)
    return counts, a[1], outer, total


@mistake("This is the difference of the parts.")
def subtracted(a, b):
    return tuple(x - y for x, y in zip(a, b, strict=True))


PIECE = Piece(
    id="11.merge",
    contract=merge,
    correct=correct_merge,
    cases=merge_cases,
    returns=STATISTICS,
    properties=(counts_of_both,),
    mistakes=(
        first_part_only,
        tuples_joined,
        log_likelihood_of_the_first,
        log_likelihoods_averaged,
        likelihoods_added,
        log_likelihoods_multiplied,
        everything_averaged,
        averaged_by_counts,
        counts_normalised,
        term_between_the_means,
        products_of_the_first,
        sums_of_the_first,
        subtracted,
    ),
    section="Two halves make the whole",
)
