"""The engine as scikit-learn estimators, for pipelines and grid searches.

Import it as `from emkit.sklearn import GaussianMixture`. It needs scikit-learn, 1.6 or newer;
nothing else in emkit does.
"""

import warnings

import numpy as np
from sklearn.base import BaseEstimator, DensityMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

import emkit
from emkit import selection
from emkit.convergence import relative_gain


class GaussianMixture(DensityMixin, BaseEstimator):
    """Mixture of Gaussians, fitted by `emkit.fit`.

    Parameters
    ----------
    n_components : int
    covariance_type : {'full', 'tied', 'diag', 'spherical'}
    tol : float
        The fit has converged once the last gain is at most `tol` times the size of the objective:
        a relative gain, where scikit-learn's own estimator takes the absolute gain of a row.
    max_iter : int
        Largest number of M-steps in a run.
    n_init : int
        Number of runs; the best one counts.
    start : {'random points', 'random responsibilities', 'k-means++', 'k-means'}
        How a run begins.
    random_state : int, numpy.random.RandomState or None
        An int makes every fit and every sample the same again.
    prior : NormalInverseWishart or callable, optional
        For maximum a posteriori; nothing is added to a covariance behind your back. A callable is
        given the rows (not their weights) and `n_components`, as `NormalInverseWishart.from_data`
        is, so that each fold of a search has a prior of its own.

    Attributes
    ----------
    weights_ : (k,) array
    means_ : (k, d) array
    covariances_ : (k, d, d), (d, d), (k, d) or (k,) array
        By `covariance_type`, in scikit-learn's shapes.
    converged_ : bool
    n_iter_ : int
        Number of M-steps of the best run.
    lower_bound_ : float
        Total log-likelihood of exactly these parameters, in nats; with a prior, plus its
        log-density.
    params_ : MixtureParams
        The same parameters as the engine's value, for `emkit.plots` and `emkit.storage`.
    n_features_in_ : int
    """

    def __init__(
        self,
        n_components=1,
        *,
        covariance_type="full",
        tol=1e-6,
        max_iter=500,
        n_init=1,
        start="random points",
        random_state=None,
        prior=None,
    ):
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.max_iter = max_iter
        self.n_init = n_init
        self.start = start
        self.random_state = random_state
        self.prior = prior

    def fit(self, X, y=None, sample_weight=None):
        """Fit the mixture to rows X (n, d), each counting `sample_weight` times; y is not used.

        Raises
        ------
        ValueError
            For bad data or options.
        emkit.Degeneracy
            If every run was degenerate, naming the component and what to do.
        """
        X = validate_data(self, X, dtype=np.float64, ensure_min_samples=2)
        if sample_weight is not None and not np.asarray(sample_weight).any():
            raise ValueError("sample_weight is zero everywhere, expected some above 0")
        fit = emkit.fit(
            self._model(X),
            X,
            sample_weight=sample_weight,
            converged=relative_gain(self.tol),
            max_iter=self.max_iter,
            n_init=self.n_init,
            rng=self._rng(),
        )
        if all(run.degenerate for run in fit.runs):
            raise emkit.Degeneracy(fit.reason)
        if fit.reason == "max_iter" and self.max_iter > 0:
            warnings.warn(
                f"not converged after max_iter = {self.max_iter} steps: raise max_iter or tol",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.params_ = fit.params
        self.weights_ = fit.params.weights
        self.means_ = fit.params.components.means
        self.covariances_ = fit.params.components.covariances
        self.converged_ = fit.reason == "converged"
        self.n_iter_ = len(fit.history) - 1
        self.lower_bound_ = float(fit.history[-1])
        return self

    def fit_predict(self, X, y=None, sample_weight=None):
        """Fit, and the likeliest component of each row, (n,)."""
        return self.fit(X, y, sample_weight).predict(X)

    def predict(self, X):
        """The likeliest component of each row, (n,) integers."""
        return self.predict_proba(X).argmax(axis=1)

    def predict_proba(self, X):
        """Responsibilities, (n, k); rows sum to 1."""
        model, X = self._fitted(X)
        return model.responsibilities(self.params_, X)

    def score_samples(self, X):
        """Log-density of each row, (n,)."""
        model, X = self._fitted(X)
        return model.log_density(self.params_, X)

    def score(self, X, y=None):
        """Mean log-density of a row, the higher the better; y is not used."""
        return float(self.score_samples(X).mean())

    def sample(self, n_samples=1):
        """Rows drawn from the fitted mixture, and the components that they came from."""
        check_is_fitted(self)
        return self._model(None).sample(self.params_, n_samples, self._rng())

    def aic(self, X):
        """Akaike's criterion on X; the smaller, the better."""
        log_likelihood = self.score_samples(X).sum()
        return selection.aic(log_likelihood, self._model(None).n_parameters(self.params_))

    def bic(self, X):
        """Bayesian criterion on X; the smaller, the better."""
        values = self.score_samples(X)
        n_parameters = self._model(None).n_parameters(self.params_)
        return selection.bic(values.sum(), n_parameters, len(values))

    def _model(self, X):
        """The engine's model; the prior, which only a fit needs, where there is X to fit to."""
        prior = None if X is None else self.prior
        if callable(prior):
            prior = prior(X, self.n_components)
        return emkit.GaussianMixture(
            self.n_components, self.covariance_type, prior, start=self.start
        )

    def _fitted(self, X):
        """Model and checked rows, for methods that need a fit."""
        check_is_fitted(self)
        return self._model(None), validate_data(self, X, dtype=np.float64, reset=False)

    def _rng(self):
        """A generator that an int as `random_state` determines."""
        return np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
