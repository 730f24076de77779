"""Assignment 07: latent classes of customers and of answers, and recommending from them."""

from emkit.workshop.pieces.segments import (
    log_joint,
    m_step,
    n_parameters,
    predict_missing,
    q_gradient_logits,
    questions,
    recommend,
    responsibilities,
)

PIECES = (
    log_joint.PIECE,
    responsibilities.PIECE,
    q_gradient_logits.PIECE,
    m_step.PIECE,
    predict_missing.PIECE,
    recommend.PIECE,
    n_parameters.PIECE,
    *questions.QUESTIONS,
)
