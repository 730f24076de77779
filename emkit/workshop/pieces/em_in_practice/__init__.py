"""Assignment 11: statistics that add, priors, acceleration, online EM."""

from emkit.workshop.pieces.em_in_practice import (
    batch_shares,
    m_step,
    map_weights,
    merge,
    partial_statistics,
    questions,
    squarem,
    stepwise,
)

PIECES = (
    partial_statistics.PIECE,
    merge.PIECE,
    m_step.PIECE,
    map_weights.PIECE,
    squarem.PIECE,
    stepwise.PIECE,
    batch_shares.PIECE,
    *questions.QUESTIONS,
)
