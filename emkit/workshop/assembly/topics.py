"""Topics of texts (pLSA), made of a learner's pieces."""

import numpy as np
from scipy import sparse

from emkit.families.priors import Dirichlet
from emkit.plsa import PLSA
from emkit.topics import PLSAParams
from emkit.workshop.assembly.assembled import Assembled
from emkit.workshop.assembly.pieces import Pieces


def topics(n_topics, *, log_likelihood=None, topic_posterior=None, em_step=None):
    """pLSA, of sparse (docs, words) counts, of your pieces of assignment 08.

    Parameters
    ----------
    n_topics : int
    log_likelihood, em_step : callable, optional
        Your functions of assignment 08. What you leave out is filled in.
    topic_posterior : callable, optional
        Without an `em_step` of yours, one is made of this function, word by word: slow.

    Returns
    -------
    model : a model for `emkit.fit`

    Raises
    ------
    ValueError, emkit.ObjectiveFell
        While fitting, as in `gaussian_mixture`.
    """
    engine = PLSA(n_topics)
    pieces = Pieces()
    posterior = pieces.take("08.topic_posterior", topic_posterior)
    word_by_word = in_a_loop(posterior) if topic_posterior else None
    step = pieces.take("08.em_step", em_step, word_by_word)
    total = pieces.take("08.log_likelihood", log_likelihood)

    def expect(params, counts):
        values = counts, params.doc_topic, params.topic_word
        return total(*values), values

    def maximised(found, params):
        (values,) = found
        return PLSAParams(*step(*values))

    return Assembled(engine, sparse.csr_array, expect, maximised, pieces)


def in_a_loop(posterior):
    """One step of EM that asks for the posterior of every word that occurs, one after another."""

    def step(counts, doc_topic, topic_word):
        in_doc, of_word = np.zeros_like(doc_topic), np.zeros_like(topic_word)
        counts = counts.tocoo()
        for doc, word, count in zip(*counts.coords, counts.data, strict=True):
            expected = count * posterior(int(doc), int(word), doc_topic, topic_word)
            in_doc[doc] += expected
            of_word[:, word] += expected
        flat = Dirichlet(1)
        return flat.mode(in_doc, empty=doc_topic), flat.mode(of_word, empty=topic_word)

    return step
