"""What a piece can return and ask for besides one array, on small pieces made for the purpose."""

import time
from importlib import import_module

import numpy as np
import pytest
from scipy import sparse

from emkit.workshop import CheckFailed
from emkit.workshop.bench.contract import ignored_parameters
from emkit.workshop.check import check_piece
from emkit.workshop.failure import short
from emkit.workshop.piece import Case, Piece, Returned, mistake


def refused(piece, candidate):
    with pytest.raises(CheckFailed) as caught:
        check_piece(piece, candidate, 0, None)
    return caught.value


def text_of(piece, candidate):
    return " ".join(str(refused(piece, candidate)).split())


def piece(contract, correct, inputs, returns, mistakes=(), **options):
    """A piece of one case, or of the given cases."""
    cases = inputs if isinstance(inputs, list) else [Case("one case", inputs)]
    return Piece(
        id="99.made_up",
        contract=contract,
        correct=correct,
        cases=lambda rng: cases,
        returns=returns,
        properties=(),
        mistakes=mistakes,
        section="Nowhere",
        **options,
    )


# -------------------------------------------------------------------------------------- tuples


def moments(x):
    """Mean and variance."""


@mistake("The variance is about 0.")
def raw_second_moment(x):
    return x.mean(keepdims=True), (x**2).mean()


@mistake("The mean is the sum.")
def summed(x):
    return x.sum(keepdims=True), x.var()


MOMENTS = piece(
    moments,
    lambda x: (x.mean(keepdims=True), x.var()),
    {"x": np.array([1.0, 2.0, 6.0])},
    (Returned("mean", "(1,)"), Returned("variance", "()")),
    mistakes=(raw_second_moment, summed),
)


def test_a_right_tuple_passes():
    check_piece(MOMENTS, lambda x: (x.mean(keepdims=True), x.var()), 0, None)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (lambda x: [1.0, 2.0], "it returns a list, expected a tuple: (mean, variance)."),
        (lambda x: x, "it returns an array of shape (3,), expected a tuple: (mean, variance)."),
        (lambda x: (x, x, x), "it returns a tuple of 3, expected 2 things: (mean, variance)."),
        (lambda x: (x, 1.0), "mean is (1,) = (1,), yours is (3,)."),
        (lambda x: (x[:1] + 2, x[:2]), "variance should be one number, yours is an array of sh"),
        (lambda x: (x[:1] + 2, None), "variance is a NoneType, expected one number."),
        (lambda x: (x[:1] * np.nan, 1.0), "mean[0] is nan."),
        (lambda x: (x[:1] + 2, x.var() + 1), "the value of variance is wrong."),
        (lambda x: (np.float32(x[:1] + 2), 1.0), "mean is of type float32, expected floating-poi"),
    ],
)
def test_each_thing_of_a_tuple_is_looked_at(answer, sentence):
    assert sentence in text_of(MOMENTS, answer)


def test_each_thing_is_shown_by_its_name():
    lines = str(refused(MOMENTS, raw_second_moment)).splitlines()
    assert "    your mean = [3.]" in lines
    assert "    your variance = 13.6667" in lines


def test_a_mistake_is_recognised_in_the_whole_and_of_two_the_first():
    assert refused(MOMENTS, lambda x: raw_second_moment(x)).mistake == "raw_second_moment"
    both = refused(MOMENTS, lambda x: (summed(x)[0], raw_second_moment(x)[1]))
    assert both.mistake == "summed"


# --------------------------------------------------------------------- text, lists, truth, dtypes


def verdict(history):
    """What a history says."""


VERDICT = piece(
    verdict,
    lambda history: ("up", True, [0.0, *np.diff(history)]),
    {"history": [1.0, 2.0, 4.0]},
    (Returned("reason", "", "text"), Returned("done", "()", "bool"), Returned("gains", "", "list")),
)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (("down", True, [0.0, 1.0, 2.0]), "reason is 'down', which is wrong here."),
        ((1, True, [0.0, 1.0, 2.0]), "reason is an int, expected text."),
        (("up", 1, [0.0, 1.0, 2.0]), "done is of type int64, expected True or False."),
        (("up", False, [0.0, 1.0, 2.0]), "done is False, which is wrong here."),
        (("up", True, np.ones(3)), "gains is an array of shape (3,), expected a list."),
        (("up", True, [0.0, 1.0]), "gains should have length 3, yours has 2."),
        (("up", True, ["a", 1.0, 2.0]), "gains is ['a', 1., 2.], expected a list of numbers."),
        (("up", True, [0.0, 1.0, 3.0]), "1 of 3 values are wrong, gains[2] among them."),
    ],
)
def test_text_truth_and_lists(answer, sentence):
    assert sentence in text_of(VERDICT, lambda history: answer)


def test_right_text_truth_and_list_pass():
    check_piece(VERDICT, lambda history: ("up", np.bool_(True), [0, 1.0, 2.0]), 0, None)


def same(x):
    """The same."""


def test_a_dtype_that_must_be_kept():
    keeps = piece(same, lambda x: x, {"x": np.arange(3)}, Returned("x", "(n,)", "as given"))
    check_piece(keeps, lambda x: x.copy(), 0, None)
    assert "x is of type float64, expected int64." in text_of(keeps, lambda x: x * 1.0)


