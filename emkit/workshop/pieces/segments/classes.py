"""Latent classes and answers that the cases are drawn from, and the engine's answers for them."""

import numpy as np

from emkit.families.categorical import Categorical, CategoricalComponents
from emkit.numerics import normalise_rows
from emkit.workshop.piece import Case


def random_classes(rng, k, m, c):
    """Weights and probabilities, none of them near 0."""
    probs = rng.dirichlet(np.full(c, 2.0), size=(k, m))
    return {"weights": rng.dirichlet(np.full(k, 4.0)), "probs": (probs + 0.1) / (1 + 0.1 * c)}


def random_answers(rng, n, m, c, share=0.3):
    """Answers of which about `share` are missing; of three rows and more, one has some gaps."""
    Y = rng.integers(c, size=(n, m))
    Y[rng.random((n, m)) < share] = -1
    if n > 2 and m > 1:
        Y[0] = rng.permutation([-1, *rng.integers(c, size=m - 1)])
    return Y


def random_case(rng, n, k, m, c):
    """Answers with the classes that they are judged by."""
    return {"Y": random_answers(rng, n, m, c), **random_classes(rng, k, m, c)}


def small_case(rng):
    """Three rows, two items, two classes, two categories, in numbers that can be typed."""
    share = rng.choice([0.2, 0.3, 0.4])
    yes = np.array([rng.choice([0.7, 0.8, 0.9], size=2), rng.choice([0.1, 0.3, 0.4], size=2)])
    return {
        "Y": np.array([[1, -1], [-1, rng.integers(2)], rng.permutation([0, 1])]),
        "weights": np.array([share, 1 - share]),
        "probs": np.stack([1 - yes, yes], axis=2).round(1),
    }


def certain_case(rng):
    """A class that never gives some answers; the rows that have them can't be of that class.

    The last row has no gaps, so that NaN in all rows and NaN in those with gaps can be told apart.
    """
    case = random_case(rng, 6, 3, 4, 3)
    case["probs"][1, :, 2] = 0.0
    case["probs"] /= case["probs"].sum(axis=2, keepdims=True)
    case["Y"][1:3, rng.integers(4)] = 2
    case["Y"][-1] = rng.integers(3, size=4)
    return case


def class_cases(rng):
    """Cases of the pieces that take Y, weights and probs."""
    silent = random_case(rng, 5, 2, 3, 2)
    silent["Y"][1:3] = -1
    long = random_case(rng, 3, 2, 4000, 3)
    long["Y"][0, 1500:] = -1
    return [
        Case("3 rows, 2 items, 2 classes", small_case(rng)),
        Case("8 rows, 5 items of 3 categories, 3 classes", random_case(rng, 8, 3, 5, 3)),
        Case("a single class", random_case(rng, 4, 1, 3, 2)),
        Case("a single row", {**random_case(rng, 1, 4, 3, 4), "Y": np.array([[3, -1, 0]])}),
        Case("a single item", random_case(rng, 6, 2, 1, 3)),
        Case("two rows without any answer", silent),
        Case("a class that never gives some answers", certain_case(rng), hard=True),
        Case("4,000 items: the probability of a row with many answers underflows", long, hard=True),
    ]  # fmt: skip


def right_log_joint(Y, weights, probs):
    """By the engine's log-probabilities of categorical components."""
    family = Categorical(probs.shape[2])
    return family.log_prob(CategoricalComponents(probs), Y) + np.log(weights)


def right_responsibilities(Y, weights, probs):
    """By the engine's shift, exp and division."""
    return normalise_rows(right_log_joint(Y, weights, probs))[0]


def right_answers_counted(Y, resp, n_categories):
    """The engine's weighted count of each answer, (k, m, c)."""
    return Categorical(n_categories).statistics(None, Y, resp).answers


def right_predictions(Y, weights, probs):
    """Each class's probabilities, weighted with the responsibilities."""
    return np.einsum("nk,kmc->nmc", right_responsibilities(Y, weights, probs), probs)


def gaps_as_last_category(Y, probs):
    """Y as NumPy reads it when -1 is used as an index: from the end."""
    return np.where(Y < 0, probs.shape[2] - 1, Y)
