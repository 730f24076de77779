"""A judge's verdicts over a line are those of a check in the learner's process, word for word.

Here the two sides are threads of one process; `tests/classroom` has them apart.
"""

import socket
import threading

import numpy as np
import pytest
from right_answers import RIGHT_ANSWERS

from emkit.classroom.judge import Examinee
from emkit.workshop import CheckFailed, catalogue, check
from emkit.workshop.bench.agent import Agent
from emkit.workshop.bench.line import Closed, Line
from emkit.workshop.bench.watch import unwatched
from emkit.workshop.piece import Piece

PIECES = [piece for piece in catalogue.PIECES.values() if isinstance(piece, Piece)]


@pytest.fixture
def names():
    """The learner's notebook."""
    return {}


@pytest.fixture
def line(names):
    """A line to an agent that has the learner's notebook."""
    ours, theirs = socket.socketpair()
    agent = Agent(Line(theirs), names)

    def serve():
        try:
            while True:
                agent.answer(agent.line.receive())
        except Closed:
            theirs.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield Line(ours)
    ours.close()
    thread.join(10)


def verdict(piece, candidate, seed=0):
    """What a check says: the message of its failure, or 'passed'."""
    try:
        check(piece.id, candidate, seed=seed)
    except CheckFailed as failed:
        return f"{failed.mistake}: {failed}"
    return "passed"


def here_and_there(piece, candidate, names, line):
    """The verdict in this process and over the line."""
    names[piece.name] = candidate
    return verdict(piece, candidate), verdict(piece, Examinee(piece.name, line))


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_verdicts_agree_on_every_mistake_and_right_answer(piece, names, line):
    most = 2 if piece.may_use else None  # a whole analysis takes a second
    for answer in RIGHT_ANSWERS[piece.id][:most]:
        assert here_and_there(piece, answer, names, line) == ("passed", "passed")
    for mistake in piece.mistakes[:most]:
        here, there = here_and_there(piece, unwatched(mistake), names, line)
        assert here == there
        assert here.startswith(mistake.__name__)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_the_stub_and_what_is_no_function_are_told_alike(piece, names, line):
    def wrong_parameters(first, second, third, fourth, fifth):
        return first

    for candidate in (piece.contract, wrong_parameters, 3.5, None, "b", [1, 2], np.ones((2, 3))):
        here, there = here_and_there(piece, candidate, names, line)
        assert here == there != "passed"
