"""Assignment 02: entropy, the lower bound and what it leaves out."""

PIECES = ()
