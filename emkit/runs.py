"""What a fit hands back: the run from each start, and the best of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Run:
    """One run from one start: what it reached and why it stopped."""

    params: Any
    history: np.ndarray
    reason: str
    degenerate: bool = False

    @property
    def objective(self):
        """Log-likelihood plus log-prior of `params`; -inf if the start itself was degenerate."""
        return float(self.history[-1]) if len(self.history) else float("-inf")


@dataclass(frozen=True)
class Fit:
    """The best run, and all of them in `runs`.

    `history[i]` is the log-likelihood plus log-prior after i M-steps, and the last one belongs to
    `params`. `reason` is 'converged', 'max_iter', or the sentence that names a degeneracy.
    """

    params: Any
    history: np.ndarray
    reason: str
    runs: tuple[Run, ...]


def best_of(runs):
    """The `Fit` with the highest objective, a degenerate run only where there is no other."""
    sound = [run for run in runs if not run.degenerate] or runs
    best = max(sound, key=lambda run: run.objective)
    return Fit(best.params, best.history, best.reason, tuple(runs))
