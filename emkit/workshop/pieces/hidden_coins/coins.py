"""Coins that the cases are drawn from, and the engine's answers for them."""

import numpy as np

from emkit import families
from emkit.numerics import normalise_rows
from emkit.workshop.piece import Case


def random_coins(rng, n, k, least=6, most=15):
    """Rounds of different length, flipped with coins of unequal weight."""
    weights = rng.dirichlet(np.full(k, 4.0))
    biases = rng.permutation(np.linspace(0.2, 0.8, k) if k > 1 else np.array([0.6]))
    biases = biases + rng.uniform(-0.08, 0.08, size=k)
    flips = rng.integers(least, most, size=n)
    heads = rng.binomial(flips, biases[rng.integers(k, size=n)])
    return {"heads": heads, "flips": flips, "weights": weights, "biases": biases}


def small_coins(rng):
    """Three rounds and two coins in numbers that can be typed."""
    share = rng.choice([0.2, 0.3, 0.4])
    return {
        "heads": rng.permutation([3, 5, 8]),
        "flips": rng.permutation([9, 10, 12]),
        "weights": np.array([share, 1 - share]),
        "biases": rng.permutation([rng.choice([0.3, 0.4]), rng.choice([0.6, 0.7])]),
    }


def coin_cases(rng):
    """Cases of the pieces that take heads, flips, weights and biases; the nasty ones apart."""
    return [
        Case("3 rounds, 2 coins", small_coins(rng)),
        Case("7 rounds, 3 coins", random_coins(rng, 7, 3)),
        Case("one flip a round", random_coins(rng, 6, 2, least=1, most=2)),
        Case("a single round, 4 coins", random_coins(rng, 1, 4)),
        Case("a single coin", random_coins(rng, 4, 1)),
    ]


def long_rounds(rng):
    """10,000 flips a round that no coin explains well, so that every likelihood underflows."""
    case = random_coins(rng, 5, 2)
    case["flips"] = np.full(5, 10_000)
    case["heads"] = rng.integers(4_700, 5_300, size=5)
    case["biases"] = np.array([0.2, 0.8]) + rng.uniform(-0.03, 0.03, size=2)
    return Case("10,000 flips a round", case, hard=True, rtol=1e-7)


def long_and_short_rounds(rng):
    """10,000 flips beside a few."""
    case = random_coins(rng, 6, 3)
    long = rng.integers(4_700, 5_300, size=3)
    case["flips"] = np.where(np.arange(6) % 2, case["flips"], 10_000)
    case["heads"][::2] = long
    case["biases"] = np.array([0.1, 0.25, 0.85]) + rng.uniform(-0.03, 0.03, size=3)
    return Case("rounds of 10,000 flips beside short ones", case, hard=True, rtol=1e-7)


def certain_coins(rng):
    """A coin that never shows heads, one that always does, and a fair one.

    One round is nearly, but not quite, all tails: only the fair coin can have made it.
    """
    case = random_coins(rng, 5, 3)
    case["flips"][2] = 2_000
    case["heads"][:4] = [0, case["flips"][1], rng.integers(1, 4), 3]
    case["biases"] = np.array([0.0, 0.5, 1.0])
    return Case("coins of bias 0 and 1", case, hard=True)


def rows(heads, flips):
    """Heads and flips as the engine takes them, (n, 2)."""
    return np.column_stack([heads, flips]).astype(float)


def log_pmf(heads, flips, biases):
    """By the engine's family: log p(heads | flips, coin), (n, k)."""
    components = families.BinomialComponents(biases)
    return families.Binomial().log_prob(components, rows(heads, flips))


def right_log_joint(heads, flips, weights, biases):
    """By the engine's log-probability of one coin."""
    return np.log(weights) + log_pmf(heads, flips, biases)


def right_log_likelihood(heads, flips, weights, biases):
    """By the engine's log-sum-exp."""
    return float(normalise_rows(right_log_joint(heads, flips, weights, biases))[1].sum())


def right_responsibilities(heads, flips, weights, biases):
    """By the engine's shift, exp and division."""
    return normalise_rows(right_log_joint(heads, flips, weights, biases))[0]


def right_update(heads, flips, resp):
    """By the engine's statistics and its flat prior; the mean share of each coin."""
    family = families.Binomial()
    components = family.estimate(family.statistics(None, rows(heads, flips), resp), None)
    return resp.mean(axis=0), components.biases


def impossible(heads, flips, biases):
    """Rounds and coins, (m, 2), where a coin of bias 0 or 1 can't have made the heads."""
    return np.argwhere(np.isneginf(log_pmf(heads, flips, biases)))


def weights_sum_to_one(weights):
    """A sentence if the shares of the coins aren't shares."""
    if np.min(weights) < 0 or abs(np.sum(weights) - 1) > 1e-9:
        return f"your weights sum to {np.sum(weights):.4g} and should be shares that sum to 1"
    return None


def biases_are_probabilities(biases):
    """A sentence if a bias can't be a probability."""
    for j in np.flatnonzero((biases < 0) | (biases > 1 + 1e-9)):
        return f"biases[{j}] is {biases[j]:.4g}, which is no probability"
    return None


def heads_are_explained(heads, flips, biases, shares):
    """A sentence if the coins would not give, on average, as many heads as there are.

    At the maximum they do: shares (n, k) of the rounds among the coins are 0 or 1, or soft.
    """
    expected = ((flips[:, None] * shares) @ biases).sum()
    if abs(expected - heads.sum()) > 1e-6 * max(1, heads.sum()):
        return (
            f"coins with your biases would show {expected:.5g} heads on average in these flips, "
            f"but there are {heads.sum()}; at the maximum the two are equal"
        )
    return None
