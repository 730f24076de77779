"""What is wrong with an answer: its form, NaN in it, a broken property, its values."""

import numpy as np

from emkit.workshop.bench.contract import describe
from emkit.workshop.failure import short

WANTED = {
    "float": "floating-point numbers (float64)",
    "int": "integers",
    "bool": "True or False",
    "text": "text",
}
DTYPES = {"float": "f", "int": "iu", "bool": "b"}


def answer_problem(piece, case, outcome, right):
    """The first thing that is wrong with an outcome, in a sentence, or None.

    `right` is the right function's outcome on the same case.
    """
    if case.raises:
        return error_problem(case, outcome)
    if outcome.raised:
        return outcome.said
    if case.room and outcome.peak > case.room:
        return (
            f"at its peak it holds {outcome.peak / 1e6:.0f} MB, and in this case there is room for "
            f"{case.room / 1e6:.0f}. {case.because}."
        )
    problem = unusable(piece, case, outcome.answer, right.answer)
    if problem:
        return problem
    parts = parts_of(piece, outcome.answer, right.answer)
    answers = tuple(as_judged(returned, answer) for returned, answer, _ in parts)
    judged = answers if isinstance(piece.returns, tuple) else answers[0]
    for property_problem in piece.properties:
        problem = property_problem(judged, **case.inputs)
        if problem:
            return problem + "."
    for returned, answer, expected in parts:
        problem = value_problem(returned, case, expected, answer)
        if problem:
            return problem
    return None


def unusable(piece, case, answer, right):
    """What is wrong with the form of an answer, or NaN in it, in a sentence, or None."""
    problem = tuple_problem(piece.returns, answer)
    if problem:
        return problem
    for returned, part, expected in parts_of(piece, answer, right):
        problem = form_problem(returned, expected, part)
        problem = problem or finite_problem(returned, case, expected, part)
        if problem:
            return problem
    return None


def error_problem(case, outcome):
    """An error that the contract asks for, and that didn't come."""
    if isinstance(outcome.raised, case.raises):
        return None
    came = outcome.said if outcome.raised else f"it returns {short(outcome.answer)}."
    return f"{came} Expected a {case.raises.__name__}: {case.because}."


def parts_of(piece, *answers):
    """Each thing that a piece returns with its value in each of the answers."""
    if isinstance(piece.returns, tuple):
        return list(zip(piece.returns, *answers, strict=True))
    return [(piece.returns, *answers)]


def as_judged(returned, answer):
    """A part of an answer as the properties see it: an array, or text."""
    return answer if returned.kind == "text" else np.asarray(answer)


def tuple_problem(returns, answer):
    """Nothing returned, or not as many things as the contract names."""
    if answer is None:
        return "it returns None. Is there a return statement? Printing a result doesn't return it."
    if not isinstance(returns, tuple):
        return None
    names = ", ".join(returned.name for returned in returns)
    if not isinstance(answer, tuple):
        return f"it returns {describe(answer)}, expected a tuple: ({names})."
    if len(answer) != len(returns):
        return f"it returns a tuple of {len(answer)}, expected {len(returns)} things: ({names})."
    return None


def form_problem(returned, expected, answer):
    """Type, shape and kind of number."""
    if returned.kind == "text":
        fits = isinstance(answer, str)
        return None if fits else f"{returned.name} is {describe(answer)}, expected text."
    if returned.kind == "list":
        return list_problem(returned, expected, answer)
    expected = np.asarray(expected)
    if answer is None or isinstance(answer, list | tuple):
        wanted = "one number" if expected.shape == () else "a NumPy array"
        return f"{returned.name} is {describe(answer)}, expected {wanted}."
    array = np.asarray(answer)
    if array.dtype.kind not in "biuf":
        return f"{returned.name} is {describe(answer)}, expected numbers."
    if array.shape != expected.shape:
        if expected.shape == ():
            return (
                f"{returned.name} should be one number, yours is an array of shape {array.shape}."
            )
        return f"{returned.name} is {returned.letters} = {expected.shape}, yours is {array.shape}."
    if returned.kind == "as given":
        fits = array.dtype == expected.dtype
        wanted = str(expected.dtype)
    else:
        fits = array.dtype.kind in DTYPES[returned.kind]
        fits = fits and not (returned.kind == "float" and array.dtype.itemsize < 8)
        fits = fits or (returned.kind == "float" and array.shape == () and array.dtype.kind in "iu")
        wanted = WANTED[returned.kind]
    return None if fits else f"{returned.name} is of type {array.dtype}, expected {wanted}."


def list_problem(returned, expected, answer):
    """A list of numbers."""
    if not isinstance(answer, list):
        return f"{returned.name} is {describe(answer)}, expected a list."
    if any(np.ndim(value) or np.asarray(value).dtype.kind not in "iuf" for value in answer):
        return f"{returned.name} is {short(answer)}, expected a list of numbers."
    if len(answer) != len(expected):
        return f"{returned.name} should have length {len(expected)}, yours has {len(answer)}."
    return None


def finite_problem(returned, case, expected, answer):
    """NaN and infinities, with the place and the input that made them."""
    if returned.kind == "text":
        return None
    answer, expected = np.asarray(answer, dtype=float), np.asarray(expected, dtype=float)
    unexpected = (~np.isfinite(answer) & np.isfinite(expected)) | (
        np.isnan(answer) & ~np.isnan(expected)
    )
    bad = np.argwhere(unexpected)
    if not len(bad):
        return None
    at = tuple(int(i) for i in bad[0])
    if not at:
        return f"{returned.name} is {answer}."
    a_row_of_x = "X" in case.inputs and returned.letters.startswith("(n")
    point = f", where x is {short(case.inputs['X'][at[0]])}" if a_row_of_x else ""
    return f"{returned.name}{list(at)} is {answer[at]}{point}."


def value_problem(returned, case, expected, answer):
    """How many values are wrong and where; what they should be isn't said."""
    if agree(answer, expected, case.rtol):
        return None
    if returned.kind in ("text", "bool"):
        return f"{returned.name} is {answer!r}, which is wrong here."
    answer, expected = np.asarray(answer, dtype=float), np.asarray(expected, dtype=float)
    with np.errstate(invalid="ignore", over="ignore"):
        gap = np.abs(answer - expected) / np.maximum(np.abs(expected), np.finfo(float).tiny)
    gap = np.where(answer == expected, 0, np.nan_to_num(gap, nan=np.inf))
    if returned.kind == "float" and np.max(gap) < 1e-7:
        digits, needed = int(-np.log10(np.max(gap))), round(-np.log10(case.rtol))
        return (
            f"the values of {returned.name} are right to {digits} digits only; {needed} can be had "
            "here."
        )
    if answer.ndim == 0:
        return f"the value of {returned.name} is wrong."
    worst = [int(i) for i in np.unravel_index(np.argmax(gap), gap.shape)]
    many = int((gap > case.rtol).sum())
    return f"{many} of {answer.size} values are wrong, {returned.name}{worst} among them."


def agree(a, b, rtol):
    """Whether two answers are the same up to a relative error; near zero the absolute counts."""
    if a is None or b is None:
        return a is b  # for NumPy, None is NaN
    if isinstance(a, tuple) or isinstance(b, tuple):
        both = isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b)
        return both and all(agree(*pair, rtol) for pair in zip(a, b, strict=True))
    if isinstance(a, str) or isinstance(b, str):
        return isinstance(a, str) and isinstance(b, str) and a == b
    try:
        a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and np.allclose(a, b, rtol=rtol, atol=rtol * 1e-3, equal_nan=True)
