"""Several runs of EM on recordings of a digit, each reported so that it can be checked."""

import numpy as np

from emkit.families import Gaussian
from emkit.hmm import HMM
from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.capstone.recordings import DIGITS, as_tuple, centred, drawn
from emkit.workshop.pieces.capstone.runs import best_first, judged_runs
from emkit.workshop.pieces.capstone.verdicts import (
    PATIENCE,
    VERDICT,
    chain_params,
    verdict_is_fine,
    verdict_on,
)


def fit_digits(sequences, k, n_init, max_iter, rng):
    """Runs of EM for a hidden Markov model of recordings, from several starts.

    The model is one of the centred recordings, sequence - sequence.mean(axis=0).

    Parameters
    ----------
    sequences : list of (t, d) arrays
        Recordings of a digit, by several speakers: a row of coefficients every 20 ms.
    k : int
        Number of states, each with a Gaussian that has a full covariance.
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
        first. `params` is a tuple (startprob, transmat, means, covariances) of shapes (k,), (k, k),
        (k, d) and (k, d, d). `history` has the total log-likelihoods of the centred recordings,
        that of the start first; the last one belongs to `params`. `reason` is 'converged' if the
        last gain is at most 1e-6 times the size of the last log-likelihood, else 'max_iter'; a run
        stops when the first of the two holds. A run in which a state collapses ends there: its
        reason is a sentence that says so, and it comes after those that didn't.

    Notes
    -----
    emkit may be used, and so may what you have kept.
    """


def fit_digits_cases(rng):
    """One state, then several; climbs that are cut short, and a start that is only evaluated."""

    def case(what, number, k, n_init, max_iter, **more):
        sequences, _, _ = drawn(rng, number, digits=[rng.choice(DIGITS)])
        given = {"sequences": sequences, "k": k, "n_init": n_init, "max_iter": max_iter}
        return Case(what, {**given, "rng": np.random.default_rng(rng.integers(2**32))},
                    **more)  # fmt: skip

    return [
        case("4 recordings and a single state, 2 starts", 1, 1, 2, 50),
        case("4 recordings, 2 states, 3 starts", 1, 2, 3, 30),
        case("8 recordings, 3 states, 2 starts", 2, 3, 2, 12),
        case("8 recordings, 2 states, 3 starts of 4 M-steps at most", 2, 2, 3, 4, hard=True),
        case("4 recordings and a single start that is only evaluated", 1, 2, 1, 0, hard=True),
    ]  # fmt: skip


def judged(function, sequences, k, n_init, max_iter, rng):
    """The runs that the function reports, held against their own parameters."""
    runs = function(sequences, k, n_init, max_iter, rng)
    if runs is None:
        return None
    return verdict_on(
        lambda: judged_runs(
            runs, HMM(Gaussian(), k), centred(sequences), chain_params, n_init, max_iter
        )
    )


def correct_fit_digits(sequences, k, n_init, max_iter, rng):
    """The engine's runs."""
    return reported(centred(sequences), k, n_init, max_iter, rng)


def reported(sequences, k, n_init, max_iter, rng, model=None):
    """The engine's runs on some sequences, best first, those that broke off last."""
    runs = best_first(model or HMM(Gaussian(), k), sequences, n_init, max_iter, rng)
    return [(as_tuple(run.params), run.history.tolist(), run.reason) for run in runs]


@mistake("The recordings aren't centred. A voice has its own mean in each coefficient: the model "
         "is one of sequence - sequence.mean(axis=0), and so are its log-likelihoods.")  # fmt: skip
def not_centred(sequences, k, n_init, max_iter, rng):
    return reported(sequences, k, n_init, max_iter, rng)


@mistake("What is taken off is one mean of all recordings. Each recording has its own: a mean of "
         "all says nothing of the single voice.")  # fmt: skip
def centred_together(sequences, k, n_init, max_iter, rng):
    mean = np.concatenate(sequences).mean(axis=0)
    return reported([sequence - mean for sequence in sequences], k, n_init, max_iter, rng)


@mistake("The covariances have nothing outside of the diagonal. Here they are full: coefficients "
         "vary together within a sound, too.")  # fmt: skip
