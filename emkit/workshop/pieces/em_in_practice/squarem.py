"""From three steps of EM to one leap."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake


def squarem(theta0, theta1, theta2):
    """One extrapolation of SQUAREM from three iterates of EM.

    With r = theta1 − theta0 and v = (theta2 − theta1) − r the step is −‖r‖ / ‖v‖, but never above
    −1, and the leap goes to theta0 − 2 · step · r + step² · v. (‖ ‖ is the Euclidean length.)

    Parameters
    ----------
    theta0, theta1, theta2 : (p,) arrays
        Parameters, each the EM update of the one before.

    Returns
    -------
    theta : (p,) array
        Where the leap goes; theta2 where v is 0 in every entry.
    step_length : float
        The step, at most −1; −1 where v is 0 in every entry.
    """


def squarem_cases(rng):
    """Slow and fast convergence, a single parameter, and steps that don't change."""

    def case(theta0, r, v):
        theta0, r, v = np.asarray(theta0, dtype=float), np.asarray(r), np.asarray(v)
        return {"theta0": theta0, "theta1": theta0 + r, "theta2": theta0 + 2 * r + v}

    def converging(limit, error, rate):
        error, rate = np.asarray(error), np.asarray(rate)
        return {f"theta{t}": limit + error * rate**t for t in range(3)}

    slow = rng.normal(size=5), rng.uniform(1, 3, size=5) * rng.choice([-1, 1], 5)
    start = rng.integers(-4, 5, size=3).astype(float)
    return [
        Case("2 parameters", case(rng.integers(-3, 4, size=2), [1.0, 2.0], [-0.5, -0.25])),
        Case("5 parameters that converge slowly",
             converging(*slow, rng.uniform(0.85, 0.99, size=5))),
        Case("4 parameters that converge fast",
             converging(rng.normal(size=4), rng.uniform(1, 2, 4), rng.uniform(0.2, 0.4, 4))),
        Case("a single parameter whose error shrinks by the same factor",
             converging(rng.normal(size=1), rng.uniform(1, 2, size=1), rng.uniform(0.6, 0.9))),
        Case("parameters that swing from side to side",
             converging(rng.normal(size=3), rng.uniform(1, 2, size=3), -rng.uniform(0.55, 0.8))),
        Case("equal steps, v = 0", case(start, [1.0, -2.0, 0.5], [0.0, 0.0, 0.0])),
        Case("v = 0 in one entry only", case(start, [1.0, -2.0, 0.5], [-0.25, 0.0, -0.25])),
        Case("no step at all", case(start, np.zeros(3), np.zeros(3))),
        Case("a first step of 0", case(start, np.zeros(3), [0.5, 0.0, -1.0])),
        Case("close to convergence, where v is tiny but not 0",
             converging(np.zeros(3), rng.uniform(1, 2, size=3) * 1e-14, rng.uniform(0.8, 0.9)),
             hard=True),
        Case("parameters near 1e6", case(1e6 + rng.integers(-9, 9, size=3), [4.0, -8.0, 2.0],
                                         [-0.5, 1.0, rng.choice([-0.25, 0.25, 0.5])]), hard=True),
    ]  # fmt: skip


def correct_squarem(theta0, theta1, theta2):
    """Varadhan and Roland (2008), scheme S3."""
    r = theta1 - theta0
    v = theta2 - theta1 - r
    if not v.any():
        return theta2, -1.0
    step = min(-np.linalg.norm(r) / np.linalg.norm(v), -1.0)
    return theta0 - 2 * step * r + step**2 * v, float(step)


def step_at_most_minus_one(answer, theta0, theta1, theta2):
    """A leap is never shorter than two steps of EM."""
    step = answer[1]
    if step > 0:
        return f"step_length is {step:.4g}; in this formula a step is negative"
    if step > -1 + 1e-9:
        return (
            f"step_length is {step:.4g}, which falls short of the two steps of EM that you have: "
            "these are −1"
        )
    return None


