"""Recursions on a chain against all paths, against hmmlearn, and against each other."""

from itertools import product

import numpy as np
import pytest
from hmmlearn import _hmmc
from hypothesis import given, settings
from hypothesis import strategies as st

from emkit import chain
from emkit.schedule import Schedule
from emkit.sweep import best_paths, log_sweep, sweep

seeds = st.integers(0, 2**32 - 1)


def random_chain(rng, t, k, sparse=False):
    startprob, transmat = rng.dirichlet(np.ones(k)), rng.dirichlet(np.ones(k), size=k)
    if sparse:
        transmat = transmat * (rng.random((k, k)) < 0.5) + np.eye(k) * (rng.random() < 0.5)
        transmat[transmat.sum(axis=1) == 0] = 1
        transmat /= transmat.sum(axis=1, keepdims=True)
    return startprob, transmat, rng.gamma(0.5, size=(t, k)) + 1e-3


def all_paths(startprob, transmat, likelihood):
    """Every path of states and its joint probability with the sequence."""
    t, k = likelihood.shape
    paths = np.array(list(product(range(k), repeat=t)))
    joint = startprob[paths[:, 0]] * likelihood[np.arange(t), paths].prod(axis=1)
    return paths, joint * transmat[paths[:, :-1], paths[:, 1:]].prod(axis=1)


def recursions(startprob, transmat, likelihood):
    alpha, scale = chain.forward(startprob, transmat, likelihood)
    beta = chain.backward(transmat, likelihood, scale)
    gamma = chain.state_posteriors(alpha, beta)
    xi = chain.transition_posteriors(alpha, beta, transmat, likelihood, scale)
    return alpha, scale, beta, gamma, xi


# ---------------------------------------------------------------------------------- brute force


@given(seeds, st.integers(1, 5), st.integers(1, 3), st.booleans())
@settings(max_examples=100, deadline=None)
def test_the_recursions_are_the_sum_over_all_paths(seed, t, k, sparse):
    startprob, transmat, likelihood = random_chain(np.random.default_rng(seed), t, k, sparse)
    paths, joint = all_paths(startprob, transmat, likelihood)
    alpha, scale, beta, gamma, xi = recursions(startprob, transmat, likelihood)
    total = joint.sum()
    assert np.log(scale).sum() == pytest.approx(np.log(total), abs=1e-12)
    share = joint / total
    for step in range(t):
        expected = [share[paths[:, step] == j].sum() for j in range(k)]
        assert gamma[step] == pytest.approx(expected, abs=1e-12)
    expected = np.zeros((k, k))
    for step in range(t - 1):
        np.add.at(expected, (paths[:, step], paths[:, step + 1]), share)
    assert xi == pytest.approx(expected, abs=1e-12)
    _, so_far = all_paths(startprob, transmat, likelihood[:1])
    assert alpha[0] == pytest.approx(so_far / so_far.sum(), abs=1e-12)
    assert np.all(beta[-1] == 1)
    logs = np.log(likelihood)
    assert chain.sequence_log_likelihood(startprob, transmat, logs) == pytest.approx(
        np.log(total), abs=1e-12
    )
    path, log_prob = chain.viterbi(startprob, transmat, logs)
    assert log_prob == pytest.approx(np.log(joint.max()), abs=1e-12)
    assert joint[(paths == path).all(axis=1)] == pytest.approx(joint.max(), rel=1e-12)


@given(seeds, st.integers(1, 6), st.integers(2, 3))
@settings(max_examples=60, deadline=None)
def test_viterbi_gives_ties_to_the_lower_state_at_the_end_and_at_each_step_back(seed, t, k):
    """Log values that are small whole numbers add up exactly, so that ties are ties."""
    rng = np.random.default_rng(seed)
    logs = rng.integers(-1, 1, size=(t, k)).astype(float)
    paths = np.array(list(product(range(k), repeat=t)))
    totals = logs[np.arange(t), paths].sum(axis=1)
    best = paths[totals == totals.max()]
    expected = min(best.tolist(), key=lambda path: path[::-1])  # the last state decides first
    uniform = np.full(k, 1 / k)
    path, _ = chain.viterbi(uniform, np.tile(uniform, (k, 1)), logs)
    assert path.tolist() == expected


