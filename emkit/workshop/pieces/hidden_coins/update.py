"""New weights and biases from shared-out counts."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_coins.coins import (
    biases_are_probabilities,
    heads_are_explained,
    random_coins,
    right_update,
    weights_sum_to_one,
)


def update(heads, flips, resp):
    """New weights and biases from responsibilities.

    Parameters
    ----------
    heads : (n,) integer array
        Heads of each round.
    flips : (n,) integer array
        Flips of each round, at least 1; rounds may differ in length.
    resp : (n, k) array
        Responsibilities; rows sum to 1. Every coin has a positive share in some round.

    Returns
    -------
    weights : (k,) array
        Share of the rounds that each coin has.
    biases : (k,) array
        Share of heads in the flips that each coin has.
    """


def update_cases(rng):
    """Soft shares of two, three and one coin; a single round; shares of 0 and 1; rare coins."""

    def case(n, k):
        drawn = random_coins(rng, n, k)
        resp = rng.dirichlet(np.ones(k), size=n)
        return {"heads": drawn["heads"], "flips": drawn["flips"], "resp": resp}

    first = rng.permutation([0.2, 0.5, 0.9])
    small = {
        "heads": rng.permutation([2, 5, 6]),
        "flips": np.array([10, 20, 12]),
        "resp": np.column_stack([first, 1 - first]),
    }
    known = case(7, 3)
    known["resp"] = np.eye(3)[rng.permutation([0, 1, 2, 0, 1, 2, rng.integers(3)])]
    rare = case(6, 2)
    tiny = rng.uniform(0.5e-6, 1e-6, size=6)
    rare["resp"] = np.column_stack([tiny, 1 - tiny])
    return [
        Case("3 rounds, 2 coins", small),
        Case("8 rounds, 3 coins", case(8, 3)),
        Case("5 rounds, 4 coins", case(5, 4)),
        Case("a single coin", case(4, 1)),
        Case("a single round, 2 coins", case(1, 2)),
        Case("shares of 0 and 1", known),
        Case("a coin with a tiny share of every round", rare, rtol=1e-8),
    ]


def shares_and_probabilities(answer, heads, flips, resp):
    """What weights and biases must be whatever the data."""
    weights, biases = answer
    return weights_sum_to_one(weights) or biases_are_probabilities(biases)


def heads_of_all_coins(answer, heads, flips, resp):
    """At the maximum each coin explains its share of the heads, so all of them together do."""
    return heads_are_explained(heads, flips, answer[1], resp)


def shared_counts(heads, flips, resp):
    """The parts that mistakes put together wrongly: rounds, heads and flips of each coin."""
    return resp.sum(axis=0), heads @ resp, flips @ resp


@mistake("The bias is an average of the rounds' shares of heads, so that a short round counts "
         "as much as a long one. Every *flip* is a vote of its own: share out heads and flips, "
         "then divide.")  # fmt: skip
def mean_of_shares(heads, flips, resp):
    counts, _, _ = shared_counts(heads, flips, resp)
    return resp.mean(axis=0), (heads / flips) @ resp / counts


@mistake("Each coin's heads are divided by *all* flips. A coin that has half a round has half of "
         "its flips only.")  # fmt: skip
def divided_by_all_flips(heads, flips, resp):
    _, up, _ = shared_counts(heads, flips, resp)
    return resp.mean(axis=0), up / flips.sum()


@mistake("The biases are heads per *round*; a bias is heads per flip. Share out the flips as "
         "well as the heads.")  # fmt: skip
def heads_per_round(heads, flips, resp):
    counts, up, _ = shared_counts(heads, flips, resp)
    return resp.mean(axis=0), up / counts


@mistake("Each round was given wholly to its likeliest coin first. Share it out as `resp` "
         "says.")  # fmt: skip
def hard_shares(heads, flips, resp):
    hard = np.eye(resp.shape[1])[resp.argmax(axis=1)]
    _, up, thrown = shared_counts(heads, flips, hard)
    return hard.mean(axis=0), up / np.maximum(thrown, 1)


@mistake("The biases are right, but the weights come from each round's likeliest coin. The "
         "weight is the *sum* of a coin's shares, over the number of rounds.")  # fmt: skip
def hard_weights(heads, flips, resp):
    _, up, thrown = shared_counts(heads, flips, resp)
    return np.bincount(resp.argmax(axis=1), minlength=resp.shape[1]) / len(resp), up / thrown


@mistake("The weights are shares of the flips. A coin is chosen once for a whole round, however "
         "long: sum the responsibilities.")  # fmt: skip
def weights_by_flips(heads, flips, resp):
    _, up, thrown = shared_counts(heads, flips, resp)
    return thrown / flips.sum(), up / thrown


@mistake("The weights are effective counts of rounds. Divide by the number of rounds.")
def weights_are_counts(heads, flips, resp):
    counts, up, thrown = shared_counts(heads, flips, resp)
    return counts, up / thrown


@mistake("The weights are the same for all coins; sum each coin's responsibilities.")
def weights_equal(heads, flips, resp):
    _, up, thrown = shared_counts(heads, flips, resp)
    return np.full(resp.shape[1], 1 / resp.shape[1]), up / thrown


@mistake("The sums run along the rows: one value a round came out. Sum over the *rounds*, for "
         "each coin.")  # fmt: skip
def summed_along_rows(heads, flips, resp):
    return resp.mean(axis=1), (heads[:, None] * resp).sum(axis=1) / flips


@mistake("The heads are shared out, the flips are not: each round's flips are divided equally "
         "among the coins.")  # fmt: skip
def flips_shared_equally(heads, flips, resp):
    _, up, _ = shared_counts(heads, flips, resp)
    return resp.mean(axis=0), up / (flips.sum() / resp.shape[1])


@mistake("The biases are heads for each tail. A probability is heads out of all flips.")
def odds(heads, flips, resp):
    _, up, thrown = shared_counts(heads, flips, resp)
    with np.errstate(divide="ignore"):
        return resp.mean(axis=0), up / (thrown - up)


@mistake("These are the coins' probabilities of *tails*.")
def tails(heads, flips, resp):
    _, up, thrown = shared_counts(heads, flips, resp)
    return resp.mean(axis=0), (thrown - up) / thrown


@mistake("One head and one tail too many: heads plus 1 over flips plus 2 is a useful estimate, "
         "but it isn't the most likely one.")  # fmt: skip
def smoothed(heads, flips, resp):
    _, up, thrown = shared_counts(heads, flips, resp)
    return resp.mean(axis=0), (up + 1) / (thrown + 2)


@mistake("A small number was added to the denominator. Every coin has a share here, so nothing is "
         "divided by 0 – and a coin whose share is small itself gets a wrong bias.")  # fmt: skip
def small_number_in_denominator(heads, flips, resp):
    _, up, thrown = shared_counts(heads, flips, resp)
    return resp.mean(axis=0), up / (thrown + 1e-10)


@mistake("Weights and biases come in the wrong order: first the weights, then the biases.")
def biases_first(heads, flips, resp):
    return right_update(heads, flips, resp)[::-1]


PIECE = Piece(
    id="01.update",
    contract=update,
    correct=right_update,
    cases=update_cases,
    returns=(Returned("weights", "(k,)"), Returned("biases", "(k,)")),
    properties=(shares_and_probabilities, heads_of_all_coins),
    mistakes=(
        mean_of_shares,
        divided_by_all_flips,
        heads_per_round,
        hard_shares,
        hard_weights,
        weights_by_flips,
        weights_are_counts,
        weights_equal,
        summed_along_rows,
        flips_shared_equally,
        odds,
        tails,
        smoothed,
        small_number_in_denominator,
        biases_first,
    ),
    section="Sharing the counts out",
)
