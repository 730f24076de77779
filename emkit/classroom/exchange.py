"""Giving out and giving back: nbgrader's steps for a release and for feedback, joined."""

import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.converters import GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory

from emkit.classroom.course import CourseError
from emkit.classroom.desk import run
from emkit.classroom.owners import senders

SECRET = "submission_secret.txt"  # nbgrader's, with a hand-in that came by its exchange


def outbound(course, stem):
    """Return the folder of the exchange that learners fetch an assignment from."""
    config = course.config()
    return Path(config.Exchange.root, config.CourseDirectory.course_id, "outbound", stem)


def configured(course, stem):
    """Return nbgrader's (configuration, course directory, exchange) for one assignment."""
    config = course.config()
    config.CourseDirectory.assignment_id = stem
    return config, CourseDirectory(config=config), ExchangeFactory(config=config)


def release(course, stem, force=False, watch=iter):
    """Make the release, tell the gradebook of it and put it into the exchange; return where.

    Parameters
    ----------
    force : bool
        Replace what is in the exchange already. Copies that were fetched stay as they are.
    watch : callable
        Gets the two steps and gives them back one by one; a progress bar does.

    Raises
    ------
    CourseError
        If it is in the exchange already, or nbgrader can't do it.
    """
    place = outbound(course, stem)
    if place.exists() and not force:
        raise CourseError(
            f"{stem} is released already; --force replaces it in the exchange. What learners have "
            "fetched stays as it is."
        )
    config, directory, exchange = configured(course, stem)
    config.GenerateAssignment.force = True
    config.ExchangeReleaseAssignment.force = force
    for step in watch([GenerateAssignment, exchange.release_assignment]):
        run(step(coursedir=directory, config=config), "release it")
    return place


def feedback(course, stem, watch=iter):
    """Write the feedback pages of all graded hand-ins, and give them back the way they came.

    Parameters
    ----------
    watch : callable
        Gets the learners and gives them back one by one; a progress bar does.

    Returns
    -------
    fetched : list of str
        Learners who handed in by the exchange; they find their page there.
    others : list of str
        Learners who didn't.
    parcel : Path or None
        A new zip with the others' pages for a learning platform: `FOLDER/STEM.html`, where the
        folder is called like that of the download which the hand-in came in, a name that the
        platform knows; or `LEARNER/STEM.html` where there was none.

    Raises
    ------
    CourseError
        If nothing is graded, or nbgrader can't do it.
    """
    paths = (course.root / "assignments/autograded").glob(f"*/{stem}/{stem}.ipynb")
    learners = sorted(path.parts[-3] for path in paths)
    if not learners:
        raise CourseError(f"Nothing of {stem} is graded yet; first run: emkit grade {stem}")
    config, directory, exchange = configured(course, stem)
    config.GenerateFeedback.force = True  # marks may have changed since
    pages = {learner: course.feedback(learner, stem) for learner in learners}
    fetched = []
    for learner in watch(learners):
        directory.student_id = learner
        run(GenerateFeedback(coursedir=directory, config=config), "write feedback")
        hand_in = course.submitted(learner, stem)
        if (hand_in / SECRET).is_file():
            fetched.append(learner)
            for name in (SECRET, "timestamp.txt"):  # nbgrader wants them beside the page
                shutil.copy(hand_in / name, pages[learner].with_name(name))
    directory.student_id = "*"
    others = [learner for learner in learners if learner not in fetched]
    if fetched:
        # nbgrader would stop at the first hand-in that didn't come by its exchange.
        directory.student_id_exclude = ",".join(others)
        run(exchange.release_feedback(coursedir=directory, config=config), "release feedback")
    return fetched, others, packed(course, stem, pages, others) if others else None


def packed(course, stem, pages, learners):
    """Write a new zip with these learners' pages; return its path."""
    folders = {name: sender["folder"] for name, sender in senders(course, stem).items()}
    course.collected.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    parcel = course.collected / f"{stem}_feedback_{now:%Y-%m-%d_%H%M%S_%f}.zip"
    unfinished = parcel.with_name(f".{parcel.name}.unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file:
        for learner in learners:
            file.write(pages[learner], f"{folders.get(learner) or learner}/{stem}.html")
    return unfinished.rename(parcel)
