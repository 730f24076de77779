"""The verdict: test cells run here, in the grading process; learners' code runs somewhere else.

What a test cell calls is on the other end of a line, and only plain values come back. So whatever a
hand-in does to its own kernel, it can't touch the check, its seeds or its right answers.
"""

import ast
import builtins
import contextlib
import ctypes
import io
import threading
import time

from nbformat.v4 import new_output
from numpy.random import Generator

from emkit.workshop.bench.agent import error_read, error_written
from emkit.workshop.bench.candidate import noting
from emkit.workshop.bench.contract import Look
from emkit.workshop.bench.line import Closed, Hung
from emkit.workshop.bench.parcel import Unreadable, pack, unpack
from emkit.workshop.bench.run import Outcome, call, fresh, in_a_sentence
from emkit.workshop.bench.watch import TooSlow

GRACE = 10.0  # seconds that an answer may take beyond the function's own limit
WITHOUT_LIMIT = 60.0  # seconds for a call that has no limit of its own
LONGEST = 4000  # characters of a sentence from the other side


class Lost(Exception):
    """The kernel of the hand-in can't be reached any more."""


class Court:
    """The names of a test cell: what it imports is here, all others are the learner's.

    Parameters
    ----------
    imports : list of str
        Import statements that tests rely on.
    """

    def __init__(self, imports):
        self.imports = {}
        for statement in imports:
            with contextlib.suppress(ImportError):
                exec(statement, self.imports)

    def try_cell(self, source, line):
        """Run a test cell with the learner's names at the other end of a line; its outputs."""
        names = Names(line, self.imports)
        outputs, printed = [], io.StringIO()
        with contextlib.redirect_stdout(printed):
            try:
                result = run_cell(source, names)
            except KeyboardInterrupt:  # whoever grades wants to stop
                raise
            except BaseException as error:  # pytest's outcomes, for example, are no `Exception`
                outputs = [error_output(error)]
            else:
                if result is not None:
                    data = {"text/plain": repr(result)}
                    outputs = [new_output("execute_result", data=data)]
        if printed.getvalue():
            outputs.insert(0, new_output("stream", name="stdout", text=printed.getvalue()))
        return outputs


class Names(dict):
    """Names of a test cell; those that it doesn't have are looked up in the learner's notebook."""

    def __init__(self, line, names):
        super().__init__(names)
        self.line = line

    def __missing__(self, name):
        if hasattr(builtins, name):
            raise KeyError(name)
        examinee = Examinee(name, self.line)
        reply = examinee.ask({"do": "look", "name": name, "allowed": []})
        if reply.get("missing"):
            raise KeyError(name)
        return reply.get("value", examinee)


