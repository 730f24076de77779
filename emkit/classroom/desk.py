"""The learner's desk: copies to work on, and marks whenever one likes."""

import io
import logging
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError

from emkit.classroom.course import CONFIG, Course, CourseError
from emkit.classroom.notebooks import readable
from emkit.classroom.records import read_marks

LEARNER = "you"


def start(course):
    """Copy released assignments to `my_work/`; return the stems of new copies and of kept ones."""
    new, kept = [], []
    for stem in course.released:
        copy = course.work(stem).parent
        if copy.exists():
            kept.append(stem)
            continue
        unfinished = copy.with_name(f".{stem}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(course.release(stem).parent, unfinished)
        unfinished.rename(copy)
        new.append(stem)
    return new, kept


def open_lab(course, options=()):
    """Run JupyterLab in the course's folder until it is shut down; its exit code is this one's.

    Parameters
    ----------
    options : sequence of str
        JupyterLab's own, such as "--no-browser".
    """
    # JupyterLab refuses to run as root unless told; in a container root is the usual user.
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # Its terminals should find `emkit` and `nbgrader`.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    command = [sys.executable, "-m", "jupyterlab", *as_root, *options]
    environment = os.environ | {"PATH": path}
    if os.name != "posix":
        return subprocess.run(command, cwd=course.root, env=environment).returncode
    os.chdir(course.root)
    sys.stdout.flush()
    # In this process's place: Ctrl-C and other signals then reach JupyterLab and nobody else.
    return os.execve(sys.executable, command, environment)


def mark(course, stem, watch=iter):
    """Grade the learner's copy as a class would, with nbgrader, in a temporary course.

    Parameters
    ----------
    watch : callable
        Gets nbgrader's three steps and gives them back one by one; a progress bar does.

    Returns
    -------
    marks : list of Mark
        In the notebook's order.
    feedback : Path
        The page, `my_work/STEM/feedback/TIMESTAMP/STEM.html`.

    Raises
    ------
    CourseError
        If there is no copy or no source, or grading itself fails.
    """
    for path, remedy in (
        (course.work(stem), "run: emkit start"),
        (course.source(stem), "your instructor has it; hand in: Submit, or emkit handin"),
    ):
        if not path.is_file():
            raise CourseError(f"{path.relative_to(course.root)} is missing; {remedy}.")

    with TemporaryDirectory() as folder:
        temporary = Course(Path(folder).resolve())
        shutil.copy(course.root / CONFIG, temporary.root)
        shutil.copytree(course.source(stem).parent, temporary.source(stem).parent)
        assignments = temporary.root / "assignments"
        shutil.copytree(
            course.work(stem).parent,
            assignments / "submitted" / LEARNER / stem,
            ignore=shutil.ignore_patterns("feedback", ".ipynb_checkpoints"),
        )
        config = temporary.config()
        config.CourseDirectory.assignment_id = stem
        config.JudgedExecute.sandbox = False  # one's own code on one's own machine
        for converter in watch([GenerateAssignment, Autograde, GenerateFeedback]):
            run(converter(coursedir=CourseDirectory(config=config), config=config))

        graded = assignments / "autograded" / LEARNER / stem / f"{stem}.ipynb"
        with Gradebook(config.CourseDirectory.db_url) as gradebook:
            marks = read_marks(gradebook, stem, LEARNER, readable(graded))
        timestamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")  # as nbgrader's
        feedback = course.work(stem).parent / "feedback" / timestamp
        feedback.mkdir(parents=True)
        shutil.copy(assignments / "feedback" / LEARNER / stem / f"{stem}.html", feedback)
    return marks, feedback / f"{stem}.html"


def run(step, aim="grade the notebook"):
    """Run one of nbgrader's steps; what it logs as an error becomes the error."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setLevel(logging.ERROR)
    step.log.addHandler(handler)
    try:
        step.start()
    except SystemExit as error:  # the gate's
        raise CourseError(str(error)) from None
    except (NbGraderException, ExchangeError):
        raise CourseError(f"nbgrader couldn't {aim}:\n{log.getvalue()}") from None
    finally:
        step.log.removeHandler(handler)
