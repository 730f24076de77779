"""Two thousand hand-ins of assignment 03, made of the sixty of `grading.py`, graded in one run.

Memory must stay what it was, and everybody must get the marks of the hand-in that theirs is a copy
of. `make soak` runs this; it takes about half an hour on two cores.
"""

import shutil
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from grading import HAND_INS, STEM, course, hand_in, marks, nbgrader

from emkit.classroom.grade import grade

SIZE = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
EVERY = max(SIZE // 40, 1)  # hand-ins between two looks at memory
MEGABYTE = 2**20


def main():
    """Print memory as it goes; 1 if it grew by a tenth, or marks are missing or wrong."""
    with TemporaryDirectory() as folder:
        here = course(Path(folder, "emkit"))
        nbgrader(here, "generate_assignment", STEM, "--force")
        hand_in(here)
        copy_hand_ins(here.root / "assignments/submitted")
        looks = {"marks": [], "last cells": []}
        began = time.perf_counter()

        def look(what, left):
            if left % EVERY == 0:
                looks[what].append(memory())
                seconds = time.perf_counter() - began
                print(
                    f"{what:12}{left:6} left{seconds:8.0f} s{looks[what][-1]:8.0f} MB", flush=True
                )

        grade(
            here,
            STEM,
            seen=lambda graded, left: look("marks", left),
            shown=lambda learner, left: look("last cells", left),
        )
        found = by_learner(marks(here))
    wrong = [name for name, points in found.items() if points != found[original(name)]]
    print(f"{len(found)} hand-ins with marks, {len(wrong)} unlike the one that theirs is a copy of")
    growth = [grown(sizes) for sizes in looks.values()]
    for what, ratio in zip(looks, growth, strict=True):
        print(f"{what:12}memory of the last quarter {ratio:.2f} times that of the second")
    return len(found) != SIZE or bool(wrong) or max(growth) > 1.1


def copy_hand_ins(submitted):
    """Hand the sixty in again under other names, until there are enough."""
    for i in range(HAND_INS, SIZE):
        shutil.copytree(submitted / f"learner{i % HAND_INS:02}", submitted / f"learner{i:02}")


def original(name):
    """The learner that a hand-in is a copy of."""
    return f"learner{int(name.removeprefix('learner')) % HAND_INS:02}"


def by_learner(marks):
    """Each learner's marks by cell."""
    found = {}
    for (learner, cell), score in marks.items():
        found.setdefault(learner, {})[cell] = score
    return found


def memory():
    """Megabytes that this process and all that it started have to themselves."""
    total = 0
    me = psutil.Process()
    for process in [me, *me.children(recursive=True)]:
        try:
            total += process.memory_full_info().uss
        except psutil.Error:  # it has just ended
            continue
    return total / MEGABYTE


def grown(sizes):
    """The median of the last quarter over that of the second, when all processes have started."""
    quarter = len(sizes) // 4
    return statistics.median(sizes[-quarter:]) / statistics.median(sizes[quarter : 2 * quarter])


if __name__ == "__main__":
    sys.exit(main())
