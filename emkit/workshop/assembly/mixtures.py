"""Mixtures made of a learner's pieces: of Gaussians, of coins, of answers."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import logsumexp

from emkit import families
from emkit.mixture import BinomialMixture, GaussianMixture, LatentClass, MixtureParams
from emkit.numerics import normalise_rows
from emkit.workshop.assembly.assembled import Assembled
from emkit.workshop.assembly.pieces import Pieces
from emkit.workshop.pieces.gaussian_mixtures_e_step.mixtures import joint_of_components


@dataclass(frozen=True)
class AssembledMixture(Assembled):
    """An assembled model that can say to which component a row belongs."""

    def responsibilities(self, params, data):
        """p(z_i = j | x_i), (n, k), by the learner's pieces."""
        _, (_, resp) = self.expect(params, self.read(data))
        return resp

    def predict(self, params, data):
        """The likeliest component of each row, (n,) integers, the lower one at a tie."""
        return self.responsibilities(params, data).argmax(axis=1)


def gaussian_mixture(
    n_components,
    *,
    start="random points",
    log_gaussian=None,
    log_joint=None,
    responsibilities=None,
    log_likelihood=None,
    update_weights=None,
    update_means=None,
    update_covariances=None,
    update_tied_covariance=None,
    m_step=None,
):
    """A mixture of Gaussians of your pieces of assignments 03 and 04.

    Parameters
    ----------
    n_components : int
    start : str
        How a fit begins, as in `emkit.GaussianMixture`.
    log_gaussian, log_joint, responsibilities, log_likelihood : callable, optional
        Your functions of assignment 03. What you leave out is filled in; a later piece that is
        filled in is made of your earlier ones.
    update_weights, update_means, update_covariances, m_step : callable, optional
        Your functions of assignment 04, likewise.
    update_tied_covariance : callable, optional
        In the place of `update_covariances`: all components share its covariance.

    Returns
    -------
    model : a model for `emkit.fit`

    Raises
    ------
    ValueError
        While fitting, if a piece gives something of another form than its contract says.
    emkit.ObjectiveFell
        While fitting, if the log-likelihood falls; the message names the pieces to suspect.
    """
    engine = GaussianMixture(n_components, start=start)
    pieces = Pieces()
    density = pieces.take("03.log_gaussian", log_gaussian)
    joint = pieces.take("03.log_joint", log_joint, partial(joint_of_components, density))
    shares, total = e_step_pieces(pieces, "03", joint, responsibilities, log_likelihood)
    new_weights = pieces.take("04.update_weights", update_weights)
    new_means = pieces.take("04.update_means", update_means)
    tied = pieces.take("04.update_tied_covariance", update_tied_covariance)
    new_covariances = pieces.take("04.update_covariances", update_covariances)

    def three_updates(X, resp):
        means = new_means(X, resp)
        if update_tied_covariance is None:
            covariances = new_covariances(X, resp, means)
        else:
            covariances = np.stack([tied(X, resp, means)] * n_components)
        return new_weights(resp), means, covariances

    maximise = pieces.take("04.m_step", m_step, three_updates)

    def expect(params, X):
        values = X, params.weights, params.components.means, params.components.covariances
        return total(*values), (X, shares(*values))

    def maximised(found, params):
        weights, means, covariances = maximise(*joined(found))
        return MixtureParams(weights, families.GaussianComponents(means, covariances))

    return AssembledMixture(engine, engine.family.prepare, expect, maximised, pieces)


def binomial_mixture(
    n_components, *, log_joint=None, log_likelihood=None, responsibilities=None, update=None
):
    """A mixture of coins, of rows (heads, flips), of your pieces of assignment 01.

    Parameters
    ----------
    n_components : int
    log_joint, log_likelihood, responsibilities, update : callable, optional
        Your functions of assignment 01. What you leave out is filled in; a later piece that is
        filled in is made of your earlier ones.

    Returns
    -------
    model : a model for `emkit.fit`, whose data are (n, 2) integers: heads and flips of each row

    Raises
    ------
    ValueError, emkit.ObjectiveFell
        While fitting, as in `gaussian_mixture`.
    """
    engine = BinomialMixture(n_components)
    pieces = Pieces()
    joint = pieces.take("01.log_joint", log_joint)
    shares, total = e_step_pieces(pieces, "01", joint, responsibilities, log_likelihood)
    maximise = pieces.take("01.update", update)

    def expect(params, X):
        heads, flips = X.T.astype(int)
        values = heads, flips, params.weights, params.components.biases
        return total(*values), (X, shares(*values))

    def maximised(found, params):
        X, resp = joined(found)
        weights, biases = maximise(*X.T.astype(int), resp)
        return MixtureParams(weights, families.BinomialComponents(biases))

    return AssembledMixture(engine, engine.family.prepare, expect, maximised, pieces)


def latent_classes(
    n_components,
    n_categories,
    smoothing=0.0,
    *,
    log_joint=None,
    responsibilities=None,
    m_step=None,
):
    """Latent classes of answers of your pieces of assignment 07.

    Parameters
    ----------
    n_components, n_categories : int
    smoothing : float
        The count that your `m_step` is told to add to every answer.
    log_joint, responsibilities, m_step : callable, optional
        Your functions of assignment 07. What you leave out is filled in; `responsibilities` that
        are filled in are made of your `log_joint`.

    Returns
    -------
    model : a model for `emkit.fit`, whose data are (n, m) answers, -1 where one is missing

    Raises
    ------
    ValueError, emkit.ObjectiveFell
        While fitting, as in `gaussian_mixture`.
    """
    engine = LatentClass(n_components, n_categories, smoothing)
    pieces = Pieces()
    joint = pieces.take("07.log_joint", log_joint)
    shares, total = e_step_pieces(pieces, "07", joint, responsibilities)
    maximise = pieces.take("07.m_step", m_step)

    def expect(params, Y):
        values = Y, params.weights, params.components.probs
        return total(*values), (Y, shares(*values))

    def maximised(found, params):
        weights, probs = maximise(*joined(found), n_categories, smoothing)
        return MixtureParams(weights, families.CategoricalComponents(probs))

    return AssembledLatentClasses(engine, engine.family.prepare, expect, maximised, pieces)


@dataclass(frozen=True)
class AssembledLatentClasses(AssembledMixture):
    """Latent classes, whose smoothing is a prior."""

    def log_prior(self, params):
        """Log-density of the smoothing's Dirichlet prior."""
        return self.engine.log_prior(params)


def e_step_pieces(pieces, number, joint, responsibilities, log_likelihood=None):
    """Responsibilities and log-likelihood: the learner's, or made of the log-joint."""

    def shares(*args):
        return normalise_rows(joint(*args))[0]

    def total(*args):
        return logsumexp(joint(*args), axis=1).sum()

    if log_likelihood is not None:
        total = pieces.take(f"{number}.log_likelihood", log_likelihood)
    return pieces.take(f"{number}.responsibilities", responsibilities, shares), total


def joined(found):
    """The rows and responsibilities of all parts."""
    rows, resp = zip(*found, strict=True)
    return np.concatenate(rows), np.concatenate(resp)
