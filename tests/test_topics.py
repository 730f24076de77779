"""pLSA against dense brute force, against laws, and with an eye on memory."""

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse
from sklearn.decomposition import non_negative_factorization

from emkit import datasets, em, topics
from emkit.convergence import relative_gain
from emkit.families import Dirichlet
from emkit.plsa import PLSA
from emkit.topics import PLSAParams


def random_problem(rng, k, docs=6, words=8):
    """Counts of which half are 0, an empty document, a word that never occurs, and a start."""
    dense = rng.poisson(2, size=(docs, words)) * (rng.random((docs, words)) < 0.7)
    dense[docs // 2] = 0
    dense[:, words - 1] = 0
    dense[0, 0] += 1
    return sparse.csr_array(dense), random_params(rng, docs, k, words)


def random_params(rng, docs, k, words):
    doc_topic = rng.dirichlet(np.ones(k), size=docs)
    return PLSAParams(doc_topic, rng.dirichlet(np.ones(words), size=k))


def one_step(model, params, counts, sample_weight=None):
    return model.m_step(model.e_step(params, model.prepare(counts, sample_weight)), params)


problems = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 4))


# ------------------------------------------------------------------------------- brute force


def brute_force(counts, doc_topic, topic_word):
    """Hofmann's formulas on dense arrays: log-likelihood and one step."""
    joint = doc_topic[:, :, None] * topic_word[None, :, :]
    total = joint.sum(axis=1)
    shared = counts[:, None, :] * joint / total[:, None, :]
    new_docs, new_words = shared.sum(axis=2), shared.sum(axis=0)
    for new, old in ((new_docs, doc_topic), (new_words, topic_word)):
        empty = new.sum(axis=1) == 0
        new[empty] = old[empty]
        new /= new.sum(axis=1, keepdims=True)
    return (counts * np.log(total)).sum(), new_docs, new_words


@given(problems)
@settings(max_examples=50, deadline=None)
def test_one_step_agrees_with_dense_brute_force(problem):
    seed, k = problem
    counts, params = random_problem(np.random.default_rng(seed), k)
    total, docs, words = brute_force(counts.toarray(), params.doc_topic, params.topic_word)
    ours = topics.em_step(counts, params.doc_topic, params.topic_word)
    assert ours[0] == pytest.approx(docs, rel=1e-11, abs=1e-14)
    assert ours[1] == pytest.approx(words, rel=1e-11, abs=1e-14)
    value = topics.log_likelihood(counts, params.doc_topic, params.topic_word)
    assert value == pytest.approx(total, rel=1e-12)
    step = one_step(PLSA(k), params, counts)
    assert np.array_equal(step.doc_topic, ours[0])
    assert np.array_equal(step.topic_word, ours[1])


def test_blocks_of_any_size_give_the_same(monkeypatch):
    counts, params = random_problem(np.random.default_rng(0), 3, docs=40, words=30)
    whole = topics.em_step(counts, params.doc_topic, params.topic_word)
    monkeypatch.setattr(topics, "NUMBERS_AT_ONCE", 20)
    blocks = topics.em_step(counts, params.doc_topic, params.topic_word)
    assert np.array_equal(blocks[0], whole[0])
    assert np.array_equal(blocks[1], whole[1])


def test_posteriors_shared_out_by_hand_are_the_step():
    counts, params = random_problem(np.random.default_rng(1), 3)
    shared = np.zeros_like(params.doc_topic)
    for doc, word in zip(*counts.nonzero(), strict=True):
        posterior = topics.topic_posterior(doc, word, params.doc_topic, params.topic_word)
        assert posterior.sum() == pytest.approx(1)
        shared[doc] += counts[doc, word] * posterior
    expected = shared[shared.sum(axis=1) > 0]
    expected /= expected.sum(axis=1, keepdims=True)
    docs, _ = topics.em_step(counts, params.doc_topic, params.topic_word)
    assert docs[shared.sum(axis=1) > 0] == pytest.approx(expected, rel=1e-12)


