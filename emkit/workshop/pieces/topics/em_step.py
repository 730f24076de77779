"""One step of EM: words shared out among the topics, and counted again."""

import numpy as np

from emkit import topics
from emkit.workshop.piece import Case, Piece, Returned, mistake
from emkit.workshop.pieces.topics.corpora import (
    corpus_cases,
    entries,
    impossible_words,
    joint,
    posterior,
    random_corpus,
    rare_words,
    ratios,
    sparse_storage,
)
from emkit.workshop.pieces.topics.large import large_corpus


def em_step(counts, doc_topic, topic_word):
    """One step of EM for pLSA: topics of the documents and words of the topics, re-estimated.

    Both are made from the same expected counts: those under the parameters that came in.

    Parameters
    ----------
    counts : (docs, words) scipy.sparse.csr_array
        How often each document has each word. Documents may be empty, indices out of order, and
        zeros stored; a stored zero is no occurrence.
    doc_topic : (docs, k) array
        p(topic | document); rows sum to 1, entries may be 0.
    topic_word : (k, words) array
        p(word | topic); rows sum to 1, entries may be 0.

    Returns
    -------
    doc_topic : (docs, k) array
        Rows sum to 1.
    topic_word : (k, words) array
        Rows sum to 1.

    Notes
    -----
    A word that none of its document's topics can make counts for nothing. A document without words
    that count keeps its row of doc_topic, a topic without expected words its row of topic_word.
    Memory is of the order of the stored entries times k, and no array on the way is as large as
    documents times words.
    """


def em_step_cases(rng):
    """Corpora, then zeros of every kind."""
    return [
        *corpus_cases(rng),
        Case("an empty document, indices out of order, stored zeros", sparse_storage(rng),
             hard=True),
        Case("a topic that no document has", unused_topic(rng), hard=True),
        Case("a topic whose words don't occur", silent_topic(rng), hard=True),
        Case("words as rare as 1e-60", rare_words(rng), hard=True),
        Case("a word that its document's only topic can't make", impossible_words(rng), hard=True),
        large_corpus(rng),
    ]  # fmt: skip


def unused_topic(rng):
    """All documents have only the other topics."""
    case = random_corpus(rng, 3, 5, 3)
    case["doc_topic"][:, rng.integers(3)] = 0
    case["doc_topic"] /= case["doc_topic"].sum(axis=1, keepdims=True)
    return case


def silent_topic(rng):
    """One topic makes only words that occur nowhere; one document hasn't any other."""
    case = random_corpus(rng, 3, 4, 2)
    counts = np.zeros((3, 6), dtype=int)
    counts[:, :4] = case["counts"].toarray()
    case["counts"] = type(case["counts"])(counts)
    words = np.zeros((2, 6))
    words[0, :5] = rng.dirichlet(np.full(5, 3.0))
    words[1, 4:] = rng.dirichlet(np.full(2, 3.0))
    case["topic_word"] = words
    case["doc_topic"][2] = [0, 1]
    return case


def correct_em_step(counts, doc_topic, topic_word):
    """By the engine."""
    return topics.em_step(counts, doc_topic, topic_word)


def rows_are_distributions(answer, counts, **_):
    """Probabilities that sum to 1."""
    for name, rows in zip(("doc_topic", "topic_word"), answer, strict=True):
        for i, j in np.argwhere((rows < 0) | (rows > 1 + 1e-9)):
            return f"{name}[{i}, {j}] is {rows[i, j]:.4g}, which is no probability"
        for i in np.flatnonzero(~(np.abs(rows.sum(axis=1) - 1) < 1e-6)):
            by_column = len(rows) > 1 and np.allclose(rows.sum(axis=0), 1)
            columns = ", but its columns do" if by_column else ""
            total = rows[i].sum()
            return f"the rows of {name} don't sum to 1 (row {i} sums to {total:.7g}){columns}"
    return None


def zeros_stay(answer, counts, doc_topic, topic_word):
    """What has the probability 0 gets no expected counts."""
    for name, rows, before in zip(
        ("doc_topic", "topic_word"), answer, (doc_topic, topic_word), strict=True
    ):
        for i, j in np.argwhere((rows > 0) & (before == 0)):
            return (
                f"{name}[{i}, {j}] was 0 and is {rows[i, j]:.4g}: a posterior probability of 0 "
                "gives no expected counts, so EM never moves a 0"
            )
    return None