def two_steps_without_a_leap(answer, theta0, theta1, theta2):
    """With a step of -1 the formula gives theta2."""
    theta, step = answer
    size = 1e-9 * (np.abs(theta0) + np.abs(theta1) + np.abs(theta2))
    if step == -1 and np.any(np.abs(theta - theta2) > size + 1e-25):
        return "your step_length is −1, which is no leap: theta should then be theta2"
    return None


def extrapolated(step, theta0, theta1, theta2):
    """The leap of that step, right."""
    r = theta1 - theta0
    return theta0 - 2 * step * r + step**2 * (theta2 - theta1 - r)


def leap(theta0, theta1, theta2, length=np.linalg.norm, limit=lambda step: min(step, -1.0)):
    """The extrapolation with another length or another limit."""
    r = theta1 - theta0
    v = theta2 - theta1 - r
    if not v.any():
        return theta2, -1.0
    step = float(limit(-length(r) / length(v)))
    return extrapolated(step, theta0, theta1, theta2), step


@mistake("The step was not limited. Where EM converges fast, ‖r‖ is smaller than ‖v‖ and the leap "
         "would fall short of theta2, which you have already: never above −1.")  # fmt: skip
def not_limited(theta0, theta1, theta2):
    return leap(theta0, theta1, theta2, limit=lambda step: step)


@mistake("The limit is on the wrong side: no step is longer than that of EM itself, and nothing "
         "is gained. −5 is *below* −1, and allowed; −0.5 is above.")  # fmt: skip
def limited_on_the_wrong_side(theta0, theta1, theta2):
    return leap(theta0, theta1, theta2, limit=lambda step: max(step, -1.0))


@mistake("The sign of the step is missing: −‖r‖ / ‖v‖. With a positive step the leap goes "
         "backwards.")  # fmt: skip
def positive_step(theta0, theta1, theta2):
    return leap(theta0, theta1, theta2, limit=lambda step: max(-step, 1.0))


@mistake("The ratio is upside down: the step is long where v, the change of the steps, is small "
         "beside r.")  # fmt: skip
def ratio_upside_down(theta0, theta1, theta2):
    return leap(theta0, theta1, theta2, limit=lambda step: min(1 / step if step else -1, -1.0))


@mistake("The squared lengths were divided: ‖r‖² / ‖v‖². Take the roots.")
def squared_lengths(theta0, theta1, theta2):
    return leap(theta0, theta1, theta2, length=lambda x: x @ x)


@mistake("These are sums of absolute values; ‖ ‖ is the Euclidean length.")
def absolute_lengths(theta0, theta1, theta2):
    return leap(theta0, theta1, theta2, length=lambda x: np.abs(x).sum())


@mistake("The length here is the largest entry; ‖ ‖ is the Euclidean length.")
def largest_entries(theta0, theta1, theta2):
    return leap(theta0, theta1, theta2, length=lambda x: np.abs(x).max())


@mistake("This is the step r·v / v·v, of another scheme (S1) than the one asked for: −‖r‖ / "
         "‖v‖.")  # fmt: skip
def first_scheme(theta0, theta1, theta2):
    r = theta1 - theta0
    v = theta2 - theta1 - r
    if not v.any():
        return theta2, -1.0
    step = float(min(r @ v / (v @ v), -1.0))
    return extrapolated(step, theta0, theta1, theta2), step


@mistake("v is the second step of EM here. It is the *change* of the steps: second step minus "
         "first.")  # fmt: skip
def second_step_for_the_change(theta0, theta1, theta2):
    r, v = theta1 - theta0, theta2 - theta1
    if not v.any():
        return theta2, -1.0
    step = float(min(-np.linalg.norm(r) / np.linalg.norm(v), -1.0))
    return theta0 - 2 * step * r + step**2 * v, step


@mistake("The 2 in 2 · step · r is missing: with a step of −1 you should land on "
         "theta2.")  # fmt: skip
def two_forgotten(theta0, theta1, theta2):
    step = correct_squarem(theta0, theta1, theta2)[1]
    return extrapolated(step, theta0, theta1, theta2) + step * (theta1 - theta0), step


