"""The unobserved items that a row most probably likes."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.segments.classes import (
    random_case,
    right_predictions,
    right_responsibilities,
    small_case,
)


def recommend(Y, weights, probs, item_value, top):
    """The unobserved items that each row most probably answers with `item_value`.

    Parameters
    ----------
    Y : (n, m) integer array
        Answers from 0 to c − 1; −1 = missing. At least one class can have answered as each row
        did.
    weights : (k,) array
        Class weights, all positive, sum to 1.
    probs : (k, m, c) array
        probs[j, t, a] is the probability that class j answers item t with a; it may be 0.
    item_value : int
        The answer that is wanted, 0 to c − 1: 1 for 'bought', say.
    top : int
        How many items to recommend, at least 1; there may be fewer items than that.

    Returns
    -------
    items : (n, top) integer array
        Numbers of items that are missing in the row, the likeliest first: by the predicted
        probability of `item_value`, given the row's answers. Ties go to the lower item; −1 at the
        end where there are too few missing items. An item is recommended even where the
        probability is 0.
    """


def recommend_cases(rng):
    """Rows of every length, then ties, probabilities of 0, and more wanted than there is."""

    def case(n, k, m, c, top):
        chosen = {"item_value": int(rng.integers(c)), "top": top}
        return {**random_case(rng, n, k, m, c), **chosen}

    bought = case(7, 3, 6, 2, 3)
    bought["Y"] = np.where(rng.random((7, 6)) < 0.4, 1, -1)
    small = {**small_case(rng), "item_value": 1, "top": 1}
    small["Y"] = np.array([[1, -1], [-1, -1], [-1, 0]])
    few = case(6, 2, 5, 3, 4)
    few["Y"][0] = 0
    few["Y"][1] = rng.permutation([-1, 0, 1, 2, 0])
    few["Y"][2] = rng.permutation([-1, -1, 1, 2, 0])
    many = case(4, 2, 3, 2, 5)
    never = case(5, 2, 6, 3, 6)
    never["item_value"] = 2
    never["probs"][:, rng.permutation(6)[:3]] = [0.4, 0.6, 0.0]
    never["Y"][never["Y"] == 2] = 0
    never["Y"][0] = [0, -1, -1, -1, -1, -1]
    return [
        Case("3 rows, 2 items, 2 classes", small),
        Case("7 rows, 6 items, 3 classes", bought),
        Case("9 rows, 8 items of 3 categories, 2 classes", case(9, 2, 8, 3, 2)),
        Case("rows with nothing or little left to recommend", few),
        Case("a single class", case(5, 1, 6, 2, 3)),
        Case("a single row", {**case(1, 3, 4, 3, 2), "Y": rng.permutation([[-1, -1, -1, 1]], 1)}),
        Case("more wanted than there are items", many),
        Case("50 items of which many are equally likely", ties(rng), hard=True),
        Case("items that nobody ever answers so", never, hard=True),
    ]


def ties(rng):
    """Probabilities of ½, ¼, ⅛: sums of them tie exactly however they are added up."""
    kinds = np.array(
        [[[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]],
         [[0.25, 0.25, 0.5], [0.5, 0.25, 0.25]],
         [[0.125, 0.375, 0.5], [0.125, 0.625, 0.25]]]
    )  # fmt: skip
    probs = kinds[rng.integers(3, size=50)].transpose(1, 0, 2)
    Y = rng.integers(3, size=(5, 50))
    Y[rng.random((5, 50)) < 0.8] = -1
    Y[0] = -1
    return {"Y": Y, "weights": np.array([0.25, 0.75]), "probs": probs, "item_value": 0, "top": 12}


def best_items(scores, top):
    """Numbers of the largest scores in each row, ties to the lower; −1 for scores of −inf."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    order = np.where(np.isneginf(np.take_along_axis(scores, order, axis=1)), -1, order)
    return np.pad(order, ((0, 0), (0, top - order.shape[1])), constant_values=-1)


def correct_recommend(Y, weights, probs, item_value, top):
    """By the predictive probabilities, items with an answer last."""
    scores = right_predictions(Y, weights, probs)[:, :, item_value]
    return best_items(np.where(Y < 0, scores, -np.inf), top)


