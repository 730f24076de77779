"""Assignment 10: Baum–Welch's M-step from many sequences, the best path, the long run."""

from emkit.workshop.pieces.hidden_markov_m_step import (
    q_gradient_logits,
    questions,
    stationary,
    update_gaussian,
    update_poisson,
    update_startprob,
    update_transmat,
    viterbi,
)

PIECES = (
    q_gradient_logits.PIECE,
    update_startprob.PIECE,
    update_transmat.PIECE,
    update_gaussian.PIECE,
    update_poisson.PIECE,
    viterbi.PIECE,
    stationary.PIECE,
    *questions.QUESTIONS,
)
