"""From shares to labels."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake


def hard_assign(resp):
    """The component with the largest responsibility for each point.

    Parameters
    ----------
    resp : (n, k) array
        Responsibilities; rows sum to 1.

    Returns
    -------
    labels : (n,) integer array
        Component numbers from 0 to k − 1; at a tie the lower one.
    """


def hard_assign_cases(rng):
    """Clear rows, rows with ties, one component, one point."""
    clear = rng.dirichlet(np.ones(3), size=8)
    ties = rng.permutation([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0.4, 0.2, 0.4], [0.25, 0.5, 0.25]])
    halves = rng.permutation([[0.5, 0.5], [0.9, 0.1], [0.1, 0.9]])
    return [
        Case("3 components", {"resp": clear}),
        Case("4 components", {"resp": rng.dirichlet(np.ones(4), size=9)}),
        Case("rows with ties", {"resp": ties}),
        Case("2 components and a tie", {"resp": halves}),
        Case("a single point", {"resp": rng.dirichlet(np.ones(5), size=1)}),
        Case("a single component", {"resp": np.ones((3, 1))}),
        Case("40 components and ties", {"resp": many_ties(rng)}),
    ]


def many_ties(rng):
    """Rows long enough that a sort is no longer stable unless it is asked to be."""
    resp = rng.integers(1, 4, size=(5, 40)).astype(float)
    return resp / resp.sum(axis=1, keepdims=True)


def correct_hard_assign(resp):
    """NumPy's argmax takes the first of several largest values."""
    return resp.argmax(axis=1)


def labels_are_largest(labels, resp):
    """The named component has the row's largest share."""
    k = resp.shape[1]
    for i in np.flatnonzero((labels < 0) | (labels >= k)):
        return f"labels[{i}] is {labels[i]}, but components are numbered from 0 to {k - 1}"
    for i in np.flatnonzero(resp[np.arange(len(resp)), labels] < resp.max(axis=1)):
        return (
            f"labels[{i}] is {labels[i]}, but another component has a larger share: row {i} of "
            f"resp is {resp[i].round(3)}"
        )
    return None


@mistake("This looks down the columns, for the point that each component likes best. Each "
         "*row* is a point.")  # fmt: skip
def best_point(resp):
    return resp.argmax(axis=0)


@mistake("At a tie the lower component wins; yours takes the higher.")
def ties_to_the_higher(resp):
    return resp.shape[1] - 1 - resp[:, ::-1].argmax(axis=1)


@mistake("The labels count from 1. The notation counts components from 0, as NumPy does.")
def counted_from_one(resp):
    return resp.argmax(axis=1) + 1


@mistake("These are the largest shares themselves, not the number of the component that has "
         "them.")  # fmt: skip
def largest_share(resp):
    return resp.max(axis=1)


@mistake("Component 1 is taken wherever its share is above one half. With three components the "
         "likeliest one may have less than that – and be number 2.")  # fmt: skip
def above_one_half(resp):
    return (resp[:, min(1, resp.shape[1] - 1)] > 0.5).astype(int)


@mistake("These are rows of zeros and ones; wanted is the component's number.")
def one_hot(resp):
    return np.eye(resp.shape[1], dtype=int)[resp.argmax(axis=1)]


@mistake("This is the component with the *smallest* share.")
def least_likely(resp):
    return resp.argmin(axis=1)


PIECE = Piece(
    id="03.hard_assign",
    contract=hard_assign,
    correct=correct_hard_assign,
    cases=hard_assign_cases,
    returns=Returned("labels", "(n,)", "int"),
    properties=(labels_are_largest,),
    mistakes=(
        best_point,
        ties_to_the_higher,
        counted_from_one,
        largest_share,
        above_one_half,
        one_hot,
        least_likely,
    ),
    section="From soft to hard",
)
