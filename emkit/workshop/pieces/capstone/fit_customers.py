"""Several runs of EM on customers' spending, each reported so that it can be checked."""

import numpy as np

from emkit.mixture import GaussianMixture
from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.capstone import customers
from emkit.workshop.pieces.capstone.customers import as_tuple, features
from emkit.workshop.pieces.capstone.runs import best_first, judged_runs
from emkit.workshop.pieces.capstone.verdicts import (
    PATIENCE,
    VERDICT,
    mixture_params,
    verdict_is_fine,
    verdict_on,
)


def fit_customers(spend, k, n_init, max_iter, rng):
    """Runs of EM for a mixture of Gaussians of customers' spending, from several starts.

    The observations of the mixture are the rows of np.log(spend + 100).

    Parameters
    ----------
    spend : (n, d) array
        What each customer spends in a year on each product, in monetary units; none below 0.
    k : int
        Number of components, each with a full covariance of its own.
    n_init : int
        Number of starts, each with its own run.
    max_iter : int
        Most M-steps of a run; with 0 the start is only evaluated.
    rng : numpy.random.Generator
        Where all chance comes from.

    Returns
    -------
    runs : list of (params, history, reason)
        One tuple for each of the `n_init` starts, the one with the highest final log-likelihood
        first. `params` is a tuple (weights, means, covariances) of shapes (k,), (k, d) and
        (k, d, d). `history` has the total log-likelihoods of the rows of np.log(spend + 100), that
        of the start first; the last one belongs to `params`. `reason` is 'converged' if the
        last gain is at most 1e-6 times the size of the last log-likelihood, else 'max_iter'; a
        run stops when the first of the two holds. A run in which a component collapses ends there:
        its reason is a sentence that says so, and it comes after those that didn't.

    Notes
    -----
    emkit may be used, and so may what you have kept.
    """


def fit_customers_cases(rng):
    """One Gaussian, then several; climbs that are cut short, and a start that is only evaluated."""

    def case(what, n, k, n_init, max_iter, **more):
        spend = rng.permutation(customers.wholesale().X)[:n]
        given = {"spend": spend, "k": k, "n_init": n_init, "max_iter": max_iter}
        return Case(what, {**given, "rng": np.random.default_rng(rng.integers(2**32))},
                    **more)  # fmt: skip

    return [
        case("60 customers and a single Gaussian, 2 starts", 60, 1, 2, 50),
        case("120 customers, 2 components, 3 starts", 120, 2, 3, 50),
        case("150 customers, 3 components, 3 starts", 150, 3, 3, 15),
        case("150 customers, 3 components, 4 starts of 4 M-steps at most", 150, 3, 4, 4, hard=True),
        case("100 customers and a single start that is only evaluated", 100, 2, 1, 0, hard=True),
        case("120 customers, 2 components, a single start", 120, 2, 1, 50, hard=True),
    ]  # fmt: skip


def judged(function, spend, k, n_init, max_iter, rng):
    """The runs that the function reports, held against their own parameters."""
    runs = function(spend, k, n_init, max_iter, rng)
    if runs is None:
        return None
    return verdict_on(
        lambda: judged_runs(
            runs, GaussianMixture(k), features(spend), mixture_params, n_init, max_iter
        )
    )


def correct_fit_customers(spend, k, n_init, max_iter, rng):
    """The engine's runs."""
    return reported(features(spend), k, n_init, max_iter, rng)


def reported(X, k, n_init, max_iter, rng, model=None):
    """The engine's runs on some features, best first, those that broke off last."""
    runs = best_first(model or GaussianMixture(k), X, n_init, max_iter, rng)
    return [(as_tuple(run.params), run.history.tolist(), run.reason) for run in runs]


@mistake("The mixture is one of the spending itself. Its observations are the rows of "
         "np.log(spend + 100), and so must be its parameters and its log-likelihoods.")  # fmt: skip
def raw_spend(spend, k, n_init, max_iter, rng):
    return reported(spend, k, n_init, max_iter, rng)


@mistake("The logarithm is taken of the spending alone. The 100 units that are added first keep "
         "a spend of 3 from lying as far out as one of 3,000.")  # fmt: skip
def without_the_offset(spend, k, n_init, max_iter, rng):
    return reported(np.log(spend), k, n_init, max_iter, rng)


