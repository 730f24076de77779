"""The grader, graded: right answers pass, every mistake is refused with its own sentence."""

import functools
import inspect
import itertools
import json
import re
import textwrap
import traceback
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from right_answers import RIGHT_ANSWERS
from right_answers.capstone import of_chain, of_mixture

from emkit import em
from emkit.families import Gaussian
from emkit.hmm import HMM
from emkit.mixture import GaussianMixture
from emkit.workshop import CheckFailed, catalogue, check
from emkit.workshop.bench.watch import unwatched
from emkit.workshop.piece import Piece, Question

ROOT = Path(__file__).parents[2]
PIECES = [piece for piece in catalogue.PIECES.values() if isinstance(piece, Piece)]
QUESTIONS = [piece for piece in catalogue.PIECES.values() if isinstance(piece, Question)]
SEEDS = range(10)
FEWER = range(2)  # for whole analyses, whose check takes a second
MISTAKES = [
    pytest.param(piece, mistake, id=f"{piece.id}-{mistake.__name__}")
    for piece in PIECES
    for mistake in piece.mistakes
]


def seeds(piece):
    """The seeds to try a piece on."""
    return FEWER if piece.may_use else SEEDS


def unwrapped(text):
    return " ".join(text.split())


def as_a_learners(function):
    """The catalogue's own functions call the engine; here they pass for a learner's."""
    return unwatched(function)


def refusal(piece_id, candidate, **options):
    with pytest.raises(CheckFailed) as caught:
        check(piece_id, candidate, **options)
    return caught.value


@pytest.mark.parametrize(
    ("piece_id", "answer"),
    [pytest.param(id, f, id=f.__name__) for id, fs in RIGHT_ANSWERS.items() for f in fs],
)
def test_right_answers_pass(piece_id, answer, capsys):
    for seed in seeds(catalogue.find(piece_id)):
        check(piece_id, answer, seed=seed)
        assert capsys.readouterr().out == f"{piece_id}: visible checks passed\n"


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_a_piece_has_all_that_it_needs(piece):
    answers = RIGHT_ANSWERS.get(piece.id, ())
    where = f"tests/workshop/right_answers/{catalogue.module_name(piece)}.py"
    assert len(answers) >= 4, f"{piece.id} needs four right answers in {where}"
    assert len(piece.mistakes) >= 5, f"{piece.id} needs five mistakes, in its PIECE"
    assert piece.properties, f"{piece.id} needs a property: what holds whatever the values?"
    cases = piece.cases(np.random.default_rng(0))
    assert len(cases) >= 3, f"{piece.id} needs three cases, from small to nasty"
    assert len({case.what for case in cases}) == len(cases), f"{piece.id}: two cases of one name"
    assert inspect.getdoc(piece.contract), f"{piece.id} needs a docstring, which learners see"


@pytest.mark.parametrize(("piece", "mistake"), MISTAKES)
def test_mistakes_are_refused_with_their_own_sentence(piece, mistake):
    for seed in seeds(piece):
        failed = refusal(piece.id, as_a_learners(mistake), seed=seed)
        assert failed.piece == piece.id
        assert failed.mistake == mistake.__name__, f"seed {seed}: {failed}"
        assert unwrapped(mistake.sentence) in unwrapped(str(failed))


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_the_right_answer_of_the_catalogue_is_refused_as_the_engines(piece):
    """It is right, but it isn't the learner's."""
    said = unwrapped(str(refusal(piece.id, piece.correct)))
    whose = "the answer that yours is compared with" if piece.may_use else "emkit"
    assert re.search(rf"it calls ([\w.]+ and )?{whose}. Writing this", said)
    check(piece.id, as_a_learners(piece.correct))


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_the_stub_is_refused_as_not_written(piece):
    assert "it isn't written yet" in str(refusal(piece.id, stub_of(piece)))


def test_parts_divide_the_cases():
    naive = as_a_learners(
        next(m for m in mistakes_of("03.responsibilities") if m.__name__ == "no_shift_before_exp")
    )
    check("03.responsibilities", naive, part="ordinary")
    assert refusal("03.responsibilities", naive, part="hard").mistake == "no_shift_before_exp"


