"""Assignment 10: Baum–Welch and Viterbi."""

PIECES = ()
