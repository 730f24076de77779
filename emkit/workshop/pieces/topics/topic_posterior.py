"""Which topic an occurrence of a word belongs to."""

import numpy as np

from emkit import topics
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.topics.corpora import random_topics


def topic_posterior(doc, word, doc_topic, topic_word):
    """Share of each topic in an occurrence of a word in a document, p(z | doc, word).

    Parameters
    ----------
    doc : int
        Number of the document, from 0.
    word : int
        Number of the word, from 0; at least one of the document's topics can make it.
    doc_topic : (docs, k) array
        p(topic | document); rows sum to 1.
    topic_word : (k, words) array
        p(word | topic); rows sum to 1, probabilities may be tiny or 0.

    Returns
    -------
    posterior : (k,) array
        Sums to 1.
    """


def topic_posterior_cases(rng):
    """Small tables, one topic, zeros, and a word that is rare everywhere."""

    def case(docs, words, k):
        doc_topic, topic_word = random_topics(rng, docs, words, k)
        doc, word = int(rng.integers(docs)), int(rng.integers(words))
        return {"doc": doc, "word": word, "doc_topic": doc_topic, "topic_word": topic_word}

    share = rng.choice([0.2, 0.3, 0.4])
    small = {
        "doc": 1,
        "word": 0,
        "doc_topic": np.array([[0.9, 0.1], [share, 1 - share]]),
        "topic_word": np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]),
    }
    zeros = case(3, 5, 4)
    zeros["doc_topic"][:, 0] = 0
    zeros["doc_topic"] /= zeros["doc_topic"].sum(axis=1, keepdims=True)
    zeros["topic_word"][2, zeros["word"]] = 0
    zeros["topic_word"] /= zeros["topic_word"].sum(axis=1, keepdims=True)
    rare = case(3, 4, 3)
    rare["topic_word"][:, rare["word"]] *= 1e-60
    rare["topic_word"] /= rare["topic_word"].sum(axis=1, keepdims=True)
    return [
        Case("2 documents, 3 words, 2 topics", small),
        Case("4 documents, 6 words, 3 topics", case(4, 6, 3)),
        Case("as many documents, words and topics", case(3, 3, 3)),
        Case("a single topic", case(2, 4, 1)),
        Case("a topic that the document hasn't, and one without the word", zeros),
        Case("a word with a probability of some 1e-60 in every topic", rare, hard=True),
    ]


def correct_topic_posterior(doc, word, doc_topic, topic_word):
    """By the engine."""
    return topics.topic_posterior(doc, word, doc_topic, topic_word)


def a_distribution(posterior, doc, word, doc_topic, topic_word):
    """Shares between 0 and 1 that sum to 1, none for a topic that can't be."""
    for z in np.flatnonzero((posterior < 0) | (posterior > 1 + 1e-9)):
        return f"posterior[{z}] is {posterior[z]:.4g}, which is no probability"
    if abs(posterior.sum() - 1) > 1e-6:
        return f"the shares of the topics sum to {posterior.sum():.7g}, not to 1"
    for z in np.flatnonzero((posterior > 0) & (doc_topic[doc] == 0)):
        return f"topic {z} gets a share of the word, but document {doc} hasn't got that topic"
    for z in np.flatnonzero((posterior > 0) & (topic_word[:, word] == 0)):
        return f"topic {z} gets a share, but it can't make word {word}"
    return None


@mistake("The document's topics are missing. In a document that is all about one topic, a word "
         "that two topics make equally often belongs to that one.")  # fmt: skip
def document_forgotten(doc, word, doc_topic, topic_word):
    return topic_word[:, word] / topic_word[:, word].sum()


@mistake("These are the document's topics before looking at the word. Bayes' rule multiplies them "
         "by how probable the word is in each topic.")  # fmt: skip
def word_forgotten(doc, word, doc_topic, topic_word):
    return doc_topic[doc]


@mistake("These are joint probabilities of topic and word: divide them by their sum, "
         "p(word | document).")  # fmt: skip
def not_normalised(doc, word, doc_topic, topic_word):
    return doc_topic[doc] * topic_word[:, word]


@mistake("A share of the document and a share of the word are averaged. Probabilities of two "
         "things that must both happen multiply.")  # fmt: skip
def averaged(doc, word, doc_topic, topic_word):
    values = doc_topic[doc] + topic_word[:, word]
    return values / values.sum()


@mistake("The topics of all documents together stand in for those of this document.")
def topics_of_the_corpus(doc, word, doc_topic, topic_word):
    values = doc_topic.mean(axis=0) * topic_word[:, word]
    return values / values.sum()


@mistake("`doc` and `word` count from 0, as NumPy does; you take one less.")
def counted_from_one(doc, word, doc_topic, topic_word):
    values = doc_topic[doc - 1] * topic_word[:, word - 1]
    return values / values.sum()


@mistake("The word goes wholly to its likeliest topic. The posterior keeps the doubt.")
def hard_assignment(doc, word, doc_topic, topic_word):
    joint = doc_topic[doc] * topic_word[:, word]
    return np.eye(len(joint))[joint.argmax()]


@mistake("These are logarithms of the shares: one exp is missing at the end.")
def logs_of_shares(doc, word, doc_topic, topic_word):
    joint = doc_topic[doc] * topic_word[:, word]
    with np.errstate(divide="ignore"):
        return np.log(joint / joint.sum())


@mistake("The joint probabilities went through exp before they were divided by their sum "
         "(softmax). They are no logarithms: divide them as they are.")  # fmt: skip
def softmax_of_probabilities(doc, word, doc_topic, topic_word):
    values = np.exp(doc_topic[doc] * topic_word[:, word])
    return values / values.sum()


@mistake("A small number in the denominator is larger than a rare word's probability, and its "
         "shares sum to almost 0. As the word can be made, the sum isn't 0: leave the number "
         "out.")  # fmt: skip
def small_number_in_the_denominator(doc, word, doc_topic, topic_word):
    joint = doc_topic[doc] * topic_word[:, word]
    return joint / (joint.sum() + 1e-12)


@mistake("A small number was added to the probabilities. Beside a rare word's it is everything, "
         "and it gives a share to topics that have none.")  # fmt: skip
def small_number_added(doc, word, doc_topic, topic_word):
    joint = doc_topic[doc] * topic_word[:, word] + 1e-12
    return joint / joint.sum()


PIECE = Piece(
    id="08.topic_posterior",
    contract=topic_posterior,
    correct=correct_topic_posterior,
    cases=topic_posterior_cases,
    returns=Returned("posterior", "(k,)"),
    properties=(a_distribution,),
    mistakes=(
        document_forgotten,
        word_forgotten,
        not_normalised,
        averaged,
        topics_of_the_corpus,
        counted_from_one,
        hard_assignment,
        logs_of_shares,
        softmax_of_probabilities,
        small_number_in_the_denominator,
        small_number_added,
    ),
    section="Which topic did this word come from?",
)
