"""What a row would have answered."""

import numpy as np

from emkit.workshop.piece import Piece, Returned, mistake
from emkit.workshop.pieces.segments.classes import (
    class_cases,
    gaps_as_last_category,
    right_log_joint,
    right_predictions,
    right_responsibilities,
)


def predict_missing(Y, weights, probs):
    """Predictive distribution of every item, given the answers of the row.

    Parameters
    ----------
    Y : (n, m) integer array
        Answers from 0 to c − 1; −1 = missing. At least one class can have answered as each row
        did; there may be thousands of items.
    weights : (k,) array
        Class weights, all positive, sum to 1.
    probs : (k, m, c) array
        probs[j, t, a] is the probability that class j answers item t with a; it may be 0.

    Returns
    -------
    predicted : (n, m, c) array
        predicted[i, t, a] is the probability that somebody with the answers of row i answers item
        t with a, were the item asked (once more, if it was answered already: all answers of the
        row count, that one as well). Sums to 1 over the last axis.
    """


def answers_sum_to_one(predicted, Y, weights, probs):
    """Whoever answers gives one of the answers."""
    sums = predicted.sum(axis=2)
    for r, i in np.argwhere(~(np.abs(sums - 1) < 1e-9)):
        return f"the probabilities predicted[{r}, {i}] sum to {sums[r, i]:.4g}, not to 1"
    return None


def between_the_classes(predicted, Y, weights, probs):
    """A mixture lies between what it mixes."""
    low, high = probs.min(axis=0) - 1e-9, probs.max(axis=0) + 1e-9
    for r, i, a in np.argwhere((predicted < low) | (predicted > high)):
        return (
            f"predicted[{r}, {i}, {a}] is {predicted[r, i, a]:.4g}, "
            f"{'more' if predicted[r, i, a] > high[i, a] else 'less'} than any class says: whoever "
            f"it is belongs to one of them"
        )
    return None


@mistake("All rows get the same prediction, that of a stranger: the row's own answers aren't used. "
         "What do they say about its class?")  # fmt: skip
def of_a_stranger(Y, weights, probs):
    return np.einsum("nk,kmc->nmc", np.tile(weights, (len(Y), 1)), probs)


@mistake("Each row is predicted by its likeliest class alone. The others are possible as well.")
def likeliest_class_only(Y, weights, probs):
    return probs[right_responsibilities(Y, weights, probs).argmax(axis=1)]


@mistake("An item that was answered has that answer for sure here. The contract asks what the row "
         "would say were the item asked once more, for observed items, too.")  # fmt: skip
def observed_for_sure(Y, weights, probs):
    certain = np.eye(probs.shape[2])[np.maximum(Y, 0)]
    return np.where((Y >= 0)[:, :, None], certain, right_predictions(Y, weights, probs))


@mistake("Items that were answered are left at 0. The contract asks for every item.")
def observed_left_out(Y, weights, probs):
    return np.where((Y < 0)[:, :, None], right_predictions(Y, weights, probs), 0.0)


@mistake("For each item its own answer is left out of the responsibilities. That is a fair test of "
         "a model; here *all* answers of the row count.")  # fmt: skip
def own_answer_left_out(Y, weights, probs):
    predicted = right_predictions(Y, weights, probs)
    if Y.shape[1] > 100:
        return predicted  # as good as the same there
    for i in range(Y.shape[1]):
        others = Y.copy()
        others[:, i] = -1
        predicted[:, i] = right_predictions(others, weights, probs)[:, i]
    return predicted


@mistake("A missing answer is −1, and NumPy takes −1 as an index for the *last* category: it is "
         "read as that answer.")  # fmt: skip
def missing_as_last_category(Y, weights, probs):
    filled = gaps_as_last_category(Y, probs)
    possible = np.isfinite(right_log_joint(filled, weights, probs)).any(axis=1, keepdims=True)
    return right_predictions(np.where(possible, filled, Y), weights, probs)


@mistake("The weights of the classes are missing in the responsibilities.")
def weights_forgotten(Y, weights, probs):
    return right_predictions(Y, np.full(len(weights), 1 / len(weights)), probs)


@mistake("The probabilities of the classes are averaged with equal shares. How likely each class "
         "is depends on the row.")  # fmt: skip
def plain_average(Y, weights, probs):
    return np.tile(probs.mean(axis=0), (len(Y), 1, 1))


@mistake("The joint probabilities p(y, z) weigh the classes. Divide by p(y): wanted is the "
         "prediction *given* the row.")  # fmt: skip
def joint_for_posterior(Y, weights, probs):
    return np.einsum("nk,kmc->nmc", np.exp(right_log_joint(Y, weights, probs)), probs)


@mistake("With many items every joint probability underflows to 0, and 0 / 0 is NaN. Take the "
         "row's largest log-joint out before exp: it cancels in the division.")  # fmt: skip
def no_shift_before_exp(Y, weights, probs):
    joint = np.exp(right_log_joint(Y, weights, probs))
    with np.errstate(invalid="ignore"):
        return np.einsum("nk,kmc->nmc", joint / joint.sum(axis=1, keepdims=True), probs)


@mistake("The *logarithms* of the classes' probabilities are averaged. The row is of one class or "
         "of another: their probabilities add.")  # fmt: skip
def logarithms_averaged(Y, weights, probs):
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.nan_to_num(np.log(probs), neginf=-700.0)
    predicted = np.exp(np.einsum("nk,kmc->nmc", right_responsibilities(Y, weights, probs), logs))
    return predicted / predicted.sum(axis=2, keepdims=True)


@mistake("These are the likeliest answers, not the probabilities of all of them.")
def likeliest_answers(Y, weights, probs):
    return right_predictions(Y, weights, probs).argmax(axis=2)


PIECE = Piece(
    id="07.predict_missing",
    contract=predict_missing,
    correct=right_predictions,
    cases=class_cases,
    returns=Returned("predicted", "(n, m, c)"),
    properties=(answers_sum_to_one, between_the_classes),
    mistakes=(
        of_a_stranger,
        likeliest_class_only,
        observed_for_sure,
        observed_left_out,
        own_answer_left_out,
        missing_as_last_category,
        weights_forgotten,
        plain_average,
        joint_for_posterior,
        no_shift_before_exp,
        logarithms_averaged,
        likeliest_answers,
    ),
    section="What would they have answered?",
)