# ------------------------------------------------------------------------------------- hmmlearn


@pytest.mark.parametrize(("t", "k"), [(1, 2), (40, 3), (500, 5)])
def test_every_recursion_is_hmmlearns(t, k):
    startprob, transmat, likelihood = random_chain(np.random.default_rng(t), t, k)
    alpha, scale, _, gamma, xi = recursions(startprob, transmat, likelihood)
    logs = np.log(likelihood)
    log_prob, their_alpha, their_scale = _hmmc.forward_scaling(startprob, transmat, likelihood)
    assert np.log(scale).sum() == pytest.approx(log_prob, rel=1e-12)
    assert alpha == pytest.approx(their_alpha, rel=1e-10)
    assert scale == pytest.approx(1 / their_scale, rel=1e-12)
    their_beta = _hmmc.backward_scaling(startprob, transmat, likelihood, their_scale)
    theirs = their_alpha * their_beta
    assert gamma == pytest.approx(theirs / theirs.sum(axis=1, keepdims=True), abs=1e-12)
    if t > 1:
        _, log_alpha = _hmmc.forward_log(startprob, transmat, logs)
        log_beta = _hmmc.backward_log(startprob, transmat, logs)
        log_xi = _hmmc.compute_log_xi_sum(log_alpha, transmat, log_beta, logs)
        assert xi == pytest.approx(np.exp(log_xi), rel=1e-9)
    log_prob, path = _hmmc.viterbi(startprob, transmat, logs)
    assert chain.viterbi(startprob, transmat, logs)[1] == pytest.approx(log_prob, rel=1e-12)
    assert np.array_equal(chain.viterbi(startprob, transmat, logs)[0], path)


# ----------------------------------------------------------------------------------------- laws


def test_a_constant_on_a_row_moves_its_scale_and_nothing_else():
    rng = np.random.default_rng(0)
    startprob, transmat, likelihood = random_chain(rng, 30, 3)
    constants = rng.uniform(1e-5, 1e5, size=30)
    here = recursions(startprob, transmat, likelihood)
    there = recursions(startprob, transmat, likelihood * constants[:, None])
    assert there[1] / here[1] == pytest.approx(constants, rel=1e-12)
    for i in (0, 2, 3, 4):
        assert there[i] == pytest.approx(here[i], rel=1e-10)


def test_posteriors_of_neighbours_agree_with_those_of_pairs():
    alpha, scale, beta, gamma, xi = recursions(*random_chain(np.random.default_rng(1), 50, 4))
    assert alpha.sum(axis=1) == pytest.approx(np.ones(50))
    assert (alpha * beta).sum(axis=1) == pytest.approx(np.ones(50))
    assert xi.sum() == pytest.approx(49)
    assert xi.sum(axis=1) == pytest.approx(gamma[:-1].sum(axis=0))
    assert xi.sum(axis=0) == pytest.approx(gamma[1:].sum(axis=0))
    assert len(scale) == 50


def test_a_hundred_thousand_steps_neither_underflow_nor_drift():
    """With equal rows of A nothing is remembered: the sum of logs of a mixture."""
    rng = np.random.default_rng(2)
    weights = rng.dirichlet(np.ones(3))
    likelihood = rng.gamma(1, size=(100_000, 3)) * 1e-3
    alpha, scale = chain.forward(weights, np.tile(weights, (3, 1)), likelihood)
    joint = likelihood * weights
    assert np.log(scale).sum() == pytest.approx(np.log(joint.sum(axis=1)).sum(), rel=1e-12)
    assert alpha[-1] == pytest.approx(joint[-1] / joint[-1].sum(), rel=1e-12)


