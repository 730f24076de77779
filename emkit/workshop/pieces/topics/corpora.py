"""Small corpora that the cases are drawn from, and what the wrong ways are made of."""

import numpy as np
from scipy import sparse

from emkit.workshop.piece import Case


def random_topics(rng, docs, words, k):
    """Topics of the documents and words of the topics, no probability near 0."""
    doc_topic = rng.dirichlet(np.full(k, 3.0), size=docs)
    topic_word = rng.dirichlet(np.full(words, 3.0), size=k)
    return doc_topic, topic_word


def random_corpus(rng, docs, words, k):
    """Integer counts, half of them 0, and topics; no document is empty, each word occurs."""
    occurs = rng.random((docs, words)) < 0.5
    occurs[np.arange(max(docs, words)) % docs, np.arange(max(docs, words)) % words] = True
    counts = sparse.csr_array(occurs * rng.integers(1, 8, size=(docs, words)))
    return dict(zip(CORPUS, (counts, *random_topics(rng, docs, words, k)), strict=True))


CORPUS = ("counts", "doc_topic", "topic_word")


def small_corpus(rng):
    """Three documents, four words and two topics in numbers that can be typed."""
    counts = rng.permuted([[3, 1, 0, 0], [0, 2, 4, 1], [1, 0, 0, 2]], axis=1)
    share = rng.choice([0.2, 0.3, 0.4])
    doc_topic = np.array([[share, 1 - share], [0.7, 0.3], [0.9, 0.1]])
    topic_word = np.array([rng.permutation([0.5, 0.2, 0.2, 0.1]), [0.1, 0.1, 0.3, 0.5]])
    return {"counts": sparse.csr_array(counts), "doc_topic": doc_topic, "topic_word": topic_word}


def single_words(rng):
    """Expected counts below 1, for documents as for topics."""
    words = rng.permutation(5)[[0, 1, 1]]
    counts = sparse.csr_array(np.eye(5, dtype=int)[words])
    return {"counts": counts} | dict(zip(CORPUS[1:], random_topics(rng, 3, 5, 3), strict=True))


def corpus_cases(rng):
    """Corpora in which every document has words and all that occurs is possible."""
    floats = random_corpus(rng, 4, 5, 2)
    floats["counts"] = floats["counts"].astype(float)
    return [
        Case("3 documents, 4 words, 2 topics", small_corpus(rng)),
        Case("6 documents, 9 words, 3 topics", random_corpus(rng, 6, 9, 3)),
        Case("counts as floating-point numbers", floats),
        Case("a single topic", random_corpus(rng, 3, 4, 1)),
        Case("a single document, 4 topics", random_corpus(rng, 1, 7, 4)),
        Case("a vocabulary of a single word", random_corpus(rng, 3, 1, 2)),
        Case("3 documents of a single word each, 3 topics", single_words(rng)),
    ]


def jumbled(counts, zeros):
    """The counts as CSR with the indices of each row in falling order, and with stored zeros.

    `zeros` are pairs (doc, word) that get one.
    """
    stored = counts > 0
    stored[tuple(np.transpose(zeros))] = True
    columns = [np.flatnonzero(row)[::-1] for row in stored]
    data = np.concatenate([row[of] for row, of in zip(counts, columns, strict=True)])
    ends = np.cumsum([0, *map(len, columns)])
    return sparse.csr_array((data, np.concatenate(columns), ends), shape=counts.shape)


def sparse_storage(rng):
    """An empty document, indices out of order, stored zeros, one of them at a word of no topic."""
    doc_topic, topic_word = random_topics(rng, 4, 6, 2)
    nobodys = rng.integers(6)
    topic_word[:, nobodys] = 0
    topic_word /= topic_word.sum(axis=1, keepdims=True)
    counts = rng.integers(1, 5, size=(4, 6))
    counts[rng.random((4, 6)) < 0.3] = 0
    counts[:, nobodys] = 0
    others = np.setdiff1d(np.arange(6), nobodys)
    counts[0, others] = [3, 2, 1, 4, 5]
    counts[2] = 0
    counts[1, others[:2]] = [0, 2]
    return {
        "counts": jumbled(counts, zeros=[(0, nobodys), (1, others[0])]),
        "doc_topic": doc_topic,
        "topic_word": topic_word,
    }


