"""Topics of documents that the fit hasn't seen."""

import numpy as np
from scipy import sparse

from emkit import topics
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.topics.corpora import (
    corpus_cases,
    entries,
    impossible_words,
    mix,
    rare_words,
    ratios,
    sparse_storage,
)


def fold_in(new_counts, topic_word, n_iter):
    """Topics of new documents, by EM on their rows alone; the topics' words stay as they are.

    Parameters
    ----------
    new_counts : (docs, words) scipy.sparse.csr_array
        How often each new document has each word. Documents may be empty, indices out of order,
        and zeros stored; a stored zero is no occurrence.
    topic_word : (k, words) array
        p(word | topic); rows sum to 1, entries may be 0.
    n_iter : int
        Number of EM steps from uniform rows; with 0 the rows stay uniform.

    Returns
    -------
    doc_topic : (docs, k) array
        p(topic | document); rows sum to 1. Words that no topic can make count for nothing; a
        document without other words stays uniform.
    """


def fold_in_cases(rng):
    """Corpora with several numbers of steps, then words of no topic and empty documents."""

    def case(corpus, n_iter):
        return {
            "new_counts": corpus["counts"],
            "topic_word": corpus["topic_word"],
            "n_iter": n_iter,
        }

    ordinary = [
        Case(f"{of.what}, {'1 step' if n == 1 else f'{n} steps'}", case(of.inputs, n))
        for of, n in zip(corpus_cases(rng), (1, 2, 5, 3, 30, 2, 2), strict=True)
    ]
    first = ordinary[0].inputs
    return [
        *ordinary,
        Case("no step", first | {"n_iter": 0}),
        Case("3 documents, 4 words, 2 topics, 2 steps", first | {"n_iter": 2}),
        Case("an empty document, indices out of order, stored zeros", case(sparse_storage(rng), 4),
             hard=True),
        Case("words that no topic can make", case(new_words(rng), 3), hard=True),
        Case("topics without a common word", case(impossible_words(rng), 3), hard=True),
        Case("words as rare as 1e-60", case(rare_words(rng), 2), hard=True),
    ]  # fmt: skip


def new_words(rng):
    """Words that none of the topics knows; one document has no others."""
    case = sparse_storage(rng)
    unknown = np.flatnonzero(case["topic_word"].sum(axis=0) == 0)[0]
    counts = case["counts"].toarray()
    counts[:, unknown] = [rng.integers(1, 5), 0, 3, 2]
    return case | {"counts": sparse.csr_array(counts)}


def correct_fold_in(new_counts, topic_word, n_iter):
    """By the engine."""
    return topics.fold_in(new_counts, topic_word, n_iter)


def rows_are_distributions(doc_topic, new_counts, topic_word, n_iter):
    """Probabilities that sum to 1."""
    for i, j in np.argwhere((doc_topic < 0) | (doc_topic > 1 + 1e-9)):
        return f"doc_topic[{i}, {j}] is {doc_topic[i, j]:.4g}, which is no probability"
    for i in np.flatnonzero(~(np.abs(doc_topic.sum(axis=1) - 1) < 1e-6)):
        return f"the rows of doc_topic don't sum to 1 (row {i} sums to {doc_topic[i].sum():.7g})"
    return None


def better_than_uniform(doc_topic, new_counts, topic_word, n_iter):
    """EM starts from uniform rows and never lowers the likelihood of a document."""
    uniform = np.full(doc_topic.shape, 1 / len(topic_word))
    doc, _, count = entries(new_counts)
    start, now = (mix(new_counts, rows, topic_word) for rows in (uniform, doc_topic))
    counts = (start > 0) & (count > 0)
    with np.errstate(divide="ignore"):
        gain = count[counts] * np.log(now[counts] / start[counts])
    gains = np.bincount(doc[counts], weights=gain, minlength=len(doc_topic))
    for i in np.flatnonzero(~(gains >= -1e-9 * new_counts.sum())):
        return (
            f"under your row {i} the words of document {i} are less probable than under the "
            "uniform row that EM starts from, and a step of EM never lowers the likelihood"
        )
    return None


def folded(new_counts, topic_word, n_iter, row):
    """Repeats `row(counts, doc_topic, ratios) -> expected counts` with right ratios and rests."""
    doc_topic = np.full((new_counts.shape[0], len(topic_word)), 1 / len(topic_word))
    for _ in range(n_iter):
        doc_topic = row(doc_topic, attraction(new_counts, doc_topic, topic_word))
    return doc_topic


def attraction(new_counts, doc_topic, topic_word):
    """Σ_word counts p(word | topic) / p(word | doc), (docs, k)."""
    return ratios(new_counts, doc_topic, topic_word) @ topic_word.T


def with_empty(rows, empty):
    """Rows divided by their sums; rows of zeros become `empty`."""
    total = rows.sum(axis=1, keepdims=True)
    return np.divide(rows, total, out=np.full_like(rows, empty), where=total > 0)


def once(new_counts):
    """Each word of a document once."""
    binary = new_counts.copy()
    binary.data = np.minimum(binary.data, 1)
    return binary


@mistake("The words of the topics were re-estimated, too. Folding in leaves topic_word as the fit "
         "has left it: a new document must not change the topics.")  # fmt: skip
