"""The command `emkit`: what learners, instructors and contributors do with a course.

Exit codes: 0 all is well, 1 something is wrong and one sentence says what, 2 the command was typed
wrong, 130 stopped with Ctrl-C.
"""

import sys

import click

from emkit.classroom.cli import contributor, instructor, learner
from emkit.classroom.course import CourseError

SECTIONS = {
    "If you learn (for example: emkit check 03)": learner.COMMANDS,
    "If you teach (for example: emkit validate)": instructor.COMMANDS,
    "If you write (for example: emkit generate 03)": contributor.COMMANDS,
}


class Sections(click.Group):
    """A group whose help lists the commands by who needs them."""

    def format_commands(self, ctx, formatter):
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(command.name, command.get_short_help_str(80)) for command in commands]
                )


@click.group(
    cls=Sections,
    commands=[command for commands in SECTIONS.values() for command in commands],
    epilog="'emkit COMMAND --help' explains a command. Assignments go by their number or name.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="emkit", message="%(prog)s %(version)s")
def emkit():
    """The course on the EM algorithm: start it, check your work, hand in, grade.

    Commands work on the course whose folder you are in.
    """


def main(arguments=None):
    """Run one command; return the exit code."""
    try:
        return emkit.main(arguments, prog_name="emkit", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except CourseError as error:
        return wrong(error)
    except OSError as error:  # a full disk, a folder that is write-protected
        return wrong(f"{error.strerror}: {error.filename}" if error.filename else error)
    except click.Abort:
        return wrong("stopped.", 130)


def wrong(sentence, code=1):
    print(f"emkit: {sentence}", file=sys.stderr)
    return code
