"""What the commands share: finding the course, and bars while one waits."""

import functools

from tqdm import tqdm

from emkit.classroom.course import Course


def in_course(command):
    """Hand a command the course that the working directory lies in, as its first argument."""

    @functools.wraps(command)
    def run(*args, **kwargs):
        return command(Course.find(), *args, **kwargs)

    return run


def bar(items, what, unit):
    """Go through `items` under a progress bar, if somebody looks at a terminal."""
    return tqdm(items, desc=what, unit=unit, leave=False, disable=None)


def say(text):
    """Print a line, above the bar if there is one."""
    tqdm.write(text)
