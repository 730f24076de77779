"""The learner's commands."""

import itertools

import click

from emkit.classroom.cli.common import bar, in_course, say
from emkit.classroom.course import CourseError, resolve


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@in_course
def lab(course, options):
    """Open JupyterLab with the lessons and your copies.

    New assignments are copied to my_work/ first. OPTIONS go to JupyterLab, for example

        emkit lab --port=8899
    """
    from emkit.classroom import desk

    lay_out(course)
    return desk.open_lab(course, options)


@click.command()
@in_course
def start(course):
    """Copy the released assignments to my_work/.

    Copies that are there already are yours and stay as they are.
    """
    if not lay_out(course):
        say("Nothing is released yet.")


def lay_out(course):
    """Start what is new and say so; return whether there is any assignment."""
    from emkit.classroom import desk

    new, kept = desk.start(course)
    for stem in new:
        say(f"my_work/{stem}: new, ready to work on")
    for stem in kept:
        say(f"my_work/{stem}: yours, left as it is")
    return new or kept


@click.command()
@click.argument("assignment")
@in_course
def check(course, assignment):
    """Grade your copy of an assignment as a class would.

    Visible and hidden checks run on your own machine; a feedback page is written beside your copy.

        emkit check 03
    """
    from emkit.classroom import desk

    stem = resolve(assignment, course.released)
    say(f"Grading my_work/{stem}, after the reference solution (a minute at most) ...")
    marks, page = desk.mark(course, stem, lambda steps: bar(steps, stem, "step"))
    width = max(len(one.cell) for one in marks)
    for one in marks:
        score = "?" if one.score is None else f"{one.score:g}"
        say(f"{one.cell:{width}}  {score:>4} of {one.points:g}")
        for line in what_went_wrong(one.message):
            say(f"{'':{width}}  {line}")
    total, points = sum(one.score or 0 for one in marks), sum(one.points for one in marks)
    say(f"{'total':{width}}  {total:>4g} of {points:g}")
    if any(one.score is None for one in marks):
        say("(?: a person has to mark it)")
    say(f"Feedback: {page.relative_to(course.root)}")


def what_went_wrong(message):
    """The sentences of a message, a few lines; the inputs that follow are in the feedback."""
    sentences = itertools.takewhile(
        lambda line: not line.startswith("Tried on"), message.strip().splitlines()
    )
    return list(sentences)[:8]


@click.command()
@click.argument("notebook")
@click.option("--name", help="Your name or id in the class; remembered for the next time.")
@click.option("--quick", is_flag=True, help="Don't run the notebook first.")
@click.option("--anyway", is_flag=True, help="Hand in even if cells for answers are missing.")
@in_course
def handin(course, notebook, name, quick, anyway):
    """Pack your work as a zip file to hand in.

    NOTEBOOK is an assignment's number, for your copy in my_work/, or the path of a notebook. It is
    run on your machine first, to tell which visible checks would fail; failing ones don't keep you
    from handing in. Upload the zip where your class hands in: nothing is sent anywhere.

        emkit handin 03 --name ada
    """
    from emkit.classroom import handin as side

    path, stem, content = side.find(course, notebook)
    learner = side.who(course, name)
    missing, remarks = side.look_over(course, stem, content)
    if missing and not anyway:
        raise CourseError(
            f"{path.name} lacks the cells for {', '.join(missing)}. Copy them from assignments/"
            f"release/{stem}/, or hand in without them: add --anyway."
        )
    for remark in remarks:
        say(f"Note: {remark}")
    if not quick:
        say(f"Running {path.name}, without its hidden checks ...")
        failures = side.try_out(course, path, content)
        say("All visible checks pass." if not failures else "These visible checks fail:")
        for failure in failures:
            say(f"  {failure.cell}")
            for line in what_went_wrong(failure.message):
                say(f"    {line}")
    parcel, receipt, left = side.write(course, stem, learner, path, content)
    for sentence in left:
        say(f"Note: {sentence}")
    say(f"Written: {parcel.relative_to(course.root)}")
    say(receipt.to_json().rstrip())


@click.command()
@in_course
def board(course):
    """Show which pieces of the course you have in my_emkit/."""
    from emkit.workshop.board import progress

    try:
        rows = progress()
    except SyntaxError as error:
        raise CourseError(f"A file in my_emkit/ is no Python, mend it first: {error}") from None
    width = max(len(title) for title in rows)
    for title, pieces in rows.items():
        signs = [f"{'●' if state == 'kept' else '○'} {name}" for name, state in pieces.items()]
        say(f"{title:{width}}  {'  '.join(signs)}")
    states = [state for pieces in rows.values() for state in pieces.values()]
    say(f"{states.count('kept')} of {len(states)} pieces kept in my_emkit/ (●)")


COMMANDS = (lab, start, check, handin, board)
