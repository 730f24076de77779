"""What is wrong with an answer: its form, NaN in it, a broken property, its values."""

import numpy as np

from emkit.workshop.contract import describe
from emkit.workshop.failure import short


def answer_problem(piece, case, answer):
    """The first thing that is wrong with an answer, in a sentence, or None."""
    expected = np.asarray(piece.correct(**case.inputs))
    problem = form_problem(piece.returns, expected, answer)
    if problem:
        return problem
    answer = np.asarray(answer)
    problem = finite_problem(piece.returns, case, expected, answer)
    if problem:
        return problem
    for property_problem in piece.properties:
        problem = property_problem(answer, **case.inputs)
        if problem:
            return problem + "."
    return value_problem(piece.returns, case, expected, answer)


def form_problem(returns, expected, answer):
    """Type, shape and kind of number."""
    if answer is None:
        return "it returns None. Is there a return statement? Printing a result doesn't return it."
    if isinstance(answer, list | tuple):
        wanted = "one number" if expected.shape == () else "a NumPy array"
        return f"it returns {describe(answer)}, expected {wanted}."
    array = np.asarray(answer)
    if array.dtype.kind not in "biuf":
        return f"it returns {describe(answer)}, expected numbers."
    if array.shape != expected.shape:
        if expected.shape == ():
            return f"it should return one number, yours is an array of shape {array.shape}."
        return f"{returns.name} is {returns.letters} = {expected.shape}, yours is {array.shape}."
    if array.dtype.kind not in ("iu" if returns.kind == "int" else "f"):
        wanted = "integers" if returns.kind == "int" else "floating-point numbers"
        return f"it should return {wanted}, yours are of type {array.dtype}."
    return None


def finite_problem(returns, case, expected, answer):
    """NaN and infinities, with the place and the input that made them."""
    bad = np.argwhere(~np.isfinite(answer) & np.isfinite(expected))
    if not len(bad):
        return None
    at = tuple(int(i) for i in bad[0])
    if not at:
        return f"the result is {answer}."
    point = f", where x is {short(case.inputs['X'][at[0]])}" if "X" in case.inputs else ""
    return f"{returns.name}{list(at)} is {answer[at]}{point}."


def value_problem(returns, case, expected, answer):
    """How many values are wrong and where; what they should be isn't said."""
    if agree(answer, expected, case.rtol):
        return None
    gap = np.abs(answer - expected) / np.maximum(np.abs(expected), np.finfo(float).tiny)
    if returns.kind == "float" and np.max(gap) < 1e-7:
        digits, needed = int(-np.log10(np.max(gap))), round(-np.log10(case.rtol))
        return f"the values are right to {digits} digits only; {needed} can be had here."
    if answer.ndim == 0:
        return "the value is wrong."
    worst = [int(i) for i in np.unravel_index(np.argmax(gap), gap.shape)]
    many = int((gap > case.rtol).sum())
    return f"{many} of {answer.size} values are wrong, {returns.name}{worst} among them."


def agree(a, b, rtol):
    """Whether two answers are the same up to a relative error; near zero the absolute counts."""
    try:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=rtol * 1e-3, equal_nan=True)
