"""All pieces of the course by their ids."""

from emkit.workshop.piece import Piece
from emkit.workshop.pieces import gaussian_mixtures_e_step

PIECES = {piece.id: piece for module in (gaussian_mixtures_e_step,) for piece in module.PIECES}


def find(piece_id):
    """The piece of that id; `ValueError` if there is none."""
    if piece_id not in PIECES:
        raise ValueError(f"there is no piece {piece_id!r}; there are {', '.join(PIECES)}")
    return PIECES[piece_id]


def right_answers(besides):
    """Right answers of the same assignment's other pieces, by the functions' names."""
    number = besides.id.partition(".")[0]
    return {
        piece.name: piece.correct
        for piece in PIECES.values()
        if isinstance(piece, Piece) and piece is not besides and piece.id.startswith(number + ".")
    }
