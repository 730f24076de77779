"""The M-step: weights of the classes, and their shares of answers."""

import numpy as np

from emkit.families.priors import Dirichlet
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.segments.classes import random_answers, right_answers_counted


def m_step(Y, resp, n_categories, smoothing):
    """Weights and probabilities of the classes from the responsibilities.

    Parameters
    ----------
    Y : (n, m) integer array
        Answers from 0 to n_categories − 1; −1 = missing. A category that nobody chose may exist.
    resp : (n, k) array
        Responsibilities; rows sum to 1, and every class has some.
    n_categories : int
        c, how many categories every item has.
    smoothing : float
        Count that is added to every category of each class and item, 0 or more. The weights are
        not smoothed.

    Returns
    -------
    weights : (k,) array
        Over all rows, those without answers included.
    probs : (k, m, c) array
        probs[j, t, a], the share of answer a among the answers to item t that class j has given.
        Where these have no weight and there is no smoothing, 1 / c each.
    """


def m_step_cases(rng):
    """With and without smoothing, gaps, items and categories that nobody chose, hard shares."""

    def case(n, k, m, c, smoothing):
        return {
            "Y": random_answers(rng, n, m, c),
            "resp": rng.dirichlet(np.ones(k), size=n),
            "n_categories": c,
            "smoothing": smoothing,
        }

    small = case(4, 2, 2, 2, 0.0)
    small["Y"] = rng.permutation([[0, 1], [1, -1], [1, 0], [0, 0]])
    small["resp"] = rng.permutation([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1], [0.7, 0.3]])
    unused = case(7, 2, 3, 3, rng.choice([0.0, 0.5]))
    unused["n_categories"] = 5
    unanswered = case(8, 3, 4, 3, 0.0)
    unanswered["Y"][:, rng.integers(4)] = -1
    silent = case(6, 2, 3, 2, 0.5)
    silent["Y"][1:3] = -1
    labels = rng.permutation([0, 0, 0, 1, 1, 1])
    apart = {**case(6, 2, 3, 3, 0.0), "resp": np.eye(2)[labels]}
    apart["Y"][:, rng.integers(3)] = np.where(labels == 1, -1, rng.integers(3))
    return [
        Case("4 rows, 2 items, 2 classes", small),
        Case("12 rows, 4 items of 3 categories, 3 classes", case(12, 3, 4, 3, 0.0)),
        Case("smoothing", case(10, 2, 3, 4, rng.choice([0.25, 1.5]))),
        Case("categories that nobody chose", unused),
        Case("a single class", case(5, 1, 2, 3, 1.0)),
        Case("a single row", {**case(1, 3, 2, 2, 1.0), "Y": rng.permutation([[1, -1]], axis=1)}),
        Case("two rows without any answer", silent),
        Case("an item that nobody answered", unanswered, hard=True),
        Case("an item that nobody answered, with smoothing", {**unanswered, "smoothing": 0.3},
             hard=True),
        Case("shares of 0 and 1, and an item that nobody of class 1 answered", apart, hard=True),
    ]  # fmt: skip


def correct_m_step(Y, resp, n_categories, smoothing):
    """The engine's weighted counts, and its mode of a Dirichlet posterior."""
    answers = right_answers_counted(Y, resp, n_categories)
    return Dirichlet(1).mode(resp.sum(axis=0)), Dirichlet(1 + smoothing).mode(answers)


def weights_sum_to_one(answer, Y, resp, n_categories, smoothing):
    """Every row has a class."""
    weights, _ = answer
    if not abs(weights.sum() - 1) < 1e-9:
        return f"the weights sum to {weights.sum():.4g}, not to 1"
    return None


def answers_sum_to_one(answer, Y, resp, n_categories, smoothing):
    """Whoever answers gives one of the answers."""
    sums = answer[1].sum(axis=2)
    for j, i in np.argwhere(~(np.abs(sums - 1) < 1e-9)):
        return f"the probabilities probs[{j}, {i}] sum to {sums[j, i]:.4g}, not to 1"
    return None


def probabilities_are_some(answer, Y, resp, n_categories, smoothing):
    """None below 0, none at 0 where a count was added, none above 0 where nothing was counted."""
    _, probs = answer
    for j, i, a in np.argwhere(probs < 0):
        return f"probs[{j}, {i}, {a}] is {probs[j, i, a]:.4g}, which is no probability"
    for j, i, a in np.argwhere((probs == 0) & (smoothing > 0)):
        return (
            f"probs[{j}, {i}, {a}] is 0, but smoothing = {smoothing} was to be added to every count"
        )
    counts = right_answers_counted(Y, resp, n_categories) + smoothing
    never = (counts == 0) & (counts.sum(axis=2, keepdims=True) > 0)
    for j, i, a in np.argwhere(never & (probs > 1e-12)):
        return f"probs[{j}, {i}, {a}] is {probs[j, i, a]:.4g}, but nobody of class {j} answered so"
    return None


