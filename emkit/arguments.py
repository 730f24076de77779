"""Checks of what a caller passes: each error names the argument, what came, what was expected."""

from numbers import Real

import numpy as np


def check_whole_number(name, value, least):
    """Raise `ValueError` unless `value` is an integer of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} is {value!r}, expected a whole number of at least {least}")


def finite_array(name, value, ndim, shape=""):
    """`value` as a float64 array of `ndim` dimensions without NaN or infinities.

    `shape` is the expected shape in the notation's letters, such as "(n, d)", for the message.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths, expected {shape}") from None
    if array.dtype.kind in "OUS":
        strangers = [item for item in array.ravel().tolist() if not isinstance(item, Real)]
        if strangers:
            raise ValueError(f"{name} holds {strangers[0]!r}, expected real numbers")
    elif array.dtype.kind not in "biuf":
        raise ValueError(f"{name} holds {array.dtype} values, expected real numbers")
    numbers = array.astype(float)
    if numbers.ndim != ndim:
        hint = f"; one feature is {name}[:, None]" if (ndim, numbers.ndim) == (2, 1) else ""
        raise ValueError(f"{name} has shape {numbers.shape}, expected {shape}{hint}")
    if 0 in numbers.shape[1:]:
        raise ValueError(f"{name} has shape {numbers.shape}, expected {shape}, not empty")
    if not np.isfinite(numbers).all():
        bad = tuple(np.argwhere(~np.isfinite(numbers))[0])
        at = ", ".join(map(str, bad))
        raise ValueError(f"{name}[{at}] is {numbers[bad]}, expected finite numbers")
    return numbers


def check_sample_weight(sample_weight, n):
    """Weights as a float64 array (n,) of at least 0, or None where there are none."""
    if sample_weight is None:
        return None
    weight = finite_array("sample_weight", sample_weight, 1, "(n,)")
    if len(weight) != n:
        raise ValueError(f"sample_weight has {len(weight)} values, the data have {n} rows")
    if weight.min(initial=0) < 0:
        raise ValueError(f"sample_weight[{weight.argmin()}] is {weight.min()}, expected at least 0")
    return weight
