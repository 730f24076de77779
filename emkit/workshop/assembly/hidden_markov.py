"""Hidden Markov models made of a learner's pieces."""

import numpy as np

from emkit import families
from emkit.hmm import HMM, HMMParams, as_list
from emkit.workshop.assembly.assembled import Assembled
from emkit.workshop.assembly.pieces import Pieces

EMISSIONS = ("gaussian", "poisson")


def hidden_markov(
    n_states,
    emissions="gaussian",
    *,
    forward=None,
    backward=None,
    state_posteriors=None,
    transition_posteriors=None,
    sequence_log_likelihood=None,
    update_startprob=None,
    update_transmat=None,
    update_gaussian=None,
    update_poisson=None,
):
    """A hidden Markov model, of one or many sequences, of your pieces of assignments 09 and 10.

    Parameters
    ----------
    n_states : int
    emissions : {'gaussian', 'poisson'}
        What a state emits: (t, d) rows, or (t, 1) counts.
    forward, backward, state_posteriors, transition_posteriors, sequence_log_likelihood : callable
        Your functions of assignment 09, optional. What you leave out is filled in.
    update_startprob, update_transmat, update_gaussian, update_poisson : callable
        Your functions of assignment 10, likewise.

    Returns
    -------
    model : a model for `emkit.fit`, whose data are a list of sequences, or one

    Raises
    ------
    ValueError
        If `emissions` is neither. While fitting, as in `gaussian_mixture`.
    emkit.ObjectiveFell
        While fitting, as in `gaussian_mixture`.
    """
    if emissions not in EMISSIONS:
        raise ValueError(f"emissions is {emissions!r}, expected one of {', '.join(EMISSIONS)}")
    poisson = emissions == "poisson"
    family = families.Poisson() if poisson else families.Gaussian()
    engine = HMM(family, n_states)
    pieces = Pieces()
    forwards = pieces.take("09.forward", forward)
    backwards = pieces.take("09.backward", backward)
    states = pieces.take("09.state_posteriors", state_posteriors)
    transitions = pieces.take("09.transition_posteriors", transition_posteriors)
    total = pieces.take("09.sequence_log_likelihood", sequence_log_likelihood)
    new_startprob = pieces.take("10.update_startprob", update_startprob)
    new_transmat = pieces.take("10.update_transmat", update_transmat)
    new_rates = pieces.take("10.update_poisson", update_poisson)
    new_gaussian = pieces.take("10.update_gaussian", update_gaussian)

    def expect_one(params, sequence):
        logs = family.log_prob(params.emissions, family.prepare(sequence))
        shift = logs.max(axis=1, keepdims=True)
        likelihood = np.exp(logs - shift)
        alpha, scale = forwards(params.startprob, params.transmat, likelihood)
        beta = backwards(params.transmat, likelihood, scale)
        log_likelihood = np.log(scale).sum() + shift.sum()
        if sequence_log_likelihood is not None:
            log_likelihood = total(params.startprob, params.transmat, logs)
        gamma = states(alpha, beta)
        xi = transitions(alpha, beta, params.transmat, likelihood, scale)
        return log_likelihood, (sequence, gamma, xi)

    def expect(params, sequences):
        values, found = zip(*(expect_one(params, one) for one in sequences), strict=True)
        return sum(values), found

    def maximised(found, params):
        every = [one for part in found for one in part]
        sequences, gammas, xis = map(list, zip(*every, strict=True))
        if poisson:
            rates = new_rates([one[:, 0] for one in sequences], gammas)
            emitted = families.PoissonComponents(rates[:, None])
        else:
            emitted = families.GaussianComponents(*new_gaussian(sequences, gammas))
        return HMMParams(new_startprob(gammas), new_transmat(xis), emitted)

    return Assembled(engine, as_list, expect, maximised, pieces)