def test_folding_in_is_scikit_learns_factorisation_with_the_topics_fixed():
    """Multiplicative updates for the Kullback–Leibler loss are pLSA's (Gaussier, Goutte 2005)."""
    counts = datasets.inaugural_addresses().counts
    topic_word = np.random.default_rng(2).dirichlet(np.ones(counts.shape[1]), size=5)
    W, *_ = non_negative_factorization(
        sparse.csr_matrix(counts).astype(float),
        H=topic_word,
        n_components=5,
        update_H=False,
        beta_loss="kullback-leibler",
        solver="mu",
        max_iter=30,
        tol=0,
    )
    expected = W / W.sum(axis=1, keepdims=True)
    assert topics.fold_in(counts, topic_word, 30) == pytest.approx(expected, rel=1e-9)


# --------------------------------------------------------------------------------------- laws


@given(problems, st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_objective_never_falls(problem, smooth):
    seed, k = problem
    rng = np.random.default_rng(seed)
    counts, _ = random_problem(rng, k)
    priors = (Dirichlet(1.3), Dirichlet(1.01)) if smooth else ()
    weight = rng.integers(0, 3, size=6)
    fit = em.fit(PLSA(k, *priors), counts, sample_weight=weight, rng=rng, max_iter=80)
    assert np.all(np.isfinite(fit.history))  # a fall would have raised


def test_one_topic_is_the_unigram_model():
    counts, params = random_problem(np.random.default_rng(3), 1)
    step = one_step(PLSA(1), params, counts)
    dense = counts.toarray()
    shares = dense.sum(axis=0) / dense.sum()
    assert step.topic_word[0] == pytest.approx(shares, rel=1e-12)
    assert step.doc_topic == pytest.approx(np.ones((6, 1)), rel=1e-15)
    seen = shares > 0
    value = topics.log_likelihood(counts, step.doc_topic, step.topic_word)
    assert value == pytest.approx(dense[:, seen].sum(axis=0) @ np.log(shares[seen]), rel=1e-12)


def test_a_uniform_topic_has_the_number_of_words_as_perplexity():
    counts, _ = random_problem(np.random.default_rng(4), 1)
    uniform = np.ones((6, 1)), np.full((1, 8), 1 / 8)
    assert topics.perplexity(counts, *uniform) == pytest.approx(8, rel=1e-12)


@given(problems)
@settings(max_examples=30, deadline=None)
def test_permuted_documents_words_and_topics_give_a_permuted_answer(problem):
    seed, k = problem
    rng = np.random.default_rng(seed)
    counts, params = random_problem(rng, k)
    docs, words, z = rng.permutation(6), rng.permutation(8), rng.permutation(k)
    here = topics.em_step(counts, params.doc_topic, params.topic_word)
    there = topics.em_step(
        sparse.csr_array(counts.toarray()[np.ix_(docs, words)]),
        params.doc_topic[np.ix_(docs, z)],
        params.topic_word[np.ix_(z, words)],
    )
    assert there[0] == pytest.approx(here[0][np.ix_(docs, z)], rel=1e-11)
    assert there[1] == pytest.approx(here[1][np.ix_(z, words)], rel=1e-11)


@given(problems, st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_weight_of_2_is_the_document_twice_and_0_is_none(problem, smooth):
    seed, k = problem
    rng = np.random.default_rng(seed)
    counts, params = random_problem(rng, k)
    model = PLSA(k, Dirichlet(1.5), Dirichlet(1.1)) if smooth else PLSA(k)
    times = rng.integers(0, 4, size=6)
    times[0] = 2
    rows = np.repeat(np.arange(6), times)
    repeated_counts = sparse.csr_array(counts.toarray()[rows])
    repeated_params = PLSAParams(params.doc_topic[rows], params.topic_word)
    for _ in range(3):
        weighted = model.e_step(params, model.prepare(counts, times))
        repeated = model.e_step(repeated_params, model.prepare(repeated_counts))
        assert weighted.log_likelihood == pytest.approx(repeated.log_likelihood, rel=1e-10)
        params = model.m_step(weighted, params)
        repeated_params = model.m_step(repeated, repeated_params)
        assert params.topic_word == pytest.approx(repeated_params.topic_word, rel=1e-9)
        assert params.doc_topic[rows] == pytest.approx(repeated_params.doc_topic, rel=1e-9)


@given(problems)
@settings(max_examples=30, deadline=None)
def test_statistics_of_two_sets_of_documents_add_up_to_those_of_all(problem):
    seed, k = problem
    rng = np.random.default_rng(seed)
    counts, params = random_problem(rng, k)
    model, chosen = PLSA(k), rng.random(6) < 0.5
    parts = [sparse.csr_array(counts.toarray() * side[:, None]) for side in (chosen, ~chosen)]
    first, rest = (model.e_step(params, model.prepare(part)) for part in parts)
    whole, both = model.e_step(params, model.prepare(counts)), first + rest
    for name in ("log_likelihood", "doc_topic_counts", "topic_word_counts"):
        assert getattr(both, name) == pytest.approx(getattr(whole, name), rel=1e-10)


def softmax(rows):
    shares = np.exp(rows - rows.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def test_at_the_maximum_the_objective_is_flat():
    rng = np.random.default_rng(5)
    counts, _ = random_problem(rng, 2)
    # With priors the maximum is inside, where logits are free to move.
    model = PLSA(2, Dirichlet(1.5), Dirichlet(1.2))
    data = model.prepare(counts)
    rule = relative_gain(1e-16)
    fit = em.fit(model, counts, rng=rng, max_iter=20_000, converged=rule)

    def objective(docs, words):
        params = PLSAParams(softmax(docs), softmax(words))
        return model.e_step(params, data).log_likelihood + model.log_prior(params)

    docs, words, h = np.log(fit.params.doc_topic), np.log(fit.params.topic_word), 1e-4
    assert objective(docs, words) == pytest.approx(fit.history[-1], rel=1e-12)
    for index in np.ndindex(docs.shape):
        nudge = np.zeros_like(docs)
        nudge[index] = h
        slope = (objective(docs + nudge, words) - objective(docs - nudge, words)) / 2 / h
        assert slope == pytest.approx(0, abs=1e-4)
    for index in np.ndindex(words.shape):
        nudge = np.zeros_like(words)
        nudge[index] = h
        slope = (objective(docs, words + nudge) - objective(docs, words - nudge)) / 2 / h
        assert slope == pytest.approx(0, abs=1e-4)


def test_the_priors_are_in_the_objective():
    counts, params = random_problem(np.random.default_rng(6), 3)
    flat, model = PLSA(3), PLSA(3, Dirichlet(2.0), Dirichlet(1.5))
    value = model.e_step(params, model.prepare(counts)).log_likelihood + model.log_prior(params)
    expected = flat.e_step(params, flat.prepare(counts)).log_likelihood
    expected += Dirichlet(2.0).log_density(params.doc_topic)
    expected += Dirichlet(1.5).log_density(params.topic_word)
    assert value == pytest.approx(expected, rel=1e-12)
    assert flat.log_prior(params) == 0


def test_clear_topics_are_found_again():
    rng = np.random.default_rng(7)
    topic_word = np.kron(np.eye(3), np.full(5, 1 / 5))  # each has five words of its own
    truth = PLSAParams(rng.dirichlet(np.full(3, 0.3), size=200), topic_word)
    counts = PLSA(3).sample(truth, np.full(200, 100), rng)
    assert np.array_equal(counts.sum(axis=1), np.full(200, 100))
    fit = em.fit(PLSA(3), counts, rng=rng, n_init=5, converged=relative_gain(1e-12))
    order = fit.params.topic_word[:, [0, 5, 10]].argmax(axis=0)
    assert fit.params.topic_word[order] == pytest.approx(topic_word, abs=0.02)
    assert fit.params.doc_topic[:, order] == pytest.approx(truth.doc_topic, abs=0.25)


def test_a_frozen_part_stays_and_the_rest_climbs():
    rng = np.random.default_rng(8)
    counts, start = random_problem(rng, 3)
    for name, other in (("doc_topic", "topic_word"), ("topic_word", "doc_topic")):
        fit = em.fit(PLSA(3, frozen=[name]), counts, start=start, max_iter=5)
        assert np.array_equal(getattr(fit.params, name), getattr(start, name))
        assert not np.array_equal(getattr(fit.params, other), getattr(start, other))
        assert fit.history[-1] > fit.history[0]


# ------------------------------------------------------------------------- folding in, held out


@pytest.mark.parametrize("alpha", [1, 1.2])
def test_documents_of_the_fit_are_folded_in_to_their_rows(alpha):
    rng = np.random.default_rng(9)
    truth = random_params(rng, 40, 3, 30)
    counts = PLSA(3).sample(truth, np.full(40, 100), rng)
    model = PLSA(3, doc_prior=Dirichlet(alpha))
    fit = em.fit(model, counts, rng=rng, max_iter=5000, converged=relative_gain(1e-14))
    words = fit.params.topic_word
    rows = model.fold_in(fit.params, counts, n_iter=5000)
    # Towards a share of 0 EM creeps, so the likelihood says more precisely that they are there.
    assert rows == pytest.approx(fit.params.doc_topic, abs=1e-2)
    reached = model.e_step(PLSAParams(rows, words), model.prepare(counts)).log_likelihood
    assert reached == pytest.approx(fit.history[-1], rel=1e-7)


def test_folding_in_climbs_the_likelihood_of_the_new_documents():
    counts, params = random_problem(np.random.default_rng(10), 3)
    values = [
        topics.log_likelihood(
            counts, topics.fold_in(counts, params.topic_word, n), params.topic_word
        )
        for n in range(6)
    ]
    assert np.all(np.diff(values) > 0)
    assert np.array_equal(topics.fold_in(counts, params.topic_word, 0), np.full((6, 3), 1 / 3))


def test_impossible_words_count_for_nothing_when_folded_in():
    topic_word = np.array([[0.5, 0.5, 0, 0], [0, 0.5, 0.5, 0]])
    counts = sparse.csr_array([[3, 1, 0, 9], [0, 2, 1, 0], [0, 0, 0, 4], [0, 0, 0, 0]])
    rows = topics.fold_in(counts, topic_word, 20)
    without = topics.fold_in(sparse.csr_array(counts.toarray() * [1, 1, 1, 0]), topic_word, 20)
    assert np.array_equal(rows, without)
    assert np.array_equal(rows[2:], np.full((2, 2), 0.5))
    doc_topic = np.full((4, 2), 0.5)
    assert topics.log_likelihood(counts, doc_topic, topic_word) == -np.inf
    assert topics.perplexity(counts, doc_topic, topic_word) == np.inf
    assert np.all(np.isfinite(np.concatenate(topics.em_step(counts, *2 * [np.eye(4)]))))


def test_held_out_words_are_guessed_better_with_the_right_topics():
    rng = np.random.default_rng(11)
    topic_word = rng.dirichlet(np.full(60, 0.1), size=4)
    truth = PLSAParams(rng.dirichlet(np.full(4, 0.3), size=300), topic_word)
    counts = PLSA(4).sample(truth, np.full(300, 80), rng)
    train, test = counts[:200], counts[200:]
    found = {}
    for k in (1, 4):
        model = PLSA(k, Dirichlet(1.1), Dirichlet(1.01))
        fit = em.fit(model, train, rng=np.random.default_rng(0), n_init=3)
        found[k] = model.held_out_perplexity(fit.params, test, np.random.default_rng(1))
    best = PLSA(4).held_out_perplexity(truth, test, np.random.default_rng(1))
    assert best < 1.1 * found[4] < 0.9 * found[1]


def test_without_smoothing_a_word_of_no_topic_makes_held_out_perplexity_infinite():
    params = PLSAParams([[1.0]], [[1.0, 0.0]])
    counts = sparse.csr_array([[0, 50]])
    rng = np.random.default_rng(0)
    assert PLSA(1).held_out_perplexity(params, counts, rng) == np.inf


# ---------------------------------------------------------------------- sparse, and big


def test_no_array_of_documents_times_words_is_made():
    rng = np.random.default_rng(12)
    docs = words = 20_000
    n, k = 100_000, 4
    places = rng.integers(docs, size=n), rng.integers(words, size=n)
    counts = sparse.coo_array((np.ones(n), places), shape=(docs, words)).tocsr()
    model = PLSA(k)
    tracemalloc.start()
    try:
        fit = em.fit(model, counts, rng=rng, max_iter=2)
        topics.em_step(counts, fit.params.doc_topic, fit.params.topic_word)
        model.held_out_perplexity(fit.params, counts, rng, n_iter=2)
        model.sample(fit.params, np.full(docs, 5), rng)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    numbers = n + (docs + words) * k
    assert peak < 20 * 8 * numbers  # 42 MB, where a dense array would take 3.2 GB


def test_lesson_08s_fit_takes_seconds_and_no_room_for_dense_counts():
    counts = datasets.inaugural_paragraphs().counts
    assert counts.shape[0] == 1264
    began = time.process_time()
    tracemalloc.start()
    try:
        fit = em.fit(PLSA(6), counts, rng=np.random.default_rng(8), n_init=10, max_iter=200)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - began < 10
    assert sum(len(run.history) for run in fit.runs) > 1000  # else it says little of the time
    assert peak < counts.shape[0] * counts.shape[1] * 4  # not even in single precision


def test_duplicate_and_unsorted_entries_are_read_as_what_they_are():
    counts, params = random_problem(np.random.default_rng(13), 3)
    entries = counts.tocoo()
    order = np.random.default_rng(0).permutation(2 * entries.nnz)
    row, column = (np.tile(index, 2)[order] for index in (entries.row, entries.col))
    by_row = np.argsort(row, kind="stable")
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=6))])
    data = np.tile(entries.data / 2, 2)[order][by_row]
    messy = sparse.csr_array((data, column[by_row], indptr), shape=counts.shape)
    before = [part.copy() for part in (messy.data, messy.indices, messy.indptr)]
    expected = topics.em_step(counts, params.doc_topic, params.topic_word)
    found = topics.em_step(messy, params.doc_topic, params.topic_word)
    assert found[0] == pytest.approx(expected[0], rel=1e-12)
    assert found[1] == pytest.approx(expected[1], rel=1e-12)
    assert topics.fold_in(messy, params.topic_word, 5) == pytest.approx(
        topics.fold_in(counts, params.topic_word, 5), rel=1e-12
    )
    for part, old in zip((messy.data, messy.indices, messy.indptr), before, strict=True):
        assert np.array_equal(part, old)


