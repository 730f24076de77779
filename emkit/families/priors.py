"""Conjugate priors whose log-density is part of the objective, with the mode that they give."""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, multigammaln, xlogy

from emkit.arguments import finite_array
from emkit.numerics import lower_cholesky


@dataclass(frozen=True)
class NormalInverseWishart:
    """Prior of Gaussian components: μ | Σ ~ N(mean, Σ / strength), Σ ~ IW(degrees, scale).

    For 'tied' the inverse Wishart is that of the one shared covariance. For 'diag' each feature
    has such a prior in one dimension, with the diagonal of `scale`; for 'spherical' the shared
    variance has, with the mean of the diagonal (Fraley and Raftery 2007, section 2).

    Parameters
    ----------
    mean : (d,) array
        In the units of the data.
    scale : (d, d) array
        Symmetric positive definite, in squared units.
    degrees : float
        Degrees of freedom, above d - 1 (above 0 for diag and spherical).
    strength : float
        How many observations the prior mean is worth; above 0.
    """

    mean: np.ndarray
    scale: np.ndarray
    degrees: float
    strength: float

    def __post_init__(self):
        mean = finite_array("mean", self.mean, 1, "(d,)")
        scale = finite_array("scale", self.scale, 2, "(d, d)")
        if scale.shape != (len(mean), len(mean)):
            raise ValueError(f"scale has shape {scale.shape}, expected {(len(mean),) * 2}")
        if lower_cholesky(scale) is None:
            raise ValueError(f"scale is not positive definite: {scale}")
        if not self.strength > 0:
            raise ValueError(f"strength is {self.strength}, expected a number above 0")
        if not self.degrees > 0:
            raise ValueError(f"degrees is {self.degrees}, expected a number above 0")
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "scale", scale)

    @classmethod
    def from_data(cls, X, n_components, strength=0.01):
        """The weak prior of Fraley and Raftery (2007): d + 2 degrees, scale cov(X) / k^(2/d).

        The covariance of X must be positive definite; otherwise choose a scale of your own.
        """
        X = finite_array("X", X, 2, "(n, d)")
        d = X.shape[1]
        covariance = np.atleast_2d(np.cov(X, rowvar=False, bias=True))
        return cls(X.mean(axis=0), covariance / n_components ** (2 / d), d + 2, strength)

    def scale_matrix(self, d):
        """The scale, after checking that the prior is for d features."""
        if len(self.mean) != d:
            raise ValueError(f"the prior is for {len(self.mean)} features, X has {d}")
        return self.scale

    def estimate(self, statistics, components, frozen=()):
        """Mode of the posterior (Murphy 2012, section 4.6.3; tied and spherical likewise)."""
        self.scale_matrix(components.means.shape[1])
        counts, kappa = statistics.counts, self.strength
        # From sums about the old means to the prior's pull: all in terms of the new means.
        pull = self.mean - components.means
        shift = (statistics.sums + kappa * pull) / (counts + kappa)[:, None]
        if "means" in frozen:
            shift = np.zeros_like(shift)
        means = components.means + shift
        if "covariances" in frozen:
            return type(components)(means, components.covariances, components.covariance_type)
        rest = pull - shift
        if statistics.second.ndim == 2:
            scatter = statistics.second - 2 * shift * statistics.sums + counts[:, None] * shift**2
            scatter = scatter + kappa * rest**2
        else:
            cross = shift[:, :, None] * statistics.sums[:, None, :]
            scatter = statistics.second - cross - cross.transpose(0, 2, 1)
            scatter = scatter + counts[:, None, None] * shift[:, :, None] * shift[:, None, :]
            scatter = scatter + kappa * rest[:, :, None] * rest[:, None, :]
        return type(components)(
            means,
            self.mode(scatter, counts, components.covariance_type),
            components.covariance_type,
        )

    def mode(self, scatter, counts, covariance_type):
        """Covariances that maximise the posterior, given the scatter about the means."""
        k, d = len(counts), len(self.mean)
        variances = np.diagonal(self.scale)
        if covariance_type == "full":
            return (self.scale + scatter) / (self.degrees + counts + d + 2)[:, None, None]
        if covariance_type == "tied":
            return (self.scale + scatter.sum(axis=0)) / (self.degrees + counts.sum() + k + d + 1)
        if covariance_type == "diag":
            return (variances + scatter) / (self.degrees + counts + 3)[:, None]
        return (variances.mean() + scatter.sum(axis=1)) / (self.degrees + counts * d + d + 2)

    def log_density(self, components):
        """Log-density of all components' means and covariances."""
        d = components.means.shape[1]
        self.scale_matrix(d)
        matrices = components.matrices()
        deviations = components.means - self.mean
        log_dets = np.linalg.slogdet(matrices)[1]
        squared = np.einsum(
            "ki,ki->k", deviations, np.linalg.solve(matrices, deviations[..., None])[..., 0]
        )
        normal = (
            -0.5
            * (d * np.log(2 * np.pi / self.strength) + log_dets + self.strength * squared).sum()
        )
        if components.covariance_type in ("full", "tied"):
            different = matrices if components.covariance_type == "full" else matrices[:1]
            return float(normal + sum(self.log_inverse_wishart(s, self.scale) for s in different))
        variances = components.covariances
        scale = np.diagonal(self.scale)
        if components.covariance_type == "spherical":
            scale = scale.mean()
        half = self.degrees / 2
        log_density = half * np.log(scale / 2) - gammaln(half) - (half + 1) * np.log(variances)
        return float(normal + (log_density - scale / (2 * variances)).sum())

    def log_inverse_wishart(self, sigma, scale):
        """Log-density of one covariance matrix."""
        d, nu = len(scale), self.degrees
        log_det_scale, log_det = np.linalg.slogdet(scale)[1], np.linalg.slogdet(sigma)[1]
        trace = np.trace(np.linalg.solve(sigma, scale))
        return (
            0.5 * nu * (log_det_scale - d * np.log(2))
            - multigammaln(nu / 2, d)
            - 0.5 * ((nu + d + 1) * log_det + trace)
        )


