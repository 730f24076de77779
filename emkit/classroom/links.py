"""Links in hand-ins: nbgrader copies what they lead to, and that may be the gradebook."""

import glob
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.exchange.default import ExchangeCollect


def take_links_away(directory, log):
    """Take all links out of the hand-ins that an nbgrader run is about to grade.

    Parameters
    ----------
    directory : nbgrader's CourseDirectory
        With the assignment and the learners (a pattern) of the run.
    """
    places = directory.format_path(
        directory.submitted_directory, directory.student_id, directory.assignment_id
    )
    for place in map(Path, glob.glob(places)):
        for path in [place, *links_in(place)]:
            if path.is_symlink():
                log.warning("Took a link out of a hand-in: %s led to %s", path, os.readlink(path))
                path.unlink()


def links_in(folder):
    """All links in a folder; those that lead to folders aren't followed."""
    for here, folders, files in os.walk(folder):
        yield from (
            Path(here, name) for name in [*folders, *files] if Path(here, name).is_symlink()
        )


class CollectWithoutLinks(ExchangeCollect):
    """nbgrader's way to collect hand-ins, in whose folders learners may put what they like."""

    def do_copy(self, src, dest, log=None):
        with TemporaryDirectory() as folder:
            here = Path(folder, "copy")
            shutil.copytree(src, here, symlinks=True)
            for path in list(links_in(here)):
                self.log.warning("Left a link out of %s: %s", src, path.relative_to(here))
                path.unlink()
            super().do_copy(str(here), dest, log)