def test_entries_of_0_are_no_words():
    params = PLSAParams([[1.0]], [[1.0, 0.0]])
    counts = sparse.csr_array(([2, 0], [0, 1], [0, 2]), shape=(1, 2))
    assert topics.log_likelihood(counts, params.doc_topic, params.topic_word) == 0
    fit = em.fit(PLSA(1), counts, start=params)
    assert fit.history[-1] == 0


@pytest.mark.parametrize("kind", ["csr_matrix", "csc_array", "coo_matrix", "lil_array"])
@pytest.mark.parametrize("dtype", [np.int8, np.float32, bool])
def test_any_sparse_form_and_kind_of_number_is_the_same_counts(kind, dtype):
    counts, params = random_problem(np.random.default_rng(14), 2)
    counts = counts.astype(dtype)
    other = getattr(sparse, kind)(counts)
    value = topics.log_likelihood(counts, params.doc_topic, params.topic_word)
    assert topics.log_likelihood(other, params.doc_topic, params.topic_word) == pytest.approx(
        value, rel=1e-12
    )


def test_hundreds_of_steps_leave_no_subnormal_numbers():
    counts, _ = random_problem(np.random.default_rng(15), 3, docs=30, words=20)
    fit = em.fit(
        PLSA(3), counts, rng=np.random.default_rng(0), max_iter=3000, converged=relative_gain(0)
    )
    for rows in (fit.params.doc_topic, fit.params.topic_word):
        assert not np.any((rows > 0) & (rows < 1e-150))