def test_rounding_is_not_taken_for_another_mistake_nor_another_mistake_for_rounding():
    """Where rounding errors are compared, much looks alike: means near a million above all."""

    def about_zero(statistics, centres):
        counts, sums, outer, _ = statistics
        shift = sums / counts[:, None]
        cross = shift[:, :, None] * centres[:, None, :]
        squares = centres[:, :, None] * centres[:, None, :]
        raw = outer / counts[:, None, None] + cross + cross.transpose(0, 2, 1) + squares
        means = centres + shift
        return counts / counts.sum(), means, raw - means[:, :, None] * means[:, None, :]

    assert refusal("11.m_step", about_zero, part="hard").mistake == "moved_to_the_origin"
    for mistake in mistakes_of("11.m_step"):
        if mistake.__name__ in ("sums_not_divided", "variances_raised"):
            failed = refusal("11.m_step", as_a_learners(mistake), part="hard")
            assert failed.mistake == mistake.__name__


def of_raw_spending(spend, rng):
    return of_mixture(em.fit(GaussianMixture(3, "tied"), spend, rng=rng).params)


def of_voices_uncentred(sequences, rng):
    return of_chain(em.fit(HMM(Gaussian("diag"), 7), sequences, max_iter=9, rng=rng).params)


def overfitted(spend, rng):
    fit = em.fit(GaussianMixture(9), np.log(spend + 100), max_iter=60, rng=rng)
    return of_mixture(fit.params)


def test_a_capstone_of_other_numbers_is_told_so_whatever_its_size_and_shape():
    hint = "parameters belong to other numbers than the rows of"
    text = unwrapped(str(refusal("12.model_customers", of_raw_spending)))
    assert f"{hint} np.log(spend + 100)." in text
    text = unwrapped(str(refusal("12.model_digits", of_voices_uncentred)))
    assert f"{hint} sequence - sequence.mean(axis=0)." in text
    assert hint not in unwrapped(str(refusal("12.model_customers", overfitted)))


def test_parameters_of_the_engine_are_sent_to_what_makes_a_tuple_of_them():
    def model_customers(spend, rng):
        return em.fit(GaussianMixture(2), np.log(spend + 100), max_iter=5, rng=rng).params

    text = unwrapped(str(refusal("12.model_customers", model_customers)))
    assert "a MixtureParams, expected a tuple (weights, means, covariances)" in text
    assert "what mixture_tuple makes of them" in text


def test_right_values_in_a_wrong_form_are_not_taken_for_rounding():
    right = as_a_learners(catalogue.find("10.update_gaussian").correct)

    def as_lists(sequences, gammas):
        means, covariances = right(sequences, gammas)
        return means, list(covariances)

    failed = refusal("10.update_gaussian", as_lists, part="hard")
    assert "covariances is a list" in str(failed)
    assert failed.mistake is None


def mistakes_of(piece_id):
    return catalogue.find(piece_id).mistakes


def test_the_same_seed_draws_the_same_cases_and_another_seed_others():
    wrong = as_a_learners(mistakes_of("03.log_joint")[0])
    first, again, other = (str(refusal("03.log_joint", wrong, seed=s)) for s in (1, 1, 2))
    assert first == again != other


def test_a_failure_that_is_no_known_mistake_shows_the_case_and_not_the_answer():
    def off(X, weights, means, covariances):
        return 1.1 * log_joint_answer(X, weights, means, covariances)

    failed = refusal("03.log_joint", off, seed=3)
    assert failed.mistake is None
    assert "6 of 6 values are wrong" in str(failed)
    case = catalogue.find("03.log_joint").cases(np.random.default_rng(3))[0]
    right = log_joint_answer(**case.inputs)
    for value in right.ravel():
        assert f"{value:.3f}" not in str(failed)


log_joint_answer = RIGHT_ANSWERS["03.log_joint"][0]


def test_two_mistakes_at_once_are_refused():
    """The transposed joint density without its weights."""

    def both(X, weights, means, covariances):
        return (log_joint_answer(X, weights, means, covariances) - np.log(weights)).T

    assert refusal("03.log_joint", both).mistake is None


