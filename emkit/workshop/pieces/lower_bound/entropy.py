"""How undecided a distribution is."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.lower_bound.tables import (
    naive_log,
    naive_terms,
    random_q,
    right_entropy,
    small_q,
    with_zeros,
)


def entropy(q):
    """Entropy of the rows of q, summed over the rows.

    Parameters
    ----------
    q : (n, k) array
        A distribution over the k components in each row: rows sum to 1, zeros are allowed.

    Returns
    -------
    entropy : float
        In nats (natural logarithm); 0 log 0 counts as 0.
    """


def entropy_cases(rng):
    """Doubtful rows, then certain and nearly certain ones."""
    nearly = np.array([[1 - 1e-13, 1e-13], [1e-13, 1 - 1e-13]])[rng.integers(2, size=20)]
    return [
        Case("2 rows, 2 components", {"q": small_q(rng)}),
        Case("8 rows, 3 components", {"q": random_q(rng, 8, 3)}),
        Case("a single row, 5 components", {"q": random_q(rng, 1, 5)}),
        Case("nothing known: 3 rows of 1/4 each", {"q": np.full((3, 4), 0.25)}),
        Case("a single component", {"q": np.ones((3, 1))}),
        Case("zeros", {"q": with_zeros(rng, 6, 3)}, hard=True),
        Case("certainty in every row", {"q": np.eye(3)[rng.integers(3, size=5)]}, hard=True),
        Case("20 rows that are certain up to 1e-13", {"q": nearly}, hard=True, rtol=1e-11),
    ]


def between_nothing_and_log_k(entropy, q):
    """0 for a certain row, log k where all components are equally likely."""
    n, k = q.shape
    if entropy < 0:
        added = " (was a small number added inside the logarithm?)" if entropy > -1e-6 else ""
        return (
            f"the entropy is {entropy:.4g}, but doubt can't be negative: a row that is certain "
            f"has 0, any other more{added}"
        )
    if entropy > n * np.log(k) * (1 + 1e-9) + 1e-12:
        return (
            f"the entropy is {entropy:.4g}: that is more doubt than {n} rows over {k} components "
            "can have, even if nothing is known"
        )
    return None


@mistake("The sign is missing: log q is negative, so Σ q log q is, too, and the entropy is the "
         "other way round.")  # fmt: skip
def without_sign(q):
    return -right_entropy(q)


@mistake("This is the mean over the rows; the entropy here is the total.")
def mean_over_rows(q):
    return right_entropy(q) / len(q)


@mistake("This is the entropy of each row; wanted is their sum.")
def one_value_a_row(q):
    return np.array([right_entropy(row) for row in q])


@mistake("The sum over the *rows* was taken, and one value for each component is left. Sum over "
         "both.")  # fmt: skip
def one_value_a_component(q):
    return np.array([right_entropy(column) for column in q.T])


@mistake("These are bits: the logarithm is to base 2. All logarithms in this course are natural.")
def in_bits(q):
    return right_entropy(q) / np.log(2)


@mistake("0 · log 0 is NaN for NumPy, for log 0 is −inf. In the limit q log q is 0: leave "
         "the terms out where q is 0.")  # fmt: skip
def nan_at_zeros(q):
    return -naive_terms(q, naive_log(q)).sum()


@mistake("A small number added inside the logarithm avoids NaN and bends every other term: where q "
         "is of about its size the answer is wrong. Leave out the terms where q is 0 "
         "instead.")  # fmt: skip
def small_number_in_logarithm(q):
    return -(q * np.log(q + 1e-12)).sum()


@mistake("Values near 0 were lifted to a small number before the logarithm. That avoids NaN, and "
         "any q below that number gets a wrong term. Leave out the terms where q is 0 "
         "instead.")  # fmt: skip
def lifted_before_logarithm(q):
    return -(q * np.log(np.maximum(q, 1e-12))).sum()


@mistake("The logarithms are added up, but not weighted: each −log q counts as often as it "
         "happens.")  # fmt: skip
def without_weights(q):
    return -np.log(q[q > 0]).sum()


@mistake("The rows were averaged first, and this is the entropy of their average. Each row is a "
         "distribution of its own: first the entropy of each, then the sum.")  # fmt: skip
def entropy_of_the_average(q):
    return len(q) * right_entropy(q.mean(axis=0))


@mistake("This is one minus the chance that two draws agree (Gini's measure). The entropy is "
         "another measure of doubt: the expected −log q.")  # fmt: skip
def gini(q):
    return (q * (1 - q)).sum()


PIECE = Piece(
    id="02.entropy",
    contract=entropy,
    correct=right_entropy,
    cases=entropy_cases,
    returns=Returned("entropy", "()"),
    properties=(between_nothing_and_log_k,),
    mistakes=(
        without_sign,
        mean_over_rows,
        one_value_a_row,
        one_value_a_component,
        in_bits,
        nan_at_zeros,
        small_number_in_logarithm,
        lifted_before_logarithm,
        without_weights,
        entropy_of_the_average,
        gini,
    ),
    section="How undecided is q? The entropy",
)
