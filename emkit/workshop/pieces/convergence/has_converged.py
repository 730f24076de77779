"""When to stop: the rule that looks at the last gain."""

from itertools import pairwise

from emkit.convergence import relative_gain
from emkit.workshop.piece import Case, Piece, Returned, mistake


def has_converged(history, tol):
    """Whether the last step of a climb gained next to nothing.

    Parameters
    ----------
    history : list of float
        Log-likelihoods, oldest first; perhaps only one of them, or none. They may be positive.
    tol : float
        Relative tolerance, at least 0.

    Returns
    -------
    converged : bool
        True when the last gain is at most `tol` times the size of the last value, where a size
        below 1 counts as 1. False with fewer than two values. Only the last step counts.

    Raises
    ------
    ValueError
        If the last value is below the one before it by more than 1e-10 times its size (again,
        a size below 1 counts as 1). A smaller fall is rounding, and counts as a gain of 0.
    """


def has_converged_cases(rng):
    """Clear cases, edges that are exact in floating point, falls of all sizes."""

    def case(what, history, tol, **more):
        return Case(what, {"history": history, "tol": tol}, **more)

    last = -float(rng.integers(900, 1500))
    tiny = float(rng.uniform(0.01, 0.4))
    return [
        case("a climb that still gains", [last - 90, last - 20, last - 5, last], 1e-4),
        case("a climb that has levelled off", [last - 90, last - 1, last - 1e-6, last], 1e-4),
        case("no values", [], 1e-4),
        case("a single value", [last], 1e-4),
        case("two values, far apart", [last - 9, last], 1e-6),
        case("the same value twice", [last, last], 0.0),
        case("a tolerance of 0 and a tiny gain", [last - 40, last - 1e-9, last], 0.0),
        case("a gain exactly at the tolerance", [-9.0, -6.0, -4.0], 0.5),
        case("a gain just above the tolerance", [-9.0, -6.125, -4.0], 0.5),
        case("a gain above the tolerance", [-9.0, -6.75, -4.0], 0.5),
        case("positive log-likelihoods, levelled off", [20.0, 99.0, -last, -last + 1e-4], 1e-6),
        case("positive log-likelihoods that still gain", [20.0, 99.0, 128.0], 1e-2),
        case("values near 0, levelled off", [-3.0, -tiny - 4e-4, -tiny], 5e-4),
        case("values near 0 that still gain", [-3.0, -tiny - 9e-4, -tiny], 5e-4),
        case("values not far from 1, levelled off", [-3.0, -1.5006, -1.5], 5e-4),
        case("an early plateau, then a climb", [last - 9, last - 9, last - 9, last], 1e-4),
        case("a long climb to a standstill", [-1e6, -1e5, -1e4, -100.0, -2.0, -2.0], 1e-12),
        case("a fall long ago", [last - 3, last - 9, last - 1e-6, last], 1e-4, hard=True),
        case("a fall in the size of rounding", [last - 1, last, last * (1 + 3e-11)], 0.0,
             hard=True),
        case("a fall in the size of rounding, values of a million",
             [-5e6, -3e6, -1e6, -1e6 - 9e-5], 1e-9, hard=True),
        case("a fall in the size of rounding, values near 0", [-2.0, -tiny, -tiny - 9e-11], 0.0,
             hard=True),
        case("a fall that is just small enough", [-2.0, 0.0, -1e-10], 0.0, hard=True),
        case("a fall of just 1e-10 of the last value", [-4e10, -2e10, 1 - 1e10, -1e10], 0.0,
             hard=True),
        case("a fall", [last - 9, last, last - 1], 1e-4, hard=True, raises=ValueError,
             because="EM's log-likelihood can't fall, so one of the steps must be wrong"),
        case("a fall of less than the tolerance", [last - 9, last, last - 1e-3], 1e-2,
             hard=True, raises=ValueError,
             because="the fall is within `tol`, but far beyond rounding"),
        case("a fall near 0", [-2.0, -tiny, -tiny - 1.2e-10], 1e-6, hard=True, raises=ValueError,
             because="near 0 a fall of more than 1e-10 is one"),
        case("a fall just beyond rounding, values of a million",
             [-5e6, -3e6, -1e6, -1e6 - 1.2e-4], 1e-6, hard=True, raises=ValueError,
             because="it is larger than what is taken for rounding"),
        case("a fall among positive values", [50.0, 1e3, 999.0], 1e-1, hard=True,
             raises=ValueError, because="a fall is a fall, whatever the sign of the values"),
    ]  # fmt: skip


def correct_has_converged(history, tol):
    """The engine's rule, after the watch over falls that the engine keeps in its loop."""
    for before, last in pairwise(history[-2:]):
        if before - last > 1e-10 * max(1.0, abs(last)):
            raise ValueError(f"the log-likelihood fell from {before} to {last}")
    return relative_gain(tol)(history)


def two_values_at_least(converged, history, tol):
    """There is no gain to look at before the second value."""
    if converged and len(history) < 2:
        return f"it is True, but of {len(history)} values nobody can say whether they level off"
    return None


def standing_still_is_the_end(converged, history, tol):
    """A gain of exactly 0 is at most any tolerance times anything."""
    if len(history) > 1 and history[-1] == history[-2] and not converged:
        return "it is False, but the last two values are the same: there was no gain at all"
    return None