@dataclass(frozen=True)
class Dirichlet:
    """Dirichlet prior of probabilities that sum to 1 along their last axis; alpha = 1 is flat.

    Its density is taken beside the flat one's, which is constant: a flat prior adds 0.

    Parameters
    ----------
    alpha : float or array
        One number for all probabilities, or an array that broadcasts to them.

    Raises
    ------
    ValueError
        If an `alpha` is below 1: then the mode lies at a zero probability, out of EM's sight.
    """

    alpha: float | np.ndarray

    def __post_init__(self):
        try:
            alpha = np.asarray(self.alpha, dtype=float)
            sound = np.all((alpha >= 1) & (alpha < np.inf))
        except (TypeError, ValueError):
            sound = False
        if not sound:
            raise ValueError(
                f"alpha is {self.alpha!r}, expected a number of at least 1, or an array of them"
            )
        object.__setattr__(self, "alpha", alpha if alpha.ndim else float(alpha))

    @property
    def flat(self):
        """Whether it says nothing, so that the mode is the maximum likelihood estimate."""
        return bool(np.all(self.alpha == 1))

    def mode(self, counts, empty=None):
        """Counts as probabilities: the mode of the posterior along the last axis.

        Where the prior is flat, each row of counts is divided by its sum. A row that has neither
        counts nor a prior becomes that of `empty`, and uniform if there is none.
        """
        self.check_shape(counts.shape)
        raised = counts + (self.alpha - 1)
        totals = raised.sum(axis=-1, keepdims=True)
        rows = np.full_like(raised, 1 / raised.shape[-1] if empty is None else empty)
        return np.divide(raised, totals, out=rows, where=totals > 0)

    def log_density(self, probs):
        """Log-density, summed over all distributions along the last axis."""
        return float(np.sum(self.log_densities(probs)))

    def log_densities(self, probs):
        """Log-density of each distribution along the last axis."""
        self.check_shape(probs.shape)
        c = probs.shape[-1]
        alpha = np.broadcast_to(self.alpha, (*np.shape(self.alpha)[:-1], c))
        constant = gammaln(alpha.sum(axis=-1)) - gammaln(alpha).sum(axis=-1) - gammaln(c)
        return xlogy(self.alpha - 1, probs).sum(axis=-1) + constant

    def check_shape(self, shape):
        """Raise `ValueError` unless `alpha` is for probabilities of the shape."""
        try:
            np.broadcast_to(self.alpha, shape)
        except ValueError:
            raise ValueError(
                f"alpha has shape {np.shape(self.alpha)}, the probabilities have {shape}"
            ) from None


def check_dirichlet(name, prior):
    """Raise `ValueError` unless the prior is a `Dirichlet`."""
    if not isinstance(prior, Dirichlet):
        raise ValueError(f"{name} is {prior!r}, expected a Dirichlet")


@dataclass(frozen=True)
class Beta:
    """Beta prior of a probability; a = b = 1 is flat."""

    a: float
    b: float

    def __post_init__(self):
        if not (self.a >= 1 and self.b >= 1):
            raise ValueError(f"a and b are {self.a} and {self.b}, expected at least 1")

    def mode(self, successes, failures):
        """Mode of the posterior."""
        a, b = successes + self.a - 1, failures + self.b - 1
        return a / (a + b)

    def log_density(self, probs):
        """Log-density, summed over all probabilities."""
        constant = gammaln(self.a + self.b) - gammaln(self.a) - gammaln(self.b)
        values = xlogy(self.a - 1, probs) + xlogy(self.b - 1, 1 - probs) + constant
        return float(np.sum(values))


@dataclass(frozen=True)
class Gamma:
    """Gamma prior of a rate, with shape (at least 1) and rate (at least 0, in units of 1/rate)."""

    shape: float
    rate: float

    def __post_init__(self):
        if not (self.shape >= 1 and self.rate > 0):
            raise ValueError(
                f"shape and rate are {self.shape} and {self.rate}, expected at least 1 and above 0"
            )

    def mode(self, totals, counts):
        """Mode of the posterior, given the total of the counts and how many they are."""
        return (totals + self.shape - 1) / (counts + self.rate)

    def log_density(self, rates):
        """Log-density, summed over all rates."""
        constant = self.shape * np.log(self.rate) - gammaln(self.shape)
        return float(np.sum(xlogy(self.shape - 1, rates) - self.rate * rates + constant))
