"""Online EM: old statistics fade, those of a batch come in."""

import numpy as np

from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.em_in_practice.sums import (
    NAMES,
    STATISTICS,
    random_part,
    right_statistics,
    statistics_of,
)


def stepwise(statistics, new_statistics, step, batch_fraction):
    """One update of online EM: a step from the old statistics towards those of a batch.

    The batch's statistics are first scaled up to the size of the whole data.

    Parameters
    ----------
    statistics : tuple
        (counts (k,), sums (k, d), outer (k, d, d), log_likelihood) so far, of the size of the
        whole data.
    new_statistics : tuple
        The same of a batch, about the same centres.
    step : float
        From 0 (the old ones stay) to 1 (the batch replaces them).
    batch_fraction : float
        The batch's share of the data, above 0 and at most 1.

    Returns
    -------
    counts : (k,) array
    sums : (k, d) array
    outer : (k, d, d) array
    log_likelihood : float
        Every member, the log-likelihood included: (1 − step) of the old one and `step` of the
        scaled new one.
    """


def stepwise_cases(rng):
    """Batches of several sizes, steps from 0 to 1."""

    def case(part, batch, step):
        rows = rng.permutation(len(part["X"]))[:batch]
        share = batch / len(part["X"])
        new = right_statistics(
            part["X"][rows],
            part["resp"][rows],
            part["log_likelihood"] * share * rng.uniform(0.8, 1.2),
            part["centres"],
        )
        return {
            "statistics": statistics_of(part),
            "new_statistics": new,
            "step": step,
            "batch_fraction": share,
        }

    small = {
        "statistics": (
            np.array([6.0, 2.0]),
            np.array([[1.0], [-2.0]]),
            np.array([[[5.0]], [[4.0]]]),
            -16.0,
        ),
        "new_statistics": (
            np.array([0.5, 1.5]),
            np.array([[0.5], [1.0]]),
            np.array([[[1.0]], [[2.0]]]),
            -float(rng.choice([3.0, 6.0, 7.0])),
        ),
        "step": 0.2,
        "batch_fraction": 0.25,
    }
    return [
        Case("1 feature, 2 components, a batch of a quarter", small),
        Case("a batch of 3 of 12 rows", case(random_part(rng, 12, 3, 4), 3, rng.uniform(0.2, 0.8))),
        Case("a batch of one row", case(random_part(rng, 20, 2, 2), 1, 0.05)),
        Case("a batch of all rows", case(random_part(rng, 8, 2, 3), 8, 0.3)),
        Case("a single component", case(random_part(rng, 8, 2, 1), 4, 0.6)),
        Case("a step of 1", case(random_part(rng, 10, 2, 2), 5, 1.0)),
        Case("a step of 0", case(random_part(rng, 10, 2, 2), 5, 0.0)),
    ]


def correct_stepwise(statistics, new_statistics, step, batch_fraction):
    """Cappé and Moulines (2009), eq. 4, with the batch scaled up."""
    pairs = zip(statistics, new_statistics, strict=True)
    return tuple((1 - step) * old + step * new / batch_fraction for old, new in pairs)


def between_old_and_new(answer, statistics, new_statistics, step, batch_fraction):
    """A step from 0 to 1 doesn't go past its ends."""
    for name, member, old, new in zip(NAMES, answer, statistics, new_statistics, strict=True):
        old, scaled = np.asarray(old), np.asarray(new) / batch_fraction
        slack = 1e-9 * (1 + np.abs(old) + np.abs(scaled))
        outside = (member < np.minimum(old, scaled) - slack) | (
            member > np.maximum(old, scaled) + slack
        )
        for at in np.argwhere(outside):
            place = str([int(i) for i in at]) if len(at) else ""
            return (
                f"{name}{place} is {member[tuple(at)]:.4g}, which doesn't lie between the old "
                f"value, {old[tuple(at)]:.4g}, and that of the batch scaled up to all the data"
            )
    return None


def rest_right(answer, total):
    """The right sums with another log-likelihood."""
    return (*answer[:3], total)


@mistake("The batch was not scaled up. It is a part of the data, and its sums are smaller for that "
         "reason alone: the statistics would shrink to the size of a batch.")  # fmt: skip
