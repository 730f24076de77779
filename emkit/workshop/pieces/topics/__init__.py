"""Assignment 08: topics of texts, on the words that occur."""

from emkit.workshop.pieces.topics import (
    em_step,
    fold_in,
    likelihood_gradient,
    log_likelihood,
    perplexity,
    questions,
    topic_posterior,
)

PIECES = (
    log_likelihood.PIECE,
    topic_posterior.PIECE,
    likelihood_gradient.PIECE,
    em_step.PIECE,
    perplexity.PIECE,
    fold_in.PIECE,
    *questions.QUESTIONS,
)
