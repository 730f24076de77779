"""Judge a learner's piece: contract first, then properties, then values, case by case.

A check stops at the first failure. It then runs the piece's known mistakes on the same inputs; if
one of them gives what the learner's function gave, its sentence is part of the message.
"""

import functools
import os

import numpy as np

from emkit.workshop import catalogue
from emkit.workshop.bench.candidate import Candidate
from emkit.workshop.bench.contract import signature_problem
from emkit.workshop.bench.run import run
from emkit.workshop.compare import agree, answer_problem, parts_of
from emkit.workshop.failure import CheckFailed, describe_failure, listed
from emkit.workshop.piece import Question, where
from emkit.workshop.question import wrong

PARTS = (None, "ordinary", "hard")
PATIENCE = 5.0  # seconds that a case may take at least, however quick the right answer is
SLOWER = 100  # times as long as the right answer
passed = set()  # piece ids with their parts, since the kernel was started


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
    failed = failure(catalogue.find(piece_id), candidate, seed, part)
    if failed:
        raise failed
    passed.add((piece_id, part))
    grading = os.environ.get("NBGRADER_EXECUTION") == "autograde"
    print(f"{piece_id}: {'checks' if grading else 'visible checks'} passed")


def failure(piece, candidate, seed, part):
    """What `check` is to raise, or None. No frame of ours, where right answers are, hangs on it."""
    if isinstance(piece, Question):
        sentence = wrong(piece, candidate)
        return CheckFailed(piece.id, f"{sentence}\n{where(piece)}") if sentence else None
    try:
        check_piece(piece, candidate, seed, part)
    except CheckFailed as failed:
        failed.__context__ = None
        return failed.with_traceback(None)
    return None


def check_piece(piece, candidate, seed, part):
    """Raise `CheckFailed` at the first thing that is wrong with `candidate`."""

    def refuse(problem):
        raise CheckFailed(piece.id, f"{problem}\n{where(piece)}")

    stand_ins = catalogue.right_answers(before=piece)
    # A judge of hand-ins brings a candidate of its own, whose function is somewhere else.
    candidate = candidate if hasattr(candidate, "attempt") else Candidate(candidate)
    look = candidate.look(allowed=list(stand_ins))
    problem = signature_problem(piece.contract, look)
    if problem:
        refuse(problem)
    cases = [case for case in piece.cases(np.random.default_rng(seed)) if asked(case, part)]

    def attempt(case, limit=PATIENCE):
        return candidate.attempt(
            case.inputs, stand_ins, piece.without, piece.observe, limit, bool(case.room)
        )

    for case in cases:
        right = run(piece.correct, case.inputs, piece.observe)
        if right.raised and not case.raises:
            raise right.raised  # our own mistake, and no learner's
        try:
            outcome = attempt(case, max(PATIENCE, piece.patience, SLOWER * right.seconds))
        except NotImplementedError:
            refuse("it isn't written yet (it raises NotImplementedError).")
        used = outcome.used - set(piece.may_use)
        if used:
            refuse(
                f"it calls {listed(sorted(used))}. Writing this function is the exercise: "
                "use NumPy and SciPy's linear algebra."
            )
        if outcome.barred:
            refuse(
                f"it calls {listed(sorted(outcome.barred))}, which it is there to check: find "
                f"{piece.name} another way, so that each of the two can be wrong without the other."
            )
        problem = outcome.problem or answer_problem(piece, case, outcome, right)
        if look.variables and not (outcome.problem or outcome.raised):
            refuse(
                f"it reads {listed(look.variables)} from the notebook. What a function needs "
                "comes in as a parameter or is computed inside: in another notebook that variable "
                "is something else, or missing."
            )
        if not problem:
            continue
        explicable = not (outcome.problem or outcome.raised)
        mistake = recognise(piece, cases, case, outcome, right, attempt) if explicable else None
        ignored = look.ignored if explicable and not mistake else ()
        text = describe_failure(piece, case, outcome, problem, mistake, ignored)
        raise CheckFailed(piece.id, text, mistake and mistake.__name__)


def has_passed(piece):
    """Whether all parts of a piece have passed their checks since the kernel was started."""
    parts = {"hard" if c.hard else "ordinary" for c in piece.cases(np.random.default_rng(0))}
    return (piece.id, None) in passed or all((piece.id, part) in passed for part in parts)


def asked(case, part):
    """Whether a case belongs to the part that is judged."""
    return part is None or case.hard == (part == "hard")


def recognise(piece, cases, failing, outcome, right, attempt):
    """The mistake that gives the learner's answer on the failing case, and on most others too.

    A mistake that happens to be right on that case doesn't explain the failure. Of several the one
    that gives all digits explains it, or else the first. Of a tuple, the first thing that is wrong
    is explained if no mistake explains the whole.
    """
    failed = next(i for i, case in enumerate(cases) if case is failing)
    answers = [outcome.answer if i == failed else attempt(c).answer for i, c in enumerate(cases)]

    @functools.cache
    def theirs(mistake, i):
        return run(mistake, cases[i].inputs, piece.observe).answer

    def explaining(part):
        if agree(part(outcome.answer), part(right.answer), failing.rtol):
            return None  # the values are right, and something else is wrong

        def same(mistake, i, rtol=None):
            return agree(part(answers[i]), part(theirs(mistake, i)), rtol or cases[i].alike)

        def right_here(mistake):
            return agree(part(theirs(mistake, failed)), part(right.answer), failing.rtol)

        alike = [m for m in piece.mistakes if same(m, failed) and not right_here(m)]

        def nearness(mistake):
            often = sum(same(mistake, i) for i in range(len(cases)))
            return often, same(mistake, failed, rtol=1e-9)

        return max(alike, key=nearness, default=None)

    whole = explaining(lambda answer: answer)
    if whole or not (isinstance(outcome.answer, tuple) and isinstance(right.answer, tuple)):
        return whole
    if len(outcome.answer) != len(right.answer):
        return None
    for i, (_, answer, expected) in enumerate(parts_of(piece, outcome.answer, right.answer)):
        if not agree(answer, expected, failing.rtol):
            return explaining(lambda answer, i=i: answer[i : i + 1] if answer else None)
    return None
