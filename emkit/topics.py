"""Topics of texts on plain arrays: likelihood, posteriors and steps of EM for pLSA.

A document mixes topics, a topic mixes words, and z is the topic of a word. Counts are sparse, so
all work is done on the words that occur: nothing here is ever as large as documents times words.
`emkit.plsa` is the model for `emkit.fit`.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.special import xlogy

from emkit.arguments import check_sample_weight, check_whole_number, finite_array
from emkit.families.priors import Dirichlet, check_dirichlet

NUMBERS_AT_ONCE = 2**17  # a block's intermediate arrays, 1 MB each, stay in the processor's cache
LARGEST = 2.0**53  # larger counts are not exact in float64
NEGLIGIBLE = 1e-150  # products of smaller probabilities are subnormal, and ten times slower
IMPOSSIBLE = 1e-250  # probabilities up to here count as 0: counts divided by them could be infinite


@dataclass(frozen=True)
class PLSAParams:
    """Topics of the documents, doc_topic (docs, k), and words of the topics, topic_word (k, words).

    Rows are probabilities that sum to 1.
    """

    doc_topic: np.ndarray = field(metadata={"space": "simplex"})
    topic_word: np.ndarray = field(metadata={"space": "simplex"})

    def __post_init__(self):
        doc_topic = check_rows("doc_topic", self.doc_topic, "(docs, k)")
        topic_word = check_rows("topic_word", self.topic_word, "(k, words)")
        if doc_topic.shape[1] != len(topic_word):
            raise ValueError(
                f"doc_topic has {doc_topic.shape[1]} topics, topic_word has {len(topic_word)}"
            )
        object.__setattr__(self, "doc_topic", doc_topic)
        object.__setattr__(self, "topic_word", topic_word)


def log_likelihood(counts, doc_topic, topic_word):
    """Σ counts · log Σ_z p(z | doc) p(word | z), without the multinomial coefficient.

    Parameters
    ----------
    counts : sparse (docs, words) array
        How often each document has each word; best as CSR.
    doc_topic : (docs, k) array
    topic_word : (k, words) array

    Returns
    -------
    log_likelihood : float
        -inf if a word occurs that its document's topics can't make.

    Raises
    ------
    ValueError
        If counts aren't sparse, or negative, or not finite; if rows don't sum to 1; if the shapes
        disagree.
    """
    data, params = check_counts("counts", counts), PLSAParams(doc_topic, topic_word)
    check_fit(params, data)
    mix = word_probabilities(data, params.doc_topic, params.topic_word)
    return float(xlogy(data.counts.data, mix).sum())


def topic_posterior(doc, word, doc_topic, topic_word):
    """p(z | doc, word), (k,): to which topics an occurrence of the word belongs.

    Hofmann (1999), eq. 6. `doc` and `word` are whole numbers from 0.
    """
    params = PLSAParams(doc_topic, topic_word)
    ranges = ("doc", doc, len(params.doc_topic)), ("word", word, params.topic_word.shape[1])
    for name, value, end in ranges:
        check_whole_number(name, value, least=0)
        if value >= end:
            raise ValueError(f"{name} is {value}, expected a whole number below {end}")
    joint = params.doc_topic[doc] * params.topic_word[:, word]
    if joint.sum() == 0:
        raise ValueError(f"none of the topics of document {doc} can make word {word}")
    return joint / joint.sum()


def em_step(counts, doc_topic, topic_word):
    """One step of EM on plain arrays: new (doc_topic, topic_word).

    Empty documents keep their row, topics without words theirs. Words that their document's topics
    can't make count for nothing. Arguments and errors are those of `log_likelihood`.
    """
    data, params = check_counts("counts", counts), PLSAParams(doc_topic, topic_word)
    check_fit(params, data)
    mix = word_probabilities(data, params.doc_topic, params.topic_word)
    doc_counts, word_counts = expected_counts(data, params.doc_topic, params.topic_word, mix)
    flat = Dirichlet(1)
    return shares(doc_counts, flat, params.doc_topic), shares(word_counts, flat, params.topic_word)


def perplexity(counts, doc_topic, topic_word):
    """exp of minus the mean log-likelihood of a word: among how many words it is a fair guess.

    Arguments and errors are those of `log_likelihood`; counts without a word are refused, too.
    """
    total = log_likelihood(counts, doc_topic, topic_word)
    n_words = counts.sum()
    if n_words == 0:
        raise ValueError("counts has no words, so it has no perplexity")
    with np.errstate(over="ignore"):  # infinite if a word is impossible, or next to
        return float(np.exp(-total / n_words))


def fold_in(new_counts, topic_word, n_iter, doc_prior=Dirichlet(1)):  # noqa: B008 (a value)
    """Topics of new documents, by EM on their rows alone; the topics' words stay as they are.

    Parameters
    ----------
    new_counts : sparse (docs, words) array
    topic_word : (k, words) array
    n_iter : int
        Number of steps, from uniform rows.
    doc_prior : Dirichlet
        Prior of the rows; flat by default.

    Returns
    -------
    doc_topic : (docs, k) array
        Words that no topic can make count for nothing; a document without others stays uniform.
    """
    check_whole_number("n_iter", n_iter, least=0)
    check_dirichlet("doc_prior", doc_prior)
    data = check_counts("new_counts", new_counts)
    topic_word = check_rows("topic_word", topic_word, "(k, words)")
    docs, k = data.counts.shape[0], len(topic_word)
    if k == 0:
        raise ValueError("topic_word has no rows, expected at least one topic")
    params = PLSAParams(np.full((docs, k), 1 / k), topic_word)
    check_fit(params, data)
    doc_topic = params.doc_topic
    for _ in range(n_iter):
        mix = word_probabilities(data, doc_topic, topic_word)
        doc_counts = doc_topic * (ratios(data, mix) @ topic_word.T)
        doc_topic = shares(doc_counts, doc_prior, doc_topic)
    return doc_topic


# ------------------------------------------------------------------ work on the words that occur


@dataclass(frozen=True)
class Documents:
    """Counts that were checked: a CSR array, the document of each entry, how often each counts."""

    counts: sparse.csr_array
    doc: np.ndarray
    sample_weight: np.ndarray


def word_probabilities(data, doc_topic, topic_word):
    """Σ_z p(z | doc) p(word | z) for each entry of the counts, block after block of entries."""
    doc, word = data.doc, data.counts.indices
    word_topic = np.ascontiguousarray(topic_word.T)
    mix = np.empty(len(doc))
    size = max(1, NUMBERS_AT_ONCE // len(topic_word))
    for first in range(0, len(doc), size):
        block = slice(first, first + size)
        # All indices are in range; only with mode="clip" does NumPy not look again.
        topics = doc_topic.take(doc[block], axis=0, mode="clip")
        words = word_topic.take(word[block], axis=0, mode="clip")
        np.einsum("ez,ez->e", topics, words, out=mix[block])
    return mix


def ratios(data, mix):
    """counts / mix as a CSR array; 0 where a word is impossible."""
    values = np.divide(data.counts.data, mix, out=np.zeros_like(mix), where=mix > IMPOSSIBLE)
    return sparse.csr_array((values, data.counts.indices, data.counts.indptr), data.counts.shape)


def expected_counts(data, doc_topic, topic_word, mix):
    """Expected words of each topic, by document (docs, k) and by word (k, words).

    An entry's count is shared out as p(z | doc) p(word | z) / mix. The sums of these shares over
    the words, and over the documents, are two sparse products, with no array of entries times k.
    """
    ratio = ratios(data, mix)
    weighted = data.sample_weight[:, None] * doc_topic
    return doc_topic * (ratio @ topic_word.T), topic_word * (ratio.T @ weighted).T


def shares(counts, prior, old):
    """The prior's mode given the counts, without negligible numbers; empty rows stay old."""
    rows = prior.mode(counts, empty=old)
    rows[rows < NEGLIGIBLE] = 0
    return rows


