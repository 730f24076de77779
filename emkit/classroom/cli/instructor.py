"""The instructor's commands."""

import os
from pathlib import Path

import click

from emkit.classroom.cli.common import bar, in_course, say
from emkit.classroom.course import CourseError, resolve


@click.command()
@click.argument("assignment")
@click.option("--force", is_flag=True, help="Replace what is in the exchange already.")
@in_course
def release(course, assignment, force):
    """Release an assignment to the class's exchange.

    Makes the release from its source, tells the gradebook, and puts it where learners fetch it: in
    the folder that EMKIT_EXCHANGE names.

        emkit release 03
    """
    from emkit.classroom import exchange

    stem = resolve(assignment, course.stems)
    place = exchange.release(course, stem, force, lambda steps: bar(steps, stem, "step"))
    say(f"{stem}: released to {place}")


@click.command()
@click.argument("download", type=click.Path(exists=True, path_type=Path))
@click.option("--assignment", required=True, help="Its number or name.")
@click.option(
    "--ids",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file with the columns name and id: whose the files are.",
)
@in_course
def collect(course, download, assignment, ids):
    """Take hand-ins from a learning platform's download.

    DOWNLOAD is a folder or a zip with what learners uploaded, the zips of `emkit handin` or plain
    notebooks. Each goes to assignments/submitted/, where nbgrader grades it. Whose it is, its
    receipt says, or else the CSV file or the file's name. When it was handed in, its receipt says,
    by the learner's clock. A newer hand-in takes an older one's place; the older one goes to
    assignments/collected/earlier/. What can't be taken is refused with the reason, and the exit
    code is 1.

        emkit collect ~/Downloads/handins.zip --assignment 03
    """
    from emkit.classroom.collect import collect as take_all
    from emkit.classroom.owners import read_ids

    stem = resolve(assignment, course.released)
    known = read_ids(ids) if ids else {}
    outcomes = take_all(
        course, stem, download, known, lambda items: bar(items, "collect", "hand-in")
    )
    for one in outcomes:
        say(f"{one.what:13}  {one.learner or '–':12}  {one.item}")
        for remark in one.remarks:
            say(f"{'':13}  {remark}")
    words = [one.what for one in outcomes]
    counts = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    say(f"{stem}: {counts or 'no hand-ins found'}")
    if "refused" in words or not words:
        raise CourseError(
            f"refused: {words.count('refused')} of {len(words)}; the reasons are above."
            if words
            else f"{download} has neither zips nor notebooks."
        )


@click.command()
@click.argument("assignment")
@in_course
def feedback(course, assignment):
    """Write feedback pages and give them back.

    Who handed in by nbgrader's exchange fetches the page there. For all others there is a new zip
    in assignments/collected/, one folder a learner, called as it was in the platform's download, to
    give back there.

        emkit feedback 03
    """
    from emkit.classroom import exchange

    stem = resolve(assignment, course.stems)
    fetched, others, parcel = exchange.feedback(
        course, stem, lambda learners: bar(learners, "feedback", "page")
    )
    if fetched:
        say(f"{stem}: pages in the exchange: {len(fetched)}")
    if parcel:
        say(f"{stem}: pages in {parcel.relative_to(course.root)}: {len(others)}")


@click.command()
@click.argument("assignment")
@click.option(
    "--csv",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the marks to this new file too.",
)
@in_course
def report(course, assignment, csv):
    """Make a page on how the class did, with pictures.

    It shows the marks, which pieces were hard, which mistakes were made how often, what waits for a
    person, and hand-ins that resemble each other. It is one file, assignments/reports/NAME.html,
    without scripts or anything from the network. In the CSV file a mark that waits for a person is
    empty.

        emkit report 03 --csv marks.csv
    """
    from emkit.classroom.report import report as write_report
    from emkit.classroom.report import there_already, write_marks

    stem = resolve(assignment, course.released)
    if csv and csv.exists():
        raise there_already(csv)
    path, records = write_report(
        course, stem, mistakes(), lambda items: bar(items, "report", "hand-in")
    )
    say(f"{path.relative_to(course.root)}: {len(records)} hand-ins")
    if csv:
        write_marks(csv, records)
        say(f"{csv}: written")


