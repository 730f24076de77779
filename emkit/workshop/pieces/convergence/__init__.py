"""Assignment 05: stopping, starting and choosing."""

from emkit.workshop.pieces.convergence import (
    align_labels,
    best_of,
    bic,
    has_converged,
    kmeans_plus_plus,
    missing_information,
    n_parameters,
    questions,
    run_em,
)

PIECES = (
    has_converged.PIECE,
    run_em.PIECE,
    missing_information.PIECE,
    kmeans_plus_plus.PIECE,
    best_of.PIECE,
    align_labels.PIECE,
    n_parameters.PIECE,
    bic.PIECE,
    *questions.QUESTIONS,
)
