"""A learner's function in this process, as a check deals with it."""

import functools
from dataclasses import replace

from emkit.workshop.bench.contract import look_at, standing_in
from emkit.workshop.bench.run import call, run


class Candidate:
    """A function (or whatever else came) that a check can look at and try.

    Where grading keeps learners' code out of its own process, `emkit.classroom.judge` has another
    with these two methods.
    """

    def __init__(self, function):
        self.function = function

    def look(self, allowed=()):
        """See `look_at`."""
        return look_at(self.function, allowed)

    def attempt(
        self, inputs, stand_ins, barred=(), observe=call, limit=None, measured=False, given=None
    ):
        """Run it on inputs; the outcome.

        Parameters
        ----------
        inputs : dict
            Arguments by name.
        stand_ins : dict of callable
            What the learner's other functions of these names are meanwhile.
        barred : sequence of str
            Which of them it may not call.
        observe, limit, measured, given
            See `run`.

        Raises
        ------
        NotImplementedError
            If the function does: it is still the stub.
        """
        called = set()
        for name in barred:
            stand_ins = stand_ins | {name: noting(name, stand_ins[name], called)}
        with standing_in(self.function, stand_ins):
            outcome = run(self.function, inputs, observe, limit, measured, given)
        return replace(outcome, barred=frozenset(called))


def noting(name, function, called):
    """`function`, adding `name` to the set `called` when it is called."""

    @functools.wraps(function)
    def noted(*args, **kwargs):
        called.add(name)
        return function(*args, **kwargs)

    return noted