# --------------------------------------------------------------------------- what goes wrong


good, params = random_problem(np.random.default_rng(16), 2)
DOCS, WORDS = params.doc_topic, params.topic_word


def altered(value):
    counts = good.astype(float)
    counts.data[3] = value
    return counts


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: topics.log_likelihood(good.toarray(), DOCS, WORDS), "counts is a ndarray, expec"),
        (lambda: topics.log_likelihood(altered(-1), DOCS, WORDS), r"counts\[0, .\] is -1.0, expe"),
        (lambda: topics.em_step(altered(np.nan), DOCS, WORDS), r"counts\[0, .\] is nan, expected"),
        (lambda: topics.em_step(altered(np.inf), DOCS, WORDS), r"counts\[0, .\] is inf, expected"),
        (lambda: topics.em_step(good * 1j, DOCS, WORDS), "counts holds complex128 values"),
        (lambda: topics.em_step(good[:3], DOCS, WORDS), "counts are of 3 documents and 8 words"),
        (lambda: topics.em_step(good, DOCS, WORDS[:1]), "doc_topic has 2 topics, topic_word has 1"),
        (lambda: topics.em_step(good, 2 * DOCS, WORDS), "row 0 of doc_topic sums to 2.0, expect"),
        (
            lambda: topics.em_step(good, DOCS, WORDS - 0.5),
            "topic_word has no columns or numbers be",
        ),
        (lambda: topics.topic_posterior(6, 0, DOCS, WORDS), "doc is 6, expected a whole number be"),
        (lambda: topics.topic_posterior(0, 0.5, DOCS, WORDS), "word is 0.5, expected a whole numb"),
        (lambda: topics.topic_posterior(0, 0, [[1.0]], [[0, 1]]), "can make word 0"),
        (lambda: topics.perplexity(0 * good, DOCS, WORDS), "counts has no words"),
        (lambda: topics.fold_in(good, WORDS, -1), "n_iter is -1, expected a whole number"),
        (lambda: topics.fold_in(good, WORDS[:, :5] + 0.1, 1), "row 0 of topic_word sums to"),
        (lambda: PLSA(2, 1.5), "doc_prior is 1.5, expected a Dirichlet"),
        (lambda: PLSA(2, topic_prior=None), "topic_prior is None, expected a Dirichlet"),
        (lambda: PLSA(0), "n_topics is 0, expected a whole number of at least 1"),
        (lambda: PLSA(2, frozen=["topics"]), "frozen names 'topics', expected doc_topic or"),
        (lambda: PLSA(2).prepare(good, [1, 2]), "sample_weight has 2 values, the data have 6"),
        (lambda: em.fit(PLSA(3), good, start=params), "params have 2 topics, n_topics is 3"),
        (lambda: PLSA(2).sample(params, [1], None), "lengths must be 6 whole numbers"),
        (
            lambda: PLSA(2).held_out_perplexity(params, good * 0.5, np.random.default_rng(0)),
            "counts holds fractions",
        ),
    ],
)
def test_bad_arguments_are_named(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_a_start_that_cannot_make_a_word_is_named():
    start = PLSAParams([[1.0], [1.0]], [[1.0, 0.0]])
    fit = em.fit(PLSA(1), sparse.csr_array([[1, 0], [1, 1]]), start=start)
    assert fit.reason.startswith("document 1 has word 1, which none of its topics can make")


wild = st.one_of(
    st.floats(),
    st.sampled_from([0.0, 1.0, 0.5, -1.0, 1e-320, 1e-160, 1e200, 2.0**53]),
    st.floats(0, 5),
)
whole = st.sampled_from([-1, 0, 1, 2, 3, 7, 2**70, True, 1.0, np.int8(1), np.nan, None, "1"])
nonsense = st.sampled_from([None, "text", [["a", 1]], [[1], [2, 3]], {}, 3, [[None]], [[1j]]])
tables = hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, min_side=0, max_side=4), elements=wild)
plane = hnp.arrays(np.float64, st.tuples(st.integers(0, 4), st.integers(0, 4)), elements=wild)
sparse_kinds = st.sampled_from([sparse.csr_array, sparse.csc_matrix, sparse.coo_array])
sparse_counts = st.one_of(
    st.builds(lambda kind, values: kind(values), sparse_kinds, plane),
    st.just(sparse.coo_array([1.0, 2.0])),
    st.just(sparse.csr_array(np.eye(2) * 1j)),
    st.just(sparse.csr_array(([1.0], [0], [0, 1, 1]), shape=(2, 3))),
)
SPOILT = {
    "counts": st.one_of(sparse_counts, tables, nonsense),
    "new_counts": st.one_of(sparse_counts, tables, nonsense),
    "doc_topic": st.one_of(tables, plane, nonsense),
    "topic_word": st.one_of(tables, plane, nonsense),
    "doc": whole,
    "word": whole,
    "n_iter": whole.filter(lambda n: n != 2**70),  # a whole number like any other, but not today
    "doc_prior": st.one_of(nonsense, st.sampled_from([Dirichlet(2), Dirichlet([1, 3, 2])])),
}
SOUND = {
    "counts": sparse.csr_array([[2, 0, 1], [0, 3, 0]]),
    "new_counts": sparse.csr_array([[2, 0, 1], [0, 3, 0]]),
    "doc_topic": np.array([[0.3, 0.7], [1.0, 0.0]]),
    "topic_word": np.array([[0.2, 0.3, 0.5], [0.9, 0.1, 0.0]]),
    "doc": 1,
    "word": 2,
    "n_iter": 3,
    "doc_prior": Dirichlet(1),
}
FUNCTIONS = [
    (topics.log_likelihood, ("counts", "doc_topic", "topic_word")),
    (topics.topic_posterior, ("doc", "word", "doc_topic", "topic_word")),
    (topics.em_step, ("counts", "doc_topic", "topic_word")),
    (topics.perplexity, ("counts", "doc_topic", "topic_word")),
    (topics.fold_in, ("new_counts", "topic_word", "n_iter", "doc_prior")),
]


