"""The gradient of Q with respect to the transition logits: the derivation piece."""

import numpy as np

from emkit.numerics import normalise_rows
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.hidden_markov_m_step.expectations import random_xis, small_xis


def q_gradient_logits(logits, xis):
    """Gradient of Q with respect to the logits of the transition matrix.

    Row i of the transition matrix is A[i, j] = exp(logits[i, j]) / Σ_l exp(logits[i, l]), and the
    part of Q that depends on it is Σ_s Σ_ij xis[s][i, j] · log A[i, j].

    Parameters
    ----------
    logits : (k, k) array
        Where the gradient is wanted: any finite numbers, ±1000 included.
    xis : list of (k, k) arrays
        Transition posteriors summed over t, one array a sequence. There may be one sequence; a
        state may never have been left.

    Returns
    -------
    gradient : (k, k) array
        Entry [i, j] is the derivative of Q with respect to logits[i, j].
    """


def gradient_cases(rng):
    """Logits anywhere, at the top of Q, and so large that exp overflows."""

    def case(xis):
        return {"logits": rng.normal(size=xis[0].shape), "xis": xis}

    small = {"logits": rng.integers(-15, 16, size=(2, 2)) / 10, "xis": small_xis(rng)}
    never_left = random_xis(rng, (6, 8), 3)
    for xi in never_left:
        xi[1] = 0
    best = random_xis(rng, (9, 7), 3)
    shares = normalise_rows(np.log(sum(best)))[0]
    at_the_top = {"logits": np.log(shares) + rng.normal(size=(3, 1)), "xis": best}
    huge = case(random_xis(rng, (8, 5), 3))
    huge["logits"] += rng.permutation([-1000.0, 0.0, 1000.0])[:, None]
    apart = case(random_xis(rng, (8, 5), 3))
    apart["logits"] += rng.permuted(np.tile([-1000.0, 0.0, 1000.0], (3, 1)), axis=1)
    return [
        Case("2 sequences, 2 states", small),
        Case("4 sequences of different lengths, 3 states",
             case(random_xis(rng, (12, 3, 30, 6), 3))),
        Case("a single sequence", case(random_xis(rng, (20,), 4))),
        Case("a single state", case(random_xis(rng, (4, 3), 1))),
        Case("a state that was never left", case(never_left)),
        Case("logits at the top of Q, where its gradient is 0", at_the_top, rtol=1e-6),
        Case("rows of logits about −1000, 0 and 1000", huge, hard=True),
        Case("logits from −1000 to 1000 in a row", apart, hard=True),
    ]  # fmt: skip


def shares_of(logits):
    """The transition matrix."""
    return normalise_rows(logits)[0]


def correct_q_gradient_logits(logits, xis):
    """Steps that were expected, less those that A expects from as many departures."""
    total = sum(xis)
    return total - total.sum(axis=1, keepdims=True) * shares_of(logits)


def rows_add_up_to_nothing(gradient, logits, xis):
    """A constant added to a row of logits changes nothing."""
    slack = 1e-9 * max(1, sum(xis).sum())
    for i in np.flatnonzero(np.abs(gradient.sum(axis=1)) > slack):
        return (
            f"row {i} of the gradient sums to {gradient[i].sum():.4g}. Adding the same number to "
            f"all logits of a row changes nothing, so the derivatives of a row add up to 0"
        )
    return None


def as_differences_say(gradient, logits, xis):
    """What a derivative is."""
    total, step = sum(xis), 1e-4

    def q(i, row):
        return total[i] @ (row - normalise_rows(row[None])[1])

    slopes = np.array([
        [(q(i, row + step * e) - q(i, row - step * e)) / (2 * step) for e in np.eye(len(row))]
        for i, row in enumerate(logits)
    ])  # fmt: skip
    wrong = np.abs(gradient - slopes) > 1e-4 * max(1, np.abs(slopes).max())
    for i, j in np.argwhere(wrong & (gradient * slopes < 0)):
        return (
            f"gradient[{i}, {j}] has the wrong sign: when logits[{i}, {j}] grows a little, Q "
            f"{'rises' if slopes[i, j] > 0 else 'falls'}, where your gradient says the opposite"
        )
    for i, j in np.argwhere(wrong):
        return (
            f"in {wrong.sum()} of {wrong.size} entries, gradient[{i}, {j}] among them, your "
            f"gradient isn't what Q does when that logit is moved a little up and down"
        )
    return None


@mistake("The sign is wrong: where more steps are expected than A makes, the logit should "
         "*grow*.")  # fmt: skip
def downhill(logits, xis):
    return -correct_q_gradient_logits(logits, xis)


@mistake("The second part is missing. A logit raises its own log A, but it also raises the sum in "
         "the denominator of the whole row.")  # fmt: skip
def denominator_forgotten(logits, xis):
    return sum(xis).astype(float)


@mistake("A stands alone in the second part: every departure from i pays for the denominator, so A "
         "is multiplied with their number. How many are there?")  # fmt: skip
def departures_forgotten(logits, xis):
    return sum(xis) - shares_of(logits)


@mistake("In the second part A is multiplied with the number of *all* steps. Only those that leave "
         "state i have row i's denominator.")  # fmt: skip
def all_steps(logits, xis):
    total = sum(xis)
    return total - total.sum() * shares_of(logits)


@mistake("In the second part A is multiplied with the number of *arrivals*, the columns' sums. The "
         "denominator belongs to the state that is left.")  # fmt: skip
