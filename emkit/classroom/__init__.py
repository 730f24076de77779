"""The classroom: release, hand in, grade, report; nbgrader does the work, emkit what it lacks."""
