"""Questions with a short answer: `check` grades them in assignments, `ask` helps in lessons."""

import math
from numbers import Real

from emkit.workshop import catalogue
from emkit.workshop.piece import where


def ask(question_id, answer):
    """Say at once whether an answer in a lesson is right, and if not, why. Nothing is graded.

    Parameters
    ----------
    question_id : str
        For example "03.by_hand".
    answer : str or float
        A letter or a number, as the question asks; three dots while you haven't answered.
    """
    question = catalogue.find(question_id)
    if answer is ...:
        print("Your turn: replace the three dots with your answer and run this cell.")
        return
    sentence = wrong(question, answer)
    print(f"{sentence} {where(question)}" if sentence else f"Right. {question.because}")


def wrong(question, answer):
    """None for the right answer, else a sentence that helps."""
    if isinstance(question.right, str):
        letters = sorted([question.right, *question.reasons])
        letter = answer.strip().strip("()").lower() if isinstance(answer, str) else answer
        if letter not in letters:
            return f"Your answer is {answer!r}, expected one of {', '.join(map(repr, letters))}."
        return None if letter == question.right else f"Not ({letter}). {question.reasons[letter]}"
    if isinstance(answer, bool) or not isinstance(answer, Real):
        return f"Your answer is {answer!r}, expected a number."
    if math.isclose(answer, question.right, rel_tol=0.01):
        return None
    for value, reason in question.reasons.items():
        if math.isclose(answer, value, rel_tol=0.01):
            return f"Not {answer}. {reason}"
    return f"Not {answer}. The hints above help."
