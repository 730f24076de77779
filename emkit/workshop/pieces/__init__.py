"""The pieces of each assignment: one package an assignment, one module a piece."""
