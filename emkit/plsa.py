"""Probabilistic latent semantic analysis (pLSA), the model of topics for `emkit.fit`.

Its steps on plain arrays are in `emkit.topics`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import xlogy

from emkit import topics
from emkit.arguments import check_whole_number, finite_array
from emkit.families.priors import Dirichlet, check_dirichlet
from emkit.model import Degeneracy
from emkit.topics import PLSAParams


@dataclass(frozen=True)
class PLSAStatistics:
    """Expected number of words of each topic: by document (docs, k), and by word (k, words).

    Parts of a corpus are matrices of the same shape, each with the other's documents empty; their
    statistics add up to those of the whole.
    """

    log_likelihood: float
    doc_topic_counts: np.ndarray
    topic_word_counts: np.ndarray

    def __add__(self, other):
        return PLSAStatistics(
            self.log_likelihood + other.log_likelihood,
            self.doc_topic_counts + other.doc_topic_counts,
            self.topic_word_counts + other.topic_word_counts,
        )


@dataclass(frozen=True)
class PLSA:
    """Probabilistic latent semantic analysis (Hofmann 1999) of sparse counts (docs, words).

    A `sample_weight` is how often a document counts: with 2 it is there twice, with 0 it has no
    say in the topics, but gets a row of its own all the same.

    Parameters
    ----------
    n_topics : int
    doc_prior, topic_prior : Dirichlet
        Priors of the rows of doc_topic and topic_word; flat by default. `Dirichlet(1 + s)` adds s
        to each expected count. With a topic_prior above 1 no word is impossible.
    frozen : sequence of str
        'doc_topic' or 'topic_word', if one keeps its starting value.

    Raises
    ------
    ValueError
        If an argument isn't as described.
    """

    n_topics: int
    doc_prior: Dirichlet = Dirichlet(1)  # noqa: RUF009 (a prior is an immutable value)
    topic_prior: Dirichlet = Dirichlet(1)  # noqa: RUF009
    frozen: Sequence[str] = ()

    def __post_init__(self):
        check_whole_number("n_topics", self.n_topics, least=1)
        check_dirichlet("doc_prior", self.doc_prior)
        check_dirichlet("topic_prior", self.topic_prior)
        for name in self.frozen:
            if name not in ("doc_topic", "topic_word"):
                raise ValueError(f"frozen names {name!r}, expected doc_topic or topic_word")

    def prepare(self, counts, sample_weight=None):
        """The counts as float64 CSR, after checking them; the argument stays as it is."""
        return topics.check_counts("counts", counts, sample_weight)

    def divisible(self, counts):
        """Nothing: each document has a row of parameters of its own."""
        raise ValueError(
            "pLSA has parameters for each document: fit it to all of them at once, and score new "
            "ones with held_out_perplexity"
        )

    def initial(self, data, rng):
        """Random topics in each document, random words in each topic."""
        docs, words = data.counts.shape
        return PLSAParams(
            rng.dirichlet(np.ones(self.n_topics), size=docs),
            rng.dirichlet(np.ones(words), size=self.n_topics),
        )

    def e_step(self, params, data):
        """Words shared out among the topics, and summed (Hofmann 1999, eq. 6).

        A document's row has its prior as often as the document counts, so the prior's log-density
        at the rows of doc_topic is part of the log-likelihood here, not of `log_prior`.
        """
        self.check_params(params)
        topics.check_fit(params, data)
        mix = topics.word_probabilities(data, params.doc_topic, params.topic_word)
        times = data.sample_weight[data.doc] * data.counts.data
        impossible = np.flatnonzero((mix <= topics.IMPOSSIBLE) & (times > 0))
        if len(impossible):
            entry = impossible[0]
            raise Degeneracy(
                f"document {data.doc[entry]} has word {data.counts.indices[entry]}, which none of "
                f"its topics can make: start from probabilities above 0"
            )
        log_likelihood = xlogy(times, mix).sum()
        log_likelihood += data.sample_weight @ self.doc_prior.log_densities(params.doc_topic)
        doc_counts, word_counts = topics.expected_counts(
            data, params.doc_topic, params.topic_word, mix
        )
        return PLSAStatistics(float(log_likelihood), doc_counts, word_counts)

    def m_step(self, statistics, params):
        """Shares of the expected counts (Hofmann 1999, eqs. 7 and 8), or the posterior's mode.

        Empty documents and topics without words keep their rows, unless a prior says otherwise.
        """
        doc_topic, topic_word = params.doc_topic, params.topic_word
        if "doc_topic" not in self.frozen:
            doc_topic = topics.shares(statistics.doc_topic_counts, self.doc_prior, doc_topic)
        if "topic_word" not in self.frozen:
            topic_word = topics.shares(statistics.topic_word_counts, self.topic_prior, topic_word)
        return PLSAParams(doc_topic, topic_word)

    def log_prior(self, params):
        """Log-density of the topics' prior at `params`; 0 where it is flat."""
        return self.topic_prior.log_density(params.topic_word)

    def fold_in(self, params, counts, n_iter=50):
        """Topics (docs, k) of documents that the fit hasn't seen, see `emkit.topics.fold_in`."""
        self.check_params(params)
        return topics.fold_in(counts, params.topic_word, n_iter, self.doc_prior)

    def held_out_perplexity(self, params, counts, rng, n_iter=50):
        """Perplexity of the words of new documents given their other words (lower is better).

        Half of the words, drawn without replacement, tell which topics a document has, and the
        other half is predicted (Wallach et al. 2009, section 5.1). Infinite if one of these is
        impossible; a `topic_prior` above 1 prevents that.
        """
        self.check_params(params)
        data = topics.check_counts("counts", counts)
        if np.any(data.counts.data != np.floor(data.counts.data)):
            raise ValueError("counts holds fractions, but whole words are split: expected integers")
        seen, rest = data.counts.copy(), data.counts.copy()
        seen.data = rng.binomial(data.counts.data.astype(np.int64), 0.5).astype(float)
        rest.data = data.counts.data - seen.data
        return topics.perplexity(rest, self.fold_in(params, seen, n_iter), params.topic_word)

    def sample(self, params, lengths, rng):
        """Random documents, as a CSR array of integer counts (docs, words).

        `lengths` (docs,) are the numbers of words; document i has the topics of row i.
        """
        self.check_params(params)
        lengths = finite_array("lengths", lengths, 1, "(docs,)")
        docs, words = len(params.doc_topic), params.topic_word.shape[1]
        if lengths.shape != (docs,) or np.any((lengths < 0) | (lengths != np.floor(lengths))):
            raise ValueError(f"lengths must be {docs} whole numbers, one for each document")
        # NumPy's draws ask for sums of 1 to more digits than parameters need.
        doc_topic = params.doc_topic / params.doc_topic.sum(axis=1, keepdims=True)
        topic_word = params.topic_word / params.topic_word.sum(axis=1, keepdims=True)
        of_topic = rng.multinomial(lengths.astype(np.int64), doc_topic)
        doc = [np.repeat(np.arange(docs), n) for n in of_topic.T]
        word = [rng.choice(words, len(d), p=p) for d, p in zip(doc, topic_word, strict=True)]
        doc, word = np.concatenate(doc), np.concatenate(word)
        counts = sparse.coo_array((np.ones(len(doc), dtype=int), (doc, word)), shape=(docs, words))
        return counts.tocsr()

    def n_parameters(self, params):
        """Number of free parameters: each row of k or of words sums to 1."""
        (docs, k), words = params.doc_topic.shape, params.topic_word.shape[1]
        return docs * (k - 1) + k * (words - 1)

    def check_params(self, params):
        """Raise `ValueError` unless the parameters have this model's number of topics."""
        k = len(params.topic_word)
        if k != self.n_topics:
            raise ValueError(f"params have {k} topics, n_topics is {self.n_topics}")