def shares(counts):
    """Counts divided by their sums, uniform where there are none."""
    return Dirichlet(1).mode(counts)


@mistake("A missing answer is −1, and NumPy takes −1 as an index for the *last* category: it is "
         "counted as that answer.")  # fmt: skip
def missing_as_last_category(Y, resp, n_categories, smoothing):
    return correct_m_step(np.where(Y < 0, n_categories - 1, Y), resp, n_categories, smoothing)


@mistake("A missing answer is counted as category 0.")
def missing_as_category_0(Y, resp, n_categories, smoothing):
    return correct_m_step(np.maximum(Y, 0), resp, n_categories, smoothing)


@mistake("Category 0 is treated as missing. The categories count from 0; only −1 is missing.")
def category_0_as_missing(Y, resp, n_categories, smoothing):
    return correct_m_step(np.where(Y == 0, -1, Y), resp, n_categories, smoothing)


@mistake("The counts are divided by the whole weight of the class, whether it answered or not. "
         "Where answers are missing, the shares don't add up to 1: who is asked about here? Those "
         "who *did* answer the item.")  # fmt: skip
def divided_by_class_weight(Y, resp, n_categories, smoothing):
    counts = right_answers_counted(Y, resp, n_categories) + smoothing
    return correct_m_step(Y, resp, n_categories, smoothing)[0], counts / (
        resp.sum(axis=0)[:, None, None] + n_categories * smoothing
    )


@mistake("Rows with a missing answer are left out altogether. Each item is estimated from those "
         "who answered *it*, and the weights from all rows.")  # fmt: skip
def complete_rows_only(Y, resp, n_categories, smoothing):
    complete = (Y >= 0).all(axis=1)
    if not complete.any():
        return correct_m_step(Y, resp, n_categories, smoothing)
    with np.errstate(invalid="ignore"):
        counts = right_answers_counted(Y[complete], resp[complete], n_categories)
        weights = resp[complete].mean(axis=0)
    return weights, shares(counts + smoothing)


@mistake("`smoothing` isn't used.")
def smoothing_ignored(Y, resp, n_categories, smoothing):
    return correct_m_step(Y, resp, n_categories, 0.0)


@mistake("`smoothing` is added to the counts and not to their sum. It is added c times: the "
         "probabilities of an item must sum to 1.")  # fmt: skip