def check_counts(name, counts, sample_weight=None):
    """The counts as `Documents`, after checking that they are sparse, finite and at least 0."""
    if not sparse.issparse(counts) or counts.ndim != 2:
        raise ValueError(
            f"{name} is a {type(counts).__name__}, expected a sparse array (docs, words), such as "
            f"scipy.sparse.csr_array({name})"
        )
    if counts.dtype.kind not in "biuf":
        raise ValueError(f"{name} holds {counts.dtype} values, expected real numbers")
    counts = sparse.csr_array(counts)
    counts = sparse.csr_array(
        (counts.data.astype(float), counts.indices, counts.indptr), shape=counts.shape
    )
    counts.check_format()
    doc = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    bad = np.flatnonzero(~((counts.data >= 0) & (counts.data <= LARGEST)))
    if len(bad):
        entry = bad[0]
        raise ValueError(
            f"{name}[{doc[entry]}, {counts.indices[entry]}] is {counts.data[entry]}, expected "
            f"numbers from 0 to {LARGEST:.0e}"
        )
    weight = check_sample_weight(sample_weight, counts.shape[0])
    return Documents(counts, doc, np.ones(counts.shape[0]) if weight is None else weight)


def check_rows(name, rows, shape):
    """Rows as a float64 array, after checking that they are probabilities that sum to 1."""
    rows = finite_array(name, rows, 2, shape)
    if rows.shape[1] == 0 or rows.min(initial=0) < 0:
        raise ValueError(f"{name} has no columns or numbers below 0, expected probabilities")
    off = np.abs(rows.sum(axis=1) - 1)
    if off.max(initial=0) > 1e-8:
        row = off.argmax()
        raise ValueError(f"row {row} of {name} sums to {rows[row].sum()}, expected 1")
    return rows


def check_fit(params, data):
    """Raise `ValueError` unless the parameters are for these documents and words."""
    shape = (len(params.doc_topic), params.topic_word.shape[1])
    if shape != data.counts.shape:
        raise ValueError(
            f"the counts are of {data.counts.shape[0]} documents and {data.counts.shape[1]} words, "
            f"doc_topic is for {shape[0]} documents and topic_word for {shape[1]} words"
        )
