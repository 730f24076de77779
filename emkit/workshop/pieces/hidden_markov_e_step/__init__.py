"""Assignment 09: forward–backward on a chain, and what its posteriors say."""

from emkit.workshop.pieces.hidden_markov_e_step import (
    backward,
    expected_visits,
    forward,
    questions,
    sequence_log_likelihood,
    state_posteriors,
    transition_posteriors,
)

PIECES = (
    forward.PIECE,
    backward.PIECE,
    state_posteriors.PIECE,
    transition_posteriors.PIECE,
    sequence_log_likelihood.PIECE,
    expected_visits.PIECE,
    *questions.QUESTIONS,
)
