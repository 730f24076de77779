"""Run a function on one case, and see what it does besides giving an answer."""

import copy
import time
import traceback
import tracemalloc
import types
import warnings
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from emkit.workshop.bench.watch import TooSlow, at_most, unwatched, watched


@dataclass(frozen=True)
class Outcome:
    """What a function made of one case: an answer, or the error that it raised.

    `said` is that error in a sentence. `problem` is what is wrong with the way it went, whatever
    the answer. `used` are packages off limits whose code ran, `barred` functions that it may not
    call and did. `seconds` is how long it took, `peak` how many bytes it held if that was measured.
    """

    answer: object = None
    raised: Exception | None = None
    said: str = ""
    problem: str | None = None
    warned: str = ""
    used: frozenset = frozenset()
    barred: frozenset = frozenset()
    seconds: float = 0.0
    peak: int = 0


def call(function, **inputs):
    """What is looked at unless a piece says otherwise: what the function returns."""
    return function(**inputs)


def run(function, inputs, observe=call, limit=None, measured=False, given=None):
    """Call a function on copies of the inputs: what it gives, and whether it left them alone.

    Parameters
    ----------
    function : callable
    inputs : dict
        Arguments by name.
    observe : callable
        `observe(function, **inputs)` gives what is judged in place of the answer.
    limit : float, optional
        Seconds after which the function is stopped.
    measured : bool
        Whether to trace the memory that it takes, which is slow.
    given : dict, optional
        The copies, where the caller has made them.

    Raises
    ------
    NotImplementedError
        If the function does: it is still the stub.
    """
    used = set()
    given = {name: fresh(value) for name, value in inputs.items()} if given is None else given
    answer = raised = problem = None
    said, peak = "", 0
    began = time.perf_counter()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if measured:
            tracemalloc.start()
        try:
            with at_most(limit):
                answer = observe(watched(function, used), **given)
        except NotImplementedError:
            raise
        except TooSlow:
            problem = (
                f"it is still running after {limit:.0f} seconds, where a hundredth of that is "
                "plenty. Does a loop never end, go round more often than helps, or run over what "
                "NumPy could do at once?"
            )
        except SystemExit:
            problem = "it ends the whole program (by exit, for example). Let it return instead."
        except Exception as error:
            raised, said = error, in_a_sentence(error)
        finally:
            if measured:
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
    seconds = time.perf_counter() - began
    changed = [name for name, value in inputs.items() if not unchanged(given[name], value)]
    if changed:
        name = changed[0]
        problem = (
            f"it changes its argument {name}{place(given[name], inputs[name])}, "
            "which the caller still needs. Work on a copy (operators such as -= and *= write into "
            "the array that came in)."
        )
    warned = " ".join(dict.fromkeys(str(warning.message) for warning in caught))
    return Outcome(
        answer, raised, said, problem, warned, frozenset(used), seconds=seconds, peak=peak
    )


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
