"""Right answers to assignment 08, each written in several ways. All of them must pass."""

import math

import numpy as np
from numpy import log
from scipy import sparse
from scipy.special import logsumexp, softmax, xlogy

# ----------------------------------------------------------------------------- log_likelihood


def log_likelihood_entries(counts, doc_topic, topic_word):
    doc = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    mix = (doc_topic[doc] * topic_word[:, counts.indices].T).sum(axis=1)
    return xlogy(counts.data, mix).sum()


def log_likelihood_coo(counts, doc_topic, topic_word):
    occurring = counts.tocoo()
    kept = occurring.data > 0
    rows, columns = (index[kept] for index in occurring.coords)
    mix = np.einsum("ez,ze->e", doc_topic[rows], topic_word[:, columns])
    with np.errstate(divide="ignore"):
        return float(occurring.data[kept] @ np.log(mix))


def log_likelihood_loops(counts, doc_topic, topic_word):
    total = 0.0
    for i in range(counts.shape[0]):
        for e in range(counts.indptr[i], counts.indptr[i + 1]):
            if counts.data[e] == 0:
                continue
            w = counts.indices[e]
            p = sum(doc_topic[i, z] * topic_word[z, w] for z in range(len(topic_word)))
            if p == 0:
                return -math.inf
            total += counts.data[e] * math.log(p)
    return total


def log_likelihood_document_by_document(counts, doc_topic, topic_word):
    total = 0.0
    for i, row in enumerate(doc_topic):
        here = slice(counts.indptr[i], counts.indptr[i + 1])
        words, numbers = counts.indices[here], counts.data[here]
        words, numbers = words[numbers > 0], numbers[numbers > 0]
        with np.errstate(divide="ignore"):
            total += np.sum(numbers * log(row @ topic_word[:, words]))
    return total


def log_likelihood_log_space(counts, doc_topic, topic_word):
    words = counts.copy()
    words.eliminate_zeros()
    rows, columns = words.nonzero()
    with np.errstate(divide="ignore"):
        values = np.log(doc_topic)[rows] + np.log(topic_word).T[columns]
    return (words.data * logsumexp(values, axis=1)).sum()


# ---------------------------------------------------------------------------- topic_posterior


def topic_posterior_formula(doc, word, doc_topic, topic_word):
    joint = doc_topic[doc] * topic_word[:, word]
    return joint / joint.sum()


def topic_posterior_loop(doc, word, doc_topic, topic_word):
    joint = [doc_topic[doc, z] * topic_word[z, word] for z in range(topic_word.shape[0])]
    return np.array([value / math.fsum(joint) for value in joint])


def topic_posterior_log_space(doc, word, doc_topic, topic_word):
    with np.errstate(divide="ignore"):
        return softmax(np.log(doc_topic[doc]) + np.log(topic_word[:, word]))


def topic_posterior_einsum(doc, word, doc_topic, topic_word):
    total = doc_topic[doc] @ topic_word[:, word]
    return np.einsum("z,z->z", doc_topic[doc] / total, topic_word[:, word])


# ------------------------------------------------------------------------ likelihood_gradient


def likelihood_gradient_sparse_product(counts, doc_topic, topic_word):
    ratio = counts.astype(float)
    ratio.eliminate_zeros()
    rows, columns = ratio.nonzero()
    ratio.data /= (doc_topic[rows] * topic_word[:, columns].T).sum(axis=1)
    return ratio @ topic_word.T


def likelihood_gradient_loops(counts, doc_topic, topic_word):
    gradient = np.zeros(doc_topic.shape)
    for i in range(counts.shape[0]):
        for e in range(counts.indptr[i], counts.indptr[i + 1]):
            word, count = counts.indices[e], counts.data[e]
            if count > 0:
                gradient[i] += count * topic_word[:, word] / (doc_topic[i] @ topic_word[:, word])
    return gradient


def likelihood_gradient_dense(counts, doc_topic, topic_word):
    dense = counts.toarray()
    mix = doc_topic @ topic_word
    ratio = np.divide(dense, mix, out=np.zeros(mix.shape), where=dense > 0)
    return np.einsum("dw,zw->dz", ratio, topic_word)


