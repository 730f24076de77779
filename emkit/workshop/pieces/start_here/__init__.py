"""Assignment 00: work, check, hand in."""

from emkit.workshop.pieces.start_here import double, questions

PIECES = (
    double.PIECE,
    *questions.QUESTIONS,
)