def items_that_are_there(items, Y, weights, probs, item_value, top):
    """Items have numbers from 0 to m − 1."""
    m = Y.shape[1]
    for r, t in np.argwhere((items < -1) | (items >= m)):
        return f"items[{r}, {t}] is {items[r, t]}, but items are numbered from 0 to {m - 1}"
    return None


def none_that_was_answered(items, Y, weights, probs, item_value, top):
    """Nobody needs to be recommended what they have."""
    for r, t in np.argwhere(items >= 0):
        if Y[r, items[r, t]] >= 0:
            return f"row {r} is recommended item {items[r, t]}, which it has answered already"
    return None


def each_once_and_gaps_last(items, Y, weights, probs, item_value, top):
    """As many different items as can be had, then −1."""
    for r, row in enumerate(items):
        recommended = row[row >= 0]
        if len(set(recommended.tolist())) < len(recommended):
            return f"row {r} is recommended an item twice: {row}"
        if np.any(row[: len(recommended)] < 0):
            return f"row {r} of items is {row}: −1 comes at the end"
        possible = min(top, int((Y[r] < 0).sum()))
        if len(recommended) < possible:
            return (
                f"row {r} is recommended too few items: {len(recommended)}, but as many as "
                f"{possible} can be had"
            )
    return None


def likeliest_first(items, Y, weights, probs, item_value, top):
    """No item that could have been recommended belongs before one that was."""
    scores = right_predictions(Y, weights, probs)[:, :, item_value]
    for r, row in enumerate(items):
        left = Y[r] < 0
        for item in row[row >= 0]:
            left[item] = False
            if np.any(left & (scores[r] > scores[r, item] + 1e-9)):
                return f"in row {r}, {row}, a likelier item than {item} comes later or not at all"
            tied = left[:item] & (np.abs(scores[r, :item] - scores[r, item]) < 1e-12)
            for lower in np.flatnonzero(tied):
                return (
                    f"in row {r} items {lower} and {item} are equally likely, and yours doesn't "
                    f"take the lower one first"
                )
    return None


@mistake("Items that were answered are recommended again. Only those that are missing are of use.")
def answered_ones_too(Y, weights, probs, item_value, top):
    return best_items(right_predictions(Y, weights, probs)[:, :, item_value], top)


@mistake("At a tie the lower item comes first; yours takes the higher. Turning a sorted order "
         "round turns the ties round as well.")  # fmt: skip
def ties_to_the_higher(Y, weights, probs, item_value, top):
    scores = right_predictions(Y, weights, probs)[:, ::-1, item_value]
    order = best_items(np.where(Y[:, ::-1] < 0, scores, -np.inf), top)
    return np.where(order >= 0, Y.shape[1] - 1 - order, -1)


@mistake("NumPy's sort isn't stable unless asked for: among equally likely items any order comes "
         "out. Which `kind` of sort keeps ties in order?")  # fmt: skip
def unstable_sort(Y, weights, probs, item_value, top):
    scores = right_predictions(Y, weights, probs)[:, :, item_value]
    scores = np.where(Y < 0, scores, -np.inf)
    order = np.argsort(-scores, axis=1)[:, :top]
    order = np.where(np.isneginf(np.take_along_axis(scores, order, axis=1)), -1, order)
    return np.pad(order, ((0, 0), (0, top - order.shape[1])), constant_values=-1)


@mistake("The *least* likely items come first: argsort sorts upwards.")
def least_likely_first(Y, weights, probs, item_value, top):
    scores = right_predictions(Y, weights, probs)[:, :, item_value]
    return best_items(np.where(Y < 0, -scores, -np.inf), top)


@mistake("The recommended items are in the order of their numbers, not of their probabilities.")
def in_order_of_number(Y, weights, probs, item_value, top):
    items = correct_recommend(Y, weights, probs, item_value, top)
    ordered = np.sort(np.where(items < 0, Y.shape[1], items), axis=1)
    return np.where(ordered == Y.shape[1], -1, ordered)


@mistake("These are places among the *missing* items of the row. Which numbers do those items have "
         "in Y?")  # fmt: skip
def places_among_the_missing(Y, weights, probs, item_value, top):
    items = correct_recommend(Y, weights, probs, item_value, top)
    place = (Y < 0).cumsum(axis=1) - 1
    return np.where(items < 0, -1, np.take_along_axis(place, np.maximum(items, 0), axis=1))


