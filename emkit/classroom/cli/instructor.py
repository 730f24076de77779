"""The instructor's commands."""

import click

from emkit.classroom.cli.common import in_course, say


@click.command()
@in_course
def validate(course):
    """Run and check every notebook of the course.

    The exit code says whether all is well: 0, or 1 if something is wrong.
    """
    from emkit.classroom.validate import validate as validate_course

    return 0 if validate_course(course, say) else 1


COMMANDS = (validate,)
