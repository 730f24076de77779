"""Spoken digits: who is unheard, what is to be beaten, and the engine's own fits."""

from functools import cache

import numpy as np

from emkit import datasets, em
from emkit.families import Gaussian
from emkit.hmm import HMM, sweep_all
from emkit.mixture import GaussianMixture
from emkit.workshop.pieces.capstone.verdicts import Unusable, chain_params

DIGITS = (0, 2, 3)
UNHEARD = ("jackson", "theo")
COEFFICIENTS = 6
STEP = 2  # every other row is left out: 20 ms from row to row
LEAST = -30.0  # nats a frame: below what the worst fit to centred recordings gets


@cache
def spoken():
    """The recordings of three digits, read once and thinned: sequences, digit, speaker, index."""
    data = datasets.spoken_digits()
    chosen = np.flatnonzero(np.isin(data.digit, DIGITS))
    sequences = [data.sequences[i][::STEP, :COEFFICIENTS] for i in chosen]
    return sequences, data.digit[chosen], data.speaker[chosen], data.index[chosen]


def drawn(rng, number, digits=DIGITS, besides=()):
    """`number` recordings of each of the digits by each speaker, in a random order."""
    sequences, digit, speaker, index = spoken()
    kept = rng.permutation(10)[:number]
    chosen = np.flatnonzero(
        np.isin(index, kept) & np.isin(digit, digits) & ~np.isin(speaker, besides)
    )
    chosen = rng.permutation(chosen)
    return [sequences[i].copy() for i in chosen], digit[chosen], speaker[chosen]


def centred(sequences):
    """What the models are of."""
    return [sequence - sequence.mean(axis=0) for sequence in sequences]


def as_tuple(params):
    """Parameters of a hidden Markov model as learners hand them in."""
    emissions = params.emissions
    return params.startprob, params.transmat, emissions.means, emissions.matrices().copy()


def fitted(sequences, model, rng=None, n_init=1, max_iter=25):
    """The engine's fit to sequences that have been centred, as learners hand it in."""
    rng = rng or np.random.default_rng(0)
    return as_tuple(em.fit(model, sequences, n_init=n_init, max_iter=max_iter, rng=rng).params)


def held_out(answer, sequences):
    """Log-likelihood of each sequence under the parameters that came back."""
    params = chain_params(answer)
    model = HMM(Gaussian(), len(params.startprob))
    try:
        data = model.prepare(sequences)
        log_scale = sweep_all(model, params, data).log_scale
        return np.bincount(data.schedule.sequence, log_scale)
    except ValueError as error:
        raise Unusable(str(error)) from None


def of_other_numbers(score):
    """What a score says that no fit to centred recordings gets, to be added to a sentence."""
    if score > LEAST:
        return ""
    return (
        f". At {score:.3g} nats a frame the parameters belong to other numbers than the rows of "
        "sequence - sequence.mean(axis=0)"
    )


def baseline(name, sequences):
    """What a simpler analysis finds, as a chain."""
    if name == "a mixture without time":
        rows = np.concatenate(sequences)
        fit = em.fit(GaussianMixture(4, "diag"), rows, rng=np.random.default_rng(0))
        weights, gaussians = fit.params.weights, fit.params.components
        return weights, np.tile(weights, (4, 1)), gaussians.means, gaussians.matrices()
    shape = "full" if name == "one Gaussian" else "diag"
    return fitted(sequences, HMM(Gaussian(shape), 1))
