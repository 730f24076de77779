"""The command `emkit`: start and mark for learners, the rest for instructors."""

import argparse
import itertools
import sys

from emkit.classroom.course import Course, CourseError, resolve


def main(arguments=None):
    """Run one sub-command; return the exit code."""
    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(Course.find(), chosen)
    except CourseError as error:
        print(f"emkit: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("emkit: stopped.", file=sys.stderr)
        return 130


def parser():
    top = argparse.ArgumentParser(prog="emkit", description=__doc__)
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(run, help):
        made = commands.add_parser(run.__name__, help=help, description=help)
        made.set_defaults(run=run)
        return made

    command(start, "copy the released assignments to my_work/; your copies stay as they are")
    made = command(mark, "grade your copy of an assignment and write its feedback page")
    made.add_argument("assignment", help="its number or name, for example 03")
    made = command(generate, "make releases and worked solutions from assignments/source")
    made.add_argument("assignment", nargs="*", help="numbers or names; all without any")
    made.add_argument("--force", action="store_true", help="run fresh solutions again too")
    made = command(run, "run lessons again and keep what they show, without times")
    made.add_argument("lesson", nargs="+", help="their numbers or names")
    command(validate, "run and check every notebook; the exit code says whether all is well")
    return top


def start(course, chosen):
    from emkit.classroom import desk

    new, kept = desk.start(course)
    for stem in new:
        print(f"my_work/{stem}: new, ready to work on")
    for stem in kept:
        print(f"my_work/{stem}: yours, left as it is")
    if not new and not kept:
        print("Nothing is released yet.")
    return 0


def mark(course, chosen):
    from emkit.classroom import desk

    stem = resolve(chosen.assignment, course.released)
    print(f"Grading my_work/{stem}, after the reference solution (a minute at most) ...")
    marks, page = desk.mark(course, stem)
    width = max(len(one.cell) for one in marks)
    for one in marks:
        score = "?" if one.score is None else f"{one.score:g}"
        print(f"{one.cell:{width}}  {score:>4} of {one.points:g}")
        for line in what_went_wrong(one.message):
            print(f"{'':{width}}  {line}")
    total, points = sum(one.score or 0 for one in marks), sum(one.points for one in marks)
    print(f"{'total':{width}}  {total:>4g} of {points:g}")
    if any(one.score is None for one in marks):
        print("(?: a person has to mark it)")
    print(f"Feedback: {page.relative_to(course.root)}")
    return 0


def what_went_wrong(message):
    """The sentences of a message, a few lines; the inputs that follow are in the feedback."""
    sentences = itertools.takewhile(
        lambda line: not line.startswith("Tried on"), message.strip().splitlines()
    )
    return list(sentences)[:8]


def generate(course, chosen):
    from emkit.classroom.generate import generate as generate_one

    stems = [resolve(name, course.stems) for name in chosen.assignment] or course.stems
    if not stems:
        raise CourseError("assignments/source has no assignments.")
    for stem in stems:
        written = generate_one(course, stem, force=chosen.force)
        for path in written:
            print(f"{path.relative_to(course.root)}: written")
        if not written:
            print(f"{stem}: fresh")
    return 0


def run(course, chosen):
    from emkit.classroom.generate import rerun

    lessons = {path.stem: path for path in course.lessons}
    for stem in [resolve(name, list(lessons)) for name in chosen.lesson]:
        rerun(lessons[stem])
        print(f"notebooks/{stem}.ipynb: run and written")
    return 0


def validate(course, chosen):
    from emkit.classroom.validate import validate as validate_course

    return 0 if validate_course(course) else 1


if __name__ == "__main__":
    sys.exit(main())