def rare_words(rng):
    """Some documents hold only words that every topic makes with a probability of some 1e-60."""
    case = random_corpus(rng, 3, 6, 2)
    case["topic_word"][:, 3:] *= 1e-60
    case["topic_word"] /= case["topic_word"].sum(axis=1, keepdims=True)
    case["counts"] = sparse.csr_array(
        [[2, 1, 0, 3, 0, 0], [0, 0, 0, *rng.permutation([1, 4, 0])], [0, 3, 1, 0, 0, 2]]
    )
    return case


def impossible_words(rng):
    """Each topic has words of its own, and a document holds one that its only topic can't make."""
    low, high = rng.dirichlet(np.full(3, 3.0), size=2)
    share = rng.uniform(0.2, 0.8)
    return {
        "counts": sparse.csr_array(
            [[2, 1, 0, 3, 1, 0], [1, 0, 4, 0, 2, 0], [0, 2, 1, 0, 0, rng.integers(1, 5)]]
        ),
        "doc_topic": np.array([[share, 1 - share], [1.0, 0.0], [0.5, 0.5]]),
        "topic_word": np.array([[*low, 0, 0, 0], [0, 0, 0, *high]]),
    }


def entries(counts):
    """Document, word and count of each stored entry."""
    doc = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    return doc, counts.indices, counts.data.astype(float)


def joint(counts, doc_topic, topic_word):
    """p(z, word | doc) for each stored entry, (entries, k)."""
    doc, word, _ = entries(counts)
    return doc_topic[doc] * topic_word.T[word]


def mix(counts, doc_topic, topic_word):
    """p(word | doc) for each stored entry, (entries,)."""
    return joint(counts, doc_topic, topic_word).sum(axis=1)


def posterior(counts, doc_topic, topic_word):
    """p(z | doc, word) for each stored entry, (entries, k); 0 where the word is impossible."""
    values = joint(counts, doc_topic, topic_word)
    total = values.sum(axis=1, keepdims=True)
    return np.divide(values, total, out=np.zeros_like(values), where=total > 0)


def ratios(counts, doc_topic, topic_word):
    """counts / p(word | doc) at the stored entries, 0 where the word is impossible: sparse."""
    probability = mix(counts, doc_topic, topic_word)
    ratio = np.divide(
        counts.data, probability, out=np.zeros(len(probability)), where=probability > 0
    )
    return sparse.csr_array((ratio, counts.indices, counts.indptr), shape=counts.shape)


def best_log_likelihood(counts):
    """What no topics can exceed: each document's words have their own shares as probabilities."""
    doc, _, count = entries(counts)
    length = np.bincount(doc, weights=count, minlength=counts.shape[0])
    doc, count = doc[count > 0], count[count > 0]
    return (count * np.log(count / length[doc])).sum()


def likeliest_log_likelihood(counts, topic_word):
    """What no shares of the topics can exceed: each word from the topic that makes it most often.

    -inf where no topic at all makes a word that occurs.
    """
    _, word, count = entries(counts)
    with np.errstate(divide="ignore"):
        return (count[count > 0] * np.log(topic_word.max(axis=0)[word[count > 0]])).sum()


def impossible_word(counts, doc_topic, topic_word):
    """The first (doc, word) that occurs though no topic of the document can make it, or None."""
    doc, word, count = entries(counts)
    bad = np.flatnonzero((count > 0) & (mix(counts, doc_topic, topic_word) == 0))
    return (int(doc[bad[0]]), int(word[bad[0]])) if len(bad) else None


def expected_log_likelihood(counts, doc_topic, topic_word):
    """Σ counts · Σ_z p(z | doc) log p(word | z), by Jensen's inequality never above the real one.

    -inf where one of a document's topics can't make one of its words.
    """
    doc, word, count = entries(counts)
    topics, words, count = (
        doc_topic[doc[count > 0]],
        topic_word.T[word[count > 0]],
        count[count > 0],
    )
    with np.errstate(divide="ignore"):
        logs = np.where(topics > 0, np.log(words), 0)
    return (count[:, None] * topics * logs).sum()
