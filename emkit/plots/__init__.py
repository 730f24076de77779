"""Pictures of the course, one module a kind. Each function draws on `ax` and returns it."""

from emkit.plots.board import board
from emkit.plots.bound import lower_bound
from emkit.plots.chain import state_ribbons, transition_matrix
from emkit.plots.look import colours, use_style
from emkit.plots.mixture import ellipses, responsibilities, soft_scatter
from emkit.plots.segments import profiles
from emkit.plots.stepper import stepper
from emkit.plots.topics import topics, topics_over_time
from emkit.plots.trace import restarts, trace
from emkit.plots.trellis import trellis

__all__ = [
    "board",
    "colours",
    "ellipses",
    "lower_bound",
    "profiles",
    "responsibilities",
    "restarts",
    "soft_scatter",
    "state_ribbons",
    "stepper",
    "topics",
    "topics_over_time",
    "trace",
    "transition_matrix",
    "trellis",
    "use_style",
]
