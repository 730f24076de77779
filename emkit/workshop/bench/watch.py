"""Call a learner's function while looking: at whose code runs, and at the clock."""

import functools
import signal
import sys
import threading
from contextlib import contextmanager

BENCH = __name__.removesuffix("watch")  # has no answers; what is printed comes through it
# What the course is there to write: modules whose code no piece may run, by their public names.
OFF_LIMITS = {
    "emkit": "emkit",
    # Off limits also where emkit is a tool: the answers to compare with, the data held out.
    "emkit.workshop.pieces.capstone": "the answer that yours is compared with",
    "emkit.datasets": "emkit.datasets",
    "sklearn": "scikit-learn",
    "hmmlearn": "hmmlearn",
    "pomegranate": "pomegranate",
    "scipy.stats._multivariate": "scipy.stats.multivariate_normal and its kind",
}


def watched(function, used):
    """`function`, adding to the set `used` the off-limits packages whose code runs in a call."""

    def notice(frame, event, _):
        module = frame.f_globals.get("__name__") or ""
        if event == "call" and not module.startswith(BENCH):
            used.update(off_limits(module))

    def call(*args, **kwargs):
        before = sys.getprofile()
        sys.setprofile(notice)
        try:
            return function(*args, **kwargs)
        finally:
            sys.setprofile(before)

    return call


def off_limits(module):
    """The public name, in a list, of what a module belongs to if that is off limits."""
    return [
        public
        for name, public in OFF_LIMITS.items()
        if module == name or module.startswith(name + ".")
    ]


def unwatched(answer):
    """`answer`, run without being noticed by `watched`: it is ours, not the learner's."""

    @functools.wraps(answer)
    def stand_in(*args, **kwargs):
        watcher = sys.getprofile()
        sys.setprofile(None)
        try:
            return answer(*args, **kwargs)
        finally:
            sys.setprofile(watcher)

    return stand_in


class TooSlow(BaseException):
    """The time is up. No `Exception`, so that a learner's `except Exception` doesn't stop it."""


@contextmanager
def at_most(seconds):
    """Stop what runs inside after a time, by the system's alarm where there is one."""
    possible = (
        seconds is not None
        and hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
    )
    if not possible:
        yield
        return

    def ring(*_):
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