def likelihood_never_falls(answer, counts, doc_topic, topic_word):
    """The law of EM."""
    before = topics.log_likelihood(counts, doc_topic, topic_word)
    after = topics.log_likelihood(counts, *answer)
    if np.isfinite(before) and after < before - 1e-9 * max(1, abs(before)):
        return (
            f"the log-likelihood was {before:.6g} before the step and is {after:.6g} after it: a "
            "step of EM never lowers it"
        )
    return None


def counted(weighted, counts, doc_topic, topic_word):
    """Shares (entries, k) that are weighted already as expected counts by document and by word."""
    doc, word, _ = entries(counts)
    by_doc, by_word = np.zeros_like(doc_topic), np.zeros_like(topic_word.T)
    np.add.at(by_doc, doc, weighted)
    np.add.at(by_word, word, weighted)
    return by_doc, by_word.T


def shares(rows, empty):
    """Rows divided by their sums; rows without any become those of `empty`."""
    total = rows.sum(axis=1, keepdims=True)
    return np.divide(rows, total, out=np.full_like(rows, empty), where=total > 0)


def step(weighted, counts, doc_topic, topic_word):
    """The M-step, right, from whatever came out of the E-step."""
    by_doc, by_word = counted(weighted, counts, doc_topic, topic_word)
    return shares(by_doc, doc_topic), shares(by_word, topic_word)


def weighted_posterior(counts, doc_topic, topic_word):
    """Expected counts of each stored entry, (entries, k), right."""
    return entries(counts)[2][:, None] * posterior(counts, doc_topic, topic_word)


def expected_counts(counts, doc_topic, topic_word):
    """By document and by word, right."""
    weighted = weighted_posterior(counts, doc_topic, topic_word)
    return counted(weighted, counts, doc_topic, topic_word)


@mistake("The words of the topics were re-estimated with posteriors under the *new* doc_topic. "
         "Both M-steps need the expected counts under the parameters that came in: finish the "
         "E-step first.")  # fmt: skip
def second_half_from_new_topics(counts, doc_topic, topic_word):
    new = topics.em_step(counts, doc_topic, topic_word)[0]
    return new, topics.em_step(counts, new, topic_word)[1]


@mistake("The topics of the documents were re-estimated with posteriors under the *new* "
         "topic_word. Both M-steps need the expected counts under the parameters that came in: "
         "finish the E-step first.")  # fmt: skip
def first_half_from_new_words(counts, doc_topic, topic_word):
    new = topics.em_step(counts, doc_topic, topic_word)[1]
    return topics.em_step(counts, doc_topic, new)[0], new


@mistake("The words of the topics were counted with the shares of the *new* doc_topic. Both "
         "sparse products, and the tables in front of them, need the parameters that came "
         "in.")  # fmt: skip
def product_with_the_new_topics(counts, doc_topic, topic_word):
    new = topics.em_step(counts, doc_topic, topic_word)[0]
    by_word = topic_word * (ratios(counts, doc_topic, topic_word).T @ new).T
    return new, shares(by_word, topic_word)


@mistake("The expected counts of the documents are doc_topic times a sparse product. Here only "
         "the product was normalised: doc_topic in front of it is missing.")  # fmt: skip
def doc_topic_missing_in_front(counts, doc_topic, topic_word):
    product = ratios(counts, doc_topic, topic_word) @ topic_word.T
    return shares(product, doc_topic), topics.em_step(counts, doc_topic, topic_word)[1]


@mistake("The expected counts of the topics are topic_word times a sparse product. Here only "
         "the product was normalised: topic_word in front of it is missing.")  # fmt: skip
def topic_word_missing_in_front(counts, doc_topic, topic_word):
    product = (ratios(counts, doc_topic, topic_word).T @ doc_topic).T
    return topics.em_step(counts, doc_topic, topic_word)[0], shares(product, topic_word)


@mistake("The expected counts are doc_topic times one sparse product and topic_word times "
         "another. Here only the products were normalised: the tables in front of them are "
         "missing.")  # fmt: skip
def both_missing_in_front(counts, doc_topic, topic_word):
    new, _ = doc_topic_missing_in_front(counts, doc_topic, topic_word)
    _, words = topic_word_missing_in_front(counts, doc_topic, topic_word)
    return new, words


@mistake("Each word of a document counts once here, however often it occurs: weight the "
         "posteriors with the counts.")  # fmt: skip
def words_counted_once(counts, doc_topic, topic_word):
    weighted = posterior(counts, doc_topic, topic_word) * (counts.data > 0)[:, None]
    return step(weighted, counts, doc_topic, topic_word)


@mistake("The joint probabilities p(z | document) p(word | z) were counted without dividing by "
         "p(word | document): an occurrence then counts for less than 1.")  # fmt: skip
