"""How often each state is visited in the long run."""

import numpy as np

from emkit import chain
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_e_step.chains import random_transmat
from emkit.workshop.pieces.hidden_markov_m_step.expectations import distribution


def stationary(transmat):
    """The distribution over states that a step leaves as it is.

    Parameters
    ----------
    transmat : (k, k) array
        A[i, j] = p(z_{t+1} = j | z_t = i); rows sum to 1, zeros allowed. Every state can be reached
        from every other, so that there is exactly one such distribution. It may take ten thousand
        steps and more to leave a state, and a state may be visited every second time only.

    Returns
    -------
    share : (k,) array
        π with π A = π, the share of each state in the long run; sums to 1.
    """


def stationary_cases(rng):
    """Two, three, four states and one; chains that go to and fro, and one that hardly moves."""
    leave, back = rng.choice([0.1, 0.2]), rng.choice([0.3, 0.4])
    slow, slower = rng.uniform(1e-5, 2e-5), rng.uniform(3e-5, 9e-5)
    ordinary = {
        "2 states": np.array([[1 - leave, leave], [back, 1 - back]]),
        "2 states, the first one easily left": np.array([[1 - back, back], [leave, 1 - leave]]),
        "3 states": random_transmat(rng, 3),
        "4 states": random_transmat(rng, 4),
        "a single state": np.ones((1, 1)),
        "4 states in a row, steps to neighbours only": in_a_row(rng),
    }
    hard = {
        "2 states that change places at every step": np.array([[0.0, 1.0], [1.0, 0.0]]),
        "a state that is visited every second time, 3 that share the others": to_and_fro(rng),
        "2 states that are hardly ever left": np.array([[1 - slow, slow], [slower, 1 - slower]]),
    }
    return [
        *(Case(what, {"transmat": A}) for what, A in ordinary.items()),
        *(Case(what, {"transmat": A}, hard=True, rtol=1e-7) for what, A in hard.items()),
    ]


def in_a_row(rng):
    """From each of four states only to itself and its neighbours."""
    near = np.abs(np.subtract.outer(range(4), range(4))) <= 1
    steps = rng.uniform(0.2, 1, size=(4, 4)) * near
    return steps / steps.sum(axis=1, keepdims=True)


def to_and_fro(rng):
    """From state 0 to one of three others, from each of them back to state 0."""
    transmat = np.zeros((4, 4))
    transmat[0, 1:] = rng.dirichlet(np.full(3, 2.0))
    transmat[1:, 0] = 1
    return transmat


def shares_are_a_distribution(share, transmat):
    """The chain is in some state."""
    return distribution("share", share)


def a_step_changes_nothing(share, transmat):
    """π A = π."""
    after = share @ transmat
    slack = 1e-7 * (1 - transmat.diagonal().min())  # what little such a chain moves at all
    for j in np.flatnonzero(np.abs(after - share) > slack):
        return (
            f"a step changes your distribution: the share of state {j} is {share[j]:.8g} before "
            f"it and {after[j]:.8g} after it"
        )
    return None


@mistake("All shares are 0. That solves π A = π, too: the k equations say nothing about the size "
         "of π. Put Σ π = 1 beside them.")  # fmt: skip
def zeros(transmat):
    return np.zeros(len(transmat))


@mistake("All states have the same share. (This solves A v = v, which is true for any constant v "
         "because rows sum to 1. Which side does π stand on?)")  # fmt: skip
def same_share(transmat):
    return np.full(len(transmat), 1 / len(transmat))


@mistake("All entries are the same, and they don't sum to 1: this is the eigenvector of A v = v "
         "as it came. Which side does π stand on, and what does it sum to?")  # fmt: skip
def right_eigenvector(transmat):
    return np.full(len(transmat), len(transmat) ** -0.5)


@mistake("This is an eigenvector as it came, of length 1. Which sum should it have?")
def length_one(transmat):
    share = chain.stationary(transmat)
    return share / np.linalg.norm(share)


