"""Assignment 12: a whole analysis, of customers or of spoken digits."""

from emkit.workshop.pieces.capstone import (
    fit_customers,
    fit_digits,
    model_customers,
    model_digits,
    questions,
    recognise_digits,
    segment_customers,
)

PIECES = (
    fit_customers.PIECE,
    model_customers.PIECE,
    segment_customers.PIECE,
    fit_digits.PIECE,
    model_digits.PIECE,
    recognise_digits.PIECE,
    *questions.QUESTIONS,
)
