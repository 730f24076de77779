"""Assignment 01: a mixture of binomials, from counting to EM."""

PIECES = ()