def without_correlations(sequences, k, n_init, max_iter, rng):
    model = HMM(Gaussian("diag"), k)
    return reported(centred(sequences), k, n_init, max_iter, rng, model)


@mistake("The recordings are joined to one long one. Between two of them there is no step from "
         "state to state, and each has a start of its own.")  # fmt: skip
def joined(sequences, k, n_init, max_iter, rng):
    return reported([np.concatenate(centred(sequences))], k, n_init, max_iter, rng)


@mistake("Only the best run is reported. That the others came out lower, or the same, is what "
         "tells whether there were enough starts: report them all.")  # fmt: skip
def best_only(sequences, k, n_init, max_iter, rng):
    return reported(centred(sequences), k, n_init, max_iter, rng)[: 1 if n_init > 1 else 0]


@mistake("The worst run comes first. Sorting puts small numbers first, and a log-likelihood is "
         "better the larger it is.")  # fmt: skip
def worst_first(sequences, k, n_init, max_iter, rng):
    return reported(centred(sequences), k, n_init, max_iter, rng)[::-1]


@mistake("The history of one run stands beside the parameters of another. Keep what belongs to one "
         "run in one tuple.")  # fmt: skip
def history_of_another_run(sequences, k, n_init, max_iter, rng):
    runs = reported(centred(sequences), k, n_init, max_iter, rng)
    histories = [run[1] for run in runs]
    moved = histories[1:] + histories[:1]
    return [(run[0], history, run[2]) for run, history in zip(runs, moved, strict=True)]


@mistake("The history holds log-likelihoods per frame. It should hold totals.")
def history_per_frame(sequences, k, n_init, max_iter, rng):
    runs = reported(centred(sequences), k, n_init, max_iter, rng)
    frames = sum(map(len, sequences))
    return [(params, (np.array(h) / frames).tolist(), why) for params, h, why in runs]


@mistake("One M-step too many: the parameters have moved on after the last log-likelihood was "
         "taken.")  # fmt: skip
def one_step_ahead(sequences, k, n_init, max_iter, rng):
    model = HMM(Gaussian(), k)
    X = centred(sequences)
    data = model.prepare(X)

    def ahead(run):
        if run.degenerate:
            return as_tuple(run.params)
        return as_tuple(model.m_step(model.e_step(run.params, data), run.params))

    return [(ahead(run), run.history.tolist(), run.reason)
            for run in best_first(model, X, n_init, max_iter, rng)]  # fmt: skip


@mistake("Every run says 'converged', also one that was cut short. Whoever reads that trusts a "
         "climb that wasn't over.")  # fmt: skip
def always_converged(sequences, k, n_init, max_iter, rng):
    runs = reported(centred(sequences), k, n_init, max_iter, rng)
    return [(params, history, "converged") for params, history, _ in runs]


@mistake("All runs begin at the same place: a generator is made anew, from the same seed, for "
         "each. Hand on `rng` itself.")  # fmt: skip
def the_same_start_again(sequences, k, n_init, max_iter, rng):
    X = centred(sequences)
    return [reported(X, k, 1, max_iter, np.random.default_rng(0))[0] for _ in range(n_init)]


@mistake("The transition matrix is transposed: its columns sum to 1. A row is a state that is "
         "left, and where it goes to sums to 1.")  # fmt: skip
def transposed(sequences, k, n_init, max_iter, rng):
    runs = reported(centred(sequences), k, n_init, max_iter, rng)
    return [((p[0], p[1].T, *p[2:]), history, why) for p, history, why in runs]


PIECE = Piece(
    id="12.fit_digits",
    contract=fit_digits,
    correct=correct_fit_digits,
    cases=fit_digits_cases,
    returns=VERDICT,
    properties=(verdict_is_fine,),
    mistakes=(
        not_centred,
        centred_together,
        without_correlations,
        joined,
        best_only,
        worst_first,
        history_of_another_run,
        history_per_frame,
        one_step_ahead,
        always_converged,
        the_same_start_again,
        transposed,
    ),
    section="Fit: many starts, all reported",
    observe=judged,
    may_use=("emkit",),
    patience=PATIENCE,
)
