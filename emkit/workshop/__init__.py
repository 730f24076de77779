"""Where a learner's pieces go: `check` judges, `gaussian_mixture` assembles."""

from emkit.workshop.assembly import gaussian_mixture
from emkit.workshop.check import check
from emkit.workshop.failure import CheckFailed
from emkit.workshop.question import ask

__all__ = ["CheckFailed", "ask", "check", "gaussian_mixture"]
