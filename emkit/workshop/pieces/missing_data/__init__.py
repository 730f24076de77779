"""Assignment 06: a multivariate normal with gaps."""

PIECES = ()
