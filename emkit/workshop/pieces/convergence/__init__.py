"""Assignment 05: stopping, starting and choosing."""

PIECES = ()