def added_up(right, first, second):
    right = np.asarray(right)
    return right + (np.asarray(first) - right) + (np.asarray(second) - right)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_two_mistakes_added_up_are_refused(piece):
    """Neighbours in the list, where both give numbers of the right form."""
    for first, second in itertools.pairwise(piece.mistakes):

        def both(*args, first=first, second=second):
            right, *wrong = (f(*args) for f in (piece.correct, first, second))
            if isinstance(right, tuple):
                return tuple(itertools.starmap(added_up, zip(right, *wrong, strict=True)))
            return added_up(right, *wrong)

        both.__signature__ = inspect.signature(piece.contract)
        with np.errstate(all="ignore"):
            assert refusal(piece.id, as_a_learners(both)), (first.__name__, second.__name__)


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_a_failure_carries_nothing_of_the_right_answer(piece):
    """Neither in its frames, where local variables can be read, nor in what it came from."""
    for candidate in (piece.mistakes[0], stub_of(piece)):
        failed = refusal(piece.id, as_a_learners(candidate))
        frames = list(traceback.walk_tb(failed.__traceback__))
        assert {frame.f_code.co_name for frame, _ in frames} == {"refusal", "check"}
        assert failed.__context__ is None
        assert failed.__cause__ is None
        assert set(vars(failed)) == {"piece", "mistake"}
        assert "correct" not in repr(piece)


def stub_of(piece):
    def stub(*args, **kwargs):
        raise NotImplementedError

    stub.__signature__ = inspect.signature(piece.contract)
    return stub


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_questions_take_the_right_answer_and_explain_each_wrong_one(question, capsys):
    check(question.id, question.right)
    assert "passed" in capsys.readouterr().out
    for answer, reason in question.reasons.items():
        assert unwrapped(reason) in unwrapped(str(refusal(question.id, answer)))
    assert "expected" in str(refusal(question.id, None))


def test_unknown_pieces_and_parts_are_named():
    with pytest.raises(ValueError, match=r"no piece '03.nothing'; there are 03.log_g.*03\.far$"):
        check("03.nothing", len)
    with pytest.raises(ValueError, match="part is 'easy', expected None, 'ordinary' or 'hard'"):
        check("03.log_joint", len, part="easy")


# ------------------------------------------------------------ the notebooks agree with the pieces


@functools.cache
def cells(path):
    return nbformat.read(ROOT / path, as_version=4).cells


def stem(piece):
    """The stem of the piece's notebooks; skips while the assignment isn't written."""
    found = [path.stem for path in (ROOT / "notebooks").glob(f"{piece.id[:2]}_*.ipynb")]
    if not found:
        pytest.skip(f"there is no lesson {piece.id[:2]} yet")
    return found[0]


@pytest.mark.parametrize("piece", PIECES, ids=lambda piece: piece.id)
def test_the_stub_in_the_assignment_is_the_contract(piece):
    name = stem(piece)
    for path in (
        f"assignments/source/{name}/{name}.ipynb",
        f"assignments/release/{name}/{name}.ipynb",
    ):
        (source,) = (
            c.source
            for c in cells(path)
            if c.metadata.get("nbgrader", {}).get("grade_id") == piece.name
        )
        assert source.startswith(inspect.getsource(piece.contract).rstrip())


@pytest.mark.parametrize("piece", [*PIECES, *QUESTIONS], ids=lambda piece: piece.id)
def test_the_section_that_a_message_names_is_in_the_lesson(piece):
    headings = [
        line.lstrip("#").strip()
        for cell in cells(f"notebooks/{stem(piece)}.ipynb")
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("#")
    ]
    assert piece.section in headings


def test_in_a_notebook_the_message_stands_alone():
    """A real kernel: the error output holds the message and no traceback."""
    source = """
    from emkit.workshop import check
    def hard_assign(resp):
        return resp.argmax(axis=0)
    check("03.hard_assign", hard_assign)
    """
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(textwrap.dedent(source))],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    NotebookClient(notebook, allow_errors=True).execute()
    (output,) = notebook.cells[0].outputs
    shown = "\n".join(output.traceback)
    assert shown.startswith("03.hard_assign: labels is (n,) = (8,), yours is (3,).")
    assert "Each *row* is a point." in unwrapped(shown)
    assert "Traceback" not in json.dumps(output)
    assert "site-packages" not in json.dumps(output)