def likelihood_gradient_added_at(counts, doc_topic, topic_word):
    entries = counts.tocoo()
    kept = entries.data > 0
    rows, columns = (index[kept] for index in entries.coords)
    words = topic_word.T[columns]
    mix = np.einsum("ez,ez->e", doc_topic[rows], words)
    gradient = np.zeros_like(doc_topic)
    np.add.at(gradient, rows, words * (entries.data[kept] / mix)[:, None])
    return gradient


# ------------------------------------------------------------------------------------ em_step


def em_step_sparse_products(counts, doc_topic, topic_word):
    doc = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    mix = np.einsum("ez,ez->e", doc_topic[doc], topic_word.T[counts.indices])
    values = counts.data / np.where(mix > 0, mix, 1)
    ratio = sparse.csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
    by_doc = doc_topic * (ratio @ topic_word.T)
    by_word = topic_word * (ratio.T @ doc_topic).T
    results = []
    for expected, old in ((by_doc, doc_topic), (by_word, topic_word)):
        total = expected.sum(axis=1, keepdims=True)
        results.append(np.divide(expected, total, out=old.copy(), where=total > 0))
    return tuple(results)


def em_step_loops(counts, doc_topic, topic_word):
    by_doc, by_word = np.zeros(doc_topic.shape), np.zeros(topic_word.shape)
    for i in range(counts.shape[0]):
        for e in range(counts.indptr[i], counts.indptr[i + 1]):
            w = counts.indices[e]
            joint = doc_topic[i] * topic_word[:, w]
            if joint.sum() > 0:
                share = counts.data[e] * joint / joint.sum()
                by_doc[i] += share
                by_word[:, w] += share
    for expected, old in ((by_doc, doc_topic), (by_word, topic_word)):
        for row in range(len(expected)):
            total = expected[row].sum()
            expected[row] = expected[row] / total if total > 0 else old[row]
    return by_doc, by_word


def em_step_topic_by_topic(counts, doc_topic, topic_word):
    rows, columns = counts.tocoo().coords
    joint = np.stack([doc_topic[rows, z] * topic_word[z, columns] for z in range(len(topic_word))])
    total = joint.sum(axis=0)
    expected = counts.data * joint / np.where(total > 0, total, 1)
    by_doc = np.stack([np.bincount(rows, e, counts.shape[0]) for e in expected], axis=1)
    by_word = np.stack([np.bincount(columns, e, counts.shape[1]) for e in expected])
    new_docs, new_words = doc_topic.copy(), topic_word.copy()
    some = by_doc.sum(axis=1) > 0
    new_docs[some] = by_doc[some] / by_doc[some].sum(axis=1, keepdims=True)
    some = by_word.sum(axis=1) > 0
    new_words[some] = by_word[some] / by_word[some].sum(axis=1, keepdims=True)
    return new_docs, new_words


def em_step_log_space(counts, doc_topic, topic_word):
    words = counts.astype(float)
    words.eliminate_zeros()
    rows, columns = words.nonzero()
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(doc_topic)[rows] + np.log(topic_word).T[columns]
        posterior = np.exp(values - logsumexp(values, axis=1, keepdims=True))
    expected = words.data[:, None] * np.nan_to_num(posterior)
    by_doc, by_word = np.zeros_like(doc_topic), np.zeros_like(topic_word.T)
    np.add.at(by_doc, rows, expected)
    np.add.at(by_word, columns, expected)
    with np.errstate(invalid="ignore"):
        new_docs = by_doc / by_doc.sum(axis=1)[:, None]
        new_words = by_word.T / by_word.sum(axis=0)[:, None]
    return (
        np.where(np.isnan(new_docs), doc_topic, new_docs),
        np.where(np.isnan(new_words), topic_word, new_words),
    )


# --------------------------------------------------------------------------------- perplexity


def perplexity_from_log_likelihood(counts, doc_topic, topic_word):
    return np.exp(-log_likelihood_entries(counts, doc_topic, topic_word) / counts.sum())


def perplexity_loops(counts, doc_topic, topic_word):
    total = log_likelihood_loops(counts, doc_topic, topic_word)
    return math.exp(-total / sum(int(count) for count in counts.data))


