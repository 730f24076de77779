"""The course's board: which pieces there are, which have passed, which are kept."""

from emkit.workshop import catalogue
from emkit.workshop.check import has_passed
from emkit.workshop.keep import names_in, path_of
from emkit.workshop.piece import Piece


def board(ax=None):
    """Draw all pieces of the course, assignment by assignment, and how far you are with each.

    A piece is 'kept' if `my_emkit/` has it, 'passed' if its check has passed since this notebook's
    kernel was started, and else still to do.

    Parameters
    ----------
    ax : matplotlib axes, optional

    Returns
    -------
    ax : matplotlib axes
    """
    from emkit import plots  # Matplotlib is slow to import

    return plots.board(progress(), ax=ax)


def progress():
    """Return for each assignment's title its pieces' names with 'kept', 'passed' or 'to do'."""
    rows = {}
    for assignment in catalogue.ASSIGNMENTS:
        pieces = [piece for piece in assignment.PIECES if isinstance(piece, Piece)]
        path = path_of(pieces[0])
        there = names_in(path)
        title = f"{pieces[0].id[:2]} {path.stem.replace('_', ' ')}"
        rows[title] = {piece.name: state(piece, there) for piece in pieces}
    return rows


def state(piece, there):
    """'kept', 'passed' or 'to do'."""
    if piece.name in there:
        return "kept"
    return "passed" if has_passed(piece) else "to do"
