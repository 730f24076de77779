"""Judge a learner's piece: contract first, then properties, then values, case by case.

A check stops at the first failure. It then runs the piece's known mistakes on the same inputs; if
one of them gives what the learner's function gave, its sentence is part of the message.
"""

import os

import numpy as np

from emkit.workshop import catalogue
from emkit.workshop.compare import agree, answer_problem
from emkit.workshop.contract import signature_problem, standing_in, variables_read
from emkit.workshop.failure import CheckFailed, describe_failure
from emkit.workshop.piece import Question, where
from emkit.workshop.question import wrong
from emkit.workshop.run import run

PARTS = (None, "ordinary", "hard")


def check(piece_id, candidate, seed=0, part=None):
    """Judge a piece and say so in a line, or raise `CheckFailed` with a message that helps.

    Parameters
    ----------
    piece_id : str
        For example "03.responsibilities".
    candidate : callable or str
        The learner's function, or the chosen letter where the piece is a question.
    seed : int
        Draws the cases; the same seed draws the same ones.
    part : {None, 'ordinary', 'hard'}
        Which of the cases to try; None tries all of them.

    Raises
    ------
    CheckFailed
        If the piece isn't right.
    ValueError
        If there is no such piece or part.
    """
    if part not in PARTS:
        raise ValueError(f"part is {part!r}, expected None, 'ordinary' or 'hard'")
    piece = catalogue.find(piece_id)
    if isinstance(piece, Question):
        sentence = wrong(piece, candidate)
        if sentence:
            raise CheckFailed(piece_id, f"{sentence}\n{where(piece)}")
    else:
        check_piece(piece, candidate, seed, part)
    grading = os.environ.get("NBGRADER_EXECUTION") == "autograde"
    print(f"{piece_id}: {'checks' if grading else 'visible checks'} passed")


def check_piece(piece, candidate, seed, part):
    """Raise `CheckFailed` at the first thing that is wrong with `candidate`."""

    def refuse(problem):
        raise CheckFailed(piece.id, f"{problem}\n{where(piece)}")

    problem = signature_problem(piece.contract, candidate)
    if problem:
        refuse(problem)
    cases = [case for case in piece.cases(np.random.default_rng(seed)) if asked(case, part)]
    others = catalogue.right_answers(besides=piece)
    variables = variables_read(candidate, allowed=others)
    used = set()

    def attempt(case):
        with standing_in(candidate, others):
            return run(candidate, case.inputs, used)

    for case in cases:
        try:
            outcome = attempt(case)
        except NotImplementedError:
            refuse("it isn't written yet (it raises NotImplementedError).")
        if used:
            refuse(
                f"it calls {' and '.join(sorted(used))}. Writing this function is the exercise: "
                "use NumPy and SciPy's linear algebra."
            )
        if variables and not outcome.problem:
            refuse(
                f"it reads {' and '.join(variables)} from the notebook. What a function needs "
                "comes in as a parameter or is computed inside: in another notebook that variable "
                "is something else, or missing."
            )
        if outcome.problem:
            text = describe_failure(piece, case, outcome, outcome.problem)
            raise CheckFailed(piece.id, text)
        problem = answer_problem(piece, case, outcome.answer)
        if problem:
            mistake = recognise(piece, cases, case, outcome, attempt)
            text = describe_failure(piece, case, outcome, problem, mistake)
            raise CheckFailed(piece.id, text, mistake and mistake.__name__)


def asked(case, part):
    """Whether a case belongs to the part that is judged."""
    return part is None or case.hard == (part == "hard")


def recognise(piece, cases, failing, outcome, attempt):
    """The mistake that gives the learner's answer on the failing case, and on most others too.

    A mistake that happens to be right on that case doesn't explain the failure.
    """
    if not isinstance(outcome.answer, np.ndarray | np.generic | float | int):
        return None
    answers = {id(case): attempt(case).answer for case in cases if case is not failing}
    answers[id(failing)] = outcome.answer

    def same(mistake, case):
        theirs = run(mistake, case.inputs, set()).answer
        return agree(answers[id(case)], theirs, case.alike)

    right = piece.correct(**failing.inputs)
    alike = [
        mistake
        for mistake in piece.mistakes
        if same(mistake, failing)
        and not agree(run(mistake, failing.inputs, set()).answer, right, failing.rtol)
    ]
    return max(alike, key=lambda m: sum(same(m, case) for case in cases), default=None)
