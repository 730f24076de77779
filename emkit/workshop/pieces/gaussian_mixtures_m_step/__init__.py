"""Assignment 04: the M-step of a Gaussian mixture."""

PIECES = ()
