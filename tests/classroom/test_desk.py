"""A learner's own copies: made once, never touched again, marked whenever asked."""

import pytest
from tiny_course import STEM

from emkit.classroom import desk
from emkit.classroom.course import CourseError


def test_start_copies_what_is_released(course):
    assert desk.start(course) == ([STEM], [])
    assert course.work(STEM).read_bytes() == course.release(STEM).read_bytes()


def test_start_leaves_what_is_there(course):
    desk.start(course)
    course.work(STEM).write_text("mine")
    assert desk.start(course) == ([], [STEM])
    assert course.work(STEM).read_text() == "mine"


def test_mark_grades_a_half_right_copy_and_leaves_it_alone(course):
    desk.start(course)
    text = course.work(STEM).read_text()
    half_right = text.replace("raise NotImplementedError", "return 2 * x", 1)
    course.work(STEM).write_text(half_right)

    marks, page = desk.mark(course, STEM)
    assert [(mark.cell, mark.score, mark.points) for mark in marks] == [
        ("double-ordinary", 2, 2),
        ("half-ordinary", 0, 3),
    ]
    assert [mark.message for mark in marks] == ["", "NotImplementedError"]
    assert course.work(STEM).read_text() == half_right
    assert page.parent.parent == course.work(STEM).parent / "feedback"
    assert "NotImplementedError" in page.read_text()
    assert not (course.root / "assignments/submitted").exists()

    course.work(STEM).write_text(half_right.replace("raise NotImplementedError", "return x"))
    marks, again = desk.mark(course, STEM)
    assert marks[1].message == "half(2) should be 1"
    assert again != page


def test_mark_without_a_copy_says_what_to_do(course):
    with pytest.raises(CourseError, match="is missing; run: emkit start"):
        desk.mark(course, STEM)


def test_mark_in_a_class_s_copy_without_the_source_says_who_grades(course):
    desk.start(course)
    course.source(STEM).unlink()
    with pytest.raises(CourseError, match="your instructor has it; hand in: Submit"):
        desk.mark(course, STEM)


def test_mark_says_what_nbgrader_could_not_read(course):
    desk.start(course)
    course.work(STEM).write_text("{")
    with pytest.raises(CourseError, match="nbgrader couldn't grade the notebook"):
        desk.mark(course, STEM)


def test_mark_passes_the_gates_message_on(course):
    desk.start(course)
    course.source(STEM).write_text(course.source(STEM).read_text().replace("2 * x", "3 * x"))
    with pytest.raises(CourseError, match="Nobody was graded"):
        desk.mark(course, STEM)
