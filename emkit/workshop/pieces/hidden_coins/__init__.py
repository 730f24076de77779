"""Assignment 01: a mixture of binomials, from counting to EM."""

from emkit.workshop.pieces.hidden_coins import (
    complete_data_mle,
    log_joint,
    log_likelihood,
    questions,
    responsibilities,
    score_of_biases,
    update,
)

PIECES = (
    complete_data_mle.PIECE,
    log_joint.PIECE,
    log_likelihood.PIECE,
    responsibilities.PIECE,
    score_of_biases.PIECE,  # which may call the one before
    update.PIECE,
    *questions.QUESTIONS,
)