def batch_not_scaled(statistics, new_statistics, step, batch_fraction):
    return correct_stepwise(statistics, new_statistics, step, 1)


@mistake("The batch was multiplied by its share of the data. A quarter of the data stands for all "
         "when it counts *four times*.")  # fmt: skip
def multiplied_by_the_fraction(statistics, new_statistics, step, batch_fraction):
    return correct_stepwise(statistics, new_statistics, step, 1 / batch_fraction)


@mistake("Old and new are exchanged: with a step of 0 nothing may change, with a step of 1 the "
         "batch replaces what was.")  # fmt: skip
def exchanged(statistics, new_statistics, step, batch_fraction):
    return correct_stepwise(statistics, new_statistics, 1 - step, batch_fraction)


@mistake("The old statistics don't fade: without the factor 1 − step in front of them the counts "
         "grow with every batch.")  # fmt: skip
def old_does_not_fade(statistics, new_statistics, step, batch_fraction):
    pairs = zip(statistics, new_statistics, strict=True)
    return tuple(old + step * new / batch_fraction for old, new in pairs)


@mistake("The new statistics come in whole, the old ones fade: the batch needs the factor `step`.")
def batch_without_step(statistics, new_statistics, step, batch_fraction):
    pairs = zip(statistics, new_statistics, strict=True)
    return tuple((1 - step) * old + new / batch_fraction for old, new in pairs)


@mistake("Everything was divided by the batch's share. Only the batch is scaled up; the old "
         "statistics have the size of the whole data.")  # fmt: skip
def everything_scaled(statistics, new_statistics, step, batch_fraction):
    both = correct_stepwise(statistics, new_statistics, step, 1)
    return tuple(member / batch_fraction for member in both)


@mistake("The log-likelihood stayed as it was. It is a member like the others, and fades and is "
         "renewed with them.")  # fmt: skip
def old_log_likelihood(statistics, new_statistics, step, batch_fraction):
    answer = correct_stepwise(statistics, new_statistics, step, batch_fraction)
    return rest_right(answer, statistics[3])


@mistake("The log-likelihood is the batch's. It is a member like the others: (1 − step) of the old "
         "one, `step` of the scaled new one.")  # fmt: skip
def new_log_likelihood(statistics, new_statistics, step, batch_fraction):
    answer = correct_stepwise(statistics, new_statistics, step, batch_fraction)
    return rest_right(answer, new_statistics[3])


@mistake("The log-likelihoods were added, as for two parts of the data. Here the batch *replaces* "
         "a share of what was.")  # fmt: skip
def log_likelihoods_added(statistics, new_statistics, step, batch_fraction):
    answer = correct_stepwise(statistics, new_statistics, step, batch_fraction)
    return rest_right(answer, statistics[3] + new_statistics[3])


@mistake("The log-likelihood of the batch was not scaled up. It is a total over rows like the "
         "others.")  # fmt: skip
def log_likelihood_not_scaled(statistics, new_statistics, step, batch_fraction):
    answer = correct_stepwise(statistics, new_statistics, step, batch_fraction)
    return rest_right(answer, (1 - step) * statistics[3] + step * new_statistics[3])


@mistake("The counts stayed as they were. Which component has how many points changes with the "
         "data, too.")  # fmt: skip
def old_counts(statistics, new_statistics, step, batch_fraction):
    return (statistics[0], *correct_stepwise(statistics, new_statistics, step, batch_fraction)[1:])


@mistake("The statistics were added, as for two parts of the data: `step` and `batch_fraction` "
         "play no part.")  # fmt: skip
def merged(statistics, new_statistics, step, batch_fraction):
    return tuple(old + new for old, new in zip(statistics, new_statistics, strict=True))


PIECE = Piece(
    id="11.stepwise",
    contract=stepwise,
    correct=correct_stepwise,
    cases=stepwise_cases,
    returns=STATISTICS,
    properties=(between_old_and_new,),
    mistakes=(
        batch_not_scaled,
        multiplied_by_the_fraction,
        exchanged,
        old_does_not_fade,
        batch_without_step,
        everything_scaled,
        old_log_likelihood,
        new_log_likelihood,
        log_likelihoods_added,
        log_likelihood_not_scaled,
        old_counts,
        merged,
    ),
    section="Learning while the data go by",
)
