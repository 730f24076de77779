"""What a piece must keep to whatever it computes, found by looking at the function itself."""

import dis
import inspect
import math
import types
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from emkit.workshop.bench.watch import unwatched


@dataclass(frozen=True)
class Look:
    """What can be seen of a candidate without calling it.

    `parameters` is None where a callable doesn't show them, such as a NumPy ufunc.
    """

    description: str
    callable: bool
    parameters: list | None = None
    variables: tuple = ()
    ignored: tuple = ()


def look_at(candidate, allowed=()):
    """Look at a candidate; reading the notebook variables named in `allowed` is fine."""
    if not callable(candidate):
        return Look(describe(candidate), callable=False)
    try:
        parameters = list(inspect.signature(candidate).parameters)
    except (TypeError, ValueError):
        parameters = None
    variables, ignored = variables_read(candidate, allowed), ignored_parameters(candidate)
    return Look(describe(candidate), True, parameters, tuple(variables), tuple(ignored))


def signature_problem(contract, look):
    """A sentence if what was looked at can't be called as `contract` is, else None."""
    if not look.callable:
        return f"expected your function, got {look.description}."
    wanted = list(inspect.signature(contract).parameters)
    if look.parameters is None or look.parameters == wanted:
        return None  # without parameters to see, calling it will tell
    came = ", ".join(look.parameters)
    return f"the parameters should be ({', '.join(wanted)}), yours are ({came})."


def variables_read(candidate, allowed=()):
    """Names of notebook variables that a function, or a function that it calls, reads.

    Modules, functions, a dict of functions, classes and imported constants such as `pi` are none.
    """
    found, seen, waiting = [], set(), [candidate]
    while waiting:
        function = inspect.unwrap(waiting.pop())
        if not isinstance(function, types.FunctionType) or function in seen:
            continue
        seen.add(function)
        for name in global_names(function.__code__):
            if name not in function.__globals__ or name in allowed:
                continue
            value = function.__globals__[name]
            if isinstance(value, types.FunctionType):
                if value.__globals__ is function.__globals__:
                    waiting.append(value)
            elif not (isinstance(value, types.ModuleType) or functions(value) or imported(value)):
                found.append(name)
    return sorted(set(found))


def global_names(code):
    """Names that a code object, or one nested in it, loads from its globals."""
    names = {step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= global_names(constant)
    return names


def ignored_parameters(candidate):
    """Names of parameters that a function never reads."""
    function = inspect.unwrap(candidate)
    if not isinstance(function, types.FunctionType):
        return []
    steps = list(dis.get_instructions(function.__code__))
    read = {step.argval for step in steps if step.opname.startswith("LOAD")}
    read |= {name for pair in read if isinstance(pair, tuple) for name in pair}
    read |= set(function.__code__.co_cellvars)
    return [name for name in inspect.signature(function).parameters if name not in read]


def functions(value):
    """Whether a value is a function or class, or a dict of them by name, be it empty."""
    return callable(value) or (isinstance(value, dict) and all(map(callable, value.values())))


def imported(value):
    """Whether a value is a constant of `math` or `numpy`, as in `from math import pi`."""
    constants = [*vars(math).values(), *vars(np).values()]
    return value is None or (isinstance(value, float) and any(value is c for c in constants))


@contextmanager
def standing_in(candidate, answers):
    """While inside, the learner's other pieces are the right ones, so that no failure cascades.

    `answers` maps the names of functions to what stands in for them, in the candidate's notebook,
    whether a function of that name is there or (not written, not run) isn't. All is put back.
    """
    names = getattr(inspect.unwrap(candidate), "__globals__", {})
    own = {name: names[name] for name in answers if name in names}
    names.update(
        {
            name: unwatched(answer)
            for name, answer in answers.items()
            if isinstance(own.get(name, answer), types.FunctionType) and own.get(name) != candidate
        }
    )
    try:
        yield
    finally:
        for name in answers:
            names.pop(name, None)
        names.update(own)


def describe(value):
    """A value in a few words: its type, and its shape if it has one."""
    if hasattr(value, "described"):  # it is on the other side of a line
        return value.described
    shape = f" of shape {value.shape}" if hasattr(value, "shape") else ""
    name = "array" if isinstance(value, np.ndarray) else type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}{shape}"
