"""The whole way with the real nbgrader, from release to fetched feedback, for six learners.

All their hand-ins are the worked solution or the release, edited as learners (and accidents) do.
"""

import copy
import html
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from tiny_course import ROOT, nbgrader

from emkit.classroom.course import Course
from emkit.workshop.catalogue import find

STEM = "03_gaussian_mixtures_e_step"
pytestmark = pytest.mark.xdist_group("loop")  # the fixture is costly

# What the half right learner gets wrong: the answer's cell, the slip, the mistake that it is, and
# the checks that it fails.
SLIPS = [
    (
        "log_gaussian",
        ("len(mean) * np.log(2 * np.pi)", "np.log(2 * np.pi)"),
        "one_dimension_of_constant",
        ["log_gaussian-ordinary", "log_gaussian-hard"],
    ),
    (
        "responsibilities",
        ("np.exp(values - values.max(axis=1, keepdims=True))", "np.exp(values)"),
        "no_shift_before_exp",
        ["responsibilities-hard"],
    ),
    (
        "log_likelihood",
        (".sum()", ".mean()"),
        "mean_over_points",
        ["log_likelihood-ordinary", "log_likelihood-hard"],
    ),
    ("meaning", ('"b"', '"c"'), "c", ["meaning-ordinary"]),
]


def cell(notebook, name):
    (found,) = (cell for cell in notebook.cells if cell.id == name)
    return found


def right(solution, release):
    return solution


def half_right(solution, release):
    for name, (old, new), *_ in SLIPS:
        assert old in cell(solution, name).source
        cell(solution, name).source = cell(solution, name).source.replace(old, new)
    return solution


def untouched(solution, release):
    return release


def copied(solution, release):
    """A copy of a test cell, and one of an answer with a first try in it, both above."""
    for name in ("log_joint-ordinary", "responsibilities"):
        twin = copy.deepcopy(cell(solution, name))
        twin.id = f"{name}-copy"
        solution.cells.insert(solution.cells.index(cell(solution, name)), twin)
    cell(
        solution, "responsibilities-copy"
    ).source = "def responsibilities(X, weights, means, covariances):\n    return None"
    return solution


def deleted(solution, release):
    """Test cells deleted: one after its answer, and one after another test."""
    for name in ("log_joint-ordinary", "log_joint-hard", "soft_border-ordinary"):
        solution.cells.remove(cell(solution, name))
    return solution


def warned(solution, release):
    """Right answers that complain on stderr, in the very cells that are marked."""
    for name in ("log_joint", "hard_assign"):
        answer = cell(solution, name)
        answer.source = "import sys, warnings\n" + answer.source.replace(
            "\n    return ",
            "\n    warnings.warn('careful')\n    print('!', file=sys.stderr)\n    return ",
        )
        assert "careful" in answer.source
    return solution


HAND_INS = {hand_in.__name__: hand_in for hand_in in (
    right, half_right, untouched, copied, deleted, warned,
)}  # fmt: skip


class Learner:
    """Someone with a home and a folder of their own, and a way to the class's exchange."""

    def __init__(self, name, folder, exchange):
        self.name = name
        self.course = Course(folder / "emkit")
        self.course.root.mkdir(parents=True)
        shutil.copy(ROOT / "nbgrader_config.py", self.course.root)
        self.environment = {"HOME": str(folder), "EMKIT_EXCHANGE": str(exchange)}

    def run(self, command):
        return run(self.course, command, STEM, "--student", self.name, environment=self.environment)

    def work(self, hand_in):
        """Fetch, edit, submit."""
        self.run("fetch_assignment")
        path = self.course.work(STEM)
        solution = nbformat.read(ROOT / "solutions" / path.name, as_version=4)
        nbformat.write(hand_in(solution, nbformat.read(path, as_version=4)), path)
        self.run("submit")

    def feedback(self):
        """Fetch the feedback; return what the page shows, without tags and white space."""
        self.run("fetch_feedback")
        (page,) = self.course.work(STEM).parent.glob(f"feedback/*/{STEM}.html")
        text = re.sub(r'<img [^>]*"data:image/png[^>]*>', "(picture)", page.read_text())
        return squeezed(html.unescape(re.sub(r"<[^>]*>", "", text)))


def run(course, *words, environment):
    done = nbgrader(course.root, *words, **environment)
    assert done.returncode == 0, done.stdout
    return done.stdout


def squeezed(text):
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def loop(tmp_path_factory):
    """Run the loop once; return (marks by learner and cell, feedback by learner, points)."""
    folder = tmp_path_factory.mktemp("loop")
    exchange = folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)

    course = Course(folder / "course")
    shutil.copytree(ROOT / "assignments/source" / STEM, course.source(STEM).parent)
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    environment = {"HOME": str(folder), "EMKIT_EXCHANGE": str(exchange)}

    def instruct(command):
        return run(course, command, STEM, environment=environment)

    learners = {name: Learner(name, folder / "homes" / name, exchange) for name in HAND_INS}
    with ThreadPoolExecutor(2) as pool:
        instruct("generate_assignment")
        instruct("release_assignment")
        list(pool.map(lambda name: learners[name].work(HAND_INS[name]), learners))
        for command in ("collect", "autograde", "generate_feedback", "release_feedback"):
            instruct(command)
        pages = list(pool.map(lambda learner: learner.feedback(), learners.values()))

    with Gradebook(course_database(course)) as gradebook:
        marks = {
            name: {
                grade.name: None if grade.needs_manual_grade else grade.score
                for grade in gradebook.find_submission_notebook(STEM, STEM, name).grades
            }
            for name in learners
        }
        notebook = gradebook.find_notebook(STEM, STEM)
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    return marks, dict(zip(learners, pages, strict=True)), points


def course_database(course):
    return f"sqlite:///{Path(course.root, 'assignments/gradebook.db')}"


@pytest.mark.parametrize("learner", ["right", "copied", "deleted", "warned"])
def test_right_answers_get_full_marks_whatever_happened_to_the_notebook(loop, learner):
    marks, _, points = loop
    assert sum(points.values()) >= 20
    assert marks[learner] == points


def test_untouched_gets_nothing(loop):
    marks, _, points = loop
    assert marks["untouched"] == dict.fromkeys(points, 0)


def test_half_right_loses_exactly_the_pieces_that_are_wrong(loop):
    marks, _, points = loop
    failed = {check for *_, checks in SLIPS for check in checks}
    assert marks["half_right"] == {
        name: 0 if name in failed else most for name, most in points.items()
    }


@pytest.mark.parametrize(("piece", "mistake"), [(piece, mistake) for piece, _, mistake, _ in SLIPS])
def test_the_feedback_names_the_mistake_of_each_wrong_piece(loop, piece, mistake):
    _, feedback, _ = loop
    known = find(f"03.{piece}")
    sentences = {m.__name__: m.sentence for m in getattr(known, "mistakes", ())}
    sentence = (sentences or known.reasons)[mistake]
    assert squeezed(sentence) in feedback["half_right"]
    assert squeezed(sentence) not in feedback["right"]


@pytest.mark.parametrize("learner", ["right", "warned"])
def test_the_feedback_shows_the_learners_own_pieces_at_work(loop, learner):
    _, feedback, _ = loop
    assert "bestoftenstarts:-1130.2640,converged" in feedback[learner]
    assert "(picture)" in feedback[learner]


def test_the_feedback_of_untouched_says_what_is_missing(loop):
    _, feedback, points = loop
    assert feedback["untouched"].count("NotImplementedError") >= len(points) - 1