def mistakes():
    """The names of all mistakes that the course knows, by piece and sentence."""
    from emkit.workshop.catalogue import PIECES

    known = {}
    for piece in PIECES.values():
        if hasattr(piece, "mistakes"):
            known[piece.id] = {m.sentence: m.__name__ for m in piece.mistakes}
        else:
            known[piece.id] = {why: f"answer {answer}" for answer, why in piece.reasons.items()}
    return known


@click.command()
@click.argument("assignment")
@click.option("--learner", "learners", multiple=True, help="Only this one; may be repeated.")
@click.option("--force", is_flag=True, help="Grade those again that are graded already.")
@click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler's; its workers grade.")
@click.option("--no-sandbox", is_flag=True, help="For people whom you trust; the marks say so.")
@in_course
def grade(course, assignment, learners, force, cluster, no_sandbox):
    """Grade the hand-ins of an assignment, as many at a time as there are cores.

    Those that are graded already are left as they are, so that a run that was ended goes on where
    it was. Learners' code runs in a sandbox, and marks are given outside of it. A hand-in that
    can't be graded is left to a person and costs nobody else anything; the exit code is 1 then.
    When all marks are saved, cells that need emkit's engine run, for the feedback to show.

        emkit grade 03
    """
    from emkit.classroom.grade import grade as grade_class

    stem = resolve(assignment, course.stems)
    if no_sandbox:
        os.environ["EMKIT_SANDBOX"] = "off"
        say("WITHOUT A SANDBOX: learners' code runs with your rights on this machine.")
    people = []
    with bar(None, "grade", "hand-in") as marked, bar(None, "last cells", "hand-in") as run:

        def seen(graded, left):
            step(marked, left)
            if graded.problem:
                people.append(graded.learner)
                say(f"{graded.learner}: needs a person. {graded.problem}")

        def shown(learner, left):
            step(run, left)

        count = grade_class(course, stem, learners, executor_at(cluster), force, seen, shown)
    say(f"{stem}: {count} graded now; assignments/autograded/ has the notebooks.")
    if people:
        raise CourseError(f"for a person: {len(people)} of {count}; the reasons are above.")


def step(progress, left):
    """Move a bar on by one, with so many left."""
    progress.total = progress.n + 1 + left
    progress.update()


def executor_at(cluster):
    """The executor of a Dask cluster, or None without one."""
    if not cluster:
        return None
    try:
        from dask.distributed import Client
    except ImportError:
        raise CourseError("--cluster needs Dask: pip install distributed") from None
    return Client(cluster, set_as_default=False).get_executor()


@click.command()
@click.argument("names", nargs=-1, metavar="[ASSIGNMENT]...")
@in_course
def validate(course, names):
    """Run and check every notebook of the course, or those of some numbers.

    The exit code says whether all is well: 0, or 1 if something is wrong.
    """
    from emkit.classroom.validate import validate as validate_course

    known = sorted({*course.stems, *(path.stem for path in course.lessons)})
    stems = [resolve(name, known) for name in names]
    return 0 if validate_course(course, say, stems) else 1


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--lessons", required=True, help="Their numbers or names, with commas.")
@click.option("--seeds", type=int, help="Draws the hidden tests' seeds anew from this number.")
@in_course
def new_course(course, folder, lessons, seeds):
    """Make a course of your own in a new FOLDER.

    It has the chosen lessons and assignments and its own gradebook and exchange. With --seeds, the
    hidden tests run on other data than in this course, the same data for the same number: keep it
    to yourself. Each assignment is run to see that its worked answers pass.

        emkit new-course ../autumn --lessons 03,04 --seeds 2026
    """
    from emkit.classroom.new_course import new_course as make

    stems = sorted({resolve(name.strip(), course.stems) for name in lessons.split(",")})
    made = make(course, folder, stems, seeds, lambda stems: bar(stems, "new-course", "lesson"))
    say(f"{made.root}: {len(stems)} lessons; go there and run: emkit --help")


COMMANDS = (release, collect, grade, feedback, report, validate, new_course)
