"""Stopping rules: a rule is a function of the history (objective values, oldest first)."""

from functools import partial


def relative_gain(tol):
    """Rule that stops once the last gain is at most `tol` times the size of the last value.

    Near zero the size is taken as 1, so that the threshold never falls below `tol` itself.

    Parameters
    ----------
    tol : float
        Relative gain below which the objective counts as settled; at least 0.

    Returns
    -------
    converged : callable
        `converged(history) -> bool`; False while there are fewer than two values.

    Raises
    ------
    ValueError
        If `tol` is negative or NaN.
    """
    if not tol >= 0:
        raise ValueError(f"tol is {tol}, expected a number of at least 0")

    return partial(last_gain_at_most, tol)  # a partial can be sent to other processes


def last_gain_at_most(tol, history):
    """Whether the last gain is at most `tol` times the size of the last value."""
    if len(history) < 2:
        return False
    gain = history[-1] - history[-2]
    return bool(gain <= tol * max(1.0, abs(history[-1])))
