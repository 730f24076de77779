"""All pieces of the course by their ids."""

from itertools import takewhile

from emkit.workshop.piece import Piece
from emkit.workshop.pieces import (
    capstone,
    convergence,
    em_in_practice,
    gaussian_mixtures_e_step,
    gaussian_mixtures_m_step,
    hidden_coins,
    hidden_markov_e_step,
    hidden_markov_m_step,
    lower_bound,
    missing_data,
    segments,
    start_here,
    topics,
)

ASSIGNMENTS = (
    start_here,
    hidden_coins,
    lower_bound,
    gaussian_mixtures_e_step,
    gaussian_mixtures_m_step,
    convergence,
    missing_data,
    segments,
    topics,
    hidden_markov_e_step,
    hidden_markov_m_step,
    em_in_practice,
    capstone,
)
PIECES = {piece.id: piece for assignment in ASSIGNMENTS for piece in assignment.PIECES}


def find(piece_id):
    """The piece of that id; `ValueError` if there is none."""
    if piece_id not in PIECES:
        number = str(piece_id).partition(".")[0]
        near = [name for name in PIECES if name.startswith(number + ".")] or PIECES
        raise ValueError(f"there is no piece {piece_id!r}; there are {', '.join(near)}")
    return PIECES[piece_id]


def right_answers(before):
    """Right answers of the same assignment's earlier pieces, by the functions' names.

    Not of later ones: a piece that needs this one could give it away.
    """
    number = before.id.partition(".")[0]
    earlier = takewhile(lambda piece: piece is not before, PIECES.values())
    return {
        piece.name: piece.correct
        for piece in earlier
        if isinstance(piece, Piece) and piece.id.startswith(number + ".")
    }


def module_name(piece):
    """The name that the assignment's modules have, such as 'gaussian_mixtures_e_step'."""
    (name,) = (
        assignment.__name__.rpartition(".")[2]
        for assignment in ASSIGNMENTS
        if piece in assignment.PIECES
    )
    return name
