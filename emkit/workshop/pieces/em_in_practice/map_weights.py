"""Weights under a Dirichlet prior, at the maximum of the posterior."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake


def map_weights(counts, alpha):
    """Component weights that maximise counts · log weights plus the prior's log-density.

    The prior is a symmetric Dirichlet, with a density proportional to Π_j weights_j^(alpha − 1).

    Parameters
    ----------
    counts : (k,) array
        Effective counts, at least 0.
    alpha : float
        Concentration, above 0; 1 is a flat prior.

    Returns
    -------
    weights : (k,) array
        Sum to 1. Where counts + alpha − 1 is below 0, which an alpha below 1 can do, it is set to
        0, and so is the weight.

    Raises
    ------
    ValueError
        If that leaves nothing: no component has counts + alpha − 1 above 0.
    """


def map_weights_cases(rng):
    """Priors that smooth, that say nothing, and that empty components."""

    def case(counts, alpha):
        return {"counts": np.array(counts, dtype=float), "alpha": alpha}

    def nothing(what, counts, alpha):
        return Case(what, case(counts, alpha), hard=True, raises=ValueError,
                    because="counts + alpha − 1 is above 0 for no component")  # fmt: skip

    few = rng.permutation([6.0, 3.0, 1.0])
    some = rng.uniform(1, 9, size=5)
    lost = rng.permutation([*rng.uniform(3, 9, size=2), *rng.uniform(0, 0.4, size=2)])
    return [
        Case("3 components, alpha = 3", case(few, 3.0)),
        Case("5 components, alpha = 1.5", case(some, 1.5)),
        Case("a flat prior", case(some, 1.0)),
        Case("a component without points, alpha = 2", case(rng.permutation([0.0, 4.5, 8.0]), 2.0)),
        Case("a single component", case([rng.uniform(2, 9)], 2.5)),
        Case("alpha = 0.5, all counts above it", case(some, 0.5)),
        Case("a component without points under a flat prior",
             case(rng.permutation([0.0, 2.5, 7.5]), 1.0), hard=True),
        Case("alpha = 0.5 and counts below it", case(lost, 0.5), hard=True),
        Case("alpha = 0.25, all but one below", case(rng.permutation([0.1, 0.7, 1.2]), 0.25),
             hard=True),
        nothing("alpha = 0.25 and counts below 0.75", rng.uniform(0.1, 0.7, size=3), 0.25),
        nothing("alpha = 0.5 and counts of exactly 0.5", [0.5, 0.5], 0.5),
        nothing("no points and a flat prior", [0.0, 0.0, 0.0], 1.0),
    ]  # fmt: skip


def correct_map_weights(counts, alpha):
    """By a Lagrange multiplier: proportional to the exponents of the weights that are positive."""
    exponents = np.maximum(counts + alpha - 1, 0)
    if not exponents.any():
        raise ValueError(f"counts + alpha - 1 leaves nothing for counts {counts}, alpha {alpha}")
    return exponents / exponents.sum()


def a_distribution(weights, counts, alpha):
    """Shares that sum to 1."""
    for j in np.flatnonzero(weights < 0):
        return f"weights[{j}] is {weights[j]:.4g}, and a weight is a share"
    if abs(weights.sum() - 1) > 1e-6:
        return f"weights sum to {weights.sum():.7g}, not to 1"
    return None


def no_move_goes_up(weights, counts, alpha):
    """At the maximum every positive weight has the same slope, (counts + alpha - 1) / weight."""
    used = np.flatnonzero(weights > 0)
    slopes = (counts[used] + alpha - 1) / weights[used]
    best, worst = used[slopes.argmax()], used[slopes.argmin()]
    if slopes.max() - slopes.min() > 1e-6 * np.abs(slopes).max():
        return (
            f"a little weight moved from component {worst} to component {best} would raise the "
            "objective, log-likelihood plus log-prior: your weights are not at its maximum"
        )
    return None


@mistake("The exponent of a Dirichlet's density is alpha − 1, not alpha. With alpha itself you get "
         "the posterior *mean*; a flat prior, alpha = 1, must leave the counts as they "
         "are.")  # fmt: skip
def posterior_mean(counts, alpha):
    return (counts + alpha) / (counts + alpha).sum()


@mistake("The prior is missing: these are the maximum likelihood weights.")
def prior_forgotten(counts, alpha):
    return counts / counts.sum()


@mistake("The numerator has the prior, the denominator has only the counts: divide by the sum of "
         "the numerators.")  # fmt: skip
def divided_by_the_counts(counts, alpha):
    return np.maximum(counts + alpha - 1, 0) / counts.sum()


@mistake("The denominator has alpha − 1 once. It is the sum of k numerators, and each of them has "
         "its own.")  # fmt: skip
def one_prior_in_the_denominator(counts, alpha):
    return np.maximum(counts + alpha - 1, 0) / (counts.sum() + alpha - 1)


@mistake("An alpha below 1 takes more from a small count than it has: counts + alpha − 1 is "
         "negative there, and so is the weight. The maximum lies on the border, at "
         "0.")  # fmt: skip
def negative_weights(counts, alpha):
    with np.errstate(divide="ignore", invalid="ignore"):
        return (counts + alpha - 1) / (counts + alpha - 1).sum()


@mistake("The negative numbers were set to 0 after the division: the others were divided by a sum "
         "that still had them in it. First set to 0, then divide.")  # fmt: skip
def cut_after_dividing(counts, alpha):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.maximum((counts + alpha - 1) / (counts + alpha - 1).sum(), 0)


@mistake("The negative numbers lost their sign: the less a component had, the more it gets. Where "
         "counts + alpha − 1 is below 0, the weight is 0.")  # fmt: skip
def absolute_values(counts, alpha):
    return np.abs(counts + alpha - 1) / np.abs(counts + alpha - 1).sum()


@mistake("An alpha below 1 was taken as 1. Such a prior takes something from every count, and may "
         "empty a component.")  # fmt: skip
def small_alpha_ignored(counts, alpha):
    exponents = counts + max(alpha, 1) - 1
    return exponents / exponents.sum() if exponents.any() else np.full(len(counts), np.nan)


@mistake("A component that the prior has emptied got a tiny weight. Its weight is 0: the posterior "
         "falls with it from there.")  # fmt: skip
def tiny_weights(counts, alpha):
    exponents = np.maximum(counts + alpha - 1, 1e-6)
    return exponents / exponents.sum()


@mistake("Where nothing is left, you return equal weights. No maximum says so; the caller must "
         "hear of it: raise a ValueError.")  # fmt: skip
def equal_where_nothing_is_left(counts, alpha):
    exponents = np.maximum(counts + alpha - 1, 0)
    return exponents / exponents.sum() if exponents.any() else np.full(len(counts), 1 / len(counts))


@mistake("Where nothing is left, 0 / 0 is NaN, and it travels on. Look at the sum before you "
         "divide, and raise a ValueError.")  # fmt: skip
def nan_where_nothing_is_left(counts, alpha):
    exponents = np.maximum(counts + alpha - 1, 0)
    return exponents / exponents.sum() if exponents.any() else np.full(len(counts), np.nan)


@mistake("Where nothing is left, you return zeros. Weights that don't sum to 1 would spoil the "
         "next E-step: raise a ValueError.")  # fmt: skip
def zeros_where_nothing_is_left(counts, alpha):
    exponents = np.maximum(counts + alpha - 1, 0)
    return exponents / (exponents.sum() or 1)


@mistake("The concentration was divided among the components. `alpha` is the exponent's of *each* "
         "of them, plus 1.")  # fmt: skip
def alpha_shared_out(counts, alpha):
    exponents = np.maximum(counts + (alpha - 1) / len(counts), 0)
    with np.errstate(invalid="ignore"):
        return exponents / exponents.sum()


PIECE = Piece(
    id="11.map_weights",
    contract=map_weights,
    correct=correct_map_weights,
    cases=map_weights_cases,
    returns=Returned("weights", "(k,)"),
    properties=(a_distribution, no_move_goes_up),
    mistakes=(
        posterior_mean,
        prior_forgotten,
        divided_by_the_counts,
        one_prior_in_the_denominator,
        negative_weights,
        cut_after_dividing,
        absolute_values,
        small_alpha_ignored,
        tiny_weights,
        equal_where_nothing_is_left,
        nan_where_nothing_is_left,
        zeros_where_nothing_is_left,
        alpha_shared_out,
    ),
    section="A prior in the M-step",
)
