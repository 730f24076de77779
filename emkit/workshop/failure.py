"""What a check raises: a message for the learner, and nothing else to scroll through."""

import textwrap

import numpy as np
from scipy import sparse

from emkit.workshop.piece import where

LINE = 96  # characters that a value may take in a message


class CheckFailed(AssertionError):
    """A piece that isn't right yet.

    Attributes
    ----------
    piece : str
        The piece's id, such as "03.responsibilities".
    mistake : str or None
        The name of the mistake that was recognised.
    """

    def __init__(self, piece, message, mistake=None):
        super().__init__("\n".join(wrap(line) for line in f"{piece}: {message}".splitlines()))
        self.piece = piece
        self.mistake = mistake

    def _render_traceback_(self):
        """IPython's hook: in a notebook the message stands alone, without a traceback."""
        return str(self).splitlines()


def describe_failure(piece, case, outcome, problem, mistake=None, ignored=()):
    """What failed, the likely cause, on which input, and where to look; never the answer."""
    lines = [problem]
    if mistake:
        lines.append(mistake.sentence)
    elif ignored:
        purpose = "what is it for" if len(ignored) == 1 else "what are they for"
        lines.append(f"Your function never uses {listed(ignored)}: {purpose}?")
    elif outcome.warned:
        lines.append(f"On the way NumPy warned: {outcome.warned}.")
    lines.append(f"Tried on {case.what}:")
    lines += [f"    {name} = {short(value)}" for name, value in case.inputs.items()]
    lines += [f"    your {name} = {short(value)}" for name, value in parts(piece, outcome.answer)]
    lines.append(where(piece))
    return "\n".join(lines)


def listed(names):
    """Names as a sentence lists them: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def parts(piece, answer):
    """What a function returned, by the names that the contract gives it."""
    if answer is None:
        return []
    returns = piece.returns
    if isinstance(returns, tuple) and isinstance(answer, tuple) and len(answer) == len(returns):
        pairs = zip(returns, answer, strict=True)
        return [(returned.name, value) for returned, value in pairs if returned.shown]
    return [("result", answer)]


def wrap(line):
    """Break a sentence into lines of 88 characters; an indented line (an array) stays as it is."""
    if line.startswith(" "):
        return line
    return textwrap.fill(line, 88, break_long_words=False, break_on_hyphens=False)


def short(value):
    """A value in a line of the page: a number, a small array; of a larger one only the shape."""
    if isinstance(value, str) or value is None:
        return repr(value)
    if callable(value):
        return "a function"
    if isinstance(value, np.random.Generator):
        return "a random generator"
    if sparse.issparse(value):
        dense = short(value.toarray()) if value.shape[0] * value.shape[1] <= 64 else ""
        small = dense and not dense.startswith("an array")
        return f"sparse {dense}" if small else f"a sparse array of shape {value.shape}"
    if isinstance(value, list | tuple):
        inside = ", ".join(short(item) for item in value)
        brackets = "[]" if isinstance(value, list) else "()"
        text = f"{brackets[0]}{inside}{brackets[1]}"
        return text if len(text) <= LINE else f"a {type(value).__name__} of {len(value)}"
    array = np.asarray(value)
    text = np.array2string(array, precision=4, separator=", ", max_line_width=10_000)
    text = " ".join(text.split())
    return text if len(text) <= LINE else f"an array of shape {array.shape}"
