"""Twice as much: a piece to practise with."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake


def double(x):
    """Twice each number of an array.

    Parameters
    ----------
    x : array of any shape
        Whole or floating-point numbers.

    Returns
    -------
    doubled : array of the same shape and dtype
        2 · x.
    """


def double_cases(rng):
    """Floating-point numbers, then numbers of other types."""
    wholes = rng.integers(-9, 10, size=(2, 3))
    wholes[0, 0] = 5
    return [
        Case("4 numbers", {"x": np.append(rng.uniform(-9, 9, size=3).round(1), 7.5)}),
        Case("a table of 3 rows and 2 columns", {"x": rng.normal(size=(3, 2))}),
        Case("a single number", {"x": rng.uniform(3, 9, size=1)}),
        Case("whole numbers", {"x": wholes}, hard=True),
        Case("numbers of half the usual length", {"x": rng.normal(size=3).astype(np.float32)},
             hard=True),
        Case("small whole numbers", {"x": rng.integers(3, 60, size=4).astype(np.int8)}, hard=True),
        Case("no numbers at all", {"x": np.zeros(0, dtype=int)}, hard=True),
    ]  # fmt: skip


def correct_double(x):
    """NumPy keeps the dtype when the other factor is a plain whole number."""
    return 2 * x


def signs_are_kept(doubled, x):
    """Twice a positive number is positive, twice a negative one negative."""
    for at in np.argwhere(np.sign(doubled) != np.sign(x)):
        at = tuple(int(i) for i in at)
        return f"doubled{list(at)} is {doubled[at]:.4g}, but x{list(at)} is {x[at]:.4g}: twice " \
               "a number has the sign of the number"  # fmt: skip
    return None


@mistake("These are the squares: `**` raises to a power. Which operator multiplies?")
def squared(x):
    return x**2


@mistake("2 was added to each number. Twice a number is the number *times* 2.")
def two_added(x):
    return x + 2


@mistake("These are the numbers themselves, as they came in.")
def unchanged(x):
    return x.copy()


@mistake("These are the halves.")
def halved(x):
    return x / 2


@mistake("The numbers come twice, one after the other. That is what `2 *` means for a list; for "
         "an array it multiplies each number.")  # fmt: skip
def repeated(x):
    return np.concatenate([x, x])


@mistake("The numbers were added up. Each of them is to be doubled, and all of them returned.")
def summed(x):
    return 2 * x.sum()


@mistake("2 is raised to the power of each number. Wanted is 2 *times* the number.")
def powers_of_two(x):
    return 2.0**x


@mistake("The first number only came back. NumPy doubles all of an array at once, without a loop; "
         "in a loop, `return` ends the function the first time it is reached.")  # fmt: skip
def first_only(x):
    return 2 * x[0]


PIECE = Piece(
    id="00.double",
    contract=double,
    correct=correct_double,
    cases=double_cases,
    returns=Returned("doubled", "of the shape of x", "as given"),
    properties=(signs_are_kept,),
    mistakes=(
        squared,
        two_added,
        unchanged,
        halved,
        repeated,
        summed,
        powers_of_two,
        first_only,
    ),
    section="Write, run, check",
)
