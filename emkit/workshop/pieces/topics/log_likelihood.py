"""The log-likelihood of sparse counts."""

import numpy as np
from scipy.special import gammaln, xlogy

from emkit import topics
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.topics.corpora import (
    best_log_likelihood,
    corpus_cases,
    entries,
    expected_log_likelihood,
    impossible_word,
    impossible_words,
    joint,
    likeliest_log_likelihood,
    mix,
    rare_words,
    sparse_storage,
)
from emkit.workshop.pieces.topics.large import large_corpus


def log_likelihood(counts, doc_topic, topic_word):
    """Log-likelihood of the words of all documents, without the multinomial coefficient.

    Parameters
    ----------
    counts : (docs, words) scipy.sparse.csr_array
        How often each document has each word. Documents may be empty, indices out of order, and
        zeros stored; a stored zero is no occurrence.
    doc_topic : (docs, k) array
        p(topic | document); rows sum to 1.
    topic_word : (k, words) array
        p(word | topic); rows sum to 1.

    Returns
    -------
    log_likelihood : float
        The total over all words, natural logarithm; -inf if a word occurs that none of its
        document's topics can make. No array on the way is as large as documents times words.
    """


def log_likelihood_cases(rng):
    """Corpora, then what sparse arrays and zeros bring along."""
    return [
        *corpus_cases(rng),
        Case("indices out of order and stored zeros", sparse_storage(rng), hard=True),
        Case("words as rare as 1e-60", rare_words(rng), hard=True),
        Case("a word that its document's only topic can't make", impossible_words(rng), hard=True),
        large_corpus(rng),
    ]


def correct_log_likelihood(counts, doc_topic, topic_word):
    """By the engine."""
    return topics.log_likelihood(counts, doc_topic, topic_word)


def impossible_is_minus_infinity(log_likelihood, counts, doc_topic, topic_word):
    """A word that can't be there makes the whole impossible."""
    impossible = impossible_word(counts, doc_topic, topic_word)
    if impossible and log_likelihood > -np.inf:
        return (
            f"the result is {log_likelihood:.6g}, but document {impossible[0]} has word "
            f"{impossible[1]}, which none of its topics can make"
        )
    return None


def between_bounds(log_likelihood, counts, doc_topic, topic_word):
    """Jensen's inequality from below, the documents' own word shares from above."""
    best = best_log_likelihood(counts)
    low = expected_log_likelihood(counts, doc_topic, topic_word)
    slack = 1e-6 * max(1, abs(best))
    if log_likelihood > best + slack:
        return (
            "the result is too high: even topics that give each document exactly its own word "
            "shares have a lower log-likelihood"
        )
    if log_likelihood > likeliest_log_likelihood(counts, topic_word) + slack:
        return (
            "the result is too high: even if every word came from the topic that makes it most "
            "often, the log-likelihood would be lower"
        )
    if log_likelihood < low - slack:
        return (
            "the result is too low: by Jensen's inequality the logarithms of p(word | topic), "
            "averaged with the document's shares of the topics, can only be lower than the "
            "logarithm of the average"
        )
    return None


@mistake("Each word of a document counts once here, however often it occurs. A word that occurs "
         "three times adds its log-probability three times.")  # fmt: skip
def words_counted_once(counts, doc_topic, topic_word):
    return np.log(mix(counts, doc_topic, topic_word)[counts.data > 0]).sum()


@mistake("The topics are summed *outside* the logarithm. A word comes from one topic or another: "
         "first p(word | document), a sum over the topics, then its logarithm.")  # fmt: skip
def topics_outside_the_log(counts, doc_topic, topic_word):
    count = entries(counts)[2]
    with np.errstate(divide="ignore"):
        logs = np.log(joint(counts, doc_topic, topic_word))
    return np.where(count[:, None] > 0, count[:, None] * logs, 0).sum()


@mistake("The logarithms of p(word | topic) are averaged with the document's topics. That is "
         "Jensen's lower bound: mix the *probabilities* first, then take the "
         "logarithm.")  # fmt: skip
def average_of_logs(counts, doc_topic, topic_word):
    return expected_log_likelihood(counts, doc_topic, topic_word)


@mistake("The topics of the document are missing: p(word | document) weights each topic's "
         "p(word | topic) with p(topic | document).")  # fmt: skip
def shares_of_topics_forgotten(counts, doc_topic, topic_word):
    count = entries(counts)[2]
    return xlogy(count, mix(counts, np.ones_like(doc_topic), topic_word)).sum()


@mistake("All documents have the average shares of the topics here. Each word belongs to a "
         "document with shares of its own.")  # fmt: skip
def one_mixture_for_all(counts, doc_topic, topic_word):
    shared = np.tile(doc_topic.mean(axis=0), (len(doc_topic), 1))
    return xlogy(entries(counts)[2], mix(counts, shared, topic_word)).sum()


