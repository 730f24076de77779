"""The pieces of each assignment, one module an assignment."""
