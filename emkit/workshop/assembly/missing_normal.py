"""A multivariate normal with gaps, made of a learner's pieces."""

import numpy as np

from emkit.missing import NormalParams
from emkit.normal import MultivariateNormal
from emkit.workshop.assembly.assembled import Assembled
from emkit.workshop.assembly.pieces import Pieces


def missing_normal(
    *, conditional_normal=None, e_step=None, m_step=None, observed_log_likelihood=None
):
    """A multivariate normal, of (n, d) rows with NaN in the gaps, of your pieces of assignment 06.

    Parameters
    ----------
    conditional_normal, e_step, m_step, observed_log_likelihood : callable, optional
        Your functions of assignment 06. What you leave out is filled in; an `e_step` that is
        filled in is made of your `conditional_normal`, row by row.

    Returns
    -------
    model : a model for `emkit.fit`

    Raises
    ------
    ValueError, emkit.ObjectiveFell
        While fitting, as in `gaussian_mixture`.
    """
    engine = MultivariateNormal()
    pieces = Pieces()
    condition = pieces.take("06.conditional_normal", conditional_normal)

    def row_by_row(X, mean, covariance):
        rows = [condition(x, mean, covariance) for x in X]
        return np.array([filled for filled, _ in rows]), sum(extra for _, extra in rows)

    fill = pieces.take("06.e_step", e_step, row_by_row if conditional_normal else None)
    maximise = pieces.take("06.m_step", m_step)
    total = pieces.take("06.observed_log_likelihood", observed_log_likelihood)

    def expect(params, X):
        values = X, params.mean, params.covariance
        return total(*values), fill(*values)

    def maximised(found, params):
        filled, extra = zip(*found, strict=True)
        return NormalParams(*maximise(np.concatenate(filled), sum(extra)))

    def read(X):
        return np.array(X, dtype=float)

    return Assembled(engine, read, expect, maximised, pieces)