def topics_re_estimated(new_counts, topic_word, n_iter):
    doc_topic = np.full((new_counts.shape[0], len(topic_word)), 1 / len(topic_word))
    for _ in range(n_iter):
        doc_topic, topic_word = topics.em_step(new_counts, doc_topic, topic_word)
    return doc_topic


@mistake("Each step starts from the uniform rows again, so that all steps together are one. The "
         "posteriors of a step need the doc_topic that the step before has made.")  # fmt: skip
def always_from_uniform(new_counts, topic_word, n_iter):
    return topics.fold_in(new_counts, topic_word, min(n_iter, 1))


@mistake("p(word | document) was computed once, before the loop. It changes with doc_topic: "
         "compute it anew in each step.")  # fmt: skip
def ratios_of_the_first_step(new_counts, topic_word, n_iter):
    uniform = np.full((new_counts.shape[0], len(topic_word)), 1 / len(topic_word))
    pull = attraction(new_counts, uniform, topic_word)
    return folded(
        new_counts,
        topic_word,
        n_iter,
        lambda doc_topic, _: with_empty(doc_topic * pull, 1 / len(topic_word)),
    )


@mistake("This is one step too many.")
def one_step_too_many(new_counts, topic_word, n_iter):
    return topics.fold_in(new_counts, topic_word, n_iter + 1)


@mistake("This is one step too few.")
def one_step_too_few(new_counts, topic_word, n_iter):
    return topics.fold_in(new_counts, topic_word, max(n_iter - 1, 0))


@mistake("Each word of a document counts once here, however often it occurs: weight the "
         "posteriors with the counts.")  # fmt: skip
def words_counted_once(new_counts, topic_word, n_iter):
    return topics.fold_in(once(new_counts), topic_word, n_iter)


@mistake("The shares that the last step has made are missing as a factor: the expected counts of a "
         "topic are p(z | document) times what the words add up to.")  # fmt: skip
def last_shares_forgotten(new_counts, topic_word, n_iter):
    return folded(
        new_counts,
        topic_word,
        n_iter,
        lambda doc_topic, pull: with_empty(pull, 1 / len(topic_word)),
    )


@mistake("Every step adds counts times p(word | topic), without dividing by the word's "
         "p(word | document) under all topics. An occurrence counts 1, shared out among the "
         "topics.")  # fmt: skip
def not_divided_by_the_mixture(new_counts, topic_word, n_iter):
    pull = new_counts @ topic_word.T
    return folded(
        new_counts,
        topic_word,
        n_iter,
        lambda doc_topic, _: with_empty(doc_topic * pull, 1 / len(topic_word)),
    )


@mistake("The document was given to one topic as a whole: its words' probabilities are multiplied "
         "for each topic. In pLSA every word has a topic of its own.")  # fmt: skip
def one_topic_for_all_words(new_counts, topic_word, n_iter):
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs = new_counts @ np.log(np.maximum(topic_word, 1e-300)).T
        shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


@mistake("The expected counts were divided by the length of the document. That is their sum only "
         "if each word can be made by some topic: divide the row by its own sum.")  # fmt: skip
def divided_by_length(new_counts, topic_word, n_iter):
    lengths = np.maximum(new_counts.sum(axis=1), 1e-300)[:, None]
    shares = folded(
        new_counts, topic_word, n_iter, lambda doc_topic, pull: doc_topic * pull / lengths
    )
    empty = new_counts.sum(axis=1) == 0
    shares[empty] = 1 / len(topic_word)
    return shares


@mistake("A word that no topic can make has the posterior 0 / 0, and NaN spreads through the row. "
         "Let such a word, and a stored zero, count for nothing.")  # fmt: skip
def posterior_of_the_impossible(new_counts, topic_word, n_iter):
    doc, _, _ = entries(new_counts)
    uniform = np.full((new_counts.shape[0], len(topic_word)), 1 / len(topic_word))
    doc_topic = topics.fold_in(new_counts, topic_word, n_iter)
    impossible = mix(new_counts, uniform, topic_word) == 0
    doc_topic[doc[impossible]] = np.nan if n_iter else doc_topic[doc[impossible]]
    return doc_topic


@mistake("A document without words that count has the sum 0, and 0 / 0 is NaN. Its row stays "
         "uniform.")  # fmt: skip
def nothing_divided_by_nothing(new_counts, topic_word, n_iter):
    return folded(
        new_counts, topic_word, n_iter, lambda doc_topic, pull: with_empty(doc_topic * pull, np.nan)
    )


@mistake("A document without words that count got a row of zeros, which is no distribution. Its "
         "row stays uniform.")  # fmt: skip
def empty_rows_of_zeros(new_counts, topic_word, n_iter):
    return folded(
        new_counts, topic_word, n_iter, lambda doc_topic, pull: with_empty(doc_topic * pull, 0)
    )


PIECE = Piece(
    id="08.fold_in",
    contract=fold_in,
    correct=correct_fold_in,
    cases=fold_in_cases,
    returns=Returned("doc_topic", "(docs, k)"),
    properties=(rows_are_distributions, better_than_uniform),
    mistakes=(
        topics_re_estimated,
        always_from_uniform,
        ratios_of_the_first_step,
        one_step_too_many,
        one_step_too_few,
        words_counted_once,
        last_shares_forgotten,
        not_divided_by_the_mixture,
        one_topic_for_all_words,
        divided_by_length,
        posterior_of_the_impossible,
        nothing_divided_by_nothing,
        empty_rows_of_zeros,
    ),
    section="A new address: folding in",
)
