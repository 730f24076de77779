"""What a fit is worth after paying for its parameters."""

import numpy as np

from emkit import selection
from emkit.workshop.piece import Case, Piece, Returned, mistake


def bic(log_likelihood, n_parameters, n):
    """Bayesian information criterion; the smaller, the better.

    Parameters
    ----------
    log_likelihood : float
        Total over the data at its maximum, natural logarithm.
    n_parameters : int
        Number of free parameters.
    n : int
        Number of observations.

    Returns
    -------
    bic : float
        −2 · log-likelihood + n_parameters · ln n.
    """


def bic_cases(rng):
    """Negative and positive log-likelihoods, one observation, very many."""

    def case(what, log_likelihood, n_parameters, n):
        return Case(what, {"log_likelihood": log_likelihood, "n_parameters": n_parameters, "n": n})

    p = int(rng.integers(5, 12))
    return [
        case("a small fit", -float(rng.integers(50, 90)), p, 20),
        case("82 galaxies", -float(rng.uniform(190, 240)), p + 3, 82),
        case("a positive log-likelihood", float(rng.uniform(100, 500)), 4, 572),
        case("a single observation", -float(rng.uniform(1, 3)), 2, 1),
        case("a million observations", -float(rng.uniform(1e6, 2e6)), 95, 1_000_000),
        case("a log-likelihood of 0", 0.0, p, 30),
    ]


def correct_bic(log_likelihood, n_parameters, n):
    """The engine's."""
    return selection.bic(log_likelihood, n_parameters, n)


def parameters_cost(value, log_likelihood, n_parameters, n):
    """The penalty is not negative."""
    if value < -2 * log_likelihood - 1e-9 * max(1, abs(log_likelihood)):
        return "it is below −2 · log-likelihood, as if parameters were a gain instead of a price"
    return None


@mistake("The sign of the log-likelihood is wrong: a better fit must *lower* the criterion.")
def log_likelihood_added(log_likelihood, n_parameters, n):
    return 2 * log_likelihood + n_parameters * np.log(n)


@mistake("The whole criterion has the other sign. Some programs report it so; here the smaller is "
         "the better.")  # fmt: skip
def other_sign(log_likelihood, n_parameters, n):
    return -correct_bic(log_likelihood, n_parameters, n)


@mistake("This is half of BIC with the other sign, the larger the better, as some books write it. "
         "Here −2 times the log-likelihood comes first, and the smaller the better.")  # fmt: skip
def schwarz_form(log_likelihood, n_parameters, n):
    return log_likelihood - 0.5 * n_parameters * np.log(n)


@mistake("The parameters are subtracted. They are a price to pay, and the smaller is the better.")
def parameters_subtracted(log_likelihood, n_parameters, n):
    return -2 * log_likelihood - n_parameters * np.log(n)


@mistake("The log-likelihood comes without its factor of 2.")
def no_factor_two(log_likelihood, n_parameters, n):
    return -log_likelihood + n_parameters * np.log(n)


@mistake("The price of a parameter is ln n, not half of it: beside −2 · log-likelihood it counts "
         "in full.")  # fmt: skip
def penalty_halved(log_likelihood, n_parameters, n):
    return -2 * log_likelihood + 0.5 * n_parameters * np.log(n)


@mistake("The price of a parameter comes in twice.")
def penalty_doubled(log_likelihood, n_parameters, n):
    return -2 * log_likelihood + 2 * n_parameters * np.log(n)


@mistake("This is Akaike's criterion, with a price of 2 for each parameter. In BIC the price grows "
         "with the data.")  # fmt: skip
def akaike(log_likelihood, n_parameters, n):
    return selection.aic(log_likelihood, n_parameters)


@mistake("The price of a parameter is n. It is the *logarithm* of n.")
def price_without_logarithm(log_likelihood, n_parameters, n):
    return -2 * log_likelihood + n_parameters * n


@mistake("The logarithm is that to base 10. All logarithms of the course are natural.")
def base_ten(log_likelihood, n_parameters, n):
    return -2 * log_likelihood + n_parameters * np.log10(n)


@mistake("The logarithm is that to base 2. All logarithms of the course are natural.")
def base_two(log_likelihood, n_parameters, n):
    return -2 * log_likelihood + n_parameters * np.log2(n)


@mistake("Parameters and observations have changed places: each *parameter* costs ln n.")
def changed_places(log_likelihood, n_parameters, n):
    return -2 * log_likelihood + n * np.log(n_parameters)


@mistake("The log-likelihood is divided by n. It is the total over the data that counts.")
def mean_log_likelihood(log_likelihood, n_parameters, n):
    return -2 * log_likelihood / n + n_parameters * np.log(n)


PIECE = Piece(
    id="05.bic",
    contract=bic,
    correct=correct_bic,
    cases=bic_cases,
    returns=Returned("bic", "()"),
    properties=(parameters_cost,),
    mistakes=(
        log_likelihood_added,
        other_sign,
        schwarz_form,
        parameters_subtracted,
        no_factor_two,
        penalty_halved,
        penalty_doubled,
        akaike,
        price_without_logarithm,
        base_ten,
        base_two,
        changed_places,
        mean_log_likelihood,
    ),
    section="How many components?",
)
