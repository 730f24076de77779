"""Gaussian hidden Markov models against hmmlearn, its default (log) and its scaling in C++.

Fits from the same start by the same number of iterations, and decoding by Viterbi, in one process.
Run by `make bench`.
"""

from functools import partial

import numpy as np
from compare import Table
from hmmlearn.hmm import GaussianHMM as Peer

import emkit
from emkit import families
from emkit.hmm import HMM, HMMParams

ITERATIONS = 10


def problem(lengths, d, k):
    """Sequences whose states overlap by a good deal, and a start near the truth."""
    rng = np.random.default_rng(0)
    means = 2.0 * np.arange(k)[:, None] * np.ones(d)
    truth = HMMParams(
        np.full(k, 1 / k),
        0.9 * np.eye(k) + 0.1 / k,
        families.GaussianComponents(means, np.stack([np.eye(d)] * k)),
    )
    model = HMM(families.Gaussian(), k)
    sequences = [model.sample(truth, t, rng)[0] for t in lengths]
    emissions = families.GaussianComponents(
        means + rng.normal(scale=0.5, size=means.shape), np.stack([2 * np.eye(d)] * k)
    )
    return sequences, model, HMMParams(truth.startprob, 0.8 * np.eye(k) + 0.2 / k, emissions)


def never(history):
    return False


def ours(sequences, model, start):
    """`ITERATIONS` M-steps, and one E-step more than hmmlearn does."""
    return emkit.fit(model, sequences, start=start, max_iter=ITERATIONS, converged=never).params


def theirs(implementation, sequences, model, start):
    return peer_like(model, start, implementation).fit(*joined(sequences))


def joined(sequences):
    return np.concatenate(sequences), [len(s) for s in sequences]


def peer_like(model, start, implementation="log"):
    peer = Peer(
        model.n_states,
        "full",
        n_iter=ITERATIONS,
        tol=-np.inf,
        init_params="",
        covars_prior=0,
        min_covar=0,
        implementation=implementation,
    )
    peer.startprob_, peer.transmat_ = start.startprob, start.transmat
    peer.n_features = start.emissions.means.shape[1]
    peer.means_, peer.covars_ = start.emissions.means, start.emissions.covariances
    return peer


def decoded(sequences, model, params):
    return np.concatenate(model.viterbi(params, sequences)[0])


def decoded_by_peer(sequences, model, params):
    return peer_like(model, params).decode(*joined(sequences))[1]


def main():
    table = Table("hmmlearn")
    long, many = [100_000], np.random.default_rng(1).integers(50, 201, size=1000)
    for what, lengths, d, k, targets in (
        ("t=100,000", long, 1, 4, (3, 1.0, 0.3)),
        ("t=100,000", long, 2, 4, (3, 1.0, 0.3)),
        ("t=100,000", long, 1, 10, (3, 1.0, 0.3)),
        ("t=100,000", long, 2, 10, (3, 1.0, 0.3)),
        ("1,000 of t=50 to 200", many, 1, 4, (12, 2.5, 2.5)),
        ("1,000 of t=50 to 200", many, 2, 4, (12, 2.5, 2.5)),
    ):
        arguments = problem(lengths, d, k)
        agree = theirs("scaling", *arguments).transmat_, ours(*arguments).transmat
        np.testing.assert_allclose(*agree, rtol=1e-6)
        for implementation, target in zip(("log", "scaling"), targets[:2], strict=True):
            table.row(
                f"{what} d={d} k={k}, {ITERATIONS} iterations, {implementation}",
                partial(ours, *arguments),
                partial(theirs, implementation, *arguments),
                target,
            )
        decoders = partial(decoded, *arguments), partial(decoded_by_peer, *arguments)
        np.testing.assert_array_equal(*(decoder() for decoder in decoders))
        table.row(f"{what} d={d} k={k}, decoded", *decoders, targets[2])


if __name__ == "__main__":
    main()