def smoothing_not_in_the_sum(Y, resp, n_categories, smoothing):
    counts = right_answers_counted(Y, resp, n_categories)
    totals = counts.sum(axis=2, keepdims=True)
    totals = np.where(totals + smoothing > 0, totals, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return resp.mean(axis=0), (counts + smoothing) / totals


@mistake("`smoothing` comes into the sum once. It is added to each of the c counts, so their sum "
         "grows c times as much.")  # fmt: skip
def smoothing_once_in_the_sum(Y, resp, n_categories, smoothing):
    counts = right_answers_counted(Y, resp, n_categories)
    totals = counts.sum(axis=2, keepdims=True) + smoothing
    probs = np.full_like(counts, 1 / n_categories)
    return resp.mean(axis=0), np.divide(counts + smoothing, totals, out=probs, where=totals > 0)


@mistake("`smoothing` is shared out among the categories. The contract adds all of it to *each* "
         "count.")  # fmt: skip
def smoothing_shared_out(Y, resp, n_categories, smoothing):
    return correct_m_step(Y, resp, n_categories, smoothing / n_categories)


@mistake("The weights are smoothed as well. `smoothing` is for the answers alone.")
def weights_smoothed(Y, resp, n_categories, smoothing):
    counts = resp.sum(axis=0) + smoothing
    return counts / counts.sum(), correct_m_step(Y, resp, n_categories, smoothing)[1]


@mistake("1 is added to every count besides `smoothing`. With smoothing = 0 the shares are those "
         "of the counts as they are.")  # fmt: skip
def one_more(Y, resp, n_categories, smoothing):
    return correct_m_step(Y, resp, n_categories, smoothing + 1)


@mistake("A small number is added to every count, so that nothing is divided by 0. It turns "
         "'never' into 'hardly ever': look for the totals that are 0 instead.")  # fmt: skip
def a_little_more(Y, resp, n_categories, smoothing):
    return correct_m_step(Y, resp, n_categories, smoothing + 1e-10)


@mistake("`smoothing` is added to the finished probabilities. A count is added *before* the "
         "division, so that it matters less the more answers there are.")  # fmt: skip
def probabilities_smoothed(Y, resp, n_categories, smoothing):
    weights, probs = correct_m_step(Y, resp, n_categories, 0.0)
    return weights, shares(probs + smoothing)


@mistake("An item that nobody answered has 0 / 0 = NaN. The contract says what to put there: "
         "1 / c.")  # fmt: skip
def nothing_divided_by_nothing(Y, resp, n_categories, smoothing):
    counts = right_answers_counted(Y, resp, n_categories) + smoothing
    with np.errstate(invalid="ignore"):
        return resp.mean(axis=0), counts / counts.sum(axis=2, keepdims=True)


@mistake("An item that nobody answered has probabilities of 0. A small number in the denominator, "
         "or NaN replaced by 0, hides 0 / 0; the contract says what to put there: "
         "1 / c.")  # fmt: skip
def zeros_for_nothing(Y, resp, n_categories, smoothing):
    weights, probs = nothing_divided_by_nothing(Y, resp, n_categories, smoothing)
    return weights, np.nan_to_num(probs)


@mistake("Where one class has no answers to an item, the shares of *all* classes together were "
         "put. The contract says 1 / c.")  # fmt: skip
def overall_shares_for_nothing(Y, resp, n_categories, smoothing):
    counts = right_answers_counted(Y, resp, n_categories)
    overall = shares(counts.sum(axis=0, keepdims=True))
    nobody = (counts.sum(axis=2, keepdims=True) == 0) & (smoothing == 0)
    return resp.mean(axis=0), np.where(nobody, overall, shares(counts + smoothing))


@mistake("The number of categories is taken from the answers in Y. A category that nobody chose "
         "exists all the same: `n_categories` says how many there are.")  # fmt: skip
def categories_from_the_answers(Y, resp, n_categories, smoothing):
    return correct_m_step(Y, resp, int(Y.max()) + 1, smoothing)


@mistake("The responsibilities are missing: all classes get the shares of all rows.")
def responsibilities_forgotten(Y, resp, n_categories, smoothing):
    probs = correct_m_step(Y, np.ones_like(resp), n_categories, smoothing)[1]
    return resp.mean(axis=0), probs


@mistake("Each row counts wholly for its likeliest class. Soft labels count in all of them.")
def hard_shares(Y, resp, n_categories, smoothing):
    hard = np.eye(resp.shape[1])[resp.argmax(axis=1)]
    return correct_m_step(Y, hard, n_categories, smoothing)


@mistake("The counts are divided by their sum over the *classes*: that is the share of the class "
         "among those who gave an answer. Wanted is the share of the answer among those of a "
         "class.")  # fmt: skip
def normalised_over_classes(Y, resp, n_categories, smoothing):
    counts = right_answers_counted(Y, resp, n_categories) + smoothing
    with np.errstate(invalid="ignore"):
        return resp.mean(axis=0), counts / counts.sum(axis=0)


@mistake("The weights are effective counts: divide by n.")
def weights_not_divided(Y, resp, n_categories, smoothing):
    return resp.sum(axis=0), correct_m_step(Y, resp, n_categories, smoothing)[1]


@mistake("The weights are shares of *answers*, so that a row with many of them counts for more. A "
         "weight is a share of rows.")  # fmt: skip
def weights_by_answers(Y, resp, n_categories, smoothing):
    counts = right_answers_counted(Y, resp, n_categories).sum(axis=(1, 2))
    return counts / counts.sum(), correct_m_step(Y, resp, n_categories, smoothing)[1]


@mistake("The weights come from the rows that have an answer. A row without answers has "
         "responsibilities, too, and counts.")  # fmt: skip
def weights_of_rows_with_answers(Y, resp, n_categories, smoothing):
    answered = (Y >= 0).any(axis=1)
    return resp[answered].mean(axis=0), correct_m_step(Y, resp, n_categories, smoothing)[1]


PIECE = Piece(
    id="07.m_step",
    contract=m_step,
    correct=correct_m_step,
    cases=m_step_cases,
    returns=(Returned("weights", "(k,)"), Returned("probs", "(k, m, c)")),
    properties=(weights_sum_to_one, answers_sum_to_one, probabilities_are_some),
    mistakes=(
        missing_as_last_category,
        missing_as_category_0,
        category_0_as_missing,
        divided_by_class_weight,
        complete_rows_only,
        smoothing_ignored,
        smoothing_not_in_the_sum,
        smoothing_once_in_the_sum,
        smoothing_shared_out,
        weights_smoothed,
        one_more,
        a_little_more,
        probabilities_smoothed,
        nothing_divided_by_nothing,
        zeros_for_nothing,
        overall_shares_for_nothing,
        categories_from_the_answers,
        responsibilities_forgotten,
        hard_shares,
        normalised_over_classes,
        weights_not_divided,
        weights_by_answers,
        weights_of_rows_with_answers,
    ),
    section="The M-step: shares of answers",
)