# ------------------------------------------------------------------------- errors that are due

STRICT = piece(
    same,
    lambda x: x if len(x) else 1 / 0,
    [
        Case("numbers", {"x": np.ones(2)}),
        Case("none", {"x": np.ones(0)}, raises=ZeroDivisionError, because="nothing has no share"),
    ],
    Returned("x", "(n,)"),
)


def test_an_error_that_is_due():
    def right(x):
        if len(x) == 0:
            raise ZeroDivisionError("nothing there")
        return x

    check_piece(STRICT, right, 0, None)
    text = text_of(STRICT, lambda x: x)
    assert "it returns []. Expected a ZeroDivisionError: nothing has no share." in text
    text = text_of(STRICT, lambda x: x / x[0])
    assert "it raises IndexError" in text
    assert "Expected a ZeroDivisionError" in text


# ------------------------------------------------------------------------------ kinds of inputs


def use(counts, rows, rng, step):
    """Something of everything."""


EVERYTHING = piece(
    use,
    lambda counts, rows, rng, step: counts.sum() + sum(r.sum() for r in rows) + step(rng.random()),
    {
        "counts": sparse.csr_array(np.eye(3)),
        "rows": [np.ones(2), np.zeros(3)],
        "rng": np.random.default_rng(0),
        "step": lambda x: 2 * x,
    },
    Returned("total", "()"),
)


def test_each_call_gets_fresh_inputs_of_every_kind():
    def right(counts, rows, rng, step):
        counts.sort_indices()
        return counts.sum() + np.concatenate(rows).sum() + step(rng.random())

    check_piece(EVERYTHING, right, 0, None)
    check_piece(EVERYTHING, right, 0, None)


def changes_counts(counts, rows, rng, step):
    counts.data[0] = 7
    return 1.0


def changes_rows(counts, rows, rng, step):
    rows[1][0] = 7
    return 1.0


@pytest.mark.parametrize(
    ("candidate", "name"), [(changes_counts, "counts"), (changes_rows, "rows")]
)
def test_a_change_inside_a_list_or_a_sparse_array_is_seen(candidate, name):
    assert f"it changes its argument {name}" in text_of(EVERYTHING, candidate)


def test_inputs_are_shown_in_a_line_each():
    lines = str(refused(EVERYTHING, lambda counts, rows, rng, step: 0.5)).splitlines()
    assert "    counts = sparse [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.]]" in lines
    assert "    rows = [[1., 1.], [0., 0., 0.]]" in lines
    assert "    rng = a random generator" in lines
    assert "    step = a function" in lines
    assert short([np.ones(50)] * 9) == "a list of 9"


def test_an_observation_is_judged_in_the_place_of_the_answer():
    def draws(function, x):
        return np.array([function(x) for _ in range(5)])

    drawn = piece(
        same, lambda x: 2.0, {"x": 1.0}, Returned("draws", "(5,)"), observe=draws
    )  # fmt: skip
    check_piece(drawn, lambda x: 2.0 * x, 0, None)
    assert "5 of 5 values are wrong" in text_of(drawn, lambda x: 3.0)


# ---------------------------------------------------------------------------- time, and what isn't


def test_a_loop_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(import_module("emkit.workshop.check"), "PATIENCE", 0.5)

    def endless(x):
        try:
            while True:
                x = x + 1
        except Exception:
            return x

    slow = piece(same, lambda x: x, {"x": 1.0}, Returned("x", "()"))
    began = time.monotonic()
    assert "it is still running after" in text_of(slow, endless)
    assert time.monotonic() - began < 30


def test_a_piece_may_have_more_patience_than_others(monkeypatch):
    monkeypatch.setattr(import_module("emkit.workshop.check"), "PATIENCE", 0.05)

    def thorough(x):
        time.sleep(0.5)
        return x

    common = (same, lambda x: x, {"x": 1.0}, Returned("x", "()"))
    assert "it is still running after" in text_of(piece(*common), thorough)
    check_piece(piece(*common, patience=30.0), thorough, 0, None)


def test_a_wrong_whole_number_where_0_is_right():
    none = piece(same, lambda x: np.zeros(2, int), {"x": 1}, Returned("x", "(n,)", "int"))
    assert "1 of 2 values are wrong, x[1] among them" in text_of(none, lambda x: np.array([0, 9]))


def test_parameters_that_are_never_used_are_named():
    ignoring = piece(
        lambda x, y: None, lambda x, y: x + y, {"x": 1.0, "y": 2.0}, Returned("sum", "()")
    )
    assert "Your function never uses y: what is it for?" in text_of(ignoring, lambda x, y: x)
    text = text_of(
        piece(
            lambda a, b, c: None,
            lambda a, b, c: a + b + c,
            {"a": 1.0, "b": 2.0, "c": 3.0},
            Returned("sum", "()"),
        ),
        lambda a, b, c: 0.0,
    )
    assert "Your function never uses a, b and c: what are they for?" in text

    def inside(x, y):
        return [x for _ in range(3)], (lambda: y)

    assert ignored_parameters(inside) == []
