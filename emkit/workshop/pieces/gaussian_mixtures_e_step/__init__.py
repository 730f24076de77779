"""Assignment 03: the E-step of a Gaussian mixture, from one density to the responsibilities."""

from emkit.workshop.pieces.gaussian_mixtures_e_step import (
    hard_assign,
    log_gaussian,
    log_joint,
    log_likelihood,
    questions,
    responsibilities,
    soft_border,
)

PIECES = (
    log_gaussian.PIECE,
    log_joint.PIECE,
    responsibilities.PIECE,
    log_likelihood.PIECE,
    hard_assign.PIECE,
    soft_border.PIECE,
    *questions.QUESTIONS,
)