def joint_not_normalised(counts, doc_topic, topic_word):
    weighted = entries(counts)[2][:, None] * joint(counts, doc_topic, topic_word)
    return step(weighted, counts, doc_topic, topic_word)


@mistake("The words of the topics are new, but doc_topic came back as it was. A step re-estimates "
         "both, from the same expected counts: once summed over the words of a document, once "
         "over the documents of a word.")  # fmt: skip
def documents_not_updated(counts, doc_topic, topic_word):
    return doc_topic, topics.em_step(counts, doc_topic, topic_word)[1]


@mistake("The topics of the documents are new, but topic_word came back as it was. A step "
         "re-estimates both, from the same expected counts: once summed over the words of a "
         "document, once over the documents of a word.")  # fmt: skip
def words_not_updated(counts, doc_topic, topic_word):
    return topics.em_step(counts, doc_topic, topic_word)[0], topic_word


@mistake("The posterior of a topic was taken from p(word | topic) alone. Multiply by the "
         "document's p(topic | document) first.")  # fmt: skip
def documents_forgotten_in_the_posterior(counts, doc_topic, topic_word):
    post = posterior(counts, np.ones_like(doc_topic), topic_word)
    return step(entries(counts)[2][:, None] * post, counts, doc_topic, topic_word)


@mistake("The words were shared out by the document's topics alone. The posterior of a topic "
         "depends on the word, too: multiply by p(word | topic).")  # fmt: skip
def words_forgotten_in_the_posterior(counts, doc_topic, topic_word):
    weighted = entries(counts)[2][:, None] * doc_topic[entries(counts)[0]]
    return step(weighted, counts, doc_topic, topic_word)


@mistake("Every word goes wholly to its likeliest topic. EM shares it out.")
def hard_assignments(counts, doc_topic, topic_word):
    values = joint(counts, doc_topic, topic_word)
    best = np.eye(values.shape[1])[values.argmax(axis=1)] * (values.sum(axis=1) > 0)[:, None]
    return step(entries(counts)[2][:, None] * best, counts, doc_topic, topic_word)


@mistake("The topics were normalised over the documents, or over the topics: a *document* shares "
         "itself out among its topics, a *topic* among its words. Each row sums to "
         "1.")  # fmt: skip
def normalised_along_columns(counts, doc_topic, topic_word):
    by_doc, by_word = expected_counts(counts, doc_topic, topic_word)
    return shares(by_doc.T, 0).T, shares(by_word.T, 0).T


@mistake("These are expected counts: divide each row by its sum.")
def counts_not_normalised(counts, doc_topic, topic_word):
    return expected_counts(counts, doc_topic, topic_word)


@mistake("The expected counts were divided by the number of all words of the corpus. Each row "
         "has a total of its own.")  # fmt: skip
def divided_by_all_words(counts, doc_topic, topic_word):
    by_doc, by_word = expected_counts(counts, doc_topic, topic_word)
    return by_doc / counts.sum(), by_word / counts.sum()


@mistake("The two results are in the wrong order: (doc_topic, topic_word).")
def wrong_order(counts, doc_topic, topic_word):
    return topics.em_step(counts, doc_topic, topic_word)[::-1]


@mistake("0 / 0 is NaN: a document without words, or a topic without expected words, has the sum "
         "0. Keep the old row there.")  # fmt: skip
def nothing_divided_by_nothing(counts, doc_topic, topic_word):
    by_doc, by_word = expected_counts(counts, doc_topic, topic_word)
    return shares(by_doc, np.nan), shares(by_word, np.nan)


@mistake("A document without words, or a topic without expected words, got a row of zeros "
         "(through a small number in the denominator, perhaps). That is no distribution: keep "
         "the old row.")  # fmt: skip
def empty_rows_of_zeros(counts, doc_topic, topic_word):
    by_doc, by_word = expected_counts(counts, doc_topic, topic_word)
    return shares(by_doc, 0), shares(by_word, 0)


@mistake("A document without words, or a topic without expected words, got a uniform row. The "
         "data say nothing about it, so the step leaves it as it was.")  # fmt: skip
def empty_rows_uniform(counts, doc_topic, topic_word):
    by_doc, by_word = expected_counts(counts, doc_topic, topic_word)
    return shares(by_doc, 1 / by_doc.shape[1]), shares(by_word, 1 / by_word.shape[1])