@mistake("Everybody is recommended by the weights of the classes alone. The row's own answers say "
         "which class it is likely to be in.")  # fmt: skip
def as_to_a_stranger(Y, weights, probs, item_value, top):
    scores = np.tile(weights @ probs[:, :, item_value], (len(Y), 1))
    return best_items(np.where(Y < 0, scores, -np.inf), top)


@mistake("The items of each row's likeliest class are recommended. The other classes are possible "
         "as well: use the predictive probabilities.")  # fmt: skip
def by_the_likeliest_class(Y, weights, probs, item_value, top):
    likeliest = right_responsibilities(Y, weights, probs).argmax(axis=1)
    scores = probs[likeliest][:, :, item_value]
    return best_items(np.where(Y < 0, scores, -np.inf), top)


@mistake("Category 1 is recommended whatever `item_value` says.")
def always_category_1(Y, weights, probs, item_value, top):
    return correct_recommend(Y, weights, probs, 1, top)


@mistake("The items are sorted by the probability of their likeliest answer. Wanted is the "
         "probability of `item_value`.")  # fmt: skip
def surest_items(Y, weights, probs, item_value, top):
    scores = right_predictions(Y, weights, probs).max(axis=2)
    return best_items(np.where(Y < 0, scores, -np.inf), top)


@mistake("Answered items have the score 0, as an item has that nobody ever answers so: they get "
         "mixed up. Put the answered ones below any probability.")  # fmt: skip
def answered_ones_at_zero(Y, weights, probs, item_value, top):
    scores = right_predictions(Y, weights, probs)[:, :, item_value]
    items = best_items(np.where(Y < 0, scores, 0.0), top)
    answered = np.take_along_axis(Y, np.maximum(items, 0), axis=1) >= 0
    return np.where(answered, -1, items)


@mistake("Where there are too few missing items, answered ones fill the places. The contract says "
         "−1.")  # fmt: skip
def padded_with_answered_ones(Y, weights, probs, item_value, top):
    scores = right_predictions(Y, weights, probs)[:, :, item_value]
    return best_items(np.where(Y < 0, scores, -1.0), top)


@mistake("Items with probability 0 are left out. The contract recommends them last, and −1 only "
         "where nothing is missing any more.")  # fmt: skip
def impossible_ones_left_out(Y, weights, probs, item_value, top):
    scores = right_predictions(Y, weights, probs)[:, :, item_value]
    return best_items(np.where((Y < 0) & (scores > 0), scores, -np.inf), top)


@mistake("Where there are too few missing items, item 0 fills the places. The contract says −1.")
def padded_with_zero(Y, weights, probs, item_value, top):
    return np.maximum(correct_recommend(Y, weights, probs, item_value, top), 0)


@mistake("The result has as many columns as there are items, where fewer were wanted or more: "
         "`top` says how many.")  # fmt: skip
def all_items(Y, weights, probs, item_value, top):
    return correct_recommend(Y, weights, probs, item_value, Y.shape[1])


@mistake("The result has at most as many columns as there are items. Where `top` is larger, −1 "
         "fills the rest.")  # fmt: skip
def no_more_columns_than_items(Y, weights, probs, item_value, top):
    return correct_recommend(Y, weights, probs, item_value, min(top, Y.shape[1]))


@mistake("The items count from 1; Y's columns count from 0, as NumPy does.")
def counted_from_one(Y, weights, probs, item_value, top):
    items = correct_recommend(Y, weights, probs, item_value, top)
    return np.where(items < 0, -1, items + 1)


PIECE = Piece(
    id="07.recommend",
    contract=recommend,
    correct=correct_recommend,
    cases=recommend_cases,
    returns=Returned("items", "(n, top)", "int"),
    properties=(
        items_that_are_there,
        none_that_was_answered,
        each_once_and_gaps_last,
        likeliest_first,
    ),
    mistakes=(
        answered_ones_too,
        ties_to_the_higher,
        unstable_sort,
        least_likely_first,
        in_order_of_number,
        places_among_the_missing,
        as_to_a_stranger,
        by_the_likeliest_class,
        always_category_1,
        surest_items,
        answered_ones_at_zero,
        impossible_ones_left_out,
        padded_with_answered_ones,
        padded_with_zero,
        all_items,
        no_more_columns_than_items,
        counted_from_one,
    ),
    section="What to show next",
)
