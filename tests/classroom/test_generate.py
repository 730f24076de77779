"""Releases hide answers and nothing else; solutions run; both are the source's, byte by byte."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from tiny_course import STEM, nbgrader, put, tiny_source

from emkit.classroom import generate as g


def cells(path):
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


def test_a_release_has_stubs_for_answers_and_no_hidden_tests_or_analysis(course):
    release = cells(course.release(STEM))
    assert release["double"].source == (
        "def double(x):\n    # Your code here\n    raise NotImplementedError"
    )
    assert "double(3)" not in release["double-ordinary"].source
    assert "why" not in release
    assert not any(cell.get("outputs") for cell in release.values())


def test_a_solution_has_answers_analysis_and_outputs_but_no_markers(course):
    solution = cells(course.solution(STEM))
    assert solution["double"].source == "def double(x):\n    return 2 * x"
    assert "double(3)" not in solution["double-ordinary"].source
    assert solution["double"].metadata.nbgrader.grade_id == "double"
    assert solution["both"].outputs[0].text == "Both: 1.0\n"
    assert "why" in solution


def test_both_are_the_same_when_made_again(course):
    before = [course.release(STEM).read_bytes(), course.solution(STEM).read_bytes()]
    course.release(STEM).unlink()
    written = g.generate(course, STEM, force=True)
    assert written == [course.release(STEM), course.solution(STEM)]
    assert before == [course.release(STEM).read_bytes(), course.solution(STEM).read_bytes()]


def test_what_is_fresh_is_left_alone(course):
    assert g.generate(course, STEM) == []


def test_nbgrader_itself_makes_the_same_release(course):
    before = course.release(STEM).read_bytes()
    done = nbgrader(course.root, "generate_assignment", STEM, "--force")
    assert done.returncode == 0, done.stdout
    assert course.release(STEM).read_bytes() == before


@pytest.mark.parametrize("changed", ["2 * x", "Why it works."])
def test_a_changed_source_makes_the_solution_stale(course, changed):
    path = course.source(STEM)
    path.write_text(path.read_text().replace(changed, "5 * x"))
    assert not g.solution_is_fresh(course, STEM)


def test_only_what_learners_see_makes_the_release_stale(course):
    path = course.source(STEM)
    path.write_text(path.read_text().replace("2 * x", "x + x"))
    assert g.release_is_fresh(course, STEM)
    path.write_text(path.read_text().replace("# Tiny", "# Small"))
    assert not g.release_is_fresh(course, STEM)


@pytest.mark.parametrize(
    ("source", "said"), [("raise OSError('no')", "no"), ("import os; os._exit(1)", "Kernel died")]
)
def test_a_solution_that_fails_replaces_nothing(course, source, said):
    before = course.solution(STEM).read_bytes()
    notebook = nbformat.read(course.source(STEM), as_version=4)
    notebook.cells[1].source = source
    put(notebook, course.source(STEM))
    with pytest.raises(g.CourseError, match=said):
        g.generate(course, STEM)
    assert course.solution(STEM).read_bytes() == before


def test_a_run_by_machine_keeps_no_pieces(course):
    """The worked answers mustn't land in the learner's own package."""
    notebook = tiny_source()
    notebook.cells.append(
        new_code_cell("import os; print(os.environ['NBGRADER_EXECUTION'])", id="who")
    )
    done = g.run(notebook, course.source(STEM))
    assert done.cells[-1].outputs[0].text == "validate\n"
