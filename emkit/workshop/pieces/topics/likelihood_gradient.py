"""The gradient of the log-likelihood with respect to the documents' topics: the derivation piece.

EM's step multiplies each share by its gradient and divides by the length of the document.
"""

import numpy as np
from scipy import sparse

from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.topics.corpora import (
    corpus_cases,
    entries,
    joint,
    mix,
    posterior,
    random_corpus,
    rare_words,
    sparse_storage,
)


def likelihood_gradient(counts, doc_topic, topic_word):
    """Gradient of the log-likelihood with respect to the documents' topics.

    The entries of doc_topic count as free numbers here: that rows sum to 1 is left aside.

    Parameters
    ----------
    counts : (docs, words) scipy.sparse.csr_array
        How often each document has each word; each word that occurs can be made by one of its
        document's topics. Documents may be empty, indices out of order, and zeros stored; a stored
        zero is no occurrence.
    doc_topic : (docs, k) array
        p(topic | document); rows sum to 1, entries may be 0.
    topic_word : (k, words) array
        p(word | topic); rows sum to 1.

    Returns
    -------
    gradient : (docs, k) array
        Entry [i, z] is the derivative of the log-likelihood with respect to doc_topic[i, z].
    """


def likelihood_gradient_cases(rng):
    """Corpora, then shares of 0, where the derivative isn't, and stored zeros."""
    return [
        *corpus_cases(rng),
        Case("topics that documents haven't got", without_some_topics(rng), hard=True),
        Case("an empty document, indices out of order, stored zeros", sparse_storage(rng),
             hard=True),
        Case("words as rare as 1e-60", rare_words(rng), hard=True),
    ]  # fmt: skip


def without_some_topics(rng):
    """Each document lacks a topic."""
    case = random_corpus(rng, 3, 5, 3)
    case["doc_topic"][range(3), rng.permutation(3)] = 0
    case["doc_topic"] /= case["doc_topic"].sum(axis=1, keepdims=True)
    return case


def correct_likelihood_gradient(counts, doc_topic, topic_word):
    """Σ_word counts / p(word | doc) · p(word | z)."""
    probability = mix(counts, doc_topic, topic_word)
    ratio = np.divide(counts.data, probability, out=np.zeros(counts.nnz), where=counts.data > 0)
    return sparse.csr_array((ratio, counts.indices, counts.indptr), counts.shape) @ topic_word.T


def agrees_with_a_small_step(gradient, counts, doc_topic, topic_word):
    """The derivative by a complex step, without any cancellation (Squire and Trapp 1998)."""
    doc, word, count = entries(counts)
    doc, word, count = doc[count > 0], word[count > 0], count[count > 0]
    for z in range(len(topic_word)):
        stepped = doc_topic + 1e-30j * (np.arange(len(topic_word)) == z)
        logs = np.log((stepped[doc] * topic_word.T[word]).sum(axis=1))
        slope = np.bincount(doc, weights=count * logs.imag, minlength=len(doc_topic)) / 1e-30
        off = np.abs(gradient[:, z] - slope) > 1e-7 * np.maximum(1, np.abs(slope))
        for i in np.flatnonzero(off):
            return (
                f"in a small step along doc_topic[{i}, {z}] the log-likelihood doesn't change as "
                f"your gradient[{i}, {z}] = {gradient[i, z]:.5g} says"
            )
    return None


def counted(shares, counts, doc_topic):
    """Σ_word counts · shares (entries, k), by document."""
    doc, _, count = entries(counts)
    totals = np.zeros_like(doc_topic)
    np.add.at(totals, doc, count[:, None] * shares)
    return totals


@mistake("These are the expected counts of the topics: the gradient times doc_topic. The "
         "derivative of doc_topic · topic_word with respect to doc_topic is topic_word "
         "alone.")  # fmt: skip
def expected_counts(counts, doc_topic, topic_word):
    return counted(posterior(counts, doc_topic, topic_word), counts, doc_topic)


@mistake("This is 0 / 0 where a share is 0. The expected counts divided by doc_topic give the "
         "gradient elsewhere; where the share is 0, the derivative is still there. Cancel before "
         "you compute.")  # fmt: skip
def expected_counts_over_shares(counts, doc_topic, topic_word):
    with np.errstate(invalid="ignore"):
        return expected_counts(counts, doc_topic, topic_word) / doc_topic


@mistake("Where a share is 0 you give 0. The posterior is 0 there, but not the derivative: it says "
         "what the document would gain if it had a little of that topic.")  # fmt: skip
