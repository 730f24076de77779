"""Keep `kl_to_posterior` from being called by `gap`: the two are there to check each other.

While a piece is checked the catalogue's answers stand in for the learner's other functions, so it
is ours that a learner's `gap` would call, and ours can refuse.
"""

from contextlib import contextmanager
from contextvars import ContextVar

GAP_IS_JUDGED = ContextVar("GAP_IS_JUDGED", default=False)


class OffLimits(Exception):
    """A function was called where that is no answer."""


@contextmanager
def judging_gap():
    """While inside, `refuse_to_gap` raises."""
    token = GAP_IS_JUDGED.set(True)
    try:
        yield
    finally:
        GAP_IS_JUDGED.reset(token)


def refuse_to_gap():
    """Raise `OffLimits` if it is `gap` that is being judged."""
    if GAP_IS_JUDGED.get():
        raise OffLimits(
            "gap may not call kl_to_posterior. Come to it from the other side, from the "
            "log-likelihood and the bound, so that each of the two checks the other"
        )
