"""What nbgrader's gradebook and the graded notebooks say about an assignment."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbgrader import utils
from nbgrader.api import Gradebook, MissingEntry

from emkit.classroom.collect import timestamp
from emkit.classroom.course import CourseError
from emkit.classroom.notebooks import complaint, name_of, readable


@dataclass(frozen=True)
class Mark:
    """What one graded cell gave: `score` is None where a person has to mark."""

    cell: str
    score: float | None
    points: float
    message: str


@dataclass(frozen=True)
class Graded:
    """One learner's graded hand-in.

    `answers` are the sources of the answers' code cells, `remarks` what was said while it was
    graded: what was mended, or why a person has to look at it. `penalty` are points that it lost
    because it came late.
    """

    learner: str
    when: datetime | None
    seconds_late: float
    marks: tuple[Mark, ...]
    answers: dict[str, str]
    remarks: tuple[str, ...] = ()
    penalty: float = 0.0

    @property
    def score(self):
        return sum(mark.score or 0 for mark in self.marks) - self.penalty

    @property
    def points(self):
        return sum(mark.points for mark in self.marks)

    @property
    def for_a_person(self):
        """Names of the cells that a person has to mark."""
        return [mark.cell for mark in self.marks if mark.score is None]


def read_marks(gradebook, stem, learner, notebook):
    """Return the marks in the gradebook, each with what its cell said in the graded notebook."""
    grades = {
        grade.name: (None if grade.needs_manual_grade else grade.score, grade.max_score)
        for grade in gradebook.find_submission_notebook(stem, stem, learner).grades
    }
    said = {name_of(cell): complaint(cell) for cell in notebook.cells}
    order = [cell.name for cell in gradebook.find_notebook(stem, stem).source_cells]
    return [Mark(name, *grades[name], said.get(name, "")) for name in order if name in grades]


def read_records(course, stem, watch=iter):
    """Return (the graded hand-ins by learner's id, sentences on those that aren't graded).

    Raises
    ------
    CourseError
        If nothing of the assignment is graded.
    """
    database = course.config().CourseDirectory.db_url
    if database.startswith("sqlite:///") and not Path(database.removeprefix("sqlite:///")).exists():
        raise CourseError(f"There is no gradebook yet; first run: emkit grade {stem}")
    records = []
    with Gradebook(database) as gradebook:
        try:
            submissions = gradebook.assignment_submissions(stem)
        except MissingEntry:
            submissions = []
        for submission in watch(sorted(submissions, key=lambda one: one.student_id)):
            with contextlib.suppress(OSError, CourseError, MissingEntry):  # not graded in full
                records.append(read_record(course, stem, gradebook, submission))
        known = {student.id for student in gradebook.students}
    if not records:
        raise CourseError(f"Nothing of {stem} is graded yet; first run: emkit grade {stem}")
    return records, troubles(course, stem, records, known)


def read_record(course, stem, gradebook, submission):
    """Return the record of one graded hand-in; raises if any of it is missing."""
    learner = submission.student_id
    path = course.autograded(learner, stem)
    notebook, remarks = readable(path), path.with_name("grading.txt")
    return Graded(
        learner,
        submission.timestamp.replace(tzinfo=UTC) if submission.timestamp else None,
        submission.total_seconds_late,
        tuple(read_marks(gradebook, stem, learner, notebook)),
        answers_in(notebook),
        tuple(remarks.read_text(encoding="utf-8").splitlines()) if remarks.is_file() else (),
        gradebook.find_submission_notebook(stem, stem, learner).late_submission_penalty or 0.0,
    )


def answers_in(notebook):
    """Return the sources of the answers' code cells by their names."""
    return {
        name_of(cell): cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and utils.is_solution(cell)
    }


def troubles(course, stem, records, known):
    """Return sentences on hand-ins that the records don't speak of, or not of the newest one, and
    on which of the `known` learners has none."""
    graded = {record.learner: record.when for record in records}
    found = []
    for folder in sorted((course.root / "assignments/submitted").glob(f"*/{stem}")):
        learner, when = folder.parent.name, timestamp(folder)
        if learner not in graded:
            found.append(f"{learner}: handed in, but not graded.")
        elif when and graded[learner] and when > graded[learner]:
            found.append(f"{learner}: handed in again since it was graded.")
        known = known - {learner}
    missing = sorted(known - graded.keys())
    return [*found, f"Nothing handed in: {', '.join(missing)}."] if missing else found
