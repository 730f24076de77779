"""A judge's hand inside a sandbox: looks at a learner's functions and calls them when asked.

It knows no right answer. Functions of the judge's (arguments, stand-ins for other pieces) are here
as functions that ask the judge.
"""

import builtins
from dataclasses import asdict

import numpy as np

from emkit.workshop.bench.candidate import Candidate
from emkit.workshop.bench.parcel import pack, unpack
from emkit.workshop.bench.watch import unwatched


class Agent:
    """What answers one judge.

    Parameters
    ----------
    line : with `send` and `receive` as `Line`
    names : dict
        The learner's notebook: its variables and functions.
    """

    def __init__(self, line, names):
        self.line, self.names = line, names

    def answer(self, message):
        """Do what a message asks, and send what came of it."""
        made = []
        request = unpack(message, made, callable_by=self.asking)
        if request["name"] not in self.names:
            reply = {"missing": True}
        elif request["do"] == "look":
            candidate = self.names[request["name"]]
            reply = asdict(Candidate(candidate).look(request["allowed"]))
            reply |= {} if callable(candidate) else {"value": candidate}
        else:
            before = unpack(message, callable_by=self.asking)
            reply = self.attempt(request, before["inputs"])
        self.line.send(pack(reply, given=made))

    def attempt(self, request, before):
        """Call a function; what came of it."""
        candidate = Candidate(self.names[request["name"]])
        stand_ins = {name: self.asking(name) for name in request["stand_ins"]}
        rest = request["rest"]
        try:
            outcome = candidate.attempt(
                before,
                stand_ins,
                observe=lambda function, **inputs: function(*rest, **inputs),
                limit=request["limit"],
                measured=request["measured"],
                given=request["inputs"],
            )
        except NotImplementedError as error:
            return {"unwritten": str(error)}
        reply = {name: getattr(outcome, name) for name in ("answer", "said", "problem", "warned")}
        reply |= {"used": sorted(outcome.used), "seconds": outcome.seconds, "peak": outcome.peak}
        reply["generators"] = {
            name: value
            for name, value in request["inputs"].items()
            if isinstance(value, np.random.Generator)
        }
        return reply | {"raised": error_written(outcome.raised) if outcome.raised else None}

    def asking(self, what):
        """A function that has the judge do the work."""

        def ask(*args, **kwargs):
            self.line.send(pack({"ask": what, "args": args, "kwargs": kwargs}))
            reply = unpack(self.line.receive())
            if "raised" in reply:
                raise error_read(*reply["raised"])
            return reply["answer"]

        return unwatched(ask)


def error_written(error):
    """An exception's class and message, to be sent."""
    return (type(error).__name__, str(error))


def error_read(name, message):
    """An exception of Python's or of linear algebra; any other is a `RuntimeError`."""
    known = getattr(builtins, name, None) or getattr(np.linalg, name, None)
    if isinstance(known, type) and issubclass(known, Exception):
        try:
            return known(message)
        except TypeError:  # it wants more than a message
            pass
    return RuntimeError(f"{name}: {message}")
