"""Every mistake of every piece, handed in: it loses marks of its own cells and of no others.

The worked source runs once; then one answer at a time is made wrong and the marked cells run again.
`test_loop.py` goes the same way with nbgrader and real kernels, for fewer mistakes.
"""

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import pytest
from tiny_course import ROOT

from emkit.classroom.course import Course
from emkit.workshop import CheckFailed, catalogue
from emkit.workshop.bench.watch import unwatched
from emkit.workshop.piece import Piece

COURSE = Course(ROOT)
STEMS = [stem for stem in COURSE.stems if any(p[:2] == stem[:2] for p in catalogue.PIECES)]


class HandIn:
    """The worked source of an assignment after all its cells have run."""

    def __init__(self, stem):
        self.number = stem[:2]
        self.names = {"__name__": "__main__"}
        self.marked = {}
        for cell in nbformat.read(COURSE.source(stem), as_version=4).cells:
            if cell.cell_type != "code":
                continue
            run = compile(cell.source, f"<{cell.id}>", "exec")
            exec(run, self.names)
            if cell.metadata.get("nbgrader", {}).get("grade") and "check(" in cell.source:
                self.marked[cell.id] = (cell.source, run)
        plt.close("all")

    def failures(self, cells):
        """The cells of these that fail now."""
        failed = set()
        for name in cells:
            try:
                exec(self.marked[name][1], self.names)
            except CheckFailed:
                failed.add(name)
        return failed

    def cells_of(self, piece):
        """The marked cells of a piece."""
        return {name for name, (source, _) in self.marked.items() if f'"{piece.id}"' in source}

    def with_answer(self, piece, answer):
        """The hand-in's names with another answer in them; the one that was is returned."""
        before = self.names[piece.name]
        self.names[piece.name] = answer
        return before


# The tests of one assignment share its hand-in, so they stay on one worker.
@pytest.fixture(
    scope="module",
    params=[pytest.param(stem, marks=pytest.mark.xdist_group(stem)) for stem in STEMS],
)
def hand_in(request):
    with pytest.MonkeyPatch.context() as patch, mpl.rc_context():  # notebooks set the style
        patch.setenv("NBGRADER_EXECUTION", "validate")  # so that nothing is kept
        mpl.use("Agg")
        yield HandIn(request.param)


def pieces_of(hand_in):
    return [
        piece
        for piece in catalogue.PIECES.values()
        if isinstance(piece, Piece) and piece.id.startswith(hand_in.number)
    ]


def test_every_piece_is_marked_and_the_solution_passes(hand_in):
    for piece in pieces_of(hand_in):
        assert hand_in.cells_of(piece), f"{piece.id} has no marked cell in the assignment"
    assert not hand_in.failures(hand_in.marked)


def test_every_mistake_loses_marks_of_its_own_piece(hand_in):
    for piece in pieces_of(hand_in):
        for mistake in piece.mistakes:
            right = hand_in.with_answer(piece, unwatched(mistake))
            own = hand_in.failures(hand_in.cells_of(piece))
            hand_in.with_answer(piece, right)
            assert own, f"{piece.id}: {mistake.__name__} loses nothing"


def test_a_wrong_piece_costs_no_other_piece_anything(hand_in):
    for piece in pieces_of(hand_in):
        for mistake in piece.mistakes[:2]:
            right = hand_in.with_answer(piece, unwatched(mistake))
            failed = hand_in.failures(set(hand_in.marked) - hand_in.cells_of(piece))
            hand_in.with_answer(piece, right)
            assert not failed, f"{piece.id}: {mistake.__name__}"