@mistake("That is the leap before it is squared: the sum of the series in step 2. Step 3 goes "
         "on.")  # fmt: skip
def not_squared(theta0, theta1, theta2):
    step = correct_squarem(theta0, theta1, theta2)[1]
    return theta0 - step * (theta1 - theta0), step


@mistake("The step stands before v without its square.")
def square_forgotten(theta0, theta1, theta2):
    step = correct_squarem(theta0, theta1, theta2)[1]
    r = theta1 - theta0
    return theta0 - 2 * step * r + step * (theta2 - theta1 - r), step


@mistake("The leap starts at theta0: r and v are measured from there.")
def from_the_last_iterate(theta0, theta1, theta2):
    theta, step = correct_squarem(theta0, theta1, theta2)
    return theta + theta2 - theta0, step


@mistake("v comes in with the wrong sign: it is the second step minus the first, and is added. As "
         "the steps of EM grow shorter, v bends the leap back.")  # fmt: skip
def change_turned_round(theta0, theta1, theta2):
    step = correct_squarem(theta0, theta1, theta2)[1]
    r = theta1 - theta0
    return theta0 - 2 * step * r - step**2 * (theta2 - theta1 - r), step


@mistake("The sign before 2 · step · r is wrong: step is negative, so that −2 · step · r goes the "
         "way EM goes.")  # fmt: skip
def wrong_way(theta0, theta1, theta2):
    theta, step = correct_squarem(theta0, theta1, theta2)
    return theta + 4 * step * (theta1 - theta0), step


@mistake("‖r‖ / ‖v‖ divides by 0 where the two steps of EM are equal. There the answer is theta2, "
         "with a step of −1.")  # fmt: skip
def divided_by_no_change(theta0, theta1, theta2):
    if (theta2 - 2 * theta1 + theta0).any():
        return correct_squarem(theta0, theta1, theta2)
    return np.full_like(theta0, np.nan), np.nan


@mistake("Where v is 0, go on from theta2, the furthest that EM has come, not from an earlier "
         "iterate.")  # fmt: skip
def earlier_iterate_without_change(theta0, theta1, theta2):
    if (theta2 - 2 * theta1 + theta0).any():
        return correct_squarem(theta0, theta1, theta2)
    return theta1, -1.0


@mistake("A single 0 in v was taken for v = 0. Only where *all* its entries are 0 there is nothing "
         "to divide by.")  # fmt: skip
def one_zero_taken_for_all(theta0, theta1, theta2):
    if (theta2 - 2 * theta1 + theta0 == 0).any():
        return theta2, -1.0
    return correct_squarem(theta0, theta1, theta2)


@mistake("A *small* v was taken for 0. Close to convergence v is tiny, and r with it: their ratio "
         "is as good as ever. Only where v is exactly 0 there is nothing to divide "
         "by.")  # fmt: skip
def small_change_taken_for_none(theta0, theta1, theta2):
    if np.linalg.norm(theta2 - 2 * theta1 + theta0) < 1e-12:
        return theta2, -1.0
    return correct_squarem(theta0, theta1, theta2)


PIECE = Piece(
    id="11.squarem",
    contract=squarem,
    correct=correct_squarem,
    cases=squarem_cases,
    returns=(Returned("theta", "(p,)"), Returned("step_length", "()")),
    properties=(step_at_most_minus_one, two_steps_without_a_leap),
    mistakes=(
        not_limited,
        limited_on_the_wrong_side,
        positive_step,
        ratio_upside_down,
        squared_lengths,
        absolute_lengths,
        largest_entries,
        first_scheme,
        second_step_for_the_change,
        two_forgotten,
        not_squared,
        square_forgotten,
        from_the_last_iterate,
        change_turned_round,
        wrong_way,
        divided_by_no_change,
        earlier_iterate_without_change,
        one_zero_taken_for_all,
        small_change_taken_for_none,
    ),
    section="Three steps, one leap",
)
