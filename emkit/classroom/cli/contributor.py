"""The contributor's commands."""

import click

from emkit.classroom.cli.common import bar, in_course, say
from emkit.classroom.course import CourseError, resolve


@click.command()
@click.argument("assignments", nargs=-1)
@click.option("--force", is_flag=True, help="Run fresh solutions again too.")
@in_course
def generate(course, assignments, force):
    """Make releases and worked solutions from assignments/source.

    Takes the ASSIGNMENTS named, or all of them. What is fresh already stays as it is, so a run that
    was stopped goes on where it was.

        emkit generate 03
    """
    from emkit.classroom.generate import generate as generate_one

    stems = [resolve(name, course.stems) for name in assignments] or course.stems
    if not stems:
        raise CourseError("assignments/source has no assignments.")
    for stem in bar(stems, "generate", "assignment"):
        written = generate_one(course, stem, force=force)
        for path in written:
            say(f"{path.relative_to(course.root)}: written")
        if not written:
            say(f"{stem}: fresh")


@click.command()
@click.argument("lessons", nargs=-1, required=True)
@in_course
def run(course, lessons):
    """Run lessons again and keep what they show.

    A lesson that fails stays as it was.

        emkit run 03
    """
    from emkit.classroom.generate import rerun

    paths = {path.stem: path for path in course.lessons}
    for stem in bar([resolve(name, list(paths)) for name in lessons], "run", "lesson"):
        rerun(paths[stem])
        say(f"notebooks/{stem}.ipynb: run and written")


COMMANDS = (generate, run)
