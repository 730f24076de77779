"""Assignment 04: the M-step of a Gaussian mixture, from the gradient of Q to all parameters."""

from emkit.workshop.pieces.gaussian_mixtures_m_step import (
    m_step,
    q_gradient_means,
    questions,
    update_covariances,
    update_means,
    update_tied_covariance,
    update_weights,
)

PIECES = (
    q_gradient_means.PIECE,
    update_weights.PIECE,
    update_means.PIECE,
    update_covariances.PIECE,
    update_tied_covariance.PIECE,
    m_step.PIECE,
    *questions.QUESTIONS,
)
