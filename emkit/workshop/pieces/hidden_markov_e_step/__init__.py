"""Assignment 09: forward–backward on a chain."""

PIECES = ()
