"""Where a course keeps its things: one root folder, the same stem everywhere."""

from dataclasses import dataclass
from pathlib import Path

from traitlets.config.loader import PyFileConfigLoader

CONFIG = "nbgrader_config.py"


class CourseError(Exception):
    """Something the user can put right; the message says how."""


@dataclass(frozen=True)
class Course:
    """The folders of the course whose `nbgrader_config.py` lies in `root`."""

    root: Path

    @classmethod
    def find(cls, start="."):
        """Return the course that `start` lies in.

        Raises
        ------
        CourseError
            If neither `start` nor any folder above it has an `nbgrader_config.py`.
        """
        start = Path(start).resolve()
        for folder in (start, *start.parents):
            if (folder / CONFIG).is_file():
                return cls(folder)
        raise CourseError(f"No {CONFIG} in {start} or above it; go to the course's folder first.")

    @property
    def lessons(self):
        return sorted((self.root / "notebooks").glob("*.ipynb"))

    @property
    def stems(self):
        """The names of all assignments that have a source, in order."""
        return sorted(path.stem for path in (self.root / "assignments/source").glob("*/*.ipynb"))

    @property
    def released(self):
        """The names of all assignments that have a release, in order."""
        return sorted(path.stem for path in (self.root / "assignments/release").glob("*/*.ipynb"))

    def source(self, stem):
        return self.root / "assignments/source" / stem / f"{stem}.ipynb"

    def release(self, stem):
        return self.root / "assignments/release" / stem / f"{stem}.ipynb"

    def solution(self, stem):
        return self.root / "solutions" / f"{stem}.ipynb"

    def work(self, stem):
        """Return the learner's own copy."""
        return self.root / "my_work" / stem / f"{stem}.ipynb"

    @property
    def handins(self):
        """Return the learner's folder of what has been handed in."""
        return self.root / "my_work/handins"

    def submitted(self, learner, stem):
        """Return where nbgrader looks for a learner's hand-in."""
        return self.root / "assignments/submitted" / learner / stem

    def autograded(self, learner, stem):
        """Return where nbgrader leaves a learner's graded notebook."""
        return self.root / "assignments/autograded" / learner / stem / f"{stem}.ipynb"

    def feedback(self, learner, stem):
        """Return where nbgrader writes a learner's feedback page."""
        return self.root / "assignments/feedback" / learner / stem / f"{stem}.html"

    @property
    def collected(self):
        """Return the instructor's folder for what collecting leaves beside nbgrader's own."""
        return self.root / "assignments/collected"

    def config(self):
        """Return nbgrader's configuration, as its command line reads it."""
        return PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()


def resolve(name, stems):
    """Return the stem that `name` means: itself, or the number it begins with, as 03 or 3.

    Raises
    ------
    CourseError
        If `name` means none of `stems`, or more than one.
    """
    found = [stem for stem in stems if stem == name or stem.split("_")[0] == name.zfill(2)]
    if len(found) != 1:
        raise CourseError(
            f"'{name}' names {len(found)} notebooks; expected a number or a name of: "
            f"{', '.join(stems) or 'none there yet'}."
        )
    return found[0]