def arrivals(logits, xis):
    total = sum(xis)
    return total - total.sum(axis=0) * shares_of(logits)


@mistake("In the second part column j of A is multiplied with the departures from state j: NumPy "
         "lines an array (k,) up with the last axis. Keep the summed axis (keepdims).")  # fmt: skip
def departures_along_columns(logits, xis):
    total = sum(xis)
    return total - total.sum(axis=1) * shares_of(logits)


@mistake("In the second part A is multiplied with ξ of the same entry. The other entries of the "
         "row have logit j in their denominators too: add up over the row.")  # fmt: skip
def own_entry_only(logits, xis):
    return sum(xis) * (1 - shares_of(logits))


@mistake("This is ξ / A, the derivative with respect to A itself. By the chain rule it goes on: "
         "how does the whole row of A change with one logit?")  # fmt: skip
def with_respect_to_the_matrix(logits, xis):
    with np.errstate(all="ignore"):
        return sum(xis) / shares_of(logits)


@mistake("Best matrix minus A: that has the right sign, but rows of states that were left often "
         "weigh more in Q. Don't divide by the number of departures.")  # fmt: skip
def divided_by_departures(logits, xis):
    total = sum(xis)
    with np.errstate(all="ignore"):
        best = total / total.sum(axis=1, keepdims=True)
    return np.nan_to_num(best - shares_of(logits)) * total.any(axis=1, keepdims=True)


@mistake("Best matrix minus A, with NaN for a state that was never left. Rows of states that were "
         "left often weigh more in Q: don't divide by the number of departures.")  # fmt: skip
def divided_by_no_departures(logits, xis):
    total = sum(xis)
    with np.errstate(all="ignore"):
        return total / total.sum(axis=1, keepdims=True) - shares_of(logits)


@mistake("The *columns* of A sum to 1 here. Row i holds the ways out of state i, and the contract "
         "divides by the row's sum.")  # fmt: skip
def softmax_of_columns(logits, xis):
    total = sum(xis)
    return total - total.sum(axis=1, keepdims=True) * shares_of(logits.T).T


@mistake("All of A sums to 1 here, not each row: `softmax` without an axis makes one distribution "
         "of the whole array.")  # fmt: skip
def softmax_of_all(logits, xis):
    total, shares = sum(xis), shares_of(logits.reshape(1, -1)).reshape(logits.shape)
    return total - total.sum(axis=1, keepdims=True) * shares


@mistake("`np.sum(xis)` is one number, the steps of all kinds together. `sum(xis)`, or "
         "`np.sum(xis, axis=0)`, adds up arrays.")  # fmt: skip
def one_number_for_all_steps(logits, xis):
    return np.sum(xis) * (1 - shares_of(logits))


@mistake("The logits are used as if they were probabilities. First make A of them.")
def logits_for_probabilities(logits, xis):
    total = sum(xis)
    return total - total.sum(axis=1, keepdims=True) * logits


@mistake("exp of the logits isn't divided by the row's sum: A has to be a distribution.")
def not_normalised(logits, xis):
    total = sum(xis)
    with np.errstate(all="ignore"):
        return total - total.sum(axis=1, keepdims=True) * np.exp(logits)


@mistake("exp of a large logit overflows, and of a very negative one underflows to 0. Take the "
         "row's largest logit out before exp: it cancels in the division.")  # fmt: skip
def no_shift_before_exp(logits, xis):
    total = sum(xis)
    with np.errstate(all="ignore"):
        joint = np.exp(logits)
        return total - total.sum(axis=1, keepdims=True) * joint / joint.sum(axis=1, keepdims=True)


@mistake("The largest logit of the *whole* array is taken out before exp. Other rows underflow "
         "beside it: take out each row's own.")  # fmt: skip
def one_shift_for_all(logits, xis):
    return no_shift_before_exp(logits - logits.max(), xis)


@mistake("Only the first sequence is used. Q adds up over all of them.")
def first_sequence_only(logits, xis):
    return correct_q_gradient_logits(logits, xis[:1])


@mistake("Only the last sequence is used: the loop overwrites the result.")
def last_sequence_only(logits, xis):
    return correct_q_gradient_logits(logits, xis[-1:])


@mistake("This is the mean over the sequences. Q is a sum over them.")
def mean_over_sequences(logits, xis):
    return correct_q_gradient_logits(logits, xis) / len(xis)


@mistake("Rows and columns are swapped: entry [i, j] belongs to logits[i, j].")
def swapped(logits, xis):
    return correct_q_gradient_logits(logits, xis).T


PIECE = Piece(
    id="10.q_gradient_logits",
    contract=q_gradient_logits,
    correct=correct_q_gradient_logits,
    cases=gradient_cases,
    returns=Returned("gradient", "(k, k)"),
    properties=(rows_add_up_to_nothing, as_differences_say),
    mistakes=(
        downhill,
        denominator_forgotten,
        departures_forgotten,
        all_steps,
        arrivals,
        departures_along_columns,
        own_entry_only,
        with_respect_to_the_matrix,
        divided_by_departures,
        divided_by_no_departures,
        softmax_of_columns,
        softmax_of_all,
        one_number_for_all_steps,
        logits_for_probabilities,
        not_normalised,
        no_shift_before_exp,
        one_shift_for_all,
        first_sequence_only,
        last_sequence_only,
        mean_over_sequences,
        swapped,
    ),
    section="The slope of Q in the transitions",
)
