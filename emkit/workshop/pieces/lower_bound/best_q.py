"""The distribution at which the bound touches the log-likelihood: the derivation piece."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.lower_bound.tables import (
    log_posterior,
    random_joint,
    right_best_q,
    right_log_likelihood,
    small_joint,
)

SMALLEST = 1e-300  # a probability that can still be stored


def best_q(log_joint):
    """The distribution over the components, row by row, that makes the bound largest.

    Parameters
    ----------
    log_joint : (n, k) array
        log p(x_i, z_i = j), natural logarithm; of any size, and −inf in some places, but never in
        a whole row.

    Returns
    -------
    q : (n, k) array
        Between 0 and 1; rows sum to 1. No other q gives a higher bound.
    """


def best_q_cases(rng):
    """Joints of ordinary size, then of sizes where exp fails, and impossible components."""
    ruled_out = random_joint(rng, 5, 3)
    ruled_out[np.arange(4), rng.integers(3, size=4)] = -np.inf
    ruled_out[0] = [-np.inf, -2.5, -np.inf]
    apart = random_joint(rng, 6, 2) - rng.choice([0.0, 5000.0], size=(6, 1))
    apart[:2] = [[-1.0, -2.0], [-5000.0, -5001.0]]
    return [
        Case("2 rows, 2 components", {"log_joint": small_joint(rng)}),
        Case("7 rows, 3 components", {"log_joint": random_joint(rng, 7, 3)}),
        Case("a single row, 4 components", {"log_joint": random_joint(rng, 1, 4)}),
        Case("a single component", {"log_joint": random_joint(rng, 4, 1)}),
        Case("a row of equal values", {"log_joint": np.array([[-2.0, -2.0, -2.0],
                                                              [-1.0, -2.0, -3.0]])}),
        Case("components that are impossible", {"log_joint": ruled_out}, hard=True),
        Case("log-joints near -100,000",
             {"log_joint": -1e5 + 2 * random_joint(rng, 4, 3)}, hard=True),
        Case("log-joints near 3,000",
             {"log_joint": 3000 + 2 * random_joint(rng, 4, 2)}, hard=True),
        Case("rows of very different size", {"log_joint": apart}, hard=True),
        Case("components thousands of nats apart",
             {"log_joint": rng.permuted([[-3.0, -4.0, -3000.0]] * 4, axis=1)}, hard=True),
    ]  # fmt: skip


def is_distribution(q, log_joint):
    """Each row is one."""
    for i, j in np.argwhere((q < 0) | (q > 1 + 1e-9)):
        return f"q[{i}, {j}] is {q[i, j]:.4g}, which is no probability"
    sums = q.sum(axis=1)
    for i in np.flatnonzero(~(np.abs(sums - 1) < 1e-9)):
        by_column = np.allclose(q.sum(axis=0), 1) and len(q) > 1
        columns = ", but its columns do" if by_column else ""
        return f"the rows of your q don't sum to 1 (row {i} sums to {sums[i]:.4g}){columns}"
    return None


def nothing_to_gain(q, log_joint):
    """At a maximum, moving probability between components doesn't raise the bound."""
    for i, j in np.argwhere((q > 0) & np.isneginf(log_joint)):
        return (
            f"q[{i}, {j}] is {q[i, j]:.4g} where log_joint is -inf: an impossible component makes "
            "the bound -inf"
        )
    posterior = log_posterior(log_joint)
    slope = posterior - np.log(np.maximum(q, SMALLEST))  # of the bound, but for a constant
    for i, there in enumerate(posterior > np.log(SMALLEST)):
        low, high = np.flatnonzero(there)[[slope[i, there].argmin(), slope[i, there].argmax()]]
        if slope[i, high] - slope[i, low] > 1e-6:
            return (
                f"the bound isn't at its maximum: in row {i} it rises if a little probability "
                f"moves from component {low} to component {high}"
            )
    return None


def joint(log_joint):
    with np.errstate(over="ignore"):
        return np.exp(log_joint)


def shares(values, axis=1):
    with np.errstate(over="ignore", invalid="ignore"):
        return values / values.sum(axis=axis, keepdims=True)


@mistake("Each *row* is a distribution over the components. Which axis is that?")
def normalised_over_rows(log_joint):
    return right_best_q(log_joint.T).T


@mistake("The whole table sums to 1. Each *row* is a distribution of its own.")
def normalised_over_everything(log_joint):
    return np.exp(log_joint - right_log_likelihood(log_joint.reshape(1, -1)))