def perplexity_weighted_mean(counts, doc_topic, topic_word):
    words = counts.copy()
    words.eliminate_zeros()
    rows, columns = words.nonzero()
    with np.errstate(divide="ignore"):
        logs = np.log(np.einsum("ez,ez->e", doc_topic[rows], topic_word.T[columns]))
    return np.exp(-np.average(logs, weights=words.data))


def perplexity_geometric_mean(counts, doc_topic, topic_word):
    dense, mix = counts.toarray(), doc_topic @ topic_word
    shares = dense[dense > 0] / dense.sum()
    with np.errstate(divide="ignore"):
        return np.prod(np.power(1 / mix[dense > 0], shares))


# ------------------------------------------------------------------------------------ fold_in


def fold_in_sparse_products(new_counts, topic_word, n_iter):
    k = len(topic_word)
    doc = np.repeat(np.arange(new_counts.shape[0]), np.diff(new_counts.indptr))
    words = topic_word.T[new_counts.indices]
    doc_topic = np.full((new_counts.shape[0], k), 1 / k)
    for _ in range(n_iter):
        mix = (doc_topic[doc] * words).sum(axis=1)
        values = new_counts.data / np.where(mix > 0, mix, 1)
        ratio = sparse.csr_array((values, new_counts.indices, new_counts.indptr), new_counts.shape)
        expected = doc_topic * (ratio @ topic_word.T)
        total = expected.sum(axis=1, keepdims=True)
        doc_topic = np.divide(expected, total, out=doc_topic, where=total > 0)
    return doc_topic


def fold_in_em_steps(new_counts, topic_word, n_iter):
    doc_topic = np.ones((new_counts.shape[0], topic_word.shape[0])) / topic_word.shape[0]
    for _ in range(n_iter):
        doc_topic, _ = em_step_topic_by_topic(new_counts, doc_topic, topic_word)
    return doc_topic


def fold_in_document_by_document(new_counts, topic_word, n_iter):
    k = topic_word.shape[0]
    rows = []
    for i in range(new_counts.shape[0]):
        here = slice(new_counts.indptr[i], new_counts.indptr[i + 1])
        words = topic_word[:, new_counts.indices[here]]
        possible = words.sum(axis=0) > 0
        words, numbers = words[:, possible], new_counts.data[here][possible]
        row = np.full(k, 1 / k)
        for _ in range(n_iter if numbers.sum() else 0):
            joint = row[:, None] * words
            row = (joint / joint.sum(axis=0)) @ numbers / numbers.sum()
        rows.append(row)
    return np.array(rows)


def fold_in_dense(new_counts, topic_word, n_iter):
    dense = np.where(topic_word.max(axis=0) > 0, new_counts.toarray(), 0)
    doc_topic = np.full((len(dense), len(topic_word)), 1 / len(topic_word))
    empty = dense.sum(axis=1) == 0
    for _ in range(n_iter):
        mix = doc_topic @ topic_word
        ratio = dense / np.where(dense > 0, mix, 1)
        doc_topic = doc_topic * np.einsum("dw,zw->dz", ratio, topic_word)
        doc_topic[empty] = 1.0
        doc_topic /= doc_topic.sum(axis=1)[:, None]
    return doc_topic


RIGHT_ANSWERS = {
    "08.log_likelihood": (
        log_likelihood_entries,
        log_likelihood_coo,
        log_likelihood_loops,
        log_likelihood_document_by_document,
        log_likelihood_log_space,
    ),
    "08.topic_posterior": (
        topic_posterior_formula,
        topic_posterior_loop,
        topic_posterior_log_space,
        topic_posterior_einsum,
    ),
    "08.likelihood_gradient": (
        likelihood_gradient_sparse_product,
        likelihood_gradient_loops,
        likelihood_gradient_dense,
        likelihood_gradient_added_at,
    ),
    "08.em_step": (
        em_step_sparse_products,
        em_step_loops,
        em_step_topic_by_topic,
        em_step_log_space,
    ),
    "08.perplexity": (
        perplexity_from_log_likelihood,
        perplexity_loops,
        perplexity_weighted_mean,
        perplexity_geometric_mean,
    ),
    "08.fold_in": (
        fold_in_sparse_products,
        fold_in_em_steps,
        fold_in_document_by_document,
        fold_in_dense,
    ),
}
