"""Whatever happened to a hand-in, it is mended or a person is told, and nobody else notices."""

import pytest
from tiny_course import nbgrader

from mangled.course import STEM, TESTS, empty, make
from mangled.grading import came_of, grade_all, graded_notebook, submit
from mangled.hand_ins import HAND_INS

pytestmark = pytest.mark.xdist_group("mangled")  # the fixture is costly


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make(tmp_path_factory.mktemp("mangled"))


@pytest.fixture(scope="module")
def came(course, has_sandbox):
    """Grade them all in one class; return what came of each."""
    if not has_sandbox:  # some would end the grader
        pytest.skip("there is no bubblewrap here")
    empty(course)
    submit(course)
    return grade_all(course)


@pytest.mark.parametrize("name", HAND_INS)
def test_a_hand_in_gets_what_its_answers_earned(came, name):
    hand_in, outcome = HAND_INS[name], came[name]
    marks = {test: outcome.marks[test] for test in TESTS}
    if hand_in.person:
        assert hand_in.person in outcome.problem
        assert set(outcome.marks.values()) == {None}
    else:
        assert outcome.problem == ""
        assert marks == {test: 0 if test in hand_in.loses else TESTS[test] for test in TESTS}
        assert outcome.marks["why"] == (0 if name == "untouched" else None)


@pytest.mark.parametrize("name", [name for name, one in HAND_INS.items() if not one.person])
def test_the_learner_reads_what_was_mended(course, came, name):
    said = graded_notebook(course, name).metadata.emkit.mended
    assert said == came[name].mended
    assert HAND_INS[name].says in "\n".join(said)
    note = course.autograded(name, STEM).with_name("grading.txt")
    assert (note.read_text().splitlines() if said else []) == said


@pytest.mark.parametrize("name", [name for name, one in HAND_INS.items() if one.person])
def test_the_learner_reads_what_is_wrong(course, came, name):
    page = graded_notebook(course, name).cells[0].source
    assert came[name].problem in page


# Some of each sort, the healthy ones at the beginning and the end.
IN_PLAIN_NBGRADER = [
    "Zoë O'Neil-李 & [sons] (2) 50% +x.y;*$HOME", "backwards", "copied_stub_below",
    "dangling_link", "empty_file", "folder_for_notebook", "healthy", "merged_into_text",
    "no_nbgrader_metadata", "nothing", "old_format", "timestamp_of_nonsense", "two_renamed",
    "utf_16", "wrong_answer",
]  # fmt: skip


def test_plain_nbgrader_survives_them(course, has_sandbox):
    if not has_sandbox:
        pytest.skip("there is no bubblewrap here")
    empty(course)
    submit(course, IN_PLAIN_NBGRADER)
    done = nbgrader(course.root, "autograde", STEM)
    wrong = {}
    for name in IN_PLAIN_NBGRADER:
        hand_in = HAND_INS[name]
        if hand_in.person:
            assert not course.autograded(name, STEM).exists()
        elif name != "timestamp_of_nonsense":  # nbgrader wants to know the time
            expected = {test: 0 if test in hand_in.loses else TESTS[test] for test in TESTS}
            marks = came_of(course, name).marks
            if {test: marks[test] for test in TESTS} != expected:
                wrong[name] = marks
    assert wrong == {}, done.stdout
