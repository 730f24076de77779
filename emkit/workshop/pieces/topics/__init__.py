"""Assignment 08: pLSA on sparse counts."""

PIECES = ()
