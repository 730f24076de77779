"""Maximum likelihood by counting, where somebody wrote the coin down."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_coins.coins import (
    biases_are_probabilities,
    heads_are_explained,
    random_coins,
    right_update,
    weights_sum_to_one,
)


def complete_data_mle(heads, flips, coin):
    """Weights and biases that are most likely when the coins are known.

    Parameters
    ----------
    heads : (n,) integer array
        Heads of each round.
    flips : (n,) integer array
        Flips of each round, at least 1; rounds may differ in length.
    coin : (n,) integer array
        Which coin each round was flipped with, from 0 to k − 1, where k is coin.max() + 1.
        Each of the k coins was used at least once.

    Returns
    -------
    weights : (k,) array
        Share of the rounds that each coin was chosen for.
    biases : (k,) array
        Probability of heads of each coin.
    """


def complete_data_cases(rng):
    """Two coins in numbers that can be typed, three and four, one coin, one round."""

    def case(n, k):
        drawn = random_coins(rng, n, k)
        coin = rng.permutation(np.concatenate([np.arange(k), rng.integers(k, size=n - k)]))
        return {"heads": drawn["heads"], "flips": drawn["flips"], "coin": coin}

    small = {
        "heads": rng.permutation([2, 4, 5, 6, 9]),
        "flips": np.array([10, 20, 12, 15, 11]),
        "coin": np.array([1, 0, 0, 1, rng.integers(2)]),
    }
    return [
        Case("5 rounds, 2 coins", small),
        Case("9 rounds, 3 coins", case(9, 3)),
        Case("12 rounds, 4 coins", case(12, 4)),
        Case("a single coin", case(3, 1)),
        Case("a single round", case(1, 1)),
    ]


def one_hot(coin):
    """Responsibilities without a doubt, (n, k)."""
    return np.eye(coin.max() + 1)[coin]


def correct_complete_data_mle(heads, flips, coin):
    """Known coins are responsibilities of 0 and 1."""
    return right_update(heads, flips, one_hot(coin))


def shares_and_probabilities(answer, heads, flips, coin):
    """What weights and biases must be whatever the data."""
    weights, biases = answer
    return weights_sum_to_one(weights) or biases_are_probabilities(biases)


def heads_of_all_coins(answer, heads, flips, coin):
    """At the maximum each coin explains its own heads, so all of them together do."""
    return heads_are_explained(heads, flips, answer[1], one_hot(coin))


def counts(heads, flips, coin):
    """The parts that mistakes put together wrongly: rounds, heads and flips of each coin."""
    return np.bincount(coin), np.bincount(coin, heads), np.bincount(coin, flips)


@mistake("The bias is the average of the rounds' shares of heads, so that a round of 3 flips "
         "counts as much as one of 300. Every *flip* is a vote of its own.")  # fmt: skip
def mean_of_shares(heads, flips, coin):
    rounds, _, _ = counts(heads, flips, coin)
    return rounds / len(coin), np.bincount(coin, heads / flips) / rounds


@mistake("The weights are shares of the flips. A coin is chosen once for a whole round, however "
         "long: count rounds.")  # fmt: skip
def weights_by_flips(heads, flips, coin):
    _, up, thrown = counts(heads, flips, coin)
    return thrown / flips.sum(), up / thrown


@mistake("The weights are numbers of rounds. What share of all rounds is that?")
def weights_are_counts(heads, flips, coin):
    rounds, up, thrown = counts(heads, flips, coin)
    return rounds.astype(float), up / thrown


@mistake("The weights are equal for all coins, as if each had been chosen equally often. Count "
         "how often it was.")  # fmt: skip
def weights_equal(heads, flips, coin):
    rounds, up, thrown = counts(heads, flips, coin)
    return np.full(len(rounds), 1 / len(rounds)), up / thrown


@mistake("Each coin's heads are divided by the flips of *all* coins. A coin answers for its own "
         "flips only.")  # fmt: skip
def divided_by_all_flips(heads, flips, coin):
    rounds, up, _ = counts(heads, flips, coin)
    return rounds / len(coin), up / flips.sum()


@mistake("The biases are heads per *round*; a bias is heads per flip.")
def heads_per_round(heads, flips, coin):
    rounds, up, _ = counts(heads, flips, coin)
    return rounds / len(coin), up / rounds


@mistake("The biases are heads for each tail. A probability is heads out of all flips.")
def odds(heads, flips, coin):
    rounds, up, thrown = counts(heads, flips, coin)
    with np.errstate(divide="ignore"):
        return rounds / len(coin), up / (thrown - up)


@mistake("These are the coins' probabilities of *tails*.")
def tails(heads, flips, coin):
    rounds, up, thrown = counts(heads, flips, coin)
    return rounds / len(coin), (thrown - up) / thrown


@mistake("One head and one tail too many: heads plus 1 over flips plus 2 is a useful estimate, "
         "but it isn't the most likely one.")  # fmt: skip
def smoothed(heads, flips, coin):
    rounds, up, thrown = counts(heads, flips, coin)
    return rounds / len(coin), (up + 1) / (thrown + 2)


@mistake("All coins get the same bias, that of all flips together. Which coin was flipped is "
         "written down here: use it.")  # fmt: skip
def coins_not_told_apart(heads, flips, coin):
    rounds, _, _ = counts(heads, flips, coin)
    return rounds / len(coin), np.full(len(rounds), heads.sum() / flips.sum())


@mistake("There are always two coins in your answer, 0 and 1. There are coin.max() + 1.")
def always_two_coins(heads, flips, coin):
    one = coin == 1
    with np.errstate(invalid="ignore"):
        share = np.float64(heads[one].sum()) / flips[one].sum()
    zero = coin == 0
    biases = np.array([heads[zero].sum() / flips[zero].sum(), share])
    return np.array([zero.mean(), one.mean()]), biases


@mistake("Weights and biases come in the wrong order: first the weights, then the biases.")
def biases_first(heads, flips, coin):
    return correct_complete_data_mle(heads, flips, coin)[::-1]


PIECE = Piece(
    id="01.complete_data_mle",
    contract=complete_data_mle,
    correct=correct_complete_data_mle,
    cases=complete_data_cases,
    returns=(Returned("weights", "(k,)"), Returned("biases", "(k,)")),
    properties=(shares_and_probabilities, heads_of_all_coins),
    mistakes=(
        mean_of_shares,
        weights_by_flips,
        weights_are_counts,
        weights_equal,
        divided_by_all_flips,
        heads_per_round,
        odds,
        tails,
        smoothed,
        coins_not_told_apart,
        always_two_coins,
        biases_first,
    ),
    section="If somebody had written it down",
)