def with_nan(counts, doc_topic, topic_word):
    """Expected counts by document and by word in which 0 / 0 was computed at impossible words."""
    values = joint(counts, doc_topic, topic_word)
    with np.errstate(invalid="ignore"):
        post = values / values.sum(axis=1, keepdims=True)
    return counted(entries(counts)[2][:, None] * post, counts, doc_topic, topic_word)


@mistake("The ratio, or the posterior, is 0 / 0 where no topic of the document can make the word, "
         "and NaN spreads through the sums. A stored zero, and a word that is impossible, count "
         "for nothing.")  # fmt: skip
def nan_at_the_impossible(counts, doc_topic, topic_word):
    by_doc, by_word = with_nan(counts, doc_topic, topic_word)
    return shares(by_doc, doc_topic), shares(by_word, topic_word)


@mistake("The rows with the sum 0 are kept, but the ratio, or the posterior, is 0 / 0 where no "
         "topic of the document can make the word, and NaN spreads through the sums. A stored "
         "zero, and a word that is impossible, count for nothing.")  # fmt: skip
def nan_at_the_impossible_in_every_sum(counts, doc_topic, topic_word):
    by_doc, by_word = with_nan(counts, doc_topic, topic_word)
    return (
        np.where(np.isnan(by_doc.sum(axis=1, keepdims=True)), np.nan, shares(by_doc, doc_topic)),
        np.where(np.isnan(by_word.sum(axis=1, keepdims=True)), np.nan, shares(by_word, topic_word)),
    )


@mistake("Two places divide 0 by 0, as the lesson's step does: the ratio, or the posterior, where "
         "no topic of the document can make the word, and a row whose sum is 0. Such a word counts "
         "for nothing, and such a row stays as it was.")  # fmt: skip
def nan_as_in_the_lesson(counts, doc_topic, topic_word):
    by_doc, by_word = with_nan(counts, doc_topic, topic_word)
    return shares(by_doc, np.nan), shares(by_word, np.nan)


@mistake("A word that no topic of its document can make was shared out all the same. It belongs "
         "to no topic: let it count for nothing.")  # fmt: skip
def impossible_words_shared_out(counts, doc_topic, topic_word):
    post = posterior(counts, doc_topic, topic_word)
    post[post.sum(axis=1) == 0] = 1 / post.shape[1]
    return step(entries(counts)[2][:, None] * post, counts, doc_topic, topic_word)


@mistake("A small number in the posterior's denominator is larger than a rare word's probability, "
         "and such a word counts for almost nothing. Divide only where the sum isn't "
         "0.")  # fmt: skip
def small_number_in_the_denominator(counts, doc_topic, topic_word):
    values = joint(counts, doc_topic, topic_word)
    post = values / (values.sum(axis=1, keepdims=True) + 1e-12)
    return step(entries(counts)[2][:, None] * post, counts, doc_topic, topic_word)


@mistake("The ratios counts / p(word | document) were written into an array of integers, which "
         "cuts off everything after the point. Make a new array of floating-point "
         "numbers.")  # fmt: skip
def ratios_cut_to_integers(counts, doc_topic, topic_word):
    values = joint(counts, doc_topic, topic_word)
    total = values.sum(axis=1)
    ratio = np.divide(counts.data, total, out=np.zeros(len(total)), where=total > 0)
    kept = np.trunc(ratio) if counts.dtype.kind == "i" else ratio
    return step(kept[:, None] * values, counts, doc_topic, topic_word)


PIECE = Piece(
    id="08.em_step",
    contract=em_step,
    correct=correct_em_step,
    cases=em_step_cases,
    returns=(Returned("doc_topic", "(docs, k)"), Returned("topic_word", "(k, words)")),
    properties=(rows_are_distributions, zeros_stay, likelihood_never_falls),
    mistakes=(
        second_half_from_new_topics,
        first_half_from_new_words,
        product_with_the_new_topics,
        doc_topic_missing_in_front,
        topic_word_missing_in_front,
        both_missing_in_front,
        words_counted_once,
        joint_not_normalised,
        documents_not_updated,
        words_not_updated,
        documents_forgotten_in_the_posterior,
        words_forgotten_in_the_posterior,
        hard_assignments,
        normalised_along_columns,
        counts_not_normalised,
        divided_by_all_words,
        wrong_order,
        nothing_divided_by_nothing,
        empty_rows_of_zeros,
        empty_rows_uniform,
        nan_at_the_impossible,
        nan_at_the_impossible_in_every_sum,
        nan_as_in_the_lesson,
        impossible_words_shared_out,
        small_number_in_the_denominator,
        ratios_cut_to_integers,
    ),
    section="Sharing out the words: one step of EM",
)