def zero_where_the_share_is(counts, doc_topic, topic_word):
    return correct_likelihood_gradient(counts, doc_topic, topic_word) * (doc_topic > 0)


@mistake("The counts are missing: a word that occurs three times adds its derivative three "
         "times.")  # fmt: skip
def counts_forgotten(counts, doc_topic, topic_word):
    once = counts.copy()
    once.data = np.minimum(once.data, 1)
    return correct_likelihood_gradient(once, doc_topic, topic_word)


@mistake("The division by p(word | document) is missing: the derivative of log p is the "
         "derivative of p *over p*.")  # fmt: skip
def derivative_of_the_log_forgotten(counts, doc_topic, topic_word):
    return counts @ topic_word.T


@mistake("The inner derivative is missing: by the chain rule, log p gives 1/p times the "
         "derivative of p, which is p(word | topic).")  # fmt: skip
def inner_derivative_forgotten(counts, doc_topic, topic_word):
    probability = mix(counts, doc_topic, topic_word)[:, None]
    ones = np.broadcast_to(counts.data[:, None] > 0, (counts.nnz, len(topic_word)))
    return counted(np.divide(ones, probability, out=np.zeros(ones.shape), where=ones), counts,
                   doc_topic)  # fmt: skip


@mistake("The derivative of log p is 1/p, not 1/p².")
def divided_twice(counts, doc_topic, topic_word):
    probability = mix(counts, doc_topic, topic_word)[:, None]
    rate = topic_word.T[entries(counts)[1]] * (counts.data > 0)[:, None]
    return counted(
        np.divide(rate, probability**2, out=np.zeros_like(rate), where=rate > 0), counts, doc_topic
    )


@mistake("The length of the document was subtracted, as the Lagrange multiplier of 'the row sums "
         "to 1'. Here the entries are free: that comes later.")  # fmt: skip
def multiplier_subtracted(counts, doc_topic, topic_word):
    gradient = correct_likelihood_gradient(counts, doc_topic, topic_word)
    return gradient - counts.sum(axis=1)[:, None]


@mistake("This is the gradient of the mean over the document's words. The log-likelihood is a "
         "total.")  # fmt: skip
def divided_by_length(counts, doc_topic, topic_word):
    gradient = correct_likelihood_gradient(counts, doc_topic, topic_word)
    return gradient / np.maximum(counts.sum(axis=1), 1)[:, None]


@mistake("The sign is wrong: a larger share makes the topic's words more probable, so that the "
         "log-likelihood rises.")  # fmt: skip
def wrong_sign(counts, doc_topic, topic_word):
    return -correct_likelihood_gradient(counts, doc_topic, topic_word)


@mistake("The logarithm was taken of each topic's part, so that the derivative is "
         "counts / doc_topic. The topics are summed *inside* the logarithm.")  # fmt: skip
def topics_outside_the_log(counts, doc_topic, topic_word):
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts.sum(axis=1)[:, None] / doc_topic


@mistake("A stored zero is divided by a probability of 0, and NaN spreads through the document's "
         "row. A stored zero is no occurrence and adds nothing.")  # fmt: skip
def zero_divided_by_zero(counts, doc_topic, topic_word):
    with np.errstate(invalid="ignore"):
        ratio = counts.data / mix(counts, doc_topic, topic_word)
    return sparse.csr_array((ratio, counts.indices, counts.indptr), counts.shape) @ topic_word.T


@mistake("A small number in the denominator is larger than a rare word's probability. Every word "
         "that occurs is possible here: leave out the stored zeros instead.")  # fmt: skip
def small_number_in_the_denominator(counts, doc_topic, topic_word):
    ratio = counts.data / (joint(counts, doc_topic, topic_word).sum(axis=1) + 1e-12)
    return sparse.csr_array((ratio, counts.indices, counts.indptr), counts.shape) @ topic_word.T


PIECE = Piece(
    id="08.likelihood_gradient",
    contract=likelihood_gradient,
    correct=correct_likelihood_gradient,
    cases=likelihood_gradient_cases,
    returns=Returned("gradient", "(docs, k)"),
    properties=(agrees_with_a_small_step,),
    mistakes=(
        expected_counts,
        expected_counts_over_shares,
        zero_where_the_share_is,
        counts_forgotten,
        derivative_of_the_log_forgotten,
        inner_derivative_forgotten,
        divided_twice,
        multiplier_subtracted,
        divided_by_length,
        wrong_sign,
        topics_outside_the_log,
        zero_divided_by_zero,
        small_number_in_the_denominator,
    ),
    section="The slope of a document's row",
)
