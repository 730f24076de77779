"""Right answers to assignment 00, each written in several ways. All of them must pass."""

import numpy as np


def double_times_two(x):
    return 2 * x


def double_added_to_itself(x):
    return x + x


def double_with_a_function(x):
    return np.multiply(x, 2)


def double_in_a_loop(x):
    doubled = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        doubled[i] = x[i] * 2
    return doubled


def double_on_a_copy(x):
    doubled = x.copy()
    doubled *= 2
    return doubled


def double_with_its_type_said(x):
    return np.array([value + value for value in x.ravel()], dtype=x.dtype).reshape(x.shape)


RIGHT_ANSWERS = {
    "00.double": [
        double_times_two,
        double_added_to_itself,
        double_with_a_function,
        double_in_a_loop,
        double_on_a_copy,
        double_with_its_type_said,
    ],
}
