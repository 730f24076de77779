"""Assignment 06: a multivariate normal with gaps, from one row to EM's two steps."""

from emkit.workshop.pieces.missing_data import (
    conditional_normal,
    e_step,
    imputation_shrinkage,
    m_step,
    observed_log_likelihood,
    questions,
)

PIECES = (
    conditional_normal.PIECE,
    e_step.PIECE,
    m_step.PIECE,
    observed_log_likelihood.PIECE,
    imputation_shrinkage.PIECE,
    *questions.QUESTIONS,
)
