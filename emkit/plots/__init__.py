"""Pictures of the course, one module a kind. Each function draws on `ax` and returns it."""

from emkit.plots.look import colours, use_style
from emkit.plots.mixture import ellipses, soft_scatter
from emkit.plots.trace import trace

__all__ = ["colours", "ellipses", "soft_scatter", "trace", "use_style"]