@mistake("Only the best run is reported. That the others came out lower, or the same, is what "
         "tells whether there were enough starts: report them all.")  # fmt: skip
def best_only(spend, k, n_init, max_iter, rng):
    return reported(features(spend), k, n_init, max_iter, rng)[: 1 if n_init > 1 else 0]


@mistake("The runs come in the order in which they were made. The first one should be that with "
         "the highest final log-likelihood.")  # fmt: skip
def in_the_order_of_running(spend, k, n_init, max_iter, rng):
    runs = reported(features(spend), k, n_init, max_iter, rng)
    return [*runs[1:], runs[0]] if np.ptp([run[1][-1] for run in runs]) else runs[::-1]


@mistake("The worst run comes first. Sorting puts small numbers first, and a log-likelihood is "
         "better the larger it is.")  # fmt: skip
def worst_first(spend, k, n_init, max_iter, rng):
    return reported(features(spend), k, n_init, max_iter, rng)[::-1]


@mistake("The history of one run stands beside the parameters of another. Keep what belongs to one "
         "run in one tuple.")  # fmt: skip
def history_of_another_run(spend, k, n_init, max_iter, rng):
    runs = reported(features(spend), k, n_init, max_iter, rng)
    histories = [run[1] for run in runs]
    moved = histories[1:] + histories[:1]
    return [(run[0], history, run[2]) for run, history in zip(runs, moved, strict=True)]


@mistake("One M-step too many: the parameters have moved on after the last log-likelihood was "
         "taken.")  # fmt: skip
def one_step_ahead(spend, k, n_init, max_iter, rng):
    X = features(spend)
    model = GaussianMixture(k)
    data = model.prepare(X)

    def ahead(run):
        if run.degenerate:
            return as_tuple(run.params)
        return as_tuple(model.m_step(model.e_step(run.params, data), run.params))

    return [(ahead(run), run.history.tolist(), run.reason)
            for run in best_first(model, X, n_init, max_iter, rng)]  # fmt: skip


@mistake("The history holds mean log-likelihoods. It should hold totals: n times as much.")
def mean_history(spend, k, n_init, max_iter, rng):
    runs = reported(features(spend), k, n_init, max_iter, rng)
    return [(params, (np.array(h) / len(spend)).tolist(), why) for params, h, why in runs]


@mistake("The history lacks the log-likelihood of the start.")
def start_left_out(spend, k, n_init, max_iter, rng):
    runs = reported(features(spend), k, n_init, max_iter, rng)
    return [(params, history[1:] or history, why) for params, history, why in runs]


@mistake("Every run says 'converged', also one that was cut short. Whoever reads that trusts a "
         "climb that wasn't over.")  # fmt: skip
def always_converged(spend, k, n_init, max_iter, rng):
    runs = reported(features(spend), k, n_init, max_iter, rng)
    return [(params, history, "converged") for params, history, _ in runs]


@mistake("All runs begin at the same place: a generator is made anew, from the same seed, for "
         "each. Hand on `rng` itself.")  # fmt: skip
def the_same_start_again(spend, k, n_init, max_iter, rng):
    X = features(spend)
    return [
        reported(X, k, 1, max_iter, np.random.default_rng(0))[0] for _ in range(n_init)
    ]  # fmt: skip


@mistake("The covariances have nothing outside of the diagonal. Here they are full: the products "
         "vary together within a group, too.")  # fmt: skip
def diagonal(spend, k, n_init, max_iter, rng):
    return reported(features(spend), k, n_init, max_iter, rng, GaussianMixture(k, "diag"))


PIECE = Piece(
    id="12.fit_customers",
    contract=fit_customers,
    correct=correct_fit_customers,
    cases=fit_customers_cases,
    returns=VERDICT,
    properties=(verdict_is_fine,),
    mistakes=(
        raw_spend,
        without_the_offset,
        best_only,
        in_the_order_of_running,
        worst_first,
        history_of_another_run,
        one_step_ahead,
        mean_history,
        start_left_out,
        always_converged,
        the_same_start_again,
        diagonal,
    ),
    section="Fit: many starts, all reported",
    observe=judged,
    may_use=("emkit",),
    patience=PATIENCE,
)