@mistake("This is an eigenvector as it came, of length 1 and below 0. A multiple of it is one as "
         "well: which sum should it have?")  # fmt: skip
def length_one_negative(transmat):
    return -length_one(transmat)


@mistake("This is NumPy's first eigenvector. The eigenvalues come in no order: take the one that "
         "belongs to the eigenvalue 1.")  # fmt: skip
def first_eigenvector(transmat):
    vector = np.linalg.eig(transmat.T)[1][:, 0].real
    return vector / vector.sum()


@mistake("The shares are divided by the largest one. They should sum to 1.")
def divided_by_the_largest(transmat):
    share = chain.stationary(transmat)
    return share / share.max()


@mistake("These are the column means: one step from an even start. How does it go on?")
def one_step(transmat):
    return transmat.mean(axis=0)


@mistake("These are sums of columns; they say how often each state is entered if all are equally "
         "frequent. They aren't.")  # fmt: skip
def column_sums(transmat):
    return transmat.sum(axis=0)


@mistake("This is the first row: where the chain is one step after state 0.")
def first_row(transmat):
    return transmat[0].copy()


@mistake("This is the diagonal, made to sum to 1. How long a state lasts is one thing, how often "
         "it is entered another.")  # fmt: skip
def diagonal(transmat):
    with np.errstate(all="ignore"):
        return transmat.diagonal() / transmat.trace()


@mistake("The shares are in proportion to how long a stay in each state lasts, 1 / (1 − A_jj). "
         "With two states that is right, for they take turns; with more, some are entered more "
         "often.")  # fmt: skip
def length_of_stays(transmat):
    if len(transmat) == 1:
        return np.ones(1)
    stays = 1 / (1 - transmat.diagonal())
    return stays / stays.sum()


@mistake("The shares of states are mixed up with the ways out: the easier a state is to leave, the "
         "*less* of the time is spent there.")  # fmt: skip
def leaving(transmat):
    if len(transmat) == 1:
        return np.ones(1)
    out = 1 - transmat.diagonal()
    return out / out.sum()


@mistake("A hundred steps are taken. A chain that hardly moves needs many thousands, and one that "
         "goes to and fro never settles, however long one waits. Solve π A = π with Σ π = 1 "
         "instead.")  # fmt: skip
def a_hundred_steps(transmat):
    return np.full(len(transmat), 1 / len(transmat)) @ np.linalg.matrix_power(transmat, 100)


@mistake("A thousand steps are taken. A chain that hardly moves needs many thousands, and one that "
         "goes to and fro never settles, however long one waits. Solve π A = π with Σ π = 1 "
         "instead.")  # fmt: skip
def a_thousand_steps(transmat):
    return np.full(len(transmat), 1 / len(transmat)) @ np.linalg.matrix_power(transmat, 1000)


@mistake("This is a row of a high power of A. A chain that goes to and fro never settles, however "
         "long one waits. Solve π A = π with Σ π = 1 instead.")  # fmt: skip
def row_of_a_power(transmat):
    return np.linalg.matrix_power(transmat, 1000)[0]


@mistake("This is a row of the matrix after a million steps. A chain that goes to and fro never "
         "settles, however long one waits. Solve π A = π with Σ π = 1 instead.")  # fmt: skip
def a_million_steps(transmat):
    return np.linalg.matrix_power(transmat, 10**6)[0]


PIECE = Piece(
    id="10.stationary",
    contract=stationary,
    correct=chain.stationary,
    cases=stationary_cases,
    returns=Returned("share", "(k,)"),
    properties=(shares_are_a_distribution, a_step_changes_nothing),
    mistakes=(
        zeros,
        same_share,
        right_eigenvector,
        length_one,
        length_one_negative,
        first_eigenvector,
        divided_by_the_largest,
        one_step,
        column_sums,
        first_row,
        diagonal,
        length_of_stays,
        leaving,
        a_hundred_steps,
        a_thousand_steps,
        row_of_a_power,
        a_million_steps,
    ),
    section="In the long run: the stationary distribution",
)
