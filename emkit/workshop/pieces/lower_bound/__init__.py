"""Assignment 02: entropy, the lower bound and what it leaves out."""

from emkit.workshop.pieces.lower_bound import (
    best_q,
    elbo,
    entropy,
    gap,
    kl_to_posterior,
    questions,
)

PIECES = (
    entropy.PIECE,
    elbo.PIECE,
    kl_to_posterior.PIECE,
    best_q.PIECE,
    gap.PIECE,
    *questions.QUESTIONS,
)