def parts(answer):
    return answer if isinstance(answer, tuple) else (answer,)


@pytest.mark.parametrize(("function", "names"), FUNCTIONS, ids=lambda f: getattr(f, "__name__", ""))
@given(data=st.data())
@settings(max_examples=200, deadline=None)
@pytest.mark.filterwarnings("ignore:overflow encountered in reduce")  # then they are refused
def test_plain_functions_refuse_or_answer_without_nan(function, names, data):
    spoilt = data.draw(st.sampled_from(names))
    arguments = {name: SOUND[name] for name in names} | {spoilt: data.draw(SPOILT[spoilt])}
    try:
        answer = function(**arguments)
    except ValueError:
        return
    assert not any(np.isnan(part).any() for part in parts(answer))


@st.composite
def distributions(draw, rows, columns):
    """Rows that sum to 1, with shares of 0 and shares that can hardly be told from 0."""
    share = st.sampled_from([0.0, 1e-320, 1e-200, 1e-155, 1e-30, 0.1, 0.5, 1.0])
    table = draw(hnp.arrays(np.float64, (rows, columns), elements=share))
    table[:, 0] += table.sum(axis=1) == 0
    return table / table.sum(axis=1, keepdims=True)


@given(st.data(), st.integers(0, 3), st.integers(1, 3), st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_rows_stay_distributions_however_small_the_shares_and_large_the_counts(
    data, docs, k, words
):
    doc_topic = data.draw(distributions(docs, k))
    topic_word = data.draw(distributions(k, words))
    count = st.sampled_from([0.0, 1.0, 3.0, 1e-320, 1e-300, 1e-150, 0.5, 1e9, 2.0**53])
    counts = sparse.csr_array(data.draw(hnp.arrays(np.float64, (docs, words), elements=count)))
    assert topics.log_likelihood(counts, doc_topic, topic_word) <= 1e-7 * counts.sum()
    if counts.sum() > 0:
        assert topics.perplexity(counts, doc_topic, topic_word) >= 0.999
    new_docs, new_words = topics.em_step(counts, doc_topic, topic_word)
    for rows in (new_docs, new_words, topics.fold_in(counts, topic_word, 4)):
        assert rows.sum(axis=1) == pytest.approx(np.ones(len(rows)))
        assert np.all(rows >= 0)
