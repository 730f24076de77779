"""One table for the instructor: does every notebook run, give what it shows, and look right?"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from emkit.classroom.generate import (
    NOBODY_THERE,
    SECONDS_A_CELL,
    release_is_fresh,
    solution_is_fresh,
)
from emkit.classroom.hygiene import complaints

NO_KERNEL = "RuntimeError: Kernel didn't respond"  # jupyter_client's words


def validate(course, say=print, stems=()):
    """Check the notebooks of the course, or those of some stems; return whether all is well.

    Lessons and solutions are run and compared with what they show (texts, never figures); all
    notebooks are checked for hygiene; releases and solutions must be what their sources give.
    """
    chosen = set(stems or [*course.stems, *(path.stem for path in course.lessons)])
    rows = [(path, "lesson", None) for path in course.lessons if path.stem in chosen]
    for stem in filter(chosen.__contains__, course.stems):
        rows += [
            (course.source(stem), "source", None),
            (course.release(stem), "release", lambda stem=stem: release_is_fresh(course, stem)),
            (course.solution(stem), "solution", lambda stem=stem: solution_is_fresh(course, stem)),
        ]
    width = max([len(str(path.relative_to(course.root))) for path, *_ in rows], default=8)
    say(f"{'notebook':{width}}  compares  hygiene  fresh  seconds")

    # Freshness changes the working directory, so only the runs go side by side.
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        runs = {
            path: pool.submit(compare, path)
            for path, kind, _ in rows
            if kind in ("lesson", "solution") and path.is_file()
        }
        details = []
        for path, kind, fresh in rows:
            name = str(path.relative_to(course.root))
            if not path.is_file():
                say(f"{name:{width}}  missing")
                details.append(f"{name}\n  is missing; run: emkit generate")
                continue
            problems = complaints(path, kind)
            is_fresh = fresh() if fresh else None
            output, seconds = runs[path].result() if path in runs else (None, None)
            say(
                f"{name:{width}}  {word(output == '' if path in runs else None):8}  "
                f"{word(not problems):7}  {word(is_fresh):5}  "
                + (f"{seconds:7.1f}" if path in runs else f"{'–':>7}")
            )
            if is_fresh is False:
                problems.append("is not what its source gives; run: emkit generate")
            problems += output.splitlines() if output else []
            if problems:
                details.append("\n".join([name, *(f"  {line}" for line in problems)]))

    for detail in details:
        say(f"\n{detail}")
    say(f"\n{len(details)} of {len(rows)} notebooks have something wrong." if details else "\nOK")
    return not details


def compare(path):
    """Run a notebook with nbval; return what it says ('' when all is well) and the seconds.

    Of two kernels that start at once on a busy machine one may never answer; then it is run again.
    """
    started = time.perf_counter()
    # Without this project's own settings of pytest, which are meant for its tests.
    settings = f"-c {os.devnull} -p no:cacheprovider -p no:xdist --quiet --no-header --color=no"
    nbval = f"--nbval --nbval-cell-timeout {SECONDS_A_CELL}"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *settings.split(), *nbval.split(), path],
            cwd=path.parent,
            env=os.environ | NOBODY_THERE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if NO_KERNEL not in done.stdout:
            break
    return done.stdout if done.returncode else "", time.perf_counter() - started


def word(is_well):
    return "–" if is_well is None else "ok" if is_well else "WRONG"
