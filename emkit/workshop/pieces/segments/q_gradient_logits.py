"""Where the M-step comes from: the derivative of what it maximises. The derivation piece."""

import numpy as np
from scipy.special import log_softmax

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.segments.classes import (
    gaps_as_last_category,
    random_answers,
    random_classes,
    right_answers_counted,
)


def q_gradient_logits(Y, resp, probs):
    """Gradient of the expected complete-data log-likelihood with respect to logits.

    The probabilities of class j and item t are written as a softmax of c free numbers, the logits:
    probs[j, t, a] = exp(logits[j, t, a]) / Σ_b exp(logits[j, t, b]). The gradient says how the
    expected complete-data log-likelihood (the logarithm of probabilities of answers, weighted
    with the responsibilities and summed over the rows) changes with each logit.

    Parameters
    ----------
    Y : (n, m) integer array
        Answers from 0 to c − 1; −1 = missing.
    resp : (n, k) array
        Responsibilities; rows sum to 1.
    probs : (k, m, c) array
        Probabilities at which the gradient is taken, all positive.

    Returns
    -------
    gradient : (k, m, c) array
        In nats.
    """


def gradient_cases(rng):
    """Answers with gaps, items without answers, hard shares, and the maximum itself."""

    def case(n, k, m, c):
        return {
            "Y": random_answers(rng, n, m, c),
            "resp": rng.dirichlet(np.ones(k), size=n),
            "probs": random_classes(rng, k, m, c)["probs"],
        }

    small = case(3, 2, 1, 2)
    small["Y"] = rng.permutation([[0], [1], [-1]])
    small["resp"] = rng.permutation([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1]])
    small["probs"] = small["probs"].round(1)
    unanswered = case(6, 2, 4, 3)
    unanswered["Y"][:, rng.integers(4)] = -1
    hard = case(7, 3, 2, 3)
    hard["resp"] = np.eye(3)[rng.integers(3, size=7)]
    return [
        Case("3 rows, 1 item, 2 classes", small),
        Case("9 rows, 3 items of 4 categories, 2 classes", case(9, 2, 3, 4)),
        Case("an item that nobody answered", unanswered),
        Case("shares of 0 and 1", hard),
        Case("a single class", case(5, 1, 3, 2)),
        Case("a single row", {**case(1, 3, 3, 3), "Y": rng.permutation([[0, 2, -1]], axis=1)}),
    ]


def correct_q_gradient_logits(Y, resp, probs):
    """Answers counted minus answers expected, from the engine's counts."""
    counted = right_answers_counted(Y, resp, probs.shape[2])
    return counted - counted.sum(axis=2, keepdims=True) * probs


def adds_up_to_nothing(gradient, Y, resp, probs):
    """A softmax doesn't change when the same number is added to all logits."""
    for j, i in np.argwhere(np.abs(gradient.sum(axis=2)) > 1e-7):
        return (
            f"gradient[{j}, {i}] adds up to {gradient[j, i].sum():.4g} over the categories. The "
            f"same number added to all logits of an item changes no probability, and so it must "
            f"leave the expected log-likelihood as it is"
        )
    return None


def agrees_with_finite_differences(gradient, Y, resp, probs):
    """The slope of the objective itself, one logit at a time."""
    counted = right_answers_counted(Y, resp, probs.shape[2])
    step = 1e-4
    for at in np.ndindex(*probs.shape):
        logits = np.log(probs)
        ends = []
        for sign in (1, -1):
            logits[at] = np.log(probs[at]) + sign * step
            ends.append((counted[at[:2]] * log_softmax(logits[at[:2]])).sum())
        slope = (ends[0] - ends[1]) / (2 * step)
        if abs(slope - gradient[at]) > 1e-6 * max(1, len(Y)):
            way = "larger" if slope > gradient[at] else "smaller"
            return (
                f"gradient{list(at)} is {gradient[at]:.4g}, but the slope of the expected "
                f"log-likelihood along that logit, measured with a small step, is {way}"
            )
    return None


@mistake("These are the answers counted with the responsibilities. A logit that is raised lowers "
         "the *other* probabilities, too: the derivative of the log of the softmax's denominator "
         "is missing.")  # fmt: skip
def counts_alone(Y, resp, probs):
    return right_answers_counted(Y, resp, probs.shape[2])


@mistake("This is the derivative with respect to the *probabilities*. They can't move freely: "
         "the logits can.")  # fmt: skip
def with_respect_to_probabilities(Y, resp, probs):
    return counts_alone(Y, resp, probs) / probs


@mistake("A logit acts on its own probability here, N (1 − p), and not on those of the other "
         "categories. Raised, it lowers them, and they were answered as well.")  # fmt: skip
def own_category_only(Y, resp, probs):
    return counts_alone(Y, resp, probs) * (1 - probs)


@mistake("The sign is turned round: where an answer is given more often than its probability says, "
         "its logit should *rise*.")  # fmt: skip
def sign_turned(Y, resp, probs):
    return -correct_q_gradient_logits(Y, resp, probs)


@mistake("The whole weight of the class is expected to answer, also where answers are missing. "
         "How much of the class did answer this item?")  # fmt: skip
def missing_answers_expected(Y, resp, probs):
    return counts_alone(Y, resp, probs) - resp.sum(axis=0)[:, None, None] * probs


@mistake("A missing answer is −1, and NumPy takes −1 as an index for the *last* category: it is "
         "counted as that answer.")  # fmt: skip
def missing_as_last_category(Y, resp, probs):
    return correct_q_gradient_logits(gaps_as_last_category(Y, probs), resp, probs)


@mistake("The responsibilities are missing: every row counts in every class.")
def responsibilities_forgotten(Y, resp, probs):
    return correct_q_gradient_logits(Y, np.ones_like(resp), probs)


@mistake("The sum over the rows is divided by n: wanted is the gradient of the total.")
def mean_over_rows(Y, resp, probs):
    return correct_q_gradient_logits(Y, resp, probs) / len(Y)


@mistake("This is the difference of *shares*: what the M-step would set minus what is. Each is "
         "still to be multiplied with how much of the class answered the item.")  # fmt: skip
def difference_of_shares(Y, resp, probs):
    counted = counts_alone(Y, resp, probs)
    totals = counted.sum(axis=2, keepdims=True)
    return np.divide(counted, totals, out=probs.copy(), where=totals > 0) - probs


@mistake("The derivative is multiplied with the probability once more. The logarithm takes that "
         "factor away: d log p = dp / p.")  # fmt: skip
def of_probabilities_not_logs(Y, resp, probs):
    return correct_q_gradient_logits(Y, resp, probs) * probs


PIECE = Piece(
    id="07.q_gradient_logits",
    contract=q_gradient_logits,
    correct=correct_q_gradient_logits,
    cases=gradient_cases,
    returns=Returned("gradient", "(k, m, c)"),
    properties=(adds_up_to_nothing, agrees_with_finite_differences),
    mistakes=(
        counts_alone,
        with_respect_to_probabilities,
        own_category_only,
        sign_turned,
        missing_answers_expected,
        missing_as_last_category,
        responsibilities_forgotten,
        mean_over_rows,
        difference_of_shares,
        of_probabilities_not_logs,
    ),
    section="What the M-step maximises",
)
