"""The one who writes what grading gives: all of a hand-in, or nothing of it."""

import shutil
from pathlib import Path

from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties

from emkit.classroom import generate
from emkit.classroom.submissions import timestamp_of

UNSHOWN = b'"unshown": true'  # in a graded notebook's metadata; in a text its quotes were escaped


class Writer:
    """The one who writes: graded notebooks into their folders, marks into the gradebook."""

    def __init__(self, course, directory):
        self.stem, self.address = directory.assignment_id, directory.db_url
        self.autograded = Path(directory.root, directory.autograded_directory)
        self.gradebook = Gradebook(directory.db_url, directory.course_id)
        self.penalties = AssignLatePenalties(config=course.config())

    def __enter__(self):
        self.gradebook.__enter__()
        return self

    def __exit__(self, *error):
        return self.gradebook.__exit__(*error)

    def has(self, learner, timestamp):
        """Whether that very hand-in is graded and saved."""
        path = self.notebook(learner)
        if not path.is_file() or timestamp_of(path.parent) != timestamp:
            return False
        try:
            self.gradebook.find_submission(self.stem, learner)
        except MissingEntry:
            return False
        return True

    def notebook(self, learner):
        """Where a learner's graded notebook is."""
        return self.autograded / learner / self.stem / f"{self.stem}.ipynb"

    def is_unshown(self, learner):
        """Whether cells of a graded hand-in still have to run, for the feedback to show."""
        try:
            return UNSHOWN in self.notebook(learner).read_bytes()
        except OSError:  # there is none, or nobody may read it
            return False

    def replace(self, learner, notebook):
        """Put another notebook in the place of a learner's graded one."""
        generate.replace(self.notebook(learner), notebook.encode())

    def save(self, graded):
        """Save marks, in one transaction, and then the notebook, which says that it is done."""
        book, stem = self.gradebook, self.stem
        book.update_or_create_student(graded.learner)
        when = {"timestamp": graded.timestamp} if graded.timestamp else {}
        book.update_or_create_submission(stem, graded.learner, **when)
        submission = book.find_submission_notebook(stem, stem, graded.learner)
        scores = {mark.cell: mark.score for mark in graded.marks}
        for one in submission.grades:
            one.auto_score = scores.get(one.name)
            one.needs_manual_grade = one.manual_score is not None or one.auto_score is None
        for comment in submission.comments:
            empty = graded.unanswered.get(comment.name)
            comment.auto_comment = "No response." if empty else None
        book.db.commit()
        if submission.assignment.total_seconds_late or submission.late_submission_penalty:
            about = {"notebook": stem, "assignment": stem, "student": graded.learner}
            about["db_url"] = self.address
            self.penalties.preprocess(new_notebook(), {"nbgrader": about})
        self.put(graded)

    def put(self, graded):
        """Put the graded notebook into its folder; what was there is gone only when it is."""
        folder = self.notebook(graded.learner).parent
        folder.parent.mkdir(parents=True, exist_ok=True)
        new, old = (folder.with_name(f".{self.stem}.{kind}") for kind in ("new", "old"))
        for rest in (new, old):
            shutil.rmtree(rest, ignore_errors=True)
        new.mkdir()
        (new / f"{self.stem}.ipynb").write_text(graded.notebook, encoding="utf-8")
        if graded.timestamp:
            (new / "timestamp.txt").write_text(graded.timestamp)
        if graded.problem or graded.mended:
            (new / "grading.txt").write_text("\n".join([graded.problem, *graded.mended]).strip())
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
