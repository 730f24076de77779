"""Which component of one fit is which of another."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from emkit import selection
from emkit.workshop.piece import Case, Piece, Returned, mistake


def align_labels(resp, reference):
    """The order of columns in which `resp` overlaps `reference` most.

    Parameters
    ----------
    resp, reference : (n, k) arrays
        Responsibilities of two fits for the same points, rows sum to 1. Either may be one-hot:
        labels, true ones perhaps.

    Returns
    -------
    p : (k,) integer array
        Of all orders of 0 .. k − 1 the one for which the sum over points and components of
        ``resp[:, p] * reference`` is largest. (No two orders are equally good.)
    """


def align_labels_cases(rng):
    """Shuffled columns with and without noise, labels, and where a greedy choice loses."""

    def shuffled(n, k, noise):
        """Two fits that agree up to noise, with columns in a cycle, which isn't its own inverse."""
        reference = rng.dirichlet(np.full(k, 0.3), size=n)
        order = np.roll(np.arange(k), 1) if k < 4 else cycle(k)
        resp = (1 - noise) * reference + noise * rng.dirichlet(np.ones(k), size=n)
        return {"resp": resp[:, order], "reference": reference}

    def cycle(k):
        order, places = np.empty(k, dtype=int), rng.permutation(k)
        order[places] = np.roll(places, 1)
        return order

    def one_hot(cells):
        """Labels with so many points in each (reference, resp); the columns of resp renamed."""
        pairs = [pair for pair, times in cells.items() for _ in range(times)]
        theirs, mine = np.array(pairs).T
        names = rng.permutation(mine.max() + 1)
        return {"resp": np.eye(len(names))[names[mine]], "reference": np.eye(len(names))[theirs]}

    def two_of(columns):
        pair = small[:, columns]
        return pair / pair.sum(axis=1, keepdims=True)

    small = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8], [0.0, 0.3, 0.7]])
    turned = np.roll(small, rng.choice([1, 2]), axis=1)
    labels = np.eye(3)[np.concatenate([np.arange(3), rng.integers(3, size=12)])]
    unequal = shuffled(30, 4, 0.3)
    unequal["reference"] = np.eye(4)[unequal["reference"].argmax(axis=1)]
    # 10 + 10 is more than 12 + 1, and 9 + 4 more than 5 + 1.
    give_up = one_hot({(0, 0): 12, (0, 1): 10, (1, 0): 10, (1, 1): 1, (2, 2): 7})
    wait = one_hot({(0, 1): 5, (0, 0): 4, (1, 1): 9, (1, 0): 1})
    weights = one_hot({(0, 0): 4, (0, 1): 2, (1, 1): 4})
    large = one_hot({(0, 0): 20, (0, 1): 9, (1, 0): 10, (1, 1): 1})
    doubtful = np.array([[0.48, 0.52]] * 7 + [[0.98, 0.02]] * 3 + [[0.1, 0.9]] * 2)
    ten_and_two = np.eye(2)[[0] * 10 + [1] * 2]
    swap = rng.permutation(2)
    soft = shuffled(30, 4, 0.3)
    soft["resp"] = np.eye(4)[soft["resp"].argmax(axis=1)]
    return [
        Case("4 points, 3 components", {"resp": turned, "reference": small}),
        Case("20 points, 3 components, two fits that nearly agree", shuffled(20, 3, 0.1)),
        Case("40 points, 5 components, two fits that differ", shuffled(40, 5, 0.4)),
        Case("labels of 10 points, two fits that disagree about the larger component", weights),
        Case("a fit and itself", {"resp": small, "reference": small.copy()}),
        Case("labels beside labels", {"resp": labels[:, cycle(3)], "reference": labels}),
        Case("a fit beside true labels", unequal),
        Case("labels beside a fit", soft),
        Case("a single component", {"resp": np.ones((5, 1)), "reference": np.ones((5, 1))}),
        Case("2 components that changed places",
             {"resp": two_of([2, 0]), "reference": two_of([0, 2])}),
        Case("labels of 40 points, where the largest overlap must be given up", give_up,
             hard=True),
        Case("labels of 40 points, one component much larger", large, hard=True),
        Case("labels of 19 points, where an early component must wait", wait, hard=True),
        Case("12 points, most of them doubtful",
             {"resp": doubtful[:, swap], "reference": ten_and_two}, hard=True),
    ]  # fmt: skip


