"""How surprised the topics are by the words."""

import numpy as np

from emkit import topics
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.topics.corpora import (
    best_log_likelihood,
    corpus_cases,
    entries,
    expected_log_likelihood,
    impossible_word,
    impossible_words,
    mix,
    random_corpus,
    sparse_storage,
)


def perplexity(counts, doc_topic, topic_word):
    """Perplexity of the words: among how many equally probable ones it would be as hard to guess.

    Parameters
    ----------
    counts : (docs, words) scipy.sparse.csr_array
        How often each document has each word; at least one word. Documents may be empty, indices
        out of order, and zeros stored; a stored zero is no occurrence.
    doc_topic : (docs, k) array
        p(topic | document); rows sum to 1.
    topic_word : (k, words) array
        p(word | topic); rows sum to 1.

    Returns
    -------
    perplexity : float
        exp of minus the mean log-likelihood of an occurrence of a word; infinite if a word occurs
        that none of its document's topics can make.
    """


def perplexity_cases(rng):
    """Corpora, then long documents, zeros and an impossible word."""
    long = random_corpus(rng, 4, 8, 2)
    long["counts"] = long["counts"] * 1000
    return [
        *corpus_cases(rng),
        Case("long documents", long, hard=True),
        Case("an empty document, indices out of order, stored zeros", sparse_storage(rng),
             hard=True),
        Case("a word that its document's only topic can't make", impossible_words(rng), hard=True),
    ]  # fmt: skip


def correct_perplexity(counts, doc_topic, topic_word):
    """By the engine."""
    return topics.perplexity(counts, doc_topic, topic_word)


def impossible_is_infinite(perplexity, counts, doc_topic, topic_word):
    """A word that can't be there surprises without bound."""
    impossible = impossible_word(counts, doc_topic, topic_word)
    if impossible and perplexity < np.inf:
        return (
            f"the perplexity is {perplexity:.6g}, but document {impossible[0]} has word "
            f"{impossible[1]}, which none of its topics can make"
        )
    return None


def between_bounds(perplexity, counts, doc_topic, topic_word):
    """The bounds of the log-likelihood, and 1: no word is more than certain."""
    n_words = counts.sum()
    least = np.exp(-best_log_likelihood(counts) / n_words)
    with np.errstate(over="ignore"):
        most = np.exp(-expected_log_likelihood(counts, doc_topic, topic_word) / n_words)
    if perplexity < 1 - 1e-9:
        return f"the perplexity is {perplexity:.4g}; where every word is certain it is 1"
    if perplexity < least * (1 - 1e-9):
        return (
            f"the perplexity, {perplexity:.4g}, is too low: even topics that give each document "
            "exactly its own word shares have a higher one"
        )
    if perplexity > most * (1 + 1e-9):
        return (
            f"the perplexity, {perplexity:.4g}, is too high: it is above the bound that Jensen's "
            "inequality gives"
        )
    return None


@mistake("The log-likelihood was divided by the number of *different* words. A word that occurs "
         "three times was guessed three times: the counts add up to the number of "
         "words.")  # fmt: skip
def divided_by_different_words(counts, doc_topic, topic_word):
    return np.exp(-topics.log_likelihood(counts, doc_topic, topic_word) / (counts.data > 0).sum())


@mistake("The log-likelihood was divided by the number of documents. Perplexity is about one "
         "*word*.")  # fmt: skip
def divided_by_documents(counts, doc_topic, topic_word):
    with np.errstate(over="ignore"):
        return np.exp(-topics.log_likelihood(counts, doc_topic, topic_word) / counts.shape[0])


@mistake("The log-likelihood was divided by the size of the vocabulary. How many words were "
         "guessed is how many occur, repeats included.")  # fmt: skip
def divided_by_vocabulary(counts, doc_topic, topic_word):
    with np.errstate(over="ignore"):
        return np.exp(-topics.log_likelihood(counts, doc_topic, topic_word) / counts.shape[1])


@mistake("The sign is missing: a log-likelihood is negative, and this is 1 / perplexity.")
def sign_forgotten(counts, doc_topic, topic_word):
    return np.exp(topics.log_likelihood(counts, doc_topic, topic_word) / counts.sum())


@mistake("This is the mean surprise of a word, a logarithm: one exp is missing at the end.")
def exp_forgotten(counts, doc_topic, topic_word):
    return -topics.log_likelihood(counts, doc_topic, topic_word) / counts.sum()


@mistake("A natural logarithm was undone with a power of 2. Use exp.")
def power_of_two(counts, doc_topic, topic_word):
    return 2.0 ** (-topics.log_likelihood(counts, doc_topic, topic_word) / counts.sum())


@mistake("The perplexities of the documents were averaged. Each *word* counts the same: one mean "
         "over all words, then exp.")  # fmt: skip
def mean_over_documents(counts, doc_topic, topic_word):
    doc, _, count = entries(counts)
    with np.errstate(divide="ignore", over="ignore"):
        logs = np.log(mix(counts, doc_topic, topic_word))
    values = [
        np.exp(-(count[here] @ logs[here]) / count[here].sum())
        for here in (np.flatnonzero((doc == i) & (count > 0)) for i in range(counts.shape[0]))
        if len(here)
    ]
    return np.mean(values)


@mistake("Each word of a document counts once here, however often it occurs: weight the "
         "log-probabilities with the counts.")  # fmt: skip
def words_counted_once(counts, doc_topic, topic_word):
    once = counts.copy()
    once.data = np.minimum(once.data, 1)
    return topics.perplexity(once, doc_topic, topic_word)


@mistake("The probabilities of the words were averaged, and their mean was turned over. Average "
         "the *logarithms*: perplexity is the geometric mean of 1 / p.")  # fmt: skip
def arithmetic_mean(counts, doc_topic, topic_word):
    return counts.sum() / (entries(counts)[2] @ mix(counts, doc_topic, topic_word))


@mistake("exp of minus the log-likelihood overflows before the root is taken. Divide by the "
         "number of words first, then apply exp.")  # fmt: skip
def exp_before_the_mean(counts, doc_topic, topic_word):
    with np.errstate(over="ignore"):
        whole = np.exp(-topics.log_likelihood(counts, doc_topic, topic_word))
    return whole ** (1 / counts.sum())


@mistake("The log-likelihood wasn't divided by the number of words: this is the perplexity of the "
         "whole corpus, not of a word.")  # fmt: skip
def mean_forgotten(counts, doc_topic, topic_word):
    with np.errstate(over="ignore"):
        return np.exp(-topics.log_likelihood(counts, doc_topic, topic_word))


PIECE = Piece(
    id="08.perplexity",
    contract=perplexity,
    correct=correct_perplexity,
    cases=perplexity_cases,
    returns=Returned("perplexity", "()"),
    properties=(impossible_is_infinite, between_bounds),
    mistakes=(
        divided_by_different_words,
        divided_by_documents,
        divided_by_vocabulary,
        sign_forgotten,
        exp_forgotten,
        power_of_two,
        mean_over_documents,
        words_counted_once,
        arithmetic_mean,
        exp_before_the_mean,
        mean_forgotten,
    ),
    section="How surprised are the topics?",
)
