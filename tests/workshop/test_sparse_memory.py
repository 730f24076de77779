"""Assignment 08 asks for work on the words that occur: dense arrays have no room."""

import numpy as np
import pytest
from scipy import sparse
from scipy.special import xlogy

from emkit.workshop import CheckFailed, check


def dense_counts(counts, doc_topic, topic_word):
    return xlogy(counts.toarray(), doc_topic @ topic_word).sum()


def dense_product(counts, doc_topic, topic_word):
    doc = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    return xlogy(counts.data, (doc_topic @ topic_word)[doc, counts.indices]).sum()


def dense_mask(counts, doc_topic, topic_word):
    doc, word = ((counts > 0).toarray()).nonzero()
    mix = (doc_topic[doc] * topic_word.T[word]).sum(axis=1)
    with np.errstate(divide="ignore"):
        return (np.asarray(counts[doc, word]) * np.log(mix)).sum()


def dense_step(counts, doc_topic, topic_word):
    dense, mix = counts.toarray(), doc_topic @ topic_word
    ratio = np.divide(dense, mix, out=np.zeros(mix.shape), where=mix > 0)
    return normalised(doc_topic, topic_word, ratio)


def dense_mixture(counts, doc_topic, topic_word):
    mix = doc_topic @ topic_word
    ratio = counts.multiply(1 / np.where(mix > 0, mix, np.inf)).tocsr()
    return normalised(doc_topic, topic_word, ratio)


def normalised(doc_topic, topic_word, ratio):
    by_doc, by_word = doc_topic * (ratio @ topic_word.T), topic_word * (ratio.T @ doc_topic).T
    results = []
    for rows, old in ((by_doc, doc_topic), (by_word, topic_word)):
        total = rows.sum(axis=1, keepdims=True)
        results.append(np.where(total > 0, rows / np.where(total > 0, total, 1), old))
    return tuple(results)


@pytest.mark.parametrize(
    ("piece", "function"),
    [
        ("08.log_likelihood", dense_counts),
        ("08.log_likelihood", dense_product),
        ("08.log_likelihood", dense_mask),
        ("08.em_step", dense_step),
        ("08.em_step", dense_mixture),
    ],
)
def test_right_values_from_a_dense_array_are_refused_for_their_memory(piece, function):
    check(piece, function, part="ordinary")
    with pytest.raises(CheckFailed, match=r"at its\s+peak\s+it\s+holds\s+\d+\s+MB"):
        check(piece, function, part="hard")


def test_blocks_of_documents_have_room():
    def in_blocks(counts, doc_topic, topic_word):
        total = 0.0
        for first in range(0, counts.shape[0], 20):
            block = slice(first, first + 20)
            some = sparse.csr_array(counts[block]).toarray()
            total += xlogy(some, doc_topic[block] @ topic_word).sum()
        return total

    check("08.log_likelihood", in_blocks)
