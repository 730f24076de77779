"""Run a function on one case, and see what it does besides giving an answer."""

import copy
import time
import traceback
import types
import warnings
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from emkit.workshop.watch import TooSlow, at_most, unwatched, watched


@dataclass(frozen=True)
class Outcome:
    """What a function made of one case: an answer, or the error that it raised.

    `problem` is what is wrong with the way it went, whatever the answer. `seconds` is how long it
    took.
    """

    answer: object = None
    raised: Exception | None = None
    problem: str | None = None
    warned: str = ""
    seconds: float = 0.0


def run(piece, function, case, used=None, limit=None):
    """Call a function on copies of a case's inputs: what it gives, and whether it left them alone.

    What ran and is off limits is added to the set `used`. After `limit` seconds it is stopped.

    Raises
    ------
    NotImplementedError
        If the function does: it is still the stub.
    """
    used = set() if used is None else used
    given = {name: fresh(value) for name, value in case.inputs.items()}
    answer = raised = problem = None
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with at_most(limit):
                answer = piece.observe(watched(function, used), **given)
        except NotImplementedError:
            raise
        except TooSlow:
            problem = (
                f"it is still running after {limit:.0f} seconds, where a hundredth of that is "
                "plenty. Does a loop never end, or does one run over what NumPy could do at once?"
            )
        except Exception as error:
            raised = error
    seconds = time.perf_counter() - began
    changed = [name for name, value in case.inputs.items() if not unchanged(given[name], value)]
    if changed:
        name = changed[0]
        problem = (
            f"it changes its argument {name}{place(given[name], case.inputs[name])}, "
            "which the caller still needs. Work on a copy (operators such as -= and *= write into "
            "the array that came in)."
        )
    warned = " ".join(dict.fromkeys(str(warning.message) for warning in caught))
    return Outcome(answer, raised, problem, warned, seconds)


def fresh(value):
    """A copy of an input for one call; functions stay what they are and run unwatched."""
    return unwatched(value) if isinstance(value, types.FunctionType) else copy.deepcopy(value)


def unchanged(value, before):
    """Whether an input still has the content that it had."""
    if isinstance(before, list | tuple):
        return len(value) == len(before) and all(map(unchanged, value, before))
    if sparse.issparse(before):
        return value.shape == before.shape and (value != before).nnz == 0
    if isinstance(before, np.ndarray):
        numeric = before.dtype.kind in "fc"
        return value.dtype == before.dtype and np.array_equal(value, before, equal_nan=numeric)
    return True  # numbers and text can't be changed; a random generator must be


def place(value, before):
    """Where an array was changed, for the sentence that says so."""
    if not (isinstance(before, np.ndarray) and value.shape == before.shape and before.ndim):
        return ""
    same = (value == before) | (np.isnan(value) & np.isnan(before))
    first = [int(i) for i in np.argwhere(~same)[0]] if not same.all() else []
    return f" (at {first}, among others)" if first else ""


def in_a_sentence(error):
    """An exception with its message and the learner's own line."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "emkit" not in f.filename]
    own = [frame for frame in frames if "site-packages" not in frame.filename]
    line = f", at your line '{own[-1].line.strip()}'" if own and own[-1].line else ""
    hint = ""
    if isinstance(error, UnboundLocalError):
        hint = (
            " A name that is assigned inside a function is the function's own: call it otherwise."
        )
    return f"it raises {type(error).__name__}: {error}{line}.{hint}"