def correct_align_labels(resp, reference):
    """The engine's, which solves the assignment problem."""
    return selection.align_labels(resp, reference)


def every_component_once(p, resp, reference):
    """An order of the columns."""
    k = resp.shape[1]
    if sorted(p.tolist()) != list(range(k)):
        return f"p is {p.tolist()}, but an order holds each of 0 .. {k - 1} once"
    return None


def overlap_is_the_largest(p, resp, reference):
    """What is asked for."""
    reached = (resp[:, p] * reference).sum()
    best = (resp[:, correct_align_labels(resp, reference)] * reference).sum()
    if reached < best - 1e-9:
        return f"Σ resp[:, p] · reference is {reached:.4g} for your p, and another order has more"
    return None


def overlaps(resp, reference):
    """Of each column of the reference (rows) with each of resp (columns)."""
    return reference.T @ resp


@mistake("This is the inverse: where each column of `resp` belongs. Wanted is for each column of "
         "`reference` the column of `resp` that goes there, so that resp[:, p] is in "
         "order.")  # fmt: skip
def inverse(resp, reference):
    return np.argsort(correct_align_labels(resp, reference))


@mistake("Each component takes the one that it overlaps most, and two of them took the same. Each "
         "may be used once only.")  # fmt: skip
def each_for_itself(resp, reference):
    return overlaps(resp, reference).argmax(axis=1)


@mistake("The largest overlap is taken first, then the largest of what is left. That can cost more "
         "than it gains: compare whole orders, or let scipy.optimize.linear_sum_assignment find "
         "the best.")  # fmt: skip
def greedy(resp, reference):
    left = overlaps(resp, reference)
    p = np.zeros(len(left), dtype=int)
    for _ in range(len(left)):
        i, j = np.unravel_index(left.argmax(), left.shape)
        p[i] = j
        left[i], left[:, j] = -1, -1
    return p


@mistake("Component 0 chooses first, then component 1 among what is left, and so on. Who comes "
         "late gets what nobody wanted: compare whole orders.")  # fmt: skip
def in_turn(resp, reference):
    left = overlaps(resp, reference)
    p = []
    for row in left:
        row[p] = -1
        p.append(int(row.argmax()))
    return np.array(p)


@mistake("This order overlaps *least*: linear_sum_assignment makes the sum small unless told to "
         "maximise.")  # fmt: skip
def least(resp, reference):
    return linear_sum_assignment(overlaps(resp, reference))[1]


@mistake("The components of each fit are put in order of their weight. Two fits need not agree "
         "about whose is larger; look at which *points* they share.")  # fmt: skip
def by_weight(resp, reference):
    p = np.empty(resp.shape[1], dtype=int)
    p[reference.sum(axis=0).argsort()] = resp.sum(axis=0).argsort()
    return p


@mistake("This is `resp` in order, not the order itself.")
def columns_in_order(resp, reference):
    return resp[:, correct_align_labels(resp, reference)]


@mistake("These are the columns as they came: nothing has been aligned.")
def as_they_came(resp, reference):
    return np.arange(resp.shape[1])


@mistake("Only the likeliest labels are compared. The overlap is the sum of the products of the "
         "responsibilities, soft as they are.")  # fmt: skip
def hard_labels(resp, reference):
    k = resp.shape[1]
    return correct_align_labels(np.eye(k)[resp.argmax(axis=1)], np.eye(k)[reference.argmax(axis=1)])


@mistake("The overlaps are divided by the sizes of the components. It is the plain sum over points "
         "and components that should be largest.")  # fmt: skip
def shares_of_the_component(resp, reference):
    return linear_sum_assignment(overlaps(resp, reference) / resp.sum(axis=0), maximize=True)[1]


PIECE = Piece(
    id="05.align_labels",
    contract=align_labels,
    correct=correct_align_labels,
    cases=align_labels_cases,
    returns=Returned("p", "(k,)", "int"),
    properties=(every_component_once, overlap_is_the_largest),
    mistakes=(
        inverse,
        each_for_itself,
        greedy,
        in_turn,
        least,
        by_weight,
        columns_in_order,
        as_they_came,
        hard_labels,
        shares_of_the_component,
    ),
    section="Which one is which?",
)
