"""Assignment 11: statistics that add, priors, acceleration."""

PIECES = ()
