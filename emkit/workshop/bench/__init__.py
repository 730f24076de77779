"""The learner's bench: a function at work on one case, and what can be seen of it there.

Nothing here knows a right answer, so that a sandbox may hold it: `agent` runs a learner's functions
there for a judge outside.
"""