@mistake("The probabilities are summed over the words *inside* the logarithm. Words are "
         "independent given the topics: their probabilities multiply, so their logarithms "
         "add.")  # fmt: skip
def log_of_the_sum(counts, doc_topic, topic_word):
    return np.log(entries(counts)[2] @ mix(counts, doc_topic, topic_word))


@mistake("The count multiplies the probability inside the logarithm. A word that occurs three "
         "times has the probability p · p · p: where does the 3 go in the logarithm?")  # fmt: skip
def counts_inside_the_log(counts, doc_topic, topic_word):
    inside = entries(counts)[2] * mix(counts, doc_topic, topic_word)
    return np.log(inside[counts.data > 0]).sum()


@mistake("Only the likeliest topic of each word counts here. The others make the word, too: sum "
         "over the topics.")  # fmt: skip
def likeliest_topic_only(counts, doc_topic, topic_word):
    return xlogy(entries(counts)[2], joint(counts, doc_topic, topic_word).max(axis=1)).sum()


@mistake("Only the first two topics count here. There may be more: sum over all k.")
def first_two_topics(counts, doc_topic, topic_word):
    return xlogy(entries(counts)[2], mix(counts, doc_topic[:, :2], topic_word[:2])).sum()


@mistake("The multinomial coefficient is in it: how many orders the words could have. It doesn't "
         "depend on the topics and stays out.")  # fmt: skip
def with_multinomial_coefficient(counts, doc_topic, topic_word):
    doc, _, count = entries(counts)
    lengths = np.bincount(doc, weights=count)
    orders = gammaln(lengths + 1).sum() - gammaln(count + 1).sum()
    return topics.log_likelihood(counts, doc_topic, topic_word) + orders


@mistake("This is the mean over the words; the log-likelihood is the total.")
def mean_over_words(counts, doc_topic, topic_word):
    return topics.log_likelihood(counts, doc_topic, topic_word) / counts.sum()


@mistake("This is the *negative* log-likelihood.")
def negative_log_likelihood(counts, doc_topic, topic_word):
    return -topics.log_likelihood(counts, doc_topic, topic_word)


@mistake("The logarithm has another base. All logarithms of the course are natural.")
def binary_logarithm(counts, doc_topic, topic_word):
    return topics.log_likelihood(counts, doc_topic, topic_word) / np.log(2)


@mistake("The topics multiplied the counts without a logarithm: this is a sum of probabilities. "
         "Take the logarithm of each p(word | document).")  # fmt: skip
def logarithm_forgotten(counts, doc_topic, topic_word):
    return entries(counts)[2] @ mix(counts, doc_topic, topic_word)


@mistake("0 · log 0 is NaN in floating point. A stored zero is no occurrence and adds nothing, "
         "whatever the probability of its word.")  # fmt: skip
def zero_times_minus_infinity(counts, doc_topic, topic_word):
    with np.errstate(divide="ignore", invalid="ignore"):
        return (entries(counts)[2] * np.log(mix(counts, doc_topic, topic_word))).sum()


@mistake("A small number inside the logarithm keeps it from log 0, and makes rare words commoner "
         "than they are and impossible ones possible. Leave out the stored zeros instead; an "
         "impossible word that occurs gives minus infinity.")  # fmt: skip
def small_number_in_the_log(counts, doc_topic, topic_word):
    return entries(counts)[2] @ np.log(mix(counts, doc_topic, topic_word) + 1e-10)


@mistake("A word that no topic of its document can make was left out. It did occur: under these "
         "parameters such a document has the probability 0, and its logarithm is minus "
         "infinity.")  # fmt: skip
def impossible_words_left_out(counts, doc_topic, topic_word):
    probability = mix(counts, doc_topic, topic_word)
    possible = probability > 0
    return entries(counts)[2][possible] @ np.log(probability[possible])


PIECE = Piece(
    id="08.log_likelihood",
    contract=log_likelihood,
    correct=correct_log_likelihood,
    cases=log_likelihood_cases,
    returns=Returned("log_likelihood", "()"),
    properties=(impossible_is_minus_infinity, between_bounds),
    mistakes=(
        words_counted_once,
        topics_outside_the_log,
        average_of_logs,
        shares_of_topics_forgotten,
        one_mixture_for_all,
        log_of_the_sum,
        counts_inside_the_log,
        likeliest_topic_only,
        first_two_topics,
        with_multinomial_coefficient,
        mean_over_words,
        negative_log_likelihood,
        binary_logarithm,
        logarithm_forgotten,
        zero_times_minus_infinity,
        small_number_in_the_log,
        impossible_words_left_out,
    ),
    section="Only the words that occur",
)