def gain_at_most(history, threshold):
    """Whether the last gain is at most `threshold(before, last)`; falls are refused rightly."""
    correct_has_converged(history, 0.0)
    return len(history) > 1 and history[-1] - history[-2] <= threshold(*history[-2:])


@mistake("The gain is compared with `tol` itself. A gain of 0.001 is much for a log-likelihood "
         "of −2 and nothing for one of a million: measure it by the size of the last "
         "value.")  # fmt: skip
def absolute_gain(history, tol):
    return gain_at_most(history, lambda before, last: tol)


@mistake("The threshold is `tol` times the last value with its sign. Log-likelihoods are mostly "
         "negative, and then the threshold is too: no gain is ever small enough.")  # fmt: skip
def size_with_its_sign(history, tol):
    return gain_at_most(history, lambda before, last: tol * last)


@mistake("The larger of 1 and the last value is taken *with its sign*. Log-likelihoods are mostly "
         "negative, and then yours is always 1.")  # fmt: skip
def floor_without_size(history, tol):
    return gain_at_most(history, lambda before, last: tol * max(1.0, last))


@mistake("Near 0 the threshold shrinks to nothing: a size below 1 should count as 1.")
def no_floor_under_the_size(history, tol):
    return gain_at_most(history, lambda before, last: tol * abs(last))


@mistake("1 is *added* to the size of the last value. The size stays as it is; only one below 1 "
         "counts as 1.")  # fmt: skip
def one_added_to_the_size(history, tol):
    return gain_at_most(history, lambda before, last: tol * (1.0 + abs(last)))


@mistake("The gain is measured by the size of the value *before* the last step. The contract "
         "takes the last value.")  # fmt: skip
def size_of_the_value_before(history, tol):
    return gain_at_most(history, lambda before, last: tol * max(1.0, abs(before)))


@mistake("Here a gain must be *below* the threshold. At most means that the threshold itself "
         "will do – or with `tol` = 0 nothing ever converges.")  # fmt: skip
def strictly_below(history, tol):
    correct_has_converged(history, tol)
    return len(history) > 1 and history[-1] - history[-2] < tol * max(1.0, abs(history[-1]))


@mistake("The whole climb so far is compared with the tolerance. Only the last step counts.")
def gain_since_the_start(history, tol):
    converged = gain_at_most(history, lambda before, last: tol * max(1.0, abs(last)))
    return converged and history[-1] - history[0] <= tol * max(1.0, abs(history[-1]))


@mistake("One small gain anywhere in the history is enough for yours. EM may rest on a plateau "
         "and climb on: only the last step counts.")  # fmt: skip
def any_small_gain(history, tol):
    correct_has_converged(history, tol)
    return any(new - old <= tol * max(1.0, abs(new)) for old, new in pairwise(history))


@mistake("The answer is the wrong way round: True means that the climb is over.")
def the_other_way_round(history, tol):
    return not correct_has_converged(history, tol)


@mistake("A fall passes for a small gain. EM's log-likelihood can't fall: where it does, "
         "something is wrong, and whoever called you must hear of it.")  # fmt: skip
def falls_pass_for_small_gains(history, tol):
    return len(history) > 1 and history[-1] - history[-2] <= tol * max(1.0, abs(history[-1]))


@mistake("The size of the last change is looked at, whichever way it went. A fall of a thousandth "
         "is no better than one of a thousand: it means that a step is wrong.")  # fmt: skip
def size_of_the_change(history, tol):
    return len(history) > 1 and abs(history[-1] - history[-2]) <= tol * max(1.0, abs(history[-1]))


@mistake("A fall is answered with False. Then the loop goes on with steps that are known to be "
         "wrong: raise the error.")  # fmt: skip
def falls_go_on(history, tol):
    try:
        return correct_has_converged(history, tol)
    except ValueError:
        return False


@mistake("A fall within `tol` passes. How far a fall may go is a question of rounding alone, "
         "1e-10 of the value's size, whatever tolerance the user has chosen.")  # fmt: skip
def falls_within_the_tolerance(history, tol):
    try:
        return correct_has_converged(history, tol)
    except ValueError:
        if history[-2] - history[-1] <= tol * max(1.0, abs(history[-1])):
            return True
        raise


@mistake("A tiny fall should count as a gain of 0, and a gain of 0 is the end of the climb.")
def rounding_goes_on(history, tol):
    converged = correct_has_converged(history, tol)
    return converged and (len(history) < 2 or history[-1] >= history[-2])


PIECE = Piece(
    id="05.has_converged",
    contract=has_converged,
    correct=correct_has_converged,
    cases=has_converged_cases,
    returns=Returned("converged", "()", "bool"),
    properties=(two_values_at_least, standing_still_is_the_end),
    mistakes=(
        absolute_gain,
        size_with_its_sign,
        floor_without_size,
        no_floor_under_the_size,
        one_added_to_the_size,
        size_of_the_value_before,
        strictly_below,
        gain_since_the_start,
        any_small_gain,
        the_other_way_round,
        falls_pass_for_small_gains,
        size_of_the_change,
        falls_go_on,
        falls_within_the_tolerance,
        rounding_goes_on,
    ),
    section="When to stop",
)
