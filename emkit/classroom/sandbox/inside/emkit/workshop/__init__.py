"""The workshop as a hand-in sees it while it is graded: checks are the judge's, outside."""

from emkit import absent_in


def check(piece_id, candidate, seed=0, part=None):
    """A check outside of a marked cell counts for nothing here."""
    print(f"{piece_id}: checked in the marked cells while grading")


def ask(question_id, answer):
    """A question of a lesson counts for nothing here."""
    print(f"{question_id}: not asked while grading")


def keep(*functions):
    """Nothing is kept here."""
    print("Nothing is kept while a notebook is graded or validated.")


def kept(*piece_ids):
    """Nothing is kept here."""
    return {}


__getattr__ = absent_in(__name__)