def test_log_values_of_any_size():
    startprob, transmat = np.array([1.0, 0.0]), np.eye(2)
    out_of_reach = np.array([[-1e5, 0.0], [-2e5, 0.0], [-3.0, 0.0]])
    assert chain.sequence_log_likelihood(startprob, transmat, out_of_reach) == -300_003
    # The path that looks hopeless at first is the better one in the end.
    late = np.array([[0.0, -1e5], [-3e5, 0.0]])
    half = np.array([0.5, 0.5])
    assert chain.sequence_log_likelihood(half, transmat, late) == pytest.approx(np.log(0.5) - 1e5)
    assert chain.sequence_log_likelihood(startprob, transmat, [[-np.inf, 0.0]]) == -np.inf
    assert chain.viterbi(startprob, transmat, out_of_reach)[1] == -300_003


@given(seeds, st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_a_step_leaves_the_stationary_distribution_as_it_is(seed, k):
    _, transmat, _ = random_chain(np.random.default_rng(seed), 1, k, sparse=True)
    distribution = chain.stationary(transmat)
    assert distribution @ transmat == pytest.approx(distribution, abs=1e-10)
    assert distribution.sum() == pytest.approx(1)
    assert distribution.min() >= 0


def test_stationary_of_chains_that_one_can_do_by_hand():
    assert chain.stationary([[0.9, 0.1], [0.3, 0.7]]) == pytest.approx([0.75, 0.25])
    assert chain.stationary([[0, 1], [1, 0]]) == pytest.approx([0.5, 0.5])
    assert chain.stationary([[0.5, 0.5], [0, 1]]) == pytest.approx([0, 1])
    assert chain.stationary(np.eye(3)) == pytest.approx(np.full(3, 1 / 3))


def test_integer_input_is_answered_in_float64():
    alpha, scale = chain.forward([1, 0], [[0, 1], [1, 0]], [[1, 2], [3, 4]])
    assert alpha.dtype == scale.dtype == np.float64
    assert alpha.tolist() == [[1, 0], [0, 1]]
    assert scale.tolist() == [1, 4]


# ---------------------------------------------------------------- sweeps and blocks are the loop


def looped(startprob, transmat, logs):
    """Posteriors of one sequence from the recursions of the textbook."""
    shift = logs.max(axis=1)
    likelihood = np.exp(logs - shift[:, None])
    _, scale, _, gamma, xi = recursions(startprob, transmat, likelihood)
    return gamma, xi, np.log(scale) + shift


def assert_sweep_is_the_loop(startprob, transmat, sequences, block, method=sweep, close=1e-12):
    schedule = Schedule(np.array([len(logs) for logs in sequences]), block)
    rows = schedule.rows
    found = method(startprob, transmat, np.concatenate(sequences)[rows].T, schedule)
    gammas, xis, scales = zip(*(looped(startprob, transmat, s) for s in sequences), strict=True)
    gamma = np.concatenate(gammas)[rows].transpose()
    assert found.gamma == pytest.approx(gamma, abs=close)
    assert found.xi == pytest.approx(sum(xis), rel=close, abs=close)
    expected = np.concatenate(scales)[rows]
    assert found.log_scale == pytest.approx(expected, rel=close, abs=close)


TRANSMATS = {
    "random": lambda rng, k: rng.dirichlet(np.ones(k), size=k),
    "sticky": lambda rng, k: (1 - 1e-6) * np.eye(k) + 1e-6 * rng.dirichlet(np.ones(k), size=k),
    "nearly deterministic": lambda rng, k: (
        (1 - 1e-9) * np.roll(np.eye(k), 1, axis=1) + 1e-9 * rng.dirichlet(np.ones(k), size=k)
    ),
    "periodic": lambda rng, k: np.roll(np.eye(k), 1, axis=1),
    "left to right": lambda rng, k: (
        0.9 * np.eye(k) + 0.1 * np.eye(k, k=1) + np.diag([0.0] * (k - 1) + [0.1])
    ),
    "parts that never meet": lambda rng, k: np.eye(k),
}


@pytest.mark.parametrize("method", [sweep, log_sweep])
@pytest.mark.parametrize("block", [None, 1, 7, 20])
@pytest.mark.parametrize("kind", TRANSMATS)
@pytest.mark.parametrize("spread", [0.0, 0.1, 3.0])
def test_blocks_and_batches_are_the_plain_loop(kind, spread, block, method):
    rng = np.random.default_rng(3)
    for k in (2, 4):
        sequences = [spread * rng.normal(size=(t, k)) for t in (1, 30, 2, 90, 30, 41)]
        startprob, transmat = rng.dirichlet(np.ones(k)), TRANSMATS[kind](rng, k)
        assert_sweep_is_the_loop(startprob, transmat, sequences, block, method)


@given(seeds, st.lists(st.integers(1, 40), min_size=1, max_size=5), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_any_lengths_in_any_blocks_are_the_plain_loop(seed, lengths, block):
    rng = np.random.default_rng(seed)
    startprob, transmat, _ = random_chain(rng, 1, 3, sparse=True)
    startprob = (startprob + 0.1) / 1.3
    sequences = [2 * rng.normal(size=(t, 3)) for t in lengths]
    assert_sweep_is_the_loop(startprob, transmat, sequences, block)


def test_a_long_sequence_is_the_plain_loop():
    rng = np.random.default_rng(4)
    startprob, transmat = rng.dirichlet(np.ones(3)), TRANSMATS["sticky"](rng, 3)
    assert_sweep_is_the_loop(startprob, transmat, [rng.normal(size=(5_000, 3))], None)


def found_paths(startprob, transmat, sequences, block):
    """The best path of each sequence and its log-probability, all sequences side by side."""
    lengths = np.array([len(logs) for logs in sequences])
    schedule = Schedule(lengths, block)
    logs = np.concatenate(sequences)[schedule.rows].T
    path, log_probs = best_paths(startprob, transmat, logs, schedule)
    ordered = np.empty_like(path)
    ordered[schedule.rows] = path
    return np.split(ordered, np.cumsum(lengths)[:-1]), log_probs


def log_joint_of_path(startprob, transmat, logs, path):
    log_prob = chain.safe_log(startprob)[path[0]] + logs[np.arange(len(path)), path].sum()
    return log_prob + chain.safe_log(transmat)[path[:-1], path[1:]].sum()


@pytest.mark.parametrize("block", [None, 1, 7, 20])
@pytest.mark.parametrize("kind", TRANSMATS)
@pytest.mark.parametrize("spread", [0.1, 3.0, 1e4])
def test_paths_side_by_side_and_in_blocks_are_viterbis(kind, spread, block):
    rng = np.random.default_rng(6)
    for k in (2, 4):
        sequences = [spread * rng.normal(size=(t, k)) for t in (1, 30, 2, 90, 30, 41)]
        startprob, transmat = rng.dirichlet(np.ones(k)), TRANSMATS[kind](rng, k)
        paths, log_probs = found_paths(startprob, transmat, sequences, block)
        for path, log_prob, logs in zip(paths, log_probs, sequences, strict=True):
            expected, expected_log_prob = chain.viterbi(startprob, transmat, logs)
            assert np.array_equal(path, expected)
            assert log_prob == pytest.approx(expected_log_prob, rel=1e-12)
            assert log_prob == pytest.approx(log_joint_of_path(startprob, transmat, logs, path))


@given(seeds, st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_no_path_is_better_than_those_found_side_by_side(seed, lengths, block):
    """Zeros in A and in the likelihood: some sequences may be impossible."""
    rng = np.random.default_rng(seed)
    startprob, transmat, _ = random_chain(rng, 1, 3, sparse=True)
    likelihoods = [rng.gamma(0.5, size=(t, 3)) * (rng.random((t, 3)) < 0.8) for t in lengths]
    logs = [chain.safe_log(likelihood) for likelihood in likelihoods]
    paths, log_probs = found_paths(startprob, transmat, logs, block)
    for path, log_prob, likelihood in zip(paths, log_probs, likelihoods, strict=True):
        every, joint = all_paths(startprob, transmat, likelihood)
        assert np.exp(log_prob) == pytest.approx(joint.max(), rel=1e-12)
        assert joint[(every == path).all(axis=1)] == pytest.approx(joint.max(), rel=1e-12)


@given(seeds, st.integers(1, 6), st.integers(2, 3), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_ties_side_by_side_go_to_the_lower_state(seed, t, k, block):
    rng = np.random.default_rng(seed)
    uniform = np.full(k, 1 / k)
    sequences = [rng.integers(-1, 1, size=(length, k)).astype(float) for length in (t, 1, 6)]
    paths, _ = found_paths(uniform, np.tile(uniform, (k, 1)), sequences, block)
    # Where A forgets the state, the best path is the best state of each row.
    for path, logs in zip(paths, sequences, strict=True):
        assert path.tolist() == logs.argmax(axis=1).tolist()
    # Where nothing is ever forgotten, it is one state from end to end.
    (path,), _ = found_paths(uniform, np.eye(k), [np.zeros((t, k))], block)
    assert path.tolist() == [0] * t


def test_the_schedule_reads_every_row_once_and_knows_its_sequence():
    lengths = np.array([3, 10, 1, 7])
    for block in (None, 1, 4, 10):
        schedule = Schedule(lengths, block)
        assert np.sort(schedule.rows).tolist() == list(range(21))
        owner = np.repeat(np.arange(4), lengths)
        assert np.array_equal(schedule.sequence, owner[schedule.rows])
        assert schedule.rows[schedule.heads].tolist() == [0, 3, 13, 14]
        later, earlier = schedule.joints
        assert np.array_equal(schedule.rows[later], schedule.rows[earlier] + 1)
        for now, before in schedule.steps[1:]:
            assert np.array_equal(schedule.rows[now], schedule.rows[before] + 1)


@given(seeds, st.integers(1, 5), st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_no_path_is_lost_however_improbable_it_looks_on_the_way(seed, t, block):
    """Log values of up to 1e5 and zeros in A: against all paths, in log space."""
    rng = np.random.default_rng(seed)
    k = 3
    startprob, transmat, _ = random_chain(rng, 1, k, sparse=True)
    if rng.random() < 0.5:
        startprob = np.eye(k)[rng.integers(k)]
    logs = rng.choice([-1e5, -300.0, -120.0, -50.0, -1.0, 0.0], size=(t, k)) + rng.normal(size=k)
    paths = np.array(list(product(range(k), repeat=t)))
    joint = chain.safe_log(startprob)[paths[:, 0]] + logs[np.arange(t), paths].sum(axis=1)
    joint = joint + chain.safe_log(transmat)[paths[:, :-1], paths[:, 1:]].sum(axis=1)
    total = chain.log_sum_exp(joint, axis=0)
    share = np.exp(joint - total)
    schedule = Schedule(np.array([t]), block)
    order = np.argsort(schedule.rows)
    assert chain.sequence_log_likelihood(startprob, transmat, logs) == pytest.approx(total)
    for method in (sweep, log_sweep):
        found = method(startprob, transmat, logs[schedule.rows].T, schedule)
        assert found.log_scale.sum() == pytest.approx(total, rel=1e-12)
        for step in range(t):
            expected = [share[paths[:, step] == j].sum() for j in range(k)]
            assert found.gamma[:, order[step]] == pytest.approx(expected, abs=1e-9)
        expected = np.zeros((k, k))
        for step in range(t - 1):
            np.add.at(expected, (paths[:, step], paths[:, step + 1]), share)
        assert found.xi == pytest.approx(expected, abs=1e-9)


def test_one_hard_sequence_among_easy_ones_is_done_again_and_the_others_stay():
    rng = np.random.default_rng(5)
    startprob, transmat = np.array([1.0, 0.0]), np.array([[1.0, 0.0], [0.5, 0.5]])
    easy = [rng.normal(size=(t, 2)) for t in (12, 9)]
    hard = np.array([[-500.0, 0.0]] * 10)  # state 1 is out of reach
    sequences = [easy[0], hard, easy[1]]
    schedule = Schedule(np.array([12, 10, 9]), 4)
    weight = np.array([1.0, 3.0, 2.0])[schedule.sequence]
    logs = np.concatenate(sequences)[schedule.rows].T
    found = sweep(startprob, transmat, logs, schedule, weight)
    assert found.xi == pytest.approx(np.array([[11 + 3 * 9 + 2 * 8, 0.0], [0, 0]]))
    assert found.log_scale[schedule.sequence == 1] == pytest.approx(np.full(10, -500.0))
    assert found.gamma[0] == pytest.approx(np.ones(31))


def test_an_impossible_sequence_is_minus_infinity_and_no_nan():
    logs = np.array([[0.0, -np.inf, -np.inf], [-np.inf, -np.inf, 0.0]])
    schedule = Schedule(np.array([3]))
    for method in (sweep, log_sweep):
        found = method(np.array([0.5, 0.5]), np.eye(2), logs, schedule)
        assert found.log_scale.sum() == -np.inf
        assert not np.isnan(found.gamma).any()
        assert not np.isnan(found.xi).any()


# ------------------------------------------------------------------------------ what goes wrong

GOOD = (np.array([0.5, 0.5]), np.full((2, 2), 0.5), np.ones((3, 2)))


@pytest.mark.parametrize(
    ("position", "value", "sentence"),
    [
        (0, [0.5, 0.6], r"startprob is \[0.5 0.6\], expected none below 0 and a sum of 1"),
        (0, [1.0], r"startprob has shape \(1,\), but transmat is for 2 states"),
        (1, [[0.5, 0.4], [0.5, 0.5]], r"transmat\[0\] is \[0.5 0.4\], expected none below 0"),
        (1, [[1.0, 0.0]], r"transmat has shape \(1, 2\), expected \(k, k\)"),
        (2, np.ones((3, 3)), r"shape \(3, 3\), expected \(t, 2\) with t at least 1"),
        (2, np.ones((0, 2)), r"shape \(0, 2\), expected \(t, 2\) with t at least 1"),
        (2, [[1.0, np.nan]], r"likelihood\[0, 1\] is nan, expected finite numbers"),
        (2, [[1.0, np.inf]], r"likelihood\[0, 1\] is inf, expected finite numbers"),
        (2, [["a", "b"]], r"likelihood holds 'a', expected real numbers"),
        (2, [[1.0], [1.0, 2.0]], r"likelihood has rows of different lengths"),
    ],
)
def test_bad_arguments_are_named(position, value, sentence):
    arguments = list(GOOD)
    arguments[position] = value
    for function in (chain.forward, chain.sequence_log_likelihood, chain.viterbi):
        with pytest.raises(ValueError, match=sentence):
            function(*arguments)


def test_more_bad_arguments_are_named():
    with pytest.raises(ValueError, match=r"likelihood has -1\.0 in it, expected none below 0"):
        chain.forward(*GOOD[:2], [[-1.0, 1.0]])
    with pytest.raises(ValueError, match=r"likelihood\[1\] is 0 in every state that can be"):
        chain.forward([1, 0], np.eye(2), [[1, 1], [0, 1]])
    with pytest.raises(ValueError, match="scale has to hold 3 numbers above 0"):
        chain.backward(*GOOD[1:], [1.0, 1.0])
    with pytest.raises(ValueError, match=r"beta has shape \(2, 2\), likelihood \(3, 2\)"):
        chain.transition_posteriors(np.ones((3, 2)), np.ones((2, 2)), *GOOD[1:], np.ones(3))
    with pytest.raises(ValueError, match=r"alpha has shape \(3, 2\), beta \(2, 2\)"):
        chain.state_posteriors(np.ones((3, 2)), np.ones((2, 2)))
