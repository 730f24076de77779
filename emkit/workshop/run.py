"""Run a function on one case, and see what it does besides giving an answer."""

import traceback
import warnings
from dataclasses import dataclass

import numpy as np

from emkit.workshop.contract import call_watched


@dataclass(frozen=True)
class Outcome:
    """What a function made of one case.

    `problem` is what is wrong with the way it went, whatever the answer.
    """

    answer: object = None
    problem: str | None = None
    warned: str = ""


def run(function, inputs, used):
    """Call a function on copies of the inputs: what it gives, and whether it left them alone.

    What ran and is off limits is added to the set `used`.

    Raises
    ------
    NotImplementedError
        If the function does: it is still the stub.
    """
    given = {name: np.copy(value) if np.ndim(value) else value for name, value in inputs.items()}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            answer = call_watched(function, given, used)
        except NotImplementedError:
            raise
        except Exception as error:
            return Outcome(problem=in_a_sentence(error))
    warned = " ".join(dict.fromkeys(str(warning.message) for warning in caught))
    for name, value in inputs.items():
        if not np.array_equal(given[name], value, equal_nan=True):
            return Outcome(
                answer,
                f"it changes its argument {name}, which the caller still needs. Work on a copy "
                f"(operators such as -= and *= write into the array that came in).",
                warned,
            )
    return Outcome(answer, None, warned)


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
