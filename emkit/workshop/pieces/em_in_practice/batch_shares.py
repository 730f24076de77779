"""How much of each batch is left in the statistics of online EM: the derivation piece."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake


def batch_shares(steps):
    """Share that each batch has in the statistics after a run of online EM.

    Update i turns s into (1 − steps[i]) · s + steps[i] · (statistics of batch i). Unrolled, the
    result is a weighted sum of the start and of all batches; wanted are the weights.

    Parameters
    ----------
    steps : (t,) array
        The steps in the order in which they were taken, above 0 and at most 1.

    Returns
    -------
    shares : (t + 1,) array
        First that of the statistics at the start, then that of each batch. They sum to 1.
    """


def batch_shares_cases(rng):
    """A few steps, equal shares, one step, and long runs."""
    t = int(rng.integers(5, 9))
    middle = rng.uniform(0.1, 0.6, size=7)
    middle[3] = 1
    return [
        Case("3 steps", {"steps": rng.permutation([0.5, 0.25, 0.2])}),
        Case(f"{t} steps", {"steps": rng.uniform(0.1, 0.9, size=t)}),
        Case("a single step", {"steps": rng.uniform(0.2, 0.8, size=1)}),
        Case("steps 1, 1/2, 1/3, ...", {"steps": 1 / np.arange(1, t + 1)}),
        Case("the same step each time", {"steps": np.full(t, rng.choice([0.1, 0.2, 0.3]))}),
        Case("a step of 1 on the way", {"steps": middle}, hard=True),
        Case("3,000 steps of 0.3", {"steps": np.full(3000, 0.3)}, hard=True),
    ]


def correct_batch_shares(steps):
    """A batch comes in with its step and fades with every later one."""
    entering = np.concatenate([[1.0], steps])
    fading = np.concatenate([[1.0], np.cumprod(1 - steps[::-1])])[::-1]
    return entering * fading


def shares_of_a_whole(shares, steps):
    """Between 0 and 1, with the sum 1."""
    for i in np.flatnonzero((shares < 0) | (shares > 1 + 1e-9)):
        return f"shares[{i}] is {shares[i]:.4g}, which is no share"
    if abs(shares.sum() - 1) > 1e-6:
        return f"the shares sum to {shares.sum():.7g}; start and batches together are 1"
    return None


def agree_with_a_run(shares, steps):
    """Two runs of the recursion itself, on random numbers for the start and the batches."""
    numbers = np.random.default_rng(0).normal(size=(2, len(steps) + 1))
    result = numbers[:, 0]
    for step, new in zip(steps, numbers[:, 1:].T, strict=True):
        result = (1 - step) * result + step * new
    if np.allclose(numbers @ shares, result, rtol=1e-7, atol=1e-9):
        return None
    return (
        "with random numbers in the place of the statistics, the run ends somewhere else than at "
        "their sum weighted with your shares"
    )


@mistake("A batch fades with the steps that come *after* it. Yours fades with those before it; the "
         "latest batch has the full weight of its step.")  # fmt: skip
def fading_with_earlier_steps(steps):
    before = np.concatenate([[1.0], np.cumprod(1 - steps)])
    return np.concatenate([[before[-1]], steps * before[:-1]])


@mistake("The shares are in the wrong order: first the start, then the batches as they came, the "
         "latest one last.")  # fmt: skip
def turned_round(steps):
    return correct_batch_shares(steps)[::-1]


@mistake("The start's share is at the end: it comes first, then the batches as they "
         "came.")  # fmt: skip
def start_last(steps):
    return np.roll(correct_batch_shares(steps), -1)


@mistake("Each batch has its step as share here, and doesn't fade afterwards. With the next update "
         "what was before is multiplied by 1 − step.")  # fmt: skip
def without_fading(steps):
    return np.concatenate([[np.prod(1 - steps)], steps])


@mistake("A batch fades with its *own* step, too: off by one. It comes in with `step`, and only "
         "later updates multiply it by 1 − step.")  # fmt: skip
def fading_with_its_own_step(steps):
    return correct_batch_shares(steps) * np.concatenate([[1.0], 1 - steps])


@mistake("The step with which a batch comes in is missing: this is only how much later updates "
         "leave of it.")  # fmt: skip
def entering_step_forgotten(steps):
    return np.concatenate([[1.0], np.cumprod(1 - steps[::-1])])[::-1]


@mistake("The start has got no share. It had all of it before the first update, and later updates "
         "leave a product of 1 − step of it.")  # fmt: skip
def start_has_nothing(steps):
    shares = correct_batch_shares(steps)
    shares[0] = 0
    return shares


@mistake("The start has kept all of its share. Every update multiplies it by 1 − step, too.")
def start_never_fades(steps):
    shares = correct_batch_shares(steps)
    shares[0] = 1
    return shares


@mistake("The start's share is missing in front: with t steps there are t + 1 shares.")
def start_left_out(steps):
    return correct_batch_shares(steps)[1:]


@mistake("All shares are equal. That is so for the steps 1, 1/2, 1/3, ... only, and then without "
         "the start.")  # fmt: skip
def equal_shares(steps):
    return np.full(len(steps) + 1, 1 / (len(steps) + 1))


@mistake("The steps were divided by their sum. An early batch has faded since, a late one hasn't: "
         "unroll two updates by hand.")  # fmt: skip
def steps_normalised(steps):
    return np.concatenate([[1.0], steps]) / (1 + steps.sum())


@mistake("Of each batch remain the products of the later *steps* here. What an update leaves of "
         "the past is 1 − step.")  # fmt: skip
def products_of_steps(steps):
    later = np.concatenate([[1.0], np.cumprod(steps[::-1])])[::-1]
    return np.concatenate([[1.0], steps]) * later


@mistake("The products were divided by one another to get those of the later steps. After a step "
         "of 1, or very many steps, both are 0, and 0 / 0 is NaN: multiply from the "
         "end.")  # fmt: skip
def quotient_of_products(steps):
    before = np.concatenate([[1.0], np.cumprod(1 - steps)])
    with np.errstate(invalid="ignore"):
        return np.concatenate([[1.0], steps]) * before[-1] / before


PIECE = Piece(
    id="11.batch_shares",
    contract=batch_shares,
    correct=correct_batch_shares,
    cases=batch_shares_cases,
    returns=Returned("shares", "(t + 1,)"),
    properties=(shares_of_a_whole, agree_with_a_run),
    mistakes=(
        fading_with_earlier_steps,
        turned_round,
        start_last,
        without_fading,
        fading_with_its_own_step,
        entering_step_forgotten,
        start_has_nothing,
        start_never_fades,
        start_left_out,
        equal_shares,
        steps_normalised,
        products_of_steps,
        quotient_of_products,
    ),
    section="How fast is the past forgotten?",
)