class Examinee:
    """A learner's function, called over a line. A check deals with it as with a `Candidate`."""

    def __init__(self, name, line):
        self.__name__, self.line = name, line
        self.parameters = None

    def __call__(self, *args, **kwargs):
        """Call it; what it raises is raised."""
        outcome = self.call(args, kwargs)
        if outcome.problem:
            raise RuntimeError(outcome.problem)
        if outcome.raised:
            raise outcome.raised
        return outcome.answer

    def look(self, allowed=()):
        """See `Candidate.look`."""
        reply = self.ask({"do": "look", "name": self.__name__, "allowed": list(allowed)})
        names = reply.get("parameters")
        self.parameters = list(map(str, names)) if isinstance(names, list) else None
        return Look(
            text(reply.get("description")),
            reply.get("callable") is True,
            self.parameters,
            texts(reply.get("variables")),
            texts(reply.get("ignored")),
        )

    def attempt(self, inputs, stand_ins, barred=(), observe=call, limit=None, measured=False):
        """See `Candidate.attempt`."""
        outcomes, called = [], set()
        for name in barred:
            stand_ins = stand_ins | {name: noting(name, stand_ins[name], called)}

        def function(*args, **kwargs):
            left = limit and limit - sum(outcome.seconds for outcome in outcomes)
            outcome = self.call(args, kwargs, stand_ins, left, measured)
            outcomes.append(outcome)
            if outcome.problem:
                raise Stopped
            if outcome.raised:
                raise outcome.raised
            return outcome.answer

        answer = raised = None
        said = ""
        try:
            answer = observe(function, **{name: fresh(value) for name, value in inputs.items()})
        except Stopped:
            pass
        except (NotImplementedError, Lost):
            raise
        except Exception as error:
            raised = error
            theirs = [outcome.said for outcome in outcomes if outcome.raised is error]
            said = theirs[0] if theirs else in_a_sentence(error)
        return Outcome(
            answer,
            raised,
            said,
            outcomes[-1].problem if outcomes else None,
            " ".join(dict.fromkeys(outcome.warned for outcome in outcomes if outcome.warned)),
            frozenset().union(*(outcome.used for outcome in outcomes)),
            frozenset(called),
            sum(outcome.seconds for outcome in outcomes),
            max((outcome.peak for outcome in outcomes), default=0),
        )

    def call(self, args, kwargs, stand_ins=None, limit=None, measured=False):
        """Call it once; the outcome."""
        names = self.parameters or []
        inputs = dict(zip(names, args, strict=False)) | kwargs
        request = {
            "do": "call",
            "name": self.__name__,
            "inputs": inputs,
            "rest": args[len(names) :],
            "stand_ins": list(stand_ins or ()),
            "limit": limit,
            "measured": measured,
        }
        began = time.monotonic()
        reply = self.ask(request, stand_ins, (limit or WITHOUT_LIMIT) + GRACE)
        passed = time.monotonic() - began
        if "unwritten" in reply:
            raise NotImplementedError(text(reply["unwritten"]))
        put_forward(inputs, reply.get("generators"))
        raised = reply.get("raised")
        seconds, peak = reply.get("seconds"), reply.get("peak")
        return Outcome(
            reply.get("answer"),
            error_read(*map(text, raised)) if isinstance(raised, tuple) else None,
            text(reply.get("said")),
            text(reply.get("problem")) or None,
            text(reply.get("warned")),
            frozenset(texts(reply.get("used"))),
            seconds=seconds if isinstance(seconds, float) and 0 <= seconds <= passed else passed,
            peak=peak if isinstance(peak, int) else 0,
        )

    def ask(self, request, stand_ins=None, seconds=WITHOUT_LIMIT):
        """Send a request; answer what the other side asks meanwhile; its reply, a dict."""
        made, end = [], time.monotonic() + seconds
        try:
            self.line.send(pack(request, made))
            while True:
                reply = unpack(self.line.receive(end - time.monotonic()), given=made)
                if not isinstance(reply, dict):
                    raise Unreadable("no reply")
                if "ask" not in reply:
                    return reply
                with within(end - time.monotonic()):
                    answer = answered(reply, made, stand_ins or {})
                self.line.send(answer)
        except (Hung, TooSlow):
            raise Lost(f"{self.__name__} doesn't come back; its kernel was stopped.") from None
        except Closed:
            raise Lost(
                f"The kernel ended while {self.__name__} was tried. Does it take all the memory, "
                "or end the program?"
            ) from None
        except Unreadable:
            raise Lost(f"What {self.__name__} returned couldn't be read.") from None


def put_forward(inputs, generators):
    """Draw on where the learner's function stopped: bring generators to the state that it left."""
    for name, there in (generators if isinstance(generators, dict) else {}).items():
        if isinstance(there, Generator) and isinstance(inputs.get(name), Generator):
            inputs[name].bit_generator.state = there.bit_generator.state


class Stopped(Exception):
    """A call that has a problem ends what was observed."""


def answered(reply, made, stand_ins):
    """What one of our functions gives for what the other side asked, to be sent."""
    what, args, kwargs = reply["ask"], reply.get("args"), reply.get("kwargs")
    try:
        function = stand_ins[what] if isinstance(what, str) else made[what]
        return pack({"answer": function(*args, **kwargs)})
    except Exception as error:  # for the learner's function to see, as if it had called it
        return pack({"raised": error_written(error)})


@contextlib.contextmanager
def within(seconds):
    """Raise `TooSlow` in this thread, which needn't be the main one, when the time is up."""
    here, lock, left = threading.get_ident(), threading.Lock(), False

    def ring():
        with lock:
            if not left:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(here), ctypes.py_object(TooSlow)
                )

    timer = threading.Timer(max(seconds, 0), ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            left = True


def text(value):
    """A text from the other side, cut where it is too long; anything else is none."""
    return value[:LONGEST] if isinstance(value, str) else ""


def texts(values):
    """A tuple of texts from the other side."""
    return tuple(map(text, values[:100])) if isinstance(values, list | tuple) else ()


def run_cell(source, names):
    """Run source with a notebook cell's meaning: the value of an expression at its end."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<test>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<test>", "eval"), names) if last else None


def error_output(error):
    """An exception as a cell's output: its message, and no line of a test."""
    name, message = type(error).__name__, text(str(error))
    if isinstance(error, AssertionError) and not message:
        message = "a check of this cell doesn't hold"
    lines = [f"{name}: {message}"]
    if hasattr(error, "_render_traceback_"):
        lines = error._render_traceback_()
    return new_output("error", ename=name, evalue=message, traceback=lines)