@mistake("The sum of row 0 divided all of *column* 0, and so on: NumPy lays n numbers along the "
         "columns. Let the sums keep their second dimension, (n, 1).")  # fmt: skip
def sums_along_the_columns(log_joint):
    with np.errstate(over="ignore", invalid="ignore"):
        return joint(log_joint) / joint(log_joint).sum(axis=1)


@mistake("exp underflows or overflows at such values, and 0 / 0 or inf / inf is NaN. Take the "
         "row's largest log-joint out before exp: it cancels in the division.")  # fmt: skip
def no_shift_before_exp(log_joint):
    return shares(joint(log_joint))


@mistake("A small number in the denominator hides 0 / 0: the row now sums to 0. Take the row's "
         "largest log-joint out before exp instead.")  # fmt: skip
def small_number_in_denominator(log_joint):
    with np.errstate(invalid="ignore"):
        return joint(log_joint) / (joint(log_joint).sum(axis=1, keepdims=True) + 1e-300)


@mistake("The largest value of the *whole* table was taken out before exp. A row of much smaller "
         "values still underflows: take out each row's own largest value.")  # fmt: skip
def one_shift_for_all(log_joint):
    return shares(joint(log_joint - log_joint.max()))


@mistake("The largest value of each *column* was taken out before exp. Only what is the same all "
         "along a row cancels when the row is divided by its sum.")  # fmt: skip
def shifted_down_the_columns(log_joint):
    with np.errstate(invalid="ignore"):
        return shares(joint(log_joint - log_joint.max(axis=0)))


@mistake("The row's *smallest* value was taken out before exp, so the largest overflows; and "
         "where the smallest is −inf, −inf − (−inf) is NaN. Take out the largest.")  # fmt: skip
def shifted_by_the_smallest(log_joint):
    with np.errstate(invalid="ignore"):
        return shares(joint(log_joint - log_joint.min(axis=1, keepdims=True)))


@mistake("The row's largest log-joint was taken out, but the division by the row's sum is "
         "missing: the largest entry of each row is 1.")  # fmt: skip
def shifted_not_divided(log_joint):
    return joint(log_joint - log_joint.max(axis=1, keepdims=True))


@mistake("These are the joint probabilities themselves: their rows sum to p(x), not to 1.")
def not_normalised(log_joint):
    return joint(log_joint)


@mistake("This is log q: one exp is missing at the end.")
def logs_of_q(log_joint):
    return log_posterior(log_joint)


@mistake("The logarithms themselves were divided by their sum. Setting the slope of the bound to "
         "0 makes *log* q a log-joint plus a constant: what does that make q?")  # fmt: skip
def logs_divided(log_joint):
    with np.errstate(invalid="ignore"):
        return shares(log_joint)


@mistake("All of q sits on the likeliest component. That maximises the expected log-joint alone; "
         "the bound also has the entropy, which rewards doubt.")  # fmt: skip
def all_on_the_likeliest(log_joint):
    return np.eye(log_joint.shape[1])[log_joint.argmax(axis=1)]


@mistake("Every component gets the same share, whatever the data say. That maximises the entropy "
         "alone; the bound also has the expected log-joint.")  # fmt: skip
def the_same_for_all(log_joint):
    return np.full(log_joint.shape, 1 / log_joint.shape[1])


@mistake("−inf was replaced by 0, and exp(0) is 1: an impossible component got a share. exp(−inf) "
         "is 0 already, just as it should be.")  # fmt: skip
def impossible_made_likely(log_joint):
    return right_best_q(np.where(np.isneginf(log_joint), 0, log_joint))


@mistake("Rows and columns are swapped: one *row* an observation, one column a component.")
def q_transposed(log_joint):
    return right_best_q(log_joint).T


PIECE = Piece(
    id="02.best_q",
    contract=best_q,
    correct=right_best_q,
    cases=best_q_cases,
    returns=Returned("q", "(n, k)"),
    properties=(is_distribution, nothing_to_gain),
    mistakes=(
        normalised_over_rows,
        normalised_over_everything,
        sums_along_the_columns,
        no_shift_before_exp,
        small_number_in_denominator,
        one_shift_for_all,
        shifted_down_the_columns,
        shifted_by_the_smallest,
        shifted_not_divided,
        not_normalised,
        logs_of_q,
        logs_divided,
        all_on_the_likeliest,
        the_same_for_all,
        impossible_made_likely,
        q_transposed,
    ),
    section="Where the bound touches",
)
