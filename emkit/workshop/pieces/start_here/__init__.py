"""Assignment 00: work, check, hand in."""

PIECES = ()
